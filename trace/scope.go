package trace

import (
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
)

// bounds are the things that a certificate is limited to, by kind. A kind that it
// names nothing of does not limit it.
type bounds struct {
	goods []string // classes, lots and items
	sites []string
	codes []string // of the Harmonized System, their first digits
	steps []string // business steps, what is done
	other []string // parties, and URIs of no known scheme
}

// bounds sorts the scope. A subject that is a site or goods is part of it.
func (s *CertificateState) bounds() bounds {
	b := bounds{codes: s.HSCodes, steps: s.Activities}
	for _, uri := range s.Scope {
		b.add(uri, true)
	}
	b.add(s.Subject, false)
	return b
}

func (b *bounds) add(uri string, scope bool) {
	id := epcis.Canonical(uri)
	switch {
	case !id.Class().IsZero():
		b.goods = append(b.goods, uri)
	case id.Level == epcis.Place:
		b.sites = append(b.sites, uri)
	case scope:
		b.other = append(b.other, uri)
	}
}

// What an event that cites a certificate can lie outside of.
const (
	OutsideGoods  = "goods"
	OutsideHolder = "holder"
	OutsideSite   = "site"
	OutsideHS     = "commodity code"
	OutsideSteps  = "activity"
)

// Outside says in what an event, recorded by an organisation, lies outside the
// certificate's scope; "" when it lies within.
//
// A scope of goods admits an event that names at least one of them: a product
// class, a lot, or an item whose lot the event states. A scope of commodity codes
// admits an event that states one of them, or a finer one (wm:hsCode), and does not
// judge an event that states none. A scope of sites limits the holder of the
// certificate: it admits an event of the certificate's subject at one of them, and
// of whoever, where the subject is no organisation; the later owner of the goods
// cites the certificate at a place of its own. So does a scope of activities: it admits
// an event of the holder whose bizStep is one of them, and a later owner does with the
// goods what it does. Where the scope names no goods, nothing but the holder says which are
// certified: another organisation brings none into being under it. An event that names only things
// without a class (pallets), no place, or no bizStep, is not judged by them. An accreditation
// certifies no goods.
func (s *CertificateState) Outside(e *epcis.Event, organisation string) string {
	return s.Limits().Outside(e, organisation)
}

// Limits are those of a certificate's scope, for whoever judges many events by it.
type Limits struct {
	bounds
	accredits bool
	subject   string
	party     bool // the subject is an organisation
	goods     bool
}

// Limits are those of the certificate's scope.
func (s *CertificateState) Limits() *Limits {
	l := &Limits{bounds: s.bounds(), accredits: len(s.Accredits) > 0, subject: s.Subject}
	l.party = epcis.Canonical(s.Subject).Level == epcis.PartyID
	l.goods = slices.ContainsFunc(l.bounds.goods, func(uri string) bool { return slices.Contains(s.Scope, uri) })
	return l
}

// NameGoods reports whether the scope names goods, the subject left aside.
func (l *Limits) NameGoods() bool { return l.goods }

// Cover reports whether the certificate is about a thing, which may be of a lot: it is limited
// to no goods, or to the thing, its class or that lot.
func (l *Limits) Cover(id epcis.ID, lot string) bool {
	goods := l.bounds.goods
	return len(goods) == 0 || slices.Contains(goods, id.Class().URI) || slices.Contains(goods, id.URI) || lot != "" && slices.Contains(goods, lot)
}

// Exclude reports a thing that the certificate is not about, though an event that cites it names
// it: one of another class, or of another lot. lotOf tells the lot of an item, "" where nobody
// knows it; it is asked where that decides. What has no class is not excluded.
func (l *Limits) Exclude(id epcis.ID, lotOf func() (string, error)) (bool, error) {
	b := &l.bounds
	if len(b.goods) == 0 || id.Class().IsZero() || l.Cover(id, id.Lot) {
		return false, nil
	}
	if id.Lot = ""; !b.lotsOf(&id) {
		return true, nil
	}
	lot, err := lotOf()
	return lot != "" && !slices.Contains(b.goods, lot), err
}

// Outside is [CertificateState.Outside].
func (l *Limits) Outside(e *epcis.Event, organisation string) string {
	b := &l.bounds
	holder := l.subject == organisation || !l.party
	switch {
	case l.accredits || len(b.goods) > 0 && !b.admitGoods(e):
		return OutsideGoods
	case !holder && len(b.goods) == 0 && bears(e):
		return OutsideHolder
	case len(b.sites) > 0 && holder && !b.admitSite(e):
		return OutsideSite
	case len(b.steps) > 0 && holder && e.BizStep != "" && !slices.Contains(b.steps, e.BizStep):
		return OutsideSteps
	case len(b.codes) > 0 && !b.admitCode(e):
		return OutsideHS
	}
	return ""
}

// bears reports an event that brings goods into being.
func bears(e *epcis.Event) bool {
	return e.Type == epcis.TransformationEvent || e.Type == epcis.ObjectEvent && e.Action == epcis.Add
}

func (b *bounds) admitGoods(e *epcis.Event) bool {
	admitted, judged := b.admitAny(e, func(*epcis.ID) bool { return true })
	return admitted || !judged
}

