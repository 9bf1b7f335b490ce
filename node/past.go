package node

import (
	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/ledger"
	"github.com/waymark-ledger/waymark/trace"
)

// past is the ledger's state as the replay has made it, in memory.
type past struct {
	states   map[trace.Key][]byte
	accepted map[acceptedRecord]uint64
	contents map[string]uint64
}

// acceptedRecord is a record that was accepted from an organisation, "" for any.
type acceptedRecord struct {
	organisation string
	hash         identity.Hash
}

var _ contracts.View = (*past)(nil)

func newPast(g *identity.Genesis) (*past, error) {
	states, err := ledger.GenesisStates(g)
	if err != nil {
		return nil, err
	}
	p := &past{states: make(map[trace.Key][]byte, len(states)), accepted: map[acceptedRecord]uint64{}, contents: map[string]uint64{}}
	for _, s := range states {
		p.states[s.Key] = s.Bytes
	}
	return p, nil
}

// State implements contracts.View.
func (p *past) State(k trace.Key) ([]byte, error) { return p.states[k], nil }

// Accepted implements contracts.View.
func (p *past) Accepted(organisation string, record identity.Hash) (uint64, bool, error) {
	seq, ok := p.accepted[acceptedRecord{organisation, record}]
	return seq, ok, nil
}

// SameContent implements contracts.View.
func (p *past) SameContent(cbvHash string) (uint64, bool, error) {
	seq, ok := p.contents[cbvHash]
	return seq, ok, nil
}

func (p *past) apply(seq uint64, record identity.Hash, v *contracts.Verdict) {
	if v.Rejected() {
		return
	}
	for _, w := range v.Writes {
		p.states[w.Key] = w.State
	}
	for _, organisation := range [...]string{v.Organisation, ""} {
		key := acceptedRecord{organisation, record}
		if _, ok := p.accepted[key]; !ok {
			p.accepted[key] = seq
		}
	}
	if _, ok := p.contents[v.ContentHash]; !ok && v.ContentHash != "" {
		p.contents[v.ContentHash] = seq
	}
}
