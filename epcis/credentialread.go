package epcis

import (
	"slices"
	"strconv"
	"strings"
)

// CredentialOptions say for whom a credential is read. Zero values are allowed.
type CredentialOptions struct {
	// Issuer is the organisation that will sign the record; a credential of another
	// issuer keeps that one's name in [Certificate.Imported].
	Issuer string
	// Accreditation is the certificate that the signer issues under, instead of one
	// that the credential names.
	Accreditation string
}

// ParseCredential reads a UNTP Digital Conformity Credential (0.7.0; the names of
// 0.6 for scheme and assessments are known) as the record that issues the same
// certificate. Nothing is verified and nothing is fetched: whoever signs the record
// vouches for it.
//
// What the record has no place for is kept, in the order of the text, in
// [Certificate.Imported]: a list of {"pointer": JSON Pointer into the credential,
// "value": what stands there}. A proof is kept there too.
//
// An error is a *[SyntaxError] that names the place of what is missing or cannot
// be a certificate here: one that does not conform, that ends at no time, that
// names nothing, or that is suspended or revoked.
func ParseCredential(b []byte, o CredentialOptions) (*Certificate, error) {
	v, err := ParseJSON(b)
	if err != nil {
		return nil, err
	}
	r := &credentialReader{c: &Certificate{Action: IssueCertificate}, issuer: o.Issuer}
	r.credential(v)
	if o.Accreditation != "" {
		r.c.Accreditation = Canonical(o.Accreditation)
	}
	if r.fault != nil {
		return nil, r.fault
	}
	r.scope()
	if len(r.rest) > 0 {
		r.c.Imported = &Value{Kind: Array, Items: r.rest}
	}
	// The record has to be one that every node reads.
	if _, err := Decode(KindCertificate, r.c.JSON()); err != nil {
		return nil, err
	}
	return r.c, nil
}

// credentialReader reads one credential. After the first fault it goes on, but
// reports only that one.
type credentialReader struct {
	c      *Certificate
	issuer string
	fault  *SyntaxError
	rest   []*Value

	goods, sites []ID
	named        []ID // the scope in our vocabulary
	isNamed      bool
}

func (r *credentialReader) fail(v *Value, pointer, reason string) {
	if r.fault == nil {
		r.fault = &SyntaxError{Pointer: pointer, Offset: v.Start, Reason: reason}
	}
}

// keep keeps what the record has no place for.
func (r *credentialReader) keep(v *Value, pointer string) {
	r.rest = append(r.rest, &Value{Kind: ObjectValue, Obj: &Object{Members: []Member{{"pointer", Text(pointer)}, {"value", v}}}})
}

// each hands the members of an object to take, and keeps those that it does not
// know.
func (r *credentialReader) each(v *Value, at string, take func(name string, v *Value, at string) bool) {
	if v.Kind != ObjectValue {
		r.fail(v, at, "must be an object")
		return
	}
	for i := range v.Obj.Members {
		m := &v.Obj.Members[i]
		if p := at + pointerName(m.Name); !take(m.Name, m.Value, p) {
			r.keep(m.Value, p)
		}
	}
}

func (r *credentialReader) need(v *Value, at string, names ...string) {
	for _, name := range names {
		if v.Kind == ObjectValue && v.Obj.Get(name) == nil {
			r.fail(v, at, "this needs "+name)
		}
	}
}

func (r *credentialReader) text(v *Value, at string) string {
	if v.Kind != String || v.Str == "" {
		r.fail(v, at, "must be a string that is not empty")
		return ""
	}
	return v.Str
}

// id reads an identifier, as a record may name one.
func (r *credentialReader) id(v *Value, at string) ID {
	var d decoder
	id := d.id(v, place{})
	if d.fault != nil {
		r.fail(v, at, d.fault.Reason)
	}
	return id
}

func (r *credentialReader) instant(v *Value, at string) Instant {
	t, err := ParseInstant(r.text(v, at))
	if err != nil && r.fault == nil {
		r.fail(v, at, plain(err))
	}
	return t
}

// valuesOf reads a list; one value stands for a list of it (JSON-LD 1.1, section 1.7).
func valuesOf(v *Value) []*Value {
	if v.Kind == Array {
		return v.Items
	}
	return []*Value{v}
}

// types checks that a type is among those of an object, and keeps the others.
func (r *credentialReader) types(v *Value, at string, wanted ...string) {
	var found []string
	for i, item := range valuesOf(v) {
		switch {
		case item.Kind == String && slices.Contains(wanted, item.Str):
			found = append(found, item.Str)
		case item.Kind != String || item.Str != "Attestation" && item.Str != "Declaration":
			r.keep(item, at+pointerIndex(i))
		}
	}
	for _, want := range wanted {
		if !slices.Contains(found, want) {
			r.fail(v, at, "must include "+want)
		}
	}
}

