package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/internal/ports"
)

// organisation is a member for tests, the i-th one.
func organisation(t testing.TB, i int) identity.Organisation {
	t.Helper()
	prefix := fmt.Sprintf("95211%02d", 1+i)
	return identity.Organisation{
		ID:       "https://id.gs1.org/417/" + withCheckDigit(t, prefix+"00000"),
		Name:     fmt.Sprintf("Organisation %d", i),
		Country:  "ET",
		Roles:    []identity.Role{identity.Trader, identity.Producer},
		Prefixes: []string{prefix},
	}
}

func withCheckDigit(t testing.TB, digits string) string {
	t.Helper()
	sum, weight := 0, 3
	for i := len(digits) - 1; i >= 0; i-- {
		sum += int(digits[i]-'0') * weight
		weight = 4 - weight
	}
	return digits + string(rune('0'+(10-sum%10)%10))
}

// observation is an event about the i-th item of a product of prefix 9521101.
func observation(t testing.TB, i int) []byte {
	t.Helper()
	return fmt.Appendf(nil, `{"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],"type":"ObjectEvent",`+
		`"eventTime":"%s","eventTimeZoneOffset":"+00:00",`+
		`"epcList":["https://id.gs1.org/01/%s/21/%d"],"action":"OBSERVE","bizStep":"shipping","disposition":"in_transit",`+
		`"readPoint":{"id":"https://id.gs1.org/414/%s"},`+
		`"bizTransactionList":[{"type":"po","bizTransaction":"urn:epcglobal:cbv:bt:%s:PO-%d"}]}`,
		time.Now().Add(-time.Hour).UTC().Format("2006-01-02T15:04:05.000Z"),
		withCheckDigit(t, "0952110153000"), i, withCheckDigit(t, "952110100000"), withCheckDigit(t, "952110100000"), i)
}

// testConfig fits tests: free ports, fast beats, no disk limit.
func testConfig(t testing.TB, home string) Config {
	c := DefaultConfig(home)
	c.API.Listen = "127.0.0.1:0"
	c.P2P.Listen = []string{"/ip4/127.0.0.1/tcp/" + freePort(t)}
	c.Consensus.Listen = "127.0.0.1:" + freePort(t)
	c.Consensus.DialPeriod = Duration{300 * time.Millisecond}
	c.Storage.MinFreePercent = 0
	c.Log.Engine = "error"
	// A slow machine changes no answer: nothing is told of the state before, in parts, or later.
	c.API.ProofWait, c.API.TraceTime, c.API.RequestTimeout = Duration{time.Minute}, Duration{time.Minute}, Duration{5 * time.Minute}
	c.API.WaitSeconds = 120
	return c
}

// patience is how long a test waits for what has to come. It is long: the tests
// of other packages run beside it, on few processors.
const patience = 2 * time.Minute

// freePort is a port of loopback that a node finds free again when it restarts.
func freePort(t testing.TB) string {
	t.Helper()
	free, err := ports.Reserve(1)
	if err != nil {
		t.Fatal(err)
	}
	return strconv.Itoa(free[0])
}

// running is a node under test.
type running struct {
	*Node
	stop func() error // once: stops the node and returns what Run returned
}

// run starts a node and stops it with the test.
func run(t testing.TB, c Config) *running {
	t.Helper()
	n, err := New(c, Deps{Logger: testLogger(t), Registry: prometheus.NewRegistry(), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	r := &running{n, sync.OnceValue(func() error { cancel(); return <-done })}
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	return r
}

func (r *running) awaitReady(t testing.TB) {
	t.Helper()
	select {
	case <-r.Ready():
	case <-time.After(patience):
		t.Fatalf("not ready: %s", r.unready())
	}
}

// testLogger shows the logs of a failed test only.
func testLogger(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(&lateWriter{t: t}, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

// lateWriter drops what goroutines still log after their test has ended.
type lateWriter struct {
	t    testing.TB
	once sync.Once
	mu   sync.Mutex
	over bool
}

func (w *lateWriter) Write(b []byte) (int, error) {
	w.once.Do(func() {
		w.t.Cleanup(func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.over = true
		})
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.over {
		w.t.Log(string(b[:max(len(b)-1, 0)]))
	}
	return len(b), nil
}

// network prepares the homes of n validators that know each other.
func network(t testing.TB, n int, configure func(i int, c *Config)) []Config {
	t.Helper()
	dir := t.TempDir()
	homes := make([]Config, n)
	ids := make([]*Identity, n)
	g := GenesisOptions{Time: time.Now().Add(-time.Minute)}
	for i := range n {
		home := filepath.Join(dir, fmt.Sprintf("node%d", i))
		id, err := Prepare(home, PrepareOptions{Organisation: organisation(t, i), LightScrypt: true})
		if err != nil {
			t.Fatal(err)
		}
		ids[i], homes[i] = id, testConfig(t, home)
		g.Organisations = append(g.Organisations, id.Organisation)
		g.Validators = append(g.Validators, id.Validator)
	}
	doc, err := BuildGenesis(g)
	if err != nil {
		t.Fatal(err)
	}
	for i := range homes {
		for j := range homes {
			if i == j {
				continue
			}
			homes[i].P2P.Peers = append(homes[i].P2P.Peers, homes[j].P2P.Listen[0]+"/p2p/"+ids[j].Organisation.Peer)
			homes[i].Consensus.Peers = append(homes[i].Consensus.Peers, ids[j].Organisation.NodeID+"@"+homes[j].Consensus.Listen)
		}
		if configure != nil {
			configure(i, &homes[i])
		}
		if err := Install(homes[i].Home, doc, homes[i]); err != nil {
			t.Fatal(err)
		}
	}
	return homes
}

// capture puts records in through r and waits until they are judged there.
func capture(t testing.TB, r *running, records ...[]byte) []identity.Hash {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	accepted, err := r.Capture(ctx, epcis.KindEvent, records)
	if err != nil {
		t.Fatal(err)
	}
	var ids []identity.Hash
	for _, a := range accepted {
		if _, err := r.Wait(ctx, a.ID); err != nil {
			t.Fatalf("wait: %v", errors.Join(err, ctx.Err()))
		}
		ids = append(ids, a.ID)
	}
	return ids
}

func mustRead(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
