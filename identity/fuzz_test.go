package identity

import (
	"bytes"
	"reflect"
	"testing"
)

// What decodes is exactly what encodes: an envelope has one wire form.
func FuzzDecodeEnvelope(f *testing.F) {
	for _, e := range []*Envelope{signed(f, "a", "epcis", 5, `{}`), signed(f, "b", "certificate", 1<<64-1, numbered(30)...)} {
		f.Add(mustMarshal(e))
	}
	f.Add([]byte{0x86})
	for _, b := range malformed(mustMarshal(signed(f, "a", "epcis", 5, `{}`))) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := DecodeEnvelope(b)
		if want := byLibrary(b); (err == nil) != (want != nil) || err == nil && !reflect.DeepEqual(e, want) {
			t.Fatalf("%x reads as %+v, %v; the library reads %+v", b, e, err, want)
		}
		if err != nil {
			return
		}
		again, err := e.Encode()
		if err != nil || !bytes.Equal(b, again) {
			t.Fatalf("%x encodes to %x, %v", b, again, err)
		}
		e.ID()
	})
}

// byLibrary reads an envelope by reflection and compares what it encodes to:
// what DecodeEnvelope must agree with. It is nil for what is none.
func byLibrary(b []byte) *Envelope {
	mode := mustDecMode(MaxRecords)
	var e Envelope
	if len(b) > MaxEnvelopeBytes || mode.Unmarshal(b, &e) != nil || e.checkLimits() != nil {
		return nil
	}
	if again, err := encMode.Marshal(&e); err != nil || !bytes.Equal(b, again) {
		return nil
	}
	return &e
}

// What parses names its own hash, and sealing the blanked document gives it back.
func FuzzParseGenesis(f *testing.F) {
	// Small seeds: go test spends up to a minute on making each interesting input
	// smaller, and with the golden document it does nothing else.
	small := `{"genesis_time":"2026-11-22T10:00:00Z","chain_id":"","app_state":{"organisations":[{"id":"https://id.gs1.org/417/9521101000009",` +
		`"name":"a","country":"ET","roles":["bank"],"keys":["` + FormatPublicKey(testKey(f, "a").PublicKey()) + `"]}]}}`
	sealed, err := SealGenesis([]byte(small))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add([]byte(small))
	f.Add([]byte(`{"chain_id":""}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		sealed, err := SealGenesis(doc)
		if err != nil {
			sealed = doc
		}
		g, err := ParseGenesis(sealed)
		if err != nil {
			return
		}
		blank := bytes.Replace(sealed, []byte(`"`+g.ChainID+`"`), []byte(`""`), 1)
		if again, err := SealGenesis(blank); err == nil && !bytes.Equal(again, sealed) {
			t.Fatalf("sealed again as\n%s\nnot\n%s", again, sealed)
		}
	})
}

func FuzzDecodeKeyState(f *testing.F) {
	f.Add(KeyState{}.Encode())
	f.Add(KeyState{Intervals: []Interval[KeyStanding]{{ToSeq: ptr(3)}, {FromSeq: 3, Value: KeyStanding{Status: Revoked, PublicKey: []byte{2}}}}}.Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := DecodeKeyState(b)
		if err == nil && !bytes.Equal(s.Encode(), b) {
			t.Fatalf("%x encodes to %x", b, s.Encode())
		}
	})
}

func FuzzDecodeOrganisationState(f *testing.F) {
	f.Add(OrganisationState{Intervals: []Interval[OrganisationStanding]{{Value: OrganisationStanding{Status: Active,
		Organisation: Organisation{ID: "a", Roles: []Role{Bank}, Keys: []string{"k"}, Peer: "p"}}}}}.Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := DecodeOrganisationState(b)
		if err == nil && !bytes.Equal(s.Encode(), b) {
			t.Fatalf("%x encodes to %x", b, s.Encode())
		}
	})
}

// Parameters have one form, and what a network votes on is read back as it stands.
func FuzzDecodeParameters(f *testing.F) {
	p := DefaultParameters()
	f.Add(p.Encode())
	p.Lateness, p.PrefixAuthority = 60, PolicyReject
	f.Add(p.Encode())
	f.Add([]byte{0xa0})
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := DecodeParameters(b)
		if err != nil {
			return
		}
		if !bytes.Equal(p.Encode(), b) {
			t.Fatalf("%x encodes to %x", b, p.Encode())
		}
		_ = p.Validate()
	})
}

// A key file is an error or a key, never a panic. The seeds cost no scrypt.
func FuzzKeyFile(f *testing.F) {
	f.Add([]byte(`{"version":3,"id":"6216e0f0-4f95-471d-ab9a-14a39a04d3be","crypto":{"cipher":"aes-128-ctr","kdf":"pbkdf2","kdfparams":{"c":1}}}`))
	f.Fuzz(func(t *testing.T, b []byte) { _ = checkKeyFile(b) })
}

// malformed is what differs from a wire by one byte, or ends early.
func malformed(wire []byte) [][]byte {
	var out [][]byte
	for i := range wire {
		for _, x := range []byte{0x01, 0x20, 0x80, 0xff} {
			b := bytes.Clone(wire)
			b[i] ^= x
			out = append(out, b)
		}
		out = append(out, wire[:i])
	}
	return append(out, append(bytes.Clone(wire), 0))
}
