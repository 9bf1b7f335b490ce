package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/node"
)

func newInit() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Make a network of one node",
		Long: `Init makes a home: keys, a genesis document that lists one organisation, and a
documented configuration. The node alone is a whole network; others join later.

With --genesis it makes the home of a node of that network, and writes member.json,
which describes the organisation and its node: a member hands it in with ` + "`waymark propose admit`" + `.
Until the members have voted for it, no node lets this one in.`,
		Example: `  waymark init --home ./home --organisation "Blue Mill Export" --gln 9521102000008 --prefix 9521102 --country ET --role trader
  waymark init --home ./node --genesis genesis.json --organisation "Harbour Trading" --gln 9521109000001 --prefix 9521109 --country NL \
    --gossip-peer /dns4/node.example/tcp/4001/p2p/12D3K… --consensus-peer 0a1b…@node.example:26656`,
		Args: cobra.NoArgs,
	}
	home := homeFlag(cmd)
	f := cmd.Flags()
	name := f.String("organisation", "My organisation", "name of the organisation")
	gln := f.String("gln", "9521199000004", "its party GLN, 13 digits")
	prefixes := f.StringSlice("prefix", nil, "GS1 company prefix that it licenses; may be repeated")
	country := f.String("country", "CH", "its country, ISO 3166-1 alpha-2")
	roles := f.StringSlice("role", []string{"manufacturer", "trader"}, "what it may write: producer, manufacturer, trader, platform, merchant, retailer, carrier, warehouse, certifier, accreditor, bank, customs:XX; may be repeated")
	schemes := f.StringSlice("scheme", nil, "certification scheme that a certifier certifies for, or an accreditor accredits for; may be repeated")
	set := f.StringToString("param", nil, "a parameter of the network and its value, NAME=VALUE; may be repeated (docs/parameters.md)")
	listen := f.String("listen", "", "host:port of the API")
	genesis := f.String("genesis", "", "join the network of this genesis document")
	gossip := f.StringSlice("gossip-peer", nil, "multiaddress of a member's node, to join; may be repeated")
	consensus := f.StringSlice("consensus-peer", nil, "id@host:port of a member's node, to join; may be repeated")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o := identity.Organisation{ID: "https://id.gs1.org/417/" + *gln, Name: *name, Country: *country, Schemes: *schemes, Prefixes: *prefixes}
		for _, r := range *roles {
			o.Roles = append(o.Roles, identity.Role(r))
		}
		if err := inCountries(&o); err != nil {
			return usageError{err}
		}
		options := node.InitOptions{PrepareOptions: node.PrepareOptions{Organisation: o}, Configure: func(c *node.Config) {
			if *listen != "" {
				c.API.Listen = *listen
			}
			c.P2P.Peers, c.Consensus.Peers = *gossip, *consensus
		}}
		if len(*set) > 0 && *genesis != "" {
			return usagef("the parameters of a network that is joined stand in its genesis document")
		}
		if len(*set) > 0 {
			options.Parameters = identity.DefaultParameters()
			for _, name := range slices.Sorted(maps.Keys(*set)) {
				if err := options.Parameters.Set(name, (*set)[name]); err != nil {
					return usageError{err}
				}
			}
			if err := options.Parameters.Validate(); err != nil {
				return usageError{err}
			}
		}
		made := node.Init
		if *genesis != "" {
			doc, err := readFile(*genesis)
			if err != nil {
				return err
			}
			made = func(home string, o node.InitOptions) (*node.Identity, error) { return node.Join(home, doc, o) }
		}
		id, err := made(*home, options)
		if err != nil {
			return usageError{err}
		}
		if err := os.WriteFile(filepath.Join(*home, apiKeyFile), []byte(id.APIKey+"\n"), 0o600); err != nil {
			return err
		}
		told := map[string]string{"home": *home, "organisation": id.Organisation.ID, "address": id.Address.Hex(), "apiKey": id.APIKey}
		if *genesis != "" {
			told["validatorKey"] = hex.EncodeToString(id.Validator.PublicKey)
			if err := writeMember(filepath.Join(*home, memberFile), id.Organisation); err != nil {
				return err
			}
		}
		return print(cmd, told, func(w io.Writer) {
			if *genesis != "" {
				fmt.Fprintf(w, "A node of the network is ready in %s.\n\n", *home)
			} else {
				fmt.Fprintf(w, "A network of one node is ready in %s.\n\n", *home)
			}
			rows(w, "organisation\t"+id.Organisation.Name+" ("+id.Organisation.ID+")", "operating key\t"+id.Address.Hex(),
				"API key\t"+id.APIKey+" (also in "+filepath.Join(*home, apiKeyFile)+")")
			if *genesis != "" {
				fmt.Fprintf(w, "validator key  %s\n\nNext: have a member hand in %s: waymark propose admit --member %s\n",
					told["validatorKey"], filepath.Join(*home, memberFile), memberFile)
				if len(*gossip) == 0 || len(*consensus) == 0 {
					fmt.Fprintf(w, "Then say in %s where members' nodes are, under p2p.peers and consensus.peers:\nwaymark status --json prints both of a node, under addresses.\n",
						filepath.Join(*home, "config.toml"))
				}
				return
			}
			fmt.Fprintf(w, "\nNext: waymark start --home %s\n", *home)
		})
	}
	return cmd
}

