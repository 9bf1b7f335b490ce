package lane

import "github.com/waymark-ledger/waymark/epcis"

func (t *tuna) cutAndSell() {
	var packing []object
	for i := range reefers {
		letter := string(rune('A' + i))
		t.capture(8, "importer", "cutting lot "+letter+": two cases, 50 kg → 196 packs of 250 g, 1 kg lost",
			t.event(epcis.TransformationEvent, 20*24-i, 1, "commissioning", "active", coldStore, object{
				"inputEPCList":  t.inputs(i),
				"outputEPCList": t.packs[i],
				"ilmd": object{"cbvmda:lotNumber": t.lot(i), "wm:hsCode": "030487", "wm:netWeight": "0.25 KGM",
					"wm:loss": "1 KGM"},
			}))
		packing = append(packing, t.pack(17*24-i, 1, coldStore, t.deliveries[i], t.packs[i][:packsDelivered]))
	}
	t.capture(9, "importer", "40 packs of each lot packed for the grocer", packing...)
	papers := []object{transaction("po", t.groceries), transaction("desadv", document(prefixImporter, "DA-"+t.tag))}
	from, to := partyURI(prefixImporter), partyURI(prefixGrocer)
	move := object{"action": "OBSERVE", "epcList": t.deliveries[:], "bizTransactionList": papers}
	t.capture(9, "importer", "shipped to the grocer",
		handOver(t.event(epcis.ObjectEvent, 16*24, 1, "shipping", "in_transit", coldStore, move), from, to))
	t.capture(9, "grocer", "received at the market",
		handOver(t.event(epcis.ObjectEvent, 15*24, 1, "receiving", "in_progress", market, move), from, to))
	t.capture(9, "grocer", "put into the freezer of the market",
		t.unpack(15*24-1, 1, market, t.deliveries[0], t.packs[0][:packsDelivered]),
		t.unpack(15*24-2, 1, market, t.deliveries[1], t.packs[1][:packsDelivered]))
	t.capture(9, "grocer", "three packs of each lot sold", t.event(epcis.ObjectEvent, 12*24, 1, "retail_selling", "retail_sold", market, object{
		"action": "OBSERVE", "epcList": append(append([]string{}, t.packs[0][:3]...), t.packs[1][:3]...),
	}))
}

// readOut is the reading of the second container's logger, from its arrival in
// Salalah to the cold store, weeks after the goods left it. Nobody had plugged the
// container in.
func (t *tuna) readOut() {
	readings := append(steady(46*24-8, 45*24+3, 3), []reading{
		{45 * 24, "-17.2", true}, {45*24 - 3, "-15.1", true}, {45*24 - 6, "-12.8", true}, {45*24 - 9, "-10.3", true},
		{45*24 - 12, "-8.4", true}, {45*24 - 15, "-7.1", true}, {45*24 - 18, "-9.9", true}, {45*24 - 21, "-13.6", true},
		{45*24 - 24, "-16.2", true}, {45*24 - 27, "-18.1", false}}...)
	t.capture(10, "reefer", "the second container's logger is read out: 27 hours above -18 degrees in Salalah",
		t.reporting(1, 25*24, append(readings, steady(45*24-30, 25*24, 6)...)))
}

