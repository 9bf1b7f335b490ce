package contracts

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// K5 recall. A recall is an event with the disposition `recalled` (CBV 2.0,
// section 7.2), plain or in persistentDisposition.set, about serials, lots or
// product classes. It binds when its author licenses the GS1 company prefix of
// the thing, or is a customs authority or a certifier. Anyone else's `recalled`
// binds nobody and is flagged, unless a recall is in force that it follows.
//
//   - While a recall is in force, shipping, retail_selling and dispensing of the
//     serial, of anything of the lot fixed at its birth, and of anything of the class
//     is refused, but for the way out of the market (below).
//   - What happened before the recall and is recorded after it is flagged.
//   - A recall of a class may be limited to ranges of serials (our serials): see
//     k5_serials.go.
//   - The author of a recall ends it by an event about the same serial, lot or
//     class with `recalled` in persistentDisposition.unset, the CBV's own way to
//     say that a disposition no longer applies. A recall of a serial ends by
//     naming the serial, one of a lot by naming the lot.
//   - An errorDeclaration by the same author undoes a recall, or its end. Where it had
//     recalled the thing again meanwhile, that recall stands.
//   - What a compromised key signed of it (rule A7) frees nothing: a7_recalls.go.
//   - Foreign things, whose prefix no member licenses, are never refused: flagged.
//
// The way out of the market, for shipping: to the party that recalled
// (destinationList, owning_party or possessing_party); under a return
// authorisation (bizTransaction type rma); or with a disposition that says where
// it goes: recalled, returned, destroyed, disposed. Selling has none. Steps that
// neither ship nor sell (holding, storing, destroying, receiving) stay free.
//
//   - What ships or sells a container, or an assembly, ships or sells what is in it, which nobody
//     has to name: serials that are recalled, and of lots and classes that are. Where
//     serials of a class are recalled and the state counts others of the class, and
//     where it does not know all that is inside, it is flagged (inside.go).
//
// Nothing is written to what was made of the recalled, nor to what a container
// holds: a journey finds the recall through its closure. What leaves a recalled
// container stays under its recall (k5_left.go), until that ends, or whoever made it
// ends it for that item alone, by naming it when it is not recalled itself.
func (c *hearing) recall() error {
	e := c.record.Event
	if e == nil {
		return nil
	}
	recalls, ends := disposed(e, "recalled"), slices.Contains(e.Unset, dispRecalled)
	if (recalls || ends) && e.Correction == nil && c.serialsUnclear(e) {
		return nil
	}
	if e.Correction != nil {
		if recalls || ends {
			if err := c.withdrawRecall(e); err != nil {
				return err
			}
		}
		return c.keepRecalls(e)
	}
	if recalls {
		if err := c.declareRecall(e); err != nil {
			return err
		}
	} else if ends {
		if err := c.endRecall(e); err != nil {
			return err
		}
	}
	if step(e, "shipping") || sells(e) {
		if err := c.movesRecalled(e); err != nil {
			return err
		}
	}
	return c.keepRecalls(e)
}

const dispRecalled = epcis.NamespaceCBV + "Disp-recalled"

// RecallState is the state of the recalls of a serial, lot or class (namespace
// recall). Its size is bounded.
type RecallState struct {
	Recalls []Recall `cbor:"1,keyasint"` // one of an organisation, and of the same serials
}

// Recall is one organisation's recall, and its end.
type Recall struct {
	By Turn `cbor:"1,keyasint"`
	// Ended is the event that lifts it, or the one that declares it wrong: that has the
	// eventID of By.
	Ended *Turn `cbor:"2,keyasint,omitempty"`
	// Affirmed is the recall made again, after a compromised key signed By or an end, or the
	// one that stands since By was declared wrong.
	Affirmed *Turn `cbor:"3,keyasint,omitempty"`
	// Confirmed is another event that would lift it, after Ended did and with another key:
	// it counts where a compromised key signed Ended (A7).
	Confirmed *Turn `cbor:"4,keyasint,omitempty"`
	// Again are later recalls while this one was in force, the first maxLater of them.
	Again []Turn `cbor:"5,keyasint,omitempty"`
	// Serials are the ranges of a class that it is limited to ([trace.Serials]); none: all.
	Serials []string `cbor:"6,keyasint,omitempty"`
}

// later has a recall made again stand in the place of the one that is declared wrong; false
// for none. What left a container meanwhile knows the recall by its seq, which stays.
func (r *Recall) later() bool {
	if r.Affirmed == nil || r.Affirmed.Event == r.By.Event {
		next := nextLater(&r.Again)
		if next == nil {
			return false
		}
		r.Affirmed = next
	}
	seq := r.By.Seq
	r.By = *r.Affirmed
	r.By.Seq = seq
	return true
}

