package lane

import (
	"fmt"

	"github.com/waymark-ledger/waymark/epcis"
)

// The goods of the tuna lane. HS codes are of the Harmonized System 2022.
var (
	wholeTuna = gtin(prefixFishery, 0, 1)
	loins     = gtin(prefixPacker, 0, 1)
	trimmings = gtin(prefixPacker, 0, 2)
	loinCase  = gtin(prefixPacker, 1, 1)
	steakPack = gtin(prefixImporter, 0, 1)
)

// The places of the tuna lane.
var (
	landingQuay     = placeURI(prefixFishery, 1)
	packingPlant    = placeURI(prefixPacker, 1)
	victoria        = placeURI(prefixReefer, 1)
	salalah         = placeURI(prefixReefer, 2)
	genoa           = placeURI(prefixReefer, 3)
	victoriaCustoms = placeURI(prefixSeychellesCustoms, 1)
	genoaCustoms    = placeURI(prefixItalianCustoms, 1)
	coldStore       = placeURI(prefixImporter, 1)
	market          = placeURI(prefixGrocer, 1)
)

// The probes of its members; each container has a logger of its own.
var (
	holdProbe    = logger(prefixFishery, "HOLD1")
	coreProbe    = logger(prefixPacker, "PROBE1")
	arrivalProbe = logger(prefixImporter, "PROBE1")
)

// The certificates of the tuna lane: the one that its events cite, the one before
// it, and one of another vessel's catches, which is revoked before the first
// script.
var (
	fisheryCertificate = gdtiURI(prefixFishCertifier, 1, "SUS2026")
	expiredCertificate = gdtiURI(prefixFishCertifier, 1, "SUS2025")
	revokedCertificate = gdtiURI(prefixFishCertifier, 1, "SUS2026B")
)

// tunaGround is master data of the lane's products, places and parties, and the
// certificates of the fishery.
func tunaGround(a *author) {
	a.record(0, "fishery", "products and places of the fishery", epcis.KindMasterData,
		party(prefixFishery, "Amirante Tuna Fishing", "SC"),
		product(wholeTuna, "Yellowfin tuna, whole, frozen", "030342", ""),
		place(landingQuay, "Landing quay, Port Victoria", "SC", "SCVIC", "-4.617", "55.450"))
	a.record(0, "packer", "products and places of the packer", epcis.KindMasterData,
		party(prefixPacker, "Victoria Quay Fish Packers", "SC"),
		product(loins, "Yellowfin tuna loins, frozen", "030487", ""),
		product(trimmings, "Tuna trimmings, not for human consumption", "051191", ""),
		product(loinCase, "Yellowfin tuna loins, frozen, 25 kg case", "030487", "25 KGM"),
		place(packingPlant, "Packing plant, Port Victoria", "SC", "SCVIC", "-4.619", "55.455"))
	a.record(0, "reefer", "places of the reefer line", epcis.KindMasterData,
		party(prefixReefer, "Monsoon Reefer Line", "OM"),
		place(victoria, "Container quay, Port Victoria", "SC", "SCVIC", "-4.616667", "55.466667"),
		place(salalah, "Container terminal, Salalah", "OM", "OMSLL", "16.998768", "54.099999"),
		place(genoa, "Container terminal, Genoa", "IT", "ITGOA", "44.414716", "8.915262"))
	a.record(0, "importer", "products and places of the importer", epcis.KindMasterData,
		party(prefixImporter, "Ligurian Cold Foods", "IT"),
		product(steakPack, "Yellowfin tuna steak, frozen, 250 g", "030487", "0.25 KGM"),
		place(coldStore, "Cold store", "IT", "ITGOA", "44.430", "8.890"))
	a.record(0, "grocer", "places of the grocer", epcis.KindMasterData,
		party(prefixGrocer, "Three Bridges Market", "IT"),
		place(market, "Market hall", "IT", "ITGOA", "44.409", "8.930"))
	a.record(0, "customs-sc", "places of Seychelles customs", epcis.KindMasterData,
		party(prefixSeychellesCustoms, "Customs of Seychelles (demonstration)", "SC"),
		place(victoriaCustoms, "Customs office in Port Victoria", "SC", "SCVIC", "-4.618", "55.460"))
	a.record(0, "customs-it", "places of Italian customs", epcis.KindMasterData,
		party(prefixItalianCustoms, "Customs of Italy (demonstration)", "IT"),
		place(genoaCustoms, "Customs office at the port of Genoa", "IT", "ITGOA", "44.412", "8.920"))
	a.record(0, "fish-certifier", "the certifier of the fishery", epcis.KindMasterData,
		party(prefixFishCertifier, "Fair Current Certification", "GB"))

	scope := []string{placeURI(prefixFishery, 0), landingQuay, packingPlant, classURI(wholeTuna), classURI(loins), classURI(loinCase)}
	fishery := partyURI(prefixFishery)
	a.certificate("fish-certifier", "certificate of the fishery", fisheryCertificate, SustainableFisheryScheme, fishery, thisYear, scope)
	a.certificate("fish-certifier", "certificate of the year before", expiredCertificate, SustainableFisheryScheme, fishery,
		validity{2 * 365 * 24, 100 * 24}, scope)
	a.certificate("fish-certifier", "certificate of another vessel of the fishery", revokedCertificate, SustainableFisheryScheme, fishery, thisYear, scope)
	a.record(0, "fish-certifier", "the certificate of the other vessel is revoked", epcis.KindCertificate, object{
		"type": "wm:Certificate", "action": "revoke", "id": revokedCertificate, "reason": "observer coverage was not met",
	})
	for i, owner := range []struct{ member, what, name, probe string }{
		{"fishery", "the probe in the hold", "Hold probe", holdProbe},
		{"packer", "the probe for the core of fish", "Core probe", coreProbe},
		{"importer", "the probe of the cold store", "Arrival probe", arrivalProbe},
	} {
		a.calibrated(0, "fish-certifier", owner.member, owner.what, owner.name, []string{owner.probe},
			[]string{gdtiURI(prefixFishCertifier, 3, fmt.Sprintf("CAL%06d", i))})
	}
}
