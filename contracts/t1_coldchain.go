package contracts

import (
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// T1 cold chain. A shipment binds temperature limits to what it moves (t1_bind.go): those
// that the shipping event states itself (our extension temperatureLimits), else those
// in the master data of the product's lot or class. From its eventTime to the
// receipt every temperature that an event about the same item or lot reports is
// held to them, device by device; the device that was outside longest counts.
//
//   - Outside longer than the limits allow: the item or lot is locked as
//     non_conformant. So it is where the limits state a maxMeanKinetic and the mean kinetic
//     temperature from the first report to the receipt is above it (t1_kinetic.go): that
//     is judged at the receipt, since a mean may come down until then. What is shipped on with
//     limits of its own before anybody received it ends its leg so.
//   - At the receipt (steps receiving and accepting): conformant, or unknown when
//     there is no report or T2 doubts one. That is said of the shipment that bound the limits;
//     what was locked before it stays so, and an unknown verdict names that lock: if that is
//     taken back, this still holds.
//   - What is unpacked from a locked container (AggregationEvent DELETE that names
//     it), from something in it, or leaves it otherwise, is locked with it: sensors
//     travel in containers, and nothing is written to what nobody names. What was in
//     there when it was emptied at once is judged as locked when it is used.
//     An amount of a lot that is unpacked so locks the lot. Of amounts in what is emptied
//     at once nobody says which they were: they are not locked.
//   - The lock is lifted by whoever bound the limits, the licensee of the prefix or
//     an authority, who has inspected the goods and finds them conformant (step
//     inspecting, disposition conformant). Items of a locked lot are locked with it
//     (lock_lot.go); one that is inspected by itself is free. Such an inspection settles what
//     was doubtful before it, too.
//   - An errorDeclaration by the same author takes back the time that its event
//     added, as far as the state remembers it, and the shipment that bound limits
//     takes them along: the limits before it bind again, and what was reported meanwhile
//     counts for neither. So does an unpacking what it locked, and an inspection its release:
//     the goods are locked again if what broke their cold chain still does, and no other
//     inspection found them conformant (t1_inspect.go). The rest is judged anew, also after
//     the receipt (t1_anew.go).
//
// A class alone, without lot or serial, has no cold chain. A later shipment with limits
// that moves the goods starts anew; the lock stays.
func (c *hearing) coldChain() error {
	if c.record.MasterData != nil {
		c.limitsUnread(c.record.MasterData)
		return nil
	}
	e := c.record.Event
	if e == nil {
		return nil
	}
	if e.Correction != nil {
		return c.takeBackReports(e)
	}
	if len(c.cold) > 0 {
		if err := c.judgeChains(); err != nil {
			return err
		}
	}
	if !step(e, "shipping") && ours(e.Extensions, "temperatureLimits") != nil {
		c.find(trace.Finding{
			Code: CodeLimitsUnbound, Facts: []trace.Fact{fact("bizStep", e.BizStep)},
			Next: "State them in the event that ships the goods (shipping), or in the master data of the product.",
		})
	}
	if err := c.inheritCold(e); err != nil {
		return err
	}
	if step(e, "inspecting") && disposed(e, "conformant") {
		return c.releaseCold(e)
	}
	return nil
}

// coldChains finds those of what the event is about, and begins them at a shipment.
// Only events that ship, receive, void or report temperatures have any.
func (c *hearing) coldChains(e *epcis.Event) error {
	ships := step(e, "shipping")
	if !ships && e.Sensors == nil && !receives(e) && e.BizStep != stepVoidShipping {
		return nil
	}
	var stated *trace.TemperatureLimits
	if v := ours(e.Extensions, "temperatureLimits"); v != nil && ships {
		limits, err := c.temperatureLimits(v)
		if err != nil {
			c.cold = append(c.cold, &coldChain{invalid: err})
		}
		stated = limits
	}
	described := map[trace.Key]*trace.TemperatureLimits{}
	for _, t := range c.things() {
		if t.key.NS != trace.NSItem && t.key.NS != trace.NSLot {
			continue
		}
		chain := &coldChain{thing: t}
		found, err := c.readCold(t, &chain.state)
		if err != nil {
			return err
		}
		if ships {
			limits := stated
			if limits == nil {
				if limits, err = c.describedLimits(t, described); err != nil {
					return err
				}
			}
			if limits != nil {
				bound, err := c.bindLimits(chain, *limits)
				if err != nil {
					return err
				}
				if found = found || bound; !bound && stated != nil {
					c.cold = append(c.cold, &coldChain{thing: thing{id: t.id}, unbound: true})
				}
			}
		}
		if found && !chain.state.Void {
			c.cold = append(c.cold, chain)
		}
	}
	return nil
}

// limitsUnread flags master data whose limits would silently be none.
func (c *hearing) limitsUnread(m *epcis.MasterData) {
	for _, a := range m.Attributes {
		if !isOurs(a.ID, "temperatureLimits") {
			continue
		}
		if _, err := c.temperatureLimits(a.Value); err != nil {
			c.find(trace.Finding{
				Code: CodeLimitsInvalid, Facts: []trace.Fact{fact("reason", err.Error())},
				Next: "Record the master data again with limits that read: goods are shipped without any until then.",
			})
			return
		}
	}
}

// readCold reads the state of a thing's cold chain. An item's own state says
// whether there is one, so that a thousand warm ones cost nothing.
func (c *hearing) readCold(t thing, state *ColdChainState) (bool, error) {
	if t.key.NS == trace.NSItem {
		it, err := c.item(&t.id)
		if err != nil || !it.state.Chilled {
			return false, err
		}
	}
	if t.key.NS == trace.NSLot {
		lot, err := c.lotCold(t.key)
		if err != nil || !lot.found {
			return false, err
		}
		*state = lot.state
		state.Devices, state.Excursions = slices.Clone(state.Devices), slices.Clone(state.Excursions)
		state.Told, state.Doubts = slices.Clone(state.Told), slices.Clone(state.Doubts)
		return true, nil
	}
	return c.read(t.of(trace.NSColdChain), state)
}

// describedLimits are those of the lot's master data, which an item may be born as of, else
// the class's.
func (c *hearing) describedLimits(t thing, known map[trace.Key]*trace.TemperatureLimits) (*trace.TemperatureLimits, error) {
	lot := t.key
	if t.key.NS == trace.NSItem {
		it, err := c.item(&t.id)
		if err != nil {
			return nil, err
		}
		lot = trace.Key{NS: trace.NSLot, ID: c.lotOfThing(t.id, it)}
	}
	for _, k := range [...]trace.Key{lot, {NS: trace.NSClass, ID: t.id.Class().URI}} {
		if k.ID == "" {
			continue
		}
		limits, ok := known[k]
		if !ok {
			d, err := c.described(k)
			if err != nil {
				return nil, err
			}
			if d != nil && d.Temperatures != nil {
				limits = d.Temperatures
				if err := c.relies(k, d, "its temperature limits"); err != nil {
					return nil, err
				}
			}
			known[k] = limits
		}
		if limits != nil {
			return limits, nil
		}
	}
	return nil, nil
}

// judgeChains comes to the verdicts, after T2 has folded the reports.
func (c *hearing) judgeChains() error {
	var broken, outside, conformant, unknown, unbound, before tally
	turn := c.turn()
	for _, chain := range c.cold {
		if chain.invalid != nil {
			c.find(trace.Finding{
				Code:  CodeLimitsInvalid,
				Facts: []trace.Fact{fact("reason", chain.invalid.Error())},
				Next:  "Declare the shipment wrong and record it again with limits that read.",
			})
			continue
		}
		if chain.unbound {
			unbound.add(fact("thing", chain.thing.id.URI))
			continue
		}
		s, id := &chain.state, chain.thing.id.URI
		if chain.ended && s.Broken == nil && s.Before.exceeded() {
			s.Broken = turn
			s.Before.excess(id, &broken)
			if err := c.lockCold(chain.thing.id); err != nil {
				return err
			}
		}
		total := s.total(id)
		received := s.Received != nil && (s.Received.Seq == turn.Seq && !chain.voided || chain.late)
		switch {
		case s.exceeded():
			if s.Broken == nil {
				s.Broken, chain.changed = turn, true
				s.excess(id, &broken)
				if err := c.lockCold(chain.thing.id); err != nil {
					return err
				}
			}
		case received && s.unknown():
			unknown.add(total)
			if s.Broken != nil {
				before.add(factAt(id, "locked before that, and still", s.Broken.Seq))
			}
		case received:
			conformant.add(total)
		case chain.added > 0:
			outside.add(total)
		}
		if chain.changed {
			if err := c.write(chain.thing.of(trace.NSColdChain), s); err != nil {
				return err
			}
		}
	}
	broken.found(c, trace.Finding{
		Code: CodeNonConformant,
		Next: nextNonConformant,
	})
	conformant.found(c, trace.Finding{Code: CodeConformant})
	unknown.facts = append(unknown.facts, before.facts...)
	unknown.found(c, trace.Finding{
		Code: CodeColdUnknown,
		Next: nextColdUnknown,
	})
	outside.found(c, trace.Finding{Code: CodeOutsideTheLimit})
	unbound.found(c, trace.Finding{
		Code: CodeLimitsUnbound,
		Next: "If the goods did move, record the shipment again once it is recorded how its author came to hold them, from source to destination (possessing_party).",
	})
	return nil
}

// total is how long a thing was outside, and how long it may be.
func (s *ColdChainState) total(id string) trace.Fact {
	return factAt(id, fmt.Sprintf("%d s outside, %d allowed", s.worst()/1000, s.Limits.MaxOutside), s.Bound.Seq)
}

// excess says by what the limits are exceeded.
func (s *ColdChainState) excess(id string, broken *tally) {
	if s.worst() > s.Limits.MaxOutside*1000 {
		broken.add(s.total(id))
	}
	if k := s.tooWarm(); k != nil {
		broken.add(factAt(id, s.kineticText(k), s.Bound.Seq))
	}
}

const (
	nextNonConformant = "Hold the goods. The shipper, the brand owner or an authority inspects them and records conformant, or they are destroyed."
	nextColdUnknown   = "Ask the carrier for the logger's data, or inspect the goods and record conformant or non_conformant."
)

func (c *hearing) lockCold(id epcis.ID) error {
	it, err := c.item(&id)
	if it != nil {
		it.lock(CodeNonConformant, c.position.Seq)
	}
	return err
}

func coldChainContract() Contract {
	return Contract{
		Rule: "T1", Version: 1, Name: "cold chain", Kinds: []epcis.Kind{epcis.KindEvent, epcis.KindMasterData}, judge: (*hearing).coldChain,
		Says: "What is shipped with temperature limits is not outside them, from shipment to receipt, for longer than they allow " +
			"all together, and its mean kinetic temperature up to the receipt (USP <1079>, 83.144 kJ/mol, weighted by time) is not above " +
			"the maxMeanKinetic that they may state; what is shipped on before it is received is judged up to that. Otherwise it is locked as non_conformant, and so is what is unpacked from it, and the lot of which " +
			"an amount is, until the shipper, the brand owner or an authority has inspected it. Such an inspection settles what was doubtful, too. A shipment that moves the goods (C3) " +
			"begins anew, with its own limits. One of what another holds, or of what is on its way already, moves nothing: the " +
			"limits before it stay, and the time outside them counts on; nor does a receipt end it by who does not hold it then. Who " +
			"holds amounts of a lot nobody knows: there a shipment by the brand owner begins anew, by who set the limits before, and " +
			"by who is known to have had some of it; and the receipt by who it was shipped to ends it. Once reports are " +
			"declared wrong, it is judged anew from the others; once the inspection is, it is locked again if they still break it.",
		Source: "practice of good distribution (GDP) and HACCP: limits are the product owner's; EPCIS 2.0, section 7.3.7",
		Reads:  append(bondStates(), trace.NSClass, trace.NSLot),
		Writes: []trace.Namespace{trace.NSColdChain, trace.NSItem},
		Finds: []Declared{
			{CodeNonConformant, trace.Lock, "its temperature limits were not kept"},
			{CodeConformant, trace.Info, "received within its temperature limits"},
			{CodeColdUnknown, trace.Flag, "nobody can say whether the temperature limits were kept"},
			{CodeLimitsInvalid, trace.Flag, "the temperature limits cannot be read"},
			{CodeColdReleased, trace.Info, "inspected and found conformant"},
			{CodeColdInherited, trace.Lock, "comes out of a container whose temperature limits were not kept"},
			{CodeColdWithdrawn, trace.Info, "temperature reports, or limits, are declared wrong"},
			{CodeColdKept, trace.Flag, "an unpacking is declared wrong, and so many unpacked amounts of the lot that it stays locked"},
			{CodeColdMixed, trace.Flag, "reports are declared wrong that others of the same device have followed: what is doubtful stays so"},
			{CodeOutsideTheLimit, trace.Info, "outside its temperature limits, within the time allowed"},
			{CodeLimitsUnbound, trace.Info, "the event does not ship and move the goods, and its temperature limits bind nothing"},
		},
	}
}
