package api_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

// ownScript is the one script of a page: the node's own, by the hash of its version.
var ownScript = regexp.MustCompile(`<script type="module" src="(/assets/[0-9a-f]{32}/check\.js)"></script>`)

// withoutScript cuts the one script out of a journey's page.
func withoutScript(t *testing.T, page string) string {
	t.Helper()
	if n := len(ownScript.FindAllString(page, -1)); n != 1 {
		t.Errorf("the page has its script %d times", n)
	}
	return ownScript.ReplaceAllString(page, "")
}

func linkPath(id string) string { return strings.TrimPrefix(id, "https://id.gs1.org") }

// A page says in words what the lane's records say, and needs nobody else.
func TestPage(t *testing.T) {
	m := newMemory(t)
	script := m.play(t)
	h := newAPI(t, m, api.Limits{})
	w := do(t, h, call{"GET", linkPath(script.Item), "", "", map[string]string{"Accept": browser}})
	page := withoutScript(t, w.Body.String())
	for _, want := range []string{"<h1>Single-origin coffee, roasted, 250 g</h1>", "The records fit together", "Washing station of the cooperative",
		"15,000 kg Coffee cherries", "Red Cherry Growers Cooperative", "Container WMKU2047188", "Accepted, released by customs", "customs authority", "Customs of DE", "Procedure: 4000", "<h3>Customs declaration</h3>",
		"When used: valid", "Customs declaration", "Where it grew", "22 Nov 2026, 12:00 UTC", "A signature shows who wrote a record",
		"waymark verify waymark-dossier.json --genesis genesis.json --id " + script.Item, `hidden>Check this journey on this device`, `role="status"`,
		`<html lang="en"`, `name="viewport"`, "Elbe Quay Roasters"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if found := regexp.MustCompile(`<script|<img|<iframe|<link rel="stylesheet|style="| on[a-z]+="|src=|url\(|@import`).FindString(page); found != "" {
		t.Errorf("the page holds %q", found)
	}
	if found := regexp.MustCompile(`href="(https?:)?//`).FindString(page); found != "" {
		t.Errorf("the page leads elsewhere: %q", found)
	}
	if w.Header().Get("Vary") != "Accept, Accept-Language" {
		t.Errorf("Vary %q", w.Header().Get("Vary"))
	}
	journey, certificates := strings.Index(page, `id="journey"`), strings.Index(page, `id="certificates"`)
	if farm, shop := strings.Index(page, "Washing station"), strings.Index(page, "Shop at the quay"); journey < 0 || farm < journey || shop < farm || certificates < shop {
		t.Errorf("the journey does not go from farm to shop: %d %d %d %d", journey, farm, shop, certificates)
	}
	if len(page) > 120<<10 {
		t.Errorf("the page has %d KiB", len(page)>>10)
	}
}

// The policy names exactly the style that the page carries; everything else,
// script above all, is forbidden.
func TestPagePolicy(t *testing.T) {
	w := do(t, newAPI(t, newMemory(t), api.Limits{}), call{"GET", "/", "", "", nil})
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(w.Body.String())
	if style == nil {
		t.Fatal("no style")
	}
	sum := sha256.Sum256([]byte(style[1]))
	policy := w.Header().Get("Content-Security-Policy")
	if !strings.Contains(policy, "style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") || !strings.HasPrefix(policy, "default-src 'none';") ||
		strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
	if w := do(t, newAPI(t, newMemory(t), api.Limits{}), call{"GET", "/healthz", "", "", nil}); !strings.HasPrefix(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
		t.Error("JSON answers go without a policy")
	}
}

// Accept decides between the page and the trace; ?format=json is for people.
func TestPageOrJSON(t *testing.T) {
	m := newMemory(t)
	script := m.play(t)
	h := newAPI(t, m, api.Limits{})
	path := linkPath(script.Item)
	for _, c := range []struct{ path, accept, want string }{
		{path, "", "text/html"},
		{path, "*/*", "text/html"},
		{path, browser, "text/html"},
		{path, "application/json", "application/json"},
		{path, "application/ld+json", "application/json"},
		{path, "application/json, text/html;q=0.5", "application/json"},
		{path, "text/html;q=0.5, application/json;q=0.4", "text/html"},
		{path, "text/html;q=0, application/json;q=0.1", "application/json"},
		{path + "?format=json", browser, "application/json"},
		{path + "?17=271231;3103=000250", browser, "text/html"},
		{strings.NewReplacer("/01/", "/gtin/", "/21/", "/ser/").Replace(path), browser, "text/html"},
		{"/trace?id=" + url.QueryEscape(script.Container), "application/json", "application/json"},
	} {
		w := do(t, h, call{"GET", c.path, "", "", map[string]string{"Accept": c.accept}})
		if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), c.want) {
			t.Errorf("%s with Accept %q: %d %s", c.path, c.accept, w.Code, w.Header().Get("Content-Type"))
		}
	}
	public := do(t, h, call{"GET", path, "", "", map[string]string{"Accept": "application/json"}}).Body.String()
	keyed := do(t, h, call{"GET", "/v1/trace?id=" + url.QueryEscape(script.Item), queryKey, "", nil}).Body.String()
	if public != keyed {
		t.Error("the link and /v1/trace tell different stories")
	}
}

