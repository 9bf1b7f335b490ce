package lane_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/ledger"
	"github.com/waymark-ledger/waymark/testnet/lane"
	"github.com/waymark-ledger/waymark/trace"
)

// court is a ledger in memory on which acts are judged in one block, without a
// network.
type court struct {
	ruleset  *contracts.Ruleset // that judges
	ledger   *ledger.Ledger
	block    *ledger.Block
	height   uint64                   // of that
	keys     map[string]*identity.Key // by member
	founding *contracts.Founding
	time     epcis.Instant
}

func convene(t *testing.T) *court {
	t.Helper()
	return conveneIn(t, ledger.Config{Dir: "ledger", FS: vfs.NewMem(), CacheBytes: 8 << 20})
}

func conveneIn(t *testing.T, config ledger.Config) *court {
	t.Helper()
	c := &court{ruleset: contracts.First(), height: 1, keys: map[string]*identity.Key{}, time: epcis.InstantFromUnixNano(noon.UnixNano())}
	g := &identity.Genesis{Network: identity.Network{7}, Time: noon.UnixNano() - 1, Parameters: identity.DefaultParameters(), Doc: []byte("{}")}
	for i, m := range lane.Members(4) {
		key, err := identity.ParseKey(fmt.Sprintf("%064x", i+1))
		if err != nil {
			t.Fatal(err)
		}
		c.keys[m.Name] = key
		m.Organisation.Keys = []string{identity.FormatPublicKey(key.PublicKey())}
		g.Organisations = append(g.Organisations, m.Organisation)
	}
	var err error
	if c.ledger, err = ledger.Open(config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.ledger.Close() }) // that of then
	if err := c.ledger.InitGenesis(g); err != nil {
		t.Fatal(err)
	}
	c.founding = contracts.FoundingOf(g)
	if c.block, err = c.ledger.Begin(c.height, c.time); err != nil {
		t.Fatal(err)
	}
	return c
}

// judge records an act as its member and returns what the rules found.
func (c *court) judge(t *testing.T, act lane.Act) (findings []trace.Finding) {
	t.Helper()
	all := records(t, act)
	key := c.keys[act.Member]
	env := identity.NewEnvelope(identity.Network{7}, string(act.Kind), key.Address(), uint64(noon.Unix())+3600, all)
	if err := key.SignEnvelope(env); err != nil {
		t.Fatal(err)
	}
	for i, raw := range all {
		r, err := epcis.Decode(act.Kind, raw)
		if err != nil {
			t.Fatalf("%s: %v", act.Title, err)
		}
		court := c.ruleset.Convene(c.block, contracts.Block{Network: identity.Network{7}, Height: c.height, Time: c.time, Founding: c.founding})
		v, err := court.HoldToDeclarations().Judge(
			contracts.Position{Seq: c.block.NextSeq(), Envelope: env.ID(), Index: uint32(i), Kind: act.Kind, Signer: env.Signer}, r)
		if err != nil {
			t.Fatalf("%s: %v", act.Title, err)
		}
		a := ledger.Append{Envelope: env, EnvelopeID: env.ID(), Index: uint32(i), Kind: act.Kind, Organisation: v.Organisation, Bytes: raw,
			RecordHash: identity.RecordHash(raw), Findings: v.Findings, Touches: trace.Touches(r), ContentHash: v.ContentHash, Forward: v.Forward}
		for _, w := range v.Writes {
			a.States = append(a.States, ledger.State{Key: w.Key, Bytes: w.State})
		}
		if r.Event != nil {
			a.EventID = r.Event.ID
		}
		if _, err := c.block.Append(a); err != nil {
			t.Fatalf("%s: %v", act.Title, err)
		}
		findings = append(findings, v.Findings...)
	}
	return findings
}

// The rules find in each act what the lane says, and nothing else, on a network
// that plays all lanes, and several consignments of each.
func TestRulesFindWhatTheLanesSay(t *testing.T) {
	c := convene(t)
	caught := 0
	for _, l := range lane.All() {
		acts := ground(t, l)
		for _, n := range []int{0, 1, 2} {
			acts = append(acts, script(t, l, n).Acts...)
		}
		for _, act := range acts {
			caught += len(act.Caught)
			if err := act.Judged(c.judge(t, act)); err != nil {
				t.Errorf("%s: %v", l.Name, err)
			}
		}
	}
	if caught == 0 {
		t.Error("the lanes catch nothing")
	}
}

// What goes wrong beside a consignment's way can be left out: the rules find of the
// other acts what they find of them beside it, of the coffee nothing at all.
func TestNothingRestsOnWhatGoesWrong(t *testing.T) {
	c := convene(t)
	for _, l := range lane.All() {
		whole := script(t, l, 0)
		honest := whole.Honest()
		if len(honest) == len(whole.Acts) || !slices.ContainsFunc(whole.Acts, func(a lane.Act) bool { return a.Aside && len(a.Caught) > 0 }) {
			t.Errorf("%s: nothing goes wrong beside the way", l.Name)
		}
		for _, act := range append(ground(t, l), honest...) {
			if err := act.Judged(c.judge(t, act)); err != nil {
				t.Errorf("%s: %v", l.Name, err)
			}
			if act.Caught != nil && l.Name == lane.Coffee.Name {
				t.Errorf("%q of the honest coffee is caught", act.Title)
			}
		}
	}
}

