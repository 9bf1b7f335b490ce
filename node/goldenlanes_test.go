package node

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/testnet/lane"
)

// chainwright makes a golden chain of the lanes. Its keys, instants and cuts are fixed, so
// that the same lanes give the same chain.
type chainwright struct {
	chain   chain
	network identity.Network
	keys    map[string]*identity.Key // by member
	now     time.Time                // of the block that is open
	packs   batches
	open    []wire
	about   []string
	signed  uint64
}

func laneChain(t *testing.T) *chain {
	t.Helper()
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	w := &chainwright{keys: map[string]*identity.Key{}, now: noon}
	o := GenesisOptions{Time: noon.Add(-time.Minute), Validators: []Validator{
		{PublicKey: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public().(ed25519.PublicKey), Power: 1, Name: "validator"}}}
	var members []string
	for i, m := range lane.Members(4) {
		key, err := identity.ParseKey(fmt.Sprintf("%064x", i+1))
		if err != nil {
			t.Fatal(err)
		}
		w.keys[m.Name] = key
		members = append(members, m.Name)
		m.Organisation.Keys = []string{identity.FormatPublicKey(key.PublicKey())}
		o.Organisations = append(o.Organisations, m.Organisation)
	}
	doc, err := BuildGenesis(o)
	if err != nil {
		t.Fatal(err)
	}
	w.chain.Genesis = doc
	w.network = w.chain.genesis(t).Network

	var first, second [][]lane.Act
	for _, l := range lane.All() {
		ground, err := l.Ground(noon)
		if err != nil {
			t.Fatal(err)
		}
		first = append(first, titled(l, ground, w.script(t, l, noon, 0)))
		second = append(second, titled(l, w.script(t, l, noon, 1)))
	}
	w.weave(t, first)
	w.govern(t, members)
	w.weave(t, second)
	return &w.chain
}

func (w *chainwright) script(t *testing.T, l lane.Lane, noon time.Time, n int) []lane.Act {
	t.Helper()
	s, err := l.Script(noon, n)
	if err != nil {
		t.Fatal(err)
	}
	return s.Acts
}

func titled(l lane.Lane, acts ...[]lane.Act) []lane.Act {
	all := slices.Concat(acts...)
	for i := range all {
		all[i].Title = l.Name + ", " + all[i].Member + ": " + all[i].Title
	}
	return all
}

// weave has the lanes take turns in blocks of a few acts, one of them of no act at all.
// Between them come envelopes that no block admits, and one whose record cannot be read.
func (w *chainwright) weave(t *testing.T, lanes [][]lane.Act) {
	t.Helper()
	for turn := 0; len(lanes) > 0; turn++ {
		at := turn % len(lanes)
		n := min(1+turn%4, len(lanes[at]))
		for _, act := range lanes[at][:n] {
			records, err := act.Signed()
			if err != nil {
				t.Fatal(err)
			}
			w.add(act.Title, w.sign(t, act.Member, act.Kind, time.Hour, records...))
		}
		last := w.open[len(w.open)-1].bytes
		switch turn {
		case 3:
			w.add("once more", last)
		case 5:
			forged := bytes.Clone(last)
			forged[len(forged)-1] ^= 1
			w.open = slices.Insert(w.open, 0, newWire(forged))
			w.about = slices.Insert(w.about, 0, "forged")
		case 7:
			w.add("too late", w.sign(t, "exporter", epcis.KindEvent, -time.Hour, []byte("{}")))
		case 9:
			w.add("cannot be read", w.sign(t, "exporter", epcis.KindEvent, time.Hour, []byte(`{"type":"ObjectEvent"`)))
		case 11:
			w.commit()
		}
		w.commit()
		if lanes[at] = lanes[at][n:]; len(lanes[at]) == 0 {
			lanes = slices.Delete(lanes, at, at+1)
		}
	}
}

// govern has the members change a parameter, and one of them its key, which was stolen.
func (w *chainwright) govern(t *testing.T, members []string) {
	t.Helper()
	record := func(member string, g epcis.Governance) {
		w.add("governance, "+member+": "+g.Action, w.sign(t, member, epcis.KindGovernance, time.Hour, g.JSON()))
	}
	id := epcis.Canonical("urn:uuid:6f1c7d0a-0c43-4b3e-9d5e-3a4f5b6c7d8e")
	record(members[0], epcis.Governance{Action: epcis.Propose, ID: id, Change: epcis.ChangeParameters,
		Parameters: []epcis.GovernedParameter{{Name: "massTolerance", Value: "0"}}})
	w.commit()
	for _, m := range members[1:] {
		record(m, epcis.Governance{Action: epcis.Vote, ID: id, Yes: m != "carrier"})
	}
	w.commit()
	const robbed = "courier"
	stolen := w.keys[robbed]
	next, err := identity.ParseKey(fmt.Sprintf("%064x", 1000))
	if err != nil {
		t.Fatal(err)
	}
	since := instant(w.now.Add(-time.Hour))
	record(robbed, epcis.Governance{Action: epcis.AddKey, Key: identity.FormatPublicKey(next.PublicKey())})
	w.commit()
	w.keys[robbed] = next
	record(robbed, epcis.Governance{Action: epcis.RevokeKey, Key: stolen.Address().Hex(), CompromisedSince: &since,
		Reason: "the laptop that had it was stolen"})
	w.commit()
}

// sign is the wire of an envelope that expires so long after its block.
func (w *chainwright) sign(t *testing.T, member string, kind epcis.Kind, expires time.Duration, records ...[]byte) []byte {
	t.Helper()
	w.signed++ // what signs the same twice is another envelope
	key := w.keys[member]
	env := identity.NewEnvelope(w.network, string(kind), key.Address(), uint64(w.now.Add(expires).Unix())+w.signed, records)
	if err := key.SignEnvelope(env); err != nil {
		t.Fatal(err)
	}
	wire, err := env.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return wire
}

func (w *chainwright) add(about string, wire []byte) {
	w.open, w.about = append(w.open, newWire(wire)), append(w.about, about)
}

// commit closes the block, and opens the next.
func (w *chainwright) commit() {
	w.chain.Blocks = append(w.chain.Blocks, chainBlock{w.now, w.packs.pack(w.open), w.about})
	w.open, w.about = nil, nil
	w.now = w.now.Add(time.Duration(1000+37*len(w.chain.Blocks)) * time.Millisecond)
}
