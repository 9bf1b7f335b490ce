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
	Country      string `cbor:"4,keyasint,omitempty"` // of a place, ISO 3166-1 alpha-2, where the master data states it
}

// KeepsDescription reports whether keys of the namespace have a
// [DescriptionState].
func KeepsDescription(ns Namespace) bool { return ns == NSClass || ns == NSLot || ns == NSPlace }
