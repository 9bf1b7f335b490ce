package api_test

import (
	"cmp"
	"encoding/base64"
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
	"github.com/waymark-ledger/waymark/trace"
)

// forwardIndex is a forward index in memory.
type forwardIndex struct {
	uses   map[trace.Key][]trace.Use
	places map[trace.Move]int64 // By 0
	made   map[trace.Key][]uint64
	lots   map[trace.Key][]trace.LotSince
	strays map[trace.Batch]bool
	// sighted are the batches of items that nobody had recorded the birth of.
	sighted map[trace.Key][]uint64
}

func newForwardIndex() *forwardIndex {
	return &forwardIndex{uses: map[trace.Key][]trace.Use{}, places: map[trace.Move]int64{}, made: map[trace.Key][]uint64{}, lots: map[trace.Key][]trace.LotSince{},
		strays: map[trace.Batch]bool{}, sighted: map[trace.Key][]uint64{}}
}

func (x *forwardIndex) add(seq uint64, f *trace.Forward) {
	for _, u := range f.Uses {
		x.uses[u.Of] = append(x.uses[u.Of], trace.Use{Born: u.Born, Seq: seq, Count: u.Count})
	}
	for _, b := range f.Made {
		x.made[b.Of] = append(x.made[b.Of], b.Born)
	}
	for _, u := range f.Late {
		x.uses[u.Of] = slices.DeleteFunc(x.uses[u.Of], func(old trace.Use) bool { return old.Born == u.Born && old.Seq == u.Seq })
		x.uses[u.Of] = append(x.uses[u.Of], trace.Use{Born: u.Born, Seq: u.Seq, Count: u.Count})
	}
	for _, b := range f.Strays {
		x.strays[b] = true
	}
	for _, b := range f.Sighted {
		if !slices.Contains(x.sighted[b.Of], b.Born) {
			x.sighted[b.Of] = append(x.sighted[b.Of], b.Born)
			slices.Sort(x.sighted[b.Of])
		}
	}
	for _, k := range f.Lots {
		if !slices.ContainsFunc(x.lots[k.Class], func(l trace.LotSince) bool { return l.ID == k.Lot.ID }) {
			x.lots[k.Class] = append(x.lots[k.Class], trace.LotSince{ID: k.Lot.ID, Seq: seq})
			slices.SortFunc(x.lots[k.Class], func(a, b trace.LotSince) int { return cmp.Compare(a.ID, b.ID) })
		}
	}
	for _, m := range f.Moves {
		by := m.By
		m.By = 0
		x.places[m] += by
	}
}

func (x *forwardIndex) Uses(of trace.Key, after *trace.Use, limit int) (found []trace.Use, err error) {
	order := func(a, b trace.Use) int { return cmp.Or(cmp.Compare(a.Born, b.Born), cmp.Compare(a.Seq, b.Seq)) }
	for _, u := range slices.SortedFunc(slices.Values(x.uses[of]), order) {
		if len(found) < limit && (after == nil || order(*after, u) < 0) {
			found = append(found, u)
		}
	}
	return found, nil
}

func (x *forwardIndex) Places(of trace.Key, born uint64, each func(trace.Move) (bool, error)) error {
	var all []trace.Move
	for m, n := range x.places {
		if m.Of == of && m.Born >= born && n > 0 {
			m.By = n
			all = append(all, m)
		}
	}
	slices.SortFunc(all, func(a, b trace.Move) int {
		return cmp.Or(cmp.Compare(a.Born, b.Born), cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)))
	})
	for _, m := range all {
		if more, err := each(m); err != nil || !more {
			return err
		}
	}
	return nil
}

func (x *forwardIndex) Made(of trace.Key, limit int) ([]uint64, error) { return x.made[of], nil }

func (x *forwardIndex) Sighted(of trace.Key, from uint64, limit int) ([]uint64, error) {
	at, _ := slices.BinarySearch(x.sighted[of], from)
	found := x.sighted[of][at:]
	return found[:min(len(found), limit)], nil
}

func (x *forwardIndex) Stray(of trace.Key, seq uint64) (bool, error) {
	return x.strays[trace.Batch{Of: of, Born: seq}], nil
}

func (x *forwardIndex) Lots(class trace.Key, limit int) ([]trace.LotSince, error) {
	return x.lots[class], nil
}

// answerTerm is the default of the network's parameter.
const answerTerm = 86_400

