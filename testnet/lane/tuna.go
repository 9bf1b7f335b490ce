package lane

import (
	"fmt"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// Tuna is a cold chain: frozen yellowfin tuna from the Seychelles to Italy in
// two refrigerated containers. The second stood without power at the
// transhipment; its logger is read out when its goods are packed and some of
// them sold, and the brand recalls the lot. Script n is one such consignment.
//
//	 1  fishery     two catches landed, with catch area, gear and vessel
//	 2  fishery     to the packer, and received there
//	 3  packer      6,500 kg of whole fish → loins and trimmings; a sample
//	 4  packer      cases, pallets, two containers
//	 5  reefer      a calibrated logger for each
//	 5  customs-sc  export; shipped under limits of temperature
//	 6  reefer      to Genoa by way of Salalah, with the loggers' readings
//	 7  customs-it  inspected, released
//	 8  importer    received and unpacked; two lots of steaks
//	 9  importer    to the grocer, who sells some
//	10  reefer      the second logger is read out
//	11  importer    what is left is held, the lot recalled, packs come back
//	12  several     what goes wrong; nothing later rests on it
var Tuna = Lane{
	Name: "tuna", About: "frozen tuna from the Seychelles to Italy, with an excursion and a recall", Thing: "pack",
	Members: []string{"fishery", "packer", "reefer", "importer", "grocer", "fish-certifier", "customs-sc", "customs-it"},
	ground:  tunaGround, write: writeTuna,
	Caught: []Caught{
		{"the gateway of the second container reports with its clock a year ahead", trace.Reject, "A5", 501},
		{"a catch is landed under a certificate that was revoked", trace.Flag, "K2", 2202},
		{"a catch is landed under a certificate that has expired", trace.Flag, "K2", 2203},
		{"more loins than fish: 900 kg → 1,050 kg", trace.Reject, "M2", 3201},
		{"two containers received at the cold store", trace.Flag, "T1", 6103},
		{"two containers received at the cold store", trace.Flag, "T2", 6203},
		{"the second container's logger is read out: 27 hours above -18 degrees in Salalah", trace.Flag, "C2", 1201},
		{"the second container's logger is read out: 27 hours above -18 degrees in Salalah", trace.Lock, "T1", 6101},
		{"the second container's logger is read out: 27 hours above -18 degrees in Salalah", trace.Flag, "T2", 6208},
		{"lot B recalled", trace.Lock, "K5", 2501},
		{"a recalled pack is sold all the same", trace.Reject, "K5", 2503},
		{"a destroyed pack is scanned at the till", trace.Reject, "C1", 1102},
		{"a destroyed pack is scanned at the till", trace.Reject, "K5", 2503},
	},
}

// Sizes of one consignment of the lane.
const (
	reefers        = 2
	palletsAReefer = 4
	casesAPallet   = 15
	packsALot      = 196 // 2 cases of 25 kg, 1 kg lost
	packsDelivered = 40  // of each lot
)

// tuna is one consignment's worth of the lane: every identifier in it.
type tuna struct {
	*author
	n                           int
	tag                         string
	catches                     []string
	loinLot, trimLot            string
	cases, pallets, reefers     []string // in order: a reefer's pallets, a pallet's cases
	packs                       [reefers][]string
	lots                        [reefers]string // of the packs
	deliveries                  [reefers]string
	loggers                     [reefers]string // of the containers
	mrn, exportMRN, bill, order string
	groceries, returned, notice string // business documents
}

func writeTuna(a *author, n int) *Script {
	t := &tuna{author: a, n: n}
	t.name()
	t.land()
	t.loin()
	t.packAndLoad()
	t.ship()
	t.sail()
	t.clearAndReceive()
	t.cutAndSell()
	t.readOut()
	t.recall()
	t.goWrong()
	second := t.reefers[1]
	inputs := t.inputs(1)
	upstream := append([]string{t.packs[1][0], t.lots[1], t.deliveries[1], second, t.loinLot,
		t.pallets[palletsAReefer], t.pallets[palletsAReefer+1]}, append(inputs, t.catches...)...)
	return &Script{Item: t.packs[1][0], Upstream: upstream, Certificate: fisheryCertificate,
		Container: second, MRN: t.mrn, BillOfLading: t.bill, Recalled: t.lots[1]}
}

func (t *tuna) name() {
	t.tag = fmt.Sprintf("26%05d", t.n)
	t.catches = []string{lotURI(wholeTuna, "CA"+t.tag+"A"), lotURI(wholeTuna, "CA"+t.tag+"B")}
	t.loinLot, t.trimLot = lotURI(loins, "LO"+t.tag), lotURI(trimmings, "TR"+t.tag)
	for i := range reefers * palletsAReefer * casesAPallet {
		t.cases = append(t.cases, itemURI(loinCase, fmt.Sprintf("C%s%03d", t.tag, i+1)))
	}
	for i := range reefers * palletsAReefer {
		t.pallets = append(t.pallets, ssccURI(prefixPacker, t.n*reefers*palletsAReefer+i+1))
	}
	for i := range reefers {
		t.reefers = append(t.reefers, containerURI(404718+t.n*reefers+i))
		letter := string(rune('A' + i))
		t.lots[i] = lotURI(steakPack, t.lot(i))
		for p := range packsALot {
			t.packs[i] = append(t.packs[i], itemURI(steakPack, fmt.Sprintf("S%s%s%03d", t.tag, letter, p+1)))
		}
		t.deliveries[i] = ssccURI(prefixImporter, t.n*reefers+i+1)
		t.loggers[i] = logger(prefixReefer, fmt.Sprintf("TL%06d", t.n*reefers+i))
	}
	year := t.now.Year()
	t.exportMRN = document(prefixSeychellesCustoms, mrn(year, "SC", t.n, "A"))
	t.mrn = document(prefixItalianCustoms, mrn(year, "IT", t.n, "R"))
	t.bill = document(prefixReefer, fmt.Sprintf("MNRL%08d", 26000000+t.n))
	t.order = document(prefixImporter, "PO-"+t.tag)
	t.groceries = document(prefixGrocer, "PO-"+t.tag)
	t.returned = document(prefixImporter, "RMA-"+t.tag)
	t.notice = "RC-" + t.tag
}

// lot is the number of the lot that was cut from container i.
func (t *tuna) lot(i int) string { return "ST" + t.tag + string(rune('A'+i)) }

// inputs are the two cases, of different pallets, that lot i was cut from.
func (t *tuna) inputs(i int) []string {
	first := i * palletsAReefer * casesAPallet
	return []string{t.cases[first], t.cases[first+casesAPallet]}
}

// palletsOf are the pallets in container i.
func (t *tuna) palletsOf(i int) []string { return t.pallets[i*palletsAReefer : (i+1)*palletsAReefer] }

// casesOn are the cases on pallet i.
func (t *tuna) casesOn(i int) []string { return t.cases[i*casesAPallet : (i+1)*casesAPallet] }

func (t *tuna) land() {
	weights := []string{"4000", "2500"}
	for i, catch := range t.catches {
		t.capture(1, "fishery", "catch "+string(rune('A'+i))+" landed, "+weights[i]+" kg",
			t.event(epcis.ObjectEvent, 60*24-i, 4, "creating_class_instance", "active", landingQuay, object{
				"action": "ADD", "quantityList": []object{quantity(catch, weights[i], "KGM")},
				"ilmd":              landed(),
				"sensorElementList": t.temperatures(holdProbe, 4, []reading{{60*24 - i, "-19.4", false}}),
				"certificationInfo": fisheryCertificate,
			}))
	}
	move := func(sensor []object) object {
		e := object{"action": "OBSERVE", "certificationInfo": fisheryCertificate,
			"quantityList": []object{quantity(t.catches[0], "4000", "KGM"), quantity(t.catches[1], "2500", "KGM")}}
		if sensor != nil {
			e["sensorElementList"] = sensor
		}
		return e
	}
	from, to := partyURI(prefixFishery), partyURI(prefixPacker)
	t.capture(2, "fishery", "both catches shipped to the packer",
		handOver(t.event(epcis.ObjectEvent, 59*24, 4, "shipping", "in_transit", landingQuay, move(nil)), from, to))
	t.capture(2, "packer", "both catches received, core temperature taken",
		handOver(t.event(epcis.ObjectEvent, 59*24-3, 4, "receiving", "in_progress", packingPlant,
			move(t.temperatures(coreProbe, 4, []reading{{59*24 - 3, "-18.8", false}}))), from, to))
}

// landed is the ilmd of a catch: FAO fishing area 51 is the western Indian
// Ocean, gear PS of the ISSCFG is a purse seine, YFT of the ASFIS list yellowfin.
func landed() object {
	return object{"wm:catchArea": "51", "wm:fishingGear": "PS", "wm:species": "YFT",
		"wm:vessel": "urn:epc:id:imovn:9521112", "wm:hsCode": "030342", "cbvmda:countryOfOrigin": "SC"}
}

func (t *tuna) loin() {
	t.capture(3, "packer", "loining: 6,500 kg whole fish → 3,025 kg loins, 3,475 kg trimmings",
		t.event(epcis.TransformationEvent, 57*24, 4, "creating_class_instance", "", packingPlant, object{
			"inputQuantityList": []object{quantity(t.catches[0], "4000", "KGM"), quantity(t.catches[1], "2500", "KGM")},
			"outputQuantityList": []object{quantity(t.loinLot, "3025", "KGM"),
				quantity(t.trimLot, "3475", "KGM")},
			"certificationInfo": fisheryCertificate,
		}))
	t.capture(3, "packer", "25 kg sampled for histamine",
		t.event(epcis.ObjectEvent, 56*24, 4, "sampling", "", packingPlant, object{
			"action": "DELETE", "quantityList": []object{quantity(t.loinLot, "25", "KGM")},
			"bizTransactionList": []object{transaction("testres", document(prefixPacker, "HIST-"+t.tag))},
			"certificationInfo":  fisheryCertificate,
		}))
	t.capture(4, "packer", "casing: 3,000 kg → 120 cases of 25 kg",
		t.event(epcis.TransformationEvent, 55*24, 4, "commissioning", "active", packingPlant, object{
			"inputQuantityList": []object{quantity(t.loinLot, "3000", "KGM")},
			"outputEPCList":     t.cases,
			"ilmd":              object{"cbvmda:lotNumber": "LO" + t.tag, "wm:hsCode": "030487", "wm:netWeight": "25 KGM"},
			"certificationInfo": fisheryCertificate,
		}))
}

func (t *tuna) packAndLoad() {
	var packing []object
	for i, pallet := range t.pallets {
		packing = append(packing, t.pack(54*24-i, 4, packingPlant, pallet, t.casesOn(i)))
	}
	t.capture(4, "packer", "120 cases packed on eight pallets", packing...)
	var loading []object
	for i, reefer := range t.reefers {
		loading = append(loading, t.event(epcis.AggregationEvent, 53*24-i, 4, "loading", "in_progress", packingPlant, object{
			"action": "ADD", "parentID": reefer, "childEPCs": t.palletsOf(i),
			"wm:seal": fmt.Sprintf("SC%07d", 5510000+t.n*reefers+i), "wm:setPoint": "-20 CEL",
		}))
	}
	t.capture(4, "packer", "eight pallets loaded into two refrigerated containers, seals set", loading...)
}

func (t *tuna) ship() {
	var calibrations []string
	for i := range reefers {
		calibrations = append(calibrations, gdtiURI(prefixFishCertifier, 2, fmt.Sprintf("CAL%06d", t.n*reefers+i)))
	}
	t.calibrated(5, "fish-certifier", "reefer", "the loggers of both containers", "Temperature logger", t.loggers[:], calibrations)
	t.capture(5, "customs-sc", "export declaration released in Port Victoria",
		t.event(epcis.ObjectEvent, 53*24-6, 4, "inspecting", customsReleased, victoriaCustoms, object{
			"action": "OBSERVE", "epcList": t.reefers,
			"bizTransactionList": []object{transaction(epcis.Vocabulary+"BTT-customs_declaration", t.exportMRN)},
			"wm:hsCode":          "030487",
		}))
	t.capture(5, "packer", "shipped to the importer in Genoa, to be kept at -18 degrees or below",
		handOver(t.event(epcis.ObjectEvent, 53*24-8, 4, "shipping", "in_transit", packingPlant, object{
			"action": "OBSERVE", "epcList": t.reefers,
			"bizTransactionList": []object{transaction("po", t.order),
				transaction("desadv", document(prefixPacker, "DA-"+t.tag)),
				transaction("inv", document(prefixPacker, "INV-"+t.tag)), transaction("bol", t.bill)},
			"wm:carrier": partyURI(prefixReefer),
			"wm:temperatureLimits": object{"min": -25, "max": -18, "uom": "CEL", "maxMinutesOutside": 240, "maxGapMinutes": 720,
				"devices": append(t.loggers[:], arrivalProbe)},
		}), partyURI(prefixPacker), partyURI(prefixImporter)))
}

func (t *tuna) sail() {
	papers := []object{transaction("bol", t.bill)}
	feeder, liner := "urn:epc:id:imovn:9521124", "urn:epc:id:imovn:9521136"
	t.legs(6, "reefer", t.reefers, papers, []leg{
		{"departs Port Victoria by sea", "departing", victoria, 52 * 24, 4, feeder},
		{"arrives in Salalah", "arriving", salalah, 46 * 24, 4, feeder},
		{"unloaded in Salalah", "unloading", salalah, 46*24 - 5, 4, ""},
		{"loaded on board in Salalah", "loading", salalah, 43*24 + 4, 4, liner},
		{"departs Salalah by sea", "departing", salalah, 43 * 24, 4, liner},
	})
	t.report("the second container's logger reports as far as Salalah", 1, steady(53*24-8, 46*24-2, 6))
	t.legs(6, "reefer", t.reefers, papers, []leg{
		{"arrives in Genoa", "arriving", genoa, 28 * 24, 1, liner},
		{"unloaded in Genoa", "unloading", genoa, 28*24 - 7, 1, ""},
	})
	t.report("the first container's logger reports in Genoa", 0, steady(53*24-8, 28*24, 6))
}

// report adds what the logger of container i measured. The event's time is that
// of the last reading.
func (t *tuna) report(title string, i int, readings []reading) {
	t.capture(6, "reefer", title, t.reporting(i, readings[len(readings)-1].hoursAgo, readings))
}

func (t *tuna) reporting(i, hoursAgo int, readings []reading) object {
	return t.event(epcis.ObjectEvent, hoursAgo, 4, "sensor_reporting", "in_transit", "", object{
		"action": "OBSERVE", "epcList": []string{t.reefers[i]},
		"bizTransactionList": []object{transaction("bol", t.bill)},
		"sensorElementList":  t.temperatures(t.loggers[i], 4, readings),
		"wm:highest":         highest(readings) + " CEL",
	})
}

func (t *tuna) clearAndReceive() {
	declaration := []object{transaction(epcis.Vocabulary+"BTT-customs_declaration", t.mrn)}
	t.capture(7, "customs-it", "inspected at the port of Genoa",
		t.event(epcis.ObjectEvent, 27*24, 1, "inspecting", "in_progress", genoaCustoms, object{
			"action": "OBSERVE", "epcList": t.reefers, "bizTransactionList": declaration, "wm:hsCode": "030487",
			"wm:catchCertificate": fmt.Sprintf("SC-CC-2026-%06d", t.n+1),
		}))
	t.capture(7, "customs-it", "released for free circulation",
		t.event(epcis.ObjectEvent, 26*24, 1, "accepting", customsReleased, genoaCustoms, object{
			"action": "OBSERVE", "epcList": t.reefers, "bizTransactionList": declaration, "wm:hsCode": "030487",
		}))
	t.report("the first container's logger reports at the cold store", 0, steady(28*24-6, 25*24, 6))
	t.capture(8, "importer", "two containers received at the cold store",
		handOver(t.event(epcis.ObjectEvent, 25*24, 1, "receiving", "in_progress", coldStore, object{
			"action": "OBSERVE", "epcList": t.reefers,
			"bizTransactionList": []object{transaction("po", t.order), transaction("bol", t.bill)},
			"sensorElementList":  t.temperatures(arrivalProbe, 1, []reading{{25 * 24, "-19.1", false}}),
		}), partyURI(prefixPacker), partyURI(prefixImporter)))
	var unpacking []object
	for i, reefer := range t.reefers {
		unpacking = append(unpacking, t.unpack(25*24-2, 1, coldStore, reefer, t.palletsOf(i)))
	}
	for i, pallet := range t.pallets {
		unpacking = append(unpacking, t.unpack(25*24-3-i, 1, coldStore, pallet, t.casesOn(i)))
	}
	t.capture(8, "importer", "containers and pallets unpacked", unpacking...)
}
