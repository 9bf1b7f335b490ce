package node

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	cmtp2p "github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"
	"github.com/cometbft/cometbft/types"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/p2p"
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
	// Follower makes a node of no organisation: it has no operating key, and
	// captures nothing itself.
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
	Network    identity.Network // set by Init
}

// Validator is a consensus validator at genesis.
type Validator struct {
	PublicKey []byte // Ed25519, 32 bytes
	Power     int64
	Name      string // its organisation's id
}

// GenesisOptions are what a network starts from.
type GenesisOptions struct {
	Organisations []identity.Organisation
	Validators    []Validator
	Parameters    identity.Parameters // the zero value means the defaults
	Time          time.Time
}

// InitOptions make a network of one node.
type InitOptions struct {
	PrepareOptions
	// Members without a node that genesis lists too: they sign through others.
	Members    []identity.Organisation
	Parameters identity.Parameters // the zero value means the defaults
	Time       time.Time           // of genesis
	// Configure changes the configuration before it is written; nil keeps the default.
	Configure func(*Config)
}

// Init makes a network of one node in an unused home: the embedded default.
func Init(home string, o InitOptions) (_ *Identity, err error) {
	id, err := Prepare(home, o.PrepareOptions)
	if err != nil {
		return nil, err
	}
	defer func() { err = id.unlessMade(home, err) }()
	genesis, err := BuildGenesis(GenesisOptions{
		Organisations: append([]identity.Organisation{id.Organisation}, o.Members...),
		Validators:    []Validator{id.Validator},
		Parameters:    o.Parameters,
		Time:          o.Time,
	})
	if err != nil {
		return nil, err
	}
	return id.install(home, genesis, o.Configure)
}

// unlessMade takes away what Prepare made when the home was not completed: the
// keys stand in no genesis document, and the next try needs an unused home. It
// returns err.
func (id *Identity) unlessMade(home string, err error) error {
	if err == nil {
		return nil
	}
	c := DefaultConfig(home)
	for _, made := range []string{c.path("keys"), c.path("data"), c.genesisFile(), c.configFile()} {
		err = errors.Join(err, os.RemoveAll(made))
	}
	return err
}

// install completes a home that was prepared.
func (id *Identity) install(home string, genesis []byte, configure func(*Config)) (*Identity, error) {
	g, err := identity.ParseGenesis(genesis)
	if err != nil {
		return nil, err
	}
	id.Network = g.Network
	c := DefaultConfig(home)
	c.API.Keys = []APIKey{id.APIKeyHash}
	if len(id.Organisation.Keys) > 0 { // named, so that a second key in the keystore does not make it one of several
		c.Signer.Address = id.Address.Hex()
	}
	if configure != nil {
		configure(&c)
	}
	if err := Install(home, genesis, c); err != nil {
		return nil, err
	}
	return id, nil
}

// Join makes the home of a node of an existing network in an unused directory; its
// members have to admit the organisation before they let it in. Members, Parameters
// and Time of the options are not used.
func Join(home string, genesis []byte, o InitOptions) (_ *Identity, err error) {
	if _, err := identity.ParseGenesis(genesis); err != nil { // before anything is made
		return nil, err
	}
	id, err := Prepare(home, o.PrepareOptions)
	if err != nil {
		return nil, err
	}
	defer func() { err = id.unlessMade(home, err) }()
	return id.install(home, genesis, o.Configure)
}

// Prepare makes the keys of a node in an unused home: the operating key with
// its passphrase file, the libp2p key, CometBFT's node and validator keys, and
// an API key. [Install] completes the home.
func Prepare(home string, o PrepareOptions) (*Identity, error) {
	if !o.Follower {
		if err := o.Organisation.ValidateDescription(); err != nil {
			return nil, err // before anything is made; a member's vote would find it too late
		}
	}
	c := DefaultConfig(home)
	if entries, err := os.ReadDir(home); err == nil && len(entries) > 0 {
		if _, err := os.Stat(c.genesisFile()); errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("%s is not empty and holds no node: name another directory, or empty it", home)
		}
		return nil, fmt.Errorf("%w: %s: run it with start, or name another directory", ErrUsedHome, home)
	}
	for _, dir := range []string{c.path("keys"), c.path("data")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("prepare %s: %w", home, err)
		}
	}
	id := &Identity{Organisation: o.Organisation}
	if !o.Follower {
		passphrase := randomText(24)
		if err := writeSecret(c.path(c.Signer.PassphraseFile), passphrase+"\n"); err != nil {
			return nil, err
		}
		key, err := identity.GenerateKey()
		if err != nil {
			return nil, err
		}
		if err := (identity.Keystore{Dir: c.path(c.Signer.Keystore), Light: o.LightScrypt}).Add(key, passphrase); err != nil {
			return nil, fmt.Errorf("prepare %s: %w", home, err)
		}
		id.Address = key.Address()
		id.Organisation.Keys = append(id.Organisation.Keys[:len(id.Organisation.Keys):len(id.Organisation.Keys)],
			identity.FormatPublicKey(key.PublicKey()))
	}
	peerKey, err := p2p.LoadOrCreateKey(c.p2pKeyFile())
	if err != nil {
		return nil, err
	}
	peer, err := p2p.PeerID(peerKey)
	if err != nil {
		return nil, err
	}
	nodeKey, err := cmtp2p.LoadOrGenNodeKey(c.nodeKeyFile())
	if err != nil {
		return nil, fmt.Errorf("make the node key: %w", err)
	}
	id.Organisation.Peer, id.Organisation.NodeID = peer.String(), string(nodeKey.ID())
	validator := privval.GenFilePV(c.validatorFile(), c.validatorState())
	validator.Save()
	id.Validator = Validator{PublicKey: validator.Key.PubKey.Bytes(), Power: 1, Name: o.Organisation.ID}

	scopes := o.Scopes
	if scopes == nil {
		scopes = []string{"capture", "query", "admin"}
	}
	id.APIKey = "wm_" + randomText(24)
	sum := sha256.Sum256([]byte(id.APIKey))
	id.APIKeyHash = APIKey{Name: "owner", Hash: hex.EncodeToString(sum[:]), Scopes: scopes}
	return id, nil
}

