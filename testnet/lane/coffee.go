package lane

import (
	"fmt"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// The goods of the coffee lane. HS codes are of the Harmonized System 2022.
var (
	cherry    = gtin(prefixCooperative, 0, 1)
	parchment = gtin(prefixCooperative, 0, 2)
	green     = gtin(prefixExporter, 0, 1)
	rejects   = gtin(prefixExporter, 0, 2)
	husk      = gtin(prefixExporter, 0, 3)
	greenBag  = gtin(prefixExporter, 1, 1)
	roasted   = gtin(prefixRoaster, 0, 1)
	retailBag = gtin(prefixRoaster, 0, 2)
)

// The places of the coffee lane.
var (
	washingStation = placeURI(prefixCooperative, 1)
	mill           = placeURI(prefixExporter, 1)
	mojo           = placeURI(prefixExporter, 2)
	mojoCustoms    = placeURI(prefixEthiopianCustom, 1)
	djibouti       = placeURI(prefixCarrier, 1)
	hamburg        = placeURI(prefixCarrier, 2)
	mojoTerminal   = placeURI(prefixCarrier, 3)
	hamburgCustoms = placeURI(prefixGermanCustoms, 1)
	roastery       = placeURI(prefixRoaster, 1)
	shop           = placeURI(prefixRoaster, 2)
)

// The organic certificates of the cooperative: the one that the lane's events cite,
// and the one before it.
var (
	certificate       = gdtiURI(prefixCertifier, 1, "ORG2026")
	certificateBefore = gdtiURI(prefixCertifier, 1, "ORG2025")
)

const customsReleased = epcis.Vocabulary + "Disp-customs_released"

// Coffee is a container of coffee from three plots in Ethiopia to a shop in
// Hamburg. Script n is one container. Beside the way of the bag whose journey it tells,
// a fourth plot's cherries are called organic, a pallet is shipped twice, more comes out
// of the roaster than went in, and another bag's label is copied.
var Coffee = Lane{
	Name: "coffee", About: "a container of coffee from farm to shop", Thing: "bag",
	Members: []string{"cooperative", "exporter", "customs-et", "carrier", "customs-de", "roaster", "certifier"},
	ground:  coffeeGround, write: writeCoffee,
	Caught: []Caught{
		{"cherries of a fourth plot under the certificate of the year before", trace.Flag, "K2", 2203},
		{"a pallet at sea is shipped once more, under another invoice", trace.Flag, "C7", 1712},
		{"a pallet at sea is shipped once more, under another invoice", trace.Reject, "C3", 1305},
		{"a second roasting: two bags, 120 kg → 126 kg roasted coffee", trace.Reject, "M2", 3201},
		{"the label of a sold bag is copied: it is sold a second time", trace.Flag, "F1", 7101},
	},
}

// coffeeGround is master data of the lane's products, places and parties, and
// the organic certificates.
func coffeeGround(a *author) {
	a.record(0, "cooperative", "products and places of the cooperative", epcis.KindMasterData,
		party(prefixCooperative, "Red Cherry Growers Cooperative", "ET"),
		product(cherry, "Coffee cherries, fresh", "090190", ""),
		product(parchment, "Parchment coffee, washed", "090111", ""),
		place(washingStation, "Washing station of the cooperative", "ET", "", "6.162", "38.203"))
	a.record(0, "exporter", "products and places of the exporter", epcis.KindMasterData,
		party(prefixExporter, "Blue Mill Coffee Export", "ET"),
		product(green, "Green coffee, washed, grade 1", "090111", ""),
		product(rejects, "Green coffee, rejects", "090111", ""),
		product(husk, "Coffee husks", "090190", ""),
		product(greenBag, "Green coffee, 60 kg bag", "090111", "60 KGM"),
		place(mill, "Dry mill", "ET", "", "8.980", "38.757"),
		place(mojo, "Container yard, Mojo Dry Port", "ET", "ETMDP", "8.567", "39.133"))
	a.record(0, "carrier", "places of the carrier", epcis.KindMasterData,
		party(prefixCarrier, "Two Seas Container Line", "DJ"),
		place(mojoTerminal, "Rail terminal, Mojo Dry Port", "ET", "ETMDP", "8.567", "39.133"),
		place(djibouti, "Container terminal, Djibouti", "DJ", "DJJIB", "11.546185", "43.078215"),
		place(hamburg, "Container terminal, Hamburg", "DE", "DEHAM", "53.54772", "9.969406"))
	a.record(0, "roaster", "products and places of the roaster", epcis.KindMasterData,
		party(prefixRoaster, "Elbe Quay Roasters", "DE"),
		product(roasted, "Roasted coffee, in bulk", "090121", ""),
		product(retailBag, "Single-origin coffee, roasted, 250 g", "090121", "0.25 KGM"),
		place(roastery, "Roastery", "DE", "DEHAM", "53.545", "10.020"),
		place(shop, "Shop at the quay", "DE", "DEHAM", "53.543", "9.993"))
	a.record(0, "customs-de", "places of German customs", epcis.KindMasterData,
		party(prefixGermanCustoms, "Customs of Germany (demonstration)", "DE"),
		place(hamburgCustoms, "Customs office at the port of Hamburg", "DE", "DEHAM", "53.535", "9.950"))
	a.record(0, "customs-et", "places of Ethiopian customs", epcis.KindMasterData,
		party(prefixEthiopianCustom, "Customs of Ethiopia (demonstration)", "ET"),
		place(mojoCustoms, "Customs office at Mojo Dry Port", "ET", "ETMDP", "8.567", "39.133"))
	a.record(0, "certifier", "the certifier", epcis.KindMasterData,
		party(prefixCertifier, "Green Highlands Certification", "CH"))

	scope := []string{placeURI(prefixCooperative, 0), washingStation, classURI(cherry), classURI(parchment),
		classURI(green), classURI(greenBag)}
	cooperative := partyURI(prefixCooperative)
	a.certificate("certifier", "organic certificate of the cooperative", certificate, OrganicScheme, cooperative, thisYear, scope)
	a.certificate("certifier", "organic certificate of the year before", certificateBefore, OrganicScheme, cooperative,
		validity{2 * 365 * 24, 100 * 24}, scope)
}

// Sizes of one container of the lane.
const (
	bagsPerPallet = 20
	pallets       = 5
	retailBags    = 400
)

// coffee is one container's worth of the lane: every identifier in it.
type coffee struct {
	*author
	n                                             int
	cherryLots                                    []string
	uncertifiedLot, secondRoast                   string
	parchmentLot, greenLot, rejectsLot, huskLot   string
	roastedLot, retailLot                         string
	bags, pallets, retail                         []string
	container, mrn, exportMRN, bill, order, notes string
}

func writeCoffee(a *author, n int) *Script {
	c := &coffee{author: a, n: n}
	c.name()
	c.growAndWash()
	c.millAndBag()
	c.packAndLoad()
	c.ship()
	c.clearAndReceive()
	c.roastAndSell()
	upstream := append([]string{c.retail[0], lotURI(retailBag, c.retailLot), c.roastedLot, c.bags[0], c.bags[bagsPerPallet],
		c.pallets[0], c.pallets[1], c.container, c.greenLot, c.parchmentLot}, c.cherryLots...)
	return &Script{Item: c.retail[0], Upstream: upstream, Certificate: certificate,
		Container: c.container, MRN: c.mrn, BillOfLading: c.bill}
}

func (c *coffee) name() {
	tag := fmt.Sprintf("26%05d", c.n)
	for _, plot := range []string{"A", "B", "C"} {
		c.cherryLots = append(c.cherryLots, lotURI(cherry, "CH"+tag+plot))
	}
	c.uncertifiedLot = lotURI(cherry, "CH"+tag+"D")
	c.parchmentLot = lotURI(parchment, "PA"+tag)
	c.greenLot = lotURI(green, "GR"+tag)
	c.rejectsLot = lotURI(rejects, "RJ"+tag)
	c.huskLot = lotURI(husk, "HU"+tag)
	c.roastedLot = lotURI(roasted, "RO"+tag)
	c.secondRoast = lotURI(roasted, "RO"+tag+"B")
	c.retailLot = "LOT" + tag
	for i := range pallets * bagsPerPallet {
		c.bags = append(c.bags, itemURI(greenBag, fmt.Sprintf("B%s%03d", tag, i+1)))
	}
	for i := range pallets {
		c.pallets = append(c.pallets, ssccURI(prefixExporter, c.n*pallets+i+1))
	}
	for i := range retailBags {
		c.retail = append(c.retail, itemURI(retailBag, fmt.Sprintf("R%s%03d", tag, i+1)))
	}
	c.container = containerURI(204718 + c.n)
	year := c.now.Year()
	c.exportMRN = document(prefixEthiopianCustom, mrn(year, "ET", c.n, "A"))
	c.mrn = document(prefixGermanCustoms, mrn(year, "DE", c.n, "R"))
	c.bill = document(prefixCarrier, fmt.Sprintf("TSCL%08d", 26000000+c.n))
	c.order = document(prefixRoaster, fmt.Sprintf("PO-%s", tag))
	c.notes = tag
}

// invoice is the exporter's for the container.
func (c *coffee) invoice() string { return document(prefixExporter, "INV-"+c.notes) }

// dueDiligence is the reference of the roaster's statement under Regulation (EU) 2023/1115.
func (c *coffee) dueDiligence() string { return fmt.Sprintf("26DE%010d", 7700000000+c.n) }

func (c *coffee) growAndWash() {
	cited := object{"certificationInfo": certificate}
	weights := []string{"15000", "12500", "10500"}
	for i, lot := range c.cherryLots {
		c.capture(1, "cooperative", "cherry lot of plot "+string(rune('A'+i))+", "+weights[i]+" kg",
			c.event(epcis.ObjectEvent, 80*24+i, 3, "creating_class_instance", "active", washingStation, object{
				"action": "ADD", "quantityList": []object{quantity(lot, weights[i], "KGM")},
				"ilmd": object{"wm:plots": plot(i), "wm:hsCode": "090190"},
			}))
	}
	c.beside(1, "cooperative", "cherries of a fourth plot under the certificate of the year before",
		c.event(epcis.ObjectEvent, 80*24-3, 3, "creating_class_instance", "active", washingStation, object{
			"action": "ADD", "quantityList": []object{quantity(c.uncertifiedLot, "900", "KGM")},
			"ilmd": object{"wm:plots": plot(len(c.cherryLots)), "wm:hsCode": "090190"}, "certificationInfo": certificateBefore,
		}))
	c.capture(2, "cooperative", "washing: 38,000 kg cherries → 7,600 kg parchment",
		c.event(epcis.TransformationEvent, 78*24, 3, "creating_class_instance", "", washingStation, object{
			"inputQuantityList": []object{quantity(c.cherryLots[0], "15000", "KGM"),
				quantity(c.cherryLots[1], "12500", "KGM"), quantity(c.cherryLots[2], "10500", "KGM")},
			"outputQuantityList": []object{quantity(c.parchmentLot, "7600", "KGM")},
			"certificationInfo":  cited["certificationInfo"],
		}))
	move := object{"action": "OBSERVE", "quantityList": []object{quantity(c.parchmentLot, "7600", "KGM")},
		"certificationInfo": certificate}
	from, to := partyURI(prefixCooperative), partyURI(prefixExporter)
	c.capture(3, "cooperative", "parchment shipped to the mill",
		handOver(c.event(epcis.ObjectEvent, 76*24, 3, "shipping", "in_transit", washingStation, move), from, to))
	c.capture(3, "exporter", "parchment received at the mill",
		handOver(c.event(epcis.ObjectEvent, 75*24, 3, "receiving", "in_progress", mill, move), from, to))
}

// plot is the GeoJSON (RFC 7946) feature of the plot where a cherry lot grew.
// Coordinates are made up, six decimals, ring closed.
func plot(i int) object {
	lon, lat := 38203000+i*9000, 6162000+i*7000 // millionths of a degree
	corner := func(dx, dy int) []json6 { return []json6{json6(lon + dx), json6(lat + dy)} }
	return object{
		"type":       "Feature",
		"properties": object{"plot_id": fmt.Sprintf("ET-SD-%04d", i+1), "country": "ET"},
		"geometry": object{"type": "Polygon", "coordinates": [][][]json6{{
			corner(0, 0), corner(4550, 0), corner(4550, 4500), corner(0, 4500), corner(0, 0)}}},
	}
}

// json6 is a number in millionths, written with six decimals.
type json6 int

// MarshalJSON writes the number exactly.
func (n json6) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "%d.%06d", int(n)/1_000_000, int(n)%1_000_000), nil
}

