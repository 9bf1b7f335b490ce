package contracts_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
)

// acts are what members may say of goods, in JSON: $WHAT are the goods, $CHILDREN, $INPUTS
// and $OUTPUTS the same in other fields, $BOX a container of the author's, $IN one of the
// tale's, $NEW an item and $LOT a lot that nobody knows.
var acts = []string{
	`{"bizStep":"receiving",$WHAT,$TOME,$HERE}`,
	`{"bizStep":"receiving",$WHAT}`,
	`{"bizStep":"accepting","disposition":"damaged",$WHAT}`,
	`{"bizStep":"shipping","disposition":"in_transit",$WHAT,$TOYOU}`,
	`{"bizStep":"shipping",$WHAT,$TOYOU,"wm:temperatureLimits":{"min":-25,"max":-18,"uom":"CEL","maxMinutesOutside":240,"maxGapMinutes":720}}`,
	`{"bizStep":"void_shipping",$WHAT,$TOYOU}`,
	`{"bizStep":"retail_selling","disposition":"retail_sold",$WHAT}`,
	`{"bizStep":"dispensing","disposition":"dispensed",$WHAT}`,
	`{"bizStep":"storing",$WHAT,$HERE}`,
	`{"bizStep":"departing",$WHAT,$HERE}`,
	`{"bizStep":"arriving",$WHAT,$HERE}`,
	`{"action":"DELETE","bizStep":"destroying","disposition":"destroyed",$WHAT}`,
	`{"action":"DELETE","bizStep":"decommissioning",$WHAT}`,
	`{"action":"DELETE","bizStep":"sampling",$WHAT}`,
	`{"action":"ADD","bizStep":"commissioning",$WHAT,"ilmd":{"cbvmda:lotNumber":"L1"}}`,
	`{"action":"ADD","bizStep":"commissioning","disposition":"active",$WHAT}`,
	`{"bizStep":"holding","disposition":"recalled",$WHAT}`,
	`{"bizStep":"holding","persistentDisposition":{"unset":["recalled"]},$WHAT}`,
	`{"bizStep":"holding",$WHAT}`,
	`{"bizStep":"inspecting","disposition":"conformant",$WHAT}`,
	`{"bizStep":"inspecting","disposition":"non_conformant",$WHAT}`,
	`{"bizStep":"inspecting","wm:attests":true,$WHAT}`,
	`{"bizStep":"accepting","disposition":"wm:Disp-customs_released",$WHAT,$HERE}`,
	`{"bizStep":"holding","disposition":"wm:Disp-customs_held",$WHAT,$HERE}`,
	`{"bizStep":"inspecting","wm:dueDiligenceReference":"26DE0000000077","wm:hsCode":"090111",$WHAT}`,
	`{"bizStep":"sensor_reporting",$WHAT,"sensorElementList":[{"sensorMetadata":{"time":"$TIME","deviceID":"urn:dev:1"},"sensorReport":[{"type":"Temperature","value":30,"uom":"CEL"}]}]}`,
	`{"type":"AggregationEvent","action":"ADD","bizStep":"packing","parentID":"$BOX",$CHILDREN}`,
	`{"type":"AggregationEvent","action":"ADD","bizStep":"packing","parentID":"$IN",$CHILDREN}`,
	`{"type":"AggregationEvent","action":"OBSERVE","bizStep":"storing","parentID":"$IN",$CHILDREN}`,
	`{"type":"AggregationEvent","action":"DELETE","bizStep":"unpacking","parentID":"$IN",$CHILDREN}`,
	`{"type":"AggregationEvent","action":"ADD","bizStep":"packing","parentID":"$ITEM","childEPCs":["$NEW"]}`,
	`{"type":"AggregationEvent","action":"DELETE","bizStep":"unpacking","parentID":"$ITEM"}`,
	`{"type":"AssociationEvent","action":"ADD","bizStep":"assembling","parentID":"$BOX",$CHILDREN}`,
	`{"type":"AssociationEvent","action":"DELETE","bizStep":"disassembling","parentID":"$ITEM"}`,
	`{"type":"TransformationEvent","bizStep":"commissioning",$INPUTS,"outputEPCList":["$NEW"]}`,
	`{"type":"TransformationEvent","bizStep":"commissioning","inputQuantityList":[{"epcClass":"$LOT","quantity":5,"uom":"KGM"}],$OUTPUTS}`,
	`{"type":"TransactionEvent","action":"ADD",$WHAT,$OWNYOU,"bizTransactionList":[{"type":"po","bizTransaction":"urn:epcglobal:cbv:bt:9521102000008:PO1"}]}`,
	`{"type":"TransactionEvent","action":"ADD",$WHAT,$OWNME,"bizTransactionList":[{"type":"po","bizTransaction":"urn:epcglobal:cbv:bt:9521102000008:PO1"}]}`,
}

// A ware is an item, or an amount of a lot, that a record names.
type ware struct {
	id    string
	lot   bool
	inner string // of an amount: what the JSON says of it beside the lot
}

