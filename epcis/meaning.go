package epcis

import (
	"cmp"
	"slices"
	"strings"
)

// Meaning writes what an event record says in one form, whatever way it was
// written: identifiers canonical, instants in UTC, numbers as plain decimals,
// vocabulary and the names of extensions as full URIs, members sorted. Lists
// keep their order. The @context, having been applied, and recordTime, which
// the ledger gives, are left out. An error is a *[SyntaxError].
//
// It is for comparing and for tests; nothing is signed over it.
func Meaning(record []byte) ([]byte, error) {
	v, fault := meaning(record)
	if fault != nil {
		return nil, fault
	}
	return appendValue(nil, v), nil
}

// Equal reports whether two event records say the same, and if not, where they
// differ first and how.
func Equal(a, b []byte) (same bool, difference string) {
	x, fault := meaning(a)
	if fault != nil {
		return false, "the first is no event: " + fault.Error()
	}
	y, fault := meaning(b)
	if fault != nil {
		return false, "the second is no event: " + fault.Error()
	}
	difference = differ(x, y, "")
	return difference == "", difference
}

func differ(x, y *Value, pointer string) string {
	if x.Kind == ObjectValue && y.Kind == ObjectValue {
		for _, m := range x.Obj.Members {
			other := y.Obj.Get(m.Name)
			if other == nil {
				return pointer + pointerName(m.Name) + " is only in the first"
			}
			if d := differ(m.Value, other, pointer+pointerName(m.Name)); d != "" {
				return d
			}
		}
		for _, m := range y.Obj.Members {
			if x.Obj.Get(m.Name) == nil {
				return pointer + pointerName(m.Name) + " is only in the second"
			}
		}
		return ""
	}
	if x.Kind == Array && y.Kind == Array && len(x.Items) == len(y.Items) {
		for i := range x.Items {
			if d := differ(x.Items[i], y.Items[i], pointer+pointerIndex(i)); d != "" {
				return d
			}
		}
		return ""
	}
	if s, t := appendValue(nil, x), appendValue(nil, y); string(s) != string(t) {
		return pointer + " is " + string(s) + " in the first, " + string(t) + " in the second"
	}
	return ""
}

func meaning(record []byte) (*Value, *SyntaxError) {
	v, err := ParseJSON(record)
	if err != nil {
		return nil, err.(*SyntaxError) // ParseJSON returns no other
	}
	if _, fault := decodeValue(KindEvent, v); fault != nil {
		return nil, fault
	}
	ctx, fault := newContext(v.Obj.Get("@context"), nil)
	if fault != nil {
		return nil, fault
	}
	n := normaliser{ctx: ctx}
	out := n.standard(v, "", "")
	return out, n.fault
}

// normaliser brings values to the one form of [Meaning].
type normaliser struct {
	ctx   context
	fault *SyntaxError
}

// standard normalises a value that the standard names: the member name of a
// member holder ("" at the top). Entries of a list go by the list's name.
func (n *normaliser) standard(v *Value, holder, name string) *Value {
	switch v.Kind {
	case String:
		return Text(n.text(v.Str, holder, name))
	case Array:
		out := &Value{Kind: Array, Items: make([]*Value, len(v.Items))}
		for i, item := range v.Items {
			out.Items[i] = n.standard(item, holder, name)
		}
		return out
	case ObjectValue:
		out := &Value{Kind: ObjectValue, Obj: &Object{}}
		for _, m := range v.Obj.Members {
			if name == "" && (m.Name == "@context" || m.Name == "recordTime") {
				continue
			}
			member := Member{Name: m.Name}
			switch {
			case m.Name == "ilmd" || strings.Contains(m.Name, ":") || name == "" && isExtension(m.Name):
				member.Name = n.ctx.name(m.Name)
				member.Value = n.extension(m.Value)
			case m.Name == "certificationInfo" && m.Value.Kind == String:
				member.Value = &Value{Kind: Array, Items: []*Value{n.standard(m.Value, name, m.Name)}}
			default:
				member.Value = n.standard(m.Value, name, m.Name)
			}
			out.Obj.Members = append(out.Obj.Members, member)
		}
		sortMembers(out.Obj)
		return out
	default:
		return n.plain(v)
	}
}

// text normalises a string of a standard member.
func (n *normaliser) text(s, holder, name string) string {
	switch name {
	case "eventTime", "declarationTime", "time", "startTime", "endTime":
		if t, err := ParseInstant(s); err == nil {
			return t.String()
		}
	case "bizStep", "disposition", "reason", "exception", "component":
		return ExpandVocabulary(name, n.ctx.compact(s))
	case "set", "unset":
		return ExpandVocabulary(FieldDisposition, n.ctx.compact(s))
	case "type":
		switch holder {
		case "bizTransactionList":
			return ExpandVocabulary(FieldTransactionType, n.ctx.compact(s))
		case "sourceList", "destinationList":
			return ExpandVocabulary(FieldSourceDestination, n.ctx.compact(s))
		case "sensorReport":
			return ExpandVocabulary(FieldSensorType, n.ctx.compact(s))
		}
	case "epcList", "parentID", "childEPCs", "inputEPCList", "outputEPCList", "epcClass", "transformationID", "id",
		"bizTransaction", "source", "destination", "certificationInfo",
		"deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules":
		id := Canonical(s)
		if id.Lot != "" {
			return id.URI + " of lot " + id.Lot
		}
		return id.URI
	}
	return s
}

// extension normalises a value whose members the standard does not name.
func (n *normaliser) extension(v *Value) *Value {
	expanded, fault := n.ctx.expand(v)
	if fault != nil {
		if n.fault == nil {
			n.fault = fault
		}
		return v
	}
	return n.plain(expanded)
}

// plain sorts members and writes numbers as plain decimals.
func (n *normaliser) plain(v *Value) *Value {
	switch v.Kind {
	case Number:
		if d, err := ParseDecimal(v.Str); err == nil {
			return NumberValue(d)
		}
		return v
	case Array:
		out := &Value{Kind: Array, Items: make([]*Value, len(v.Items))}
		for i, item := range v.Items {
			out.Items[i] = n.plain(item)
		}
		return out
	case ObjectValue:
		out := &Value{Kind: ObjectValue, Obj: &Object{}}
		for _, m := range v.Obj.Members {
			if m.Name != "@context" {
				out.Obj.Members = append(out.Obj.Members, Member{Name: m.Name, Value: n.plain(m.Value)})
			}
		}
		sortMembers(out.Obj)
		return out
	default:
		return v
	}
}

func sortMembers(o *Object) {
	slices.SortStableFunc(o.Members, func(a, b Member) int { return cmp.Compare(a.Name, b.Name) })
}
