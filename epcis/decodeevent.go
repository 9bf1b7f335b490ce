package epcis

import "slices"

// eventTypes is a set of event types.
type eventTypes uint8

const (
	inObject eventTypes = 1 << iota
	inAggregation
	inTransaction
	inTransformation
	inAssociation

	anyEvent = inObject | inAggregation | inTransaction | inTransformation | inAssociation
)

func typeBit(t EventType) eventTypes {
	switch t {
	case ObjectEvent:
		return inObject
	case AggregationEvent:
		return inAggregation
	case TransactionEvent:
		return inTransaction
	case TransformationEvent:
		return inTransformation
	case AssociationEvent:
		return inAssociation
	}
	return 0
}

// eventField returns the event types in which a member is the standard's
// (EPCIS 2.0, section 7.4), none for a name that the standard does not have.
func eventField(name string) eventTypes {
	switch name {
	case "@context", "type", "eventID", "eventTime", "eventTimeZoneOffset", "recordTime", "certificationInfo", "errorDeclaration",
		"bizStep", "disposition", "persistentDisposition", "readPoint", "bizLocation", "bizTransactionList",
		"sourceList", "destinationList", "sensorElementList":
		return anyEvent
	case "action":
		return anyEvent &^ inTransformation
	case "epcList", "quantityList":
		return inObject | inTransaction
	case "parentID":
		return inAggregation | inAssociation | inTransaction
	case "childEPCs", "childQuantityList":
		return inAggregation | inAssociation
	case "inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList", "transformationID":
		return inTransformation
	case "ilmd":
		return inObject | inTransformation
	}
	return 0
}

func isExtension(name string) bool { return eventField(name) == 0 }

func (d *decoder) event(e *Event, v *Value) *Event {
	typ := v.Obj.Get("type")
	if typ == nil {
		d.fail(v, place{}, "an event has a type")
		return nil
	}
	e.Type = EventType(d.str(typ, top("type")))
	self := typeBit(e.Type)
	if self == 0 {
		d.fail(typ, top("type"), "is none of the five event types of EPCIS 2.0")
		return nil
	}
	extended := false
	for i := range v.Obj.Members {
		m := &v.Obj.Members[i]
		switch in := eventField(m.Name); {
		case in == 0:
			extended = true
			d.unknownInEvent(m)
		case in&self == 0:
			d.fail(m.Value, top(m.Name), "is no field of this type of event")
		default:
			d.eventMember(e, m.Name, m.Value)
		}
		if d.fault != nil {
			return nil
		}
	}
	if extended {
		var fault *SyntaxError
		e.Extensions, fault = d.ctx.expandObject(v.Obj, isExtension)
		d.failAt(fault, place{})
	}
	d.required(e, v)
	return e
}

func (d *decoder) unknownInEvent(m *Member) {
	if standard, near := nearStandard(m.Name, eventNames()); near {
		d.fail(m.Value, top(m.Name), "differs only in case from the standard's "+standard)
	}
}

