package lane_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/waymark-ledger/waymark/ledger"
	"github.com/waymark-ledger/waymark/testnet/lane"
)

// replayed asks a test process to play all lanes and to print the roots: how many
// bytes of cache, how many of the map in memory, after how many blocks the store is
// closed and opened again.
const replayed = "WAYMARK_TEST_REPLAY"

// All lanes played from genesis, in processes of their own, give the same roots at
// every height: on one core and on two, whatever is cached, and wherever the work
// is interrupted.
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
	for n := range 2 {
		for _, l := range lane.All() {
			var acts []lane.Act
			if n == 0 {
				acts = ground(t, l)
			}
			for _, act := range append(acts, script(t, l, n).Acts...) {
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
				var err error
				if c.block, err = c.ledger.Begin(roots.Height+1, c.time.Add(int64(roots.Height))); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}
