package contracts_test

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// state is an item's, the zero one where it has none.
func (m *memory) state(uri string) (s contracts.ItemState) {
	if b := m.states[trace.Key{NS: trace.NSItem, ID: epcis.Canonical(uri).URI}]; b != nil {
		read, err := contracts.ReadItem(b)
		if err != nil {
			panic(err)
		}
		s = *read
	}
	return s
}

func (m *memory) setState(uri string, s contracts.ItemState) {
	b, err := identity.MarshalCanonical(s)
	if err != nil {
		panic(err)
	}
	m.states[trace.Key{NS: trace.NSItem, ID: epcis.Canonical(uri).URI}] = b
}

// heldBy reads from states alone where an item is packed, or attached.
func (m *memory) heldBy(uri string, assembly bool) string { return heldBy(m.state, uri, assembly) }

func heldBy(state func(string) contracts.ItemState, uri string, assembly bool) string {
	s := state(uri)
	bond := s.Parent
	if assembly {
		bond = s.Assembly
	}
	if bond == nil || bond.In == nil || bond.Out != nil {
		return ""
	}
	h := state(bond.Holder)
	contents := h.Contents
	if assembly {
		contents = h.Components
	}
	if contents == nil || bond.In.Seq < contents.From || contents.Emptied != nil && bond.In.Seq < contents.Emptied.Turn.Seq {
		return ""
	}
	return bond.Holder
}

// owner reads who owns an item, and to whom a change of owner is open.
func (m *memory) owner(uri string) (owner, open string) {
	s := m.state(uri)
	if s.Born != nil {
		owner = s.Born.Organisation
	}
	if s.Owner != nil {
		if s.Owner.Organisation != "" {
			owner = s.Owner.Organisation
		}
		if o := s.Owner.Open; o != nil && m.time.Seconds <= o.Until {
			open = o.To
		}
	}
	return owner, open
}

// bonds plays the lines about what holds an item, who owns it and what locks it.
func (s *script) bonds(word string, fields []string) error {
	uri := fields[0]
	state := s.state(uri)
	switch word {
	case "in", "on":
		want := ""
		if fields[1] != "nothing" {
			want = epcis.Canonical(fields[1]).URI
		}
		if got := s.heldBy(uri, word == "on"); got != want {
			return fmt.Errorf("it is %s %q", word, got)
		}
	case "holds":
		for i, contents := range []*contracts.Contents{state.Contents, state.Components} {
			var n uint64
			if contents != nil {
				n = contents.Now.Count
			}
			if i+1 < len(fields) && fields[i+1] != fmt.Sprint(n) {
				return fmt.Errorf("it holds %d", n)
			}
		}
	case "owner":
		owner, open := s.owner(uri)
		for i, got := range []string{owner, open} {
			want := ""
			if i+1 < len(fields) && fields[i+1] != "nobody" {
				want = s.members[fields[i+1]].ID
			}
			if got != want {
				return fmt.Errorf("owner is %q, open to %q", owner, open)
			}
		}
	case "lock", "unlock":
		code, err := strconv.ParseUint(fields[1], 10, 32)
		if err != nil {
			return err
		}
		state.Locks = slices.DeleteFunc(state.Locks, func(l contracts.Lock) bool { return l.Code == uint32(code) })
		if word == "lock" {
			state.Locks = append(state.Locks, contracts.Lock{Code: uint32(code), Seq: s.seq - 1})
		}
		s.setState(uri, state)
	case "locks":
		var got []string
		for _, l := range state.Locks {
			got = append(got, fmt.Sprint(l.Code))
		}
		if !slices.Equal(got, fields[1:]) {
			return fmt.Errorf("its locks are %v", got)
		}
	}
	return nil
}
