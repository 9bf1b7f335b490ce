package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

var jsonTypes = []string{"application/json", "application/ld+json"}

// postCapture is EPCIS 2.0's POST /capture: a document with any number of
// events. 202 means that every record is signed and durable in the outbox.
func (a *API) postCapture(c echo.Context) error {
	if err := checkVersions(c.Request().Header); err != nil {
		return err
	}
	behaviour, err := behaviourOf(c.Request().Header)
	if err != nil {
		return err
	}
	body, release, err := a.readBody(c, jsonTypes...)
	if err != nil {
		return err
	}
	defer release()
	document, refused, err := split(body, behaviour)
	if err != nil {
		return err
	}
	j := a.newJob(behaviour)
	j.Refused = refused
	// Master data go first: they name what the events speak of.
	for _, part := range []struct {
		kind    epcis.Kind
		records [][]byte
	}{{epcis.KindMasterData, document.MasterData}, {epcis.KindEvent, document.Events}} {
		if err := a.captureInto(c, j, part.kind, part.records); err != nil {
			return err
		}
	}
	return a.acceptJob(c, j)
}

// behaviourOf is what the client wants done about events that are not valid.
func behaviourOf(h http.Header) (string, error) {
	switch behaviour := h.Get("GS1-Capture-Error-Behaviour"); behaviour {
	case "":
		return rollback, nil
	case rollback, proceed:
		return behaviour, nil
	default:
		f := fail(reasonBadRequest, "GS1-Capture-Error-Behaviour is %q, and should be %s or %s", behaviour, rollback, proceed)
		f.next = "Leave the header out for " + rollback + "."
		return "", f
	}
}

// split cuts a document into records. With proceed, events that do not
// validate are taken out and reported, and the rest goes on.
func split(body []byte, behaviour string) (*epcis.EPCISDocument, []*Problem, error) {
	document, err := epcis.Split(body)
	if err == nil || behaviour != proceed {
		return document, nil, err
	}
	var invalid *epcis.InvalidError
	if !errors.As(err, &invalid) {
		return nil, nil, err
	}
	rest, refused, ok := withoutEvents(body, invalid)
	if !ok {
		return nil, nil, err
	}
	document, err = epcis.Split(rest)
	if err != nil {
		return nil, nil, err
	}
	return document, refused, nil
}

const eventListPointer = "/epcisBody/eventList/"

// withoutEvents cuts the events that a validation error names out of a
// document. ok is false when the error names anything else, when nothing would
// be left, or when the error is so long that it may not name everything.
func withoutEvents(body []byte, invalid *epcis.InvalidError) (rest []byte, refused []*Problem, ok bool) {
	if len(invalid.Problems) >= epcis.MaxProblems {
		return nil, nil, false
	}
	places := map[int][]Place{}
	for _, p := range invalid.Problems {
		after, in := strings.CutPrefix(p.Pointer, eventListPointer)
		index, _, _ := strings.Cut(after, "/")
		i, err := strconv.Atoi(index)
		if !in || err != nil {
			return nil, nil, false
		}
		places[i] = append(places[i], Place{Pointer: p.Pointer, Detail: p.Reason})
	}
	root, err := epcis.ParseJSON(body)
	if err != nil || root.Obj == nil {
		return nil, nil, false
	}
	bodyValue := root.Obj.Get("epcisBody")
	if bodyValue == nil || bodyValue.Obj == nil {
		return nil, nil, false
	}
	list := bodyValue.Obj.Get("eventList")
	if list == nil || len(list.Items) <= len(places) {
		return nil, nil, false
	}
	rest = append(rest, body[:list.Start]...)
	rest = append(rest, '[')
	first := true
	for i, event := range list.Items {
		if found, bad := places[i]; bad {
			f := fail(reasonValidation, "event %d of the document is not valid and was left out", i)
			f.errors = found
			f.next = "Correct what errors names and send this event again; the others go on."
			refused = append(refused, f.problem())
			continue
		}
		if !first {
			rest = append(rest, ',')
		}
		first = false
		rest = append(rest, body[event.Start:event.End]...)
	}
	rest = append(rest, ']')
	return append(rest, body[list.End:]...), refused, true
}

