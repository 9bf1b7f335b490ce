package epcis

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

const stdContext = `"@context":"https://ref.gs1.org/standards/epcis/epcis-context.jsonld"`

func TestDecodeReadsAnEvent(t *testing.T) {
	r, err := Decode(KindEvent, []byte(oneKilobyte))
	if err != nil {
		t.Fatal(err)
	}
	e := r.Event
	if e.Type != ObjectEvent || e.Action != Observe || e.Time != (Instant{Seconds: 1775241211, Nanos: 116000000}) || e.ZoneOffset != "+02:00" {
		t.Errorf("what and when: %+v", e)
	}
	if e.BizStep != "https://ref.gs1.org/cbv/BizStep-shipping" || e.Disposition != "https://ref.gs1.org/cbv/Disp-in_transit" {
		t.Errorf("vocabulary: %s, %s", e.BizStep, e.Disposition)
	}
	if len(e.EPCs) != 3 || e.EPCs[0].Level != Item || !strings.HasPrefix(e.EPCs[0].URI, "https://id.gs1.org/01/") {
		t.Errorf("epcList: %+v", e.EPCs)
	}
	if q := e.Quantities; len(q) != 1 || q[0].Class.Level != Lot || q[0].Amount.String() != "200.5" || q[0].Unit != "KGM" {
		t.Errorf("quantityList: %+v", q)
	}
	if e.Transactions[0].Type != "https://ref.gs1.org/cbv/BTT-po" || e.Sources[0].Type != "https://ref.gs1.org/cbv/SDT-owning_party" {
		t.Errorf("types: %+v, %+v", e.Transactions, e.Sources)
	}
	if len(e.Certificates) != 1 || len(e.Extensions.Members) != 1 || e.Extensions.Get("https://ns.example.com/epcis/seal").Str != "AB-1234" {
		t.Errorf("certificates %v, extensions %+v", e.Certificates, e.Extensions)
	}
}

func TestDecodeExpandsExtensions(t *testing.T) {
	in := `{"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld",{"a":"https://a.example/","b":{"@id":"a:b/"},"loop":"pool:x","pool":"loop:y"}],
	"type":"TransformationEvent","eventTime":"2026-04-03T20:33:31Z","eventTimeZoneOffset":"+00:00","transformationID":"urn:x:1","outputEPCList":["urn:x:2"],
	"ilmd":{"b:one":{"@context":{"a":"https://inner.example/"},"a:x":[{"a:y":1}]},"unknown:two":2},"a:three":null,"https://full.example/four":4,"loop:five":5,"gs1:six":6}`
	r, err := Decode(KindEvent, []byte(in))
	if err != nil {
		t.Fatal(err)
	}
	e := r.Event
	if got := names(e.ILMD); !reflect.DeepEqual(got, []string{"https://a.example/b/one", "unknown:two"}) {
		t.Errorf("ilmd has %q", got)
	}
	one := e.ILMD.Get("https://a.example/b/one").Obj
	if x := one.Get("https://inner.example/x"); x == nil || x.Items[0].Obj.Get("https://inner.example/y") == nil {
		t.Errorf("the inner context is not applied: %q", names(one))
	}
	if got := names(e.Extensions); !reflect.DeepEqual(got, []string{"https://a.example/three", "https://full.example/four", "loop:five", "https://ref.gs1.org/voc/six"}) {
		t.Errorf("extensions are %q", got)
	}
}

func names(o *Object) []string {
	var names []string
	for _, m := range o.Members {
		names = append(names, m.Name)
	}
	return names
}

// Consensus decodes what anyone signs: a context must not make that cost the
// square of a record's length.
func TestDecodeIsCheapWithALargeContext(t *testing.T) {
	var terms, uses strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&terms, `,"p%d":"p%d:x/"`, i, (i+1)%1000)
	}
	for i := range 12_000 {
		fmt.Fprintf(&uses, `,"p%d:n%d":1`, i%1000, i)
	}
	rest := `,"type":"ObjectEvent",` + someEvent + uses.String() + `}`
	before := time.Now()
	for _, context := range []string{
		`{"a":"https://a.example/"` + terms.String() + `}`,
		`[` + strings.TrimSuffix(strings.Repeat(`{},`, 250), ",") + `,{"a":"https://a.example/"` + terms.String() + `}]`,
	} {
		if _, err := Decode(KindEvent, []byte(`{"@context":`+context+rest)); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(before); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
	for _, context := range []string{
		`[` + strings.TrimSuffix(strings.Repeat(`{},`, 257), ",") + `]`,
		`{"a":"https://a.example/"` + terms.String() + strings.ReplaceAll(terms.String(), `,"p`, `,"q`) + `}`,
	} {
		var fault *SyntaxError
		if _, err := Decode(KindEvent, []byte(`{"@context":`+context+rest)); !errors.As(err, &fault) || fault.Pointer != "/@context" {
			t.Errorf("a context past the limits: %v", err)
		}
	}
}

