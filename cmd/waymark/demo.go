package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/testnet"
	"github.com/waymark-ledger/waymark/testnet/lane"
	"github.com/waymark-ledger/waymark/trace"
)

// loadWidth is how many consignments of --scale travel side by side.
const loadWidth = 16

func newDemo() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Play trade lanes on four nodes: coffee, tuna, parcels",
		Long: `Demo starts four organisations' nodes on this machine and has the members of a
trade lane record it as it would happen (those without a node sign through
another's). It prints the journey of one retail item and the addresses to scan it
at, then what the rules caught and why, and stays up until it is interrupted.

` + laneList() + `

With --once it checks what the nodes answer and ends: exit code 0 when the rules
found what the lane says and nothing else, every node tells the same whole journey,
the proofs verify and all ledgers agree; 1 when not.`,
		Example: `  waymark demo
  waymark demo --lane tuna
  waymark demo --lane all --once
  waymark demo --scale 500 --dir ./net`,
		Args: cobra.NoArgs,
	}
	d := &demo{cmd: cmd}
	name := cmd.Flags().String("lane", lane.Coffee.Name, "the lane to play: "+strings.Join(lane.Names(), ", "))
	cmd.Flags().StringVar(&d.dir, "dir", "", "keep the network in this directory; what it played is not played again")
	cmd.Flags().IntVar(&d.basePort, "base-port", 0, "first of the ports; 0 picks free ones")
	cmd.Flags().IntVar(&d.scale, "scale", 1, "how many consignments of each lane to play")
	cmd.Flags().BoolVar(&d.once, "once", false, "check the result and end")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		lanes, err := lane.Named(*name)
		if err != nil {
			return usagef("--lane: %w", err)
		}
		return d.run(cmd.Context(), lanes)
	}
	return cmd
}

// laneList is a line about each lane.
func laneList() string {
	var lines []string
	for _, l := range lane.All() {
		lines = append(lines, fmt.Sprintf("  %-7s %s", l.Name, l.About))
	}
	return strings.Join(append(lines, "  all     one after the other"), "\n")
}

type demo struct {
	cmd      *cobra.Command
	dir      string
	basePort int
	scale    int
	once     bool
	kept     bool   // the directory, when the demo ends
	before   uint64 // records on the ledger when the demo began
	played   int    // consignments
	records  int    // played
}

// say writes a line of progress. It goes to standard error, so that standard
// output holds the result alone.
func (d *demo) say(format string, args ...any) {
	fmt.Fprintf(d.cmd.ErrOrStderr(), format+"\n", args...)
}

