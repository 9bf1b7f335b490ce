package proof

// A false validator shows an agreement that there was not. The checkpoint's own
// tests know more of these.
func disagreements() []falsehood {
	resign := func(l *liar) { l.chain.sign(&l.d.Checkpoint.Block); l.d.Checkpoint.Block.Trim() }
	return []falsehood{
		{"another network", ReasonNetwork, func(l *liar) { l.d.Checkpoint.Network[0]++ }},
		{"a wrong validator set", ReasonValidators, func(l *liar) {
			l.d.Checkpoint.Block.Validators = validators(10, "e", "f", "g", "h")
			resign(l)
		}},
		{"a wrong validator set that the header names", ReasonAnchor, func(l *liar) {
			b := &l.d.Checkpoint.Block
			b.Validators = validators(10, "e", "f", "g", "h")
			b.Header.ValidatorsHash = ValidatorsHash(b.Validators)
			resign(l)
		}},
		{"two thirds of the power minus one", ReasonPower, func(l *liar) {
			s := &l.d.Checkpoint.Block.Commit.Signatures
			*s = (*s)[:2]
		}},
		{"a vote counted twice", ReasonVote, func(l *liar) {
			s := l.d.Checkpoint.Block.Commit.Signatures
			s[2] = s[1]
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
