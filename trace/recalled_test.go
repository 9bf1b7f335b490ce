package trace_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/trace"
)

const (
	calledBack = `,"disposition":"recalled"`
	liftedNow  = `,"persistentDisposition":{"unset":["recalled"]}`
	wrong      = `,"errorDeclaration":{"declarationTime":"2026-03-20T00:00:00Z","reason":"incorrect_data"}`
)

// holding is an event about an amount of a class or lot.
func holding(id, when, how string) string {
	return fmt.Sprintf(`"type":"ObjectEvent","action":"OBSERVE","bizStep":"holding","eventTime":%q,"quantityList":[%s]`, when, of(id, 10)) + how
}

// toldRecalls are a journey's recalls in lines.
func toldRecalls(j *trace.Journey) (lines []string) {
	for _, r := range j.Recalls {
		line := fmt.Sprintf("%s %d by %s", r.Of, r.Seq, r.Organisation)
		if r.Lifted != nil {
			line += fmt.Sprintf(" lifted %d", r.Lifted.Seq)
		}
		lines = append(lines, line)
	}
	return lines
}

func wantRecalls(t *testing.T, j *trace.Journey, want ...string) {
	t.Helper()
	if got := toldRecalls(j); !slices.Equal(got, want) {
		t.Errorf("recalls\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestThatARecallOfAClassWasLiftedIsTold(t *testing.T) {
	m := newMemory()
	m.event(t, orgA, object("ADD", "commissioning", at(2, 0), item(1, "A"))+`,"ilmd":{"cbvmda:lotNumber":"L"}`)
	recall := m.event(t, orgA, holding(gtin(1), at(4, 0), calledBack))
	wantRecalls(t, walk(t, m, item(1, "A"), trace.Options{}), fmt.Sprintf("%s %d by %s", gtin(1), recall, orgA))
	others := m.event(t, orgB, holding(gtin(1), at(5, 0), liftedNow)) // ends nothing of A's
	lifted := m.event(t, orgA, holding(gtin(1), at(6, 0), liftedNow))
	for _, id := range []string{item(1, "A"), lot(1, "L")} {
		j := walk(t, m, id, trace.Options{})
		wantRecalls(t, j, fmt.Sprintf("%s %d by %s lifted %d", gtin(1), recall, orgA, lifted))
		if got := seqs(j); !slices.Contains(got, others) || !slices.Contains(got, lifted) {
			t.Errorf("%s: records %v", id, got)
		}
		for _, s := range j.Steps {
			if s.Seq == lifted && (s.Told() != "holding: recall lifted" || s.Organisation != orgA || s.Time != instant(t, at(6, 0))) {
				t.Errorf("%s: %q, %+v", id, s.Told(), s)
			}
		}
		var out bytes.Buffer
		if err := j.Tree(&out); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"holding: recall lifted", ": recalled 2026-03-04 00:00 by ", ", lifted 2026-03-06 00:00\n"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: no %q in\n%s", id, want, out.String())
			}
		}
	}
	again := m.event(t, orgA, holding(gtin(1), at(7, 0), `,"persistentDisposition":{"set":["recalled"]}`))
	j := walk(t, m, item(1, "A"), trace.Options{})
	wantRecalls(t, j, fmt.Sprintf("%s %d by %s lifted %d", gtin(1), recall, orgA, lifted), fmt.Sprintf("%s %d by %s", gtin(1), again, orgA))
	if s := j.Steps[len(j.Steps)-1]; s.Told() != "holding: recalled" {
		t.Errorf("it tells %q", s.Told())
	}
	// As of before it was lifted it stands.
	before, err := trace.Walk(trace.AsOf(m, lifted), item(1, "A"), trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	wantRecalls(t, before, fmt.Sprintf("%s %d by %s", gtin(1), recall, orgA))
}

func TestARecallIsLiftedByNamingTheSameThing(t *testing.T) {
	m := newMemory()
	m.event(t, orgA, object("ADD", "commissioning", at(2, 0), item(1, "A"))+`,"ilmd":{"cbvmda:lotNumber":"L"}`)
	serial := m.event(t, orgA, object("OBSERVE", "holding", at(3, 0), item(1, "A"))+calledBack)
	class := m.event(t, orgA, holding(gtin(1), at(4, 0), calledBack))
	ofLot := m.event(t, orgA, holding(lot(1, "L"), at(5, 0), calledBack))
	end := m.event(t, orgA, holding(gtin(1), at(6, 0), liftedNow))
	wantRecalls(t, walk(t, m, item(1, "A"), trace.Options{}),
		fmt.Sprintf("%s %d by %s", item(1, "A"), serial, orgA),
		fmt.Sprintf("%s %d by %s lifted %d", gtin(1), class, orgA, end),
		fmt.Sprintf("%s %d by %s", lot(1, "L"), ofLot, orgA))
}

// A recall that its author declares wrong was none, and an end that is wrong ended
// nothing.
func TestARecallOrItsEndDeclaredWrong(t *testing.T) {
	m := newMemory()
	m.event(t, orgA, object("ADD", "commissioning", at(2, 0), item(1, "A"))+`,"ilmd":{"cbvmda:lotNumber":"L"}`)
	recall := m.event(t, orgA, holding(gtin(1), at(4, 0), calledBack)+`,"eventID":"urn:uuid:1"`)
	end := m.event(t, orgA, holding(gtin(1), at(5, 0), liftedNow)+`,"eventID":"urn:uuid:2"`)
	wantRecalls(t, walk(t, m, item(1, "A"), trace.Options{}), fmt.Sprintf("%s %d by %s lifted %d", gtin(1), recall, orgA, end))
	m.event(t, orgA, holding(gtin(1), at(5, 0), liftedNow)+`,"eventID":"urn:uuid:2"`+wrong)
	j := walk(t, m, item(1, "A"), trace.Options{})
	wantRecalls(t, j, fmt.Sprintf("%s %d by %s", gtin(1), recall, orgA))
	if i := slices.IndexFunc(j.Steps, func(s trace.Step) bool { return s.Seq == end }); i < 0 || j.Steps[i].Told() != "holding: recall lifted (declared wrong)" {
		t.Errorf("steps %+v", j.Steps)
	}
	m.event(t, orgA, holding(gtin(1), at(4, 0), calledBack)+`,"eventID":"urn:uuid:1"`+wrong)
	wantRecalls(t, walk(t, m, item(1, "A"), trace.Options{}))
}

// What was made of a lot before it was recalled is told of the recall, and of its end.
func TestThatTheRecallOfAnInputWasLiftedIsTold(t *testing.T) {
	m := newMemory()
	m.event(t, orgA, holding(lot(2, "IN"), at(1, 0), "")) // seen
	m.event(t, orgA, fmt.Sprintf(`"type":"TransformationEvent","eventTime":%q,"inputQuantityList":[%s],"outputEPCList":%s`, at(2, 0), of(lot(2, "IN"), 5), list(item(1, "A"))))
	recall := m.event(t, orgB, holding(lot(2, "IN"), at(4, 0), calledBack))
	later := m.event(t, orgA, holding(lot(2, "IN"), at(5, 0), "")) // of what is left
	lifted := m.event(t, orgB, holding(lot(2, "IN"), at(6, 0), liftedNow))
	j := walk(t, m, item(1, "A"), trace.Options{})
	wantRecalls(t, j, fmt.Sprintf("%s %d by %s lifted %d", lot(2, "IN"), recall, orgB, lifted))
	if slices.Contains(seqs(j), later) {
		t.Errorf("records %v", seqs(j))
	}
}

// What was in a container when that was recalled, or was put there while the recall
// stood, is told of it and of its end, whenever that is; what left before is not.
func TestTheRecallOfAContainerIsToldOfWhatWasInIt(t *testing.T) {
	m := newMemory()
	bag, early, late, sibling := item(1, "A"), item(1, "B"), item(1, "C"), item(1, "D")
	m.event(t, orgA, object("ADD", "commissioning", at(1, 0), bag, early, late, sibling))
	m.event(t, orgA, pack("ADD", at(2, 0), sscc(1), bag, early, sibling))
	m.event(t, orgA, pack("ADD", at(2, 1), sscc(2), sscc(1)))
	m.event(t, orgA, pack("DELETE", at(3, 0), sscc(1), early))
	recall := m.event(t, orgA, object("OBSERVE", "holding", at(6, 0), sscc(2))+calledBack) // of the outer one
	m.event(t, orgA, pack("ADD", at(7, 0), sscc(1), late))
	m.event(t, orgA, pack("DELETE", at(5, 0), sscc(1), bag)) // recorded after the recall, said to be before
	m.event(t, orgA, pack("DELETE", at(8, 0), sscc(1), late))
	stands := fmt.Sprintf("%s %d by %s", sscc(2), recall, orgA)
	for _, id := range []string{bag, late, sibling} {
		wantRecalls(t, walk(t, m, id, trace.Options{}), stands)
	}
	wantRecalls(t, walk(t, m, early, trace.Options{}))
	for range 70 { // nothing that it says itself
		m.event(t, orgA, object("OBSERVE", "storing", at(9, 0), sscc(2)))
	}
	m.event(t, orgB, object("OBSERVE", "holding", "2026-09-01T00:00:00Z", sscc(2))+liftedNow) // of another
	lifted := m.event(t, orgA, object("OBSERVE", "holding", "2026-09-02T00:00:00Z", sscc(2))+liftedNow)
	for _, id := range []string{bag, late, sibling} {
		wantRecalls(t, walk(t, m, id, trace.Options{}), fmt.Sprintf("%s lifted %d", stands, lifted))
	}
	wantRecalls(t, walk(t, m, early, trace.Options{}))
	again := m.event(t, orgA, object("OBSERVE", "holding", "2026-09-03T00:00:00Z", sscc(2))+calledBack)
	wantRecalls(t, walk(t, m, bag, trace.Options{}), fmt.Sprintf("%s lifted %d", stands, lifted))
	wantRecalls(t, walk(t, m, sibling, trace.Options{}), fmt.Sprintf("%s lifted %d", stands, lifted), fmt.Sprintf("%s %d by %s", sscc(2), again, orgA))
}

// signedBadly has it known that the key which signed a record was compromised by then.
func (m *memory) signedBadly(seq uint64) { m.records[seq].Compromised = true }

// A recall that a compromised key signed stands until its author says otherwise with a
// good key; what such a key signed about a recall ends it no more than it would another's.
func TestWhatACompromisedKeySaysOfARecallEndsNothing(t *testing.T) {
	m := newMemory()
	m.event(t, orgA, object("ADD", "commissioning", at(2, 0), item(1, "A"))+`,"ilmd":{"cbvmda:lotNumber":"L"}`)
	recall := m.event(t, orgA, holding(gtin(1), at(3, 0), calledBack)+`,"eventID":"urn:uuid:1"`)
	end := m.event(t, orgA, holding(gtin(1), at(4, 0), liftedNow))
	told := func() string {
		t.Helper()
		j := walk(t, m, item(1, "A"), trace.Options{})
		var out []string
		for _, r := range j.Recalls {
			line := fmt.Sprint(r.Seq)
			for name, e := range map[string]*trace.Lifting{"lifted": r.Lifted, "again": r.Again, "doubtful": r.DoubtfulEnd} {
				if e != nil {
					line += fmt.Sprintf(" %s %d", name, e.Seq)
				}
			}
			if r.Compromised {
				line += " compromised"
			}
			out = append(out, line)
		}
		return strings.Join(out, ", ")
	}
	want := func(text string, args ...any) {
		t.Helper()
		if got := told(); got != fmt.Sprintf(text, args...) {
			t.Errorf("recalls %q, want %q", got, fmt.Sprintf(text, args...))
		}
	}
	want("%d lifted %d", recall, end)
	m.signedBadly(end)
	want("%d doubtful %d", recall, end)
	declared := m.event(t, orgA, holding(gtin(1), at(3, 0), calledBack)+`,"eventID":"urn:uuid:1"`+wrong)
	want("")
	m.signedBadly(declared)
	want("%d doubtful %d", recall, declared)
	again := m.event(t, orgA, holding(gtin(1), at(6, 0), calledBack))
	want("%d again %d", recall, again)
	var out bytes.Buffer
	if err := walk(t, m, item(1, "A"), trace.Options{}).Tree(&out); err != nil || !strings.Contains(out.String(), ", again 2026-03-06 00:00\n") {
		t.Errorf("%v:\n%s", err, out.String())
	}
	m.signedBadly(again) // and so was that
	want("%d doubtful %d", recall, declared)
	out.Reset()
	if err := walk(t, m, item(1, "A"), trace.Options{}).Tree(&out); err != nil || !strings.Contains(out.String(), ", not lifted 2026-03-03 00:00: that key was compromised\n") {
		t.Errorf("%v:\n%s", err, out.String())
	}
	m.signedBadly(recall)
	want("%d doubtful %d compromised", recall, declared)
	last := m.event(t, orgA, holding(gtin(1), at(7, 0), liftedNow))
	want("%d lifted %d compromised", recall, last)
}

// Whoever may not recall a thing recalls nothing by saying so. Where a record names what
// its author may recall beside what it may not, the findings tell them apart.
func TestARecallByWhoMayNotRecall(t *testing.T) {
	binds := func(ids ...string) (f trace.Finding) {
		f = trace.Finding{Severity: trace.Lock, Rule: "K5", Code: trace.CodeRecalled}
		for _, id := range ids {
			f.Facts = append(f.Facts, trace.Fact{Name: "item", Value: id})
		}
		return f
	}
	more := binds()
	more.Facts = []trace.Fact{{Name: trace.AndMore, Value: "2"}}
	of := func(names ...string) (f trace.Finding) {
		f = trace.Finding{Severity: trace.Flag, Rule: "K5", Code: trace.CodeRecallOfOthers}
		for _, id := range names {
			f.Facts = append(f.Facts, trace.Fact{Name: id})
		}
		return f
	}
	for _, c := range []struct {
		findings []trace.Finding
		ofOthers string
	}{
		{[]trace.Finding{binds(item(1, "A"), item(1, "B"))}, "false false"},
		{[]trace.Finding{{Severity: trace.Flag, Rule: "C2", Code: 1201}}, "true true"}, // while another's recall stands
		{[]trace.Finding{of(item(1, "A"), item(1, "B"))}, "true true"},
		{[]trace.Finding{of()}, "true true"}, // of more things than a finding names
		{[]trace.Finding{of(item(1, "A")), binds(item(1, "B"))}, "true false"},
		{[]trace.Finding{binds(item(1, "A")), of(item(1, "B"))}, "false true"},
		{[]trace.Finding{binds(item(1, "A"))}, "false true"},
		{[]trace.Finding{binds(item(1, "B")[:40] + "…")}, "false false"}, // too long for a finding
		{[]trace.Finding{more, of(item(1, "B"))}, "false true"},
		{[]trace.Finding{more, of(item(1, "C"))}, "false false"},
	} {
		m := newMemory()
		m.event(t, orgA, object("ADD", "commissioning", at(2, 0), item(1, "A"), item(1, "B")))
		m.event(t, orgB, object("OBSERVE", "holding", at(3, 0), item(1, "A"), item(1, "B"))+calledBack, c.findings...)
		told := map[string]bool{}
		for _, id := range []string{item(1, "A"), item(1, "B")} {
			j := walk(t, m, id, trace.Options{})
			if len(j.Recalls) != 1 || j.Recalls[0].Of != id {
				t.Fatalf("recalls of %s: %+v", id, j.Recalls)
			}
			told[id] = j.Recalls[0].OfOthers
			var out bytes.Buffer
			if err := j.Tree(&out); err != nil || strings.Contains(out.String(), ", who may not recall it\n") != told[id] {
				t.Errorf("%v, of others %v:\n%s", err, told[id], out.String())
			}
		}
		if got := fmt.Sprint(told[item(1, "A")], told[item(1, "B")]); got != c.ofOthers {
			t.Errorf("%+v: of others %s, want %s", c.findings, got, c.ofOthers)
		}
		// Told together is what is said alike.
		whole := trace.Together([]trace.Recall{{Seq: 3, OfOthers: told[item(1, "A")]}, {Seq: 3, OfOthers: told[item(1, "B")]}})
		if together := len(whole) == 1; together != (told[item(1, "A")] == told[item(1, "B")]) {
			t.Errorf("%+v: told together: %v", c.findings, together)
		}
	}
}

// An item that is born while the recall of its class stands is under it; one that is born
// after it ended is not. Refusals, compromised keys and others end nothing.
func TestTheRecallOfAClassIsToldOfWhatIsBornUnderIt(t *testing.T) {
	refused := trace.Finding{Severity: trace.Reject, Rule: "K5", Version: 1, Code: 1, Title: "no"}
	for name, c := range map[string]struct {
		end   func(t *testing.T, m *memory)
		stood bool
	}{
		"nothing":   {func(*testing.T, *memory) {}, true},
		"its end":   {func(t *testing.T, m *memory) { m.event(t, orgA, holding(gtin(1), at(4, 0), liftedNow)) }, false},
		"a refusal": {func(t *testing.T, m *memory) { m.event(t, orgA, holding(gtin(1), at(4, 0), liftedNow), refused) }, true},
		"a compromised key": {func(t *testing.T, m *memory) {
			m.signedBadly(m.event(t, orgA, holding(gtin(1), at(4, 0), liftedNow)))
		}, true},
		"another": {func(t *testing.T, m *memory) { m.event(t, orgB, holding(gtin(1), at(4, 0), liftedNow)) }, true},
		"its declaration": {func(t *testing.T, m *memory) {
			m.event(t, orgA, holding(gtin(1), at(3, 0), calledBack)+`,"eventID":"urn:uuid:1"`+wrong)
		}, false},
		"its declaration, refused": {func(t *testing.T, m *memory) {
			m.event(t, orgA, holding(gtin(1), at(3, 0), calledBack)+`,"eventID":"urn:uuid:1"`+wrong, refused)
		}, true},
		"the declaration of another event": {func(t *testing.T, m *memory) {
			m.event(t, orgA, holding(gtin(1), at(3, 0), "")+`,"eventID":"urn:uuid:2"`+wrong)
		}, true},
		"its eventID again, where nothing is declared wrong": {func(t *testing.T, m *memory) {
			m.event(t, orgA, holding(gtin(1), at(4, 0), "")+`,"eventID":"urn:uuid:1"`)
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMemory()
			recall := m.event(t, orgA, holding(gtin(1), at(3, 0), calledBack)+`,"eventID":"urn:uuid:1"`)
			c.end(t, m)
			m.event(t, orgA, object("ADD", "commissioning", at(5, 0), item(1, "A")))
			if got := slices.Contains(seqs(walk(t, m, item(1, "A"), trace.Options{})), recall); got != c.stood {
				t.Errorf("the recall is in the journey: %t", got)
			}
		})
	}
}

// A transformation recalls what it made, not what went into it.
func TestATransformationRecallsItsOutputs(t *testing.T) {
	m := newMemory()
	m.event(t, orgA, object("ADD", "commissioning", at(1, 0), item(1, "A")))
	made := m.event(t, orgA, fmt.Sprintf(`"type":"TransformationEvent","eventTime":%q,"inputEPCList":%s,"outputEPCList":%s`,
		at(2, 0), list(item(1, "A")), list(item(2, "B")))+calledBack)
	wantRecalls(t, walk(t, m, item(2, "B"), trace.Options{}), fmt.Sprintf("%s %d by %s", item(2, "B"), made, orgA))
	wantRecalls(t, walk(t, m, item(1, "A"), trace.Options{Direction: trace.Upstream}))
}

// With a compromised key the declaration of one event makes nothing of another doubtful.
func TestADoubtfulDeclarationIsOfItsEvent(t *testing.T) {
	m := newMemory()
	m.event(t, orgA, object("ADD", "commissioning", at(2, 0), item(1, "A")))
	m.event(t, orgA, holding(gtin(1), at(3, 0), calledBack)+`,"eventID":"urn:uuid:1"`)
	m.signedBadly(m.event(t, orgA, holding(gtin(1), at(4, 0), calledBack)+`,"eventID":"urn:uuid:2"`+wrong))
	if j := walk(t, m, item(1, "A"), trace.Options{}); len(j.Recalls) != 1 || j.Recalls[0].DoubtfulEnd != nil {
		t.Errorf("recalls %+v", j.Recalls)
	}
}

func TestRecallsThatAreToldTogether(t *testing.T) {
	lifting := func(seq uint64) *trace.Lifting { return &trace.Lifting{Seq: seq} }
	list := []trace.Recall{
		{Of: "a", Seq: 1}, {Of: "b", Seq: 1, Lifted: lifting(2)}, {Of: "c", Seq: 1, Lifted: lifting(2)}, {Of: "d", Seq: 1, Lifted: lifting(3)},
		{Of: "e", Seq: 1}, {Of: "f", Seq: 4}, {Of: "g", Seq: 1, OfOthers: true}, {Of: "h", Seq: 1, Again: lifting(5)},
		{Of: "i", Seq: 1, DoubtfulEnd: lifting(6)}, {Of: "j", Seq: 1, DoubtfulEnd: lifting(6)},
	}
	var got []string
	for _, group := range trace.Together(list) {
		line := ""
		for _, r := range group {
			line += r.Of
		}
		got = append(got, line)
	}
	if want := []string{"ae", "bc", "d", "f", "g", "h", "ij"}; !slices.Equal(got, want) {
		t.Errorf("groups %v, want %v", got, want)
	}
}

// A recall that came and went between two records of an item is told of it.
func TestARecallOfTheClassThatEndedIsToldOfAnItemThatGoesOn(t *testing.T) {
	m := newMemory()
	m.event(t, orgA, object("ADD", "commissioning", at(2, 0), item(1, "A")))
	recall := m.event(t, orgA, holding(gtin(1), at(3, 0), calledBack))
	lifted := m.event(t, orgA, holding(gtin(1), at(4, 0), liftedNow))
	m.event(t, orgA, object("OBSERVE", "storing", at(5, 0), item(1, "A")))
	wantRecalls(t, walk(t, m, item(1, "A"), trace.Options{}), fmt.Sprintf("%s %d by %s lifted %d", gtin(1), recall, orgA, lifted))
}

// What was put into a container after the recall of that had ended, or when it was
// declared wrong, was never under it.
func TestWhatIsPutIntoAContainerAfterItsRecallEndedIsNotUnderIt(t *testing.T) {
	for name, end := range map[string]string{
		"lifted":         object("OBSERVE", "holding", at(4, 0), sscc(1)) + liftedNow,
		"declared wrong": object("OBSERVE", "holding", at(3, 0), sscc(1)) + calledBack + `,"eventID":"urn:uuid:1"` + wrong,
	} {
		m := newMemory()
		m.event(t, orgA, object("ADD", "commissioning", at(1, 0), item(1, "A")))
		recall := m.event(t, orgA, object("OBSERVE", "holding", at(3, 0), sscc(1))+calledBack+`,"eventID":"urn:uuid:1"`)
		ended := m.event(t, orgA, end)
		m.event(t, orgA, pack("ADD", at(5, 0), sscc(1), item(1, "A")))
		j := walk(t, m, item(1, "A"), trace.Options{})
		wantRecalls(t, j)
		if got := seqs(j); slices.Contains(got, recall) || slices.Contains(got, ended) {
			t.Errorf("%s: records %v", name, got)
		}
	}
}

// An end of a container's recall that is declared wrong ended nothing, however long after
// what was inside has left: also of a recall that seemed to have ended before that came in.
func TestTheEndOfAContainersRecallDeclaredWrongLater(t *testing.T) {
	for name, days := range map[string]struct{ in, lifted int }{"lifted while it was inside": {2, 4}, "lifted before": {5, 4}} {
		m := newMemory()
		m.event(t, orgA, object("ADD", "commissioning", at(1, 0), item(1, "A")))
		packing := func(day int) {
			if days.in == day {
				m.event(t, orgA, pack("ADD", at(day, 0), sscc(1), item(1, "A")))
			}
		}
		packing(2)
		recall := m.event(t, orgA, object("OBSERVE", "holding", at(3, 0), sscc(1))+calledBack)
		lift := object("OBSERVE", "holding", at(days.lifted, 0), sscc(1)) + liftedNow + `,"eventID":"urn:uuid:2"`
		lifted := m.event(t, orgA, lift)
		packing(5)
		m.event(t, orgA, pack("DELETE", at(8, 0), sscc(1), item(1, "A")))
		stands := fmt.Sprintf("%s %d by %s", sscc(1), recall, orgA)
		if j := walk(t, m, item(1, "A"), trace.Options{}); days.in < days.lifted {
			wantRecalls(t, j, fmt.Sprintf("%s lifted %d", stands, lifted))
		} else {
			wantRecalls(t, j)
		}
		m.eventAt(t, orgA, "2026-09-02T00:00:00Z", lift+wrong)
		if j := walk(t, m, item(1, "A"), trace.Options{}); !slices.Equal(toldRecalls(j), []string{stands}) {
			t.Errorf("%s: recalls %v, want %s", name, toldRecalls(j), stands)
		}
	}
}

// A recall by a compromised key is nobody's doubt any more once it is made again with a
// good one.
func TestARecallByACompromisedKeyMadeAgain(t *testing.T) {
	m := newMemory()
	m.event(t, orgA, object("ADD", "commissioning", at(2, 0), item(1, "A")))
	recall := m.event(t, orgA, holding(gtin(1), at(3, 0), calledBack))
	m.signedBadly(recall)
	again := m.event(t, orgA, holding(gtin(1), at(4, 0), calledBack))
	j := walk(t, m, item(1, "A"), trace.Options{})
	if r := j.Recalls; len(r) != 1 || r[0].Seq != recall || r[0].Compromised || r[0].Again == nil || r[0].Again.Seq != again {
		t.Errorf("recalls %+v", r)
	}
}

// A recall of a container that stands is told of what is put into it, however much was
// recorded of it since; one that had ended by then is not. No more is read for that than
// what is said of recalls.
func TestTheRecallOfAContainerLongBeforeSomethingIsPutIntoIt(t *testing.T) {
	for name, c := range map[string]struct {
		lifted, again bool
		want          int
	}{
		"it stands":                          {false, false, 1},
		"it had ended":                       {true, false, 0},
		"it had ended, and there is another": {true, true, 1},
	} {
		m := newMemory()
		bag, box := item(1, "A"), sscc(2)
		m.event(t, orgA, object("ADD", "commissioning", at(1, 0), bag))
		first := m.event(t, orgA, object("OBSERVE", "holding", at(2, 0), sscc(1))+calledBack)
		lifted, again := uint64(0), first
		if c.lifted {
			lifted = m.event(t, orgA, object("OBSERVE", "holding", at(2, 1), sscc(1))+liftedNow)
		}
		if c.again {
			again = m.event(t, orgA, object("OBSERVE", "holding", at(2, 2), sscc(1))+calledBack)
		}
		scan := func(n int) {
			for range n {
				m.event(t, orgB, object("OBSERVE", "storing", at(3, 0), sscc(1)))
			}
		}
		scan(100)
		packed := m.event(t, orgA, pack("ADD", at(4, 0), box, bag))
		m.event(t, orgA, pack("ADD", at(5, 0), sscc(1), box))
		scan(20)
		var want []string
		if c.want > 0 {
			want = []string{fmt.Sprintf("%s %d by %s", sscc(1), again, orgA)}
		}
		j := walk(t, m, bag, trace.Options{})
		if got := toldRecalls(j); !slices.Equal(got, want) || j.Cut {
			t.Errorf("%s: recalls %q, want %q; cut short: %t", name, got, want, j.Cut)
		}
		if got := seqs(j); lifted > 0 && (slices.Contains(got, first) || slices.Contains(got, lifted)) {
			t.Errorf("%s: what had ended is in %v", name, got)
		}
		end := m.event(t, orgA, object("OBSERVE", "holding", at(28, 0), sscc(1))+liftedNow)
		for size, want := range map[uint64][]string{packed: nil, end: want} {
			then, err := trace.Walk(trace.AsOf(m, size), bag, trace.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := toldRecalls(then); !slices.Equal(got, want) {
				t.Errorf("%s: as of the first %d records, recalls %q, want %q", name, size, got, want)
			}
		}
	}
}

// A recall is told with its end, also where more than 200 records of the container lie
// between them, and nothing is said to be left unread.
func TestTheEndOfAContainersRecallLongAfterIt(t *testing.T) {
	m := newMemory()
	m.event(t, orgA, object("ADD", "commissioning", at(1, 0), item(1, "A")))
	m.event(t, orgA, pack("ADD", at(2, 0), sscc(1), item(1, "A")))
	recall := m.event(t, orgA, object("OBSERVE", "holding", at(3, 0), sscc(1))+calledBack)
	m.event(t, orgA, pack("DELETE", at(4, 0), sscc(1), item(1, "A")))
	for range 300 {
		m.event(t, orgB, object("OBSERVE", "storing", "2026-09-01T00:00:00Z", sscc(1)))
	}
	lifted := m.event(t, orgA, object("OBSERVE", "holding", "2026-09-02T00:00:00Z", sscc(1))+liftedNow)
	j := walk(t, m, item(1, "A"), trace.Options{})
	wantRecalls(t, j, fmt.Sprintf("%s %d by %s lifted %d", sscc(1), recall, orgA, lifted))
	if j.Cut || len(j.Gaps) > 0 {
		t.Errorf("gaps %+v", j.Gaps)
	}
}

// What nobody recorded the packing of was inside when it was taken out.
func TestTheRecallOfWhatSomethingIsTakenOutOf(t *testing.T) {
	m := newMemory()
	m.event(t, orgA, object("ADD", "commissioning", at(1, 0), item(1, "A"), item(1, "B")))
	m.event(t, orgA, pack("DELETE", at(2, 0), sscc(1), item(1, "B")))
	recall := m.event(t, orgA, object("OBSERVE", "holding", at(3, 0), sscc(1))+calledBack)
	out := m.event(t, orgA, pack("DELETE", at(4, 0), sscc(1), item(1, "A")))
	j := walk(t, m, item(1, "A"), trace.Options{})
	if e := findEdge(j, trace.EdgeInside, item(1, "A"), sscc(1)); e == nil || e.Seq != out || e.Until == nil || *e.Until != instant(t, at(4, 0)) ||
		len(j.Recalls) != 1 || j.Recalls[0].Seq != recall || len(j.Gaps) != 1 {
		t.Errorf("%+v, recalls %+v, gaps %+v", e, j.Recalls, j.Gaps)
	}
	if j := walk(t, m, item(1, "B"), trace.Options{}); len(j.Recalls) != 0 {
		t.Errorf("taken out before: recalls %+v", j.Recalls)
	}
}

// What was received by itself and put into the same container again is in there again.
func TestWhatIsPutIntoAContainerAgainIsInIt(t *testing.T) {
	m := newMemory()
	m.event(t, orgA, object("ADD", "commissioning", at(1, 0), item(1, "A")))
	m.event(t, orgA, pack("ADD", at(2, 0), sscc(1), item(1, "A")))
	m.event(t, orgA, object("OBSERVE", "receiving", at(3, 0), item(1, "A")))
	if e := findEdge(walk(t, m, item(1, "A"), trace.Options{}), trace.EdgeInside, item(1, "A"), sscc(1)); e == nil || e.Until == nil || *e.Until != instant(t, at(3, 0)) {
		t.Errorf("received: %+v", e)
	}
	m.event(t, orgA, `"type":"AggregationEvent","action":"DELETE","bizStep":"unpacking","eventTime":"`+at(3, 1)+`","parentID":"`+sscc(1)+`","childEPCs":[]`)
	m.event(t, orgA, pack("ADD", at(4, 0), sscc(1), item(1, "A")))
	later := m.event(t, orgB, object("OBSERVE", "storing", at(5, 0), sscc(1)))
	j := walk(t, m, item(1, "A"), trace.Options{})
	if e := findEdge(j, trace.EdgeInside, item(1, "A"), sscc(1)); e == nil || e.Until != nil || !slices.Contains(seqs(j), later) {
		t.Errorf("put there again: %+v, records %v", e, seqs(j))
	}
}

// The recall of a class is told of a container of it, also where nothing was recorded of
// that while the thing was inside.
func TestTheRecallOfTheClassOfASilentContainer(t *testing.T) {
	m := newMemory()
	crate := "https://id.gs1.org/8003/09521101000023B1"
	m.event(t, orgA, pack("ADD", at(1, 0), crate, sscc(1)))
	recall := m.event(t, orgA, holding("https://id.gs1.org/8003/09521101000023", at(2, 0), calledBack))
	m.event(t, orgA, object("ADD", "commissioning", at(3, 0), item(1, "A")))
	m.event(t, orgA, pack("ADD", at(4, 0), sscc(1), item(1, "A")))
	if j := walk(t, m, item(1, "A"), trace.Options{}); len(j.Recalls) != 1 || j.Recalls[0].Seq != recall {
		t.Errorf("recalls %+v", j.Recalls)
	}
}

// Anybody may say that something is recalled, and what binds nobody is told of what was there by
// then, not of all that comes later.
func TestWhatBindsNobodyIsNotToldOfWhatComesLater(t *testing.T) {
	bag, later, born := item(1, "A"), item(1, "B"), item(2, "C")
	of := func(id string) trace.Finding {
		return trace.Finding{Severity: trace.Flag, Rule: "K5", Code: trace.CodeRecallOfOthers, Facts: []trace.Fact{{Name: id}}}
	}
	m := newMemory()
	m.event(t, orgA, object("ADD", "commissioning", at(1, 0), bag, later))
	m.event(t, orgA, pack("ADD", at(2, 0), sscc(1), bag))
	claim := m.event(t, orgB, object("OBSERVE", "holding", at(3, 0), sscc(1))+calledBack, of(sscc(1)))
	m.event(t, orgB, holding(gtin(2), at(3, 0), calledBack), of(gtin(2)))
	m.event(t, orgA, pack("ADD", at(4, 0), sscc(1), later))
	m.event(t, orgA, object("ADD", "commissioning", at(4, 0), born))
	wantRecalls(t, walk(t, m, bag, trace.Options{}), fmt.Sprintf("%s %d by %s", sscc(1), claim, orgB))
	for _, id := range []string{later, born} {
		wantRecalls(t, walk(t, m, id, trace.Options{}))
	}
}

// A packing recalls nothing by its persistentDisposition, and ends no recall by it.
func TestARecallIsNotSaidOfAPacking(t *testing.T) {
	m := newMemory()
	m.event(t, orgA, object("ADD", "commissioning", at(2, 0), item(1, "A"), item(1, "B")))
	m.event(t, orgA, pack("ADD", at(3, 0), sscc(1), item(1, "A"))+`,"persistentDisposition":{"set":["recalled"]}`)
	wantRecalls(t, walk(t, m, item(1, "A"), trace.Options{}))
	recall := m.event(t, orgA, object("OBSERVE", "holding", at(4, 0), item(1, "B"))+calledBack)
	m.event(t, orgA, pack("OBSERVE", at(5, 0), sscc(1), item(1, "B"))+liftedNow)
	wantRecalls(t, walk(t, m, item(1, "B"), trace.Options{}), fmt.Sprintf("%s %d by %s", item(1, "B"), recall, orgA))
}
