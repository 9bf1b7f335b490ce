package identity

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var updateParameters = flag.Bool("update-parameters", false, "write docs/parameters.md")

// docs/parameters.md says what the table says.
func TestParametersDocument(t *testing.T) {
	var b strings.Builder
	b.WriteString(`# The parameters

What a network agrees on, in its genesis document or later by vote (` + "`waymark propose parameters NAME=VALUE`" + `); this page
is generated from the code. A parameter that nobody sets has its default. Terms are in seconds of block time, tolerances
decimal fractions (0.005 is 0.5 %), policies one of ` + "`off`, `flag`, `reject`" + `. Values are exact; no parameter is a
binary fraction. A change holds from the record after the vote that decides it. What was opened before keeps the terms
it was opened under.

` + "`waymark replay --param NAME=VALUE`" + ` says which recorded verdicts would have been others under another value, and
` + "`waymark capture --dry-run --param NAME=VALUE`" + ` how records would be judged now. ` + "`GET /v1/network`" + ` tells all values.

| parameter | unit | default | from | to | read by | |
|---|---|---|---|---|---|---|
`)
	for _, p := range ParameterTable() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s | %s |\n", p.Name, p.Unit, p.Text(p.Default), p.Text(p.Low), p.Text(p.High), p.Rules, p.Says)
	}
	path := filepath.Join("..", "docs", "parameters.md")
	if *updateParameters {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != b.String() {
		t.Error("docs/parameters.md is not what the table says; run go test ./identity -run ParametersDocument -update-parameters")
	}
}

// Keys and names are each one parameter's, and defaults lie in their ranges.
func TestParameterTable(t *testing.T) {
	seen := map[string]bool{}
	fields := map[*uint64]bool{}
	var p Parameters
	for i, one := range ParameterTable() {
		if int(one.key) != i+1 {
			t.Errorf("%s has key %d", one.Name, one.key)
		}
		if seen[one.Name] || fields[one.at(&p)] {
			t.Errorf("%s stands there twice", one.Name)
		}
		seen[one.Name], fields[one.at(&p)] = true, true
		if one.Unit == "policy" && one.High >= uint64(len(policies())) {
			t.Errorf("%s has no word for %d", one.Name, one.High)
		}
	}
}

func drawn(t *rapid.T) Parameters {
	p := DefaultParameters()
	for _, one := range ParameterTable() {
		if rapid.Bool().Draw(t, one.Name) {
			*one.at(&p) = rapid.Uint64Range(one.Low, one.High).Draw(t, one.Name)
		}
	}
	return p
}

// Whatever a network sets reads back from its state, its JSON and its texts, and
// what it leaves at the default stands in neither state nor genesis document.
func TestParametersReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawn(t)
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
		b := p.Encode()
		if got, err := DecodeParameters(b); err != nil || got != p {
			t.Fatalf("%x reads as %+v: %v", b, got, err)
		}
		doc, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		got := DefaultParameters()
		if err := json.Unmarshal(doc, &got); err != nil || got != p {
			t.Fatalf("%s reads as %+v: %v", doc, got, err)
		}
		all, err := json.Marshal(AllParameters(p))
		if err != nil {
			t.Fatal(err)
		}
		got = Parameters{}
		if err := json.Unmarshal(all, &got); err != nil || got != p {
			t.Fatalf("%s reads as %+v: %v", all, got, err)
		}
		for _, one := range ParameterTable() {
			text, ok := p.Get(one.Name)
			if v, err := one.Parse(text); !ok || err != nil || v != *one.at(&p) {
				t.Fatalf("%s: %q reads as %d: %v", one.Name, text, v, err)
			}
			if has := strings.Contains(string(doc), `"`+one.Name+`"`); has != (one.key <= alwaysWritten || *one.at(&p) != one.Default) {
				t.Fatalf("%s in %s", one.Name, doc)
			}
		}
	})
}

// A state has one form: a default that is written out is refused, and so is a key
// that is not known or one that is missing.
func TestParametersHaveOneForm(t *testing.T) {
	first := map[uint64]uint64{1: 60, 2: 0, 3: 0, 4: 1, 5: 1, 6: 1, 7: 1}
	for what, change := range map[string]func(map[uint64]uint64){
		"a default":   func(m map[uint64]uint64) { m[8] = 5_000 },
		"unknown":     func(m map[uint64]uint64) { m[99] = 1 },
		"missing one": func(m map[uint64]uint64) { delete(m, 3) },
	} {
		m := map[uint64]uint64{}
		for k, v := range first {
			m[k] = v
		}
		change(m)
		if p, err := DecodeParameters(mustMarshal(m)); err == nil {
			t.Errorf("%s reads as %+v", what, p)
		}
	}
	if _, err := DecodeParameters(mustMarshal(first)); err != nil {
		t.Error(err)
	}
}

func TestParameterTexts(t *testing.T) {
	for text, want := range map[string]string{
		"massTolerance=0.01": "0.01", "massTolerance=0": "0", "massTolerance=0.000001": "0.000001",
		"prefixAuthority=reject": "reject", "lateness=60": "60",
	} {
		name, value, _ := strings.Cut(text, "=")
		p := DefaultParameters()
		if err := p.Set(name, value); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if got, _ := p.Get(name); got != want {
			t.Errorf("%s is %s", text, got)
		}
	}
	for _, text := range []string{
		"massTolerance=0.0000001", "massTolerance=-1", "massTolerance=1e-2", "massTolerance=.5", "massTolerance=0.", "massTolerance=",
		"prefixAuthority=perhaps", "prefixAuthority=2", "malformedIdentifiers=off", "lateness=1.5", "lateness=+1", "lateness=", "lateness=x",
		"lateness=99999999999999999999", "taxes=1",
	} {
		name, value, _ := strings.Cut(text, "=")
		p := DefaultParameters()
		if err := p.Set(name, value); err == nil || p != DefaultParameters() {
			t.Errorf("%s is taken: %v", text, err)
		}
	}
	p := DefaultParameters()
	if err := p.Set("massTolerance", "0.2"); err != nil {
		t.Fatal(err)
	}
	if err := p.Validate(); err == nil || !strings.Contains(err.Error(), "0.2 is not between 0 and 0.1") {
		t.Error(err)
	}
}