func (d *demo) run(ctx context.Context, lanes []lane.Lane) (err error) {
	if d.scale < 1 {
		return usagef("--scale %d: at least one consignment", d.scale)
	}
	if d.kept = d.dir != ""; !d.kept {
		if d.dir, err = os.MkdirTemp("", "waymark-demo-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(d.dir)) }()
	}
	began := time.Now()
	s, err := testnet.Up(ctx, testnet.Options{Dir: d.dir, BasePort: d.basePort, Progress: func(l string) { d.say("%s", l) }})
	if err != nil {
		return d.interrupted(ctx, err)
	}
	defer func() { err = errors.Join(err, s.Down()) }()
	if err := d.play(ctx, s.State(), lanes, began); err != nil {
		return d.interrupted(ctx, err)
	}
	if !d.once {
		select {
		case <-ctx.Done():
		case <-s.Done():
		}
	}
	return nil
}

// interrupted is the error of a demo that was interrupted before its end, whatever
// that was in the middle of.
func (d *demo) interrupted(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	text := "interrupted before the demo was played to its end"
	if d.kept {
		text += fmt.Sprintf("; %s holds the part that was, which is not played on: take another directory", d.dir)
	}
	return refusedError{errors.New(text)}
}

// play has the lanes recorded, shows what the nodes tell of them and, with --once,
// checks it.
func (d *demo) play(ctx context.Context, state *testnet.State, lanes []lane.Lane, began time.Time) error {
	var clients []*client.Client
	for i := range state.Nodes {
		clients = append(clients, state.Nodes[i].Client())
	}
	status, err := clients[0].Status(ctx)
	if err != nil {
		return err
	}
	d.before = status.Records
	player, err := testnet.NewPlayer(state)
	if err != nil {
		return err
	}
	var plays []*play
	for _, l := range lanes {
		p := &play{demo: d, lane: l, player: player, began: time.Now()}
		if err := p.run(ctx, state); err != nil {
			return err
		}
		plays = append(plays, p)
	}
	d.say("%s of %s on %s, %.1f s in all", counted(uint64(d.records), "record"), counted(uint64(d.played), "consignment"),
		counted(uint64(len(state.Nodes)), "node"), time.Since(began).Seconds())
	// What was played is shown by a node that was not waited for.
	if err := testnet.Settle(ctx, clients); err != nil {
		return err
	}
	if err := d.show(ctx, state, plays); err != nil {
		return err
	}
	if d.once {
		return d.check(ctx, state, clients, plays)
	}
	return nil
}

// play is one lane being played.
type play struct {
	*demo
	lane   lane.Lane
	player *testnet.Player
	began  time.Time
	script *lane.Script // the first

	total, acts, records int
	caught               []caught // of what goes before and of the first script
	surprises            []error  // findings other than the lane says; the first few
}

// run has the members record the lane, unless the network did so before.
func (p *play) run(ctx context.Context, state *testnet.State) (err error) {
	now := time.Now()
	if p.script, err = p.lane.Script(now, 0); err != nil {
		return err
	}
	known, err := p.onLedger(ctx, state.Nodes[0].Client())
	if err != nil {
		return err
	}
	if known {
		p.say("the ledger in %s holds the lane %s already: it is not played again", p.dir, p.lane.Name)
		return nil
	}
	ground, err := p.lane.Ground(now)
	if err != nil {
		return err
	}
	p.total = len(ground) + p.scale*len(p.script.Acts)
	p.say("%s: %s", p.lane.Name, p.lane.About)
	first := func(o testnet.Outcome) {
		p.caught = append(p.caught, caughtIn(o)...)
		p.progress(o)
	}
	if err := p.player.Play(ctx, append(ground, p.script.Acts...), first); err != nil {
		if p.before > 0 && ctx.Err() == nil {
			err = fmt.Errorf("%w\n  An earlier demo in %s ended before this lane did, and it is not played on: take another directory", err, p.dir)
		}
		return refusedError{err}
	}
	scripts := make(chan *lane.Script)
	var made error
	go func() {
		defer close(scripts)
		for n := 1; n < p.scale && made == nil; n++ {
			var s *lane.Script
			if s, made = p.lane.Script(now, n); made == nil {
				scripts <- s
			}
		}
	}()
	if err := p.player.PlayMany(ctx, scripts, loadWidth, p.progress); err != nil {
		return refusedError{err}
	}
	p.demo.played += p.scale
	return made
}

// onLedger reports whether the ledger has a record of the lane's item.
func (p *play) onLedger(ctx context.Context, c *client.Client) (bool, error) {
	defer c.Close()
	status, err := c.Status(ctx)
	if err != nil || status.Records == 0 {
		return false, err
	}
	v, _, err := c.Prove(ctx, client.Question{ID: p.script.Item, Direction: trace.Upstream})
	if err != nil {
		return false, err
	}
	return v.Known, nil
}

// maxSurprises is how many of a lane's surprises are told.
const maxSurprises = 10

func (p *play) progress(o testnet.Outcome) {
	p.acts++
	p.records += len(o.Records)
	p.demo.records += len(o.Records)
	if err := o.Act.Judged(o.Findings()); err != nil && len(p.surprises) < maxSurprises {
		p.surprises = append(p.surprises, err)
	}
	switch {
	case p.scale == 1:
		p.say("[%2d/%d] %-14s %s (%d ms)%s", p.acts, p.total, o.Act.Member, o.Act.Title, o.Took.Milliseconds(), marks(o))
	case p.acts%200 == 0 || p.acts == p.total:
		p.say("[%d/%d] %d records, %.0f a second", p.acts, p.total, p.records, float64(p.records)/time.Since(p.began).Seconds())
	}
}
