package epcis

// Level says what an identifier names.
type Level uint8

// The levels. They are persisted nowhere and may be reordered.
const (
	Opaque   Level = iota // any other URI, or a GS1-shaped one that does not parse
	Item                  // one physical object: GTIN+serial, SSCC, GRAI or GIAI with serial, CPID+serial, BIC container
	Lot                   // a batch: GTIN+lot
	Class                 // a product class: GTIN
	Place                 // GLN, with or without extension
	PartyID               // party GLN (AI 417)
	Document              // GDTI, GSIN, GINC and other document or relation keys
)

// ID is an identifier in its one canonical form: for a GS1 key the constrained
// canonical Digital Link on https://id.gs1.org at its finest level, for
// everything else the URI as it stands. The zero ID names nothing.
//
// Lot carries the lot that a serial-level Digital Link states beside its serial
// (AI 10 with AI 21); it is not part of the identity.
type ID struct {
	URI   string
	Level Level
	Lot   string
	// Malformed says why a GS1-shaped identifier does not parse (a wrong check
	// digit included); the identifier is then kept verbatim as Opaque.
	Malformed string
}

// IsZero reports whether the ID names nothing.
func (id ID) IsZero() bool { return id.URI == "" }

// String is the canonical URI.
func (id ID) String() string { return id.URI }
