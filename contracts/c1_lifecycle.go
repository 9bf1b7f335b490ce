package contracts

import (
	"errors"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// C1 lifecycle of serialised items: unborn -> active -> ended.
//
// Birth is an ObjectEvent ADD, or being the output of a TransformationEvent. An
// end is an ObjectEvent DELETE, an ObjectEvent at the step destroying or
// decommissioning, or being the input of a TransformationEvent. What else names
// an item leaves it as it is; ADD and DELETE of an AggregationEvent are about
// the bond, never about the life of what it binds.
//
//   - An item is born once: a second birth is refused.
//   - An item ends once: a second end is refused, and so is every event that
//     happened at or after the end. One that happened before the end and is only
//     recorded after it (its author was cut off) is accepted with a FLAG, and the
//     item stays ended.
//   - Nothing is refused for lack of history. What is named for the first time, and
//     not by its birth, is accepted with a FLAG; of an input rule M1 has one, of a
//     foreign item rule A2. Observation is never birth: an ADD that comes after one
//     is accepted with a FLAG. SSCC, GRAI, BIC and IMO numbers need no birth, and
//     get no such flags.
//   - Of a foreign item, one whose GS1 company prefix no member licenses, nobody
//     here vouches for any birth or end: whoever recorded one first could shut the
//     rightful owner out. What would be refused is accepted with a FLAG, and the
//     first birth and the first end stand.
//   - The lot is fixed at birth, by ilmd or by the lot beside the serial; an event
//     that names the item with another lot is refused.
//
// "Before" and "after" among records is the ledger's order; among happenings it
// is eventTime.
func (c *hearing) lifecycle() error {
	e := c.record.Event
	f := fold{hearing: c, event: e}
	if r := c.record.Customs; r != nil {
		for i := range r.Goods {
			it, err := c.item(&r.Goods[i])
			if err == nil && it != nil {
				err = f.unborn(it, &r.Goods[i])
			}
			if err != nil {
				return err
			}
		}
		f.report()
		return nil
	}
	if e == nil {
		return nil
	}
	if e.Correction != nil {
		return f.correct()
	}
	born, ended, how := turns(e)
	turn := c.turn()
	bears := e.Type == epcis.ObjectEvent && e.Action == epcis.Add
	for n, list := range [...][]epcis.ID{e.EPCs, {e.Parent}, e.Children, e.Inputs, e.Outputs} {
		for i := range list {
			it, err := c.item(&list[i])
			if err != nil {
				return err
			}
			if it == nil {
				continue
			}
			if n < 3 && (n > 0 || !bears) { // neither made by this event nor used up
				if err := f.unborn(it, &list[i]); err != nil {
					return err
				}
			}
			if err := f.observe(it, &list[i]); err != nil {
				return err
			}
		}
	}
	for i := range ended {
		if it := c.items.loaded(ended[i].URI); it != nil {
			if err := f.end(it, turn, how); err != nil {
				return err
			}
		}
	}
	batch := trace.BirthLot(e)
	for i := range born {
		if it := c.items.loaded(born[i].URI); it != nil {
			if err := f.bear(it, &born[i], turn, batch); err != nil {
				return err
			}
		}
	}
	f.report()
	return nil
}

// turns says what an event brings to life and what it ends, and how.
func turns(e *epcis.Event) (born, ended []epcis.ID, how Condition) {
	born = trace.Born(e)
	switch {
	case e.Type == epcis.TransformationEvent:
		return born, e.Inputs, Consumed
	case e.Type != epcis.ObjectEvent || e.Action == epcis.Add:
		return born, nil, ""
	case e.BizStep == stepDestroying:
		return nil, e.EPCs, Destroyed
	case e.BizStep == stepDecommissioning:
		return nil, e.EPCs, Decommissioned
	case e.Action == epcis.Delete:
		return nil, e.EPCs, Deleted
	}
	return nil, nil, ""
}

// A fold carries one event over the states of the items it names.
type fold struct {
	hearing *hearing
	event   *epcis.Event
	noted   bool // whether there is any tally
	tallies [problems]tally
}

// The problems of C1, each one finding however many items share it.
const (
	bornTwice = iota
	alreadyEnded
	otherLot
	bornAfterSeen
	beforeEnd
	foreignLife
	neverBorn
	problems // how many there are
)

func (f *fold) note(problem int, fact trace.Fact) {
	f.noted = true
	f.tallies[problem].add(fact)
}

// refuse notes a problem that refuses the event, unless the item is foreign.
func (f *fold) refuse(problem int, it *item, fact trace.Fact) error {
	foreign, err := f.hearing.isForeign(epcis.Canonical(it.id))
	if err != nil {
		return err
	}
	if foreign {
		problem = foreignLife
	}
	f.note(problem, fact)
	return nil
}

// unborn notes an item that is named before any record has, and not by its birth.
func (f *fold) unborn(it *item, id *epcis.ID) error {
	if it.known || it.told || !needsBirth(it.id) {
		return nil
	}
	it.told = true
	foreign, err := f.hearing.isForeign(*id)
	if err == nil && !foreign {
		f.note(neverBorn, fact(it.id, "named for the first time"))
	}
	return err
}

// observe judges that the event names the item at all.
func (f *fold) observe(it *item, id *epcis.ID) (err error) {
	if it.state.Lot != "" && id.Lot != "" && f.hearing.lotOf(id, "") != it.state.Lot {
		err = f.refuse(otherLot, it, f.birthFact(it, it.state.Lot))
	}
	if it.gone && !it.observed {
		if f.event.Time.Before(it.state.Ended.Time()) {
			f.note(beforeEnd, it.endFact())
		} else {
			err = errors.Join(err, f.refuse(alreadyEnded, it, it.endFact()))
		}
	}
	it.observed = true
	if id.Lot != "" && it.state.Born == nil && it.state.Named == "" {
		it.state.Named, it.state.NamedAt, it.changed = f.hearing.lotOf(id, ""), f.hearing.position.Seq, true
	}
	return err
}

func (it *item) endFact() trace.Fact {
	end := it.state.Ended
	return factAt(it.id, string(it.state.Condition)+" at "+end.Time().String(), end.Seq)
}

// end ends an item. One that had ended before is not ended again, whatever the
// times say: it cannot have been consumed twice.
func (f *fold) end(it *item, turn *Turn, how Condition) error {
	if it.gone {
		if f.event.Time.Before(it.state.Ended.Time()) { // else observe has refused it already
			return f.refuse(alreadyEnded, it, it.endFact())
		}
		return nil
	}
	it.state.Ended, it.state.Condition, it.changed = turn, how, true
	return nil
}

// bear brings an item to life.
func (f *fold) bear(it *item, id *epcis.ID, turn *Turn, batch string) error {
	switch {
	case it.bornNow: // named twice in one list
		return nil
	case it.state.Born != nil:
		return f.refuse(bornTwice, it, f.birthFact(it, "born at "+it.state.Born.Time().String()))
	case !it.gone && it.state.Ended != nil: // consumed by this very event
		f.note(bornTwice, fact(it.id, "is an input and an output of this event"))
		return nil
	case id.Lot != "" && batch != "" && id.Lot != batch:
		f.note(otherLot, fact(it.id, "lot "+batch+" in ilmd"))
	}
	if it.known && needsBirth(it.id) {
		f.note(bornAfterSeen, factAt(it.id, "first named", it.state.First))
	}
	it.state.Born, it.state.Lot, it.changed, it.bornNow = turn, f.hearing.lotOf(id, batch), true, true
	if it.state.NamedAt == turn.Seq { // by this very event
		it.state.Named, it.state.NamedAt = "", 0
	}
	if it.state.Ended == nil {
		it.state.Condition = Active
	}
	return nil
}

func (f *fold) birthFact(it *item, what string) trace.Fact {
	if it.state.Born == nil {
		return fact(it.id, what)
	}
	return factAt(it.id, what, it.state.Born.Seq)
}

// needsBirth is false for identifiers that circulate without one: logistic
// units, returnable assets, freight containers and vessels.
func needsBirth(uri string) bool {
	for _, prefix := range [...]string{
		"https://id.gs1.org/00/", "https://id.gs1.org/8003/", "urn:epc:id:bic:", "urn:epc:id:imovn:",
	} {
		if strings.HasPrefix(uri, prefix) {
			return false
		}
	}
	return true
}

func (f *fold) report() {
	if !f.noted {
		return
	}
	for problem, finding := range [len(f.tallies)]trace.Finding{
		bornTwice: {
			Code: CodeBornTwice,
			Next: "Give the new item a serial of its own. If the earlier birth was recorded by mistake, its author declares it wrong first.",
		},
		alreadyEnded: {
			Code: CodeEnded,
			Next: "Check the serial: this item was consumed, destroyed or taken out of use. If that was recorded by mistake, its author declares it wrong first.",
		},
		otherLot: {
			Code: CodeOtherLot,
			Next: "Name the item with the lot it was born with, or without a lot.",
		},
		bornAfterSeen: {
			Code: CodeBornAfterSeen,
			Next: "If this is old stock or a late record, nothing is to be done. If not, look at the earlier record: it named an item that did not exist.",
		},
		beforeEnd: {
			Code: CodeBeforeEnd,
			Next: "Record events as they happen. Whoever ended the item should check that it was this one.",
		},
		foreignLife: {
			Code: CodeForeignLife,
			Next: "No member vouches for this serial: ask the brand owner which of the records is about the genuine item.",
		},
		neverBorn: {
			Code: CodeUnborn,
			Next: "If it is old stock, keep its papers: its journey begins here. If not, ask whoever made it to record its birth, or check the serial.",
		},
	} {
		f.tallies[problem].found(f.hearing, finding)
	}
}

func lifecycleContract() Contract {
	return Contract{
		Rule: "C1", Version: 1, Name: "lifecycle", Kinds: []epcis.Kind{epcis.KindEvent, epcis.KindCustoms}, judge: (*hearing).lifecycle,
		Says: "An item is born once and ends once, after its end nothing happens to it, and its lot is fixed at birth. " +
			"Nothing is refused for lack of history: an item that is named before any record has, and not by its birth, is flagged. " +
			"An item whose prefix no member licenses is flagged where another would be refused. Only who recorded an event declares " +
			"it wrong, as far as its content tells which event is meant.",
		Source: "EPCIS 2.0, section 7.4",
		Reads:  []trace.Namespace{trace.NSItem},
		Writes: []trace.Namespace{trace.NSItem},
		Finds: []Declared{
			{CodeBornTwice, trace.Reject, "the item was born before"},
			{CodeEnded, trace.Reject, "the item's life has ended"},
			{CodeOtherLot, trace.Reject, "the item belongs to another lot"},
			{CodeBornAfterSeen, trace.Flag, "born after it was first named"},
			{CodeBeforeEnd, trace.Flag, "recorded after the item's end, happened before it"},
			{CodeCorrected, trace.Info, "an earlier event is declared wrong"},
			{CodeCorrectionOfOther, trace.Reject, "only its author may declare an event wrong"},
			{CodeOrphaned, trace.Flag, "a later event rests on what is declared wrong"},
			{CodeNothingCorrected, trace.Info, "declares an event wrong that began and ended no item's life"},
			{CodeForeignLife, trace.Flag, "the life of a foreign item does not fit"},
			{CodeUnborn, trace.Flag, "nobody recorded here how it came to be"},
		},
	}
}
