package contracts_test

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/testnet/lane"
	"github.com/waymark-ledger/waymark/trace"
)

// memory is a ledger's state in memory: what Judge reads, and its writes applied.
type memory struct {
	ruleset  *contracts.Ruleset // that judges
	seq      uint64
	time     epcis.Instant
	states   map[trace.Key][]byte
	accepted map[string]uint64 // organisation + hash, and hash alone
	content  map[string]uint64
	members  map[string]identity.Organisation
	signed   []signature                 // by seq
	keys     map[string]identity.Address // with which members sign, where it is not the one of their name
	founding contracts.Founding
	records  []*trace.Recorded
	history  map[trace.Key][]uint64
	events   map[string][]uint64 // by eventID, of accepted ones
	places   map[counted]int64   // the forward index
	uses     map[trace.Key][]trace.Use
	made     map[trace.Key][]uint64
	lots     map[trace.Key][]trace.LotSince
	sighted  map[trace.Key][]uint64
	strays   map[trace.Batch]bool
	watched  bool // it is compared with the states at the end of the test
}

// counted is what the forward index counts by.
type counted struct {
	trace.Batch
	trace.Place
}

type signature struct {
	signer  identity.Address
	seconds int64
}

func newMemory() *memory {
	return &memory{
		ruleset: contracts.First(),
		states:  map[trace.Key][]byte{}, accepted: map[string]uint64{}, content: map[string]uint64{},
		members: map[string]identity.Organisation{}, keys: map[string]identity.Address{}, places: map[counted]int64{},
		history: map[trace.Key][]uint64{}, events: map[string][]uint64{}, uses: map[trace.Key][]trace.Use{}, made: map[trace.Key][]uint64{},
		lots: map[trace.Key][]trace.LotSince{}, sighted: map[trace.Key][]uint64{}, strays: map[trace.Batch]bool{},
	}
}

func (m *memory) State(k trace.Key) ([]byte, error) { return m.states[k], nil }

func (m *memory) Accepted(organisation string, record identity.Hash, _ string) (uint64, bool, error) {
	seq, ok := m.accepted[organisation+record.String()]
	return seq, ok, nil
}

func (m *memory) Signed(seq uint64) (identity.Address, int64, error) {
	if seq >= uint64(len(m.signed)) {
		return identity.Address{}, 0, fmt.Errorf("no record %d", seq)
	}
	return m.signed[seq].signer, m.signed[seq].seconds, nil
}

func (m *memory) SameContent(hash string) (uint64, bool, error) {
	seq, ok := m.content[hash]
	return seq, ok, nil
}

func (m *memory) IsEvent(seq uint64, eventID string) (bool, error) {
	return slices.Contains(m.events[eventID], seq), nil
}

// address is the made-up operating key of a member.
func address(name string) identity.Address {
	h := sha256.Sum256([]byte(name))
	return identity.Address(h[:20])
}

// signer is the key that a member signs with: of its name, or one that it has
// registered.
func (m *memory) signer(name string) identity.Address {
	if key, ok := m.keys[name]; ok {
		return key
	}
	return address(name)
}

func partyID(prefix string) string { return gs1Key("417", prefix+"00000") }

// gs1Key is the Digital Link of a key with these digits and their check digit.
func gs1Key(ai, digits string) string {
	check, err := epcis.CheckDigit(digits)
	if err != nil {
		panic(err)
	}
	return "https://id.gs1.org/" + ai + "/" + digits + string(check)
}

// admitLanes admits the members of all lanes.
func (m *memory) admitLanes() {
	for _, member := range lane.Members(4) {
		m.admit(member.Name, member.Organisation, identity.Active, identity.Active)
	}
}

// admit writes what genesis writes for a member.
func (m *memory) admit(name string, o identity.Organisation, member, key identity.Status) {
	m.members[name] = o
	m.founding.Members = append(m.founding.Members, contracts.Membership{ID: o.ID, Active: member == identity.Active})
	slices.SortFunc(m.founding.Members, func(a, b contracts.Membership) int { return strings.Compare(a.ID, b.ID) })
	m.states[trace.Key{NS: trace.NSOrganisation, ID: o.ID}] = identity.OrganisationState{
		Intervals: []identity.Interval[identity.OrganisationStanding]{{Value: identity.OrganisationStanding{Status: member, Organisation: o}}},
	}.Encode()
	m.states[trace.Key{NS: trace.NSKey, ID: address(name).Hex()}] = identity.KeyState{
		Intervals: []identity.Interval[identity.KeyStanding]{{Value: identity.KeyStanding{Status: key, Organisation: o.ID, PublicKey: make([]byte, 33)}}},
	}.Encode()
	for _, p := range o.Prefixes {
		b, err := identity.MarshalCanonical(trace.PrefixState{Organisation: o.ID})
		if err != nil {
			panic(err)
		}
		m.states[trace.PrefixKey(p)] = b
	}
}