// things are the first and the last of each list in the records.
func things(records []*chapter) (out []ware) {
	add := func(x ware) {
		if x.id != "" && !slices.ContainsFunc(out, func(y ware) bool { return x.id == y.id }) {
			out = append(out, x)
		}
	}
	for _, r := range records {
		e := r.record.Event
		if e == nil {
			continue
		}
		for _, list := range [...][]epcis.ID{e.EPCs, {e.Parent}, e.Children, e.Inputs, e.Outputs} {
			if n := len(list); n > 0 {
				add(ware{id: list[0].URI})
				add(ware{id: list[n-1].URI})
			}
		}
		for _, list := range [...][]epcis.Quantity{e.Quantities, e.ChildQuantities, e.InputQuantities, e.OutputQuantities} {
			for _, q := range list {
				add(ware{q.Class.URI, true, fmt.Sprintf(`"quantity":%s,"uom":%q`, q.Amount, q.Unit)})
			}
		}
	}
	return out
}

// An intruder is an event that its author will declare wrong.
type intruder struct {
	member, act string
	fields      map[string]any
}

// intruders are events that might come before the tale's n-th record: what members near it
// may say of the things that are named near it, and the records near it once more.
func (w *tale) intruders(t testing.TB, n int) (out []intruder) {
	t.Helper()
	near := w.records[max(w.script, n-1):min(len(w.records), n+2)]
	var members []string
	add := func(name string) {
		if !slices.Contains(members, name) {
			members = append(members, name)
		}
	}
	for _, r := range near {
		add(r.member)
	}
	parties := len(members)
	for _, r := range w.records[w.script:] { // a stranger, and the authorities
		if len(members) == parties || strings.HasPrefix(r.member, "customs") {
			add(r.member)
		}
	}
	named := things(near)
	containers := slices.DeleteFunc(things(w.records[w.script:min(len(w.records), n+2)]), func(x ware) bool {
		return x.lot || strings.Contains(x.id, "/21/")
	})
	for i, me := range members {
		for _, r := range near {
			if r.record.Kind == epcis.KindEvent {
				out = append(out, intruder{me, "as " + r.title, fieldsOf(t, r.record.Bytes)})
			}
		}
		for j, x := range named {
			container := x.id
			if len(containers) > 0 {
				container = containers[(i+j+n)%len(containers)].id
			}
			for _, act := range acts {
				if x.lot && strings.Contains(act, "$ITEM") || container == x.id && strings.Contains(act, "$IN\"") {
					continue
				}
				out = append(out, intruder{me, act, fieldsOf(t, []byte(w.compose(act, me, members[(i+1)%len(members)], container, x)))})
			}
		}
	}
	return out
}

func (w *tale) compose(act, me, you, container string, x ware) string {
	mine, yours := w.members[me], w.members[you]
	names := [4]string{"epcList", "childEPCs", "inputEPCList", "outputEPCList"}
	what := fmt.Sprintf("[%q]", x.id)
	if x.lot {
		names = [4]string{"quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"}
		what = fmt.Sprintf(`[{"epcClass":%q,%s}]`, x.id, strings.TrimSuffix(x.inner, `,"uom":""`))
	}
	parties := func(how, from, to string) string {
		return fmt.Sprintf(`"sourceList":[{"type":%q,"source":%q}],"destinationList":[{"type":%q,"destination":%q}]`, how, from, how, to)
	}
	return strings.NewReplacer("$WHAT", `"`+names[0]+`":`+what, "$CHILDREN", `"`+names[1]+`":`+what, "$INPUTS", `"`+names[2]+`":`+what,
		"$OUTPUTS", `"`+names[3]+`":`+what, "$ITEM", x.id, "$IN\"", container+`"`,
		"$TOME", parties("possessing_party", yours.ID, mine.ID), "$TOYOU", parties("possessing_party", mine.ID, yours.ID),
		"$OWNME", parties("owning_party", yours.ID, mine.ID), "$OWNYOU", parties("owning_party", mine.ID, yours.ID),
		"$HERE", `"readPoint":{"id":"`+gs1Key("414", mine.Prefixes[0]+"00001")+`"}`, "$BOX", gs1Key("00", "3"+mine.Prefixes[0]+"999999999"),
		"$NEW", gs1Key("01", "0"+mine.Prefixes[0]+"77777")+"/21/N", "$LOT", gs1Key("01", "0"+mine.Prefixes[0]+"77777")+"/10/N",
	).Replace(act)
}

func fieldsOf(t testing.TB, record []byte) (fields map[string]any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(record))
	d.UseNumber()
	if err := d.Decode(&fields); err != nil {
		t.Fatalf("%v: %s", err, record)
	}
	return fields
}

// said makes the intruder's record, or the one that declares it wrong.
func (x *intruder) said(t testing.TB, id string, at, now epcis.Instant, wrong bool) *chapter {
	t.Helper()
	f := maps.Clone(x.fields)
	f["@context"] = []any{epcis.ContextURL, map[string]string{"wm": epcis.Vocabulary, "cbvmda": "urn:epcglobal:cbv:mda:"}}
	f["eventID"], f["eventTime"], f["eventTimeZoneOffset"] = id, at.String(), "+00:00"
	if f["type"] == nil {
		f["type"] = "ObjectEvent"
	}
	if f["action"] == nil && f["type"] != "TransformationEvent" {
		f["action"] = "OBSERVE"
	}
	if wrong {
		f["errorDeclaration"] = map[string]string{"declarationTime": now.String(), "reason": "did_not_occur"}
	}
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	r := chapterOf(t, x.member, x.act, epcis.KindEvent, bytes.ReplaceAll(b, []byte("$TIME"), []byte(at.String())))
	r.time = now
	return r
}
