package verify_test

import (
	"github.com/waymark-ledger/waymark/epcis"
)

// These write Go's values as the verifier's JSON has them.

func shownID(id epcis.ID) map[string]any {
	return map[string]any{"uri": id.URI, "level": id.Level.String(), "lot": id.Lot, "malformed": id.Malformed}
}

func each[T, U any](list []T, show func(T) U) []U {
	out := []U{}
	for _, v := range list {
		out = append(out, show(v))
	}
	return out
}

func shownRecord(r *epcis.Record) map[string]any {
	m := map[string]any{"kind": r.Kind, "text": string(r.Bytes)}
	switch {
	case r.Event != nil:
		m["event"] = shownEvent(r.Event)
	case r.Certificate != nil:
		c := r.Certificate
		shown := map[string]any{"action": c.Action, "id": shownID(c.ID), "scheme": c.Scheme, "subject": shownID(c.Subject), "scope": each(c.Scope, shownID),
			"hsCodes": some(c.HSCodes), "activities": some(c.Activities), "accredits": some(c.Accredits), "accreditation": shownID(c.Accreditation),
			"validFrom": c.ValidFrom, "validUntil": c.ValidUntil, "reason": c.Reason, "reasonCode": c.ReasonCode}
		if c.EffectiveFrom != nil {
			shown["effectiveFrom"] = c.EffectiveFrom
		}
		m["certificate"] = shown
	case r.Governance != nil:
		g := r.Governance
		m["governance"] = map[string]any{"action": g.Action, "id": shownID(g.ID), "change": g.Change, "key": g.Key, "next": g.Next}
	case r.Customs != nil:
		c := r.Customs
		m["customs"] = map[string]any{"action": c.Action, "mrn": shownID(c.MRN), "country": c.Country, "time": c.Time, "place": shownID(c.Place),
			"reason": c.Reason, "hsCode": c.HSCode, "dueDiligence": c.DueDiligence, "documents": each(c.Documents, shownTransaction), "flow": c.Flow,
			"procedure": c.Procedure, "origin": c.Origin, "goods": each(c.Goods, shownID), "quantities": each(c.Quantities, shownQuantity), "policy": c.Policy, "valueCommitment": c.Commitment,
			"parties": each(c.Parties, func(p epcis.CustomsParty) map[string]any { return map[string]any{"role": p.Role, "id": shownID(p.ID)} })}
	case r.Acknowledgement != nil:
		a := r.Acknowledgement
		m["acknowledgement"] = map[string]any{"matter": a.Matter, "about": shownID(a.About), "time": a.Time, "measure": a.Measure, "note": a.Note,
			"goods": each(a.Goods, shownID), "quantities": each(a.Quantities, shownQuantity)}
	case r.MasterData != nil:
		d := r.MasterData
		m["masterData"] = map[string]any{"vocabulary": d.Vocabulary, "id": shownID(d.ID), "name": d.Name, "children": each(d.Children, shownID),
			"attributes": each(d.Attributes, func(a epcis.Attribute) map[string]any {
				shown := map[string]any{"id": a.ID}
				if a.Value != nil {
					shown["value"] = shownValue(a.Value)
				}
				return shown
			})}
	}
	return m
}

func shownQuantity(q epcis.Quantity) map[string]any {
	shown := map[string]any{"cls": shownID(q.Class), "unit": q.Unit}
	if q.Amount != nil {
		shown["amount"] = q.Amount.String()
	}
	return shown
}

func shownTransaction(x epcis.Transaction) map[string]any {
	return map[string]any{"type": x.Type, "id": shownID(x.ID)}
}

func shownEvent(e *epcis.Event) map[string]any {
	party := func(p epcis.Party) map[string]any { return map[string]any{"type": p.Type, "id": shownID(p.ID)} }
	m := map[string]any{
		"type": e.Type, "id": e.ID, "time": e.Time, "zoneOffset": e.ZoneOffset, "action": e.Action, "bizStep": e.BizStep, "disposition": e.Disposition,
		"set": some(e.Set), "unset": some(e.Unset), "epcs": each(e.EPCs, shownID), "parent": shownID(e.Parent), "children": each(e.Children, shownID),
		"inputs": each(e.Inputs, shownID), "outputs": each(e.Outputs, shownID), "quantities": each(e.Quantities, shownQuantity),
		"childQuantities": each(e.ChildQuantities, shownQuantity), "inputQuantities": each(e.InputQuantities, shownQuantity), "outputQuantities": each(e.OutputQuantities, shownQuantity),
		"transformationID": e.TransformationID, "readPoint": shownID(e.ReadPoint), "bizLocation": shownID(e.BizLocation),
		"transactions": each(e.Transactions, shownTransaction),
		"sources":      each(e.Sources, party), "destinations": each(e.Destinations, party), "certificates": some(e.Certificates),
		"ilmd": shownMembers(e.ILMD), "extensions": shownMembers(e.Extensions),
	}
	if e.RecordTime != nil {
		m["recordTime"] = e.RecordTime
	}
	if c := e.Correction; c != nil {
		m["correction"] = map[string]any{"time": c.Time, "reason": c.Reason, "correctiveEvents": some(c.CorrectiveEvents)}
	}
	if e.Sensors != nil {
		m["sensors"] = shownValue(e.Sensors)
	}
	return m
}

func shownMembers(o *epcis.Object) []map[string]any {
	if o == nil {
		return []map[string]any{}
	}
	return each(o.Members, func(m epcis.Member) map[string]any {
		return map[string]any{"name": m.Name, "value": shownValue(m.Value)}
	})
}

func shownValue(v *epcis.Value) map[string]any {
	switch v.Kind {
	case epcis.Bool:
		return map[string]any{"kind": "bool", "bool": v.Bool}
	case epcis.Number:
		return map[string]any{"kind": "number", "str": v.Str}
	case epcis.String:
		return map[string]any{"kind": "string", "str": v.Str}
	case epcis.Array:
		return map[string]any{"kind": "array", "items": each(v.Items, shownValue)}
	case epcis.ObjectValue:
		return map[string]any{"kind": "object", "members": shownMembers(v.Obj)}
	}
	return map[string]any{"kind": "null"}
}
