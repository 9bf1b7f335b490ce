package contracts

import (
	"fmt"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// maxDeclared bounds the goods of a declaration, and so the state it leaves.
const maxDeclared = 256

// B1 declaration. A customs declaration has a number of its own (MRN), and an item
// is in one open declaration of a customs territory at a time: whoever declares it
// again has to wait for the authority's release, or for a withdrawal.
//
//   - A number that was withdrawn may be declared again: that is how a declaration
//     is corrected.
//   - A decision of the authority may be recorded before the declaration. The
//     declaration then stands as decided.
//   - Lots and classes are divisible: parts of one lot stand in many declarations.
//   - Of a foreign item nobody here vouches for who may declare it: FLAG.
//   - A number that has the form of an MRN is checked: its check digit, and that it
//     is of the authority's country. Any other number is the country's own affair.
func (c *hearing) declaration() error {
	r := c.record.Customs
	if r == nil || r.Action != epcis.CustomsDeclared {
		return nil
	}
	c.numberForm(r)
	if n := len(r.Goods) + len(r.Quantities); n > maxDeclared {
		c.find(trace.Finding{
			Code:  CodeTooManyGoods,
			Facts: []trace.Fact{fact("goods", fmt.Sprint(n))},
			Next:  fmt.Sprintf("Name at most %d items, lots and classes: the containers or pallets instead of what they hold.", maxDeclared),
		})
		return nil
	}
	key, all := trace.DeclarationKey(r.MRN), c.declarations()
	before, err := all.of(key.ID)
	if err != nil {
		return err
	}
	if before != nil && before.Status != ClearanceWithdrawn && (before.Declared != nil || before.Country != r.Country) {
		c.find(trace.Finding{
			Code:  CodeNumberTaken,
			Facts: []trace.Fact{factAt("status", string(before.Status), before.Since.Seq), fact("country", before.Country)},
			Next:  "Check the number. To correct a declaration withdraw it first, or ask the authority to.",
		})
		return nil
	}
	turn := c.customsTurn()
	state := DeclarationState{Country: r.Country, Status: ClearanceDeclared, Since: turn, Declared: &turn, Flow: r.Flow}
	if before != nil && before.Declared == nil && before.Status != ClearanceWithdrawn {
		state.Status, state.Since = before.Status, before.Since
		c.find(trace.Finding{
			Code:  CodeDecidedBefore,
			Facts: []trace.Fact{factAt("status", string(state.Status), state.Since.Seq)},
		})
	}
	all.read[key.ID] = &state
	if err := c.declareGoods(all, key.ID, &state); err != nil {
		return err
	}
	return c.write(key, state)
}

func (c *hearing) declareGoods(all declarations, id string, state *DeclarationState) error {
	var taken, foreign tally
	for _, named := range c.record.Customs.Goods {
		it, err := c.item(named)
		if err != nil {
			return err
		}
		if it == nil {
			continue
		}
		other, open, err := all.naming(it, func(other string, s *DeclarationState) bool {
			return other != id && s.open() && customsTerritory(s.Country) == customsTerritory(state.Country)
		})
		if err != nil {
			return err
		}
		if open != nil {
			strange, err := c.isForeign(named)
			if err != nil {
				return err
			}
			into := &taken
			if strange {
				into = &foreign
			}
			into.add(factAt(it.id, string(open.Status)+" under "+trace.PrintedID(other), open.Since.Seq))
		}
		if err := all.declare(it, id); err != nil {
			return err
		}
		state.Goods = append(state.Goods, it.id)
		if state.locks() {
			it.setLocks(state)
		}
	}
	taken.found(c, trace.Finding{
		Code: CodeDeclaredTwice,
		Next: "Wait until the authority has released the other declaration, or have it withdrawn.",
	})
	foreign.found(c, trace.Finding{
		Code: CodeForeignTwice,
		Next: "No member vouches for this serial: ask the authority which of the declarations is about it.",
	})
	return nil
}

// numberForm doubts a number that has the form of an MRN.
func (c *hearing) numberForm(r *epcis.Customs) {
	number := trace.PrintedID(r.MRN.URI)
	country, right := epcis.ReadMRN(number)
	if country == "" || right && country == r.Country {
		return
	}
	why := "wrong check digit"
	if right {
		why = "of " + country
	}
	c.find(trace.Finding{
		Code:  CodeNumberDoubted,
		Facts: []trace.Fact{fact("MRN", number), fact("why", why), fact("country", r.Country)},
		Next:  "Compare it with the authority's notice. If it is a typing error, withdraw the declaration and declare it again.",
	})
}

func declarationContract() Contract {
	return Contract{
		Rule: "B1", Version: 1, Name: "customs declaration", Kinds: []epcis.Kind{epcis.KindCustoms}, judge: (*hearing).declaration,
		Says: "A customs declaration has a number of its own, and an item is in one open declaration of a customs territory " +
			"at a time. A declaration that was withdrawn may be made again. A number of the form of an MRN is checked.",
		Source: "WCO Data Model; WCO SAFE Framework of Standards",
		Reads:  []trace.Namespace{trace.NSTransaction, trace.NSItem},
		Writes: []trace.Namespace{trace.NSTransaction, trace.NSItem},
		Finds: []Declared{
			{CodeNumberTaken, trace.Reject, "the number was declared before"},
			{CodeDeclaredTwice, trace.Reject, "an item is in another open declaration"},
			{CodeTooManyGoods, trace.Reject, "the declaration names too many goods"},
			{CodeNumberDoubted, trace.Flag, "the MRN is doubtful"},
			{CodeForeignTwice, trace.Flag, "a foreign item is in another open declaration"},
			{CodeDecidedBefore, trace.Info, "the authority's decision was recorded before the declaration"},
		},
	}
}
