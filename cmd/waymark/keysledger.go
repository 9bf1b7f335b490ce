package main

import (
	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
)

// The commands below change which keys the ledger takes for this organisation's; a
// rotation registers the next key, has the node sign with it, and revokes the old.

func newKeysRegister() *cobra.Command {
	cmd := &cobra.Command{
		Use: "register PUBLIC-KEY", Short: "Register another operating key of the organisation on the ledger", Args: cobra.ExactArgs(1),
		Long: `Register adds an operating key to those of the organisation. With --kinds it signs
records of those kinds alone: a scanner's key is for epcis, and whoever steals it
neither votes nor registers keys.`,
		Example: `  waymark keys register 0x02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5 --home ./home
  waymark keys register 0x02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9 --kinds epcis --home ./home`,
	}
	r := recorderFlags(cmd)
	kinds := cmd.Flags().StringSlice("kinds", nil, "the kinds of records that it signs, comma-separated; default all")
	next := cmd.Flags().String("next", "", "the public key that will be registered after this one: its hash is published")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if _, _, err := identity.ParsePublicKey(args[0]); err != nil {
			return usageError{err}
		}
		g := epcis.Governance{Action: epcis.AddKey, Key: args[0], Kinds: *kinds}
		if *next != "" {
			var err error
			if g.Next, err = hashOfKey(*next); err != nil {
				return err
			}
		}
		return r.record(cmd, g)
	}
	return cmd
}

func newKeysCommit() *cobra.Command {
	cmd := &cobra.Command{
		Use: "commit PUBLIC-KEY", Short: "Publish the hash of the key that is registered next", Args: cobra.ExactArgs(1),
		Long: `Commit publishes the hash of the organisation's next operating key. From then on that
key is registered and no other, so that whoever steals an operating key cannot
register one of his own. Keep the next key where the node does not have it.`,
		Example: `  waymark keys commit 0x02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5 --home ./home`,
	}
	r := recorderFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		hash, err := hashOfKey(args[0])
		if err != nil {
			return err
		}
		return r.record(cmd, epcis.Governance{Action: epcis.CommitKey, Next: hash})
	}
	return cmd
}

// hashOfKey is what is published of a next key.
func hashOfKey(text string) (string, error) {
	public, _, err := identity.ParsePublicKey(text)
	if err != nil {
		return "", usageError{err}
	}
	return contracts.NextKeyHash(public), nil
}

func newKeysRevoke() *cobra.Command {
	cmd := &cobra.Command{
		Use: "revoke ADDRESS", Short: "Revoke an operating key of the organisation on the ledger", Args: cobra.ExactArgs(1),
		Example: `  waymark keys revoke 0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF --reason "laptop stolen" --compromised-since 2026-05-30T00:00:00Z`,
	}
	r := recorderFlags(cmd)
	since := cmd.Flags().String("compromised-since", "", "from when on nobody knows who signed with it, RFC 3339")
	_ = cmd.MarkFlagRequired("reason")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if _, err := identity.ParseAddress(args[0]); err != nil {
			return usageError{err}
		}
		g := epcis.Governance{Action: epcis.RevokeKey, Key: args[0]}
		if *since != "" {
			t, err := epcis.ParseInstant(*since)
			if err != nil {
				return usagef("--compromised-since: %w", err)
			}
			g.CompromisedSince = &t
		}
		return r.record(cmd, g)
	}
	return cmd
}
