package epcis

import (
	"errors"
	"strings"
	"testing"
)

const customsContext = `{"@context":["` + ContextURL + `",{"wm":"` + Vocabulary + `"}],"type":"wm:CustomsDeclaration",`

const declarationRecord = customsContext + `"action":"declaration","mrn":"urn:epcglobal:cbv:bt:9521105000005:26DE585000000001R6","country":"DE",
	"eventTime":"2026-06-01T10:00:00Z","flow":"import","procedure":"4000","hsCode":"0901110000","origin":"ET","dueDiligenceReference":"26DE7700000001",
	"valueCommitment":"sha-256:0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f",
	"parties":[{"role":"declarant","id":"DE123456789012345"},{"role":"consignor","id":"urn:epc:id:pgln:9521102.00000"}],
	"epcList":["urn:epc:id:bic:WMKU2047188"],"quantityList":[{"epcClass":"urn:epc:class:lgtin:9521102.000001.L","quantity":6000.50,"uom":"KGM"}],
	"bizTransactionList":[{"type":"inv","bizTransaction":"urn:inv:1"}],"readPoint":{"id":"urn:epc:id:sgln:9521105.00001.0"}}`

func TestCustomsDeclarationIsRead(t *testing.T) {
	r, err := Decode(KindCustoms, []byte(declarationRecord))
	if err != nil {
		t.Fatal(err)
	}
	c := r.Customs
	for what, is := range map[string]bool{
		"action": c.Action == CustomsDeclared, "MRN": strings.HasSuffix(c.MRN.URI, ":26DE585000000001R6"), "country": c.Country == "DE",
		"flow": c.Flow == "import", "procedure": c.Procedure == "4000", "HS code": c.HSCode == "0901110000", "origin": c.Origin == "ET",
		"time": c.Time.String() == "2026-06-01T10:00:00Z", "due diligence": c.DueDiligence == "26DE7700000001",
		"value":    c.Commitment == "sha-256:"+strings.Repeat("0f", 32),
		"parties":  len(c.Parties) == 2 && c.Parties[0] == CustomsParty{"declarant", ID{URI: "DE123456789012345"}} && c.Parties[1].ID.Level == PartyID,
		"goods":    len(c.Goods) == 1 && c.Goods[0].Level == Item,
		"quantity": len(c.Quantities) == 1 && c.Quantities[0].Amount.String() == "6000.5" && c.Quantities[0].Unit == "KGM" && c.Quantities[0].Class.Level == Lot,
		"document": len(c.Documents) == 1 && c.Documents[0].Type == NamespaceCBV+"BTT-inv", "place": c.Place.Level == Place,
	} {
		if !is {
			t.Errorf("%s is read wrong: %+v", what, c)
		}
	}
}