const recalledLot = "https://id.gs1.org/01/09521104000020/10/R7"

// A lot of bags is recalled; one holder answers.
func recalled(t *testing.T) *memory {
	m := newMemory(t)
	var bags []string
	for n := range 25 {
		bags = append(bags, fmt.Sprintf(`"https://id.gs1.org/01/09521104000020/21/B%02d"`, n))
	}
	m.write(t, "roaster", start, `"action":"ADD","bizStep":"commissioning","readPoint":{"id":"https://id.gs1.org/414/9521104000013"},"epcList":[`+strings.Join(bags, ",")+`],"ilmd":{"cbvmda:lotNumber":"R7"}`)
	m.write(t, "roaster", start+10, `"bizStep":"holding","disposition":"recalled","quantityList":[{"epcClass":"`+recalledLot+`"}]`)
	return m
}

func (m *memory) acknowledge(t *testing.T, member string, blockTime int64, about, measure string) *trace.Recorded {
	t.Helper()
	record := fmt.Sprintf(`{"@context":[%q,{"wm":%q}],"type":"wm:Acknowledgement","matter":"recall","about":%q,"eventTime":%q,"measure":%q}`,
		epcis.ContextURL, epcis.Vocabulary, about, epcis.Instant{Seconds: blockTime}.String(), measure)
	e := identity.NewEnvelope(m.network, string(epcis.KindAcknowledgement), m.keys[member].Address(), uint64(start), [][]byte{[]byte(record)})
	if err := m.keys[member].SignEnvelope(e); err != nil {
		t.Fatal(err)
	}
	m.append(e, blockTime*1e9)
	return m.records[len(m.records)-1]
}

// An impact is answered a page at a time, with all holders on each; it says who has
// answered, and escalates whoever has not when block time passes the deadline.
func TestImpact(t *testing.T) {
	m := recalled(t)
	h := newAPI(t, m, api.Limits{})
	server := httptest.NewServer(h)
	defer server.Close()
	c := client.New(server.URL, queryKey)
	read := func(limit int, next string) *client.Impact {
		t.Helper()
		page, err := c.Impact(t.Context(), recalledLot, limit, next)
		if err != nil {
			t.Fatal(err)
		}
		return page
	}
	page := read(10, "")
	if len(page.Entries) != 10 || page.Next == "" || !page.Complete || page.Totals.Items != 25 || len(page.Matters) != 1 || page.Matters[0].What != "recalled" {
		t.Fatalf("%+v", page)
	}
	e := page.Entries[0]
	if e.Share == nil || *e.Share != "1" || e.Certainty != "certain" || e.Condition != "active" || e.HolderName == "" || e.Seen == nil || e.Seen.Place == "" || e.Lot != recalledLot {
		t.Errorf("entry %+v", e)
	}
	if len(page.Holders) != 1 || page.Holders[0].Status != "open" || page.Holders[0].Items != 25 || page.Holders[0].Deadline.Seconds != start+10+answerTerm {
		t.Errorf("holders %+v", page.Holders)
	}
	ids := map[string]bool{}
	for pages := 1; ; pages++ {
		for _, e := range page.Entries {
			ids[e.ID] = true
		}
		if page.Next == "" {
			if pages != 3 {
				t.Errorf("%d pages", pages)
			}
			break
		}
		if pages == 1 { // a bag that comes now is on no page of this answer
			m.write(t, "roaster", start+20, `"action":"ADD","bizStep":"storing","epcList":["https://id.gs1.org/01/09521104000020/21/NEW"],"ilmd":{"cbvmda:lotNumber":"R7"}`)
		}
		page = read(10, page.Next)
	}
	if len(ids) != 25 {
		t.Errorf("%d bags", len(ids))
	}
	m.block((start + 11 + answerTerm) * 1e9)
	if page = read(1, ""); page.Holders[0].Status != "escalated" || page.Holders[0].EscalatedTo != page.Matters[0].By || page.Totals.Items != 26 {
		t.Errorf("after the deadline: %+v", page.Holders)
	}
	if r := m.acknowledge(t, "roaster", start+12+answerTerm, recalledLot, "quarantined"); r.Rejected() {
		t.Fatalf("%+v", r.Findings)
	}
	if page = read(1, ""); page.Holders[0].Status != "acknowledged" || page.Holders[0].Acknowledgement.Measure != "quarantined" || page.Holders[0].EscalatedTo != "" {
		t.Errorf("after the answer: %+v", page.Holders)
	}
}

