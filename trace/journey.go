package trace

import (
	"encoding/json"

	"github.com/waymark-ledger/waymark/epcis"
)

// Direction is which way a walk goes through transformations.
type Direction string

// The directions of a walk.
const (
	Upstream   Direction = "upstream"   // to what it was made from
	Downstream Direction = "downstream" // to what was made from it
	Both       Direction = "both"
)

// Options bound a walk. Zero values mean the defaults.
type Options struct {
	Direction Direction
	MaxNodes  int         // default 2,000
	MaxDepth  int         // transformations and nested containers; default 32
	MaxTasks  int         // things done before the walk ends with a continuation; default none
	Stop      func() bool // asked before each; true ends the walk with a continuation
	Continue  string      // continuation of an earlier walk of the same id

	// Now is the ledger's block time at the height being read: "today" for the
	// status of certificates. Zero: the latest block time among the records.
	Now epcis.Instant

	// FutureSkew and Lateness are the network's parameters, in seconds (Lateness the longest
	// limit of all roles): an event's
	// record stands no earlier than its eventTime less the one, and is looked for
	// no later than the end of a container's window plus the other. Defaults 600
	// and 90 days.
	FutureSkew, Lateness int64
}

// Journey is where an item came from, what became of it, and every record
// that says so.
type Journey struct {
	ID           string              `json:"id"` // canonical
	Direction    Direction           `json:"direction"`
	Records      []*Recorded         `json:"-"` // in seq order; the edge renders them
	Graph        Graph               `json:"graph"`
	Steps        []Step              `json:"steps"` // in eventTime order, then seq
	Gaps         []Gap               `json:"gaps"`
	Certificates []CertificateStatus `json:"certificates"`
	Recalls      []Recall            `json:"recalls,omitempty"` // in seq order
	Plots        []Plot              `json:"plots"`
	Names        map[string]string   `json:"names"` // canonical id to the name its master data gives it
	Continuation string              `json:"continuation,omitempty"`

	// How the walk ended. Whoever walks the same records again with MaxTasks set to
	// Tasks, where Stopped, and the same MaxNodes ends where this one did.
	Tasks    int    `json:"-"` // done
	Stopped  bool   `json:"-"` // by MaxTasks or Stop
	Full     bool   `json:"-"` // MaxNodes left something out
	Cut      bool   `json:"-"` // MaxDepth did, or a history is longer than is read: gaps say where, no continuation goes on there
	Rest     []byte `json:"-"` // what Continuation stands for: see [Rest]
	Unwalked []Key  `json:"-"` // what the rest begins with, in its order, each once
}

// Graph is the things of a journey and how they hang together.
type Graph struct {
	Nodes []Node `json:"nodes"` // by depth, then id
	Edges []Edge `json:"edges"`
}

// Node is one thing: an item, lot, class, container or document.
type Node struct {
	ID        string    `json:"id"`
	Namespace Namespace `json:"namespace"`
	Name      string    `json:"name,omitempty"`
	Depth     int       `json:"depth"`
}

// Certainty says how sure a class-level edge is.
type Certainty string

// The certainties. An edge between serialised items is always certain.
const (
	Certain  Certainty = "certain"
	Possible Certainty = "possible" // a lot that was split may have gone elsewhere
)

// The kinds of edge.
const (
	EdgeInput    = "input"    // From was transformed into To
	EdgeInside   = "inside"   // From was inside the container To
	EdgeLot      = "lot"      // From is an item of the lot To
	EdgeDocument = "document" // From is named by the business document To
)

// Edge joins two nodes.
type Edge struct {
	Kind      string         `json:"kind"`
	From      string         `json:"from"`
	To        string         `json:"to"`
	Seq       uint64         `json:"seq"` // of the record that says so
	Certainty Certainty      `json:"certainty"`
	Quantity  string         `json:"quantity,omitempty"` // exact decimal
	Unit      string         `json:"unit,omitempty"`     // UN/ECE Rec 20
	Since     *epcis.Instant `json:"since,omitempty"`    // of EdgeInside
	Until     *epcis.Instant `json:"until,omitempty"`    // nil while inside, or when no record ends it
}

