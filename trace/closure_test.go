package trace_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

const declaration = "urn:epcglobal:cbv:bt:9521105000005:26DE1"

func citing(document string) string {
	return fmt.Sprintf(`,"bizTransactionList":[{"bizTransaction":%q}]`, document)
}

// underDocument is an event about a document that names no goods.
func underDocument(step, when, document string) string {
	return fmt.Sprintf(`"type":"TransactionEvent","action":"OBSERVE","bizStep":%q,"eventTime":%q,"epcList":[]`, step, when) + citing(document)
}

func TestWhatIsSaidOfACitedDocumentIsFound(t *testing.T) {
	bag, sibling := item(1, "A"), item(1, "B")
	start := func() *memory {
		m := newMemory()
		m.event(t, orgA, object("ADD", "commissioning", at(1, 0), bag, sibling))
		m.event(t, orgA, object("OBSERVE", "shipping", at(2, 0), bag)+citing(declaration))
		return m
	}
	refused := trace.Finding{Severity: trace.Reject, Rule: "A3", Title: "not customs"}
	for name, c := range map[string]struct {
		add  func(m *memory) uint64
		want bool
	}{
		"a hold that names no goods": {func(m *memory) uint64 { return m.event(t, orgB, underDocument("holding", at(3, 0), declaration)) }, true},
		"a refused one": {func(m *memory) uint64 {
			return m.event(t, orgB, underDocument("holding", at(3, 0), declaration), refused)
		}, true},
		"master data of the document": {func(m *memory) uint64 {
			return m.add(t, orgB, epcis.KindMasterData, at(3, 0), `{"@context":["`+epcis.ContextURL+`",{"wm":"`+epcis.Vocabulary+
				`"}],"type":"wm:MasterData","vocabulary":"`+epcis.VocabularyDocument+`","id":"`+declaration+`","attributes":[]}`)
		}, true},
		"a decision over a sibling": {func(m *memory) uint64 {
			return m.event(t, orgB, object("OBSERVE", "holding", at(3, 0), sibling)+citing(declaration))
		}, false},
		"what happened to a sibling": {func(m *memory) uint64 {
			return m.event(t, orgB, object("OBSERVE", "storing", at(3, 0), sibling)+citing(declaration))
		}, false},
		"a hold on another document": {func(m *memory) uint64 { return m.event(t, orgB, underDocument("holding", at(3, 0), declaration+"2")) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			m := start()
			seq := c.add(m)
			j := walk(t, m, bag, trace.Options{})
			if got := slices.Contains(seqs(j), seq); got != c.want {
				t.Errorf("in the journey: %v, want %v", got, c.want)
			}
			for _, s := range j.Steps {
				if s.Seq == seq && !slices.Equal(s.About, []string{bag, declaration}) {
					t.Errorf("it concerns %v", s.About)
				}
			}
		})
	}
}

func TestCustomsDecisionOverTheContainerAfterItemsLeftIt(t *testing.T) {
	m := newMemory()
	bag := item(1, "A")
	m.event(t, orgA, object("ADD", "commissioning", at(1, 0), bag))
	m.event(t, orgA, pack("ADD", at(2, 0), sscc(1), bag))
	m.event(t, orgA, object("OBSERVE", "departing", at(3, 0), sscc(1))+citing(declaration))
	m.event(t, orgA, pack("DELETE", at(4, 0), sscc(1), bag))
	hold := m.event(t, orgB, object("OBSERVE", "holding", at(5, 0), sscc(1))+citing(declaration))
	other := m.event(t, orgB, object("OBSERVE", "cleaning", at(6, 0), sscc(1))+citing(declaration))
	j := walk(t, m, bag, trace.Options{})
	if got := seqs(j); !slices.Contains(got, hold) || slices.Contains(got, other) {
		t.Errorf("records %v: want %d and not %d", got, hold, other)
	}
}

