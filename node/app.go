//waymark:deterministic

package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/ledger"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// codeNoBell is CheckTx's alone: it is no code of a block.
const codeNoBell Code = 1000

// app is the ABCI application. CometBFT calls it on four connections, each
// with a lock of its own: consensus methods come one at a time, CheckTx and
// Query beside them.
type app struct {
	abci.BaseApplication

	fixed    rules // without what members vote on
	governed atomic.Pointer[governed]
	rulesets rulesets
	genesis  *identity.Genesis
	founding *contracts.Founding
	ledger   *ledger.Ledger
	pool     *pool
	gate     *gate
	retain   int64 // blocks to keep, 0 for all
	log      *slog.Logger

	// ring puts the bell into CometBFT's mempool, hush takes it out. They are
	// set before the engine starts, and do nothing during its handshake.
	ring, hush func()
	// decided is called before a decided block is executed: its header carries
	// the app hash of the ledger as it is. Nil where nobody asks for proofs.
	decided func(height uint64)
	// committed is called after each block is durable, in order, on the
	// consensus goroutine: it must not block.
	committed func(settled)
	// height and seconds are those of the last committed block.
	height, seconds atomic.Uint64
	// misbehaved counts the pieces of evidence against validators in blocks since the start.
	misbehaved atomic.Uint64

	block   *staged        // owned by the consensus connection, as are
	decoder epcis.Decoder  // the memory in which records are read
	states  []ledger.State // and that in which their states are appended
	batches batches
}

// staged is the block between FinalizeBlock and Commit.
type staged struct {
	*ledger.Block
	court  *contracts.Court // over Block
	height uint64
	time   epcis.Instant
	wires  []identity.Hash
	judged map[identity.Hash]struct{}
	infos  []proof.EnvelopeInfo // of the judged, in block order
}

// settled says what a committed block decided.
type settled struct {
	roots  proof.Roots
	judged []proof.EnvelopeInfo // in block order
}

func newApp(r rules, g *identity.Genesis, l *ledger.Ledger, p *pool, m *gate, retain int64, log *slog.Logger) (*app, error) {
	a := &app{
		decoder: epcis.Decoder{Passing: true},
		fixed:   r, rulesets: contracts.Rulesets(), genesis: g, founding: contracts.FoundingOf(g), ledger: l, pool: p, gate: m, retain: retain, log: log,
		ring: func() {}, hush: func() {},
		batches: batches{known: r.memo.same},
	}
	roots := l.Roots()
	a.height.Store(roots.Height)
	a.seconds.Store(uint64(max(roots.Time, 0) / int64(time.Second)))
	if err := a.govern(); err != nil {
		return nil, err
	}
	_, err := a.governed.Load().judging(roots.Height + 1)
	return a, err
}

// govern reads again what members vote on.
func (a *app) govern() error {
	g, err := readGoverned(a.ledger, a.genesis, a.rulesets)
	if err != nil {
		return err
	}
	before := a.governed.Swap(g)
	if next, lacks := g.lacks(a.height.Load()); lacks && (before == nil || !slices.Contains(before.ruleset.Activations, next)) {
		a.log.Warn("this release lacks a ruleset that the members have put in force: install the one that has it before that height, where this node stops",
			"ruleset", next.Name, "height", next.Height, "release", next.Release)
	}
	return nil
}

// Info returns the last durable height; CometBFT replays what follows it.
func (a *app) Info(context.Context, *abci.RequestInfo) (*abci.ResponseInfo, error) {
	r := a.ledger.Roots()
	judging, err := a.governed.Load().judging(r.Height + 1)
	if err != nil {
		return nil, err
	}
	return &abci.ResponseInfo{
		Data:             "waymark",
		Version:          judging.Name(),
		AppVersion:       1,
		LastBlockHeight:  int64(r.Height),
		LastBlockAppHash: r.AppHash[:],
	}, nil
}

