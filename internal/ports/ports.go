// Package ports chooses ports of loopback for nodes that the testnet, the
// benchmarks and the tests start, side by side in several processes.
//
// A port that was free when it was chosen can be taken before its node listens
// on it, by another process that chose it at the same moment. So ports are given
// out of blocks, and whoever has a block listens on its first port, the guard,
// until the process ends: the kernel itself says whose a block is, and takes it
// back from a process that was killed.
package ports

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
)

// The blocks lie below the range from which Linux and macOS take the local ports
// of outgoing connections: a port that a node must find free again when it
// restarts could otherwise be in use by somebody's connection.
const (
	lowest  = 10_000
	highest = 32_000
	block   = 50
	blocks  = (highest - lowest) / block
)

// ErrNone says that too few ports of loopback are free.
var ErrNone = errors.New("too few free ports on loopback")

// taken is what a process has taken: its guards, never closed, and what is left
// of its newest block.
type taken struct {
	mu     sync.Mutex
	guards []net.Listener
	left   []int
}

var mine taken

// Reserve gives n TCP ports of loopback that nobody listens on now and that no
// other process is given while this one runs; a port is never given twice. It
// fails with ErrNone.
func Reserve(n int) ([]int, error) {
	mine.mu.Lock()
	defer mine.mu.Unlock()
	ports := make([]int, 0, n)
	for len(ports) < n {
		if len(mine.left) == 0 {
			if err := mine.another(); err != nil {
				return nil, err
			}
		}
		port := mine.left[0]
		mine.left = mine.left[1:]
		if l, err := listen(port); err == nil {
			l.Close()
			ports = append(ports, port)
		}
	}
	return ports, nil
}

// another takes a block that no process has.
func (t *taken) another() error {
	for _, b := range rand.Perm(blocks) {
		first := lowest + b*block
		guard, err := listen(first)
		if err != nil {
			continue // another process has it, or somebody else listens there
		}
		t.guards = append(t.guards, guard)
		for port := first + 1; port < first+block; port++ {
			t.left = append(t.left, port)
		}
		return nil
	}
	return ErrNone
}

func listen(port int) (net.Listener, error) {
	return net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
}
