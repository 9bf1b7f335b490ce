package contracts_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// thing is one of the few things of a random history; any may hold any. Some have a class,
// and get a lot when they are born.
func thing(i int) string {
	if i%3 == 0 {
		return fmt.Sprintf("urn:x:thing:%d", i)
	}
	return fmt.Sprintf("https://id.gs1.org/01/%s/21/%d", []string{"", "09521102000015", "09521102000022"}[i%3], i)
}

// bondWorld plays random histories of bonds.
type bondWorld struct {
	*memory
	things int
	times  int // how far back in time an event may reach, seconds
}

func (w *bondWorld) draw(t *rapid.T, i int) submission {
	name := rapid.Custom(func(t *rapid.T) string { return thing(rapid.IntRange(0, w.things-1).Draw(t, "thing")) })
	names := rapid.SliceOfN(name, 0, 2)
	e := map[string]any{
		"@context": epcis.ContextURL, "eventTimeZoneOffset": "+00:00",
		"eventTime": epcis.Instant{Seconds: worldStart + int64(i) - int64(rapid.IntRange(0, w.times).Draw(t, "back"))}.String(),
		"eventID":   fmt.Sprintf("urn:uuid:%d", rapid.IntRange(0, 12).Draw(t, "eventID")),
	}
	switch kind := rapid.IntRange(0, 13).Draw(t, "kind"); kind {
	case 0:
		e["type"], e["epcList"] = "ObjectEvent", append(names.Draw(t, "objects"), name.Draw(t, "object"))
		e["action"] = rapid.SampledFrom([]string{"OBSERVE", "DELETE"}).Draw(t, "action")
		e["bizStep"] = rapid.SampledFrom([]string{"storing", "receiving"}).Draw(t, "bizStep")
	case 2:
		e["type"], e["action"], e["bizStep"], e["epcList"] = "ObjectEvent", "ADD", "commissioning", []string{name.Draw(t, "born")}
		if lot := rapid.SampledFrom([]string{"", "L1", "L2"}).Draw(t, "lot"); lot != "" {
			e["ilmd"] = map[string]string{"cbvmda:lotNumber": lot}
		}
	case 3:
		e["type"], e["action"], e["epcList"] = "ObjectEvent", "OBSERVE", []string{name.Draw(t, "recalled")}
		e["disposition"] = "recalled"
	case 1:
		e["type"], e["inputEPCList"], e["outputEPCList"] = "TransformationEvent", []string{name.Draw(t, "input")}, []string{name.Draw(t, "output")}
	default:
		e["type"] = rapid.SampledFrom([]string{"AggregationEvent", "AggregationEvent", "AssociationEvent"}).Draw(t, "type")
		e["parentID"] = name.Draw(t, "parent")
		e["action"] = rapid.SampledFrom([]string{"ADD", "ADD", "ADD", "OBSERVE", "DELETE"}).Draw(t, "action")
		children := names.Draw(t, "children")
		if e["action"] != "DELETE" {
			children = append(children, name.Draw(t, "child"))
		}
		e["childEPCs"] = children
	}
	if rapid.IntRange(0, 5).Draw(t, "wrong") == 0 {
		e["errorDeclaration"] = map[string]any{"declarationTime": e["eventTime"]}
	}
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return submission{rapid.SampledFrom([]string{"exporter", "exporter", "roaster"}).Draw(t, "member"), b}
}

