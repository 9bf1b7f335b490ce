package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

func newVerify() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify FILE...",
		Short: "Check a dossier here, believing no node",
		Long: `Verify checks a dossier without a network: that every record is the one its author
signed, that the members agreed on it, and that nothing was left out. It prints what
the dossier proves, what was checked and what cannot be.

Trust begins at a genesis document or at a checkpoint that you keep (see waymark
watch); with both, the checkpoint and the dossier are checked against the genesis
document, which also names the members. --id says what the dossier has to be about: a genuine
dossier of something else proves nothing of yours. A journey that came in parts is
given as several files, in order. A file may be gzip, as nodes send it.

--value opens the value that a customs declaration commits to: whoever knows amount,
currency and salt shows them, and verify says whether a declaration in the dossier
commits to them.

Exit code 0 when it verifies, 1 when it is refuted (the message names the record or
key and the reason) or no declaration commits to --value, 2 when it is no dossier or cannot be read.`,
		Example: `  waymark verify bag.dossier.json --genesis genesis.json --id https://id.gs1.org/01/09521104000020/21/R2600000001
  waymark verify bag.dossier.json --checkpoint last.json --id urn:epc:id:sgtin:9521104.000002.R2600000001 --max-age 24h --json`,
		Args: cobra.MinimumNArgs(1),
	}
	f := cmd.Flags()
	genesis := f.String("genesis", "", "the network's genesis document: trust begins there")
	checkpoint := f.String("checkpoint", "", "a checkpoint that you trust: trust begins there")
	id := f.String("id", "", "what the dossier has to be about, in any spelling")
	direction := f.String("direction", "", "upstream, downstream or both; otherwise as the dossier says")
	at := heightFlag(cmd, "the past height that it has to tell of beside today; otherwise as the dossier says")
	value := f.String("value", "", `what a customs declaration commits to as its value: "AMOUNT CURRENCY SALT"`)
	maxAge := ageFlag(cmd, "how old the members' agreement may be; otherwise its age is only told")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *id == "" {
			return usagef("--id is missing: say what the dossier has to be about")
		}
		way, err := directionOf(*direction)
		if err != nil {
			return err
		}
		trust, err := readTrust(*genesis, *checkpoint)
		if err != nil {
			return err
		}
		q := question{id: *id, direction: way, at: *at, maxAge: *maxAge, now: time.Now()}
		if *value != "" {
			opening, err := epcis.ParseCustomsValue(*value)
			if err != nil {
				return usagef("--value: %v", err)
			}
			q.value = &opening
		}
		var parts [][]byte
		for _, path := range args {
			data, err := readInput(cmd, path)
			if cmd.Context().Err() != nil {
				return err
			}
			if err != nil { // what cannot be read is told to programs, too
				return errors.Join(print(cmd, refutationOf(err), func(w io.Writer) { writeRefutation(w, err) }), err)
			}
			parts = append(parts, data)
		}
		v, err := trust.verify(q, parts...)
		if err != nil {
			return errors.Join(print(cmd, refutationOf(err), func(w io.Writer) { writeRefutation(w, err) }), err)
		}
		var failed error
		if err := print(cmd, v, func(w io.Writer) { failed = v.write(w) }); err != nil {
			return err
		}
		if failed == nil && v.Value != nil && !v.Value.Opened {
			failed = refusedError{errors.New("no declaration in the dossier commits to this value")}
		}
		return failed
	}
	return cmd
}

// question is what a verifier asks of a dossier. Direction "" and height 0 take
// what the dossier tells.
type question struct {
	id        string
	direction trace.Direction
	at        uint64
	maxAge    time.Duration
	value     *epcis.CustomsValue // nil: not asked
	now       time.Time
}

// verified is what the parts of a dossier prove together.
type verified struct {
	Result       string              `json:"result"` // "verified"
	Verdict      *proof.Verdict      `json:"verdict"`
	More         []*proof.Verdict    `json:"more,omitempty"` // of the parts behind the first
	Agreed       []member            `json:"agreed"`         // the validators of the block
	Consignments []trace.Consignment `json:"consignments"`   // as the records say today
	// ConsignmentsThen are as of the past height that was asked about.
	ConsignmentsThen []trace.Consignment `json:"consignmentsThen,omitempty"`
	Value            *openedValue        `json:"value,omitempty"` // of a question for one
}

// openedValue says which declaration commits to a value.
type openedValue struct {
	Opened      bool   `json:"opened"`
	Declaration string `json:"declaration,omitempty"` // canonical id
	Number      string `json:"number,omitempty"`      // MRN
	Amount      string `json:"amount"`
	Currency    string `json:"currency"`
}

// openValue looks for a declaration that stands and commits to the value.
func openValue(consignments []trace.Consignment, v epcis.CustomsValue) *openedValue {
	out := &openedValue{Amount: v.Amount.String(), Currency: v.Currency}
	for _, c := range consignments {
		for _, d := range c.Declarations {
			if d.ValueCommitment == v.Commitment(epcis.Canonical(d.ID)) {
				out.Opened, out.Declaration, out.Number = true, d.ID, d.Number
				return out
			}
		}
	}
	return out
}

