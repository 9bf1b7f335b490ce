package epcis

// The actions of a certificate record.
const (
	IssueCertificate     = "issue"
	SuspendCertificate   = "suspend"
	ReinstateCertificate = "reinstate"
	RevokeCertificate    = "revoke"
)

// The types of Waymark's own records, as their JSON names them (compact, by
// the context term wm, or in full).
const (
	CertificateType = Vocabulary + "Certificate"
	MasterDataType  = Vocabulary + "MasterData"
)

// ownType checks the type of one of Waymark's own records.
func (d *decoder) ownType(v *Value, want string) {
	typ := v.Obj.Get("type")
	if typ == nil {
		d.fail(v, place{}, "this record needs a type")
		return
	}
	if d.ctx.name(d.str(typ, top("type"))) != want {
		d.fail(typ, top("type"), "must be "+want)
	}
}

// need checks that one of Waymark's own records has the members that its action
// needs. What is the record, as people are told.
func (d *decoder) need(v *Value, what string, names ...string) {
	for _, name := range names {
		switch {
		case v.Obj.Get(name) != nil:
		case name == "action":
			d.fail(v, place{}, what+" needs an action")
		default:
			d.fail(v, place{}, what+" with this action needs "+name)
		}
	}
}

// never checks that a record has no member that belongs only to other actions.
func (d *decoder) never(v *Value, what, actions string, names ...string) {
	for _, name := range names {
		if m := v.Obj.Get(name); m != nil {
			d.fail(m, top(name), "belongs to "+what+" only when its action is "+actions)
		}
	}
}

func (d *decoder) certificate(v *Value) *Certificate {
	d.ownType(v, CertificateType)
	c := &Certificate{}
	for i := range v.Obj.Members {
		m := &v.Obj.Members[i]
		switch m.Name {
		case "@context", "type":
		case "action":
			c.Action = d.str(m.Value, top(m.Name))
		case "id":
			c.ID = d.id(m.Value, top(m.Name))
		case "scheme":
			c.Scheme = d.uri(m.Value, top(m.Name))
		case "subject":
			c.Subject = d.id(m.Value, top(m.Name))
		case "scope":
			c.Scope = d.ids(m.Value, m.Name)
		case "hsCodes":
			c.HSCodes = d.hsCodes(m.Value, m.Name)
		case "activities":
			c.Activities = d.activities(m.Value, m.Name)
		case "accredits":
			c.Accredits = d.uris(m.Value, m.Name)
		case "accreditation":
			c.Accreditation = d.id(m.Value, top(m.Name))
		case "validFrom":
			c.ValidFrom = d.instant(m.Value, top(m.Name))
		case "validUntil":
			c.ValidUntil = d.instant(m.Value, top(m.Name))
		case "reason":
			c.Reason = d.str(m.Value, top(m.Name))
		case "reasonCode":
			c.ReasonCode = d.str(m.Value, top(m.Name))
		case "effectiveFrom":
			t := d.instant(m.Value, top(m.Name))
			c.EffectiveFrom = &t
		default:
			if d.ctx.name(m.Name) == credentialMember {
				c.Imported = m.Value
				continue
			}
			d.unknown(m, place{}, "@context", "type", "action", "id", "scheme", "subject", "scope", "hsCodes",
				"activities", "accredits", "accreditation", "validFrom", "validUntil", "reason", "reasonCode", "effectiveFrom")
		}
		if d.fault != nil {
			return nil
		}
	}
	d.requiredOfCertificate(c, v)
	return c
}

// credentialMember holds what an imported credential says beyond the record, in
// full; a record writes it compact.
const credentialMember = Vocabulary + "credential"

// hsCodes reads commodity codes: two to ten digits, without points or spaces.
func (d *decoder) hsCodes(v *Value, name string) []string {
	p := top(name)
	items := d.items(v, p)
	var codes []string
	for i, item := range items {
		code := d.str(item, p.in(i))
		if !isHSCode(code) {
			d.fail(item, p.in(i), "must be a commodity code: two to ten digits")
		}
		codes = append(codes, code)
	}
	return codes
}

// activities reads business steps as events name them, the CBV's in any spelling.
func (d *decoder) activities(v *Value, name string) []string {
	p := top(name)
	items := d.items(v, p)
	var steps []string
	for i, item := range items {
		steps = append(steps, d.vocabulary(FieldBizStep, item, p.in(i)))
	}
	return steps
}

func isHSCode(code string) bool {
	return len(code) >= 2 && len(code) <= 10 && all(code, isDigit)
}

func (d *decoder) requiredOfCertificate(c *Certificate, v *Value) {
	const what = "a certificate record"
	d.need(v, what, "action", "id")
	switch c.Action {
	case IssueCertificate:
		d.need(v, what, "scheme", "subject", "validFrom", "validUntil")
		d.never(v, what, "suspend, reinstate or revoke", "reason", "reasonCode", "effectiveFrom")
		if until := v.Obj.Get("validUntil"); until != nil && !c.ValidFrom.Before(c.ValidUntil) {
			d.fail(until, top("validUntil"), "must be after validFrom")
		}
	case SuspendCertificate, ReinstateCertificate, RevokeCertificate:
		d.need(v, what, "reason")
	default:
		if action := v.Obj.Get("action"); action != nil {
			d.fail(action, top("action"), "must be issue, suspend, reinstate or revoke")
		}
	}
}

// JSON writes the certificate as a record to be signed. The same certificate
// always gives the same bytes. Identifiers are written in canonical form.
func (c *Certificate) JSON() []byte {
	w := newWriter()
	w.member("type", "wm:Certificate")
	w.member("action", c.Action)
	w.member("id", c.ID.URI)
	w.optional("scheme", c.Scheme)
	w.optional("subject", c.Subject.URI)
	if len(c.Scope) > 0 {
		w.ids("scope", c.Scope)
	}
	w.optionalTexts("hsCodes", c.HSCodes)
	w.optionalTexts("activities", c.Activities)
	w.optionalTexts("accredits", c.Accredits)
	w.optional("accreditation", c.Accreditation.URI)
	if c.Action == IssueCertificate {
		w.member("validFrom", c.ValidFrom.String())
		w.member("validUntil", c.ValidUntil.String())
	}
	w.optional("reason", c.Reason)
	w.optional("reasonCode", c.ReasonCode)
	if c.EffectiveFrom != nil {
		w.member("effectiveFrom", c.EffectiveFrom.String())
	}
	if c.Imported != nil {
		w.name("wm:credential")
		w.b = appendValue(w.b, c.Imported)
	}
	return w.end()
}
