package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"time"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/node"
	"github.com/waymark-ledger/waymark/proof"
)

// electorate is validators of equal power that agree on whatever they are shown:
// a ledger that was filled without consensus has them sign its checkpoint.
type electorate []ed25519.PrivateKey

const voters = 4

func newElectorate() (electorate, error) {
	var e electorate
	for range voters {
		_, key, err := ed25519.GenerateKey(nil)
		if err != nil {
			return nil, err
		}
		e = append(e, key)
	}
	return e, nil
}

// validators are they as a genesis document names them.
func (e electorate) validators() []node.Validator {
	var list []node.Validator
	for _, key := range e {
		list = append(list, node.Validator{PublicKey: key.Public().(ed25519.PublicKey), Power: 10})
	}
	return list
}

// checkpoint is that of the roots, agreed on in the next block.
func (e electorate) checkpoint(g *identity.Genesis, roots proof.Roots, at time.Time) *proof.Checkpoint {
	keys := map[identity.ValidatorKey]ed25519.PrivateKey{}
	block := proof.LightBlock{}
	for _, key := range e {
		public := identity.ValidatorKey(key.Public().(ed25519.PublicKey))
		keys[public] = key
		block.Validators = append(block.Validators, identity.Validator{Key: public, Power: 10})
	}
	proof.SortValidators(block.Validators)
	set := proof.ValidatorsHash(block.Validators)
	made := func(what string) identity.Hash { return sha256.Sum256([]byte(what)) }
	block.Header = proof.Header{
		VersionBlock: 11, VersionApp: 1, ChainID: g.ChainID, Height: roots.Height + 1, Time: at.UnixNano(),
		LastBlock:      &proof.BlockID{Hash: made("block"), Parts: 1, PartsHash: made("parts of the block")},
		LastCommitHash: made("commit"), DataHash: made(""), ValidatorsHash: set, NextValidatorsHash: set,
		ConsensusHash: made("parameters"), AppHash: roots.AppHash, LastResultsHash: made(""), EvidenceHash: made(""),
		Proposer: block.Validators[0].Key.Address(),
	}
	block.Commit = proof.Commit{Parts: 1, PartsHash: made("parts")}
	for i, v := range block.Validators {
		block.Commit.Signatures = append(block.Commit.Signatures, proof.CommitSignature{Validator: uint32(i), Time: at.UnixNano()})
		block.Commit.Signatures[i].Signature = proof.VoteSignature(ed25519.Sign(keys[v.Key], block.VoteBytes(i)))
	}
	block.Trim()
	return proof.NewCheckpoint(g.Network, roots, nil, block)
}
