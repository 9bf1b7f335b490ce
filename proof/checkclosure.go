package proof

import (
	"errors"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// closure walks the journey over what was verified, and refuses what it did not
// need.
func (c *checker) closure() (*Verdict, error) {
	r := &replay{checker: c}
	walk, err := ClosureOptions(r, epcis.InstantFromUnixNano(c.d.Checkpoint.Time()))
	if err != nil {
		return nil, err
	}
	walk.Direction, walk.MaxNodes, walk.MaxTasks = c.d.Direction, c.d.Nodes, c.d.Tasks
	if len(c.d.From) > 0 {
		walk.Continue = trace.Token(c.d.From)
	}
	if c.d.Nodes < 0 || c.d.Tasks < 0 || c.d.Nodes >= trace.DefaultMaxNodes {
		return nil, Refute(ReasonContinuation, "it ends at %d nodes and %d tasks", c.d.Nodes, c.d.Tasks)
	}
	today, err := c.walk(r, walk)
	if err != nil {
		return nil, err
	}
	if err := c.ends(today); err != nil {
		return nil, err
	}
	var then *trace.Journey
	if c.d.At > 0 && today != nil {
		walk.Now = epcis.Instant{}
		if then, err = c.walk(trace.AsOf(r, c.logSizeAt(c.d.At)), walk); err != nil {
			return nil, err
		}
	}
	if err := c.surplus(); err != nil {
		return nil, err
	}
	return c.verdict(today, then), nil
}

// walk is nil for an id that the ledger holds nothing of.
func (c *checker) walk(r trace.Reader, o trace.Options) (*trace.Journey, error) {
	j, err := trace.Walk(r, c.d.ID, o)
	var refuted *Refutation
	switch {
	case err == nil:
		return j, nil
	case errors.Is(err, trace.ErrUnknown):
		return nil, nil
	case errors.As(err, &refuted):
		return nil, refuted
	case errors.Is(err, trace.ErrContinuation):
		return nil, Refute(ReasonContinuation, "%v", err)
	}
	return nil, Refute(ReasonState, "%v", err)
}

// ends checks that the walk ended where the dossier says, and that every bound
// it names made it end there.
func (c *checker) ends(j *trace.Journey) error {
	want := Dossier{}
	if j != nil {
		maxNodes := c.d.Nodes
		if maxNodes == 0 {
			maxNodes = trace.DefaultMaxNodes
		}
		want.end(j, maxNodes)
	}
	if c.d.Nodes != want.Nodes || c.d.Tasks != want.Tasks {
		return Refute(ReasonContinuation, "its bounds of %d nodes and %d tasks are not what ended it", c.d.Nodes, c.d.Tasks)
	}
	switch {
	case want.Rest == nil && c.d.Rest == nil:
	case want.Rest == nil || c.d.Rest == nil || *want.Rest != *c.d.Rest:
		return Refute(ReasonContinuation, "it leaves another rest than it says")
	}
	return nil
}

// logSizeAt is how many entries the log had after block height, as far as the
// dossier's records show: the cut between them.
func (c *checker) logSizeAt(height uint64) uint64 {
	for i := len(c.lines) - 1; i >= 0; i-- {
		if c.lines[i].Height <= height {
			return c.lines[i].Seq + 1
		}
	}
	return 0
}

// surplus refuses a dossier with something that the closure did not read.
func (c *checker) surplus() error {
	for _, x := range c.inOrder {
		for i, used := range x.usedAt {
			if !used {
				return Refute(ReasonSurplus, "position %d of its history is not needed", x.at[i]).OfKey(x.Key())
			}
		}
		if !x.used {
			return Refute(ReasonSurplus, "it is not needed").OfKey(x.Key())
		}
	}
	for i := range c.d.Absent {
		if k := c.d.Absent[i].Key(); !c.absent[k].used {
			return Refute(ReasonSurplus, "it is not needed").OfKey(k)
		}
	}
	for i := range c.lines {
		if !c.lines[i].used {
			return Refute(ReasonSurplus, "it is not needed").OfRecord(c.lines[i].Seq)
		}
	}
	return nil
}