func (d *decoder) eventMember(e *Event, name string, v *Value) {
	switch name {
	case "eventID":
		e.ID = d.uri(v, top(name))
	case "eventTime":
		e.Time = d.instant(v, top(name))
	case "eventTimeZoneOffset":
		e.ZoneOffset = d.str(v, top(name))
		if !zoneOffsetForm(e.ZoneOffset) {
			d.fail(v, top(name), "must be an offset between -14:00 and +14:00, such as +02:00")
		}
	case "recordTime":
		t := d.instant(v, top(name))
		e.RecordTime = &t
	case "action":
		switch e.Action = Action(d.str(v, top(name))); e.Action {
		case Add, Observe, Delete:
		default:
			d.fail(v, top(name), "must be ADD, OBSERVE or DELETE")
		}
	case "bizStep":
		e.BizStep = d.vocabulary(FieldBizStep, v, top(name))
	case "disposition":
		e.Disposition = d.vocabulary(FieldDisposition, v, top(name))
	case "persistentDisposition":
		d.persistentDisposition(e, v)
	case "epcList":
		e.EPCs = d.ids(v, name)
	case "quantityList":
		e.Quantities = d.quantities(v, name)
	case "parentID":
		e.Parent = d.id(v, top(name))
	case "childEPCs":
		e.Children = d.ids(v, name)
	case "childQuantityList":
		e.ChildQuantities = d.quantities(v, name)
	case "inputEPCList":
		e.Inputs = d.ids(v, name)
	case "inputQuantityList":
		e.InputQuantities = d.quantities(v, name)
	case "outputEPCList":
		e.Outputs = d.ids(v, name)
	case "outputQuantityList":
		e.OutputQuantities = d.quantities(v, name)
	case "transformationID":
		e.TransformationID = d.uri(v, top(name))
	case "readPoint":
		e.ReadPoint = d.location(v, name)
	case "bizLocation":
		e.BizLocation = d.location(v, name)
	case "bizTransactionList":
		e.Transactions = d.transactions(v, name)
	case "sourceList":
		e.Sources = d.parties(v, name, "source")
	case "destinationList":
		e.Destinations = d.parties(v, name, "destination")
	case "certificationInfo":
		if v.Kind == Array {
			e.Certificates = d.uris(v, name)
		} else {
			e.Certificates = []string{d.uri(v, top(name))}
		}
	case "errorDeclaration":
		e.Correction = d.errorDeclaration(v)
	case "sensorElementList":
		for i, item := range d.items(v, top(name)) {
			d.object(item, top(name).in(i))
		}
		e.Sensors = v
	case "ilmd":
		if o := d.object(v, top(name)); o != nil {
			var fault *SyntaxError
			e.ILMD, fault = d.ctx.expandObject(o, nil)
			if d.owned && e.ILMD == o {
				e.ILMD = &Object{Members: slices.Clone(o.Members)}
			}
			d.failAt(fault, top(name))
		}
	}
}

// zoneOffsetForm is the pattern of eventTimeZoneOffset (EPCIS 2.0, section
// 7.4.1.2): a sign, 00:00 to 13:59, or 14:00.
func zoneOffsetForm(s string) bool {
	if len(s) != 6 || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return false
	}
	for _, i := range [...]int{1, 2, 4, 5} {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s[1:3] <= "13" && s[4] <= '5' || s[1:] == "14:00"
}

func (d *decoder) persistentDisposition(e *Event, v *Value) {
	p := top("persistentDisposition")
	o := d.object(v, p)
	if o == nil {
		return
	}
	says := Misplaced{}
	for i := range o.Members {
		m := &o.Members[i]
		var list *[]string
		switch m.Name {
		case "set":
			list = &says.Set
		case "unset":
			list = &says.Unset
		default:
			d.fail(m.Value, p.at(m.Name), "is neither set nor unset")
			return
		}
		for j, item := range d.items(m.Value, p.at(m.Name)) {
			*list = append(*list, d.vocabulary(FieldDisposition, item, p.of(m.Name).in(j)))
		}
	}
	if e.Type == ObjectEvent || e.Type == TransformationEvent {
		e.Set, e.Unset = says.Set, says.Unset
		return
	}
	e.Misplaced = &says
}

func (d *decoder) quantities(v *Value, name string) []Quantity {
	items := d.items(v, top(name))
	if len(items) == 0 {
		return nil
	}
	quantities := make([]Quantity, len(items))
	for i, item := range items {
		p := top(name).in(i)
		o := d.object(item, p)
		if o == nil {
			return nil
		}
		q := &quantities[i]
		for j := range o.Members {
			m := &o.Members[j]
			switch m.Name {
			case "epcClass":
				q.Class = d.id(m.Value, p.at(m.Name))
			case "quantity":
				q.Amount = d.decimal(m.Value, p.at(m.Name))
			case "uom":
				q.Unit = d.str(m.Value, p.at(m.Name))
			default:
				d.fail(m.Value, p.at(m.Name), "is no field of a quantity")
			}
		}
		if q.Class.IsZero() {
			d.fail(item, p, "a quantity needs an epcClass")
		}
	}
	return quantities
}

func (d *decoder) location(v *Value, name string) ID {
	p := top(name)
	o := d.object(v, p)
	if o == nil {
		return ID{}
	}
	id := o.Get("id")
	for i := range o.Members {
		if o.Members[i].Name != "id" {
			d.unknown(&o.Members[i], p, "id")
		}
	}
	if id == nil {
		d.fail(v, p, "a location needs an id")
		return ID{}
	}
	return d.id(id, p.at("id"))
}