// A person who mistypes an address, an identifier or a height gets a page that says
// which of them it was; a program gets the same as a problem.
func TestPagesOfMistakes(t *testing.T) {
	m := newMemory(t)
	script := m.play(t)
	h := newAPI(t, m, api.Limits{})
	for _, c := range []struct{ path, title, detail string }{
		{"/nosuch", "There is nothing here", "no such path"},
		{"/01", "There is nothing here", "no such path"},
		{"/v2/x", "There is nothing here", "no such path"},
		{linkPath(script.Item) + "/", "There is nothing here", "this is no GS1 Digital Link path"},
		{"/01/09521104000021/21/A1", "This is no GS1 identifier", "GTIN has a wrong check digit"},
		{linkPath(script.Item) + "X", "No record names this", "this ledger holds no record of " + script.Item + "X"},
		{"/414/9521102000091", "No record names this", "this ledger holds no record of https://id.gs1.org/414/9521102000091 itself"},
		{linkPath(script.Item) + "?at=999999", "The ledger does not reach that height", fmt.Sprintf("this node's ledger stands at height %d", len(m.blocks))},
	} {
		w := do(t, h, call{"GET", c.path, "", "", map[string]string{"Accept": browser}})
		if page := html.UnescapeString(w.Body.String()); w.Code != 404 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") ||
			!strings.Contains(page, "<h1>"+c.title+"</h1>") || !strings.Contains(strings.ToLower(page), "<p>"+strings.ToLower(c.detail)+".</p>") {
			t.Errorf("%s in a browser: %d %s %.300s", c.path, w.Code, w.Header().Get("Content-Type"), page[strings.Index(page, "<main")+1:])
		}
		w = do(t, h, call{"GET", c.path, "", "", map[string]string{"Accept": "application/json"}})
		var problem api.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || w.Code != 404 || problem.Title != c.title || problem.Detail != c.detail || problem.Next == "" {
			t.Errorf("%s for a program: %d %s %v", c.path, w.Code, w.Body, err)
		}
	}
	if w := do(t, h, call{"GET", "/nosuch", "", "", map[string]string{"Accept": "*/*"}}); w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("a program that takes anything gets %s", w.Header().Get("Content-Type"))
	}
}

// The trace of the lane's bag holds its whole journey, and every way of
// writing its identifier leads there.
func TestTrace(t *testing.T) {
	m := newMemory(t)
	script := m.play(t)
	h := newAPI(t, m, api.Limits{})
	var journey struct {
		ID      string
		AsOf    struct{ Height uint64 }
		Records []struct {
			Seq    uint64
			Signer struct{ Organisation, Name string }
			Record json.RawMessage
		}
		Graph struct{ Nodes []struct{ ID string } }
	}
	w := do(t, h, call{"GET", "/v1/trace?direction=upstream&id=" + url.QueryEscape(script.Item), queryKey, "", nil})
	if err := json.Unmarshal(w.Body.Bytes(), &journey); err != nil {
		t.Fatal(err)
	}
	nodes := map[string]bool{}
	for _, n := range journey.Graph.Nodes {
		nodes[n.ID] = true
	}
	for _, id := range script.Upstream {
		if !nodes[id] {
			t.Errorf("the journey lacks %s", id)
		}
	}
	if journey.ID != script.Item || journey.AsOf.Height != uint64(len(m.blocks)) {
		t.Errorf("%s as of %d", journey.ID, journey.AsOf.Height)
	}
	for _, r := range journey.Records {
		if string(r.Record) != string(m.records[r.Seq].Bytes) {
			t.Errorf("record %d is not the bytes that were signed", r.Seq)
		}
		if r.Signer.Name == "" {
			t.Errorf("record %d: nobody's name", r.Seq)
		}
	}
	for _, form := range []string{strings.Replace(script.Item, "https://id.gs1.org", "https://shop.example/x", 1), "urn:epc:id:sgtin:9521104.000002.R2600000001"} {
		if w := do(t, h, call{"GET", "/v1/trace?id=" + url.QueryEscape(form), queryKey, "", nil}); w.Code != 200 {
			t.Errorf("%s: %d %s", form, w.Code, w.Body)
		}
	}
}

