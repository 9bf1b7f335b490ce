package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/testnet"
	"github.com/waymark-ledger/waymark/testnet/lane"
	"github.com/waymark-ledger/waymark/trace"
)

// loadWidth is how many containers of --scale travel side by side.
const loadWidth = 16

func newDemo() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Play a container of coffee from farm to shop on four nodes",
		Long: `Demo starts four organisations' nodes on this machine, has seven organisations
record the coffee lane as it would happen (three of them have no node and sign
through another's), prints the journey of one retail bag and the addresses to scan
it at, and stays up until it is interrupted.

With --once it checks what the nodes answer and ends: exit code 0 when every node
tells the whole journey and all ledgers agree, 1 when not.`,
		Example: `  waymark demo
  waymark demo --once
  waymark demo --scale 500 --dir ./net`,
		Args: cobra.NoArgs,
	}
	d := &demo{cmd: cmd}
	cmd.Flags().StringVar(&d.dir, "dir", "", "keep the network in this directory; resumed when used")
	cmd.Flags().IntVar(&d.basePort, "base-port", 0, "first of the ports; 0 picks free ones")
	cmd.Flags().IntVar(&d.scale, "scale", 1, "how many containers to play")
	cmd.Flags().BoolVar(&d.once, "once", false, "check the result and end")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return d.run(cmd.Context()) }
	return cmd
}

type demo struct {
	cmd      *cobra.Command
	dir      string
	basePort int
	scale    int
	once     bool
	played   int // acts
	records  int
}

// say writes a line of progress. It goes to standard error, so that standard
// output holds the result alone.
func (d *demo) say(format string, args ...any) {
	fmt.Fprintf(d.cmd.ErrOrStderr(), format+"\n", args...)
}

func (d *demo) run(ctx context.Context) (err error) {
	if d.scale < 1 {
		return usagef("--scale %d: at least one container", d.scale)
	}
	if d.dir == "" {
		if d.dir, err = os.MkdirTemp("", "waymark-demo-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(d.dir)) }()
	}
	began := time.Now()
	s, err := testnet.Up(ctx, testnet.Options{Dir: d.dir, BasePort: d.basePort, Progress: func(l string) { d.say("%s", l) }})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Down()) }()
	state := s.State()
	script, err := d.play(ctx, state)
	if err != nil {
		return err
	}
	d.say("%d records of %d containers on %d nodes, %.1f s in all", d.records, d.scale, len(state.Nodes), time.Since(began).Seconds())
	if err := d.show(ctx, state, script); err != nil {
		return err
	}
	if d.once {
		return d.check(ctx, state, script)
	}
	select {
	case <-ctx.Done():
	case <-s.Done():
	}
	return nil
}

// play has the members record the lane, unless the network did so before.
func (d *demo) play(ctx context.Context, state *testnet.State) (*lane.Script, error) {
	now := time.Now()
	first, err := lane.Coffee(now, 0)
	if err != nil {
		return nil, err
	}
	status, err := state.Nodes[0].Client().Status(ctx)
	if err != nil {
		return nil, err
	}
	if status.Records > 0 {
		d.say("the ledger in %s holds %d records already: nothing is played again", d.dir, status.Records)
		return first, nil
	}
	player, err := testnet.NewPlayer(state)
	if err != nil {
		return nil, err
	}
	ground, err := lane.CoffeeGround(now)
	if err != nil {
		return nil, err
	}
	total := len(ground) + d.scale*len(first.Acts)
	progress := func(o testnet.Outcome) {
		d.played++
		d.records += len(o.Records)
		if d.scale == 1 {
			d.say("[%2d/%d] %-11s %s (%d ms)", d.played, total, o.Act.Member, o.Act.Title, o.Took.Milliseconds())
		} else if d.played%200 == 0 || d.played == total {
			d.say("[%d/%d] %d records, %.0f a second", d.played, total, d.records, float64(d.records)/time.Since(now).Seconds())
		}
	}
	if err := player.Play(ctx, append(ground, first.Acts...), progress); err != nil {
		return nil, refusedError{err}
	}
	scripts := make(chan *lane.Script)
	var made error
	go func() {
		defer close(scripts)
		for n := 1; n < d.scale && made == nil; n++ {
			var s *lane.Script
			if s, made = lane.Coffee(now, n); made == nil {
				scripts <- s
			}
		}
	}()
	if err := player.PlayMany(ctx, scripts, loadWidth, progress); err != nil {
		return nil, refusedError{err}
	}
	return first, made
}