func (c *coffee) millAndBag() {
	c.capture(4, "exporter", "milling: 7,600 kg parchment → 6,003 kg green coffee, 77 kg rejects, 1,520 kg husks",
		c.event(epcis.TransformationEvent, 72*24, 3, "creating_class_instance", "", mill, object{
			"inputQuantityList": []object{quantity(c.parchmentLot, "7600", "KGM")},
			"outputQuantityList": []object{quantity(c.greenLot, "6003", "KGM"),
				quantity(c.rejectsLot, "77", "KGM"), quantity(c.huskLot, "1520", "KGM")},
			"certificationInfo": certificate,
		}))
	c.capture(5, "exporter", "3 kg sampled and cupped",
		c.event(epcis.ObjectEvent, 71*24, 3, "sampling", "", mill, object{
			"action": "DELETE", "quantityList": []object{quantity(c.greenLot, "3", "KGM")}, "certificationInfo": certificate,
		}))
	c.capture(6, "exporter", "bagging: 6,000 kg → 100 bags of 60 kg",
		c.event(epcis.TransformationEvent, 70*24, 3, "commissioning", "active", mill, object{
			"inputQuantityList": []object{quantity(c.greenLot, "6000", "KGM")},
			"outputEPCList":     c.bags,
			"ilmd":              object{"cbvmda:lotNumber": "GR" + c.notes, "wm:hsCode": "090111", "wm:netWeight": "60 KGM"},
			"certificationInfo": certificate,
		}))
}

