package node

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/crypto/tmhash"
	cmtversion "github.com/cometbft/cometbft/proto/tendermint/version"
	"github.com/cometbft/cometbft/types"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// engineBlock is a light block as package proof has it, beside what CometBFT
// itself computed of the same block. Package proof and verifiers in other
// languages are held to it.
type engineBlock struct {
	Name           string           `json:"name"`
	Block          proof.LightBlock `json:"block"`
	HeaderHash     string           `json:"headerHash"`
	ValidatorsHash string           `json:"validatorsHash"`
	VoteBytes      []string         `json:"voteBytes"` // of each signature
}

// engineCase says how the validators of a block voted.
type engineCase struct {
	name    string
	height  int64
	round   int32
	powers  []int64
	absent  map[int]bool
	against map[int]bool // voted for no block
	time    time.Time
	next    []int64 // powers of the next set, nil for the same
}

// Blocks that CometBFT's own types made, hashed and signed: our light block is
// the same in every byte that is hashed or signed.
func TestLightBlocksAreTheEngines(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 0, 0, 123_456_789, time.UTC)
	equal := []int64{10, 10, 10, 10}
	var out []engineBlock
	for _, c := range []engineCase{
		{name: "one validator, the first block", height: 1, powers: []int64{1}, time: at},
		{name: "one validator", height: 2, powers: []int64{1}, time: at.Add(time.Second)},
		{name: "four validators", height: 300, powers: equal, time: at},
		{name: "a later round", height: 1 << 40, round: 70000, powers: equal, time: at},
		{name: "one absent", height: 301, powers: equal, absent: map[int]bool{0: true}, time: at},
		{name: "one for no block", height: 302, powers: equal, against: map[int]bool{2: true}, time: at},
		{name: "a whole second", height: 303, powers: equal, time: at.Truncate(time.Second)},
		{name: "1970", height: 304, powers: equal, time: time.Unix(0, 0)},
		{name: "before 1970", height: 305, powers: equal, time: time.Unix(-5, 1)},
		{name: "unequal powers", height: 306, powers: []int64{1, 1 << 40, 300, 1 << 40, 7}, time: at},
		{name: "other validators next", height: 307, powers: equal, time: at, next: []int64{10, 10, 10, 11}},
	} {
		out = append(out, c.make(t))
	}
	b, err := json.MarshalIndent(out, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	b = append(b, '\n')
	const path = "../proof/testdata/engine.json"
	if *update {
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b, want) {
		t.Errorf("%s differs; -update and read the diff", path)
	}
}

func engineSet(powers []int64) (*types.ValidatorSet, map[string]ed25519.PrivKey) {
	keys := map[string]ed25519.PrivKey{}
	var vs []*types.Validator
	for i, p := range powers {
		key := ed25519.GenPrivKeyFromSecret(fmt.Appendf(nil, "validator %d", i))
		v := types.NewValidator(key.PubKey(), p)
		keys[v.Address.String()] = key
		vs = append(vs, v)
	}
	return types.NewValidatorSet(vs), keys
}

func (c engineCase) make(t *testing.T) engineBlock {
	t.Helper()
	set, keys := engineSet(c.powers)
	next := set
	if c.next != nil {
		next, _ = engineSet(c.next)
	}
	sum := func(s string) []byte { return tmhash.Sum([]byte(s)) }
	h := &types.Header{
		Version: cmtversion.Consensus{Block: 11, App: 1}, ChainID: "0123456789abcdef0123456789abcdef01234567",
		Height: c.height, Time: c.time,
		LastBlockID:    types.BlockID{Hash: sum("last"), PartSetHeader: types.PartSetHeader{Total: 2, Hash: sum("last parts")}},
		LastCommitHash: sum("commit"), DataHash: sum("data"), ValidatorsHash: set.Hash(), NextValidatorsHash: next.Hash(),
		ConsensusHash: types.DefaultConsensusParams().Hash(), AppHash: sum("app"), LastResultsHash: sum("results"), EvidenceHash: sum(""),
		ProposerAddress: set.GetProposer().Address,
	}
	if c.height == 1 {
		h.LastBlockID = types.BlockID{}
	}
	id := types.BlockID{Hash: h.Hash(), PartSetHeader: types.PartSetHeader{Total: 3, Hash: sum("parts")}}
	commit := &types.Commit{Height: c.height, Round: c.round, BlockID: id}
	for i, v := range set.Validators {
		if c.absent[i] {
			commit.Signatures = append(commit.Signatures, types.NewCommitSigAbsent())
			continue
		}
		s := types.CommitSig{BlockIDFlag: types.BlockIDFlagCommit, ValidatorAddress: v.Address,
			Timestamp: c.time.Add(time.Duration(i) * 1234567 * time.Microsecond)}
		if c.against[i] {
			s.BlockIDFlag = types.BlockIDFlagNil
		}
		commit.Signatures = append(commit.Signatures, s)
		sig, err := keys[v.Address.String()].Sign(commit.VoteSignBytes(h.ChainID, int32(i)))
		if err != nil {
			t.Fatal(err)
		}
		commit.Signatures[i].Signature = sig
	}
	if err := set.VerifyCommit(h.ChainID, id, c.height, commit); err != nil {
		t.Fatalf("%s: the engine refuses its own commit: %v", c.name, err)
	}

	validators, err := lightValidators(set)
	if err != nil {
		t.Fatal(err)
	}
	b, err := lightBlock(h, commit, validators)
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	out := engineBlock{Name: c.name, Block: *b, HeaderHash: hex.EncodeToString(h.Hash()), ValidatorsHash: hex.EncodeToString(set.Hash())}
	if got := b.Header.Hash().String(); got != out.HeaderHash {
		t.Errorf("%s: header hash %s, not %s", c.name, got, out.HeaderHash)
	}
	if got := proof.ValidatorsHash(validators).String(); got != out.ValidatorsHash {
		t.Errorf("%s: validators hash %s, not %s", c.name, got, out.ValidatorsHash)
	}
	for i, s := range b.Commit.Signatures {
		want := commit.VoteSignBytes(h.ChainID, int32(s.Validator))
		if got := b.VoteBytes(i); !bytes.Equal(got, want) {
			t.Errorf("%s: vote %d\n%x, not\n%x", c.name, i, got, want)
		}
		out.VoteBytes = append(out.VoteBytes, hex.EncodeToString(want))
	}
	// The order of a set that genesis lists is ours to find.
	sorted := append([]identity.Validator{}, validators...)
	for i := range sorted {
		sorted[i] = validators[len(validators)-1-i]
	}
	proof.SortValidators(sorted)
	if got := proof.ValidatorsHash(sorted).String(); got != out.ValidatorsHash {
		t.Errorf("%s: sorted anew the validators hash to %s", c.name, got)
	}
	return out
}
