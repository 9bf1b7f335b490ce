package verify_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// world is a ledger in memory that both languages walk: it indexes by Touches
// and keeps the states that names need. Nothing is judged.
type world struct {
	records   []*trace.Recorded
	histories map[trace.Key][]uint64
	states    map[trace.Key][]byte
}

func newWorld() *world {
	return &world{histories: map[trace.Key][]uint64{}, states: map[trace.Key][]byte{}}
}

func (w *world) History(k trace.Key, from uint64, limit int) ([]uint64, error) {
	seqs := w.histories[k]
	i, _ := slices.BinarySearch(seqs, from)
	return seqs[i:min(len(seqs), i+limit)], nil
}

func (w *world) Window(k trace.Key, since epcis.Instant, until *epcis.Instant, lead, limit int) (before, within []uint64, err error) {
	for _, seq := range w.histories[k] {
		switch t := w.records[seq].Time; {
		case t.Before(since):
			before = append(before, seq)
		case until == nil || !until.Before(t):
			within = append(within, seq)
		}
	}
	return before[max(0, len(before)-lead):], within[:min(len(within), limit)], nil
}

func (w *world) Record(seq uint64) (*trace.Recorded, error) {
	if seq >= uint64(len(w.records)) {
		return nil, trace.ErrUnknown
	}
	return w.records[seq], nil
}

func (w *world) State(k trace.Key) ([]byte, error) { return w.states[k], nil }

func (w *world) add(t testing.TB, organisation string, kind epcis.Kind, at epcis.Instant, record string, findings ...trace.Finding) {
	t.Helper()
	r, err := epcis.Decode(kind, []byte(record))
	if err != nil {
		t.Fatalf("%v\n%s", err, record)
	}
	seq := uint64(len(w.records))
	rec := &trace.Recorded{Seq: seq, Height: seq + 1, Time: at, Kind: kind, Organisation: organisation, Findings: findings, Bytes: r.Bytes}
	w.records = append(w.records, rec)
	for _, k := range trace.Touches(r) {
		if rec.Rejected() {
			k = k.Refused()
		}
		w.histories[k] = append(w.histories[k], seq)
	}
	if r.MasterData != nil && !rec.Rejected() {
		if k := trace.MasterDataKey(r.MasterData); trace.KeepsDescription(k.NS) {
			b, err := cbor.Marshal(trace.DescriptionState{Seq: seq, Organisation: organisation, Name: r.MasterData.Name})
			if err != nil {
				t.Fatal(err)
			}
			w.states[k] = b
		}
	}
}

func (w *world) admit(id, name string) {
	s := identity.OrganisationState{Intervals: []identity.Interval[identity.OrganisationStanding]{{Value: identity.OrganisationStanding{
		Status: identity.Active, Organisation: identity.Organisation{ID: id, Name: name, Country: "ET", Roles: []identity.Role{identity.Producer}, Keys: []string{}}}}}}
	w.states[trace.Key{NS: trace.NSOrganisation, ID: id}] = s.Encode()
}

// tell hands the world to the verifier.
func (w *world) tell(t testing.TB, n *engine) {
	t.Helper()
	records := []map[string]any{}
	for _, r := range w.records {
		records = append(records, map[string]any{"seq": r.Seq, "height": r.Height, "time": fmt.Sprint(r.Time.UnixNano()), "kind": r.Kind, "signer": r.Signer,
			"organisation": r.Organisation, "findings": shownFindings(r.Findings), "bytes": base64Of(r.Bytes)})
	}
	histories, states := []map[string]any{}, []map[string]any{}
	for k, seqs := range w.histories {
		histories = append(histories, map[string]any{"ns": k.NS, "id": k.ID, "seqs": seqs})
	}
	for k, b := range w.states {
		states = append(states, map[string]any{"ns": k.NS, "id": k.ID, "state": hex.EncodeToString(b)})
	}
	var count int
	n.ask(t, &count, "ledger", map[string]any{"records": records, "histories": histories, "states": states})
	if count != len(w.records) {
		t.Fatalf("%d records", count)
	}
}

