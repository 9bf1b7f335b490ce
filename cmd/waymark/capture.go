package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

func newCapture() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "capture FILE...",
		Short: "Record EPCIS documents, certificates, customs records, acknowledgements or master data",
		Long: `Capture hands files in at a node and prints how each record was judged. A file is
an EPCIS 2.0 document or bare event (JSON or JSON-LD), or records of Waymark's own
kinds: one JSON object, or an array, of type wm:Certificate, wm:MasterData,
wm:CustomsDeclaration, wm:Acknowledgement or wm:Governance.
"-" reads standard input.

The node signs with its organisation's key. With --key the records are signed
here, by a member that has no node, and only handed in there.

With --dry-run nothing is signed or recorded: the node says how each record would be
judged if the files were captured now, one after the other. Together they are one
request then. A later file sees what an earlier one would have written, but not
what waits for a block.

Exit code 1 when any record was refused, or would be. One that your organisation
recorded before is not: the table names its first receipt, and nothing is recorded
twice, so that whoever is in doubt hands the file in once more.`,
		Example: `  waymark capture shipment.json --home ./home
  waymark capture --dry-run certificate.json shipment.json --home ./home
  waymark capture harvest.json --key ./net/members/cooperative --testnet ./net --node node0`,
		Args: cobra.MinimumNArgs(1),
	}
	at := deskFlags(cmd)
	set := cmd.Flags().StringToString("param", nil, "with --dry-run: a parameter of the network to judge with instead of its own, NAME=VALUE; may be repeated")
	dryRun := cmd.Flags().Bool("dry-run", false, "say how the records would be judged, and record nothing")
	patience := waitFlag(cmd, time.Minute, "how long to wait for the verdicts")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		desk, err := at.open()
		if err != nil {
			return err
		}
		defer desk.client.Close()
		ctx, cancel := context.WithTimeout(cmd.Context(), *patience)
		defer cancel()
		if len(*set) > 0 && !*dryRun {
			return usagef("--param goes with --dry-run")
		}
		if *dryRun {
			return desk.dryRun(ctx, cmd, *set, args)
		}
		var documents []document // all are looked through before one is recorded
		for _, path := range args {
			body, err := readInput(cmd, path)
			if err != nil {
				return err
			}
			doc, err := lookThrough(body)
			if err != nil {
				return fmt.Errorf("%s: %w", inputName(path), err)
			}
			documents = append(documents, doc)
		}
		captured := []capturedFile{}
		var failed error
		for i, path := range args {
			records, err := desk.capture(ctx, documents[i])
			if err == nil || len(records) > 0 { // of a file in several envelopes some may be judged
				captured = append(captured, capturedFile{File: path, Records: records})
			}
			if err != nil {
				failed = fmt.Errorf("%s: %w", inputName(path), err)
				break
			}
		}
		if failed != nil && len(captured) == 0 {
			return failed
		}
		// What was recorded before a file failed is told: it stays recorded.
		if err := print(cmd, captured, func(w io.Writer) { writeCaptured(w, captured) }); err != nil {
			return errors.Join(failed, err)
		}
		if failed != nil {
			return failed
		}
		return refusals(captured)
	}
	return cmd
}

type capturedFile struct {
	File    string          `json:"file"`
	Records []client.Record `json:"records"`
}

// desk hands records in, signed by the node or by a key of its own.
type desk struct {
	connect *connection
	client  *client.Client
	key     *identity.Key // nil: the node signs
}

// deskFlags say at which node records are handed in, and who signs them.
func deskFlags(cmd *cobra.Command) *deskOptions {
	return &deskOptions{
		connect:    connectionFlags(cmd),
		key:        cmd.Flags().String("key", "", "sign here: a key file, or a directory with one"),
		passphrase: cmd.Flags().String("passphrase-file", "", "file with the key's passphrase"),
	}
}

type deskOptions struct {
	connect         *connection
	key, passphrase *string
}

// open is the desk; who opens it closes its client.
func (o *deskOptions) open() (*desk, error) {
	d := &desk{connect: o.connect}
	var err error
	if *o.key != "" {
		if d.key, err = unlock(*o.key, *o.passphrase); err != nil {
			return nil, err
		}
	}
	d.client, err = o.connect.client()
	return d, err
}

// document is what is handed in at once.
type document struct {
	kind    epcis.Kind
	records [][]byte // that the body holds; of events the body itself, or what it lists
	body    []byte
}

// lookThrough finds what no ledger would take, before anything is handed in.
func lookThrough(body []byte) (document, error) {
	kind, records, err := ownRecords(body)
	if err == nil {
		err = signable(kind, records)
	}
	return document{kind, records, body}, err
}

func (d *desk) capture(ctx context.Context, doc document) ([]client.Record, error) {
	if d.key != nil {
		return d.sign(ctx, doc)
	}
	return d.client.CaptureAndWait(ctx, doc.kind, doc.body)
}

// signable refuses a proposal that no ledger could carry out: signed it would stand
// there, refused, for ever. What does not decode the node tells with its places.
func signable(kind epcis.Kind, records [][]byte) error {
	if kind != epcis.KindGovernance {
		return nil
	}
	for _, r := range records {
		decoded, err := epcis.Decode(kind, r)
		if err != nil || decoded.Governance.Action != epcis.Propose {
			continue
		}
		if fault := contracts.ProposalFault(decoded.Governance, len(r)); fault != "" {
			return usagef("the proposal is refused by every ledger, and was not signed: %s", fault)
		}
	}
	return nil
}

