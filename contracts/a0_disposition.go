package contracts

import (
	"strings"

	"github.com/waymark-ledger/waymark/trace"
)

// A0 persistent disposition. What holds of a thing from an event on (persistentDisposition) is
// said in an ObjectEvent or a TransformationEvent alone. The ratified schema takes it in the
// other types of events, too, so that these are valid and captured: it does nothing there
// (epcis.Event.Misplaced), recalls nobody's goods and ends no recall, and is flagged. A
// ruleset may refuse the event. That only customs write customs terms (A3) holds of it as well.
//
// An errorDeclaration repeats the event that it declares wrong, and is not judged.
func (c *hearing) persistentDisposition(p gapPolicy) error {
	e := c.record.Event
	if e == nil || e.Misplaced == nil || e.Correction != nil {
		return nil
	}
	f := trace.Finding{
		Code:  CodeMisplaced,
		Facts: []trace.Fact{fact("type", string(e.Type))},
		Next:  "Say it in an ObjectEvent about the same things. What holds at this event alone is its disposition.",
	}
	if p == refuseGaps && !c.corroborates {
		f.Severity = trace.Reject
	}
	for _, said := range [...]struct {
		name string
		list []string
	}{{"set", e.Misplaced.Set}, {"unset", e.Misplaced.Unset}} {
		if len(said.list) > 0 {
			f.Facts = append(f.Facts, fact(said.name, strings.Join(said.list, ", ")))
		}
	}
	c.find(f)
	return nil
}

func dispositionContract(p gapPolicy) Contract {
	return Contract{
		Rule: "A0", Version: p.version(), Name: "persistent disposition", Kinds: eventKind(),
		judge: func(c *hearing) error { return c.persistentDisposition(p) },
		Says: "What holds of a thing from an event on (persistentDisposition) is said in an ObjectEvent or a TransformationEvent alone. " +
			"In an event of another type, in which the schema takes it, it does nothing: it recalls nothing, and ends no recall. " +
			p.either("It is flagged there.", "The event is refused."),
		Source: "EPCIS 2.0, section 7.4 (persistentDisposition); gs1/EPCIS#440",
		Finds: p.finds([]Declared{
			{CodeMisplaced, trace.Flag, "a persistentDisposition in an event of another type"},
		}, Declared{CodeMisplaced, trace.Reject, "a persistentDisposition in an event of another type"}),
	}
}