func (c *coffee) packAndLoad() {
	var packing []object
	for i, pallet := range c.pallets {
		packing = append(packing, c.event(epcis.AggregationEvent, 69*24-i, 3, "packing", "in_progress", mill, object{
			"action": "ADD", "parentID": pallet, "childEPCs": c.bags[i*bagsPerPallet : (i+1)*bagsPerPallet],
			"certificationInfo": certificate,
		}))
	}
	c.capture(7, "exporter", "100 bags packed on five pallets", packing...)
	c.capture(8, "exporter", "five pallets loaded into the container, seal set",
		c.event(epcis.AggregationEvent, 67*24, 3, "loading", "in_progress", mojo, object{
			"action": "ADD", "parentID": c.container, "childEPCs": c.pallets, "wm:seal": fmt.Sprintf("ET%07d", 4410000+c.n),
		}))
}

func (c *coffee) ship() {
	c.declare(9, "exporter", "export declared to Ethiopian customs", c.exportMRN, "ET", 66*24+8, 3, object{
		"flow": "export", "procedure": "1000", "epcList": []string{c.container}, "hsCode": "090111", "origin": "ET",
		"parties":            []object{{"role": "declarant", "id": partyURI(prefixExporter)}, {"role": "consignee", "id": partyURI(prefixRoaster)}},
		"quantityList":       []object{quantity(classURI(greenBag), "6000", "KGM")},
		"bizTransactionList": []object{transaction("inv", c.invoice())},
	})
	c.decide(9, "customs-et", "export declaration released at Mojo Dry Port", c.exportMRN, "ET", epcis.CustomsReleased, 66*24, 3, mojoCustoms, "")
	c.capture(10, "exporter", "shipped to the roaster in Hamburg",
		handOver(c.event(epcis.ObjectEvent, 65*24, 3, "shipping", "in_transit", mojo, object{
			"action": "OBSERVE", "epcList": []string{c.container},
			"bizTransactionList": []object{transaction("po", c.order),
				transaction("desadv", document(prefixExporter, "DA-"+c.notes)),
				transaction("inv", c.invoice()), transaction("bol", c.bill)},
			"wm:carrier": partyURI(prefixCarrier),
		}), partyURI(prefixExporter), partyURI(prefixRoaster)))
	aboard := "urn:epc:id:imovn:9521100"
	c.legs(11, "carrier", []string{c.container}, []object{transaction("bol", c.bill)}, []leg{
		{"departs Mojo Dry Port by rail", "departing", mojoTerminal, 64 * 24, 3, ""},
		{"arrives in Djibouti", "arriving", djibouti, 62 * 24, 3, ""},
		{"loaded on board in Djibouti", "loading", djibouti, 60 * 24, 3, aboard},
		{"departs Djibouti by sea", "departing", djibouti, 59 * 24, 3, aboard},
	})
	c.beside(11, "exporter", "a pallet at sea is shipped once more, under another invoice",
		handOver(c.event(epcis.ObjectEvent, 58*24, 3, "shipping", "in_transit", mojo, object{
			"action": "OBSERVE", "epcList": c.pallets[pallets-1:],
			"bizTransactionList": []object{transaction("inv", c.invoice()+"-B")},
		}), partyURI(prefixExporter), partyURI(prefixRoaster)))
	c.declare(12, "roaster", "import declared to German customs while at sea", c.mrn, "DE", 36*24, 2, object{
		"flow": "import", "procedure": "4000", "epcList": []string{c.container}, "hsCode": "0901110000", "origin": "ET",
		"parties":               []object{{"role": "declarant", "id": partyURI(prefixRoaster)}, {"role": "consignor", "id": partyURI(prefixExporter)}},
		"quantityList":          []object{quantity(classURI(greenBag), "6000", "KGM")},
		"dueDiligenceReference": c.dueDiligence(),
		"bizTransactionList":    []object{transaction("inv", c.invoice()), transaction("bol", c.bill)},
	})
	c.legs(11, "carrier", []string{c.container}, []object{transaction("bol", c.bill)}, []leg{
		{"arrives in Hamburg", "arriving", hamburg, 34 * 24, 2, aboard},
		{"unloaded in Hamburg", "unloading", hamburg, 33 * 24, 2, aboard},
	})
}

