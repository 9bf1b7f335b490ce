package proof

import (
	"fmt"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
)

const importMRN = "urn:epcglobal:cbv:bt:9521105000004:26DE585000000001R6"

// newOffice is a ledger on which a crate passes a customs office: declared,
// inspected, held, released. A second declaration of it was refused, and one of its
// content is withdrawn. held is the height of the hold.
func newOffice(t testing.TB) (b *book, held uint64) {
	t.Helper()
	b = newBook(t, "2026-05-01T00:00:00Z", map[string]string{grower: "Hill Orchard", carrier: "Two Seas", shop: "Corner Shop", customs: "Customs (demonstration)"})
	other := "urn:epcglobal:cbv:bt:9521105000004:26DE585000000002R4"
	record := customsRecord
	declared := func(goods string) string {
		return fmt.Sprintf(`,"flow":"import","procedure":"4000","hsCode":"0808100000","origin":"FR","parties":[{"role":"declarant","id":%q},{"role":"importer","id":"DE123456789012345"}],`+
			`"epcList":[%q],"quantityList":[{"epcClass":%q,"quantity":12.50,"uom":"KGM"}],"bizTransactionList":[{"type":"inv","bizTransaction":"urn:epcglobal:cbv:bt:9521101000000:INV-7"}]`,
			grower, goods, class(2))
	}
	value, err := epcis.ParseCustomsValue("480.50 EUR 0b6f9a1ed24c38757f60e1a29c8d3b4451f7c02a96de8b130475ac9fe2183d6b")
	if err != nil {
		t.Fatal(err)
	}
	committed := fmt.Sprintf(`,"valueCommitment":%q`, value.Commitment(epcis.Canonical(importMRN)))
	at := func(day int) string { return fmt.Sprintf("2026-05-%02dT08:00:00Z", day) }
	b.at(t, at(2)).block(t, grower, epcis.KindEvent, event(at(2), pack("ADD", crate, bag, sibling)))
	b.at(t, at(3)).block(t, carrier, epcis.KindCustoms, record("declaration", importMRN, at(3), declared(crate)+committed))
	b.at(t, at(4)).refuse(t, shop, epcis.KindCustoms, record("declaration", other, at(4), declared(crate)))
	b.at(t, at(5)).block(t, shop, epcis.KindCustoms, record("declaration", other, at(5), declared(bag)))
	b.at(t, at(6)).block(t, customs, epcis.KindCustoms, record("inspection", importMRN, at(6), fmt.Sprintf(`,"readPoint":{"id":%q}`, place("9521105"))))
	b.at(t, at(7)).block(t, customs, epcis.KindCustoms, record("hold", importMRN, at(7), `,"reason":"weight differs: 12.50 kg declared, 14 kg found"`))
	held = b.height
	b.at(t, at(8)).refuse(t, carrier, epcis.KindEvent, event(at(8), object("OBSERVE", "departing", crate)))
	b.at(t, at(9)).block(t, shop, epcis.KindCustoms, record("withdrawal", other, at(9), `,"reason":"declared twice"`))
	b.at(t, at(10)).block(t, customs, epcis.KindCustoms, record("release", importMRN, at(10), `,"hsCode":"080810","dueDiligenceReference":"26DE0000000001"`),
		own("CustomsDeclaration", `"action":"gate","country":"DE","eventTime":"2026-05-10T08:00:00Z","policy":"reject"`))
	b.at(t, at(11)).block(t, shop, epcis.KindEvent, event(at(11), object("OBSERVE", "receiving", crate)+citing(importMRN)))
	return b, held
}

func customsRecord(action, mrn, when, rest string) string {
	return own("CustomsDeclaration", fmt.Sprintf(`"action":%q,"mrn":%q,"country":"DE","eventTime":%q%s`, action, mrn, when, rest))
}

// newDividedOffice is a ledger on which a declaration of two bags and a lot is decided in
// parts: all are inspected, one bag and the lot are held, the other bag is released.
func newDividedOffice(t testing.TB) *book {
	t.Helper()
	b := newBook(t, "2026-05-01T00:00:00Z", map[string]string{grower: "Hill Orchard", carrier: "Two Seas", customs: "Customs (demonstration)"})
	at := func(day int) string { return fmt.Sprintf("2026-05-%02dT08:00:00Z", day) }
	b.at(t, at(2)).block(t, grower, epcis.KindEvent, event(at(2), object("ADD", "commissioning", bag, sibling)))
	b.at(t, at(3)).block(t, carrier, epcis.KindCustoms, customsRecord("declaration", importMRN, at(3), fmt.Sprintf(`,"flow":"import","procedure":"4000","hsCode":"0808100000","origin":"FR",`+
		`"parties":[{"role":"declarant","id":%q}],"epcList":[%q,%q],"quantityList":[{"epcClass":%q,"quantity":12.50,"uom":"KGM"}]`, grower, bag, sibling, apples)))
	b.at(t, at(4)).block(t, customs, epcis.KindCustoms, customsRecord("inspection", importMRN, at(4), ""))
	b.at(t, at(5)).block(t, customs, epcis.KindCustoms, customsRecord("hold", importMRN, at(5), fmt.Sprintf(`,"reason":"label unreadable","epcList":[%q,%q]`, sibling, apples)))
	b.at(t, at(6)).block(t, customs, epcis.KindCustoms, customsRecord("release", importMRN, at(6), fmt.Sprintf(`,"epcList":[%q]`, bag)))
	return b
}