// withdrawn reports a recall that was declared wrong.
func (r *Recall) withdrawn() bool {
	return r.Ended != nil && r.Ended.Event == r.By.Event && r.By.Event != eventMark("")
}

// last is the latest word on a recall, and what it says.
func (r *Recall) last() (*Turn, string) {
	switch {
	case r.withdrawn():
		return r.Ended, "its recall declared wrong"
	case r.Ended != nil:
		return r.Ended, "its recall ended"
	case r.Affirmed != nil:
		return r.Affirmed, "recalled again"
	}
	return &r.By, "recalled"
}

// maxRecalls bounds a RecallState: the brand owner and the authorities that
// recalled the same thing.
const maxRecalls = 16

// of is the organisation's recall of these serials, nil when it made none.
func (s *RecallState) of(organisation string, serials []string) *Recall {
	for i := range s.Recalls {
		if r := &s.Recalls[i]; r.By.Organisation == organisation && slices.Equal(r.Serials, serials) {
			return r
		}
	}
	return nil
}

// firstEnded is where the first recall stands that is not in force; -1 for none.
func (c *hearing) firstEnded(id string, s *RecallState) (int, error) {
	for i := range s.Recalls {
		if b, err := c.effect(id, &s.Recalls[i]); err != nil || b == nil {
			return i, err
		}
	}
	return -1, nil
}

// inForce reports whether a recall is.
func (c *hearing) inForce(id string, s *RecallState) (bool, error) {
	for i := range s.Recalls {
		if b, err := c.effect(id, &s.Recalls[i]); err != nil || b != nil {
			return b != nil, err
		}
	}
	return false, nil
}

// putInForce has the signer recall the thing with this id. Its recall that has ended
// gives way; one about which something is doubtful is made anew, and any other is remembered
// to be made again. False when there is no
// room.
func (c *hearing) putInForce(id string, s *RecallState, serials []string, anew *tally) (bool, error) {
	turn := c.turn()
	r := s.of(turn.Organisation, serials)
	if r == nil {
		if len(s.Recalls) == maxRecalls {
			at, err := c.firstEnded(id, s)
			if err != nil || at < 0 {
				return false, err
			}
			s.Recalls = slices.Delete(s.Recalls, at, at+1)
		}
		s.Recalls = append(s.Recalls, Recall{By: *turn, Serials: serials})
		return true, nil
	}
	b, err := c.effect(id, r)
	switch {
	case err != nil:
		return false, err
	case b == nil:
		*r = Recall{By: *turn, Serials: serials}
	case b.doubt != nil:
		anew.add(*b.doubt)
		r.Ended, r.Confirmed, r.Affirmed = nil, nil, turn
	default:
		addLater(&r.Again, *turn)
	}
	return true, nil
}

// recallable is what a recall, or its end, is about: of a transformation what it
// made.
func (c *hearing) recallable() []thing {
	if c.record.Event.Type != epcis.TransformationEvent {
		return c.things()
	}
	return c.outputs()
}

func (c *hearing) declareRecall(e *epcis.Event) error {
	var bound, idle, anew, full tally
	var limit []string
	for _, t := range c.recallable() {
		serials := c.serialsOf(t)
		var state RecallState
		if _, err := c.read(t.of(trace.NSRecall), &state); err != nil {
			return err
		}
		entitled, err := c.mayRecall(t.id)
		if err != nil {
			return err
		}
		if entitled {
			room, err := c.putInForce(t.id.URI, &state, serials, &anew)
			if err != nil {
				return err
			}
			if !room {
				full.add(factAt(t.id.URI, fmt.Sprintf("%d recalls are in force", len(state.Recalls)), state.Recalls[0].By.Seq))
				continue
			}
		}
		if !entitled {
			switch bound, err := c.inForce(t.id.URI, &state); {
			case err != nil:
				return err
			case !bound:
				idle.add(fact(t.id.URI, "recalled by "+c.signer.ID))
			}
			continue
		}
		bound.add(fact(string(t.key.NS), t.id.URI))
		if len(serials) > 0 {
			limit = serials
		}
		if err := c.putRecall(t, &state); err != nil {
			return err
		}
	}
	if limit != nil {
		bound.facts = append([]trace.Fact{fact("serials", strings.Join(limit, ", "))}, bound.facts...)
	}
	bound.found(c, trace.Finding{
		Code: CodeRecalled,
		Next: "Do not ship or sell it but on its way back or to destruction. Whoever recalled ends the recall by an event with recalled in persistentDisposition.unset.",
	})
	full.found(c, trace.Finding{
		Code: CodeRecallsFull,
		Next: "Name the ranges of serials together in one recall, recall what is wider, or end a recall that is over. Then record this one again.",
	})
	anew.found(c, trace.Finding{Code: CodeRecallAnew})
	idle.found(c, trace.Finding{
		Code: CodeRecallOfOthers,
		Next: "It binds nobody. Ask the brand owner, or the authority, to record the recall.",
	})
	return nil
}