// admitAny reports whether the goods include one of those things of an event that are among
// some, and whether one of these has a class at all.
func (b *bounds) admitAny(e *epcis.Event, among func(*epcis.ID) bool) (admitted, judged bool) {
	batch := "" // of what is born
	if len(Born(e)) > 0 {
		batch = BirthLot(e)
	}
	for _, list := range [...]struct {
		ids   []epcis.ID
		batch string
	}{{e.EPCs, batch}, {e.Children, ""}, {e.Inputs, ""}, {e.Outputs, batch}} {
		for i := range list.ids {
			if among(&list.ids[i]) && b.names(list.ids[i], list.batch, &judged) {
				return true, true
			}
		}
	}
	for _, quantities := range [...][]epcis.Quantity{e.Quantities, e.ChildQuantities, e.InputQuantities, e.OutputQuantities} {
		for i := range quantities {
			if among(&quantities[i].Class) && b.names(quantities[i].Class, "", &judged) {
				return true, true
			}
		}
	}
	return false, judged
}

// uncovered reports an event that names goods of the certificate, and other goods for the
// journey that starts at an id, of which it concerns about: these have no certificate. An item
// that may be of a certified lot counts with it, where the event does not say its lot. Things
// without a class are not judged; where the event concerns nothing else, the start is.
func (s *CertificateState) uncovered(e *epcis.Event, about map[string]bool, start string) bool {
	b := s.bounds()
	if len(b.goods) == 0 {
		return false
	}
	born, maybe := Born(e), false
	told := len(born) > 0 && BirthLot(e) != ""
	among := func(id *epcis.ID) bool {
		in := about[id.URI]
		maybe = maybe || in && b.lotsOf(id) && !(told && slices.ContainsFunc(born, func(x epcis.ID) bool { return x.URI == id.URI }))
		return in
	}
	if admitted, judged := b.admitAny(e, among); admitted || judged {
		return !admitted && !maybe
	}
	if _, judged := b.admitAny(e, func(*epcis.ID) bool { return true }); !judged {
		return false
	}
	id, judged := epcis.Canonical(start), false
	return !b.names(id, "", &judged) && judged && !b.lotsOf(&id)
}

// lotsOf reports whether the goods include lots of an item's class, of which it may be.
func (b *bounds) lotsOf(id *epcis.ID) bool {
	return id.Level == epcis.Item && id.Lot == "" && slices.ContainsFunc(b.goods, func(uri string) bool {
		lot := epcis.Canonical(uri)
		return lot.Level == epcis.Lot && lot.Class().URI == id.Class().URI
	})
}

// names reports whether the goods include the thing, its lot or its class, and
// sets judged when the thing has a class at all.
func (b *bounds) names(id epcis.ID, batch string, judged *bool) bool {
	class := id.Class()
	if class.IsZero() {
		return false
	}
	*judged = true
	if slices.Contains(b.goods, class.URI) || slices.Contains(b.goods, id.URI) {
		return true
	}
	lot := LotOf(id, batch)
	return lot != "" && slices.Contains(b.goods, lot)
}

func (b *bounds) admitSite(e *epcis.Event) bool {
	judged := false
	for _, place := range [...]epcis.ID{e.ReadPoint, e.BizLocation} {
		if place.Level != epcis.Place {
			continue
		}
		judged = true
		if b.site(place.URI) {
			return true
		}
	}
	return !judged
}

// site reports whether a place is one of the sites or a part of one: a GLN with
// an extension lies in the GLN without.
func (b *bounds) site(uri string) bool {
	return slices.ContainsFunc(b.sites, func(site string) bool { return uri == site || strings.HasPrefix(uri, site+"/254/") })
}

func (b *bounds) admitCode(e *epcis.Event) bool {
	stated := append(extension(e.Extensions, hsCode), extension(e.ILMD, hsCode)...)
	return len(stated) == 0 || slices.ContainsFunc(stated, func(code string) bool { return b.code(digitsOf(code)) })
}

// code reports whether a commodity code is one of the codes or finer than one.
func (b *bounds) code(digits string) bool {
	return slices.ContainsFunc(b.codes, func(code string) bool { return strings.HasPrefix(digits, code) })
}

// Beyond returns what of the certificate's scope lies outside that of the
// accreditation it is issued under, false when nothing does. Each kind of thing
// that the accreditation names has to be named by the certificate too, or the
// certificate would be wider.
func (s *CertificateState) Beyond(accreditation *CertificateState) (string, bool) {
	own, limit := s.bounds(), accreditation.bounds()
	for _, kind := range [...]struct {
		what       string
		own, limit []string
		within     func(string) bool
	}{
		{"goods", own.goods, limit.goods, limit.includes},
		{"sites", own.sites, limit.sites, limit.site},
		{"commodity codes", own.codes, limit.codes, limit.code},
		{"activities", own.steps, limit.steps, func(step string) bool { return slices.Contains(limit.steps, step) }},
		{"other things", own.other, limit.other, func(uri string) bool { return slices.Contains(limit.other, uri) }},
	} {
		if len(kind.limit) == 0 {
			continue
		}
		if len(kind.own) == 0 {
			return "it names no " + kind.what, true
		}
		for _, thing := range kind.own {
			if !kind.within(thing) {
				return thing, true
			}
		}
	}
	return "", false
}

func (b *bounds) includes(uri string) bool {
	judged := false
	return b.names(epcis.Canonical(uri), "", &judged)
}

// Cited lists the certificates that an event cites, canonical: in certificationInfo,
// and as business transactions of CBV's type cert. An event that declares another
// wrong cites none of its own.
func Cited(e *epcis.Event) []string {
	if e.Correction != nil {
		return nil
	}
	var ids []string
	for _, c := range e.Certificates {
		ids = append(ids, epcis.Canonical(c).URI)
	}
	for _, t := range e.Transactions {
		if t.Type == certificateDocument && !t.ID.IsZero() {
			ids = append(ids, t.ID.URI)
		}
	}
	return ids
}

const certificateDocument = epcis.NamespaceCBV + "BTT-cert"
