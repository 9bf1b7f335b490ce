package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

type queryAnswer struct {
	EPCISBody struct {
		QueryResults struct {
			ResultsBody struct {
				EventList []struct {
					EventID    string
					Type       string
					RecordTime string
				}
			}
		}
	}
}

// collect follows a query through all of its pages.
func collect(t *testing.T, h http.Handler, query string) (ids []string, pages int) {
	t.Helper()
	for next := "/epcis/events?" + query; next != ""; pages++ {
		w := do(t, h, call{"GET", next, queryKey, "", nil})
		if w.Code != 200 {
			t.Fatalf("%s: %d %s", next, w.Code, w.Body)
		}
		var a queryAnswer
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
			t.Fatalf("%v in %s", err, w.Body)
		}
		for _, e := range a.EPCISBody.QueryResults.ResultsBody.EventList {
			if e.RecordTime == "" {
				t.Errorf("%s has no recordTime", e.EventID)
			}
			ids = append(ids, e.EventID)
		}
		next = ""
		if link := w.Header().Get("Link"); link != "" {
			next = strings.TrimSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)
		}
		if pages > 1000 {
			t.Fatal("no end of pages")
		}
	}
	return ids, pages
}

// manyEvents writes n events, one a block: every third ships, every fourth
// cites an order, every fifth names item 1, every tenth is refused.
func manyEvents(t *testing.T, m *memory, n int) {
	t.Helper()
	m.judge = func(r *epcis.Record) []trace.Finding {
		if strings.HasSuffix(r.Event.ID, "0") {
			return []trace.Finding{{Severity: trace.Reject, Rule: "C1", Code: 1102, Title: "no"}}
		}
		return nil
	}
	for i := range n {
		step, item, order := "receiving", 2, ""
		if i%3 == 0 {
			step = "shipping"
		}
		if i%5 == 0 {
			item = 1
		}
		if i%4 == 0 {
			order = `,"bizTransactionList":[{"type":"po","bizTransaction":"urn:x:po:7"},{"type":"inv","bizTransaction":"urn:x:inv:8"}]`
		}
		body := fmt.Sprintf(`{"@context":["%s"],"type":"ObjectEvent","eventID":"x:%d","eventTime":"2026-11-20T08:%02d:00Z","eventTimeZoneOffset":"+00:00",`+
			`"epcList":["urn:epc:id:sgtin:9521104.000001.%d"],"action":"OBSERVE","bizStep":"%s"%s}`, epcis.ContextURL, i, i%60, item, step, order)
		e, err := m.envelopeOf(epcis.KindEvent, [][]byte{[]byte(body)})
		if err != nil {
			t.Fatal(err)
		}
		m.append(e, (start+int64(i))*1e9)
	}
}

