package testnet_test

import (
	"flag"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/testnet"
	"github.com/waymark-ledger/waymark/testnet/lane"
)

var containers = flag.Int("containers", 20, "how many consignments TestLanesUnderLoad plays; 500 are some 25,000 records")

// The members of all lanes play many consignments side by side. The rules find in
// every act what its lane says, and the four ledgers agree at every height.
func TestLanesUnderLoad(t *testing.T) {
	long(t)
	s, clients := up(t)
	player, err := testnet.NewPlayer(s.State())
	do(t, "player", err)
	now := time.Now()
	lanes := lane.All()
	for _, l := range lanes {
		ground, err := l.Ground(now)
		do(t, "ground", err)
		do(t, "play the ground", player.Play(t.Context(), ground, nil))
	}
	scripts := make(chan *lane.Script, *containers)
	for n := range *containers {
		script, err := lanes[n%len(lanes)].Script(now, n)
		do(t, "script", err)
		scripts <- script
	}
	close(scripts)
	records, began := 0, time.Now()
	do(t, "play", player.PlayMany(t.Context(), scripts, 16, func(o testnet.Outcome) {
		records += len(o.Records)
		if err := o.Act.Judged(o.Findings()); err != nil {
			t.Error(err)
		}
	}))
	t.Logf("%d records of %d consignments in %s", records, *containers, time.Since(began).Round(time.Millisecond))
	do(t, "settle", testnet.Settle(t.Context(), clients))
	agree(t, clients)
	for i, c := range clients {
		status, err := c.Status(t.Context())
		do(t, "status", err)
		if int(status.Records) < records {
			t.Errorf("node%d holds %d records, %d were played", i, status.Records, records)
		}
	}
}
