package node

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
)

func TestCaptureOverHTTPAndItsRefusals(t *testing.T) {
	const secret = "wm_test"
	sum := sha256.Sum256([]byte(secret))
	c := network(t, 1, func(_ int, c *Config) {
		c.API.Keys = []APIKey{{Name: "t", Hash: identity.Hash(sum).String(), Scopes: []string{"capture", "query"}}}
		c.Pool.MemberShare, c.Pool.Envelopes = 100, 10
	})[0]
	n := run(t, c)
	n.awaitReady(t)
	get := func(path string) int {
		resp, err := http.Get("http://" + n.APIAddr() + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode
	}
	if code := get("/readyz"); code != http.StatusOK {
		t.Errorf("/readyz answers %d", code)
	}
	req, err := http.NewRequest(http.MethodPost, "http://"+n.APIAddr()+"/epcis/events", bytes.NewReader(observation(t, 7)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+secret)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		t.Fatalf("POST /epcis/events answers %d: %s", resp.StatusCode, body)
	}

	ctx := context.Background()
	k := mustKey(t)
	e := identity.NewEnvelope(n.genesis.Network, "epcis", k.Address(), uint64(time.Now().Add(time.Hour).Unix()), [][]byte{observation(t, 1)})
	if err := k.SignEnvelope(e); err != nil {
		t.Fatal(err)
	}
	wire, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	var refused *api.EnvelopeError
	if _, err := n.Submit(ctx, wire); !errors.As(err, &refused) || refused.Reason != CodeUnknownSigner.String() {
		t.Errorf("a stranger's envelope: %v", err)
	}
	n.diskLow.Store(true)
	if _, err := n.Capture(ctx, epcis.KindEvent, [][]byte{observation(t, 2)}); !errors.Is(err, api.ErrStorageLow) {
		t.Errorf("with the disk full: %v", err)
	}
	n.diskLow.Store(false)
	n.app.pool.mu.Lock()
	n.app.pool.maxCount = 0
	n.app.pool.mu.Unlock()
	if _, err := n.Capture(ctx, epcis.KindEvent, [][]byte{observation(t, 2)}); !errors.Is(err, api.ErrBusy) {
		t.Errorf("with the pool full: %v", err)
	}
	// The event above leaves it in its own time; refused envelopes would stay.
	eventually(t, "the outbox is empty", func() bool { return n.outbox.Len() == 0 })
	if err := n.stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Capture(ctx, epcis.KindEvent, [][]byte{observation(t, 3)}); !errors.Is(err, api.ErrStopping) {
		t.Errorf("after the stop: %v", err)
	}
}

// What the configuration leaves no room for is refused as a whole, and the node goes on.
func TestOutboxTakesAsMuchAsIsConfigured(t *testing.T) {
	c := network(t, 1, func(_ int, c *Config) { c.P2P.OutboxEnvelopes = 1 })[0]
	n := run(t, c)
	n.awaitReady(t)
	ctx := context.Background()
	var two [][]byte // envelopes' worth
	for i := range identity.MaxRecords + 1 {
		two = append(two, observation(t, i))
	}
	if _, err := n.Capture(ctx, epcis.KindEvent, two); !errors.Is(err, api.ErrBusy) {
		t.Errorf("two envelopes, and room for one: %v", err)
	}
	if n.outbox.Len() != 0 {
		t.Errorf("%d envelopes of a refused capture wait", n.outbox.Len())
	}
	if _, err := n.Capture(ctx, epcis.KindEvent, two[:1]); err != nil {
		t.Errorf("one envelope: %v", err)
	}
}

// Who waits for a commit when the node is told to stop learns that the record is kept
// and where to ask; the restarted node commits it.
func TestARequestThatWaitsWhileTheNodeStopsIsAccepted(t *testing.T) {
	const secret = "wm_test"
	sum := sha256.Sum256([]byte(secret))
	c := network(t, 1, func(_ int, c *Config) {
		c.API.Keys = []APIKey{{Name: "t", Hash: identity.Hash(sum).String(), Scopes: []string{"capture", "query"}}}
		c.API.WaitSeconds = 60
		c.Consensus.TimeoutCommit.Duration = time.Minute
	})[0]
	request := func(n *running, method, path string, body []byte) (*http.Response, []byte) {
		req, err := http.NewRequest(method, "http://"+n.APIAddr()+path, bytes.NewReader(body))
		if err != nil {
			t.Error(err)
			return nil, nil
		}
		req.Header.Set("Authorization", "Bearer "+secret)
		req.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Error(err)
			return nil, nil
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Error(err)
		}
		return resp, b
	}
	n := run(t, c)
	n.awaitReady(t)
	type answer struct {
		*http.Response
		body []byte
	}
	answered := make(chan answer, 1)
	go func() {
		resp, body := request(n, http.MethodPost, "/epcis/events", observation(t, 7))
		answered <- answer{resp, body}
	}()
	for end := time.Now().Add(10 * time.Second); n.outbox.Len() == 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the outbox never had it")
		}
	}
	if err := n.stop(); err != nil {
		t.Fatal(err)
	}
	a := <-answered
	if a.Response == nil || a.StatusCode != http.StatusAccepted {
		t.Fatalf("answered %v: %s", a.Response, a.body)
	}
	location := a.Header.Get("Location")
	c.Consensus.TimeoutCommit.Duration = 0
	n = run(t, c)
	n.awaitReady(t)
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		resp, body := request(n, http.MethodGet, location, nil)
		if resp == nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("the job %q: %v %s", location, resp, body)
		}
		if bytes.Contains(body, []byte(`"success":true`)) {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("not committed: %s", body)
		}
	}
}