// mayRecall: the licensee of the prefix, or an authority.
func (c *hearing) mayRecall(id epcis.ID) (bool, error) {
	if c.isAuthority() {
		return true, nil
	}
	licensee, err := c.licensee(id)
	return licensee == c.signer.ID, err
}

// putRecall keeps the recalls of a thing, and the lock of a serial in step.
func (c *hearing) putRecall(t thing, state *RecallState) error {
	it, err := c.item(&t.id)
	if err != nil {
		return err
	}
	if it != nil {
		binds, err := c.inForce(t.id.URI, state)
		if err != nil {
			return err
		}
		if binds {
			it.lock(CodeRecalled, c.position.Seq)
		} else {
			it.unlock(CodeRecalled)
		}
		if ended := !binds && len(state.Recalls) > 0; ended != it.state.Recalled {
			it.state.Recalled, it.changed = ended, true
		}
	}
	return c.write(t.of(trace.NSRecall), state)
}

func (c *hearing) endRecall(e *epcis.Event) error {
	var ended, none, anew tally
	turn := c.turn()
	for _, t := range c.recallable() {
		var state RecallState
		if _, err := c.read(t.of(trace.NSRecall), &state); err != nil {
			return err
		}
		var b *effect
		r := state.of(c.signer.ID, c.serialsOf(t))
		if r != nil {
			var err error
			if b, err = c.effect(t.id.URI, r); err != nil {
				return err
			}
		}
		if b == nil && r != nil {
			if err := c.confirmEnd(t, &state, r); err != nil {
				return err
			}
		}
		if b == nil {
			freed, err := c.freed(t.id, &ended, &anew)
			if err != nil {
				return err
			}
			if !freed {
				none.add(fact(string(t.key.NS), t.id.URI))
			}
			continue
		}
		if b.lift != nil {
			anew.add(*b.doubt)
		}
		ended.add(factAt(t.id.URI, "recalled at "+r.By.Time().String(), r.By.Seq))
		r.Ended, r.Confirmed = turn, nil
		if err := c.putRecall(t, &state); err != nil {
			return err
		}
	}
	ended.found(c, trace.Finding{Code: CodeRecallEnded})
	anew.found(c, trace.Finding{Code: CodeRecallAnew})
	none.found(c, trace.Finding{
		Code: CodeNoRecallToEnd,
		Next: "Who recalled a thing ends its recall, naming the same serial, lot or class.",
	})
	return nil
}

// confirmEnd remembers that the signer ends its recall of a thing once more, with another
// key than signed the end. A second end by the same key says nothing: the key was
// compromised by then, if it was by the first.
func (c *hearing) confirmEnd(t thing, state *RecallState, r *Recall) error {
	if r.Confirmed != nil {
		doubt, err := c.doubtful(claim{t.id.URI, "its recall ended by " + r.Confirmed.Organisation, r.Confirmed.Organisation, r.Confirmed.Seq})
		if err != nil || doubt == nil {
			return err
		}
	}
	signer, _, err := c.signed(r.Ended.Seq)
	if err != nil || signer == c.position.Signer {
		return err
	}
	r.Confirmed = c.turn()
	return c.write(t.of(trace.NSRecall), state)
}

// withdrawRecall undoes what an event of the same author did to recalls.
func (c *hearing) withdrawRecall(e *epcis.Event) error {
	var undone, anew tally
	for _, t := range c.recallable() {
		if err := c.notFreed(t.id, &undone); err != nil {
			return err
		}
		var state RecallState
		if _, err := c.read(t.of(trace.NSRecall), &state); err != nil {
			return err
		}
		for i := range state.Recalls {
			r := &state.Recalls[i]
			if r.By.Organisation != c.signer.ID {
				continue
			}
			changed, err := c.undoRecall(t, r, &undone, &anew)
			if err != nil {
				return err
			}
			if changed {
				if err := c.putRecall(t, &state); err != nil {
					return err
				}
			}
		}
	}
	anew.found(c, trace.Finding{Code: CodeRecallAnew})
	undone.found(c, trace.Finding{Code: CodeRecallWithdrawn})
	return nil
}