// InitChain starts from genesis, which the ledger holds already.
func (a *app) InitChain(_ context.Context, req *abci.RequestInitChain) (*abci.ResponseInitChain, error) {
	if req.ChainId != a.genesis.ChainID {
		return nil, fmt.Errorf("the engine starts chain %s, the genesis document is %s", req.ChainId, a.genesis.ChainID)
	}
	r := a.ledger.Roots()
	if r.Height != 0 {
		return nil, fmt.Errorf("the engine starts from genesis, the ledger is at height %d", r.Height)
	}
	return &abci.ResponseInitChain{AppHash: r.AppHash[:]}, nil
}

// admission begins a block at t on the last committed state.
func (a *app) admission(t epcis.Instant) *admission { return newAdmission(a.rules(), a.ledger, t) }

func (a *app) rules() rules {
	r, g := a.fixed, a.governed.Load()
	r.signers, r.parameters = g.signers, g.parameters
	return r
}

// poolTime is the instant at which the pool and gossip judge deadlines. Block
// time lags after idling by up to the heartbeat, and by more after an outage,
// so the later of block time and the clock is taken: an envelope that a block
// made now would admit must come in. Only this node's pool depends on it.
func (a *app) poolTime() epcis.Instant {
	//waymark:allow clock: only this node's own pool depends on it
	return epcis.Instant{Seconds: max(time.Now().Unix(), int64(a.seconds.Load()))}
}

// judgeAlone is admission for gossip and the pool: as if the envelope stood
// alone in a block made now. It costs little for a wire that comes once more.
func (a *app) judgeAlone(bytes []byte) (admitted, Code, error) {
	w := newWire(bytes)
	if a.fixed.memo.settledLately(w.hash) {
		return admitted{}, CodeJudged, nil
	}
	asOf := a.height.Load()
	alone := admission{rules: a.rules(), state: a.ledger, seconds: uint64(max(a.poolTime().Seconds, 0))}
	adm, code, err := alone.admitAlone(w)
	adm.asOf = asOf
	return adm, code, err
}

// bell is the one transaction that CometBFT's mempool ever holds: it is there
// while the pool holds anything, and wakes consensus. No block has it.
const bell = "bell"

// take puts an envelope that judgeAlone admitted into the pool. When the pool
// is full it does not, and the author gossips again.
func (a *app) take(adm admitted) error {
	if first := a.pool.add(adm); first {
		defer a.ring() // whoever found the pool not empty relies on it
	}
	if a.height.Load() == adm.asOf {
		return nil // what a block now judges leaves the pool when it is committed
	}
	judged, err := a.ledger.EnvelopeJudged(adm.id)
	if err != nil {
		return fmt.Errorf("look up envelope %x: %w", adm.id, err)
	}
	if judged {
		a.pool.drop(adm.wire.hash)
	}
	return nil
}

// CheckTx lets the bell into the mempool while something waits, and nothing
// else: envelopes come by gossip and the API.
func (a *app) CheckTx(_ context.Context, req *abci.RequestCheckTx) (*abci.ResponseCheckTx, error) {
	if string(req.Tx) == bell && a.pool.size() > 0 {
		return &abci.ResponseCheckTx{}, nil
	}
	return &abci.ResponseCheckTx{Code: uint32(codeNoBell)}, nil
}

// PrepareProposal fills a block from the pool, the members in turn. What can
// never be admitted leaves the pool, or it would wake consensus for ever.
func (a *app) PrepareProposal(_ context.Context, req *abci.RequestPrepareProposal) (*abci.ResponsePrepareProposal, error) {
	wires, never, err := a.pool.propose(a.admission(instant(req.Time)), req.MaxTxBytes-batchesMargin(req.MaxTxBytes))
	if err != nil {
		return nil, fmt.Errorf("prepare block %d: %w", req.Height, err)
	}
	for _, wire := range never {
		a.pool.drop(wire)
	}
	if len(never) > 0 && a.pool.size() == 0 {
		a.hush()
		if a.pool.size() > 0 {
			a.ring() // one came and rang before the bell was taken out
		}
	}
	return &abci.ResponsePrepareProposal{Txs: a.batches.pack(wires)}, nil
}