func (d *decoder) transactions(v *Value, name string) []Transaction {
	items := d.items(v, top(name))
	if len(items) == 0 {
		return nil
	}
	transactions := make([]Transaction, len(items))
	for i, item := range items {
		typ, id := d.typed(item, top(name).in(i), "bizTransaction")
		t := &transactions[i]
		t.ID = id
		if typ != nil {
			t.Type = d.vocabulary(FieldTransactionType, typ, top(name).in(i).at("type"))
		}
	}
	return transactions
}

func (d *decoder) parties(v *Value, name, member string) []Party {
	items := d.items(v, top(name))
	if len(items) == 0 {
		return nil
	}
	parties := make([]Party, len(items))
	for i, item := range items {
		p := top(name).in(i)
		typ, id := d.typed(item, p, member)
		parties[i].ID = id
		if typ == nil {
			d.fail(item, p, "a "+member+" needs a type")
			return nil
		}
		parties[i].Type = d.vocabulary(FieldSourceDestination, typ, p.at("type"))
	}
	return parties
}

// typed reads an object of a type and an identifier, such as a business
// transaction.
func (d *decoder) typed(v *Value, p place, member string) (typ *Value, id ID) {
	o := d.object(v, p)
	if o == nil {
		return nil, ID{}
	}
	for i := range o.Members {
		m := &o.Members[i]
		switch m.Name {
		case "type":
			typ = m.Value
		case member:
			id = d.id(m.Value, p.at(member))
		default:
			d.fail(m.Value, p.at(m.Name), "is neither type nor "+member)
		}
	}
	if id.IsZero() {
		d.fail(v, p, "needs a "+member)
	}
	return typ, id
}

func (d *decoder) errorDeclaration(v *Value) *ErrorDeclaration {
	p := top("errorDeclaration")
	o := d.object(v, p)
	if o == nil {
		return nil
	}
	declaration := &ErrorDeclaration{}
	timed := false
	for i := range o.Members {
		m := &o.Members[i]
		switch m.Name {
		case "declarationTime":
			declaration.Time = d.instant(m.Value, p.at(m.Name))
			timed = true
		case "reason":
			declaration.Reason = d.vocabulary(FieldErrorReason, m.Value, p.at(m.Name))
		case "correctiveEventIDs":
			for j, item := range d.items(m.Value, p.at(m.Name)) {
				declaration.CorrectiveEvents = append(declaration.CorrectiveEvents, d.uri(item, p.of(m.Name).in(j)))
			}
		default:
			d.unknown(m, p, "declarationTime", "reason", "correctiveEventIDs")
		}
	}
	if !timed {
		d.fail(v, p, "an errorDeclaration needs a declarationTime")
	}
	return declaration
}

// required checks what each type of event must have (EPCIS 2.0, section 7.4).
func (d *decoder) required(e *Event, v *Value) {
	has := func(name string) bool { return v.Obj.Get(name) != nil }
	need := func(ok bool, reason string) {
		if !ok {
			d.fail(v, place{}, reason)
		}
	}
	need(has("eventTime"), "an event needs an eventTime")
	need(has("eventTimeZoneOffset"), "an event needs an eventTimeZoneOffset")
	if e.Type != TransformationEvent {
		need(has("action"), "this event needs an action")
	}
	switch e.Type {
	case ObjectEvent:
		need(has("epcList") || len(e.Quantities) > 0 || has("sensorElementList") && has("readPoint"),
			"an ObjectEvent needs an epcList, a quantityList, or sensorElementList with readPoint")
		need(e.Action == Add || !has("ilmd"), "ilmd belongs to an ObjectEvent only when its action is ADD")
	case AggregationEvent, AssociationEvent:
		need(e.Type == AggregationEvent || has("parentID"), "an AssociationEvent needs a parentID")
		need(len(e.Children)+len(e.ChildQuantities) > 0 || e.Action == Delete, "this event needs childEPCs or a childQuantityList unless its action is DELETE")
	case TransactionEvent:
		need(has("bizTransactionList"), "a TransactionEvent needs a bizTransactionList")
		need(has("epcList") || len(e.Quantities) > 0 || e.Action == Delete,
			"a TransactionEvent needs an epcList or a quantityList unless its action is DELETE")
	case TransformationEvent:
		inputs, outputs := len(e.Inputs)+len(e.InputQuantities), len(e.Outputs)+len(e.OutputQuantities)
		need(inputs > 0 && outputs > 0 || e.TransformationID != "" && inputs+outputs > 0,
			"a TransformationEvent needs inputs and outputs, or a transformationID with either")
	}
}