// member is a validator by the name that genesis gives its organisation.
type member struct {
	Name string `json:"name,omitempty"`
	proof.Voter
	later bool // no validator of genesis: voted in since
}

// verify checks the parts of a dossier in order. Its error has the exit code of
// a refutation or of unusable input.
func (t *trust) verify(q question, parts ...[]byte) (*verified, error) {
	out := &verified{Result: "verified"}
	o := proof.Options{Anchor: t.anchor, MaxAge: int64(q.maxAge / time.Second), Now: epcis.InstantFromUnixNano(q.now.UnixNano())}
	var whole trace.Journey // all parts: what the consignments are read from
	for i, data := range parts {
		d, err := proof.ParseDossier(data)
		if err != nil {
			return nil, usageError{err}
		}
		o.ID, o.Direction, o.At = q.id, q.direction, q.at
		if epcis.StandsFor(q.id, d.ID) { // a number that is printed names no issuer
			o.ID = d.ID
		}
		if o.Direction == "" {
			o.Direction = d.Direction
		}
		if o.At == 0 || i > 0 { // what follows the first part is of today
			o.At = d.At
		}
		v, err := d.Verify(o)
		if err == nil && t.genesis != nil {
			// A checkpoint alone does not show whether the bridge begins at genesis.
			err = d.Checkpoint.Verify(*t.genesis)
		}
		if err != nil {
			if len(parts) > 1 {
				err = fmt.Errorf("part %d of %d: %w", i+1, len(parts), err)
			}
			if errors.Is(err, proof.ErrUnusable) {
				return nil, usageError{err}
			}
			return nil, refusedError{err}
		}
		if i == 0 {
			out.Verdict = v
		} else {
			out.More = append(out.More, v)
		}
		if v.Journey != nil {
			merge(&whole, v.Journey)
		}
		switch last := i == len(parts)-1; {
		case v.Rest != nil:
			o.From = &v.Rest.Hash
		case !last:
			return nil, usageError{fmt.Errorf("%w: part %d is the last of the journey, and %d more are given", errParts, i+1, len(parts)-i-1)}
		}
	}
	for _, voter := range out.Verdict.Checkpoint.Voters {
		name, first := t.members[voter.Address]
		out.Agreed = append(out.Agreed, member{name, voter, t.members != nil && !first})
	}
	var err error
	if out.Consignments, err = whole.Consignments(); err == nil && out.Verdict.Then != nil && out.Verdict.Then.Journey != nil {
		out.ConsignmentsThen, err = out.Verdict.Then.Journey.Consignments()
	}
	if q.value != nil {
		out.Value = openValue(out.Consignments, *q.value)
	}
	return out, err
}

// errParts is of files that are no parts of one journey.
var errParts = errors.New("too many files")

// merge adds the records of a part to the whole, as far as consignments are read
// from it.
func merge(whole, part *trace.Journey) {
	known := map[uint64]bool{}
	for _, r := range whole.Records {
		known[r.Seq] = true
	}
	for _, r := range part.Records {
		if !known[r.Seq] {
			whole.Records = append(whole.Records, r)
		}
	}
	whole.Steps = append(whole.Steps, part.Steps...)
	if whole.Names == nil {
		whole.Names = map[string]string{}
	}
	for id, name := range part.Names {
		whole.Names[id] = name
	}
}

// refuted is the JSON of a dossier that does not verify.
type refuted struct {
	Result string         `json:"result"` // "refuted" or "unusable"
	Reason proof.Reason   `json:"reason,omitempty"`
	Record *uint64        `json:"record,omitempty"`
	Key    *proof.KeyName `json:"key,omitempty"`
	Detail string         `json:"detail"`
}

func refutationOf(err error) refuted {
	r, ok := errors.AsType[*proof.Refutation](err)
	if !ok {
		return refuted{Result: "unusable", Detail: err.Error()}
	}
	out := refuted{Result: "refuted", Reason: r.Reason, Record: r.Seq, Detail: r.Detail}
	if r.Key != (trace.Key{}) {
		out.Key = &proof.KeyName{NS: r.Key.NS, ID: r.Key.ID}
	}
	return out
}

func writeRefutation(w io.Writer, err error) {
	r := refutationOf(err)
	if r.Result == "unusable" {
		if errors.Is(err, errParts) {
			fmt.Fprintln(w, "UNUSABLE  nothing can be said: more files are given than the journey has parts")
			return
		}
		fmt.Fprintln(w, "UNUSABLE  nothing can be said: this is no dossier that can be read")
		return
	}
	fmt.Fprintf(w, "REFUTED   %s\n", r.Reason)
	if r.Record != nil {
		fmt.Fprintf(w, "  record  #%d\n", *r.Record)
	}
	if r.Key != nil {
		fmt.Fprintf(w, "  key     %s %s\n", trace.OneLine(string(r.Key.NS)), trace.OneLine(r.Key.ID))
	}
	fmt.Fprintf(w, "  why     %s\n\n", trace.OneLine(r.Detail))
	if r.Reason == proof.ReasonID {
		fmt.Fprintln(w, "It answers another question than yours, and nothing else in it was checked: do not rely on it.")
		return
	}
	fmt.Fprintln(w, "Do not rely on anything that this file says.")
}