// sameWalk walks in both languages and compares everything they tell.
func (w *world) sameWalk(t *testing.T, n *engine, id string, o trace.Options, from []byte, size int) *trace.Journey {
	t.Helper()
	question := map[string]any{"id": id, "direction": o.Direction, "maxNodes": o.MaxNodes, "maxDepth": o.MaxDepth, "maxTasks": o.MaxTasks, "futureSkew": o.FutureSkew, "lateness": o.Lateness}
	if o.Direction == "" {
		delete(question, "direction")
	}
	if !o.Now.IsZero() {
		question["now"] = o.Now.String()
	}
	if from != nil {
		question["from"], o.Continue = hex.EncodeToString(from), trace.Token(from)
	}
	var reader trace.Reader = w
	if size >= 0 {
		question["size"], reader = size, trace.AsOf(w, uint64(size))
	}
	j, err := trace.Walk(reader, id, o)
	a := n.answer(t, "walk", question)
	name := fmt.Sprintf("%s %+v as of %d", id, o, size)
	switch {
	case errors.Is(err, trace.ErrUnknown):
		if a.Error != "Unknown" {
			t.Fatalf("%s: unknown, but %s %.500s", name, a.Detail, a.Value)
		}
		return nil
	case errors.Is(err, trace.ErrContinuation):
		if a.Error != "ContinuationError" {
			t.Fatalf("%s: %v, but %s %.500s", name, err, a.Detail, a.Value)
		}
		return nil
	case err != nil:
		t.Fatalf("%s: %v", name, err)
	case a.Error != "":
		t.Fatalf("%s: %s", name, a.Detail)
	}
	consignments, err := j.Consignments()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"consignments": consignments,
		"printed": each(j.Graph.Nodes, func(n trace.Node) string { return trace.PrintedID(n.ID) }),
		"told":    each(j.Steps, func(s trace.Step) string { return s.Told() }), "journey": shownJourney(t, j), "tasks": j.Tasks, "stopped": j.Stopped, "full": j.Full, "cut": j.Cut, "rest": hex.EncodeToString(j.Rest),
		"records":  each(j.Records, func(r *trace.Recorded) uint64 { return r.Seq }),
		"unwalked": each(j.Unwalked, func(k trace.Key) map[string]any { return map[string]any{"ns": k.NS, "id": k.ID} })}
	equalJSON(t, name, a.Value, want)
	if t.Failed() {
		t.FailNow()
	}
	return j
}

// shownJourney is the journey's JSON with geometry as text, byte for byte, and
// the token that needs no DEFLATE.
func shownJourney(t testing.TB, j *trace.Journey) any {
	t.Helper()
	if j == nil {
		return nil
	}
	b, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var m map[string]any
	if err := d.Decode(&m); err != nil {
		t.Fatal(err)
	}
	for i, p := range m["plots"].([]any) {
		p.(map[string]any)["geometry"] = string(j.Plots[i].Geometry)
	}
	if len(j.Rest) > 0 {
		m["continuation"] = trace.Token(j.Rest)
	}
	return m
}

