package node

import (
	"errors"
	"time"

	"github.com/waymark-ledger/waymark/identity"
)

// ErrUsedHome is returned for a home that already holds a node.
var ErrUsedHome = errors.New("the home already holds a node")

// PrepareOptions say whose home it is.
type PrepareOptions struct {
	Organisation identity.Organisation // keys, peer and node id are filled in
	// Scopes of the API key that is made; nil means all of them.
	Scopes []string
	// LightScrypt makes the keystore cheap to unlock, for test networks.
	LightScrypt bool
	// Follower makes a home without a share in genesis: no validator.
	Follower bool
}

// Identity is what Prepare made: everything but APIKey is public.
type Identity struct {
	Organisation identity.Organisation // with its operating key, peer and node id
	Address      identity.Address      // of the operating key
	Validator    Validator
	// APIKey opens the node's API. It is kept nowhere: only its hash is.
	APIKey     string
	APIKeyHash APIKey
}

// Validator is a consensus validator at genesis.
type Validator struct {
	PublicKey []byte // Ed25519, 32 bytes
	Power     int64
	Name      string
}

// GenesisOptions are what a network starts from.
type GenesisOptions struct {
	Organisations []identity.Organisation
	Validators    []Validator
	Parameters    any // identity.Parameters
	Time          time.Time
}

// Prepare makes the keys of a node in an unused home: the operating key with
// its passphrase file, the libp2p key, CometBFT's node and validator keys, and
// an API key. [Install] completes the home.
func Prepare(home string, o PrepareOptions) (*Identity, error) {
	return nil, errors.New("node: keys are not wired")
}

// BuildGenesis writes the sealed genesis document of a network.
func BuildGenesis(o GenesisOptions) ([]byte, error) {
	return nil, errors.New("node: genesis is not wired")
}

// Install puts the genesis document and the configuration into a prepared home.
func Install(home string, genesis []byte, c Config) error {
	return errors.New("node: install is not wired")
}

// InitOptions make a network of one node.
type InitOptions struct {
	PrepareOptions
	// Members without a node that genesis lists too: they sign through others.
	Members []identity.Organisation
	Time    time.Time // of genesis
	// Configure changes the configuration before it is written; nil keeps the default.
	Configure func(*Config)
}

// Init makes a network of one node in an unused home: the embedded default.
func Init(home string, o InitOptions) (*Identity, error) {
	return nil, errors.New("node: init is not wired")
}