// check holds the states to what must be true of them after any history.
func (w *bondWorld) check(t *rapid.T) {
	type place struct {
		holder   string
		assembly bool
	}
	all := map[string]contracts.ItemState{}
	for i := range w.things {
		all[thing(i)] = w.state(thing(i))
	}
	state := func(uri string) contracts.ItemState { return all[uri] }
	counts, sums, locked := map[place]uint64{}, map[place]*big.Int{}, map[place]uint64{}
	for i := range w.things {
		uri := thing(i)
		held := 0
		for _, assembly := range []bool{false, true} {
			holder := heldBy(state, uri, assembly)
			if holder == "" {
				continue
			}
			held++
			s := state(uri)
			if s.Ended != nil || state(holder).Ended != nil {
				t.Fatalf("%s is in %s, and the life of one has ended", uri, holder)
			}
			p := place{holder, assembly}
			if sums[p] == nil {
				sums[p] = new(big.Int)
			}
			h := sha256.Sum256([]byte(uri))
			sums[p].Add(sums[p], new(big.Int).SetBytes(h[:]))
			counts[p]++
			if b := [...]*contracts.Bond{s.Parent, s.Assembly}[at(assembly)]; b.Marked != isMarked(s) {
				t.Fatalf("%s is marked as %v: %+v", uri, b.Marked, s)
			}
			if assembly && s.Assembly.Locked != (len(s.Locks) > 0) {
				t.Fatalf("%s is locked %v and counted %v", uri, s.Locks, s.Assembly.Locked)
			}
			if assembly && len(s.Locks) > 0 {
				locked[p]++
			}
		}
		if held > 1 {
			t.Fatalf("%s is packed and attached at once", uri)
		}
		depth := 0
		for at := uri; ; depth++ {
			if at = heldBy(state, at, false) + heldBy(state, at, true); at == "" {
				break
			}
			if at == uri || depth == 16 {
				t.Fatalf("%s is in itself, or more than 16 deep", uri)
			}
		}
	}
	modulus := new(big.Int).Lsh(big.NewInt(1), 256)
	for i := range w.things {
		s := state(thing(i))
		for _, assembly := range []bool{false, true} {
			contents := s.Contents
			if assembly {
				contents = s.Components
			}
			p := place{thing(i), assembly}
			if contents == nil {
				contents = &contracts.Contents{}
			}
			sum := new(big.Int)
			if sums[p] != nil {
				sum.Mod(sums[p], modulus)
			}
			if n := contents.Now; n.Count != counts[p] || n.Locked != locked[p] || new(big.Int).SetBytes(n.Sum[:]).Cmp(sum) != 0 {
				t.Fatalf("%s counts %+v, and %d are in it, %d locked", thing(i), n, counts[p], locked[p])
			}
		}
		w.checkInside(t, thing(i), all)
		if has := s.Components != nil && s.Components.Now.Locked > 0; has != lockedBy(s, contracts.CodeComponentLocked) {
			t.Fatalf("%s has locks %v and components %+v", thing(i), s.Locks, s.Components)
		}
		if b := w.states[trace.Key{NS: trace.NSItem, ID: thing(i)}]; len(b) > 4096 {
			t.Fatalf("a state of %d bytes", len(b))
		}
	}
}

func at(assembly bool) int {
	if assembly {
		return 1
	}
	return 0
}

// isMarked reports whether something is to be asked of a thing that is used.
func isMarked(s contracts.ItemState) bool {
	return len(s.Locks)+len(s.Left) > 0 || s.Recalled || s.Contents != nil && s.Contents.Now.Marked > 0 || s.Components != nil && s.Components.Now.Marked > 0
}

// heldAs is what a thing is in, or was in when that was emptied the last time; asideOf says so.
func heldAs(all map[string]contracts.ItemState, uri string, assembly bool) (holder string, aside bool) {
	s := all[uri]
	b := [...]*contracts.Bond{s.Parent, s.Assembly}[at(assembly)]
	if b == nil || b.In == nil || b.Out != nil {
		return "", false
	}
	h := all[b.Holder]
	held := [...]*contracts.Contents{h.Contents, h.Components}[at(assembly)]
	if held == nil || b.In.Seq < held.From {
		return "", false
	}
	return b.Holder, held.Emptied != nil && b.In.Seq < held.Emptied.Turn.Seq
}

// checkInside holds what a holder knows of what is inside of it, and of what was until it was
// emptied, to what the states of all things say.
func (w *bondWorld) checkInside(t *rapid.T, holder string, all map[string]contracts.ItemState) {
	for _, assembly := range []bool{false, true} {
		s := all[holder]
		held := [...]*contracts.Contents{s.Contents, s.Components}[at(assembly)]
		if held == nil {
			continue
		}
		tallies := map[bool]contracts.Tally{false: held.Now}
		if held.Emptied != nil {
			tallies[true] = held.Emptied.Held
		}
		for aside, tally := range tallies {
			var marks []string
			goods := map[string]uint64{}
			for i := range w.things {
				if h, was := heldAs(all, thing(i), assembly); h != holder || was != aside {
					continue
				}
				if isMarked(all[thing(i)]) {
					marks = append(marks, thing(i))
				}
				w.goodsOf(thing(i), all, goods)
			}
			slices.Sort(marks)
			if named := slices.Sorted(slices.Values(tally.Marks)); tally.Marked != uint64(len(marks)) || !slices.Equal(named, marks) {
				t.Fatalf("%s has marks %v, %d, of %v (aside %v)", holder, named, tally.Marked, marks, aside)
			}
			for _, g := range tally.Goods {
				if goods[g.Of] != g.Count {
					t.Fatalf("%s counts %+v, and %d are in it (aside %v)", holder, g, goods[g.Of], aside)
				}
			}
			if len(tally.Goods) != len(goods) || tally.Others != 0 {
				t.Fatalf("%s counts %+v and %d others of %v (aside %v)", holder, tally.Goods, tally.Others, goods, aside)
			}
		}
	}
}

