package proof

import (
	"bytes"
	"crypto/sha256"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// Options are what a verifier asks and trusts.
type Options struct {
	Anchor    Anchor
	ID        string          // what was asked about, in any spelling
	Direction trace.Direction // as asked; "" is trace.Both
	At        uint64          // as asked; 0 is today alone
	// From is Verdict.Rest of the part before, where a continuation was asked for.
	From   *identity.Hash
	MaxAge int64         // seconds that the checkpoint may be old; 0 is any age
	Now    epcis.Instant // the verifier's clock; only ages are measured by it
}

// Verify checks a dossier and tells what it proves. Its error is an ErrUnusable
// for what is no dossier, and a *Refutation for one that does not prove what it
// claims, or proves something else than was asked.
//
// It checks in this order, and verifiers in other languages do too, so that the
// same lie has the same reason everywhere:
//
//  1. the question: id, direction, height, continuation            id, continuation
//  2. the checkpoint, and its age                                  network, anchor, …, roots, stale
//  3. the order of every list                                      order
//  4. the findings of each record, in order                        findings
//  5. each envelope, in order: its records root; then for each of
//     its records the standing of the signing key at its seq, the
//     signature (once), the standing of the organisation           records-root, not-proved, state, signer, envelope, organisation
//  6. the entries under the log root; that accepted records decode  log, findings
//  7. each key: the opened part of its history under its head,
//     and that each record there touches it                        not-proved, history, touches
//  8. all keys under the map root                                  map
//  9. the closure, walked over what was verified                   not-proved, state, continuation
//  10. that nothing is left over                                   surplus
func Verify(data []byte, o Options) (*Verdict, error) {
	d, err := ParseDossier(data)
	if err != nil {
		return nil, err
	}
	return d.Verify(o)
}

// Verify is [Verify] of a dossier that was read already, by ParseDossier.
func (d *Dossier) Verify(o Options) (*Verdict, error) {
	c := &checker{d: d, o: o}
	for _, check := range [...]func() error{
		c.question, c.checkpoint, c.order, c.records, c.envelopes, c.log, c.histories, c.inMap,
	} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	return c.closure()
}

// checker is one verification.
type checker struct {
	d *Dossier
	o Options

	lines     []checkedRecord // as d.Records
	keys      map[trace.Key]*checkedKey
	inOrder   []*checkedKey // as d.Keys
	absent    map[trace.Key]*absence
	standings map[identity.Address]*signer
	members   map[string]*member
}

type checkedRecord struct {
	trace.Recorded
	malformed error         // why it does not decode
	touches   []trace.Key   // none of a malformed record
	hash      identity.Hash // of the record
	leaf      identity.Hash // of its entry in the log
	used      bool
}

// absence is a key that the map does not hold.
type absence struct{ used bool }

// signer is what the dossier shows of an operating key.
type signer struct {
	state    identity.KeyState
	verifier *identity.Verifier
	public   []byte // that the verifier is of
}

// member is what the dossier shows of an organisation.
type member struct{ state identity.OrganisationState }

func (c *checker) question() error {
	if asked := epcis.Canonical(c.o.ID).URI; c.d.ID != asked {
		return Refute(ReasonID, "it is about %s, asked was %s", c.d.ID, asked)
	}
	asked := c.o.Direction
	if asked == "" {
		asked = trace.Both
	}
	if c.d.Direction != asked {
		return Refute(ReasonID, "it goes %q, asked was %q", c.d.Direction, asked)
	}
	switch block := c.d.Checkpoint.Block.Header.Height; {
	case c.d.At == c.o.At && c.d.At == 0:
	case c.d.At == c.o.At && c.d.At < block:
	case c.d.At == c.o.At:
		return Refute(ReasonID, "it tells of height %d, and its signed block %d answers for nothing after height %d", c.d.At, block, max(block, 1)-1)
	case c.d.At == 0:
		return Refute(ReasonID, "it tells of today alone: it cannot answer as of height %d", c.o.At)
	case c.o.At == 0:
		return Refute(ReasonID, "it tells of height %d beside today, asked was today alone", c.d.At)
	default:
		return Refute(ReasonID, "it tells of height %d beside today: it cannot answer as of height %d", c.d.At, c.o.At)
	}
	switch from := identity.Hash(sha256.Sum256(c.d.From)); {
	case c.o.From == nil && len(c.d.From) > 0:
		return Refute(ReasonContinuation, "it begins in the middle of the journey")
	case c.o.From != nil && (len(c.d.From) == 0 || *c.o.From != from):
		return Refute(ReasonContinuation, "it does not begin where the part before it ends")
	case c.o.From != nil && c.d.At != 0:
		return Refute(ReasonContinuation, "a continuation is of today")
	}
	return nil
}

func (c *checker) checkpoint() error {
	if err := c.d.Checkpoint.Verify(c.o.Anchor); err != nil {
		return err
	}
	if c.o.MaxAge > 0 {
		return c.d.Checkpoint.CheckAge(c.o.Now, c.o.MaxAge)
	}
	return nil
}

// order checks that every list stands in the order of the format, each element
// once, and builds the indexes that the other checks use.
func (c *checker) order() error {
	d := c.d
	next := 0 // envelope that no record before has used
	for i := range d.Records {
		r := &d.Records[i]
		switch {
		case r.Envelope < 0 || r.Envelope > next || r.Envelope >= len(d.Envelopes):
			return Refute(ReasonOrder, "it is of envelope %d, the next is %d of %d", r.Envelope, next, len(d.Envelopes)).OfRecord(r.Seq)
		case r.Envelope == next:
			next++
		}
		if i == 0 {
			continue
		}
		if before := &d.Records[i-1]; r.Seq <= before.Seq || r.Height < before.Height || r.Time < before.Time {
			return Refute(ReasonOrder, "it stands behind record %d of height %d", before.Seq, before.Height).OfRecord(r.Seq)
		}
	}
	if next != len(d.Envelopes) {
		return Refute(ReasonSurplus, "no record is of envelope %d", next)
	}
	return c.index()
}

// index checks the order of the keys and finds them by name.
func (c *checker) index() error {
	d := c.d
	c.keys = make(map[trace.Key]*checkedKey, len(d.Keys))
	c.absent = make(map[trace.Key]*absence, len(d.Absent))
	c.inOrder = make([]*checkedKey, len(d.Keys))
	for i := range d.Keys {
		x := &checkedKey{DossierKey: &d.Keys[i], hash: MapKey(d.Keys[i].Key())}
		if i > 0 && bytes.Compare(x.hash[:], c.inOrder[i-1].hash[:]) <= 0 {
			return Refute(ReasonOrder, "it does not stand in the order of the map").OfKey(x.Key())
		}
		if err := x.checkOrder(); err != nil {
			return err
		}
		c.keys[x.Key()], c.inOrder[i] = x, x
	}
	var before identity.Hash
	for i := range d.Absent {
		k := d.Absent[i].Key()
		hash := MapKey(k)
		if i > 0 && bytes.Compare(hash[:], before[:]) <= 0 {
			return Refute(ReasonOrder, "it does not stand in the order of the map").OfKey(k)
		}
		before, c.absent[k] = hash, &absence{}
	}
	return nil
}

// find is the index of the record with this seq.
func (c *checker) find(seq uint64) (int, bool) {
	return slices.BinarySearchFunc(c.lines, seq, func(l checkedRecord, seq uint64) int {
		switch {
		case l.Seq < seq:
			return -1
		case l.Seq > seq:
			return 1
		}
		return 0
	})
}
