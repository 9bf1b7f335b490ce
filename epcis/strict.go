package epcis

import "strings"

// strictness finds what must be right before the JSON schema is asked. Types
// and lengths come first, since the schema says of an object without a known type that it
// fits none of its seven forms. Then what a schema cannot say: member names
// that differ only in case from one that the standard has (not looked for
// inside extensions), and numbers that no Decimal holds.
func strictness(root *Value) []Problem {
	if problems := wrongFrames(root); len(problems) > 0 {
		return problems
	}
	s := strict{names: standardNames()}
	s.walk(root, true)
	return s.problems
}

func wrongFrames(root *Value) []Problem {
	if root.Kind != ObjectValue {
		return []Problem{{Reason: "A JSON object is expected: an EPCIS document or an event."}}
	}
	typ := root.Obj.Get("type")
	if typ == nil {
		return []Problem{{Reason: "It lacks type, which says whether it is an EPCISDocument, an EPCISQueryDocument or an event."}}
	}
	holder, pointer := (*Object)(nil), "/epcisBody"
	switch {
	case typ.Kind != String:
		return []Problem{{Pointer: "/type", Reason: "It must be a string."}}
	case typ.Str == "EPCISDocument":
		holder = inside(root.Obj, "epcisBody")
	case typ.Str == "EPCISQueryDocument":
		holder, pointer = inside(root.Obj, "epcisBody", "queryResults", "resultsBody"), "/epcisBody/queryResults/resultsBody"
	case typeBit(EventType(typ.Str)) == 0:
		return []Problem{{Pointer: "/type", Reason: "It is none of EPCISDocument, EPCISQueryDocument and the five event types of EPCIS 2.0" + ownTypes(typ.Str) + "."}}
	}
	if holder == nil && typeBit(EventType(typ.Str)) != 0 && root.End-root.Start > MaxRecordBytes {
		return []Problem{tooLong("")}
	}
	events := holder.Get("eventList")
	if events == nil {
		return nil
	}
	var problems []Problem
	for i, event := range events.Items {
		if event.Kind != ObjectValue || len(problems) >= MaxProblems {
			continue // what is no object the schema says
		}
		at := pointer + "/eventList" + pointerIndex(i)
		if event.End-event.Start > MaxRecordBytes {
			problems = append(problems, tooLong(at))
			continue
		}
		switch typ := event.Obj.Get("type"); {
		case typ == nil:
			problems = append(problems, Problem{Pointer: at, Reason: "It lacks type, one of the five event types of EPCIS 2.0."})
		case typ.Kind != String || typeBit(EventType(typ.Str)) == 0:
			problems = append(problems, Problem{Pointer: at + "/type", Reason: "It is none of the five event types of EPCIS 2.0."})
		}
	}
	return problems
}

// ownTypes names the types of Waymark's own records, to who writes one that looks like it.
func ownTypes(typ string) string {
	if !strings.HasPrefix(typ, "wm:") && !strings.HasPrefix(typ, Vocabulary) {
		return ""
	}
	return ", nor of wm:Certificate, wm:MasterData, wm:CustomsDeclaration, wm:Acknowledgement and wm:Governance, which are records of their own"
}

func tooLong(pointer string) Problem {
	return Problem{Pointer: pointer, Reason: "It is too long for a record, which has at most 256 KiB, its context included."}
}

// inside follows members that are objects; nil when one is missing.
func inside(o *Object, names ...string) *Object {
	for _, name := range names {
		v := o.Get(name)
		if v == nil {
			return nil
		}
		o = v.Obj
	}
	return o
}

// strict walks a document. steps is the way to the value being looked at,
// written out only for a problem.
type strict struct {
	names    []string
	steps    []string
	problems []Problem
}

func (s *strict) problem(reason string) {
	if len(s.problems) < MaxProblems {
		s.problems = append(s.problems, Problem{Pointer: strings.Join(s.steps, ""), Reason: reason})
	}
}

func (s *strict) walk(v *Value, standard bool) {
	switch v.Kind {
	case Number:
		if _, err := ParseDecimal(v.Str); err != nil {
			s.problem("It is a number that no exact decimal here can hold: " + plain(err) + ".")
		}
	case Array:
		for i, item := range v.Items {
			if item.Kind == String {
				continue
			}
			s.steps = append(s.steps, pointerIndex(i))
			s.walk(item, standard)
			s.steps = s.steps[:len(s.steps)-1]
		}
	case ObjectValue:
		for i := range v.Obj.Members {
			m := &v.Obj.Members[i]
			known := standardName(m.Name)
			if m.Value.Kind == String && known {
				continue
			}
			s.steps = append(s.steps, pointerName(m.Name))
			if standard && !known {
				if near, ok := nearStandard(m.Name, s.names); ok {
					s.problem("The name " + m.Name + " differs only in case from the standard's " + near + ".")
				}
			}
			s.walk(m.Value, standard && known && m.Name != "@context" && m.Name != "ilmd" && m.Name != "attribute")
			s.steps = s.steps[:len(s.steps)-1]
		}
	}
}
