package identity

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"testing"
)

func ptr(v uint64) *uint64 { return &v }

func TestStateAt(t *testing.T) {
	s := KeyState{Intervals: []Interval[KeyStanding]{
		{FromSeq: 2, ToSeq: ptr(5), Value: KeyStanding{Status: Active, Organisation: "a"}},
		{FromSeq: 5, ToSeq: ptr(9), Value: KeyStanding{Status: Suspended, Organisation: "a"}},
		{FromSeq: 12, Value: KeyStanding{Status: Active, Organisation: "b"}},
	}}
	for seq, want := range map[uint64]Status{0: "", 1: "", 2: Active, 4: Active, 5: Suspended, 8: Suspended, 9: "", 11: "", 12: Active, 1 << 63: Active} {
		got, ok := s.At(seq)
		if ok != (want != "") || got.Status != want {
			t.Errorf("at %d: %v, %v", seq, got, ok)
		}
	}
	if _, ok := (KeyState{}).At(0); ok {
		t.Error("standing from nothing")
	}
	if v, ok := (OrganisationState{Intervals: []Interval[OrganisationStanding]{{Value: OrganisationStanding{Status: Active}}}}).At(0); !ok || v.Status != Active {
		t.Error("genesis standing does not hold at 0")
	}
	b := s.Encode()
	d, err := DecodeKeyState(b)
	if err != nil || !bytes.Equal(d.Encode(), b) {
		t.Fatal(err)
	}
}

func TestStateShapeIsHeld(t *testing.T) {
	for name, intervals := range map[string][]Interval[KeyStanding]{
		"empty interval":  {{FromSeq: 5, ToSeq: ptr(5)}},
		"backwards":       {{FromSeq: 5, ToSeq: ptr(4)}},
		"overlap":         {{FromSeq: 0, ToSeq: ptr(5)}, {FromSeq: 4}},
		"open in between": {{FromSeq: 0}, {FromSeq: 4}},
		"descending":      {{FromSeq: 9, ToSeq: ptr(10)}, {FromSeq: 1, ToSeq: ptr(2)}},
	} {
		if _, err := DecodeKeyState(KeyState{Intervals: intervals}.Encode()); !errors.Is(err, ErrEncoding) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestGoldenStates(t *testing.T) {
	k := testKey(t, "state")
	o := Organisation{ID: "https://id.gs1.org/417/9521101000009", Name: "Union", Country: "ET", Roles: []Role{Producer},
		Prefixes: []string{"9521101"}, Keys: []string{FormatPublicKey(k.PublicKey())}}
	states := []struct{ Name, Hex string }{
		{"key, genesis", hex.EncodeToString(KeyState{Intervals: []Interval[KeyStanding]{
			{Value: KeyStanding{Status: Active, Organisation: o.ID, PublicKey: k.PublicKey()}}}}.Encode())},
		{"key, revoked at 300", hex.EncodeToString(KeyState{Intervals: []Interval[KeyStanding]{
			{ToSeq: ptr(300), Value: KeyStanding{Status: Active, Organisation: o.ID, PublicKey: k.PublicKey()}},
			{FromSeq: 300, Value: KeyStanding{Status: Revoked, Organisation: o.ID, PublicKey: k.PublicKey()}}}}.Encode())},
		{"key for two kinds of records", hex.EncodeToString(KeyState{Intervals: []Interval[KeyStanding]{
			{FromSeq: 9, Value: KeyStanding{Status: Active, Organisation: o.ID, PublicKey: k.PublicKey(), Kinds: []string{"epcis", "masterdata"}}}}}.Encode())},
		{"organisation, genesis", hex.EncodeToString(OrganisationState{Intervals: []Interval[OrganisationStanding]{
			{Value: OrganisationStanding{Status: Active, Organisation: o}}}}.Encode())},
		{"no key state", hex.EncodeToString(KeyState{}.Encode())},
		{"default parameters", hex.EncodeToString(DefaultParameters().Encode())},
	}
	out, err := json.MarshalIndent(states, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "states.json", append(out, '\n'))

	p, err := DecodeParameters(DefaultParameters().Encode())
	if err != nil || p != DefaultParameters() {
		t.Errorf("%v, %v", p, err)
	}
}

func TestUnmarshalStrict(t *testing.T) {
	good := KeyState{Intervals: []Interval[KeyStanding]{{FromSeq: 1, Value: KeyStanding{Status: Active}}}}.Encode()
	if _, err := DecodeKeyState(good); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]string{
		"nothing": "", "not a map": "80", "missing field": "a0", "null list": "a101f6", "unknown field": "a201800200",
		"repeated field": "a201800180", "indefinite map": "bf0180ff", "longer key": "a1180180", "trailing": "a1018000",
		"tagged": "c0a10180", "text key": "a20180616180",
	} {
		b, err := hex.DecodeString(s)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := DecodeKeyState(b); !errors.Is(err, ErrEncoding) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var nilled, empty KeyState
	empty.Intervals = []Interval[KeyStanding]{}
	if !bytes.Equal(nilled.Encode(), empty.Encode()) {
		t.Error("nil and empty differ")
	}
}

// A key is in doubt from the second on that its last interval names, and no earlier.
func TestDoubtful(t *testing.T) {
	since := int64(100)
	s := KeyState{Intervals: []Interval[KeyStanding]{{ToSeq: ptr(5), Value: KeyStanding{Status: Active}},
		{FromSeq: 5, Value: KeyStanding{Status: Revoked, CompromisedSince: &since}}}}
	for seconds, want := range map[int64]bool{99: false, 100: true, 101: true} {
		if s.Doubtful(seconds) != want {
			t.Errorf("at %d: %v", seconds, !want)
		}
	}
	s.Intervals = s.Intervals[:1]
	if s.Doubtful(100) || (KeyState{}).Doubtful(100) {
		t.Error("in doubt, though nobody said so")
	}
}
