package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// govern records a governance record at a node, which signs it.
func govern(t *testing.T, n *running, g epcis.Governance) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	accepted, err := n.Capture(ctx, epcis.KindGovernance, [][]byte{g.JSON()})
	if err != nil {
		t.Fatal(err)
	}
	info, err := n.Wait(ctx, accepted[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	s := n.ledger.Snapshot()
	defer s.Close()
	r, err := s.Record(info.FirstSeq)
	if err != nil {
		t.Fatal(err)
	}
	if trace.Rejected(r.Findings) {
		t.Fatalf("%s of %s: %+v", g.Action, g.ID.URI, r.Findings)
	}
}

// adopt proposes a change at the first of the nodes and has the others vote for it.
func adopt(t *testing.T, nodes []*running, g epcis.Governance) {
	t.Helper()
	g.Action = epcis.Propose
	govern(t, nodes[0], g)
	for _, n := range nodes[1:] {
		govern(t, n, epcis.Governance{Action: epcis.Vote, ID: g.ID, Yes: true})
	}
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("not in %v: %s", patience, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// A member that genesis does not know is voted in, gets its node and a validator's
// vote; another is suspended, and cut off. Whoever trusts the genesis document
// follows the validators.
func TestMembersVoteAMemberInAndOut(t *testing.T) {
	configs := network(t, 4, nil)
	nodes := cluster(t, configs)
	capture(t, nodes[0], observation(t, 1))

	home := t.TempDir()
	id, err := Prepare(home, PrepareOptions{Organisation: organisation(t, 9), LightScrypt: true})
	if err != nil {
		t.Fatal(err)
	}
	o := id.Organisation
	member := &epcis.GovernedMember{ID: o.ID, Name: o.Name, Country: o.Country, Prefixes: o.Prefixes, Keys: o.Keys, Peer: o.Peer, NodeID: o.NodeID}
	for _, r := range o.Roles {
		member.Roles = append(member.Roles, string(r))
	}
	adopt(t, nodes[:3], epcis.Governance{ID: epcis.Canonical("urn:uuid:admit"), Change: epcis.ChangeAdmit, Member: member})

	c := testConfig(t, home)
	for _, n := range nodes {
		c.P2P.Peers = append(c.P2P.Peers, n.PeerAddrs()[0])
		c.Consensus.Peers = append(c.Consensus.Peers, n.EngineAddr())
	}
	if err := Install(home, mustRead(t, configs[0].genesisFile()), c); err != nil {
		t.Fatal(err)
	}
	newcomer := run(t, c)
	newcomer.awaitReady(t)
	if newcomer.member().ID != o.ID {
		t.Errorf("the newcomer takes itself for %q", newcomer.member().ID)
	}
	capture(t, newcomer, observation(t, 2))

	adopt(t, nodes[:3], epcis.Governance{ID: epcis.Canonical("urn:uuid:validator"), Change: epcis.ChangeValidator, Validator: &epcis.GovernedValidator{
		Organisation: o.ID, Key: fmt.Sprintf("%x", id.Validator.PublicKey), Power: 1}})
	i := 10
	eventually(t, "five validators", func() bool {
		i++
		capture(t, nodes[0], observation(t, i))
		return len(nodes[0].engine.validators()) == 5
	})
	found := false
	for _, v := range nodes[0].Network().Validators {
		found = found || v.Organisation == o.ID
	}
	if !found {
		t.Errorf("nobody runs the fifth validator: %+v", nodes[0].Network().Validators)
	}

	// Its vote is needed once one of the others is cut off.
	adopt(t, nodes[:3], epcis.Governance{ID: epcis.Canonical("urn:uuid:suspend"), Change: epcis.ChangeSuspend,
		Subject: epcis.Canonical(nodes[3].member().ID)})
	eventually(t, "the suspended node is cut off", func() bool {
		for _, p := range nodes[0].Network().Peers {
			if p.Organisation == nodes[3].member().ID || p.ID == nodes[3].engine.nodeID || p.ID == nodes[3].host.ID().String() {
				return false
			}
		}
		return true
	})
	capture(t, nodes[1], observation(t, 3))
	capture(t, newcomer, observation(t, 4))
	var refused *api.EnvelopeError
	if _, err := nodes[3].Capture(t.Context(), epcis.KindEvent, [][]byte{observation(t, 5)}); err == nil {
		t.Log("the suspended node has not heard of it; nobody takes its gossip")
	} else if !errors.As(err, &refused) {
		t.Errorf("the suspended node's capture: %v", err)
	}
	members := append(nodes[:3:3], newcomer)
	sameRoots(t, members)

	// While the one that is cut off is to propose, the state of now waits for its proof
	// longer than an answer does, which is of the state before then.
	eventually(t, "a proof that starts at genesis, with the validators of today", func() bool {
		v, _, err := reader(t, newcomer, "http://"+newcomer.APIAddr(), "").Prove(t.Context(), client.Question{ID: item(t, 4)})
		if err != nil {
			t.Fatal(err)
		}
		return v.Known
	})
}

// Parameters that are voted on hold from the next block on.
func TestMembersVoteOnParameters(t *testing.T) {
	n := run(t, network(t, 1, nil)[0])
	n.awaitReady(t)
	adopt(t, []*running{n}, epcis.Governance{ID: epcis.Canonical("urn:uuid:p"), Change: epcis.ChangeParameters,
		Parameters: []epcis.GovernedParameter{{Name: "maxNotAfterAhead", Value: "60"}}})
	if got := n.app.governed.Load().parameters.MaxNotAfterAhead; got != 60 {
		t.Errorf("maxNotAfterAhead is %d", got)
	}
	var refused *api.EnvelopeError
	if _, err := n.Capture(t.Context(), epcis.KindEvent, [][]byte{observation(t, 1)}); !errors.As(err, &refused) {
		t.Errorf("an envelope with the old deadline: %v", err)
	}
}

// syncedLog keeps what several goroutines log.
type syncedLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *syncedLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *syncedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// A node whose release lacks the ruleset in force stops before the height, and says
// which release has it.
func TestNodeLacksTheRuleset(t *testing.T) {
	c := network(t, 1, nil)[0]
	var log syncedLog
	n, err := New(c, Deps{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- n.Run(context.Background()) }()
	r := &running{Node: n}
	r.awaitReady(t)
	at := n.ledger.Roots().Height + 5
	adopt(t, []*running{r}, epcis.Governance{ID: epcis.Canonical("urn:uuid:r"), Change: epcis.ChangeRuleset,
		Ruleset: &epcis.GovernedRuleset{Name: "waymark-next", Release: "9.9.9", Height: at}})
	if state, ok := n.app.governed.Load().ruleset.At(at); !ok || state.Name != "waymark-next" {
		t.Errorf("the ruleset of height %d is %+v", at, state)
	}
	// Whoever runs it has been told, before it stops.
	want := []api.ActivationInfo{{Height: at, Ruleset: "waymark-next", Release: "9.9.9"}}
	for _, got := range [][]api.ActivationInfo{n.Network().Activations, n.Status().Activations} {
		if !slices.Equal(got, want) {
			t.Errorf("ahead are %+v", got)
		}
	}
	if text := log.String(); strings.Count(text, "this release lacks a ruleset") != 1 || !strings.Contains(text, "release=9.9.9") {
		t.Errorf("the log: %s", text)
	}
	for i, began := 0, time.Now(); ; i++ {
		if _, err := n.Capture(t.Context(), epcis.KindEvent, [][]byte{observation(t, i)}); err != nil {
			t.Log(err)
		}
		select {
		case err := <-done:
			if !errors.Is(err, ErrConsensusFailed) || !strings.Contains(err.Error(), "install release 9.9.9") {
				t.Errorf("the node ended with %v", err)
			}
		case <-time.After(100 * time.Millisecond):
			if time.Since(began) < patience {
				continue
			}
			t.Fatal("it goes on")
		}
		break
	}
	if _, err := New(c, Deps{Logger: testLogger(t)}); !errors.Is(err, ErrLacksRuleset) {
		t.Errorf("a start: %v", err)
	}
}
