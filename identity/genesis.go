package identity

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"
)

// MaxGenesisBytes is the most that a genesis document may have.
const MaxGenesisBytes = 16 << 20

// Genesis is what a network starts from.
type Genesis struct {
	Network       Network
	ChainID       string
	Time          int64 // Unix nanoseconds
	Organisations []Organisation
	Parameters    Parameters
	Validators    []Validator // of the first block, in the document's order
	Operators     []string    // of Validators: the organisation that runs each, "" where the document names none
	Doc           []byte      // the document, byte for byte
}

// genesisDocument is CometBFT's genesis file as far as it is read here; the
// engine reads the rest.
type genesisDocument struct {
	GenesisTime   string             `json:"genesis_time"`
	ChainID       string             `json:"chain_id"`
	InitialHeight json.RawMessage    `json:"initial_height"`
	Validators    []genesisValidator `json:"validators"`
	AppHash       string             `json:"app_hash"`
	AppState      *struct {
		Organisations []Organisation `json:"organisations"`
		Parameters    Parameters     `json:"parameters"`
	} `json:"app_state"`
}

// SealGenesis fills in the chain id of a genesis document in which it stands
// blank (`"chain_id": ""`) and leaves every other byte as it is. The result is
// what ParseGenesis accepts; a document that it would refuse is refused here.
func SealGenesis(doc []byte) ([]byte, error) {
	at, err := findChainID(doc)
	if err != nil {
		return nil, fmt.Errorf("seal genesis: %w", err)
	}
	if got := doc[at.from:at.to]; string(got) != `""` {
		return nil, fmt.Errorf("seal genesis: %w: it is %s, not blank", ErrChainID, got)
	}
	sealed := at.replace(doc, `"`+Network(sha256.Sum256(doc)).ChainID()+`"`)
	if _, err := ParseGenesis(sealed); err != nil {
		return nil, fmt.Errorf("seal genesis: %w", err)
	}
	return sealed, nil
}

// ParseGenesis reads a sealed genesis document: CometBFT's genesis file, whose
// app_state is {"organisations":[…],"parameters":{…}} and whose validators have
// Ed25519 keys. The network is the
// SHA-256 of the document with the text of its one top-level chain_id replaced
// by `""`, and the chain id has to be its first 40 hex digits (ErrChainID).
//
// The document is strict JSON: valid UTF-8, one value, no name twice in an object
// (letter case apart), no top-level or app_state field that is not known, and no
// app_hash, because the hash of the network cannot be in the network.
func ParseGenesis(doc []byte) (*Genesis, error) {
	g, err := parseGenesis(doc)
	if err != nil {
		return nil, fmt.Errorf("genesis: %w", err)
	}
	return g, nil
}

func parseGenesis(doc []byte) (*Genesis, error) {
	at, err := findChainID(doc)
	if err != nil {
		return nil, err
	}
	network := Network(sha256.Sum256(at.replace(doc, `""`)))
	if got, want := string(doc[at.from:at.to]), `"`+network.ChainID()+`"`; got != want {
		return nil, fmt.Errorf("%w: it is %s, its bytes say %s", ErrChainID, got, want)
	}

	var d genesisDocument
	if err := json.Unmarshal(doc, &d); err != nil {
		return nil, err
	}
	t, err := time.Parse(time.RFC3339Nano, d.GenesisTime)
	if err != nil {
		return nil, fmt.Errorf("genesis_time: %w", err)
	}
	if y := t.Year(); y < 2000 || y > 2200 {
		return nil, fmt.Errorf("genesis_time: year %d", y)
	}
	if h := string(d.InitialHeight); h != "" && h != `"1"` {
		return nil, fmt.Errorf(`initial_height is %s, not "1"`, h)
	}
	if d.AppHash != "" {
		return nil, fmt.Errorf("app_hash is not empty")
	}
	if d.AppState == nil {
		return nil, fmt.Errorf("app_state is missing")
	}

	validators, err := parseValidators(d.Validators)
	if err != nil {
		return nil, err
	}

	// Decoded once more over the defaults, for the parameters that are left out.
	var state struct {
		AppState struct {
			Parameters Parameters `json:"parameters"`
		} `json:"app_state"`
	}
	state.AppState.Parameters = DefaultParameters()
	if err := json.Unmarshal(doc, &state); err != nil {
		return nil, err
	}
	g := &Genesis{
		Network:       network,
		ChainID:       network.ChainID(),
		Time:          t.UnixNano(),
		Organisations: d.AppState.Organisations,
		Parameters:    state.AppState.Parameters,
		Validators:    validators,
		Operators:     operators(d.Validators),
		Doc:           bytes.Clone(doc),
	}
	if err := g.Validate(); err != nil {
		return nil, err
	}
	return g, nil
}

func operators(listed []genesisValidator) []string {
	names := make([]string, len(listed))
	for i := range listed {
		names[i] = listed[i].Name
	}
	return names
}
