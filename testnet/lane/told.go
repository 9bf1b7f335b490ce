package lane

import (
	"errors"
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/trace"
)

// ErrOtherJourney is wrapped by what is wrong with a journey.
var ErrOtherJourney = errors.New("the journey is not what was recorded")

// Told compares the upstream journey of the script's item, as somebody tells it,
// with what the script recorded: the same items, lots and containers, its
// certificate and no other, active now, and no gap.
func (s *Script) Told(j *trace.Journey) error {
	missing := slices.Clone(s.Upstream)
	for _, n := range j.Graph.Nodes {
		if n.Namespace != trace.NSItem && n.Namespace != trace.NSLot {
			continue
		}
		at := slices.Index(missing, n.ID)
		if at < 0 {
			return fmt.Errorf("%w: it has %s, which is not on the way of %s", ErrOtherJourney, n.ID, s.Item)
		}
		missing = slices.Delete(missing, at, at+1)
	}
	if len(missing) > 0 {
		return fmt.Errorf("%w: it lacks %s", ErrOtherJourney, missing[0])
	}
	if len(j.Certificates) != 1 || j.Certificates[0].ID != s.Certificate || j.Certificates[0].Today != trace.CertificateActive {
		return fmt.Errorf("%w: its certificates are %+v, want %s, active", ErrOtherJourney, j.Certificates, s.Certificate)
	}
	if len(j.Gaps) > 0 {
		return fmt.Errorf("%w: it has a gap: %s: %s", ErrOtherJourney, j.Gaps[0].ID, j.Gaps[0].About)
	}
	if j.Continuation != "" {
		return fmt.Errorf("%w: it is not whole", ErrOtherJourney)
	}
	return nil
}
