package trace_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

const (
	orgA = "https://id.gs1.org/417/9521101000009"
	orgB = "https://id.gs1.org/417/9521102000008"
	orgC = "https://id.gs1.org/417/9521103000007"
)

func gtin(n int) string { // of the demonstration prefix 9521101
	digits := fmt.Sprintf("09521101%05d", n)
	check, err := epcis.CheckDigit(digits)
	if err != nil {
		panic(err)
	}
	return "https://id.gs1.org/01/" + digits + string(check)
}

func item(n int, serial string) string { return gtin(n) + "/21/" + serial }
func lot(n int, number string) string  { return gtin(n) + "/10/" + number }

func sscc(n int) string {
	digits := fmt.Sprintf("39521101%09d", n)
	check, err := epcis.CheckDigit(digits)
	if err != nil {
		panic(err)
	}
	return "https://id.gs1.org/00/" + digits + string(check)
}

func at(day, hour int) string { return fmt.Sprintf("2026-03-%02dT%02d:00:00Z", day, hour) }

func list(ids ...string) string {
	b, err := json.Marshal(ids)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func object(action, step, when string, ids ...string) string {
	return fmt.Sprintf(`"type":"ObjectEvent","action":%q,"bizStep":%q,"eventTime":%q,"epcList":%s`, action, step, when, list(ids...))
}

func pack(action, when, parent string, children ...string) string {
	return fmt.Sprintf(`"type":"AggregationEvent","action":%q,"bizStep":"packing","eventTime":%q,"parentID":%q,"childEPCs":%s`,
		action, when, parent, list(children...))
}

func makes(when string, inputs, outputs []string) string {
	return fmt.Sprintf(`"type":"TransformationEvent","eventTime":%q,"inputEPCList":%s,"outputEPCList":%s`, when, list(inputs...), list(outputs...))
}

// of is a quantity element.
func of(class string, kg int) string {
	return fmt.Sprintf(`{"epcClass":%q,"quantity":%d,"uom":"KGM"}`, class, kg)
}

func seqs(j *trace.Journey) []uint64 {
	var out []uint64
	for _, r := range j.Records {
		out = append(out, r.Seq)
	}
	return out
}

func gaps(j *trace.Journey) string {
	var out []string
	for _, g := range j.Gaps {
		out = append(out, g.About)
	}
	return strings.Join(out, "\n")
}

func findEdge(j *trace.Journey, kind, from, to string) *trace.Edge {
	for i, e := range j.Graph.Edges {
		if e.Kind == kind && e.From == from && e.To == to {
			return &j.Graph.Edges[i]
		}
	}
	return nil
}

func TestOnlyWhatHappenedToTheContainerWhileTheItemWasInsideCounts(t *testing.T) {
	m := newMemory()
	bag, other, crate, truck := item(1, "A"), item(1, "B"), "https://id.gs1.org/8003/095211010000191", sscc(1)
	in := func(seq uint64) uint64 { return seq }
	m.event(t, orgA, object("OBSERVE", "storing", at(1, 8), crate)) // before
	want := []uint64{
		in(m.event(t, orgA, object("ADD", "commissioning", at(1, 9), bag, other))),
		in(m.event(t, orgA, pack("ADD", at(2, 9), crate, bag))),
	}
	m.event(t, orgA, pack("ADD", at(2, 10), crate, other)) // a sibling
	want = append(want,
		in(m.event(t, orgA, pack("ADD", at(3, 9), truck, crate))),
		in(m.event(t, orgA, object("OBSERVE", "departing", at(4, 9), truck))),
		in(m.event(t, orgB, fmt.Sprintf(`"type":"AggregationEvent","action":"DELETE","bizStep":"unloading","eventTime":%q,"parentID":%q`, at(5, 9), truck))),
	)
	m.event(t, orgB, object("OBSERVE", "cleaning", at(5, 10), truck)) // after
	want = append(want, in(m.event(t, orgB, pack("DELETE", at(6, 9), crate, bag))))
	m.event(t, orgB, object("OBSERVE", "storing", at(7, 9), crate)) // after
	late := m.eventAt(t, orgA, at(9, 9), object("OBSERVE", "inspecting", at(4, 12), crate))
	want = append(want, late)

	j := walk(t, m, bag, trace.Options{})
	if got := seqs(j); !slices.Equal(got, want) {
		t.Errorf("records %v, want %v", got, want)
	}
	if got := things(j); !slices.Equal(got, []string{truck, bag, crate}) {
		t.Errorf("things %v", got)
	}
	e := findEdge(j, trace.EdgeInside, crate, truck)
	if e == nil || e.Until == nil || e.Until.String() != at(5, 9) {
		t.Errorf("the crate's time in the truck is %+v", e)
	}
	if gaps(j) != "" {
		t.Errorf("gaps %s", gaps(j))
	}
}

func TestWhatEndsATimeInside(t *testing.T) {
	bag, one, two := item(1, "A"), sscc(1), sscc(2)
	for name, c := range map[string]struct {
		end   string
		until string
		gap   string
	}{
		"taken out":            {pack("DELETE", at(3, 0), one, bag), at(3, 0), ""},
		"everything taken out": {fmt.Sprintf(`"type":"AggregationEvent","action":"DELETE","eventTime":%q,"parentID":%q`, at(3, 0), one), at(3, 0), ""},
		"packed elsewhere":     {pack("ADD", at(3, 0), two, bag), at(3, 0), "No record says when it left " + two},
		"consumed":             {makes(at(3, 0), []string{bag}, []string{item(2, "C")}), at(3, 0), ""},
		"destroyed":            {object("OBSERVE", "destroying", at(3, 0), bag), at(3, 0), ""},
		"container destroyed":  {object("DELETE", "destroying", at(3, 0), one), at(3, 0), ""},
		"received by itself":   {object("OBSERVE", "receiving", at(3, 0), one, bag), at(3, 0), ""},
		"nothing":              {object("OBSERVE", "storing", at(3, 0), bag), "", "No record says when it left " + one},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMemory()
			m.event(t, orgA, object("ADD", "commissioning", at(1, 0), bag))
			m.event(t, orgA, pack("ADD", at(2, 0), one, bag))
			m.event(t, orgA, c.end)
			after := m.event(t, orgA, object("OBSERVE", "storing", at(4, 0), one))
			j := walk(t, m, bag, trace.Options{Direction: trace.Upstream})
			e := findEdge(j, trace.EdgeInside, bag, one)
			until := ""
			if e.Until != nil {
				until = e.Until.String()
			}
			if until != c.until {
				t.Errorf("inside until %q, want %q", until, c.until)
			}
			if got := slices.Contains(seqs(j), after); got != (c.until == "") {
				t.Errorf("what happened to the container afterwards is in the journey: %v", got)
			}
			if c.gap == "" && strings.Contains(gaps(j), "left") || !strings.Contains(gaps(j), c.gap) {
				t.Errorf("gaps %s", gaps(j))
			}
		})
	}
}