// What a compromised key signed is listed, and settles nothing: an answer is none, and
// the end of a recall ends nothing.
func TestImpactOfARecallUnderACompromisedKey(t *testing.T) {
	m := recalled(t)
	h := newAPI(t, m, api.Limits{})
	server := httptest.NewServer(h)
	defer server.Close()
	read := func() *client.Impact {
		t.Helper()
		page, err := client.New(server.URL, queryKey).Impact(t.Context(), recalledLot, 1, "")
		if err != nil {
			t.Fatal(err)
		}
		return page
	}
	answer := m.acknowledge(t, "roaster", start+20, recalledLot, "quarantined")
	if page := read(); page.Matters[0].Doubtful != nil || page.Holders[0].Status != "acknowledged" || page.Holders[0].Acknowledgement.Doubtful {
		t.Fatalf("%+v", page)
	}
	answer.Compromised = true
	m.block((start + 30 + answerTerm) * 1e9)
	if page := read(); page.Holders[0].Status != "escalated" || !page.Holders[0].Acknowledgement.Doubtful || page.Holders[0].Acknowledgement.Seq != answer.Seq {
		t.Fatalf("a doubtful answer: %+v", page.Holders)
	}
	m.write(t, "roaster", start+40+answerTerm, `"bizStep":"storing","persistentDisposition":{"unset":["recalled"]},"quantityList":[{"epcClass":"`+recalledLot+`"}]`)
	if page := read(); len(page.Matters) != 0 {
		t.Fatalf("the recall has ended: %+v", page.Matters)
	}
	lift := m.records[len(m.records)-1]
	lift.Compromised = true
	if page := read(); len(page.Matters) != 1 || page.Matters[0].Doubtful == nil || *page.Matters[0].Doubtful != lift.Seq || page.Matters[0].Seq == lift.Seq {
		t.Fatalf("a doubtful end: %+v", page.Matters)
	}
}

