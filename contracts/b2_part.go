package contracts

import (
	"fmt"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// decidedOn is what a decision is on: places of goods, and what has no place.
type decidedOn struct {
	places []int
	rest   bool
	named  bool // by the decision; else it is on all that is open
}

// doubts are, of the parts of a declaration, the decisions that a compromised key signed.
// They are looked up, never ranged over.
type doubts map[*Part]*trace.Fact

// doubts finds the decisions that a new one may take the place of. A withdrawal takes the
// place of none.
func (c *hearing) doubts(id string, goods *divided, now *Part) (doubts, error) {
	if now.Status == ClearanceWithdrawn {
		return nil, nil
	}
	found := doubts{}
	for _, p := range goods.parts() {
		doubt, err := c.doubtfulDecision(id, goods.state.Country, p)
		if err != nil {
			return nil, err
		}
		if doubt != nil {
			found[p] = doubt
		}
	}
	return found, nil
}

// decidable reports goods that a decision which names none is on.
func (d doubts) decidable(p *Part) bool { return p.open() || d[p] != nil }

// undecided are the places of goods that a decision which names none is on.
func (d *divided) undecided(doubts doubts) (places []int) {
	for place, p := range d.at {
		if doubts.decidable(p) {
			places = append(places, place)
		}
	}
	return places
}

// decidedOn finds out what a decision is on. It reports false, and finds why, where the
// declaration does not have what the decision names. Of one that nobody recorded the
// goods are those that the authority names.
func (c *hearing) decidedOn(goods *divided, r *epcis.Customs, doubts doubts) (on decidedOn, ok bool) {
	if len(r.Goods) == 0 {
		on.places = goods.undecided(doubts)
		on.rest = goods.left() && doubts.decidable(goods.rest)
		return on, true
	}
	on.named = true
	var strange tally
	for i := range r.Goods {
		key := trace.ObjectKey(r.Goods[i])
		if goods.state.Declared == nil && !goods.name(key, goods.rest) {
			c.find(trace.Finding{
				Code:  CodeTooManyNamed,
				Facts: []trace.Fact{fact("goods", fmt.Sprint(len(goods.at)+1))},
				Next:  fmt.Sprintf("A declaration has at most %d items and lots. Decide on all of it.", maxDeclared),
			})
			return on, false
		}
		place := goods.place(key.ID)
		if place < 0 {
			strange.add(fact(string(key.NS), key.ID))
			continue
		}
		on.places = append(on.places, place)
	}
	strange.found(c, trace.Finding{
		Code: CodeNotOfDeclaration,
		Next: "Name goods as the declaration does, a container and not what is in it, or name none: the decision is then on all that is open.",
	})
	return on, strange.n == 0
}

// inTurn reports whether a decision follows from where the goods stand that it is on,
// and finds that it does not. One that is dated before what it follows is found, too.
func (c *hearing) inTurn(goods *divided, on decidedOn, now *Part, doubts doubts) bool {
	var wrong, early, anew tally
	var stuck ClearanceStatus
	seen := map[*Part]bool{} // never ranged over
	test := func(name string, p *Part) {
		first := !seen[p]
		seen[p] = true
		switch {
		case p == goods.rest && goods.state.unheard(): // nobody knows how it stood
			return
		case doubts[p] != nil:
			if first {
				anew.add(*doubts[p])
			}
		case !follows(p.Status, now.Status):
			if stuck == "" {
				stuck = p.Status
			}
			if first || on.named {
				wrong.add(factAt(name, string(p.Status), p.Since.Seq))
			}
		}
		if first && now.Since.Time().Before(p.Since.Time()) {
			early.add(factAt(string(p.Status), p.Since.Time().String(), p.Since.Seq))
		}
	}
	if on.rest || len(on.places) == 0 {
		test("status", goods.rest)
	}
	for _, place := range on.places {
		name := goods.key(place).ID
		if !on.named && goods.at[place] == goods.rest {
			name = "status"
		}
		test(name, goods.at[place])
	}
	if wrong.n > 0 {
		next := nextInTurn(stuck)
		if !on.named && len(seen) > 1 {
			next = "The goods do not stand alike: name those that the decision is on."
		}
		wrong.found(c, trace.Finding{Code: CodeNotInTurn, Facts: []trace.Fact{fact("decision", c.record.Customs.Action)}, Next: next})
		return false
	}
	anew.found(c, trace.Finding{Code: CodeDecidedAnew})
	early.found(c, trace.Finding{Code: CodeDatedBack, Next: "Check the time of both records."})
	return true
}

// decidedInPart tells of a declaration whose goods do not stand alike what the decision
// was on, and how the others stand.
func (c *hearing) decidedInPart(goods *divided, on decidedOn, now *Part) {
	counts := map[*Part]int{} // never ranged over
	for _, p := range goods.at {
		counts[p]++
	}
	if counts[now] == len(goods.at) {
		return
	}
	facts := tally{n: 1, facts: []trace.Fact{fact(string(now.Status), fmt.Sprintf("%d of %d", len(on.places), len(goods.at)))}}
	for _, p := range goods.parts() {
		if p != now && counts[p] > 0 {
			facts.add(factAt(string(p.Status), fmt.Sprintf("%d of %d", counts[p], len(goods.at)), p.Since.Seq))
		}
	}
	c.find(trace.Finding{Code: CodeInPart, Facts: facts.facts})
}
