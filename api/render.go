package api

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

func base64Std(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// asOf says at which height an answer was read.
type asOf struct {
	Height  uint64        `json:"height"`
	Time    epcis.Instant `json:"time"`
	AppHash string        `json:"appHash"`
}

func readAt(s Snapshot) asOf { return stoodAt(s.Roots()) }

func stoodAt(roots proof.Roots) asOf {
	return asOf{Height: roots.Height, Time: epcis.InstantFromUnixNano(roots.Time), AppHash: roots.AppHash.String()}
}

// signerJSON is who wrote a record.
type signerJSON struct {
	Address      string `json:"address"`
	Organisation string `json:"organisation"`
	Name         string `json:"name,omitempty"`
}

// recordJSON is a record as every answer shows it. The record's bytes come
// last and are written as they were signed, so they are no field here.
type recordJSON struct {
	Seq        uint64          `json:"seq"`
	Height     uint64          `json:"height"`
	Time       epcis.Instant   `json:"time"`
	Kind       epcis.Kind      `json:"kind"`
	Signer     signerJSON      `json:"signer"`
	Envelope   string          `json:"envelope"`
	RecordHash string          `json:"recordHash"`
	EventID    string          `json:"eventID,omitempty"`
	Rejected   bool            `json:"rejected"`
	Verdicts   []trace.Finding `json:"verdicts"`

	strict bool // the record's bytes are strict JSON
}

// names looks members up in one snapshot, each once.
type names struct {
	snapshot Snapshot
	known    map[string]*identity.Organisation
}

func namesIn(s Snapshot) *names {
	return &names{snapshot: s, known: map[string]*identity.Organisation{}}
}

// member is an organisation as the ledger last had it, nil when it has none.
func (n *names) member(id string) (*identity.Organisation, error) {
	if id == "" {
		return nil, nil
	}
	if o, ok := n.known[id]; ok {
		return o, nil
	}
	bytes, err := n.snapshot.State(trace.Key{NS: trace.NSOrganisation, ID: id})
	if err != nil {
		return nil, fmt.Errorf("read organisation %s: %w", id, err)
	}
	var member *identity.Organisation
	if bytes != nil {
		state, err := identity.DecodeOrganisationState(bytes)
		if err != nil {
			return nil, fmt.Errorf("read organisation %s: %w", id, err)
		}
		if last := len(state.Intervals) - 1; last >= 0 {
			member = &state.Intervals[last].Value.Organisation
		}
	}
	n.known[id] = member
	return member, nil
}

// describe is a record without its bytes. The eventID is given where the
// record is strict JSON.
func (n *names) describe(r *trace.Recorded) (recordJSON, error) {
	member, err := n.member(r.Organisation)
	if err != nil {
		return recordJSON{}, err
	}
	name := ""
	if member != nil {
		name = member.Name
	}
	out := recordJSON{Seq: r.Seq, Height: r.Height, Time: r.Time, Kind: r.Kind,
		Signer:   signerJSON{Address: r.Signer, Organisation: r.Organisation, Name: name},
		Envelope: hex.EncodeToString(r.Envelope[:]), RecordHash: identity.RecordHash(r.Bytes).String(),
		Rejected: r.Rejected(), Verdicts: r.Findings}
	if out.Verdicts == nil {
		out.Verdicts = []trace.Finding{}
	}
	// Reading is all that is needed here; decoding would cost as much again.
	parsed, err := epcis.ParseJSON(r.Bytes)
	if out.strict = err == nil; out.strict && r.Kind == epcis.KindEvent {
		out.EventID = memberOf(parsed, "eventID")
	}
	return out, nil
}

// memberOf is the text of one member of a record, "" when it has none.
func memberOf(record *epcis.Value, name string) string {
	if record == nil {
		return ""
	}
	if v := record.Obj.Get(name); v != nil && v.Kind == epcis.String {
		return v.Str
	}
	return ""
}

// appendRecord writes a record with its exact bytes. Bytes that are not JSON,
// which only a refused record can have, go as base64 in recordBytes.
func appendRecord(b []byte, head recordJSON, record []byte) ([]byte, error) {
	h, err := marshal(head)
	if err != nil {
		return nil, err
	}
	b = append(b, h[:len(h)-1]...)
	if head.strict || utf8.Valid(record) && json.Valid(record) {
		b = append(b, `,"record":`...)
		b = append(b, record...)
	} else {
		b = append(b, `,"recordBytes":"`...)
		b = base64.StdEncoding.AppendEncode(b, record)
		b = append(b, '"')
	}
	return append(b, '}'), nil
}

// marshal is JSON without the escapes that are only for JSON inside HTML.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func answerJSON(c echo.Context, status int, v any) error {
	b, err := marshal(v)
	if err != nil {
		return err
	}
	return c.Blob(status, "application/json", b)
}

func answerBytes(c echo.Context, b []byte) error {
	return c.Blob(http.StatusOK, "application/json", b)
}
