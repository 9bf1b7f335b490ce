package contracts

import (
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// A recall is for safety, so doubt about who signed keeps goods where they are:
//
//   - a recall that a compromised key signed is in force until its organisation ends it;
//     recalled again with a good key it is no longer doubtful,
//   - an end of a recall, or its errorDeclaration, by a compromised key ends nothing,
//     until the organisation ends the recall with a good key, or did so before anybody
//     knew of the compromise. What was moved after that
//     end and before anybody knew of the compromise is flagged, not refused. So it is
//     where such a key ended a recall for one item that came out of the recalled.

// effect is that of a recall that is in force.
type effect struct {
	// doubt is of the record that decides whether the recall is in force (the latest
	// word on it), where a compromised key signed that; nil else.
	doubt *trace.Fact
	// lift is that record where it would end the recall, and known since when it is
	// known that it does not: block time, Unix seconds.
	lift  *Turn
	known int64
}

// believed reports an event of when everybody thought that the recall had ended.
func (b *effect) believed(e *epcis.Event) bool {
	return b.lift != nil && !e.Time.Before(b.lift.Time()) && e.Time.Before(epcis.Instant{Seconds: b.known})
}

// effect is that of a recall of the thing with this id; nil where it has ended.
func (c *hearing) effect(id string, r *Recall) (*effect, error) {
	on, what := r.last()
	doubt, err := c.doubtful(claim{id, what + " by " + on.Organisation, on.Organisation, on.Seq})
	switch {
	case err != nil:
		return nil, err
	case r.Ended == nil:
		return &effect{doubt: doubt}, nil
	case doubt == nil:
		return nil, nil
	}
	if again := r.Confirmed; again != nil {
		lasting, err := c.doubtful(claim{id, "its recall ended by " + again.Organisation, again.Organisation, again.Seq})
		if err != nil || lasting == nil {
			return nil, err
		}
	}
	return c.lifted(on, doubt)
}

// lifted is the effect of a recall that an event ended, or ended for one thing, which a
// compromised key signed.
func (c *hearing) lifted(on *Turn, doubt *trace.Fact) (*effect, error) {
	b := &effect{doubt: doubt, lift: on}
	signer, _, err := c.signed(on.Seq)
	if err != nil {
		return nil, err
	}
	key, err := c.key(signer)
	if err != nil {
		return nil, err
	}
	intervals := key.state.Intervals
	_, b.known, err = c.signed(intervals[len(intervals)-1].FromSeq)
	return b, err
}

// bindingRecall is a recall that is in force, and how.
type bindingRecall struct {
	*Recall
	*effect
}

// bindingOf are those recalls of the thing with this id that are in force.
func (c *hearing) bindingOf(id string, recalls []Recall) (list []bindingRecall, err error) {
	for i := range recalls {
		r := &recalls[i]
		b, err := c.effect(id, r)
		if err != nil {
			return nil, err
		}
		if b != nil {
			list = append(list, bindingRecall{r, b})
		}
	}
	return list, nil
}

// recallsBinding are the recalls in force of a thing, lot or class.
func (c *hearing) recallsBinding(k trace.Key) ([]bindingRecall, error) {
	recalls, err := c.recallsAt(k)
	if err != nil {
		return nil, err
	}
	return c.bindingOf(k.ID, recalls)
}

// bind has a recall in force lock what is used, unless everybody thought then that it
// had ended.
func (c *hearing) bind(u *lockedUse, r bindingRecall, f trace.Fact) {
	c.rely(r.doubt)
	if !r.believed(c.record.Event) {
		u.add(CodeRecalled, f, c.precedes(&r.By))
	}
}

// mayBind reports whether recalls of an item's serial may be in force: they lock it, but
// for those that a compromised key ended, of which only their own state tells.
func (c *hearing) mayBind(it *item) (bool, error) {
	if it.lockedBy(CodeRecalled) != nil {
		return true, nil
	}
	err := c.readCompromised()
	return len(c.compromises) > 0, err
}

// rely notes that the record is judged by a recall, and what is doubtful about it. One
// record recalls many things: it is noted once.
func (c *hearing) rely(doubt *trace.Fact) {
	if doubt == nil || c.doubtfulRecalls[*doubt.Seq] {
		return
	}
	if c.doubtfulRecalls == nil {
		c.doubtfulRecalls = map[uint64]bool{}
	}
	c.doubtfulRecalls[*doubt.Seq] = true
	c.recalledInDoubt.add(*doubt)
}

// recalledItem adds the recalls of an item's serial that a compromised key ended, and
// notes those in force that such a key signed.
func (c *hearing) recalledItem(u *lockedUse, it *item) error {
	if may, err := c.mayBind(it); err != nil || !may {
		return err
	}
	list, err := c.recallsBinding(trace.Key{NS: trace.NSItem, ID: it.id})
	if err != nil {
		return err
	}
	for _, r := range list {
		if r.lift == nil {
			c.rely(r.doubt) // it locks the item
			continue
		}
		c.bind(u, r, factAt(it.id, "recalled by "+r.By.Organisation, r.By.Seq))
	}
	return nil
}

// reliesOnRecalls flags what the contracts before it have relied on.
func (c *hearing) reliesOnRecalls() error {
	c.recalledInDoubt.found(c, trace.Finding{
		Code: CodeRestsOnRecall,
		Next: "Ask the organisation to recall the goods again, or to end the recall, with a good key. Until then the recall is in force.",
	})
	return nil
}

func recallsOfCompromisedContract() Contract {
	return Contract{
		Rule: "A7", Version: 1, Name: "recalls of a compromised key", Kinds: []epcis.Kind{epcis.KindEvent, epcis.KindAcknowledgement},
		judge: (*hearing).reliesOnRecalls,
		Says: "A recall that a compromised key signed stays in force, and one that such a key ended or declared wrong is in force " +
			"again, also of one item that came out of what is recalled, until its organisation recalls the goods anew, or ends the recall, with a good key. Who is judged by such a " +
			"recall, or answers it, is flagged. What was moved while everybody thought that the recall had ended is flagged alone.",
		Source: "RFC 5280, section 5.3.2 (invalidity date); GS1 Product Recall",
		Finds: []Declared{
			{CodeRestsOnRecall, trace.Flag, "rests on a recall, or the end of one, that was signed with a compromised key"},
		},
	}
}
