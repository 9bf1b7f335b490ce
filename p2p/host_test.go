package p2p

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/waymark-ledger/waymark/identity"
)

// member is a host and what was delivered to it.
type member struct {
	*Host
	log *logBuffer

	mu        sync.Mutex
	delivered map[string]int
	order     []string
	arrived   chan struct{}
	stop      func()
}

// logBuffer is a log that tests read.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newMember runs a host that accepts wires which start with "good", rejects
// those with "bad" and ignores the rest.
func newMember(t testing.TB, change func(*Config)) *member {
	t.Helper()
	key, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	m := &member{delivered: make(map[string]int), arrived: make(chan struct{}, 1), log: new(logBuffer)}
	c := Config{
		Key: key, Listen: []string{"/ip4/127.0.0.1/tcp/0"}, Network: identity.Network{1, 2, 3},
		Admit: func(string) bool { return true },
		Validate: func(_ context.Context, wire []byte) (Decision, func()) {
			switch {
			case bytes.HasPrefix(wire, []byte("good")):
				return Accept, func() {
					m.mu.Lock()
					m.delivered[string(wire)]++
					m.order = append(m.order, string(wire))
					m.mu.Unlock()
					notify(m.arrived)
				}
			case bytes.HasPrefix(wire, []byte("bad")):
				return Reject, nil
			default:
				return Ignore, nil
			}
		},
		Logger:    slog.New(slog.NewTextHandler(m.log, nil)),
		RedialMin: 50 * time.Millisecond, RedialMax: 300 * time.Millisecond,
		// A busy machine costs no links: what goes out between two of them is lost here,
		// where no dispatcher gossips again.
		DialTimeout: patience, LinkTimeout: patience,
	}
	if change != nil {
		change(&c)
	}
	if m.Host, err = New(c); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	m.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(m.stop)
	return m
}

// value reads a counter.
func value(c prometheus.Counter) float64 {
	var out dto.Metric
	if err := c.Write(&out); err != nil {
		panic(err)
	}
	return out.GetCounter().GetValue()
}

func (m *member) count(wire string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.delivered[wire]
}

func (m *member) gossipsWith(n int) bool {
	gossiping := 0
	for _, p := range m.Peers() {
		if p.Gossiping {
			gossiping++
		}
	}
	return gossiping == n
}

