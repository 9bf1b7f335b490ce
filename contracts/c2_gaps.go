package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// A gapPolicy is what rules C2, C3 and C4 make of a custody gap: of a record by who is not
// known to hold a thing that another is known to hold, though no receipt that another member
// signed contradicts it. (What such a receipt contradicts these rules refuse under either.)
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

// finds adds to what a contract finds that it refuses its custody gap.
func (p gapPolicy) finds(gap uint32, title string, list []Declared) []Declared {
	if p == refuseGaps {
		at := slices.IndexFunc(list, func(d Declared) bool { return d.Code == gap })
		list = slices.Insert(list, at+1, Declared{gap, trace.Reject, title})
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
