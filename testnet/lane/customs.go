package lane

import "github.com/waymark-ledger/waymark/epcis"

// declare adds an act: the member declares goods to a customs authority. more are the
// declaration's own fields: its flow, procedure, commodity, origin, parties and goods.
func (a *author) declare(row int, member, title, mrn, country string, hoursAgo, zone int, more object) {
	more["type"], more["action"], more["mrn"], more["country"] = "wm:CustomsDeclaration", epcis.CustomsDeclared, mrn, country
	more["eventTime"], _ = a.at(hoursAgo, zone)
	a.record(row, member, title, epcis.KindCustoms, more)
}

// decide adds an act: the authority decides on a declaration, at one of its offices.
// reason may be "".
func (a *author) decide(row int, authority, title, mrn, country, action string, hoursAgo, zone int, office, reason string) {
	r := object{"type": "wm:CustomsDeclaration", "action": action, "mrn": mrn, "country": country, "readPoint": object{"id": office}}
	if reason != "" {
		r["reason"] = reason
	}
	r["eventTime"], _ = a.at(hoursAgo, zone)
	a.record(row, authority, title, epcis.KindCustoms, r)
}