func (d *desk) sign(ctx context.Context, doc document) ([]client.Record, error) {
	genesis, err := d.genesis(ctx)
	if err != nil {
		return nil, err
	}
	author := client.Author{Client: d.client, Network: genesis.Network, Key: d.key}
	if doc.kind != epcis.KindEvent {
		for i, r := range doc.records { // what the node would answer of a record that it signs
			if _, err := epcis.Decode(doc.kind, r); err != nil {
				return nil, usagef("record %d of the file: %w; nothing was signed", i, err)
			}
		}
		return author.Capture(ctx, doc.kind, doc.records)
	}
	return author.CaptureDocument(ctx, doc.body)
}

// genesis is the document of the network to sign for: the one here where there is one,
// else what the node tells. What is signed counts in that network alone.
func (d *desk) genesis(ctx context.Context) (*identity.Genesis, error) {
	path := d.connect.genesis()
	if path == "" {
		return d.client.Genesis(ctx)
	}
	doc, err := os.ReadFile(path)
	if err != nil {
		return nil, usageError{err}
	}
	g, err := identity.ParseGenesis(doc)
	if err != nil {
		return nil, usagef("%s: %w", path, err)
	}
	return g, nil
}

// isCredential tells a W3C Verifiable Credential, which has several types.
func isCredential(record []byte) bool {
	var head struct {
		Type []string `json:"type"`
	}
	return json.Unmarshal(record, &head) == nil && slices.Contains(head.Type, "VerifiableCredential")
}

// ownRecords finds records of Waymark's own kinds in a file; everything else
// is taken for EPCIS.
func ownRecords(body []byte) (epcis.Kind, [][]byte, error) {
	var records []json.RawMessage
	if trimmed := bytes.TrimSpace(body); len(trimmed) > 0 && trimmed[0] == '[' {
		if err := json.Unmarshal(body, &records); err != nil {
			return "", nil, usageError{err}
		}
	} else {
		records = []json.RawMessage{trimmed}
	}
	kind := epcis.KindEvent
	var raw [][]byte
	for i, r := range records {
		var head struct {
			Type string `json:"type"`
		}
		if err := json.Unmarshal(r, &head); err != nil {
			if isCredential(r) {
				return "", nil, usagef("record %d of the file is a Verifiable Credential: waymark certificate import issues the certificate that it describes", i)
			}
			if kind := (*json.UnmarshalTypeError)(nil); errors.As(err, &kind) {
				return "", nil, usagef("record %d of the file: a JSON object is expected whose type is a text", i)
			}
			if epcis.LooksLikeXML(r) {
				return "", nil, usagef("the file is XML, which is not taken: convert it to EPCIS 2.0 in JSON")
			}
			return "", nil, usagef("the file is no JSON: %w", err)
		}
		own := epcis.KindEvent
		switch strings.TrimPrefix(strings.TrimPrefix(head.Type, epcis.Vocabulary), "wm:") {
		case "Certificate":
			own = epcis.KindCertificate
		case "MasterData":
			own = epcis.KindMasterData
		case "Governance":
			own = epcis.KindGovernance
		case "CustomsDeclaration":
			own = epcis.KindCustoms
		case "Acknowledgement":
			own = epcis.KindAcknowledgement
		}
		if i > 0 && own != kind {
			return "", nil, usagef("record %d of the file is of another kind than the first", i)
		}
		kind = own
		raw = append(raw, r)
	}
	return kind, raw, nil
}

func writeCaptured(w io.Writer, captured []capturedFile) {
	lines := []string{"SEQ\tBLOCK\tRECORD\tVERDICT"}
	for _, file := range captured {
		for _, r := range file.Records {
			name := recordName(r.EventID, r.Kind, r.RecordHash)
			lines = append(lines, row(fmt.Sprint(r.Seq), fmt.Sprint(r.Height), name, verdictWords(r.Verdicts)))
		}
	}
	rows(w, lines...)
}

func short(hash string) string {
	if len(hash) > 16 {
		return hash[:16] + "…"
	}
	return hash
}

func verdictWords(findings []trace.Finding) string {
	if len(findings) == 0 {
		return "accepted"
	}
	if first, before := contracts.FirstReceipt(findings); before {
		return fmt.Sprintf("already recorded, as record %d", first)
	}
	words := make([]string, 0, len(findings))
	for _, f := range findings {
		words = append(words, fmt.Sprintf("%s %s: %s", f.Severity, f.Rule, f.Title))
	}
	return strings.Join(words, "; ")
}

// wayOut says what each refusal of a record rests on, and what to do now.
func wayOut(verdicts []trace.Finding) string {
	const most = 3 // facts: waymark explain tells all
	var b strings.Builder
	for _, f := range verdicts {
		if f.Severity != trace.Reject {
			continue
		}
		fmt.Fprintf(&b, "\n  %s:", f.Rule)
		for i, fact := range f.Facts {
			if i == most {
				fmt.Fprintf(&b, " And %d more.", len(f.Facts)-most)
				break
			}
			fmt.Fprintf(&b, " %s: %s.", trace.OneLine(fact.Name), factText(fact))
		}
		fmt.Fprintf(&b, " %s", f.Next)
	}
	return b.String()
}

// recordedBefore reports that what stood in a record's way is itself: who handed it in
// has what they want.
func recordedBefore(verdicts []trace.Finding) bool {
	_, before := contracts.FirstReceipt(verdicts)
	return before
}

// refusals is an error that names what was refused, nil when nothing was.
func refusals(captured []capturedFile) error {
	var errs []error
	for _, file := range captured {
		for _, r := range file.Records {
			if r.Rejected && !recordedBefore(r.Verdicts) {
				errs = append(errs, fmt.Errorf("%s: record %d was refused: %s%s", file.File, r.Seq, verdictWords(r.Verdicts), wayOut(r.Verdicts)))
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return refusedError{err}
	}
	return nil
}
