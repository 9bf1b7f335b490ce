package trace

// PrefixKey is where the ledger says which member licenses a GS1 company
// prefix: its state is the canonical CBOR of a [PrefixState]. Genesis writes
// one for each prefix of each organisation.
func PrefixKey(prefix string) Key { return Key{NSParam, "prefix/" + prefix} }

// PrefixState is the state of a [PrefixKey].
type PrefixState struct {
	Organisation string `cbor:"1,keyasint"` // id of the licensee
}

// ParametersKey is where the ledger keeps the network's parameters: its state
// is the canonical CBOR of identity.Parameters, written by genesis.
func ParametersKey() Key { return Key{NSParam, "parameters"} }
