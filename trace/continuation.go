package trace

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"fmt"
	"io"

	"github.com/fxamacker/cbor/v2"
)

// A continuation says what a walk has not walked. It describes itself: base64url
// of deflated CBOR. It is no secret and no promise; whoever forges one gets a
// walk of what they forged.
type continuation struct {
	_         struct{} `cbor:",toarray"`
	Version   uint
	ID        string
	Direction Direction
	Tasks     []task
}

const (
	continuationVersion = 1
	maxContinuation     = 8 << 20 // bytes, inflated
)

func encodeContinuation(id string, d Direction, tasks []task) (string, error) {
	b, err := cbor.Marshal(continuation{Version: continuationVersion, ID: id, Direction: d, Tasks: tasks})
	if err != nil {
		return "", fmt.Errorf("continuation: %w", err)
	}
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

func decodeContinuation(token, id string, d Direction) ([]task, error) {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrContinuation, err)
	}
	b, err = io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(b)), maxContinuation))
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrContinuation, err)
	}
	var c continuation
	if err := cbor.Unmarshal(b, &c); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrContinuation, err)
	}
	switch {
	case c.Version != continuationVersion:
		return nil, fmt.Errorf("%w: its version is %d", ErrContinuation, c.Version)
	case c.ID != id:
		return nil, fmt.Errorf("%w: it is of %s", ErrContinuation, c.ID)
	case c.Direction != d:
		return nil, fmt.Errorf("%w: it goes %s", ErrContinuation, c.Direction)
	}
	for i := range c.Tasks {
		t := &c.Tasks[i]
		if t.ID == "" || t.Depth < 0 || t.Mode&inside != 0 && t.Since == nil {
			return nil, fmt.Errorf("%w: part %d is incomplete", ErrContinuation, i)
		}
	}
	return c.Tasks, nil
}
