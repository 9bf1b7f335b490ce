package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
)

// witness is a node, as far as it is watched.
type witness interface {
	// Checkpoint returns what the node's network agreed on last. Beside a
	// *proof.Refutation it returns what does not verify.
	Checkpoint(ctx context.Context) (*proof.Checkpoint, error)
	// Consistency returns the proof that the log of size to begins with that of
	// size from.
	Consistency(ctx context.Context, from, to uint64) ([]identity.Hash, error)
}

// watcher compares what nodes show with what it has seen. It belongs to one
// goroutine.
type watcher struct {
	anchor   proof.Anchor      // where trust begins
	kept     *proof.Checkpoint // the furthest that was verified; nil before the first
	nodes    []*watched
	file     string // holds kept
	evidence string // directory
	stalled  time.Duration
	patience time.Duration // for one answer
	now      func() time.Time
	tell     func(notice)
}

// watched is one node and what was said of it.
type watched struct {
	name   string
	node   witness
	shown  *proof.Checkpoint // the last that verified
	moved  time.Time         // when its block last was another
	fault  string            // why it gave no answer this time; ""
	alarms map[proof.Reason]bool

	// What was told, and is not told again while it lasts.
	still, behind, unproved bool
	behindSince             time.Time
}

// alarm is what a node showed that must not be.
type alarm struct {
	Format      string            `json:"format"` // alarmFormat
	Time        time.Time         `json:"time"`
	Node        string            `json:"node"`
	Reason      proof.Reason      `json:"reason"`
	Detail      string            `json:"detail"`
	Kept        *proof.Checkpoint `json:"kept,omitempty"`        // seen before, verified
	Shown       *proof.Checkpoint `json:"shown"`                 // what the node shows now
	Consistency []identity.Hash   `json:"consistency,omitempty"` // its proof that the one goes on from the other
}

const alarmFormat = "waymark-alarm/1"

// round asks every node once. Alarms are returned and told, each kind once for
// each node; the error is for what keeps watch itself from working.
func (w *watcher) round(ctx context.Context) (alarms []error, err error) {
	for _, n := range w.nodes {
		raised, err := w.ask(ctx, n)
		if ctx.Err() != nil {
			return nil, nil
		}
		if err != nil {
			return alarms, err
		}
		if raised != nil {
			told, err := w.raise(n, raised)
			if err != nil {
				return alarms, err
			}
			if told != nil {
				alarms = append(alarms, told)
			}
		}
		w.standstill(n)
	}
	return alarms, nil
}

func (w *watcher) ask(ctx context.Context, n *watched) (*alarm, error) {
	ctx, cancel := context.WithTimeout(ctx, w.patience)
	defer cancel()
	c, err := n.node.Checkpoint(ctx)
	if _, refuted := errors.AsType[*proof.Refutation](err); err != nil && (!refuted || c == nil) {
		w.silent(n, err)
		return nil, nil
	}
	if n.fault != "" {
		n.fault = ""
		w.say("verified", n, "it answers again")
	}
	if raised := w.verify(c); raised != nil {
		return raised, nil
	}
	if n.shown == nil || c.Block.Header.Height != n.shown.Block.Header.Height {
		n.moved, n.still = w.now(), false
	}
	before := n.shown
	n.shown = c
	if w.kept == nil {
		w.say("verified", n, seen(c)+", the first seen")
		return nil, w.keep(c)
	}
	return w.compare(ctx, n, c, before)
}

// verify checks a checkpoint by itself, and against a fork at the very block that
// was kept.
func (w *watcher) verify(c *proof.Checkpoint) *alarm {
	err := c.Verify(w.anchor)
	if err == nil && w.kept != nil && c.Block.Header.Height >= w.kept.Block.Header.Height {
		var kept proof.Anchor
		if kept, err = proof.AnchorOfCheckpoint(w.kept); err == nil {
			err = c.Verify(kept)
		}
	}
	if r, ok := errors.AsType[*proof.Refutation](err); ok {
		return &alarm{Reason: r.Reason, Detail: r.Error(), Kept: w.kept, Shown: c}
	}
	return nil
}

