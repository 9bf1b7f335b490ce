package epcis

// The vocabularies of master data (EPCIS 2.0, section 7.2; CBV 2.0, section 9).
const (
	VocabularyClass    = "urn:epcglobal:epcis:vtype:EPCClass"
	VocabularyItem     = "urn:epcglobal:epcis:vtype:EPCInstance"
	VocabularyPlace    = "urn:epcglobal:epcis:vtype:BusinessLocation"
	VocabularyRead     = "urn:epcglobal:epcis:vtype:ReadPoint"
	VocabularyParty    = "urn:epcglobal:epcis:vtype:SourceDest"
	VocabularyDocument = Vocabulary + "Document" // what a captured document said of itself; see [Split]
)

func (d *decoder) masterData(v *Value) *MasterData {
	d.ownType(v, MasterDataType)
	m := &MasterData{}
	for i := range v.Obj.Members {
		member := &v.Obj.Members[i]
		switch member.Name {
		case "@context", "type":
		case "vocabulary":
			m.Vocabulary = d.ctx.compact(d.uri(member.Value, top("vocabulary")))
		case "id":
			m.ID = d.id(member.Value, top("id"))
		case "attributes":
			m.Attributes = d.attributes(member.Value)
		case "children":
			m.Children = d.ids(member.Value, "children")
		default:
			d.unknown(member, place{}, "@context", "type", "vocabulary", "id", "attributes", "children")
		}
		if d.fault != nil {
			return nil
		}
	}
	if m.Vocabulary == "" {
		d.fail(v, place{}, "a master data record needs a vocabulary")
	}
	if m.ID.IsZero() {
		d.fail(v, place{}, "a master data record needs an id")
	}
	m.Name = readableName(m.Attributes)
	return m
}

func (d *decoder) attributes(v *Value) []Attribute {
	items := d.items(v, top("attributes"))
	if len(items) == 0 {
		return nil
	}
	attributes := make([]Attribute, len(items))
	for i, item := range items {
		p := top("attributes").in(i)
		o := d.object(item, p)
		if o == nil {
			return nil
		}
		a := &attributes[i]
		for j := range o.Members {
			m := &o.Members[j]
			switch m.Name {
			case "id":
				a.ID = d.ctx.compact(d.uri(m.Value, p.at("id")))
			case "attribute":
				expanded, fault := d.ctx.expand(m.Value)
				d.failAt(fault, p.at("attribute"))
				a.Value = expanded
			default:
				d.unknown(m, p, "id", "attribute")
			}
		}
		if a.ID == "" {
			d.fail(item, p, "an attribute needs an id")
		}
		if d.fault != nil {
			return nil
		}
	}
	return attributes
}

// readableName is the attribute by which people call the thing: of those that
// are known as names the one that ranks first, "" when there is none.
func readableName(attributes []Attribute) string {
	name, best := "", 0
	for _, a := range attributes {
		rank := nameRank(a.ID)
		if rank == 0 || best != 0 && rank >= best {
			continue
		}
		if s := textOf(a.Value); s != "" {
			name, best = s, rank
		}
	}
	return name
}

// nameRank ranks the attributes that hold a name, 1 before 2; 0 is no name.
// They are those of CBV 2.0, section 9, in both spellings of their URN, of the
// GS1 Web Vocabulary and of the vocabularies in common use.
func nameRank(attribute string) int {
	switch attribute {
	case "urn:epcglobal:cbv:mda:descriptionShort", "urn:epcglobal:cbv:mda#descriptionShort",
		"urn:epcglobal:cbv:mda:name", "urn:epcglobal:cbv:mda#name":
		return 1
	case NamespaceGS1 + "productName", NamespaceGS1 + "organizationName", NamespaceGS1 + "physicalLocationName",
		"https://gs1.org/voc/productName", "https://gs1.org/voc/organizationName", "https://gs1.org/voc/physicalLocationName":
		return 2
	case "https://schema.org/name", "http://schema.org/name", "http://www.w3.org/2000/01/rdf-schema#label",
		"http://purl.org/dc/terms/title", "http://xmlns.com/foaf/0.1/name", Vocabulary + "name":
		return 3
	case "urn:epcglobal:cbv:mda:tradeItemDescription", "urn:epcglobal:cbv:mda#tradeItemDescription",
		"urn:epcglobal:cbv:mda:functionalName", "urn:epcglobal:cbv:mda#functionalName",
		NamespaceGS1 + "productDescription", NamespaceGS1 + "functionalName", NamespaceGS1 + "regulatedProductName":
		return 4
	}
	return 0
}

// textOf reads a string, or the value of a JSON-LD language-tagged string; of
// several languages the first.
func textOf(v *Value) string {
	if v == nil {
		return ""
	}
	switch v.Kind {
	case String:
		return v.Str
	case ObjectValue:
		return textOf(v.Obj.Get("@value"))
	case Array:
		if len(v.Items) > 0 {
			return textOf(v.Items[0])
		}
	}
	return ""
}

// JSON writes the master data as a record to be signed. The same master data
// always gives the same bytes: attributes stay in their order, identifiers are
// written in canonical form. Name is not written; it is read off the
// attributes.
func (m *MasterData) JSON() []byte {
	w := newWriter()
	w.member("type", "wm:MasterData")
	w.member("vocabulary", m.Vocabulary)
	w.member("id", m.ID.URI)
	if len(m.Attributes) > 0 {
		w.name("attributes")
		w.b = append(w.b, '[')
		for i, a := range m.Attributes {
			if i > 0 {
				w.b = append(w.b, ',')
			}
			w.b = append(w.b, `{"id":`...)
			w.b = appendText(w.b, a.ID)
			if a.Value != nil {
				w.b = append(w.b, `,"attribute":`...)
				w.b = appendValue(w.b, a.Value)
			}
			w.b = append(w.b, '}')
		}
		w.b = append(w.b, ']')
	}
	if len(m.Children) > 0 {
		w.ids("children", m.Children)
	}
	return w.end()
}
