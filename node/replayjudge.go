package node

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/ledger"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// maxStatesAhead bounds what is made ready for states that may not come.
const maxStatesAhead = 1 << 20

// windowRecords is how many records are dealt out together: several histories.
const windowRecords = 512

// replayer judges a ledger's records again.
type replayer struct {
	snapshot *ledger.Snapshot
	past     *draft
	o        ReplayOptions
	current  []byte // parameters, as last amended
	proposed []byte // what they were amended to
	network  identity.Network
	founding *contracts.Founding
	report   *ReplayReport

	rulesets rulesets               // of this build
	asked    *contracts.Ruleset     // the one to judge by from o.From on, nil for those in force
	voted    contracts.RulesetState // what the members have put in force, up to the records that are judged

	begun         bool
	height        uint64            // that is judged
	inOrder       sitting           // judges what no trial does, and what trials got wrong
	trials        []*trial          // one for each processor
	dealer        dealer            // of records to them
	tried, again  uint64            // records that were tried, and those of them that were judged again
	rules         map[string]uint64 // changed records by rule
	organisations map[string]uint64
	items         map[string]uint64 // by the ids of items, lots and classes
}

func newReplayer(s *ledger.Snapshot, genesis *identity.Genesis, o ReplayOptions) (*replayer, error) {
	have := rulesets(contracts.Rulesets())
	asked := have.named(o.Ruleset)
	if o.Ruleset != "" && asked == nil {
		return nil, fmt.Errorf("%w: %q; it has %s", ErrUnknownRuleset, o.Ruleset, have)
	}
	if o.From > s.Height() {
		return nil, fmt.Errorf("%w: from %d; its last block is %d", ErrFromAhead, o.From, s.Height())
	}
	last, err := parametersOf(s)
	if err != nil {
		return nil, err
	}
	proposed, err := amended(last, o.Parameters)
	if err != nil {
		return nil, err
	}
	states, err := ledger.GenesisStates(genesis)
	if err != nil {
		return nil, err
	}
	// A record of a lane brings some sixteen states; a map that grows by itself is moved again and again.
	past := newDraft(nil, 0, int(min(s.Roots().LogSize*16, maxStatesAhead)))
	past.past = s // who signed what no rule changes
	for _, st := range states {
		past.set(st.Key, st.Bytes)
	}
	return &replayer{
		snapshot: s, rulesets: have, asked: asked, past: past, o: o, network: genesis.Network, founding: contracts.FoundingOf(genesis),
		rules: map[string]uint64{}, organisations: map[string]uint64{}, items: map[string]uint64{},
		report: &ReplayReport{Parameters: identity.AllParameters(proposed), From: o.From, Height: s.Height(), Changes: []Change{}},
	}, nil
}