// postRecords captures records of Waymark's own kinds, signed by the node's
// organisation: one JSON object or an array of them. To propose and to vote in the
// organisation's name needs the scope admin beside capture.
func (a *API) postRecords(c echo.Context) error {
	kind := epcis.Kind(c.QueryParam("kind"))
	if !ownKind(kind) {
		return fail(reasonQueryParameter, "kind is %q, and should be %s, %s, %s, %s or %s; EPCIS events go to /epcis/capture",
			string(kind), epcis.KindCertificate, epcis.KindMasterData, epcis.KindCustoms, epcis.KindAcknowledgement, epcis.KindGovernance)
	}
	if scopes, _ := a.scopesOf(bearer(c.Request())); kind == epcis.KindGovernance && !slices.Contains(scopes, ScopeAdmin) {
		return fail(reasonWrongScope, "governance in the organisation's name needs the scope %q", ScopeAdmin)
	}
	body, release, err := a.readBody(c, jsonTypes...)
	if err != nil {
		return err
	}
	defer release()
	records, err := splitRecords(kind, body)
	if err != nil {
		return err
	}
	j := a.newJob(rollback)
	if err := a.captureInto(c, j, kind, records); err != nil {
		return err
	}
	return a.acceptJob(c, j)
}

// ownKind tells Waymark's own kinds, of which bodies are bare records.
func ownKind(k epcis.Kind) bool { return k.Known() && k != epcis.KindEvent }

// splitRecords checks each record as consensus will and cuts it out unchanged.
func splitRecords(kind epcis.Kind, body []byte) ([][]byte, error) {
	root, err := epcis.ParseJSON(body)
	if err != nil {
		return nil, err
	}
	items, pointer := []*epcis.Value{root}, func(int) string { return "" }
	if root.Kind == epcis.Array {
		items, pointer = root.Items, func(i int) string { return "/" + strconv.Itoa(i) }
	}
	if len(items) == 0 {
		return nil, fail(reasonValidation, "the array holds no record")
	}
	var records [][]byte
	f := fail(reasonValidation, "not every record is a valid one of kind %s", kind)
	for i, item := range items {
		record := body[item.Start:item.End]
		_, err := epcis.Decode(kind, record)
		var syntax *epcis.SyntaxError
		switch {
		case errors.As(err, &syntax):
			f.errors = append(f.errors, Place{Pointer: pointer(i) + syntax.Pointer, Detail: syntax.Reason})
		case err != nil:
			f.errors = append(f.errors, Place{Pointer: pointer(i), Detail: err.Error()})
		}
		records = append(records, slices.Clone(record))
	}
	if f.errors != nil {
		return nil, f
	}
	return records, nil
}

// postEvent is EPCIS 2.0's POST /events: one bare event, answered with its
// receipt. 201 when it is committed; 200 with the first receipt when this
// organisation had recorded the same bytes before; 202 and a capture job when
// the network takes longer than the wait, or the node stops meanwhile.
func (a *API) postEvent(c echo.Context) error {
	if err := checkVersions(c.Request().Header); err != nil {
		return err
	}
	body, release, err := a.readBody(c, jsonTypes...)
	if err != nil {
		return err
	}
	event, err := bareEvent(body)
	if err != nil {
		release()
		return err
	}
	receipt, err := a.recordedBefore(event)
	if err != nil || receipt != nil {
		release()
		if err != nil {
			return err
		}
		return answerEventReceipt(c, http.StatusOK, receipt)
	}
	j := a.newJob(rollback)
	err = a.captureInto(c, j, epcis.KindEvent, [][]byte{event})
	release()
	if err != nil {
		return err
	}
	info, judged, err := a.await(c, j.Envelopes[0].ID, a.limits.EventWait)
	if err != nil {
		return err
	}
	if !judged {
		return a.acceptJob(c, j)
	}
	s, err := a.snapshot()
	if errors.Is(err, ErrStopping) {
		return a.acceptJob(c, j)
	}
	if err != nil {
		return err
	}
	defer a.closeSnapshot(s)
	if receipt, err = receiptOf(s, info); err != nil {
		return err
	}
	status := http.StatusCreated
	if r := receipt.Records[0]; r.Rejected {
		first, duplicate := contracts.FirstReceipt(r.Verdicts)
		if !duplicate {
			f := fail(reasonRefused, "%s", refusal(r.Verdicts))
			f.seq, f.verdicts = &r.Seq, r.Verdicts
			return f
		}
		if receipt, err = receiptAt(s, first); err != nil {
			return err
		}
		status = http.StatusOK
	}
	return answerEventReceipt(c, status, receipt)
}

