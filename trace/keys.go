package trace

// ParametersKey is where the ledger keeps the network's parameters: its state
// is the canonical CBOR of identity.Parameters, written by genesis.
func ParametersKey() Key { return Key{NSParam, "parameters"} }

// PrefixKey is where the ledger says which member licenses a GS1 company
// prefix: its state is the canonical CBOR of a [PrefixState]. Genesis writes
// one for each prefix of each organisation.
func PrefixKey(prefix string) Key { return Key{NSParam, "prefix/" + prefix} }

// PrefixState is the state of a [PrefixKey].
type PrefixState struct {
	Organisation string `cbor:"1,keyasint"` // id of the licensee
}

// DescriptionState is the state of a class, lot or place: the name that its
// latest accepted master data gives it, so that a journey can print names
// without reading histories. Items have no such state (theirs is their
// lifecycle), and organisations have their standing.
type DescriptionState struct {
	Seq          uint64 `cbor:"1,keyasint"` // of the masterdata record
	Organisation string `cbor:"2,keyasint"` // that signed it
	Name         string `cbor:"3,keyasint"`
	// Of a product class, as exact decimals: the net weight of one piece in
	// kilograms, and the least and the most of the inputs' weight that its recipe
	// turns into it, as fractions.
	NetWeight string `cbor:"8,keyasint,omitempty"`
	YieldFrom string `cbor:"9,keyasint,omitempty"`
	YieldTo   string `cbor:"10,keyasint,omitempty"`
}

// KeepsDescription reports whether keys of the namespace have a
// [DescriptionState].
func KeepsDescription(ns Namespace) bool { return ns == NSClass || ns == NSLot || ns == NSPlace }
