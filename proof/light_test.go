package proof

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
)

// chain makes signed light blocks as an engine would.
type chain struct {
	genesis *identity.Genesis
	sets    map[uint64][]identity.Validator // from that height on
	roots   map[uint64]Roots                // from that height on; the block after carries them
}

const second = int64(1e9)

func validatorKey(name string) ed25519.PrivateKey {
	seed := hash("validator " + name)
	return ed25519.NewKeyFromSeed(seed[:])
}

func validators(power int64, names ...string) []identity.Validator {
	var vs []identity.Validator
	for _, n := range names {
		vs = append(vs, identity.Validator{Key: identity.ValidatorKey(validatorKey(n).Public().(ed25519.PublicKey)), Power: power})
	}
	SortValidators(vs)
	return vs
}

func keyOf(v identity.Validator) ed25519.PrivateKey {
	for _, n := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i"} {
		if k := validatorKey(n); slices.Equal(k.Public().(ed25519.PublicKey), v.Key[:]) {
			return k
		}
	}
	panic("nobody's validator")
}

// newChain is a network of four validators whose state is at height 5.
func newChain(t testing.TB) *chain {
	t.Helper()
	key, err := identity.ParseKey("0101010101010101010101010101010101010101010101010101010101010101")
	if err != nil {
		t.Fatal(err)
	}
	vs := validators(10, "a", "b", "c", "d")
	list := ""
	for i, v := range vs {
		if i > 0 {
			list += ","
		}
		list += fmt.Sprintf(`{"pub_key":{"type":"tendermint/PubKeyEd25519","value":%q},"power":"%d"}`, base64Of(v.Key[:]), v.Power)
	}
	doc, err := identity.SealGenesis([]byte(`{"genesis_time":"2026-11-22T10:00:00Z","chain_id":"","initial_height":"1","validators":[` + list + `],"app_state":{"organisations":[` +
		`{"id":"https://id.gs1.org/417/9521101000009","name":"Union","country":"ET","roles":["producer"],"keys":["` + identity.FormatPublicKey(key.PublicKey()) + `"]}],"parameters":{}}}`))
	if err != nil {
		t.Fatal(err)
	}
	g, err := identity.ParseGenesis(doc)
	if err != nil {
		t.Fatal(err)
	}
	return &chain{genesis: g, sets: map[uint64][]identity.Validator{1: vs}, roots: map[uint64]Roots{5: testRoots(5)}}
}

func testRoots(height uint64) Roots {
	r := Roots{StateHeight: height, Previous: hash(fmt.Sprint("app hash before ", height)), LogSize: 10 * height,
		LogRoot: newTree(10 * height).root(), MapRoot: hash(fmt.Sprint("map ", height))}
	r.AppHash = AppHash(height, r.Previous, r.LogSize, r.LogRoot, r.MapRoot)
	return r
}

func (c *chain) setAt(height uint64) []identity.Validator {
	for ; ; height-- {
		if vs := c.sets[height]; vs != nil {
			return slices.Clone(vs)
		}
	}
}

func (c *chain) rootsAt(height uint64) Roots {
	for ; height > 0; height-- {
		if r, ok := c.roots[height]; ok {
			return r
		}
	}
	return Roots{AppHash: identity.Hash(c.genesis.Network)}
}

// block is the light block at a height, with as many votes as a verifier wants.
func (c *chain) block(height uint64) *LightBlock {
	b := c.unsigned(height)
	c.sign(b)
	b.Trim()
	return b
}

func (c *chain) unsigned(height uint64) *LightBlock {
	b := &LightBlock{Validators: c.setAt(height)}
	b.Header = Header{
		VersionBlock: 11, VersionApp: 1, ChainID: c.genesis.ChainID, Height: height, Time: c.genesis.Time + int64(height-1)*second,
		LastBlock:      &BlockID{Hash: hash(fmt.Sprint("block ", height-1)), Parts: 1, PartsHash: hash(fmt.Sprint("parts ", height-1))},
		LastCommitHash: hash("commit"), DataHash: EmptyLogRoot(), ConsensusHash: hash("consensus"), LastResultsHash: EmptyLogRoot(), EvidenceHash: EmptyLogRoot(),
		ValidatorsHash: ValidatorsHash(b.Validators), NextValidatorsHash: ValidatorsHash(c.setAt(height + 1)),
		AppHash: c.rootsAt(height - 1).AppHash, Proposer: b.Validators[0].Key.Address(),
	}
	if height == 1 {
		b.Header.LastBlock = nil
	}
	b.Commit = Commit{Round: uint32(height % 2), Parts: 1, PartsHash: hash(fmt.Sprint("parts ", height)), Signatures: []CommitSignature{}}
	return b
}

