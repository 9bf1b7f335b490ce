package epcis

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParseJSONRefusesWithThePlace(t *testing.T) {
	for _, c := range []struct {
		name, in, pointer string
		offset            int
	}{
		{"nothing", ``, "", 0},
		{"byte order mark", "\xef\xbb\xbf{}", "", 0},
		{"duplicate", `{"a":1,"b":{"c":1,"c":2}}`, "/b/c", 18},
		{"duplicate behind an escape", `{"a":1,"\u0061":2}`, "/a", 7},
		{"trailing bytes", `{} x`, "", 3},
		{"two values", `{}{}`, "", 2},
		{"lone high surrogate", `{"a":"\ud800"}`, "/a", 6},
		{"lone low surrogate", `["x","\udc00"]`, "/1", 6},
		{"high surrogate and a letter", `["\ud800\u0041"]`, "/0", 2},
		{"invalid UTF-8 in a value", "{\"a\":{\"b\":\"x\xff\"}}", "/a/b", 12},
		{"invalid UTF-8 after an escape", "[\"\\n\xc3\x28\"]", "/0", 4},
		{"encoded surrogate", "[\"\xed\xa0\x80\"]", "/0", 2},
		{"invalid UTF-8 outside", "[1,\xff]", "/1", 3},
		{"control character", "{\"a\":\"\x01\"}", "/a", 6},
		{"unknown escape", `["\x"]`, "/0", 2},
		{"leading zero", `{"a":01}`, "", 6},
		{"bare point", `[1.]`, "/0", 3},
		{"bare minus", `[-]`, "/0", 2},
		{"bare exponent", `[1e+]`, "/0", 4},
		{"plus", `[+1]`, "/0", 1},
		{"NaN", `[NaN]`, "/0", 1},
		{"comma at the end", `[1,]`, "/1", 3},
		{"comma at the end of an object", `{"a":1,}`, "", 7},
		{"no colon", `{"a" 1}`, "/a", 5},
		{"name without quotes", `{a:1}`, "", 1},
		{"unfinished string", `{"a":"b`, "/a", 7},
		{"unfinished array", `{"a":[1`, "/a", 7},
		{"pointer escapes", `{"a/b":{"c~d":tru}}`, "/a~1b/c~0d", 14},
		{"pointer into nested lists", `{"a":[0,[1,2,[3,x]]]}`, "/a/1/2/1", 16},
		{"too deep", strings.Repeat("[", 33) + strings.Repeat("]", 33), strings.Repeat("/0", 32), 32},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseJSON([]byte(c.in))
			var fault *SyntaxError
			if !errors.As(err, &fault) {
				t.Fatalf("got %v, want a *SyntaxError", err)
			}
			if fault.Pointer != c.pointer || fault.Offset != c.offset || fault.Reason == "" {
				t.Errorf("got %q at byte %d (%s), want %q at byte %d", fault.Pointer, fault.Offset, fault.Reason, c.pointer, c.offset)
			}
		})
	}
}

func TestParseJSONKeepsLiteralsAndPlaces(t *testing.T) {
	in := []byte("\t{ \"n\" : 1.50e+2 , \"s\":\"\\ud83d\\ude00\\/\\u00e9\", \"l\": [true, null, [], {}] }\n")
	v, err := ParseJSON(in)
	if err != nil {
		t.Fatal(err)
	}
	if got := v.Obj.Get("n"); got.Str != "1.50e+2" || string(in[got.Start:got.End]) != "1.50e+2" {
		t.Errorf("the number is %+v", got)
	}
	if got := v.Obj.Get("s").Str; got != "😀/é" {
		t.Errorf("the string is %q", got)
	}
	l := v.Obj.Get("l")
	if string(in[l.Start:l.End]) != "[true, null, [], {}]" || len(l.Items) != 4 {
		t.Errorf("the list is %+v", l)
	}
	if string(in[v.Start:v.End]) != strings.TrimSpace(string(in)) {
		t.Errorf("the object spans %d to %d", v.Start, v.End)
	}
	if _, err := ParseJSON([]byte(strings.Repeat("[", 32) + strings.Repeat("]", 32))); err != nil {
		t.Errorf("32 levels: %v", err)
	}
}

