package epcis

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// verdicts reads what another validator said of each document.
func verdicts(t testing.TB) map[string]string {
	t.Helper()
	b, err := os.ReadFile("testdata/documents/VERDICTS.json")
	if err != nil {
		t.Fatal(err)
	}
	verdicts := map[string]string{}
	if err := json.Unmarshal(b, &verdicts); err != nil {
		t.Fatal(err)
	}
	return verdicts
}

func document(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "documents", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEveryDocumentMeetsItsVerdict(t *testing.T) {
	counts := map[string]int{}
	all := verdicts(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		verdict := all[name]
		counts[verdict]++
		t.Run(name, func(t *testing.T) {
			body := document(t, name)
			doc, err := Split(body)
			if verdict == "invalid" {
				wantPlaces(t, body, err)
				return
			}
			if err != nil {
				t.Fatalf("a valid document is refused: %v", err)
			}
			wantSameEvents(t, body, doc)
		})
	}
	if counts["valid"] < 54 || counts["invalid"] < 42 {
		t.Errorf("only %v documents", counts)
	}
}

// wantPlaces wants a refusal whose every pointer leads to a place in the
// document (or to the whole of it).
func wantPlaces(t *testing.T, body []byte, err error) {
	t.Helper()
	var refused *InvalidError
	if !errors.As(err, &refused) || len(refused.Problems) == 0 {
		t.Fatalf("an invalid document gives %v", err)
	}
	var doc any
	bom := !json.Valid(body)
	if !bom {
		if err := json.Unmarshal(body, &doc); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range refused.Problems {
		if !bom && !leads(doc, p.Pointer) {
			t.Errorf("%q leads nowhere", p.Pointer)
		}
		if p.Reason == "" || strings.Contains(p.Reason, "allOf") || strings.Contains(p.Reason, "anyOf") {
			t.Errorf("%s: %q is no plain sentence", p.Pointer, p.Reason)
		}
	}
}

// leads follows a JSON Pointer in what encoding/json read.
func leads(v any, pointer string) bool {
	if pointer == "" {
		return true
	}
	for _, step := range strings.Split(pointer[1:], "/") {
		step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		switch at := v.(type) {
		case map[string]any:
			next, ok := at[step]
			if !ok {
				return false
			}
			v = next
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(at) {
				return false
			}
			v = at[i]
		default:
			return false
		}
	}
	return true
}

// wantSameEvents reads the document with encoding/json alone, gives each event
// its contexts, and wants the records to say the same: as values but for
// context, recordTime and an added eventID, and in meaning.
func wantSameEvents(t *testing.T, body []byte, doc *EPCISDocument) {
	t.Helper()
	contexts, events := plainEvents(t, body)
	if len(events) != len(doc.Events) {
		t.Fatalf("%d records of %d events", len(doc.Events), len(events))
	}
	for i, original := range events {
		record := doc.Events[i]
		if _, err := Decode(KindEvent, record); err != nil {
			t.Errorf("event %d does not decode: %v", i, err)
			continue
		}
		var got map[string]any
		unmarshal(t, record, &got)

		full := maps.Clone(original)
		full["@context"] = append(slices.Clone(contexts), list(original["@context"])...)
		if _, ok := original["eventID"]; !ok {
			full["eventID"] = got["eventID"]
			without := bytes.Replace(record, []byte(`"eventID":"`+got["eventID"].(string)+`",`), nil, 1)
			if original["errorDeclaration"] == nil && RecordID(without) != got["eventID"] {
				t.Errorf("event %d: eventID is %v, the record hash is %s", i, got["eventID"], RecordID(without))
			}
		}
		written, err := json.Marshal(full)
		if err != nil {
			t.Fatal(err)
		}
		if same, where := Equal(record, written); !same {
			t.Errorf("event %d differs in meaning: %s", i, where)
		}

		for _, e := range []map[string]any{got, full} {
			delete(e, "@context")
			delete(e, "recordTime")
		}
		if !reflect.DeepEqual(got, full) {
			t.Errorf("event %d: got %v, want %v", i, got, full)
		}
	}
}

func unmarshal(t *testing.T, b []byte, v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		t.Fatal(err)
	}
}

func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

func plainEvents(t *testing.T, body []byte) (contexts []any, events []map[string]any) {
	t.Helper()
	var doc map[string]any
	unmarshal(t, body, &doc)
	var at map[string]any
	switch doc["type"] {
	case "EPCISDocument":
		at = doc["epcisBody"].(map[string]any)
	case "EPCISQueryDocument":
		results := doc["epcisBody"].(map[string]any)["queryResults"].(map[string]any)
		at = results["resultsBody"].(map[string]any)
	default:
		return nil, []map[string]any{doc}
	}
	for _, e := range at["eventList"].([]any) {
		events = append(events, e.(map[string]any))
	}
	return list(doc["@context"]), events
}
