package trace

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
)

// ParametersKey is where the ledger keeps the network's parameters: its state
// is the canonical CBOR of identity.Parameters, written by genesis.
func ParametersKey() Key { return Key{NSParam, "parameters"} }

// PrefixKey is where the ledger says which member licenses a GS1 company
// prefix: its state is the canonical CBOR of a [PrefixState]. Genesis writes
// one for each prefix of each organisation.
func PrefixKey(prefix string) Key { return Key{NSParam, "prefix/" + prefix} }

// PlaceKey is where the ledger says which members may use a place by vote: its state is the
// canonical CBOR of a [PlaceState].
func PlaceKey(place string) Key { return Key{NSParam, "place/" + place} }

// PlaceState is the state of a [PlaceKey]. Its size is bounded.
type PlaceState struct {
	Users []string `cbor:"1,keyasint"` // organisations, by id
}

// PrefixState is the state of a [PrefixKey]: who licenses the prefix, and who did before.
// Its size is bounded.
type PrefixState struct {
	Organisation string `cbor:"1,keyasint"` // id of the licensee; "" once the licence has ended
	// Since is from when on the licensee issues keys, block time in Unix seconds; nil where
	// nobody licensed the prefix here before: a licence is older than its member is here.
	Since *int64    `cbor:"2,keyasint,omitempty"`
	Seq   *uint64   `cbor:"3,keyasint,omitempty"` // of the record that decided it; nil: genesis
	Past  []Licence `cbor:"4,keyasint,omitempty"` // the latest MaxLicences before, in their order
}

// Licence is a licence of a prefix that has ended. Times are block time in Unix seconds.
type Licence struct {
	Organisation string `cbor:"1,keyasint"`
	Since        *int64 `cbor:"2,keyasint,omitempty"`
	Until        int64  `cbor:"3,keyasint"`
}

// MaxLicences is how many licences of before a [PrefixState] remembers.
const MaxLicences = 16

// Last is who licenses the prefix, or did last.
func (s *PrefixState) Last() string {
	if n := len(s.Past); s.Organisation == "" && n > 0 {
		return s.Past[n-1].Organisation
	}
	return s.Organisation
}

// Holds reports whether a moment lies in the licence that holds, or in an earlier one of
// the same organisation, both ends included.
func (s *PrefixState) Holds(t epcis.Instant) bool {
	if s.Organisation == "" || s.Since == nil || t.Seconds >= *s.Since {
		return s.Organisation != ""
	}
	return slices.ContainsFunc(s.Past, func(l Licence) bool {
		return l.Organisation == s.Organisation && (l.Since == nil || t.Seconds >= *l.Since) && t.Seconds <= l.Until
	})
}

// Change has an organisation license the prefix from a record on, or nobody ("").
func (s *PrefixState) Change(organisation string, seq uint64, now epcis.Instant) {
	if s.Organisation == organisation {
		return
	}
	if s.Organisation != "" {
		s.Past = append(s.Past, Licence{s.Organisation, s.Since, now.Seconds})
		s.Past = s.Past[max(0, len(s.Past)-MaxLicences):]
	}
	s.Organisation, s.Since, s.Seq = organisation, nil, &seq
	if organisation != "" && len(s.Past) > 0 {
		s.Since = &now.Seconds
	}
}

// DescriptionState is the state of a class, lot or place: the name that its
// latest accepted master data gives it, so that a journey can print names
// without reading histories. Items have no such state (theirs is their
// lifecycle), and organisations have their standing.
type DescriptionState struct {
	Seq          uint64 `cbor:"1,keyasint"` // of the masterdata record
	Organisation string `cbor:"2,keyasint"` // that signed it
	Name         string `cbor:"3,keyasint"`

	Country      string             `cbor:"4,keyasint,omitempty"`  // of a place: ISO 3166-1 alpha-2, where the master data states it
	Position     *Position          `cbor:"11,keyasint,omitempty"` // of a place
	Allowed      []string           `cbor:"14,keyasint,omitempty"` // of a place: which organisations may use it; of a class: which may give birth to it. "*" for all
	HS           string             `cbor:"12,keyasint,omitempty"` // of a class or lot: digits of the Harmonized System
	Temperatures *TemperatureLimits `cbor:"13,keyasint,omitempty"` // of a class or lot

	// Of a product class, as exact decimals: the net weight of one piece in
	// kilograms, and the least and the most of the inputs' weight that its recipe
	// turns into it, as fractions.
	NetWeight string `cbor:"8,keyasint,omitempty"`
	YieldFrom string `cbor:"9,keyasint,omitempty"`
	YieldTo   string `cbor:"10,keyasint,omitempty"`
}

// Position is a point on the WGS 84 ellipsoid in millionths of a degree, north
// and east positive: the array [latitude, longitude].
type Position struct {
	_         struct{} `cbor:",toarray"`
	Latitude  int32
	Longitude int32
}

// TemperatureLimits are what a cold chain has to keep (rules T1 and T2).
// Temperatures are ninths of a degree Celsius, so that Fahrenheit converts
// exactly. A nil Min or Max is no limit.
type TemperatureLimits struct {
	Min        *epcis.Decimal `cbor:"1,keyasint,omitempty"`
	Max        *epcis.Decimal `cbor:"2,keyasint,omitempty"`
	MaxOutside int64          `cbor:"3,keyasint"`           // seconds outside, all together
	MaxGap     int64          `cbor:"4,keyasint"`           // seconds between two reports of one device
	Devices    []string       `cbor:"5,keyasint,omitempty"` // canonical ids; none: any device

	// MeanKinetic is the most that the mean kinetic temperature may be; nil is no limit.
	MeanKinetic *epcis.Decimal `cbor:"6,keyasint,omitempty"`
}

// KeepsDescription reports whether keys of the namespace have a
// [DescriptionState].
func KeepsDescription(ns Namespace) bool { return ns == NSClass || ns == NSLot || ns == NSPlace }
