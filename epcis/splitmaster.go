package epcis

import (
	"errors"
	"slices"
)

// masterData makes a record of each element of a vocabulary list.
func (s *splitter) masterData(doc *EPCISDocument, list *Value, pointer string) {
	if list == nil {
		return
	}
	for i, vocabulary := range list.Items {
		at := pointer + pointerIndex(i)
		for j := range vocabulary.Obj.Members {
			if name := vocabulary.Obj.Members[j].Name; name != "type" && name != "vocabularyElementList" {
				s.refuse(at+pointerName(name), "A vocabulary's %q has no place in a master data record; say it in the attributes of its elements.", name)
			}
		}
		typ := vocabulary.Obj.Get("type")
		elements := vocabulary.Obj.Get("vocabularyElementList")
		if elements == nil {
			continue
		}
		for j, element := range elements.Items {
			s.element(doc, typ, element, at+"/vocabularyElementList"+pointerIndex(j))
		}
	}
}

// element makes one record: what a record needs, then the element's bytes as
// they were written.
func (s *splitter) element(doc *EPCISDocument, typ, element *Value, pointer string) {
	for _, name := range [...]string{"@context", "type", "vocabulary"} {
		if element.Obj.Get(name) != nil {
			s.refuse(pointer+pointerName(name), "A vocabulary element's %q has no place in a master data record; say it in its attributes.", name)
			return
		}
	}
	out := s.ownRecord("MasterData")
	out = append(out, `,"vocabulary":`...)
	out = append(out, s.body[typ.Start:typ.End]...)
	out = append(out, ',')
	out = append(out, s.body[element.Start+1:element.End]...)
	s.keepMasterData(doc, out, pointer)
}

func (s *splitter) keepMasterData(doc *EPCISDocument, record []byte, pointer string) {
	if len(record) > MaxRecordBytes {
		s.problems = append(s.problems, tooLong(pointer))
		return
	}
	if _, err := Decode(KindMasterData, record); err != nil {
		var fault *SyntaxError
		if errors.As(err, &fault) {
			s.problems = append(s.problems, fault.problem(pointer))
		} else {
			s.refuse(pointer, "%v", err)
		}
		return
	}
	doc.MasterData = append(doc.MasterData, record)
}

// ownRecord begins a record of Waymark's own: the document's context, the term
// wm unless the document gives that term a meaning, and the type.
func (s *splitter) ownRecord(typ string) []byte {
	out := s.contexts(nil)
	prefix := "wm:"
	switch s.context.term("wm") {
	case Vocabulary:
	case "":
		out = out[:len(out)-1]
		if len(s.context.entries) > 0 {
			out = append(out, ',')
		}
		out = append(out, `{"wm":"`+Vocabulary+`"}]`...)
	default:
		prefix = Vocabulary
	}
	return append(append([]byte(`{"@context":`), out...), `,"type":"`+prefix+typ+`"`...)
}

// said is something that a document says beside its events and master data.
type said struct {
	id        string // as an attribute's id
	value     *Value
	transport bool // about the transport only
}

// about collects the members of one of the document's own objects that are not
// in known. Standard ones become attributes in the namespace of EPCIS, others
// keep their name; a name without a prefix has no meaning to keep.
func (s *splitter) about(v *Value, pointer string, known ...string) []said {
	var all []said
	for i := range v.Obj.Members {
		m := &v.Obj.Members[i]
		if slices.Contains(known, m.Name) {
			continue
		}
		switch m.Name {
		case "id", "schemaVersion", "creationDate", "queryName", "subscriptionID":
			all = append(all, said{id: NamespaceEPCIS + m.Name, value: m.Value, transport: true})
		case "sender", "receiver", "instanceIdentifier":
			all = append(all, said{id: NamespaceEPCIS + m.Name, value: m.Value})
		default:
			if checkURI(m.Name) != nil {
				s.refuse(pointer+pointerName(m.Name), "The name %q is not one that EPCIS 2.0 has here. An extension's name is a URI or has a prefix that the @context defines.", m.Name)
				continue
			}
			all = append(all, said{id: m.Name, value: m.Value})
		}
	}
	return all
}

// documentRecord keeps what the document says of itself, when it says more than
// a transport needs.
func (s *splitter) documentRecord(doc *EPCISDocument, about []said) {
	if !slices.ContainsFunc(about, func(a said) bool { return !a.transport }) {
		return
	}
	var id string
	out := s.ownRecord("MasterData")
	out = append(out, `,"vocabulary":"`+VocabularyDocument+`","attributes":[`...)
	for i, a := range about {
		if a.id == NamespaceEPCIS+"id" {
			id = a.value.Str
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, `{"id":`...)
		out = appendText(out, a.id)
		out = append(out, `,"attribute":`...)
		out = append(out, s.body[a.value.Start:a.value.End]...)
		out = append(out, '}')
	}
	out = append(out, ']', '}')
	if id == "" {
		id = RecordID(out)
	}
	out = append(out[:len(out)-1], `,"id":`...)
	out = append(appendText(out, id), '}')
	s.keepMasterData(doc, out, "")
}