func (c *coffee) clearAndReceive() {
	c.decide(12, "customs-de", "import declaration chosen for inspection", c.mrn, "DE", epcis.CustomsInspected, 32*24+3, 2, hamburgCustoms, "")
	c.capture(12, "customs-de", "inspected at the port of Hamburg",
		c.event(epcis.ObjectEvent, 32*24, 2, "inspecting", "in_progress", hamburgCustoms, object{
			"action": "OBSERVE", "epcList": []string{c.container},
			"bizTransactionList": []object{transaction(epcis.Vocabulary+"BTT-customs_declaration", c.mrn)},
			"wm:hsCode":          "090111", "wm:dueDiligenceReference": c.dueDiligence(),
			"wm:certificateOfInspection": fmt.Sprintf("COI.DE.2026.%07d", 1000000+c.n),
		}))
	c.decide(12, "customs-de", "released for free circulation", c.mrn, "DE", epcis.CustomsReleased, 31*24, 2, hamburgCustoms, "")
	c.capture(13, "roaster", "container received at the roastery",
		handOver(c.event(epcis.ObjectEvent, 30*24, 2, "receiving", "in_progress", roastery, object{
			"action": "OBSERVE", "epcList": []string{c.container},
			"bizTransactionList": []object{transaction("po", c.order), transaction("bol", c.bill)},
		}), partyURI(prefixExporter), partyURI(prefixRoaster)))
	unpacking := []object{c.event(epcis.AggregationEvent, 30*24-2, 2, "unpacking", "in_progress", roastery, object{
		"action": "DELETE", "parentID": c.container, "childEPCs": c.pallets,
	})}
	for i, pallet := range c.pallets {
		unpacking = append(unpacking, c.event(epcis.AggregationEvent, 30*24-3-i, 2, "unpacking", "in_progress", roastery, object{
			"action": "DELETE", "parentID": pallet, "childEPCs": c.bags[i*bagsPerPallet : (i+1)*bagsPerPallet],
		}))
	}
	c.capture(13, "roaster", "container and pallets unpacked", unpacking...)
	c.capture(13, "roaster", "one damaged bag destroyed",
		c.event(epcis.ObjectEvent, 29*24, 2, "destroying", "destroyed", roastery, object{
			"action": "DELETE", "epcList": []string{c.bags[len(c.bags)-1]},
		}))
}