func TestVesselsAreNoContainers(t *testing.T) {
	m := newMemory()
	m.event(t, orgA, object("ADD", "commissioning", at(1, 0), sscc(1)))
	m.event(t, orgA, pack("ADD", at(2, 0), "urn:epc:id:imovn:9521100", sscc(1)))
	j := walk(t, m, sscc(1), trace.Options{})
	if got := things(j); len(got) != 1 {
		t.Errorf("things %v", got)
	}
}

func TestLotOfSeveralOriginsIsPossibleOnly(t *testing.T) {
	m := newMemory()
	for i, source := range []string{"P1", "P2"} {
		m.event(t, orgA, fmt.Sprintf(`"type":"ObjectEvent","action":"ADD","bizStep":"creating_class_instance","eventTime":%q,"quantityList":[%s]`, at(1, i), of(lot(1, source), 10)))
		m.event(t, orgA, fmt.Sprintf(`"type":"TransformationEvent","eventTime":%q,"inputQuantityList":[%s],"outputQuantityList":[%s]`, at(2, i), of(lot(1, source), 10), of(lot(2, "G"), 8)))
	}
	m.event(t, orgA, fmt.Sprintf(`"type":"TransformationEvent","eventTime":%q,"inputQuantityList":[%s],"outputEPCList":%s`, at(3, 0), of(lot(2, "G"), 4), list(item(3, "A"))))
	m.event(t, orgA, fmt.Sprintf(`"type":"TransformationEvent","eventTime":%q,"inputQuantityList":[%s],"outputEPCList":%s`, at(3, 1), of(lot(2, "G"), 12), list(item(3, "B"))))

	j := walk(t, m, item(3, "A"), trace.Options{Direction: trace.Upstream})
	if e := findEdge(j, trace.EdgeInput, lot(2, "G"), item(3, "A")); e == nil || e.Certainty != trace.Certain || e.Quantity != "4" || e.Unit != "KGM" {
		t.Errorf("lot to bag: %+v", e)
	}
	for _, source := range []string{"P1", "P2"} {
		if e := findEdge(j, trace.EdgeInput, lot(1, source), lot(2, "G")); e == nil || e.Certainty != trace.Possible || e.Quantity != "10" {
			t.Errorf("source to lot: %+v", e)
		}
	}
	// Asked for the lot itself, both are certain.
	j = walk(t, m, lot(2, "G"), trace.Options{Direction: trace.Upstream})
	if e := findEdge(j, trace.EdgeInput, lot(1, "P1"), lot(2, "G")); e == nil || e.Certainty != trace.Certain {
		t.Errorf("source to the lot asked for: %+v", e)
	}
	// Downstream of one source, the split lot may have gone into either bag.
	j = walk(t, m, lot(1, "P1"), trace.Options{Direction: trace.Downstream})
	if e := findEdge(j, trace.EdgeInput, lot(2, "G"), item(3, "B")); e == nil || e.Certainty != trace.Possible {
		t.Errorf("split lot to bag: %+v", e)
	}
}