// show prints the bag's journey and where to scan it.
func (d *demo) show(ctx context.Context, state *testnet.State, script *lane.Script) error {
	t, err := state.Nodes[len(state.Nodes)-1].Client().Trace(ctx, script.Bag, string(trace.Upstream))
	if err != nil {
		return err
	}
	path := strings.TrimPrefix(script.Bag, "https://id.gs1.org")
	scan := map[string]string{}
	for _, n := range state.Nodes {
		scan[n.Name] = n.API + path
	}
	var failed error
	err = print(d.cmd, map[string]any{"id": script.Bag, "scan": scan, "trace": t}, func(w io.Writer) {
		fmt.Fprintln(w)
		failed = t.Journey().Tree(w)
		fmt.Fprintln(w, "\nScan this bag at any node:")
		for _, n := range state.Nodes {
			fmt.Fprintf(w, "  %s  (%s)\n", scan[n.Name], n.Organisation)
		}
		fmt.Fprintf(w, "\nThe same journey from elsewhere:\n  waymark trace %s --testnet %s\n", script.BillOfLading, d.dir)
		fmt.Fprintf(w, "\nIts proof as a file, and what an officer reads in it without asking anybody:\n  waymark dossier %s -o declaration.json --testnet %s\n  waymark verify declaration.json --genesis %s --id %s\n",
			script.MRN, d.dir, state.Genesis, script.MRN)
		if !d.once {
			fmt.Fprintln(w, "\nCtrl-C stops the nodes.")
		}
	})
	return errors.Join(err, failed)
}

// check asks every node for the journey and compares what they hold.
func (d *demo) check(ctx context.Context, state *testnet.State, script *lane.Script) error {
	var clients []*client.Client
	for i := range state.Nodes {
		clients = append(clients, state.Nodes[i].Client())
	}
	for i, c := range clients {
		if err := checkJourney(ctx, c, script); err != nil {
			return refusedError{fmt.Errorf("%s: %w", state.Nodes[i].Name, err)}
		}
	}
	height, err := testnet.Agree(ctx, clients)
	if err != nil {
		return refusedError{err}
	}
	d.say("checked: %d nodes tell the whole journey, and their ledgers agree at every height to %d", len(clients), height)
	return nil
}

// checkJourney compares what a node tells of the bag with what was recorded.
func checkJourney(ctx context.Context, c *client.Client, script *lane.Script) error {
	t, err := c.Trace(ctx, script.Bag, string(trace.Upstream))
	if err != nil {
		return err
	}
	missing := map[string]bool{}
	for _, id := range script.Upstream {
		missing[id] = true
	}
	for _, n := range t.Graph.Nodes {
		switch n.Namespace {
		case trace.NSItem, trace.NSLot:
			if !missing[n.ID] {
				return fmt.Errorf("the journey has %s, which is not on the bag's way", n.ID)
			}
			delete(missing, n.ID)
		}
	}
	for id := range missing {
		return fmt.Errorf("the journey lacks %s", id)
	}
	if len(t.Certificates) != 1 || t.Certificates[0].ID != script.Certificate || t.Certificates[0].Today != "active" {
		return fmt.Errorf("the journey's certificates are %+v, want %s, active", t.Certificates, script.Certificate)
	}
	if len(t.Gaps) > 0 {
		return fmt.Errorf("the journey has a gap: %s: %s", t.Gaps[0].ID, t.Gaps[0].About)
	}
	return nil
}
