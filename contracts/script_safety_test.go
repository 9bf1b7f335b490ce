package contracts_test

import (
	"fmt"
	"strings"
)

func (s *script) disputed(rest string) error {
	uri, want, _ := strings.Cut(rest, " ")
	state, err := s.itemState(uri)
	if err != nil {
		return err
	}
	if state == nil {
		return fmt.Errorf("it has no state")
	}
	if got := state.Uniqueness.IsDisputed(); got != (want == "yes") {
		return fmt.Errorf("disputed: %v", got)
	}
	return nil
}
