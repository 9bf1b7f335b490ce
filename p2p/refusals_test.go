package p2p

import (
	"fmt"
	"testing"
)

func TestRefusalsAreBounded(t *testing.T) {
	var r Refusals
	for i := range 3 * refusalLogPeers {
		r.Tell(fmt.Sprint(i))
	}
	if len(r.logged) > refusalLogPeers {
		t.Errorf("%d peers are remembered", len(r.logged))
	}
}
