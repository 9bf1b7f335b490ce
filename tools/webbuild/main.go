// Webbuild bundles the TypeScript of web/verify into its one ES module,
// dist/verify.js, which is committed: building and testing Waymark needs no npm.
//
//	webbuild [-check] DIR
//
// DIR is web/verify, in which `npm ci` has run. With -check nothing is written;
// it exits 1 when the committed module is not what the sources give.
package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	check := flag.Bool("check", false, "compare the committed module with what its sources give")
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Arg(0), *check); err != nil {
		fmt.Fprintln(os.Stderr, "webbuild:", err)
		os.Exit(1)
	}
}

func run(dir string, check bool) error {
	module, err := bundle(dir)
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "dist", "verify.js")
	if !check {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		return os.WriteFile(file, module, 0o644)
	}
	committed, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if !bytes.Equal(committed, module) {
		return fmt.Errorf("%s is not what its sources give; run make web", file)
	}
	return nil
}

// bundle is minified, for what a phone loads is counted: 61 KB with gzip, not 86.
// Whoever wants to read what is served reads the sources and builds it again.
func bundle(dir string) ([]byte, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	notice, err := notices(dir)
	if err != nil {
		return nil, err
	}
	sources, err := sourcesHash(dir)
	if err != nil {
		return nil, err
	}
	result := api.Build(api.BuildOptions{
		AbsWorkingDir: dir,
		EntryPoints:   []string{"src/index.ts"},
		Bundle:        true,
		Format:        api.FormatESModule,
		Target:        api.ES2022,
		Charset:       api.CharsetUTF8,
		LegalComments: api.LegalCommentsNone, // the banner has them whole

		MinifyWhitespace: true, MinifySyntax: true, MinifyIdentifiers: true,

		Banner:      map[string]string{"js": sources + "\n" + notice},
		TsconfigRaw: `{"compilerOptions":{"target":"ES2022","verbatimModuleSyntax":true}}`,
		LogLevel:    api.LogLevelWarning,
	})
	if len(result.Errors) > 0 {
		return nil, fmt.Errorf("%d errors", len(result.Errors))
	}
	if len(result.OutputFiles) != 1 {
		return nil, fmt.Errorf("%d files, not one module", len(result.OutputFiles))
	}
	module := result.OutputFiles[0].Contents
	for _, never := range []string{"eval(", "new Function", "import("} { // what a strict content security policy forbids, or what would be loaded later
		if bytes.Contains(module, []byte(never)) {
			return nil, fmt.Errorf("the module has %s", never)
		}
	}
	return module, nil
}

// sourcesHash is a comment with the SHA-256 of what the module is built from, so
// that the test of package verify can tell without npm that it is.
func sourcesHash(dir string) (string, error) {
	h := sha256.New()
	err := filepath.WalkDir(filepath.Join(dir, "src"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return addFile(h, dir, path)
	})
	if err != nil {
		return "", err
	}
	if err := addFile(h, dir, filepath.Join(dir, "package-lock.json")); err != nil {
		return "", err
	}
	return fmt.Sprintf("// sources: %x", h.Sum(nil)), nil
}

func addFile(h io.Writer, dir, path string) error {
	name, err := filepath.Rel(dir, path)
	if err != nil {
		return err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(h, "%s %d\n%s", filepath.ToSlash(name), len(b), b)
	return err
}

// notices is the comment that the licence of what is bundled asks for.
func notices(dir string) (string, error) {
	var b strings.Builder
	b.WriteString("// Generated from web/verify/src by tools/webbuild (make web). Part of Waymark, Apache-2.0.\n//\n// It includes @noble/curves and @noble/hashes:\n//\n")
	texts := map[string]bool{}
	for _, name := range []string{"curves", "hashes"} {
		text, err := os.ReadFile(filepath.Join(dir, "node_modules", "@noble", name, "LICENSE"))
		if errors.Is(err, os.ErrNotExist) {
			return "", fmt.Errorf("%w; run npm ci in %s first", err, dir)
		}
		if err != nil {
			return "", err
		}
		if texts[string(text)] {
			continue
		}
		texts[string(text)] = true
		for line := range strings.Lines(string(text)) {
			b.WriteString(strings.TrimRight("// "+line, " \r\n") + "\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}
