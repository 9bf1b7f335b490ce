package verify_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

func base64Of(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func TestEnvelopes(t *testing.T) {
	n := node(t)
	var envelopes []struct {
		Name, PublicKey, Network, Kind, Signer string
		NotAfter                               uint64
		Records, RecordHashes                  []string
		RecordsRoot, ID, Signature             string
	}
	vectors(t, &envelopes, "identity", "testdata", "envelopes.json")
	for _, e := range envelopes {
		question := map[string]any{"network": e.Network, "kind": e.Kind, "signer": e.Signer[2:], "notAfter": e.NotAfter,
			"signature": e.Signature, "publicKey": e.PublicKey[2:]}
		var records []string
		for _, r := range e.Records {
			records = append(records, base64Of([]byte(r)))
		}
		question["records"] = records
		var got struct {
			Hashes                   []string
			Root, ID, Address, Fault string
		}
		n.ask(t, &got, "envelope", question)
		signer, err := identity.ParseAddress(e.Signer)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Hashes, e.RecordHashes) || got.Root != e.RecordsRoot || got.ID != e.ID || got.Address != signer.Hex() || got.Fault != "" {
			t.Errorf("%s: %+v", e.Name, got)
		}
		for name, c := range map[string]struct{ field, value, fault string }{
			"another signature":  {"signature", flip(e.Signature), "signature"},
			"the upper s":        {"signature", upperS(t, e.Signature), "high s"},
			"r of zero":          {"signature", strings.Repeat("00", 32) + e.Signature[64:], "signature"},
			"another signer":     {"signer", flip(e.Signer[2:]), "signer"},
			"another kind":       {"kind", e.Kind + "x", "signature"},
			"no key":             {"publicKey", "05" + e.PublicKey[4:], "public key"},
			"a key off the line": {"publicKey", "02" + strings.Repeat("ff", 32), "public key"},
		} {
			changed := map[string]any{}
			for k, v := range question {
				changed[k] = v
			}
			changed[c.field] = c.value
			n.ask(t, &got, "envelope", changed)
			if got.Fault != c.fault {
				t.Errorf("%s, %s: %q, not %q", e.Name, name, got.Fault, c.fault)
			}
		}
	}
}

func flip(s string) string {
	b, _ := hex.DecodeString(s)
	b[0] ^= 1
	return hex.EncodeToString(b)
}

// upperS is the malleable twin of a signature.
func upperS(t *testing.T, s string) string {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	order, _ := hex.DecodeString("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141")
	borrow := 0
	for i := 31; i >= 0; i-- {
		d := int(order[i]) - int(b[32+i]) - borrow
		borrow = 0
		if d < 0 {
			d, borrow = d+256, 1
		}
		b[32+i] = byte(d)
	}
	return hex.EncodeToString(b)
}

func TestStates(t *testing.T) {
	n := node(t)
	var states []struct{ Name, Hex string }
	vectors(t, &states, "identity", "testdata", "states.json")
	for _, s := range states {
		b, err := hex.DecodeString(s.Hex)
		if err != nil {
			t.Fatal(err)
		}
		inputs := [][]byte{b}
		for i := range b { // and every change of one byte
			for _, x := range []byte{1, 0x20, 0x80} {
				c := bytes.Clone(b)
				c[i] ^= x
				inputs = append(inputs, c)
			}
		}
		for _, b := range inputs {
			keys, err := identity.DecodeKeyState(b)
			sameState(t, n, s.Name, "keyState", b, err, func() any {
				out := []map[string]any{}
				for _, i := range keys.Intervals {
					standing := map[string]any{"status": i.Value.Status, "organisation": i.Value.Organisation,
						"publicKey": hex.EncodeToString(i.Value.PublicKey)}
					if len(i.Value.Kinds) > 0 {
						standing["kinds"] = i.Value.Kinds
					}
					out = append(out, interval(i.FromSeq, i.ToSeq, standing))
				}
				return out
			})
			orgs, err := identity.DecodeOrganisationState(b)
			sameState(t, n, s.Name, "organisationState", b, err, func() any {
				out := []map[string]any{}
				for _, i := range orgs.Intervals {
					o := i.Value.Organisation
					out = append(out, interval(i.FromSeq, i.ToSeq, map[string]any{"status": i.Value.Status, "organisation": map[string]any{
						"id": o.ID, "name": o.Name, "country": o.Country, "roles": some(o.Roles), "schemes": some(o.Schemes),
						"prefixes": some(o.Prefixes), "keys": some(o.Keys), "peer": o.Peer, "nodeID": o.NodeID}}))
				}
				return out
			})
		}
	}
}

