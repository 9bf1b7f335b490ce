package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// Every command that does something shows an example that begins with its own
// name.
func TestEveryCommandShowsAnExample(t *testing.T) {
	var visit func(*cobra.Command)
	visit = func(c *cobra.Command) {
		if c.Short == "" {
			t.Errorf("%s says nothing of itself", c.CommandPath())
		}
		if !strings.Contains(c.Example, c.CommandPath()) {
			t.Errorf("%s has the example %q", c.CommandPath(), c.Example)
		}
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(newRoot(Stdio{}))
}

// What a shell's script is asked for as JSON is JSON, and has the script.
func TestCompletionAsJSON(t *testing.T) {
	printed := func(args ...string) string {
		t.Helper()
		var out, diagnostics bytes.Buffer
		if code := Run(t.Context(), append([]string{"completion"}, args...), Stdio{Out: &out, Err: &diagnostics}); code != 0 {
			t.Fatalf("%v: exit code %d: %s", args, code, &diagnostics)
		}
		return out.String()
	}
	for _, shell := range []string{"bash", "fish", "powershell", "zsh"} {
		for _, args := range [][]string{{shell}, {shell, "--no-descriptions"}} {
			var got struct{ Shell, Script string }
			text := printed(append(args, "--json")...)
			if err := json.Unmarshal([]byte(text), &got); err != nil {
				t.Errorf("%v: %v: %.100s", args, err, text)
			}
			if script := printed(args...); got.Shell != shell || script == "" || got.Script != script {
				t.Errorf("%v: %q, and %d bytes of script instead of %d", args, got.Shell, len(got.Script), len(script))
			}
		}
	}
}
