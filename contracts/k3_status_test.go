package contracts_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
)

// A certificate that goes to and fro leaves a state of bounded size, and can still
// be ended.
func TestACertificateChangesSoOften(t *testing.T) {
	m := newMemory()
	m.admit("certifier", identity.Organisation{ID: partyID("9521106"), Name: "certifier", Roles: []identity.Role{identity.Certifier}, Schemes: []string{"urn:scheme:1"}},
		identity.Active, identity.Active)
	m.time = epcis.Instant{Seconds: worldStart}
	judge := func(c epcis.Certificate) []string {
		c.ID = epcis.Canonical("urn:cert:1")
		return words(m.judge(t, "certifier", epcis.KindCertificate, c.JSON()))
	}
	judge(epcis.Certificate{Action: epcis.IssueCertificate, Scheme: "urn:scheme:1", Subject: epcis.Canonical("urn:x"), ValidFrom: m.time, ValidUntil: m.time.Add(1000)})
	actions := [...]string{epcis.SuspendCertificate, epcis.ReinstateCertificate}
	for i := range 63 {
		if got := judge(epcis.Certificate{Action: actions[i%2], Reason: fmt.Sprint(i)}); len(got) > 0 {
			t.Fatalf("change %d: %v", i, got)
		}
	}
	if got := judge(epcis.Certificate{Action: epcis.ReinstateCertificate, Reason: "once more"}); !slices.Equal(got, []string{"REJECT 2304"}) {
		t.Errorf("one too many: %v", got)
	}
	if got := judge(epcis.Certificate{Action: epcis.RevokeCertificate, Reason: "enough"}); len(got) > 0 {
		t.Errorf("it cannot be revoked: %v", got)
	}
}
