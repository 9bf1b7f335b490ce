package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// Every waymark command line in the documents names a command that exists,
// with flags and arguments that it takes.
func TestDocumentedCommandsAreUnderstood(t *testing.T) {
	line := regexp.MustCompile("(?m)(?:^|`|&& )waymark ([a-z][^`\n&#]*)")
	for _, document := range []string{"../../README.md", "../../docs/certificates.md", operatingGuide, auditorsGuide} {
		b, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		found := line.FindAllStringSubmatch(strings.ReplaceAll(string(b), "\\\n", ""), -1) // a command over two lines is one
		if len(found) < 3 {
			t.Errorf("%s: only %d command lines", document, len(found))
		}
		for _, match := range found {
			args := splitWords(match[1])
			command, rest, err := newRoot(Stdio{}).Find(args)
			if err != nil {
				t.Errorf("%s: waymark %s: %v", document, match[1], err)
				continue
			}
			if err := command.ParseFlags(rest); err != nil {
				t.Errorf("%s: waymark %s: %v", document, match[1], err)
				continue
			}
			mentioned := len(args) == 1 && command.Args != nil // `waymark capture` in a sentence
			if err := command.ValidateArgs(command.Flags().Args()); err != nil && !mentioned {
				t.Errorf("%s: waymark %s: %v", document, match[1], err)
			}
			if len(rest) == 0 {
				continue // `waymark propose validator` in a sentence
			}
			if err := command.ValidateRequiredFlags(); err != nil {
				t.Errorf("%s: waymark %s: %v", document, match[1], err)
			}
		}
	}
}

// splitWords splits a command line at spaces outside of quotes.
func splitWords(s string) []string {
	words := regexp.MustCompile(`"[^"]*"|'[^']*'|\S+`).FindAllString(s, -1)
	for i, w := range words {
		words[i] = strings.Trim(w, `"'`)
	}
	return words
}