// The cases that the lanes are there to show, each caught in one of them at least.
func TestLanesShowWhatGoesWrong(t *testing.T) {
	for name, want := range map[string]lane.Caught{
		"double shipment":      {Severity: trace.Reject, Rule: "C3", Code: contracts.CodeShippedTwice},
		"shipped once gone":    {Severity: trace.Reject, Rule: "C3", Code: contracts.CodeShipNotHeld},
		"over-yield":           {Severity: trace.Reject, Rule: "M2", Code: contracts.CodeOverYield},
		"expired certificate":  {Severity: trace.Flag, Rule: "K2", Code: contracts.CodeCitedOutOfTime},
		"revoked certificate":  {Severity: trace.Flag, Rule: "K2", Code: contracts.CodeCitedRevoked},
		"recall":               {Severity: trace.Lock, Rule: "K5", Code: contracts.CodeRecalled},
		"sale of the recalled": {Severity: trace.Reject, Rule: "K5", Code: contracts.CodeMovesRecalled},
		"customs hold":         {Severity: trace.Lock, Rule: "B2", Code: contracts.CodeHeld},
		"leaves while held":    {Severity: trace.Reject, Rule: "B2", Code: contracts.CodeHeldMoved},
		"broken cold chain":    {Severity: trace.Lock, Rule: "T1", Code: contracts.CodeNonConformant},
		"cloned serial":        {Severity: trace.Flag, Rule: "F1", Code: contracts.CodeSoldTwice},
	} {
		if !slices.ContainsFunc(lane.All(), func(l lane.Lane) bool {
			return slices.ContainsFunc(l.Caught, func(c lane.Caught) bool {
				c.Act = ""
				return c == want
			})
		}) {
			t.Errorf("no lane shows: %s (%s)", name, want)
		}
	}
}

// Where members record every hand-over the lanes are played as well: of all that they do, only
// what is flagged because another holds the thing is refused.
func TestStrictRulesRefuseWhatTheLanesSayIsFlagged(t *testing.T) {
	c := convene(t)
	for _, r := range contracts.Rulesets() {
		if r.Name() == "waymark-strict" {
			c.ruleset = r
		}
	}
	otherwise := map[string]int{}
	for _, l := range lane.All() {
		acts := ground(t, l)
		for _, n := range []int{0, 1, 2} {
			acts = append(acts, script(t, l, n).Acts...)
		}
		for _, act := range acts {
			findings := c.judge(t, act)
			refused := slices.ContainsFunc(findings, func(f trace.Finding) bool { return f.Code == contracts.CodeCustodyGap && f.Severity == trace.Reject })
			if err := act.Judged(findings); refused != (err != nil) {
				t.Errorf("%s: %v: %+v", l.Name, err, findings)
			}
			if refused {
				otherwise[act.Title]++
			}
		}
	}
	if want := map[string]int{"the merchant still counts a tea set that the warehouse holds": 3}; !maps.Equal(otherwise, want) {
		t.Errorf("refused are %v", otherwise)
	}
}

// The journey of a lane's item is what its script says, and has no gap.
func TestJourneysAreWhatTheScriptsSay(t *testing.T) {
	c := convene(t)
	for _, l := range lane.All() {
		for _, act := range append(ground(t, l), script(t, l, 0).Acts...) {
			c.judge(t, act)
		}
	}
	if err := c.block.Commit(); err != nil {
		t.Fatal(err)
	}
	snapshot := c.ledger.Snapshot()
	defer snapshot.Close()
	for _, l := range lane.All() {
		t.Run(l.Name, func(t *testing.T) {
			s := script(t, l, 0)
			j, err := trace.Walk(snapshot, s.Item, trace.Options{Direction: trace.Upstream})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Told(j); err != nil {
				t.Error(err)
			}
			for _, id := range []string{s.Container, s.MRN, s.BillOfLading} {
				down, err := trace.Walk(snapshot, id, trace.Options{})
				if err != nil {
					t.Fatalf("%s: %v", id, err)
				}
				if !slices.ContainsFunc(down.Graph.Nodes, func(n trace.Node) bool { return n.ID == s.Item }) {
					t.Errorf("%s does not lead to the %s", id, l.Thing)
				}
			}
			var tree strings.Builder
			if err := j.Tree(&tree); err != nil {
				t.Fatal(err)
			}
			t.Log(tree.String())
		})
	}
}

