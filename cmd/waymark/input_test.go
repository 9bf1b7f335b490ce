package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Whoever has typed "-" by mistake, and nothing behind it, gets out again.
func TestCommandThatReadsStandardInputIsInterrupted(t *testing.T) {
	in, keep := io.Pipe()
	t.Cleanup(func() { _ = keep.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	done := make(chan int, 1)
	var said bytes.Buffer
	go func() { done <- Run(ctx, []string{"keys", "import", "-"}, Stdio{In: in, Out: &said, Err: &said}) }()
	select {
	case code := <-done:
		if code == exitDone || !strings.Contains(said.String(), "standard input") {
			t.Errorf("exit code %d: %s", code, &said)
		}
	case <-time.After(time.Minute):
		t.Fatal("it reads on")
	}
}

func TestTooLargeAFileIsNotRead(t *testing.T) {
	huge := filepath.Join(t.TempDir(), "huge.json")
	f, err := os.Create(huge)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(maxInput + 1); err != nil { // no block of it is on disk
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"verify", huge, "--id", "urn:x:y", "--genesis", huge},
		{"verify", huge, "--id", "urn:x:y", "--checkpoint", huge},
		{"capture", huge},
		{"keys", "import", huge},
		{"propose", "admit", "--member", huge},
	} {
		var said bytes.Buffer
		code := Run(t.Context(), args, Stdio{Out: &said, Err: &said})
		if code != exitUsage || !strings.Contains(said.String(), "huge.json has more than") {
			t.Errorf("%v: exit code %d: %s", args, code, &said)
		}
	}
}

// A stream tells no size beforehand.
func TestEndlessStreamIsNotRead(t *testing.T) {
	if b, err := readBounded(strings.NewReader("12345"), "-", 5); err != nil || string(b) != "12345" {
		t.Errorf("%q, %v", b, err)
	}
	zeros := io.LimitReader(zero{}, 1<<20)
	if _, err := readBounded(zeros, "-", 5); err == nil || !strings.Contains(err.Error(), "standard input has more than the 5 bytes") {
		t.Error(err)
	}
	if n, _ := io.Copy(io.Discard, zeros); n < 1<<20-4096 {
		t.Errorf("%d bytes are left of what was not to be read", n)
	}
}

// What curl wrote with Accept-Encoding: gzip, or an editor with a byte order mark, is
// the same document.
func TestPackedFileIsReadAsWhatItHolds(t *testing.T) {
	const doc = `{"a":1}`
	packed := func(text string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := io.WriteString(z, text); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	const mark = "\xef\xbb\xbf"
	for _, text := range []string{doc, mark + doc, packed(doc), packed(mark + doc)} {
		if b, err := readBounded(strings.NewReader(text), "-", 100); err != nil || string(b) != doc {
			t.Errorf("%q is read as %q: %v", text, b, err)
		}
	}
	for text, want := range map[string]string{
		packed(strings.Repeat("1", 101)): "standard input has more than the 100 bytes",
		packed(doc)[:20]:                 "is gzip, and does not unpack",
		"\x1f\x8b?":                      "is gzip, and does not unpack",
		"\xff\xfe{\x00}\x00":             "save it as UTF-8",
		"":                               "standard input is empty",
		packed(mark + "\n"):              "standard input is empty",
	} {
		if _, err := readBounded(strings.NewReader(text), "-", 100); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

type zero struct{}

func (zero) Read(p []byte) (int, error) { clear(p); return len(p), nil }
