package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/waymark-ledger/waymark/epcis"
)

// Certificate is how a certificate stands, as of one height.
type Certificate struct {
	ID             string                  `json:"id"`
	Issuer         string                  `json:"issuer"` // organisation id
	Scheme         string                  `json:"scheme"`
	Subject        string                  `json:"subject"`
	Scope          []string                `json:"scope"`
	HSCodes        []string                `json:"hsCodes,omitempty"`
	Activities     []string                `json:"activities,omitempty"`    // business steps
	Accredits      []string                `json:"accredits,omitempty"`     // schemes; of an accreditation
	Accreditation  string                  `json:"accreditation,omitempty"` // that it was issued under
	ValidFrom      epcis.Instant           `json:"validFrom"`
	ValidUntil     epcis.Instant           `json:"validUntil"`
	Status         string                  `json:"status"`
	Changes        []CertificateChange     `json:"changes"`                  // the first is the issue
	Accreditations []CertificateUnderneath `json:"accreditations,omitempty"` // from its own upwards
	AsOf           AsOf                    `json:"asOf"`
}

// CertificateChange is one recorded status of a certificate.
type CertificateChange struct {
	Seq           uint64         `json:"seq"`
	Status        string         `json:"status"`
	By            string         `json:"by"` // organisation id
	Reason        string         `json:"reason,omitempty"`
	ReasonCode    string         `json:"reasonCode,omitempty"`
	EffectiveFrom *epcis.Instant `json:"effectiveFrom,omitempty"`
}

// CertificateUnderneath is an accreditation that a certificate rests on.
type CertificateUnderneath struct {
	ID     string `json:"id"`
	Issuer string `json:"issuer"`
	Status string `json:"status"`
}

func certificatePath(id string) string { return "/v1/certificates/" + url.PathEscape(id) }

// Certificate asks how a certificate stands, as the node tells it; a dossier of
// its id proves that. Scope query.
func (c *Client) Certificate(ctx context.Context, id string) (*Certificate, error) {
	v := new(Certificate)
	return v, c.get(ctx, certificatePath(id), nil, v)
}

// Credential asks for a certificate as a W3C Verifiable Credential, as the node
// writes it. Scope query.
func (c *Client) Credential(ctx context.Context, id string) ([]byte, error) {
	var data []byte
	_, _, err := c.do(ctx, request{method: http.MethodGet, path: certificatePath(id),
		header: map[string]string{"Accept": "application/vc+ld+json"}, accept: []int{http.StatusOK}}, &data)
	return data, err
}
