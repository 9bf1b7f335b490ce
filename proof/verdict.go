package proof

import (
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// VerdictFormat is the format and version of a Verdict's JSON.
const VerdictFormat = "waymark-verdict/1"

// Verdict is what a verified dossier proves. Everything in it was computed from
// the dossier and what the verifier trusts; the same dossier, options and clock
// give the same verdict.
type Verdict struct {
	Format    string           `json:"format"`
	ID        string           `json:"id"` // canonical
	Direction trace.Direction  `json:"direction"`
	Network   identity.Network `json:"network"`
	// Known is whether the ledger holds any record of the id. False is proved: no
	// key that the id could be has an entry, not even a refused one.
	Known      bool              `json:"known"`
	Checkpoint CheckpointVerdict `json:"checkpoint"`
	Trust      TrustVerdict      `json:"trust"`

	Journey *trace.Journey   `json:"journey,omitempty"` // today: at the checkpoint
	Records []VerifiedRecord `json:"records"`           // of the journey, ascending seq
	// Then is the journey as of a past height, where that was asked for.
	Then *ThenVerdict `json:"then,omitempty"`

	// Complete is whether this is the whole journey. Else it is complete up to where
	// Rest begins, and up to where gaps say that no more was read.
	Complete bool         `json:"complete"`
	Rest     *RestVerdict `json:"rest,omitempty"`

	// Refused is how many refused records stand under each key that was read.
	Refused   []KeyCount `json:"refused"`
	Checked   []Check    `json:"checked"`   // what was checked, and how many
	Unchecked []string   `json:"unchecked"` // what a reader may think was checked, and was not
}

// CheckpointVerdict is the agreement that the verdict stands on.
type CheckpointVerdict struct {
	Height      uint64        `json:"height"`      // of the signed block
	Time        epcis.Instant `json:"time"`        // of that block: as of when this is complete
	StateHeight uint64        `json:"stateHeight"` // of the last block before it that has records
	AppHash     identity.Hash `json:"appHash"`
	LogSize     uint64        `json:"logSize"` // entries of the whole ledger
	Voters      []Voter       `json:"voters"`  // every validator, in the engine's order
	Power       int64         `json:"power,string"`
	Voted       int64         `json:"voted,string"` // more than 2/3 of Power; a dossier carries no more votes than that takes
}

// Voter is a validator and whether the dossier carries its vote.
type Voter struct {
	Address identity.ValidatorAddress `json:"address"`
	Power   int64                     `json:"power,string"`
	Voted   bool                      `json:"voted"`
}

// TrustVerdict is what the verifier's trust began with.
type TrustVerdict struct {
	Kind   AnchorKind    `json:"kind"`
	Height uint64        `json:"height"`
	Time   epcis.Instant `json:"time"`
	// Ages in seconds by the verifier's clock, 0 without one: of the trust root, and
	// of the checkpoint.
	Age           int64 `json:"age"`
	CheckpointAge int64 `json:"checkpointAge"`
	Bridges       int   `json:"bridges"` // blocks between them, where the validators changed
}

// VerifiedRecord says who signed a record and where it stands. Names are those
// that the members admitted the organisation under.
type VerifiedRecord struct {
	Seq          uint64          `json:"seq"`
	Height       uint64          `json:"height"`
	Time         epcis.Instant   `json:"time"`
	Kind         epcis.Kind      `json:"kind"`
	Signer       string          `json:"signer"`
	Organisation string          `json:"organisation"`
	Name         string          `json:"name,omitempty"`
	Envelope     identity.Hash   `json:"envelope"`
	Record       identity.Hash   `json:"record"`
	Refused      bool            `json:"refused,omitempty"`
	Compromised  bool            `json:"compromised,omitempty"` // see trace.Recorded
	Findings     []trace.Finding `json:"findings,omitempty"`
}

// ThenVerdict is the journey as the ledger told it at a past height. It is as
// complete as today's, cut there.
type ThenVerdict struct {
	At      uint64         `json:"at"`
	Known   bool           `json:"known"`
	Journey *trace.Journey `json:"journey,omitempty"`
	Since   []uint64       `json:"since"` // the records of today's journey that came later
}

// RestVerdict is what the journey leaves to its next part.
type RestVerdict struct {
	Hash     identity.Hash `json:"hash"`     // Options.From of the next part
	Continue string        `json:"continue"` // BuildOptions.Continue of it; trace.ShortToken of Journey.Rest says the same
	Keys     []KeyName     `json:"keys"`     // where it begins
}

// KeyCount is a key with a number of records.
type KeyCount struct {
	NS    trace.Namespace `json:"ns"`
	ID    string          `json:"id"`
	Count uint64          `json:"count"`
}

// Check is one thing that was checked, so many times.
type Check struct {
	What  string `json:"what"`
	Count int    `json:"count"`
}

func (c *checker) verdict(today, then *trace.Journey) *Verdict {
	v := &Verdict{
		Format: VerdictFormat, ID: c.d.ID, Direction: c.d.Direction, Network: c.d.Checkpoint.Network, Known: today != nil,
		Checkpoint: c.checkpointVerdict(), Trust: c.trustVerdict(), Journey: today, Records: []VerifiedRecord{}, Complete: true,
		Refused: []KeyCount{}, Checked: c.checks(), Unchecked: c.unchecked(),
	}
	if today != nil {
		for _, r := range today.Records {
			v.Records = append(v.Records, c.verified(r))
		}
		v.Complete = !today.Cut
		if len(today.Rest) > 0 {
			today.Continuation = trace.Token(today.Rest)
			v.Complete = false
			v.Rest = &RestVerdict{Hash: *c.d.Rest, Continue: today.Continuation}
			for _, k := range today.Unwalked {
				v.Rest.Keys = append(v.Rest.Keys, KeyName{NS: k.NS, ID: k.ID})
			}
		}
	}
	if then != nil && len(then.Rest) > 0 {
		then.Continuation = trace.Token(then.Rest)
	}
	if c.d.At > 0 {
		v.Then = &ThenVerdict{At: c.d.At, Known: then != nil, Journey: then, Since: []uint64{}}
		for i := range v.Records {
			if v.Records[i].Height > c.d.At {
				v.Then.Since = append(v.Then.Since, v.Records[i].Seq)
			}
		}
	}
	for _, x := range c.inOrder {
		if x.NS == trace.NSRefused && x.Count > 0 {
			v.Refused = append(v.Refused, KeyCount{NS: x.NS, ID: x.ID, Count: x.Count})
		}
	}
	return v
}

func (c *checker) checkpointVerdict() CheckpointVerdict {
	p := &c.d.Checkpoint
	v := CheckpointVerdict{Height: p.Block.Header.Height, Time: epcis.InstantFromUnixNano(p.Time()),
		StateHeight: p.Roots.Height, AppHash: p.Block.Header.AppHash, LogSize: p.Roots.LogSize}
	for i, val := range p.Block.Validators {
		voted := slices.ContainsFunc(p.Block.Commit.Signatures, func(s CommitSignature) bool { return int(s.Validator) == i })
		v.Voters = append(v.Voters, Voter{Address: val.Key.Address(), Power: val.Power, Voted: voted})
		v.Power += val.Power
		if voted {
			v.Voted += val.Power
		}
	}
	return v
}

func (c *checker) trustVerdict() TrustVerdict {
	a := &c.o.Anchor
	v := TrustVerdict{Kind: a.Kind, Height: a.Height, Time: epcis.InstantFromUnixNano(a.Time), Bridges: len(c.d.Checkpoint.Bridge)}
	if !c.o.Now.IsZero() {
		v.Age = c.o.Now.Seconds - v.Time.Seconds
		v.CheckpointAge = c.o.Now.Seconds - epcis.InstantFromUnixNano(c.d.Checkpoint.Time()).Seconds
	}
	return v
}

func (c *checker) verified(r *trace.Recorded) VerifiedRecord {
	v := VerifiedRecord{Seq: r.Seq, Height: r.Height, Time: r.Time, Kind: r.Kind, Signer: r.Signer, Organisation: r.Organisation,
		Envelope: r.Envelope, Refused: r.Rejected(), Compromised: r.Compromised, Findings: r.Findings}
	if i, ok := c.find(r.Seq); ok {
		v.Record = c.lines[i].hash
	}
	if m := c.members[r.Organisation]; m != nil {
		if standing, ok := m.state.At(r.Seq); ok {
			v.Name = standing.Organisation.Name
		}
	}
	return v
}

// checks counts what was checked, in the order of the checks.
func (c *checker) checks() []Check {
	p := &c.d.Checkpoint
	votes := len(p.Block.Commit.Signatures)
	for i := range p.Bridge {
		votes += len(p.Bridge[i].Commit.Signatures)
	}
	opened, states, refused := 0, 0, 0
	for _, x := range c.inOrder {
		opened += len(x.at)
		if len(x.State) > 0 {
			states++
		}
		if x.NS == trace.NSRefused {
			refused++
		}
	}
	for i := range c.d.Absent {
		if c.d.Absent[i].NS == trace.NSRefused {
			refused++
		}
	}
	return []Check{
		{"votes of validators for the block that commits all of this", votes},
		{"records, byte for byte as signed, each under its author's envelope", len(c.lines)},
		{"signatures of envelopes", len(c.d.Envelopes)},
		{"signing keys and organisations, in good standing when each record was written", len(c.standings) + len(c.members)},
		{"ledger entries, with the verdict on each record, in the log", len(c.lines)},
		{"positions of histories, none left out between them", opened},
		{"keys with their count, history and state in the map", len(c.inOrder)},
		{"keys that the map does not hold", len(c.d.Absent)},
		{"states: keys, organisations, names", states},
		{"keys whose refused records were counted", refused},
	}
}

// unchecked says what no signature and no hash can.
func (c *checker) unchecked() []string {
	out := []string{
		"Whether what a record says happened. It is what its signer claims; the signature says who claims it.",
		"Names of products, places and parties. They are what their licensees and the members call them.",
		"Land and its geometry. They are shown as signed.",
		"Goods and events that nobody recorded.",
		"What a container was put into more than 64 of its own records before the thing was put into it, where its state remembers that no longer.",
		"What had locked a container before the thing was put into it, where that was lifted since and no verdict rests on it. Recalls are told all the same.",
		"Whether a record that is told because others rest on it was declared wrong since.",
		"Attachments and web pages that records point to.",
		fmt.Sprintf("What happened after block %d.", c.d.Checkpoint.Block.Header.Height),
	}
	if a := &c.o.Anchor; a.Kind == AnchorCheckpoint && a.Height != c.d.Checkpoint.Block.Header.Height {
		out = append(out, fmt.Sprintf("That one history leads from the trusted block %d to this one, or back: nodes are asked for that (waymark watch).", a.Height))
	}
	if c.o.MaxAge == 0 {
		out = append(out, "The age of this answer: no limit was set.")
	}
	return out
}