func TestParseJSONFindsDuplicatesInLargeObjects(t *testing.T) {
	var b strings.Builder
	b.WriteString("{")
	for i := range 1000 {
		b.WriteString(`"k` + strings.Repeat("x", i) + `":1,`)
	}
	if _, err := ParseJSON([]byte(b.String() + `"last":1}`)); err != nil {
		t.Fatal(err)
	}
	for _, twice := range []string{"k", "kxxxxx", "k" + strings.Repeat("x", 999)} {
		if _, err := ParseJSON([]byte(b.String() + `"` + twice + `":1}`)); err == nil {
			t.Errorf("%.20s twice is accepted", twice)
		}
	}
}

// Deep and senseless input must cost no more than reading it.
func TestParseJSONIsCheapOnGarbage(t *testing.T) {
	for name, in := range map[string][]byte{
		"depth 100,000": bytes.Repeat([]byte("["), 100_000),
		"objects":       bytes.Repeat([]byte(`{"a":`), 100_000),
		"commas":        bytes.Repeat([]byte(","), 1<<20),
		"quotes":        bytes.Repeat([]byte(`"`), 1<<20),
		"open array":    append([]byte("["), bytes.Repeat([]byte("1,"), 1<<19)...),
		"not UTF-8":     bytes.Repeat([]byte{0xff}, 1<<20),
	} {
		before := time.Now()
		if _, err := ParseJSON(in); err == nil {
			t.Errorf("%s: accepted", name)
		}
		if _, err := Decode(KindEvent, in); err == nil {
			t.Errorf("%s: decoded", name)
		}
		// A reader that is quadratic in any of these takes minutes.
		if took := time.Since(before); took > time.Minute {
			t.Errorf("%s: took %v", name, took)
		}
	}
}

// untyped is v as encoding/json would give it with UseNumber.
func untyped(v *Value) any { return new(validation).hollow(v) }

func FuzzParseJSON(f *testing.F) {
	for _, seed := range []string{`{}`, `[1,2.5e-3,"x\u0041",null,true]`, `{"a":{"b":[{}]}}`, `"\ud83d\ude00"`, `{"a":1,"a":2}`, "\xef\xbb\xbf{}", `[[[[`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		v, err := ParseJSON(in)
		if err != nil {
			var fault *SyntaxError
			if !errors.As(err, &fault) || fault.Offset < 0 || fault.Offset > len(in) || fault.Reason == "" {
				t.Fatalf("no place: %#v", err)
			}
			if v != nil {
				t.Fatal("a value and an error")
			}
			return
		}
		d := json.NewDecoder(bytes.NewReader(in))
		d.UseNumber()
		var want any
		if err := d.Decode(&want); err != nil {
			t.Fatalf("accepted what encoding/json refuses: %v", err)
		}
		if got := untyped(v); !reflect.DeepEqual(got, want) {
			t.Fatalf("read %v, encoding/json %v", got, want)
		}
		again, err := ParseJSON(appendValue(nil, v))
		if err != nil || !reflect.DeepEqual(untyped(again), want) {
			t.Fatalf("written and read again: %v, %v", again, err)
		}
	})
}

// FuzzParseJSONAgrees looks the other way: what encoding/json accepts is
// refused only for a reason of our own.
func FuzzParseJSONAgrees(f *testing.F) {
	f.Add(`{"a":[1,{"b":"c"}]}`)
	f.Add(`"\u00e9"`)
	f.Fuzz(func(t *testing.T, in string) {
		if !json.Valid([]byte(in)) {
			return
		}
		_, err := ParseJSON([]byte(in))
		var fault *SyntaxError
		if err == nil {
			return
		}
		if !errors.As(err, &fault) {
			t.Fatal(err)
		}
		for _, ours := range []string{"occurs twice", "nests deeper", "lone surrogate", "is not UTF-8"} {
			if strings.Contains(fault.Reason, ours) {
				return
			}
		}
		t.Fatalf("refused valid JSON: %v", fault)
	})
}

func TestXMLIsTold(t *testing.T) {
	for text, want := range map[string]bool{
		`<?xml version="1.0"?><x/>`: true, " \r\n\t<x/>": true, "\xef\xbb\xbf<x/>": true, "\xef\xbb\xbf\n<x/>": true,
		"": false, "  ": false, `{"a":"<x/>"}`: false, `"<x/>"`: false, "[<x/>]": false,
	} {
		if LooksLikeXML([]byte(text)) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}