// The coffee crosses its borders under declarations of its own, both released: without
// them the border gates of those two authorities say so.
func TestCoffeeIsDeclaredAtItsBorders(t *testing.T) {
	c := convene(t)
	for _, act := range append(ground(t, lane.Coffee), script(t, lane.Coffee, 0).Acts...) {
		c.judge(t, act)
	}
	found := map[string][]uint32{}
	for _, act := range script(t, lane.Coffee, 1).Honest() {
		if act.Kind == epcis.KindCustoms {
			continue
		}
		for _, f := range c.judge(t, act) {
			if f.Severity != trace.Info {
				found[act.Title] = append(found[act.Title], f.Code)
			}
		}
	}
	want := map[string][]uint32{"arrives in Djibouti": {contracts.CodeNoExportFlag}, "arrives in Hamburg": {contracts.CodeNoImportFlag}}
	if !maps.EqualFunc(found, want, slices.Equal) {
		t.Errorf("undeclared, the gates find %v, want %v", found, want)
	}
	if err := c.block.Commit(); err != nil {
		t.Fatal(err)
	}
	snapshot := c.ledger.Snapshot()
	defer snapshot.Close()
	s := script(t, lane.Coffee, 0)
	j, err := trace.Walk(snapshot, s.Item, trace.Options{Direction: trace.Upstream})
	if err != nil {
		t.Fatal(err)
	}
	said := map[string][]string{} // by country, in the order in which it happened
	for _, step := range j.Steps {
		if action, ok := strings.CutPrefix(step.What, "customs "); ok {
			country := step.Details[0].Value
			said[country] = append(said[country], action)
		}
	}
	if !maps.EqualFunc(said, map[string][]string{"ET": {"declaration", "release"}, "DE": {"declaration", "inspection", "release"}}, slices.Equal) {
		t.Errorf("the bag's journey tells %v", said)
	}
}

// Told refutes a journey that lacks something, has something of another's, a
// gap, or another certificate.
func TestToldRefutes(t *testing.T) {
	s := &lane.Script{Item: "i", Upstream: []string{"i", "l"}, Certificate: "c"}
	whole := func() *trace.Journey {
		return &trace.Journey{Certificates: []trace.CertificateStatus{{ID: "c", AtEvent: trace.CertificateActive, Today: trace.CertificateActive}},
			Graph: trace.Graph{Nodes: []trace.Node{{ID: "i", Namespace: trace.NSItem}, {ID: "l", Namespace: trace.NSLot}, {ID: "d", Namespace: trace.NSTransaction}}}}
	}
	if err := s.Told(whole()); err != nil {
		t.Errorf("a whole journey: %v", err)
	}
	for name, spoil := range map[string]func(*trace.Journey){
		"lacks": func(j *trace.Journey) { j.Graph.Nodes = j.Graph.Nodes[:1] },
		"another's": func(j *trace.Journey) {
			j.Graph.Nodes = append(j.Graph.Nodes, trace.Node{ID: "x", Namespace: trace.NSItem})
		},
		"gap":         func(j *trace.Journey) { j.Gaps = []trace.Gap{{ID: "i", About: "?"}} },
		"certificate": func(j *trace.Journey) { j.Certificates[0].Today = trace.CertificateRevoked },
		"uncertified": func(j *trace.Journey) { j.Certificates = nil },
		"unfinished":  func(j *trace.Journey) { j.Continuation = "more" },
	} {
		j := whole()
		spoil(j)
		if err := s.Told(j); !errors.Is(err, lane.ErrOtherJourney) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What the recall of a lane reaches: of the tuna's lot B all packs, the destroyed ones
// included, the importer that has yet to answer, and the grocer that has.
func TestRecallsReachWhatTheScriptsSay(t *testing.T) {
	c := convene(t)
	for _, act := range append(ground(t, lane.Tuna), script(t, lane.Tuna, 0).Acts...) {
		c.judge(t, act)
	}
	if err := c.block.Commit(); err != nil {
		t.Fatal(err)
	}
	snapshot := c.ledger.Snapshot()
	defer snapshot.Close()
	lot := script(t, lane.Tuna, 0).Recalled
	impact, err := contracts.FindImpact(snapshot, lot, snapshot.Roots().LogSize, c.time.Seconds, contracts.ImpactLimits{Records: 1000, Places: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	entries, next, err := impact.Entries(nil, 1000)
	if err != nil || next != nil || !impact.Complete {
		t.Fatalf("%v, more: %v", err, next)
	}
	destroyed := 0
	for _, e := range entries {
		if e.Condition == string(contracts.Destroyed) || e.Condition == string(contracts.Deleted) {
			destroyed++
		}
		if e.Share == nil || e.Share.RatString() != "1" || !e.Certain {
			t.Errorf("%s has the share %v", e.ID, e.Share)
		}
	}
	if destroyed != 36 || uint64(len(entries)) < impact.Totals.Items {
		t.Errorf("%d of %d entries are destroyed, of %+v", destroyed, len(entries), impact.Totals)
	}
	answers := map[string]bool{}
	for _, h := range impact.Holders {
		answers[h.ID] = h.Answer != nil
	}
	if len(answers) != 2 || !answers["https://id.gs1.org/417/9521112000005"] {
		t.Errorf("holders answered: %v", answers)
	}
}
