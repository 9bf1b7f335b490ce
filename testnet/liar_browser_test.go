package testnet_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// told is what an error says of an answer: the reason, and what it is about.
func told(t *testing.T, err error) (reason proof.Reason, seq *uint64, key *proof.KeyName) {
	t.Helper()
	var r *proof.Refutation
	switch {
	case err == nil:
	case errors.Is(err, proof.ErrUnusable):
		reason = unusable
	case errors.As(err, &r):
		reason, seq = r.Reason, r.Seq
		if r.Key != (trace.Key{}) {
			key = &proof.KeyName{NS: r.Key.NS, ID: r.Key.ID}
		}
	default:
		t.Errorf("no refusal: %v", err)
	}
	return reason, seq, key
}

// askBrowsers has the verifier of browsers, web/verify, judge the same answers.
// It runs in Node.js; without that, the test is skipped.
func askBrowsers(t *testing.T, genesis []byte, all []*asked) {
	path, err := exec.LookPath("node")
	if err != nil {
		t.Skip("needs Node.js 18 or later on PATH (Debian: apt-get install nodejs)")
	}
	var questions, answers bytes.Buffer
	w := json.NewEncoder(&questions) // one a line
	do(t, "ask", w.Encode([]any{"trust", map[string][]byte{"genesis": genesis}}))
	for _, a := range all {
		do(t, "ask", w.Encode([]any{"verify", map[string]any{"id": a.question.ID, "direction": a.question.Direction, "at": a.question.At,
			"maxAge": int64(a.question.MaxAge.Seconds()), "now": a.at.Unix(), "dossier": map[string][]byte{"base64": a.data}}}))
	}
	command := exec.CommandContext(t.Context(), path, filepath.Join("..", "web", "verify", "testdata", "driver.mjs"))
	command.Stdin, command.Stdout, command.Stderr = &questions, &answers, os.Stderr
	do(t, "run the verifier", command.Run())
	r := json.NewDecoder(&answers)
	var trusted struct{ Error, Detail string }
	if do(t, "trust", r.Decode(&trusted)); trusted.Error != "" {
		t.Fatalf("it does not trust the genesis document: %s", trusted.Detail)
	}
	for _, a := range all {
		var said struct {
			Value struct {
				Verdict *struct{ Known bool }
				Reason  proof.Reason
				Seq     *uint64
				Key     *proof.KeyName
				Detail  string
			}
			Error, Detail string
		}
		do(t, a.name, r.Decode(&said))
		v := said.Value
		reason, seq, key := told(t, a.err)
		if said.Error != "" || (v.Verdict == nil) != (a.verdict == nil) || v.Reason != reason || !same(v.Seq, seq) || !same(v.Key, key) {
			t.Errorf("%s: it says %+v %s, and Go says: %v", a.name, v, said.Detail, a.err)
		}
	}
}

func same[T comparable](a, b *T) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}