func TestDecodeRefusesWithThePlace(t *testing.T) {
	object := `"type":"ObjectEvent",` + someEvent
	for _, c := range []struct {
		name    string
		kind    Kind
		in      string
		pointer string
	}{
		{"unknown kind", "customs", `{}`, ""},
		{"no object", KindEvent, `[]`, ""},
		{"no context", KindEvent, `{` + object + `}`, ""},
		{"null context", KindEvent, `{"@context":null,` + object + `}`, "/@context"},
		{"relative context", KindEvent, `{"@context":["epcis"],` + object + `}`, "/@context/0"},
		{"null in the context", KindEvent, `{"@context":["https://x.example/",null],` + object + `}`, "/@context/1"},
		{"alias of a keyword", KindEvent, `{"@context":{"kind":"@type"},` + object + `}`, "/@context/kind"},
		{"redefined scheme", KindEvent, `{"@context":{"urn":"https://x.example/"},` + object + `}`, "/@context/urn"},
		{"no type", KindEvent, `{` + stdContext + `,` + someEvent + `}`, ""},
		{"extended type", KindEvent, `{` + stdContext + `,"type":"ex:Event",` + someEvent + `}`, "/type"},
		{"field of another type", KindEvent, `{` + stdContext + `,` + object + `,"childEPCs":[]}`, "/childEPCs"},
		{"action of a transformation", KindEvent, `{` + stdContext + `,"type":"TransformationEvent",` + someEvent + `}`, "/action"},
		{"near miss", KindEvent, `{` + stdContext + `,` + object + `,"EventID":"urn:x:1"}`, "/EventID"},
		{"near miss by a long s", KindEvent, `{` + stdContext + `,` + object + `,"di\u017fposition":"x"}`, "/diſposition"},
		{"epc is a number", KindEvent, `{` + stdContext + `,` + strings.Replace(object, `["https`, `[7,"https`, 1) + `}`, "/epcList/0"},
		{"epc with a space", KindEvent, `{` + stdContext + `,` + strings.Replace(object, `/21/1`, `/21/ 1`, 1) + `}`, "/epcList/0"},
		{"not NFC", KindEvent, `{` + stdContext + `,` + strings.Replace(object, `/21/1`, `/21/e\u0301`, 1) + `}`, "/epcList/0"},
		{"quantity is text", KindEvent, `{` + stdContext + `,` + object + `,"quantityList":[{"epcClass":"urn:x:1","quantity":"1"}]}`, "/quantityList/0/quantity"},
		{"quantity without class", KindEvent, `{` + stdContext + `,` + object + `,"quantityList":[{"quantity":1}]}`, "/quantityList/0"},
		{"disposition set is no list", KindEvent, `{` + stdContext + `,` + object + `,"persistentDisposition":{"set":["x",2]}}`, "/persistentDisposition/set/1"},
		{"corrective event is no URI", KindEvent, `{` + stdContext + `,` + object + `,"errorDeclaration":{"declarationTime":"2026-04-03T20:33:31Z","correctiveEventIDs":[""]}}`, "/errorDeclaration/correctiveEventIDs/0"},
		{"source without type", KindEvent, `{` + stdContext + `,` + object + `,"sourceList":[{"source":"urn:x:1"}]}`, "/sourceList/0"},
		{"offset", KindEvent, `{` + stdContext + `,` + strings.Replace(object, "+00:00", "+14:30", 1) + `}`, "/eventTimeZoneOffset"},
		{"certificate without type", KindCertificate, `{` + stdContext + `,"action":"issue"}`, ""},
		{"certificate of the wrong type", KindCertificate, `{` + stdContext + `,"type":"wm:Certificate"}`, "/type"},
		{"master data without id", KindMasterData, `{"@context":{"wm":"https://waymark-ledger.github.io/voc/"},"type":"wm:MasterData","vocabulary":"urn:x:1"}`, ""},
		{"attribute without id", KindMasterData, `{"@context":{"wm":"https://waymark-ledger.github.io/voc/"},"type":"wm:MasterData","vocabulary":"urn:x:1","id":"urn:x:2","attributes":[{}]}`, "/attributes/0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Decode(c.kind, []byte(c.in))
			var fault *SyntaxError
			if !errors.As(err, &fault) {
				t.Fatalf("got %v", err)
			}
			if fault.Pointer != c.pointer || fault.Reason == "" {
				t.Errorf("got %q (%s), want %q", fault.Pointer, fault.Reason, c.pointer)
			}
		})
	}
}

