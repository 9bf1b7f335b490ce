package contracts

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// CodeSchemeMissing: goods are brought into being without the certificate that the
// network demands for them.
const CodeSchemeMissing uint32 = 2210 // REJECT; FLAG of foreign goods

// MandatoryKey is where the ledger keeps which schemes are mandatory for which goods,
// once the members have voted on one: the canonical CBOR of a [MandatoryState].
func MandatoryKey() trace.Key { return trace.Key{NS: trace.NSParam, ID: "mandatory"} }

// MandatoryState lists the mandatory schemes, by scheme. Its size is bounded.
type MandatoryState struct {
	Schemes []Mandatory `cbor:"1,keyasint"`
}

// Mandatory is a certification scheme without which certain goods are not brought
// into being.
type Mandatory struct {
	Scheme  string   `cbor:"1,keyasint"`
	HSCodes []string `cbor:"2,keyasint,omitempty"` // digits; a code includes all finer ones
	Classes []string `cbor:"3,keyasint,omitempty"` // canonical ids
	Since   int64    `cbor:"4,keyasint"`           // block time of the vote, Unix seconds; what happened before is free
}

const (
	maxMandatory      = 64  // schemes
	maxMandatoryGoods = 256 // codes and classes of one
)

// mandatoryOf reads what a proposal says of a scheme, and its fault, "" for none.
func mandatoryOf(s *epcis.GovernedScheme) (m Mandatory, fault string) {
	if m.Scheme = s.Scheme; m.Scheme == "" || len(m.Scheme) > 200 {
		return m, "name the scheme, in at most 200 bytes"
	}
	for _, text := range s.HSCodes {
		code := commodity(text)
		if code == "" {
			return m, fmt.Sprintf("%q is no commodity code", text)
		}
		m.HSCodes = append(m.HSCodes, code)
	}
	for _, text := range s.Classes {
		id := epcis.Canonical(text)
		if id.Level != epcis.Class {
			return m, text + " is no product class"
		}
		m.Classes = append(m.Classes, id.URI)
	}
	slices.Sort(m.HSCodes)
	slices.Sort(m.Classes)
	m.HSCodes, m.Classes = slices.Compact(m.HSCodes), slices.Compact(m.Classes)
	if len(m.HSCodes)+len(m.Classes) > maxMandatoryGoods {
		return m, fmt.Sprintf("it names more than %d codes and classes", maxMandatoryGoods)
	}
	return m, ""
}

// mandate makes a scheme mandatory for goods, or for none any more.
func (c *hearing) mandate(ch *change, s *epcis.GovernedScheme) error {
	var state MandatoryState
	if _, err := c.read(MandatoryKey(), &state); err != nil {
		return err
	}
	m, _ := mandatoryOf(s) // change has seen that it has no fault
	m.Since = c.block.Time.Seconds
	none := len(m.HSCodes)+len(m.Classes) == 0
	at, there := slices.BinarySearchFunc(state.Schemes, m, func(a, b Mandatory) int { return cmp.Compare(a.Scheme, b.Scheme) })
	switch {
	case none && !there:
		ch.fault = m.Scheme + " is not mandatory for anything"
	case !none && !there && len(state.Schemes) >= maxMandatory:
		ch.fault = fmt.Sprintf("%d schemes are mandatory", len(state.Schemes))
	}
	if ch.fault != "" {
		return nil
	}
	switch {
	case none:
		state.Schemes = slices.Delete(state.Schemes, at, at+1)
	case there:
		state.Schemes[at] = m
	default:
		state.Schemes = slices.Insert(state.Schemes, at, m)
	}
	ch.apply = func() error { return c.write(MandatoryKey(), state) }
	return nil
}

// readMandatory reads the mandatory schemes, once until governance changes something.
func (court *Court) readMandatory() error {
	if court.mandatoryRead {
		return nil
	}
	var s MandatoryState
	if _, err := court.read(MandatoryKey(), &s); err != nil {
		return err
	}
	court.mandatory, court.mandatoryRead = s.Schemes, true
	return nil
}

// mandatoryFor finds what the event brings into being without the certificates that are mandatory
// for it: of each such scheme one of those that hold is about the very thing.
func (c *hearing) mandatoryFor(e *epcis.Event, holding []heldCertificate) error {
	if err := c.readMandatory(); err != nil || len(c.mandatory) == 0 || e.Correction != nil {
		return err
	}
	if e.Type != epcis.TransformationEvent && !(e.Type == epcis.ObjectEvent && e.Action == epcis.Add) {
		return nil
	}
	var refused, flagged tally
	stated, batch := statedCommodity(e), trace.BirthLot(e)
	for _, t := range c.bornThings() {
		if !needsBirth(t.id.URI) {
			continue
		}
		described, err := c.commodityOf(t)
		if err != nil {
			return err
		}
		class, lot := t.id.Class().URI, c.lotOf(&t.id, batch)
		for i := range c.mandatory {
			m := &c.mandatory[i]
			if e.Time.Seconds < m.Since || !(class != "" && slices.Contains(m.Classes, class) || m.covers(stated) || m.covers(described)) {
				continue
			}
			if slices.ContainsFunc(holding, func(h heldCertificate) bool { return h.state.Scheme == m.Scheme && h.limits.Cover(t.id, lot) }) {
				continue
			}
			foreign, err := c.isForeign(t.id)
			if err != nil {
				return err
			}
			into := &refused
			if foreign {
				into = &flagged
			}
			into.add(fact(t.id.URI, "needs a certificate of "+m.Scheme))
		}
	}
	const title, next = "goods without the certificate that is mandatory for them",
		"Cite a certificate of the scheme that holds for these goods and this place (certificationInfo)."
	refused.found(c, trace.Finding{Severity: trace.Reject, Code: CodeSchemeMissing, Title: title, Next: next})
	flagged.found(c, trace.Finding{Severity: trace.Flag, Code: CodeSchemeMissing, Title: title, Next: next})
	return nil
}

// covers reports whether a commodity code is one of the codes or finer than one.
func (m *Mandatory) covers(code string) bool {
	return code != "" && slices.ContainsFunc(m.HSCodes, func(prefix string) bool { return strings.HasPrefix(code, prefix) })
}
