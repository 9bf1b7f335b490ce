package node

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

const strictRuleset = "waymark-strict"

// activate proposes that a ruleset of this build judges from a height on.
func activate(id, name string, height uint64) epcis.Governance {
	return epcis.Governance{Action: epcis.Propose, ID: epcis.Canonical("urn:uuid:" + id), Change: epcis.ChangeRuleset,
		Ruleset: &epcis.GovernedRuleset{Name: name, Release: "0.1.0", Height: height}}
}

// seen is an event about the first item, the n-th of its kind: a business transaction, which makes
// no sighting of it (rule F1).
func seen(t testing.TB, n int) []byte {
	t.Helper()
	return fmt.Appendf(nil, `{"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],"type":"TransactionEvent","eventID":"urn:x:seen:%d",`+
		`"eventTime":"%s","eventTimeZoneOffset":"+00:00","epcList":[%q],"action":"OBSERVE","bizTransactionList":[{"bizTransaction":"urn:x:order"}]}`,
		n, time.Now().Add(time.Duration(n)*time.Second-30*time.Minute).UTC().Format("2006-01-02T15:04:05Z"), item(t, 1))
}

// custodyGap is what rule C2 found on a record: its severity and version.
func custodyGap(t testing.TB, findings []trace.Finding) string {
	t.Helper()
	for _, f := range findings {
		if f.Code == contracts.CodeCustodyGap {
			return fmt.Sprintf("%s %s %d", f.Severity, f.Rule, f.Version)
		}
	}
	t.Fatalf("rule C2 found nothing: %+v", findings)
	return ""
}

const (
	flagged = "FLAG C2 1"
	refused = "REJECT C2 2"
)