func TestSplitLotMayHaveBeenInSeveralContainers(t *testing.T) {
	m := newMemory()
	m.event(t, orgA, fmt.Sprintf(`"type":"ObjectEvent","action":"ADD","bizStep":"creating_class_instance","eventTime":%q,"quantityList":[%s]`, at(1, 0), of(lot(1, "L"), 10)))
	for i := 1; i <= 2; i++ {
		m.event(t, orgA, fmt.Sprintf(`"type":"AggregationEvent","action":"ADD","eventTime":%q,"parentID":%q,"childQuantityList":[%s]`, at(2, i), sscc(i), of(lot(1, "L"), 5)))
	}
	j := walk(t, m, lot(1, "L"), trace.Options{})
	for i := 1; i <= 2; i++ {
		if e := findEdge(j, trace.EdgeInside, lot(1, "L"), sscc(i)); e == nil || e.Certainty != trace.Possible || e.Quantity != "5" {
			t.Errorf("lot inside %d: %+v", i, e)
		}
	}
}

func TestItemsBornByCommissioningComeFromWhatTheirLotWasMadeFrom(t *testing.T) {
	m := newMemory()
	m.event(t, orgA, fmt.Sprintf(`"type":"TransformationEvent","eventTime":%q,"inputQuantityList":[%s],"outputQuantityList":[%s]`, at(1, 0), of(lot(1, "P"), 10), of(lot(2, "L"), 8)))
	m.event(t, orgA, object("ADD", "commissioning", at(2, 0), item(2, "A"))+`,"ilmd":{"cbvmda:lotNumber":"L"}`)
	m.event(t, orgA, object("ADD", "commissioning", at(2, 1), item(2, "B"))+`,"ilmd":{"cbvmda:lotNumber":"L"}`)
	j := walk(t, m, item(2, "A"), trace.Options{Direction: trace.Upstream})
	if want := []string{lot(1, "P"), lot(2, "L"), item(2, "A")}; !slices.Equal(things(j), want) {
		t.Errorf("things %v, want %v", things(j), want)
	}
	j = walk(t, m, lot(1, "P"), trace.Options{Direction: trace.Downstream})
	if !slices.Contains(things(j), item(2, "B")) {
		t.Errorf("downstream of the parchment: %v", things(j))
	}
}

func TestTransformationSpreadOverSeveralEvents(t *testing.T) {
	m := newMemory()
	id := `,"transformationID":"urn:epcglobal:cbv:bt:9521101000009:T1"`
	m.event(t, orgA, fmt.Sprintf(`"type":"TransformationEvent","eventTime":%q,"inputEPCList":%s`, at(1, 0), list(item(1, "A")))+id)
	m.event(t, orgA, fmt.Sprintf(`"type":"TransformationEvent","eventTime":%q,"outputEPCList":%s`, at(1, 5), list(item(2, "C")))+id)
	if j := walk(t, m, item(2, "C"), trace.Options{Direction: trace.Upstream}); findEdge(j, trace.EdgeInput, item(1, "A"), item(2, "C")) == nil {
		t.Errorf("upstream %v", things(j))
	}
	if j := walk(t, m, item(1, "A"), trace.Options{Direction: trace.Downstream}); findEdge(j, trace.EdgeInput, item(1, "A"), item(2, "C")) == nil {
		t.Errorf("downstream %v", things(j))
	}
}

func TestCyclesDoNotHangAWalk(t *testing.T) {
	m := newMemory()
	m.event(t, orgA, makes(at(1, 0), []string{item(1, "A")}, []string{item(1, "B")}))
	m.event(t, orgA, makes(at(1, 1), []string{item(1, "B")}, []string{item(1, "A")}))
	m.event(t, orgA, pack("ADD", at(2, 0), sscc(1), sscc(2)))
	m.event(t, orgA, pack("ADD", at(2, 1), sscc(2), sscc(1), item(1, "A")))
	for _, id := range []string{item(1, "A"), sscc(1)} {
		j := walk(t, m, id, trace.Options{})
		if len(j.Graph.Nodes) < 2 || j.Continuation != "" {
			t.Errorf("%s: %v", id, things(j))
		}
	}
}