// Script in any field arrives as text.
func TestPageEscapes(t *testing.T) {
	m := newMemory(t)
	const evil = `</style><script>alert(1)</script><img/src=x/onerror=alert(1)>"'`
	quoted := strings.ReplaceAll(evil, `"`, `\"`)
	body := `{"@context":["` + epcis.ContextURL + `",{"wm":"` + epcis.Vocabulary + `"}],"type":"ObjectEvent","eventID":"urn:x:` + quoted +
		`","eventTime":"2026-11-20T08:00:00Z","eventTimeZoneOffset":"+00:00","epcList":["urn:epc:id:sgtin:9521104.000001.1","urn:evil:` + quoted +
		`"],"action":"OBSERVE","bizStep":"urn:step:` + quoted + `","disposition":"urn:disp:` + quoted + `","readPoint":{"id":"urn:place:` + quoted +
		`"},"bizTransactionList":[{"type":"urn:type:` + quoted + `","bizTransaction":"urn:doc:` + quoted + `"}],"sourceList":[{"type":"possessing_party","source":"urn:party:` + quoted +
		`"}],"quantityList":[{"epcClass":"urn:class:` + quoted + `","quantity":1,"uom":"KGM"}],"wm:note":"` + quoted + `"}`
	m.judge = func(*epcis.Record) []trace.Finding {
		return []trace.Finding{{Severity: trace.Flag, Rule: evil, Title: evil, Facts: []trace.Fact{{Name: evil, Value: evil}}, Next: evil}}
	}
	for _, state := range []string{"accepted", "refused"} {
		e, err := m.envelopeOf(epcis.KindEvent, [][]byte{[]byte(body)})
		if err != nil {
			t.Fatal(err)
		}
		m.append(e, start*1e9)
		if state == "accepted" && m.records[0].Rejected() {
			t.Fatalf("%+v", m.records[0].Findings)
		}
	}
	m.status.OrganisationName = evil
	h := newAPI(t, m, api.Limits{})
	for i, path := range []string{"/01/09521104000013/21/1", "/trace?id=" + url.QueryEscape("urn:evil:"+evil), "/trace?id=" + url.QueryEscape(evil), "/", "/01/1/21/" + url.PathEscape(evil)} {
		w := do(t, h, call{"GET", path, "", "", map[string]string{"Accept": browser}})
		page := w.Body.String()
		if !strings.HasPrefix(page, "<!doctype html>") {
			t.Fatalf("%s: no page: %.200s", path, page)
		}
		page = ownScript.ReplaceAllString(page, "")
		for _, bad := range []string{"<script", "<img", "onerror=alert(1)>\"", `alert(1)</`} {
			if strings.Contains(page, bad) {
				t.Errorf("%s: %q arrives as it was written", path, bad)
			}
		}
		if shown := strings.Count(page, "&lt;script&gt;"); i == 0 && shown < 10 {
			t.Errorf("only %d fields of the record are shown at all", shown)
		}
		if strings.Count(page, "</style>") != 1 {
			t.Errorf("%s: the style ends twice", path)
		}
	}
}