func TestRecallOfAWholeClassIsFound(t *testing.T) {
	m := newMemory()
	class := func(disposition, when string) string {
		return fmt.Sprintf(`"type":"ObjectEvent","action":"OBSERVE","bizStep":"holding","disposition":%q,"eventTime":%q,"quantityList":[%s]`,
			disposition, when, of(gtin(1), 10))
	}
	over := m.event(t, orgA, class("recalled", at(1, 0)))
	lifted := m.event(t, orgA, holding(gtin(1), at(1, 0), liftedNow))
	wrongly := m.event(t, orgB, class("recalled", at(1, 0))+`,"eventID":"urn:uuid:9"`)
	m.event(t, orgB, class("recalled", at(1, 0))+`,"eventID":"urn:uuid:9"`+wrong)
	before := m.event(t, orgA, class("recalled", at(1, 1))) // it stands when the item is born
	m.event(t, orgA, object("ADD", "commissioning", at(2, 0), item(1, "A"))+`,"ilmd":{"cbvmda:lotNumber":"L"}`)
	other := m.event(t, orgA, class("in_progress", at(3, 0)))
	recall := m.event(t, orgA, class("recalled", at(4, 0)))
	hidden := m.event(t, orgB, class("recalled", at(5, 0)), trace.Finding{Severity: trace.Reject, Rule: "A2", Title: "not its class"})
	for id, about := range map[string][]string{item(1, "A"): {item(1, "A")}, lot(1, "L"): {lot(1, "L"), item(1, "A")}} {
		j := walk(t, m, id, trace.Options{})
		got := seqs(j)
		if slices.Contains(got, over) || slices.Contains(got, lifted) || slices.Contains(got, wrongly) || !slices.Contains(got, before) || slices.Contains(got, other) || !slices.Contains(got, recall) || !slices.Contains(got, hidden) {
			t.Errorf("%s: records %v", id, got)
		}
		for _, s := range j.Steps {
			if s.Seq == recall && !slices.Equal(s.About, about) {
				t.Errorf("%s: the recall concerns %v", id, s.About)
			}
		}
	}
}

// Of what was said of a class before the first of its items came into being, the first
// 200 records are read, and the answer says where that ends.
func TestWhatWasSaidOfAClassBeforeItsItemIsCompleteUpToARecord(t *testing.T) {
	for _, others := range []int{199, 200, 201, 300} {
		m := newMemory()
		for range others {
			m.event(t, orgA, holding(gtin(1), at(1, 0), ""))
		}
		recall := m.event(t, orgA, holding(gtin(1), at(1, 1), calledBack))
		m.event(t, orgA, object("ADD", "commissioning", at(2, 0), item(1, "A")))
		j := walk(t, m, item(1, "A"), trace.Options{})
		cut := others > 199
		if told := slices.Contains(seqs(j), recall); told == cut || j.Cut != cut {
			t.Errorf("behind %d others the recall is told: %v, cut %v", others, told, j.Cut)
		}
		if cut && (len(j.Gaps) != 1 || j.Gaps[0].ID != gtin(1) || j.Gaps[0].Seq != 199 || !j.Gaps[0].Unread) || !cut && len(j.Gaps) != 0 {
			t.Errorf("behind %d others: gaps %+v", others, j.Gaps)
		}
	}
}

func TestRefusedRecordOfACitedCertificateIsShown(t *testing.T) {
	const certificate = "https://example.org/cert/1"
	m := newMemory()
	m.event(t, orgA, object("ADD", "commissioning", at(2, 0), item(1, "A"))+`,"certificationInfo":"`+certificate+`"`)
	forged := m.add(t, orgB, epcis.KindCertificate, at(3, 0), `{"@context":["`+epcis.ContextURL+`",{"wm":"`+epcis.Vocabulary+
		`"}],"type":"wm:Certificate","id":"`+certificate+`","scheme":"https://example.org/organic","subject":"`+orgA+`","validFrom":"`+at(1, 0)+
		`","validUntil":"`+at(20, 0)+`","action":"issue"}`, trace.Finding{Severity: trace.Reject, Rule: "A3", Title: "no certifier"})
	j := walk(t, m, item(1, "A"), trace.Options{})
	if !slices.Contains(seqs(j), forged) || j.Certificates[0].AtEvent != trace.CertificateUnknown {
		t.Errorf("records %v, certificates %+v", seqs(j), j.Certificates)
	}
}