func TestRefusedRecordsAreStepsThatChangeNothing(t *testing.T) {
	m := newMemory()
	bag := item(1, "A")
	refused := trace.Finding{Severity: trace.Reject, Rule: "C1", Title: "born before"}
	repeated := trace.Finding{Severity: trace.Reject, Rule: "A6", Title: "already recorded"}
	m.event(t, orgA, object("ADD", "commissioning", at(1, 0), bag))
	clone := m.event(t, orgB, makes(at(2, 0), []string{item(9, "X")}, []string{bag}), refused)
	m.event(t, orgA, object("ADD", "commissioning", at(1, 0), bag), repeated)
	j := walk(t, m, bag, trace.Options{})
	if got := seqs(j); !slices.Equal(got, []uint64{0, clone}) {
		t.Errorf("records %v", got)
	}
	if !j.Steps[1].Refused || j.Steps[0].Refused {
		t.Errorf("steps %+v", j.Steps)
	}
	if got := things(j); !slices.Equal(got, []string{bag}) {
		t.Errorf("a refused record made things of the journey: %v", got)
	}
}

func TestEventDeclaredWrongByItsAuthorIsDisregarded(t *testing.T) {
	bag, crate := item(1, "A"), sscc(1)
	for name, c := range map[string]struct {
		by     string
		voided bool
	}{"its author": {orgA, true}, "somebody else": {orgB, false}} {
		t.Run(name, func(t *testing.T) {
			m := newMemory()
			m.event(t, orgA, object("ADD", "commissioning", at(1, 0), bag))
			wrong := `"eventID":"urn:uuid:1",` + pack("ADD", at(2, 0), crate, bag)
			m.event(t, orgA, wrong)
			m.eventAt(t, c.by, at(3, 0), wrong+fmt.Sprintf(`,"errorDeclaration":{"declarationTime":%q,"reason":"did_not_occur"}`, at(3, 0)))
			j := walk(t, m, bag, trace.Options{})
			if got := findEdge(j, trace.EdgeInside, bag, crate) == nil; got != c.voided {
				t.Errorf("disregarded: %v", got)
			}
			if j.Steps[1].Voided != c.voided {
				t.Errorf("steps %+v", j.Steps)
			}
		})
	}
}

func TestGapsAreVisible(t *testing.T) {
	m := newMemory()
	bag := item(1, "A")
	m.event(t, orgA, pack("OBSERVE", at(1, 0), sscc(1), bag))
	m.event(t, orgA, pack("DELETE", at(2, 0), sscc(1), bag))
	m.event(t, orgA, pack("DELETE", at(2, 1), sscc(2), bag))
	m.event(t, orgA, object("OBSERVE", "shipping", at(3, 0), bag))
	got := gaps(walk(t, m, bag, trace.Options{}))
	for _, want := range []string{
		"No record says where this was made.",
		"Seen inside " + sscc(1) + "; no record says when it was put there.",
		"Taken out of " + sscc(2) + "; no record says when it was put there.",
		"Shipped, but no record says that it was received.",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q in\n%s", want, got)
		}
	}
	m.event(t, orgB, object("OBSERVE", "receiving", at(4, 0), bag))
	if got := gaps(walk(t, m, bag, trace.Options{})); strings.Contains(got, "Shipped") {
		t.Errorf("received and still: %s", got)
	}
	m.event(t, orgA, object("OBSERVE", "receiving", at(5, 0), bag))
	if got := gaps(walk(t, m, bag, trace.Options{})); !strings.Contains(got, "Received, but no record says that it was shipped.") {
		t.Errorf("came back without being shipped: %s", got)
	}
}

