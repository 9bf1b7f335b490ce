package epcis

// Kind is what a record is about. An envelope holds records of one kind.
type Kind string

// The kinds of record.
const (
	KindEvent       Kind = "epcis"       // one EPCIS 2.0 event
	KindCertificate Kind = "certificate" // issue or revoke a certificate
	KindMasterData  Kind = "masterdata"  // one product, place or party
	KindCustoms     Kind = "customs"     // a customs declaration, or what the authority decides
)

// Known reports whether k is one of the kinds.
func (k Kind) Known() bool {
	switch k {
	case KindEvent, KindCertificate, KindMasterData, KindCustoms:
		return true
	}
	return false
}

// ContextURL is the JSON-LD context of EPCIS 2.0. It is never fetched.
const ContextURL = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"

// Vocabulary is Waymark's own namespace; its context term is wm.
const Vocabulary = "https://waymark-ledger.github.io/voc/"

// MaxRecordBytes is how long a record may be; an envelope takes no longer one.
const MaxRecordBytes = 256 << 10

// Record is one record as consensus reads it: exactly one of the typed fields
// is set, the one of its Kind.
type Record struct {
	Kind  Kind
	Bytes []byte // exactly as signed
	// ContentHash is the CBV event hash ([EventHash]) of an event that
	// [DecodeHashed] read; "" for everything else.
	ContentHash string
	Event       *Event
	Certificate *Certificate
	MasterData  *MasterData
	Customs     *Customs
}

// Certificate is a certificate record (first form): an accredited certifier
// issues or revokes.
//
// JSON: {"@context":…,"type":"wm:Certificate","action":"issue"|"revoke",
// "id":"<canonical or any URI>","scheme":"…","subject":"<party, place or item URI>",
// "scope":["<class, lot or place URI>",…],"validFrom":"…","validUntil":"…",
// "reason":"…" (revoke only),"effectiveFrom":"…" (revoke, optional)}.
type Certificate struct {
	Action        string // "issue" or "revoke"
	ID            ID
	Scheme        string
	Subject       ID
	Scope         []ID
	ValidFrom     Instant
	ValidUntil    Instant
	Reason        string
	EffectiveFrom *Instant
}

// MasterData describes one product class, place or party. A document's
// epcisHeader becomes such records (EPCIS 2.0, section 8.1.2); so do the
// shop's own.
//
// JSON: {"@context":…,"type":"wm:MasterData","vocabulary":"urn:epcglobal:epcis:vtype:EPCClass"|…,
// "id":"…","attributes":[{"id":"<attribute URI>","attribute":<value>},…],"children":["…"]}.
type MasterData struct {
	Vocabulary string
	ID         ID
	Name       string // the best readable name among the attributes, or ""
	Attributes []Attribute
	Children   []ID
}

// Attribute is one master data attribute; ID is the expanded attribute URI.
type Attribute struct {
	ID    string
	Value *Value
}
