package epcis

// ValueKind is the type of a JSON value.
type ValueKind uint8

// The kinds of JSON value (RFC 8259, section 3).
const (
	Null ValueKind = iota
	Bool
	Number
	String
	Array
	ObjectValue
)

// Value is a JSON value read strictly. Start and End bound its bytes in the
// input, so that a part can be cut out unchanged.
type Value struct {
	Kind       ValueKind
	Bool       bool
	hashable   bool     // Str stands in the form in which it is hashed: a decoder has read it
	Str        string   // the string's value, or the number's literal as written
	Items      []*Value // of an array
	Obj        *Object  // of an object
	Start, End int
}

// Object is a JSON object: its members in the order they were written.
type Object struct {
	Members []Member
}

// Member is one name and value of an object.
type Member struct {
	Name  string
	Value *Value
}

// Get returns the member's value, nil when there is none.
func (o *Object) Get(name string) *Value {
	if o == nil {
		return nil
	}
	for i := range o.Members {
		if o.Members[i].Name == name {
			return o.Members[i].Value
		}
	}
	return nil
}