func TestQuery(t *testing.T) {
	m := newMemory(t)
	const n = 60
	manyEvents(t, m, n)
	h := newAPI(t, m, api.Limits{})
	accepted := func(i int) bool { return i%10 != 0 }
	for _, c := range []struct {
		query string
		want  func(i int) bool
	}{
		{"", accepted},
		{"EQ_bizStep=shipping", func(i int) bool { return i%3 == 0 }},
		{"EQ_bizStep=https://ref.gs1.org/cbv/BizStep-shipping,packing", func(i int) bool { return i%3 == 0 }},
		{"EQ_bizStep=shipping&EQ_bizStep=receiving", accepted},
		{"EQ_bizStep=urn:epcglobal:cbv:bizstep:shipping", func(i int) bool { return i%3 == 0 }},
		{"MATCH_anyEPC=urn:epc:id:sgtin:9521104.000001.1", func(i int) bool { return i%5 == 0 }},
		{"MATCH_anyEPC=https://id.gs1.org/01/09521104000013/21/1", func(i int) bool { return i%5 == 0 }},
		{"MATCH_anyEPC=https://shop.example/01/09521104000013/21/1,urn:epc:id:sgtin:9521104.000001.2", accepted},
		{"MATCH_anyEPC=urn:epc:id:sgtin:9521104.000001.3", func(int) bool { return false }},
		{"MATCH_anyEPC=urn:epc:idpat:sgtin:9521104.000001.*", accepted},
		{"MATCH_anyEPC=urn:epc:idpat:sgtin:9521104.*.*&EQ_bizStep=shipping", func(i int) bool { return i%3 == 0 }},
		{"MATCH_anyEPC=urn:epc:idpat:sgtin:9521104.000001.1,urn:epc:idpat:sgtin:9521104.000002.*", func(i int) bool { return i%5 == 0 }},
		{"MATCH_anyEPC=urn:epc:idpat:sgtin:9521104.000002.*,urn:epc:id:sgtin:9521104.000001.1", func(i int) bool { return i%5 == 0 }},
		{"MATCH_anyEPC=urn:epc:idpat:sscc:9521104.*", func(int) bool { return false }},
		{"EQ_bizTransaction_po=urn:x:po:7", func(i int) bool { return i%4 == 0 }},
		{"EQ_bizTransaction_po=urn:x:inv:8", func(int) bool { return false }},
		{"EQ_bizTransaction_po=urn:x:po:7&EQ_bizTransaction_inv=urn:x:inv:8&EQ_bizStep=shipping", func(i int) bool { return i%12 == 0 }},
		{"eventType=ObjectEvent", accepted},
		{"eventType=AggregationEvent,TransformationEvent", func(int) bool { return false }},
		{"GE_eventTime=2026-11-20T09:30:00%2B01:00&LT_eventTime=2026-11-20T08:40:00Z", func(i int) bool { return i >= 30 && i < 40 }},
		{"GE_recordTime=2026-11-22T12:00:30Z", func(i int) bool { return i >= 30 }},
		{"LT_recordTime=2026-11-22T12:00:30Z", func(i int) bool { return i < 30 }},
		{"GE_recordTime=2026-11-22T12:00:10Z&LT_recordTime=2026-11-22T12:00:30Z&MATCH_anyEPC=urn:epc:id:sgtin:9521104.000001.1", func(i int) bool { return i >= 10 && i < 30 && i%5 == 0 }},
		{"GE_recordTime=2027-01-01T00:00:00Z", func(int) bool { return false }},
	} {
		var want []string
		for i := range n {
			if accepted(i) && c.want(i) {
				want = append(want, fmt.Sprintf("x:%d", i))
			}
		}
		for _, perPage := range []int{1, 7, 30, 1000} {
			got, pages := collect(t, h, c.query+fmt.Sprintf("&perPage=%d", perPage))
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s by %d: %v, not %v", c.query, perPage, got, want)
			}
			if full := max(1, (len(want)+perPage-1)/perPage); pages != full {
				t.Errorf("%s by %d: %d pages, not %d", c.query, perPage, pages, full)
			}
		}
	}
	if got, _ := collect(t, h, ""); len(got) != n-n/10 {
		t.Errorf("default page: %d events in all", len(got))
	}
}

// No event is in the history of a place, yet an EPC list may name one, alone or
// beside an item.
func TestQueryFindsAPlaceInAnEPCList(t *testing.T) {
	m := newMemory(t)
	for i, list := range []string{`"https://id.gs1.org/414/9521104000006"`, `"urn:epc:id:sgtin:9521104.000001.1"`} {
		e, err := m.envelopeOf(epcis.KindEvent, [][]byte{fmt.Appendf(nil, `{"@context":["%s"],"type":"ObjectEvent","eventID":"x:%d",`+
			`"eventTime":"2026-11-20T08:00:00Z","eventTimeZoneOffset":"+00:00","epcList":[%s],"action":"OBSERVE"}`, epcis.ContextURL, i, list)})
		if err != nil {
			t.Fatal(err)
		}
		m.append(e, (start+int64(i))*1e9)
	}
	h := newAPI(t, m, api.Limits{})
	for query, want := range map[string]string{
		"MATCH_anyEPC=urn:epc:id:sgln:9521104.00000.0":                                   "[x:0]",
		"MATCH_anyEPC=urn:epc:id:sgln:9521104.00000.0,urn:epc:id:sgtin:9521104.000001.1": "[x:0 x:1]",
		"MATCH_anyEPC=https://id.gs1.org/417/9521104000006":                              "[]",
	} {
		if got, _ := collect(t, h, query); fmt.Sprint(got) != want {
			t.Errorf("%s: %v, want %s", query, got, want)
		}
	}
}

