package api_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

type alertsPage struct {
	Alerts        []client.Alert
	NextPageToken string
}

func (p *alertsPage) ids() (out []string) {
	for _, a := range p.Alerts {
		out = append(out, fmt.Sprintf("%d %s %d %s", a.Seq, a.Rule, a.Code, a.Status))
	}
	return out
}

// What is flagged is listed with who has to look, by when, and what settled it, by every
// question that a desk has, a page at a time.
func TestAlerts(t *testing.T) {
	const day = 86_400
	m := newMemory(t)
	p := identity.DefaultParameters()
	p.AlertDeadline = 3 * day
	m.states[trace.ParametersKey()] = p.Encode()
	// A birth under the prefix of another member, which its author declares wrong.
	birth := `"action":"ADD","bizStep":"commissioning","eventID":"urn:uuid:7d6a2f2e-1c1e-4b43-9a4b-1f0a5a2f5d01","epcList":["https://id.gs1.org/01/09521102000015/21/S1","https://id.gs1.org/01/09521102000015/21/S2",` +
		`"https://id.gs1.org/01/09521102000015/21/S3","https://id.gs1.org/01/09521102000015/21/S4","https://id.gs1.org/01/09521102000015/21/S5","https://id.gs1.org/01/09521102000015/21/S6"]`
	foreign := m.write(t, "roaster", start, birth)
	m.write(t, "exporter", start+1, `"bizStep":"storing","epcList":["urn:epc:id:sscc:9521102.0000000009"]`)
	// Goods of a lot that arrive without a shipment: the case's sender has to act.
	lot := `"quantityList":[{"epcClass":"https://id.gs1.org/01/09521102000015/10/L1","quantity":5}]`
	roaster, exporter := m.records[foreign].Organisation, m.records[foreign+1].Organisation
	parties := fmt.Sprintf(`"sourceList":[{"type":"possessing_party","source":%q}],"destinationList":[{"type":"possessing_party","destination":%q}]`, exporter, roaster)
	arrived := m.write(t, "roaster", start+2, `"bizStep":"receiving",`+lot+","+parties)

	h := newAPI(t, m, api.Limits{})
	ask := func(query string) *alertsPage {
		t.Helper()
		w := do(t, h, call{"GET", "/v1/alerts" + query, queryKey, "", nil})
		if w.Code != 200 {
			t.Fatalf("%s: %d %s", query, w.Code, w.Body)
		}
		p := new(alertsPage)
		if err := json.Unmarshal(w.Body.Bytes(), p); err != nil {
			t.Fatal(err)
		}
		if linked := strings.Contains(w.Header().Get("Link"), `rel="next"`); linked != (p.NextPageToken != "") {
			t.Errorf("%s: the header Link is %q", query, w.Header().Get("Link"))
		}
		return p
	}
	expect := func(query string, want ...string) {
		t.Helper()
		if got := ask(query).ids(); !slices.Equal(got, want) {
			t.Errorf("%s: %q, not %q", query, got, want)
		}
	}
	birthAlert := fmt.Sprintf("%d A2 %d", foreign, contracts.CodeBornUnderOther)
	caseAlert := fmt.Sprintf("%d C5 %d", arrived, contracts.CodeProductWithoutData)
	gapAlert := fmt.Sprintf("%d C4 %d", arrived, contracts.CodeReceivedUnshipped)
	expect("", birthAlert+" open", gapAlert+" open", caseAlert+" open")
	all := ask("").Alerts
	if a := all[0]; a.Owner != roaster || a.Organisation != roaster || a.OwnerName == "" || a.Title == "" || a.Next == "" || len(a.Facts) == 0 ||
		a.Opened.Seconds != start || a.Due.Seconds != start+3*day || len(a.Touches) != 5 || a.Touched != 6 ||
		a.Touches[0] != (client.Touched{Namespace: "item", ID: "https://id.gs1.org/01/09521102000015/21/S1"}) {
		t.Errorf("%+v", a)
	}
	if a := all[2]; a.Owner != exporter || a.Organisation != roaster || a.Due.Seconds != start+2+14*day {
		t.Errorf("the alert of a case: %+v", a)
	}
	expect("?rule=A2", birthAlert+" open")
	expect("?rule=A5")
	expect(fmt.Sprintf("?code=%d", contracts.CodeProductWithoutData), caseAlert+" open")
	expect("?organisation="+url.QueryEscape(exporter), caseAlert+" open")
	expect("?organisation="+url.QueryEscape(roaster), birthAlert+" open", gapAlert+" open", caseAlert+" open")
	expect("?organisation=" + url.QueryEscape("https://id.gs1.org/417/4012345000009"))
	since := func(seconds int64) string {
		return "?since=" + url.QueryEscape(epcis.Instant{Seconds: seconds}.String())
	}
	expect(since(start), birthAlert+" open", gapAlert+" open", caseAlert+" open")
	expect(since(start+1), gapAlert+" open", caseAlert+" open")
	expect(since(start+2), gapAlert+" open", caseAlert+" open")
	expect(since(start + 3))

	// Time passes; another's declaration and one of before settle nothing, the author's does.
	m.write(t, "exporter", start+4*day, `"bizStep":"storing","epcList":["urn:epc:id:sscc:9521102.0000000009"]`)
	expect("?status=overdue", birthAlert+" overdue", gapAlert+" overdue")
	expect("?status=open", birthAlert+" overdue", gapAlert+" overdue", caseAlert+" open")
	expect("?status=settled")
	wrong := fmt.Sprintf(`,"errorDeclaration":{"declarationTime":%q,"reason":"did_not_occur"}`, epcis.Instant{Seconds: start + 4*day}.String())
	m.write(t, "exporter", start+4*day, strings.Replace(birth, "01/09521102000015/21/S", "01/09521102000015/21/T", 6)+wrong)
	if got := ask("?status=settled").ids(); len(got) > 0 {
		t.Errorf("another organisation settled %q", got)
	}
	undone := m.write(t, "roaster", start+4*day, birth+wrong)
	settled := ask("?status=settled").Alerts
	if len(settled) != 1 || settled[0].Seq != foreign || settled[0].Settled == nil || settled[0].Settled.Seq != undone ||
		settled[0].Settled.Organisation != roaster || settled[0].Settled.Resolution != "correct" {
		t.Errorf("declared wrong: %+v", settled)
	}
	closed := m.write(t, "exporter", start+5*day, fmt.Sprintf(`"bizStep":"inspecting","wm:case":"%d.1","wm:resolution":"accept_overage",`, arrived)+lot)
	settled = ask("?status=settled&rule=C5").Alerts
	if len(settled) != 1 || settled[0].Settled.Seq != closed || settled[0].Settled.Resolution != "accept_overage" {
		t.Errorf("a closed case: %+v", settled)
	}

	server := httptest.NewServer(h)
	defer server.Close()
	reads := client.New(server.URL, queryKey)
	defer reads.Close()
	told, more, err := reads.Alerts(t.Context(), client.AlertQuestion{Organisation: exporter, Rule: "C5", Code: contracts.CodeProductWithoutData, Status: "settled",
		Since: epcis.Instant{Seconds: start + 1}.String()})
	if err != nil || more || len(told) != 1 || told[0].Seq != arrived {
		t.Errorf("the client: %+v, %v", told, err)
	}
	if told, more, err = reads.Alerts(t.Context(), client.AlertQuestion{Limit: 1}); err != nil || !more || len(told) != 1 {
		t.Errorf("the client, at most one: %+v, %v, %v", told, more, err)
	}

	// A page at a time, findings of one record on several, and where little may be read for
	// one answer.
	m.judge = func(*epcis.Record) []trace.Finding {
		return []trace.Finding{{Severity: trace.Flag, Rule: "A5", Version: 1, Code: 502, Title: "one", Next: "look"}, {Severity: trace.Info, Rule: "A6", Version: 1, Code: 603, Title: "none"},
			{Severity: trace.Flag, Rule: "F2", Version: 1, Code: 2201, Title: "two", Next: "look"}}
	}
	m.write(t, "exporter", start+6*day, `"bizStep":"storing","epcList":["urn:epc:id:sscc:9521102.0000000010"]`)
	want := ask("").ids()
	if len(want) < 4 {
		t.Fatalf("%q", want)
	}
	for _, limits := range []api.Limits{{}, {ScanRecords: 1}} {
		h = newAPI(t, m, limits)
		var got []string
		query := "?perPage=1"
		for range 50 {
			p := ask(query)
			got = append(got, p.ids()...)
			if p.NextPageToken == "" {
				break
			}
			query = "?perPage=1&nextPageToken=" + p.NextPageToken
		}
		if !slices.Equal(got, want) {
			t.Errorf("page by page: %q, not %q", got, want)
		}
	}
	token := ask("?perPage=1").NextPageToken
	for _, query := range []string{"?status=late", "?status=closed", "?organisation=", "?organisation=Blue%20Mill", "?rule=", "?rule=Z9", "?code=0", "?code=x", "?code=4294967297", "?since=yesterday",
		"?perPage=0", "?colour=red", "?nextPageToken=x", "?nextPageToken=e30", "?status=open&nextPageToken=" + token, "?rule=A2&nextPageToken=" + token,
		since(start) + "&nextPageToken=" + token} {
		w := do(t, h, call{"GET", "/v1/alerts" + query, queryKey, "", nil})
		if w.Code != 400 || !strings.Contains(w.Body.String(), "QueryParameterException") {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
	if w := do(t, h, call{"GET", "/v1/alerts", captureKey, "", nil}); w.Code != 403 {
		t.Errorf("without the scope query: %d", w.Code)
	}
}
