// Package contracts judges one record against what the ledger already holds.
//
// Its promise: [Court.Judge] is pure. The same ruleset, view, block, envelope and record give
// the same verdict on every machine: no clock, no randomness, no map order, no
// float, no goroutine, no environment. Internal/lint holds it to that.
package contracts

import (
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// View is the ledger's state just before the record being judged: everything
// committed, and everything before it in the same block.
type View interface {
	// State returns the canonical state bytes of k, nil when it has none. They are
	// read at once and not changed.
	State(k trace.Key) ([]byte, error)
	// Accepted returns the seq of the record with this hash that was accepted
	// from this organisation ("" for any organisation). The content is its CBV event
	// hash, "" for none.
	Accepted(organisation string, record identity.Hash, content string) (seq uint64, ok bool, err error)
	// SameContent returns the first accepted event with this CBV event hash.
	SameContent(cbvHash string) (seq uint64, ok bool, err error)
	// Signed returns who signed the record at seq, of an earlier block, and that
	// block's time in Unix seconds.
	Signed(seq uint64) (signer identity.Address, seconds int64, err error)
	// IsEvent reports whether the record at seq, of an earlier block, is an accepted event
	// with this eventID.
	IsEvent(seq uint64, eventID string) (bool, error)
}

// Block is where the record stands. Rules know no other time.
type Block struct {
	Network identity.Network
	Height  uint64
	Time    epcis.Instant
	// Founding is of the genesis document, the same for every block of a network.
	Founding *Founding
}

// Position is the record's place: the seq it will have, its envelope's header
// and its index there.
type Position struct {
	Seq      uint64
	Envelope identity.Hash
	Index    uint32
	Kind     epcis.Kind
	Signer   identity.Address
	Record   identity.Hash // RFC 6962 leaf hash of the record's bytes; zero makes the rules compute it
}

// Verdict is what the ruleset says of one record, and what follows.
type Verdict struct {
	Findings     []trace.Finding // rule order
	Organisation string          // the signer's organisation, "" when unknown
	Writes       []Write         // state that changes; none when the record is refused; see [Court.Judge]
	ContentHash  string          // CBV event hash of an event, for the content index
	Forward      trace.Forward   // for the forward index; nothing when the record is refused
	FirstSeq     *uint64         // of a duplicate: where the first receipt is
}

// Write sets the canonical state of a key.
type Write struct {
	Key   trace.Key
	State []byte
}

// Rejected reports whether the record was refused.
func (v *Verdict) Rejected() bool { return trace.Rejected(v.Findings) }