// Of the parameters a verifier reads how far records may be from what they tell of; the
// others, and what is none, are known to it.
func TestParameters(t *testing.T) {
	n := node(t)
	for i := -1; i < len(identity.ParameterTable()); i++ {
		p := identity.DefaultParameters()
		if i >= 0 {
			one := identity.ParameterTable()[i]
			if err := p.Set(one.Name, one.Text(one.High)); err != nil {
				t.Fatal(err)
			}
		}
		b := p.Encode()
		for at := -1; at < len(b); at++ {
			c := bytes.Clone(b)
			if at >= 0 {
				c[at] ^= 1
			}
			p, err := identity.DecodeParameters(c)
			sameState(t, n, "parameters", "parameters", c, err, func() any {
				return map[string]any{"futureSkew": number(p.FutureSkew), "lateness": number(p.MaxLateness())}
			})
		}
	}
}

func interval(from uint64, to *uint64, value any) map[string]any {
	m := map[string]any{"fromSeq": number(from), "value": value}
	if to != nil {
		m["toSeq"] = number(*to)
	}
	return m
}

// number is how the verifier holds an integer: past 2^53 as infinity, null in JSON.
func number(n uint64) any {
	if n > 1<<53-1 {
		return nil
	}
	return n
}

func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func sameState(t *testing.T, n *engine, name, operation string, b []byte, wrong error, want func() any) {
	t.Helper()
	a := n.answer(t, operation, hex.EncodeToString(b))
	if (a.Error == "") != (wrong == nil) || wrong != nil && a.Error != "EncodingError" {
		t.Fatalf("%s, %s %x: %v, but %s %s", name, operation, b, wrong, a.Error, a.Detail)
	}
	if wrong == nil {
		equalJSON(t, name, a.Value, want())
	}
}

// equalJSON compares what the verifier says with what Go would say, as JSON.
func equalJSON(t *testing.T, name string, got json.RawMessage, want any) {
	t.Helper()
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if g, w := normal(t, got), normal(t, b); g != w {
		t.Errorf("%s: %s", name, firstDifference(g, w))
	}
}

// normal is JSON with its names sorted, one value a line.
func normal(t *testing.T, b []byte) string {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	out, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			return fmt.Sprintf("line %d\n got: %s\nwant: %s", i+1, strings.Join(g[max(0, i-6):min(len(g), i+2)], "\n      "), strings.Join(w[min(len(w), max(0, i-6)):min(len(w), i+2)], "\n      "))
		}
	}
	return "got is shorter"
}

func TestGenesis(t *testing.T) {
	n := node(t)
	var sealed [][]byte
	b := readFile(t, "identity", "testdata", "genesis.json")
	sealed = append(sealed, b)
	var chains []struct{ Genesis string }
	vectors(t, &chains, "proof", "testdata", "checkpoint.json")
	for _, c := range chains {
		sealed = append(sealed, []byte(c.Genesis))
	}
	for i, doc := range sealed {
		for _, change := range []func(string) string{
			func(s string) string { return s },
			func(s string) string { return strings.Replace(s, "2026", "2027", 1) },
			func(s string) string { return s + " {}" },
			func(s string) string { return strings.Replace(s, `"chain_id"`, `"Chain_id"`, 1) },
			func(s string) string { return s[:len(s)-5] },
		} {
			doc := change(string(doc))
			g, err := identity.ParseGenesis([]byte(doc))
			a := n.answer(t, "genesis", doc)
			if (err == nil) != (a.Error == "") {
				t.Errorf("genesis %d: %v, but %s %s", i, err, a.Error, a.Detail)
			}
			if err != nil {
				continue
			}
			validators := []map[string]any{}
			for _, v := range g.Validators {
				validators = append(validators, map[string]any{"key": v.Key, "power": fmt.Sprint(v.Power)})
			}
			equalJSON(t, "genesis", a.Value, map[string]any{"network": g.Network, "time": fmt.Sprint(g.Time), "validators": validators})
		}
	}
}

