package testnet

import (
	"fmt"
	"net"

	"github.com/waymark-ledger/waymark/internal/ports"
)

// portsOf is how many ports a network of this many nodes takes: three a node,
// one that it announces, and two for each pair and direction.
func portsOf(nodes int) int { return 4*nodes + 2*nodes*(nodes-1) }

// choosePorts counts up from base, or chooses free ports when base is 0.
func choosePorts(base, n int) ([]int, error) {
	if base == 0 {
		return ports.Reserve(n)
	}
	counted := make([]int, n)
	for i := range counted {
		counted[i] = base + i
		// Before anything is made: the directory keeps its ports for good.
		l, err := net.Listen("tcp", loopback(counted[i]))
		if err != nil {
			return nil, fmt.Errorf("the network takes the %d ports from %d on: %w; name another base port, or 0 for free ones", n, base, err)
		}
		_ = l.Close() // nothing was connected
	}
	return counted, nil
}