func TestImpactRefusesWhatItCannotAnswer(t *testing.T) {
	m := recalled(t)
	h := newAPI(t, m, api.Limits{})
	lot := "id=" + url.QueryEscape(recalledLot)
	var page struct{ NextPageToken string }
	w := do(t, h, call{"GET", "/v1/impact?limit=1&" + lot, queryKey, "", nil})
	if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || page.NextPageToken == "" {
		t.Fatalf("%v: %s", err, w.Body)
	}
	if link := w.Header().Get("Link"); !strings.Contains(link, "cursor=") || !strings.Contains(link, `rel="next"`) {
		t.Errorf("link %q", link)
	}
	for query, code := range map[string]int{
		"":                    400,
		"id=":                 400,
		lot + "&limit=0":      400,
		lot + "&limit=many":   400,
		lot + "&cursor=x":     400,
		lot + "&cursor=e30":   400,
		lot + "&colour=green": 400,
		lot + "&id=urn:x":     400,
		"id=urn:unheard-of":   404,
		"id=" + url.QueryEscape(recalledLot+"X") + "&cursor=" + page.NextPageToken: 400,
		lot:                                   200,
		lot + "&cursor=" + page.NextPageToken: 200,
	} {
		if w := do(t, h, call{"GET", "/v1/impact?" + query, queryKey, "", nil}); w.Code != code {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
	const place = "https://id.gs1.org/414/9521102000015"
	w = do(t, h, call{"GET", "/v1/impact?id=" + url.QueryEscape(place), queryKey, "", nil})
	if p := decode[api.Problem](t, w); w.Code != 404 || strings.Contains(p.Detail, "no record") || !strings.Contains(p.Detail, "place") {
		t.Errorf("the impact of a place: %d %s", w.Code, w.Body)
	}
	if w := do(t, h, call{"GET", "/v1/impact?" + lot, "", "", nil}); w.Code != 401 {
		t.Errorf("without a key: %d", w.Code)
	}
}

// All pages of an answer list its closure as the first one found it, once each, whatever is
// recorded meanwhile: new lots that sort before, births in arrears, holders of amounts.
func TestImpactPagesOfALedgerThatGrows(t *testing.T) {
	m := newMemory(t)
	const class, serial = "https://id.gs1.org/01/09521104000020", "https://id.gs1.org/01/09521104000020/21/"
	for n := range 8 {
		m.write(t, "roaster", start+int64(n), fmt.Sprintf(`"action":"ADD","bizStep":"commissioning","epcList":["%sB%da","%sB%db"],"ilmd":{"cbvmda:lotNumber":"M%d"}`, serial, n, serial, n, n))
		m.write(t, "roaster", start+int64(n), fmt.Sprintf(`"bizStep":"receiving","epcList":["%sS%d"]`, serial, n))
	}
	server := httptest.NewServer(newAPI(t, m, api.Limits{}))
	defer server.Close()
	c := client.New(server.URL, queryKey)
	got, next := map[string]int{}, ""
	for n := 0; ; n++ {
		page, err := c.Impact(t.Context(), class, 3, next)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Entries {
			if e.Kind == "item" {
				got[e.ID]++
			}
		}
		if next = page.Next; next == "" {
			break
		}
		if n < 8 {
			at := start + 100 + int64(n)
			m.write(t, "roaster", at, fmt.Sprintf(`"action":"ADD","bizStep":"commissioning","epcList":["%sN%d"],"ilmd":{"cbvmda:lotNumber":"A%d"}`, serial, n, n))
			m.write(t, "roaster", at, fmt.Sprintf(`"action":"ADD","bizStep":"commissioning","epcList":["%sS%d"],"ilmd":{"cbvmda:lotNumber":"M0"}`, serial, 7-n))
			m.write(t, "roaster", at, fmt.Sprintf(`"bizStep":"receiving","quantityList":[{"epcClass":"%s/10/M%d","quantity":1,"uom":"KGM"}]`, class, n))
		}
	}
	if len(got) != 24 {
		t.Errorf("%d items, want 24", len(got))
	}
	for id, n := range got {
		if n != 1 || strings.Contains(id, "/N") {
			t.Errorf("%s is listed %d times", id, n)
		}
	}
}

// A cursor that is no good says why, and what to do.
func TestImpactRefusesCursors(t *testing.T) {
	m := recalled(t)
	h := newAPI(t, m, api.Limits{})
	lot := "id=" + url.QueryEscape(recalledLot)
	token := func() (text string, fields map[string]any) {
		var page struct{ NextPageToken string }
		w := do(t, h, call{"GET", "/v1/impact?limit=1&" + lot, queryKey, "", nil})
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || page.NextPageToken == "" {
			t.Fatalf("%v: %s", err, w.Body)
		}
		b, err := base64.RawURLEncoding.DecodeString(page.NextPageToken)
		if err == nil {
			err = json.Unmarshal(b, &fields)
		}
		if err != nil {
			t.Fatal(err)
		}
		return page.NextPageToken, fields
	}
	with := func(name string, value any) string {
		_, fields := token()
		fields[name] = value
		b, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	ask := func(query string, code int, detail string) {
		t.Helper()
		w := do(t, h, call{"GET", "/v1/impact?" + query, queryKey, "", nil})
		if w.Code != code || !strings.Contains(w.Body.String(), detail) || w.Header().Get("Content-Type") != "application/problem+json" && code != 200 {
			t.Errorf("%s: %d %s, want %d %s", query, w.Code, w.Body, code, detail)
		}
	}
	good, _ := token()
	ask(lot+"&cursor="+good, 200, "entries")
	ask(lot+"&cursor=x", 400, "cursor was not issued by this node")
	ask(lot+"&cursor="+good[:len(good)-3], 400, "cursor was not issued by this node")
	ask(lot+"&cursor="+with("n", 0), 400, "cursor was not issued by this node")
	ask(lot+"&cursor="+with("id", "https://id.gs1.org/01/09521104000020/10/OTHER"), 400, "cursor is of the impact of https://id.gs1.org/01/09521104000020/10/OTHER")
	ask(lot+"&cursor="+with("n", 99), 503, "a ledger of 99 records, and this node has 2")
	ask(lot+"&cursor="+with("v", 1), 410, "Ask again without the cursor")
	ask(lot+"&cursor="+with("c", map[string]any{"p": 1 << 40, "b": 1, "i": 7}), 200, `"entries":[]`)
	// What is in force changes between two pages: another question is asked now.
	m.write(t, "roaster", start+20, `"bizStep":"holding","disposition":"recalled","quantityList":[{"epcClass":"https://id.gs1.org/01/09521104000020"}]`)
	ask(lot+"&cursor="+good, 410, "what is in force on "+recalledLot+" has changed since the first page")
	next, _ := token()
	ask(lot+"&cursor="+next, 200, "entries")
}
