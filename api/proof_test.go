package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/proof"
)

func TestCheckpoint(t *testing.T) {
	m := newMemory(t)
	h := newAPI(t, m, api.Limits{})
	if w := do(t, h, call{"GET", "/v1/checkpoint", queryKey, "", nil}); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("before the first block: %d %v", w.Code, w.Header())
	}
	m.play(t)
	w := do(t, h, call{"GET", "/v1/checkpoint", queryKey, "", nil})
	c, err := proof.ParseCheckpoint(w.Body.Bytes())
	if err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	if c.Network != m.network || c.Roots.LogSize != uint64(len(m.records)) {
		t.Errorf("%+v", c)
	}
	// Who asks for a past one is not given the last in its stead.
	if w := do(t, h, call{"GET", "/v1/checkpoint?at=3", queryKey, "", nil}); w.Code != 400 {
		t.Errorf("as of a past height: %d %s", w.Code, w.Body)
	}
}

func TestConsistency(t *testing.T) {
	m := newMemory(t)
	m.play(t)
	h := newAPI(t, m, api.Limits{})
	for path, want := range map[string]int{
		"?from=3&to=60": 200, "?from=0&to=5": 200, "?from=5&to=5": 200, "?from=0&to=0": 200,
		"?from=60&to=3": 400, "?from=3": 400, "?to=3": 400, "": 400, "?from=-1&to=3": 400, "?from=1&to=x": 400, "?from=1&to=1e3": 400,
		"?from=3&from=5&to=60": 400, "?from=3&to=60&at=7": 400, "?from=3&to=60&to=": 400,
		"?from=3&to=100000": 404, "?from=0&to=9007199254740992": 400,
	} {
		w := do(t, h, call{"GET", "/v1/proofs/consistency" + path, queryKey, "", nil})
		if w.Code != want {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

// The journey as of a height is the journey that the ledger told then.
func TestTraceAt(t *testing.T) {
	m := newMemory(t)
	script := m.play(t)
	h := newAPI(t, m, api.Limits{})
	type answer struct {
		AsOf    struct{ Height uint64 }
		Records []struct{ Seq, Height uint64 }
	}
	whole := decode[answer](t, do(t, h, call{"GET", "/v1/trace?id=" + script.Item, queryKey, "", nil}))
	last := uint64(len(m.blocks))
	if whole.AsOf.Height != last {
		t.Fatalf("as of %d", whole.AsOf.Height)
	}
	lots := slices.DeleteFunc(slices.Clone(script.Upstream), func(id string) bool { return !strings.Contains(id, "/10/") })
	lot := lots[len(lots)-1]
	records := decode[answer](t, do(t, h, call{"GET", "/v1/trace?id=" + lot, queryKey, "", nil})).Records
	at := records[len(records)/2].Height
	past := fmt.Sprintf("at=%d&id=%s", at, lot)
	for _, path := range []string{"/v1/trace?" + past, "/trace?format=json&" + past, linkPath(lot) + "?format=json&" + past} {
		key := queryKey
		if path[1] != 'v' {
			key = ""
		}
		w := do(t, h, call{"GET", path, key, "", nil})
		then := decode[answer](t, w)
		if w.Code != 200 || then.AsOf.Height != at || len(then.Records) == 0 || len(then.Records) == len(records) {
			t.Errorf("%s: %d %+v", path, w.Code, then)
		}
		for _, r := range then.Records {
			if r.Height > at {
				t.Errorf("%s: record %d of height %d", path, r.Seq, r.Height)
			}
		}
	}
	for path, want := range map[string]int{
		"/v1/trace?at=100000&id=" + script.Item: 404, "/v1/trace?at=x&id=" + script.Item: 400, "/v1/trace?at=-1&id=" + script.Item: 400,
		"/v1/trace?at=1&id=" + script.Item: 404, "/v1/trace?at=1&at=2&id=" + script.Item: 400,
	} {
		if w := do(t, h, call{"GET", path, queryKey, "", nil}); w.Code != want {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}
