package p2p

import (
	"sync"
	"time"
)

// A stranger that knocks all day may not fill the log or the memory.
const (
	refusalLogEvery = time.Minute
	refusalLogPeers = 1024
)

// Refusals are the peers of one network that were refused lately. The zero value is
// ready; it is safe for concurrent use.
type Refusals struct {
	mu     sync.Mutex
	logged map[string]time.Time // when a refusal of the peer was last logged
}

// Tell says whether to log that the peer is refused once more: of each one a minute.
func (r *Refusals) Tell(peer string) bool {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if last, known := r.logged[peer]; known && now.Sub(last) < refusalLogEvery {
		return false
	}
	if r.logged == nil || len(r.logged) >= refusalLogPeers {
		r.logged = make(map[string]time.Time)
	}
	r.logged[peer] = now
	return true
}