// inCountries refuses an organisation of a country that there is none, or whose
// customs it would be. What has not the form of a code is left to who validates it.
func inCountries(o *identity.Organisation) error {
	codes := []string{o.Country}
	for _, r := range o.Roles {
		if country, ok := r.Customs(); ok {
			codes = append(codes, country)
		}
	}
	for _, code := range codes {
		if identity.CountryCode(code) && !identity.KnownCountry(code) {
			return fmt.Errorf("%s is no country's code: write two capital letters of ISO 3166-1, such as ET for Ethiopia or GB for the United Kingdom", code)
		}
	}
	return nil
}

// memberFile is where init --genesis describes the organisation and its node.
const memberFile = "member.json"

func writeMember(path string, o identity.Organisation) error {
	b, err := json.MarshalIndent(o, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(b, '\n'), 0o644)
}

func newStart() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "start",
		Short: "Run a node",
		Long: `Start runs the node of a home until it is interrupted. Every key of the
configuration can be set for one run with --set, or with an environment variable
(WAYMARK_API_LISTEN for api.listen).`,
		Example: `  waymark start --home ./home --set api.listen=127.0.0.1:9000`,
		Args:    cobra.NoArgs,
	}
	home := homeFlag(cmd)
	set := cmd.Flags().StringSlice("set", nil, "a configuration key for this run, key=value; may be repeated")
	leash := cmd.Flags().Bool("until-stdin-closes", false, "stop as well when standard input closes")
	_ = cmd.Flags().MarkHidden("until-stdin-closes") // for supervisors
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		config, err := loadConfig(cmd, *home, *set)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithCancel(cmd.Context())
		defer cancel()
		if *leash {
			go func() { // ends with the process: a read of stdin cannot be interrupted
				_, _ = io.Copy(io.Discard, cmd.InOrStdin())
				cancel()
			}()
		}
		n, err := node.New(config, node.Deps{Version: buildVersion(), Context: ctx})
		if err != nil {
			return err
		}
		served := map[string]string{"api": "http://" + n.APIAddr()}
		if err := print(cmd, served, func(w io.Writer) { fmt.Fprintln(w, "The API answers at http://"+n.APIAddr()) }); err != nil {
			return err
		}
		return n.Run(ctx)
	}
	return cmd
}

// loadConfig reads a home's configuration with overrides, key=value each. It warns of
// variables that look as if they set a key, and set none.
func loadConfig(cmd *cobra.Command, home string, set []string) (node.Config, error) {
	overrides := map[string]string{}
	for _, s := range set {
		key, value, ok := strings.Cut(s, "=")
		if !ok {
			return node.Config{}, usagef("--set %q is not key=value", s)
		}
		overrides[key] = value
	}
	c, err := node.LoadConfig(home, os.Environ(), overrides)
	if err != nil {
		return c, usageError{err}
	}
	for _, name := range node.UnknownVariables(os.Environ()) {
		if !slices.Contains(toolVariables, name) {
			fmt.Fprintf(cmd.ErrOrStderr(), "waymark: the environment variable %s sets no key of the configuration (waymark config --defaults lists them)\n", name)
		}
	}
	return c, nil
}

// toolVariables are read by this program, not by the node it runs.
var toolVariables = []string{"WAYMARK_HOME", "WAYMARK_NODE", "WAYMARK_API_KEY", "WAYMARK_PASSPHRASE"}

func newConfig() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Print a node's configuration, every key documented",
		Long: `Config prints the configuration that a node of this home would run with: the
defaults, under the home's config.toml, under the environment, under --set.
It fails, and names every mistake, when that configuration is not valid.`,
		Example: `  waymark config --home ./home
  waymark config --defaults > config.toml`,
		Args: cobra.NoArgs,
	}
	home := homeFlag(cmd)
	set := cmd.Flags().StringSlice("set", nil, "a configuration key, key=value; may be repeated")
	defaults := cmd.Flags().Bool("defaults", false, "print the defaults alone")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		config := node.DefaultConfig(*home)
		if !*defaults {
			if err := namedHome(*home); err != nil {
				return err
			}
			var err error
			if config, err = loadConfig(cmd, *home, *set); err != nil {
				return err
			}
		}
		if !wantsJSON(cmd) {
			return config.WriteTOML(cmd.OutOrStdout())
		}
		var text bytes.Buffer
		if err := config.WriteTOML(&text); err != nil {
			return err
		}
		var keys map[string]any // by the names that the file and --set have
		if err := toml.Unmarshal(text.Bytes(), &keys); err != nil {
			return err
		}
		return print(cmd, keys, nil)
	}
	return cmd
}