func TestFormats(t *testing.T) {
	n := node(t)
	var golden struct{ Entry, EntryLeafHash, FirstEntry, FirstEntryLeafHash, Findings, FindingsHash, NoFindings, NoFindingsHash, AppHash, AppHashOfFirst, EmptyRoot string }
	vectors(t, &golden, "proof", "testdata", "formats.json")
	for h, want := range map[string]string{golden.Entry: golden.EntryLeafHash, golden.FirstEntry: golden.FirstEntryLeafHash} {
		b, err := hex.DecodeString(h)
		if err != nil {
			t.Fatal(err)
		}
		e, err := proof.DecodeEntry(b)
		if err != nil {
			t.Fatal(err)
		}
		var got string
		n.ask(t, &got, "entry", map[string]any{"height": e.Height, "time": fmt.Sprint(e.Time), "seq": e.Seq, "envelope": e.Envelope, "index": e.Index,
			"kind": e.Kind, "signer": hex.EncodeToString(e.Signer[:]), "record": e.Record, "codes": some(e.Codes), "findingsHash": e.FindingsHash})
		if got != h {
			t.Errorf("entry %s, not %s", got, h)
		}
		n.ask(t, &got, "leafHash", h)
		if got != want {
			t.Errorf("leaf hash %s, not %s", got, want)
		}
	}
	for h, want := range map[string]string{golden.Findings: golden.FindingsHash, golden.NoFindings: golden.NoFindingsHash} {
		b, _ := hex.DecodeString(h)
		for i := -1; i < len(b); i++ {
			c := bytes.Clone(b)
			if i >= 0 {
				c[i] ^= 0x21
			}
			findings, err := proof.DecodeFindings(c)
			a := n.answer(t, "findings", hex.EncodeToString(c))
			if (err == nil) != (a.Error == "") {
				t.Fatalf("%x: %v, but %s %s", c, err, a.Error, a.Detail)
			}
			if err != nil {
				continue
			}
			if i < 0 && !strings.Contains(string(a.Value), want) {
				t.Errorf("findings %s have another hash than %s", a.Value, want)
			}
			equalJSON(t, "findings", a.Value, map[string]any{"hash": proof.FindingsHash(findings), "findings": shownFindings(findings)})
		}
	}
	var got string
	n.ask(t, &got, "appHash", map[string]any{"height": "72623859790382856", "previous": hashOf("previous"), "logSize": "1230066625199609624", "logRoot": hashOf("log"), "mapRoot": hashOf("map")})
	if got != golden.AppHash {
		t.Errorf("app hash %s", got)
	}
	n.ask(t, &got, "appHash", map[string]any{"height": "1", "previous": hashOf("network"), "logSize": "1", "logRoot": golden.FirstEntryLeafHash, "mapRoot": identity.Hash{}})
	if got != golden.AppHashOfFirst {
		t.Errorf("first app hash %s", got)
	}
}

func shownFindings(findings []trace.Finding) []map[string]any {
	out := []map[string]any{}
	for _, f := range findings {
		facts := []map[string]any{}
		for _, x := range f.Facts {
			fact := map[string]any{"name": x.Name, "value": x.Value}
			if x.Seq != nil {
				fact["seq"] = number(*x.Seq)
			}
			facts = append(facts, fact)
		}
		shown := map[string]any{"severity": f.Severity, "rule": f.Rule, "version": f.Version, "code": f.Code, "title": f.Title}
		if len(facts) > 0 {
			shown["facts"] = facts
		}
		if f.Next != "" {
			shown["next"] = f.Next
		}
		out = append(out, shown)
	}
	return out
}

func TestSubsets(t *testing.T) {
	n := node(t)
	var subsets []struct {
		Name         string
		Size         uint64
		At           []uint64
		Leaves, Path []string
		Root         string
	}
	vectors(t, &subsets, "proof", "testdata", "subset.json")
	for _, s := range subsets {
		a := n.answer(t, "subset", map[string]any{"size": s.Size, "at": some(s.At), "leaves": some(s.Leaves), "path": some(s.Path)})
		if s.Root == "" && a.Error != "ProofError" || s.Root != "" && string(a.Value) != `"`+s.Root+`"` {
			t.Errorf("%s: %s %s, not %q", s.Name, a.Value, a.Detail, s.Root)
		}
	}
}