func TestDecodeNeedsWhatEachTypeNeeds(t *testing.T) {
	const when = stdContext + `,"eventTime":"2026-04-03T20:33:31Z","eventTimeZoneOffset":"+00:00"`
	for in, ok := range map[string]bool{
		`{` + when + `,"type":"ObjectEvent","action":"ADD","epcList":[]}`:                                                                   true,
		`{` + when + `,"type":"ObjectEvent","action":"ADD"}`:                                                                                false,
		`{` + when + `,"type":"ObjectEvent","epcList":["urn:x:1"]}`:                                                                         false,
		`{` + when + `,"type":"ObjectEvent","action":"ADD","quantityList":[]}`:                                                              false,
		`{` + when + `,"type":"ObjectEvent","action":"OBSERVE","sensorElementList":[{}],"readPoint":{"id":"urn:x:1"}}`:                      true,
		`{` + when + `,"type":"ObjectEvent","action":"OBSERVE","sensorElementList":[{}]}`:                                                   false,
		`{` + when + `,"type":"ObjectEvent","action":"DELETE","epcList":[],"ilmd":{}}`:                                                      false,
		`{` + when + `,"type":"AggregationEvent","action":"DELETE","parentID":"urn:x:1"}`:                                                   true,
		`{` + when + `,"type":"AggregationEvent","action":"ADD","parentID":"urn:x:1"}`:                                                      false,
		`{` + when + `,"type":"AssociationEvent","action":"ADD","childEPCs":["urn:x:1"]}`:                                                   false,
		`{` + when + `,"type":"AssociationEvent","action":"ADD","parentID":"urn:x:2","childEPCs":["urn:x:1"]}`:                              true,
		`{` + when + `,"type":"TransactionEvent","action":"ADD","epcList":["urn:x:1"]}`:                                                     false,
		`{` + when + `,"type":"TransactionEvent","action":"ADD","epcList":["urn:x:1"],"bizTransactionList":[{"bizTransaction":"urn:x:2"}]}`: true,
		`{` + when + `,"type":"TransactionEvent","action":"DELETE","bizTransactionList":[{"bizTransaction":"urn:x:2"}]}`:                    true,
		`{` + when + `,"type":"TransformationEvent","inputEPCList":["urn:x:1"],"outputEPCList":["urn:x:2"]}`:                                true,
		`{` + when + `,"type":"TransformationEvent","inputEPCList":["urn:x:1"]}`:                                                            false,
		`{` + when + `,"type":"TransformationEvent","transformationID":"urn:x:3","inputEPCList":["urn:x:1"]}`:                               true,
		`{` + when + `,"type":"TransformationEvent","transformationID":"urn:x:3"}`:                                                          false,
		`{` + stdContext + `,"type":"ObjectEvent","action":"ADD","epcList":[],"eventTimeZoneOffset":"+00:00"}`:                              false,
		`{` + stdContext + `,"type":"ObjectEvent","action":"ADD","epcList":[],"eventTime":"2026-04-03T20:33:31Z"}`:                          false,
	} {
		if _, err := Decode(KindEvent, []byte(in)); (err == nil) != ok {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func TestCertificateIsReadAsItIsWritten(t *testing.T) {
	from, until := Instant{Seconds: 1770000000}, Instant{Seconds: 1800000000, Nanos: 1}
	issue := &Certificate{
		Action: IssueCertificate, ID: Canonical("https://id.gs1.org/253/9521106000006ORG1"), Scheme: "https://schemes.example/organic",
		Subject: Canonical("urn:epc:id:pgln:9521101.00000"), Scope: []ID{Canonical("https://id.gs1.org/01/09521102000015"), Canonical("urn:x:a\"b")},
		ValidFrom: from, ValidUntil: until,
	}
	revoke := &Certificate{Action: RevokeCertificate, ID: issue.ID, Reason: "pesticide „found“\n", EffectiveFrom: &until}
	accredited := *issue
	accredited.HSCodes, accredited.Accredits, accredited.Accreditation = []string{"09", "210111"}, []string{"urn:scheme:1"}, Canonical("urn:acc:1")
	accredited.Activities = []string{NamespaceCBV + "BizStep-packing", "https://schemes.example/preparation"}
	accredited.Imported = &Value{Kind: Array, Items: []*Value{}}
	suspend := &Certificate{Action: SuspendCertificate, ID: issue.ID, Reason: "late", ReasonCode: "nonconformity"}
	reinstate := &Certificate{Action: ReinstateCertificate, ID: issue.ID, Reason: "done", EffectiveFrom: &from}
	for _, c := range []*Certificate{issue, revoke, &accredited, suspend, reinstate} {
		b := c.JSON()
		r, err := Decode(KindCertificate, b)
		if err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		if imported := r.Certificate.Imported; imported != nil { // it knows where it stood
			r.Certificate.Imported = &Value{Kind: imported.Kind, Items: []*Value{}}
		}
		if !reflect.DeepEqual(r.Certificate, c) {
			t.Errorf("wrote %+v, read %+v", c, r.Certificate)
		}
		if string(r.Certificate.JSON()) != string(b) {
			t.Errorf("written again it is %s, not %s", r.Certificate.JSON(), b)
		}
	}
	for _, wrong := range []string{
		strings.Replace(string(issue.JSON()), `"issue"`, `"suspend"`, 1),
		strings.Replace(string(accredited.JSON()), `"09"`, `"9"`, 1),
		strings.Replace(string(accredited.JSON()), `"hsCodes"`, `"HsCodes"`, 1),
		strings.Replace(string(accredited.JSON()), `"action"`, `"reasonCode":"x","action"`, 1),
		strings.Replace(string(reinstate.JSON()), `"reason"`, `"because"`, 1),
		strings.Replace(string(issue.JSON()), `,"scheme":"https://schemes.example/organic"`, ``, 1),
		strings.Replace(string(issue.JSON()), `"validUntil":"2027`, `"validUntil":"2007`, 1),
		strings.Replace(string(issue.JSON()), `"action"`, `"reason":"x","action"`, 1),
		strings.Replace(string(revoke.JSON()), `"reason"`, `"Reason"`, 1),
		strings.Replace(string(revoke.JSON()), `,"reason":"pesticide „found“\n"`, ``, 1),
	} {
		if _, err := Decode(KindCertificate, []byte(wrong)); err == nil {
			t.Errorf("accepted: %s", wrong)
		}
	}
}

func TestMasterDataIsReadAsItIsWritten(t *testing.T) {
	hs, err := ParseDecimal("60.50")
	if err != nil {
		t.Fatal(err)
	}
	m := &MasterData{
		Vocabulary: VocabularyClass, ID: Canonical("https://id.gs1.org/01/09521102000015"), Name: "Green coffee",
		Attributes: []Attribute{
			{ID: "urn:epcglobal:cbv:mda:netContent", Value: NumberValue(hs)},
			{ID: "urn:epcglobal:cbv:mda:descriptionShort", Value: Text("Green coffee")},
		},
		Children: []ID{Canonical("urn:x:1")},
	}
	b := m.JSON()
	r, err := Decode(KindMasterData, b)
	if err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	if got := r.MasterData; got.Name != m.Name || got.ID != m.ID || got.Vocabulary != m.Vocabulary || !reflect.DeepEqual(got.Children, m.Children) ||
		got.Attributes[0].Value.Str != "60.5" || string(got.JSON()) != string(b) {
		t.Errorf("wrote %s, read %+v", b, got)
	}
}

func TestEqualSeesThroughFormsOnly(t *testing.T) {
	a := `{"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld",{"e":"https://ns.example.com/epcis/"}],"type":"ObjectEvent",` +
		`"eventTime":"2026-04-03T22:33:31.100+02:00","eventTimeZoneOffset":"+02:00","action":"OBSERVE","bizStep":"shipping","recordTime":"2026-04-04T00:00:00Z",` +
		`"epcList":["urn:epc:id:sgtin:9521102.000001.1"],"quantityList":[{"epcClass":"urn:epc:class:lgtin:9521102.000001.L","quantity":1.50e1}],"e:x":{"e:y":1.0},` +
		`"certificationInfo":"urn:x:c"}`
	b := `{"certificationInfo":["urn:x:c"],"e2:x":{"e2:y":1},"quantityList":[{"quantity":15,"epcClass":"https://id.gs1.org/01/09521102000015/10/L"}],` +
		`"epcList":["https://example.com/01/09521102000015/21/1"],"bizStep":"cbv:BizStep-shipping","action":"OBSERVE","eventTimeZoneOffset":"+02:00",` +
		`"eventTime":"2026-04-03T20:33:31.1Z","type":"ObjectEvent","@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld",{"e2":"https://ns.example.com/epcis/"}]}`
	if same, where := Equal([]byte(a), []byte(b)); !same {
		t.Errorf("the same event differs: %s", where)
	}
	for _, change := range [][2]string{
		{`.1Z`, `.2Z`}, {`BizStep-shipping`, `BizStep-arriving`}, {`/21/1`, `/21/2`}, {`:15,`, `:15.01,`}, {`/10/L`, `/10/M`},
		{`{"e2":"https://ns.example.com/epcis/"}`, `{"e2":"https://ns.example.com/other/"}`}, {`"e2:y":1`, `"e2:y":"1"`}, {`"+02:00"`, `"+01:00"`},
		{`"urn:x:c"`, `"urn:x:d"`}, {`"type"`, `"e2:z":null,"type"`},
	} {
		changed := strings.Replace(b, change[0], change[1], 1)
		if changed == b {
			t.Fatalf("%s is not there", change[0])
		}
		if same, _ := Equal([]byte(a), []byte(changed)); same {
			t.Errorf("%s for %s makes no difference", change[1], change[0])
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(oneKilobyte))
	for name, verdict := range verdicts(f) {
		if verdict != "valid" {
			continue
		}
		doc, err := Split(document(f, name))
		if err != nil {
			f.Fatal(err)
		}
		for _, record := range doc.Events {
			f.Add(record)
		}
		for _, record := range doc.MasterData {
			f.Add(record)
		}
	}
	f.Add((&Certificate{Action: IssueCertificate, ID: ID{URI: "urn:x:1"}, Scheme: "urn:x:2", Subject: ID{URI: "urn:x:3"}, ValidUntil: Instant{Seconds: 1}}).JSON())
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, kind := range []Kind{KindEvent, KindCertificate, KindMasterData, KindCustoms, KindGovernance} {
			r, err := Decode(kind, in)
			if err != nil {
				var fault *SyntaxError
				if !errors.As(err, &fault) || fault.Offset < 0 || fault.Offset > len(in) || fault.Reason == "" || r != nil {
					t.Fatalf("no place: %#v, %v", err, r)
				}
				continue
			}
			again, err := Decode(kind, append([]byte(" "), in...))
			if err != nil || again.Kind != kind {
				t.Fatalf("a space before it: %v", err)
			}
			if kind == KindEvent {
				if same, where := Equal(in, in); !same {
					t.Fatalf("differs from itself: %s", where)
				}
			}
		}
	})
}

// A persistentDisposition says something of objects and transformations alone. The schema takes it
// in other events, too: these are read, and it is kept apart.
func TestPersistentDispositionHasItsPlace(t *testing.T) {
	const says = `"persistentDisposition":{"set":["recalled"],"unset":["active"]}`
	const when = stdContext + `,"eventTime":"2026-04-03T20:33:31Z","eventTimeZoneOffset":"+00:00",`
	const item = `"urn:epc:id:sgtin:0614141.107346.1"`
	for _, c := range []struct {
		event string
		own   bool
	}{
		{`"type":"ObjectEvent","action":"OBSERVE","epcList":[` + item + `]`, true},
		{`"type":"TransformationEvent","inputEPCList":[` + item + `],"outputEPCList":["urn:epc:id:sgtin:0614141.107346.2"]`, true},
		{`"type":"AggregationEvent","action":"ADD","parentID":"urn:epc:id:sscc:0614141.1234567890","childEPCs":[` + item + `]`, false},
		{`"type":"AssociationEvent","action":"ADD","parentID":"urn:x:machine","childEPCs":[` + item + `]`, false},
		{`"type":"TransactionEvent","action":"ADD","epcList":[` + item + `],"bizTransactionList":[{"bizTransaction":"urn:x:po"}]`, false},
	} {
		for _, text := range []string{`{` + when + says + `,` + c.event + `}`, `{` + when + c.event + `,` + says + `}`} {
			r, err := Decode(KindEvent, []byte(text))
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			e := r.Event
			got := Misplaced{e.Set, e.Unset}
			if !c.own {
				if e.Misplaced == nil {
					t.Fatalf("%s: it is not kept", text)
				}
				got = *e.Misplaced
			}
			if (e.Misplaced == nil) != c.own || len(e.Set) > 0 != c.own || !reflect.DeepEqual(got, Misplaced{[]string{NamespaceCBV + "Disp-recalled"}, []string{NamespaceCBV + "Disp-active"}}) {
				t.Errorf("%s: set %v, unset %v, misplaced %+v", text, e.Set, e.Unset, e.Misplaced)
			}
		}
	}
}
