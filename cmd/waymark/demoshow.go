package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/testnet"
	"github.com/waymark-ledger/waymark/trace"
)

// shown is what the demo tells of a lane.
type shown struct {
	Lane   string            `json:"lane"`
	ID     string            `json:"id"`
	Scan   map[string]string `json:"scan"` // addresses, by node
	Trace  *client.Trace     `json:"trace"`
	Caught []caught          `json:"caught"` // null when the lane was not played now
	Impact *client.Impact    `json:"impact,omitempty"`

	play *play
}

// show prints, of each lane, the item's journey, where to scan it, and what the
// rules caught. As JSON one lane is an object, several are an array.
func (d *demo) show(ctx context.Context, state *testnet.State, plays []*play) error {
	var all []*shown
	for _, p := range plays {
		s := &shown{Lane: p.lane.Name, ID: p.script.Item, Scan: map[string]string{}, Caught: p.caught, play: p}
		if s.Caught == nil && p.acts > 0 {
			s.Caught = []caught{}
		}
		for _, n := range state.Nodes {
			s.Scan[n.Name] = n.API + strings.TrimPrefix(s.ID, "https://id.gs1.org")
		}
		var err error
		if s.Trace, err = state.Nodes[len(state.Nodes)-1].Client().Trace(ctx, s.ID, string(trace.Upstream)); err != nil {
			return err
		}
		if lot := p.script.Recalled; lot != "" {
			if s.Impact, err = readImpact(ctx, state.Nodes[len(state.Nodes)-1].Client(), lot, shownOfImpact); err != nil {
				return err
			}
		}
		all = append(all, s)
	}
	var answer any = all
	if len(all) == 1 {
		answer = all[0]
	}
	var failed error
	err := print(d.cmd, answer, func(w io.Writer) {
		for _, s := range all {
			failed = errors.Join(failed, s.write(w, state))
		}
		switch {
		case !d.once:
			fmt.Fprintln(w, "\nCtrl-C stops the nodes.")
		case d.kept:
			fmt.Fprintf(w, "\nThe nodes stop now (--once). To scan at them and ask them: waymark testnet up --dir %s\n", d.dir)
		default:
			fmt.Fprintln(w, "\nThe nodes stop now (--once), and what they recorded goes with them. Without --once they stay up; --dir keeps it.")
		}
	})
	return errors.Join(err, failed)
}

// shownOfImpact is how many things of a recall the demo lists; who has them, all.
const shownOfImpact = 5

func (s *shown) write(w io.Writer, state *testnet.State) error {
	p := s.play
	fmt.Fprintln(w)
	if err := s.Trace.Journey().Tree(w); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nScan this %s at any node:\n", p.lane.Thing)
	for _, n := range state.Nodes {
		fmt.Fprintf(w, "  %s  (%s)\n", s.Scan[n.Name], n.Organisation)
	}
	p.writeCaught(w)
	if s.Impact != nil {
		fmt.Fprintf(w, "\nWhat the recall reaches (waymark impact %s --testnet %s):\n", p.script.Recalled, p.dir)
		writeImpact(w, s.Impact)
	}
	fmt.Fprintf(w, "\nThe same journey from elsewhere:\n  waymark trace %s --testnet %s\n", p.script.BillOfLading, p.dir)
	_, err := fmt.Fprintf(w, "\nIts proof as a file, and what an officer reads in it without asking anybody:\n  waymark dossier %s -o declaration.json --testnet %s\n  waymark verify declaration.json --genesis %s --id %s\n",
		p.script.MRN, p.dir, state.Genesis, p.script.MRN)
	return err
}

// check compares, of each lane, what the rules found with what the lane says and
// what every node tells with what was recorded, and then the nodes' ledgers.
func (d *demo) check(ctx context.Context, state *testnet.State, clients []*client.Client, plays []*play) error {
	for _, p := range plays {
		if err := errors.Join(p.surprises...); err != nil {
			return refusedError{fmt.Errorf("the lane %s: %w", p.lane.Name, err)}
		}
		if err := p.checkJourneys(ctx, state, clients); err != nil {
			return refusedError{fmt.Errorf("the lane %s: %w", p.lane.Name, err)}
		}
		if p.acts > 0 {
			d.say("checked: %s: of %d acts the rules caught what the lane says and nothing else", p.lane.Name, p.acts)
		}
		d.say("checked: %s: %d nodes tell the same whole journey, and its proofs verify", p.lane.Name, len(clients))
	}
	height, err := testnet.Agree(ctx, clients)
	if err != nil {
		return refusedError{err}
	}
	d.say("checked: the ledgers of %d nodes agree at every height to %d", len(clients), height)
	return nil
}

// checkJourneys asks every node for the journey, each answer a dossier that is
// verified, and for the proof of the customs declaration.
func (p *play) checkJourneys(ctx context.Context, state *testnet.State, clients []*client.Client) error {
	var first []byte
	for i, c := range clients {
		t, err := c.Trace(ctx, p.script.Item, string(trace.Upstream))
		if err == nil {
			err = p.script.Told(t.Journey())
		}
		if err != nil {
			return fmt.Errorf("%s: %w", state.Nodes[i].Name, err)
		}
		told, err := json.Marshal([]any{t.Graph, t.Steps, t.Certificates, t.Plots, t.Names})
		if err != nil {
			return err
		}
		if first == nil {
			first = told
		}
		if string(told) != string(first) {
			return fmt.Errorf("%s tells another journey of %s than %s", state.Nodes[i].Name, p.script.Item, state.Nodes[0].Name)
		}
		v, _, err := c.Prove(ctx, client.Question{ID: p.script.MRN})
		if err != nil {
			return fmt.Errorf("%s: the dossier of %s: %w", state.Nodes[i].Name, p.script.MRN, err)
		}
		if !v.Known {
			return fmt.Errorf("%s proves that it has no record of %s", state.Nodes[i].Name, p.script.MRN)
		}
	}
	return nil
}
