package proof

import (
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// DossierFormat is the format and version of a Dossier's JSON; its schema is
// docs/dossier.schema.json.
const DossierFormat = "waymark-dossier/1"

// Dossier is everything a verifier needs, beside what it trusts, to tell one
// thing's journey by itself: the records of the closure ([trace.Walk]) with the
// proof that they are authentic, unchanged and all of them. Nothing in it is
// redundant and nothing unchecked: whatever can be computed is left out, and
// what the closure does not need is refused.
type Dossier struct {
	Format    string          `json:"format"`
	ID        string          `json:"id"` // canonical
	Direction trace.Direction `json:"direction"`
	// At is the height that the journey is told as of, beside today; 0 for today
	// alone. It needs no more than today's histories, cut there.
	At uint64 `json:"at,omitempty"`

	// A long journey comes in parts. Nodes and Tasks are where the walk ended, where
	// something else than the default bounds ended it (trace.Options MaxNodes and
	// MaxTasks). From is the rest that this part begins with ([trace.Journey].Rest of
	// the part before); Rest is the SHA-256 of the rest that it leaves.
	Nodes int            `json:"nodes,omitempty"`
	Tasks int            `json:"tasks,omitempty"`
	From  []byte         `json:"from,omitempty"`
	Rest  *identity.Hash `json:"rest,omitempty"`

	Checkpoint Checkpoint        `json:"checkpoint"`
	Envelopes  []DossierEnvelope `json:"envelopes,omitempty"` // in the order of the first record of each
	Records    []DossierRecord   `json:"records,omitempty"`   // ascending seq
	Log        []identity.Hash   `json:"log,omitempty"`       // subset proof of the records' entries under the log root
	Keys       []DossierKey      `json:"keys,omitempty"`      // those that the map holds; ascending map key
	Absent     []KeyName         `json:"absent,omitempty"`    // those that it does not hold; ascending map key
	Map        []byte            `json:"map,omitempty"`       // proof of both under the map root; empty of the empty map
}

// DossierEnvelope is an envelope without its records. Its id and records root
// are computed from the records that stand in the dossier and the path.
type DossierEnvelope struct {
	Kind      string            `json:"kind"`
	Signer    identity.Address  `json:"signer"`
	NotAfter  uint64            `json:"notAfter"`
	Count     uint32            `json:"count"` // of records
	Signature EnvelopeSignature `json:"signature"`
	Path      []identity.Hash   `json:"path,omitempty"` // subset proof of the dossier's records among the envelope's
}

// DossierRecord is a record with what its ledger entry says beside it.
type DossierRecord struct {
	Seq      uint64 `json:"seq"`
	Height   uint64 `json:"height"`
	Time     int64  `json:"time,string"` // block time, Unix nanoseconds
	Envelope int    `json:"envelope"`    // index among the dossier's
	Index    uint32 `json:"index"`       // in the envelope
	Findings []byte `json:"findings,omitempty"`
	Bytes    []byte `json:"bytes"`
}

// DossierKey is a key that the map holds, with as much of its history as the
// closure reads.
type DossierKey struct {
	NS      trace.Namespace `json:"ns"`
	ID      string          `json:"id"`
	Count   uint64          `json:"count"`             // entries that touch it
	State   []byte          `json:"state,omitempty"`   // canonical CBOR; none for a key without
	History []DossierRange  `json:"history,omitempty"` // opened positions; neither overlapping nor adjacent
	Path    []identity.Hash `json:"path,omitempty"`    // subset proof of those under the head
}

// Key is the key as the ledger knows it.
func (k *DossierKey) Key() trace.Key { return trace.Key{NS: k.NS, ID: k.ID} }

// DossierRange is a contiguous part of a history.
type DossierRange struct {
	From uint64   `json:"from"` // position of the first
	Seqs []uint64 `json:"seqs"`
}

// KeyName names a key of the ledger.
type KeyName struct {
	NS trace.Namespace `json:"ns"`
	ID string          `json:"id"`
}

// Key is the key as the ledger knows it.
func (k *KeyName) Key() trace.Key { return trace.Key{NS: k.NS, ID: k.ID} }

// EnvelopeSignature is an envelope's signature, r ‖ s. Its text form is 128
// lower-case hex digits.
type EnvelopeSignature [identity.SignatureBytes]byte

// MarshalText writes 128 lower-case hex digits.
func (s EnvelopeSignature) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, s[:]), nil }

// UnmarshalText reads 128 hex digits.
func (s *EnvelopeSignature) UnmarshalText(b []byte) error { return decodeHex(s[:], b) }

// ParseDossier reads a dossier's JSON; ErrUnusable for anything else. It
// verifies nothing.
func ParseDossier(data []byte) (*Dossier, error) {
	var d Dossier
	if err := DecodeStrict(data, &d); err != nil {
		if format, ok := formatOf(data); ok && format != DossierFormat {
			return nil, fmt.Errorf("dossier: %w", unusable("its format is %q, not %s", format, DossierFormat))
		}
		if !json.Valid(data) {
			return nil, fmt.Errorf("dossier: %w", unusable("it is no JSON: %v", err))
		}
		return nil, fmt.Errorf("dossier: %w", err)
	}
	if d.Format != DossierFormat || d.Checkpoint.Format != CheckpointFormat {
		return nil, fmt.Errorf("dossier: %w: its format is %q with %q, not %s with %s",
			ErrUnusable, d.Format, d.Checkpoint.Format, DossierFormat, CheckpointFormat)
	}
	return &d, nil
}

// Encode is the dossier's JSON.
func (d *Dossier) Encode() ([]byte, error) { return EncodeStrict(d) }