func TestCertificateStatusAtTheEventAndToday(t *testing.T) {
	const certificate = "https://example.org/cert/1"
	context := `{"@context":["` + epcis.ContextURL + `",{"wm":"` + epcis.Vocabulary + `"}],"type":"wm:Certificate","id":"` + certificate +
		`","scheme":"https://example.org/organic","subject":"` + orgA + `","scope":["` + gtin(1) + `"],"validFrom":"` + at(1, 0) + `","validUntil":"` + at(20, 0) + `",`
	cite := `,"certificationInfo":"` + certificate + `"`
	for name, c := range map[string]struct {
		event, revoke, today string
		want, wantToday      string
	}{
		"holds":                   {at(2, 0), "", at(10, 0), "active", "active"},
		"expired since":           {at(2, 0), "", at(21, 0), "active", "expired"},
		"revoked since":           {at(2, 0), `"action":"revoke","reason":"x"`, at(10, 0), "active", "revoked"},
		"revoked from before":     {at(2, 0), `"action":"revoke","reason":"x","effectiveFrom":"` + at(1, 12) + `"`, at(10, 0), "revoked", "revoked"},
		"revoked from after":      {at(2, 0), `"action":"revoke","reason":"x","effectiveFrom":"` + at(3, 0) + `"`, at(10, 0), "active", "revoked"},
		"suspended since":         {at(2, 0), `"action":"suspend","reason":"x"`, at(10, 0), "active", "suspended"},
		"suspended from before":   {at(2, 0), `"action":"suspend","reason":"x","effectiveFrom":"` + at(1, 12) + `"`, at(10, 0), "suspended", "suspended"},
		"suspended and expired":   {at(2, 0), `"action":"suspend","reason":"x"`, at(21, 0), "active", "expired"},
		"used before it is valid": {"2026-02-27T00:00:00Z", "", at(10, 0), "not yet valid", "active"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMemory()
			m.add(t, orgB, epcis.KindCertificate, "2026-02-20T00:00:00Z", context+`"action":"issue"}`)
			m.event(t, orgA, object("ADD", "commissioning", c.event, item(1, "A"))+cite)
			if c.revoke != "" {
				m.add(t, orgB, epcis.KindCertificate, at(9, 0), context+c.revoke+`}`)
			}
			j := walk(t, m, item(1, "A"), trace.Options{Now: instant(t, c.today)})
			s := j.Certificates[0]
			if s.AtEvent != c.want || s.Today != c.wantToday || s.Issuer != orgB || len(s.Seqs) == 0 {
				t.Errorf("%+v", s)
			}
			if !slices.Contains(seqs(j), s.Seqs[0]) {
				t.Error("the certificate's own records are missing")
			}
		})
	}
	m := newMemory()
	m.event(t, orgA, object("ADD", "commissioning", at(2, 0), item(1, "A"))+cite)
	if s := walk(t, m, item(1, "A"), trace.Options{}).Certificates[0]; s.AtEvent != "unknown" || s.Today != "unknown" {
		t.Errorf("unknown certificate: %+v", s)
	}
	m.add(t, orgB, epcis.KindCertificate, at(3, 0), strings.Replace(context, gtin(1), gtin(2), 1)+`"action":"issue"}`)
	m.event(t, orgA, object("OBSERVE", "storing", at(4, 0), item(1, "B"))+cite)
	if s := walk(t, m, item(1, "B"), trace.Options{}).Certificates[0]; s.AtEvent != "out of scope" || s.Today != "active" {
		t.Errorf("certificate of other goods: %+v", s)
	}
}

// A certificate that a compromised key reinstated is suspended as before, until a good key
// reinstates it.
func TestWhatACompromisedKeyReinstatesStaysSuspended(t *testing.T) {
	m := newMemory()
	record := func(day int, action, more string) uint64 {
		return m.add(t, orgB, epcis.KindCertificate, at(day, 0), `{"@context":["`+epcis.ContextURL+`",{"wm":"`+epcis.Vocabulary+`"}],"type":"wm:Certificate","id":"urn:cert:9","action":"`+action+`"`+more+`}`)
	}
	record(1, "issue", `,"scheme":"urn:scheme","subject":"`+orgA+`","validFrom":"`+at(1, 0)+`","validUntil":"`+at(20, 0)+`"`)
	m.event(t, orgA, object("ADD", "commissioning", at(2, 0), item(1, "A"))+`,"certificationInfo":"urn:cert:9"`)
	record(3, "suspend", `,"reason":"residues"`)
	thief := record(4, "reinstate", `,"reason":"none"`)
	m.event(t, orgA, object("OBSERVE", "storing", at(5, 0), item(1, "A"))+`,"certificationInfo":"urn:cert:9"`)
	standing := func(today, atEvent string) {
		t.Helper()
		if s := walk(t, m, item(1, "A"), trace.Options{Now: instant(t, at(10, 0))}).Certificates[0]; s.Today != today || s.AtEvent != atEvent || !slices.Contains(s.Seqs, thief) {
			t.Errorf("%+v", s)
		}
	}
	standing("active", "active")
	m.signedBadly(thief)
	standing("suspended", "suspended")
	record(6, "reinstate", `,"reason":"clean"`)
	standing("active", "suspended")
}

// A reinstated certificate holds again from then on; between, it did not.
func TestASuspensionEnds(t *testing.T) {
	var s trace.CertificateState
	day := func(text string) epcis.Instant { return instant(t, text) }
	from := day(at(3, 0))
	s.Apply(&epcis.Certificate{Action: epcis.IssueCertificate, ValidFrom: day(at(1, 0)), ValidUntil: day(at(20, 0))}, 10, day(at(1, 0)), orgB)
	s.Apply(&epcis.Certificate{Action: epcis.SuspendCertificate, EffectiveFrom: &from}, 20, day(at(5, 0)), orgC)
	s.Apply(&epcis.Certificate{Action: epcis.ReinstateCertificate}, 30, day(at(7, 0)), orgB)
	if s.Intervals[1].By != orgC || s.Intervals[2].By != "" || *s.Intervals[1].ToSeq != 30 || s.Intervals[2].ToSeq != nil {
		t.Errorf("%+v", s.Intervals)
	}
	for _, c := range []struct {
		happened, recorded string
		seq                uint64
		want               string
	}{
		{at(2, 0), at(2, 0), 15, "active"},
		{at(2, 0), at(6, 0), 25, "suspended"}, // recorded while it was suspended
		{at(4, 0), at(4, 0), 15, "suspended"}, // recorded before, happened within
		{at(6, 0), at(8, 0), 35, "suspended"}, // recorded after, happened within
		{at(7, 0), at(8, 0), 35, "active"},
		{at(2, 0), at(8, 0), 35, "active"},
		{at(21, 0), at(21, 0), 35, "expired"},
	} {
		if got := s.At(day(c.happened), day(c.recorded), c.seq); got != c.want {
			t.Errorf("happened %s, recorded %s at %d: %s, not %s", c.happened, c.recorded, c.seq, got, c.want)
		}
	}
}

