package main

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
)

// envelope is a signed envelope, and the same event bare, as HTTP takes it.
type envelope struct {
	wire   []byte
	body   []byte // of a single event; nil for a document
	events int
}

// queue is envelopes in the order in which they are fed.
type queue struct {
	list   []envelope
	stride int64 // 1, or the number of queues that share the list
	offset int64
}

func (q queue) len() int64 {
	return (int64(len(q.list)) - q.offset + q.stride - 1) / q.stride
}

func (q queue) at(i int64) *envelope { return &q.list[q.offset+i*q.stride] }

// supply is what every side of a scenario is fed. Envelope i is signed by
// organisation i modulo their number, so node n gets those of organisation n,
// and one node alone gets all.
type supply struct {
	load   []envelope
	paced  queue
	attics []attic // where the bytes of all of them are
}

// close gives the bytes back.
func (s *supply) close() error {
	var err error
	for i := range s.attics {
		err = errors.Join(err, s.attics[i].close())
	}
	return err
}

// attic keeps bytes out of Go's heap. Collections are paced by how much is live:
// hundreds of megabytes of load in the heap would let the nodes that are measured
// leave as much garbage again and again in memory that nobody touched before,
// which no node in an organisation's own process does.
type attic struct {
	rooms [][]byte
	free  []byte // of the last room
}

const atticRoom = 16 << 20

func (a *attic) keep(b []byte) ([]byte, error) {
	if len(b) > len(a.free) {
		room, err := syscall.Mmap(-1, 0, max(atticRoom, len(b)), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
		if err != nil {
			return nil, fmt.Errorf("make room for the load: %w", err)
		}
		a.rooms, a.free = append(a.rooms, room), room
	}
	kept := a.free[:copy(a.free, b):len(b)]
	a.free = a.free[len(b):]
	return kept, nil
}

func (a *attic) close() error {
	var err error
	for _, room := range a.rooms {
		err = errors.Join(err, syscall.Munmap(room))
	}
	return err
}

func (s *supply) queue(node, nodes int) queue {
	return queue{list: s.load, stride: int64(nodes), offset: int64(node)}
}

// sign makes the envelopes: so many to saturate with, so many for a steady pace.
func sign(h *homes, perRecord, load, paced int) (*supply, error) {
	load += -load & (organisations - 1) // so that paced envelope i is of organisation i too
	all := make([]envelope, load+paced)
	notAfter := uint64(time.Now().Add(6 * 24 * time.Hour).Unix())
	var g errgroup.Group
	workers := runtime.GOMAXPROCS(0)
	s := &supply{load: all[:load], paced: queue{list: all[load:], stride: 1}, attics: make([]attic, workers)}
	for w := range workers {
		g.Go(func() error {
			for i := w; i < len(all); i += workers {
				a := h.authors[i%len(h.authors)]
				if err := all[i].sign(&s.attics[w], h.network, a, i, perRecord, notAfter); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, errors.Join(fmt.Errorf("sign the load: %w", err), s.close())
	}
	return s, nil
}

func (e *envelope) sign(to *attic, n identity.Network, a author, number, perRecord int, notAfter uint64) error {
	records := make([][]byte, perRecord)
	for i := range records {
		bare, err := a.load.Event(number*perRecord + i)
		if err != nil {
			return err
		}
		records[i] = selfContained(bare)
		if perRecord == 1 {
			if e.body, err = to.keep(bare); err != nil {
				return err
			}
		}
	}
	env := identity.NewEnvelope(n, string(epcis.KindEvent), a.key.Address(), notAfter, records)
	if err := a.key.SignEnvelope(env); err != nil {
		return err
	}
	wire, err := env.Encode()
	if err != nil {
		return err
	}
	e.wire, err = to.keep(wire)
	e.events = perRecord
	return err
}

// selfContained is what epcis.Split makes of a bare event of lane.Load, without
// the JSON schema, which would take longer than the measurement. A test
// compares the two.
func selfContained(bare []byte) []byte {
	return append([]byte(`{"eventID":"`+epcis.RecordID(bare)+`",`), bare[1:]...)
}
