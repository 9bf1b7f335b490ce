package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/ledger"
	"github.com/waymark-ledger/waymark/trace"
)

// bench is the application without an engine: the test is the consensus.
type bench struct {
	*app
	key    *identity.Key
	time   time.Time
	height int64
	rung   bool // the bell is in the mempool
}

func newBench(t *testing.T) *bench {
	t.Helper()
	key := mustKey(t)
	org := organisation(t, 0)
	org.Keys = []string{identity.FormatPublicKey(key.PublicKey())}
	validator, err := Prepare(t.TempDir()+"/v", PrepareOptions{Organisation: organisation(t, 0), LightScrypt: true})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now().Add(-time.Hour).Truncate(time.Second)
	doc, err := BuildGenesis(GenesisOptions{Organisations: []identity.Organisation{org}, Validators: []Validator{validator.Validator}, Time: start})
	if err != nil {
		t.Fatal(err)
	}
	g, err := identity.ParseGenesis(doc)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{key: key, time: time.Now().Truncate(time.Second)}
	r := rules{network: g.Network, parameters: g.Parameters, memo: newMemo(1 << 20)}
	if b.app, err = newApp(r, g, emptyLedger(t, g), newPool(DefaultConfig("").Pool), &gate{}, 0, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	b.ring = func() {
		r, err := b.CheckTx(context.Background(), &abci.RequestCheckTx{Tx: []byte(bell)})
		b.rung = b.rung || err == nil && r.Code == 0
	}
	b.hush = func() { b.rung = false }
	return b
}

// emptyLedger has its genesis alone.
func emptyLedger(t *testing.T, g *identity.Genesis) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(ledger.Config{Dir: "ledger", FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := l.InitGenesis(g); err != nil {
		t.Fatal(err)
	}
	return l
}

// twin is another node of b's network, which remembers little and has judged nothing.
func twin(t *testing.T, b *bench) *bench {
	t.Helper()
	other := &bench{key: b.key, time: b.time}
	r := b.fixed
	r.memo = newMemo(1)
	var err error
	if other.app, err = newApp(r, b.genesis, emptyLedger(t, b.genesis), newPool(DefaultConfig("").Pool), &gate{}, 0, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	return other
}

// takes admits a wire as gossip does and puts it into the pool.
func (b *bench) takes(t *testing.T, wire []byte) {
	t.Helper()
	adm, code, err := b.judgeAlone(wire)
	if code != CodeAdmitted || err != nil {
		t.Fatal(code, err)
	}
	if err := b.take(adm); err != nil {
		t.Fatal(err)
	}
}

// wire signs records that expire after d from the bench's block time.
func (b *bench) wire(t *testing.T, d time.Duration, records ...[]byte) []byte {
	t.Helper()
	e := identity.NewEnvelope(b.fixed.network, "epcis", b.key.Address(), uint64(b.time.Add(d).Unix()), records)
	if err := b.key.SignEnvelope(e); err != nil {
		t.Fatal(err)
	}
	wire, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return wire
}

func (b *bench) accepts(t *testing.T, txs ...[]byte) bool {
	t.Helper()
	r, err := b.ProcessProposal(context.Background(), &abci.RequestProcessProposal{Height: b.height + 1, Time: b.time, Txs: txs})
	if err != nil {
		t.Fatal(err)
	}
	return r.IsAccepted()
}

// decide makes a block of txs, whatever they are, and returns their results.
func (b *bench) decide(t *testing.T, txs ...[]byte) *abci.ResponseFinalizeBlock {
	t.Helper()
	b.height++
	b.time = b.time.Add(time.Second)
	r, err := b.FinalizeBlock(context.Background(), &abci.RequestFinalizeBlock{Height: b.height, Time: b.time, Txs: txs})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Commit(context.Background(), &abci.RequestCommit{}); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestFinalizeIsTotalAndProcessRefuses(t *testing.T) {
	b := newBench(t)
	good := b.wire(t, time.Hour, observation(t, 1), observation(t, 2))
	forged := slices.Clone(good)
	forged[len(forged)-1] ^= 1
	expired := b.wire(t, -time.Hour, observation(t, 3))
	if !b.accepts(t, good) || !b.accepts(t) {
		t.Fatal("an honest proposal is refused")
	}
	for name, txs := range map[string][][]byte{
		"forged": {forged}, "expired": {expired}, "twice": {good, good}, "garbage": {[]byte("hello")}, "empty": {nil},
		"good, then forged": {good, forged},
	} {
		if b.accepts(t, txs...) {
			t.Errorf("%s: accepted", name)
		}
	}
	genesis := b.ledger.Roots().AppHash
	r := b.decide(t, forged, expired, []byte("hello"), nil)
	for i, want := range []Code{CodeBadSignature, CodeExpired, CodeMalformed, CodeMalformed} {
		if got := r.TxResults[i]; Code(got.Code) != want || got.Data != nil {
			t.Errorf("result %d: %+v, want %d", i, got, want)
		}
	}
	if !bytes.Equal(r.AppHash, genesis[:]) || b.ledger.Roots().LogSize != 0 {
		t.Fatal("inadmissible transactions changed the state")
	}
	r = b.decide(t, forged, good, good)
	if codes := []uint32{r.TxResults[0].Code, r.TxResults[1].Code, r.TxResults[2].Code}; !slices.Equal(codes, []uint32{8, 0, 10}) {
		t.Fatalf("codes %v", codes)
	}
	if got := b.ledger.Roots(); got.LogSize != 2 || bytes.Equal(r.AppHash, genesis[:]) || !bytes.Equal(r.AppHash, got.AppHash[:]) {
		t.Fatalf("roots %+v", got)
	}
	if b.accepts(t, good) {
		t.Error("a judged envelope is accepted again")
	}
	before := b.ledger.Roots().AppHash
	if r = b.decide(t); !bytes.Equal(r.AppHash, before[:]) {
		t.Error("an empty block changed the app hash")
	}
}

// Evidence of a validator that signed twice stands in the block that brings it, and is told
// in the log and in the metrics; it changes no state, so that no node can differ by it.
func TestMisbehaviourOfAValidatorIsTold(t *testing.T) {
	b := newBench(t)
	var log bytes.Buffer
	b.log = slog.New(slog.NewTextHandler(&log, nil))
	wire := b.wire(t, time.Hour, observation(t, 1))
	before := b.decide(t, wire)
	b.height++
	b.time = b.time.Add(time.Second)
	r, err := b.FinalizeBlock(context.Background(), &abci.RequestFinalizeBlock{Height: b.height, Time: b.time, Misbehavior: []abci.Misbehavior{{
		Type: abci.MisbehaviorType_DUPLICATE_VOTE, Height: b.height - 1, Time: b.time, TotalVotingPower: 10, Validator: abci.Validator{Address: []byte{0xab, 0xcd}, Power: 10}}}})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(r.AppHash, before.AppHash) {
		t.Error("evidence changed the app hash of a block without records")
	}
	if told := log.String(); !strings.Contains(told, "a validator misbehaved") || !strings.Contains(told, "ABCD") || !strings.Contains(told, "DUPLICATE_VOTE") {
		t.Errorf("the log says %q", told)
	}
	if n := b.misbehaved.Load(); n != 1 {
		t.Errorf("%d counted", n)
	}
}

func TestUnreadableRecordIsRefusedProvably(t *testing.T) {
	b := newBench(t)
	wire := b.wire(t, time.Hour, []byte(`{"type":"ObjectEvent","type":"again"}`), observation(t, 1))
	if !b.accepts(t, wire) {
		t.Fatal("what a record says is no matter of admission")
	}
	b.decide(t, wire)
	s := b.ledger.Snapshot()
	defer s.Close()
	for seq, refused := range []bool{true, false} {
		r, err := s.Record(uint64(seq))
		if err != nil || trace.Rejected(r.Findings) != refused {
			t.Errorf("record %d: %+v, %v", seq, r, err)
		}
	}
}

// TestPoolDoesNotWakeConsensusForEver: what will never be proposed leaves.
func TestPoolDoesNotWakeConsensusForEver(t *testing.T) {
	b := newBench(t)
	soon := b.wire(t, 10*time.Minute, observation(t, 1)) // the pool looks at the clock
	later := b.wire(t, time.Hour, observation(t, 2))
	b.ring()
	if b.rung {
		t.Fatal("the bell is in the mempool and nothing waits")
	}
	for _, w := range [][]byte{soon, later} {
		b.takes(t, w)
	}
	p, err := b.PrepareProposal(context.Background(), &abci.RequestPrepareProposal{Height: 1, Time: b.time.Add(20 * time.Minute), MaxTxBytes: 1 << 20})
	if err != nil || len(p.Txs) != 1 {
		t.Fatal(p, err)
	}
	if got := unpacked(t, p.Txs[0]); len(got) != 1 || !bytes.Equal(got[0], later) {
		t.Fatalf("proposed %x", got)
	}
	if b.pool.has(identity.WireHash(soon)) || b.pool.size() != 1 || !b.rung {
		t.Fatalf("%d wait, the bell %v", b.pool.size(), b.rung)
	}
	b.time = b.time.Add(2 * time.Hour)
	b.decide(t)
	if b.pool.size() != 0 || b.rung {
		t.Fatalf("after the deadline: %d wait, the bell %v", b.pool.size(), b.rung)
	}
	b.takes(t, b.wire(t, 2*time.Second, observation(t, 3)))
	if _, err := b.PrepareProposal(context.Background(), &abci.RequestPrepareProposal{Height: 2, Time: b.time.Add(10 * time.Second), MaxTxBytes: 1 << 20}); err != nil {
		t.Fatal(err)
	}
	if b.pool.size() != 0 || b.rung {
		t.Fatalf("after a proposal of nothing: %d wait, the bell %v", b.pool.size(), b.rung)
	}
}

// TestMempoolTakesTheBellAlone: what a peer sends over the engine's network
// comes past no gossip and no account of the members'.
func TestMempoolTakesTheBellAlone(t *testing.T) {
	b := newBench(t)
	r, err := b.CheckTx(context.Background(), &abci.RequestCheckTx{Tx: b.wire(t, time.Hour, observation(t, 1))})
	if err != nil || r.Code == 0 || b.pool.size() != 0 {
		t.Fatal(r, err, b.pool.size())
	}
}

// TestPoolTakesNothingThatABlockJudgedMeanwhile: gossip admits an envelope, a
// block with it is committed, and only then does it come to the pool.
func TestPoolTakesNothingThatABlockJudgedMeanwhile(t *testing.T) {
	b := newBench(t)
	wire := b.wire(t, time.Hour, observation(t, 1))
	adm, code, err := b.judgeAlone(wire)
	if code != CodeAdmitted || err != nil {
		t.Fatal(code, err)
	}
	b.decide(t, wire)
	if err := b.take(adm); err != nil || b.pool.size() != 0 || b.rung {
		t.Fatalf("%v, %d wait, the bell %v", err, b.pool.size(), b.rung)
	}
}

// TestTwoNodesJudgeAlike runs the same blocks with and without what gossip and
// proposals leave in the caches.
func TestTwoNodesJudgeAlike(t *testing.T) {
	b := newBench(t)
	other := twin(t, b)
	for i := range 20 {
		w := b.wire(t, time.Hour, observation(t, i), observation(t, i/2), observation(t, 100+i))
		txs := [][]byte{w, w[:len(w)-1]}
		b.takes(t, w)
		b.accepts(t, w)
		x, y := b.decide(t, txs...), other.decide(t, txs...)
		if !bytes.Equal(x.AppHash, y.AppHash) || !bytes.Equal(x.TxResults[0].Data, y.TxResults[0].Data) {
			t.Fatalf("block %d differs", i)
		}
	}
	if b.ledger.Roots() != other.ledger.Roots() {
		t.Fatal("the ledgers differ")
	}
}

// TestWireThatComesAfterItsBlock is what load makes frequent: its signature is not
// checked once more, and the memory of such wires is bounded.
func TestWireThatComesAfterItsBlock(t *testing.T) {
	b := newBench(t)
	w := b.wire(t, time.Hour, observation(t, 1))
	forged := bytes.Clone(w)
	forged[len(forged)-1] ^= 1 // of the signature, which an envelope ends with
	b.takes(t, w)
	b.decide(t, w, forged)
	if _, code, err := b.judgeAlone(w); code != CodeJudged || err != nil {
		t.Fatalf("%q, %v", code, err)
	}
	memo := b.fixed.memo
	if memo.get(identity.WireHash(w)) != nil {
		t.Error("the envelope was decoded and checked again")
	}
	if _, code, err := b.judgeAlone(forged); code != CodeBadSignature || err != nil {
		t.Errorf("a forged wire that a block carried in vain: %q, %v", code, err)
	}
	for i := range 2 * lateKept {
		c := &checked{wire: newWire(fmt.Appendf(nil, "wire %d", i))}
		c.judged.Store(judgedYes)
		memo.settle(nil, []identity.Hash{memo.put(c).wire.hash})
	}
	if memo.settledLately(identity.WireHash(w)) {
		t.Error("a wire is remembered for ever")
	}
	if _, code, err := b.judgeAlone(w); code != CodeJudged || err != nil {
		t.Errorf("one that is not remembered: %q, %v", code, err)
	}
}

// TestNodeExitsWhenConsensusFails: a process that lived on would answer from a
// height that never moves again.
func TestNodeExitsWhenConsensusFails(t *testing.T) {
	c := network(t, 1, func(_ int, c *Config) { c.Consensus.Heartbeat = Duration{200 * time.Millisecond} })[0]
	n, err := New(c, Deps{Logger: testLogger(t)})
	if err != nil {
		t.Fatal(err)
	}
	commit := n.app.committed
	n.app.committed = func(s settled) {
		if s.roots.Height >= 2 {
			panic("the test breaks consensus")
		}
		commit(s)
	}
	done := make(chan error, 1)
	go func() { done <- n.Run(context.Background()) }()
	select {
	case err := <-done:
		if !errors.Is(err, ErrConsensusFailed) {
			t.Fatal(err)
		}
	case <-time.After(patience):
		t.Fatal("the node lives on")
	}
}
