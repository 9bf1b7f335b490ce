package verify_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/waymark-ledger/waymark/identity"
)

// engine is the built module, running in Node.js and asked through a pipe.
type engine struct {
	mu      sync.Mutex
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	failed  error
}

var started struct {
	sync.Once
	*engine
}

func TestMain(m *testing.M) {
	code := m.Run()
	if e := started.engine; e != nil && e.failed == nil {
		_ = e.in.Close() // it ends by itself
		_ = e.command.Wait()
	}
	os.Exit(code)
}

// node starts the engine once for all tests. Without Node.js they are skipped.
func node(t testing.TB) *engine {
	t.Helper()
	path, err := exec.LookPath("node")
	if err != nil {
		t.Skip("the verifier's own vectors need Node.js 18 or later on PATH (Debian: apt-get install nodejs)")
	}
	started.Do(func() { started.engine = start(path) })
	if err := started.failed; err != nil {
		t.Fatal(err)
	}
	return started.engine
}

func start(path string) *engine {
	e := &engine{command: exec.Command(path, filepath.Join("testdata", "driver.mjs"))}
	e.command.Stderr = os.Stderr
	var out io.Reader
	if e.in, e.failed = e.command.StdinPipe(); e.failed != nil {
		return e
	}
	if out, e.failed = e.command.StdoutPipe(); e.failed != nil {
		return e
	}
	e.out = bufio.NewReaderSize(out, 1<<20)
	e.failed = e.command.Start()
	return e
}

// answer is what the engine says: a value, or the name of an error and its trace.
type answer struct {
	Value  json.RawMessage
	Error  string
	Detail string
}

func (e *engine) answer(t testing.TB, operation string, argument any) answer {
	t.Helper()
	var question bytes.Buffer
	w := json.NewEncoder(&question)
	w.SetEscapeHTML(false)
	if err := w.Encode([2]any{operation, argument}); err != nil {
		t.Fatal(err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	sent := make(chan error, 1)
	go func() {
		_, err := e.in.Write(question.Bytes())
		sent <- err
	}()
	line, err := e.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("the verifier ended: %v", err)
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	var a answer
	if err := json.Unmarshal(line, &a); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	return a
}

// ask expects a value and reads it into v.
func (e *engine) ask(t testing.TB, v any, operation string, argument any) {
	t.Helper()
	a := e.answer(t, operation, argument)
	if a.Error != "" {
		t.Fatalf("%s of %.300s: %s", operation, fmt.Sprint(argument), a.Detail)
	}
	if err := json.Unmarshal(a.Value, v); err != nil {
		t.Fatalf("%s: %v: %s", operation, err, a.Value)
	}
}

func vectors(t testing.TB, v any, path ...string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(append([]string{"..", ".."}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
}

func readFile(t testing.TB, path ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(append([]string{"..", ".."}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func hashOf(s string) identity.Hash { return sha256.Sum256([]byte(s)) }
