package verify_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/waymark-ledger/waymark/epcis"
)

// identifiers are those of the corpora of package epcis, in all their spellings.
func identifiers(t testing.TB) []string {
	t.Helper()
	var links []struct{ URI string }
	vectors(t, &links, "epcis", "testdata", "digital-link", "parse.json")
	var normal []struct{ Input string }
	vectors(t, &normal, "epcis", "testdata", "identifiers", "epc-and-dl-to-constrained-canonical-dl.json")
	var digits []struct{ Value string }
	vectors(t, &digits, "epcis", "testdata", "identifiers", "check-digit.json")
	all := []string{"", "urn:epc:", "urn:epc:id:bic:CSQU3054383", "urn:epc:id:bic:CSQU3054384", "urn:epc:id:bic:WMKU2047188", "urn:epc:id:imovn:9521100",
		"urn:epc:id:imovn:9074729", "urn:epc:id:adi:2S194.12345ABC.XYZ", "urn:epc:id:usdod:2S194.12345", "urn:epc:id:gid:1.2.3", "urn:epc:id:gid:1.2",
		"urn:epc:tag:sgtin-96:1.2.3.4", "https://id.gs1.org/", "https://id.gs1.org/8013/1987654Ad4X4bL5ttr2310c2K", "https://ID.GS1.ORG/01/9521101000016/21/a",
		"https://id.gs1.org/01/09521101000016/235/x", "https://id.gs1.org/01/09521101000016/10/a/235/x", "https://id.gs1.org/414/9521101000009/7040/1ABC",
		"https://example.org/2026/01/15", "https://id.gs1.org/01/09521101000016/21/%C3%96l", "https://id.gs1.org/01/09521101000016/21/Öl", "urn:example:o\u0308l",
		"https://id.gs1.org/8010/9521101%23A/8011/123", "https://id.gs1.org/8010/9521101a/8011/123", "https://id.gs1.org/8003/09521101000016ser", "ftp://id.gs1.org/01/1",
		"http://id.gs1.org/01/0952110100001%36", "https://[::1]:80/01/09521101000016?a=/01/1#/01/2", "urn:EPC:id:sgtin:9521101.000001.A", "URN:epc:id:sgtin:9521101.000001.A%2FB"}
	for _, l := range links {
		all = append(all, l.URI)
	}
	for _, n := range normal {
		all = append(all, n.Input)
	}
	for _, d := range digits {
		all = append(all, "https://id.gs1.org/00/"+d.Value, "https://id.gs1.org/01/"+d.Value, "https://example.org/8003/0"+d.Value, "urn:epc:id:sscc:"+d.Value)
	}
	return all
}

func TestIdentifiers(t *testing.T) {
	n := node(t)
	random := rand.New(rand.NewPCG(1, 2))
	all := identifiers(t)
	for _, s := range all {
		for range 8 {
			all = append(all, mutated(random, s, all))
		}
	}
	for _, s := range all {
		if !utf8.ValidString(s) {
			continue
		}
		id := epcis.Canonical(s)
		lot, _ := id.InLot("L/1")
		var got json.RawMessage
		n.ask(t, &got, "canonical", s)
		equalJSON(t, s, got, map[string]any{"id": shownID(id), "class": shownID(id.Class()), "inLot": lot.URI})
	}
}

// mutated changes a place of s, or puts a piece of another text there.
func mutated(random *rand.Rand, s string, others []string) string {
	if s == "" {
		return others[random.IntN(len(others))]
	}
	i := random.IntN(len(s))
	j := min(len(s), i+1+random.IntN(4))
	switch random.IntN(5) {
	case 0:
		return s[:i] + s[j:]
	case 1:
		return s[:j] + s[i:]
	case 2:
		return s[:i] + string(rune(random.IntN(128))) + s[i+1:]
	case 3:
		return s[:i] + string(`/:.%?#*0123456789"\{}[],-+eZu`[random.IntN(29)]) + s[j:]
	}
	o := others[random.IntN(len(others))]
	if o == "" {
		return s
	}
	k := random.IntN(len(o))
	return s[:i] + o[k:min(len(o), k+1+random.IntN(24))] + s[j:]
}