// Danger first: a refused record and a gap stand above the journey.
func TestPageShowsRefusals(t *testing.T) {
	m := newMemory(t)
	script := m.play(t)
	m.judge = func(*epcis.Record) []trace.Finding {
		return []trace.Finding{{Severity: trace.Reject, Rule: "C1", Code: 1102, Title: "the item had ended", Next: "Check the serial."}}
	}
	e, err := m.envelopeOf(epcis.KindEvent, [][]byte{[]byte(strings.Replace(event("x:clone"), "urn:epc:id:sgtin:9521104.000001.1", script.Item, 1))})
	if err != nil {
		t.Fatal(err)
	}
	m.append(e, (start+60)*1e9)
	page := do(t, newAPI(t, m, api.Limits{}), call{"GET", linkPath(script.Item), "", "", map[string]string{"Accept": browser}}).Body.String()
	refused, journey := strings.Index(page, `id="refused"`), strings.Index(page, `id="journey"`)
	if refused < 0 || refused > journey || !strings.Contains(page, "the item had ended") || strings.Contains(page, "The records fit together") ||
		!strings.Contains(page, "1 record was refused") {
		t.Errorf("refused at %d, journey at %d", refused, journey)
	}
}

// A recall of the whole class, and that it was lifted, are told at the item: when and
// by whom. While it stands, it is what the page begins with.
func TestPageTellsThatARecallWasLifted(t *testing.T) {
	m := newMemory(t)
	script := m.play(t)
	class := epcis.Canonical(script.Item).Class().URI
	says := func(day int, how string) string {
		record := fmt.Sprintf(`{"@context":["%s"],"type":"ObjectEvent","action":"OBSERVE","bizStep":"holding",%s,"eventTime":"2026-11-%dT08:00:00Z",`+
			`"eventTimeZoneOffset":"+00:00","quantityList":[{"epcClass":%q}]}`, epcis.ContextURL, how, day, class)
		e, err := m.envelopeOf(epcis.KindEvent, [][]byte{[]byte(record)})
		if err != nil {
			t.Fatal(err)
		}
		m.append(e, (start+int64(day))*1e9)
		return withoutScript(t, do(t, newAPI(t, m, api.Limits{}), call{"GET", linkPath(script.Item), "", "", map[string]string{"Accept": browser}}).Body.String())
	}
	leads := func(page string) bool { // danger stands before the title
		before, _, _ := strings.Cut(page, "<h1>")
		return strings.Contains(before, `class="recall"`) && strings.Contains(before, "Recalled on 20 Nov 2026 by ")
	}
	const recalled, lifted, step = "Recalled on 20 Nov 2026 by ", " was lifted on 21 Nov 2026", "recall lifted"
	if page := says(20, `"disposition":"recalled"`); !strings.Contains(page, recalled) || strings.Contains(page, lifted) || strings.Contains(page, step) {
		t.Error("the page does not tell the recall that stands")
	} else if !leads(page) || !strings.Contains(page, "The records tell of a recall") {
		t.Error("the recall that stands is not what the page begins with")
	}
	if page := says(21, `"persistentDisposition":{"unset":["recalled"]}`); strings.Contains(page, recalled) || !strings.Contains(page, lifted) || !strings.Contains(page, step) {
		t.Error("the page does not tell that it was lifted")
	} else if leads(page) {
		t.Error("the page begins with a recall that was lifted")
	}
	m.records[len(m.records)-1].Compromised = true
	page := withoutScript(t, do(t, newAPI(t, m, api.Limits{}), call{"GET", linkPath(script.Item), "", "", map[string]string{"Accept": browser}}).Body.String())
	if !leads(page) || strings.Contains(page, lifted) || !strings.Contains(page, "It was not lifted on 21 Nov 2026: a compromised key signed that") {
		t.Error("the page takes the word of a compromised key that the recall was lifted")
	}
}

// Whoever may not recall a thing does not get its page to begin with a recall.
func TestPageOfARecallThatBindsNobody(t *testing.T) {
	m := newMemory(t)
	script := m.play(t)
	e, err := m.envelopeOf(epcis.KindEvent, [][]byte{fmt.Appendf(nil, `{"@context":["%s"],"type":"ObjectEvent","action":"OBSERVE","disposition":"recalled",`+
		`"eventTime":"2026-11-20T08:00:00Z","eventTimeZoneOffset":"+00:00","epcList":[%q]}`, epcis.ContextURL, script.Item)})
	if err != nil {
		t.Fatal(err)
	}
	m.append(e, (start+60)*1e9)
	of, binds := trace.Finding{Severity: trace.Flag, Code: contracts.CodeRecallOfOthers}, trace.Finding{Severity: trace.Lock, Code: contracts.CodeRecalled, Facts: []trace.Fact{{Name: "item", Value: script.Item}}}
	for _, c := range []struct {
		findings []trace.Finding
		leads    bool
	}{{[]trace.Finding{of}, false}, {[]trace.Finding{of, binds}, true}} { // the latter of some of what it names
		m.records[len(m.records)-1].Findings = c.findings
		page := do(t, newAPI(t, m, api.Limits{}), call{"GET", linkPath(script.Item), "", "", map[string]string{"Accept": browser}}).Body.String()
		if strings.Contains(page, `class="recall"`) != c.leads || strings.Contains(page, "said on 20 Nov 2026 that it is recalled, and may not recall it") == c.leads {
			t.Errorf("with the findings %v the page begins with a recall: %v", c.findings, !c.leads)
		}
	}
}