func answerEventReceipt(c echo.Context, status int, receipt *receiptJSON) error {
	c.Response().Header().Set("Location", "/epcis/events/"+url.PathEscape(receipt.Records[0].EventID))
	return answerJSON(c, status, receipt)
}

// recordedBefore is the first receipt of an event that the node's organisation
// has had accepted already, nil when it has not: a repeated request then costs
// the network nothing.
func (a *API) recordedBefore(event []byte) (*receiptJSON, error) {
	organisation := a.organisation()
	if organisation == "" {
		return nil, nil
	}
	s, err := a.snapshot()
	if err != nil {
		return nil, err
	}
	defer a.closeSnapshot(s)
	content, err := epcis.EventHash(event)
	if err != nil {
		content = "" // it has none
	}
	seq, ok, err := s.Accepted(organisation, identity.RecordHash(event), content)
	if err != nil {
		return nil, fmt.Errorf("look for the first receipt: %w", err)
	}
	if !ok {
		return nil, nil
	}
	return receiptAt(s, seq)
}

// bareEvent is the record of a body that is exactly one event.
func bareEvent(body []byte) ([]byte, error) {
	document, err := epcis.Split(body)
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(document.Type, "Document") || len(document.Events) != 1 {
		f := fail(reasonValidation, "this path takes one bare event, not a document")
		f.errors = []Place{{Pointer: "/type", Detail: "is not an event type"}}
		f.next = "Send documents to /epcis/capture."
		return nil, f
	}
	return document.Events[0], nil
}

// receiptAt is the receipt of one record alone.
func receiptAt(s Snapshot, seq uint64) (*receiptJSON, error) {
	r, err := s.Record(seq)
	if err != nil {
		return nil, fmt.Errorf("read record %d: %w", seq, err)
	}
	head, err := namesIn(s).describe(r)
	if err != nil {
		return nil, err
	}
	return &receiptJSON{Envelope: head.Envelope, Status: "judged", Kind: string(r.Kind), Signer: &head.Signer, Height: r.Height,
		Time: &head.Time, FirstSeq: &seq, Count: 1, Duplicate: true, Records: []recordJSON{head}}, nil
}

// refusal is a sentence that says which rules refused a record.
func refusal(findings []trace.Finding) string {
	var parts []string
	for _, f := range findings {
		if f.Severity == trace.Reject {
			parts = append(parts, f.Rule+": "+f.Title)
		}
	}
	return strings.Join(parts, "; ")
}

// captureInto signs and keeps records, and notes their envelopes in the job.
func (a *API) captureInto(c echo.Context, j *job, kind epcis.Kind, records [][]byte) error {
	if len(records) == 0 {
		return nil
	}
	accepted, err := a.backend.Capture(c.Request().Context(), kind, records)
	if err != nil {
		return fmt.Errorf("capture %d records: %w", len(records), err)
	}
	for _, e := range accepted {
		j.Envelopes = append(j.Envelopes, jobEnvelope(e))
	}
	return nil
}

// acceptJob keeps the job and answers 202 with it, also while the node stops: what the
// outbox holds is ordered after the restart, and must not be sent again.
func (a *API) acceptJob(c echo.Context, j *job) error {
	kept, err := json.Marshal(j)
	if err != nil {
		return fmt.Errorf("write capture job %s: %w", j.ID, err)
	}
	if err := a.backend.SaveJob(j.ID, kept); err != nil {
		return fmt.Errorf("keep capture job %s: %w", j.ID, err)
	}
	c.Response().Header().Set("Location", "/epcis/capture/"+j.ID)
	s, err := a.snapshot()
	if errors.Is(err, ErrStopping) {
		return answerJSON(c, http.StatusAccepted, j.kept())
	}
	if err != nil {
		return err
	}
	defer a.closeSnapshot(s)
	state, err := j.state(s)
	if err != nil {
		return err
	}
	return answerJSON(c, http.StatusAccepted, state)
}