func TestInstantsAndDecimals(t *testing.T) {
	n := node(t)
	random := rand.New(rand.NewPCG(3, 4))
	instants := []string{"2026-11-22T10:00:00Z", "2026-11-22T10:00:00.123456789+14:00", "0001-01-01T00:00:00+00:01", "0001-01-01T00:00:00Z", "9999-12-31T24:00:00Z",
		"9999-12-31T23:59:59.999999999-00:00", "2000-02-29T23:59:60Z", "1900-02-29T00:00:00Z", "2026-11-22T10:00:00", "1969-12-31T23:59:59.5Z", "2026-11-22t10:00:00z", ""}
	decimals := []string{"0", "-0", "0.50", "1e3", "-12.340e-5", "1e64", "1e63", "1e-64", "1e-65", "12345678901234567890123456789012345", "1234567890123456789012345678901234000",
		"0.00000000000000000000000000000000000000000000000000000000000000001", "1e99999999999999999999", "0e99999999999", ".5", "5.", ".", "+7", "", "1.2.3", "1e", "e5"}
	for _, base := range [][]string{instants, decimals} {
		for _, s := range base {
			for range 60 {
				base = append(base, mutated(random, s, base))
			}
		}
		for _, s := range base {
			if !utf8.ValidString(s) {
				continue
			}
			var got json.RawMessage
			n.ask(t, &got, "instant", s)
			if at, err := epcis.ParseInstant(s); err != nil {
				sameFault(t, s, got, err)
			} else {
				equalJSON(t, s, got, map[string]any{"seconds": at.Seconds, "nanos": at.Nanos, "text": at.String()})
			}
			n.ask(t, &got, "decimal", s)
			if d, err := epcis.ParseDecimal(s); err != nil {
				sameFault(t, s, got, err)
			} else {
				equalJSON(t, s, got, map[string]any{"text": d.String(), "twice": d.Add(d).String()})
			}
		}
	}
}

func sameFault(t *testing.T, s string, got json.RawMessage, err error) {
	t.Helper()
	var fault struct{ Error string }
	if json.Unmarshal(got, &fault) != nil || fault.Error == "" {
		t.Errorf("%q: %s, but %v", s, got, err)
	}
}

