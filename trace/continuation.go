package trace

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"github.com/waymark-ledger/waymark/epcis"
)

// A rest says what a walk has not walked: deterministic CBOR (RFC 8949, section
// 4.2.1), so that two walks that end in the same place say so in the same bytes.
// It describes itself, is no secret and no promise; whoever forges one gets a
// walk of what they forged.
//
//	[2, id, direction, [task…]]
//	task: [namespace, id, depth, mode, child, since, until, before, from, [edge…]]
//	edge: [kind, from, to, seq, certainty, quantity, unit, since, until]
//
// A moment is [seconds, nanoseconds], null for none; mode is the sum of 1 to what
// it was made from, 2 to what was made from it, 4 what it held, 8 a container
// while child was inside, 16 the lot of an item, 32 a document for what it names,
// 64 a document that is cited. from is the seq to go on from; of a container, the one
// by which child left it, 0 for none.
type rest struct {
	_         struct{} `cbor:",toarray"`
	Version   uint
	ID        string
	Direction Direction
	Tasks     []restTask
}

type restTask struct {
	_                    struct{} `cbor:",toarray"`
	NS                   Namespace
	ID                   string
	Depth                int
	Mode                 mode
	Child                string
	Since, Until, Before *Moment
	From                 uint64
	Edges                []restEdge
}

type restEdge struct {
	_              struct{} `cbor:",toarray"`
	Kind, From, To string
	Seq            uint64
	Certainty      Certainty
	Quantity, Unit string
	Since, Until   *Moment
}

const (
	restVersion = 2
	maxRest     = 8 << 20 // bytes
	undeflated  = "."     // begins a token that is not deflated
)

// endBefore makes the tasks what the journey leaves to its continuation.
func (j *Journey) endBefore(tasks []task) error {
	r := rest{Version: restVersion, ID: j.ID, Direction: j.Direction, Tasks: make([]restTask, len(tasks))}
	seen := map[Key]bool{}
	for i := range tasks {
		t := &tasks[i]
		if !seen[t.key()] {
			seen[t.key()] = true
			j.Unwalked = append(j.Unwalked, t.key())
		}
		r.Tasks[i] = restTask{NS: t.NS, ID: t.ID, Depth: t.Depth, Mode: t.Mode, Child: t.Child,
			Since: t.Since, Until: t.Until, Before: t.Before, From: t.From, Edges: make([]restEdge, len(t.Edges))}
		for n, e := range t.Edges {
			r.Tasks[i].Edges[n] = restEdge{Kind: e.Kind, From: e.From, To: e.To, Seq: e.Seq, Certainty: e.Certainty,
				Quantity: e.Quantity, Unit: e.Unit, Since: optional(e.Since), Until: optional(e.Until)}
		}
	}
	var err error
	if j.Rest, err = encodeRest(&r); err != nil {
		return err
	}
	j.Continuation, err = ShortToken(j.Rest)
	return err
}

func optional(t *epcis.Instant) *Moment {
	if t == nil {
		return nil
	}
	return ptr(*t)
}

func encodeRest(r *rest) ([]byte, error) {
	m, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		return nil, fmt.Errorf("continuation: %w", err)
	}
	b, err := m.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("continuation: %w", err)
	}
	return b, nil
}

// ShortToken is a continuation for [Options] that stands for the rest: base64url
// of its DEFLATE (RFC 1951), for the query of a URL. Other versions of the
// library may write another token for the same rest.
func ShortToken(b []byte) (string, error) {
	var out bytes.Buffer
	z, err := flate.NewWriter(&out, flate.DefaultCompression)
	if err != nil {
		return "", fmt.Errorf("continuation: %w", err)
	}
	if _, err := z.Write(b); err != nil {
		return "", fmt.Errorf("continuation: %w", err)
	}
	if err := z.Close(); err != nil {
		return "", fmt.Errorf("continuation: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(out.Bytes()), nil
}

// Token is the one continuation for [Options] that stands for the rest without
// DEFLATE: "." and its base64url.
func Token(rest []byte) string { return undeflated + base64.RawURLEncoding.EncodeToString(rest) }

// Rest returns what a continuation stands for: the bytes of [Journey].Rest. Its
// errors are ErrContinuation.
func Rest(token string) ([]byte, error) {
	digits, isRaw := strings.CutPrefix(token, undeflated)
	b, err := base64.RawURLEncoding.DecodeString(digits)
	if err == nil && !isRaw {
		b, err = io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(b)), maxRest))
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrContinuation, err)
	}
	return b, nil
}

// tasksOf reads the tasks of a continuation of this id and direction.
func tasksOf(token, id string, d Direction) ([]task, error) {
	b, err := Rest(token)
	if err != nil {
		return nil, err
	}
	var r rest
	if err := cbor.Unmarshal(b, &r); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrContinuation, err)
	}
	again, err := encodeRest(&r)
	switch {
	case r.Version != restVersion:
		return nil, fmt.Errorf("%w: its version is %d", ErrContinuation, r.Version)
	case r.ID != id:
		return nil, fmt.Errorf("%w: it is of %s", ErrContinuation, r.ID)
	case r.Direction != d:
		return nil, fmt.Errorf("%w: it goes %s", ErrContinuation, r.Direction)
	case err != nil || !bytes.Equal(b, again):
		return nil, fmt.Errorf("%w: it is not in its one form", ErrContinuation)
	case len(r.Tasks) == 0:
		return nil, fmt.Errorf("%w: nothing is left of it", ErrContinuation)
	}
	tasks := make([]task, len(r.Tasks))
	for i := range r.Tasks {
		t := &r.Tasks[i]
		if t.ID == "" || t.Depth < 0 || t.Mode&inside != 0 && t.Since == nil {
			return nil, fmt.Errorf("%w: part %d is incomplete", ErrContinuation, i)
		}
		tasks[i] = task{NS: t.NS, ID: t.ID, Depth: t.Depth, Mode: t.Mode, Child: t.Child,
			Since: t.Since, Until: t.Until, Before: t.Before, From: t.From}
		for _, e := range t.Edges {
			tasks[i].Edges = append(tasks[i].Edges, Edge{Kind: e.Kind, From: e.From, To: e.To, Seq: e.Seq, Certainty: e.Certainty,
				Quantity: e.Quantity, Unit: e.Unit, Since: e.Since.instant(), Until: e.Until.instant()})
		}
	}
	return tasks, nil
}