// compare has the histories of c and of the kept checkpoint proved to be one:
// that of the later block goes on from that of the earlier.
func (w *watcher) compare(ctx context.Context, n *watched, c, before *proof.Checkpoint) (*alarm, error) {
	earlier, later := w.kept, c
	if c.Block.Header.Height < w.kept.Block.Header.Height {
		earlier, later = c, w.kept
	}
	var path []identity.Hash
	if from, to := earlier.Roots.LogSize, later.Roots.LogSize; from > 0 && from < to {
		var err error
		if path, err = w.consistency(ctx, n, from, to); err != nil {
			n.warn(w, &n.unproved, fmt.Sprintf("%s, and nobody proves that %d records go on from %d: %v", seen(c), to, from, err))
			return nil, nil
		}
	}
	n.unproved = false
	if err := later.CheckExtends(earlier, path); err != nil {
		r, ok := errors.AsType[*proof.Refutation](err)
		if !ok {
			return nil, err
		}
		return &alarm{Reason: r.Reason, Detail: fmt.Sprintf("%s and %s are not one history: %v", seen(w.kept), seen(c), r),
			Kept: w.kept, Shown: c, Consistency: path}, nil
	}
	if before != nil && c.Block.Header.Height < before.Block.Header.Height {
		w.say("warning", n, fmt.Sprintf("it went back from block %d: %s", before.Block.Header.Height, seen(c)))
	}
	if missing := w.kept.Roots.LogSize - c.Roots.LogSize; later == w.kept && missing > 0 {
		// Nodes are asked one after the other: to be a block behind is nothing.
		if n.behindSince.IsZero() {
			n.behindSince = w.now()
		}
		if w.now().Sub(n.behindSince) >= w.stalled {
			n.warn(w, &n.behind, fmt.Sprintf("%s, %d records behind what was seen", seen(c), missing))
		} else if before == nil {
			w.say("verified", n, fmt.Sprintf("%s, %d records behind what was seen", seen(c), missing))
		}
		return nil, nil
	}
	n.behind, n.behindSince = false, time.Time{}
	if before == nil || before.Roots != c.Roots {
		w.say("verified", n, fmt.Sprintf("%s, an extension of %d", seen(c), earlier.Roots.LogSize))
	}
	if c.Block.Header.Height <= w.kept.Block.Header.Height {
		return nil, nil
	}
	return nil, w.keep(c)
}

// warn says something once, until told is reset.
func (n *watched) warn(w *watcher, told *bool, detail string) {
	if !*told {
		*told = true
		w.say("warning", n, detail)
	}
}

// consistency asks the node, and where it has not come so far any other.
func (w *watcher) consistency(ctx context.Context, n *watched, from, to uint64) ([]identity.Hash, error) {
	asked := []*watched{n}
	for _, o := range w.nodes {
		if o != n && o.shown != nil && o.shown.Roots.LogSize >= to {
			asked = append(asked, o)
		}
	}
	var failures []error
	for _, o := range asked {
		path, err := o.node.Consistency(ctx, from, to)
		if err == nil {
			return path, nil
		}
		failures = append(failures, fmt.Errorf("%s: %w", o.name, err))
	}
	return nil, errors.Join(failures...)
}

func seen(c *proof.Checkpoint) string {
	return fmt.Sprintf("block %d, %d records", c.Block.Header.Height, c.Roots.LogSize)
}

// keep makes c the checkpoint that later ones are compared with, on disk first.
func (w *watcher) keep(c *proof.Checkpoint) error {
	b, err := c.Encode()
	if err != nil {
		return err
	}
	if err := keepFile(w.file, b); err != nil {
		return fmt.Errorf("keep the checkpoint: %w", err)
	}
	w.kept = c
	return nil
}

// raise saves the evidence and tells of the alarm; a kind that was told of the
// node before is not told again.
func (w *watcher) raise(n *watched, a *alarm) (told error, err error) {
	if n.alarms[a.Reason] {
		return nil, nil
	}
	if n.alarms == nil {
		n.alarms = map[proof.Reason]bool{}
	}
	a.Format, a.Time, a.Node = alarmFormat, w.now().UTC(), n.name
	b, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return nil, err
	}
	said := notice{Time: a.Time, Event: "alarm", Node: n.name, Block: a.Shown.Block.Header.Height, LogSize: a.Shown.Roots.LogSize}
	path := filepath.Join(w.evidence, fmt.Sprintf("waymark-alarm-%s-%s.json", a.Time.Format("20060102T150405.000Z"), fileName(n.name)))
	if err := keepFile(path, append(b, '\n')); err != nil { // an alarm all the same, and raised again while it cannot be saved
		said.Detail = a.Detail + "; the evidence cannot be saved: " + err.Error()
		w.tell(said)
		return fmt.Errorf("%s: %s", n.name, said.Detail), nil
	}
	n.alarms[a.Reason] = true
	said.Detail, said.Evidence = a.Detail+"; evidence in "+path, path
	w.tell(said)
	return fmt.Errorf("%s: %s", n.name, a.Detail), nil
}

// fileName leaves of a node's name what a file may be called.
func fileName(name string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, name), "-")
}

func (w *watcher) say(event string, n *watched, detail string) {
	out := notice{Time: w.now().UTC(), Event: event, Node: n.name, Detail: detail}
	if n.shown != nil {
		out.Block, out.LogSize = n.shown.Block.Header.Height, n.shown.Roots.LogSize
	}
	w.tell(out)
}

func (w *watcher) silent(n *watched, err error) {
	if n.fault == "" {
		w.say("warning", n, "no answer: "+err.Error())
	}
	n.fault = err.Error()
}

// old is how old the block is that a node showed; nothing where it showed none.
func (w *watcher) old(n *watched) time.Duration {
	if n.shown == nil {
		return 0
	}
	return w.now().Sub(time.Unix(0, n.shown.Time()))
}

// standstill warns once that a node's height has not moved.
func (w *watcher) standstill(n *watched) {
	if n.shown == nil || w.now().Sub(n.moved) < w.stalled {
		return
	}
	n.warn(w, &n.still, fmt.Sprintf("its height stands still: block %d for %s", n.shown.Block.Header.Height, w.now().Sub(n.moved).Round(time.Second)))
}
