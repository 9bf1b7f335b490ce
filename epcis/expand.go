package epcis

// expand returns v with the member names of every object in it expanded,
// contexts of nested objects included. It copies only what changes. Two names
// of one object that mean the same are a fault.
func (c *context) expand(v *Value) (*Value, *SyntaxError) {
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
func (c *context) expandObject(o *Object, keep func(name string) bool) (*Object, *SyntaxError) {
	if own := o.Get("@context"); own != nil && keep == nil {
		inner, fault := newContext(own, c)
		if fault != nil {
			fault.Pointer = "/@context" + fault.Pointer
			return nil, fault
		}
		c = &inner
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
