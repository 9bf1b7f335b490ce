package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// ClearanceStatus is where a customs declaration stands (rule B2).
type ClearanceStatus string

// The statuses. Released, seized and withdrawn are ends.
const (
	ClearanceDeclared   ClearanceStatus = "declared"
	ClearanceInspecting ClearanceStatus = "inspecting"
	ClearanceReleased   ClearanceStatus = "released"
	ClearanceHeld       ClearanceStatus = "held"
	ClearanceSeized     ClearanceStatus = "seized"
	ClearanceWithdrawn  ClearanceStatus = "withdrawn"
)

// DeclarationState is the canonical state of a customs declaration, at its
// transaction key. The goods bound its size: there are at most maxDeclared of them,
// and each stands in one part at most.
type DeclarationState struct {
	Country  string          `cbor:"1,keyasint"`            // of the authority
	Status   ClearanceStatus `cbor:"2,keyasint"`            // of what does not stand apart
	Since    Turn            `cbor:"3,keyasint"`            // the record that gave the status
	Declared *Turn           `cbor:"4,keyasint,omitempty"`  // nil while the authority's word alone is recorded
	Flow     string          `cbor:"5,keyasint,omitempty"`  // "import", "export" or "transit"
	Goods    []string        `cbor:"6,keyasint,omitempty"`  // canonical ids of the items declared, each once
	Lots     []string        `cbor:"7,keyasint,omitempty"`  // and of the lots
	Apart    []Part          `cbor:"8,keyasint,omitempty"`  // goods that stand otherwise than Status says
	HSCode   string          `cbor:"9,keyasint,omitempty"`  // the commodity declared
	Value    string          `cbor:"10,keyasint,omitempty"` // commitment to the value declared
}

// ItemCustoms is what customs have to do with an item.
type ItemCustoms struct {
	Declarations []string  `cbor:"1,keyasint,omitempty"` // keys of those that name it, in the order in which they were recorded
	At           *Crossing `cbor:"2,keyasint,omitempty"` // where it was when it last departed or arrived
}

// maxDeclarationsOfItem bounds an item's state. Crossing a border sheds those that
// have served.
const maxDeclarationsOfItem = 8

// Crossing is the event that brought an item into a country, and what was before,
// so that its author can declare it wrong.
type Crossing struct {
	Country string   `cbor:"1,keyasint"`
	By      Turn     `cbor:"2,keyasint"`
	From    string   `cbor:"3,keyasint,omitempty"`
	Served  []string `cbor:"4,keyasint,omitempty"` // declarations that the item shed
}

// BorderState is how a customs authority takes goods that cross its border without
// a declaration, at [trace.BorderKey].
type BorderState struct {
	Policy string `cbor:"1,keyasint"` // "flag", "reject" or "off"
	Seq    uint64 `cbor:"2,keyasint"` // of the record that says so
	// Before are the settings that it took the place of, in order, the latest of them: one
	// of those holds where a compromised key set this one (A7).
	Before []GateSetting `cbor:"3,keyasint,omitempty"`
}

// GateSetting is what an authority said of its gate.
type GateSetting struct {
	_      struct{} `cbor:",toarray"`
	Policy string
	Seq    uint64
}

// maxSettings bounds those before.
const maxSettings = 8

// set is the state that follows from a setting.
func (s BorderState) set(policy string, seq uint64) BorderState {
	before := s.Before
	if s.Policy != "" {
		before = append(slices.Clip(before), GateSetting{Policy: s.Policy, Seq: s.Seq})
	}
	if len(before) > maxSettings {
		before = before[len(before)-maxSettings:]
	}
	return BorderState{Policy: policy, Seq: seq, Before: before}
}

// customsTerritory is the customs territory of a country: one between countries
// without customs between them, else the country itself.
func customsTerritory(country string) string {
	switch country {
	case "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
		"MC", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK":
		return "EU"
	case "LI":
		return "CH"
	}
	return country
}

// declarations are those that a record has to do with, each read once.
type declarations struct {
	hearing *hearing
	read    map[string]*DeclarationState
}

func (c *hearing) declarations() declarations {
	return declarations{hearing: c, read: map[string]*DeclarationState{}}
}

// of is the state of a declaration; nil when nothing is recorded of it.
func (d declarations) of(id string) (*DeclarationState, error) {
	if s, ok := d.read[id]; ok {
		return s, nil
	}
	s := &DeclarationState{}
	found, err := d.hearing.read(trace.Key{NS: trace.NSTransaction, ID: id}, s)
	if err != nil {
		return nil, err
	}
	if !found {
		s = nil
	}
	d.read[id] = s
	return s, nil
}

// A naming is a declaration that names an item, and the part the item belongs to.
type naming struct {
	id string
	*DeclarationState
	part Part
}

// naming finds, of the declarations that name an item, one for which is holds; nil
// when there is none.
func (d declarations) naming(it *item, is func(naming) bool) (*naming, error) {
	if it.state.Customs == nil {
		return nil, nil
	}
	for _, id := range it.state.Customs.Declarations {
		s, err := d.of(id)
		if err != nil {
			return nil, err
		}
		if s == nil {
			continue
		}
		if n := (naming{id, s, s.of(it.id)}); is(n) {
			return &n, nil
		}
	}
	return nil, nil
}

// declare remembers that a declaration names the item. Where there is no room the first of
// those goes that nobody waits for any more. crowded: all are waited for. Then the
// authority's word takes the place of the first that does not lock the item, and a
// declaration of none.
func (d declarations) declare(it *item, id string, word bool) (crowded bool, err error) {
	customs := it.customs()
	if slices.Contains(customs.Declarations, id) {
		return false, nil
	}
	if len(customs.Declarations) >= maxDeclarationsOfItem {
		goes, err := d.naming(it, func(n naming) bool { return !n.part.open() && !n.part.locks() })
		if goes == nil && err == nil {
			if crowded = true; word {
				goes, err = d.naming(it, func(n naming) bool { return !n.part.locks() })
			}
		}
		if err != nil || goes == nil {
			return crowded, err
		}
		at := slices.Index(customs.Declarations, goes.id)
		customs.Declarations = slices.Delete(slices.Clone(customs.Declarations), at, at+1)
	}
	customs.Declarations = append(slices.Clone(customs.Declarations), id)
	return crowded, nil
}

// customs is what the item's state says of it, to be changed.
func (it *item) customs() *ItemCustoms {
	it.changed = true
	if it.state.Customs == nil {
		it.state.Customs = &ItemCustoms{}
	}
	return it.state.Customs
}

// customsTurn is what a state remembers of a customs record.
func (c *hearing) customsTurn() Turn {
	t := c.record.Customs.Time
	return Turn{Seq: c.position.Seq, Organisation: c.signer.ID, Seconds: t.Seconds, Nanos: t.Nanos}
}

// authority reports whether the signer is the customs authority of the country.
func (c *hearing) authority(country string) bool { return c.signer.Has(identity.CustomsOf(country)) }