// ProcessProposal refuses a block with a transaction that no honest node would
// admit: admission depends on nothing but the state at the height before, the
// header's time and the block, so honest nodes agree.
func (a *app) ProcessProposal(_ context.Context, req *abci.RequestProcessProposal) (*abci.ResponseProcessProposal, error) {
	adm := a.admission(instant(req.Time))
	a.batches.begin()
	for i, tx := range req.Txs {
		code, err := a.admits(adm, tx)
		if err != nil {
			return nil, fmt.Errorf("process proposal %d: %w", req.Height, err)
		}
		if code != CodeAdmitted {
			a.log.Warn("refusing a proposed block", "height", req.Height, "transaction", i, "reason", code.String(),
				"proposer", fmt.Sprintf("%X", req.ProposerAddress))
			return &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_REJECT}, nil
		}
	}
	return &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_ACCEPT}, nil
}

// admits returns the code of the first envelope of a transaction that is not admitted.
func (a *app) admits(adm *admission, tx []byte) (Code, error) {
	wires, err := a.batches.unpack(tx)
	if err != nil {
		return CodeMalformed, nil
	}
	for _, w := range wires {
		if _, code, err := adm.admit(w); code != CodeAdmitted || err != nil {
			return code, err
		}
	}
	return CodeAdmitted, nil
}

// FinalizeBlock judges every record of the decided block and stages it. It is
// total: it admits again, because block sync never calls ProcessProposal, and
// a transaction that is not admitted gets a code and touches nothing. Only a
// ledger that cannot be read is an error, and stops consensus.
func (a *app) FinalizeBlock(_ context.Context, req *abci.RequestFinalizeBlock) (*abci.ResponseFinalizeBlock, error) {
	if a.block != nil {
		a.block.Discard()
		a.block = nil
	}
	judging, err := a.governed.Load().judging(uint64(req.Height))
	if err != nil {
		return nil, err
	}
	if a.decided != nil {
		a.decided(uint64(req.Height))
	}
	for _, m := range req.Misbehavior {
		a.misbehaved.Add(1)
		a.log.Warn("a validator misbehaved", "height", m.Height, "type", m.Type.String(), "validator", fmt.Sprintf("%X", m.Validator.Address))
	}
	t := instant(req.Time)
	block, err := a.ledger.Begin(uint64(req.Height), t)
	if err != nil {
		return nil, fmt.Errorf("begin block %d: %w", req.Height, err)
	}
	s := &staged{
		Block: block, height: uint64(req.Height), time: t,
		wires: make([]identity.Hash, 0, len(req.Txs)), judged: make(map[identity.Hash]struct{}, len(req.Txs)),
		infos: make([]proof.EnvelopeInfo, 0, len(req.Txs)),
	}
	s.court = judging.Convene(block, contracts.Block{
		Network: a.fixed.network, Height: s.height, Time: t, Founding: a.founding,
	})
	results, err := a.execute(s, req.Txs)
	if err != nil {
		block.Discard()
		return nil, fmt.Errorf("block %d: %w", req.Height, err)
	}
	updates, err := validatorUpdates(a.ledger, block, a.founding)
	if err != nil {
		block.Discard()
		return nil, fmt.Errorf("validators after block %d: %w", req.Height, err)
	}
	roots, err := block.Roots()
	if err != nil {
		block.Discard()
		return nil, fmt.Errorf("roots of block %d: %w", req.Height, err)
	}
	a.block = s
	return &abci.ResponseFinalizeBlock{TxResults: results, ValidatorUpdates: updates, AppHash: roots.AppHash[:]}, nil
}

