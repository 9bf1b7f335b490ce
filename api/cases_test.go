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
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
)

type casesPage struct {
	Cases []struct {
		ID, Class, Status, Owner, OwnerName, Party string
		Items, Lots, Resolutions                   []string
		Closed                                     *struct{ Resolution string }
	}
	NextPageToken string
}

func (p *casesPage) ids() (out []string) {
	for _, k := range p.Cases {
		out = append(out, k.ID+" "+k.Class+" "+k.Status)
	}
	return out
}

// write records an event of a member at a block time, action OBSERVE where it names none.
func (m *memory) write(t *testing.T, member string, blockTime int64, fields string) uint64 {
	t.Helper()
	if !strings.Contains(fields, `"action"`) {
		fields += `,"action":"OBSERVE"`
	}
	record := fmt.Sprintf(`{"@context":[%q,{"wm":%q}],"type":"ObjectEvent","eventTimeZoneOffset":"+00:00","eventTime":%q,%s}`,
		epcis.ContextURL, epcis.Vocabulary, epcis.Instant{Seconds: blockTime}.String(), fields)
	key := m.keys[member]
	e := identity.NewEnvelope(m.network, string(epcis.KindEvent), key.Address(), uint64(start), [][]byte{[]byte(record)})
	if err := key.SignEnvelope(e); err != nil {
		t.Fatal(err)
	}
	m.append(e, blockTime*1e9)
	r := m.records[len(m.records)-1]
	if r.Rejected() {
		t.Fatalf("%s: %+v", record, r.Findings)
	}
	return r.Seq
}

// Cases are listed with their status as of the answer's block time, by organisation
// and status, a page at a time, from what contracts wrote.
func TestCases(t *testing.T) {
	m := newMemory(t)
	party := func(member string) string {
		for _, o := range m.info.Organisations {
			if slices.Contains(o.Keys, identity.FormatPublicKey(m.keys[member].PublicKey())) {
				return o.ID
			}
		}
		for _, r := range m.records {
			if r.Signer == m.keys[member].Address().Hex() {
				return r.Organisation
			}
		}
		t.Fatalf("no member %s", member)
		return ""
	}
	pallets := func(ids ...int) string {
		var list []string
		for _, id := range ids {
			list = append(list, fmt.Sprintf(`"urn:epc:id:sscc:9521102.%010d"`, id))
		}
		return `"epcList":[` + strings.Join(list, ",") + `]`
	}
	m.write(t, "exporter", start, `"bizStep":"storing",`+pallets(9))
	m.write(t, "roaster", start, `"bizStep":"storing",`+pallets(9))
	exporter, roaster := party("exporter"), party("roaster")
	parties := fmt.Sprintf(`"sourceList":[{"type":"possessing_party","source":%q}],"destinationList":[{"type":"possessing_party","destination":%q}]`, exporter, roaster)

	shipped := m.write(t, "exporter", start, `"bizStep":"shipping",`+pallets(1, 2)+","+parties)
	damaged := m.write(t, "roaster", start+1, `"bizStep":"receiving","disposition":"damaged",`+pallets(1)+","+parties)
	more := m.write(t, "roaster", start+2, `"bizStep":"receiving",`+pallets(3)+","+parties)
	m.write(t, "exporter", start+3, fmt.Sprintf(`"bizStep":"inspecting","wm:case":"%d.1","wm:resolution":"accept_overage",`, more)+pallets(3))

	h := newAPI(t, m, api.Limits{})
	ask := func(query string) *casesPage {
		t.Helper()
		w := do(t, h, call{"GET", "/v1/cases" + query, queryKey, "", nil})
		if w.Code != 200 {
			t.Fatalf("%s: %d %s", query, w.Code, w.Body)
		}
		p := new(casesPage)
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
	damage := fmt.Sprintf("%d.4 damage", damaged)
	overage := fmt.Sprintf("%d.1 product_without_data closed", more)
	missing := fmt.Sprintf("%d.2 data_without_product", shipped)
	expect("", damage+" open", overage)
	expect("?status=open", damage+" open")
	expect("?status=closed", overage)
	expect("?status=overdue")

	// The first deadline passes with a block that says nothing of it, then the second.
	m.write(t, "roaster", start+60*86_400+1, `"bizStep":"storing",`+pallets(8))
	expect("", missing+" open", damage+" overdue", overage)
	expect("?status=open", missing+" open", damage+" overdue")
	expect("?status=overdue", damage+" overdue")
	expect("?organisation="+url.QueryEscape(exporter)+"&status=open", missing+" open", damage+" overdue")
	expect("?organisation=" + url.QueryEscape("https://id.gs1.org/417/4012345000009"))

	first := ask("").Cases
	if k := first[0]; k.Owner != exporter || k.Party != roaster || k.OwnerName == "" || !slices.Equal(k.Resolutions, []string{"correct", "void_shipping"}) {
		t.Errorf("%+v", k)
	}
	if k := first[2]; k.Closed == nil || k.Closed.Resolution != "accept_overage" || len(k.Items) != 1 {
		t.Errorf("%+v", k)
	}

	server := httptest.NewServer(h)
	defer server.Close()
	reads := client.New(server.URL, queryKey)
	defer reads.Close()
	told, err := reads.Cases(t.Context(), roaster, "overdue")
	if err != nil || len(told) != 1 || told[0].ID+" "+told[0].Class != damage || told[0].Deadline.Seconds != start+1+14*86_400 {
		t.Errorf("the client: %+v, %v", told, err)
	}

	// A page at a time, and where little may be read for one answer.
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
		if want := []string{missing + " open", damage + " overdue", overage}; !slices.Equal(got, want) {
			t.Errorf("page by page: %q, not %q", got, want)
		}
	}
	token := ask("?perPage=1").NextPageToken
	if token == "" {
		token = "e30"
	}
	for _, query := range []string{"?status=late", "?organisation=", "?organisation=Blue%20Mill", "?organisation=" + url.QueryEscape("https://id.gs1.org/417/4012345000008"), "?perPage=0", "?colour=red", "?nextPageToken=x",
		"?status=open&nextPageToken=" + token} {
		w := do(t, h, call{"GET", "/v1/cases" + query, queryKey, "", nil})
		if w.Code != 400 || !strings.Contains(w.Body.String(), "QueryParameterException") {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
	for path, name := range map[string]string{"/v1/cases?status=open&status=closed": "status", "/v1/impact?id=a&id=b": "id", "/v1/simulate?signer=a&signer=b": "signer"} {
		c := call{"GET", path, queryKey, "", nil}
		if name == "signer" {
			c = call{"POST", path, captureKey, event("x:1"), nil}
		}
		if w := do(t, h, c); w.Code != 400 || !strings.Contains(w.Body.String(), name+" is given 2 times") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if w := do(t, h, call{"GET", "/v1/cases", captureKey, "", nil}); w.Code != 403 {
		t.Errorf("without the scope query: %d", w.Code)
	}
}