// recorded are records of all kinds: those of the lane, and of the documents of
// other people.
func recorded(t testing.TB) (records []kindAndBytes) {
	t.Helper()
	lines := bufio.NewScanner(bytes.NewReader(readFile(t, "trace", "testdata", "lane.jsonl")))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Kind   epcis.Kind
			Record string
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		records = append(records, kindAndBytes{line.Kind, []byte(line.Record)})
	}
	root := filepath.Join("..", "..", "epcis", "testdata", "documents")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(filepath.Ext(path), "json") {
			return err
		}
		rel, _ := filepath.Rel(filepath.Join("..", ".."), path)
		body := readFile(t, strings.Split(filepath.ToSlash(rel), "/")...)
		records = append(records, kindAndBytes{epcis.KindEvent, body}) // a document is no event, and a bare event may be none
		if doc, err := epcis.Split(body); err == nil {
			for _, e := range doc.Events {
				records = append(records, kindAndBytes{epcis.KindEvent, e})
			}
			for _, m := range doc.MasterData {
				records = append(records, kindAndBytes{epcis.KindMasterData, m})
			}
			return nil
		}
		var invalid struct { // its events, with its context
			Context json.RawMessage `json:"@context"`
			Body    struct {
				Events []map[string]json.RawMessage `json:"eventList"`
			} `json:"epcisBody"`
		}
		if json.Unmarshal(body, &invalid) == nil && invalid.Context != nil {
			for _, e := range invalid.Body.Events {
				if e["@context"] == nil {
					e["@context"] = invalid.Context
				}
				b, err := json.Marshal(e)
				if err != nil {
					return err
				}
				records = append(records, kindAndBytes{epcis.KindEvent, b})
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return append(records, oddRecords()...)
}

type kindAndBytes struct {
	kind  epcis.Kind
	bytes []byte
}

// oddRecords are what nobody writes by accident.
func oddRecords() (records []kindAndBytes) {
	const ctx = `"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld",{"wm":"https://waymark-ledger.github.io/voc/"}]`
	event := func(context, more string) {
		records = append(records, kindAndBytes{epcis.KindEvent, []byte(`{` + context + `,"type":"ObjectEvent","action":"ADD","eventTime":"2026-11-22T10:00:00Z",` +
			`"eventTimeZoneOffset":"+01:00","epcList":["urn:epc:id:sgtin:9521101.000001.A"]` + more + `}`)})
	}
	for _, more := range []string{
		``, `,"wm:seal":"x","https://waymark-ledger.github.io/voc/seal":"y"`, `,"wm:seal":"x","wm:seal":"y"`, `,"EPCLIST":[]`, `,"epclist":[]`, `,"biz\u017ftep":"x"`, `,"biz\u212Atep":"x"`,
		`,"bizStep":"shipping"`, `,"bizStep":"urn:epcglobal:cbv:bizstep:shipping"`, `,"bizStep":"cbv:BizStep-shipping"`, `,"bizStep":"a b"`, `,"bizStep":"wm:step"`, `,"bizStep":"urn:epcglobal:cbv:disp:"`,
		`,"ilmd":{"cbvmda:lotNumber":"L1","@context":{"x":"urn:x:"},"x:y":{"x:z":[1,{"x:a":null}]}}`, `,"ilmd":{"a":1,"@context":{"a":"urn:x"}}`, `,"ilmd":{}`, `,"ilmd":[]`,
		`,"wm:n":1.50e2,"wm:list":["a",2,true,null,{"wm:b":"c"}]`, `,"@type":"x"`, `,"unknown":1`, `,"readPoint":{"id":"urn:x:1","ID":"x"}`, `,"readPoint":{"Id":"x"}`, `,"readPoint":{"wm:a":1}`,
		`,"errorDeclaration":{"declarationTime":"2026-11-23T10:00:00Z","reason":"incorrect_data","correctiveEventIDs":["urn:x"]}`, `,"errorDeclaration":{}`,
		`,"persistentDisposition":{"set":["recalled"],"unset":["urn:x:y"]}`, `,"persistentDisposition":{"sets":[]}`,
		`,"quantityList":[{"epcClass":"urn:epc:class:lgtin:9521101.000001.L","quantity":1.0,"uom":"KGM"},{"epcClass":"urn:x"}]`, `,"quantityList":[{"quantity":1}]`, `,"quantityList":[{"epcClass":"urn:x","quantity":"1"}]`,
		`,"quantityList":[{"epcClass":"urn:x","quantity":1e99}]`, `,"quantityList":[{"epcClass":"urn:x","more":1}]`, `,"bizTransactionList":[{"bizTransaction":"urn:x","type":"po"},{"bizTransaction":"urn:y"}]`,
		`,"bizTransactionList":[{"type":"po"}]`, `,"sourceList":[{"type":"owning_party","source":"urn:epc:id:pgln:9521101.00000"}]`, `,"sourceList":[{"source":"urn:x"}]`,
		`,"certificationInfo":"https://example.org/c/1"`, `,"certificationInfo":["urn:a","urn:b"]`, `,"certificationInfo":1`, `,"sensorElementList":[{"sensorReport":[]}]`, `,"sensorElementList":[1]`,
		`,"eventID":""`, `,"eventID":"a b"`, `,"eventID":"ö b"`, `,"eventID":"o\u0308"`, `,"eventID":"\u00f6"`, `,"eventID":"\ud83d\ude00"`, `,"eventID":"\ud83d"`, `,"eventID":"\u0000"`, `,"eventID":"\u007f"`,
		`,"eventID":"x` + strings.Repeat("\u0301", 1) + `"`, `,"eventID":"x` + strings.Repeat("\u0316", 30) + `"`, `,"eventID":"x` + strings.Repeat("\u0316", 31) + `"`, `,"eventID":"x` + strings.Repeat("\u0316", 40) + `"`,
		`,"parentID":"urn:x"`, `,"recordTime":"2026-11-22T10:00:00Z"`, `,"transformationID":"x"`, `,"x\/y~":1,"X":{"y":{"x":[]}}`,
		strings.Repeat(`,"wm:a":[`, 1) + strings.Repeat("[", 29) + strings.Repeat("]", 29) + `]`, `,"wm:a":` + strings.Repeat("[", 32) + strings.Repeat("]", 32),
	} {
		event(ctx, more)
	}
	for _, c := range []string{`"@context":{}`, `"@context":[]`, `"@context":""`, `"@context":"x"`, `"@context":1`, `"@context":null`, `"@context":[[]]`, `"@context":{"gs1":"https://gs1.org/voc/"}`, `"@context":{"gs1":"urn:x"}`,
		`"@context":{"cbv":{"@id":"https://ns.gs1.org/cbv/"}}`, `"@context":{"urn":"x"}`, `"@context":{"action":"urn:x"}`, `"@context":{"a":"@type"}`, `"@context":{"a":1}`, `"@context":{"a":null}`, `"@context":{"a":{}}`,
		`"@context":{"a":"b:c","b":"d:e","d":"urn:d:"}`, `"@context":{"a":"b:x","b":"a:y"}`, `"@context":{"@vocab":"urn:v:"}`, `"@context":{"@vocab":null}`, `"@context":{"@vocab":"@con"}`,
		`"@context":["https://example.org/c",{"a":"urn:1:"},{"a":"urn:2:"}]`, `"@context":{"a":"x","b":"a:","c":"b:d"}`, `"@context":{"_":"urn:x"}`, `"@context":{"wm":"urn:other:"}`} {
		event(c, `,"a:b":1,"a":2,"c":"3","text":"x","_:q":1`)
	}
	// As many identifiers as a record holds, and as much space.
	event(ctx, `,"childEPCs":[]`)
	records = append(records, kindAndBytes{epcis.KindEvent, []byte(`{` + ctx + `,"type":"ObjectEvent","action":"ADD","eventTime":"2026-11-22T10:00:00Z","eventTimeZoneOffset":"+01:00",` +
		`"epcList":["a"` + strings.Repeat(`,"a"`, 60_000) + `],"wm:seal":"x` + strings.Repeat(" ", 10_000) + `y"}`)})
	certificate := func(more string) {
		records = append(records, kindAndBytes{epcis.KindCertificate, []byte(`{` + ctx + more + `}`)})
	}
	const issue = `,"type":"wm:Certificate","action":"issue","id":"urn:c:1","scheme":"urn:s","subject":"urn:epc:id:pgln:9521101.00000","scope":["https://id.gs1.org/01/09521101000016"]`
	const valid = `,"validFrom":"2026-01-01T00:00:00Z","validUntil":"2027-01-01T00:00:00+01:00"`
	for _, more := range []string{issue + valid, issue, issue + valid + `,"reason":"x"`, issue + valid + `,"effectiveFrom":"2026-01-01T00:00:00Z"`, issue + `,"validFrom":"2027-01-01T00:00:00Z","validUntil":"2027-01-01T00:00:00Z"`,
		`,"type":"https://waymark-ledger.github.io/voc/Certificate","action":"revoke","id":"urn:c:1","reason":"","effectiveFrom":"2026-05-01T00:00:00.5Z"`, `,"type":"wm:Certificate","action":"revoke","id":"urn:c:1"`,
		`,"type":"wm:Certificate","action":"renew","id":"urn:c:1"`, `,"type":"wm:Certificate"`, `,"type":"Certificate"`, `,"type":1`, ``, issue + valid + `,"Scope":[]`, issue + valid + `,"wm:other":[]`, `,"type":"wm:Certificate","action":1`,
		issue + valid + `,"hsCodes":["0901","21"],"accredits":["urn:s:1","urn:s:2"],"accreditation":"urn:epc:id:gdti:9521106.00001.ACC"`, issue + valid + `,"hsCodes":["9"]`,
		issue + valid + `,"activities":["packing","urn:epcglobal:cbv:bizstep:storing","https://schemes.example/preparation"]`, issue + valid + `,"activities":["a b"]`, issue + valid + `,"activities":[1]`, issue + valid + `,"activities":"packing"`, issue + valid + `,"hsCodes":["09 01"]`,
		issue + valid + `,"hsCodes":["09010101010"]`, issue + valid + `,"hsCodes":[901]`, issue + valid + `,"hsCodes":"0901"`, issue + valid + `,"accredits":"urn:s"`, issue + valid + `,"accredits":[""]`,
		issue + valid + `,"HSCodes":["0901"]`, issue + valid + `,"reasonCode":"resolved"`, issue + valid + `,"wm:credential":[{"pointer":"/name","value":1}]`, issue + valid + `,"https://waymark-ledger.github.io/voc/credential":{}`,
		`,"type":"wm:Certificate","action":"suspend","id":"urn:c:1","reason":"x","reasonCode":"nonconformity"`, `,"type":"wm:Certificate","action":"suspend","id":"urn:c:1"`,
		`,"type":"wm:Certificate","action":"reinstate","id":"urn:c:1","reason":"x","effectiveFrom":"2026-05-01T00:00:00Z"`, `,"type":"wm:Certificate","action":"reinstate","id":"urn:c:1","reason":1`, `,"type":"wm:Certificate","action":"revoke","id":"urn:c:1","reason":"x","reasonCode":[]`} {
		certificate(more)
	}
	for _, more := range []string{
		`,"type":"wm:MasterData","vocabulary":"urn:epcglobal:epcis:vtype:EPCClass","id":"https://id.gs1.org/01/09521101000016","attributes":[{"id":"cbvmda:descriptionShort","attribute":"Cherries"},{"id":"gs1:productName","attribute":{"@value":"C","@language":"en"}}],"children":["urn:x"]`,
		`,"type":"wm:MasterData","vocabulary":"wm:Thing","id":"urn:x","attributes":[{"id":"http://schema.org/name","attribute":[{"@value":"A"},{"@value":"B"}]},{"id":"rdfs:label","attribute":"L"},{"id":"wm:name","attribute":""},{"id":"gs1:functionalName","attribute":1}]`,
		`,"type":"wm:MasterData","vocabulary":"urn:x","id":"urn:y","attributes":[{"attribute":1}]`, `,"type":"wm:MasterData","id":"urn:y"`, `,"type":"wm:MasterData","vocabulary":"urn:x"`,
		`,"type":"wm:MasterData","vocabulary":"urn:x","id":"urn:y","attributes":[{"id":"urn:a","attribute":{"x":1,"@context":{"x":"urn:x"},"urn:x":2}}]`,
		`,"type":"wm:MasterData","vocabulary":"urn:x","id":"urn:y","attributes":[{"id":"urn:a","Attribute":1}]`, `,"type":"wm:MasterData","vocabulary":"urn:x","id":"urn:y","attributes":[]`,
	} {
		records = append(records, kindAndBytes{epcis.KindMasterData, []byte(`{` + ctx + more + `}`)})
	}
	for _, more := range customsRecords() {
		records = append(records, kindAndBytes{epcis.KindCustoms, []byte(`{` + ctx + `,"type":"wm:CustomsDeclaration"` + more + `}`)})
	}
	for _, more := range governanceRecords() {
		records = append(records, kindAndBytes{epcis.KindGovernance, []byte(`{` + ctx + `,"type":"wm:Governance"` + more + `}`)})
	}
	for _, more := range acknowledgements() {
		records = append(records, kindAndBytes{epcis.KindAcknowledgement, []byte(`{` + ctx + `,"type":"wm:Acknowledgement"` + more + `}`)})
	}
	for _, s := range []string{``, ` `, `null`, `[]`, `{}`, `{"@context":{}}`, "\xef\xbb\xbf{}", "{\"a\":\"\xff\"}", `{"a":01}`, `{"a":1.}`, `{"a":-}`, `{"a":1e+}`, `{"a":tru}`, `{"a":"\x"}`, `{"a":"\u12"}`, "{\"a\":\"\t\"}", `{"a":1,}`, `{"a" 1}`, `{a:1}`, `{"a":1}x`, `{"a":1,"\u0061":2}`} {
		records = append(records, kindAndBytes{epcis.KindEvent, []byte(s)})
	}
	return append(records, kindAndBytes{"unheard-of", []byte(`{"@context":{}}`)})
}

// governanceRecords are governance records, right and wrong, without what all begin with.
func governanceRecords() (records []string) {
	propose := func(change, more string) {
		records = append(records, `,"action":"propose","id":"urn:p:1","change":`+change+more)
	}
	const subject = `,"subject":"urn:epc:id:pgln:9521101.00000"`
	for _, member := range []string{`{"id":"urn:epc:id:pgln:9521101.00000","name":"N","country":"DE","roles":["producer"],"schemes":[],"prefixes":["9521101"],"keys":["0x02"],"peer":"p","nodeId":"n"}`,
		`{}`, `[]`, `{"id":"a b"}`, `{"name":1}`, `{"roles":"producer"}`, `{"roles":[1]}`, `{"Name":"N"}`, `{"__proto__":1}`, `{"toString":1}`} {
		propose(`"admit"`, `,"member":`+member)
		propose(`"amend"`, subject+`,"member":`+member)
	}
	for _, value := range []string{`1`, `0`, `-0`, `-1`, `0.005`, `1e3`, `1e16`, `1e15`, `9007199254740993`, `"reject"`, `""`, `"` + strings.Repeat("x", 32) + `"`, `"` + strings.Repeat("ö", 17) + `"`,
		`0.` + strings.Repeat("1", 31), `0.` + strings.Repeat("1", 30), `1e99`, `null`, `true`, `[]`} {
		propose(`"parameters"`, `,"parameters":{"quota":`+value+`}`)
		propose(`"validator"`, `,"validator":{"organisation":"urn:o","key":"00","power":`+value+`}`)
		propose(`"ruleset"`, `,"ruleset":{"name":"a","release":"b","height":`+value+`}`)
	}
	for _, more := range []string{`"admit"`, `"suspend"` + subject, `"reinstate"` + subject + `,"reason":"r"`, `"remove"` + subject + `,"vote":"yes"`, `"remove","subject":1`, `"other"`, `1`, `""`, `"constructor"`,
		`"parameters","parameters":{}`, `"parameters","parameters":[]`, `"parameters","parameters":{"a/b~c":-1}`, `"validator","validator":{"powers":1}`, `"ruleset","ruleset":{"more":1}`,
		`"scheme","scheme":{"scheme":"urn:s","hsCodes":["09"],"classes":["urn:c"]}`, `"scheme","scheme":{"hsCodes":["09",9]}`, `"scheme","scheme":{"goods":[]}`, `"scheme"`,
		`"prefix","prefix":{"prefix":"9521101","licensee":"urn:epc:id:pgln:9521101.00000"}`, `"prefix","prefix":{"prefix":9521101}`, `"prefix","prefix":{"to":"urn:c"}`, `"prefix"`,
		`"place","place":{"id":"urn:epc:id:sgln:9521103.00001.0","grant":["urn:epc:id:pgln:9521101.00000"],"withdraw":[]}`, `"place","place":{"id":"urn:x","grant":[1]}`, `"place","place":{"gln":"urn:c"}`, `"place"`} {
		propose(more, "")
	}
	return append(records, ``, `,"action":"vote","id":"urn:p:1","vote":"yes"`, `,"action":"vote","id":"urn:p:1","vote":"no","reason":"r"`, `,"action":"vote","id":"urn:p:1","vote":"maybe"`, `,"action":"vote","vote":"yes"`,
		`,"action":"vote","id":"urn:p:1","vote":"yes","key":"0x"`, `,"action":"withdraw","id":"urn:p:1"`, `,"action":"withdraw"`, `,"action":"withdraw","id":""`, `,"action":"addKey","key":"0x02"`, `,"action":"addKey","key":""`,
		`,"action":"addKey","key":"0x02","next":"0x03","reason":"r"`, `,"action":"addKey","key":"0x02","id":"urn:p"`,
		`,"action":"addKey","key":"0x02","kinds":["masterdata","epcis"]`, `,"action":"addKey","key":"0x02","kinds":[]`, `,"action":"addKey","key":"0x02","kinds":["epcis","epcis"]`, `,"action":"addKey","key":"0x02","kinds":["events"]`,
		`,"action":"addKey","key":"0x02","kinds":"epcis"`, `,"action":"addKey","key":"0x02","kinds":[1]`, `,"action":"addKey","kinds":["customs"]`, `,"action":"revokeKey","key":"0x02","reason":"r","kinds":["epcis"]`, `,"action":"commitKey","next":"0x03"`, `,"action":"commitKey","next":""`, `,"action":"commitKey"`,
		`,"action":"revokeKey","key":"0x02"`, `,"action":"revokeKey","key":"0x02","reason":"r","compromisedSince":"2026-01-01T00:00:00Z"`, `,"action":"revokeKey","key":"0x02","reason":"r","compromisedSince":"then"`,
		`,"action":"constructor"`, `,"action":"toString","id":"urn:p"`, `,"action":""`, `,"action":1`, `,"Action":"vote"`, `,"action":"withdraw","id":"urn:p:1","wm:note":"n"`, `,"action":"withdraw","id":"urn:p:1","REASON":"n"`)
}

// customsRecords are customs records, right and wrong, without what all begin with.
func customsRecords() (records []string) {
	const said = `,"mrn":"urn:epcglobal:cbv:bt:9521105000005:26DE585000000001R4","country":"DE","eventTime":"2026-06-01T10:00:00Z"`
	const terms = `,"flow":"import","procedure":"4000","hsCode":"090111","origin":"ET"`
	const parties = `,"parties":[{"role":"declarant","id":"DE123456789012345"},{"role":"consignor","id":"https://id.gs1.org/417/9521102000008"},{"role":"exporter","id":"urn:x"}]`
	const goods = `,"epcList":["https://id.gs1.org/00/395211020000000016","https://id.gs1.org/01/09521101000016/10/L"],"quantityList":[{"epcClass":"https://id.gs1.org/01/09521101000016","quantity":60.50,"uom":"KGM"}]`
	declaration := func(change, with string) {
		records = append(records, strings.Replace(`,"action":"declaration"`+said+terms+parties+goods, change, with, 1))
	}
	for _, c := range [][2]string{{"", ""}, {`"4000"`, `"4000","bizTransactionList":[{"type":"inv","bizTransaction":"urn:inv"}],"dueDiligenceReference":"R","readPoint":{"id":"urn:place"}`}, {`"090111"`, `"77000000"`}, {`"090111"`, `"0901"`},
		{`"090111"`, `"001234"`}, {`"090111"`, `"9901110000001"`}, {`"090111"`, `90111`}, {`"ET"`, `"et"`}, {`"DE"`, `"DEU"`}, {`"4000"`, `"4000-1"`}, {`"4000"`, `""`}, {`"import"`, `"smuggling"`}, {goods, ""}, {parties, ""}, {`"declarant"`, `"importer"`},
		{`"declarant"`, `"owner"`}, {`"role"`, `"Role"`}, {`"DE123456789012345"`, `"Elbe Quay"`}, {`"DE123456789012345"`, `"de1"`}, {`"DE123456789012345"`, `"https://id.gs1.org/414/9521101000009"`}, {`,"id":"urn:x"`, ``}, {`60.50`, `0`}, {`60.50`, `-1`}, {`,"quantity":60.50`, ``},
		{`"KGM"`, `"kg"`}, {`"KGM"`, `"KILO"`}, {`"epcClass":"https://id.gs1.org/01/09521101000016"`, `"epcClass":"https://id.gs1.org/00/395211020000000016"`}, {`"https://id.gs1.org/00/395211020000000016"`, `"https://id.gs1.org/414/9521101000009"`}, {`"https://id.gs1.org/01/09521101000016/10/L"`, `"https://id.gs1.org/01/09521101000016"`},
		{`"urn:epcglobal:cbv:bt:9521105000005:26DE585000000001R4"`, `"https://id.gs1.org/01/09521101000016/21/A"`}, {`"mrn"`, `"MRN"`}, {`"epcList"`, `"EPCList"`}, {`"action":"declaration"`, `"action":"declaration","policy":"off"`}, {`"eventTime"`, `"time"`},
		{`"ET"`, `"ET","valueCommitment":"sha-256:` + strings.Repeat("0f", 32) + `"`}, {`"ET"`, `"ET","valueCommitment":"sha-256:` + strings.Repeat("0F", 32) + `"`}, {`"ET"`, `"ET","valueCommitment":"` + strings.Repeat("0f", 32) + `"`},
		{`"ET"`, `"ET","valueCommitment":"sha-256:` + strings.Repeat("0f", 31) + `"`}, {`"ET"`, `"ET","valueCommitment":1`}} {
		declaration(c[0], c[1])
	}
	for _, action := range []string{"inspection", "release", "hold", "seizure", "withdrawal", "amendment", ""} {
		records = append(records, fmt.Sprintf(`,"action":%q`, action)+said, fmt.Sprintf(`,"action":%q,"reason":"seal broken","hsCode":"09011100"`, action)+said, fmt.Sprintf(`,"action":%q,"reason":""`, action)+said, fmt.Sprintf(`,"action":%q,"reason":"x"`, action)+said+terms+parties+goods)
	}
	const item, lot = `"https://id.gs1.org/01/09521101000016/21/A"`, `"https://id.gs1.org/01/09521101000016/10/L"`
	for _, action := range []string{"inspection", "release", "hold", "seizure", "withdrawal", "declaration"} {
		for _, some := range []string{item, lot + `,` + item + `,"urn:epc:id:bic:WMKU2047188"`, ``, item + `,"urn:epc:id:sgtin:9521101.000001.A"`, item + `,` + lot + `,` + lot,
			`"https://id.gs1.org/01/09521101000016"`, item + `,"https://id.gs1.org/414/9521101000009"`, item + `,1`} {
			records = append(records, fmt.Sprintf(`,"action":%q,"reason":"x","epcList":[%s]`, action, some)+said)
		}
		records = append(records, fmt.Sprintf(`,"action":%q,"reason":"x","epcList":%s`, action, item)+said, fmt.Sprintf(`,"action":%q,"reason":"x","quantityList":[]`, action)+said)
	}
	return append(records, `,"action":"gate","country":"DE","eventTime":"2026-06-01T10:00:00Z","policy":"off","epcList":[`+item+`]`, `,"action":"gate","country":"DE","eventTime":"2026-06-01T10:00:00Z","policy":"reject"`, `,"action":"gate","country":"DE","eventTime":"2026-06-01T10:00:00Z","policy":"perhaps"`,
		`,"action":"gate","country":"DE","eventTime":"2026-06-01T10:00:00Z"`, `,"action":"gate","policy":"off"`+said, `,"action":"release","valueCommitment":"sha-256:`+strings.Repeat("0f", 32)+`"`+said, ``, `,"action":1`, said)
}

// acknowledgements are acknowledgements, right and wrong, without what all begin with.
func acknowledgements() (records []string) {
	const lot = `"https://id.gs1.org/01/09521101000016/10/L"`
	const said = `,"matter":"recall","about":` + lot + `,"eventTime":"2026-06-01T10:00:00Z","measure":"quarantined","note":"in the cold store"`
	const goods = `,"epcList":["https://id.gs1.org/00/395211020000000016"],"quantityList":[{"epcClass":"https://id.gs1.org/01/09521101000016/10/L","quantity":60.50,"uom":"KGM"}]`
	for _, c := range [][2]string{{"", ""}, {goods, ""}, {`"recall"`, `"customs"`}, {`"recall"`, `"certificate"`}, {`"recall"`, `"theft"`}, {`"quarantined"`, `"kept"`}, {`"quarantined"`, `"sold_on"`},
		{lot, `"urn:x"`}, {lot, `"https://id.gs1.org/414/9521101000009"`}, {lot, `"https://id.gs1.org/417/9521102000008"`}, {`"recall","about":` + lot, `"certificate","about":"https://id.gs1.org/253/9521106000011ORG1"`},
		{`"recall","about":` + lot, `"customs","about":"urn:epcglobal:cbv:bt:9521105000005:26DE585000000001R4"`}, {lot, `"https://id.gs1.org/01/09521101000016/21/A"`}, {lot, `"https://id.gs1.org/01/09521101000016"`},
		{`"in the cold store"`, `""`}, {`,"note":"in the cold store"`, ``}, {`60.50`, `0`}, {`"https://id.gs1.org/00/395211020000000016"`, `"https://id.gs1.org/414/9521101000009"`},
		{`,"matter":"recall"`, ``}, {`,"about":` + lot, ``}, {`,"measure":"quarantined"`, ``}, {`,"eventTime":"2026-06-01T10:00:00Z"`, ``}, {`"note"`, `"Note"`}, {`"note"`, `"remark"`}, {lot, `1`}} {
		records = append(records, strings.Replace(said+goods, c[0], c[1], 1))
	}
	return records
}

func TestRecords(t *testing.T) {
	n := node(t)
	all := recorded(t)
	for _, r := range all {
		sameRecord(t, n, r.kind, r.bytes)
	}
	var texts []string
	for _, r := range all {
		texts = append(texts, string(r.bytes))
	}
	random := rand.New(rand.NewPCG(5, 6))
	rounds := 6
	if testing.Short() {
		rounds = 1
	}
	for _, r := range all {
		for range rounds {
			if len(r.bytes) < 20_000 {
				sameRecord(t, n, r.kind, []byte(mutated(random, string(r.bytes), texts)))
			}
		}
	}
	t.Logf("%d records, each changed %d times", len(all), rounds)
}

// sameRecord decodes in both languages; the first difference ends the test.
func sameRecord(t *testing.T, n *engine, kind epcis.Kind, b []byte) {
	t.Helper()
	var got json.RawMessage
	n.ask(t, &got, "decode", map[string]string{"kind": string(kind), "bytes": base64.StdEncoding.EncodeToString(b)})
	r, err := epcis.Decode(kind, b)
	var fault *epcis.SyntaxError
	switch {
	case errors.As(err, &fault) && utf8.Valid(b):
		equalJSON(t, fmt.Sprintf("%.2000s", b), got, map[string]any{"fault": map[string]any{"pointer": fault.Pointer, "offset": fault.Offset, "reason": fault.Reason}})
	case err != nil: // of bytes that are no text, only that they are none
		if !bytes.Contains(got, []byte(`"fault"`)) {
			t.Errorf("%q is read", b)
		}
	default:
		equalJSON(t, fmt.Sprintf("%.2000s", b), got, shownRecord(r))
	}
	if t.Failed() {
		t.FailNow()
	}
}
