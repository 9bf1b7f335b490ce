package epcis

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// validate checks a submitted document against the schema; it stops when it has
// found MaxProblems. An error that it returns is a fault of the schema's.
func validate(root *Value) ([]Problem, error) {
	compiled, err := compiledSchemas()
	if err != nil {
		return nil, err
	}
	v := validation{apart: map[*Value]struct{}{}}
	parts := v.takeApart(root, compiled)
	if err := v.ask(compiled.document, root, ""); err != nil {
		return nil, err
	}
	for _, part := range parts {
		for i, item := range part.list.Items {
			if len(v.problems) >= MaxProblems {
				return v.problems, nil
			}
			if err := v.ask(part.schema, item, part.pointer+pointerIndex(i)); err != nil {
				return nil, err
			}
		}
	}
	return v.problems, nil
}

type validation struct {
	apart    map[*Value]struct{} // lists whose entries are asked about one by one
	problems []Problem
}

// part is one of these lists. schema is that of an entry.
type part struct {
	list    *Value
	pointer string
	schema  *jsonschema.Schema
}

func (v *validation) ask(schema *jsonschema.Schema, value *Value, pointer string) error {
	err := schema.Validate(v.hollow(value))
	if err == nil {
		return nil
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return fmt.Errorf("validate against the EPCIS schema: %w", err)
	}
	for _, p := range schemaProblems(invalid, nil) {
		p.Pointer = pointer + p.Pointer
		v.problems = append(v.problems, p)
	}
	return nil
}

// takeApart finds the lists of events, vocabularies and their elements.
func (v *validation) takeApart(root *Value, compiled schemas) []part {
	var parts []part
	take := func(o *Object, name, pointer string, schema *jsonschema.Schema) []*Value {
		list := o.Get(name)
		if list == nil || list.Kind != Array {
			return nil // the schema says what is wrong with it
		}
		v.apart[list] = struct{}{}
		parts = append(parts, part{list, pointer + pointerName(name), schema})
		return list.Items
	}
	holder, header := "/epcisBody", "/epcisHeader/epcisMasterData"
	events, masterData := inside(root.Obj, "epcisBody"), inside(root.Obj, "epcisHeader", "epcisMasterData")
	switch root.Obj.Get("type").Str {
	case "EPCISDocument":
	case "EPCISQueryDocument":
		holder = "/epcisBody/queryResults/resultsBody"
		events = inside(root.Obj, "epcisBody", "queryResults", "resultsBody")
		header, masterData = holder, events
	default:
		return nil // a bare event
	}
	for i, vocabulary := range take(masterData, "vocabularyList", header, compiled.vocabulary) {
		take(vocabulary.Obj, "vocabularyElementList", header+"/vocabularyList"+pointerIndex(i), compiled.element)
	}
	take(events, "eventList", holder, compiled.event)
	return parts
}

// hollow is value as the validator reads it: numbers stay literals, and the
// lists that are asked about apart are empty.
func (v *validation) hollow(value *Value) any {
	switch value.Kind {
	case Bool:
		return value.Bool
	case Number:
		return json.Number(value.Str)
	case String:
		return value.Str
	case Array:
		if _, ok := v.apart[value]; ok {
			return []any{}
		}
		items := make([]any, len(value.Items))
		for i, item := range value.Items {
			items[i] = v.hollow(item)
		}
		return items
	case ObjectValue:
		members := make(map[string]any, len(value.Obj.Members))
		for i := range value.Obj.Members {
			members[value.Obj.Members[i].Name] = v.hollow(value.Obj.Members[i].Value)
		}
		return members
	}
	return nil
}
