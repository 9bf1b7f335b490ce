package epcis

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const certifierID = "https://id.gs1.org/417/9521106000004"

func drawnCertificate(t *rapid.T) *Certificate {
	id := func(from ...string) ID { return Canonical(rapid.SampledFrom(from).Draw(t, "id")) }
	c := &Certificate{
		Action: IssueCertificate, ID: id("https://id.gs1.org/253/9521106000011ORG1", "urn:cert:1", "https://cab.example/c?n=1&m=<2>"),
		Scheme:  rapid.SampledFrom([]string{"https://schemes.example/organic", "urn:scheme:ö"}).Draw(t, "scheme"),
		Subject: id("https://id.gs1.org/417/9521102000008", "https://id.gs1.org/414/9521102000015", "https://id.gs1.org/01/09521102000015/10/L1", "did:web:mill.example"),
		Scope: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) ID {
			return id("https://id.gs1.org/01/09521102000015", "https://id.gs1.org/01/09521102000015/10/L%2F1", "https://id.gs1.org/414/9521102000015", "https://id.gs1.org/01/09521102000022", "urn:thing")
		}), 0, 5).Draw(t, "scope"),
		ValidFrom: Instant{Seconds: 1770000000}, ValidUntil: Instant{Seconds: 1800000000, Nanos: 500_000_000},
	}
	if len(c.Scope) == 0 {
		c.Scope = nil
	}
	if rapid.Bool().Draw(t, "codes") {
		c.HSCodes = []string{"0901", "21"}
	}
	if rapid.Bool().Draw(t, "activities") {
		c.Activities = []string{NamespaceCBV + "BizStep-packing", "https://schemes.example/preparation"}
	}
	if rapid.Bool().Draw(t, "accredits") {
		c.Accredits = []string{"https://schemes.example/organic", "urn:s:2"}
	}
	if rapid.Bool().Draw(t, "accreditation") {
		c.Accreditation = Canonical("https://id.gs1.org/253/9521109000018ACC1")
	}
	if rapid.Bool().Draw(t, "rest") {
		rest, err := ParseJSON([]byte(`[{"pointer":"/proof","value":{"type":"DataIntegrityProof","x":[1.50,null,true]}}]`))
		if err != nil {
			t.Fatal(err)
		}
		c.Imported = rest
	}
	return c
}

func TestACertificateComesBackFromItsCredential(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawnCertificate(t)
		b, err := c.Credential(CredentialFacts{Issuer: certifierID, IssuerName: "Green <Seal>", Accreditor: "urn:ab", Status: "active", Network: "00", Height: 7, Seq: 3})
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseCredential(b, CredentialOptions{Issuer: certifierID})
		if err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		if !bytes.Equal(back.JSON(), c.JSON()) {
			t.Fatalf("it was\n%s and is\n%s by\n%s", c.JSON(), back.JSON(), b)
		}
	})
}

// external is a credential as another issuer's software writes one.
const external = `{
 "@context": ["https://www.w3.org/ns/credentials/v2", "https://vocabulary.uncefact.org/untp/0.7.0/context/", "https://cab.example/context"],
 "type": ["DigitalConformityCredential", "VerifiableCredential", "OrganicCredential"],
 "id": "urn:uuid:5a0c", "issuer": {"type": ["CredentialIssuer"], "id": "did:web:cab.example", "name": "A certifier"},
 "validFrom": "2026-01-01T00:00:00Z", "validUntil": "2027-01-01T00:00:00Z", "name": "Organic coffee",
 "credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "7"},
 "credentialSubject": {
  "type": ["ConformityAttestation"], "id": "https://cab.example/attestation/1", "name": "Organic coffee of the mill",
  "assessorLevel": "3rdParty", "assessmentLevel": "authority-benchmark", "attestationType": "certification",
  "issuedToParty": {"id": "https://id.gs1.org/417/9521102000008", "name": "Blue Mill", "registeredId": "9521102000008"},
  "authorisation": [{"name": "accredited", "endorsementEvidence": {"linkURL": "https://ab.example/1"}}],
  "referenceScheme": {"id": "https://schemes.example/organic", "name": "Organic"},
  "profileScore": {"code": "A", "rank": 1.50},
  "conformityAssessment": [{"type": ["ConformityAssessment"], "id": "https://cab.example/assessment/1", "assessmentDate": "2026-01-01",
   "assessedProduct": [{"product": {"id": "https://id.gs1.org/01/09521102000015", "name": "Green coffee", "batchNumber": "L1"}, "idVerifiedByCAB": true},
     {"product": {"id": "urn:epc:idpat:sgtin:9521102.000002.*"}}],
   "assessedFacility": [{"facility": {"id": "urn:epc:id:sgln:9521102.00001.0", "name": "The mill"}}],
   "conformance": true}]},
 "proof": {"type": "DataIntegrityProof", "proofValue": "z3"}}`

