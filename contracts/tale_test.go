package contracts_test

import (
	"bytes"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/testnet/lane"
	"github.com/waymark-ledger/waymark/trace"
)

// A tale is a lane as its members record it, with what each record found, read and
// wrote. Between two records there is room for others: what comes after them has the
// same seq with them and without.
type tale struct {
	members  map[string]identity.Organisation
	founding contracts.Founding
	records  []*chapter
	script   int // where the script begins: master data and certificates go before it
	states   map[trace.Key][]version
	accepted map[string]int // organisation and hash, and hash alone: by which record
	content  map[string]int
}

// chapter is one record of a tale.
type chapter struct {
	member string
	title  string
	record *epcis.Record
	hash   identity.Hash
	time   epcis.Instant // of its block
	found  []string
	reads  map[trace.Key]bool
	writes map[trace.Key]bool
}

// version is a state after the first n records of a tale.
type version struct {
	n     int
	state []byte
}

const room = 8 // seqs from one record of a tale to the next

// after is the state of a key after n records.
func (w *tale) after(k trace.Key, n int) []byte {
	all := w.states[k]
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].n <= n {
			return all[i].state
		}
	}
	return nil
}

// A branch is a tale with other records in between: the ledger before its next record.
// It holds what differs from the tale, and asks that for the rest.
type branch struct {
	*tale
	n        int // records of the tale before the next
	others   int // of its own, since
	states   map[trace.Key][]byte
	signed   map[uint64]signature
	events   map[uint64]string // eventIDs of its own
	accepted map[string]uint64
	content  map[string]uint64
	tells    *chapter // the tale's own record that is judged for the first time
}

func (w *tale) branch(n int) *branch {
	return &branch{tale: w, n: n, states: map[trace.Key][]byte{}, signed: map[uint64]signature{}, events: map[uint64]string{}, accepted: map[string]uint64{}, content: map[string]uint64{}}
}

func (b *branch) fork() *branch {
	c := *b
	c.states, c.signed, c.events = maps.Clone(b.states), maps.Clone(b.signed), maps.Clone(b.events)
	c.accepted, c.content = maps.Clone(b.accepted), maps.Clone(b.content)
	return &c
}

func (b *branch) State(k trace.Key) ([]byte, error) {
	if b.tells != nil {
		b.tells.reads[k] = true
	}
	if state, ok := b.states[k]; ok {
		return state, nil
	}
	return b.after(k, b.n), nil
}

func (b *branch) Accepted(organisation string, record identity.Hash, _ string) (uint64, bool, error) {
	return b.known(b.accepted, b.tale.accepted, organisation+record.String())
}

func (b *branch) SameContent(hash string) (uint64, bool, error) {
	return b.known(b.content, b.tale.content, hash)
}

func (b *branch) known(own map[string]uint64, told map[string]int, k string) (uint64, bool, error) {
	if seq, ok := own[k]; ok {
		return seq, true, nil
	}
	i, ok := told[k]
	return seqOf(i), ok && i < b.n, nil
}

func (b *branch) Signed(seq uint64) (identity.Address, int64, error) {
	if s, ok := b.signed[seq]; ok {
		return s.signer, s.seconds, nil
	}
	i := int(seq/room) - 1
	if seq%room != 0 || i < 0 || i >= b.n {
		return identity.Address{}, 0, fmt.Errorf("no record %d", seq)
	}
	return address(b.records[i].member), b.records[i].time.Seconds, nil
}

func (b *branch) IsEvent(seq uint64, eventID string) (bool, error) {
	if id, ok := b.events[seq]; ok {
		return id == eventID, nil
	}
	i := int(seq/room) - 1
	return seq%room == 0 && i >= 0 && i < b.n && b.records[i].record.Event != nil && b.records[i].record.Event.ID == eventID, nil
}

func seqOf(i int) uint64 { return uint64(i+1) * room }

func (b *branch) judge(t testing.TB, seq uint64, r *chapter) *contracts.Verdict {
	t.Helper()
	court := contracts.Convene(b, contracts.Block{Height: seq, Time: r.time, Founding: &b.founding}).HoldToDeclarations()
	v, err := court.Judge(contracts.Position{Seq: seq, Kind: r.record.Kind, Signer: address(r.member), Record: r.hash}, r.record)
	if err != nil {
		t.Fatalf("%v: %s", err, r.record.Bytes)
	}
	return v
}

