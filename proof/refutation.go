package proof

import (
	"errors"
	"fmt"
	"strings"

	"github.com/waymark-ledger/waymark/trace"
)

// ErrUnusable: the bytes are not in the format at all (not JSON, cut off, an
// unknown or repeated field, another version), so there is nothing to judge.
var ErrUnusable = errors.New("not usable as a proof")

// Reason says in one stable word why an answer is refuted. Verifiers in other
// languages give the same word for the same answer.
type Reason string

// The reasons.
const (
	ReasonNetwork      Reason = "network"      // of another network
	ReasonID           Reason = "id"           // about another id, direction or height than asked
	ReasonAnchor       Reason = "anchor"       // does not lead to what the verifier trusts
	ReasonValidators   Reason = "validators"   // the validator set is not the one that the header commits
	ReasonPower        Reason = "power"        // signed by too little of the voting power
	ReasonVote         Reason = "vote"         // a signature is missing, doubled, out of order, superfluous or wrong
	ReasonHeader       Reason = "header"       // the commit is not for this header, or the header contradicts itself
	ReasonRoots        Reason = "roots"        // the header does not carry these roots
	ReasonStale        Reason = "stale"        // older than the verifier accepts
	ReasonLog          Reason = "log"          // an entry does not stand in the log, or a log is no extension of another
	ReasonMap          Reason = "map"          // a key's presence, absence or content is not what the map says
	ReasonHistory      Reason = "history"      // a key's entries are not those that its head commits
	ReasonState        Reason = "state"        // a state cannot be read or contradicts the records
	ReasonEnvelope     Reason = "envelope"     // an envelope's signature does not verify
	ReasonRecordsRoot  Reason = "records-root" // a record does not stand in its envelope
	ReasonSigner       Reason = "signer"       // the signing key was not active when the record was written
	ReasonOrganisation Reason = "organisation" // the signer's organisation was no member when the record was written
	ReasonFindings     Reason = "findings"     // the findings are not those that the entry commits
	ReasonTouches      Reason = "touches"      // an entry stands in the history of a key that its record does not touch
	ReasonNotProved    Reason = "not-proved"   // a key or record that the verified records imply is not proved
	ReasonSurplus      Reason = "surplus"      // holds what the answer does not need
	ReasonOrder        Reason = "order"        // not in the order of the format
	ReasonContinuation Reason = "continuation" // does not begin or end where it says
)

// Refutation is an answer that does not verify: which part of it, and why. It
// is an error.
type Refutation struct {
	Reason Reason
	Seq    *uint64   // the record that it is about; nil for none
	Key    trace.Key // the key that it is about; zero for none
	Detail string    // a sentence for people
}

func (r *Refutation) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "refuted (%s)", r.Reason)
	if r.Seq != nil {
		fmt.Fprintf(&b, " record %d", *r.Seq)
	}
	if r.Key != (trace.Key{}) {
		fmt.Fprintf(&b, " %s %s", r.Key.NS, r.Key.ID)
	}
	if r.Detail != "" {
		b.WriteString(": " + r.Detail)
	}
	return b.String()
}

// Refute is a refutation that is about the answer as a whole.
func Refute(reason Reason, format string, args ...any) *Refutation {
	return &Refutation{Reason: reason, Detail: fmt.Sprintf(format, args...)}
}

// OfRecord returns the refutation as one about the record at seq.
func (r *Refutation) OfRecord(seq uint64) *Refutation {
	c := *r
	c.Seq = &seq
	return &c
}

// OfKey returns the refutation as one about the key.
func (r *Refutation) OfKey(k trace.Key) *Refutation {
	c := *r
	c.Key = k
	return &c
}

// unusable is an ErrUnusable.
func unusable(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrUnusable, fmt.Sprintf(format, args...))
}