// undoRecall undoes what the event that is declared wrong did to one recall of the signer,
// and reports whether it did anything.
func (c *hearing) undoRecall(t thing, r *Recall, undone, anew *tally) (bool, error) {
	if was := dropLater(c, &r.Again); was != nil {
		undone.add(factAt(t.id.URI, "not recalled once more", was.Seq))
		if !c.declaredWrong(&r.By) {
			return true, nil
		}
	}
	seq := r.By.Seq
	switch {
	case c.declaredWrong(&r.By) && r.later():
		undone.add(factAt(t.id.URI, "recalled by a later record", seq))
	case c.declaredWrong(&r.By):
		b, err := c.effect(t.id.URI, r)
		if err != nil {
			return false, err
		}
		if b == nil && r.withdrawn() {
			return false, nil
		}
		if b != nil && b.lift != nil {
			anew.add(*b.doubt)
		}
		undone.add(factAt(t.id.URI, "never recalled", r.By.Seq))
		r.Ended, r.Confirmed = c.turn(), nil
	case c.declaredWrong(r.Ended):
		undone.add(factAt(t.id.URI, "recalled again", r.Ended.Seq))
		r.Ended, r.Confirmed = nil, nil
	case c.declaredWrong(r.Confirmed):
		undone.add(factAt(t.id.URI, "its end not said again", r.Confirmed.Seq))
		r.Confirmed = nil
	case c.declaredWrong(r.Affirmed):
		undone.add(factAt(t.id.URI, "no longer recalled again", r.Affirmed.Seq))
		r.Affirmed = nil
	default:
		return false, nil
	}
	return true, nil
}

func recallContract() Contract {
	return Contract{
		Rule: "K5", Version: 1, Name: "recall", Kinds: []epcis.Kind{epcis.KindEvent}, judge: (*hearing).recall,
		Says: "What its brand owner, customs or a certifier have recalled, by serial with all that is in it, lot, class, or range of a class's serials (wm:serials), is neither shipped, sold nor dispensed " +
			"but on its way out of the market, until whoever recalled it ends the recall. What comes out of a recalled container stays under the recall until then, " +
			"or until whoever made it frees that item alone, and what came out after an end that is declared wrong is under it again; where an amount of a lot comes out, so does what the signer has of the lot. An assembly is under the recalls of a component that came out so, and stays under them. Anyone else's recall binds nobody. " +
			"A container is shipped or sold with all that is in it, known by serial, lot or class; that some serials of a class inside are recalled, and that more is inside than the ledger looks into, is flagged. " +
			"Foreign things are flagged, never refused.",
		Source: "CBV 2.0, section 7.2 (recalled); GS1 Product Recall",
		Reads:  append(bondStates(), trace.NSBalance),
		Writes: []trace.Namespace{trace.NSRecall, trace.NSItem, trace.NSBalance},
		Finds: []Declared{
			{CodeRecalled, trace.Lock, "recalled"},
			{CodeRecallOfOthers, trace.Flag, "says recalled, and may not recall"},
			{CodeMovesRecalled, trace.Reject, "ships or sells what is recalled"},
			{CodeMovedBefore, trace.Flag, "moved before the recall, recorded after it"},
			{CodeRecallEnded, trace.Info, "a recall has ended"},
			{CodeNoRecallToEnd, trace.Flag, "ends no recall of its author"},
			{CodeRecallWithdrawn, trace.Info, "a recall, or its end, is declared wrong"},
			{CodeMovesForeign, trace.Flag, "ships or sells a foreign thing that is recalled"},
			{CodeRecalledReturned, trace.Info, "takes what is recalled out of the market"},
			{CodeRecallAnew, trace.Info, "takes the place of a recall, or of its end, that was signed with a compromised key"},
			{CodeLeavesRecalled, trace.Lock, "leaves a container that is recalled, and stays under the recall"},
			{CodeSerialsUnclear, trace.Reject, "limits a recall to serials that do not read"},
			{CodeRecallsFull, trace.Reject, "so many recalls of one thing are in force that no other is kept"},
			{CodeRecallsForgotten, trace.Flag, "leaves more recalls than an item remembers"},
			{CodeHoldsUnseen, trace.Flag, "ships or sells what holds more than was looked into"},
			{CodeHoldsInRange, trace.Flag, "some serials are recalled of a class that is inside"},
		},
	}
}