func TestMaps(t *testing.T) {
	n := node(t)
	type leaf struct {
		NS, ID            string
		Key               string
		Count             uint64
		Head, State, Hash string
	}
	var maps []struct {
		Name   string
		Leaves []leaf
		Root   string
		Proofs []struct {
			Name, Proof string
			Present     []leaf
			Absent      []string
			Root        string
			Verified    bool
		}
	}
	vectors(t, &maps, "proof", "testdata", "map.json")
	shown := func(l leaf) map[string]any {
		return map[string]any{"key": l.Key, "count": fmt.Sprint(l.Count), "head": l.Head, "state": l.State}
	}
	for _, m := range maps {
		for _, l := range m.Leaves {
			var key, hash string
			n.ask(t, &key, "mapKey", map[string]any{"ns": l.NS, "id": l.ID})
			n.ask(t, &hash, "mapLeaf", shown(l))
			if key != l.Key || hash != l.Hash {
				t.Errorf("%s, %s: key %s, leaf %s", m.Name, l.ID, key, hash)
			}
		}
		for _, p := range m.Proofs {
			present := []map[string]any{}
			for _, l := range p.Present {
				present = append(present, shown(l))
			}
			a := n.answer(t, "map", map[string]any{"proof": p.Proof, "present": present, "absent": p.Absent, "root": p.Root})
			if (a.Error == "") != p.Verified || !p.Verified && a.Error != "ProofError" {
				t.Errorf("%s, %s: %s %s", m.Name, p.Name, a.Error, a.Detail)
			}
		}
	}
}

func TestLightBlocks(t *testing.T) {
	n := node(t)
	var blocks []struct {
		Name                       string
		Block                      json.RawMessage
		HeaderHash, ValidatorsHash string
		VoteBytes                  []string
	}
	vectors(t, &blocks, "proof", "testdata", "engine.json")
	for _, b := range blocks {
		var got struct {
			HeaderHash, ValidatorsHash string
			VoteBytes                  []string
			Votes                      []bool
		}
		n.ask(t, &got, "lightBlock", b.Block)
		if got.HeaderHash != b.HeaderHash || got.ValidatorsHash != b.ValidatorsHash || !slices.Equal(got.VoteBytes, b.VoteBytes) || slices.Contains(got.Votes, false) {
			t.Errorf("%s: %+v", b.Name, got)
		}
	}
}

// Two verifiers may not differ in any signature, odd ones of no honest key included.
func TestEd25519(t *testing.T) {
	n := node(t)
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	public, text := []byte(private.Public().(ed25519.PublicKey)), []byte("vote")
	good := ed25519.Sign(private, text)
	keys := [][]byte{public, make([]byte, 32), bytes.Repeat([]byte{0xff}, 32)}
	for _, h := range []string{ // points of small order, canonical and not (Hacken, "Taming the many EdDSAs", table 6)
		"0100000000000000000000000000000000000000000000000000000000000000",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"0100000000000000000000000000000000000000000000000000000000000080",
		"0000000000000000000000000000000000000000000000000000000000000080",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	} {
		b, _ := hex.DecodeString(h)
		keys = append(keys, b)
	}
	signatures := [][]byte{good, make([]byte, 64), bytes.Repeat([]byte{0xff}, 64)}
	for _, r := range keys {
		signatures = append(signatures, append(bytes.Clone(r), make([]byte, 32)...), append(bytes.Clone(r), good[32:]...))
	}
	for i := range good {
		changed := bytes.Clone(good)
		changed[i] ^= 0x10
		signatures = append(signatures, changed)
	}
	order, _ := hex.DecodeString("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
	long, carry := bytes.Clone(good), 0
	for i := range order { // s + L
		sum := int(long[32+i]) + int(order[i]) + carry
		long[32+i], carry = byte(sum), sum>>8
	}
	signatures = append(signatures, long)
	for _, key := range keys {
		for _, s := range signatures {
			var got bool
			n.ask(t, &got, "ed25519", map[string]string{"key": hex.EncodeToString(key), "text": hex.EncodeToString(text), "signature": hex.EncodeToString(s)})
			if want := ed25519.Verify(key, text, s); got != want {
				t.Errorf("key %x, signature %x: %v, not %v", key, s, got, want)
			}
		}
	}
}

func TestCheckpoints(t *testing.T) {
	n := node(t)
	var chains []struct {
		Genesis string
		Cases   []struct {
			Name       string
			Trusted    json.RawMessage
			Checkpoint string
			Verdict    string
		}
	}
	vectors(t, &chains, "proof", "testdata", "checkpoint.json")
	for i, c := range chains {
		for _, k := range c.Cases {
			question := map[string]string{"genesis": base64Of([]byte(c.Genesis)), "checkpoint": base64Of([]byte(k.Checkpoint))}
			if k.Trusted != nil {
				var compact bytes.Buffer
				if err := json.Compact(&compact, k.Trusted); err != nil {
					t.Fatal(err)
				}
				question["trusted"] = base64Of(compact.Bytes())
			}
			a := n.answer(t, "checkpoint", question)
			if got := strings.ToLower(a.Error); got != k.Verdict {
				t.Errorf("chain %d, %s: %q, not %q %s", i, k.Name, got, k.Verdict, a.Detail)
			}
		}
	}
}
