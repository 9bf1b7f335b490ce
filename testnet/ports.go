package testnet

import (
	"errors"
	"math/rand/v2"
	"net"
)

// The ports that are chosen lie below the range from which Linux and macOS take
// the local ports of outgoing connections: a port that a node must find free
// again when it restarts could otherwise be in use by somebody's connection.
const (
	lowestPort  = 10_000
	highestPort = 32_000
)

// portsOf is how many ports a network of this many nodes takes: three a node,
// one that it announces, and two for each pair and direction.
func portsOf(nodes int) int { return 4*nodes + 2*nodes*(nodes-1) }

// choosePorts counts up from base, or chooses free ports when base is 0.
func choosePorts(base, n int) ([]int, error) {
	if base == 0 {
		return FreePorts(n)
	}
	ports := make([]int, n)
	for i := range ports {
		ports[i] = base + i
	}
	return ports, nil
}

// FreePorts chooses ports of loopback that nobody listens on now.
func FreePorts(n int) ([]int, error) {
	taken := map[int]bool{}
	var free []int
	for range 100 * n {
		if len(free) == n {
			break
		}
		port := lowestPort + rand.IntN(highestPort-lowestPort)
		if taken[port] {
			continue
		}
		taken[port] = true
		l, err := net.Listen("tcp", loopback(port))
		if err != nil {
			continue // somebody listens there
		}
		l.Close()
		free = append(free, port)
	}
	if len(free) < n {
		return nil, errors.New("too few free ports on loopback")
	}
	return free, nil
}