func (r *credentialReader) credential(v *Value) {
	r.need(v, "", "@context", "type", "issuer", "validFrom", "credentialSubject")
	if v.Kind == ObjectValue && v.Obj.Get("validUntil") == nil {
		r.fail(v, "", "this needs validUntil: a certificate on the ledger ends")
	}
	r.each(v, "", func(name string, m *Value, at string) bool {
		switch name {
		case "@context":
			r.contexts(m, at)
		case "type":
			r.types(m, at, "VerifiableCredential", "DigitalConformityCredential")
		case "id", "name":
			return r.derived(name, m, v.Obj.Get("credentialSubject"))
		case "issuer":
			return r.ownIssuer(m, at)
		case "validFrom":
			r.c.ValidFrom = r.instant(m, at)
		case "validUntil":
			r.c.ValidUntil = r.instant(m, at)
		case "credentialSubject":
			r.attestation(m, at)
		case "credentialStatus":
			return r.status(m, at)
		case credentialMember:
			if m.Kind != Array {
				r.fail(m, at, "must be a list")
			}
			r.rest = append(r.rest, m.Items...)
		default:
			return false
		}
		return true
	})
}

func (r *credentialReader) contexts(v *Value, at string) {
	items := valuesOf(v)
	if len(items) == 0 || items[0].Kind != String || items[0].Str != credentialContext {
		r.fail(v, at, "must begin with "+credentialContext)
		return
	}
	for i, item := range items[1:] {
		if item.Kind != String || item.Str != untpContext {
			r.keep(item, at+pointerIndex(i+1))
		}
	}
}

// derived reports whether an identifier or name of the credential is the one that
// follows from that of the certificate.
func (r *credentialReader) derived(name string, v, subject *Value) bool {
	if v.Kind != String || subject == nil || subject.Kind != ObjectValue {
		return false
	}
	id := subject.Obj.Get("id")
	if id == nil {
		return false
	}
	uri := Canonical(id.Str).URI
	return name == "id" && v.Str == uri+credentialFragment || name == "name" && v.Str == "Certificate "+uri
}

// ownIssuer reports whether the issuer is who signs the record: then it is not
// said twice.
func (r *credentialReader) ownIssuer(v *Value, at string) bool {
	id := v
	if v.Kind == ObjectValue {
		r.need(v, at, "id")
		id = v.Obj.Get("id")
	}
	return id != nil && r.issuer != "" && Canonical(r.text(id, at)).URI == r.issuer
}

// status refuses a credential that we wrote of a certificate which did not hold.
// Status lists of others are kept; nobody asks them here.
func (r *credentialReader) status(v *Value, at string) bool {
	if v.Kind != ObjectValue || v.Obj.Get("type") == nil || v.Obj.Get("type").Str != statusType {
		return false
	}
	if status := v.Obj.Get(Vocabulary + "status"); status == nil || status.Str != "active" {
		r.fail(v, at, "says that the certificate did not hold when the credential was written")
	}
	return true
}

func (r *credentialReader) attestation(v *Value, at string) {
	r.need(v, at, "type", "id")
	r.each(v, at, func(name string, m *Value, at string) bool {
		switch name {
		case "type":
			r.types(m, at, "ConformityAttestation")
		case "id":
			r.c.ID = r.id(m, at)
		case "name":
			return r.derived(name, m, v)
		case "assessorLevel":
			return m.Str == "3rdParty"
		case "attestationType":
			return m.Str == "certification"
		case "issuedToParty":
			if id := r.thing(m, at); r.c.Subject.IsZero() {
				r.c.Subject = id
			}
		case "authorisation":
			r.authorisations(m, at)
		case "referenceScheme", "scope":
			r.thing(m, at)
			r.c.Scheme = m.Obj.Get("id").text()
		case "conformityAssessment", "assessment":
			r.assessments(m, at)
		case Vocabulary + "subject":
			r.c.Subject = r.id(m, at)
		case Vocabulary + "scope":
			r.isNamed = true
			for i, item := range valuesOf(m) {
				r.named = append(r.named, r.id(item, at+pointerIndex(i)))
			}
		case Vocabulary + "hsCodes":
			for i, item := range valuesOf(m) {
				if !isHSCode(item.text()) {
					r.fail(item, at+pointerIndex(i), "must be a commodity code: two to ten digits")
				}
				r.c.HSCodes = append(r.c.HSCodes, item.text())
			}
		case Vocabulary + "activities":
			for i, item := range valuesOf(m) {
				r.id(item, at+pointerIndex(i))
				r.c.Activities = append(r.c.Activities, ExpandVocabulary(FieldBizStep, item.text()))
			}
		case Vocabulary + "accredits":
			for i, item := range valuesOf(m) {
				r.id(item, at+pointerIndex(i))
				r.c.Accredits = append(r.c.Accredits, item.text())
			}
		default:
			return false
		}
		return true
	})
	if r.c.Scheme == "" {
		r.fail(v, at, "this needs referenceScheme, with an id")
	}
	if r.c.Subject.IsZero() {
		r.fail(v, at, "this needs issuedToParty, with an id")
	}
	if !r.isNamed && len(r.goods)+len(r.sites) == 0 {
		r.fail(v, at, "this needs a conformityAssessment that names a product or a facility")
	}
}

