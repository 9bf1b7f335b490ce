package main

import (
	"bytes"
	"net"
	"strings"
	"testing"
)

// A node whose process is frozen takes connections and never answers.
func TestStatusDoesNotWaitForeverForAFrozenNode(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var said bytes.Buffer
	code := Run(t.Context(), []string{"status", "--node", "http://" + l.Addr().String(), "--wait", "50ms"}, Stdio{Out: &said, Err: &said})
	if code != exitUnreachable || !strings.Contains(said.String(), "does not answer within 50ms") {
		t.Errorf("exit code %d: %s", code, &said)
	}
}
