package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
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

// Scripts that try again go by the exit code.
func TestExitCodeTellsARefusalFromABusyNode(t *testing.T) {
	for status, want := range map[int]int{
		http.StatusBadRequest: exitUsage, http.StatusRequestEntityTooLarge: exitUsage,
		http.StatusUnauthorized: exitUsage, http.StatusForbidden: exitUsage, http.StatusNotFound: exitRefused, http.StatusUnprocessableEntity: exitRefused, http.StatusNotImplemented: exitRefused,
		http.StatusTooManyRequests: exitUnreachable, http.StatusServiceUnavailable: exitUnreachable, http.StatusInsufficientStorage: exitUnreachable,
	} {
		node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"type":"x","title":"of the test","status":%d}`, status)
		}))
		var said bytes.Buffer
		code := Run(t.Context(), []string{"explain", "1", "--node", node.URL}, Stdio{Out: &said, Err: &said})
		node.Close()
		if code != want || !strings.Contains(said.String(), "of the test") {
			t.Errorf("status %d: exit code %d, not %d: %s", status, code, want, &said)
		}
	}
}

func TestWhoHasNoKeyIsToldWhereItComesFrom(t *testing.T) {
	t.Setenv("WAYMARK_API_KEY", "")
	var key string
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key = r.Header.Get("Authorization")
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"type":"x","title":"No valid API key","status":401,"detail":"there is none","next":"Send the header X."}`)
	}))
	defer node.Close()
	var said bytes.Buffer
	home := t.TempDir() // its key is for its own node, and not for whoever a URL names
	if err := os.WriteFile(filepath.Join(home, apiKeyFile), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	Run(t.Context(), []string{"explain", "1", "--node", node.URL, "--home", home}, Stdio{Out: &said, Err: &said})
	if key != "" {
		t.Errorf("the key of a home goes to the node that a URL names: %s", key)
	}
	if !strings.Contains(said.String(), "--api-key") || !strings.Contains(said.String(), "without --node") || strings.Contains(said.String(), "header X") {
		t.Errorf("%s", &said)
	}
}

// Whoever runs a node sees, before its height, that it will stop for want of a release.
func TestStatusTellsOfTheRulesetAhead(t *testing.T) {
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"ready":true,"ruleset":{"name":"waymark-1"},"activations":[
			{"height":90,"ruleset":"waymark-2","release":"0.2.0","present":true},{"height":120,"ruleset":"waymark-3","release":"0.3.0","present":false}]}`)
	}))
	defer node.Close()
	var said bytes.Buffer
	if code := Run(t.Context(), []string{"status", "--node", node.URL}, Stdio{Out: &said, Err: &said}); code != exitDone {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{"waymark-1", "from height 90 on ruleset waymark-2 judges, which this node's release has\n",
		"from height 120 on ruleset waymark-3 judges, which this node's release lacks: install release 0.3.0 before"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("nothing of %q in\n%s", want, &said)
		}
	}
}
