// Package api is the HTTP surface of a node: EPCIS 2.0 capture and query, the
// ledger under /v1, and GS1 Digital Link pages for people.
//
// Its promise: it alone knows HTTP. Every error becomes problem+json (RFC
// 9457) here, through one table, and nowhere else; every answer about the
// ledger is read from one snapshot at one height.
package api

import (
	"context"
	"errors"
	"time"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// Backend is what the API needs of a node. Its methods are safe for
// concurrent use.
type Backend interface {
	// Snapshot opens a view of the ledger at its last committed height. The
	// caller closes it.
	Snapshot() (Snapshot, error)
	// Provable opens the newest height of the ledger that a reader can be given
	// proof of, and waits a moment for the proof of the last committed one; or, if
	// stateHeight is not nil and Keep was called of that height a short while ago,
	// that one again. It fails with ErrUnproved when there is none yet. The caller
	// closes it.
	Provable(ctx context.Context, stateHeight *uint64) (*Provable, error)
	// Capture signs records of one kind with the organisation's key, in
	// envelopes within the limits of [identity], in order. When it returns
	// without error every one of them is in the outbox, synced to disk. An
	// error means that none of them is.
	Capture(ctx context.Context, kind epcis.Kind, records [][]byte) ([]Accepted, error)
	// Simulate says how the contracts would judge records in a block made now on
	// the last committed state, in order, each seeing what those before it would
	// have written. It signs, keeps and sends nothing, and sees nothing of what
	// waits for a block. The author is the organisation's key, or signer where that
	// is not nil. It fails with an [*EnvelopeError] when no node would admit an
	// envelope of that author or kind. set are parameters to judge with instead of the
	// network's, by name; each is known and in its range.
	Simulate(ctx context.Context, signer *identity.Address, set map[string]string, parts []Part) (*Simulation, error)
	// Submit takes an envelope signed elsewhere, as wire bytes, and puts it in
	// the outbox (synced). It fails with an [*EnvelopeError] when no node would
	// admit it. An envelope that was judged before is accepted again.
	Submit(ctx context.Context, wire []byte) (identity.Hash, error)
	// Wait returns once the envelope is judged and durable here. It fails with
	// the context's error, or with ErrExpired when block time passed its
	// deadline unjudged.
	Wait(ctx context.Context, id identity.Hash) (proof.EnvelopeInfo, error)
	// SaveJob keeps a capture job (synced before it returns); Job reads one
	// back, ErrNotFound when there is none.
	SaveJob(id string, job []byte) error
	Job(id string) ([]byte, error)
	// Genesis is the network's genesis document, as it was sealed.
	Genesis() []byte
	Status() Status
	Network() NetworkInfo
}

// Snapshot is the ledger at one height. Unknown positions fail with an error
// that wraps [trace.ErrUnknown].
type Snapshot interface {
	trace.Reader
	Roots() proof.Roots
	// Entry returns the ledger line of one record.
	Entry(seq uint64) (*proof.Entry, error)
	// Block returns the roots as of a height; ok is false when it is ahead of
	// the snapshot, or 0.
	Block(height uint64) (roots proof.Roots, ok bool, err error)
	// BlockSeqs returns the records of a block, [from, to).
	BlockSeqs(height uint64) (from, to uint64, err error)
	// Envelope returns what is kept of a judged envelope.
	Envelope(id identity.Hash) (info proof.EnvelopeInfo, ok bool, err error)
	// Accepted returns the seq of the record with this hash that was accepted
	// from this organisation.
	Accepted(organisation string, record identity.Hash, content string) (seq uint64, ok bool, err error)
	// ByEventID returns up to limit accepted records with this eventID, ascending.
	ByEventID(eventID string, limit int) ([]uint64, error)
	// Listed returns up to limit keys of the namespaces case and transfer, in the
	// order in which they were opened, and the place of each, after which another
	// call goes on; after is empty to begin.
	Listed(after []byte, limit int) (keys []trace.Key, places [][]byte, err error)
	// Flagged returns up to limit accepted records with a finding that is a FLAG, from a
	// seq on, ascending.
	Flagged(from uint64, limit int) ([]uint64, error)
	// Uses, Places, Made, Sighted, Stray and Lots read the forward index: see
	// [contracts.ImpactReader].
	Uses(of trace.Key, after *trace.Use, limit int) ([]trace.Use, error)
	Places(of trace.Key, born uint64, each func(trace.Move) (more bool, err error)) error
	Made(of trace.Key, limit int) ([]uint64, error)
	Sighted(of trace.Key, from uint64, limit int) ([]uint64, error)
	Stray(of trace.Key, seq uint64) (bool, error)
	Lots(class trace.Key, limit int) ([]trace.LotSince, error)
	// ConsistencyProof proves that the log of size to begins with that of size
	// from (RFC 6962, section 2.1.2).
	ConsistencyProof(from, to uint64) ([]identity.Hash, error)
	Close() error
}

// ProvableSnapshot is a snapshot from which dossiers can be built.
type ProvableSnapshot interface {
	Snapshot
	proof.Prover
}

// Provable is the ledger at a height together with the checkpoint that proves
// it to a reader.
type Provable struct {
	ProvableSnapshot
	Checkpoint *proof.Checkpoint
	// Keep has the node hold this height for the next part of the answer.
	Keep func()
}

// Accepted is an envelope that the outbox holds durably.
type Accepted struct {
	ID       identity.Hash
	NotAfter uint64 // Unix seconds
	Records  int
}

// Part is records of one kind that one author would sign together.
type Part struct {
	Kind    epcis.Kind
	Records [][]byte
}

// Simulation is how records would be judged.
type Simulation struct {
	Roots        proof.Roots   // of the ledger that they were judged on
	Time         epcis.Instant // the block time that they were judged at
	Signer       identity.Address
	Organisation string            // the signer's
	Findings     [][]trace.Finding // of each record; the first would stand at seq Roots.LogSize
}

// Errors of a Backend that clients can do something about.
var (
	// ErrBusy: the outbox or the pool is full; the same request may succeed later.
	ErrBusy = errors.New("the node has too much waiting to be ordered")
	// ErrReadOnly: this node has no signing key of an organisation.
	ErrReadOnly = errors.New("this node signs for no organisation")
	// ErrStorageLow: the disk is nearly full, so nothing new is accepted.
	ErrStorageLow = errors.New("the node's disk is nearly full")
	// ErrExpired: block time passed the envelope's deadline before it was judged.
	ErrExpired = errors.New("the envelope expired before it was ordered")
	// ErrNotFound: there is no such job.
	ErrNotFound = errors.New("not found")
	// ErrUnproved: no block proves a state of this ledger yet.
	ErrUnproved = errors.New("no block proves the ledger's state yet")
	// ErrStopping: the node is shutting down.
	ErrStopping = errors.New("the node is shutting down")
)

// EnvelopeError says why an envelope is not admitted: it does not decode, its
// signature is wrong, its signer is no active key, its deadline has passed or
// is too far ahead, or it belongs to another network.
type EnvelopeError struct {
	Reason string // a sentence for its author
	Next   string // what the author can do now
}

func (e *EnvelopeError) Error() string { return "envelope refused: " + e.Reason }

// Status is how the node stands now.
type Status struct {
	Version          string            `json:"version"`
	Network          string            `json:"network"` // 64 hex digits
	ChainID          string            `json:"chainId"`
	Organisation     string            `json:"organisation"`     // id of the node's organisation, "" for a follower
	OrganisationName string            `json:"organisationName"` // as genesis or governance names it
	Address          string            `json:"address"`          // of its operating key, EIP-55
	Validator        bool              `json:"validator"`
	NodeID           string            `json:"nodeId"` // CometBFT
	PeerID           string            `json:"peerId"` // libp2p
	Height           uint64            `json:"height"`
	Time             string            `json:"time"` // block time of Height, RFC 3339
	AppHash          string            `json:"appHash"`
	Records          uint64            `json:"records"` // on the ledger
	CatchingUp       bool              `json:"catchingUp"`
	Ready            bool              `json:"ready"`
	Reason           string            `json:"reason,omitempty"` // why it is not ready
	Peers            int               `json:"peers"`            // of the gossip network
	EnginePeers      int               `json:"enginePeers"`      // of the consensus network
	Outbox           int               `json:"outbox"`           // envelopes accepted here and not yet judged
	Pool             int               `json:"pool"`             // envelopes waiting for a block
	Ruleset          RulesetInfo       `json:"ruleset"`          // that judged the last block
	Activations      []ActivationInfo  `json:"activations"`      // ahead, the next one first
	Started          time.Time         `json:"started"`
	Addresses        map[string]string `json:"addresses,omitempty"` // by what they serve: "api", "gossip", "consensus"
}

// RulesetInfo names the contracts that judge records.
type RulesetInfo struct {
	Name    string `json:"name"`
	Version uint32 `json:"version"`
	Digest  string `json:"digest"` // hex
}

// NetworkInfo is who takes part.
type NetworkInfo struct {
	Network       string             `json:"network"`
	ChainID       string             `json:"chainId"`
	GenesisTime   string             `json:"genesisTime"` // RFC 3339
	Parameters    any                `json:"parameters"`  // identity.AllParameters
	Organisations []OrganisationInfo `json:"organisations"`
	Validators    []ValidatorInfo    `json:"validators"`
	Peers         []PeerInfo         `json:"peers"`       // of this node, now
	Ruleset       RulesetInfo        `json:"ruleset"`     // that judged the last block
	Activations   []ActivationInfo   `json:"activations"` // ahead, the next one first
}

// ActivationInfo is a ruleset that the members have put in force from a height on.
type ActivationInfo struct {
	Height  uint64 `json:"height"`
	Ruleset string `json:"ruleset"`
	Release string `json:"release"` // of Waymark that has it
	Present bool   `json:"present"` // in this node's release; a node that lacks it stops before Height
}

// OrganisationInfo is a member and its standing now.
type OrganisationInfo struct {
	identity.Organisation
	Status    identity.Status `json:"status"`
	Addresses []string        `json:"addresses"` // of its operating keys, EIP-55
	// KeyKinds are the kinds of records that a key signs, by its address, of those that do not
	// sign all.
	KeyKinds map[string][]string `json:"keyKinds,omitempty"`
}

// ValidatorInfo is a validator of the engine's present set.
type ValidatorInfo struct {
	Address      string `json:"address"` // CometBFT's, hex
	Power        int64  `json:"power"`
	Organisation string `json:"organisation,omitempty"`
}

// PeerInfo is a peer this node is connected to.
type PeerInfo struct {
	ID           string `json:"id"`
	Organisation string `json:"organisation,omitempty"`
	Address      string `json:"address,omitempty"`
	Network      string `json:"network"` // "gossip" or "consensus"
}