func TestACredentialOfAnotherIssuerIsKeptWhole(t *testing.T) {
	c, err := ParseCredential([]byte(external), CredentialOptions{Issuer: certifierID, Accreditation: "urn:acc:1"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"https://id.gs1.org/01/09521102000015/10/L1", "https://id.gs1.org/01/09521102000022", "https://id.gs1.org/414/9521102000015"}
	var scope []string
	for _, id := range c.Scope {
		scope = append(scope, id.URI)
	}
	if !reflect.DeepEqual(scope, want) || c.ID.URI != "https://cab.example/attestation/1" || c.Subject.URI != "https://id.gs1.org/417/9521102000008" ||
		c.Scheme != "https://schemes.example/organic" || c.Accreditation.URI != "urn:acc:1" {
		t.Errorf("%s", c.JSON())
	}
	// Every string, number and boolean of the credential is in the record.
	record := string(c.JSON())
	var document any
	if err := json.Unmarshal([]byte(external), &document); err != nil {
		t.Fatal(err)
	}
	taken := []string{"VerifiableCredential", "DigitalConformityCredential", credentialContext, untpContext, "ConformityAttestation", "ConformityAssessment", "3rdParty", "certification",
		"urn:epc:idpat:sgtin:9521102.000002.*", "urn:epc:id:sgln:9521102.00001.0", // the shape itself, and other spellings
		"https://id.gs1.org/01/09521102000015"} // and the class of what became a lot
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, m := range v {
				walk(m)
			}
		case []any:
			for _, m := range v {
				walk(m)
			}
		case string:
			for _, known := range taken {
				if v == known {
					return
				}
			}
			if !strings.Contains(record, `"`+v+`"`) && !strings.HasPrefix(v, "202") {
				t.Errorf("%q is lost", v)
			}
		}
	}
	walk(document)
	for _, want := range []string{`{"pointer":"/proof",`, `{"pointer":"/credentialSubject/profileScore","value":{"code":"A","rank":1.50}}`, `{"pointer":"/credentialSubject/conformityAssessment/0/assessedProduct/0/idVerifiedByCAB","value":true}`,
		`{"pointer":"/@context/2",`, `{"pointer":"/type/2",`, `{"pointer":"/issuer","value":{"type":["CredentialIssuer"],"id":"did:web:cab.example","name":"A certifier"}}`, `{"pointer":"/credentialStatus",`} {
		if !strings.Contains(record, want) {
			t.Errorf("the record lacks %s:\n%s", want, record)
		}
	}
}

func TestACredentialThatIsNoCertificateNamesThePlace(t *testing.T) {
	for name, c := range map[string]struct{ old, new, pointer string }{
		"no JSON":                 {external, `{`, ""},
		"a list":                  {external, `[]`, ""},
		"another context first":   {`"https://www.w3.org/ns/credentials/v2", `, ``, "/@context"},
		"another type":            {`"DigitalConformityCredential", `, ``, "/type"},
		"no issuer":               {`"issuer"`, `"by"`, ""},
		"no end":                  {`"validUntil"`, `"until"`, ""},
		"an end that is none":     {`"2027-01-01T00:00:00Z"`, `"in a year"`, "/validUntil"},
		"ends before it begins":   {`"2027-01-01T00:00:00Z"`, `"2025-01-01T00:00:00Z"`, "/validUntil"},
		"a list of subjects":      {`"credentialSubject": {`, `"credentialSubject": [], "x": {`, "/credentialSubject"},
		"another subject":         {`["ConformityAttestation"]`, `["Product"]`, "/credentialSubject/type"},
		"no scheme":               {`"referenceScheme"`, `"x"`, "/credentialSubject"},
		"a scheme without id":     {`{"id": "https://schemes.example/organic", `, `{`, "/credentialSubject/referenceScheme"},
		"nobody it is issued to":  {`"issuedToParty"`, `"x"`, "/credentialSubject"},
		"no certificate id":       {`"id": "https://cab.example/attestation/1", `, ``, "/credentialSubject"},
		"an id with a space":      {`attestation/1`, `attestation 1`, "/credentialSubject/id"},
		"nothing assessed":        {`"conformityAssessment"`, `"x"`, "/credentialSubject"},
		"it does not conform":     {`"conformance": true`, `"conformance": false`, "/credentialSubject/conformityAssessment/0/conformance"},
		"a product without id":    {`"id": "https://id.gs1.org/01/09521102000015", `, ``, "/credentialSubject/conformityAssessment/0/assessedProduct/0/product"},
		"a batch that is none":    {`"L1"`, `"a batch number that is too long"`, "/credentialSubject/conformityAssessment/0/assessedProduct/0/product/batchNumber"},
		"an item named by class":  {`"batchNumber"`, `"serialNumber"`, "/credentialSubject/conformityAssessment/0/assessedProduct/0/product"},
		"our status, not active":  {`"type": "BitstringStatusListEntry"`, `"type": "` + statusType + `", "` + Vocabulary + `status": "revoked"`, "/credentialStatus"},
		"our own rest, no list":   {`"proof"`, `"` + credentialMember + `"`, "/https:~1~1waymark-ledger.github.io~1voc~1credential"},
		"a commodity code, wrong": {`"profileScore"`, `"` + Vocabulary + `hsCodes": ["x"], "p"`, "/credentialSubject/https:~1~1waymark-ledger.github.io~1voc~1hsCodes/0"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(external, c.old, c.new, 1)
			if text == external {
				t.Fatal("nothing was changed")
			}
			_, err := ParseCredential([]byte(text), CredentialOptions{Issuer: certifierID})
			var fault *SyntaxError
			if !errors.As(err, &fault) || fault.Pointer != c.pointer {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestOnlyAnIssueBecomesACredential(t *testing.T) {
	c := &Certificate{Action: RevokeCertificate, ID: Canonical("urn:cert:1"), Reason: "fraud"}
	if _, err := c.Credential(CredentialFacts{}); !errors.Is(err, ErrNotIssued) {
		t.Error(err)
	}
}

func FuzzParseCredential(f *testing.F) {
	f.Add([]byte(external))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ParseCredential(b, CredentialOptions{Issuer: certifierID})
		if err != nil {
			return
		}
		again, err := c.Credential(CredentialFacts{Issuer: certifierID, Status: "active"})
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseCredential(again, CredentialOptions{Issuer: certifierID})
		if err != nil || !bytes.Equal(back.JSON(), c.JSON()) {
			t.Fatalf("%s\nbecomes %s: %v", c.JSON(), again, err)
		}
	})
}