// calibrate writes what a certifier's records and the master data of devices write that are
// calibrated for the year of 2026.
func (m *memory) calibrate(devices ...string) {
	put := func(k trace.Key, state any) {
		b, err := identity.MarshalCanonical(state)
		if err != nil {
			panic(err)
		}
		m.states[k] = b
	}
	for _, device := range devices {
		id, certificate := epcis.Canonical(device).URI, "https://example.org/calibration/"+device
		put(trace.Key{NS: trace.NSColdChain, ID: "device:" + id}, contracts.DeviceState{Named: []contracts.NamedCertificate{{ID: certificate}}})
		put(trace.Key{NS: trace.NSCertificate, ID: certificate}, trace.CertificateState{
			Subject: id, Scope: []string{}, ValidFrom: trace.Moment{Seconds: 1767225600}, ValidUntil: trace.Moment{Seconds: 1798761599},
			Intervals: []trace.CertificateInterval{{Status: trace.CertificateActive}},
		})
	}
}

func (m *memory) block() contracts.Block {
	return contracts.Block{Height: m.seq + 1, Time: m.time, Founding: &m.founding}
}

func (m *memory) position(name string, kind epcis.Kind) contracts.Position {
	return contracts.Position{Seq: m.seq, Kind: kind, Signer: m.signer(name)}
}

// judge judges a record and, unless it is refused, applies the verdict as the
// ledger does.
func (m *memory) judge(t testing.TB, name string, kind epcis.Kind, record []byte) *contracts.Verdict {
	t.Helper()
	r, err := epcis.Decode(kind, record)
	var v *contracts.Verdict
	if err != nil {
		v, err = m.ruleset.Convene(m, m.block()).JudgeMalformed(m.position(name, kind), err)
	} else {
		v, err = contracts.JudgeWatched(m.ruleset, m, m.block(), m.position(name, kind), r)
	}
	if err != nil {
		t.Fatal(err)
	}
	if v.Rejected() && (len(v.Writes) > 0 || v.ContentHash != "") {
		t.Fatalf("a refused record leaves something behind: %+v", v)
	}
	if v.Rejected() && len(v.Forward.Uses)+len(v.Forward.Late)+len(v.Forward.Moves)+len(v.Forward.Made)+len(v.Forward.Strays)+len(v.Forward.Sighted)+len(v.Forward.Lots) > 0 {
		t.Fatalf("a refused record adds to the forward index: %+v", v.Forward)
	}
	m.remember(name, kind, record, r, v)
	if !m.watched {
		m.watched = true
		t.Cleanup(func() { m.placesHold(t) })
	}
	if !v.Rejected() {
		for _, move := range v.Forward.Moves {
			m.places[counted{move.Batch, move.Place}] += move.By
		}
		for _, w := range v.Writes {
			m.states[w.Key] = w.State
			if w.Key.NS == trace.NSRecall && !slices.Contains(trace.Touches(r), w.Key) {
				t.Fatalf("record %d changes %v, and does not stand in its history", m.seq, w.Key)
			}
		}
		hash := identity.RecordHash(record).String()
		m.accepted[v.Organisation+hash] = m.seq
		if _, ok := m.accepted[hash]; !ok {
			m.accepted[hash] = m.seq
		}
		if _, ok := m.content[v.ContentHash]; !ok && v.ContentHash != "" {
			m.content[v.ContentHash] = m.seq
		}
	}
	m.seq++
	m.signed = append(m.signed, signature{m.signer(name), m.time.Seconds})
	return v
}

// words lists a verdict's findings as scripts write them: "FLAG 201".
func words(v *contracts.Verdict) []string {
	out := make([]string, len(v.Findings))
	for i, f := range v.Findings {
		out[i] = fmt.Sprintf("%s %d", f.Severity, f.Code)
	}
	return out
}