// Every mistake is refused with its place.
func TestCustomsRecordsAreReadStrictly(t *testing.T) {
	for _, c := range []struct{ change, with, pointer string }{
		{`"0901110000"`, `"09011"`, "/hsCode"},
		{`"0901110000"`, `"770111"`, "/hsCode"},
		{`"0901110000"`, `"0901.11"`, "/hsCode"},
		{`"country":"DE"`, `"country":"Germany"`, "/country"},
		{`"ET"`, `"et"`, "/origin"},
		{`"import"`, `"in"`, "/flow"},
		{`"4000"`, `"40 00"`, "/procedure"},
		{`"declarant","id":"DE123456789012345"`, `"declarant","id":"Elbe"`, "/parties/0/id"},
		{`"declarant"`, `"agent"`, "/parties/0/role"},
		{`"declarant"`, `"importer"`, ""},
		{`"urn:epc:id:bic:WMKU2047188"`, `"urn:epc:id:sgln:9521105.00001.0"`, "/epcList/0"},
		{`6000.50`, `0.00`, "/quantityList/0"},
		{`,"quantity":6000.50`, ``, "/quantityList/0"},
		{`"KGM"`, `"kilogram"`, "/quantityList/0"},
		{`"urn:epcglobal:cbv:bt:9521105000005:26DE585000000001R6"`, `"urn:epc:id:bic:WMKU2047188"`, "/mrn"},
		{`sha-256:0f`, `sha-512:0f`, "/valueCommitment"},
		{`sha-256:0f`, `sha-256:`, "/valueCommitment"},
		{`sha-256:0f`, `sha-256:0F`, "/valueCommitment"},
		{`sha-256:0f`, `sha-256:0f0f`, "/valueCommitment"},
		{`"mrn"`, `"Mrn"`, ""},
		{`"flow"`, `"policy":"flag","flow"`, "/policy"},
		{`"action":"declaration"`, `"action":"release"`, "/flow"},
		{`"action":"declaration"`, `"action":"amendment"`, "/action"},
	} {
		wrong := strings.Replace(declarationRecord, c.change, c.with, 1)
		var fault *SyntaxError
		if _, err := Decode(KindCustoms, []byte(wrong)); !errors.As(err, &fault) || fault.Pointer != c.pointer {
			t.Errorf("%s for %s: %v, want a fault at %q", c.with, c.change, err, c.pointer)
		}
	}
	for body, right := range map[string]bool{
		`"action":"release","mrn":"urn:1","country":"DE","eventTime":"2026-06-01T10:00:00Z"}`:                                                              true,
		`"action":"hold","mrn":"urn:1","country":"DE","eventTime":"2026-06-01T10:00:00Z"}`:                                                                 false, // why?
		`"action":"hold","mrn":"urn:1","country":"DE","eventTime":"2026-06-01T10:00:00Z","reason":"x"}`:                                                    true,
		`"action":"gate","country":"DE","eventTime":"2026-06-01T10:00:00Z","policy":"reject"}`:                                                             true,
		`"action":"gate","country":"DE","eventTime":"2026-06-01T10:00:00Z","policy":"reject","mrn":"urn:1"}`:                                               false,
		`"action":"release","mrn":"urn:1","country":"DE","eventTime":"2026-06-01T10:00:00Z","policy":"reject"}`:                                            false,
		`"action":"release","mrn":"urn:1","country":"DE","eventTime":"2026-06-01T10:00:00Z","quantityList":[{"epcClass":"urn:c:1","quantity":1}]}`:         false,
		`"action":"release","mrn":"urn:1","country":"DE","eventTime":"2026-06-01T10:00:00Z","valueCommitment":"sha-256:` + strings.Repeat("0f", 32) + `"}`: false,
		`"action":"withdrawal","mrn":"urn:1","country":"DE","eventTime":"2026-06-01T10:00:00Z","reason":"x","epcList":["urn:a"]}`:                          false,
		`"action":"gate","country":"DE","eventTime":"2026-06-01T10:00:00Z","policy":"reject","epcList":["urn:a"]}`:                                         false,
		`"action":"release","mrn":"urn:1","country":"DE"}`:                                                                                                 false,
	} {
		if _, err := Decode(KindCustoms, []byte(customsContext+body)); (err == nil) != right {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// A decision may name goods, of every decision's kind; a list of none, or one that
// names a thing twice in whatever spelling, is a mistake with its place.
func TestDecisionNamesSomeOfTheGoods(t *testing.T) {
	decision := func(action, goods string) ([]ID, error) {
		r, err := Decode(KindCustoms, []byte(customsContext+`"action":"`+action+`","mrn":"urn:1","country":"DE","eventTime":"2026-06-01T10:00:00Z","reason":"x"`+goods+`}`))
		if err != nil {
			return nil, err
		}
		return r.Customs.Goods, nil
	}
	const a, lot = `"https://id.gs1.org/01/09521102000015/21/A"`, `"urn:epc:class:lgtin:9521102.000001.L"`
	for _, action := range []string{CustomsInspected, CustomsReleased, CustomsHeld, CustomsSeized} {
		if goods, err := decision(action, `,"epcList":[`+a+`,`+lot+`,"urn:epc:id:bic:WMKU2047188"]`); err != nil || len(goods) != 3 || goods[1].Level != Lot {
			t.Errorf("%s: %v, %v", action, goods, err)
		}
		if goods, err := decision(action, ``); err != nil || goods != nil {
			t.Errorf("%s of all: %v, %v", action, goods, err)
		}
	}
	for goods, pointer := range map[string]string{
		`[]`:                                  "/epcList",
		`["urn:epc:id:sgln:9521105.00001.0"]`: "/epcList/0",
		`[` + a + `,"urn:epc:id:sgtin:9521102.000001.A"]`: "/epcList/1",
		`[` + a + `,` + lot + `,` + lot + `]`:             "/epcList/2",
		`["https://id.gs1.org/01/09521102000015"]`:        "/epcList/0",
		`"https://id.gs1.org/01/09521102000015/21/A"`:     "/epcList",
	} {
		var fault *SyntaxError
		if _, err := decision("hold", `,"epcList":`+goods); !errors.As(err, &fault) || fault.Pointer != pointer {
			t.Errorf("%s: %v, want a fault at %q", goods, err, pointer)
		}
	}
}

func TestReadMRN(t *testing.T) {
	for number, want := range map[string]struct {
		country string
		right   bool
	}{
		"26DE585000000001R6":  {"DE", true},
		"26ET585000000001A0":  {"ET", true},
		"26DE585000000001R5":  {"DE", false},
		"26DE585000000010R6":  {"DE", false}, // two digits changed places
		"26de585000000001R6":  {},            // no form of an MRN: opaque
		"26DE585000000001R":   {},
		"26DE585000000001R61": {},
		"4711":                {},
		"":                    {},
	} {
		if country, right := ReadMRN(number); country != want.country || right != want.right {
			t.Errorf("%q: %q %v", number, country, right)
		}
	}
}
