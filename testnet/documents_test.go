package testnet_test

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/testnet"
)

const documents = "../epcis/testdata/documents"

// Documents that others wrote go in at one node over HTTP. Each valid one is
// recorded and reads back equal in meaning; each invalid one is refused with a
// place, and leaves nothing behind.
func TestDocumentsInAndBack(t *testing.T) {
	long(t)
	s, err := testnet.Up(t.Context(), testnet.Options{Dir: t.TempDir(), Nodes: 1, Configure: unhurried})
	do(t, "up", err)
	defer func() { do(t, "down", s.Down()) }()
	c := s.State().Nodes[0].Client()
	defer c.Close()

	b, err := os.ReadFile(filepath.Join(documents, "VERDICTS.json"))
	do(t, "verdicts", err)
	verdicts := map[string]string{}
	do(t, "verdicts", json.Unmarshal(b, &verdicts))
	for _, name := range slices.Sorted(maps.Keys(verdicts)) {
		body, err := os.ReadFile(filepath.Join(documents, filepath.FromSlash(name)))
		do(t, "document", err)
		t.Run(name, func(t *testing.T) {
			if verdicts[name] == "valid" {
				readsBack(t, c, body)
			} else {
				leavesNothing(t, c, body)
			}
		})
	}
}

func readsBack(t *testing.T, c *client.Client, body []byte) {
	job, err := c.Capture(t.Context(), body)
	do(t, "capture", err)
	job, err = c.WaitJob(t.Context(), job.CaptureID)
	do(t, "job", err)
	events, err := epcis.Split(body)
	do(t, "split", err)
	if !job.Success || len(job.Records) != len(events.Events)+len(events.MasterData) {
		t.Fatalf("%d events became %d records, errors %+v", len(events.Events), len(job.Records), job.Errors)
	}
	for _, event := range events.Events {
		id := eventID(t, event)
		document, err := c.EventsByID(t.Context(), id)
		if err != nil {
			t.Fatalf("event %s: %v", id, err)
		}
		wantOneEqual(t, document, event)
	}
}

func eventID(t *testing.T, event []byte) string {
	var e struct{ EventID string }
	do(t, "event", json.Unmarshal(event, &e))
	return e.EventID
}

// wantOneEqual wants one event of a query document to say what the wanted one
// says. Several events may share an eventID.
func wantOneEqual(t *testing.T, document json.RawMessage, want []byte) {
	answer, err := epcis.Split(document)
	do(t, "the node's own answer", err)
	var differences []string
	for _, got := range answer.Events {
		same, difference := epcis.Equal(want, got)
		if same {
			return
		}
		differences = append(differences, difference)
	}
	t.Errorf("event %s does not read back as it went in: %q", eventID(t, want), differences)
}

func leavesNothing(t *testing.T, c *client.Client, body []byte) {
	before, err := c.Status(t.Context())
	for began := time.Now(); err == nil && before.Outbox+before.Pool > 0 && time.Since(began) < patience; { // what is judged leaves in its own time
		time.Sleep(10 * time.Millisecond)
		before, err = c.Status(t.Context())
	}
	do(t, "status", err)
	_, err = c.Capture(t.Context(), body)
	problem, ok := errors.AsType[*client.Problem](err)
	if !ok || problem.Status != 400 || len(problem.Errors) == 0 || !strings.HasPrefix(problem.Type, "epcisException:") {
		t.Fatalf("an invalid document gives %v", err)
	}
	for _, place := range problem.Errors {
		if place.Detail == "" || place.Pointer != "" && place.Pointer[0] != '/' {
			t.Errorf("%+v is no place", place)
		}
	}
	after, err := c.Status(t.Context())
	do(t, "status", err)
	if after.Records != before.Records || after.Outbox != before.Outbox || after.Pool != before.Pool {
		t.Errorf("a refused document left something: %+v, before %+v", after, before)
	}
}