// write judges a record that is not of the tale, and keeps what it writes.
func (b *branch) write(t testing.TB, r *chapter) *contracts.Verdict {
	t.Helper()
	b.others++
	seq := seqOf(b.n-1) + uint64(b.others)
	v := b.judge(t, seq, r)
	b.signed[seq] = signature{address(r.member), r.time.Seconds}
	if v.Rejected() {
		return v
	}
	if r.record.Event != nil {
		b.events[seq] = r.record.Event.ID
	}
	for _, w := range v.Writes {
		b.states[w.Key] = bytes.Clone(w.State)
	}
	hash := r.hash.String()
	b.accepted[v.Organisation+hash], b.accepted[hash] = seq, seq
	if _, ok, _ := b.SameContent(v.ContentHash); !ok && v.ContentHash != "" {
		b.content[v.ContentHash] = seq
	}
	return v
}

// next judges the tale's next record, and returns its findings. What reads nothing that
// differs is not judged again.
func (b *branch) next(t testing.TB) []string {
	t.Helper()
	i := b.n
	r := b.records[i]
	_, differs := b.content[r.record.ContentHash]
	for k := range b.states {
		differs = differs || r.reads[k]
	}
	if !differs {
		b.n, b.others = i+1, 0
		return r.found
	}
	v := b.judge(t, seqOf(i), r)
	found := findings(v)
	b.n, b.others = i+1, 0
	if !v.Rejected() {
		for _, w := range v.Writes {
			b.states[w.Key] = bytes.Clone(w.State)
		}
	}
	for k := range r.writes { // what it wrote in the tale, and not here, stays as it was
		if _, ok := b.states[k]; !ok {
			b.states[k] = b.after(k, i)
		}
	}
	for k, state := range b.states {
		if bytes.Equal(state, b.after(k, i+1)) {
			delete(b.states, k)
		}
	}
	return found
}

func findings(v *contracts.Verdict) []string {
	out := make([]string, len(v.Findings))
	for i, f := range v.Findings {
		out[i] = fmt.Sprintf("%s %s %d", f.Rule, f.Severity, f.Code)
	}
	return out
}

// tell plays a lane: a block for each record, a minute after what it tells of.
func tell(t testing.TB, l lane.Lane) *tale {
	t.Helper()
	m := newMemory()
	m.admitLanes()
	w := &tale{members: m.members, founding: m.founding, states: map[trace.Key][]version{}, accepted: map[string]int{}, content: map[string]int{}}
	for k, state := range m.states {
		w.states[k] = []version{{0, state}}
	}
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	ground, err := l.Ground(noon)
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Script(noon, 0)
	if err != nil {
		t.Fatal(err)
	}
	now := epcis.Instant{Seconds: noon.Unix() - 85*86_400}
	for i, act := range append(ground, s.Acts...) {
		if i == len(ground) {
			w.script = len(w.records)
		}
		records, err := act.Signed()
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range records {
			r := chapterOf(t, act.Member, act.Title, act.Kind, b)
			now.Seconds += 60
			if at := happened(r.record); at < noon.Unix() {
				now.Seconds = max(now.Seconds, at+60)
			}
			r.time = now
			w.add(t, r)
		}
	}
	return w
}

func chapterOf(t testing.TB, member, title string, kind epcis.Kind, b []byte) *chapter {
	t.Helper()
	r, err := epcis.DecodeHashed(kind, b)
	if err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return &chapter{member: member, title: title, record: r, hash: identity.RecordHash(b)}
}

// happened is when, Unix seconds, what a record tells of.
func happened(r *epcis.Record) int64 {
	switch {
	case r.Event != nil:
		return r.Event.Time.Seconds
	case r.Customs != nil:
		return r.Customs.Time.Seconds
	case r.Acknowledgement != nil:
		return r.Acknowledgement.Time.Seconds
	}
	return 0
}

func (w *tale) add(t testing.TB, r *chapter) {
	n := len(w.records)
	r.reads, r.writes = map[trace.Key]bool{}, map[trace.Key]bool{}
	b := w.branch(n)
	b.tells = r
	w.records = append(w.records, r)
	v := b.judge(t, seqOf(n), r)
	r.found = findings(v)
	if v.Rejected() {
		return
	}
	for _, s := range v.Writes {
		r.writes[s.Key] = true
		w.states[s.Key] = append(w.states[s.Key], version{n + 1, bytes.Clone(s.State)})
	}
	hash := r.hash.String()
	for _, k := range []string{v.Organisation + hash, hash} {
		if _, ok := w.accepted[k]; !ok {
			w.accepted[k] = n
		}
	}
	if _, ok := w.content[v.ContentHash]; !ok && v.ContentHash != "" {
		w.content[v.ContentHash] = n
	}
}
