package epcis

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// The contexts of a UNTP Digital Conformity Credential: W3C Verifiable Credentials
// Data Model 2.0 (section 4.3), and the UN Transparency Protocol 0.7.0.
const (
	credentialContext = "https://www.w3.org/ns/credentials/v2"
	untpContext       = "https://vocabulary.uncefact.org/untp/0.7.0/context/"
)

// CredentialFacts are what a credential says of a certificate beyond the record
// that issued it.
type CredentialFacts struct {
	Issuer     string // organisation id
	IssuerName string
	Accreditor string // organisation that issued the accreditation, "" for none
	Status     string // as trace prints it
	Network    string // the ledger that says so, as of Height; 64 hex digits
	Height     uint64
	Seq        uint64 // of the record
}

// The members that the UNTP has no place for are written under their full name in
// our vocabulary, so that a processor needs no other context.
type (
	credentialDocument struct {
		Context    [2]string        `json:"@context"`
		Type       [2]string        `json:"type"`
		ID         string           `json:"id"`
		Issuer     credentialIssuer `json:"issuer"`
		ValidFrom  string           `json:"validFrom"`
		ValidUntil string           `json:"validUntil"`
		Name       string           `json:"name"`
		Status     credentialStatus `json:"credentialStatus"`
		Subject    attestation      `json:"credentialSubject"`
		Rest       json.RawMessage  `json:"https://waymark-ledger.github.io/voc/credential,omitempty"`
	}
	credentialIssuer struct {
		Type [1]string `json:"type"`
		ID   string    `json:"id"`
		Name string    `json:"name"`
	}
	credentialStatus struct {
		Type    string `json:"type"`
		Status  string `json:"https://waymark-ledger.github.io/voc/status"`
		Network string `json:"https://waymark-ledger.github.io/voc/network"`
		Height  uint64 `json:"https://waymark-ledger.github.io/voc/height"`
		Seq     uint64 `json:"https://waymark-ledger.github.io/voc/seq"`
	}
	attestation struct {
		Type          [1]string       `json:"type"`
		ID            string          `json:"id"`
		Name          string          `json:"name"`
		AssessorLevel string          `json:"assessorLevel"`
		Kind          string          `json:"attestationType"`
		IssuedTo      *namedThing     `json:"issuedToParty,omitempty"`
		Authorisation []authorisation `json:"authorisation,omitempty"`
		Scheme        namedThing      `json:"referenceScheme"`
		Assessments   []assessment    `json:"conformityAssessment"`
		Subject       string          `json:"https://waymark-ledger.github.io/voc/subject,omitempty"`
		Scope         *[]string       `json:"https://waymark-ledger.github.io/voc/scope,omitempty"`
		HSCodes       []string        `json:"https://waymark-ledger.github.io/voc/hsCodes,omitempty"`
		Activities    []string        `json:"https://waymark-ledger.github.io/voc/activities,omitempty"`
		Accredits     []string        `json:"https://waymark-ledger.github.io/voc/accredits,omitempty"`
	}
	authorisation struct {
		Name          string     `json:"name"`
		Authority     namedThing `json:"issuingAuthority"`
		Evidence      link       `json:"endorsementEvidence"`
		Accreditation string     `json:"https://waymark-ledger.github.io/voc/accreditation"`
	}
	link struct {
		URL  string `json:"linkURL"`
		Name string `json:"linkName"`
	}
	assessment struct {
		Type       [1]string          `json:"type"`
		ID         string             `json:"id"`
		Name       string             `json:"name"`
		Products   []assessedProduct  `json:"assessedProduct,omitempty"`
		Facilities []assessedFacility `json:"assessedFacility,omitempty"`
		Conforms   bool               `json:"conformance"`
	}
	assessedProduct struct {
		Product namedThing `json:"product"`
	}
	assessedFacility struct {
		Facility namedThing `json:"facility"`
	}
	// namedThing has its identifier for a name: the record knows no other.
	namedThing struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
)