// A code whose lot is not the one that its item was born in is told apart: it was put
// together from those of others.
func TestPageOfACodeWithAnotherLot(t *testing.T) {
	m := newMemory(t)
	script := m.play(t)
	h := newAPI(t, m, api.Limits{})
	with := func(lot string) string { return strings.Replace(linkPath(script.Item), "/21/", "/10/"+lot+"/21/", 1) }
	lot := "LOT2600000"
	for path, doubted := range map[string]bool{
		linkPath(script.Item): false,
		with(lot):             false,
		with("NONE"):          true,
		"/trace?id=" + url.QueryEscape("https://shop.example"+with("NONE")): true,
	} {
		page := html.UnescapeString(do(t, h, call{"GET", path, "", "", map[string]string{"Accept": browser}}).Body.String())
		if !strings.Contains(page, "<h1>Single-origin coffee") {
			t.Fatalf("%s: no page", path)
		}
		if got := strings.Contains(page, "The code says lot NONE, the records say lot "+lot); got != doubted || strings.Contains(page, "The records fit together") == doubted {
			t.Errorf("%s: doubted %v", path, got)
		}
	}
}

// A key that has no canonical form, such as a model number, has a page of its own.
func TestPageOfAKeyThatStaysAsItIs(t *testing.T) {
	m := newMemory(t)
	m.play(t)
	m.write(t, "exporter", start, `"bizStep":"inspecting","epcList":["https://id.gs1.org/8013/1987654Ad4X4bL5ttr2310c2K"]`)
	h := newAPI(t, m, api.Limits{})
	const path = "/8013/1987654Ad4X4bL5ttr2310c2K"
	if w := do(t, h, call{"GET", path, "", "", map[string]string{"Accept": browser}}); w.Code != 200 || !strings.Contains(w.Body.String(), "1987654Ad4X4bL5ttr2310c2K") {
		t.Errorf("%d %.300s", w.Code, w.Body)
	}
	if w := do(t, h, call{"GET", path, "", "", map[string]string{"Accept": "application/json"}}); w.Code != 200 || !strings.Contains(w.Body.String(), `"id":"https://id.gs1.org`+path+`"`) {
		t.Errorf("%d %.300s", w.Code, w.Body)
	}
	if w := do(t, h, call{"GET", "/8013/1987654Ad4X4bL5ttr2310c2L", "", "", map[string]string{"Accept": "application/json"}}); w.Code != 404 {
		t.Errorf("another model: %d", w.Code)
	}
}

// What people type is understood where it can only mean one thing.
func TestTypedIdentifiers(t *testing.T) {
	m := newMemory(t)
	script := m.play(t)
	m.write(t, "exporter", start, `"bizStep":"inspecting","epcList":["urn:epc:id:sscc:9521102.0000000042","urn:epc:id:sgtin:9521102.000007.A%2F1:2"],`+
		`"bizTransactionList":[{"type":"inv","bizTransaction":"urn:epc:id:gdti:9521102.00013.INV7"}]`)
	h := newAPI(t, m, api.Limits{})
	for text, want := range map[string]int{
		"(01)09521102000077(21)A/1:2": 200, // a slash in its serial number
		"(253)9521102000138INV7":      200, // an invoice
		"(253)9521102000138INV8":      404,
		script.Item:                   200,
		" " + script.Container + "\n": 200,
		"WMKU 204718 8":               200,
		"395211020000000016":          200, // an SSCC
		"9521101000016":               200, // a GTIN without its leading zero
		"1":                           404,
		"":                            200, // the start page
	} {
		if w := do(t, h, call{"GET", "/trace?id=" + url.QueryEscape(text), "", "", map[string]string{"Accept": browser}}); w.Code != want {
			t.Errorf("%q: %d, not %d", text, w.Code, want)
		}
	}
}
