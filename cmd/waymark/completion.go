package main

import (
	"bytes"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/node"
	"github.com/waymark-ledger/waymark/testnet"
	"github.com/waymark-ledger/waymark/testnet/lane"
	"github.com/waymark-ledger/waymark/trace"
)

// complete says what the shell may offer for a command's flags and arguments. Flags
// go by name, for a name means the same wherever it stands.
func complete(cmd *cobra.Command) {
	cmd.NonInheritedFlags().VisitAll(func(f *pflag.Flag) {
		values, ok := flagValues[f.Name]
		switch {
		case slices.Contains(flagFiles, f.Name) || f.Value.Type() == "bool":
			return
		case !ok:
			values = cobra.NoFileCompletions
		}
		if err := cmd.RegisterFlagCompletionFunc(f.Name, values); err != nil {
			panic(err) // the flag is one of the command's, and nobody else registers
		}
	})
	_, operands, _ := strings.Cut(cmd.Use, " ")
	switch {
	case cmd.ValidArgsFunction != nil || cmd.HasSubCommands() || strings.HasPrefix(operands, "FILE"):
	case operands == "NODE":
		cmd.ValidArgsFunction = upTo(1, nodesOf("dir"))
	case operands == "A,B C,D":
		cmd.ValidArgsFunction = upTo(2, nodesOf("dir"))
	case operands == "NAME=VALUE...":
		cmd.ValidArgsFunction = parameterNames
	case operands == "NAME" && cmd.Name() == "ruleset":
		cmd.ValidArgsFunction = upTo(1, listed(rulesetNames()...))
	case operands == "PROPOSAL yes|no":
		cmd.ValidArgsFunction = votes
	default:
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
}

// scriptAsJSON has cobra's command for a shell's script print it as every command prints
// what --json asks for.
func scriptAsJSON(cmd *cobra.Command) {
	script := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !wantsJSON(cmd) {
			return script(cmd, args)
		}
		plain, err := cmd.Flags().GetBool("no-descriptions")
		if err != nil {
			return err
		}
		var b bytes.Buffer
		root := cmd.Root()
		switch shell := cmd.Name(); {
		case shell == "bash":
			err = root.GenBashCompletionV2(&b, !plain)
		case shell == "fish":
			err = root.GenFishCompletion(&b, !plain)
		case shell == "zsh" && plain:
			err = root.GenZshCompletionNoDesc(&b)
		case shell == "zsh":
			err = root.GenZshCompletion(&b)
		case plain:
			err = root.GenPowerShellCompletion(&b)
		default:
			err = root.GenPowerShellCompletionWithDesc(&b)
		}
		if err != nil {
			return err
		}
		return print(cmd, map[string]string{"shell": cmd.Name(), "script": b.String()}, nil)
	}
}

// flagFiles are the flags that take a file, which the shell completes by itself.
var flagFiles = []string{"checkpoint", "evidence", "genesis", "key", "member", "out", "output", "passphrase-file"}

// flagValues are the values of the flags that have known ones.
var flagValues = map[string]cobra.CompletionFunc{
	"direction": listed(string(trace.Upstream), string(trace.Downstream), string(trace.Both)),
	"status":    statuses,
	"role":      roles,
	"rule":      listed(ruleNames()...),
	"kinds":     listed(epcis.KindNames()...),
	"country":   listed(identity.Countries()...),
	"ruleset":   listed(rulesetNames()...),
	"lane":      listed(lane.Names()...),
	"param":     parameterNames,
	"set":       configKeys,
	"node":      nodesOf("testnet"),
	"dir":       directories,
	"home":      directories,
	"keystore":  directories,
	"testnet":   directories,
}

// statuses are those of what the command lists.
func statuses(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	last := "closed"
	if cmd.Name() == "alerts" {
		last = "settled"
	}
	return listed("open", "overdue", last)(cmd, args, typed)
}

func rulesetNames() (names []string) {
	for _, r := range contracts.Rulesets() {
		names = append(names, r.Name())
	}
	return names
}

func ruleNames() (names []string) {
	for _, c := range contracts.Contracts() {
		if !slices.Contains(names, c.Rule) {
			names = append(names, c.Rule)
		}
	}
	return names
}

func directories(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// roles offers what an organisation may write; of customs, once that is typed, the
// countries.
func roles(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	offered := []string{string(identity.Producer), string(identity.Manufacturer), string(identity.Trader), string(identity.Platform),
		string(identity.Merchant), string(identity.Retailer), string(identity.Carrier), string(identity.Warehouse),
		string(identity.Certifier), string(identity.Accreditor), string(identity.Bank)}
	if strings.HasPrefix(typed[strings.LastIndex(typed, ",")+1:], "customs:") {
		for _, country := range identity.Countries() {
			offered = append(offered, string(identity.CustomsOf(country)))
		}
	} else {
		offered = append(offered, string(identity.CustomsOf("")))
	}
	return listed(offered...)(cmd, args, typed)
}

// listed offers values, also behind others and a comma.
func listed(values ...string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) (offered []string, _ cobra.ShellCompDirective) {
		before := typed[:strings.LastIndex(typed, ",")+1]
		there := strings.Split(before, ",")
		for _, v := range values {
			if slices.Contains(there, v) {
				continue
			}
			if v = before + v; strings.HasPrefix(v, typed) {
				offered = append(offered, v)
			}
		}
		directive := cobra.ShellCompDirectiveNoFileComp
		if len(offered) == 1 && strings.HasSuffix(offered[0], ":") {
			directive |= cobra.ShellCompDirectiveNoSpace // a country follows
		}
		return offered, directive
	}
}

// nodesOf offers the nodes of the testnet in the directory that a flag names.
func nodesOf(flag string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		dir, err := cmd.Flags().GetString(flag)
		if err != nil || dir == "" {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		state, err := testnet.ReadState(dir)
		if err != nil { // nothing is up there: the command itself will say so
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var names []string
		for _, n := range state.Nodes {
			names = append(names, n.Name)
		}
		return listed(names...)(cmd, args, typed)
	}
}

// upTo offers values for the first n arguments, and nothing after.
func upTo(n int, values cobra.CompletionFunc) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= n {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return values(cmd, args, typed)
	}
}

func votes(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) != 1 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return listed("yes", "no", "withdraw")(cmd, args, typed)
}

// parameterNames offers the network's parameters, each to be followed by its value, and
// of a policy its words.
func parameterNames(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	var offered []string
	name, _, named := strings.Cut(typed, "=")
	for _, p := range identity.ParameterTable() {
		if !named {
			offered = append(offered, cobra.CompletionWithDesc(p.Name+"=", p.Says))
		} else if p.Name == name && p.Unit == "policy" {
			for v := p.Low; v <= p.High; v++ {
				offered = append(offered, p.Name+"="+p.Text(v))
			}
		}
	}
	return offered, afterName(named)
}

// afterName lets a value follow a name without a space. What is offered already, the
// shell would take for finished.
func afterName(named bool) cobra.ShellCompDirective {
	if named {
		return cobra.ShellCompDirectiveNoFileComp
	}
	return cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// configKeys offers the keys of a node's configuration, each to be followed by its
// value.
func configKeys(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	named := strings.Contains(typed, "=")
	if named {
		return nil, afterName(named)
	}
	c := node.DefaultConfig("")
	var offered []string
	for _, k := range c.Keys() {
		offered = append(offered, cobra.CompletionWithDesc(k[0]+"=", k[1]))
	}
	return offered, afterName(named)
}