// What a parameter lacks is said; none is taken for everything.
func TestQueryRefusesParameters(t *testing.T) {
	h := newAPI(t, newMemory(t), api.Limits{})
	for query, want := range map[string]string{
		"EQ_bizStep=":         "EQ_bizStep is empty",
		"eventType=,":         "eventType is empty",
		"MATCH_anyEPC=":       "MATCH_anyEPC is empty",
		"perPage=1&perPage=2": "perPage is given 2 times",
		"GE_eventTime=2026-01-01T00:00:00Z&GE_eventTime=2025-01-01T00:00:00Z": "GE_eventTime is given 2 times",
		"GE_eventTime=2026-01-01T00:00:00+03:00":                              "written %2B",
		"MATCH_anyEPC=https://id.gs1.org/8004/9521104A;B":                     "written %3B",
		"eventType=ObjectEvent&EQ_bizStep=%zz":                                "does not parse",
	} {
		w := do(t, h, call{"GET", "/epcis/events?" + query, queryKey, "", nil})
		if w.Code != 400 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
}

// EPCIS 2.0 lets a node have a largest page: who asks for more gets that.
func TestPageIsNoLargerThanTheNodes(t *testing.T) {
	m := newMemory(t)
	manyEvents(t, m, 30)
	h := newAPI(t, m, api.Limits{PerPage: 10})
	for _, asked := range []string{"10", "11", "99999999999999999999999"} {
		w := do(t, h, call{"GET", "/epcis/events?perPage=" + asked, queryKey, "", nil})
		var a queryAnswer
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || len(a.EPCISBody.QueryResults.ResultsBody.EventList) != 10 || w.Header().Get("Link") == "" {
			t.Errorf("perPage=%s: %d %v, %d events, next %q", asked, w.Code, err, len(a.EPCISBody.QueryResults.ResultsBody.EventList), w.Header().Get("Link"))
		}
	}
	for _, asked := range []string{"", "0", "00", "-1", "+1", "1.5", "ten"} {
		w := do(t, h, call{"GET", "/epcis/events?perPage=" + url.QueryEscape(asked), queryKey, "", nil})
		if w.Code != 400 || !strings.Contains(w.Body.String(), "from 1 on; a page of this node has at most 10") {
			t.Errorf("perPage=%s: %d %s", asked, w.Code, w.Body)
		}
	}
}

// A query that matches little reads no more than its budget at a time, and
// still finds everything.
func TestQueryBudget(t *testing.T) {
	m := newMemory(t)
	manyEvents(t, m, 50)
	h := newAPI(t, m, api.Limits{ScanRecords: 7})
	got, pages := collect(t, h, "EQ_bizTransaction_po=urn:x:po:7&EQ_bizStep=receiving")
	if fmt.Sprint(got) != "[x:4 x:8 x:16 x:28 x:32 x:44]" || pages < 2 {
		t.Errorf("%v in %d pages", got, pages)
	}
	got, pages = collect(t, h, "EQ_bizStep=shipping")
	if len(got) != 15 || pages < 7 {
		t.Errorf("%v in %d pages", got, pages)
	}
}

// Pages stand still: what is recorded meanwhile is not on them.
func TestPagesStandStill(t *testing.T) {
	m := newMemory(t)
	manyEvents(t, m, 10)
	h := newAPI(t, m, api.Limits{})
	w := do(t, h, call{"GET", "/epcis/events?perPage=5", queryKey, "", nil})
	next := strings.TrimSuffix(strings.TrimPrefix(w.Header().Get("Link"), "<"), `>; rel="next"`)
	manyEvents(t, m, 15)
	w = do(t, h, call{"GET", next, queryKey, "", nil})
	if n := strings.Count(w.Body.String(), `"eventID"`); n != 4 || w.Header().Get("Link") != "" {
		t.Errorf("%d events on the second page, Link %q", n, w.Header().Get("Link"))
	}
	u, err := url.Parse(next)
	if err != nil {
		t.Fatal(err)
	}
	if w := do(t, h, call{"GET", "/epcis/events?EQ_bizStep=shipping&nextPageToken=" + u.Query().Get("nextPageToken"), queryKey, "", nil}); w.Code != 400 {
		t.Errorf("a token serves another query: %d", w.Code)
	}
}

// What a query answers is itself a valid query document of EPCIS 2.0.
func TestQueryAnswerIsValid(t *testing.T) {
	m := newMemory(t)
	m.play(t)
	h := newAPI(t, m, api.Limits{})
	w := do(t, h, call{"GET", "/epcis/events?perPage=1000", queryKey, "", map[string]string{"Accept": "application/ld+json"}})
	if w.Header().Get("Content-Type") != "application/ld+json" || w.Header().Get("GS1-EPCIS-Version") != "2.0.0" {
		t.Errorf("%v", w.Header())
	}
	document, err := epcis.Split(w.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	events := 0
	for _, r := range m.records {
		if r.Kind == epcis.KindEvent && !r.Rejected() {
			events++
		}
	}
	if len(document.Events) != events || events < 20 {
		t.Errorf("%d of %d events", len(document.Events), events)
	}
}

func FuzzQueryParameters(f *testing.F) {
	f.Add("MATCH_anyEPC=urn:epc:id:sgtin:9521104.000001.1,urn:x&perPage=3")
	f.Add("EQ_bizTransaction_po=urn:x:po:7&GE_recordTime=2026-11-22T12:00:30Z&nextPageToken=eyJmIjoxfQ")
	m := newMemory(f)
	h := newAPI(f, m, api.Limits{})
	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		if w := do(t, h, call{"GET", "/epcis/events?" + values.Encode(), queryKey, "", nil}); w.Code >= 500 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	})
}
