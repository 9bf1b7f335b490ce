package main

import (
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/testnet"
)

// connections says which nodes a tool talks to: those named, all of a testnet,
// or the home's own.
type connections struct {
	connection
	names *[]string
}

func manyConnections(cmd *cobra.Command) *connections {
	f := cmd.Flags()
	var node string // each of names in turn
	c := &connections{connection: connection{
		home:    homeFlag(cmd),
		node:    &node,
		apiKey:  f.String("api-key", "", "API key; better in $WAYMARK_API_KEY"),
		testnet: f.String("testnet", "", "directory of a testnet: all of its nodes, or those of --node"),
	}}
	var names []string
	if n := os.Getenv("WAYMARK_NODE"); n != "" {
		names = strings.Split(n, ",")
	}
	c.names = f.StringSlice("node", names, "URL of a node's API, or a node's name with --testnet; may be repeated ($WAYMARK_NODE)")
	return c
}

// namedClient is a node with the name that people know it by.
type namedClient struct {
	name   string
	client *client.Client
}

func (c *connections) nodes() ([]namedClient, error) {
	names := *c.names
	if len(names) == 0 && *c.testnet != "" {
		state, err := testnet.ReadState(*c.testnet)
		if err != nil {
			return nil, err
		}
		for _, n := range state.Nodes {
			names = append(names, n.Name)
		}
	}
	if len(names) == 0 {
		names = []string{""}
	}
	var nodes []namedClient
	for _, name := range names {
		*c.node = name
		found, err := c.client()
		if err != nil {
			return nil, err
		}
		if name == "" {
			name = found.Base()
		}
		nodes = append(nodes, namedClient{name, found})
	}
	return nodes, nil
}