func TestACertificateRestsOnItsAccreditation(t *testing.T) {
	const certificate, accreditation = "https://example.org/cert/1", "https://example.org/acc/1"
	context := `{"@context":["` + epcis.ContextURL + `",{"wm":"` + epcis.Vocabulary + `"}],"type":"wm:Certificate","id":"`
	validity := `,"scheme":"https://example.org/organic","validFrom":"` + at(1, 0) + `","validUntil":"` + at(20, 0) + `"}`
	m := newMemory()
	acc := m.add(t, orgC, epcis.KindCertificate, at(1, 0), context+accreditation+`","action":"issue","subject":"`+orgB+`","accredits":["https://example.org/organic"]`+validity)
	m.add(t, orgB, epcis.KindCertificate, at(1, 0), context+certificate+`","action":"issue","subject":"`+orgA+`","accreditation":"`+accreditation+`"`+validity)
	m.event(t, orgA, object("ADD", "commissioning", at(2, 0), item(1, "A"))+`,"certificationInfo":"`+certificate+`"`)
	suspended := m.add(t, orgC, epcis.KindCertificate, at(4, 0), context+accreditation+`","action":"suspend","reason":"x"}`)
	m.event(t, orgA, object("OBSERVE", "storing", at(5, 0), item(1, "B"))+`,"certificationInfo":"`+certificate+`"`)

	j := walk(t, m, item(1, "A"), trace.Options{Now: instant(t, at(6, 0))})
	if len(j.Certificates) != 2 {
		t.Fatalf("%+v", j.Certificates)
	}
	of, cited := j.Certificates[0], j.Certificates[1]
	if of.ID != accreditation || of.AtEvent != "active" || of.Today != "suspended" || len(of.CitedBy) != 0 || !slices.Equal(of.Seqs, []uint64{acc, suspended}) || len(of.Accredits) != 1 {
		t.Errorf("the accreditation: %+v", of)
	}
	if cited.AtEvent != "active" || cited.Today != "not accredited" || cited.Accreditation != accreditation {
		t.Errorf("the certificate: %+v", cited)
	}
	if !slices.Contains(seqs(j), acc) || !slices.Contains(seqs(j), suspended) {
		t.Error("the accreditation's own records are missing")
	}
	later := walk(t, m, item(1, "B"), trace.Options{}).Certificates
	if later[0].AtEvent != "suspended" || later[1].AtEvent != "not accredited" {
		t.Errorf("cited while the accreditation is suspended: %+v", later)
	}
}

