package identity

import (
	"errors"
	"fmt"
)

// Parameters are the numbers that a network agrees on at genesis. They are part
// of consensus. A parameter that a genesis document leaves out has the value
// DefaultParameters gives; those values are part of the format and never change.
type Parameters struct {
	// MaxNotAfterAhead is how far ahead of block time, in seconds, an envelope's
	// deadline may lie.
	MaxNotAfterAhead uint64 `json:"maxNotAfterAhead" cbor:"1,keyasint"`
	// FutureSkew is how far after block time, in seconds, an event may say it happened.
	FutureSkew uint64 `json:"futureSkew" cbor:"2,keyasint"`
	// Lateness is how long after it happened, in seconds, an event may be recorded
	// without a flag.
	Lateness uint64 `json:"lateness" cbor:"3,keyasint"`
	// MaxRecordsPerBlock and MaxBytesPerBlock bound one block: its records, and the
	// wire bytes of its envelopes.
	MaxRecordsPerBlock uint64 `json:"maxRecordsPerBlock" cbor:"4,keyasint"`
	MaxBytesPerBlock   uint64 `json:"maxBytesPerBlock" cbor:"5,keyasint"`
	// MaxRecordsPerMember and MaxBytesPerMember bound what one organisation may
	// put in one block.
	MaxRecordsPerMember uint64 `json:"maxRecordsPerMember" cbor:"6,keyasint"`
	MaxBytesPerMember   uint64 `json:"maxBytesPerMember" cbor:"7,keyasint"`
}

// DefaultParameters are the values of parameters that genesis leaves out: 7 days,
// 10 minutes, 90 days, and blocks of 4 MiB and 20,000 records, of which one
// member may fill three quarters.
func DefaultParameters() Parameters {
	return Parameters{
		MaxNotAfterAhead:    604_800,
		FutureSkew:          600,
		Lateness:            90 * 86_400,
		MaxRecordsPerBlock:  20_000,
		MaxBytesPerBlock:    4 << 20,
		MaxRecordsPerMember: 15_000,
		MaxBytesPerMember:   3 << 20,
	}
}

// Validate reports every parameter that is out of its range.
func (p Parameters) Validate() error {
	const year = 366 * 86_400
	return errors.Join(
		between("maxNotAfterAhead", p.MaxNotAfterAhead, 60, year),
		between("futureSkew", p.FutureSkew, 0, 86_400),
		between("lateness", p.Lateness, 0, 10*year),
		// The largest envelope has to fit in a block, and in a member's share of it.
		between("maxRecordsPerBlock", p.MaxRecordsPerBlock, MaxRecords, 1_000_000),
		between("maxBytesPerBlock", p.MaxBytesPerBlock, MaxEnvelopeBytes, 64<<20),
		between("maxRecordsPerMember", p.MaxRecordsPerMember, MaxRecords, 1_000_000),
		between("maxBytesPerMember", p.MaxBytesPerMember, MaxEnvelopeBytes, 64<<20),
	)
}

func between(name string, v, low, high uint64) error {
	if v < low || v > high {
		return fmt.Errorf("parameter %s: %d is not between %d and %d", name, v, low, high)
	}
	return nil
}

// Encode returns the canonical state bytes (deterministic CBOR).
func (p Parameters) Encode() []byte { return mustMarshal(p) }

// DecodeParameters reads canonical state bytes; ErrEncoding for any others.
func DecodeParameters(b []byte) (Parameters, error) {
	var p Parameters
	if err := UnmarshalStrict(b, &p); err != nil {
		return Parameters{}, fmt.Errorf("parameters: %w", err)
	}
	return p, nil
}
