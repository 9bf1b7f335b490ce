package identity

import (
	"fmt"
	"slices"
)

// Encode returns the canonical state bytes (deterministic CBOR).
func (s OrganisationState) Encode() []byte { return mustMarshal(s) }

// DecodeOrganisationState reads canonical state bytes; ErrEncoding for any others.
func DecodeOrganisationState(b []byte) (OrganisationState, error) {
	var s OrganisationState
	if err := UnmarshalStrict(b, &s); err != nil {
		return OrganisationState{}, fmt.Errorf("organisation state: %w", err)
	}
	if err := checkIntervals(s.Intervals); err != nil {
		return OrganisationState{}, fmt.Errorf("organisation state: %w", err)
	}
	return s, nil
}

// At returns the standing that held at seq, false when none did.
func (s OrganisationState) At(seq uint64) (OrganisationStanding, bool) { return at(s.Intervals, seq) }

// Encode returns the canonical state bytes (deterministic CBOR).
func (s KeyState) Encode() []byte { return mustMarshal(s) }

// DecodeKeyState reads canonical state bytes; ErrEncoding for any others.
func DecodeKeyState(b []byte) (KeyState, error) {
	var s KeyState
	if err := UnmarshalStrict(b, &s); err != nil {
		return KeyState{}, fmt.Errorf("key state: %w", err)
	}
	if err := checkIntervals(s.Intervals); err != nil {
		return KeyState{}, fmt.Errorf("key state: %w", err)
	}
	return s, nil
}

// At returns the standing that held at seq, false when none did.
func (s KeyState) At(seq uint64) (KeyStanding, bool) { return at(s.Intervals, seq) }

// Signs reports whether the key is registered for a kind of records.
func (s *KeyStanding) Signs(kind string) bool {
	return len(s.Kinds) == 0 || slices.Contains(s.Kinds, kind)
}

// Doubtful reports whether what the key signed in a block of that time, in Unix
// seconds, may be another's word: its organisation revoked it, saying that it was
// compromised by then.
func (s KeyState) Doubtful(seconds int64) bool {
	if len(s.Intervals) == 0 {
		return false
	}
	since := s.Intervals[len(s.Intervals)-1].Value.CompromisedSince
	return since != nil && seconds >= *since
}

// at searches from the end: what is asked for is nearly always the last one.
func at[T any](intervals []Interval[T], seq uint64) (T, bool) {
	for i := len(intervals) - 1; i >= 0; i-- {
		v := intervals[i]
		if seq < v.FromSeq {
			continue
		}
		if v.ToSeq == nil || seq < *v.ToSeq {
			return v.Value, true
		}
		break
	}
	var none T
	return none, false
}

// checkIntervals holds states to their shape: none empty, ascending, apart, and
// only the last one open.
func checkIntervals[T any](intervals []Interval[T]) error {
	for i, v := range intervals {
		if v.ToSeq != nil && *v.ToSeq <= v.FromSeq {
			return fmt.Errorf("%w: interval %d is empty", ErrEncoding, i)
		}
		if i == 0 {
			continue
		}
		if before := intervals[i-1].ToSeq; before == nil || *before > v.FromSeq {
			return fmt.Errorf("%w: interval %d begins before the one before it ends", ErrEncoding, i)
		}
	}
	return nil
}
