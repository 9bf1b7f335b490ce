package proof

import (
	"slices"

	"github.com/waymark-ledger/waymark/identity"
)

// strangers are validators whom nobody has appointed.
func strangers() []identity.Validator { return validators(10, "e", "f", "g", "h") }

// resign has the block's validators vote for it as it is now.
func (l *liar) resign(b *LightBlock) {
	l.chain.sign(b)
	b.Trim()
}

// appoint puts other validators in the place of the checkpoint's, named by the header too.
func (l *liar) appoint(vs []identity.Validator) {
	b := &l.d.Checkpoint.Block
	b.Validators, b.Header.ValidatorsHash = vs, ValidatorsHash(vs)
	l.resign(b)
}

// forged is a block of strangers that carries the checkpoint's roots.
func (l *liar) forged(height uint64) LightBlock {
	b := l.chain.unsigned(height)
	vs := strangers()
	b.Validators, b.Header.ValidatorsHash, b.Header.NextValidatorsHash = vs, ValidatorsHash(vs), ValidatorsHash(vs)
	b.Header.Time = l.kept.Time() + (int64(height)-int64(l.kept.Block.Header.Height))*second
	b.Header.AppHash = l.d.Checkpoint.Roots.AppHash()
	l.resign(b)
	return *b
}

// keep has the reader trust the dossier's checkpoint, and the dossier stand on
// a block so many heights and seconds later.
func (l *liar) keep(heights, seconds int64) {
	kept := l.d.Checkpoint
	l.kept = &kept
	b := l.chain.unsigned(uint64(int64(kept.Block.Header.Height) + heights))
	b.Header.Time = kept.Time() + seconds*second
	l.resign(b)
	l.d.Checkpoint.Block = *b
}

// trusted is the height of the checkpoint that the reader trusts from now on.
func (l *liar) trusted() uint64 {
	kept := l.d.Checkpoint
	l.kept = &kept
	return kept.Block.Header.Height
}

// A false validator shows an agreement that there was not. The checkpoint's own
// tests know more of these.
func disagreements() []falsehood {
	resign := func(l *liar) { l.resign(&l.d.Checkpoint.Block) }
	return []falsehood{
		{"another network", ReasonNetwork, func(l *liar) { l.d.Checkpoint.Network[0]++ }},
		{"a wrong validator set", ReasonValidators, func(l *liar) {
			l.d.Checkpoint.Block.Validators = strangers()
			resign(l)
		}},
		{"a wrong validator set that the header names", ReasonAnchor, func(l *liar) { l.appoint(strangers()) }},
		{"no validators", ReasonValidators, func(l *liar) {
			l.appoint([]identity.Validator{})
			l.d.Checkpoint.Block.Commit.Signatures = []CommitSignature{}
		}},
		{"a validator without power", ReasonValidators, func(l *liar) {
			vs := validators(10, "a", "b", "c", "d")
			vs[3].Power = 0
			l.appoint(vs)
		}},
		{"a validator of less than no power", ReasonValidators, func(l *liar) {
			vs := validators(10, "a", "b", "c", "d")
			vs[3].Power = -10
			l.appoint(vs)
		}},
		{"a validator of too much power", ReasonValidators, func(l *liar) { l.appoint(validators(identity.MaxValidatorPower+1, "a")) }},
		{"validators of too much power together", ReasonValidators, func(l *liar) { l.appoint(validators(identity.MaxValidatorPower, "a", "b")) }},
		{"two thirds of the power", ReasonPower, func(l *liar) {
			l.appoint(validators(10, "a", "b", "c"))
			s := &l.d.Checkpoint.Block.Commit.Signatures
			*s = (*s)[:2]
		}},
		{"two thirds of the power minus one", ReasonPower, func(l *liar) {
			s := &l.d.Checkpoint.Block.Commit.Signatures
			*s = (*s)[:2]
		}},
		{"a vote counted twice", ReasonVote, func(l *liar) {
			s := l.d.Checkpoint.Block.Commit.Signatures
			s[2] = s[1]
		}},
		{"a vote of a validator that is not there", ReasonVote, func(l *liar) { l.d.Checkpoint.Block.Commit.Signatures[2].Validator = 4 }},
		{"votes in another order", ReasonOrder, func(l *liar) { slices.Reverse(l.d.Checkpoint.Block.Commit.Signatures) }},
		{"a vote more than it takes", ReasonSurplus, func(l *liar) { l.chain.sign(&l.d.Checkpoint.Block) }},
		{"a block of another chain", ReasonNetwork, func(l *liar) {
			l.d.Checkpoint.Block.Header.ChainID = "another"
			resign(l)
		}},
		{"a block without the one before it", ReasonHeader, func(l *liar) {
			l.d.Checkpoint.Block.Header.LastBlock = nil
			resign(l)
		}},
		{"a block from before genesis", ReasonAnchor, func(l *liar) {
			l.d.Checkpoint.Block.Header.Time = l.chain.genesis.Time - 1
			resign(l)
		}},
		{"a bridge that nobody needs", ReasonSurplus, func(l *liar) { l.d.Checkpoint.Bridge = []LightBlock{*l.chain.block(3)} }},
		{"a bridge to the block itself", ReasonOrder, func(l *liar) { l.d.Checkpoint.Bridge = []LightBlock{l.d.Checkpoint.Block} }},
		{"strangers' blocks on both sides of the one that the reader trusts", ReasonAnchor, func(l *liar) {
			trusted := l.trusted()
			l.d.Checkpoint.Bridge, l.d.Checkpoint.Block = []LightBlock{l.forged(trusted - 1)}, l.forged(trusted+5)
		}},
		{"strangers' block in the place of the one that the reader trusts, and another behind it", ReasonAnchor, func(l *liar) {
			trusted := l.trusted()
			l.d.Checkpoint.Bridge, l.d.Checkpoint.Block = []LightBlock{l.forged(trusted)}, l.forged(trusted+5)
		}},
		{"another block than the trusted one, of its height", ReasonAnchor, func(l *liar) { l.keep(0, 1) }},
		{"a block below the trusted one, of its time", ReasonAnchor, func(l *liar) { l.keep(-1, 0) }},
		{"a block above the trusted one, of its time", ReasonAnchor, func(l *liar) { l.keep(1, 0) }},
		{"a block above the trusted one, of an earlier time", ReasonAnchor, func(l *liar) { l.keep(1, -1) }},
		{"the next block with validators that the trusted one did not appoint", ReasonAnchor, func(l *liar) {
			l.keep(1, 1)
			l.appoint(validators(10, "a", "b", "c", "e"))
		}},
		{"a forged vote", ReasonVote, func(l *liar) { l.d.Checkpoint.Block.Commit.Signatures[0].Signature[7] ^= 1 }},
		{"a later time of the block", ReasonVote, func(l *liar) { l.d.Checkpoint.Block.Header.Time += 3600 * second }},
		{"a block that says what state it leads to itself", ReasonHeader, func(l *liar) {
			c := &l.d.Checkpoint
			c.Roots.Height = c.Block.Header.Height
			c.Block.Header.AppHash = c.Roots.AppHash()
			resign(l)
		}},
		{"another root of the map", ReasonRoots, func(l *liar) { l.d.Checkpoint.Roots.MapRoot[0]++ }},
		{"another size of the log", ReasonRoots, func(l *liar) { l.d.Checkpoint.Roots.LogSize++ }},
	}
}
