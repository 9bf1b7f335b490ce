package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// A gapPolicy is what rules C2, C3 and C4 make of a custody gap: of a record by who is not
// known to hold a thing that another is known to hold, though no receipt that another member
// signed contradicts it. (What such a receipt contradicts these rules refuse under either.)
// It is also what is made of a hand-over, or a persistentDisposition (A0), that does not say
// what it must.
type gapPolicy int

const (
	// flagGaps flags it. Whoever signed first may have forgotten to record a hand-over.
	flagGaps gapPolicy = iota
	// refuseGaps refuses it, for networks whose members record every hand-over:
	//
	//   - of a thing that was born here, and of a logistic unit of a member, which needs no
	//     birth. Of any other thing, and of what circulates, it is a FLAG: nothing is refused
	//     for lack of history.
	//   - where the holder's own birth or receipt says that it holds it, or the container
	//     that it is in. What a shipment claims to hold, without either, refuses nobody.
	//   - of what happened when the holder had it already. What is recorded late, of before
	//     then, is a FLAG.
	//   - also where a step of handing over hands nothing over, because it names other
	//     parties than its author; but for the same bytes of another party, which corroborate.
	//
	// Nor does it take the half of a hand-over, of the same things and of a lot that was born
	// here, whoever holds them: a shipment names its author as its source and who is to receive,
	// a receipt no other than its author as its destination, and one of more of a lot than is on
	// its way to the author the source who would have to answer for it (rule C5).
	refuseGaps
)

// version is that of the contracts with this policy: one rule judges differently under each.
func (p gapPolicy) version() uint32 { return uint32(p) + 1 }

// either is what a contract says under the one policy, or under the other.
func (p gapPolicy) either(flags, refuses string) string {
	if p == refuseGaps {
		return refuses
	}
	return flags
}

// finds adds to what a contract finds what it refuses, each behind the flag that it is else.
func (p gapPolicy) finds(list []Declared, refused ...Declared) []Declared {
	if p == refuseGaps {
		for _, r := range refused {
			at := slices.IndexFunc(list, func(d Declared) bool { return d.Code == r.Code })
			list = slices.Insert(list, at+1, r)
		}
	}
	return list
}

// A gap is the custody gaps of one event: what is flagged, and what is refused.
type gap struct{ flagged, refused tally }

// add notes an item that another holds, by itself or as the unit that it is in.
func (g *gap) add(c *hearing, p gapPolicy, it, unit *item, f trace.Fact) error {
	if p == refuseGaps && c.contradicts(it, unit) {
		return c.refuse(&g.refused, &g.flagged, it, f)
	}
	g.flagged.add(f)
	return nil
}

// contradicts reports whether what the ledger knows of an item, and of the unit that it is
// in, contradicts that the author has it in hand.
func (c *hearing) contradicts(it, unit *item) bool {
	held, own := unit.state.Custody, it.state.Custody
	if held == nil || held.Holder == "" || held.Holder == c.signer.ID {
		return false
	}
	if !held.Signed && own != nil && own.Holder == held.Holder {
		held = own // the unit is only claimed, by who has the item
	}
	bornHere := it.state.Born != nil || !needsBirth(it.id)
	return bornHere && held.Signed && c.record.Event.Time.Seconds >= held.Time
}

// found reports both, each with what to do now.
func (g *gap) found(c *hearing, code uint32, flagged, refused string) {
	g.refused.found(c, trace.Finding{Severity: trace.Reject, Code: code, Next: refused})
	g.flagged.found(c, trace.Finding{Code: code, Next: flagged})
}

// names finds that a hand-over does not name its parties as it must: a flag, or a refusal where
// the event is about what was born here.
func (c *hearing) names(p gapPolicy, e *epcis.Event, f trace.Finding) error {
	if p == refuseGaps && !c.corroborates {
		var born tally
		if err := c.bornHere(e, &born); err != nil {
			return err
		}
		if born.n > 0 {
			f.Severity = trace.Reject
			f.Facts = append(f.Facts, born.facts...)
		}
	}
	c.find(f)
	return nil
}

// bornHere lists what an event names of which the ledger has the birth, and logistic units of
// members, which need none.
func (c *hearing) bornHere(e *epcis.Event, born *tally) error {
	for _, list := range [...][]epcis.ID{e.EPCs, {e.Parent}, e.Children} {
		for i := range list {
			it, err := c.item(&list[i])
			if err != nil {
				return err
			}
			if it == nil {
				if err := c.lotBornHere(list[i], born); err != nil {
					return err
				}
				continue
			}
			var others tally // foreign, and what circulates
			switch birth := it.state.Born; {
			case birth != nil:
				err = c.refuse(born, &others, it, factAt(it.id, "born here", birth.Seq))
			case !needsBirth(it.id):
				err = c.refuse(born, &others, it, fact(it.id, "a member's logistic unit"))
			}
			if err != nil {
				return err
			}
		}
	}
	for _, list := range [...][]epcis.Quantity{e.Quantities, e.ChildQuantities} {
		for i := range list {
			if err := c.lotBornHere(list[i].Class, born); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *hearing) lotBornHere(lot epcis.ID, born *tally) error {
	if lot.Level != epcis.Lot {
		return nil
	}
	if foreign, err := c.isForeign(lot); err != nil || foreign {
		return err
	}
	whole, err := c.account(wholeLot(lot))
	if err == nil && whole.state.Births > 0 {
		born.add(fact(lot.URI, "born here"))
	}
	return err
}

// refusesFrom reports whether a receipt of more of a lot than is on its way is refused: of a lot
// that was born here, from nobody who could answer for it.
func (r *receipt) refusesFrom(sender, lot string) (bool, error) {
	if r.policy != refuseGaps || sender != "" || r.corroborates {
		return false, nil
	}
	var born tally
	err := r.lotBornHere(epcis.Canonical(lot), &born)
	return born.n > 0, err
}

// handsNothing reports whether an event of a step of handing over hands nothing over for its
// author: rules C3, C4 and C6 say so, and move nothing.
func (c *hearing) handsNothing(e *epcis.Event) (bool, error) {
	switch {
	case c.corroborates && e.BizStep != stepVoidShipping:
		return false, nil
	case e.BizStep == stepShipping:
		from, to, problem, err := c.parties(e)
		return problem != "" || from != c.signer.ID || from == to, err
	case receives(e):
		destination, n := possessing(e.Destinations)
		if n != 1 {
			return false, nil
		}
		to, err := c.organisationOf(destination)
		return to != c.signer.ID, err
	}
	return true, nil // a void
}

// ownsCase reports whether the author owns the case that an event cites: it settles what
// another holds.
func (c *hearing) ownsCase(e *epcis.Event) (bool, error) {
	id, ok := ParseCaseID(extension(e, "case")[0])
	if !ok {
		return false, nil
	}
	k, err := c.caseOf(id)
	return err == nil && k.known && k.state.Owner == c.signer.ID, err
}
