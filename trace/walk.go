package trace

import (
	"errors"
	"io"
)

// ErrUnknown is returned for an id, or a seq, that the ledger holds nothing of.
var ErrUnknown = errors.New("unknown to this ledger")

// ErrContinuation is returned for a continuation that was not issued for this
// id and direction.
var ErrContinuation = errors.New("continuation is not valid for this walk")

// Walk follows the records from id to its journey.
func Walk(r Reader, id string, o Options) (*Journey, error) { return nil, ErrUnknown }

// Tree writes the journey for people.
func (j *Journey) Tree(w io.Writer) error { return nil }