// BuildGenesis writes the sealed genesis document of a network: CometBFT's
// genesis file, whose chain id is derived from its own bytes.
func BuildGenesis(o GenesisOptions) ([]byte, error) {
	if o.Parameters == (identity.Parameters{}) {
		o.Parameters = identity.DefaultParameters()
	}
	state, err := json.Marshal(struct {
		Organisations []identity.Organisation `json:"organisations"`
		Parameters    identity.Parameters     `json:"parameters"`
	}{o.Organisations, o.Parameters})
	if err != nil {
		return nil, fmt.Errorf("build genesis: %w", err)
	}
	params := types.DefaultConsensusParams()
	// Room for what the network allows in one block, and the header, commit
	// and evidence around it.
	params.Block.MaxBytes = int64(o.Parameters.MaxBytesPerBlock) + (512 << 10)
	params.Version.App = 1
	doc := types.GenesisDoc{
		GenesisTime:     o.Time.UTC().Truncate(time.Millisecond),
		ChainID:         chainIDBlank,
		InitialHeight:   1,
		ConsensusParams: params,
		AppState:        state,
	}
	for _, v := range o.Validators {
		if len(v.PublicKey) != ed25519.PubKeySize {
			return nil, fmt.Errorf("build genesis: the validator key of %s has %d bytes", v.Name, len(v.PublicKey))
		}
		doc.Validators = append(doc.Validators, types.GenesisValidator{
			PubKey: ed25519.PubKey(v.PublicKey), Power: v.Power, Name: v.Name,
		})
	}
	if err := doc.ValidateAndComplete(); err != nil {
		return nil, fmt.Errorf("build genesis: %w", err)
	}
	raw, err := cmtjson.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("build genesis: %w", err)
	}
	raw = bytes.Replace(raw, []byte(`"chain_id": "`+chainIDBlank+`"`), []byte(`"chain_id": ""`), 1)
	return identity.SealGenesis(raw)
}

// chainIDBlank stands in the document until it is blanked: CometBFT's own
// checks do not let the field be empty.
const chainIDBlank = "blank"

// Install puts the genesis document and the configuration into a prepared
// home. It refuses a home that has them.
func Install(home string, genesis []byte, c Config) error {
	c.Home = home
	if err := c.Validate(); err != nil {
		return fmt.Errorf("install %s: %w", home, err)
	}
	if _, err := identity.ParseGenesis(genesis); err != nil {
		return fmt.Errorf("install %s: %w", home, err)
	}
	var text bytes.Buffer
	if err := c.WriteTOML(&text); err != nil {
		return err
	}
	if err := writeNew(c.genesisFile(), genesis, 0o644); err != nil {
		return err
	}
	return writeNew(c.configFile(), text.Bytes(), 0o600)
}

// writeNew writes a file that must not be there.
func writeNew(path string, b []byte, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%w: %s is there", ErrUsedHome, path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	_, err = f.Write(b)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}

func writeSecret(path, text string) error { return writeNew(path, []byte(text), 0o600) }

// randomText is n random bytes in hex.
func randomText(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails (crypto/rand)
	return hex.EncodeToString(b)
}

// ErrNoHome is returned for a directory that holds no node.
var ErrNoHome = errors.New("no node lives here")

// readGenesis reads the genesis document of the home's network.
func (c *Config) readGenesis() (*identity.Genesis, error) {
	doc, err := os.ReadFile(c.genesisFile())
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s has no %s: make one with init, or name the home of another", ErrNoHome, c.Home, filepath.Base(c.genesisFile()))
	}
	if err != nil {
		return nil, fmt.Errorf("read genesis: %w", err)
	}
	g, err := identity.ParseGenesis(doc)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.genesisFile(), err)
	}
	return g, nil
}

// unlock opens the key that this node signs with; nil when it has none.
func (c *Config) unlock() (*identity.Key, error) {
	store := identity.Keystore{Dir: c.path(c.Signer.Keystore)}
	addresses, err := store.List()
	if err != nil {
		return nil, fmt.Errorf("list the keystore: %w", err)
	}
	var address identity.Address
	switch {
	case c.Signer.Address != "":
		if address, err = identity.ParseAddress(c.Signer.Address); err != nil {
			return nil, fmt.Errorf("signer.address: %w", err)
		}
	case len(addresses) == 0:
		return nil, nil
	case len(addresses) > 1:
		return nil, fmt.Errorf("the keystore holds %d keys: name the one that signs in signer.address", len(addresses))
	default:
		address = addresses[0]
	}
	passphrase, err := os.ReadFile(c.path(c.Signer.PassphraseFile))
	if err != nil {
		return nil, fmt.Errorf("read the passphrase: %w", err)
	}
	return store.Unlock(address, strings.TrimRight(string(passphrase), "\r\n"))
}
