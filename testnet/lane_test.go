package testnet_test

import (
	"flag"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/testnet"
	"github.com/waymark-ledger/waymark/testnet/lane"
)

var containers = flag.Int("containers", 20, "how many containers TestLaneUnderLoad plays; 500 are some 20,000 records")

// Seven organisations play many containers of the coffee lane side by side.
// Every record is accepted, and the four ledgers agree at every height.
func TestLaneUnderLoad(t *testing.T) {
	s, clients := up(t)
	player, err := testnet.NewPlayer(s.State())
	do(t, "player", err)
	now := time.Now()
	ground, err := lane.CoffeeGround(now)
	do(t, "ground", err)
	do(t, "play the ground", player.Play(t.Context(), ground, nil))
	scripts := make(chan *lane.Script, *containers)
	for n := range *containers {
		script, err := lane.Coffee(now, n)
		do(t, "script", err)
		scripts <- script
	}
	close(scripts)
	records, began := 0, time.Now()
	do(t, "play", player.PlayMany(t.Context(), scripts, 16, func(o testnet.Outcome) { records += len(o.Records) }))
	t.Logf("%d records of %d containers in %s", records, *containers, time.Since(began).Round(time.Millisecond))
	agree(t, clients)
	for i, c := range clients {
		status, err := c.Status(t.Context())
		do(t, "status", err)
		if int(status.Records) < records {
			t.Errorf("node%d holds %d records, %d were played", i, status.Records, records)
		}
	}
}
