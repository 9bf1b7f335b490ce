package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/node"
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
// home. It verifies nothing: what to trust is for the command to say.
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
		return client.New(n.API, key), nil
	}
	if *c.node != "" {
		if !strings.HasPrefix(*c.node, "http://") && !strings.HasPrefix(*c.node, "https://") {
			return nil, usagef("--node %q is no http or https URL; a node's name needs --testnet", *c.node)
		}
		return client.New(*c.node, key), nil
	}
	if err := namedHome(*c.home); err != nil {
		return nil, err
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
	return client.New("http://"+config.API.Listen, key), nil
}

// genesis is the path of the genesis document that goes with the nodes, "" when
// there is none here: a testnet's, or the home's. A node that is named by its URL
// need not be of the default home's network.
func (c *connection) genesis() string {
	if *c.testnet != "" {
		state, err := testnet.ReadState(*c.testnet)
		if err != nil {
			return ""
		}
		return state.Genesis
	}
	if *c.node != "" && *c.home == defaultHome() {
		return ""
	}
	path := filepath.Join(*c.home, "genesis.json")
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}