func (t *tuna) recall() {
	left := t.cases[palletsAReefer*casesAPallet+1 : palletsAReefer*casesAPallet+casesAPallet]
	t.capture(11, "importer", "14 cases of the second container held in the cold store",
		t.event(epcis.ObjectEvent, 8*24, 1, "holding", "non_conformant", coldStore, object{
			"action": "OBSERVE", "epcList": left,
		}))
	t.capture(11, "importer", "lot B recalled", t.event(epcis.ObjectEvent, 8*24-1, 1, "holding", "recalled", coldStore, object{
		"action": "OBSERVE", "quantityList": []object{{"epcClass": t.lots[1], "quantity": packsALot}},
		"wm:recallNotice": t.notice,
	}))
	back := t.packs[1][4:packsDelivered] // three are sold, one stays on the shelf
	papers := []object{transaction("rma", t.returned)}
	from, to := partyURI(prefixGrocer), partyURI(prefixImporter)
	move := object{"action": "OBSERVE", "epcList": back, "bizTransactionList": papers}
	t.capture(11, "grocer", "36 recalled packs sent back",
		handOver(t.event(epcis.ObjectEvent, 7*24, 1, "shipping", "returned", market, move), from, to))
	t.capture(11, "importer", "36 recalled packs received",
		handOver(t.event(epcis.ObjectEvent, 6*24, 1, "receiving", "returned", coldStore, move), from, to))
	t.capture(11, "importer", "36 recalled packs destroyed",
		t.event(epcis.ObjectEvent, 5*24, 1, "destroying", "destroyed", coldStore, object{
			"action": "DELETE", "epcList": back,
		}))
	answered, _ := t.at(4*24, 1)
	t.record(11, "grocer", "the grocer acknowledges the recall", epcis.KindAcknowledgement, object{
		"type": "wm:Acknowledgement", "matter": epcis.MatterRecall, "about": t.lots[1], "eventTime": answered,
		"measure": epcis.MeasureReturned, "note": "36 packs of delivery 2 sent back",
	})
}

// goWrong records what the rules are there for. Nothing later rests on any of
// it, and the journey that the lane tells has none of it: an act that a rule
// refuses takes nothing along.
func (t *tuna) goWrong() {
	t.aside = true
	t.capture(12, "reefer", "the gateway of the second container reports with its clock a year ahead",
		t.reporting(1, 43*24-365*24, []reading{{43*24 - 365*24, "-19.8", false}}))
	third, fourth := lotURI(wholeTuna, "CA"+t.tag+"C"), lotURI(wholeTuna, "CA"+t.tag+"D")
	landing := func(title, catch, weight, cited string) {
		t.capture(12, "fishery", title, t.event(epcis.ObjectEvent, 30*24, 4, "creating_class_instance", "active", landingQuay, object{
			"action": "ADD", "quantityList": []object{quantity(catch, weight, "KGM")}, "ilmd": landed(), "certificationInfo": cited,
		}))
	}
	landing("a catch is landed under a certificate that was revoked", third, "900", revokedCertificate)
	landing("a catch is landed under a certificate that has expired", fourth, "350", expiredCertificate)
	from, to := partyURI(prefixFishery), partyURI(prefixPacker)
	move := object{"action": "OBSERVE", "quantityList": []object{quantity(third, "900", "KGM")}}
	t.capture(12, "fishery", "the third catch shipped to the packer",
		handOver(t.event(epcis.ObjectEvent, 29*24, 4, "shipping", "in_transit", landingQuay, move), from, to))
	t.capture(12, "packer", "the third catch received",
		handOver(t.event(epcis.ObjectEvent, 29*24-2, 4, "receiving", "in_progress", packingPlant, move), from, to))
	t.capture(12, "packer", "more loins than fish: 900 kg → 1,050 kg",
		t.event(epcis.TransformationEvent, 28*24, 4, "creating_class_instance", "", packingPlant, object{
			"inputQuantityList":  []object{quantity(third, "900", "KGM")},
			"outputQuantityList": []object{quantity(lotURI(loins, "LO"+t.tag+"C"), "1050", "KGM")},
		}))
	sold := func(hoursAgo int, packs ...string) object {
		return t.event(epcis.ObjectEvent, hoursAgo, 1, "retail_selling", "retail_sold", market, object{"action": "OBSERVE", "epcList": packs})
	}
	t.capture(12, "grocer", "a recalled pack is sold all the same", sold(4*24, t.packs[1][3]))
	t.capture(12, "grocer", "a destroyed pack is scanned at the till", sold(4*24-1, t.packs[1][4]))
}