// From the very height that the members voted for another ruleset judges, and not before; another
// vote has the first judge again. Whoever judges the same blocks comes to the same roots.
func TestTheRulesetOfAHeightJudgesIt(t *testing.T) {
	key, stranger := mustKey(t), mustKey(t)
	org, other := organisation(t, 0), organisation(t, 1)
	org.Keys = []string{identity.FormatPublicKey(key.PublicKey())}
	other.Keys = []string{identity.FormatPublicKey(stranger.PublicKey())}
	validator, err := Prepare(t.TempDir()+"/v", PrepareOptions{Organisation: organisation(t, 0), LightScrypt: true})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := BuildGenesis(GenesisOptions{Organisations: []identity.Organisation{org, other}, Validators: []Validator{validator.Validator},
		Time: time.Now().Add(-time.Hour).Truncate(time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	g, err := identity.ParseGenesis(doc)
	if err != nil {
		t.Fatal(err)
	}
	var apps []*bench
	for range 2 {
		b := &bench{key: key, time: time.Now().Truncate(time.Second)}
		r := rules{network: g.Network, parameters: g.Parameters, memo: newMemo(1 << 20)}
		if b.app, err = newApp(r, g, emptyLedger(t, g), newPool(DefaultConfig("").Pool), &gate{}, 0, slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
		apps = append(apps, b)
	}
	sign := func(key *identity.Key, kind epcis.Kind, record []byte) []byte {
		e := identity.NewEnvelope(g.Network, string(kind), key.Address(), uint64(apps[0].time.Add(time.Hour).Unix()), [][]byte{record})
		if err := key.SignEnvelope(e); err != nil {
			t.Fatal(err)
		}
		wire, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return wire
	}
	vote := func(id string) [2][]byte {
		return [2][]byte{[]byte(id), sign(stranger, epcis.KindGovernance, (&epcis.Governance{Action: epcis.Vote, ID: epcis.Canonical("urn:uuid:" + id), Yes: true}).JSON())}
	}
	blocks := map[uint64][][]byte{ // beside what the stranger sees in each from the third on
		1: {sign(key, epcis.KindEvent, life(t, "ADD", 1, 1))},
		2: {sign(key, epcis.KindGovernance, ptr(activate("on", strictRuleset, 6)).JSON()), vote("on")[1]},
		7: {sign(key, epcis.KindGovernance, ptr(activate("off", "waymark-1", 9)).JSON()), vote("off")[1]},
	}
	for height := uint64(1); height <= 10; height++ {
		txs := blocks[height]
		if height > 2 {
			txs = append(slices.Clone(txs), sign(stranger, epcis.KindEvent, seen(t, int(height))))
		}
		var first *abci.ResponseFinalizeBlock
		for i, b := range apps {
			if i == 0 && !b.accepts(t, txs...) {
				t.Fatalf("block %d is refused", height)
			}
			r := b.decide(t, txs...)
			if first == nil {
				first = r
			} else if !bytes.Equal(first.AppHash, r.AppHash) {
				t.Fatalf("at height %d the app hashes differ", height)
			}
		}
		if height <= 2 {
			continue
		}
		s := apps[0].ledger.Snapshot()
		last, err := s.Record(s.Roots().LogSize - 1)
		s.Close()
		if err != nil {
			t.Fatal(err)
		}
		want := flagged
		if height >= 6 && height < 9 {
			want = refused
		}
		if got := custodyGap(t, last.Findings); got != want {
			t.Errorf("at height %d it is %s, not %s", height, got, want)
		}
		info, err := apps[0].Info(context.Background(), &abci.RequestInfo{})
		if next := map[bool]string{false: "waymark-1", true: strictRuleset}[height >= 5 && height < 8]; err != nil || info.Version != next {
			t.Errorf("after height %d %s is to judge: %v", height, info.Version, err)
		}
	}
}

func ptr[T any](v T) *T { return &v }

// A network, of one node or of four, goes on under the ruleset that its members voted for. Simulations,
// status and replays go by it, and who begins at genesis comes to the same roots.
func TestANetworkGoesOnUnderAnotherRuleset(t *testing.T) {
	for _, size := range []int{1, 4} {
		t.Run(fmt.Sprintf("%d nodes", size), func(t *testing.T) { goesOnUnderAnotherRuleset(t, size) })
	}
}

func goesOnUnderAnotherRuleset(t *testing.T, size int) {
	configs := network(t, size, nil)
	nodes := cluster(t, configs)
	home := t.TempDir()
	id, err := Prepare(home, PrepareOptions{Organisation: organisation(t, 9), LightScrypt: true})
	if err != nil {
		t.Fatal(err)
	}
	o := id.Organisation
	member := &epcis.GovernedMember{ID: o.ID, Name: o.Name, Country: o.Country, Prefixes: o.Prefixes, Keys: o.Keys, Peer: o.Peer, NodeID: o.NodeID, Roles: []string{"trader"}}
	electors := nodes[:len(nodes)-(len(nodes)-1)/3] // the majority
	adopt(t, electors, epcis.Governance{ID: epcis.Canonical("urn:uuid:admit"), Change: epcis.ChangeAdmit, Member: member})
	c := testConfig(t, home)
	key, err := c.unlock()
	if err != nil {
		t.Fatal(err)
	}
	capture(t, nodes[0], life(t, "ADD", 1, 1))

	// The stranger, who has no node, observes what another brought to life.
	record := func(by *running, kind epcis.Kind, raw []byte) (height uint64, findings []trace.Finding) {
		e := identity.NewEnvelope(by.genesis.Network, string(kind), key.Address(), uint64(time.Now().Add(time.Hour).Unix()), [][]byte{raw})
		if err := key.SignEnvelope(e); err != nil {
			t.Fatal(err)
		}
		wire, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		sent, err := by.Submit(t.Context(), wire)
		if err != nil {
			t.Fatal(err)
		}
		info, err := by.Wait(t.Context(), sent)
		if err != nil {
			t.Fatal(err)
		}
		s := by.ledger.Snapshot()
		defer s.Close()
		r, err := s.Record(info.FirstSeq)
		if err != nil {
			t.Fatal(err)
		}
		return info.Height, r.Findings
	}
	simulated := func() string {
		address := key.Address()
		s, err := nodes[0].Simulate(t.Context(), &address, nil, []api.Part{{Kind: epcis.KindEvent, Records: [][]byte{seen(t, 0)}}})
		if err != nil {
			t.Fatal(err)
		}
		return custodyGap(t, s.Findings[0])
	}
	if got := simulated(); got != flagged {
		t.Errorf("simulated before: %s", got)
	}
	found := map[string]int{}
	_, findings := record(nodes[0], epcis.KindEvent, seen(t, 100))
	found[custodyGap(t, findings)]++
	at := nodes[0].ledger.Roots().Height + 20 // the votes take some
	adopt(t, electors, activate("strict", strictRuleset, at))
	record(nodes[0], epcis.KindGovernance, (&epcis.Governance{Action: epcis.Vote, ID: epcis.Canonical("urn:uuid:strict"), Yes: true}).JSON())
	past := at
	for n, height := 1, uint64(0); height < at+2; n++ {
		height, findings = record(nodes[n%size], epcis.KindEvent, seen(t, n))
		got, want := custodyGap(t, findings), flagged
		if height >= at {
			want, past = refused, height
		}
		if found[got]++; got != want {
			t.Errorf("height %d, the ruleset from %d on: %s", height, at, got)
		}
	}
	if found[flagged] == 0 || found[refused] == 0 {
		t.Errorf("judged were %v", found)
	}
	eventually(t, "all nodes are past the height", func() bool {
		return !slices.ContainsFunc(nodes, func(n *running) bool { return n.ledger.Roots().Height < past })
	})
	sameRoots(t, nodes)
	if got := simulated(); got != refused {
		t.Errorf("simulated after: %s", got)
	}
	for _, n := range nodes {
		want := api.RulesetInfo(rulesets(contracts.Rulesets()).named(strictRuleset).Info())
		if s, w := n.Status(), n.Network(); s.Ruleset != want || w.Ruleset != want || len(s.Activations)+len(w.Activations) > 0 {
			t.Errorf("%s names %+v and %+v, ahead %+v", n.member().Name, s.Ruleset, w.Ruleset, s.Activations)
		}
	}

	// One judges it all again, from genesis.
	last := nodes[size-1]
	config, height := last.config, last.ledger.Roots().Height
	if err := last.stop(); err != nil {
		t.Fatal(err)
	}
	if size > 1 {
		for _, dir := range []string{config.ledgerDir(), filepath.Join(config.engineDir()), filepath.Join(config.Home, "data", "cs.wal")} {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}
		back := run(t, config)
		back.awaitReady(t)
		nodes[size-1] = back
		eventually(t, "the node is where it was", func() bool { return back.ledger.Roots().Height >= height })
		sameRoots(t, nodes)
		if err := back.stop(); err != nil {
			t.Fatal(err)
		}
	}
	same, err := Replay(t.Context(), config, ReplayOptions{})
	if err != nil || same.Changed != 0 || same.Ruleset.Name != strictRuleset {
		t.Errorf("a replay by what was in force: %+v, %v", same, err)
	}
	for _, c := range []struct {
		ruleset string
		from    uint64
		changed int
		what    string
	}{
		{strictRuleset, 0, found[flagged], NowRefused}, {strictRuleset, at, 0, ""},
		{"waymark-1", 0, found[refused], NowAccepted}, {"waymark-1", at, found[refused], NowAccepted},
	} {
		r, err := Replay(t.Context(), config, ReplayOptions{Ruleset: c.ruleset, From: c.from})
		if err != nil || int(r.Changed) != c.changed || r.Ruleset.Name != c.ruleset {
			t.Errorf("%+v: %d changed (%v)", c, r.Changed, err)
			continue
		}
		for _, change := range r.Changes {
			if change.Accepted != c.what || change.Organisation != o.ID || !slices.Contains(change.About, item(t, 1)) {
				t.Errorf("%+v: %+v", c, change)
			}
		}
		if c.changed > 0 && (len(r.ByRule) != 1 || r.ByRule[0].Name != "C2" || len(r.ByOrganisation) != 1 || len(r.ByItem) != 1) {
			t.Errorf("%+v: by rule %v, by organisation %v, by item %v", c, r.ByRule, r.ByOrganisation, r.ByItem)
		}
	}
}
