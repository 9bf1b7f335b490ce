package proof

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// Prover is a ledger at one height, as far as dossiers are built from it. Unknown
// seqs are trace.ErrUnknown.
type Prover interface {
	trace.Reader
	Roots() Roots
	// Entry returns the ledger line of one record.
	Entry(seq uint64) (*Entry, error)
	// Envelope returns what is kept of a judged envelope.
	Envelope(id identity.Hash) (EnvelopeInfo, bool, error)
	// Leaf returns what the map holds of a key, with the state whose hash it has;
	// ok is false when the key is absent.
	Leaf(k trace.Key) (leaf MapLeaf, state []byte, ok bool, err error)
	// Positions returns the seqs at the positions [from, to) of k's history.
	Positions(k trace.Key, from, to uint64) ([]uint64, error)
	// HistoryPath, LogPath and RecordsPath are subset proofs (see [RootOf]) of
	// ascending positions: in k's history, in the log, among an envelope's records.
	HistoryPath(k trace.Key, at []uint64) ([]identity.Hash, error)
	LogPath(seqs []uint64) ([]identity.Hash, error)
	RecordsPath(e EnvelopeInfo, at []uint64) ([]identity.Hash, error)
	// LogSizeAt is how many entries the log had after the block of a height.
	LogSizeAt(height uint64) (uint64, error)
	// MapProof proves these map keys, each list ascending (see [VerifyMap]).
	MapProof(present, absent []identity.Hash) ([]byte, error)
}

// BuildOptions say which dossier to build. Zero values mean the defaults.
type BuildOptions struct {
	Direction  trace.Direction // default trace.Both
	At         uint64          // a past height to tell the journey as of, beside today
	MaxNodes   int             // as in trace.Options; at most its default
	MaxRecords int             // read before the part ends; default 5,000
	Stop       func() bool     // asked now and then; true ends the part
	Continue   string          // the continuation of the part before; not with At
}

const defaultMaxRecords = 5000

// ErrBuild: no dossier can be built of what was asked for.
var ErrBuild = errors.New("no such dossier")

// Build makes the dossier of an id in any spelling, as the ledger holds it at
// p's height, under the checkpoint of that height. Of an unknown id it proves
// that no key which the id could be has a record.
//
// It walks the closure over the ledger, writes down what the walk reads, and
// proves that. A verifier walks the same way over the dossier, so both need the
// same.
//
// A journey that is too long for one dossier ends with a rest; Continuation
// gives the token for the next part. Errors are ErrBuild and trace.ErrContinuation
// for what cannot be asked, else the prover's.
func Build(p Prover, c *Checkpoint, id string, o BuildOptions) (*Dossier, error) {
	if o.Continue != "" && o.At != 0 {
		return nil, fmt.Errorf("%w: a continuation is of today", ErrBuild)
	}
	if block := c.Block.Header.Height; o.At >= block && o.At > 0 {
		return nil, fmt.Errorf("%w: block %d answers for nothing as of height %d", ErrBuild, block, o.At)
	}
	if r := p.Roots(); c.Roots.Height != r.StateHeight || c.Roots.MapRoot != r.MapRoot || c.Roots.LogRoot != r.LogRoot {
		return nil, fmt.Errorf("build dossier: the checkpoint of height %d is not of the ledger at height %d", c.Roots.Height, r.StateHeight)
	}
	if o.MaxRecords <= 0 {
		o.MaxRecords = defaultMaxRecords
	}
	r := &recorder{prover: p, records: map[uint64]*trace.Recorded{}, keys: map[trace.Key]*reads{}, signers: map[string]identity.KeyState{}}
	walk, err := ClosureOptions(r, epcis.InstantFromUnixNano(c.Time()))
	if err != nil {
		return nil, err
	}
	walk.Direction, walk.Continue = o.Direction, o.Continue
	walk.MaxNodes = min(cmp.Or(o.MaxNodes, trace.DefaultMaxNodes), trace.DefaultMaxNodes)
	walk.Stop = func() bool { return len(r.records) >= o.MaxRecords || o.Stop != nil && o.Stop() }
	d := &Dossier{Format: DossierFormat, ID: epcis.Canonical(id).URI, Direction: cmp.Or(o.Direction, trace.Both), At: o.At, Checkpoint: *c}
	if o.Continue != "" {
		if d.From, err = trace.Rest(o.Continue); err != nil {
			return nil, err
		}
	}
	j, err := trace.Walk(r, d.ID, walk)
	switch {
	case errors.Is(err, trace.ErrUnknown):
	case err != nil:
		return nil, fmt.Errorf("build dossier: %w", err)
	default:
		d.end(j, walk.MaxNodes)
		walk.MaxNodes, walk.MaxTasks, walk.Stop = d.Nodes, d.Tasks, nil
		if err := d.walkAsOf(r, walk); err != nil {
			return nil, err
		}
	}
	if err := r.prove(d); err != nil {
		return nil, fmt.Errorf("build dossier: %w", err)
	}
	return d, nil
}

