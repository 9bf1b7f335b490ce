package main

import (
	"fmt"
	"runtime"
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
	load  []envelope
	paced queue
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
	for w := range workers {
		g.Go(func() error {
			for i := w; i < len(all); i += workers {
				a := h.authors[i%len(h.authors)]
				if err := all[i].sign(h.network, a, i, perRecord, notAfter); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, fmt.Errorf("sign the load: %w", err)
	}
	return &supply{load: all[:load], paced: queue{list: all[load:], stride: 1}}, nil
}

func (e *envelope) sign(n identity.Network, a author, number, perRecord int, notAfter uint64) error {
	records := make([][]byte, perRecord)
	for i := range records {
		bare, err := a.load.Event(number*perRecord + i)
		if err != nil {
			return err
		}
		records[i] = selfContained(bare)
		if perRecord == 1 {
			e.body = bare
		}
	}
	env := identity.NewEnvelope(n, string(epcis.KindEvent), a.key.Address(), notAfter, records)
	if err := a.key.SignEnvelope(env); err != nil {
		return err
	}
	var err error
	e.wire, err = env.Encode()
	e.events = perRecord
	return err
}

// selfContained is what epcis.Split makes of a bare event of lane.Load, without
// the JSON schema, which would take longer than the measurement. A test
// compares the two.
func selfContained(bare []byte) []byte {
	return append([]byte(`{"eventID":"`+epcis.RecordID(bare)+`",`), bare[1:]...)
}