func nameless(uri string) namedThing { return namedThing{ID: uri, Name: uri} }

// What the credential's own identifiers are made of.
const (
	credentialFragment = "#credential"
	assessmentFragment = "#assessment"
	statusType         = Vocabulary + "CertificateStatus"
)

// ErrNotIssued is the error of a record that issues no certificate.
var ErrNotIssued = errors.New("only the record that issues a certificate becomes a credential")

// Credential writes the certificate as a W3C Verifiable Credential (Data Model
// 2.0) in the shape of a UNTP Digital Conformity Credential 0.7.0. It is not
// secured: it has no proof of its own, and its issuer is named by a GS1 Digital
// Link and not by a DID, for the record is signed on the ledger. [ParseCredential]
// gives the same certificate again.
//
// A subject that is a party is whom it is issued to. Goods of the scope are assessed
// products, places assessed facilities; a scope that would not be read back in
// its own order stands in our vocabulary too. The status is that of the facts, and
// only then.
func (c *Certificate) Credential(f CredentialFacts) ([]byte, error) {
	if c.Action != IssueCertificate {
		return nil, ErrNotIssued
	}
	name := "Certificate " + c.ID.URI
	d := credentialDocument{
		Context: [2]string{credentialContext, untpContext},
		Type:    [2]string{"DigitalConformityCredential", "VerifiableCredential"},
		ID:      c.ID.URI + credentialFragment, Name: name,
		Issuer:    credentialIssuer{[1]string{"CredentialIssuer"}, f.Issuer, f.IssuerName},
		ValidFrom: c.ValidFrom.String(), ValidUntil: c.ValidUntil.String(),
		Status: credentialStatus{statusType, f.Status, f.Network, f.Height, f.Seq},
		Subject: attestation{
			Type: [1]string{"ConformityAttestation"}, ID: c.ID.URI, Name: name, AssessorLevel: "3rdParty", Kind: "certification",
			Scheme: nameless(c.Scheme), HSCodes: c.HSCodes, Activities: c.Activities, Accredits: c.Accredits,
		},
	}
	d.Subject.assess(c)
	if !c.Accreditation.IsZero() {
		id := c.Accreditation.URI
		d.Subject.Authorisation = []authorisation{{"Accreditation " + id, nameless(f.Accreditor), link{id, id}, id}}
	}
	if c.Imported != nil {
		d.Rest = appendValue(nil, c.Imported)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(d); err != nil {
		return nil, fmt.Errorf("write certificate %s as a credential: %w", c.ID.URI, err)
	}
	return b.Bytes(), nil
}

// assess writes whom the certificate is issued to and what was assessed.
func (a *attestation) assess(c *Certificate) {
	assessed := assessment{Type: [1]string{"ConformityAssessment"}, ID: c.ID.URI + assessmentFragment, Name: a.Name, Conforms: true}
	if c.Subject.Level == PartyID {
		party := nameless(c.Subject.URI)
		a.IssuedTo = &party
	} else {
		a.Subject = c.Subject.URI
	}
	scope := make([]string, len(c.Scope))
	var goods, sites []string
	for i, id := range c.Scope {
		scope[i] = id.URI
		switch {
		case !id.Class().IsZero():
			goods = append(goods, id.URI)
			assessed.Products = append(assessed.Products, assessedProduct{nameless(id.URI)})
		case id.Level == Place:
			sites = append(sites, id.URI)
			assessed.Facilities = append(assessed.Facilities, assessedFacility{nameless(id.URI)})
		}
	}
	// What can be read back off the assessment, where nothing counts twice, is not
	// said twice.
	legible := append(goods, sites...)
	distinct := slices.Compact(slices.Sorted(slices.Values(legible)))
	if len(legible) == 0 || len(distinct) < len(legible) || !slices.Equal(legible, scope) {
		a.Scope = &scope
	}
	a.Assessments = []assessment{assessed}
}