// placesHold compares the forward index, which is kept by differences, with what the
// states give when they are counted.
func (m *memory) placesHold(t testing.TB) {
	t.Helper()
	want := map[counted]int64{}
	for k, state := range m.states {
		if k.NS != trace.NSItem {
			continue
		}
		batch, place, ok, err := contracts.Located(k.ID, state)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			continue
		}
		want[counted{batch, place}]++
		if batch.Born < trace.Sighted {
			continue
		}
		// An impact lists it by the record that was the first to name it.
		first := m.records[trace.FirstRecord(batch.Born)]
		if r, err := epcis.Decode(first.Kind, first.Bytes); err != nil || !slices.Contains(trace.Touches(r), k) {
			t.Errorf("record %d is the first of %s, and does not name it: %v", first.Seq, k.ID, err)
		}
	}
	for at, n := range m.places {
		if at.Born == trace.Unmarked {
			continue // who has an amount of a lot: what the accounts say
		}
		if n != want[at] {
			t.Errorf("the forward index counts %d of %+v, the states %d", n, at, want[at])
		}
		delete(want, at)
	}
	for at, n := range want {
		t.Errorf("the forward index lacks %d of %+v", n, at)
	}
	m.refiles(t)
}

// refiles compares the forward index with the one that is made again from the records and
// the states that stand now. Histories in which something is declared wrong are left out:
// that has gone from the states. So is who named an item while nobody held it.
func (m *memory) refiles(t testing.TB) {
	t.Helper()
	again := newMemory()
	court := contracts.Convene(m, m.block())
	add := func(seq uint64, f trace.Forward) {
		for _, move := range f.Moves {
			again.places[counted{move.Batch, move.Place}] += move.By
		}
		again.seq = seq
		again.index(&f)
	}
	for _, r := range m.records {
		if r.Rejected() {
			continue
		}
		decoded, err := epcis.Decode(r.Kind, r.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		f, err := court.Refile(contracts.Position{Seq: r.Seq, Kind: r.Kind}, r.Organisation, decoded)
		if err != nil {
			t.Fatal(err)
		}
		if decoded.Event != nil && decoded.Event.Correction != nil {
			return
		}
		add(r.Seq, f)
	}
	for k, state := range m.states {
		f, err := contracts.RefileState(k, state)
		if err != nil {
			t.Fatal(err)
		}
		add(0, f)
	}
	for at, n := range m.places {
		if at.Born != trace.Unmarked && again.places[at] != n || at.Born == trace.Unmarked && again.places[at] == 0 && len(m.sighted[at.Of]) == 0 {
			t.Errorf("of %+v the index counts %d, made again %d", at, n, again.places[at])
		}
	}
	for at, n := range again.places {
		if m.places[at] <= 0 && len(m.sighted[at.Of]) == 0 {
			t.Errorf("made again, the index counts %d of %+v, which it did not", n, at)
		}
	}
	for of, lots := range m.lots {
		if !slices.Equal(again.lots[of], lots) {
			t.Errorf("lots of %s are %v, made again %v", of.ID, lots, again.lots[of])
		}
	}
	for of, uses := range again.uses {
		for _, u := range uses {
			if !slices.ContainsFunc(m.uses[of], func(old trace.Use) bool {
				return old == u || old.Born == u.Born && of.NS == trace.HolderKey(of).NS || u.Born >= trace.Sighted && old.Born == u.Born && old.Seq == u.Seq // counted anew when it is read
			}) {
				t.Errorf("made again, the index has a use of %s that it had not: %+v of %+v", of.ID, u, m.uses[of])
			}
		}
	}
}

// remember keeps a record as a ledger does, for whoever derives something from it.
func (m *memory) remember(name string, kind epcis.Kind, record []byte, r *epcis.Record, v *contracts.Verdict) {
	m.records = append(m.records, &trace.Recorded{Seq: m.seq, Height: m.seq + 1, Time: m.time, Kind: kind, Signer: address(name).Hex(),
		Organisation: v.Organisation, Findings: v.Findings, Bytes: record})
	if r == nil {
		return
	}
	for _, k := range trace.Touches(r) {
		if v.Rejected() {
			k = k.Refused()
		}
		m.history[k] = append(m.history[k], m.seq)
	}
	if v.Rejected() {
		return
	}
	if r.Event != nil && r.Event.ID != "" {
		m.events[r.Event.ID] = append(m.events[r.Event.ID], m.seq)
	}
	m.index(&v.Forward)
}

// index adds to the forward index what a record does, but for where things are.
func (m *memory) index(f *trace.Forward) {
	for _, u := range f.Uses {
		m.uses[u.Of] = append(m.uses[u.Of], trace.Use{Born: u.Born, Seq: m.seq, Count: u.Count})
	}
	for _, b := range f.Made {
		m.made[b.Of] = append(m.made[b.Of], b.Born)
	}
	for _, u := range f.Late {
		m.uses[u.Of] = slices.DeleteFunc(m.uses[u.Of], func(old trace.Use) bool { return old.Born == u.Born && old.Seq == u.Seq })
		m.uses[u.Of] = append(m.uses[u.Of], trace.Use{Born: u.Born, Seq: u.Seq, Count: u.Count})
	}
	for _, b := range f.Strays {
		m.strays[b] = true
	}
	for _, b := range f.Sighted {
		if !slices.Contains(m.sighted[b.Of], b.Born) {
			m.sighted[b.Of] = append(m.sighted[b.Of], b.Born)
			slices.Sort(m.sighted[b.Of])
		}
	}
	for _, k := range f.Lots {
		if !slices.ContainsFunc(m.lots[k.Class], func(l trace.LotSince) bool { return l.ID == k.Lot.ID }) {
			m.lots[k.Class] = append(m.lots[k.Class], trace.LotSince{ID: k.Lot.ID, Seq: m.seq})
			slices.SortFunc(m.lots[k.Class], func(a, b trace.LotSince) int { return strings.Compare(a.ID, b.ID) })
		}
	}
}

func (m *memory) Record(seq uint64) (*trace.Recorded, error) {
	if seq >= uint64(len(m.records)) {
		return nil, trace.ErrUnknown
	}
	return m.records[seq], nil
}

func (m *memory) History(k trace.Key, from uint64, limit int) ([]uint64, error) {
	at, _ := slices.BinarySearch(m.history[k], from)
	seqs := m.history[k][at:]
	return seqs[:min(len(seqs), limit)], nil
}

func (m *memory) Window(k trace.Key, since epcis.Instant, until *epcis.Instant, lead, limit int) (before, within []uint64, err error) {
	for _, seq := range m.history[k] {
		switch t := m.records[seq].Time; {
		case t.Before(since):
			before = append(before, seq)
		case until == nil || !until.Before(t):
			within = append(within, seq)
		}
	}
	return before[max(0, len(before)-lead):], within[:min(len(within), limit)], nil
}

func (m *memory) ByEventID(id string, limit int) ([]uint64, error) {
	return m.events[id][:min(len(m.events[id]), limit)], nil
}

func (m *memory) Uses(of trace.Key, after *trace.Use, limit int) (found []trace.Use, err error) {
	all := slices.Clone(m.uses[of])
	order := func(a, b trace.Use) int { return cmp.Or(cmp.Compare(a.Born, b.Born), cmp.Compare(a.Seq, b.Seq)) }
	slices.SortFunc(all, order)
	for _, u := range all {
		if len(found) < limit && (after == nil || order(*after, u) < 0) {
			found = append(found, u)
		}
	}
	return found, nil
}

func (m *memory) Places(of trace.Key, born uint64, each func(trace.Move) (bool, error)) error {
	var all []trace.Move
	for at, n := range m.places {
		if at.Of == of && at.Born >= born && n > 0 {
			all = append(all, trace.Move{Batch: at.Batch, Place: at.Place, By: n})
		}
	}
	slices.SortFunc(all, func(a, b trace.Move) int {
		return cmp.Or(cmp.Compare(a.Born, b.Born), cmp.Compare(fmt.Sprint(a.Place), fmt.Sprint(b.Place)))
	})
	for _, move := range all {
		if more, err := each(move); err != nil || !more {
			return err
		}
	}
	return nil
}

func (m *memory) Made(of trace.Key, limit int) ([]uint64, error) {
	return m.made[of][:min(len(m.made[of]), limit)], nil
}

func (m *memory) Sighted(of trace.Key, from uint64, limit int) ([]uint64, error) {
	at, _ := slices.BinarySearch(m.sighted[of], from)
	found := m.sighted[of][at:]
	return found[:min(len(found), limit)], nil
}

func (m *memory) Stray(of trace.Key, seq uint64) (bool, error) {
	return m.strays[trace.Batch{Of: of, Born: seq}], nil
}

func (m *memory) Lots(class trace.Key, limit int) ([]trace.LotSince, error) {
	return m.lots[class][:min(len(m.lots[class]), limit)], nil
}