// Step is one record seen from the item: what happened, where, by whom.
type Step struct {
	Seq          uint64        `json:"seq"`
	Time         epcis.Instant `json:"eventTime"`
	About        []string      `json:"about"` // nodes it concerns
	What         string        `json:"what"`  // "ObjectEvent OBSERVE", "certificate issue", …
	BizStep      string        `json:"bizStep,omitempty"`
	Disposition  string        `json:"disposition,omitempty"`
	Set          []string      `json:"dispositionsSet,omitempty"`   // persistentDisposition: from here on
	Unset        []string      `json:"dispositionsUnset,omitempty"` // and what holds no longer: a recall that is lifted
	Place        string        `json:"place,omitempty"`             // readPoint, else bizLocation
	Organisation string        `json:"organisation"`
	Refused      bool          `json:"refused,omitempty"`
	Voided       bool          `json:"voided,omitempty"`      // its author declared it wrong
	Compromised  bool          `json:"compromised,omitempty"` // signed with a key that its organisation says was compromised by then
	// Basis: it is told because a verdict, or who has the thing, rests on it. Whether its author
	// declared it wrong since is not looked for.
	Basis     bool          `json:"basis,omitempty"`
	Documents []DocumentRef `json:"documents,omitempty"`
	Details   []Detail      `json:"details,omitempty"` // the record's own extensions that are one short value
}

// DocumentRef is a business document that a step cites. Type is the expanded
// CBV BTT URI, "" for none.
type DocumentRef struct {
	Type string `json:"type,omitempty"`
	ID   string `json:"id"`
}

// Detail is one extension field of an event: a vessel, a seal, a tariff code.
type Detail struct {
	Name  string `json:"name"` // expanded
	Value string `json:"value"`
}

// Plot is a piece of land that the birth record of a lot or item describes.
// Geometry is GeoJSON (RFC 7946), byte for byte as signed; nobody has judged it.
type Plot struct {
	ID       string          `json:"id,omitempty"`
	Area     string          `json:"area,omitempty"` // as written
	Of       []string        `json:"of"`             // lots and items, of the journey, that come from it
	Seq      uint64          `json:"seq"`
	Geometry json.RawMessage `json:"geometry"`
}

// Gap is something the records do not say.
type Gap struct {
	ID    string `json:"id"`
	Seq   uint64 `json:"seq,omitempty"`
	About string `json:"about"` // a sentence
	// Unread says that not the records but the walk leaves a gap: it read no further
	// here, and no continuation does.
	Unread bool `json:"unread,omitempty"`
}

// CertificateStatus is a certificate that a record of the journey cites, or an
// accreditation that one of those rests on.
type CertificateStatus struct {
	ID            string         `json:"id"`
	Scheme        string         `json:"scheme,omitempty"`
	Subject       string         `json:"subject,omitempty"`
	Scope         []string       `json:"scope,omitempty"`
	Issuer        string         `json:"issuer,omitempty"` // organisation id
	HSCodes       []string       `json:"hsCodes,omitempty"`
	Activities    []string       `json:"activities,omitempty"`
	Accredits     []string       `json:"accredits,omitempty"`     // schemes; of an accreditation
	Accreditation string         `json:"accreditation,omitempty"` // the certificate it was issued under, listed beside it
	ValidFrom     *epcis.Instant `json:"validFrom,omitempty"`
	ValidTo       *epcis.Instant `json:"validUntil,omitempty"`
	CitedBy       []uint64       `json:"citedBy"`
	AtEvent       string         `json:"statusAtEvent"` // "active", "suspended", "revoked", "not yet valid", "expired", "unknown", "out of scope", "not accredited"
	Today         string         `json:"statusToday"`   // the same words, at the ledger's block time
	Seqs          []uint64       `json:"records"`       // its own records
}
