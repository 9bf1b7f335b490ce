package epcis

import "strings"

// context is the JSON-LD contexts in force for an object, outermost first:
// each is a URL or an object of terms. Contexts are never fetched: the EPCIS
// context is known by its URL, every other URL stays opaque and defines
// nothing here.
type context struct {
	entries []*Value
}

// newContext reads the value of an "@context" member. The place of a fault is
// relative to that value.
func newContext(v *Value) (context, *SyntaxError) {
	switch v.Kind {
	case String, ObjectValue:
		if fault := checkContextEntry(v); fault != nil {
			return context{}, fault
		}
		return context{entries: []*Value{v}}, nil
	case Array:
		for i, entry := range v.Items {
			if fault := checkContextEntry(entry); fault != nil {
				fault.Pointer = pointerIndex(i) + fault.Pointer
				return context{}, fault
			}
		}
		return context{entries: v.Items}, nil
	default:
		return context{}, at(v, "a context is a URL, an object of terms, or a list of these")
	}
}

// checkContextEntry refuses what would give EPCIS's own words another meaning.
// The EPCIS context protects its terms, so a JSON-LD processor refuses these
// too.
func checkContextEntry(v *Value) *SyntaxError {
	switch v.Kind {
	case String:
		if !strings.Contains(v.Str, ":") {
			return at(v, "a context is cited by an absolute URL")
		}
		return nil
	case ObjectValue:
	default:
		return at(v, "a context is a URL or an object of terms")
	}
	for i := range v.Obj.Members {
		m := &v.Obj.Members[i]
		if fault := checkTerm(m.Name, m.Value); fault != nil {
			fault.Pointer = pointerName(m.Name) + fault.Pointer
			return fault
		}
	}
	return nil
}

func checkTerm(term string, v *Value) *SyntaxError {
	if strings.HasPrefix(term, "@") {
		return nil // a keyword of JSON-LD: @vocab, @version, @protected and the like
	}
	iri := v
	if v.Kind == ObjectValue {
		iri = v.Obj.Get("@id")
	} else if v.Kind != String && v.Kind != Null {
		return at(v, "a term is defined by an IRI or an object")
	}
	if iri != nil && iri.Kind == String && strings.HasPrefix(iri.Str, "@") {
		return at(v, "a term must not stand for a keyword of JSON-LD")
	}
	switch term {
	case "urn", "http", "https", "ni", "did", "geo", "tag":
		return at(v, "a URI scheme cannot be a prefix")
	case "epcis", "cbv", "gs1":
		if iri == nil || iri.Kind != String || !ownNamespace(term, iri.Str) {
			return at(v, "a prefix of the EPCIS context cannot be given another meaning")
		}
		return nil
	}
	if standardName(term) {
		return at(v, "a term of the EPCIS context cannot be given another meaning")
	}
	return nil
}

// ownNamespace reports whether iri is what the standard's contexts, of 2022 or
// of today, define the prefix as.
func ownNamespace(prefix, iri string) bool {
	switch prefix {
	case "epcis":
		return iri == "https://ref.gs1.org/epcis/" || iri == "https://ns.gs1.org/epcis/"
	case "cbv":
		return iri == "https://ref.gs1.org/cbv/" || iri == "https://ns.gs1.org/cbv/"
	default:
		return iri == "https://ref.gs1.org/voc/" || iri == "https://gs1.org/voc/" || iri == "https://www.gs1.org/voc/"
	}
}

// isEPCISContext reports whether a URL is one of those under which GS1
// publishes the EPCIS 2.0 context.
func isEPCISContext(url string) bool {
	switch url {
	case ContextURL,
		"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
		"https://ref.gs1.org/standards/epcis/2.0.1/epcis-context.jsonld",
		"https://gs1.github.io/EPCIS/epcis-context.jsonld":
		return true
	}
	return false
}

// standardPrefix is a prefix that the EPCIS 2.0 context defines.
func standardPrefix(prefix string) string {
	switch prefix {
	case "epcis":
		return "https://ref.gs1.org/epcis/"
	case "cbv":
		return "https://ref.gs1.org/cbv/"
	case "cbvmda":
		return "urn:epcglobal:cbv:mda:"
	case "gs1":
		return "https://ref.gs1.org/voc/"
	case "rdfs":
		return "http://www.w3.org/2000/01/rdf-schema#"
	case "owl":
		return "http://www.w3.org/2002/07/owl#"
	case "xsd":
		return "http://www.w3.org/2001/XMLSchema#"
	case "dcterms":
		return "http://purl.org/dc/terms/"
	}
	return ""
}

// A term may be defined by another; a definition longer than this chain is
// taken for a cycle and defines nothing.
const maxTermChain = 8

// term returns what a term means, "" when no context in force defines it. The
// innermost definition wins.
func (c context) term(name string) string {
	iri, _ := c.resolve(name, 0)
	return iri
}

