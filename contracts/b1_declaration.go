package contracts

import (
	"fmt"
	"strings"

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
//     declaration then stands as decided, and so do the goods that it named; what it
//     named and the declaration does not is of the declaration, with a FLAG.
//   - Lots and classes are divisible: parts of one lot stand in many declarations.
//   - Of a foreign item nobody here vouches for who may declare it: FLAG.
//   - A declaration may commit to its value without saying it (valueCommitment). What is
//     committed stands as long as the declaration does; one that is made again after
//     a withdrawal and commits to another value, or to none any more, is flagged.
//   - A number that has the form of an MRN is checked: its check digit, and that it
//     is of the authority's country. It is one in the world, whichever identifier it is
//     part of. Any other number is the country's own affair.
func (c *hearing) declaration() error {
	r := c.record.Customs
	if r == nil || r.Action != epcis.CustomsDeclared {
		return nil
	}
	c.numberForm(r)
	if n := len(r.Goods) + len(r.Quantities); n > maxDeclared {
		c.tooManyGoods(n)
		return nil
	}
	key, all := trace.DeclarationKey(r.MRN), c.declarations()
	before, err := all.of(key.ID)
	if err != nil {
		return err
	}
	if before != nil && !before.withdrawn() && (before.Declared != nil || before.Country != r.Country) {
		c.find(trace.Finding{
			Code:  CodeNumberTaken,
			Facts: []trace.Fact{factAt("status", string(before.Status), before.Since.Seq), fact("country", before.Country)},
			Next:  "Check the number. To correct a declaration withdraw it first, or ask the authority to.",
		})
		return nil
	}
	if taken, err := c.numberOfOther(r, all); err != nil || taken {
		return err
	}
	turn := c.customsTurn()
	state := DeclarationState{Country: r.Country, Status: ClearanceDeclared, Since: turn, Declared: &turn, Flow: r.Flow, HSCode: r.HSCode,
		Value: r.Commitment}
	c.valueKept(before, r)
	goods := state.divide()
	if before != nil && before.Declared == nil && !before.withdrawn() {
		c.decidedBefore(goods, before)
	}
	all.read[key.ID] = &state
	if err := c.declareGoods(all, key.ID, goods); err != nil {
		return err
	}
	return c.write(key, &state)
}

// decidedBefore has the goods of a declaration begin where the authority's word left
// them.
func (c *hearing) decidedBefore(goods *divided, before *DeclarationState) {
	var facts tally
	known := before.divide()
	if !before.unheard() && before.Status != ClearanceWithdrawn {
		*goods.rest = *known.rest
		facts.add(factAt("status", string(before.Status), before.Since.Seq))
	}
	for place, p := range known.at {
		if p.Status == ClearanceWithdrawn {
			continue
		}
		key := known.key(place)
		if p != known.rest {
			facts.add(factAt(key.ID, string(p.Status), p.Since.Seq))
			goods.name(key, p)
		} else {
			goods.name(key, goods.rest)
		}
	}
	facts.found(c, trace.Finding{Code: CodeDecidedBefore})
}

// declareGoods takes the goods of the record into the declaration, behind those that
// the authority decided on before it.
func (c *hearing) declareGoods(all declarations, id string, goods *divided) error {
	var taken, foreign, strange, crowded, flagged tally
	r, state := c.record.Customs, goods.state
	room, declares := true, map[string]bool{} // the ids that it names; never ranged over
	name := func(k trace.Key) {
		declares[k.ID] = true
		room = goods.name(k, goods.rest) && room
	}
	for i := range r.Goods {
		name(trace.ObjectKey(r.Goods[i]))
	}
	for i := range r.Quantities {
		if k := trace.QuantityKey(r.Quantities[i].Class); k.NS == trace.NSLot {
			name(k)
		}
	}
	if !room {
		c.tooManyGoods(maxDeclared + 1)
		return nil
	}
	for place, p := range goods.at {
		key := goods.key(place)
		if !declares[key.ID] {
			strange.add(factAt(key.ID, string(p.Status), p.Since.Seq))
		}
		if key.NS != trace.NSItem {
			continue
		}
		it, err := c.itemAt(key.ID)
		if err != nil {
			return err
		}
		open, err := all.naming(it, func(n naming) bool {
			return n.id != id && n.part.open() && customsTerritory(n.Country) == customsTerritory(state.Country)
		})
		if err != nil {
			return err
		}
		if open != nil {
			unlicensed, err := c.isForeign(epcis.Canonical(it.id))
			if err != nil {
				return err
			}
			into := &taken
			if unlicensed {
				into = &foreign
			}
			into.add(factAt(it.id, string(open.part.Status)+" under "+trace.PrintedID(open.id), open.part.Since.Seq))
		}
		if full, err := all.declare(it, id, false); err != nil {
			return err
		} else if full {
			unlicensed, err := c.isForeign(epcis.Canonical(it.id))
			if err != nil {
				return err
			}
			into := &crowded
			if unlicensed {
				into = &flagged
			}
			into.add(fact(it.id, fmt.Sprintf("in %d open declarations", len(it.state.Customs.Declarations))))
		}
		if p.locks() {
			it.setLocks(p)
		}
	}
	goods.join()
	taken.found(c, trace.Finding{
		Code: CodeDeclaredTwice,
		Next: "Wait until the authority has released the other declaration, or have it withdrawn.",
	})
	foreign.found(c, trace.Finding{
		Code: CodeForeignTwice,
		Next: "No member vouches for this serial: ask the authority which of the declarations is about it.",
	})
	const wait = "Wait until an authority has decided on one of the others, or have one withdrawn."
	crowded.found(c, trace.Finding{Code: CodeTooManyOpen, Severity: trace.Reject, Next: wait})
	flagged.found(c, trace.Finding{Code: CodeTooManyOpen, Severity: trace.Flag, Next: wait})
	strange.found(c, trace.Finding{
		Code: CodeDecidedNotDeclared,
		Next: "Ask the authority which goods it means. If they belong to it, withdraw the declaration and declare them as well.",
	})
	return nil
}

// valueKept flags a declaration that was withdrawn and commits to its value otherwise now.
func (c *hearing) valueKept(before *DeclarationState, r *epcis.Customs) {
	if before == nil || before.Declared == nil || before.Value == "" || before.Value == r.Commitment {
		return
	}
	now := r.Commitment
	if now == "" {
		now = "none"
	}
	c.find(trace.Finding{
		Code:  CodeValueChanged,
		Facts: []trace.Fact{factAt("value committed before", before.Value, before.Declared.Seq), fact("value committed", now)},
		Next:  "Have the declarant open both values, amount, currency and salt, and compare them with the invoice.",
	})
}

func (c *hearing) tooManyGoods(n int) {
	c.find(trace.Finding{
		Code:  CodeTooManyGoods,
		Facts: []trace.Fact{fact("goods", fmt.Sprint(n))},
		Next:  fmt.Sprintf("Name at most %d items, lots and classes: the containers or pallets instead of what they hold.", maxDeclared),
	})
}

// NumberState says which declaration has an MRN, in namespace number.
type NumberState struct {
	Declaration string `cbor:"1,keyasint"` // its key
}

// mrnOf is the number of a declaration, the last part of its identifier, and that in
// capitals, as an MRN is written.
func mrnOf(r *epcis.Customs) (printed, number string) {
	printed = r.MRN.URI[strings.LastIndexAny(r.MRN.URI, ":/=#")+1:]
	return printed, strings.ToUpper(printed)
}

// numberOfOther refuses an MRN that another declaration has, which was not withdrawn: its
// number is one in the world, in whichever identifier and letters it is written.
func (c *hearing) numberOfOther(r *epcis.Customs, all declarations) (bool, error) {
	_, number := mrnOf(r)
	if _, right := epcis.ReadMRN(number); !right {
		return false, nil
	}
	var state NumberState
	key, id := trace.Key{NS: trace.NSNumber, ID: number}, trace.DeclarationKey(r.MRN).ID
	known, err := c.read(key, &state)
	if err != nil || known && state.Declaration == id {
		return false, err
	}
	if known {
		other, err := all.of(state.Declaration)
		if err != nil {
			return false, err
		}
		if other != nil && other.Declared != nil && !other.withdrawn() {
			c.find(trace.Finding{
				Code:  CodeNumberTaken,
				Facts: []trace.Fact{factAt("declared as", state.Declaration, other.Declared.Seq), fact("country", other.Country)},
				Next:  "Check the number. To correct a declaration withdraw it first, or ask the authority to.",
			})
			return true, nil
		}
	}
	state.Declaration = id
	return false, c.write(key, &state)
}

// numberForm doubts a number that has the form of an MRN.
func (c *hearing) numberForm(r *epcis.Customs) {
	number, capitals := mrnOf(r)
	country, right := epcis.ReadMRN(capitals)
	if country == "" || right && country == r.Country && number == capitals {
		return
	}
	why := "wrong check digit"
	switch {
	case right && country != r.Country:
		why = "of " + country
	case right:
		why = "not in capitals"
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
			"at a time. A declaration that was withdrawn may be made again. A number of the form of an MRN is checked, and one in the world. A declaration may commit to its " +
			"value by a hash; one that commits otherwise when it is made again is flagged.",
		Source: "WCO Data Model; WCO SAFE Framework of Standards",
		Reads:  []trace.Namespace{trace.NSTransaction, trace.NSItem, trace.NSNumber},
		Writes: []trace.Namespace{trace.NSTransaction, trace.NSItem, trace.NSNumber},
		Finds: []Declared{
			{CodeNumberTaken, trace.Reject, "the number was declared before"},
			{CodeDeclaredTwice, trace.Reject, "an item is in another open declaration"},
			{CodeTooManyGoods, trace.Reject, "the declaration names too many goods"},
			{CodeTooManyOpen, trace.Reject, "an item is in too many open declarations"},
			{CodeTooManyOpen, trace.Flag, "a foreign item is in too many open declarations"},
			{CodeNumberDoubted, trace.Flag, "the MRN is doubtful"},
			{CodeValueChanged, trace.Flag, "another value is committed than before the declaration was withdrawn"},
			{CodeForeignTwice, trace.Flag, "a foreign item is in another open declaration"},
			{CodeDecidedNotDeclared, trace.Flag, "the authority decided on goods that the declaration does not name"},
			{CodeDecidedBefore, trace.Info, "the authority's decision was recorded before the declaration"},
		},
	}
}
