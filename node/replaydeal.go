package node

import (
	"hash/maphash"

	"github.com/waymark-ledger/waymark/epcis"
)

// marks are short for the ids of things. Two things with one mark would be taken for
// one: their records would be judged by one court, and as well.
type marks struct{ seed maphash.Seed }

// of appends the marks of the items, lots and documents that a record is about. Records
// that have none in common mostly have nothing to do with each other.
func (m marks) of(r *epcis.Record, list []uint64) []uint64 {
	if r == nil {
		return list
	}
	if r.Customs != nil {
		list = m.id(&r.Customs.MRN, list)
	}
	for id := range r.Named() {
		list = m.id(id, list)
	}
	return list
}

func (m marks) id(id *epcis.ID, list []uint64) []uint64 {
	if id.IsZero() || id.Level == epcis.Class || id.IsGLN() {
		return list
	}
	return append(list, maphash.String(m.seed, id.URI))
}

// dealer deals records out to courts: those that are about the same things, or are
// joined by others that are, to one.
type dealer struct {
	met    map[uint64]int32 // the first record with a mark
	leader []int32          // of a record: the first one of those that it is joined to, or one nearer to it
	weight []int            // of a leader: about how long its records take
	dealt  []int            // the court of each record
}

// deal says which of so many courts judges each record. What it returns is good until
// it deals again.
func (d *dealer) deal(list []replayed, courts int) []int {
	if d.met == nil {
		d.met = map[uint64]int32{}
	}
	clear(d.met)
	d.leader, d.weight, d.dealt = d.leader[:0], d.weight[:0], d.dealt[:0]
	total := 0
	for i := range list {
		d.leader, d.weight, d.dealt = append(d.leader, int32(i)), append(d.weight, 0), append(d.dealt, 0)
		for _, mark := range list[i].things {
			if j, ok := d.met[mark]; ok {
				d.join(int32(i), j)
			} else {
				d.met[mark] = int32(i)
			}
		}
	}
	for i := range list {
		n := weightOfRecord + len(list[i].things)
		d.weight[d.find(int32(i))] += n
		total += n
	}
	before := 0
	for i := range list {
		if first := d.find(int32(i)); first < int32(i) {
			d.dealt[i] = d.dealt[first]
			continue
		}
		// The middle of what the group brings decides, so that two courts share two groups.
		d.dealt[i] = min((before+d.weight[i]/2)*courts/total, courts-1)
		before += d.weight[i]
	}
	return d.dealt
}

// weightOfRecord is how long a record takes to judge, as much as so many things that
// it is about.
const weightOfRecord = 25

func (d *dealer) find(i int32) int32 {
	for d.leader[i] != i {
		d.leader[i] = d.leader[d.leader[i]]
		i = d.leader[i]
	}
	return i
}

// join makes the first of both leaders that of all.
func (d *dealer) join(i, j int32) {
	i, j = d.find(i), d.find(j)
	d.leader[max(i, j)] = min(i, j)
}