// ClosureOptions are the options of a walk that the ledger itself decides: its
// parameters, and its time. A state that cannot be read is a *Refutation.
func ClosureOptions(r trace.Reader, now epcis.Instant) (trace.Options, error) {
	limits := identity.DefaultParameters()
	state, err := r.State(trace.ParametersKey())
	if err != nil {
		return trace.Options{}, err
	}
	if state != nil {
		if limits, err = identity.DecodeParameters(state); err != nil {
			return trace.Options{}, Refute(ReasonState, "%v", err).OfKey(trace.ParametersKey())
		}
	}
	return trace.Options{Now: now, FutureSkew: int64(limits.FutureSkew), Lateness: int64(limits.MaxLateness())}, nil
}

// end writes down where the walk of the journey ended. A bound that ended
// nothing is left out: with any other number the dossier would say the same.
func (d *Dossier) end(j *trace.Journey, maxNodes int) {
	d.Nodes, d.Tasks, d.Rest = 0, 0, nil
	if j.Full && maxNodes != trace.DefaultMaxNodes {
		d.Nodes = maxNodes
	}
	if j.Stopped {
		d.Tasks = j.Tasks
	}
	if len(j.Rest) > 0 {
		h := identity.Hash(sha256.Sum256(j.Rest))
		d.Rest = &h
	}
}

// walkAsOf reads what the journey as of d.At needs beside today's.
func (d *Dossier) walkAsOf(r *recorder, walk trace.Options) error {
	if d.At == 0 {
		return nil
	}
	size, err := r.prover.LogSizeAt(d.At)
	if err != nil {
		return err
	}
	walk.Now = epcis.Instant{}
	if _, err := trace.Walk(trace.AsOf(r, size), d.ID, walk); err != nil && !errors.Is(err, trace.ErrUnknown) {
		return fmt.Errorf("build dossier as of height %d: %w", d.At, err)
	}
	return nil
}

// prove fills in the records and keys that were read, with their proofs.
func (r *recorder) prove(d *Dossier) error {
	for _, k := range sortedKeys(r.keys) {
		x := r.keys[k]
		x.opened = merged(x.opened)
		for _, s := range x.opened {
			for _, seq := range s.seqs {
				if _, err := r.Record(seq); err != nil {
					return err
				}
			}
		}
	}
	seqs := slices.Sorted(maps.Keys(r.records)) //waymark:allow maprange: sorted
	if err := r.proveRecords(d, seqs); err != nil {
		return err
	}
	return r.proveKeys(d)
}

