package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A node that is cut off takes a record and never has a verdict on it: whoever waits is
// told that it is kept, and where to look.
func TestNoVerdictInTime(t *testing.T) {
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusAccepted)
		}
		fmt.Fprint(w, `{"captureID":"7","running":true,"success":true}`)
	}))
	defer node.Close()
	var out, told bytes.Buffer
	code := Run(t.Context(), []string{"vote", "urn:p:1", "yes", "--node", node.URL, "--api-key", "k", "--wait", "2s"}, Stdio{In: strings.NewReader(""), Out: &out, Err: &told})
	if code != exitUnreachable || !strings.Contains(told.String(), "no verdict came in time") || !strings.Contains(told.String(), "waymark status") {
		t.Errorf("%d: %s%s", code, &out, &told)
	}
}
