package lane

import (
	"strconv"

	"github.com/waymark-ledger/waymark/identity"
)

// The company prefixes of the coffee lane, in GS1's demonstration range.
const (
	prefixCooperative     = "9521101"
	prefixExporter        = "9521102"
	prefixCarrier         = "9521103"
	prefixRoaster         = "9521104"
	prefixGermanCustoms   = "9521105"
	prefixCertifier       = "9521106"
	prefixEthiopianCustom = "9521107"
)

// OrganicScheme is the certification scheme of the coffee lane.
const OrganicScheme = "https://waymark-ledger.github.io/voc/Scheme-organic"

// Members are the organisations of a network of this many nodes: the coffee
// lane's seven, of which the first four in node order run nodes as far as
// there are nodes, then further traders with a node each. Keys and node
// identities are filled in by whoever sets the network up.
func Members(nodes int) []Member {
	organisation := func(prefix, name, country string, roles ...identity.Role) identity.Organisation {
		return identity.Organisation{ID: partyURI(prefix), Name: name, Country: country, Roles: roles, Prefixes: []string{prefix}}
	}
	certifier := organisation(prefixCertifier, "Green Highlands Certification", "CH", identity.Certifier)
	certifier.Schemes = []string{OrganicScheme}
	members := []Member{
		{Name: "exporter", Organisation: organisation(prefixExporter, "Blue Mill Coffee Export", "ET", identity.Trader, identity.Manufacturer)},
		{Name: "carrier", Organisation: organisation(prefixCarrier, "Two Seas Container Line", "DJ", identity.Carrier)},
		{Name: "customs-de", Organisation: organisation(prefixGermanCustoms, "Customs of Germany (demonstration)", "DE", "customs:DE")},
		{Name: "roaster", Organisation: organisation(prefixRoaster, "Elbe Quay Roasters", "DE", identity.Manufacturer, identity.Retailer)},
		{Name: "cooperative", Through: "exporter", Organisation: organisation(prefixCooperative, "Red Cherry Growers Cooperative", "ET", identity.Producer)},
		{Name: "certifier", Through: "exporter", Organisation: certifier},
		{Name: "customs-et", Through: "exporter", Organisation: organisation(prefixEthiopianCustom, "Customs of Ethiopia (demonstration)", "ET", "customs:ET")},
	}
	for i := range members {
		members[i].Node = i < 4 && i < nodes
		if !members[i].Node && members[i].Through == "" {
			members[i].Through = members[0].Name
		}
	}
	for i := 4; i < nodes; i++ {
		members = append(members, Member{Name: traderName(i), Node: true,
			Organisation: organisation(traderPrefix(i), "Trading house "+string(rune('A'+i-4)), "NL", identity.Trader)})
	}
	return members
}

// MaxNodes is how many nodes a testnet can have: one letter a trading house.
const MaxNodes = 4 + 26

func traderName(i int) string   { return "trader-" + string(rune('a'+i-4)) }
func traderPrefix(i int) string { return strconv.Itoa(9521200 + i) }
