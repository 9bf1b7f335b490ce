package verify_test

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/web/verify"
)

// The committed module says what it was built from; nobody forgets `make web`.
func TestModuleIsOfTheseSources(t *testing.T) {
	h := sha256.New()
	add := func(path string) {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(h, "%s %d\n%s", filepath.ToSlash(path), len(b), b)
	}
	err := filepath.WalkDir("src", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			add(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	add("package-lock.json")
	first, _, _ := strings.Cut(string(verify.Module), "\n")
	if want := fmt.Sprintf("// sources: %x", h.Sum(nil)); first != want {
		t.Errorf("dist/verify.js was built from other sources; run make web\n%s\n%s", first, want)
	}
}

// Built again, the module is the committed one byte for byte.
func TestModuleBuildsAgain(t *testing.T) {
	if _, err := os.Stat(filepath.Join("node_modules", "@noble", "curves")); err != nil {
		t.Skip("to build the module again needs its two libraries: npm ci in web/verify")
	}
	out, err := exec.Command("go", "run", "-C", filepath.Join("..", "..", "tools"), "./webbuild", "-check", filepath.Join("..", "web", "verify")).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// A page with a strict content security policy runs it: it neither evaluates
// text nor loads anything.
func TestModuleRunsUnderAStrictPolicy(t *testing.T) {
	for _, never := range []string{"eval(", "new Function", "import(", "from \"", "fetch(", "XMLHttpRequest", "WebSocket", "localStorage", "document.cookie"} {
		if strings.Contains(string(verify.Module), never) {
			t.Errorf("the module has %q", never)
		}
	}
}
