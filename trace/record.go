// Package trace goes from records to journeys: which keys a record touches
// ([Touches]), and from an item's key through containers and transformations
// to where it came from or what became of it ([Walk]).
//
// Its promise: pure functions of record bytes. Whoever holds the same records
// derives the same keys and the same journey, so a verifier can recompute what
// a node claims.
package trace

import (
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
)

// Namespace is the kind of thing a key names on the ledger.
type Namespace string

// The namespaces of the ledger's keys.
const (
	NSItem         Namespace = "item"
	NSLot          Namespace = "lot"
	NSClass        Namespace = "class"
	NSPlace        Namespace = "place"
	NSTransaction  Namespace = "transaction" // any business document: order, invoice, bill of lading, declaration
	NSCertificate  Namespace = "certificate"
	NSOrganisation Namespace = "organisation"
	NSKey          Namespace = "key" // an operating key, by its 0x address
	NSParam        Namespace = "param"
	NSGovernance   Namespace = "governance"   // a proposal
	NSTransfer     Namespace = "transfer"     // state alone: a shipment on its way; ID is the seq of its record
	NSCase         Namespace = "case"         // state alone: an exception that somebody has to settle; ID is the seq of its record
	NSBalance      Namespace = "balance"      // state alone: what an organisation, or a transformation, has of a lot or class
	NSRecall       Namespace = "recall"       // the recalls of a serial, lot or class: see Key.Recalls
	NSColdChain    Namespace = "coldchain"    // state alone: the temperatures of a shipped thing, or a device and how far it has counted; ID is "<namespace>:<id>", "device:<id>" or "sequence:<id>"
	NSDiligence    Namespace = "diligence"    // state alone: plots and due diligence of a thing or document; ID is "<namespace>:<id>"
	NSEmptied      Namespace = "emptied"      // state alone: an earlier emptying of a container or assembly; ID is "<contents or components>|<number>|<id>"
	NSAcknowledged Namespace = "acknowledged" // state alone: an organisation's answer to a recall and its like; ID is "<namespace>:<id>|<organisation>"
	NSNumber       Namespace = "number"       // state alone: which customs declaration has an MRN; ID is the number
	NSContent      Namespace = "content"      // state alone: events of the same content, once there are several or one is declared wrong; ID is their CBV hash
	NSPlot         Namespace = "plot"         // of the forward index alone: a piece of land, as births name it
	NSRefused      Namespace = "refused"      // the refused records of another key; ID is "<namespace>:<id>"
)

// Key names one history on the ledger.
type Key struct {
	NS Namespace
	ID string
}

// Refused is the key under which refused records that touch k are kept.
func (k Key) Refused() Key { return Key{NS: NSRefused, ID: string(k.NS) + ":" + k.ID} }

// Accepted is the key whose refused records k keeps; false when k is of another
// namespace or names none.
func (k Key) Accepted() (Key, bool) {
	ns, id, ok := strings.Cut(k.ID, ":")
	return Key{NS: Namespace(ns), ID: id}, ok && k.NS == NSRefused && ns != "" && Namespace(ns) != NSRefused
}

// Recalls is the key of the recalls of k: its history is the events that recall k, end
// that or declare such an event wrong, its state what rule K5 makes of them.
func (k Key) Recalls() Key { return Key{NS: NSRecall, ID: string(k.NS) + ":" + k.ID} }

// Severity is what a finding does to its record.
type Severity string

// The severities of a finding.
const (
	Reject Severity = "REJECT" // not applied; kept as a receipt and under NSRefused
	Lock   Severity = "LOCK"   // applied; the object is locked
	Flag   Severity = "FLAG"   // applied; somebody has to look
	Info   Severity = "INFO"   // applied; a derived fact
)

// Finding is one thing a contract says of a record. Facts are in the order in
// which the contract read them.
type Finding struct {
	Severity Severity `json:"severity" cbor:"1,keyasint"`
	Rule     string   `json:"rule" cbor:"2,keyasint"`    // as in the rule catalogue: "C1"
	Version  uint32   `json:"version" cbor:"3,keyasint"` // of the rule
	Code     uint32   `json:"code" cbor:"4,keyasint"`    // numbered, stable; part of the ledger entry
	Title    string   `json:"title" cbor:"5,keyasint"`   // one short phrase: "eventTime is in the future"
	Facts    []Fact   `json:"facts,omitempty" cbor:"6,keyasint,omitempty"`
	Next     string   `json:"next,omitempty" cbor:"7,keyasint,omitempty"` // what the author can do now
}

// AndMore is the name of the last fact of a finding that has no room for more.
const AndMore = "and more"

// Fact is one value a contract rested on. Seq is the record it was read from,
// nil when it came from the record being judged or from genesis.
type Fact struct {
	Name  string  `json:"name" cbor:"1,keyasint"`
	Value string  `json:"value" cbor:"2,keyasint"`
	Seq   *uint64 `json:"seq,omitempty" cbor:"3,keyasint,omitempty"`
}

// Rejected reports whether any finding refuses the record.
func Rejected(findings []Finding) bool {
	for _, f := range findings {
		if f.Severity == Reject {
			return true
		}
	}
	return false
}

// Recorded is a record as it stands on the ledger.
type Recorded struct {
	Seq          uint64
	Height       uint64
	Time         epcis.Instant // block time; EPCIS calls it recordTime
	Kind         epcis.Kind
	Signer       string // 0x address, EIP-55
	Organisation string // canonical id of the signer's organisation, "" when unknown
	Envelope     [32]byte
	Index        uint32 // in the envelope
	Findings     []Finding
	Bytes        []byte // exactly as signed
	// Compromised: its organisation has revoked the key that signed it, and says that
	// the key was compromised when the record was made. As is known at the height read.
	Compromised bool
	// Decoded is what Bytes say, where the reader has decoded them already; nil
	// leaves it to the walk.
	Decoded *epcis.Record
}

// Rejected reports whether the record was refused.
func (r *Recorded) Rejected() bool { return Rejected(r.Findings) }

// Reader is what a walk needs of a ledger at one height.
type Reader interface {
	// History returns up to limit sequence numbers of the records that touch k,
	// ascending, those greater than or equal to from.
	History(k Key, from uint64, limit int) ([]uint64, error)
	// Window returns the contiguous part of k's history whose records have block
	// times in [since, until], up to limit of them from the first on, and up to
	// lead of those before it, both ascending. until nil is to the end. Whoever
	// proves the answer needs only that part and its neighbours, not all of a
	// container's life.
	Window(k Key, since epcis.Instant, until *epcis.Instant, lead, limit int) (before, within []uint64, err error)
	// Record returns one record. ErrUnknown when there is none at seq.
	Record(seq uint64) (*Recorded, error)
	// State returns the canonical state bytes of k, nil when it has none.
	State(k Key) ([]byte, error)
}
