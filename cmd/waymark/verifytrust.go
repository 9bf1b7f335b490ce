package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
)

// trust is where a verifier's trust begins.
type trust struct {
	anchor  proof.Anchor
	genesis *proof.Anchor                        // beside a checkpoint: what is shown has to follow from both
	named   string                               // the file, as the user knows it
	members map[identity.ValidatorAddress]string // names; what genesis tells
}

// readTrust reads a genesis document, a checkpoint or both; a checkpoint is then
// checked against the genesis document and trusted.
func readTrust(genesis, checkpoint string) (*trust, error) {
	if genesis == "" && checkpoint == "" {
		return nil, usagef("nothing to trust: name the genesis document with --genesis, or a checkpoint that you keep with --checkpoint")
	}
	t := &trust{named: genesis}
	if genesis != "" {
		g, err := readGenesis(genesis)
		if err != nil {
			return nil, err
		}
		if t.anchor, err = proof.AnchorOfGenesis(g); err != nil {
			return nil, usagef("%s: %w", genesis, err)
		}
		t.members = validatorNames(g)
	}
	if checkpoint == "" {
		return t, nil
	}
	t.named = checkpoint
	data, err := readFile(checkpoint)
	if err != nil {
		return nil, err
	}
	c, err := proof.ParseCheckpoint(data)
	if err != nil {
		return nil, usagef("%s: %w", checkpoint, err)
	}
	if genesis != "" {
		first := t.anchor
		if err := c.Verify(first); err != nil {
			return nil, usagef("%s does not follow from %s: %w", checkpoint, genesis, err)
		}
		t.genesis = &first
	}
	if t.anchor, err = proof.AnchorOfCheckpoint(c); err != nil {
		return nil, usagef("%s: %w", checkpoint, err)
	}
	return t, nil
}

func readGenesis(path string) (*identity.Genesis, error) {
	doc, err := readFile(path)
	if err != nil {
		return nil, err
	}
	g, err := identity.ParseGenesis(doc)
	if err != nil {
		return nil, usagef("%s: %w", path, err)
	}
	return g, nil
}

// against says in a line what a verdict rests on.
func (t *trust) against(v *proof.Verdict, complete bool, now time.Time) string {
	what := "genesis document"
	if v.Trust.Kind == proof.AnchorCheckpoint {
		what = "checkpoint"
	}
	as := "complete"
	if !complete {
		as = "complete as far as it goes"
	}
	return fmt.Sprintf("Verified against the %s %s: %s as of %s, block %d, which %d of %d in voting power signed, %s ago.",
		what, t.named, as, clock(v.Checkpoint.Time), v.Checkpoint.Height, v.Checkpoint.Voted, v.Checkpoint.Power, age(now.Unix()-v.Checkpoint.Time.Seconds))
}

// trusting are the flags that say where trust begins.
type trusting struct{ genesis, checkpoint *string }

func trustFlags(cmd *cobra.Command) *trusting {
	f := cmd.Flags()
	return &trusting{
		genesis:    f.String("genesis", "", "the network's genesis document, where trust begins; else the testnet's or the home's"),
		checkpoint: f.String("checkpoint", "", "a checkpoint that you trust instead (see waymark watch)"),
	}
}

// read finds where trust begins, nil when nothing is named and nothing at hand.
func (t *trusting) read(c *connection) (*trust, error) {
	genesis := *t.genesis
	if genesis == "" && *t.checkpoint == "" {
		if genesis = c.genesis(); genesis == "" {
			return nil, nil
		}
	}
	return readTrust(genesis, *t.checkpoint)
}
