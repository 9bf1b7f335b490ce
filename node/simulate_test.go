package node

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// life is an event about items, at a minute of the last hour: ADD is a birth,
// DELETE an end.
func life(t testing.TB, action string, minute int, items ...int) []byte {
	t.Helper()
	var list bytes.Buffer
	for i, n := range items {
		if i > 0 {
			list.WriteByte(',')
		}
		fmt.Fprintf(&list, "%q", item(t, n))
	}
	step := "commissioning"
	if action == "DELETE" {
		step = "decommissioning"
	}
	return fmt.Appendf(nil, `{"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],"type":"ObjectEvent",`+
		`"eventID":"urn:x:%s:%d","eventTime":"%s","eventTimeZoneOffset":"+00:00","epcList":[%s],"action":"%s","bizStep":"%s"}`,
		action, minute, time.Now().Add(time.Duration(minute-60)*time.Minute).UTC().Format("2006-01-02T15:04:00.000Z"), list.Bytes(), action, step)
}

// What a simulation says is what the block then says, record by record; and it
// moves nothing of the node.
func TestSimulationSaysWhatTheBlockThenSays(t *testing.T) {
	const secret = "wm_test"
	sum := sha256.Sum256([]byte(secret))
	c := network(t, 1, func(_ int, c *Config) {
		c.API.Keys = []APIKey{{Name: "t", Hash: identity.Hash(sum).String(), Scopes: []string{"capture", "query"}}}
	})[0]
	n := run(t, c)
	n.awaitReady(t)
	ended, born := life(t, "DELETE", 2, 2), life(t, "ADD", 7, 5)
	k := client.New("http://"+n.APIAddr(), secret)
	t.Cleanup(k.Close)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := k.CaptureAndWait(ctx, epcis.KindEvent, document(life(t, "ADD", 1, 1, 2), ended)); err != nil {
		t.Fatal(err)
	}
	for n.outbox.Len() != 0 && ctx.Err() == nil { // what is judged leaves it in its own time
		time.Sleep(10 * time.Millisecond)
	}
	tried := document(
		life(t, "ADD", 3, 3, 4), // accepted
		life(t, "ADD", 4, 4),    // born just before
		life(t, "ADD", 5, 1),    // born on the ledger
		life(t, "DELETE", 6, 3), // ends what was born before it
		born,                    // accepted
		born,                    // the same bytes again
		bytes.Replace(born, []byte("urn:x:"), []byte("urn:y:"), 1), // the same content in other bytes
		observation(t, 3),          // before its end
		observation(t, 4),          // accepted
		ended,                      // the same bytes as on the ledger
		mixture(t, 6, 1, 4),        // consumes
		life(t, "DELETE", 40, 4),   // what was consumed
		life(t, "ADD", 60*24*7, 9), // in a week
	)

	before := n.ledger.Roots()
	s, err := k.Simulate(ctx, "", client.Body{Kind: epcis.KindEvent, JSON: tried})
	if err != nil {
		t.Fatal(err)
	}
	after := n.ledger.Roots()
	if after.LogSize != before.LogSize || after.LogRoot != before.LogRoot || after.MapRoot != before.MapRoot || after.AppHash != before.AppHash {
		t.Errorf("the ledger moved from %+v to %+v", before, after)
	}
	if st := n.Status(); st.Outbox != 0 || st.Pool != 0 || st.Records != before.LogSize {
		t.Errorf("something waits: %+v", st)
	}
	if s.Success || s.Signer.Name != n.member().Name || s.Signer.Address != n.key.Address().Hex() || len(s.Records) != 13 {
		t.Fatalf("%+v", s)
	}

	became, err := k.CaptureAndWait(ctx, epcis.KindEvent, tried)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for i, said := range s.Records {
		r := became[i]
		if said.Seq != r.Seq || said.Rejected != r.Rejected || said.EventID != r.EventID || said.RecordHash != r.RecordHash || found(said.Verdicts) != found(r.Verdicts) {
			t.Errorf("record %d: said %s, became %s", i, found(said.Verdicts), found(r.Verdicts))
		}
		codes = append(codes, found(said.Verdicts))
	}
	if !slices.Equal(codes, []string{
		"accepted", "REJECT 1101 by 2", "REJECT 1101 by 0", "accepted", "accepted", "REJECT 601 by 6", "FLAG 603 by 6, REJECT 1101 by 6",
		"FLAG 1105 by 5, FLAG 1301", "FLAG 1301", "REJECT 601 by 1", "INFO 3203", "REJECT 1102 by 12", "REJECT 501",
	}) {
		t.Errorf("the verdicts are\n%s", strings.Join(codes, "\n"))
	}

	// Why one of them was refused, from the real ledger.
	e, err := k.Explain(ctx, before.LogSize+1)
	if err != nil {
		t.Fatal(err)
	}
	if f := e.Findings[0]; !e.Record.Rejected || f.Code != 1101 || f.Facts[0].Record == nil || f.Facts[0].Record.Seq != before.LogSize ||
		f.Facts[0].Record.What != "commissioning of serial 3 and 1 more" || f.Facts[0].Record.Signer.Name != n.member().Name {
		t.Errorf("%+v", e)
	}
}

