package lane

import (
	"fmt"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// Parcel is cross-border e-commerce: ceramics of one merchant in Jingdezhen
// through a platform's consolidation in Ningbo and a warehouse in Spain to
// consumers, one of whom sends a tea set back, which is sold again. Consumers
// are nobody's members and stand in no record. Script n is one container.
//
//	 1  merchant    24 tea sets and 48 mugs, in cartons, to the platform
//	 2  platform    consolidation: pallets, container
//	 3  customs-cn  export declared and released; shipped to the warehouse
//	 4  forwarder   Ningbo to Valencia; the import is declared meanwhile
//	 5  customs-es  inspected, held for the food contact certificate, not to leave the port, released
//	 6  warehouse   received, unpacked, one set broken; stock
//	 7  courier     two orders delivered
//	 8  courier     the tea set comes back under an RMA
//	 9  outlet      the tea set is sold again
//	10  several     what goes wrong; nothing later rests on it
var Parcel = Lane{
	Name: "parcel", About: "ceramics from a merchant in China to consumers in Spain, with a return and a resale", Thing: "tea set",
	Members: []string{"merchant", "platform", "forwarder", "warehouse", "courier", "outlet", "laboratory", "customs-cn", "customs-es"},
	ground:  parcelGround, write: writeParcel,
	Caught: []Caught{
		{"held until the food contact certificate is shown", trace.Lock, "B2", 4205},
		{"the container is to leave the port while customs hold it", trace.Reject, "B2", 4208},
		{"the platform records a customs release of its own", trace.Reject, "A3", 303},
		{"the platform records a customs release of its own", trace.Flag, "A4", 401},
		{"mugs are commissioned under the certificate of the tea sets", trace.Flag, "K2", 2204},
		{"a mug of an unknown maker turns up in a carton", trace.Flag, "A2", 201},
		{"a mug of an unknown maker turns up in a carton", trace.Flag, "C4", 1403},
		{"the second parcel is handed to the courier once more", trace.Reject, "C3", 1306},
		{"a mug that a consumer has is sold in the shop", trace.Flag, "F1", 7101},
		{"the outlet commissions the serial of the tea set once more", trace.Flag, "A2", 205},
		{"the outlet commissions the serial of the tea set once more", trace.Reject, "C1", 1101},
		{"the broken tea set is offered as sold", trace.Reject, "C1", 1102},
		{"a tea set is observed under another lot", trace.Reject, "C1", 1103},
		{"the merchant still counts a tea set that the warehouse holds", trace.Flag, "C2", 1201},
		{"the merchant still counts a tea set that the warehouse holds", trace.Flag, "F1", 7106},
	},
}

// Sizes of one container of the lane.
const (
	setCartons = 4
	setsInOne  = 6
	mugCartons = 4
	mugsInOne  = 12
)

// parcel is one container's worth of the lane: every identifier in it.
type parcel struct {
	*author
	n                           int
	tag                         string
	sets, mugs                  []string // the first set is the one that comes back
	setCartons, mugCartons      []string
	pallets, parcels            []string
	back                        string // the return parcel
	container                   string
	mrn, exportMRN, bill, order string
	sales                       [2]string // orders of consumers on the platform
	rma, transfer               string
}

func writeParcel(a *author, n int) *Script {
	p := &parcel{author: a, n: n}
	p.name()
	p.make()
	p.consolidate()
	p.export()
	p.clear()
	p.stock()
	p.deliver()
	p.takeBack()
	p.sellAgain()
	p.goWrong()
	return &Script{Item: p.sets[0], Certificate: glazeCertificate, Container: p.container, MRN: p.mrn, BillOfLading: p.bill,
		Upstream: []string{p.sets[0], lotURI(teaSet, "KF"+p.tag), p.setCartons[0], p.pallets[0], p.container, p.parcels[0], p.back}}
}

func (p *parcel) name() {
	p.tag = fmt.Sprintf("26%05d", p.n)
	for i := range setCartons * setsInOne {
		p.sets = append(p.sets, itemURI(teaSet, fmt.Sprintf("T%s%02d", p.tag, i+1)))
	}
	for i := range mugCartons * mugsInOne {
		p.mugs = append(p.mugs, itemURI(mug, fmt.Sprintf("M%s%02d", p.tag, i+1)))
	}
	cartons := p.n * (setCartons + mugCartons)
	for i := range setCartons {
		p.setCartons = append(p.setCartons, ssccURI(prefixMerchant, cartons+i+1))
	}
	for i := range mugCartons {
		p.mugCartons = append(p.mugCartons, ssccURI(prefixMerchant, cartons+setCartons+i+1))
	}
	for i := range 2 {
		p.pallets = append(p.pallets, ssccURI(prefixPlatform, p.n*2+i+1))
		p.parcels = append(p.parcels, ssccURI(prefixWarehouse, p.n*2+i+1))
		p.sales[i] = document(prefixPlatform, fmt.Sprintf("SO-%s-%d", p.tag, i+1))
	}
	p.back = ssccURI(prefixCourier, p.n+1)
	p.container = containerURI(704718 + p.n)
	year := p.now.Year()
	p.exportMRN = document(prefixChineseCustoms, fmt.Sprintf("%d%014d", year, p.n+1))
	p.mrn = document(prefixSpanishCustoms, mrn(year, "ES", p.n, "R"))
	p.bill = document(prefixForwarder, fmt.Sprintf("STFW%08d", 26000000+p.n))
	p.order = document(prefixPlatform, "PO-"+p.tag)
	p.rma = document(prefixPlatform, "RMA-"+p.tag)
	p.transfer = document(prefixOutlet, "PO-"+p.tag)
}

// cartons are all cartons of the container.
func (p *parcel) cartons() []string {
	return append(append([]string{}, p.setCartons...), p.mugCartons...)
}

func (p *parcel) make() {
	p.capture(1, "merchant", "24 tea sets fired, glazed and numbered",
		p.event(epcis.ObjectEvent, 75*24, 8, "commissioning", "active", kiln, object{
			"action": "ADD", "epcList": p.sets, "certificationInfo": glazeCertificate,
			"ilmd": object{"cbvmda:lotNumber": "KF" + p.tag, "wm:hsCode": "691110", "wm:netWeight": "1.8 KGM",
				"cbvmda:countryOfOrigin": "CN"},
		}))
	p.capture(1, "merchant", "mugs are commissioned under the certificate of the tea sets",
		p.event(epcis.ObjectEvent, 75*24-1, 8, "commissioning", "active", kiln, object{
			"action": "ADD", "epcList": p.mugs, "certificationInfo": glazeCertificate,
			"ilmd": object{"cbvmda:lotNumber": "KM" + p.tag, "wm:hsCode": "691200", "wm:netWeight": "0.35 KGM",
				"cbvmda:countryOfOrigin": "CN"},
		}))
	var packing []object
	for i, carton := range p.setCartons {
		packing = append(packing, p.pack(74*24-i, 8, kiln, carton, p.sets[i*setsInOne:(i+1)*setsInOne]))
	}
	for i, carton := range p.mugCartons {
		packing = append(packing, p.pack(74*24-setCartons-i, 8, kiln, carton, p.mugs[i*mugsInOne:(i+1)*mugsInOne]))
	}
	p.capture(1, "merchant", "tea sets and mugs packed in eight cartons", packing...)
	from, to := partyURI(prefixMerchant), partyURI(prefixPlatform)
	move := object{"action": "OBSERVE", "epcList": p.cartons(),
		"bizTransactionList": []object{transaction("desadv", document(prefixMerchant, "DA-"+p.tag))}}
	p.capture(1, "merchant", "eight cartons shipped to the platform's consolidation",
		handOver(p.event(epcis.ObjectEvent, 73*24, 8, "shipping", "in_transit", kiln, move), from, to))
	p.capture(2, "platform", "eight cartons received in Ningbo",
		handOver(p.event(epcis.ObjectEvent, 72*24, 8, "receiving", "in_progress", consolidation, move), from, to))
}

func (p *parcel) consolidate() {
	p.capture(2, "platform", "cartons packed on two pallets",
		p.pack(71*24, 8, consolidation, p.pallets[0], p.setCartons), p.pack(71*24-1, 8, consolidation, p.pallets[1], p.mugCartons))
	p.capture(2, "platform", "two pallets loaded into the container, seal set",
		p.event(epcis.AggregationEvent, 71*24-4, 8, "loading", "in_progress", consolidation, object{
			"action": "ADD", "parentID": p.container, "childEPCs": p.pallets, "wm:seal": fmt.Sprintf("CN%07d", 6610000+p.n),
		}))
}

func (p *parcel) export() {
	p.declare(3, "platform", "export declared to Chinese customs", p.exportMRN, "CN", 71*24-5, 8, object{
		"flow": "export", "procedure": "0110", "epcList": []string{p.container}, "hsCode": "691110", "origin": "CN",
		"parties": []object{{"role": "exporter", "id": partyURI(prefixMerchant)}, {"role": "declarant", "id": partyURI(prefixPlatform)}},
	})
	p.decide(3, "customs-cn", "export declaration released in Ningbo", p.exportMRN, "CN", "release", 70*24, 8, ningboCustoms, "")
	p.capture(3, "platform", "shipped to the warehouse in Spain",
		handOver(p.event(epcis.ObjectEvent, 70*24-3, 8, "shipping", "in_transit", consolidation, object{
			"action": "OBSERVE", "epcList": []string{p.container},
			"bizTransactionList": []object{transaction("po", p.order), transaction("desadv", document(prefixPlatform, "DA-"+p.tag)),
				transaction("inv", document(prefixMerchant, "INV-"+p.tag)), transaction("bol", p.bill)},
			"wm:carrier": partyURI(prefixForwarder),
		}), partyURI(prefixPlatform), partyURI(prefixWarehouse)))
	aboard := "urn:epc:id:imovn:9521148"
	papers := []object{transaction("bol", p.bill)}
	p.legs(4, "forwarder", []string{p.container}, papers, []leg{
		{"loaded on board in Ningbo", "loading", ningbo, 69*24 + 6, 8, aboard},
		{"departs Ningbo by sea", "departing", ningbo, 69 * 24, 8, aboard},
	})
	p.declare(4, "platform", "import declared to Spanish customs while at sea", p.mrn, "ES", 45*24, 1, object{
		"flow": "import", "procedure": "4000", "epcList": []string{p.container}, "hsCode": "6911100000", "origin": "CN",
		"parties": []object{{"role": "importer", "id": partyURI(prefixWarehouse)}, {"role": "declarant", "id": partyURI(prefixPlatform)}},
		"quantityList": []object{{"epcClass": classURI(teaSet), "quantity": setCartons * setsInOne},
			{"epcClass": classURI(mug), "quantity": mugCartons * mugsInOne}},
		"bizTransactionList": []object{transaction("inv", document(prefixMerchant, "INV-"+p.tag)), transaction("bol", p.bill)},
	})
	p.legs(4, "forwarder", []string{p.container}, papers, []leg{
		{"arrives in Valencia", "arriving", valencia, 40 * 24, 1, aboard},
		{"unloaded in Valencia", "unloading", valencia, 40*24 - 6, 1, ""},
	})
}

func (p *parcel) clear() {
	decision := func(title, action string, hoursAgo int, reason string) {
		p.decide(5, "customs-es", title, p.mrn, "ES", action, hoursAgo, 1, valenciaCustoms, reason)
	}
	decision("inspected at the port of Valencia", "inspection", 39*24, "")
	decision("held until the food contact certificate is shown", "hold", 39*24-2, "no food contact certificate was shown")
	p.capture(5, "forwarder", "the container is to leave the port while customs hold it",
		p.event(epcis.ObjectEvent, 38*24, 1, "departing", "in_transit", valencia, object{
			"action": "OBSERVE", "epcList": []string{p.container}, "bizTransactionList": []object{transaction("bol", p.bill)},
		}))
	decision("released for free circulation", "release", 37*24, "")
}

func (p *parcel) stock() {
	p.capture(6, "warehouse", "container received at the warehouse",
		handOver(p.event(epcis.ObjectEvent, 36*24, 1, "receiving", "in_progress", warehouse, object{
			"action": "OBSERVE", "epcList": []string{p.container},
			"bizTransactionList": []object{transaction("po", p.order), transaction("bol", p.bill)},
		}), partyURI(prefixPlatform), partyURI(prefixWarehouse)))
	p.capture(6, "warehouse", "container and pallets unpacked, one carton opened",
		p.unpack(36*24-1, 1, warehouse, p.container, p.pallets),
		p.unpack(36*24-2, 1, warehouse, p.pallets[0], p.setCartons),
		p.unpack(36*24-3, 1, warehouse, p.pallets[1], p.mugCartons),
		p.unpack(36*24-4, 1, warehouse, p.setCartons[0], p.sets[:setsInOne]),
		p.unpack(36*24-4, 1, warehouse, p.mugCartons[0], p.mugs[:mugsInOne]))
	p.capture(6, "warehouse", "one broken tea set destroyed",
		p.event(epcis.ObjectEvent, 35*24, 1, "destroying", "destroyed", warehouse, object{
			"action": "DELETE", "epcList": []string{p.broken()},
		}))
	p.capture(6, "warehouse", "five tea sets and twelve mugs put on the shelf",
		p.event(epcis.ObjectEvent, 35*24-1, 1, "storing", "sellable_accessible", warehouse, object{
			"action": "OBSERVE", "epcList": append(append([]string{}, p.sets[:setsInOne-1]...), p.mugs[:mugsInOne]...),
		}))
}

// broken is the tea set that does not survive the sea.
func (p *parcel) broken() string { return p.sets[setsInOne-1] }

// ordered are the goods of each of the two orders.
func (p *parcel) ordered() [2][]string { return [2][]string{p.sets[:1], p.mugs[:2]} }

func (p *parcel) deliver() {
	from, to := partyURI(prefixWarehouse), partyURI(prefixCourier)
	for i, title := range [...]string{"the tea set", "two mugs"} {
		goods, box := p.ordered()[i], p.parcels[i]
		papers := []object{transaction("po", p.sales[i])}
		p.capture(7, "warehouse", title+" picked and packed", p.pack(25*24-i, 1, warehouse, box, goods))
		p.capture(7, "warehouse", title+" handed to the courier", p.handingOver(box, papers, from, to, 25*24-4-i))
		p.capture(7, "courier", title+" taken over by the courier",
			handOver(p.event(epcis.ObjectEvent, 25*24-5-i, 1, "receiving", "in_transit", depot, object{
				"action": "OBSERVE", "epcList": []string{box}, "bizTransactionList": papers,
			}), from, to))
		p.capture(7, "courier", title+" delivered at the pick-up point, opened and accepted",
			p.unpack(23*24-i, 1, pickUp, box, goods),
			p.event(epcis.ObjectEvent, 23*24-2-i, 1, "retail_selling", "retail_sold", pickUp, object{
				"action": "OBSERVE", "epcList": goods, "bizTransactionList": papers,
			}))
	}
}

// handingOver is the warehouse's shipping of a parcel.
func (p *parcel) handingOver(box string, papers []object, from, to string, hoursAgo int) object {
	return handOver(p.event(epcis.ObjectEvent, hoursAgo, 1, "shipping", "in_transit", warehouse, object{
		"action": "OBSERVE", "epcList": []string{box}, "bizTransactionList": papers,
	}), from, to)
}

func (p *parcel) takeBack() {
	goods := p.ordered()[0]
	papers := []object{transaction("rma", p.rma), transaction("po", p.sales[0])}
	p.capture(8, "courier", "the tea set comes back and is packed for the return",
		p.event(epcis.ObjectEvent, 15*24, 1, "collecting", "returned", pickUp, object{
			"action": "OBSERVE", "epcList": goods, "bizTransactionList": papers,
		}),
		p.pack(15*24-1, 1, pickUp, p.back, goods))
	from, to := partyURI(prefixCourier), partyURI(prefixWarehouse)
	move := object{"action": "OBSERVE", "epcList": []string{p.back}, "bizTransactionList": papers}
	p.capture(8, "courier", "the return is shipped to the warehouse",
		handOver(p.event(epcis.ObjectEvent, 14*24, 1, "shipping", "returned", pickUp, move), from, to))
	p.capture(8, "warehouse", "the return is received and unpacked",
		handOver(p.event(epcis.ObjectEvent, 13*24, 1, "receiving", "returned", warehouse, move), from, to),
		p.unpack(13*24-1, 1, warehouse, p.back, goods))
	p.capture(8, "warehouse", "the tea set is inspected: complete and unused",
		p.event(epcis.ObjectEvent, 12*24, 1, "inspecting", "sellable_not_accessible", warehouse, object{
			"action": "OBSERVE", "epcList": goods, "bizTransactionList": papers[:1],
		}))
}

func (p *parcel) sellAgain() {
	goods := p.ordered()[0]
	from, to := partyURI(prefixWarehouse), partyURI(prefixOutlet)
	move := object{"action": "OBSERVE", "epcList": goods, "bizTransactionList": []object{transaction("po", p.transfer)}}
	p.capture(9, "warehouse", "the tea set goes to the outlet",
		handOver(p.event(epcis.ObjectEvent, 10*24, 1, "shipping", "in_transit", warehouse, move), from, to))
	p.capture(9, "outlet", "the tea set is received at the outlet",
		handOver(p.event(epcis.ObjectEvent, 9*24, 1, "receiving", "sellable_accessible", outletShop, move), from, to))
	p.capture(9, "outlet", "the tea set is sold again",
		p.event(epcis.ObjectEvent, 4*24, 1, "retail_selling", "retail_sold", outletShop, object{
			"action": "OBSERVE", "epcList": goods,
		}))
}

// goWrong records what the rules are there for. Nothing later rests on any of
// it, and of the journey that the lane tells only the refused serial is part: an
// act that a rule refuses takes nothing along.
func (p *parcel) goWrong() {
	p.aside = true
	observed := func(hoursAgo int, step, disposition, place string, items ...string) object {
		return p.event(epcis.ObjectEvent, hoursAgo, 1, step, disposition, place, object{"action": "OBSERVE", "epcList": items})
	}
	p.capture(10, "platform", "the platform records a customs release of its own",
		p.event(epcis.ObjectEvent, 38*24, 1, "accepting", customsReleased, valencia, object{
			"action": "OBSERVE", "epcList": p.pallets[1:],
			"bizTransactionList": []object{transaction(epcis.Vocabulary+"BTT-customs_declaration", p.mrn)},
		}))
	p.capture(10, "warehouse", "a mug of an unknown maker turns up in a carton",
		observed(34*24, "receiving", "no_pedigree_match", warehouse, itemURI(gtin(prefixForeign, 0, 1), "X"+p.tag)))
	p.capture(10, "warehouse", "the second parcel is handed to the courier once more",
		p.handingOver(p.parcels[1], []object{transaction("po", p.sales[1])}, partyURI(prefixWarehouse), partyURI(prefixCourier), 21*24))
	p.capture(10, "outlet", "a mug that a consumer has is sold in the shop", observed(8*24, "retail_selling", "retail_sold", outletShop, p.mugs[0]))
	p.capture(10, "outlet", "the outlet commissions the serial of the tea set once more",
		p.event(epcis.ObjectEvent, 7*24, 1, "commissioning", "active", outletShop, object{
			"action": "ADD", "epcList": p.sets[:1],
		}))
	p.capture(10, "outlet", "the broken tea set is offered as sold", observed(6*24, "retail_selling", "retail_sold", outletShop, p.broken()))
	p.capture(10, "warehouse", "a tea set is observed under another lot",
		observed(5*24, "stock_taking", "sellable_accessible", warehouse, itemOfLotURI(teaSet, "KF"+p.tag+"X", fmt.Sprintf("T%s02", p.tag))))
	p.capture(10, "merchant", "the merchant still counts a tea set that the warehouse holds",
		p.event(epcis.ObjectEvent, 3*24, 8, "stock_taking", "active", kiln, object{"action": "OBSERVE", "epcList": p.sets[2:3]}))
}
