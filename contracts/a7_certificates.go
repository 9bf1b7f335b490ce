package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/trace"
)

// A certificate that a compromised key reinstated is as it was before: suspended, until
// its issuer, or the accreditor, reinstates it with a good key. What such a key suspended
// or revoked stays so: doubt claims nothing.

// reinstatements takes from a certificate's state those that a compromised key signed.
// It returns the latest change as a fact, where that is one of them; nil else.
func (c *hearing) reinstatements(id string, s *trace.CertificateState) (doubt *trace.Fact, err error) {
	if err := c.readCompromised(); err != nil || len(c.compromises) == 0 {
		return nil, err
	}
	last := len(s.Intervals) - 1
	if last < 0 {
		return nil, nil
	}
	since := s.Intervals[last].FromSeq
	err = s.Unreinstated(func(seq uint64, by string) (bool, error) {
		f, err := c.doubtful(claim{id, "reinstated by " + by, by, seq})
		if seq == since {
			doubt = f
		}
		return f != nil, err
	})
	return doubt, err
}

// believed is a copy of a certificate's state without such reinstatements.
func (c *hearing) believed(id string, s *trace.CertificateState) (*trace.CertificateState, error) {
	good := *s
	good.Intervals = slices.Clone(s.Intervals)
	_, err := c.reinstatements(id, &good)
	return &good, err
}
