package lane

import "github.com/waymark-ledger/waymark/epcis"

// The goods of the parcel lane. HS codes are of the Harmonized System 2022.
var (
	teaSet = gtin(prefixMerchant, 0, 1)
	mug    = gtin(prefixMerchant, 0, 2)
)

// prefixForeign is of a maker that is no member.
const prefixForeign = "9521199"

// The places of the parcel lane.
var (
	kiln            = placeURI(prefixMerchant, 1)
	consolidation   = placeURI(prefixPlatform, 1)
	ningbo          = placeURI(prefixForwarder, 1)
	valencia        = placeURI(prefixForwarder, 2)
	ningboCustoms   = placeURI(prefixChineseCustoms, 1)
	valenciaCustoms = placeURI(prefixSpanishCustoms, 1)
	warehouse       = placeURI(prefixWarehouse, 1)
	depot           = placeURI(prefixCourier, 1)
	pickUp          = placeURI(prefixCourier, 2)
	outletShop      = placeURI(prefixOutlet, 1)
)

// glazeCertificate says that the tea sets release no lead or cadmium into food.
var glazeCertificate = gdtiURI(prefixLaboratory, 1, "GLZ2026")

// parcelGround is master data of the lane's products, places and parties, and
// the certificate of the tea sets.
func parcelGround(a *author) {
	a.record(0, "merchant", "products and places of the merchant", epcis.KindMasterData,
		party(prefixMerchant, "Jade Kiln Ceramics", "CN"),
		product(teaSet, "Porcelain tea set, six pieces", "691110", "1.8 KGM"),
		product(mug, "Stoneware mug", "691200", "0.35 KGM"),
		place(kiln, "Kiln", "CN", "CNJDZ", "29.283", "117.217"))
	a.record(0, "platform", "places of the platform", epcis.KindMasterData,
		party(prefixPlatform, "Harbour Lantern Marketplace", "CN"),
		place(consolidation, "Consolidation warehouse, Ningbo", "CN", "CNNBO", "29.867", "121.550"))
	a.record(0, "forwarder", "places of the forwarder", epcis.KindMasterData,
		party(prefixForwarder, "Silk Tide Forwarding", "CN"),
		place(ningbo, "Container terminal, Ningbo", "CN", "CNNBG", "29.917", "121.667"),
		place(valencia, "Container terminal, Valencia", "ES", "ESVLC", "39.45107", "-0.330276"))
	a.record(0, "warehouse", "places of the warehouse", epcis.KindMasterData,
		party(prefixWarehouse, "Ebro Fulfilment", "ES"),
		place(warehouse, "Fulfilment warehouse", "ES", "ESVLC", "39.500", "-0.420"))
	a.record(0, "courier", "places of the courier", epcis.KindMasterData,
		party(prefixCourier, "Turia Parcel", "ES"),
		place(depot, "Parcel depot", "ES", "ESVLC", "39.490", "-0.400"),
		place(pickUp, "Pick-up point at the market", "ES", "ESVLC", "39.474", "-0.379"))
	a.record(0, "outlet", "places of the outlet", epcis.KindMasterData,
		party(prefixOutlet, "Second Shelf Outlet", "ES"),
		place(outletShop, "Outlet shop", "ES", "ESVLC", "39.466", "-0.375"))
	a.record(0, "customs-cn", "places of Chinese customs", epcis.KindMasterData,
		party(prefixChineseCustoms, "Customs of China (demonstration)", "CN"),
		place(ningboCustoms, "Customs office at the port of Ningbo", "CN", "CNNBG", "29.915", "121.660"))
	a.record(0, "customs-es", "places of Spanish customs", epcis.KindMasterData,
		party(prefixSpanishCustoms, "Customs of Spain (demonstration)", "ES"),
		place(valenciaCustoms, "Customs office at the port of Valencia", "ES", "ESVLC", "39.448", "-0.325"))
	a.record(0, "laboratory", "the laboratory", epcis.KindMasterData, party(prefixLaboratory, "Plain Glaze Laboratory", "NL"))
	a.certificate("laboratory", "food contact certificate of the tea sets", glazeCertificate, FoodContactScheme,
		partyURI(prefixMerchant), thisYear, []string{kiln, classURI(teaSet)})
}