// sign has every validator vote, each at its own time.
func (c *chain) sign(b *LightBlock) {
	b.Commit.Signatures = nil
	for i, v := range b.Validators {
		b.Commit.Signatures = append(b.Commit.Signatures, CommitSignature{Validator: uint32(i), Time: b.Header.Time + second + int64(i)*1234567})
		b.Commit.Signatures[i].Signature = VoteSignature(ed25519.Sign(keyOf(v), b.VoteBytes(i)))
	}
}

// without leaves out one validator's vote.
func (c *chain) without(b *LightBlock, validator uint32) {
	c.sign(b)
	b.Commit.Signatures = slices.DeleteFunc(b.Commit.Signatures, func(s CommitSignature) bool { return s.Validator == validator })
	b.Trim()
}

func (c *chain) anchor(t testing.TB) Anchor {
	t.Helper()
	a, err := AnchorOfGenesis(c.genesis)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// checkpoint is the chain's at a block's height, with the bridge it takes.
func (c *chain) checkpoint(t testing.TB, height uint64) *Checkpoint {
	t.Helper()
	b := c.block(height)
	bridge, err := Bridge(c.genesis.Network, c.anchor(t), b, func(h uint64) (*LightBlock, error) { return c.block(h), nil })
	if err != nil {
		t.Fatal(err)
	}
	return NewCheckpoint(c.genesis.Network, c.rootsAt(height-1), bridge, *b)
}

func reasonOf(err error) Reason {
	var r *Refutation
	switch {
	case err == nil:
		return ""
	case errors.As(err, &r):
		return r.Reason
	case errors.Is(err, ErrUnusable):
		return "unusable"
	}
	return Reason("an error of no kind: " + err.Error())
}

// Blocks that the consensus engine made (package node writes the file): hashed,
// and its votes rebuilt, without it.
func TestBlocksOfTheEngine(t *testing.T) {
	b, err := os.ReadFile("testdata/engine.json")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []struct {
		Name                       string
		Block                      LightBlock
		HeaderHash, ValidatorsHash identity.Hash
		VoteBytes                  []string
	}
	if err := json.Unmarshal(b, &blocks); err != nil {
		t.Fatal(err)
	}
	for _, k := range blocks {
		if k.Block.Header.Hash() != k.HeaderHash || ValidatorsHash(k.Block.Validators) != k.ValidatorsHash {
			t.Errorf("%s: hashes", k.Name)
		}
		for i := range k.Block.Commit.Signatures {
			if got := hex.EncodeToString(k.Block.VoteBytes(i)); got != k.VoteBytes[i] {
				t.Errorf("%s: vote %d is %s", k.Name, i, got)
			}
		}
		network, err := identity.ParseNetwork(k.Block.Header.ChainID + "000000000000000000000000")
		if err != nil {
			t.Fatal(err)
		}
		if r := k.Block.check(network); r != nil {
			t.Errorf("%s: %v", k.Name, r)
		}
	}
}

func TestCheckpointVerifies(t *testing.T) {
	c := newChain(t)
	for _, height := range []uint64{6, 7, 100} {
		p := c.checkpoint(t, height)
		if err := p.Verify(c.anchor(t)); err != nil {
			t.Fatal(err)
		}
		if len(p.Bridge) != 0 || len(p.Block.Commit.Signatures) != 3 {
			t.Fatalf("%d bridging blocks, %d signatures", len(p.Bridge), len(p.Block.Commit.Signatures))
		}
		b, err := p.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseCheckpoint(b)
		if err != nil {
			t.Fatal(err)
		}
		if err := again.Verify(c.anchor(t)); err != nil {
			t.Fatal(err)
		}
		// What was verified is a root of trust itself, for later and earlier ones.
		for _, from := range []uint64{6, 7, 50, 100, 200} {
			a, err := AnchorOfCheckpoint(c.checkpoint(t, from))
			if err != nil {
				t.Fatal(err)
			}
			if err := again.Verify(a); err != nil {
				t.Errorf("block %d from block %d: %v", height, from, err)
			}
		}
	}
}

// changing is a chain whose validators change by ones and then all at once.
func changing(t testing.TB) *chain {
	c := newChain(t)
	c.sets[20] = validators(10, "a", "b", "c", "e")
	c.sets[30] = validators(10, "a", "b", "e", "f")
	c.sets[40] = validators(10, "e", "f", "g", "h")
	c.sets[41] = validators(7, "i")
	return c
}

func TestBridges(t *testing.T) {
	c := changing(t)
	for _, k := range []struct {
		height uint64
		bridge int
	}{{19, 0}, {20, 0}, {25, 0}, {35, 0}, {40, 1}, {41, 2}, {60, 2}} {
		p := c.checkpoint(t, k.height)
		if err := p.Verify(c.anchor(t)); err != nil {
			t.Fatalf("block %d: %v", k.height, err)
		}
		if len(p.Bridge) != k.bridge {
			t.Errorf("block %d: %d bridging blocks, not %d", k.height, len(p.Bridge), k.bridge)
		}
		for from := uint64(6); from < 60; from += 3 {
			a, err := AnchorOfCheckpoint(c.checkpoint(t, from))
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Verify(a); err != nil && from <= k.height {
				t.Errorf("block %d from block %d: %v", k.height, from, err)
			}
		}
	}
}

// lie is one thing wrong with a checkpoint, and why it is refused.
type lie struct {
	name   string
	reason Reason
	tell   func(c *chain, p *Checkpoint)
}

// resign signs the block again after its header has been changed.
func resign(c *chain, p *Checkpoint) {
	c.sign(&p.Block)
	p.Block.Trim()
}

func lies() []lie {
	block := func(p *Checkpoint) *LightBlock { return &p.Block }
	return []lie{
		{"another network", ReasonNetwork, func(_ *chain, p *Checkpoint) { p.Network[0]++ }},
		{"a block of another chain", ReasonNetwork, func(c *chain, p *Checkpoint) { p.Block.Header.ChainID = "other"; resign(c, p) }},
		{"another validator set", ReasonValidators, func(c *chain, p *Checkpoint) {
			p.Block.Validators = validators(10, "e", "f", "g", "h")
			resign(c, p)
		}},
		{"another validator set that the header names", ReasonAnchor, func(c *chain, p *Checkpoint) {
			p.Block.Validators = validators(10, "e", "f", "g", "h")
			p.Block.Header.ValidatorsHash = ValidatorsHash(p.Block.Validators)
			resign(c, p)
		}},
		{"a set of which exactly 1/3 is trusted", ReasonAnchor, func(c *chain, p *Checkpoint) {
			vs := append(validators(20, "a"), validators(10, "e", "f")...)
			SortValidators(vs)
			c.genesis.Validators = append(validators(20, "a"), validators(20, "b", "c")...)
			p.Block.Validators, p.Block.Header.ValidatorsHash = vs, ValidatorsHash(vs)
			resign(c, p)
		}},
		{"no validators", ReasonValidators, func(_ *chain, p *Checkpoint) { p.Block.Validators = []identity.Validator{} }},
		{"more power for one", ReasonValidators, func(_ *chain, p *Checkpoint) { block(p).Validators[0].Power = 100 }},
		{"no power for one", ReasonValidators, func(_ *chain, p *Checkpoint) { block(p).Validators[3].Power = 0 }},
		{"too much power", ReasonValidators, func(_ *chain, p *Checkpoint) { block(p).Validators[3].Power = identity.MaxValidatorPower }},
		{"validators in another order", ReasonValidators, func(_ *chain, p *Checkpoint) { slices.Reverse(block(p).Validators) }},
		{"exactly 2/3 of the power", ReasonPower, func(c *chain, p *Checkpoint) {
			vs := validators(10, "a", "b", "c")
			c.genesis.Validators = vs
			p.Block.Validators, p.Block.Header.ValidatorsHash = vs, ValidatorsHash(vs)
			c.sign(&p.Block)
			p.Block.Commit.Signatures = p.Block.Commit.Signatures[:2]
		}},
		{"two of four votes", ReasonPower, func(_ *chain, p *Checkpoint) { block(p).Commit.Signatures = block(p).Commit.Signatures[:2] }},
		{"no votes", ReasonPower, func(_ *chain, p *Checkpoint) { block(p).Commit.Signatures = []CommitSignature{} }},
		{"a vote doubled", ReasonVote, func(_ *chain, p *Checkpoint) {
			s := block(p).Commit.Signatures
			block(p).Commit.Signatures = []CommitSignature{s[0], s[1], s[1]}
		}},
		{"votes in another order", ReasonOrder, func(_ *chain, p *Checkpoint) {
			s := block(p).Commit.Signatures
			s[0], s[1] = s[1], s[0]
		}},
		{"a vote too many", ReasonSurplus, func(c *chain, p *Checkpoint) { c.sign(&p.Block) }},
		{"a vote of nobody", ReasonVote, func(_ *chain, p *Checkpoint) { block(p).Commit.Signatures[2].Validator = 4 }},
		{"another's vote", ReasonVote, func(_ *chain, p *Checkpoint) { block(p).Commit.Signatures[2].Validator = 3 }},
		{"a vote at another time", ReasonVote, func(_ *chain, p *Checkpoint) { block(p).Commit.Signatures[1].Time++ }},
		{"a bit of a signature", ReasonVote, func(_ *chain, p *Checkpoint) { block(p).Commit.Signatures[1].Signature[5] ^= 1 }},
		{"another round", ReasonVote, func(_ *chain, p *Checkpoint) { block(p).Commit.Round++ }},
		{"other parts", ReasonVote, func(_ *chain, p *Checkpoint) { block(p).Commit.PartsHash[0]++ }},
		{"another number of parts", ReasonVote, func(_ *chain, p *Checkpoint) { block(p).Commit.Parts++ }},
		{"a later time of the block", ReasonVote, func(_ *chain, p *Checkpoint) { p.Block.Header.Time += 3600 * second }},
		{"a later height of the block", ReasonVote, func(_ *chain, p *Checkpoint) { p.Block.Header.Height++ }},
		{"another app hash and its roots", ReasonVote, func(_ *chain, p *Checkpoint) {
			p.Roots.MapRoot[0]++
			p.Block.Header.AppHash = p.Roots.AppHash()
		}},
		{"another app hash", ReasonRoots, func(c *chain, p *Checkpoint) { p.Block.Header.AppHash[0]++; resign(c, p) }},
		{"another map root", ReasonRoots, func(_ *chain, p *Checkpoint) { p.Roots.MapRoot[31]++ }},
		{"another log root", ReasonRoots, func(_ *chain, p *Checkpoint) { p.Roots.LogRoot[31]++ }},
		{"another log size", ReasonRoots, func(_ *chain, p *Checkpoint) { p.Roots.LogSize-- }},
		{"another height of the state", ReasonRoots, func(_ *chain, p *Checkpoint) { p.Roots.Height-- }},
		{"another app hash before", ReasonRoots, func(_ *chain, p *Checkpoint) { p.Roots.Previous[0]++ }},
		{"a block not later than its roots", ReasonHeader, func(c *chain, p *Checkpoint) {
			p.Roots.Height = p.Block.Header.Height
			p.Block.Header.AppHash = p.Roots.AppHash()
			resign(c, p)
		}},
		{"no block before", ReasonHeader, func(c *chain, p *Checkpoint) { p.Block.Header.LastBlock = nil; resign(c, p) }},
		{"a block before genesis", ReasonAnchor, func(c *chain, p *Checkpoint) { p.Block.Header.Time = c.genesis.Time - 1; resign(c, p) }},
		{"a needless bridge", ReasonSurplus, func(c *chain, p *Checkpoint) { p.Bridge = []LightBlock{*c.block(3)} }},
		{"a bridge to nowhere", ReasonOrder, func(c *chain, p *Checkpoint) { p.Bridge = []LightBlock{*c.block(8)} }},
		{"a bridge that nobody signed", ReasonPower, func(c *chain, p *Checkpoint) { p.Bridge = []LightBlock{*c.unsigned(3)} }},
	}
}

func TestCheckpointLies(t *testing.T) {
	for _, l := range lies() {
		c := newChain(t)
		p := c.checkpoint(t, 7)
		l.tell(c, p)
		if got := reasonOf(p.Verify(c.anchor(t))); got != l.reason {
			t.Errorf("%s: %q, not %q", l.name, got, l.reason)
		}
	}
}

func TestBridgeLies(t *testing.T) {
	for _, l := range []lie{
		{"no bridge", ReasonAnchor, func(_ *chain, p *Checkpoint) { p.Bridge = nil }},
		{"the first left out", ReasonAnchor, func(_ *chain, p *Checkpoint) { p.Bridge = p.Bridge[1:] }},
		{"the second left out", ReasonAnchor, func(_ *chain, p *Checkpoint) { p.Bridge = p.Bridge[:1] }},
		{"exchanged", ReasonOrder, func(_ *chain, p *Checkpoint) { slices.Reverse(p.Bridge) }},
		{"doubled", ReasonOrder, func(_ *chain, p *Checkpoint) { p.Bridge = []LightBlock{p.Bridge[0], p.Bridge[0], p.Bridge[1]} }},
		{"one too many", ReasonSurplus, func(c *chain, p *Checkpoint) { p.Bridge = append([]LightBlock{*c.block(10)}, p.Bridge...) }},
		{"other next validators", ReasonVote, func(_ *chain, p *Checkpoint) { p.Bridge[1].Header.NextValidatorsHash[0]++ }},
		{"a next block with validators that were not appointed", ReasonAnchor, func(c *chain, p *Checkpoint) {
			c.sets[41] = validators(7, "d")
			p.Block = *c.block(41)
		}},
	} {
		c := changing(t)
		p := c.checkpoint(t, 41)
		l.tell(c, p)
		if got := reasonOf(p.Verify(c.anchor(t))); got != l.reason {
			t.Errorf("%s: %q, not %q", l.name, got, l.reason)
		}
	}
}

// Who trusts a checkpoint alone is not shown blocks between those that lead on
// without them, either.
func TestBridgeLiesToWhoTrustsACheckpoint(t *testing.T) {
	c := changing(t)
	p := c.checkpoint(t, 60)
	a, err := AnchorOfCheckpoint(c.checkpoint(t, 50))
	if err == nil {
		err = p.Verify(a)
	}
	if err != nil || len(p.Bridge) != 2 {
		t.Fatal(err, len(p.Bridge))
	}
	for _, l := range []lie{
		{"the second left out", ReasonAnchor, func(_ *chain, p *Checkpoint) { p.Bridge = p.Bridge[:1] }},
		{"exchanged", ReasonOrder, func(_ *chain, p *Checkpoint) { slices.Reverse(p.Bridge) }},
		{"doubled", ReasonOrder, func(_ *chain, p *Checkpoint) { p.Bridge = []LightBlock{p.Bridge[0], p.Bridge[0], p.Bridge[1]} }},
		{"one too many", ReasonSurplus, func(c *chain, p *Checkpoint) { p.Bridge = append(p.Bridge, *c.block(55)) }},
	} {
		p := c.checkpoint(t, 60)
		l.tell(c, p)
		if got := reasonOf(p.Verify(a)); got != l.reason {
			t.Errorf("%s: %q, not %q", l.name, got, l.reason)
		}
	}
}

// A checkpoint is trusted because its reader says so, but not one that is not whole.
func TestAnchorIsWhole(t *testing.T) {
	c := newChain(t)
	for name, l := range map[string]lie{
		"a forged vote":   {reason: ReasonVote, tell: func(_ *chain, p *Checkpoint) { p.Block.Commit.Signatures[0].Signature[7] ^= 1 }},
		"other roots":     {reason: ReasonRoots, tell: func(_ *chain, p *Checkpoint) { p.Roots.LogSize++ }},
		"another network": {reason: ReasonNetwork, tell: func(_ *chain, p *Checkpoint) { p.Network[0]++ }},
	} {
		p := c.checkpoint(t, 7)
		l.tell(c, p)
		if _, err := AnchorOfCheckpoint(p); reasonOf(err) != l.reason {
			t.Errorf("%s: %v", name, err)
		}
	}
	if a, err := AnchorOfGenesis(&identity.Genesis{}); reasonOf(err) != "unusable" || a.Validators != nil {
		t.Errorf("a genesis without validators: %v", err)
	}
}

// The greatest power there is, is one validator's or all of theirs together.
func TestPowerOfValidators(t *testing.T) {
	for _, c := range []struct {
		powers []int64
		ok     bool
	}{
		{[]int64{identity.MaxValidatorPower}, true},
		{[]int64{identity.MaxValidatorPower - 1, 1}, true},
		{[]int64{1}, true},
		{[]int64{identity.MaxValidatorPower, 1}, false},
		{[]int64{identity.MaxValidatorPower + 1}, false},
		{[]int64{0}, false},
		{[]int64{1, -1}, false},
		{nil, false},
	} {
		var vs []identity.Validator
		for _, p := range c.powers {
			vs = append(vs, identity.Validator{Power: p})
		}
		if err := checkValidators(vs); (err == nil) != c.ok {
			t.Errorf("%d: %v", c.powers, err)
		}
	}
}

// Whatever byte of a checkpoint's JSON changes, it no longer verifies.
func TestEveryByteOfCheckpointCounts(t *testing.T) {
	c := changing(t)
	a := c.anchor(t)
	text, err := c.checkpoint(t, 41).Encode()
	if err != nil {
		t.Fatal(err)
	}
	step := 1
	if testing.Short() {
		step = 17
	}
	for i := 0; i < len(text); i += step {
		changed := slices.Clone(text)
		changed[i] ^= 1
		if p, err := ParseCheckpoint(changed); err == nil && p.Verify(a) == nil {
			t.Fatalf("byte %d changed (%q) and nobody noticed", i, text[max(0, i-20):i+1])
		}
	}
}

func TestOtherThreeOfFour(t *testing.T) {
	c := newChain(t)
	for v := range uint32(4) {
		b := c.unsigned(7)
		c.without(b, v)
		p := NewCheckpoint(c.genesis.Network, c.rootsAt(6), nil, *b)
		if err := p.Verify(c.anchor(t)); err != nil {
			t.Errorf("without validator %d: %v", v, err)
		}
	}
}

func TestAForkIsSeen(t *testing.T) {
	c, other := newChain(t), newChain(t)
	other.roots[5] = Roots{StateHeight: 5, LogSize: 50, AppHash: AppHash(5, identity.Hash{}, 50, identity.Hash{}, identity.Hash{})}
	a, err := AnchorOfCheckpoint(c.checkpoint(t, 9))
	if err != nil {
		t.Fatal(err)
	}
	if got := reasonOf(other.checkpoint(t, 9).Verify(a)); got != ReasonAnchor {
		t.Error(got)
	}
	if got := reasonOf(other.checkpoint(t, 10).CheckExtends(c.checkpoint(t, 9), nil)); got != ReasonRoots {
		t.Error(got)
	}
}

func TestCheckpointAge(t *testing.T) {
	p := newChain(t).checkpoint(t, 7)
	at := p.Time() / second
	for _, k := range []struct {
		now, max int64
		want     Reason
	}{{at, 0, ""}, {at + 60, 60, ""}, {at + 61, 60, ReasonStale}, {at - 600, 60, ""}, {at - 601, 60, ReasonStale}} {
		if got := reasonOf(p.CheckAge(epcis.Instant{Seconds: k.now}, k.max)); got != k.want {
			t.Errorf("%d: %q", k.now-at, got)
		}
	}
}

func TestCheckpointExtends(t *testing.T) {
	c := newChain(t)
	c.roots[8] = testRoots(8)
	old, now := c.checkpoint(t, 7), c.checkpoint(t, 9)
	path := consistency(t, 50, 80)
	for name, k := range map[string]struct {
		err  error
		want Reason
	}{
		"it does":         {now.CheckExtends(old, path), ""},
		"the same":        {old.CheckExtends(old, nil), ""},
		"a later block":   {c.checkpoint(t, 8).CheckExtends(old, nil), ""},
		"backwards":       {old.CheckExtends(now, path), ReasonLog},
		"no path":         {now.CheckExtends(old, nil), ReasonLog},
		"a wrong path":    {now.CheckExtends(old, slices.Concat([]identity.Hash{hash("x")}, path[1:])), ReasonLog},
		"other networks":  {now.CheckExtends(&Checkpoint{}, path), ReasonNetwork},
		"another history": {now.CheckExtends(&Checkpoint{Network: now.Network, Roots: CheckpointRoots{Height: 5, LogSize: 50}}, path), ReasonLog},
	} {
		if got := reasonOf(k.err); got != k.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// consistency is RFC 6962's proof between two sizes of the test log.
func consistency(t testing.TB, from, to uint64) (path []identity.Hash) {
	t.Helper()
	tr := newTree(to)
	var sub func(m uint64, begin, end uint64, complete bool)
	sub = func(m uint64, begin, end uint64, complete bool) {
		if m == end-begin {
			if !complete {
				path = append(path, tr[begin:end].root())
			}
			return
		}
		k := leftSide(end - begin)
		if m <= k {
			sub(m, begin, begin+k, complete)
			path = append(path, tr[begin+k:end].root())
		} else {
			sub(m-k, begin+k, end, false)
			path = append(path, tr[begin:begin+k].root())
		}
	}
	sub(from, 0, to, true)
	return path
}