// run judges the history, windows of so many records, with so many hands.
func (r *replayer) run(ctx context.Context, hands int, window uint64) error {
	crew := newCrew(hands, piecesAhead(window))
	defer crew.dismiss()
	for range hands {
		r.trials = append(r.trials, newTrial(r.past))
	}
	for h := newHistorian(r.snapshot, crew, window); ; {
		records, err := h.window(ctx)
		if err != nil || records == nil {
			return err
		}
		for len(records) > 0 {
			if err := r.turn(records[0].Entry); err != nil {
				return err
			}
			n, err := r.stretch(records)
			if err != nil {
				return err
			}
			if err := readState(r.past, contracts.RulesetKey(), &r.voted); err != nil {
				return err
			}
			if err := r.judge(records[:n], crew); err != nil {
				return err
			}
			records = records[n:]
		}
		if r.o.Progress != nil {
			r.o.Progress("records", r.report.Records, r.snapshot.Roots().LogSize)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// judging is the ruleset that judges a height. While trials ask, nothing of it changes:
// members vote on heights to come, and governance ends a stretch.
func (r *replayer) judging(height uint64) (*contracts.Ruleset, error) {
	if r.asked != nil && height >= r.o.From {
		return r.asked, nil
	}
	return r.rulesets.at(&r.voted, height)
}

// turn begins the block of a record: there the parameters are as proposed.
func (r *replayer) turn(e *proof.Entry) error {
	if r.begun && e.Height == r.height {
		return nil
	}
	r.begun, r.height = true, e.Height
	if e.Height < r.o.From {
		return nil
	}
	steady, err := r.asProposed()
	if err == nil && !steady {
		r.past.set(trace.ParametersKey(), r.proposed)
		r.changed(trace.ParametersKey(), nil)
	}
	return err
}

// asProposed reports whether the parameters in force, which governance may change
// in the history, are as proposed.
func (r *replayer) asProposed() (bool, error) {
	if len(r.o.Parameters) == 0 {
		return true, nil
	}
	now, err := r.past.State(trace.ParametersKey())
	if err != nil {
		return false, err
	}
	if !sameState(now, r.current) {
		p, err := identity.DecodeParameters(now)
		if err == nil {
			p, err = amended(p, r.o.Parameters)
		}
		if err != nil {
			return false, fmt.Errorf("parameters of height %d: %w", r.height, err)
		}
		r.current, r.proposed = now, p.Encode()
	}
	return bytes.Equal(now, r.proposed), nil
}

// stretch is how many records may be tried together with some hope. Governance
// changes what all verdicts rest on, and so does the first block under parameters
// that are not in force.
func (r *replayer) stretch(records []replayed) (int, error) {
	steady, err := r.asProposed()
	if err != nil {
		return 0, err
	}
	for i := range records {
		e := records[i].Entry
		switch {
		case i > 0 && !steady && e.Height != records[i-1].Entry.Height && e.Height >= r.o.From:
			return i, nil
		case epcis.Kind(e.Kind) == epcis.KindGovernance:
			return i + 1, nil
		}
	}
	return len(records), nil
}

// judge has records tried at the same time where they seem independent. Then it goes
// through them in order. A verdict is a function of the record and of what its court
// is told: one whose court was told what is so counts; the record is judged again
// where it was not.
func (r *replayer) judge(records []replayed, crew *crew) error {
	r.try(records, crew)
	for i := range records {
		one := &records[i]
		if err := r.turn(one.Entry); err != nil {
			return err
		}
		v, text := one.verdict, one.text
		if one.by != nil && one.by.holds(&one.opinion) {
			one.by.settle(one, func(k trace.Key) { r.changed(k, &one.by.sitting) })
		} else {
			var err error
			if v, err = r.judgeInOrder(one); err != nil {
				return fmt.Errorf("record %d: %w", one.Entry.Seq, err)
			}
			text = proof.EncodeFindings(v.Findings)
		}
		r.report.Records++
		if one.Entry.Height >= r.o.From {
			r.report.Compared++
			if err := r.compare(one, v, text); err != nil {
				return fmt.Errorf("record %d: %w", one.Entry.Seq, err)
			}
		}
	}
	for _, t := range r.trials {
		t.clear()
	}
	return nil
}

// try has trials judge the records, each those of histories of its own. There is none
// when all would be one trial's.
func (r *replayer) try(records []replayed, crew *crew) {
	if len(r.trials) == 1 {
		return
	}
	dealt := r.dealer.deal(records, len(r.trials))
	if slices.Min(dealt) == slices.Max(dealt) {
		return
	}
	var pieces []func()
	for i, t := range r.trials {
		pieces = append(pieces, func() {
			t.renew()
			for j := range records {
				if dealt[j] == i {
					t.try(r, &records[j])
				}
			}
		})
	}
	crew.all(pieces)
	r.tried += uint64(len(records))
}

// judgeInOrder judges a record after all before it.
func (r *replayer) judgeInOrder(one *replayed) (*contracts.Verdict, error) {
	if t := one.by; t != nil {
		r.again++
		// Its court goes by what it wrote itself, and errs where an error left it.
		t.stale = t.stale || one.remembered || one.err != nil
	}
	r.inOrder.renew()
	v, err := r.inOrder.judge(remembering{r.past, &r.inOrder}, r, one)
	if err != nil {
		return nil, err
	}
	if !v.Rejected() {
		for _, w := range v.Writes {
			if contracts.Remembers(w.Key.NS) {
				r.changed(w.Key, &r.inOrder)
			}
		}
	}
	r.past.append(one.position(), v)
	return v, nil
}

// remembering is a draft whose reader may remember what it reads.
type remembering struct {
	*draft
	by *sitting
}

func (v remembering) State(k trace.Key) ([]byte, error) {
	v.by.asks(k)
	return v.draft.State(k)
}

// changed has all courts but one forget the state of a key: they did not see it change.
func (r *replayer) changed(k trace.Key, by *sitting) {
	if by != &r.inOrder {
		r.inOrder.forget(k)
	}
	for _, t := range r.trials {
		if by != &t.sitting {
			t.forget(k)
		}
	}
}
