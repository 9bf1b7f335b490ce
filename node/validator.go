package node

import (
	"fmt"
	"os"

	"github.com/cometbft/cometbft/crypto"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/libs/protoio"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
)

// loadValidator reads the validator's key and the state of its signatures.
func loadValidator(keyFile, stateFile string) (*privval.FilePV, error) {
	if err := checkValidator(keyFile, stateFile); err != nil {
		return nil, fmt.Errorf("read the validator: %w", err)
	}
	return privval.LoadFilePV(keyFile, stateFile), nil
}

// checkValidator looks at both files before CometBFT's own reader does, which ends
// the process on one it cannot read. A missing state is an error too: to make an
// empty one for a key that has signed is how a validator signs twice. So is the state
// of another validator, which says nothing of what this one has signed, and one whose
// height, round or step are not those of what was signed: where they have become
// less, the validator would sign there once more. A private key that does not belong to
// its public key would make signatures that no other node takes.
func checkValidator(keyFile, stateFile string) error {
	var key privval.FilePVKey
	var signed privval.FilePVLastSignState
	for _, f := range []struct {
		path string
		into any
	}{{keyFile, &key}, {stateFile, &signed}} {
		raw, err := os.ReadFile(f.path)
		if err != nil {
			return err
		}
		if err := cmtjson.Unmarshal(raw, f.into); err != nil {
			return fmt.Errorf("%s is damaged", f.path) // the cause could quote the key
		}
	}
	switch {
	case !isPair(key.PrivKey, key.PubKey):
		return fmt.Errorf("%s is damaged: its private key is not that of its public key", keyFile)
	case len(signed.Signature) == 0 && len(signed.SignBytes) == 0 && signed.Height == 0 && signed.Round == 0 && signed.Step == 0:
		return nil // nothing is signed yet
	case !key.PubKey.VerifySignature(signed.SignBytes, signed.Signature):
		return fmt.Errorf("the signature in %s is not of the key in %s: one of the two is damaged, or another node's", stateFile, keyFile)
	case !isOfWhatIsSigned(&signed):
		return fmt.Errorf("%s is damaged: it names another height, round or step than what was signed last", stateFile)
	}
	return nil
}

// isOfWhatIsSigned reads what was signed: a proposal, or a vote, whose canonical form
// begins as a proposal's does.
func isOfWhatIsSigned(s *privval.FilePVLastSignState) bool {
	var head cmtproto.CanonicalProposal
	if err := protoio.UnmarshalDelimited(s.SignBytes, &head); err != nil {
		var vote cmtproto.CanonicalVote
		if err := protoio.UnmarshalDelimited(s.SignBytes, &vote); err != nil {
			return false
		}
		head = cmtproto.CanonicalProposal{Type: vote.Type, Height: vote.Height, Round: vote.Round}
	}
	steps := map[cmtproto.SignedMsgType]int8{cmtproto.ProposalType: 1, cmtproto.PrevoteType: 2, cmtproto.PrecommitType: 3} // as package privval counts them
	return s.Height == head.Height && int64(s.Round) == head.Round && s.Step == steps[head.Type]
}

// loadNodeKey reads the node's key on the engine's network.
func loadNodeKey(file string) (*p2p.NodeKey, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("load the node key: %w", err)
	}
	var key p2p.NodeKey
	if err := cmtjson.Unmarshal(raw, &key); err != nil || key.PrivKey == nil || !isPair(key.PrivKey, key.PubKey()) {
		return nil, fmt.Errorf("load the node key: %s is damaged", file) // the cause could quote the key
	}
	return &key, nil
}

// isPair reports whether a private key belongs to a public one. An Ed25519 key stands in a
// file with its public half, from which the engine takes it: only what it signs shows the other.
func isPair(private crypto.PrivKey, public crypto.PubKey) bool {
	if private == nil || public == nil {
		return false
	}
	message := []byte("waymark: does this key sign?")
	signature, err := private.Sign(message)
	return err == nil && public.VerifySignature(message, signature)
}