// Of a document that the journey only cites the first 200 records are read. What came
// later, a hold above all, is no part of the answer, and the answer says so; whoever asks
// for the document itself is told all of it.
func TestDocumentThatIsCitedOftenIsCompleteUpToARecord(t *testing.T) {
	for _, others := range []int{198, 199, 250, 2000} {
		m := newMemory()
		m.event(t, orgA, object("ADD", "commissioning", at(1, 0), item(1, "A"))+citing(declaration))
		for range others {
			m.event(t, orgA, object("OBSERVE", "storing", at(2, 0), item(1, "B"))+citing(declaration))
		}
		hold := m.event(t, orgB, underDocument("holding", at(3, 0), declaration))
		j := walk(t, m, item(1, "A"), trace.Options{})
		want := []trace.Gap{{ID: declaration, Seq: 199, About: "Complete up to record 199: what was recorded of it later, a hold perhaps, is not read here. Ask for it by its own id.", Unread: true}}
		if others < 199 {
			want = []trace.Gap{}
		}
		if told := slices.Contains(seqs(j), hold); told != (others < 199) || j.Cut == told || !slices.Equal(j.Gaps, want) || j.Continuation != "" {
			t.Errorf("among %d others the hold is told: %v, gaps %+v", others, told, j.Gaps)
		}
		if j := walk(t, m, declaration, trace.Options{}); !slices.Contains(seqs(j), hold) || len(j.Records) != others+2 || j.Cut || slices.ContainsFunc(j.Gaps, func(g trace.Gap) bool { return g.Unread }) {
			t.Errorf("the document itself: %d records, gaps %+v", len(j.Records), j.Gaps)
		}
	}
}

// So are refused records about it, counted by themselves.
func TestRefusalsAboutADocumentAreCompleteUpToARecord(t *testing.T) {
	m := newMemory()
	m.event(t, orgA, object("ADD", "commissioning", at(1, 0), item(1, "A"))+citing(declaration))
	for range 201 {
		m.event(t, orgA, object("OBSERVE", "storing", at(2, 0), item(1, "B"))+citing(declaration), trace.Finding{Severity: trace.Reject, Rule: "C2"})
	}
	j := walk(t, m, item(1, "A"), trace.Options{})
	if len(j.Gaps) != 1 || j.Gaps[0].ID != declaration || j.Gaps[0].Seq != 200 || !j.Gaps[0].Unread || !j.Cut {
		t.Errorf("gaps %+v", j.Gaps)
	}
}

func TestDocumentWithoutRoomIsLeftToTheContinuation(t *testing.T) {
	m := newMemory()
	m.event(t, orgA, object("ADD", "commissioning", at(1, 0), item(1, "A"))+citing(declaration))
	hold := m.event(t, orgB, underDocument("holding", at(3, 0), declaration))
	j := walk(t, m, item(1, "A"), trace.Options{MaxNodes: 1})
	if len(j.Graph.Nodes) != 1 || j.Continuation == "" || !j.Full || !slices.Equal(j.Unwalked, []trace.Key{{NS: trace.NSTransaction, ID: declaration}}) {
		t.Fatalf("%+v", j)
	}
	j = walk(t, m, item(1, "A"), trace.Options{MaxNodes: 1, Continue: j.Continuation})
	if j.Continuation != "" || !slices.Contains(seqs(j), hold) {
		t.Errorf("%+v", j)
	}
}

// A walk that was stopped can be walked again: where it stopped is a number.
func TestStoppedWalkCanBeRepeated(t *testing.T) {
	m := laneLedger(t)
	for stop := 1; ; stop++ {
		asked := 0
		first := walk(t, m, laneBag, trace.Options{MaxNodes: 30, Stop: func() bool { asked++; return asked == stop }})
		if !first.Stopped {
			if first.Tasks < 20 || first.Tasks != stop {
				t.Fatalf("%d things were done, and the walk was asked %d times", first.Tasks, asked)
			}
			return
		}
		again := walk(t, m, laneBag, trace.Options{MaxNodes: 30, MaxTasks: first.Tasks})
		a, _ := json.Marshal(first)
		b, _ := json.Marshal(again)
		if !bytes.Equal(a, b) || !bytes.Equal(first.Rest, again.Rest) || len(first.Rest) == 0 {
			t.Fatalf("after %d things the second walk ends elsewhere", first.Tasks)
		}
		rest, err := trace.Rest(first.Continuation)
		if err != nil || !bytes.Equal(rest, first.Rest) {
			t.Fatal("the continuation does not stand for the rest", err)
		}
		with := func(token string) string {
			j := walk(t, m, laneBag, trace.Options{Continue: token})
			b, _ := json.Marshal(j)
			return string(b)
		}
		if with(first.Continuation) != with(trace.Token(first.Rest)) {
			t.Fatal("two tokens of one rest differ")
		}
	}
}
