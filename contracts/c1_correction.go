package contracts

import (
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// Correction (rule catalogue, section 0; EPCIS 2.0, section 7.4.1.4): an event
// with an errorDeclaration repeats an earlier event with its eventID and says
// that it was wrong. It is kept beside the original, and in derived state it
// undoes what the original did to the life of the items it names:
//
//   - A birth by that event, of the same organisation, is undone: the item is
//     merely seen, without a lot, and may be born again. If the item has ended
//     since, the end stays and is FLAGged as orphaned.
//   - An end by that event, of the same organisation, is undone: the item lives.
//   - A birth or end by that event of ANOTHER organisation: the correction is
//     refused. Only an event's author may declare it wrong.
//
// It applies no birth or end of its own. Original events that moved no life
// (observations, packing) leave nothing to undo here. Whose they were the index of
// contents says (rule A6): the correction of another's is refused as well, unless the
// author recorded the same itself. A journey reads both records and disregards an
// original only when the same organisation declared it wrong.
func (f *fold) correct() error {
	e := f.event
	mark := f.hearing.turn().Event
	var undone, orphaned, others tally
	for _, list := range [...][]epcis.ID{e.EPCs, e.Inputs, e.Outputs} {
		for i := range list {
			it, err := f.hearing.item(&list[i])
			if err != nil {
				return err
			}
			if it == nil || it.observed || e.ID == "" {
				continue
			}
			it.observed = true
			for _, turn := range [...]*Turn{it.state.Born, it.state.Ended} {
				switch {
				case turn == nil || turn.Event != mark:
					continue
				case turn.Organisation != f.hearing.signer.ID:
					others.add(factAt(it.id, turn.Organisation, turn.Seq))
					continue
				}
				it.changed = true
				if turn == it.state.Ended {
					undone.add(factAt(it.id, "no longer "+string(it.state.Condition), turn.Seq))
					it.state.Ended = nil
				} else {
					undone.add(factAt(it.id, "no longer born", turn.Seq))
					it.state.Born, it.state.Lot = nil, ""
					if it.state.Ended != nil && it.state.Ended.Event != mark {
						orphaned.add(factAt(it.id, string(it.state.Condition), it.state.Ended.Seq))
					}
				}
			}
			it.settle()
		}
	}
	if by := f.hearing.correctsOther; by != nil && others.n == 0 {
		others.add(factAt(short(by.id), by.organisation, by.seq))
	}
	f.correctionFindings(undone, orphaned, others)
	return nil
}

// settle sets the condition that follows from birth and end.
func (it *item) settle() {
	switch {
	case it.state.Ended != nil:
	case it.state.Born != nil:
		it.state.Condition = Active
	default:
		it.state.Condition = Seen
	}
}

func (f *fold) correctionFindings(undone, orphaned, others tally) {
	others.found(f.hearing, trace.Finding{
		Code: CodeCorrectionOfOther,
		Next: "Ask the organisation that recorded the event to correct it.",
	})
	orphaned.found(f.hearing, trace.Finding{
		Code: CodeOrphaned,
		Next: "Whoever recorded the later event should check it.",
	})
	switch {
	case undone.n > 0:
		f.hearing.find(trace.Finding{
			Code: CodeCorrected, Facts: undone.facts,
			Next: "Record the corrective event now, if there is one, with an eventID of its own.",
		})
	case others.n == 0:
		f.hearing.find(trace.Finding{
			Code:  CodeNothingCorrected,
			Facts: []trace.Fact{fact("eventID", f.event.ID)},
		})
	}
}
