package api_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/testnet/lane"
)

// The client understands every answer of the API.
func TestClient(t *testing.T) {
	m := newMemory(t)
	script := m.play(t)
	server := httptest.NewServer(newAPI(t, m, api.Limits{EventWait: 50 * time.Millisecond}))
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	reads, writes := client.New(server.URL+"/", queryKey), client.New(server.URL, captureKey)
	defer reads.Close()
	defer writes.Close()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}

	must(reads.Ready(ctx))
	status, err := reads.Status(ctx)
	must(err)
	network, err := reads.Network(ctx)
	must(err)
	if status.OrganisationName != "Elbe Quay Roasters" || len(network.Organisations) != len(lane.Members(4)) || network.Organisations[0].Country != "ET" {
		t.Errorf("%+v %+v", status, network)
	}

	job, err := writes.Capture(ctx, []byte(documentOf(event("x:1"), event("x:2"))))
	must(err)
	job, err = writes.WaitJob(ctx, job.CaptureID)
	must(err)
	if !job.Success || len(job.Records) != 2 || job.Records[1].EventID != "x:2" || job.FinishedAt == nil {
		t.Errorf("%+v", job)
	}
	receipt, _, err := writes.Event(ctx, []byte(event("x:3")))
	must(err)
	again, _, err := writes.Event(ctx, []byte(event("x:3")))
	must(err)
	if receipt.Duplicate || !again.Duplicate || receipt.Records[0].Seq != again.Records[0].Seq {
		t.Errorf("%+v %+v", receipt, again)
	}
	m.hold = true
	receipt, job, err = writes.Event(ctx, []byte(event("x:4")))
	must(err)
	if receipt != nil || !job.Running {
		t.Errorf("%+v %+v", receipt, job)
	}
	m.hold = false

	e, err := m.envelopeOf(epcis.KindEvent, [][]byte{[]byte(event("x:5"))})
	must(err)
	wire, err := e.Encode()
	must(err)
	receipt, err = writes.Envelope(ctx, wire, time.Second)
	must(err)
	if receipt.Status != "judged" || receipt.Records[0].EventID != "x:5" {
		t.Errorf("%+v", receipt)
	}
	_, err = writes.WaitEnvelope(ctx, e.ID().String())
	must(err)
	record, err := reads.Record(ctx, receipt.FirstSeq)
	must(err)
	if string(record.Record) != event("x:5") {
		t.Errorf("%s", record.Record)
	}
	held := len(m.records)
	tried, err := writes.Simulate(ctx, "", client.Body{Kind: epcis.KindEvent, JSON: []byte(event("x:5"))})
	must(err)
	if len(m.records) != held || !tried.Success || !tried.Records[0].Rejected || tried.Records[0].Seq != uint64(held) || tried.Signer.Name != status.OrganisationName {
		t.Errorf("%+v", tried)
	}
	described := []byte(masterData("https://id.gs1.org/01/09521101000016", "Cherries"))
	tried, err = writes.Simulate(ctx, m.keys["cooperative"].Address().Hex(), client.Body{Kind: epcis.KindMasterData, JSON: described},
		client.Body{Kind: epcis.KindEvent, JSON: []byte(documentOf(event("x:6"), event("x:7")))})
	must(err)
	if len(tried.Records) != 3 || tried.Records[0].Kind != epcis.KindMasterData || tried.Records[2].EventID != "x:7" || tried.Records[2].Body != 1 {
		t.Errorf("%+v", tried)
	}
	why, err := reads.Explain(ctx, receipt.FirstSeq)
	must(err)
	if why.Record.Seq != receipt.FirstSeq || why.Record.What != "storing of serial 1" || why.AsOf.Height < record.Height || len(why.Findings) != len(record.Verdicts) {
		t.Errorf("%+v", why)
	}
	block, err := reads.Block(ctx, record.Height)
	must(err)
	if block.From > record.Seq || block.To <= record.Seq {
		t.Errorf("%+v", block)
	}
	journey, err := reads.TraceAsTold(ctx, script.Item, "upstream")
	must(err)
	if journey.ID != script.Item || len(journey.Journey().Records) != len(journey.Records) || len(journey.Plots) == 0 {
		t.Errorf("%+v", journey)
	}
	var events int
	for query := (url.Values{"perPage": {"10"}}); query != nil; {
		var document []byte
		document, query, err = reads.Events(ctx, query)
		must(err)
		split, err := epcis.Split(document)
		must(err)
		events += len(split.Events)
	}
	if events < 30 {
		t.Errorf("%d events", events)
	}

	var problem *client.Problem
	if _, err := reads.Capture(ctx, []byte(documentOf(event("x:6")))); !errors.As(err, &problem) || problem.Status != 403 || problem.Next == "" {
		t.Errorf("%v", err)
	}
	if _, err := writes.Capture(ctx, []byte(`{"type":"EPCISDocument"}`)); !errors.As(err, &problem) || problem.Status != 400 || len(problem.Errors) == 0 {
		t.Errorf("%v", err)
	}
	server.Close()
	if err := reads.Ready(ctx); err == nil || errors.As(err, &problem) && problem.Status == 0 {
		t.Errorf("a node that is gone: %v", err)
	}
}

// Whoever stops waiting is told that nothing is lost, and where to ask.
func TestClientTellsThatTheNodeKeepsWhatIsNotJudgedYet(t *testing.T) {
	m := newMemory(t)
	m.hold = true
	m.block(start * 1e9)
	server := httptest.NewServer(newAPI(t, m, api.Limits{}))
	defer server.Close()
	c := client.New(server.URL, captureKey)
	defer c.Close()
	job, err := c.Capture(t.Context(), []byte(documentOf(event("x:1"))))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = c.WaitJob(ctx, job.CaptureID)
	if !errors.Is(err, client.ErrUnjudged) || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "GET /epcis/capture/"+job.CaptureID) {
		t.Errorf("%v", err)
	}
}
