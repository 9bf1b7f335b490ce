package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/node"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/testnet"
)

// apiKeyFile is where init leaves the API key it made, for the tools of
// whoever owns the home. The node itself keeps only the key's hash.
const apiKeyFile = "api-key"

// defaultHome is $WAYMARK_HOME, else ~/.waymark.
func defaultHome() string {
	if home := os.Getenv("WAYMARK_HOME"); home != "" {
		return home
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ".waymark"
	}
	return filepath.Join(home, ".waymark")
}

func homeFlag(cmd *cobra.Command) *string {
	return cmd.Flags().String("home", defaultHome(), "directory of the node ($WAYMARK_HOME)")
}

// connection says which node a tool talks to.
type connection struct {
	home, node, apiKey, testnet *string
}

func connectionFlags(cmd *cobra.Command) *connection {
	f := cmd.Flags()
	return &connection{
		home:    homeFlag(cmd),
		node:    f.String("node", os.Getenv("WAYMARK_NODE"), "URL of the node's API, or a node's name with --testnet ($WAYMARK_NODE)"),
		apiKey:  f.String("api-key", "", "API key; better in $WAYMARK_API_KEY"),
		testnet: f.String("testnet", "", "directory of a testnet: talk to its node0, or to --node"),
	}
}

// client finds the node: one of a testnet, one named by URL, or the one of the
// home. Of a testnet and of a home it trusts the genesis document and verifies.
func (c *connection) client() (*client.Client, error) {
	key := *c.apiKey
	if key == "" {
		key = os.Getenv("WAYMARK_API_KEY")
	}
	if *c.testnet != "" {
		state, err := testnet.ReadState(*c.testnet)
		if err != nil {
			return nil, err
		}
		name := *c.node
		if name == "" {
			name = state.Nodes[0].Name
		}
		n, err := state.Node(name)
		if err != nil {
			return nil, usageError{err}
		}
		if key == "" {
			key = n.APIKey
		}
		return anchored(client.New(n.API, key), state.Genesis)
	}
	if *c.node != "" {
		if !strings.HasPrefix(*c.node, "http://") && !strings.HasPrefix(*c.node, "https://") {
			return nil, usagef("--node %q is no http or https URL; a node's name needs --testnet", *c.node)
		}
		return client.New(*c.node, key), nil
	}
	config, err := node.LoadConfig(*c.home, os.Environ(), nil)
	if err != nil {
		return nil, usageError{err}
	}
	if key == "" {
		b, err := os.ReadFile(filepath.Join(*c.home, apiKeyFile))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, usageError{err}
		}
		key = strings.TrimSpace(string(b))
	}
	return anchored(client.New("http://"+config.API.Listen, key), filepath.Join(*c.home, "genesis.json"))
}

// anchored has the client verify from a genesis document, if there is one.
func anchored(c *client.Client, genesis string) (*client.Client, error) {
	if _, err := os.Stat(genesis); errors.Is(err, os.ErrNotExist) {
		return c, nil
	}
	g, err := readGenesis(genesis)
	if err != nil {
		return nil, err
	}
	anchor, err := proof.AnchorOfGenesis(g)
	if err != nil {
		return nil, usagef("%s: %w", genesis, err)
	}
	return c.WithAnchor(anchor), nil
}