func (c *coffee) roastAndSell() {
	roasting := func(hoursAgo, bag int, lot, kilograms string) object {
		return c.event(epcis.TransformationEvent, hoursAgo, 2, "creating_class_instance", "", roastery, object{
			"inputEPCList":       []string{c.bags[bag], c.bags[bag+bagsPerPallet]},
			"outputQuantityList": []object{quantity(lot, kilograms, "KGM")},
		})
	}
	c.capture(14, "roaster", "roasting: two bags, 120 kg → 100.8 kg roasted coffee", roasting(20*24, 0, c.roastedLot, "100.8"))
	c.beside(14, "roaster", "a second roasting: two bags, 120 kg → 126 kg roasted coffee", roasting(20*24-2, 1, c.secondRoast, "126"))
	c.beside(14, "roaster", "the second roasting, weighed again: 120 kg → 100.8 kg", roasting(20*24-2, 1, c.secondRoast, "100.8"))
	c.capture(15, "roaster", "retail packing: 100.8 kg → 400 bags of 250 g, 0.8 kg lost",
		c.event(epcis.TransformationEvent, 19*24, 2, "commissioning", "active", roastery, object{
			"inputQuantityList": []object{quantity(c.roastedLot, "100.8", "KGM")},
			"outputEPCList":     c.retail,
			"ilmd": object{"cbvmda:lotNumber": c.retailLot, "wm:hsCode": "090121", "wm:netWeight": "0.25 KGM",
				"wm:loss": "0.8 KGM"},
		}))
	sold := func(hoursAgo int, bags ...string) object {
		return c.event(epcis.ObjectEvent, hoursAgo, 2, "retail_selling", "retail_sold", shop, object{"action": "OBSERVE", "epcList": bags})
	}
	c.capture(16, "roaster", "three bags sold in the shop", sold(5*24, c.retail[:3]...))
	c.beside(16, "roaster", "the label of a sold bag is copied: it is sold a second time", sold(2*24, c.retail[2]))
}

// beside adds an act that goes wrong, or puts that right, and on which nothing later rests.
func (c *coffee) beside(row int, member, title string, events ...object) {
	c.aside = true
	c.capture(row, member, title, events...)
	c.aside = false
}
