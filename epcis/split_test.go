package epcis

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const someEvent = `"eventTime":"2026-04-03T20:33:31Z","eventTimeZoneOffset":"+00:00","action":"OBSERVE","epcList":["https://id.gs1.org/01/09521102000012/21/1"]`

func inDocument(context, event string) string {
	return `{"@context":` + context + `,"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-04-03T20:33:31Z","epcisBody":{"eventList":[` + event + `]}}`
}

func TestSplitCarriesTheContext(t *testing.T) {
	const std = `"https://ref.gs1.org/standards/epcis/epcis-context.jsonld"`
	for _, c := range []struct{ name, document, own, want string }{
		{"one URL", std, ``, `[` + std + `]`},
		{"nothing in it", `[]`, ``, `[]`},
		{"a list", `[` + std + `, {"a":"https://a.example/"}]`, ``, `[` + std + `,{"a":"https://a.example/"}]`},
		{"then the event's own", `[` + std + `]`, `{"b":"https://b.example/"}`, `[` + std + `,{"b":"https://b.example/"}]`},
		{"identical entries once", `[` + std + `,{"a":"https://a.example/"}]`, `[` + std + `,{ "a" : "https://a.example/" }]`, `[` + std + `,{"a":"https://a.example/"}]`},
		{"identical but for the order of its terms", `[` + std + `,{"a":"https://a.example/","b":"https://b.example/"}]`, `{"b":"https://b.example/","a":"https://a.example/"}`,
			`[` + std + `,{"a":"https://a.example/","b":"https://b.example/"}]`},
		{"a term given back its first meaning", `[` + std + `,{"a":"https://a.example/"}]`, `[{"a":"https://b.example/"},{"a":"https://a.example/"}]`,
			`[` + std + `,{"a":"https://b.example/"},{"a":"https://a.example/"}]`},
		{"an unknown URL between", `[` + std + `,{"a":"https://a.example/"},"https://ctx.example/1"]`, `[{"a":"https://a.example/"}]`,
			`[` + std + `,"https://ctx.example/1",{"a":"https://a.example/"}]`},
		{"the document's own again, with an unknown URL", `[` + std + `,"https://ctx.example/1",{"a":"https://a.example/"}]`, `[` + std + `,"https://ctx.example/1",{"a":"https://a.example/"}]`,
			`[` + std + `,"https://ctx.example/1",{"a":"https://a.example/"}]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			event := `{"type":"ObjectEvent",` + someEvent + `,"eventID":"urn:uuid:1"}`
			want := `{"@context":` + c.want + `,` + event[1:]
			if c.own != "" {
				event = `{"type":"ObjectEvent", "@context": ` + c.own + ` ,` + someEvent + `,"eventID":"urn:uuid:1"}`
				want = strings.Replace(event, c.own, c.want, 1)
			}
			doc, err := Split([]byte(inDocument(c.document, event)))
			if err != nil {
				t.Fatal(err)
			}
			if got := string(doc.Events[0]); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if again, err := Split(doc.Events[0]); err != nil || !bytes.Equal(again.Events[0], doc.Events[0]) {
				t.Errorf("handed in as it stands: %v, %v", again, err)
			}
		})
	}
}

// Whatever entries a document and its event have, the record has each once, and of two of
// which one may redefine the other's terms the same one comes last.
func TestContextEntriesAreSaidOnce(t *testing.T) {
	pool := []string{`"https://ref.gs1.org/standards/epcis/epcis-context.jsonld"`, `"https://ctx.example/1"`, `"https://ctx.example/2"`,
		`{"a":"x:1"}`, `{"a":"x:2"}`, `{"b":"x:1"}`, `{"a":"x:1","b":"x:1"}`}
	draw := rapid.SliceOfNDistinct(rapid.SampledFrom(pool), 0, len(pool), rapid.ID[string])
	rapid.Check(t, func(t *rapid.T) {
		document, own := draw.Draw(t, "document"), draw.Draw(t, "own")
		root, err := ParseJSON([]byte(`[` + strings.Join(append(document, own...), ",") + `]`))
		if err != nil {
			t.Fatal(err)
		}
		entries := root.Items[:len(document):len(document)]
		for _, entry := range root.Items[len(document):] {
			entries = saidOnce(entries, entry)
		}
		place := func(list []*Value, of *Value) (last, count int) {
			for i, v := range list {
				if differ(v, of, "") == "" {
					last, count = i, count+1
				}
			}
			return last, count
		}
		for _, x := range root.Items {
			is, count := place(entries, x)
			was, _ := place(root.Items, x)
			if count != 1 {
				t.Fatalf("%d of %s", count, appendValue(nil, x))
			}
			for _, y := range root.Items {
				other, _ := place(entries, y)
				before, _ := place(root.Items, y)
				if overrides(y, x) && is < other != (was < before) {
					t.Fatalf("%s and %s have changed places", appendValue(nil, x), appendValue(nil, y))
				}
			}
		}
	})
}

func TestSplitLeavesACompleteBareEventAsItIs(t *testing.T) {
	event := `{ "@context" : "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",` + "\n\t" + `"type":"ObjectEvent", "eventID":"urn:uuid:1",` + someEvent + ` }`
	doc, err := Split([]byte("\n" + event + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(doc.Events[0]); got != event || doc.Type != "ObjectEvent" {
		t.Errorf("%s became %s", event, got)
	}
}

func TestSplitRemovesRecordTimeWhereverItStands(t *testing.T) {
	const context = `"@context":"https://ref.gs1.org/standards/epcis/epcis-context.jsonld"`
	const rest = context + `,"type":"ObjectEvent","eventID":"urn:uuid:1",` + someEvent
	const recordTime = `"recordTime" : "2026-04-04T00:00:00Z"`
	for _, in := range []string{
		`{ ` + recordTime + ` , ` + rest + `}`,
		`{` + rest + ` , ` + recordTime + ` }`,
		`{` + context + `,` + recordTime + strings.TrimPrefix(rest, context) + `}`,
	} {
		doc, err := Split([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		got := string(doc.Events[0])
		if strings.Contains(got, "recordTime") || strings.Join(strings.Fields(got), "") != `{`+rest+`}` {
			t.Errorf("%s became %s", in, got)
		}
	}
}

func TestSplitNamesAnEventByItsRecordHash(t *testing.T) {
	in := inDocument(`["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"]`, `{"type":"ObjectEvent",`+someEvent+`,"recordTime":"2026-04-04T00:00:00Z"}`)
	doc, err := Split([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	without := `{"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],"type":"ObjectEvent",` + someEvent + `}`
	// SHA-256 of 00 and the bytes, computed with sha256sum.
	const id = "ni:///sha-256;4b5720905d74b2d7dbb68d76b59edf8a5f1b358cc91fd123cb6e25a7101629c2"
	want := `{"eventID":"` + id + `",` + without[1:]
	if got := string(doc.Events[0]); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// What declares an event wrong that had no eventID has none either (EPCIS 2.0, section
// 7.4.1.4), and is given the same one, wherever the declaration stands.
func TestSplitNamesWhatIsDeclaredWrong(t *testing.T) {
	const context = `"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],"type":"ObjectEvent",`
	const wrong = `"errorDeclaration":{"declarationTime":"2026-04-05T00:00:00Z","reason":"did_not_occur"}`
	ids := map[string]bool{}
	for _, in := range []string{
		`{` + context + someEvent + `}`,
		`{` + context + someEvent + `,` + wrong + `}`,
		`{` + wrong + `,` + context + someEvent + `}`,
		`{` + context + "\n  " + wrong + `,` + someEvent + `,"recordTime":"2026-04-04T00:00:00Z"}`,
	} {
		doc, err := Split([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		r, err := Decode(KindEvent, doc.Events[0])
		if err != nil {
			t.Fatal(err)
		}
		if (r.Event.Correction != nil) != strings.Contains(in, wrong) {
			t.Errorf("%s became %s", in, doc.Events[0])
		}
		ids[r.Event.ID] = true
	}
	if len(ids) != 1 {
		t.Errorf("they are named %v", ids)
	}
}

func TestSplitMakesMasterDataOfAHeader(t *testing.T) {
	in := `{"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld",{"ex":"https://ex.example/"}],"type":"EPCISDocument","schemaVersion":"2.0",
	"creationDate":"2026-04-03T20:33:31Z","epcisHeader":{"epcisMasterData":{"vocabularyList":[
	{"type":"urn:epcglobal:epcis:vtype:EPCClass","vocabularyElementList":[
	  {"id":"urn:epc:idpat:sgtin:9521102.000001.*","attributes":[{"id":"cbvmda:netContent","attribute":"60"},{"id":"urn:epcglobal:cbv:mda:descriptionShort","attribute":"Green coffee, 60 kg"},{"id":"ex:hs","attribute":{"ex:code":"090111"}}]},
	  {"id":"https://id.gs1.org/01/09521102000022"}]},
	{"type":"urn:epcglobal:epcis:vtype:BusinessLocation","vocabularyElementList":[
	  {"id":"https://id.gs1.org/414/9521102000008","attributes":[{"id":"urn:epcglobal:cbv:mda:name","attribute":"Mill"}],"children":["https://id.gs1.org/414/9521102000008/254/1"]}]}
	]}},"epcisBody":{"eventList":[]}}`
	doc, err := Split([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	if len(doc.Events) != 0 || len(doc.MasterData) != 3 {
		t.Fatalf("%d events, %d master data", len(doc.Events), len(doc.MasterData))
	}
	want := []struct{ vocabulary, id, name string }{
		{VocabularyClass, "https://id.gs1.org/01/09521102000015", "Green coffee, 60 kg"},
		{VocabularyClass, "https://id.gs1.org/01/09521102000022", ""},
		{VocabularyPlace, "https://id.gs1.org/414/9521102000008", "Mill"},
	}
	for i, b := range doc.MasterData {
		r, err := Decode(KindMasterData, b)
		if err != nil {
			t.Fatal(err)
		}
		m := r.MasterData
		if m.Vocabulary != want[i].vocabulary || m.ID.URI != want[i].id || m.Name != want[i].name {
			t.Errorf("%d: %+v", i, m)
		}
	}
	first, _ := Decode(KindMasterData, doc.MasterData[0])
	a := first.MasterData.Attributes
	if a[0].ID != "urn:epcglobal:cbv:mda:netContent" || a[2].ID != "https://ex.example/hs" || a[2].Value.Obj.Get("https://ex.example/code").Str != "090111" {
		t.Errorf("attributes are not expanded: %+v", a)
	}
	third, _ := Decode(KindMasterData, doc.MasterData[2])
	if c := third.MasterData.Children; len(c) != 1 || c[0].URI != "https://id.gs1.org/414/9521102000008/254/1" {
		t.Errorf("children are %+v", c)
	}
}

func TestSplitKeepsWhatADocumentSaysOfItself(t *testing.T) {
	in := `{"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld",{"wm":"https://else.example/","ex":"https://ex.example/"}],"type":"EPCISDocument","schemaVersion":"2.0",
	"creationDate":"2026-04-03T20:33:31Z","sender":"urn:epc:id:pgln:9521102.00000","ex:route":{"ex:leg":2},"epcisHeader":{"ex:note":"kept"},"epcisBody":{"eventList":[]}}`
	doc, err := Split([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	if len(doc.MasterData) != 1 {
		t.Fatalf("%d records", len(doc.MasterData))
	}
	r, err := Decode(KindMasterData, doc.MasterData[0])
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	for _, a := range r.MasterData.Attributes {
		said[a.ID] = string(appendValue(nil, a.Value))
	}
	if r.MasterData.Vocabulary != VocabularyDocument || !strings.HasPrefix(r.MasterData.ID.URI, "ni:///sha-256;") ||
		said["https://ref.gs1.org/epcis/sender"] != `"urn:epc:id:pgln:9521102.00000"` || said["https://ex.example/note"] != `"kept"` ||
		said["https://ex.example/route"] != `{"https://ex.example/leg":2}` {
		t.Errorf("%+v says %v", r.MasterData, said)
	}
}

func TestSplitRefusesWithPlaces(t *testing.T) {
	const std = `"https://ref.gs1.org/standards/epcis/epcis-context.jsonld"`
	event := func(more string) string { return `{"type":"ObjectEvent",` + someEvent + more + `}` }
	for _, c := range []struct {
		name, in string
		pointers []string
	}{
		{"not JSON", `{"type":`, []string{"/type"}},
		{"no object", `[]`, []string{""}},
		{"no type", `{}`, []string{""}},
		{"a type of nobody", `{"type":"Parcel"}`, []string{"/type"}},
		{"no context on a bare event", event(""), []string{""}},
		{"no context in a document", strings.Replace(inDocument(`1`, event("")), `"@context":1,`, "", 1), []string{""}},
		{"an event without type", inDocument(std, `{`+someEvent+`}`), []string{"/epcisBody/eventList/0"}},
		{"two faults in two events", inDocument(std, event(`,"wrong":1`)+`,`+event("")+`,`+event(`,"worse":1`)),
			[]string{"/epcisBody/eventList/0/wrong", "/epcisBody/eventList/2/worse"}},
		{"a name in the wrong case", inDocument(std, event(`,"BizStep":"shipping"`)), []string{"/epcisBody/eventList/0/BizStep"}},
		{"a name in the wrong case, inside", inDocument(std, event(`,"readPoint":{"id":"urn:x:1","ID":"urn:x:2"}`)), []string{"/epcisBody/eventList/0/readPoint/ID"}},
		{"a name in the wrong case where anything goes", strings.Replace(inDocument(std, event("")), `"eventList"`, `"EventList":[],"eventList"`, 1), []string{"/epcisBody/EventList"}},
		{"a name twice", inDocument(std, event(`,"action":"ADD"`)), []string{"/epcisBody/eventList/0/action"}},
		{"a number past exact", inDocument(std, event(`,"ex:n":1e999999999`)), []string{"/epcisBody/eventList/0/ex:n"}},
		{"an identifier not in NFC", inDocument(`[`+std+`,{"ex":"https://ex.example/"}]`, event(`,"readPoint":{"id":"urn:x:e\u0301"}`)), []string{"/epcisBody/eventList/0/readPoint/id"}},
		{"the context gives action another meaning", inDocument(`[`+std+`,{"action":"https://ex.example/"}]`, event("")), []string{"/@context/1/action"}},
		{"an event's context gives cbv another meaning", inDocument(std, event(`,"@context":{"cbv":"https://ex.example/"}`)), []string{"/epcisBody/eventList/0/@context/cbv"}},
		{"two names that mean the same", inDocument(`[`+std+`,{"a":"https://ex.example/","b":"https://ex.example/"}]`, event(`,"a:x":1,"b:x":2`)), []string{"/epcisBody/eventList/0"}},
		{"bad time", inDocument(std, strings.Replace(event(""), "2026-04-03T20:33:31Z", "2026-04-03 20:33", 1)), []string{"/epcisBody/eventList/0/eventTime"}},
		{"no such time", inDocument(std, strings.Replace(event(""), "2026-04-03T", "2026-02-30T", 1)), []string{"/epcisBody/eventList/0/eventTime"}},
		{"midnight as the end of a day", inDocument(std, strings.Replace(event(""), "T20:33:31Z", "T24:00:00Z", 1)), []string{"/epcisBody/eventList/0/eventTime"}},
		{"ilmd of an observation", inDocument(std, event(`,"ilmd":{}`)), []string{"/epcisBody/eventList/0/ilmd"}},
		{"an event past the limit", inDocument(std, event("")+`,`+event(`,"ex:long":"`+strings.Repeat("x", MaxRecordBytes)+`"`)), []string{"/epcisBody/eventList/1"}},
		{"a context that makes an event too long", inDocument(`[`+std+`,{"ex":"https://ex.example/`+strings.Repeat("x", MaxRecordBytes)+`"}]`, event("")), []string{"/epcisBody/eventList/0"}},
		{"a body's member without meaning", strings.Replace(inDocument(std, event("")), `"eventList"`, `"page":1,"eventList"`, 1), []string{"/epcisBody/page"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc, err := Split([]byte(c.in))
			var refused *InvalidError
			if !errors.As(err, &refused) {
				t.Fatalf("got %v, %v", doc, err)
			}
			var got []string
			for _, p := range refused.Problems {
				got = append(got, p.Pointer)
			}
			for _, want := range c.pointers {
				if !contains(got, want) {
					t.Errorf("no problem at %q: %+v", want, refused.Problems)
				}
			}
		})
	}
}

// What a person reads of a fault in the JSON is a sentence.
func TestSplitRefusesInSentences(t *testing.T) {
	for in, want := range map[string]string{
		`{"a":}`:         "A value is expected here.",
		`{"a":1,"a":2}`:  "The member name occurs twice in one object.",
		`{} {}`:          "Something follows the JSON value.",
		`{"a":1`:         "This ends inside an object.",
		"\xef\xbb\xbf{}": "This starts with a byte order mark; JSON is sent without one.",
	} {
		_, err := Split([]byte(in))
		var refused *InvalidError
		if !errors.As(err, &refused) || len(refused.Problems) != 1 || refused.Problems[0].Reason != want {
			t.Errorf("%q: %v, not %q", in, err, want)
		}
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// A value that is no action is told the three, and not the one that the nearest form
// of an ObjectEvent would take; a real action in the wrong form is.
func TestSplitRefusesAnActionOnce(t *testing.T) {
	const context = `{"@context":"https://ref.gs1.org/standards/epcis/epcis-context.jsonld","type":"ObjectEvent",`
	for action, want := range map[string]string{
		`"add"`:                                 "[{/action It must be ADD, DELETE or OBSERVE.}]",
		`"add","ilmd":{"https://x.example/":1}`: "[{/action It must be ADD, DELETE or OBSERVE.}]",
		`"OBSERVE","ilmd":{"https://x.example/":1}`: "[{/ilmd It belongs to an ObjectEvent only when its action is ADD.}]",
	} {
		_, err := Split([]byte(context + strings.Replace(someEvent, `"OBSERVE"`, action, 1) + "}"))
		var refused *InvalidError
		if !errors.As(err, &refused) || fmt.Sprint(refused.Problems) != want {
			t.Errorf("%s: %v, want %s", action, err, want)
		}
	}
}

func TestSplitBoundsItsProblems(t *testing.T) {
	events := strings.TrimSuffix(strings.Repeat(`{"type":"ObjectEvent"},`, 500), ",")
	_, err := Split([]byte(inDocument(`"https://ref.gs1.org/standards/epcis/epcis-context.jsonld"`, events)))
	var refused *InvalidError
	if !errors.As(err, &refused) || len(refused.Problems) != MaxProblems {
		t.Fatalf("got %v", err)
	}
	if !strings.HasPrefix(refused.Problems[0].Pointer, "/epcisBody/eventList/0") {
		t.Errorf("the first problem is at %s", refused.Problems[0].Pointer)
	}
}

// A hundred thousand wrong entries cost no more than reading them.
func TestSplitStopsAtEnoughProblems(t *testing.T) {
	const std = `"https://ref.gs1.org/standards/epcis/epcis-context.jsonld"`
	many := func(entry string) string { return strings.TrimSuffix(strings.Repeat(entry+",", 100_000), ",") }
	header := func(list string) string {
		return strings.Replace(inDocument(std, ""), `"epcisBody"`, `"epcisHeader":{"epcisMasterData":{"vocabularyList":[`+list+`]}},"epcisBody"`, 1)
	}
	for name, in := range map[string]string{
		"events":       inDocument(std, many(`{"type":"ObjectEvent"}`)),
		"no events":    inDocument(std, many(`{}`)),
		"vocabularies": header(many(`{}`)),
		"elements":     header(`{"type":"urn:x:1","vocabularyElementList":[` + many(`{}`) + `]}`),
		"ids":          inDocument(std, `{"type":"ObjectEvent","epcList":[`+strings.TrimSuffix(strings.Repeat(`"",`, 80_000), ",")+`]}`),
		"numbers":      inDocument(std, `{"type":"ObjectEvent","ex:n":[`+strings.TrimSuffix(strings.Repeat(`1e999999,`, 20_000), ",")+`]}`),
	} {
		before := time.Now()
		_, err := Split([]byte(in))
		var refused *InvalidError
		if !errors.As(err, &refused) || len(refused.Problems) != MaxProblems {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(before); took > time.Minute {
			t.Errorf("%s: took %v", name, took)
		}
	}
}

func TestWithRecordTime(t *testing.T) {
	at := Instant{Seconds: 1775248411, Nanos: 5}
	for _, c := range []struct{ in, want string }{
		{`{"a":1}`, `{"a":1,"recordTime":"2026-04-03T20:33:31.000000005Z"}`},
		{"{ \"a\" : 1\n}", "{ \"a\" : 1,\"recordTime\":\"2026-04-03T20:33:31.000000005Z\"\n}"},
		{`{"recordTime":"2020-01-01T00:00:00Z" ,"a":1}`, `{"recordTime":"2026-04-03T20:33:31.000000005Z" ,"a":1}`},
		{`{ }`, `{"recordTime":"2026-04-03T20:33:31.000000005Z" }`},
		{`[]`, `[]`},
		{`nonsense`, `nonsense`},
	} {
		if got := string(WithRecordTime([]byte(c.in), at)); got != c.want {
			t.Errorf("%s: got %s", c.in, got)
		}
	}
}

func FuzzSplit(f *testing.F) {
	for name := range verdicts(f) {
		f.Add(document(f, name))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		doc, err := Split(body)
		if err != nil {
			var refused *InvalidError
			if !errors.As(err, &refused) || len(refused.Problems) == 0 || len(refused.Problems) > MaxProblems {
				t.Fatalf("no problems: %v", err)
			}
			return
		}
		for _, record := range doc.Events {
			r, err := Decode(KindEvent, record)
			if err != nil || r.Event.ID == "" || r.Event.RecordTime != nil || !json.Valid(record) {
				t.Fatalf("%s: %v", record, err)
			}
			if again, err := Split(record); err != nil || len(again.Events) != 1 || string(again.Events[0]) != string(record) {
				t.Fatalf("a record is not what it splits into: %v", err)
			}
			if same, where := Equal(record, WithRecordTime(record, Instant{})); !same {
				t.Fatal(where)
			}
		}
		for _, record := range doc.MasterData {
			if _, err := Decode(KindMasterData, record); err != nil {
				t.Fatalf("%s: %v", record, err)
			}
		}
	})
}
