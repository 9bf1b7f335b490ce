package node

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

func TestOneNodeRecordsAndComesBack(t *testing.T) {
	home := t.TempDir()
	made, err := Init(home, InitOptions{
		PrepareOptions: PrepareOptions{Organisation: organisation(t, 0), LightScrypt: true},
		Time:           time.Now().Add(-time.Minute),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Init(home, InitOptions{PrepareOptions: PrepareOptions{Organisation: organisation(t, 0)}}); !errors.Is(err, ErrUsedHome) {
		t.Fatalf("a second Init says %v", err)
	}
	c := testConfig(t, home)
	c.API.Keys = []APIKey{made.APIKeyHash}
	n := run(t, c)
	n.awaitReady(t)
	if _, err := New(c, Deps{Logger: testLogger(t)}); !errors.Is(err, ErrInUse) {
		t.Fatalf("a second node on the home says %v", err)
	}

	var records [][]byte
	for i := range 25 {
		records = append(records, observation(t, i))
	}
	ids := capture(t, n, records...)
	info, err := n.Wait(context.Background(), ids[0])
	if err != nil || info.Count != 25 {
		t.Fatalf("envelope %+v, %v", info, err)
	}
	s, err := n.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Record(info.FirstSeq + 24)
	if err != nil || string(got.Bytes) != string(records[24]) || got.Organisation != made.Organisation.ID {
		t.Fatalf("record %+v, %v", got, err)
	}
	if trace.Rejected(got.Findings) {
		t.Fatalf("rejected: %+v", got.Findings)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	// The same envelope again is the same receipt.
	again := capture(t, n, observation(t, 1000))
	if len(again) != 1 || again[0] == ids[0] {
		t.Fatal("another record has the same envelope")
	}
	resp, err := http.Get("http://" + n.APIAddr() + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	long, err := http.NewRequest(http.MethodGet, "http://"+n.APIAddr()+"/healthz", nil)
	if err != nil {
		t.Fatal(err)
	}
	long.Header.Set("X-Long", strings.Repeat("a", 100<<10))
	if resp, err = http.DefaultClient.Do(long); err != nil || resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Fatalf("headers of 100 KiB: %v, %v", resp, err) // the API's own server sets the limits
	}
	_ = resp.Body.Close()

	if st := n.Status(); !st.Ready || !st.Validator || st.Records != 26 || st.Organisation != made.Organisation.ID {
		t.Fatalf("status %+v", st)
	}
	if net := n.Network(); len(net.Organisations) != 1 || len(net.Validators) != 1 || net.Validators[0].Organisation != made.Organisation.ID {
		t.Fatalf("network %+v", net)
	}
	roots := n.ledger.Roots()
	if err := n.stop(); err != nil {
		t.Fatal(err)
	}

	n = run(t, c)
	n.awaitReady(t)
	after := n.ledger.Roots()
	if after.LogRoot != roots.LogRoot || after.AppHash != roots.AppHash || after.Height < roots.Height {
		t.Fatalf("before %+v, after %+v", roots, after)
	}
	capture(t, n, observation(t, 2000))
}

// Whoever runs one validator's key twice in one place is stopped: the second process
// does not get as far as to sign.
func TestASecondNodeOnOneHomeIsRefused(t *testing.T) {
	c := network(t, 1, nil)[0]
	n := run(t, c)
	n.awaitReady(t)
	second := c
	second.API.Listen, second.P2P.Listen, second.Consensus.Listen = "127.0.0.1:0", []string{"/ip4/127.0.0.1/tcp/0"}, "127.0.0.1:"+freePort(t)
	if _, err := New(second, Deps{Logger: testLogger(t), Registry: prometheus.NewRegistry(), Version: "test"}); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), "lock") {
		t.Fatalf("a second node on the home: %v", err)
	}
	capture(t, n, observation(t, 1)) // the first one goes on
}

func TestWaitEndsWithItsContext(t *testing.T) {
	c := network(t, 1, nil)[0]
	n := run(t, c)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := n.Wait(ctx, identity.Hash{1}); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	if n.waiting() != 0 {
		t.Fatal("the waiter stays behind")
	}
}

// Who waits gets what the ledger has, whether a commit or a look-up tells.
func TestWaitTellsWhatTheLedgerHas(t *testing.T) {
	n := run(t, network(t, 1, nil)[0])
	n.awaitReady(t)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for i := range 5 {
		made, err := n.Capture(ctx, epcis.KindEvent, [][]byte{observation(t, 2*i), observation(t, 2*i+1)})
		if err != nil {
			t.Fatal(err)
		}
		told, err := n.Wait(ctx, made[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		found, ok, err := n.envelope(made[0].ID)
		if err != nil || !ok || told != found || found.Count != 2 {
			t.Fatalf("told %+v, found %+v, %v, %v", told, found, ok, err)
		}
		if late, err := n.Wait(ctx, made[0].ID); err != nil || late != found {
			t.Fatalf("later %+v, %v", late, err)
		}
	}
	if n.waiting() != 0 {
		t.Fatal("a waiter stays behind")
	}
}

// waiting is how many envelopes somebody waits for.
func (r *running) waiting() int {
	r.waiters.mu.Lock()
	defer r.waiters.mu.Unlock()
	return len(r.waiters.m)
}
