package identity

import (
	"bytes"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// encMode writes core deterministic CBOR (RFC 8949, section 4.2.1). A nil slice
// is written as an empty one, so that a value has one encoding however it was
// built.
var encMode = mustEncMode() //waymark:allow variable: its options are set once

// decMode reads what encMode writes. What its options let through (a longer
// integer form, null for an empty list, a byte string of the wrong length) the
// comparison in UnmarshalStrict and DecodeEnvelope refuses.
var decMode = mustDecMode(64 << 10) //waymark:allow variable: its options are set once

func mustEncMode() cbor.EncMode {
	o := cbor.CoreDetEncOptions()
	o.NilContainers = cbor.NilContainerAsEmpty
	o.TagsMd = cbor.TagsForbidden
	m, err := o.EncMode()
	if err != nil {
		panic(err)
	}
	return m
}

func mustDecMode(maxElements int) cbor.DecMode {
	m, err := cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		MaxNestedLevels:   16,
		MaxArrayElements:  maxElements,
		MaxMapPairs:       64,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
		UTF8:              cbor.UTF8RejectInvalid,
		FieldNameMatching: cbor.FieldNameMatchingCaseSensitive,
		NaN:               cbor.NaNDecodeForbidden,
		Inf:               cbor.InfDecodeForbidden,
		BignumTag:         cbor.BignumTagForbidden,
	}.DecMode()
	if err != nil {
		panic(err)
	}
	return m
}

// MarshalCanonical returns the one encoding of v that the ledger keeps and
// hashes: core deterministic CBOR (RFC 8949, section 4.2.1), nil slices as
// empty ones. Strings in v must be valid UTF-8, or UnmarshalStrict will refuse
// the result.
func MarshalCanonical(v any) ([]byte, error) {
	b, err := encMode.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", v, err)
	}
	return b, nil
}

// UnmarshalStrict decodes b into v, a pointer, and refuses every byte string
// that MarshalCanonical would not have written for the result: unknown or
// repeated keys, indefinite lengths, tags, longer forms, trailing bytes. Its
// errors are ErrEncoding.
func UnmarshalStrict(b []byte, v any) error {
	if err := decMode.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%w: decode %T: %v", ErrEncoding, v, err)
	}
	again, err := encMode.Marshal(v)
	if err != nil {
		return fmt.Errorf("%w: encode %T again: %v", ErrEncoding, v, err)
	}
	if !bytes.Equal(b, again) {
		return fmt.Errorf("%w: %T is not in its canonical form", ErrEncoding, v)
	}
	return nil
}

// mustMarshal encodes a value whose types cannot fail to encode.
func mustMarshal(v any) []byte {
	b, err := MarshalCanonical(v)
	if err != nil {
		panic(err)
	}
	return b
}
