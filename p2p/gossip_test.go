package p2p

import (
	"testing"
	"time"
)

// It lasted seven seconds once: the count decayed to a hundredth in ten minutes, and
// a little of that was enough.
func TestGraylistingLastsTenMinutes(t *testing.T) {
	params, thresholds := scoreParams("topic")
	topic := params.Topics["topic"]
	after := func(rejected float64, d time.Duration) float64 {
		for ; d > 0; d -= params.DecayInterval {
			rejected *= topic.InvalidMessageDeliveriesDecay
		}
		return topic.TopicWeight * topic.InvalidMessageDeliveriesWeight * rejected * rejected
	}
	for _, c := range []struct {
		rejected float64
		after    time.Duration
		want     bool
	}{{2, 0, false}, {3, 0, true}, {3, 9 * time.Minute, true}, {3, 11 * time.Minute, false}} {
		if got := after(c.rejected, c.after) < thresholds.GraylistThreshold; got != c.want {
			t.Errorf("%v after %v rejected messages: graylisted %v", c.after, c.rejected, got)
		}
	}
	if params.RetainScore < scoreMemory {
		t.Error("a peer that reconnects is forgiven")
	}
}
