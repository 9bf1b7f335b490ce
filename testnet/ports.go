package testnet

import "github.com/waymark-ledger/waymark/internal/ports"

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
	}
	return counted, nil
}
