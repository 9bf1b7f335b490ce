package epcis

import "strings"

// scope is the context of one object and, behind it, those of the objects around
// it.
type scope struct {
	outer   *scope
	entries []*Value          // objects of terms, outermost first
	index   map[string]*Value // of a large context, so that a hostile one costs no more
}

// largeContext is how many terms are searched faster by a map.
const largeContext = 16

// enter puts an object's own context in force.
func (h *hasher) enter(o *Object) {
	c := o.Get("@context")
	if c == nil {
		return
	}
	s := &h.outermost
	if h.scope != nil {
		s = &scope{}
	}
	*s = scope{outer: h.scope, entries: c.Items}
	if c.Kind != Array {
		s.entries = []*Value{c}
	}
	terms := 0
	for _, entry := range s.entries {
		terms++
		if entry.Kind == ObjectValue {
			terms += len(entry.Obj.Members)
		}
	}
	if terms > largeContext {
		s.index = make(map[string]*Value, terms)
		for _, entry := range s.entries {
			if entry.Kind == ObjectValue {
				for _, m := range entry.Obj.Members {
					s.index[m.Name] = m.Value
				}
			}
		}
	}
	h.scope = s
}

// term is the definition of a term, nil when there is none. The innermost, and
// of one context the last, wins.
func (s *scope) term(name string) *Value {
	for ; s != nil; s = s.outer {
		if s.index != nil {
			if v := s.index[name]; v != nil {
				return v
			}
			continue
		}
		for i := len(s.entries) - 1; i >= 0; i-- {
			if s.entries[i].Kind == ObjectValue {
				if v := s.entries[i].Obj.Get(name); v != nil {
					return v
				}
			}
		}
	}
	return nil
}

// namespace is what a prefix stands for, "" when nothing defines it. The
// standard's own prefixes need no definition, and gs1 admits none. cbvmda is
// written as its XML namespace is, without the colon at the end.
func (h *hasher) namespace(prefix string) string {
	if prefix == "gs1" {
		return NamespaceGS1
	}
	v := h.scope.term(prefix)
	if v != nil && v.Kind == ObjectValue {
		v = v.Obj.Get("@id")
	}
	if v != nil && v.Kind == String && v.Str != "" {
		return v.Str
	}
	switch prefix {
	case "cbv":
		return NamespaceCBV
	case "epcis":
		return NamespaceEPCIS
	case "cbvmda":
		return strings.TrimSuffix(NamespaceCBVMD, ":")
	}
	return ""
}
