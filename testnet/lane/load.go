package lane

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
)

// Load makes events to load a network with: commissioning of single items of
// one member's products, or their inspection.
type Load struct {
	Now        time.Time
	Prefix     string // the member's GS1 company prefix
	Run        string // tells this load's serials from another's
	Inspecting bool   // the items are inspected instead, which is what customs may record
}

// LoadOf is a load that the member's roles allow.
func LoadOf(m Member, now time.Time, run string) Load {
	l := Load{Now: now, Prefix: m.Organisation.Prefixes[0], Run: run}
	for _, role := range m.Organisation.Roles {
		if _, customs := role.Customs(); customs || role == identity.Certifier {
			l.Inspecting = true
		}
	}
	return l
}

// Event is one bare event, number n of the load: an item is commissioned. It
// has the size and shape of a scanner's everyday event.
func (l Load) Event(n int) ([]byte, error) {
	e := l.event(n)
	e["@context"] = contextTerms()
	return json.Marshal(e)
}

// Document is an EPCISDocument of count such events, the first of them number n.
func (l Load) Document(n, count int) ([]byte, error) {
	a := author{now: l.Now}
	events := make([]object, count)
	for i := range events {
		events[i] = l.event(n + i)
	}
	a.capture(0, "", "", events...)
	return a.acts[0].Document, a.err
}

func (l Load) event(n int) object {
	a := author{now: l.Now}
	if l.Inspecting {
		return a.event(epcis.ObjectEvent, 24, 0, "inspecting", "in_progress", placeURI(l.Prefix, 1), object{
			"action":  "OBSERVE",
			"epcList": []string{itemURI(gtin(l.Prefix, 0, 9), fmt.Sprintf("%s%08d", l.Run, n))},
		})
	}
	return a.event(epcis.ObjectEvent, 24, 0, "commissioning", "active", placeURI(l.Prefix, 1), object{
		"action":             "ADD",
		"epcList":            []string{itemURI(gtin(l.Prefix, 0, 9), fmt.Sprintf("%s%08d", l.Run, n))},
		"bizTransactionList": []object{transaction("prodorder", document(l.Prefix, fmt.Sprintf("PR-%s-%d", l.Run, n/100)))},
		"ilmd":               object{"cbvmda:lotNumber": fmt.Sprintf("L%s%05d", l.Run, n/100), "wm:netWeight": "0.25 KGM"},
	})
}