// ids are all ids that the world knows, sorted, and some that it does not.
func (w *world) ids() []string {
	seen := map[string]bool{"urn:nothing": true, "https://id.gs1.org/01/09521101000016/21/NONE": true}
	for k := range w.histories {
		if a, ok := k.Accepted(); ok {
			k = a
		}
		seen[k.ID] = true
	}
	var out []string
	for id := range seen {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

func TestLaneIsWalkedTheSame(t *testing.T) {
	n := node(t)
	w := laneWorld(t)
	w.tell(t, n)
	now, err := epcis.ParseInstant("2026-11-22T10:00:00Z")
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range w.ids() {
		if serial := id[strings.LastIndex(id, "/")+1:]; len(serial) == 11 && (serial[0] == 'R' || serial[0] == 'B') && !strings.HasSuffix(serial, "01") { // the bags are alike
			continue
		}
		for _, d := range []trace.Direction{"", trace.Upstream, trace.Downstream} {
			w.sameWalk(t, n, id, trace.Options{Direction: d, Now: now}, nil, -1)
		}
		w.sameWalk(t, n, id, trace.Options{}, nil, (i*7)%len(w.records))
	}
	for _, o := range []trace.Options{{MaxNodes: 5}, {MaxTasks: 3}, {MaxNodes: 30, MaxTasks: 20}, {MaxDepth: 2}} {
		var from []byte
		for part := range 8 {
			j := w.sameWalk(t, n, laneMRN, o, from, -1)
			if from = j.Rest; from == nil {
				break
			}
			cut := bytes.Clone(from)
			cut[len(cut)*part/8] ^= 1
			w.sameWalk(t, n, laneMRN, o, cut, -1)
		}
	}
}

const laneMRN = "urn:epcglobal:cbv:bt:9521105000005:26DE585000000000R7"

// laneWorld is the coffee lane, each record at the block time of its event.
func laneWorld(t testing.TB) *world {
	t.Helper()
	w := newWorld()
	var at epcis.Instant
	lines := bufio.NewScanner(bytes.NewReader(readFile(t, "trace", "testdata", "lane.jsonl")))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Organisation string
			Kind         epcis.Kind
			Record       string
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		r, err := epcis.Decode(line.Kind, []byte(line.Record))
		if err != nil {
			t.Fatal(err)
		}
		if r.Event != nil && at.Before(r.Event.Time) {
			at = r.Event.Time
		}
		w.add(t, line.Organisation, line.Kind, at, line.Record)
	}
	return w
}

// More was said of a document, and of a class, than a walk reads of those.
func TestLongHistoriesAreCutTheSame(t *testing.T) {
	n := node(t)
	w := newWorld()
	at := epcis.Instant{Seconds: 1_780_000_000}
	event := func(body string) {
		at = at.Add(60)
		w.add(t, "urn:org", epcis.KindEvent, at, context+body+fmt.Sprintf(`,"eventTime":%q,"eventTimeZoneOffset":"+00:00"}`, at))
	}
	const item, class = "https://id.gs1.org/01/09521101000016/21/A", "https://id.gs1.org/01/09521101000016"
	event(`"type":"ObjectEvent","action":"ADD","epcList":["` + item + `"],"bizTransactionList":[{"bizTransaction":"urn:doc"}]`)
	for i := range 210 {
		event(fmt.Sprintf(`"type":"TransactionEvent","action":"DELETE","bizTransactionList":[{"bizTransaction":"urn:doc"}],"wm:n":%d`, i))
		event(`"type":"ObjectEvent","action":"OBSERVE","disposition":"recalled","quantityList":[{"epcClass":"` + class + `"}]`)
	}
	w.tell(t, n)
	for _, id := range []string{item, class, "urn:doc"} {
		w.sameWalk(t, n, id, trace.Options{}, nil, -1)
	}
}

// Recalls of ranges of a class's serials, their ends, and those of all of it.
func TestRangesOfSerialsAreWalkedTheSame(t *testing.T) {
	n := node(t)
	w := newWorld()
	at := epcis.Instant{Seconds: 1_780_000_000}
	const class = "https://id.gs1.org/01/09521101000016"
	event := func(body string, findings ...trace.Finding) {
		at = at.Add(60)
		w.add(t, "urn:org", epcis.KindEvent, at, context+body+fmt.Sprintf(`,"eventTime":%q,"eventTimeZoneOffset":"+00:00"}`, at), findings...)
	}
	binding := trace.Finding{Severity: trace.Lock, Rule: "K5", Version: 1, Code: trace.CodeRecalled, Title: "recalled", Facts: []trace.Fact{{Name: "class", Value: class}}}
	items := []string{"S099", "S100", "S149", "S199", "S200", "S1500", "S15", "S15x", "s150", "7", "07", "08", "X%2F1"}
	for i, serial := range items {
		items[i] = class + "/21/" + serial
		event(`"type":"ObjectEvent","action":"ADD","bizStep":"commissioning","epcList":["` + items[i] + `"]`)
	}
	about := `,"quantityList":[{"epcClass":"` + class + `"}]`
	said := func(which, serials string, findings ...trace.Finding) {
		event(`"type":"ObjectEvent","action":"OBSERVE"`+which+about+`,"wm:serials":`+serials, findings...)
	}
	const recalled, ended = `,"disposition":"recalled"`, `,"persistentDisposition":{"unset":["recalled"]}`
	said(recalled, `["S100..S199","07..08"]`, binding)
	said(recalled, `"S149..S149"`, binding)
	said(recalled, `["S1..S200","S10..S20","A1..B2","S1.5..S1.7"]`, binding)
	said(ended, `["S100..S199"]`)
	said(ended, `["07..08","S100..S199","07..08"]`)
	event(`"type":"ObjectEvent","action":"OBSERVE"`+recalled+about, binding)
	event(`"type":"ObjectEvent","action":"OBSERVE"` + ended + about)
	w.tell(t, n)
	for _, id := range append(items, class) {
		w.sameWalk(t, n, id, trace.Options{}, nil, -1)
	}
}

// Worlds in which everything that a walk knows of happens to a few things, in
// any order.
func TestRandomWorldsAreWalkedTheSame(t *testing.T) {
	n := node(t)
	worlds := 40
	if testing.Short() {
		worlds = 5
	}
	for seed := range uint64(worlds) {
		g := &generator{Rand: rand.New(rand.NewPCG(seed, 7)), w: newWorld()}
		g.fill(t, 5+g.IntN(60))
		g.states(t)
		g.w.tell(t, n)
		for _, id := range g.w.ids() {
			o := trace.Options{Direction: pick(g, "", trace.Upstream, trace.Downstream, trace.Both)}
			size := -1
			switch g.IntN(6) {
			case 0:
				o.MaxNodes = 1 + g.IntN(8)
			case 1:
				o.MaxTasks = 1 + g.IntN(8)
			case 2:
				o.MaxDepth = 1 + g.IntN(3)
			case 3:
				size = g.IntN(len(g.w.records) + 1)
			case 4:
				o.FutureSkew, o.Lateness, o.Now = 1+int64(g.IntN(90_000)), 1+int64(g.IntN(200_000)), g.moment()
			}
			var from []byte
			for range 20 {
				j := g.w.sameWalk(t, n, id, o, from, size)
				if j == nil || j.Rest == nil {
					break
				}
				from = j.Rest
			}
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// generator writes records about a handful of things.
type generator struct {
	*rand.Rand
	w *world
}

// states gives things a state that says of them what a walk reads: any records may have
// locked them, put them somewhere or taken them out.
func (g *generator) states(t testing.TB) {
	turn := func() map[int]any { return map[int]any{1: g.IntN(len(g.w.records)), 2: "urn:org"} }
	keys := slices.SortedFunc(maps.Keys(g.w.histories), func(a, b trace.Key) int { return strings.Compare(string(a.NS)+a.ID, string(b.NS)+b.ID) })
	for _, k := range keys {
		if k.NS != trace.NSItem || g.IntN(3) == 0 {
			continue
		}
		state := map[int]any{1: "active", 2: 0}
		if g.IntN(2) == 0 {
			state[6] = map[int]any{3: true} // by its birth
			if g.IntN(3) > 0 {
				state[6] = map[int]any{1: "urn:org", 2: g.IntN(len(g.w.records)), 4: make([]byte, 16)}
			}
		}
		if g.IntN(2) == 0 {
			way := map[int]any{1: g.IntN(len(g.w.records) + 1)}
			if g.IntN(2) == 0 {
				way[3] = turn()
			}
			state[7] = way
		}
		if g.IntN(3) == 0 {
			state[3] = g.lot()
		}
		if g.IntN(2) == 0 {
			state[4] = turn()
		}
		for _, tie := range []int{8, 9} {
			bond := map[int]any{1: g.container()}
			for _, at := range []int{2, 3} {
				if g.IntN(3) > 0 {
					bond[at] = turn()
				}
			}
			if g.IntN(3) > 0 {
				state[tie] = bond
			}
		}
		var locks []map[int]any
		for range g.IntN(3) {
			locks = append(locks, map[int]any{1: pick(g, 2501, 1912, 4205), 2: g.IntN(len(g.w.records) + 1)})
		}
		if locks != nil {
			state[10] = locks
		}
		if left := g.left(keys); left != nil {
			state[16] = left
		}
		for at, what := range []string{18: "contents", 19: "components"} {
			if what != "" && g.IntN(3) > 0 {
				state[at] = g.emptied(t, what, k.ID, keys)
			}
		}
		g.state(t, k, state)
	}
}

func (g *generator) state(t testing.TB, k trace.Key, state map[int]any) {
	b, err := identity.MarshalCanonical(state)
	if err != nil {
		t.Fatal(err)
	}
	g.w.states[k] = b
}

// left are recalls of some keys, which something left.
func (g *generator) left(keys []trace.Key) (left []map[int]any) {
	for _, of := range keys {
		if of.NS == trace.NSRecall && g.IntN(3) == 0 {
			left = append(left, map[int]any{1: of.ID, 2: g.w.histories[of][0], 3: map[int]any{1: g.IntN(len(g.w.records))}})
			if g.IntN(3) == 0 {
				left[len(left)-1][6] = map[int]any{1: g.IntN(len(g.w.records))}
			}
		}
	}
	return left
}

// emptied is what the state of a container says of what was in it, and the states of earlier
// times that it was emptied.
func (g *generator) emptied(t testing.TB, what, id string, keys []trace.Key) map[int]any {
	contents := map[int]any{1: map[int]any{1: g.IntN(3)}}
	one := func(seq int, custody, broken, left int) map[int]any {
		e := map[int]any{1: map[int]any{1: seq, 2: "urn:org"}}
		if g.IntN(2) == 0 {
			e[custody] = map[int]any{1: "urn:org", 2: g.IntN(len(g.w.records))}
		}
		if g.IntN(2) == 0 {
			e[broken] = map[int]any{1: 6101, 2: g.IntN(len(g.w.records))}
		}
		if list := g.left(keys); list != nil {
			e[left] = list
		}
		return e
	}
	if g.IntN(4) == 0 {
		return contents
	}
	seq, from := 0, 0
	for n := range g.IntN(4) {
		contents[6], from, seq = n+1, seq, seq+g.IntN(1+len(g.w.records)/3)
		e := one(seq, 3, 4, 6)
		e[2] = from
		if g.IntN(2) == 0 {
			e[5] = true
		}
		g.state(t, trace.Key{NS: trace.NSEmptied, ID: fmt.Sprintf("%s|%d|%s", what, n, id)}, e)
		contents[4] = seq + 1
	}
	contents[5] = one(seq+g.IntN(1+len(g.w.records)/2), 3, 4, 5)
	return contents
}

func pick[T any](g *generator, of ...T) T { return of[g.IntN(len(of))] }

func (g *generator) moment() epcis.Instant {
	return epcis.Instant{Seconds: 1_780_000_000 + int64(g.IntN(10*86_400)), Nanos: int32(g.IntN(2)) * 500_000_000}
}

func (g *generator) gtin() string { return fmt.Sprintf("0952110100%03d", g.IntN(2)) }

func (g *generator) class() string {
	s := g.gtin()
	d, _ := epcis.CheckDigit(s)
	return "https://id.gs1.org/01/" + s + string(d)
}

func (g *generator) item() string {
	switch g.IntN(8) {
	case 0:
		return g.class() + "/10/" + pick(g, "L1", "L2") + "/21/" + pick(g, "A", "B")
	case 1:
		return pick(g, "urn:example:thing:1", "urn:uuid:2")
	case 2:
		return "urn:epc:id:imovn:9521100"
	}
	return g.class() + "/21/" + pick(g, "A", "B", "C")
}

func (g *generator) container() string {
	return pick(g, "https://id.gs1.org/00/395211020000000016", "https://id.gs1.org/00/395211020000000023", "urn:epc:id:bic:WMKU2047188", "urn:epc:id:imovn:9521100", g.class()+"/21/A")
}

func (g *generator) lot() string { return g.class() + "/10/" + pick(g, "L1", "L2") }

func (g *generator) organisation() string {
	return pick(g, "https://id.gs1.org/417/9521101000009", "https://id.gs1.org/417/9521102000008", "")
}

func (g *generator) document() string {
	return pick(g, "urn:epcglobal:cbv:bt:9521101000009:PO1", "urn:epcglobal:cbv:bt:9521101000009:MRN2", "https://id.gs1.org/253/9521101000009X1")
}

func (g *generator) list(one func() string) string {
	var out []string
	for range g.IntN(4) {
		out = append(out, fmt.Sprintf("%q", one()))
	}
	return "[" + strings.Join(out, ",") + "]"
}

func (g *generator) quantities() string {
	var out []string
	for range 1 + g.IntN(2) {
		class := pick(g, g.lot, g.lot, g.class)()
		q := fmt.Sprintf(`{"epcClass":%q`, class)
		if g.IntN(4) > 0 {
			q += fmt.Sprintf(`,"quantity":%s`, pick(g, "1", "2.50", "100", "0.5e1"))
		}
		if g.IntN(2) > 0 {
			q += `,"uom":"` + pick(g, "KGM", "GRM") + `"`
		}
		out = append(out, q+"}")
	}
	return "[" + strings.Join(out, ",") + "]"
}

func (g *generator) maybe(one int, s func() string) string {
	if g.IntN(one) == 0 {
		return s()
	}
	return ""
}

// event writes one of any type, with whatever an event may say besides.
func (g *generator) event() (record string, happened epcis.Instant) {
	happened = g.moment()
	action := pick(g, "ADD", "ADD", "OBSERVE", "DELETE")
	var body string
	switch g.IntN(8) {
	case 0, 1, 2:
		body = fmt.Sprintf(`"type":"ObjectEvent","action":%q,"epcList":%s`, action, g.list(pick(g, g.item, g.item, g.container)))
		body += g.maybe(3, func() string { return `,"quantityList":` + g.quantities() })
		if action == "ADD" {
			body += g.maybe(2, func() string {
				return `,"ilmd":{"cbvmda:lotNumber":"` + pick(g, "L1", "L2", "no lot") + `","wm:plots":{"type":"Feature","geometry":{"type":"Point","coordinates":[38.10,6.00]},"properties":{"plot_id":"P","area":1.50}},"wm:hsCode":"` + pick(g, "0901.11", "090111", "090121") +
					`","wm:netWeight":"` + pick(g, "60 KGM", "60000 GRM", "0.06 TNE", " 1 ", "x KGM") + `","wm:countryOfOrigin":"` + pick(g, "et", "ET", "KE") + `"}`
			})
		}
	case 3, 4:
		parent := g.container()
		children := fmt.Sprintf(`,"childEPCs":%s`, g.list(pick(g, g.item, g.container)))
		if g.IntN(3) == 0 {
			children += `,"childQuantityList":` + g.quantities()
		} else if strings.HasSuffix(children, "[]") {
			children = fmt.Sprintf(`,"childEPCs":[%q]`, g.item())
		}
		if action == "DELETE" && g.IntN(2) == 0 {
			children = ""
		}
		body = fmt.Sprintf(`"type":%q,"action":%q,"parentID":%q%s`, pick(g, "AggregationEvent", "AssociationEvent"), action, parent, children)
	case 5, 6:
		body = `"type":"TransformationEvent"`
		side := func(name string) string {
			if g.IntN(2) == 0 {
				return fmt.Sprintf(`,"%sEPCList":[%q]`, name, g.item())
			}
			return fmt.Sprintf(`,"%sQuantityList":%s`, name, g.quantities())
		}
		if g.IntN(3) == 0 {
			body += fmt.Sprintf(`,"transformationID":%q`, g.document()) + side(pick(g, "input", "output"))
		} else {
			body += side("input") + side("output")
		}
		body += g.maybe(3, func() string { return `,"ilmd":{"cbvmda:lotNumber":"` + pick(g, "L1", "L2") + `"}` })
	default:
		body = fmt.Sprintf(`"type":"TransactionEvent","action":%q,"epcList":%s,"bizTransactionList":[{"bizTransaction":%q}]`, action, g.list(g.item), g.document())
	}
	body += g.maybe(2, func() string {
		return `,"bizStep":"` + pick(g, "shipping", "receiving", "accepting", "void_shipping", "inspecting", "holding", "destroying", "decommissioning", "packing", "departing", "unloading") + `"`
	})
	body += g.maybe(4, func() string { return `,"disposition":"` + pick(g, "recalled", "in_transit", "destroyed") + `"` })
	body += g.maybe(4, func() string {
		return `,"wm:serials":` + pick(g, `["A..A"]`, `"B..B"`, `["B..B","A..A","A..A"]`, `["A..A","x"]`, `[]`, `7`)
	})
	body += g.maybe(8, func() string { return `,"persistentDisposition":{"` + pick(g, "set", "unset") + `":["recalled"]}` })
	if !strings.Contains(body, "TransactionEvent") {
		body += g.maybe(4, func() string {
			return fmt.Sprintf(`,"bizTransactionList":[{"bizTransaction":%q,"type":"%s"},{"bizTransaction":%q}]`, g.document(), pick(g, "po", "bol", "desadv", "cert", "wm:BTT-customs_declaration"), g.document())
		})
	}
	body += g.maybe(4, func() string {
		return `,"readPoint":{"id":"https://id.gs1.org/414/9521101000009"},"bizLocation":{"id":"urn:epc:id:sgln:9521101.00001.0"}`
	})
	body += g.maybe(5, func() string {
		return fmt.Sprintf(`,"destinationList":[{"type":"`+pick(g, "owning_party", "possessing_party")+`","destination":%q}],"sourceList":[{"type":"location","source":"https://id.gs1.org/414/9521101000009"}]`, pick(g, "https://id.gs1.org/417/9521101000009", "urn:party"))
	})
	body += g.maybe(4, func() string {
		return `,"certificationInfo":["` + pick(g, "urn:cert:1", "urn:cert:2", "urn:cert:1", "urn:cert:2", "urn:acc:1") + `"]`
	})
	body += g.maybe(3, func() string { return `,"eventID":"urn:event:` + pick(g, "1", "2", "3") + `"` })
	body += g.maybe(9, func() string {
		return `,"errorDeclaration":{"declarationTime":"2026-06-20T00:00:00Z","reason":"incorrect_data"}`
	})
	body += g.maybe(4, func() string {
		return `,"wm:seal":"` + pick(g, "S1", " s1 ", "S2") + `","wm:carrier":"` + pick(g, "urn:carrier:1", "urn:carrier:2") + `","wm:vessel":"urn:epc:id:imovn:9521100","wm:dueDiligenceReference":"R1","wm:hsCode":90111,"wm:list":[1]`
	})
	return context + body + fmt.Sprintf(`,"eventTime":%q,"eventTimeZoneOffset":"+00:00"}`, happened), happened
}

const context = `{"@context":["` + epcis.ContextURL + `",{"wm":"` + epcis.Vocabulary + `"}],`

// certificate draws an issue, one time in two under one of a few accreditations, or
// a change.
func (g *generator) certificate() string {
	id := pick(g, "urn:cert:1", "urn:cert:2", "urn:acc:1", "urn:acc:2")
	record := context + fmt.Sprintf(`"type":"wm:Certificate","id":%q,"action":`, id)
	if g.IntN(2) == 0 {
		return record + fmt.Sprintf(`%q,"reason":"fraud"`, pick(g, "suspend", "reinstate", "suspend", "reinstate", "revoke")) +
			g.maybe(2, func() string { return fmt.Sprintf(`,"effectiveFrom":%q`, g.moment()) }) + "}"
	}
	place := func() string {
		return pick(g, "https://id.gs1.org/414/9521101000009", "https://id.gs1.org/414/9521102000008")
	}
	return record + fmt.Sprintf(`"issue","scheme":"urn:organic","subject":%q,"scope":%s,"validFrom":%q,"validUntil":%q`,
		pick(g, "https://id.gs1.org/417/9521101000009", "https://id.gs1.org/417/9521102000008", "https://id.gs1.org/414/9521101000009", "urn:x", g.lot()),
		g.list(pick(g, g.class, g.lot, place)), epcis.Instant{Seconds: 1_780_100_000}, g.moment().Add(200_000)) +
		g.maybe(4, func() string { return `,"hsCodes":["` + pick(g, "09", "90111") + `"]` }) +
		g.maybe(4, func() string { return `,"activities":["` + pick(g, "packing", "shipping", "urn:x:preparing") + `"]` }) +
		g.maybe(6, func() string { return `,"accredits":["urn:organic"]` }) +
		g.maybe(2, func() string { return `,"accreditation":"` + pick(g, "urn:acc:1", "urn:acc:2", "urn:acc:none") + `"` }) + "}"
}

func (g *generator) fill(t testing.TB, count int) {
	t.Helper()
	g.w.admit("https://id.gs1.org/417/9521101000009", "Union")
	at := epcis.Instant{Seconds: 1_780_000_000}
	for range count {
		kind, record := epcis.KindEvent, ""
		switch g.IntN(10) {
		case 2:
			kind, record = epcis.KindCustoms, g.customs()
		case 3:
			kind, record = epcis.KindAcknowledgement, g.acknowledgement()
		case 0:
			kind = epcis.KindCertificate
			record = g.certificate()
		case 1:
			kind = epcis.KindMasterData
			record = context + fmt.Sprintf(`"type":"wm:MasterData","vocabulary":"urn:epcglobal:epcis:vtype:EPCClass","id":%q,"attributes":[{"id":"cbvmda:descriptionShort","attribute":"Name %d"},`+
				`{"id":"cbvmda:netWeight","attribute":{"value":"1%d","measurementUnitCode":"%s"}},{"id":"wm:hsCode","attribute":["0901","%s"]},{"id":"wm:unLocode","attribute":"DEHAM"},{"id":"cbvmda:grossWeight"}]}`,
				pick(g, g.class(), g.lot(), g.item(), "https://id.gs1.org/414/9521101000009", "https://id.gs1.org/417/9521102000008", "urn:thing", g.document()), g.IntN(100), g.IntN(3), pick(g, "KGM", "GRM", "LTR"), pick(g, "0901", "1801 00"))
		default:
			var happened epcis.Instant
			record, happened = g.event()
			if g.IntN(3) > 0 && at.Before(happened) {
				at = happened
			}
		}
		at = at.Add(int64(g.IntN(20_000)))
		var findings []trace.Finding
		switch g.IntN(12) {
		case 0:
			findings = []trace.Finding{{Severity: trace.Reject, Rule: "C1", Version: 1, Code: 101, Title: "twice"}}
		case 1:
			findings = []trace.Finding{{Severity: trace.Reject, Rule: "A6", Version: 1, Code: 6, Title: "again"}, {Severity: trace.Flag, Rule: "X"}}
		case 2:
			findings = []trace.Finding{{Severity: trace.Flag, Rule: "C1", Title: "late"}}
		case 3, 4:
			findings = []trace.Finding{{Severity: trace.Lock, Rule: "K5", Code: trace.CodeRecalled}}
			for range g.IntN(4) {
				findings[0].Facts = append(findings[0].Facts, trace.Fact{Name: pick(g, "item", trace.AndMore), Value: pick(g, g.item, g.class, g.container)()})
			}
			if g.IntN(2) == 0 {
				findings = append(findings, trace.Finding{Severity: trace.Flag, Rule: "K5", Code: trace.CodeRecallOfOthers, Facts: []trace.Fact{{Name: g.item()}}})
			}
		}
		for i := range findings {
			for range g.IntN(3) {
				seq := uint64(g.IntN(len(g.w.records) + 1))
				findings[i].Facts = append(findings[i].Facts, trace.Fact{Name: pick(g, "deadline", g.item(), g.container()), Value: "something", Seq: &seq})
			}
		}
		g.w.add(t, g.organisation(), kind, at, record, findings...)
	}
}

// goods are one or two things that a record names, each once.
func (g *generator) goods() string {
	one, other := pick(g, g.item, g.lot)(), pick(g, g.item, g.container)()
	if epcis.Canonical(one).URI == epcis.Canonical(other).URI || g.IntN(3) == 0 {
		return fmt.Sprintf("[%q]", one)
	}
	return fmt.Sprintf("[%q,%q]", one, other)
}

// customs are words on the documents that events cite, and on some that they do not.
func (g *generator) customs() string {
	said := fmt.Sprintf(`"type":"wm:CustomsDeclaration","mrn":%q,"country":"%s","eventTime":%q`, g.document(), pick(g, "DE", "ET"), g.moment()) +
		g.maybe(3, func() string { return `,"readPoint":{"id":"https://id.gs1.org/414/9521101000009"}` }) +
		g.maybe(3, func() string { return `,"dueDiligenceReference":"` + pick(g, "R1", "R2") + `"` }) +
		g.maybe(3, func() string { return fmt.Sprintf(`,"bizTransactionList":[{"bizTransaction":%q}]`, g.document()) })
	if g.IntN(2) == 0 {
		action := pick(g, "inspection", "release", "hold", "seizure", "withdrawal")
		said += `,"action":"` + action + `","reason":"` + pick(g, "seal broken", "number wrong") + `"`
		if action != "withdrawal" {
			said += g.maybe(2, func() string {
				return `,"epcList":` + g.goods()
			})
		}
		return context + said + g.maybe(3, func() string { return `,"hsCode":"` + pick(g, "090111", "180100") + `"` }) + "}"
	}
	said += `,"action":"declaration","flow":"` + pick(g, "import", "export", "transit") + `","procedure":"4000","hsCode":"` + pick(g, "090111", "09011100") + `","origin":"` + pick(g, "ET", "DE") +
		`","parties":[{"role":"declarant","id":"` + pick(g, "DE1", "https://id.gs1.org/417/9521101000009") + `"},{"role":"` + pick(g, "consignor", "importer") + `","id":"urn:party"}]`
	said += g.maybe(3, func() string { return `,"valueCommitment":"sha-256:` + strings.Repeat(pick(g, "0a", "1b"), 32) + `"` })
	goods := `,"epcList":` + g.goods()
	return context + said + goods + g.maybe(3, func() string {
		return fmt.Sprintf(`,"quantityList":[{"epcClass":%q,"quantity":%d.50,"uom":"KGM"}]`, pick(g, g.lot, g.class)(), g.IntN(9))
	}) + "}"
}

// acknowledgement is an answer about things, documents and certificates of the others.
func (g *generator) acknowledgement() string {
	matter := pick(g, "recall", "certificate", "customs")
	about := map[string]func() string{"recall": pick(g, g.item, g.lot, g.class), "certificate": func() string { return pick(g, "urn:cert:1", "urn:cert:2") }, "customs": g.document}[matter]()
	return context + fmt.Sprintf(`"type":"wm:Acknowledgement","matter":%q,"about":%q,"eventTime":%q,"measure":%q`, matter, about, g.moment(), pick(g, "returned", "destroyed", "not_found")) +
		g.maybe(2, func() string { return `,"note":"` + pick(g, "cold store", "none here") + `"` }) +
		g.maybe(2, func() string { return `,"epcList":` + g.goods() }) + "}"
}

func TestTouches(t *testing.T) {
	n := node(t)
	for _, r := range recorded(t) {
		decoded, err := epcis.Decode(r.kind, r.bytes)
		if err != nil {
			continue
		}
		var got json.RawMessage
		n.ask(t, &got, "touches", map[string]string{"kind": string(r.kind), "bytes": base64Of(r.bytes)})
		equalJSON(t, fmt.Sprintf("%.500s", r.bytes), got, each(trace.Touches(decoded), func(k trace.Key) map[string]any { return map[string]any{"ns": k.NS, "id": k.ID} }))
	}
}

func TestOneLine(t *testing.T) {
	n := node(t)
	for _, s := range []string{"plain", "a\nb\r\tc", "\u202eabc\u2066", "\u2028\u2029\u0085\u061c\u200e\u200b", "Ä😀"} {
		var got string
		if n.ask(t, &got, "oneLine", s); got != trace.OneLine(s) {
			t.Errorf("%q: %q", s, got)
		}
	}
}
