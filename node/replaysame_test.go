package node

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/ledger"
	"github.com/waymark-ledger/waymark/testnet/lane"
	"github.com/waymark-ledger/waymark/trace"
)

// chronicle is a ledger that is filled without a network: every record is judged.
type chronicle struct {
	ledger  *ledger.Ledger
	genesis *identity.Genesis
	keys    map[string]*identity.Key // by member
	keyNo   int
	block   *ledger.Block
	all     rulesets
	ruleset *contracts.Ruleset // that judges, nil for the one in force
	court   *contracts.Court
	now     int64
}

func newChronicle(t *testing.T, noon time.Time, parameters identity.Parameters) *chronicle {
	t.Helper()
	c := &chronicle{keys: map[string]*identity.Key{}, all: contracts.Rulesets(), now: noon.UnixNano()}
	c.genesis = &identity.Genesis{Network: identity.Network{7}, Time: c.now - 1, Parameters: parameters, Doc: []byte("{}")}
	for _, m := range lane.Members(4) {
		c.keys[m.Name] = c.key(t)
		m.Organisation.Keys = []string{identity.FormatPublicKey(c.keys[m.Name].PublicKey())}
		c.genesis.Organisations = append(c.genesis.Organisations, m.Organisation)
	}
	var err error
	if c.ledger, err = ledger.Open(ledger.Config{Dir: "ledger", FS: vfs.NewMem()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.ledger.Close() })
	if err := c.ledger.InitGenesis(c.genesis); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *chronicle) key(t *testing.T) *identity.Key {
	t.Helper()
	c.keyNo++
	key, err := identity.ParseKey(fmt.Sprintf("%064x", c.keyNo))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (c *chronicle) commit(t *testing.T) {
	t.Helper()
	if c.block != nil {
		if err := c.block.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	c.block = nil
}

// record has a key sign a record and the rules judge it.
func (c *chronicle) record(t *testing.T, key *identity.Key, kind epcis.Kind, raw []byte) {
	t.Helper()
	if c.block == nil {
		height := c.ledger.Roots().Height + 1
		at := epcis.InstantFromUnixNano(c.now + int64(height))
		var err error
		if c.block, err = c.ledger.Begin(height, at); err != nil {
			t.Fatal(err)
		}
		g, err := readGoverned(c.ledger, c.genesis, c.all)
		if err != nil {
			t.Fatal(err)
		}
		judging, err := c.ruleset, error(nil)
		if judging == nil {
			judging, err = g.judging(height)
		}
		if err != nil {
			t.Fatal(err)
		}
		c.court = judging.Convene(c.block, contracts.Block{
			Network: c.genesis.Network, Height: height, Time: at, Founding: contracts.FoundingOf(c.genesis)})
	}
	// What signs the same twice is another envelope, until another second.
	env := identity.NewEnvelope(c.genesis.Network, string(kind), key.Address(), uint64(c.now/1e9)+3600+c.block.NextSeq(), [][]byte{raw})
	if err := key.SignEnvelope(env); err != nil {
		t.Fatal(err)
	}
	p := contracts.Position{Seq: c.block.NextSeq(), Envelope: env.ID(), Kind: kind, Signer: env.Signer, Record: identity.RecordHash(raw)}
	v, r, err := hear(c.court, new(epcis.Decoder), p, raw)
	if err != nil {
		t.Fatal(err)
	}
	a := ledger.Append{Envelope: env, EnvelopeID: p.Envelope, Kind: kind, Organisation: v.Organisation, Bytes: raw, RecordHash: p.Record,
		Findings: v.Findings, Touches: trace.Touches(r), ContentHash: v.ContentHash, Forward: v.Forward}
	for _, w := range v.Writes {
		a.States = append(a.States, ledger.State{Key: w.Key, Bytes: w.State})
	}
	if r != nil && r.Event != nil {
		a.EventID = r.Event.ID
	}
	if _, err := c.block.Append(a); err != nil {
		t.Fatal(err)
	}
}

// line is a record that somebody is to sign.
type line struct {
	member string
	kind   epcis.Kind
	raw    []byte
}

func lines(t *testing.T, acts []lane.Act, err error) (list []line) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for _, act := range acts {
		records, err := act.Signed()
		if err != nil {
			t.Fatal(err)
		}
		for _, raw := range records {
			list = append(list, line{act.Member, act.Kind, raw})
		}
	}
	return list
}

// wild plays lanes into the chronicle, mixed, with what goes wrong between: records
// are lost, come twice, from others, or mean the goods of another consignment;
// products and places are described again and again; members change their keys and
// the network's parameters.
func wild(t *testing.T, rng *rand.Rand, noon time.Time) *chronicle {
	t.Helper()
	c := newChronicle(t, noon, identity.DefaultParameters())
	var members []string
	for _, m := range lane.Members(4) {
		members = append(members, m.Name)
	}
	var threads [][]line // each in its order
	for _, l := range lane.All() {
		acts, err := l.Ground(noon)
		ground := lines(t, acts, err)
		for _, one := range ground {
			c.record(t, c.keys[one.member], one.kind, one.raw)
		}
		threads = append(threads, slices.Concat(ground, ground)) // once more: masterdata and certificates between the rest
		for n := range 2 {
			s, err := l.Script(noon, n)
			if err != nil {
				t.Fatal(err)
			}
			threads = append(threads, lines(t, s.Acts, nil))
		}
	}
	threads = append(threads, governance(c, t, members))
	var past []line
	for len(threads) > 0 {
		if rng.IntN(20) == 0 {
			c.commit(t)
		}
		i := rng.IntN(len(threads))
		one := threads[i][0]
		if threads[i] = threads[i][1:]; len(threads[i]) == 0 {
			threads = slices.Delete(threads, i, i+1)
		}
		switch rng.IntN(24) {
		case 0: // lost
			continue
		case 1:
			one.member = members[rng.IntN(len(members))]
		case 2:
			past = append(past, one)
			one = past[rng.IntN(len(past))]
		case 3:
			one.raw = bytes.ReplaceAll(one.raw, []byte("00001"), []byte("00000")) // of the other consignment
		case 4:
			one.raw = one.raw[:len(one.raw)-1]
		}
		past = append(past, one)
		c.record(t, c.keys[one.member], one.kind, one.raw)
	}
	c.commit(t)
	return c
}

func governance(c *chronicle, t *testing.T, members []string) (list []line) {
	add := func(member string, g epcis.Governance) {
		list = append(list, line{member, epcis.KindGovernance, g.JSON()})
	}
	for _, next := range []epcis.GovernedRuleset{
		{Name: "waymark-strict", Height: 18}, {Name: "waymark-1", Height: 25},
	} {
		next.Release = "0.1.0"
		id := epcis.Canonical("urn:uuid:" + next.Name)
		add(members[0], epcis.Governance{Action: epcis.Propose, ID: id, Change: epcis.ChangeRuleset, Ruleset: &next})
		for _, m := range members[1:] {
			add(m, epcis.Governance{Action: epcis.Vote, ID: id, Yes: true})
		}
	}
	for i, p := range []epcis.GovernedParameter{{Name: "lateness", Value: "60"}, {Name: "prefixAuthority", Value: "reject"}} {
		id := epcis.Canonical(fmt.Sprintf("urn:uuid:proposal-%d", i))
		add(members[0], epcis.Governance{Action: epcis.Propose, ID: id, Change: epcis.ChangeParameters, Parameters: []epcis.GovernedParameter{p}})
		for _, m := range members[1:] {
			add(m, epcis.Governance{Action: epcis.Vote, ID: id, Yes: true})
		}
		m := members[i]
		next := c.key(t)
		since := epcis.InstantFromUnixNano(c.now - int64(time.Hour))
		add(m, epcis.Governance{Action: epcis.AddKey, Key: identity.FormatPublicKey(next.PublicKey())})
		add(m, epcis.Governance{Action: epcis.RevokeKey, Key: next.Address().Hex(), CompromisedSince: &since})
	}
	return list
}

// judged is a replay with so many hands and windows of so many records.
func judged(t *testing.T, c *chronicle, o ReplayOptions, hands int, window uint64) *replayer {
	t.Helper()
	s := c.ledger.Snapshot()
	defer s.Close()
	r, err := newReplayer(s, c.genesis, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.run(context.Background(), hands, window); err != nil {
		t.Fatal(err)
	}
	return r
}

// Judged at the same time, histories get the verdicts, and leave the states, that
// they get and leave one record after the other: however many judge, and however the
// history is cut. The rules that judged them change nothing; others do.
func TestReplayInParallelIsReplayInOrder(t *testing.T) {
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	var kept, again, changed, switched uint64
	for round := range rounds(6) {
		rng := rand.New(rand.NewPCG(uint64(round), 1))
		c := wild(t, rng, noon)
		var voted contracts.RulesetState
		if err := readState(c.ledger, contracts.RulesetKey(), &voted); err != nil {
			t.Fatal(err)
		}
		if at, ok := voted.At(c.ledger.Roots().Height); ok && at.Height < c.ledger.Roots().Height {
			switched++
		}
		for _, o := range []ReplayOptions{
			{},
			{Ruleset: "waymark-strict", From: rng.Uint64N(c.ledger.Roots().Height)},
			{Parameters: map[string]string{"lateness": "0", "malformedIdentifiers": "reject"}},
			{Parameters: map[string]string{"prefixAuthority": "reject", "massTolerance": "0"}, From: rng.Uint64N(c.ledger.Roots().Height)},
		} {
			want := judged(t, c, o, 1, 512)
			if len(o.Parameters) == 0 && o.Ruleset == "" && want.report.Changed > 0 {
				t.Errorf("round %d: the same rules change %d verdicts, first %+v", round, want.report.Changed, want.report.Changes[0])
			}
			changed += want.report.Changed
			for range 3 {
				hands, window := 2+rng.IntN(3), 2+rng.Uint64N(400)
				got := judged(t, c, o, hands, window)
				kept, again = kept+got.tried-got.again, again+got.again
				if a, b := replayJSON(t, got), replayJSON(t, want); !bytes.Equal(a, b) {
					t.Fatalf("round %d, %d hands, windows of %d: %.2000s\ninstead of\n%.2000s", round, hands, window, a, b)
				}
				if !reflect.DeepEqual(statesOf(got.past), statesOf(want.past)) || !reflect.DeepEqual(got.past.firsts, want.past.firsts) {
					t.Fatalf("round %d, %d hands, windows of %d: other states", round, hands, window)
				}
			}
		}
	}
	if kept == 0 || again == 0 || changed == 0 || switched == 0 {
		t.Errorf("of what was tried, %d verdicts held and %d did not; other rules change %d; %d histories change the ruleset: too few to show anything",
			kept, again, changed, switched)
	}
	t.Logf("%d verdicts held, %d records were judged again, %d verdicts changed", kept, again, changed)
}

func replayJSON(t *testing.T, r *replayer) []byte {
	t.Helper()
	b, err := json.Marshal([]any{r.report, tallies(r.rules), tallies(r.organisations), tallies(r.items)})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func statesOf(d *draft) map[trace.Key]string {
	all := map[trace.Key]string{}
	for id, s := range d.states.items {
		all[trace.Key{NS: trace.NSItem, ID: id}] = string(s.bytes)
	}
	for k, s := range d.states.others {
		all[k] = string(s.bytes)
	}
	return all
}
