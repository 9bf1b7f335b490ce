package node

import (
	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/identity"
)

// firsts say which records and which contents of events were accepted first.
type firsts struct {
	records map[identity.Hash]first
	others  map[draftRecord]uint64 // from other organisations than the first
	content map[string]uint64      // by CBV event hash
}

// first is of the first acceptance of a record.
type first struct {
	seq          uint64
	organisation string
}

// draftRecord is a record that was accepted from an organisation.
type draftRecord struct {
	organisation string
	record       identity.Hash
}

func newFirsts() firsts {
	return firsts{records: map[identity.Hash]first{}, others: map[draftRecord]uint64{}, content: map[string]uint64{}}
}

// note keeps a record that was not refused.
func (f *firsts) note(p contracts.Position, v *contracts.Verdict) {
	if one, ok := f.records[p.Record]; !ok {
		f.records[p.Record] = first{p.Seq, v.Organisation}
	} else if k := (draftRecord{v.Organisation, p.Record}); one.organisation != v.Organisation && !has(f.others, k) {
		f.others[k] = p.Seq
	}
	if v.ContentHash != "" && !has(f.content, v.ContentHash) {
		f.content[v.ContentHash] = p.Seq
	}
}

func has[K comparable](m map[K]uint64, k K) bool { _, ok := m[k]; return ok }

func (f *firsts) accepted(organisation string, record identity.Hash) (seq uint64, ok bool) {
	one, ok := f.records[record]
	if !ok || organisation == "" || organisation == one.organisation {
		return one.seq, ok
	}
	seq, ok = f.others[draftRecord{organisation, record}]
	return seq, ok
}

func (f *firsts) clear() {
	clear(f.records)
	clear(f.others)
	clear(f.content)
}
