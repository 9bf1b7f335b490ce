package trace_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

func TestTouches(t *testing.T) {
	const po = "urn:epcglobal:cbv:bt:9521101000009:PO1"
	key := func(ns trace.Namespace, id string) trace.Key { return trace.Key{NS: ns, ID: id} }
	places := `,"readPoint":{"id":"https://id.gs1.org/414/9521101000009"},"bizLocation":{"id":"https://id.gs1.org/414/9521101000009"},` +
		`"sourceList":[{"type":"possessing_party","source":"` + orgA + `"}],"certificationInfo":"https://example.org/cert/1"`
	for name, c := range map[string]struct {
		body string
		want []trace.Key
	}{
		"a birth touches the item and its lot, and no place, party or certificate": {
			object("ADD", "commissioning", at(1, 0), item(1, "A")) + `,"ilmd":{"cbvmda:lotNumber":"L/1"}` + places,
			[]trace.Key{key(trace.NSItem, item(1, "A")), key(trace.NSLot, lot(1, "L%2F1"))},
		},
		"a birth with the lot beside the serial": {
			object("ADD", "commissioning", at(1, 0), lot(1, "L")+"/21/A"),
			[]trace.Key{key(trace.NSItem, item(1, "A")), key(trace.NSLot, lot(1, "L"))},
		},
		"an observation does not touch the lot": {
			object("OBSERVE", "storing", at(1, 0), lot(1, "L")+"/21/A"),
			[]trace.Key{key(trace.NSItem, item(1, "A"))},
		},
		"packing touches parent and children": {
			pack("ADD", at(1, 0), sscc(1), item(1, "A"), item(1, "B"), item(1, "A")),
			[]trace.Key{key(trace.NSItem, sscc(1)), key(trace.NSItem, item(1, "A")), key(trace.NSItem, item(1, "B"))},
		},
		"a class only where no lot or serial is named, and the documents": {
			fmt.Sprintf(`"type":"ObjectEvent","action":"OBSERVE","eventTime":%q,"quantityList":[%s,%s],"bizTransactionList":[{"type":"po","bizTransaction":%q}]`,
				at(1, 0), of(lot(1, "L"), 1), of(gtin(2), 1), po),
			[]trace.Key{key(trace.NSClass, gtin(2)), key(trace.NSLot, lot(1, "L")), key(trace.NSTransaction, po)},
		},
		"a transformation touches inputs, outputs and its own id": {
			fmt.Sprintf(`"type":"TransformationEvent","eventTime":%q,"inputQuantityList":[%s],"outputEPCList":%s,"transformationID":%q,"ilmd":{"cbvmda:lotNumber":"L"}`,
				at(1, 0), of(lot(1, "P"), 1), list(item(2, "A")), po),
			[]trace.Key{key(trace.NSItem, item(2, "A")), key(trace.NSLot, lot(1, "P")), key(trace.NSLot, lot(2, "L")), key(trace.NSTransaction, po)},
		},
		"a recall touches the recalls of what it names, and so does its end": {
			`"persistentDisposition":{"unset":["recalled"]},` + fmt.Sprintf(`"type":"ObjectEvent","action":"OBSERVE","eventTime":%q,"epcList":%s,"quantityList":[%s,%s]`,
				at(1, 0), list(sscc(1)), of(lot(1, "L"), 1), of(gtin(2), 1)) + citing(po),
			[]trace.Key{key(trace.NSClass, gtin(2)), key(trace.NSItem, sscc(1)), key(trace.NSLot, lot(1, "L")),
				key(trace.NSRecall, "class:"+gtin(2)), key(trace.NSRecall, "item:"+sscc(1)), key(trace.NSRecall, "lot:"+lot(1, "L")), key(trace.NSTransaction, po)},
		},
		"and the declaration that it is wrong": {
			pack("ADD", at(1, 0), sscc(1), item(1, "A")) + calledBack + wrong,
			[]trace.Key{key(trace.NSItem, sscc(1)), key(trace.NSItem, item(1, "A")), key(trace.NSRecall, "item:"+sscc(1)), key(trace.NSRecall, "item:"+item(1, "A"))},
		},
		"a transformation touches the recalls of what it made alone": {
			makes(at(1, 0), []string{item(1, "A")}, []string{item(2, "B")}) + `,"persistentDisposition":{"set":["recalled"]}`,
			[]trace.Key{key(trace.NSItem, item(1, "A")), key(trace.NSItem, item(2, "B")), key(trace.NSRecall, "item:"+item(2, "B"))},
		},
		"unknown schemes in an EPC list are items, and places are none": {
			fmt.Sprintf(`"type":"AssociationEvent","action":"ADD","eventTime":%q,"parentID":"https://id.gs1.org/414/9521101000009","childEPCs":["urn:uuid:1"]`, at(1, 0)),
			[]trace.Key{key(trace.NSItem, "urn:uuid:1")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			record := `{"@context":["` + epcis.ContextURL + `",{"cbvmda":"urn:epcglobal:cbv:mda:"}],"eventTimeZoneOffset":"+00:00",` + c.body + `}`
			r, err := epcis.Decode(epcis.KindEvent, []byte(record))
			if err != nil {
				t.Fatal(err)
			}
			if got := trace.Touches(r); !slices.Equal(got, c.want) {
				t.Errorf("\n got %v\nwant %v", got, c.want)
			}
		})
	}
	for kind, c := range map[epcis.Kind]struct {
		record string
		want   trace.Key
	}{
		epcis.KindCertificate: {`"type":"wm:Certificate","action":"issue","id":"https://example.org/cert/1","scheme":"https://example.org/s","subject":"` + orgA +
			`","scope":["` + gtin(1) + `"],"validFrom":"2026-01-01T00:00:00Z","validUntil":"2027-01-01T00:00:00Z"`,
			key(trace.NSCertificate, "https://example.org/cert/1")},
		epcis.KindMasterData: {`"type":"wm:MasterData","vocabulary":"urn:epcglobal:epcis:vtype:SourceDest","id":"` + orgA + `","attributes":[]`,
			key(trace.NSOrganisation, orgA)},
	} {
		r, err := epcis.Decode(kind, []byte(`{"@context":["`+epcis.ContextURL+`",{"wm":"`+epcis.Vocabulary+`"}],`+c.record+`}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := trace.Touches(r); !slices.Equal(got, []trace.Key{c.want}) {
			t.Errorf("%s: %v", kind, got)
		}
	}
	if got := trace.Touches(nil); got != nil {
		t.Errorf("no record touches %v", got)
	}
}
