package lane

import (
	"strconv"

	"github.com/waymark-ledger/waymark/identity"
)

// The company prefixes of the lanes' members, in GS1's demonstration range.
const (
	prefixCooperative     = "9521101"
	prefixExporter        = "9521102"
	prefixCarrier         = "9521103"
	prefixRoaster         = "9521104"
	prefixGermanCustoms   = "9521105"
	prefixCertifier       = "9521106"
	prefixEthiopianCustom = "9521107"

	prefixFishery           = "9521108"
	prefixPacker            = "9521109"
	prefixReefer            = "9521110"
	prefixImporter          = "9521111"
	prefixGrocer            = "9521112"
	prefixFishCertifier     = "9521113"
	prefixSeychellesCustoms = "9521114"
	prefixItalianCustoms    = "9521115"

	prefixMerchant       = "9521116"
	prefixPlatform       = "9521117"
	prefixForwarder      = "9521118"
	prefixWarehouse      = "9521119"
	prefixCourier        = "9521120"
	prefixOutlet         = "9521121"
	prefixLaboratory     = "9521122"
	prefixChineseCustoms = "9521123"
	prefixSpanishCustoms = "9521124"
)

// The certification schemes of the lanes.
const (
	OrganicScheme            = "https://waymark-ledger.github.io/voc/Scheme-organic"
	SustainableFisheryScheme = "https://waymark-ledger.github.io/voc/Scheme-sustainable_fishery"
	FoodContactScheme        = "https://waymark-ledger.github.io/voc/Scheme-food_contact"
	CalibrationScheme        = "https://waymark-ledger.github.io/voc/Scheme-calibration"
)

// Members are the organisations of a network of this many nodes: those of all
// lanes, of which the first four in node order run nodes as far as there are
// nodes, then further traders with a node each. Keys and node identities are
// filled in by whoever sets the network up.
func Members(nodes int) []Member {
	var members []Member
	add := func(name, through, prefix, organisation, country string, roles ...identity.Role) *identity.Organisation {
		i := len(members)
		members = append(members, Member{Name: name, Node: i < 4 && i < nodes, Organisation: identity.Organisation{
			ID: partyURI(prefix), Name: organisation, Country: country, Roles: roles, Prefixes: []string{prefix}}})
		if !members[i].Node {
			members[i].Through = through
		}
		return &members[i].Organisation
	}
	add("exporter", "exporter", prefixExporter, "Blue Mill Coffee Export", "ET", identity.Trader, identity.Manufacturer)
	add("carrier", "exporter", prefixCarrier, "Two Seas Container Line", "DJ", identity.Carrier)
	add("customs-de", "exporter", prefixGermanCustoms, "Customs of Germany (demonstration)", "DE", "customs:DE")
	add("roaster", "exporter", prefixRoaster, "Elbe Quay Roasters", "DE", identity.Manufacturer, identity.Retailer)
	add("cooperative", "exporter", prefixCooperative, "Red Cherry Growers Cooperative", "ET", identity.Producer)
	add("certifier", "exporter", prefixCertifier, "Green Highlands Certification", "CH", identity.Certifier).Schemes = []string{OrganicScheme}
	add("customs-et", "exporter", prefixEthiopianCustom, "Customs of Ethiopia (demonstration)", "ET", "customs:ET")

	add("fishery", "exporter", prefixFishery, "Amirante Tuna Fishing", "SC", identity.Producer)
	add("packer", "exporter", prefixPacker, "Victoria Quay Fish Packers", "SC", identity.Manufacturer, identity.Trader)
	add("reefer", "carrier", prefixReefer, "Monsoon Reefer Line", "OM", identity.Carrier)
	add("importer", "roaster", prefixImporter, "Ligurian Cold Foods", "IT", identity.Manufacturer, identity.Trader)
	add("grocer", "roaster", prefixGrocer, "Three Bridges Market", "IT", identity.Retailer)
	add("fish-certifier", "exporter", prefixFishCertifier, "Fair Current Certification", "GB", identity.Certifier).Schemes = []string{SustainableFisheryScheme, CalibrationScheme}
	add("customs-sc", "exporter", prefixSeychellesCustoms, "Customs of Seychelles (demonstration)", "SC", "customs:SC")
	add("customs-it", "customs-de", prefixItalianCustoms, "Customs of Italy (demonstration)", "IT", "customs:IT")

	add("merchant", "exporter", prefixMerchant, "Jade Kiln Ceramics", "CN", identity.Merchant, identity.Manufacturer)
	add("platform", "carrier", prefixPlatform, "Harbour Lantern Marketplace", "CN", identity.Platform)
	add("forwarder", "carrier", prefixForwarder, "Silk Tide Forwarding", "CN", identity.Carrier)
	add("warehouse", "roaster", prefixWarehouse, "Ebro Fulfilment", "ES", identity.Warehouse)
	add("courier", "carrier", prefixCourier, "Turia Parcel", "ES", identity.Carrier)
	add("outlet", "roaster", prefixOutlet, "Second Shelf Outlet", "ES", identity.Retailer)
	add("laboratory", "exporter", prefixLaboratory, "Plain Glaze Laboratory", "NL", identity.Certifier).Schemes = []string{FoodContactScheme}
	add("customs-cn", "exporter", prefixChineseCustoms, "Customs of China (demonstration)", "CN", "customs:CN")
	add("customs-es", "customs-de", prefixSpanishCustoms, "Customs of Spain (demonstration)", "ES", "customs:ES")

	withNodes := map[string]bool{}
	for i := range members {
		withNodes[members[i].Name] = members[i].Node
	}
	for i := range members {
		if m := &members[i]; !m.Node && !withNodes[m.Through] {
			m.Through = members[0].Name
		}
	}
	for i := 4; i < nodes; i++ {
		members = append(members, Member{Name: traderName(i), Node: true, Organisation: identity.Organisation{
			ID: partyURI(traderPrefix(i)), Name: "Trading house " + string(rune('A'+i-4)), Country: "NL",
			Roles: []identity.Role{identity.Trader}, Prefixes: []string{traderPrefix(i)}}})
	}
	return members
}

// MaxNodes is how many nodes a testnet can have: one letter a trading house.
const MaxNodes = 4 + 26

func traderName(i int) string   { return "trader-" + string(rune('a'+i-4)) }
func traderPrefix(i int) string { return strconv.Itoa(9521200 + i) }
