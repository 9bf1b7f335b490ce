package epcis

import "strings"

// Limits of one "@context", so that reading a record costs no more than its
// length allows.
const (
	maxContextEntries = 256
	maxContextTerms   = 1024 // in all its entries
)

// context is the JSON-LD contexts in force for an object. Contexts are never
// fetched: the EPCIS context is known by its URL, every other URL stays opaque
// and defines nothing here.
type context struct {
	entries []*Value          // of the innermost "@context": URLs and objects of terms, in their order
	terms   map[string]*Value // the last definition of each term in entries, when they are many; else nil
	outer   *context          // in force around it
}

// A context with more terms than this gets a map of them.
const smallContext = 32

// newContext reads the value of an "@context" member, in force inside outer.
// The place of a fault is relative to that value.
func newContext(v *Value, outer *context) (context, *SyntaxError) {
	c := context{outer: outer}
	switch v.Kind {
	case String, ObjectValue:
		if fault := checkContextEntry(v); fault != nil {
			return context{}, fault
		}
		c.entries = []*Value{v}
	case Array:
		for i, entry := range v.Items {
			if fault := checkContextEntry(entry); fault != nil {
				fault.Pointer = pointerIndex(i) + fault.Pointer
				return context{}, fault
			}
		}
		c.entries = v.Items
	default:
		return context{}, at(v, "a context is a URL, an object of terms, or a list of these")
	}
	terms := 0
	for _, entry := range c.entries {
		if entry.Kind == ObjectValue {
			terms += len(entry.Obj.Members)
		}
	}
	if len(c.entries) > maxContextEntries || terms > maxContextTerms {
		return context{}, at(v, "a context has at most 256 entries and 1024 terms")
	}
	if terms > smallContext || len(c.entries) > smallContext {
		c.terms = make(map[string]*Value, terms)
		for _, entry := range c.entries {
			c.index(entry)
		}
	}
	return c, nil
}

// index enters the terms of one entry over those of the entries before it.
func (c *context) index(entry *Value) {
	if entry.Kind == ObjectValue {
		for i := range entry.Obj.Members {
			c.terms[entry.Obj.Members[i].Name] = entry.Obj.Members[i].Value
		}
		return
	}
	if isEPCISContext(entry.Str) {
		for _, prefix := range [...]string{"epcis", "cbv", "cbvmda", "gs1", "rdfs", "owl", "xsd", "dcterms"} {
			c.terms[prefix] = Text(standardPrefix(prefix))
		}
	}
}

// lookup returns the definition of a term in force, nil when there is none. The
// innermost, and in one context the last, wins.
func (c *context) lookup(term string) *Value {
	for ; c != nil; c = c.outer {
		if c.terms != nil {
			if v := c.terms[term]; v != nil {
				return v
			}
			continue
		}
		for i := len(c.entries) - 1; i >= 0; i-- {
			entry := c.entries[i]
			if entry.Kind == ObjectValue {
				if v := entry.Obj.Get(term); v != nil {
					return v
				}
			} else if isEPCISContext(entry.Str) {
				if iri := standardPrefix(term); iri != "" {
					return Text(iri)
				}
			}
		}
	}
	return nil
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

// term returns what a term means, "" when no context in force defines it.
func (c *context) term(name string) string {
	iri, _ := c.resolve(name, 0)
	return iri
}

// resolve is term within a chain of definitions; cyclic means that it does not
// end, and then nothing that led to it is defined.
func (c *context) resolve(name string, chain int) (iri string, cyclic bool) {
	if chain >= maxTermChain {
		return "", true
	}
	v := c.lookup(name)
	if v != nil && v.Kind == ObjectValue {
		v = v.Obj.Get("@id")
	}
	if v == nil || v.Kind != String {
		return "", false
	}
	prefix, rest, ok := cutCompact(v.Str)
	if !ok {
		return v.Str, false
	}
	switch outer, cyclic := c.resolve(prefix, chain+1); {
	case cyclic:
		return "", true
	case outer == "":
		return v.Str, false
	default:
		return outer + rest, false
	}
}

// cutCompact splits what may be a compact IRI (prefix:rest).
func cutCompact(s string) (prefix, rest string, ok bool) {
	prefix, rest, ok = strings.Cut(s, ":")
	return prefix, rest, ok && !strings.HasPrefix(rest, "//") && prefix != "_" && prefix != "urn"
}

// compact expands a compact IRI when its prefix is defined, and returns
// anything else as it stands.
func (c *context) compact(s string) string {
	if prefix, rest, ok := cutCompact(s); ok {
		if iri := c.term(prefix); iri != "" {
			return iri + rest
		}
	}
	return s
}

// name expands the name of a member that the standard does not name: a compact
// IRI, a term, or a word under "@vocab". What nothing defines stays verbatim.
func (c *context) name(s string) string {
	if strings.HasPrefix(s, "@") {
		return s
	}
	if iri := c.term(s); iri != "" {
		return iri
	}
	if strings.Contains(s, ":") {
		return c.compact(s)
	}
	if v := c.lookup("@vocab"); v != nil && v.Kind == String {
		return v.Str + s
	}
	return s
}