// goodsOf counts a thing, and all that is in it, by lot or class.
func (w *bondWorld) goodsOf(uri string, all map[string]contracts.ItemState, goods map[string]uint64) {
	if of := all[uri].Lot; of != "" {
		goods[of]++
	} else if class := epcis.Canonical(uri).Class().URI; class != "" {
		goods[class]++
	}
	for i := range w.things {
		for _, assembly := range []bool{false, true} {
			if h, aside := heldAs(all, thing(i), assembly); h == uri && !aside {
				w.goodsOf(thing(i), all, goods)
			}
		}
	}
}

func lockedBy(s contracts.ItemState, code uint32) bool {
	for _, l := range s.Locks {
		if l.Code == code {
			return true
		}
	}
	return false
}

// play plays a random history and checks after each record. It says how deep
// things were at most.
func (w *bondWorld) play(t *testing.T, rt *rapid.T, records int) {
	for i := range records {
		w.time = epcis.Instant{Seconds: worldStart + int64(i)}
		if rapid.IntRange(0, 9).Draw(rt, "lock") == 0 { // as another rule does; seen with the next record that names it
			w.toggle(t, thing(rapid.IntRange(0, w.things-1).Draw(rt, "locked")))
		}
		s := w.draw(rt, i)
		before := w.ended()
		v := w.judge(t, s.member, epcis.KindEvent, s.record)
		if v.Rejected() {
			continue
		}
		r, err := epcis.Decode(epcis.KindEvent, s.record)
		if err != nil {
			rt.Fatal(err)
		}
		if r.Event.Correction == nil {
			for uri, state := range before {
				if now := w.state(uri); now.Ended == nil || lastBonds(now) != state {
					rt.Fatalf("%s has ended, and moves by %s", uri, s.record)
				}
			}
		}
		w.check(rt)
	}
}

// ended lists what has ended, and where it was last.
func (w *bondWorld) ended() map[string]string {
	out := map[string]string{}
	for i := range w.things {
		if s := w.state(thing(i)); s.Ended != nil {
			out[thing(i)] = lastBonds(s)
		}
	}
	return out
}

func lastBonds(s contracts.ItemState) string {
	b, err := identity.MarshalCanonical([]*contracts.Bond{s.Parent, s.Assembly})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// toggle locks or unlocks an item and lets a record name it.
func (w *bondWorld) toggle(t *testing.T, uri string) {
	s := w.state(uri)
	if s.Ended != nil || s.Condition == "" {
		return
	}
	const code = 9999
	if lockedBy(s, code) {
		var kept []contracts.Lock
		for _, l := range s.Locks {
			if l.Code != code {
				kept = append(kept, l)
			}
		}
		s.Locks = kept
	} else {
		s.Locks = append(s.Locks, contracts.Lock{Code: code})
	}
	w.setState(uri, s)
	b, err := json.Marshal(map[string]any{
		"@context": epcis.ContextURL, "type": "ObjectEvent", "action": "OBSERVE", "eventTimeZoneOffset": "+00:00",
		"eventTime": w.time.String(), "epcList": []string{uri}, "eventID": fmt.Sprintf("urn:uuid:lock-%d", w.seq),
	})
	if err != nil {
		t.Fatal(err)
	}
	if v := w.judge(t, "exporter", epcis.KindEvent, b); v.Rejected() {
		t.Fatalf("an observation is refused: %+v", v.Findings)
	}
}

// Never in two holders, never a cycle, counts and locks exact, nothing that has
// ended moves or holds.
func TestBondsFormTreesAndCountsAreExact(t *testing.T) {
	histories(t, 2000, func(rt *rapid.T) {
		w := &bondWorld{memory: world(), things: rapid.IntRange(2, 5).Draw(rt, "things"), times: rapid.IntRange(0, 6).Draw(rt, "times")}
		w.play(t, rt, rapid.IntRange(1, 40).Draw(rt, "records"))
	})
}

// The same over towers: whole stacks are packed into each other, set aside and
// brought back, and none is ever deeper than the limit.
func TestNothingIsDeeperThanTheLimit(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := &bondWorld{memory: world(), things: 24}
		w.tower(t, 0, 8)
		w.tower(t, 8, 16)
		w.tower(t, 16, 24)
		w.check(rt)
		w.play(t, rt, 20)
	})
}

