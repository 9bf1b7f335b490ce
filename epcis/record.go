package epcis

import (
	"crypto/sha256"
	"slices"
)

// Kind is what a record is about. An envelope holds records of one kind.
type Kind string

// The kinds of record.
const (
	KindEvent       Kind = "epcis"       // one EPCIS 2.0 event
	KindCertificate Kind = "certificate" // issue a certificate, or change its status
	KindMasterData  Kind = "masterdata"  // one product, place or party
	KindGovernance  Kind = "governance"  // a proposal, a vote, or the signer's own keys
	KindCustoms     Kind = "customs"     // a customs declaration, or what the authority decides
	// KindAcknowledgement is a holder's answer to a recall, suspension, revocation,
	// hold or seizure.
	KindAcknowledgement Kind = "acknowledgement"
)

// Kinds are all kinds of record.
func Kinds() []Kind {
	return []Kind{KindEvent, KindCertificate, KindMasterData, KindGovernance, KindCustoms, KindAcknowledgement}
}

// KindNames are those of all kinds of record.
func KindNames() []string {
	var names []string
	for _, kind := range Kinds() {
		names = append(names, string(kind))
	}
	return names
}

// Known reports whether k is one of the kinds.
func (k Kind) Known() bool { return slices.Contains(Kinds(), k) }

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
	// IDHash is the SHA-256 of the eventID of an event that [DecodeHashed] read; zero
	// otherwise, and without an eventID.
	IDHash      [sha256.Size]byte
	Event       *Event
	Certificate *Certificate
	MasterData  *MasterData
	Governance  *Governance
	Customs     *Customs

	Acknowledgement *Acknowledgement
}

// Certificate is a certificate record: a certifier issues a certificate of
// conformity, or an accreditor a certificate that accredits a certifier; later
// records suspend, reinstate or revoke it.
//
// JSON: {"@context":…,"type":"wm:Certificate","action":"issue"|"suspend"|"reinstate"|"revoke",
// "id":"<canonical or any URI>"} and of an issue {"scheme":"…",
// "subject":"<party, place, class, lot or item URI>","scope":["<class, lot, item or place URI>",…],
// "hsCodes":["0901",…],"activities":["<business step>",…],"accredits":["<scheme URI>",…],"accreditation":"<certificate URI>",
// "validFrom":"…","validUntil":"…"}, of every other action {"reason":"…","reasonCode":"…"
// (optional),"effectiveFrom":"…" (optional)}.
type Certificate struct {
	Action  string // IssueCertificate and its like
	ID      ID
	Scheme  string
	Subject ID
	Scope   []ID
	// HSCodes bound the goods by commodity code: the first digits of the
	// Harmonized System's codes, two digits or more.
	HSCodes []string
	// Activities bound what is done: business steps, in full, or terms of the scheme's own.
	Activities []string
	// Accredits makes it an accreditation: the schemes that the subject, a
	// certifier's organisation, may certify for.
	Accredits []string
	// Accreditation is the certificate that the issuer issues this one under; the
	// zero ID when the network's genesis names the issuer's schemes.
	Accreditation ID
	ValidFrom     Instant
	ValidUntil    Instant
	Reason        string
	ReasonCode    string
	EffectiveFrom *Instant
	// Imported is what an imported Verifiable Credential says beyond the record
	// ([ParseCredential]), nil for none.
	Imported *Value
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
