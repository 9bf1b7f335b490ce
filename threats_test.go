package waymark_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Whatever the page of threats says is tried has a test of that name, and every threat has one.
func TestEveryThreatIsTried(t *testing.T) {
	tests := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range declared.FindAllStringSubmatch(string(b), -1) {
			tests[m[1]] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile("docs/threats.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^\| ([a-z].*) \| (.+) \| (.+) \|$`).FindAllStringSubmatch(string(b), -1)
	if len(rows) < 30 {
		t.Fatalf("the page has %d threats", len(rows))
	}
	for _, row := range rows[1:] { // after the head
		named := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(row[3], -1)
		if len(named) == 0 {
			t.Errorf("%s: no test tries it", row[1])
		}
		for _, m := range named {
			if !tests[m[1]] {
				t.Errorf("%s: there is no %s", row[1], m[1])
			}
		}
	}
}