// document holds events.
func document(events ...[]byte) []byte {
	return fmt.Appendf(nil, `{"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],"type":"EPCISDocument","schemaVersion":"2.0",`+
		`"creationDate":"2026-11-20T09:00:00Z","epcisBody":{"eventList":[%s]}}`, bytes.Join(events, []byte(",")))
}

// found is a verdict in a line, with the records that it rests on but without
// what depends on block time.
func found(findings []trace.Finding) string {
	said := []string{"accepted"}
	for _, f := range findings {
		line := fmt.Sprintf("%s %d", f.Severity, f.Code)
		for _, fact := range f.Facts {
			if fact.Seq != nil {
				line += fmt.Sprintf(" by %d", *fact.Seq)
			}
		}
		said = append(said, line)
	}
	return strings.Join(said[min(1, len(findings)):], ", ")
}

// A node without a key of its own tries records out for others, and for nobody
// whose envelope it would not take.
func TestSimulationForOthers(t *testing.T) {
	c := network(t, 1, nil)[0]
	n := run(t, c)
	n.awaitReady(t)
	own := n.key.Address()
	parts := []api.Part{{Kind: epcis.KindEvent, Records: [][]byte{life(t, "ADD", 1, 1)}}}
	if err := n.stop(); err != nil {
		t.Fatal(err)
	}
	c.Signer.Keystore = t.TempDir()
	n = run(t, c)
	n.awaitReady(t)
	if _, err := n.Simulate(t.Context(), nil, nil, parts); !errors.Is(err, api.ErrReadOnly) {
		t.Errorf("with no key: %v", err)
	}
	if s, err := n.Simulate(t.Context(), &own, nil, parts); err != nil || len(s.Findings) != 1 || len(s.Findings[0]) != 0 || s.Organisation == "" {
		t.Errorf("for a member: %+v, %v", s, err)
	}
	// With another parameter the same event is late, and the ledger's stays as it is.
	for _, set := range []map[string]string{{"lateness": "0"}, nil} {
		s, err := n.Simulate(t.Context(), &own, set, parts)
		if err != nil || len(s.Findings) != 1 || len(s.Findings[0]) != len(set) {
			t.Errorf("under %v: %+v, %v", set, s, err)
		}
	}
	var refused *api.EnvelopeError
	if _, err := n.Simulate(t.Context(), &identity.Address{1}, nil, parts); !errors.As(err, &refused) || refused.Reason != CodeUnknownSigner.String() {
		t.Errorf("for a stranger: %v", err)
	}
	parts[0].Kind = "gossip"
	if _, err := n.Simulate(t.Context(), &own, nil, parts); !errors.As(err, &refused) || refused.Reason != CodeUnknownKind.String() {
		t.Errorf("of an unknown kind: %v", err)
	}
	if err := n.stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Simulate(context.Background(), &own, nil, parts); !errors.Is(err, api.ErrStopping) {
		t.Errorf("while stopping: %v", err)
	}
}