func (a *app) execute(s *staged, txs [][]byte) ([]*abci.ExecTxResult, error) {
	adm := a.admission(s.time)
	results := make([]*abci.ExecTxResult, len(txs))
	for i, tx := range txs {
		wires, err := a.batches.unpack(tx)
		if err != nil {
			results[i] = &abci.ExecTxResult{Code: uint32(CodeMalformed)}
			continue
		}
		batch := make([]outcome, len(wires))
		for j, w := range wires {
			if batch[j], err = a.executeOne(s, adm, w); err != nil {
				return nil, err
			}
		}
		if results[i], err = resultOf(tx, batch); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// executeOne judges the envelope that comes next in the block.
func (a *app) executeOne(s *staged, adm *admission, w wire) (outcome, error) {
	s.wires = append(s.wires, w.hash)
	env, code, err := adm.admit(w)
	if code != CodeAdmitted || err != nil {
		return outcome{Code: code}, err
	}
	s.judged[env.id] = struct{}{}
	s.infos = append(s.infos, proof.EnvelopeInfo{
		ID: env.id, Network: env.env.Network, Kind: env.env.Kind, Signer: env.env.Signer, NotAfter: env.env.NotAfter,
		Signature: env.env.Signature, FirstSeq: s.NextSeq(), Count: uint32(len(env.env.Records)), Height: s.height,
	})
	out, err := a.judge(s, env)
	if err != nil {
		return outcome{}, fmt.Errorf("envelope %x: %w", env.id, err)
	}
	return out, nil
}

// outcome is what validators hash of an envelope's judgement: whether the block admits
// it, and if so where its first record stands and the verdict codes of each.
type outcome struct {
	_     struct{} `cbor:",toarray"`
	Code  Code
	First uint64
	Codes [][]uint32
}

// alone is the outcome of a transaction that is an envelope's wire: its code is the
// result's.
type alone struct {
	_     struct{} `cbor:",toarray"`
	First uint64
	Codes [][]uint32
}

// resultOf is the result of a transaction with these outcomes. A batch that can be read
// is always admitted; what is not are single envelopes of it.
func resultOf(tx []byte, batch []outcome) (*abci.ExecTxResult, error) {
	var data any = batch
	if !isBatch(tx) {
		if batch[0].Code != CodeAdmitted {
			return &abci.ExecTxResult{Code: uint32(batch[0].Code)}, nil
		}
		data = alone{First: batch[0].First, Codes: batch[0].Codes}
	}
	encoded, err := identity.MarshalCanonical(data)
	if err != nil {
		return nil, fmt.Errorf("encode the outcome: %w", err)
	}
	return &abci.ExecTxResult{Data: encoded}, nil
}

// judge reads every record of an admitted envelope and appends it, refused ones
// too. They are read here and not when they arrive, one after the other in the
// same memory: what waits for a block would take several times as much parsed.
func (a *app) judge(s *staged, env admitted) (outcome, error) {
	out := outcome{First: s.NextSeq(), Codes: make([][]uint32, len(env.env.Records))}
	for i, raw := range env.env.Records {
		p := contracts.Position{
			Seq: s.NextSeq(), Envelope: env.id, Index: uint32(i),
			Kind: epcis.Kind(env.env.Kind), Signer: env.env.Signer, Record: env.hashes[i],
		}
		v, record, err := hear(s.court, &a.decoder, p, raw)
		if err != nil {
			return outcome{}, fmt.Errorf("judge record %d: %w", p.Seq, err)
		}
		out.Codes[i] = make([]uint32, len(v.Findings))
		for j, f := range v.Findings {
			out.Codes[i][j] = f.Code
		}
		a.states = a.states[:0]
		for _, w := range v.Writes {
			a.states = append(a.states, ledger.State{Key: w.Key, Bytes: w.State})
		}
		next := ledger.Append{
			Envelope: env.env, EnvelopeID: env.id, Index: uint32(i), Kind: p.Kind,
			Organisation: v.Organisation, Bytes: raw, RecordHash: p.Record,
			Findings: v.Findings, States: a.states, ContentHash: v.ContentHash, Forward: v.Forward,
		}
		if record != nil {
			next.Touches = trace.Touches(record)
			if record.Event != nil {
				next.EventID, next.EventIDHash = record.Event.ID, record.IDHash
				if v.Rejected() {
					next.ContentHash = record.ContentHash
				}
			}
		}
		if _, err := s.Append(next); err != nil {
			return outcome{}, fmt.Errorf("append record %d: %w", p.Seq, err)
		}
	}
	return out, nil
}

// hear reads a record and has the court judge it. The record is nil when its
// bytes do not decode.
func hear(court *contracts.Court, d *epcis.Decoder, p contracts.Position, raw []byte) (*contracts.Verdict, *epcis.Record, error) {
	record, reason := d.DecodeHashed(p.Kind, raw)
	if reason != nil {
		v, err := court.JudgeMalformed(p, reason)
		return v, nil, err
	}
	v, err := court.Judge(p, record)
	return v, record, err
}

// Commit makes the block durable in one synced batch. CometBFT holds the
// mempool's lock meanwhile, so that who finds the pool empty rings afterwards.
func (a *app) Commit(context.Context, *abci.RequestCommit) (*abci.ResponseCommit, error) {
	s := a.block
	if s == nil {
		return nil, errors.New("commit without a finalized block")
	}
	a.block = nil
	a.batches.forget()
	if err := s.Commit(); err != nil {
		return nil, fmt.Errorf("commit block %d: %w", s.height, err)
	}
	seconds := uint64(max(s.time.Seconds, 0))
	a.height.Store(s.height)
	a.seconds.Store(seconds)
	if a.pool.settle(s.wires, s.judged, seconds) == 0 {
		a.hush()
	}
	a.fixed.memo.settle(s.judged, s.wires)
	roots := a.ledger.Roots()
	if roots.StateHeight == s.height {
		if err := a.govern(); err != nil {
			return nil, fmt.Errorf("after block %d: %w", s.height, err)
		}
	}
	if a.committed != nil {
		a.committed(settled{roots: roots, judged: s.infos})
	}
	var retain int64
	if a.retain > 0 && int64(s.height) > a.retain {
		retain = int64(s.height) - a.retain
	}
	return &abci.ResponseCommit{RetainHeight: retain}, nil
}

// Query answers CometBFT's peer filter from membership; it serves nothing else.
func (a *app) Query(_ context.Context, req *abci.RequestQuery) (*abci.ResponseQuery, error) {
	const byID, byAddr = "/p2p/filter/id/", "/p2p/filter/addr/"
	switch {
	case strings.HasPrefix(req.Path, byAddr):
		// A member may come from any address: its node id is what counts.
		return &abci.ResponseQuery{Code: abci.CodeTypeOK}, nil
	case strings.HasPrefix(req.Path, byID):
		id := strings.TrimPrefix(req.Path, byID)
		if a.gate.admitsNode(id) {
			return &abci.ResponseQuery{Code: abci.CodeTypeOK}, nil
		}
		a.gate.refused(id)
		return &abci.ResponseQuery{Code: 1, Log: "no member's node"}, nil
	default:
		return &abci.ResponseQuery{Code: 1, Log: "ask the HTTP API"}, nil
	}
}

// State sync is not offered: nodes catch up by block sync.
func (a *app) OfferSnapshot(context.Context, *abci.RequestOfferSnapshot) (*abci.ResponseOfferSnapshot, error) {
	return &abci.ResponseOfferSnapshot{Result: abci.ResponseOfferSnapshot_REJECT}, nil
}

// instant is a header's time as the ledger has it.
func instant(t time.Time) epcis.Instant {
	return epcis.Instant{Seconds: t.Unix(), Nanos: int32(t.Nanosecond())}
}
