package node

import (
	"bytes"
	"strings"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// sitting is a court, and what it may remember of the ledger.
type sitting struct {
	court     *contracts.Court
	ruleset   *contracts.Ruleset // of the court
	height    uint64
	remembers map[trace.Key]struct{}
	stale     bool // what it may remember was changed by other than what it judged
}

// maxRemembered bounds what a sitting keeps: a court keeps less.
const maxRemembered = 1 << 15

// renew has another court sit where this one knows what holds no more. It must not be
// called while verdicts of its are still to be looked at.
func (s *sitting) renew() {
	if s.stale || len(s.remembers) > maxRemembered {
		s.court, s.remembers, s.stale = nil, nil, false
	}
}

// asks notes that the court read a state.
func (s *sitting) asks(k trace.Key) {
	if !contracts.Remembers(k.NS) {
		return
	}
	if _, ok := s.remembers[k]; !ok {
		if s.remembers == nil {
			s.remembers = map[trace.Key]struct{}{}
		}
		k.ID = strings.Clone(k.ID) // often a part of a whole record's text
		s.remembers[k] = struct{}{}
	}
}

// forget has it know that the state of k was changed.
func (s *sitting) forget(k trace.Key) {
	if _, ok := s.remembers[k]; ok {
		s.stale = true
	}
}

// judge judges a record by the ruleset of its height, over a view, the same at every call.
func (s *sitting) judge(v contracts.View, r *replayer, one *replayed) (*contracts.Verdict, error) {
	if e := one.Entry; s.court == nil || s.height != e.Height {
		ruleset, err := r.judging(e.Height)
		if err != nil {
			return nil, err
		}
		b := contracts.Block{Network: r.network, Height: e.Height, Time: epcis.InstantFromUnixNano(e.Time), Founding: r.founding}
		if s.court == nil || s.ruleset != ruleset {
			s.court = ruleset.Convene(v, b).HoldToDeclarations().WithoutForward()
		} else {
			s.court.Proceed(b)
		}
		s.height, s.ruleset = e.Height, ruleset
	}
	if one.reason != nil {
		return s.court.JudgeMalformed(one.position(), one.reason)
	}
	return s.court.Judge(one.position(), one.record)
}

// A trial judges some of the records that are to be judged next, in their order, as if
// there were no others: over a draft that nobody writes to meanwhile. It notes all
// that each verdict rests on. It belongs to one goroutine at a time.
type trial struct {
	sitting
	past   *draft
	at     byKey[int32] // places in states
	states []triedState
	firsts // that it accepted itself

	reads  []triedRead
	asked  []triedAsk
	writes []triedWrite
}

// triedState is a state that a trial has read or written.
type triedState struct {
	key        trace.Key
	bytes      []byte      // as the trial's records have left it
	past       *draftState // nil while the draft has none
	remembered bool        // courts may remember it
}

// triedRead is a state as a record found it.
type triedRead struct {
	state int32
	bytes []byte
}

// triedWrite is a state as a record left it.
type triedWrite struct {
	state int32
	bytes []byte
}

// triedAsk is an answer on whether a record, or the content of an event, was accepted before, or
// whether an event was that has an eventID.
type triedAsk struct {
	organisation string
	record       identity.Hash
	content      string // "" when it is on the record
	event        string // "" when it is on one of the others
	seq          uint64
	found        bool
}

// opinion is what a trial makes of a record: its verdict, if all is still so that the
// trial was told.
type opinion struct {
	by      *trial // nil when the record was not tried
	verdict *contracts.Verdict
	text    []byte // its findings, as the ledger keeps them
	err     error

	reads, asked, writes span // of what the trial noted
	remembered           bool // it wrote what courts may remember
}

// span is a part of a list.
type span struct{ from, to int }

func newTrial(past *draft) *trial {
	return &trial{past: past, at: newByKey[int32](0), firsts: newFirsts()}
}

// clear makes room for other records. The court still remembers.
func (t *trial) clear() {
	t.at.clear()
	t.firsts.clear()
	clear(t.states)
	clear(t.reads)
	clear(t.asked)
	clear(t.writes)
	t.states, t.reads, t.asked, t.writes = t.states[:0], t.reads[:0], t.asked[:0], t.writes[:0]
}

// try judges a record.
func (t *trial) try(r *replayer, one *replayed) {
	o := opinion{by: t, reads: span{from: len(t.reads)}, asked: span{from: len(t.asked)}, writes: span{from: len(t.writes)}}
	if o.verdict, o.err = t.judge(t, r, one); o.err == nil {
		o.text = proof.EncodeFindings(o.verdict.Findings)
		if !o.verdict.Rejected() {
			o.remembered = t.write(o.verdict.Writes)
			t.note(one.position(), o.verdict)
		}
		o.verdict.Writes = nil // the court uses their memory again
	}
	o.reads.to, o.asked.to, o.writes.to = len(t.reads), len(t.asked), len(t.writes)
	one.opinion = o
}

func (t *trial) write(writes []contracts.Write) (remembered bool) {
	var kept keptState
	for _, w := range writes {
		i := t.place(w.Key)
		s := &t.states[i]
		s.bytes = kept.of(w.State)
		t.writes = append(t.writes, triedWrite{i, s.bytes})
		remembered = remembered || s.remembered
	}
	return remembered
}

// place is where in states that of k stands.
func (t *trial) place(k trace.Key) int32 {
	i, ok := t.at.get(k)
	if !ok {
		s := triedState{key: k, remembered: contracts.Remembers(k.NS)}
		if s.past, ok = t.past.states.get(k); ok {
			s.bytes = s.past.bytes
		}
		i = int32(len(t.states))
		t.states = append(t.states, s)
		t.at.put(k, i)
	}
	return i
}

// State implements contracts.View.
func (t *trial) State(k trace.Key) ([]byte, error) {
	i := t.place(k)
	s := &t.states[i]
	if s.remembered {
		t.asks(k)
	}
	t.reads = append(t.reads, triedRead{i, s.bytes})
	return s.bytes, nil
}

// Accepted implements contracts.View.
func (t *trial) Accepted(organisation string, record identity.Hash, _ string) (uint64, bool, error) {
	seq, ok := t.past.accepted(organisation, record)
	if !ok {
		seq, ok = t.accepted(organisation, record)
	}
	t.asked = append(t.asked, triedAsk{organisation: organisation, record: record, seq: seq, found: ok})
	return seq, ok, nil
}

// SameContent implements contracts.View.
func (t *trial) SameContent(cbvHash string) (uint64, bool, error) {
	seq, ok := t.past.content[cbvHash]
	if !ok {
		seq, ok = t.content[cbvHash]
	}
	t.asked = append(t.asked, triedAsk{content: cbvHash, seq: seq, found: ok})
	return seq, ok, nil
}

// Signed implements contracts.View.
func (t *trial) Signed(seq uint64) (identity.Address, int64, error) { return t.past.Signed(seq) }

// IsEvent implements contracts.View.
func (t *trial) IsEvent(seq uint64, eventID string) (bool, error) {
	is, err := t.past.IsEvent(seq, eventID)
	t.asked = append(t.asked, triedAsk{event: eventID, seq: seq, found: is})
	return is, err
}

// holds reports whether the draft, as all records before have left it now, would tell
// what the trial was told: then the verdict is the one that the record gets.
func (t *trial) holds(o *opinion) bool {
	if t.stale || o.err != nil {
		return false
	}
	for i := range t.reads[o.reads.from:o.reads.to] {
		r := &t.reads[o.reads.from+i]
		s := &t.states[r.state]
		if s.past == nil {
			s.past, _ = t.past.states.get(s.key)
		}
		var now []byte
		if s.past != nil {
			now = s.past.bytes
		}
		if !sameState(now, r.bytes) {
			return false
		}
	}
	for _, a := range t.asked[o.asked.from:o.asked.to] {
		seq, found := uint64(0), false
		switch {
		case a.event != "":
			var err error
			if found, err = t.past.IsEvent(a.seq, a.event); err != nil {
				return false // judged in order, the record tells of it
			}
			seq = a.seq
		case a.content != "":
			seq, found = t.past.content[a.content]
		default:
			seq, found = t.past.accepted(a.organisation, a.record)
		}
		if found != a.found || found && seq != a.seq {
			return false
		}
	}
	return true
}

// sameState compares the bytes of states, which mostly are the very same.
func sameState(a, b []byte) bool {
	if len(a) != len(b) || (a == nil) != (b == nil) {
		return false
	}
	return len(a) == 0 || &a[0] == &b[0] || bytes.Equal(a, b)
}

// settle writes into the draft what a verdict that holds writes, and tells of those
// that courts may remember.
func (t *trial) settle(one *replayed, told func(trace.Key)) {
	t.past.next++
	if one.verdict.Rejected() {
		return
	}
	for _, w := range t.writes[one.writes.from:one.writes.to] {
		s := &t.states[w.state]
		if s.past == nil {
			s.past = t.past.stateOf(s.key)
		}
		if s.remembered && !sameState(s.past.bytes, w.bytes) {
			told(s.key)
		}
		s.past.bytes = w.bytes
	}
	t.past.note(one.position(), one.verdict)
}
