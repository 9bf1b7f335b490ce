package proof

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/waymark-ledger/waymark/identity"
)

// The engine hashes and signs protobuf (proto3) messages. Those few that matter
// are written here by hand: fields in ascending order, zero values left out, but
// embedded messages that gogoproto calls not nullable always there.

// Wire types of protobuf, in their place in a field's tag.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
)

func tag(b []byte, field, wire byte) []byte { return append(b, field<<3|wire) }

func pbUint(b []byte, field byte, v uint64) []byte {
	if v == 0 {
		return b
	}
	return binary.AppendUvarint(tag(b, field, wireVarint), v)
}

func pbFixed64(b []byte, field byte, v uint64) []byte {
	if v == 0 {
		return b
	}
	return binary.LittleEndian.AppendUint64(tag(b, field, wireFixed64), v)
}

func pbBytes(b []byte, field byte, v []byte) []byte {
	if len(v) == 0 {
		return b
	}
	return pbMessage(b, field, v)
}

// pbMessage writes an embedded message, an empty one too.
func pbMessage(b []byte, field byte, m []byte) []byte {
	b = binary.AppendUvarint(tag(b, field, wireBytes), uint64(len(m)))
	return append(b, m...)
}

const nanosPerSecond = 1_000_000_000

// pbTime is a google.protobuf.Timestamp.
func pbTime(nanos int64) []byte {
	seconds, rest := nanos/nanosPerSecond, nanos%nanosPerSecond
	if rest < 0 {
		seconds, rest = seconds-1, rest+nanosPerSecond
	}
	return pbUint(pbUint(nil, 1, uint64(seconds)), 2, uint64(rest))
}

// encode is the tendermint.types.BlockID message, and CanonicalBlockID, which
// has the same fields.
func (id *BlockID) encode() []byte {
	if id == nil {
		return pbMessage(nil, 2, nil)
	}
	parts := pbBytes(pbUint(nil, 1, uint64(id.Parts)), 2, id.PartsHash[:])
	return pbMessage(pbBytes(nil, 1, id.Hash[:]), 2, parts)
}

// Hash is the engine's hash of the header: the RFC 6962 root over its 14 fields
// (types.Header.Hash of CometBFT v0.40). Scalars are wrapped as the well-known
// types StringValue, Int64Value and BytesValue.
func (h *Header) Hash() identity.Hash {
	value := func(v []byte) []byte { return pbBytes(nil, 1, v) }
	return rootOfItems([][]byte{
		pbUint(pbUint(nil, 1, h.VersionBlock), 2, h.VersionApp),
		value([]byte(h.ChainID)),
		pbUint(nil, 1, h.Height),
		pbTime(h.Time),
		h.LastBlock.encode(),
		value(h.LastCommitHash[:]),
		value(h.DataHash[:]),
		value(h.ValidatorsHash[:]),
		value(h.NextValidatorsHash[:]),
		value(h.ConsensusHash[:]),
		value(h.AppHash[:]),
		value(h.LastResultsHash[:]),
		value(h.EvidenceHash[:]),
		value(h.Proposer[:]),
	})
}

// ValidatorsHash is the engine's hash of a validator set in its order: the RFC
// 6962 root over tendermint.types.SimpleValidator messages.
func ValidatorsHash(vs []identity.Validator) identity.Hash {
	items := make([][]byte, len(vs))
	for i, v := range vs {
		key := pbBytes(nil, 1, v.Key[:]) // PublicKey{ed25519}
		items[i] = pbUint(pbMessage(nil, 1, key), 2, uint64(v.Power))
	}
	return rootOfItems(items)
}

// SortValidators puts a validator set in the engine's order: the powerful first,
// equal ones by address.
func SortValidators(vs []identity.Validator) {
	slices.SortFunc(vs, func(a, b identity.Validator) int {
		if a.Power != b.Power {
			if a.Power > b.Power {
				return -1
			}
			return 1
		}
		x, y := a.Key.Address(), b.Key.Address()
		return bytes.Compare(x[:], y[:])
	})
}

// precommit is tendermint.types.SignedMsgType of the votes in a commit.
const precommit = 2

// voteBytes are what a validator signs: the length-prefixed
// tendermint.types.CanonicalVote.
func voteBytes(chainID string, height uint64, round uint32, id BlockID, time int64) []byte {
	b := pbUint(nil, 1, precommit)
	b = pbFixed64(b, 2, height)
	b = pbFixed64(b, 3, uint64(round))
	b = pbMessage(b, 4, id.encode())
	b = pbMessage(b, 5, pbTime(time))
	b = pbBytes(b, 6, []byte(chainID))
	return append(binary.AppendUvarint(make([]byte, 0, len(b)+2), uint64(len(b))), b...)
}

// rootOfItems is the RFC 6962 root over the items.
func rootOfItems(items [][]byte) identity.Hash {
	switch len(items) {
	case 0:
		return EmptyLogRoot()
	case 1:
		return LeafHash(items[0])
	}
	k := 1 << (bits.Len(uint(len(items)-1)) - 1)
	return NodeHash(rootOfItems(items[:k]), rootOfItems(items[k:]))
}