// proveRecords fills in the records with their entries and envelopes, and reads
// the standing of who signed them.
func (r *recorder) proveRecords(d *Dossier, seqs []uint64) error {
	if len(seqs) == 0 {
		return nil
	}
	envelopes := map[identity.Hash]int{}
	var infos []EnvelopeInfo
	var indexes [][]uint64 // of the dossier's records in each
	for _, seq := range seqs {
		rec := r.records[seq]
		id := identity.Hash(rec.Envelope)
		at, known := envelopes[id]
		if !known {
			info, ok, err := r.prover.Envelope(id)
			if err != nil || !ok {
				return cmp.Or(err, fmt.Errorf("envelope %s of record %d is missing", id, seq))
			}
			at = len(infos)
			envelopes[id] = at
			infos, indexes = append(infos, info), append(indexes, nil)
		}
		line := DossierRecord{Seq: seq, Height: rec.Height, Time: rec.Time.UnixNano(), Envelope: at, Index: rec.Index, Bytes: rec.Bytes}
		if len(rec.Findings) > 0 {
			line.Findings = EncodeFindings(rec.Findings)
		}
		d.Records = append(d.Records, line)
		indexes[at] = append(indexes[at], uint64(rec.Index))
		if err := r.signer(rec); err != nil {
			return err
		}
	}
	for i, info := range infos {
		var path []identity.Hash // none where all of an envelope's records are shown, as of nearly all
		if len(indexes[i]) < int(info.Count) {
			var err error
			if path, err = r.prover.RecordsPath(info, indexes[i]); err != nil {
				return err
			}
		}
		d.Envelopes = append(d.Envelopes, DossierEnvelope{Kind: info.Kind, Signer: info.Signer, NotAfter: info.NotAfter,
			Count: info.Count, Signature: info.Signature, Path: path})
	}
	var err error
	d.Log, err = r.prover.LogPath(seqs)
	return err
}

// signer reads the standing of a record's signing key and of its organisation.
func (r *recorder) signer(rec *trace.Recorded) error {
	s, known := r.signers[rec.Signer]
	if !known {
		state, err := r.State(trace.Key{NS: trace.NSKey, ID: rec.Signer})
		if err != nil {
			return err
		}
		if s, err = identity.DecodeKeyState(state); err != nil {
			return fmt.Errorf("key %s of record %d: %w", rec.Signer, rec.Seq, err)
		}
		r.signers[rec.Signer] = s
	}
	if standing, ok := s.At(rec.Seq); ok {
		_, err := r.State(trace.Key{NS: trace.NSOrganisation, ID: standing.Organisation})
		return err
	}
	return nil
}

func (r *recorder) proveKeys(d *Dossier) error {
	var present, absent []identity.Hash
	for _, k := range sortedKeys(r.keys) {
		x := r.keys[k]
		if !x.ok {
			d.Absent = append(d.Absent, KeyName{NS: k.NS, ID: k.ID})
			absent = append(absent, MapKey(k))
			continue
		}
		line := DossierKey{NS: k.NS, ID: k.ID, Count: x.leaf.Count, State: x.state}
		var at []uint64
		for _, s := range x.opened {
			line.History = append(line.History, DossierRange{From: s.from, Seqs: s.seqs})
			for i := range s.seqs {
				at = append(at, s.from+uint64(i))
			}
		}
		if x.leaf.Count > 0 {
			var err error
			if line.Path, err = r.prover.HistoryPath(k, at); err != nil {
				return err
			}
		}
		d.Keys = append(d.Keys, line)
		present = append(present, MapKey(k))
	}
	var err error
	d.Map, err = r.prover.MapProof(present, absent)
	return err
}

// sortedKeys lists the keys as they stand in the map.
func sortedKeys(m map[trace.Key]*reads) []trace.Key {
	type placed struct {
		key  trace.Key
		hash identity.Hash
	}
	all := make([]placed, 0, len(m))
	for k := range m { //waymark:allow maprange: sorted below
		all = append(all, placed{k, MapKey(k)})
	}
	slices.SortFunc(all, func(a, b placed) int { return bytes.Compare(a.hash[:], b.hash[:]) })
	keys := make([]trace.Key, len(all))
	for i := range all {
		keys[i] = all[i].key
	}
	return keys
}
