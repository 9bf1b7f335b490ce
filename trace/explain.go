package trace

import (
	"errors"
	"fmt"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
)

// Explanation is the reasoning behind a recorded verdict, for who has to act on
// it: what was signed, what each rule found, and which records it rested on.
type Explanation struct {
	Record   Mention     `json:"record"`
	Ruleset  string      `json:"ruleset,omitempty"` // the name of the one that judged it
	Findings []Explained `json:"findings"`          // in the order of the verdict
}

// Mention names a record in passing: what it says, who signed it, when it was
// recorded.
type Mention struct {
	Seq       uint64         `json:"seq"`
	Height    uint64         `json:"height"`
	Time      epcis.Instant  `json:"time"` // block time
	Kind      epcis.Kind     `json:"kind"`
	What      string         `json:"what"`                // a short phrase: "commissioning of serial A1"
	EventTime *epcis.Instant `json:"eventTime,omitempty"` // of what says when it happened, as its author claims it
	Signer    Signatory      `json:"signer"`
	Rejected  bool           `json:"rejected"`
}

// Signatory is who signed a record.
type Signatory struct {
	Address      string `json:"address"`      // EIP-55
	Organisation string `json:"organisation"` // canonical id, "" when the ledger did not know the key
	Name         string `json:"name,omitempty"`
}

// Explained is a finding with what the rule means and the records it rested on.
type Explained struct {
	Finding
	RuleName string     `json:"ruleName,omitempty"` // a word or two: "lifecycle"
	Meaning  string     `json:"meaning,omitempty"`  // what the rule demands, in sentences
	Facts    []Grounded `json:"facts"`              // instead of the finding's own
}

// Grounded is a fact with the record it was read from, nil where it came from
// the judged record itself or from genesis.
type Grounded struct {
	Fact
	Record *Mention `json:"record,omitempty"`
}

// Words are what an explanation takes from elsewhere.
type Words struct {
	// Organisation is the name of an organisation, "" for none.
	Organisation func(id string) (string, error)
	// Rule is a rule's name and what it demands, in the finding's version; both
	// empty for a rule that is not known here.
	Rule func(f *Finding) (name, says string)
	// Ruleset is the name of the one that judged a height, "" where nobody knows it any more.
	Ruleset func(height uint64) (string, error)
}

// Explain says why the record at seq was judged as it was. r is the ledger;
// ErrUnknown when it has no such record.
func Explain(r interface {
	Record(seq uint64) (*Recorded, error)
}, seq uint64, words Words) (*Explanation, error) {
	judged, err := r.Record(seq)
	if err != nil {
		return nil, err
	}
	record, err := mention(judged, words)
	if err != nil {
		return nil, err
	}
	ruleset, err := words.Ruleset(record.Height)
	if err != nil {
		return nil, err
	}
	e := &Explanation{Record: *record, Ruleset: ruleset, Findings: make([]Explained, len(judged.Findings))}
	read := map[uint64]*Mention{seq: record}
	for i := range judged.Findings {
		f := &judged.Findings[i]
		x := Explained{Finding: *f, Facts: make([]Grounded, len(f.Facts))}
		x.RuleName, x.Meaning = words.Rule(f)
		for j, fact := range f.Facts {
			x.Facts[j].Fact = fact
			if fact.Seq == nil {
				continue
			}
			m := read[*fact.Seq]
			if m == nil {
				earlier, err := r.Record(*fact.Seq)
				if errors.Is(err, ErrUnknown) { // no answer about seq, but a ledger that does not hold together
					return nil, fmt.Errorf("record %d rests on record %d, which is not there", seq, *fact.Seq)
				}
				if err != nil {
					return nil, err
				}
				if m, err = mention(earlier, words); err != nil {
					return nil, err
				}
				read[*fact.Seq] = m
			}
			x.Facts[j].Record = m
		}
		e.Findings[i] = x
	}
	return e, nil
}

func mention(r *Recorded, words Words) (*Mention, error) {
	m := &Mention{Seq: r.Seq, Height: r.Height, Time: r.Time, Kind: r.Kind, Rejected: r.Rejected(),
		Signer: Signatory{Address: r.Signer, Organisation: r.Organisation}}
	var err error
	if m.Signer.Name, err = words.Organisation(r.Organisation); err != nil {
		return nil, err
	}
	record := r.Decoded
	if record == nil {
		if record, err = epcis.Decode(r.Kind, r.Bytes); err != nil { // which only a refused record's bytes can fail
			m.What = "a record that cannot be read"
			return m, nil
		}
	}
	switch {
	case record.Event != nil:
		t := record.Event.Time
		m.What, m.EventTime = eventPhrase(record.Event), &t
	case record.Certificate != nil:
		m.What = certificatePhrase(record.Certificate)
	case record.MasterData != nil:
		m.What = "master data of " + shortID(record.MasterData.ID.URI)
		if name := record.MasterData.Name; name != "" {
			m.What += ", " + name
		}
	case record.Acknowledgement != nil:
		a := record.Acknowledgement
		m.What, m.EventTime = acknowledgementPhrase(a), &a.Time
	case record.Customs != nil:
		c := record.Customs
		m.What, m.EventTime = customsPhrase(c), &c.Time
	case record.Governance != nil:
		m.What = governancePhrase(record.Governance)
	default:
		m.What = "a record of the kind " + string(r.Kind)
	}
	return m, nil
}

// eventPhrase is an event in a few words: "packing of serial A1 and 3 more into
// SSCC 095211020000000017".
func eventPhrase(e *epcis.Event) string {
	what := words(e.BizStep)
	if what == "" {
		what = strings.TrimSpace(string(e.Type) + " " + string(e.Action))
	}
	if d := dispositions(e.Disposition, e.Set, e.Unset); d != "" {
		what += " (" + d + ")"
	}
	things := namedThings(e.EPCs, e.Quantities) + namedThings(e.Children, e.ChildQuantities)
	switch from, to := namedThings(e.Inputs, e.InputQuantities), namedThings(e.Outputs, e.OutputQuantities); {
	case to != "" && from != "":
		things = to + " from " + from
	case to != "" || from != "":
		things = to + from
	}
	if things != "" {
		what += " of " + things
	}
	if !e.Parent.IsZero() {
		switch parent := shortID(e.Parent.URI); e.Action {
		case epcis.Add:
			what += " into " + parent
		case epcis.Delete:
			what += " out of " + parent
		default:
			what += " in " + parent
		}
	}
	if e.Correction != nil {
		what = "the declaration that an earlier event was wrong: " + what
	}
	return what
}

// namedThings is the first of the things and how many more there are, "" for none.
func namedThings(ids []epcis.ID, quantities []epcis.Quantity) string {
	first := ""
	switch {
	case len(ids) > 0:
		first = shortID(ids[0].URI)
	case len(quantities) > 0:
		first = shortID(quantities[0].Class.URI)
		if a := quantities[0].Amount; a != nil {
			first = quantityText(a.String(), quantities[0].Unit) + " of " + first
		}
	}
	if more := len(ids) + len(quantities) - 1; more > 0 {
		first += fmt.Sprintf(" and %d more", more)
	}
	return first
}

func certificatePhrase(c *epcis.Certificate) string {
	action := c.Action
	switch action {
	case "issue":
		action = "the issue"
	case "revoke":
		action = "the revocation"
	}
	return action + " of certificate " + shortID(c.ID.URI)
}
