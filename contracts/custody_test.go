package contracts_test

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// itemState reads an item's state; nil when it has none.
func (m *memory) itemState(uri string) (*contracts.ItemState, error) {
	b := m.states[trace.Key{NS: trace.NSItem, ID: epcis.Canonical(uri).URI}]
	if b == nil {
		return nil, nil
	}
	return contracts.ReadItem(b)
}

// transferState reads a transfer; nil when there is none.
func (m *memory) transferState(seq uint64) (*contracts.TransferState, error) {
	b := m.states[contracts.TransferKey(seq)]
	if b == nil {
		return nil, nil
	}
	state := new(contracts.TransferState)
	return state, identity.UnmarshalStrict(b, state)
}

func (s *script) rests(rest string) error {
	for _, f := range s.last.Findings {
		for _, x := range f.Facts {
			if x.Seq != nil && fmt.Sprint(*x.Seq) == rest {
				return nil
			}
		}
	}
	return fmt.Errorf("no fact names it: %+v", s.last.Findings)
}

func (s *script) held(word, rest string) error {
	fields := strings.Fields(rest)
	state, err := s.itemState(fields[0])
	if err != nil {
		return err
	}
	if state == nil {
		return fmt.Errorf("the item has no state")
	}
	switch word {
	case "locked", "free":
		if locked := len(state.Locks) > 0; locked != (word == "locked") {
			return fmt.Errorf("its locks are %v", state.Locks)
		}
	case "transit":
		at := "none"
		if state.Transit != nil && state.Transit.Ended == nil {
			at = fmt.Sprint(state.Transit.Transfer)
		}
		if at != fields[1] {
			return fmt.Errorf("it is in transfer %s", at)
		}
	default:
		holder := "nobody"
		if state.Custody != nil && state.Custody.Holder != "" {
			holder = state.Custody.Holder
		}
		if holder != fields[1] {
			return fmt.Errorf("it is held by %s: %+v", holder, state.Custody)
		}
	}
	return nil
}

func (s *script) transfer(rest string) error {
	fields := strings.Fields(rest)
	seq, err := strconv.ParseUint(fields[0], 10, 64)
	if err != nil {
		return err
	}
	state, err := s.transferState(seq)
	if err != nil {
		return err
	}
	if state == nil {
		if fields[1] != "none" {
			return fmt.Errorf("there is no such transfer")
		}
		return nil
	}
	if word := map[bool]string{true: "open", false: "done"}[state.Open()]; word != fields[1] {
		return fmt.Errorf("it is %s: %+v", word, state)
	}
	for _, f := range fields[2:] {
		at := strings.LastIndexByte(f, '=')
		got := "no such lot"
		if f[:at] == "items" {
			got = fmt.Sprint(state.Left)
		}
		for _, p := range state.Lots {
			if p.Class == epcis.Canonical(f[:at]).URI {
				got = p.Left.String() + p.Unit
			}
		}
		if got != f[at+1:] {
			return fmt.Errorf("of %s %s is left", f[:at], got)
		}
	}
	return nil
}

func (s *script) openCase(rest string) error {
	fields := strings.Fields(rest)
	id, ok := contracts.ParseCaseID(fields[0])
	if !ok {
		return fmt.Errorf("%s is no case", fields[0])
	}
	key := id.Key()
	if id.Class == contracts.DataWithoutProduct {
		key = contracts.TransferKey(id.Seq)
	}
	var found contracts.Case
	ok = false
	if b := s.states[key]; b != nil {
		var err error
		if found, ok, err = contracts.CaseAt(key, b, s.time.Seconds); err != nil {
			return err
		}
	}
	if !ok || fields[1] == "none" {
		if ok || fields[1] != "none" {
			return fmt.Errorf("there is a case: %v: %+v", ok, found)
		}
		return nil
	}
	status, how := "open", ""
	switch {
	case found.Closed != nil:
		status, how = "closed", string(found.Closed.Resolution)
	case found.Overdue(s.time.Seconds):
		status = "overdue"
	}
	if status != fields[1] {
		return fmt.Errorf("it is %s: %+v", status, found.CaseState)
	}
	for _, f := range fields[2:] {
		name, want, named := strings.Cut(f, "=")
		got := found.ID.Class.String()
		switch {
		case !named:
			want = f
		case name == "owner":
			got = found.Owner
		case name == "how":
			got = how
		}
		if got != want {
			return fmt.Errorf("it is %s, not %s: %+v", got, f, found.CaseState)
		}
	}
	return nil
}