// tower packs each of the things but the last into the next one.
func (w *bondWorld) tower(t *testing.T, from, to int) {
	for i := from; i < to-1; i++ {
		w.time = epcis.Instant{Seconds: worldStart}
		b, err := json.Marshal(map[string]any{
			"@context": epcis.ContextURL, "type": "AggregationEvent", "action": "ADD", "eventTimeZoneOffset": "+00:00",
			"eventTime": epcis.Instant{Seconds: worldStart - 100}.String(), "eventID": fmt.Sprintf("urn:uuid:%d", i%12),
			"parentID": thing(i + 1), "childEPCs": []string{thing(i)},
		})
		if err != nil {
			t.Fatal(err)
		}
		if v := w.judge(t, "exporter", epcis.KindEvent, b); v.Rejected() {
			t.Fatalf("a tower is refused: %+v", v.Findings)
		}
	}
}

// An owner changes when both have signed an event that names the new one, the
// second in time, and never otherwise.
func TestOwnersChangeByBothSignaturesAlone(t *testing.T) {
	const day = 86_400
	parties := []string{"exporter", "roaster", "trader"}
	rapid.Check(t, func(rt *rapid.T) {
		m := world()
		m.admit("trader", identity.Organisation{ID: partyID("9521105"), Name: "trader", Roles: []identity.Role{identity.Trader}, Prefixes: []string{"9521105"}},
			identity.Active, identity.Active)
		uri := itemURI(1)
		signed := map[[2]string]int64{} // by signer and new owner: block time of the latest signature
		m.time = epcis.Instant{Seconds: worldStart}
		for i := range rapid.IntRange(1, 40).Draw(rt, "records") {
			m.time = m.time.Add(int64(rapid.IntRange(0, 60).Draw(rt, "days") * day))
			signer := rapid.SampledFrom(parties).Draw(rt, "signer")
			e := map[string]any{
				"@context": epcis.ContextURL, "type": "TransactionEvent", "eventTimeZoneOffset": "+00:00", "eventTime": m.time.String(),
				"action": rapid.SampledFrom([]string{"ADD", "ADD", "OBSERVE", "DELETE"}).Draw(rt, "action"), "epcList": []string{uri},
				"eventID": fmt.Sprintf("urn:uuid:%d", i), "bizTransactionList": []any{map[string]string{"bizTransaction": "urn:x:po"}},
			}
			if i == 0 && rapid.Bool().Draw(rt, "born") {
				e["type"], e["action"], e["bizStep"] = "ObjectEvent", "ADD", "commissioning"
				delete(e, "bizTransactionList")
			}
			from, to := "", ""
			if name := rapid.SampledFrom(append(parties, "")).Draw(rt, "from"); name != "" && i > 0 {
				from = m.members[name].ID
				e["sourceList"] = []any{map[string]string{"type": "owning_party", "source": from}}
			}
			if name := rapid.SampledFrom(append(parties, "")).Draw(rt, "to"); name != "" {
				to = m.members[name].ID
				e["destinationList"] = []any{map[string]string{"type": "owning_party", "destination": to}}
			}
			b, err := json.Marshal(e)
			if err != nil {
				rt.Fatal(err)
			}
			before, _ := m.owner(uri)
			v := m.judge(t, signer, epcis.KindEvent, b)
			after, open := m.owner(uri)
			id := m.members[signer].ID
			born := e["type"] == "ObjectEvent"
			switch {
			case v.Rejected() && before != after:
				rt.Fatalf("a refused record changes the owner: %s", b)
			case born && after != id:
				rt.Fatalf("born by %s, owned by %s", id, after)
			case before != after && !born:
				var others []string // whose signature makes it two
				switch {
				case after != to:
					rt.Fatalf("%s is the owner by %s", after, b)
				case id != to:
					others = []string{to}
				case before != "":
					others = []string{before}
				default:
					for _, name := range parties {
						if other := m.members[name].ID; other != to {
							others = append(others, other)
						}
					}
				}
				if before != "" && id != before && id != to {
					rt.Fatalf("%s sells what is %s's: %s", id, before, b)
				}
				if !slices.ContainsFunc(others, func(other string) bool {
					at, ok := signed[[2]string{other, to}]
					return ok && m.time.Seconds-at <= 90*day
				}) {
					rt.Fatalf("the owner is %s after %q, and of %s nobody has signed: %s", after, before, others, b)
				}
				clear(signed)
			case open != "" && open == before:
				rt.Fatalf("%s is offered to its owner", uri)
			}
			if !v.Rejected() && e["action"] != "DELETE" && (before == after || born) {
				signed[[2]string{id, to}] = m.time.Seconds
			}
		}
	})
}