// resolve is term within a chain of definitions; cyclic means that it does not
// end, and then nothing that led to it is defined.
func (c context) resolve(name string, chain int) (iri string, cyclic bool) {
	if chain >= maxTermChain {
		return "", true
	}
	for i := len(c.entries) - 1; i >= 0; i-- {
		entry := c.entries[i]
		if entry.Kind == String {
			if isEPCISContext(entry.Str) {
				if iri := standardPrefix(name); iri != "" {
					return iri, false
				}
			}
			continue
		}
		v := entry.Obj.Get(name)
		if v == nil {
			continue
		}
		if v.Kind == ObjectValue {
			if v = v.Obj.Get("@id"); v == nil {
				return "", false
			}
		}
		if v.Kind != String {
			return "", false
		}
		prefix, rest, ok := cutCompact(v.Str)
		if !ok {
			return v.Str, false
		}
		outer, cyclic := c.resolve(prefix, chain+1)
		switch {
		case cyclic:
			return "", true
		case outer == "":
			return v.Str, false
		}
		return outer + rest, false
	}
	return "", false
}

// cutCompact splits what may be a compact IRI (prefix:rest).
func cutCompact(s string) (prefix, rest string, ok bool) {
	prefix, rest, ok = strings.Cut(s, ":")
	return prefix, rest, ok && !strings.HasPrefix(rest, "//") && prefix != "_" && prefix != "urn"
}

// compact expands a compact IRI when its prefix is defined, and returns
// anything else as it stands.
func (c context) compact(s string) string {
	if prefix, rest, ok := cutCompact(s); ok {
		if iri := c.term(prefix); iri != "" {
			return iri + rest
		}
	}
	return s
}

// name expands the name of a member that the standard does not name: a compact
// IRI, a term, or a word under "@vocab". What nothing defines stays verbatim.
func (c context) name(s string) string {
	if strings.HasPrefix(s, "@") {
		return s
	}
	if iri := c.term(s); iri != "" {
		return iri
	}
	if strings.Contains(s, ":") {
		return c.compact(s)
	}
	for i := len(c.entries) - 1; i >= 0; i-- {
		if entry := c.entries[i]; entry.Kind == ObjectValue {
			if v := entry.Obj.Get("@vocab"); v != nil && v.Kind == String {
				return v.Str + s
			}
		}
	}
	return s
}

// expand returns v with the member names of every object in it expanded,
// contexts of nested objects included. It copies only what changes. Two names
// of one object that mean the same are a fault.
func (c context) expand(v *Value) (*Value, *SyntaxError) {
	switch v.Kind {
	case ObjectValue:
		obj, fault := c.expandObject(v.Obj, nil)
		if fault != nil {
			return nil, fault
		}
		if obj == v.Obj {
			return v, nil
		}
		w := *v
		w.Obj = obj
		return &w, nil
	case Array:
		var items []*Value
		for i, item := range v.Items {
			w, fault := c.expand(item)
			if fault != nil {
				fault.Pointer = pointerIndex(i) + fault.Pointer
				return nil, fault
			}
			if w != item && items == nil {
				items = append(make([]*Value, 0, len(v.Items)), v.Items[:i]...)
			}
			if items != nil {
				items = append(items, w)
			}
		}
		if items == nil {
			return v, nil
		}
		w := *v
		w.Items = items
		return &w, nil
	default:
		return v, nil
	}
}

// expandObject expands an object's names. With keep, it takes only the members
// that keep reports and always returns an object of its own, nil when there is
// none.
func (c context) expandObject(o *Object, keep func(name string) bool) (*Object, *SyntaxError) {
	if own := o.Get("@context"); own != nil && keep == nil {
		inner, fault := newContext(own)
		if fault != nil {
			fault.Pointer = "/@context" + fault.Pointer
			return nil, fault
		}
		c.entries = append(c.entries[:len(c.entries):len(c.entries)], inner.entries...)
	}
	changed := keep != nil
	var members []Member
	for i := range o.Members {
		m := o.Members[i]
		if keep != nil && !keep(m.Name) {
			continue
		}
		name := m.Name
		if name != "@context" {
			name = c.name(m.Name)
		}
		var v *Value
		fault := (*SyntaxError)(nil)
		if name == "@context" {
			v = m.Value
		} else {
			v, fault = c.expand(m.Value)
		}
		if fault != nil {
			fault.Pointer = pointerName(m.Name) + fault.Pointer
			return nil, fault
		}
		if !changed && (name != m.Name || v != m.Value) {
			changed = true
			members = append(make([]Member, 0, len(o.Members)), o.Members[:i]...)
		}
		if changed {
			members = append(members, Member{Name: name, Value: v})
		}
	}
	if !changed {
		return o, nil
	}
	if len(members) == 0 {
		return nil, nil
	}
	for i := range members {
		if i < smallObject && repeated(members[:i], members[i].Name) {
			return nil, sameMeaning(members[i])
		}
	}
	if len(members) > smallObject {
		if name, v := repeatedInLarge(members); v != nil {
			return nil, sameMeaning(Member{Name: name, Value: v})
		}
	}
	return &Object{Members: members}, nil
}

func sameMeaning(m Member) *SyntaxError {
	return at(m.Value, "two members of this object both mean "+m.Name)
}

// at is a fault at v itself.
func at(v *Value, reason string) *SyntaxError {
	return &SyntaxError{Offset: v.Start, Reason: reason}
}
