package lane_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/ledger"
	"github.com/waymark-ledger/waymark/testnet/lane"
)

// replayed asks a test process to play all lanes and to print the roots: how many
// bytes of cache, how many of the map in memory, after how many blocks the store is
// closed and opened again.
const replayed = "WAYMARK_TEST_REPLAY"

// All lanes played from genesis, in processes of their own, give the same roots at
// every height: on one core and on two, whatever is cached, and wherever the work
// is interrupted. Between two plays the members vote for another ruleset, which judges the second.
func TestReplayGivesTheSameRoots(t *testing.T) {
	if how := os.Getenv(replayed); how != "" {
		replay(t, how)
		return
	}
	if testing.Short() {
		t.Skip("five processes play all lanes")
	}
	var want []byte
	for _, how := range []struct{ cores, ledger string }{
		{"1", "134217728 268435456 0"}, {"2", "134217728 268435456 0"}, {"1", "65536 1 0"}, {"2", "65536 1 7"}, {"2", "1048576 65536 1"},
	} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestReplayGivesTheSameRoots$")
		cmd.Env = append(os.Environ(), "GOMAXPROCS="+how.cores, replayed+"="+how.ledger)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v\n%s", how, err, out)
		}
		var roots []byte
		for line := range bytes.Lines(out) {
			if bytes.HasPrefix(line, []byte("roots ")) {
				roots = append(roots, line...)
			}
		}
		switch {
		case want == nil && bytes.Count(roots, []byte("\n")) < 100:
			t.Fatalf("too few blocks:\n%s", out)
		case want == nil:
			want = roots
		case !bytes.Equal(roots, want):
			t.Fatalf("%v gives other roots:\n%s\nthan\n%s", how, roots, want)
		}
	}
}

func replay(t *testing.T, how string) {
	config := ledger.Config{Dir: "ledger", FS: vfs.NewMem()}
	var reopen uint64
	if _, err := fmt.Sscan(how, &config.CacheBytes, &config.MapBytes, &reopen); err != nil {
		t.Fatal(err)
	}
	c := conveneIn(t, config)
	play := func(acts []lane.Act) {
		for _, act := range acts {
			c.judge(t, act)
			if err := c.block.Commit(); err != nil {
				t.Fatal(err)
			}
			roots := c.ledger.Roots()
			fmt.Println("roots", roots.Height, roots.LogSize, roots.LogRoot, roots.MapRoot)
			if reopen > 0 && roots.Height%reopen == 0 {
				if err := c.ledger.Close(); err != nil {
					t.Fatal(err)
				}
				var err error
				if c.ledger, err = ledger.Open(config); err != nil {
					t.Fatal(err)
				}
			}
			c.begin(t)
		}
	}
	for _, l := range lane.All() {
		play(ground(t, l))
		play(script(t, l, 0).Acts)
	}
	votes := vote(c.height + 100)
	play(votes)
	for _, l := range lane.All() {
		play(script(t, l, 1).Acts)
	}
	if c.ruleset.Name() != "waymark-strict" {
		t.Fatalf("height %d is judged by %s", c.height, c.ruleset.Name())
	}
}

// begin begins the next block, which the ruleset judges that is in force at its height.
func (c *court) begin(t *testing.T) {
	t.Helper()
	c.height = c.ledger.Roots().Height + 1
	var voted contracts.RulesetState
	b, err := c.ledger.State(contracts.RulesetKey())
	if err == nil && b != nil {
		err = identity.UnmarshalStrict(b, &voted)
	}
	if err == nil {
		c.block, err = c.ledger.Begin(c.height, c.time.Add(int64(c.height)-1))
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range contracts.Rulesets() {
		if r.Name() == voted.Name(c.height) {
			c.ruleset = r
		}
	}
}

// vote is how the members put the strict ruleset in force at a height.
func vote(height uint64) (acts []lane.Act) {
	g := epcis.Governance{Action: epcis.Propose, ID: epcis.Canonical("urn:uuid:strict"), Change: epcis.ChangeRuleset,
		Ruleset: &epcis.GovernedRuleset{Name: "waymark-strict", Release: "0.1.0", Height: height}}
	for _, m := range lane.Members(4) {
		acts = append(acts, lane.Act{Member: m.Name, Title: m.Name + " votes", Kind: epcis.KindGovernance, Records: [][]byte{g.JSON()}})
		g = epcis.Governance{Action: epcis.Vote, ID: g.ID, Yes: true}
	}
	return acts
}
