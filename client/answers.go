package client

import (
	"encoding/json"
	"time"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// Status is how a node stands.
type Status struct {
	Version          string            `json:"version"`
	Network          string            `json:"network"` // 64 hex digits
	ChainID          string            `json:"chainId"`
	Organisation     string            `json:"organisation"`
	OrganisationName string            `json:"organisationName"`
	Address          string            `json:"address"`
	Validator        bool              `json:"validator"`
	NodeID           string            `json:"nodeId"`
	PeerID           string            `json:"peerId"`
	Height           uint64            `json:"height"`
	Time             string            `json:"time"` // block time, RFC 3339
	AppHash          string            `json:"appHash"`
	Records          uint64            `json:"records"`
	CatchingUp       bool              `json:"catchingUp"`
	Ready            bool              `json:"ready"`
	Reason           string            `json:"reason,omitempty"`
	Peers            int               `json:"peers"`
	EnginePeers      int               `json:"enginePeers"`
	Outbox           int               `json:"outbox"`
	Pool             int               `json:"pool"`
	Ruleset          Ruleset           `json:"ruleset"`     // that judged the last block
	Activations      []Activation      `json:"activations"` // ahead, the next one first
	Started          time.Time         `json:"started"`
	Addresses        map[string]string `json:"addresses,omitempty"`
}

// Ruleset names the contracts that judge records.
type Ruleset struct {
	Name    string `json:"name"`
	Version uint32 `json:"version"`
	Digest  string `json:"digest"`
}

// Network is who takes part.
type Network struct {
	Network       string          `json:"network"`
	ChainID       string          `json:"chainId"`
	GenesisTime   string          `json:"genesisTime"`
	Parameters    json.RawMessage `json:"parameters"`
	Organisations []Organisation  `json:"organisations"`
	Validators    []Validator     `json:"validators"`
	Peers         []Peer          `json:"peers"`
	Ruleset       Ruleset         `json:"ruleset"`     // that judged the last block
	Activations   []Activation    `json:"activations"` // ahead, the next one first
}

// Activation is a ruleset that the members have put in force from a height on.
type Activation struct {
	Height  uint64 `json:"height"`
	Ruleset string `json:"ruleset"`
	Release string `json:"release"` // of Waymark that has it
	Present bool   `json:"present"` // in the release of the node that was asked
}

// Organisation is a member and its standing now.
type Organisation struct {
	identity.Organisation
	Status    identity.Status `json:"status"`
	Addresses []string        `json:"addresses"`
	// KeyKinds are the kinds of records that a key signs, by its address, of those that do not
	// sign all.
	KeyKinds map[string][]string `json:"keyKinds,omitempty"`
}

// Validator is a validator of the engine's present set.
type Validator struct {
	Address      string `json:"address"`
	Power        int64  `json:"power"`
	Organisation string `json:"organisation,omitempty"`
}

// Proposal is what members vote on.
type Proposal struct {
	ID       string          `json:"id"`
	Status   string          `json:"status"`   // open, adopted, rejected, withdrawn, void or lapsed
	Proposer string          `json:"proposer"` // organisation id
	Seq      uint64          `json:"seq"`
	Change   string          `json:"change"`
	Until    epcis.Instant   `json:"until"` // block time after which it has lapsed
	Votes    []Vote          `json:"votes"`
	Decided  *uint64         `json:"decided,omitempty"` // seq of the record that decided it
	Record   json.RawMessage `json:"record"`            // as the proposer signed it
}

// Vote is one member's, the last that it cast.
type Vote struct {
	Organisation string `json:"organisation"`
	Yes          bool   `json:"yes"`
	Seq          uint64 `json:"seq"`
}

// Peer is a peer of the node.
type Peer struct {
	ID           string `json:"id"`
	Organisation string `json:"organisation,omitempty"`
	Address      string `json:"address,omitempty"`
	Network      string `json:"network"`
}

// Signer is who wrote a record.
type Signer struct {
	Address      string `json:"address"`      // EIP-55
	Organisation string `json:"organisation"` // id, "" when unknown
	Name         string `json:"name,omitempty"`
}

// Record is a record as it stands on the ledger. Record holds its exact bytes
// as signed; Bytes holds them instead when they are no JSON, which only a
// refused record can be.
type Record struct {
	Seq        uint64          `json:"seq"`
	Height     uint64          `json:"height"`
	Time       epcis.Instant   `json:"time"` // block time
	Kind       epcis.Kind      `json:"kind"`
	Signer     Signer          `json:"signer"`
	Envelope   string          `json:"envelope"` // 0x hex
	Index      uint32          `json:"index"`    // in its envelope
	RecordHash string          `json:"recordHash"`
	EventID    string          `json:"eventID,omitempty"`
	Rejected   bool            `json:"rejected"`
	Verdicts   []trace.Finding `json:"verdicts"`
	Record     json.RawMessage `json:"record,omitempty"`
	Bytes      []byte          `json:"recordBytes,omitempty"`
}

// AsOf says at which height an answer was read.
type AsOf struct {
	Height  uint64        `json:"height"`
	Time    epcis.Instant `json:"time"`
	AppHash string        `json:"appHash"`
}

// Receipt is how an envelope was judged. Records is nil while it was not.
type Receipt struct {
	Envelope  string         `json:"envelope"`
	Status    string         `json:"status"` // "pending" or "judged"
	Kind      string         `json:"kind,omitempty"`
	Signer    *Signer        `json:"signer,omitempty"`
	NotAfter  uint64         `json:"notAfter,omitempty"`
	Height    uint64         `json:"height,omitempty"`
	Time      *epcis.Instant `json:"time,omitempty"`
	FirstSeq  uint64         `json:"firstSeq"` // of what is judged
	Count     uint32         `json:"count"`
	Records   []Record       `json:"records,omitempty"`
	Duplicate bool           `json:"duplicate,omitempty"` // of POST /epcis/events: this is the first receipt
}

// Job is a capture job (EPCIS 2.0, section 12: capture interface), with the
// records it made.
type Job struct {
	CaptureID             string     `json:"captureID"`
	CreatedAt             time.Time  `json:"createdAt"`
	FinishedAt            *time.Time `json:"finishedAt,omitempty"`
	Running               bool       `json:"running"`
	Success               bool       `json:"success"`
	CaptureErrorBehaviour string     `json:"captureErrorBehaviour"`
	Errors                []Problem  `json:"errors"`
	Envelopes             []string   `json:"envelopes"`
	Records               []Record   `json:"records"`
}

// Trace is the journey of a thing, as of one height. AsOf of a verified one is
// the signed block whose header carries the ledger's hash.
type Trace struct {
	ID           string                    `json:"id"`
	Direction    trace.Direction           `json:"direction"`
	AsOf         AsOf                      `json:"asOf"`
	Records      []Record                  `json:"records"`
	Graph        trace.Graph               `json:"graph"`
	Steps        []trace.Step              `json:"steps"`
	Gaps         []trace.Gap               `json:"gaps"`
	Certificates []trace.CertificateStatus `json:"certificates"`
	Plots        []trace.Plot              `json:"plots"`
	Names        map[string]string         `json:"names"`
	Continuation string                    `json:"continuation,omitempty"`

	// Verdict is what the dossier proved from which all of this was read; nil of
	// what the node only told.
	Verdict *proof.Verdict `json:"-"`
}

// Journey is the trace as package trace renders it.
func (t *Trace) Journey() *trace.Journey {
	return &trace.Journey{ID: t.ID, Direction: t.Direction, Graph: t.Graph, Steps: t.Steps, Gaps: t.Gaps,
		Certificates: t.Certificates, Plots: t.Plots, Names: t.Names, Continuation: t.Continuation, Records: t.recorded()}
}

func (t *Trace) recorded() []*trace.Recorded {
	var out []*trace.Recorded
	for i := range t.Records {
		r := &t.Records[i]
		bytes := []byte(r.Record)
		if r.Bytes != nil {
			bytes = r.Bytes
		}
		out = append(out, &trace.Recorded{Seq: r.Seq, Height: r.Height, Time: r.Time, Kind: r.Kind, Signer: r.Signer.Address,
			Organisation: r.Signer.Organisation, Envelope: hash(r.Envelope), Index: r.Index, Findings: r.Verdicts, Bytes: bytes})
	}
	return out
}

// Block is the ledger at one height and the records of that block,
// [From, To).
type Block struct {
	Height      uint64        `json:"height"`
	Time        epcis.Instant `json:"time"`
	AppHash     string        `json:"appHash"`
	LogSize     uint64        `json:"logSize"`
	LogRoot     string        `json:"logRoot"`
	MapRoot     string        `json:"mapRoot"`
	StateHeight uint64        `json:"stateHeight"` // the last height that changed state
	From        uint64        `json:"from"`
	To          uint64        `json:"to"`
}
