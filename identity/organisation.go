package identity

// Role says what an organisation may write. "customs:XX" carries the ISO
// 3166-1 alpha-2 code of its country.
type Role string

// The roles of a network's members.
const (
	Producer     Role = "producer"
	Manufacturer Role = "manufacturer"
	Trader       Role = "trader"
	Platform     Role = "platform"
	Merchant     Role = "merchant"
	Retailer     Role = "retailer"
	Carrier      Role = "carrier"
	Warehouse    Role = "warehouse"
	Certifier    Role = "certifier"  // issues certificates of conformity
	Accreditor   Role = "accreditor" // accredits certifiers
	Bank         Role = "bank"
)

// MaxKeys is how many operating keys an organisation has at most: its state, which
// every change of them writes anew, lists them.
const MaxKeys = 16

// Organisation is a member of the network as genesis or governance admits it.
// ID is its party GLN as a canonical Digital Link.
type Organisation struct {
	ID       string   `json:"id" cbor:"1,keyasint"`
	Name     string   `json:"name" cbor:"2,keyasint"`
	Country  string   `json:"country" cbor:"3,keyasint"` // ISO 3166-1 alpha-2
	Roles    []Role   `json:"roles" cbor:"4,keyasint"`
	Schemes  []string `json:"schemes,omitempty" cbor:"5,keyasint,omitempty"`  // what genesis has a certifier certify for, an accreditor accredit for
	Prefixes []string `json:"prefixes,omitempty" cbor:"6,keyasint,omitempty"` // GS1 company prefixes it licenses
	Keys     []string `json:"keys" cbor:"7,keyasint"`                         // compressed secp256k1 public keys of its operating keys, 0x hex
	Peer     string   `json:"peer,omitempty" cbor:"8,keyasint,omitempty"`     // libp2p peer id of its node
	NodeID   string   `json:"nodeId,omitempty" cbor:"9,keyasint,omitempty"`   // CometBFT node id of its node
}

// Interval is a span of ledger positions with one standing, [FromSeq, ToSeq).
// ToSeq is nil while it lasts.
type Interval[T any] struct {
	FromSeq uint64  `cbor:"1,keyasint"`
	ToSeq   *uint64 `cbor:"2,keyasint,omitempty"`
	Value   T       `cbor:"3,keyasint"`
}

// Status is the standing of an organisation or key.
type Status string

// The standings.
const (
	Active    Status = "active"
	Suspended Status = "suspended"
	Removed   Status = "removed"
	Revoked   Status = "revoked"
)

// OrganisationState is the canonical state of an organisation's key on the
// ledger (namespace organisation): every interval of its standing.
type OrganisationState struct {
	Intervals []Interval[OrganisationStanding] `cbor:"1,keyasint"`
}

// OrganisationStanding is what held of an organisation during one interval.
type OrganisationStanding struct {
	Status       Status       `cbor:"1,keyasint"`
	Organisation Organisation `cbor:"2,keyasint"`
}

// KeyState is the canonical state of an operating key (namespace key, id the
// EIP-55 address).
type KeyState struct {
	Intervals []Interval[KeyStanding] `cbor:"1,keyasint"`
}

// KeyStanding is what held of a key during one interval.
type KeyStanding struct {
	Status       Status `cbor:"1,keyasint"`
	Organisation string `cbor:"2,keyasint"` // the organisation's id
	PublicKey    []byte `cbor:"3,keyasint"` // compressed, 33 bytes
	// CompromisedSince, of a revoked key, is from when on nobody knows who signed with
	// it: Unix seconds of block time, rounded down, not negative.
	CompromisedSince *int64 `cbor:"4,keyasint,omitempty"`
	// Kinds are the kinds of records that the key signs, sorted; none: all of them.
	Kinds []string `cbor:"5,keyasint,omitempty"`
}