// thing reads what has an id, and keeps what else is said of it.
func (r *credentialReader) thing(v *Value, at string) ID {
	var id ID
	r.need(v, at, "id")
	r.each(v, at, func(name string, m *Value, at string) bool {
		switch name {
		case "id":
			id = r.id(m, at)
			return true
		case "name":
			return m.Kind == String && Canonical(m.Str).URI == Canonical(v.Obj.Get("id").text()).URI
		}
		return false
	})
	return id
}

// text is a string's value, "" of nil and everything else.
func (v *Value) text() string {
	if v == nil || v.Kind != String {
		return ""
	}
	return v.Str
}

// authorisations takes the accreditation that a credential of ours names; those
// that point elsewhere are kept.
func (r *credentialReader) authorisations(v *Value, at string) {
	for i, item := range valuesOf(v) {
		var accreditation *Value
		if item.Kind == ObjectValue {
			accreditation = item.Obj.Get(Vocabulary + "accreditation")
		}
		if accreditation == nil {
			r.keep(item, at+pointerIndex(i))
			continue
		}
		r.c.Accreditation = r.id(accreditation, at+pointerIndex(i))
	}
}

func (r *credentialReader) assessments(v *Value, at string) {
	for i, item := range valuesOf(v) {
		r.each(item, at+pointerIndex(i), func(name string, m *Value, at string) bool {
			switch name {
			case "type":
				r.types(m, at, "ConformityAssessment")
			case "conformance", "compliance":
				if m.Kind != Bool || !m.Bool {
					r.fail(m, at, "says that what was assessed does not conform")
				}
			case "id":
				return strings.HasSuffix(m.Str, assessmentFragment)
			case "name":
				return strings.HasPrefix(m.Str, "Certificate ") && strings.HasSuffix(item.Obj.Get("id").text(), assessmentFragment)
			case "assessedProduct":
				r.assessed(m, at, "product")
			case "assessedFacility":
				r.assessed(m, at, "facility")
			default:
				return false
			}
			return true
		})
	}
}

// assessed reads products or facilities, which stand under their name or, as in
// early versions, by themselves.
func (r *credentialReader) assessed(v *Value, at, what string) {
	for i, item := range valuesOf(v) {
		at := at + pointerIndex(i)
		if item.Kind != ObjectValue || item.Obj.Get(what) == nil {
			r.assessedThing(item, at, what)
			continue
		}
		r.each(item, at, func(name string, m *Value, at string) bool {
			if name == what {
				r.assessedThing(m, at, what)
			}
			return name == what
		})
	}
}

// assessedThing adds a thing to the scope. A product that is one batch of its
// class is that lot: as a class it would be more than was assessed.
func (r *credentialReader) assessedThing(v *Value, at, what string) {
	id := r.thing(v, at)
	if what == "facility" {
		r.sites = append(r.sites, id)
		return
	}
	if id.Level == Class {
		if v.Obj.Get("serialNumber") != nil {
			r.fail(v, at, "is one item of a class: its id has to name the item, as a Digital Link with serial number")
			return
		}
		if batch := v.Obj.Get("batchNumber").text(); batch != "" {
			lot, ok := id.InLot(batch)
			if !ok {
				r.fail(v.Obj.Get("batchNumber"), at+"/batchNumber", "is no batch number that GS1 allows: "+strconv.Quote(batch))
			}
			id = lot
		}
	}
	r.goods = append(r.goods, id)
}

func (r *credentialReader) scope() {
	r.c.Scope = r.named
	if r.isNamed {
		return
	}
	for _, id := range append(r.goods, r.sites...) {
		if !slices.Contains(r.c.Scope, id) {
			r.c.Scope = append(r.c.Scope, id)
		}
	}
}
