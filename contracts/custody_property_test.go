package contracts_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/testnet/lane"
	"github.com/waymark-ledger/waymark/trace"
)

var traders = []string{"exporter", "roaster", "shop"}

// market is a ledger of three members that trade.
func market() *memory {
	m := newMemory()
	for i, name := range traders {
		prefix := fmt.Sprintf("952110%d", 2+2*i)
		m.admit(name, identity.Organisation{ID: partyID(prefix), Name: name, Roles: []identity.Role{identity.Trader}, Prefixes: []string{prefix}},
			identity.Active, identity.Active)
	}
	m.time = epcis.Instant{Seconds: worldStart}
	return m
}

func (m *memory) party(name string) string { return m.members[name].ID }

func handOver(source, destination string) map[string]any {
	e := map[string]any{}
	if source != "" {
		e["sourceList"] = []map[string]any{{"type": "possessing_party", "source": source}}
	}
	if destination != "" {
		e["destinationList"] = []map[string]any{{"type": "possessing_party", "destination": destination}}
	}
	return e
}

// record judges an event of a member at block time.
func (m *memory) record(t testing.TB, member string, e map[string]any) *contracts.Verdict {
	t.Helper()
	return m.judge(t, member, epcis.KindEvent, m.written(t, e))
}

// written is an event at block time.
func (m *memory) written(t rapid.TB, e map[string]any) []byte {
	t.Helper()
	if e["type"] == nil {
		e["type"] = "ObjectEvent"
	}
	if e["action"] == nil && e["type"] != "TransformationEvent" {
		e["action"] = "OBSERVE"
	}
	e["@context"] = []any{epcis.ContextURL, map[string]string{"wm": epcis.Vocabulary}}
	e["eventTime"], e["eventTimeZoneOffset"] = m.time.String(), "+00:00"
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// handing draws an event among the traders.
func handing(t *rapid.T, m *memory, n int) (string, map[string]any) {
	member := rapid.SampledFrom(traders).Draw(t, "member")
	party := rapid.SampledFrom([]string{"", m.party("exporter"), m.party("roaster"), m.party("shop")})
	pallets := []string{itemURI(0), itemURI(1), "https://id.gs1.org/00/395211020000000016"}
	units := rapid.SliceOfNDistinct(rapid.SampledFrom(pallets), 1, 3, rapid.ID).Draw(t, "units")
	e := map[string]any{}
	switch step := rapid.SampledFrom([]string{"shipping", "shipping", "receiving", "receiving", "accepting", "void_shipping",
		"storing", "commissioning", "destroying", "retail_selling", "inspecting", "packing", "unpacking", "using"}).Draw(t, "step"); step {
	case "shipping":
		from, to := m.party(member), rapid.SampledFrom(traders).Draw(t, "to")
		if rapid.IntRange(0, 7).Draw(t, "in another's name") == 0 {
			from = party.Draw(t, "from") // or in nobody's
		}
		e = handOver(from, m.party(to))
		e["bizStep"] = step
	case "receiving", "accepting":
		to := ""
		if rapid.IntRange(0, 3).Draw(t, "names its destination") == 0 {
			to = party.Draw(t, "to")
		}
		e = handOver(party.Draw(t, "from"), to)
		e["bizStep"] = step
		if rapid.IntRange(0, 4).Draw(t, "damaged") == 0 {
			e["disposition"] = "damaged"
		}
	case "commissioning":
		e["action"], e["bizStep"] = "ADD", step
	case "inspecting":
		e["bizStep"], e["wm:case"] = step, fmt.Sprintf("%d.%d", rapid.IntRange(0, n).Draw(t, "case"), rapid.SampledFrom([]int{1, 3, 4}).Draw(t, "class"))
		e["wm:resolution"] = rapid.SampledFrom([]string{"accept_overage", "accept_damage"}).Draw(t, "resolution")
	case "packing", "unpacking":
		e["type"], e["action"], e["bizStep"] = "AggregationEvent", map[string]string{"packing": "ADD", "unpacking": "DELETE"}[step], step
		e["parentID"], e["childEPCs"] = pallets[2], pallets[:2]
		units = nil
	case "using":
		e["type"], e["outputEPCList"] = "TransformationEvent", []string{fmt.Sprintf("https://id.gs1.org/01/09521104000013/21/%d", n)}
		e["inputEPCList"] = rapid.SliceOfNDistinct(rapid.SampledFrom(pallets[:2]), 1, 2, rapid.ID).Draw(t, "inputs")
		units = nil
	default:
		e["bizStep"] = step
		if step == "retail_selling" && rapid.Bool().Draw(t, "gone") {
			e["action"] = "DELETE"
		}
	}
	name(t, m, n, e, units)
	return member, e
}

// name has the n-th event of a history name units, by an eventID that others may have, or be
// the declaration that such an event is wrong.
func name(t *rapid.T, m *memory, n int, e map[string]any, units []string) {
	if units != nil {
		e["epcList"] = units
	}
	e["eventID"] = fmt.Sprintf("urn:uuid:%d", rapid.IntRange(0, n).Draw(t, "eventID"))
	if rapid.IntRange(0, 7).Draw(t, "wrong") == 0 {
		e["errorDeclaration"] = map[string]any{"declarationTime": m.time.String()}
	}
}

// An item has one holder, whose record says so; what is on its way by who signed to
// hold it is moved by its receiver, its sender's void or a correction alone; what
// transfers and cases count is what the items say. Whichever ruleset judges.
func TestOneHolderAndNothingIsTakenOnItsWay(t *testing.T) {
	rulesets := contracts.Rulesets()
	histories(t, 2000, func(rt *rapid.T) {
		m := market()
		m.ruleset = rulesets[rapid.IntRange(0, len(rulesets)-1).Draw(rt, "ruleset")]
		pallets := []string{itemURI(0), itemURI(1), "https://id.gs1.org/00/395211020000000016"}
		authors := map[uint64]string{}
		for n := range rapid.IntRange(1, 40).Draw(rt, "records") {
			m.time.Seconds += int64(rapid.SampledFrom([]int{1, 1, 1, 86_400, 60 * 86_400}).Draw(rt, "later"))
			member, e := handing(rt, m, n)
			authors[m.seq] = m.party(member)
			before := map[string]*contracts.ItemState{}
			for _, uri := range pallets {
				before[uri] = stateOf(rt, m, uri)
			}
			v := m.record(t, member, e)
			if v.Rejected() {
				continue
			}
			usesNothingLocked(rt, e, before)
			left, locked := map[uint64]uint32{}, map[contracts.CaseID]uint32{}
			for _, uri := range pallets {
				was, is := before[uri], stateOf(rt, m, uri)
				if is == nil {
					continue
				}
				held := is.Custody
				if held != nil && held.Signed && authors[held.Seq] != held.Holder {
					rt.Fatalf("%s is held by %s, and record %d is %s's", uri, held.Holder, held.Seq, authors[held.Seq])
				}
				for h := held; h != nil; h = h.Before {
					if h.Awaits {
						left[h.Seq]++
					}
				}
				if is.Transit != nil && is.Transit.Ended == nil && !is.Transit.Beside {
					left[is.Transit.Transfer]++
				}
				for _, l := range is.Locks {
					id, _ := contracts.ParseCaseID(fmt.Sprintf("%d.%d", l.Seq, l.Code-1500))
					locked[id]++
				}
				takenOnItsWay(rt, m, uri, member, e, was, is)
				takenFromItsHolder(rt, m, uri, member, e, was, before[pallets[2]], is)
				takenOutOfItsContainer(rt, m, uri, member, e, v, was, before[pallets[2]], is)
			}
			for k, b := range m.states {
				switch k.NS {
				case trace.NSTransfer:
					var seq uint64
					if _, err := fmt.Sscanf(k.ID, "%d", &seq); err != nil {
						continue
					}
					// What waits for a shipment and changed hands twice since waits for ever.
					if state := transferAt(rt, m, seq); state.Left < left[seq] || !state.Awaiting && state.Left > left[seq] {
						rt.Fatalf("transfer %d counts %d items and %d say that they are in it: %+v", seq, state.Left, left[seq], e)
					}
				case trace.NSCase:
					var state contracts.CaseState
					if err := identity.UnmarshalStrict(b, &state); err != nil {
						rt.Fatal(err)
					}
					id, _ := contracts.ParseCaseID(k.ID)
					if state.Left-state.Gone != locked[id] || (state.Closed != nil) != (state.Left == 0) {
						rt.Fatalf("case %s: %+v locks %d items", id, state, locked[id])
					}
				}
			}
		}
	})
}

// usesNothingLocked fails when a record used, or sold, what an open case locks.
func usesNothingLocked(t *rapid.T, e map[string]any, before map[string]*contracts.ItemState) {
	used, _ := e["inputEPCList"].([]string)
	if e["bizStep"] == "retail_selling" {
		used = e["epcList"].([]string)
	}
	for _, uri := range used {
		was := before[uri]
		if was != nil && e["errorDeclaration"] == nil && slices.ContainsFunc(was.Locks, func(l contracts.Lock) bool { return l.Code >= 1501 && l.Code <= 1504 }) {
			t.Fatalf("%s was locked by a case, and %+v uses it", uri, e)
		}
	}
}

// takenOnItsWay fails when a record took an item out of a transfer that it may not
// take it out of.
func takenOnItsWay(t *rapid.T, m *memory, uri, member string, e map[string]any, was, is *contracts.ItemState) {
	if was == nil || was.Transit == nil || was.Transit.Ended != nil || was.Transit.Beside || was.Custody == nil || !was.Custody.Signed {
		return
	}
	still := is.Transit != nil && is.Transit.Ended == nil && is.Transit.Transfer == was.Transit.Transfer
	if still && is.Custody.Holder == was.Custody.Holder {
		return
	}
	way := transferAt(t, m, was.Transit.Transfer)
	switch by := m.party(member); {
	case e["errorDeclaration"] != nil && by == way.From:
	case e["bizStep"] == "void_shipping" && by == way.From:
	case by == way.To && is.Custody.Holder == way.To:
	default:
		t.Fatalf("%s was on its way from %s to %s, and %s took it: %+v", uri, way.From, way.To, by, e)
	}
}

// takenFromItsHolder fails when a record gives an item that a member signed to hold to another,
// and neither of them says so: the holder by its shipment, or the other by naming it as the source,
// with whom a case is open then, or by unpacking what nobody recorded in its container (waymark-1). And where the holder had it by a receipt, exactly one of two that
// sign for it wins: the other's receipt is not taken, but from the holder as its source.
func takenFromItsHolder(t *rapid.T, m *memory, uri, member string, e map[string]any, was, container, is *contracts.ItemState) {
	if was == nil || was.Custody == nil || !was.Custody.Signed || was.Custody.Holder == "" || e["errorDeclaration"] != nil {
		return
	}
	held, by := was.Custody, m.party(member)
	if held.Holder == by || in(was) {
		return // its holder's own word, or it goes with its container
	}
	way := was.Transit
	onWay := way != nil && way.Ended == nil && !(way.Beside && held.Seq > way.Transfer)
	if onWay && transferAt(t, m, way.Transfer).To == by {
		return
	}
	units, _ := e["epcList"].([]string)
	receives := (e["bizStep"] == "receiving" || e["bizStep"] == "accepting") && slices.Contains(units, uri) && was.Ended == nil
	source, inCase := sourceOf(e), lockedBy(*is, contracts.CodeProductWithoutData)
	fromIts := receives && (source == held.Holder || source == "" && inCase) // who sent the rest sent this
	byReceipt := !held.Packed && (was.Born == nil || was.Born.Seq != held.Seq)
	if e["bizStep"] == "unpacking" && !byReceipt && m.ruleset != nil && m.ruleset.Name() == contracts.First().Name() &&
		container != nil && container.Custody != nil && container.Custody.Holder == by {
		return // whose packing nobody recorded
	}
	if is.Custody.Holder != held.Holder && (onWay || !fromIts || !inCase) {
		t.Fatalf("%s was held by %s, and %s has it now: %+v", uri, held.Holder, is.Custody.Holder, e)
	}
	signs := receives && (e["destinationList"] == nil || e["destinationList"].([]map[string]any)[0]["destination"] == by)
	if signs && byReceipt && !onWay && !fromIts {
		t.Fatalf("%s was received by %s, and %s signs for it, too: %+v", uri, held.Holder, by, e)
	}
}

// in reports whether an item is in a container.
func in(s *contracts.ItemState) bool {
	return s.Parent != nil && s.Parent.In != nil && s.Parent.Out == nil
}

// sourceOf is the party that an event names as the source, "" for none.
func sourceOf(e map[string]any) string {
	sources, _ := e["sourceList"].([]map[string]any)
	if len(sources) == 0 {
		return ""
	}
	return sources[0]["source"].(string)
}

// takenOutOfItsContainer fails when a record hands over by itself what was handed over with
// its container since it was packed, and whoever records it neither has that nor receives it.
func takenOutOfItsContainer(t *rapid.T, m *memory, uri, member string, e map[string]any, v *contracts.Verdict, was, container, is *contracts.ItemState) {
	if was == nil || is.Ended != nil || was.Parent == nil || was.Parent.In == nil || was.Parent.Out != nil || container == nil || container.Custody == nil {
		return
	}
	in, has, own := was.Parent.In, container.Custody, was.Custody
	emptied := container.Contents == nil || container.Contents.Emptied != nil
	strange := own != nil && own.Holder != "" && own.Holder != in.Organisation
	gone := own != nil && own.Seq > in.Seq && !own.Beside || was.Transit != nil && was.Transit.Ended == nil && !was.Transit.Beside
	if emptied || strange || gone || has.Seq < in.Seq || !has.Signed || has.Holder == "" || has.Holder == m.party(member) {
		return
	}
	shipped := is.Transit != nil && is.Transit.Ended == nil && (was.Transit == nil || is.Transit.Transfer != was.Transit.Transfer)
	received := is.Custody != nil && (own == nil || is.Custody.Seq != own.Seq)
	switch by := m.party(member); {
	case !shipped && !received, e["errorDeclaration"] != nil:
	case shipped && !received && is.Transit.Beside && stateOf(t, m, was.Parent.Holder).Transit.Transfer == is.Transit.Transfer: // with that
	case received && container.Transit != nil && container.Transit.Ended == nil && transferAt(t, m, container.Transit.Transfer).To == by:
	case received && !shipped && hasCode(v, contracts.CodeProductWithoutData): // from its holder, who shipped something else
	default:
		t.Fatalf("%s was in what %s had received, and %s handed it over: %+v", uri, has.Holder, by, e)
	}
}

func stateOf(t *rapid.T, m *memory, uri string) *contracts.ItemState {
	state, err := m.itemState(uri)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func transferAt(t *rapid.T, m *memory, seq uint64) *contracts.TransferState {
	state, err := m.transferState(seq)
	if err != nil || state == nil {
		t.Fatalf("transfer %d: %v", seq, err)
	}
	return state
}

// Two members race to receive the same pallet, in one block or in two, whether it
// was shipped to one of them, to nobody, or brought to life by the sender that both
// name: exactly one of them holds it, and the other learns by which record.
func TestRaceForAPallet(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	m := market()
	for n := range 1000 {
		pallet := fmt.Sprintf("urn:epc:id:sscc:9521102.%010d", n)
		racers := []string{"roaster", "shop"}
		source := ""
		shipped := random.IntN(3)
		switch shipped {
		case 1:
			e := handOver(m.party("exporter"), m.party("roaster"))
			e["bizStep"], e["epcList"] = "shipping", []string{pallet}
			m.record(t, "exporter", e)
		case 2:
			m.record(t, "exporter", map[string]any{"action": "ADD", "bizStep": "commissioning", "epcList": []string{pallet}})
			source = m.party("exporter")
		}
		random.Shuffle(2, func(i, j int) { racers[i], racers[j] = racers[j], racers[i] })
		var verdicts []*contracts.Verdict
		first := m.seq
		for i, racer := range racers {
			if random.IntN(2) == 0 {
				m.time.Seconds++
			}
			e := handOver(source, "")
			e["bizStep"], e["epcList"], e["eventID"] = "receiving", []string{pallet}, fmt.Sprintf("urn:uuid:%d.%d", n, i)
			verdicts = append(verdicts, m.record(t, racer, e))
		}
		winner := racers[0]
		if shipped == 1 {
			winner = "roaster"
		}
		state, err := m.itemState(pallet)
		if err != nil || state.Custody == nil || state.Custody.Holder != m.party(winner) {
			t.Fatalf("race %d: %+v, not %s: %v", n, state, winner, err)
		}
		if winner == racers[1] { // the pallet was on its way to the winner: the other's receipt is flagged
			if verdicts[1].Rejected() || !slices.Contains(words(verdicts[0]), "FLAG 1404") {
				t.Fatalf("race %d: %v %v", n, words(verdicts[0]), words(verdicts[1]))
			}
			continue
		}
		if verdicts[0].Rejected() || !verdicts[1].Rejected() {
			t.Fatalf("race %d: %v %v", n, words(verdicts[0]), words(verdicts[1]))
		}
		for _, f := range verdicts[1].Findings {
			if f.Severity == trace.Reject && (f.Code != contracts.CodeReceivedByOther || *f.Facts[0].Seq != first) {
				t.Fatalf("race %d: %+v does not name record %d", n, f, first)
			}
		}
	}
}

// The coffee lane hands a container over from farm to shop, and no rule of
// hand-overs has anything against it.
func TestCoffeeLaneIsHandedOver(t *testing.T) {
	m := newMemory()
	m.admitLanes()
	now := m.time
	now.Seconds = worldStart
	m.time = now
	acts, err := lane.Coffee.Ground(time.Unix(now.Seconds, 0).UTC())
	if err != nil {
		t.Fatal(err)
	}
	coffee, err := lane.Coffee.Script(time.Unix(now.Seconds, 0).UTC(), 0)
	if err != nil {
		t.Fatal(err)
	}
	moved := 0
	for _, act := range append(acts, coffee.Honest()...) {
		records, err := act.Signed()
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range records {
			v := m.judge(t, act.Member, act.Kind, b)
			for _, f := range v.Findings {
				if f.Severity == trace.Reject || f.Code/100 >= 12 && f.Code/100 <= 16 && f.Severity != trace.Info {
					t.Errorf("%s: %+v", act.Title, f)
				}
				if f.Code == contracts.CodeReceived {
					moved++
				}
			}
		}
	}
	if moved != 2 {
		t.Errorf("%d hand-overs were signed for, not that of the parchment and that of the container", moved)
	}
	state, err := m.itemState(coffee.Container)
	if err != nil || state.Custody.Holder != m.party("roaster") {
		t.Errorf("the container: %+v, %v", state, err)
	}
}

// Documents that others wrote are recorded by one trader, in the order of their
// names: nothing is refused for lack of history, and what was never born here is
// flagged.
func TestDocumentsAreNotRefused(t *testing.T) {
	m := market()
	b, err := os.ReadFile("../epcis/testdata/documents/VERDICTS.json")
	if err != nil {
		t.Fatal(err)
	}
	verdicts := map[string]string{}
	if err := json.Unmarshal(b, &verdicts); err != nil {
		t.Fatal(err)
	}
	m.time = epcis.Instant{Seconds: 1_900_000_000}
	var names []string
	for name, verdict := range verdicts {
		if verdict == "valid" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	unborn := 0
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join("../epcis/testdata/documents", name))
		if err != nil {
			t.Fatal(err)
		}
		document, err := epcis.Split(b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, record := range document.Events {
			first := m.namesUnborn(t, record)
			v := m.judge(t, "exporter", epcis.KindEvent, record)
			for _, f := range v.Findings {
				if f.Severity == trace.Reject && f.Code != contracts.CodeDuplicate || f.Severity == trace.Lock {
					t.Errorf("%s: %+v", name, f)
				}
			}
			if first == "" {
				continue
			}
			unborn++
			if !hasCode(v, contracts.CodeUnborn) && !hasCode(v, contracts.CodeForeign) && !hasCode(v, contracts.CodeInputUnknown) {
				t.Errorf("%s: %s was never born here, and no finding says so: %v", name, first, words(v))
			}
		}
	}
	if unborn < 10 {
		t.Errorf("only %d events named what was never born here", unborn)
	}
	if len(names) < 50 {
		t.Errorf("only %d documents", len(names))
	}
}

// namesUnborn is a thing that an event names before anything else has and does not
// bring to life, and that needs a birth; empty when there is none.
func (m *memory) namesUnborn(t *testing.T, record []byte) string {
	r, err := epcis.Decode(epcis.KindEvent, record)
	if err != nil || r.Event.Correction != nil {
		return ""
	}
	born := trace.Born(r.Event)
	for _, ids := range [][]epcis.ID{r.Event.EPCs, {r.Event.Parent}, r.Event.Children, r.Event.Inputs} {
		for _, id := range ids {
			circulates := slices.ContainsFunc([]string{"/id.gs1.org/00/", "/8003/", ":bic:", ":imovn:"}, func(s string) bool { return strings.Contains(id.URI, s) })
			state, err := m.itemState(id.URI)
			if err != nil {
				t.Fatal(err)
			}
			if trace.NamesItem(&id) && !circulates && state == nil && !slices.ContainsFunc(born, func(b epcis.ID) bool { return b.URI == id.URI }) {
				return id.URI
			}
		}
	}
	return ""
}
