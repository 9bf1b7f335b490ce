package contracts

import (
	"fmt"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// F2 impossible travel. Between the readPoint where an item was seen last and the
// one where it is seen now lies a great-circle distance, and between the two
// eventTimes a time. Faster than its means of transport goes is flagged: mostly a
// clock or a scan is wrong, sometimes one serial is on two things. How fast it goes
// the network's parameters allow: roadSpeed, seaSpeed, or airSpeed where the means
// is not known, or two that differ.
//
// The means counts only when both events state it: our transportMode (UN/ECE
// Recommendation 19: 1 maritime, 3 road, 4 air) or our vessel. freeDistance is free, for
// places are not points. An item is compared whichever of the two events was
// recorded first; the later one by eventTime stays its last sighting. A readPoint
// whose position the ledger does not know is passed over. The event that an
// errorDeclaration of the same author takes back is a sighting no more.
func (c *hearing) travel() error {
	e := c.record.Event
	if e == nil {
		return nil
	}
	if e.Correction != nil {
		return c.serialised(e, func(it *item) error {
			if it.state.LastSeen != nil && c.declaredWrong(&it.state.LastSeen.Turn) {
				it.state.LastSeen, it.changed = nil, true
			}
			return nil
		})
	}
	if e.ReadPoint.IsZero() {
		return nil
	}
	here, err := c.readPoint()
	if err != nil {
		return err
	}
	now := c.coder.shelf.sightings.take()
	*now = Sighting{Turn: *c.turn(), Place: here.mark, Position: here.position, Mode: modeOf(e)}
	var fast tally
	var way way // the items of one record are mostly seen together
	err = c.serialised(e, func(it *item) error {
		last := it.state.LastSeen
		if last != nil && last.Turn.Seq == now.Turn.Seq { // named twice
			return nil
		}
		if last != nil && last.Position != nil && here.position != nil {
			if far, took, limit := way.between(c, last, now); c.tooFast(far, took, limit) {
				fast.add(factAt(it.id, fmt.Sprintf("%d km in %d s (at most %d km/h), seen before at %s",
					far/1000, took, limit, last.Turn.Time()), last.Turn.Seq))
			}
		}
		if last == nil || last.Position == nil && here.position != nil ||
			(here.position != nil || last.Position == nil) && !e.Time.Before(last.Turn.Time()) {
			it.state.LastSeen, it.changed = now, true
		}
		return nil
	})
	fast.found(c, trace.Finding{
		Code: CodeTooFast,
		Next: "Check the clock and the place of both events. If they are right, one of the things is not the genuine item.",
	})
	return err
}

// A way is the distance that was measured last.
type way struct {
	from, to trace.Position
	metres   int64
}

// between is the way from one sighting to another, in metres, the seconds between
// them, whichever came first, and the speed limit in km/h.
func (w *way) between(c *hearing, s, now *Sighting) (far, took, limit int64) {
	limit = c.fastest(modeUnknown)
	if s.Mode == now.Mode {
		limit = c.fastest(s.Mode)
	}
	if w.from != *s.Position || w.to != *now.Position {
		*w = way{*s.Position, *now.Position, metres(*s.Position, *now.Position)}
	}
	return w.metres, abs(now.Turn.Seconds - s.Turn.Seconds), limit
}

// tooFast: beyond what is free, further than the limit allows in the time.
func (c *hearing) tooFast(far, took, limit int64) bool {
	took = min(took, 1_000_000_000) // thirty years: no overflow
	return (far-int64(c.limits.FreeDistance))*3600 > limit*1000*took
}

// mode is a means of transport. It stands in states: a number keeps its meaning.
type mode uint8

const (
	modeUnknown mode = 0
	modeRoad    mode = 1
	modeSea     mode = 2
	modeAir     mode = 3
)

// fastest is how fast a means of transport goes, in km/h.
func (c *hearing) fastest(m mode) int64 {
	switch m {
	case modeRoad:
		return int64(c.limits.RoadSpeed)
	case modeSea:
		return int64(c.limits.SeaSpeed)
	}
	return int64(c.limits.AirSpeed)
}

func modeOf(e *epcis.Event) mode {
	switch textOf(ours(e.Extensions, "transportMode")) {
	case "1":
		return modeSea
	case "3":
		return modeRoad
	case "4":
		return modeAir
	}
	if ours(e.Extensions, "vessel") != nil {
		return modeSea
	}
	return modeUnknown
}

func travelContract() Contract {
	return Contract{
		Rule: "F2", Version: 1, Name: "impossible travel", Kinds: []epcis.Kind{epcis.KindEvent}, judge: (*hearing).travel,
		Says: "An item is not seen at two places between which nothing goes so fast. The network's parameters say how fast: " +
			"by road 130 km/h unless they say otherwise, by sea 60, by air, or by means unknown, 1100.",
		Source: "practice of anti-counterfeiting (scan geography); RFC 5870 (geo URI)",
		Reads:  []trace.Namespace{trace.NSItem, trace.NSPlace},
		Writes: []trace.Namespace{trace.NSItem},
		Finds:  []Declared{{CodeTooFast, trace.Flag, "seen too far away too soon"}},
	}
}
