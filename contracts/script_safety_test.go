package contracts_test

import (
	"fmt"
	"strings"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

func (m *memory) itemState(uri string) (contracts.ItemState, error) {
	var state contracts.ItemState
	b := m.states[trace.Key{NS: trace.NSItem, ID: epcis.Canonical(uri).URI}]
	if b == nil {
		return state, nil
	}
	return state, identity.UnmarshalStrict(b, &state)
}

func (s *script) disputed(rest string) error {
	uri, want, _ := strings.Cut(rest, " ")
	state, err := s.itemState(uri)
	if err != nil {
		return err
	}
	if got := state.Uniqueness.IsDisputed(); got != (want == "yes") {
		return fmt.Errorf("disputed: %v", got)
	}
	return nil
}