func TestUnknownThings(t *testing.T) {
	m := laneLedger(t)
	for _, id := range []string{item(7, "none"), "", "urn:nothing", "https://id.gs1.org/01/09521104000020/21/R9"} {
		if _, err := trace.Walk(m, id, trace.Options{}); !errors.Is(err, trace.ErrUnknown) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestContinuationYieldsTheRest(t *testing.T) {
	m := laneLedger(t)
	for _, id := range []string{laneBag, laneMRN, laneContainer} {
		for _, d := range []trace.Direction{trace.Upstream, trace.Downstream, trace.Both} {
			whole := walk(t, m, id, trace.Options{Direction: d})
			records, nodes, edges := map[uint64]bool{}, map[string]bool{}, map[string]bool{}
			o := trace.Options{Direction: d, MaxNodes: 50}
			for page := 0; ; page++ {
				j := walk(t, m, id, o)
				if len(j.Graph.Nodes) > o.MaxNodes {
					t.Fatalf("%d nodes", len(j.Graph.Nodes))
				}
				for _, r := range j.Records {
					records[r.Seq] = true
				}
				for _, n := range j.Graph.Nodes {
					nodes[n.ID] = true
				}
				for _, e := range j.Graph.Edges {
					edges[e.Kind+e.From+e.To] = true
				}
				if j.Continuation == "" {
					break
				}
				if page == 200 {
					t.Fatal("no end")
				}
				o.Continue = j.Continuation
			}
			for _, r := range whole.Records {
				if !records[r.Seq] {
					t.Errorf("%s %s: record %d is on no page", id, d, r.Seq)
				}
			}
			for _, n := range whole.Graph.Nodes {
				if !nodes[n.ID] && n.Namespace != trace.NSTransaction {
					t.Errorf("%s %s: %s is on no page", id, d, n.ID)
				}
			}
			for _, e := range whole.Graph.Edges {
				if !edges[e.Kind+e.From+e.To] && e.Kind != trace.EdgeDocument {
					t.Errorf("%s %s: edge %+v is on no page", id, d, e)
				}
			}
		}
	}
}

func TestStopAndDepthEndAWalk(t *testing.T) {
	m := laneLedger(t)
	asked := 0
	j := walk(t, m, laneBag, trace.Options{Direction: trace.Upstream, Stop: func() bool { asked++; return asked > 2 }})
	if j.Continuation == "" || len(j.Graph.Nodes) == 0 {
		t.Errorf("%d nodes, continuation %q", len(j.Graph.Nodes), j.Continuation)
	}
	j = walk(t, m, laneBag, trace.Options{Direction: trace.Upstream, MaxDepth: 2})
	if !strings.Contains(gaps(j), "Not followed further") {
		t.Errorf("gaps %s", gaps(j))
	}
	for _, n := range j.Graph.Nodes {
		if n.Depth > 2 && n.Namespace != trace.NSTransaction {
			t.Errorf("%+v", n)
		}
	}
}

// What goes into a container more than once is inside of it once, a lot with all of its
// amounts that are of one unit. What is only seen there adds nothing.
func TestPackedMoreThanOnce(t *testing.T) {
	amount := func(action string, hour int, quantity string) string {
		return fmt.Sprintf(`"type":"AggregationEvent","action":%q,"eventTime":%q,"parentID":%q,"childQuantityList":[%s]`, action, at(3, hour), sscc(1), quantity)
	}
	m := newMemory()
	m.event(t, orgA, object("ADD", "commissioning", at(2, 0), item(1, "A")))
	m.event(t, orgA, holding(lot(1, "L"), at(2, 0), ""))
	for hour := range 2 {
		m.event(t, orgA, pack("ADD", at(3, hour), sscc(1), item(1, "A")))
		m.event(t, orgA, amount("ADD", hour, of(lot(1, "L"), 8+hour)+","+of(lot(1, "L"), 2)))
	}
	m.event(t, orgA, amount("OBSERVE", 2, of(lot(1, "L"), 21)))
	m.event(t, orgA, amount("ADD", 3, fmt.Sprintf(`{"epcClass":%q,"quantity":4}`, lot(1, "L"))))
	for id, quantity := range map[string]string{item(1, "A"): "", lot(1, "L"): "21"} {
		var inside []trace.Edge
		j := walk(t, m, id, trace.Options{})
		for _, e := range j.Graph.Edges {
			if e.Kind == trace.EdgeInside && e.From == id {
				inside = append(inside, e)
			}
		}
		if len(inside) != 1 || inside[0].Quantity != quantity || inside[0].Since.String() != instant(t, at(3, 0)).String() {
			t.Errorf("%s: %+v", id, inside)
		}
		if e := findEdge(walk(t, m, sscc(1), trace.Options{}), trace.EdgeInside, id, sscc(1)); e == nil || e.Quantity != quantity {
			t.Errorf("%s, as the container has it: %+v", id, e)
		}
	}
}

// All of a lot is in a container for certain only where that holds as much as was ever
// made, and no other holds any at the same time.
func TestWhetherAllOfALotIsInside(t *testing.T) {
	packed := func(action string, hour, pallet, kg int) string {
		return fmt.Sprintf(`"type":"AggregationEvent","action":%q,"eventTime":%q,"parentID":%q,"childQuantityList":[%s]`, action, at(3, hour), sscc(pallet), of(lot(1, "L"), kg))
	}
	made := func(action string, kg int) string {
		return fmt.Sprintf(`"type":"ObjectEvent","action":%q,"bizStep":"commissioning","eventTime":%q,"quantityList":[%s]`, action, at(2, 0), of(lot(1, "L"), kg))
	}
	transformed := fmt.Sprintf(`"type":"TransformationEvent","eventTime":%q,"inputQuantityList":[%s],"outputQuantityList":[%s]`, at(2, 0), of(lot(2, "IN"), 11), of(lot(1, "L"), 10))
	for name, c := range map[string]struct {
		events []string
		want   trace.Certainty
	}{
		"all that was commissioned":   {[]string{made("ADD", 10), packed("ADD", 1, 1, 10)}, trace.Certain},
		"all that came out of inputs": {[]string{transformed, packed("ADD", 1, 1, 10)}, trace.Certain},
		"in two parts":                {[]string{made("ADD", 10), packed("ADD", 1, 1, 4), packed("ADD", 2, 1, 6)}, trace.Certain},
		"a part":                      {[]string{made("ADD", 10), packed("ADD", 1, 1, 9)}, trace.Possible},
		"more was made":               {[]string{made("ADD", 10), made("ADD", 1), packed("ADD", 1, 1, 10)}, trace.Possible},
		"seen, not made":              {[]string{made("OBSERVE", 10), packed("ADD", 1, 1, 10)}, trace.Possible},
		"from one to the other":       {[]string{made("ADD", 10), packed("ADD", 1, 1, 10), packed("DELETE", 2, 1, 10), packed("ADD", 3, 2, 10)}, trace.Certain},
		"in two at once":              {[]string{made("ADD", 10), packed("ADD", 1, 1, 10), packed("ADD", 2, 2, 10)}, trace.Possible},
	} {
		m := newMemory()
		for _, e := range c.events {
			m.event(t, orgA, e)
		}
		e := findEdge(walk(t, m, lot(1, "L"), trace.Options{Direction: trace.Upstream}), trace.EdgeInside, lot(1, "L"), sscc(1))
		if e == nil || e.Certainty != c.want {
			t.Errorf("%s: %+v, want %s", name, e, c.want)
		}
	}
}

// What is as deep as may be is part of the walk; what is deeper is told of.
func TestDepthOfAWalk(t *testing.T) {
	m := laneLedger(t)
	o := trace.Options{Direction: trace.Upstream}
	whole := walk(t, m, laneBag, o)
	for _, n := range whole.Graph.Nodes {
		if n.Namespace != trace.NSTransaction {
			o.MaxDepth = max(o.MaxDepth, n.Depth)
		}
	}
	if j := walk(t, m, laneBag, o); len(j.Graph.Nodes) != len(whole.Graph.Nodes) || strings.Contains(gaps(j), "Not followed further") {
		t.Errorf("%d steps suffice: %d nodes of %d, gaps %s", o.MaxDepth, len(j.Graph.Nodes), len(whole.Graph.Nodes), gaps(j))
	}
	o.MaxDepth--
	if j := walk(t, m, laneBag, o); len(j.Graph.Nodes) >= len(whole.Graph.Nodes) || !strings.Contains(gaps(j), "Not followed further") {
		t.Errorf("%d steps do not: %d nodes, gaps %s", o.MaxDepth, len(j.Graph.Nodes), gaps(j))
	}
}

// What is known from refusals alone is not unknown: nobody is told that nothing was
// ever said of it.
func TestWhatOnlyRefusedRecordsName(t *testing.T) {
	m := newMemory()
	refused := m.event(t, orgB, object("ADD", "commissioning", at(2, 0), item(1, "A")), trace.Finding{Severity: trace.Reject, Rule: "A2", Title: "another's prefix"})
	j := walk(t, m, item(1, "A"), trace.Options{})
	if !slices.Equal(seqs(j), []uint64{refused}) || !j.Records[0].Rejected() {
		t.Errorf("records %+v", j.Records)
	}
}

func TestContinuationOfAnotherWalkIsRefused(t *testing.T) {
	m := laneLedger(t)
	token := walk(t, m, laneBag, trace.Options{Direction: trace.Upstream, MaxNodes: 2}).Continuation
	for name, c := range map[string]struct {
		id string
		o  trace.Options
	}{
		"another id":        {laneContainer, trace.Options{Direction: trace.Upstream, Continue: token}},
		"another direction": {laneBag, trace.Options{Direction: trace.Downstream, Continue: token}},
		"no token":          {laneBag, trace.Options{Direction: trace.Upstream, Continue: "§"}},
		"torn":              {laneBag, trace.Options{Direction: trace.Upstream, Continue: token[:len(token)/2]}},
	} {
		if _, err := trace.Walk(m, c.id, c.o); !errors.Is(err, trace.ErrContinuation) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzContinuation(f *testing.F) {
	m := laneLedger(f)
	for _, n := range []int{1, 2, 5} {
		f.Add(walk(f, m, laneBag, trace.Options{Direction: trace.Upstream, MaxNodes: n}).Continuation)
	}
	f.Add("")
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, token string) {
		_, err := trace.Walk(m, laneBag, trace.Options{Direction: trace.Upstream, Continue: token, MaxNodes: 20})
		if err != nil && !errors.Is(err, trace.ErrContinuation) {
			t.Fatal(err)
		}
	})
}

// A declaration is about what was recorded before it: a later event of the same eventID stands.
func TestWhatIsRecordedAfterADeclarationOfItsEventIDStands(t *testing.T) {
	m := newMemory()
	m.event(t, orgA, object("ADD", "commissioning", at(1, 0), item(1, "A")))
	m.event(t, orgA, object("OBSERVE", "storing", at(2, 0), item(1, "A"))+`,"eventID":"urn:uuid:1"`+wrong)
	in := m.event(t, orgA, pack("ADD", at(3, 0), sscc(1), item(1, "A"))+`,"eventID":"urn:uuid:1"`)
	j := walk(t, m, item(1, "A"), trace.Options{})
	if findEdge(j, trace.EdgeInside, item(1, "A"), sscc(1)) == nil {
		t.Errorf("record %d counts as declared wrong: %+v", in, j.Steps)
	}
}