// patience is how long a test waits for what has to come. It is long: the tests
// of other packages run beside it, on few processors.
const patience = 2 * time.Minute

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("after %v still not: %s", patience, what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// mesh connects every member with every other and waits for gossip.
func mesh(t testing.TB, ms []*member) {
	t.Helper()
	for i, m := range ms {
		var peers []string
		for j, o := range ms {
			if i != j {
				peers = append(peers, o.Addrs()...)
			}
		}
		if err := m.SetPeers(peers); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range ms {
		eventually(t, "all peers gossip", func() bool { return m.gossipsWith(len(ms) - 1) })
	}
}

func members(t testing.TB, n int, change func(*Config)) []*member {
	t.Helper()
	ms := make([]*member, n)
	for i := range ms {
		ms[i] = newMember(t, change)
	}
	return ms
}

func TestFourHostsGossipAllToAll(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewPedanticRegistry()
	first := true
	ms := members(t, 4, func(c *Config) {
		if first {
			c.Registry, first = registry, false
		}
	})
	mesh(t, ms)
	const each = 50
	for i, m := range ms {
		for n := range each {
			if err := m.Publish(fmt.Appendf(nil, "good %d/%d", i, n), 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i, m := range ms {
		eventually(t, fmt.Sprintf("member %d has everything", i), func() bool {
			m.mu.Lock()
			defer m.mu.Unlock()
			return len(m.delivered) == 3*each
		})
	}
	time.Sleep(50 * time.Millisecond)
	for i, m := range ms {
		m.mu.Lock()
		for wire, n := range m.delivered {
			if n != 1 {
				t.Errorf("member %d: %q was delivered %d times", i, wire, n)
			}
			if strings.HasPrefix(wire, fmt.Sprintf("good %d/", i)) {
				t.Errorf("member %d was delivered its own %q", i, wire)
			}
		}
		m.mu.Unlock()
	}
	if families, err := registry.Gather(); err != nil || len(families) < 9 {
		t.Errorf("metrics: %d gathered, %v", len(families), err)
	}
	eventually(t, "envelopes_received_total{accept} has them all", func() bool { // after they are handed on
		return value(ms[0].metrics.wiresIn.WithLabelValues("accept")) == 3*each
	})
}

func TestOtherNetworkIsNotHeard(t *testing.T) {
	t.Parallel()
	a := newMember(t, nil)
	b := newMember(t, func(c *Config) { c.Network = identity.Network{9} })
	if err := a.SetPeers(b.Addrs()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "connected", func() bool { return len(a.Peers()) == 1 })
	time.Sleep(300 * time.Millisecond)
	if a.gossipsWith(1) || b.gossipsWith(1) {
		t.Error("hosts of two networks share a topic")
	}
}

func TestStrangerIsRefusedInBothDirections(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	admitted := make(map[string]bool)
	admit := func(id string) bool {
		mu.Lock()
		defer mu.Unlock()
		return admitted[id]
	}
	a := newMember(t, func(c *Config) { c.Admit = admit })
	b := newMember(t, func(c *Config) { c.Admit = admit })
	stranger := newMember(t, nil) // it would let anybody in
	began := time.Now()
	mu.Lock()
	admitted[a.ID().String()], admitted[b.ID().String()] = true, true
	mu.Unlock()

	if err := stranger.SetPeers(append(a.Addrs(), b.Addrs()...)); err != nil {
		t.Fatal(err)
	}
	if err := a.SetPeers(append(b.Addrs(), stranger.Addrs()...)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "members gossip", func() bool { return a.gossipsWith(1) && b.gossipsWith(1) })
	eventually(t, "the stranger was refused inbound by both and outbound", func() bool {
		return value(a.metrics.refused.WithLabelValues("inbound")) > 0 &&
			value(b.metrics.refused.WithLabelValues("inbound")) > 0 &&
			value(a.metrics.refused.WithLabelValues("outbound")) > 0
	})
	if err := stranger.Publish([]byte("good from a stranger"), 0); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	if a.count("good from a stranger")+b.count("good from a stranger") > 0 {
		t.Error("a stranger's message was delivered")
	}
	for _, m := range []*member{a, b} {
		for _, p := range m.Peers() {
			if p.ID == stranger.ID() {
				t.Error("the stranger is connected")
			}
		}
	}
	eventually(t, "the refusals are logged", func() bool { // after they are counted
		log := a.log.String()
		return strings.Contains(log, "peer refused") && strings.Contains(log, stranger.ID().String()) && strings.Contains(b.log.String(), "peer refused")
	})
	if n, minutes := strings.Count(b.log.String(), "peer refused"), int(time.Since(began)/refusalLogEvery); n > 1+minutes {
		t.Errorf("a stranger that keeps dialling was logged %d times, want once a minute", n)
	}
}

// Who is turned away after each handshake knocks again, and not without a pause: the
// node of a suspended member would keep itself and all others busy. Once it is let in,
// it is connected.
func TestWhoIsTurnedAwayKnocksWithPauses(t *testing.T) {
	t.Parallel()
	var admitted atomic.Bool
	a := newMember(t, func(c *Config) { c.Admit = func(string) bool { return admitted.Load() } })
	b := newMember(t, nil)
	if err := b.SetPeers(a.Addrs()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the first refusal", func() bool { return value(a.metrics.refused.WithLabelValues("inbound")) > 0 })
	before, began := value(b.metrics.dials), time.Now()
	time.Sleep(1500 * time.Millisecond)
	// The pauses grow to RedialMax, less up to half of it.
	if n, most := value(b.metrics.dials)-before, 8+float64(time.Since(began)/(b.config.RedialMax/2)); n > most {
		t.Errorf("%v dials in %v", n, time.Since(began))
	}
	eventually(t, "it is logged", func() bool { return strings.Contains(b.log.String(), "is this node's organisation an active member") })
	// Once, but where the other side was so slow to refuse that it seemed to let it in.
	if n, most := strings.Count(b.log.String(), "peer not reached"), 1+int(time.Since(began)/b.config.RedialMax); n > most {
		t.Errorf("it was logged %d times in %v", n, time.Since(began))
	}
	admitted.Store(true)
	eventually(t, "gossip", func() bool { return a.gossipsWith(1) && b.gossipsWith(1) })
}

func TestSuspendedPeerIsDisconnected(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	suspended := false
	a := newMember(t, func(c *Config) {
		c.Admit = func(string) bool { mu.Lock(); defer mu.Unlock(); return !suspended }
	})
	b := newMember(t, nil)
	mesh(t, []*member{a, b})
	mu.Lock()
	suspended = true
	mu.Unlock()
	eventually(t, "disconnected", func() bool { return len(a.Peers()) == 0 })
}

func TestGarbageSenderIsGraylisted(t *testing.T) {
	t.Parallel()
	send := map[string]func(m *member, i int) error{
		"rejected envelopes": func(m *member, i int) error { return m.Publish(fmt.Appendf(nil, "bad %d", i), 0) },
		"not a batch": func(m *member, i int) error {
			return m.gossip.topic.Publish(context.Background(), fmt.Appendf(nil, "garbage %d", i))
		},
	}
	for name, send := range send {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ms := members(t, 3, nil)
			mesh(t, ms)
			victim, sender, honest := ms[0], ms[1], ms[2]
			for i := range 3 {
				if err := send(sender, i); err != nil {
					t.Fatal(err)
				}
				eventually(t, "rejected", func() bool { return value(victim.metrics.rejected) == float64(i+1) })
			}
			eventually(t, "graylisted", func() bool {
				for _, p := range victim.Peers() {
					if p.ID == sender.ID() {
						return p.Score < graylistScore
					}
				}
				return false
			})
			for _, w := range []struct {
				from *member
				wire string
			}{{sender, "good but too late"}, {honest, "good and heard"}} {
				if err := w.from.Publish([]byte(w.wire), 0); err != nil {
					t.Fatal(err)
				}
			}
			eventually(t, "the honest one is heard", func() bool { return victim.count("good and heard") == 1 })
			time.Sleep(100 * time.Millisecond)
			if victim.count("good but too late") != 0 {
				t.Error("a graylisted peer was heard")
			}
		})
	}
}

func TestOneRejectSpoilsTheMessageAndIgnoredWiresAreDropped(t *testing.T) {
	t.Parallel()
	ms := members(t, 2, nil)
	mesh(t, ms)
	publish := func(wires ...string) { // in one message
		b := new(batch)
		for _, w := range wires {
			b.Wires = append(b.Wires, []byte(w))
		}
		ms[0].gossip.send(t.Context(), b)
	}
	publish("good 1", "ignored", "good 2")
	eventually(t, "good wires of a mixed batch", func() bool { return ms[1].count("good 1") == 1 && ms[1].count("good 2") == 1 })
	if ms[1].count("ignored") != 0 {
		t.Error("an ignored wire was delivered")
	}
	publish("good 3", "bad", "good 4")
	eventually(t, "rejected", func() bool { return value(ms[1].metrics.rejected) == 1 })
	if ms[1].count("good 3") != 0 || ms[1].count("good 4") != 0 {
		t.Error("wires of a rejected message were delivered")
	}
}

func TestAttemptPassesTheSeenCache(t *testing.T) {
	t.Parallel()
	ms := members(t, 2, nil)
	mesh(t, ms)
	publish := func(attempt uint32) {
		t.Helper()
		if err := ms[0].Publish([]byte("good again"), attempt); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	publish(0)
	eventually(t, "first", func() bool { return ms[1].count("good again") == 1 })
	publish(0)
	if n := ms[1].count("good again"); n != 1 {
		t.Errorf("the same attempt was delivered %d times", n)
	}
	publish(1)
	eventually(t, "second", func() bool { return ms[1].count("good again") == 2 })
}

func TestLargestEnvelopePasses(t *testing.T) {
	t.Parallel()
	ms := members(t, 2, nil)
	mesh(t, ms)
	wire := append([]byte("good "), make([]byte, MaxWireBytes-5)...)
	if err := ms[0].Publish(wire, 1<<31); err != nil {
		t.Fatal(err)
	}
	eventually(t, "delivered", func() bool { return ms[1].count(string(wire)) == 1 })
	if err := ms[0].Publish(append(wire, 0), 0); err == nil {
		t.Error("a wire above the limit was taken")
	}
}

// In a line of hosts the ends hear each other through the middle.
func TestGossipPassesThroughAHostInBetween(t *testing.T) {
	t.Parallel()
	ms := members(t, 3, nil)
	if err := ms[1].SetPeers(append(ms[0].Addrs(), ms[2].Addrs()...)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a line", func() bool { return ms[0].gossipsWith(1) && ms[2].gossipsWith(1) && ms[1].gossipsWith(2) })
	if err := ms[0].Publish([]byte("good from the end"), 0); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the other end has it", func() bool { return ms[2].count("good from the end") == 1 })
}

// A peer that runs gossipsub with its own parameters may graft itself into a
// mesh that we do not keep, and is heard and served all the same.
func TestPeerWithAnEagerMesh(t *testing.T) {
	t.Parallel()
	m := newMember(t, nil)
	key, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	h, err := libp2p.New(libp2p.Identity(key), libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.DisableMetrics())
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ps, err := pubsub.NewGossipSub(ctx, h, pubsub.WithMessageSignaturePolicy(pubsub.StrictNoSign), pubsub.WithMessageIdFn(messageID))
	if err != nil {
		t.Fatal(err)
	}
	topic, err := ps.Join(topicName(m.config.Network))
	if err != nil {
		t.Fatal(err)
	}
	sub, err := topic.Subscribe()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.SetPeers([]string{h.Addrs()[0].String() + "/p2p/" + h.ID().String()}); err != nil { // who was dialled may graft
		t.Fatal(err)
	}
	eventually(t, "gossip", func() bool { return m.gossipsWith(1) && len(topic.ListPeers()) == 1 })
	for i := range 4 { // over a few heartbeats of both
		data, err := (&batch{Wires: [][]byte{fmt.Appendf(nil, "good eager %d", i)}}).pack()
		if err != nil {
			t.Fatal(err)
		}
		if err := topic.Publish(ctx, data); err != nil {
			t.Fatal(err)
		}
		eventually(t, "heard", func() bool { return m.count(fmt.Sprintf("good eager %d", i)) == 1 })
		time.Sleep(400 * time.Millisecond)
	}
	if err := m.Publish([]byte("good to the eager"), 0); err != nil {
		t.Fatal(err)
	}
	within, stop := context.WithTimeout(ctx, patience)
	defer stop()
	for {
		msg, err := sub.Next(within)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(msg.Data, []byte("good to the eager")) {
			return
		}
	}
}

func TestConfigReportsEveryMistake(t *testing.T) {
	t.Parallel()
	_, err := New(Config{Listen: []string{"localhost:1"}, Peers: []string{"/ip4/127.0.0.1/tcp/1"}, BatchBytes: -1})
	for _, want := range []string{"Key", "Admit", "Validate", "BatchBytes", "Listen", "Peers"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not name %s", err, want)
		}
	}
}

func TestNobodyPassesBeforeRun(t *testing.T) {
	t.Parallel()
	key, _ := GenerateKey()
	early, err := New(Config{
		Key: key, Listen: []string{"/ip4/127.0.0.1/tcp/0"}, Admit: func(string) bool { return true },
		Validate: func(context.Context, []byte) (Decision, func()) { return Accept, func() {} },
		Logger:   slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer early.Close()
	m := newMember(t, nil)
	if err := m.SetPeers(early.Addrs()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "dials", func() bool { return value(m.metrics.dials) >= 2 })
	if m.host.Network().Connectedness(early.ID()) == network.Connected && len(early.Peers()) > 0 {
		t.Error("a host that does not run let a peer in")
	}
}
