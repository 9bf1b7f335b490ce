package main

import (
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/trace"
)

// finish gives every command what cobra leaves out: a mistake on the command
// line says how the command is written, a group that is asked for something it
// has not is an error and no help, its own commands show examples, and the shell
// completes values.
func finish(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		text := err.Error()
		if number := (*strconv.NumError)(nil); errors.As(err, &number) && number.Func != "ParseBool" { // of the language, and told in its words
			text = strings.Replace(text, number.Error(), "it is a whole number, not too large", 1)
		}
		return usagef("%s (see %s --help)", text, cmd.CommandPath())
	})
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		switch {
		case cmd.Name() == "help":
			cmd.Example = "  waymark help testnet"
			cmd.Args = func(_ *cobra.Command, args []string) error {
				if found, rest, err := root.Find(args); err != nil || found == nil || len(rest) > 0 {
					return usagef("there is no command %q (see waymark --help)", strings.Join(args, " "))
				}
				return nil
			}
		case cmd != root && cmd.HasSubCommands():
			group(cmd)
		case cmd.Args != nil:
			want := cmd.Args
			cmd.Args = func(cmd *cobra.Command, args []string) error {
				if err := want(cmd, args); err != nil {
					return usagef("%w; it is written: %s (see %s --help)", err, cmd.UseLine(), cmd.CommandPath())
				}
				// A shell's variable that is not set would ask for something else.
				if at := slices.Index(args, ""); at >= 0 {
					return usagef("%s is empty: give it a value; it is written: %s (see %s --help)", argumentName(cmd, at), cmd.UseLine(), cmd.CommandPath())
				}
				return nil
			}
		}
		if cmd.Parent() != nil && cmd.Parent().Name() == "completion" {
			cmd.Example = "  " + cmd.CommandPath() + " --help   # says where the script belongs"
			scriptAsJSON(cmd)
		}
		if cmd.Name() != "help" && (cmd.Parent() == nil || cmd.Parent().Name() != "completion") { // cobra's own complete themselves
			complete(cmd)
		}
		fill(cmd)
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(root)
}

// argumentName is what a command calls one of its arguments.
func argumentName(cmd *cobra.Command, at int) string {
	names := strings.Fields(cmd.Use)[1:]
	if len(names) == 0 {
		return "an argument"
	}
	return strings.Trim(names[min(at, len(names)-1)], "[].")
}

// waitFlag is --wait. Nothing can be had in no time: who says so has mistyped, and
// would be told that the node does not answer.
func waitFlag(cmd *cobra.Command, usual time.Duration, usage string) *time.Duration {
	cmd.Flags().Var(&span{&usual, 1, "it is more than nothing, such as 30s"}, "wait", usage)
	return &usual
}

// ageFlag is --max-age. Ages are counted in seconds: a shorter one would be none.
func ageFlag(cmd *cobra.Command, usage string) *time.Duration {
	var d time.Duration
	cmd.Flags().Var(&span{&d, time.Second, "it is a second or more, such as 24h"}, "max-age", usage)
	return &d
}

// span is a duration that has a least one.
type span struct {
	value *time.Duration
	least time.Duration
	says  string // to who gives less
}

func (s *span) Type() string { return "duration" }

func (s *span) String() string {
	if s.value == nil || *s.value == 0 { // none is said to be the default of what has none
		return ""
	}
	return s.value.String()
}

func (s *span) Set(text string) error {
	d, err := time.ParseDuration(text)
	if err == nil && d < s.least {
		err = errors.New(s.says)
	}
	if err != nil {
		return err
	}
	*s.value = d
	return nil
}

// heightFlag is --at. Without it a question is about today: 0 would be told of today,
// and was asked about the time before everything.
func heightFlag(cmd *cobra.Command, usage string) *uint64 {
	h := new(height)
	cmd.Flags().Var(h, "at", usage)
	return (*uint64)(h)
}

// height is that of a block, 0 for none.
type height uint64

func (h *height) Type() string { return "uint" }

func (h *height) String() string {
	if *h == 0 {
		return ""
	}
	return strconv.FormatUint(uint64(*h), 10)
}

func (h *height) Set(text string) error {
	n, err := strconv.ParseUint(text, 10, 64)
	if err == nil && n == 0 {
		err = errors.New("heights begin at 1")
	}
	*h = height(n)
	return err
}

// group makes a command that only holds others say so when it is given one that
// it does not have.
func group(cmd *cobra.Command) {
	if cmd.Example == "" {
		cmd.Example = "  " + cmd.CommandPath() + " " + cmd.Commands()[0].Name()
	}
	cmd.Args = nil
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		var names []string
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				names = append(names, sub.Name())
			}
		}
		return usagef("%s has no command %q; it has %s", cmd.CommandPath(), args[0], strings.Join(names, ", "))
	}
}

// directionOf reads --direction; "" is left to who verifies.
func directionOf(flag string) (trace.Direction, error) {
	switch d := trace.Direction(flag); d {
	case "", trace.Upstream, trace.Downstream, trace.Both:
		return d, nil
	}
	return "", usagef("--direction is %q, and should be upstream, downstream or both", flag)
}

// thing reads the ID that a journey is asked of.
func thing(id string) (string, error) {
	if strings.TrimSpace(id) == "" {
		return "", usagef("ID is empty: name an item, lot, container or business document")
	}
	return id, nil
}

// namedHome is an error when a home was named that is not there. The default
// one need not be: whoever names a node by its URL has none.
func namedHome(home string) error {
	if home == defaultHome() {
		return nil
	}
	if _, err := os.Stat(home); err != nil {
		return usagef("--home: %w", err)
	}
	return nil
}

// inputName is a file's name in messages.
func inputName(path string) string {
	if path == "-" {
		return "standard input"
	}
	return path
}

// unreachable says what to do about a node that does not answer.
const unreachable = "\n  Nothing answers there. Is the node running (waymark start, waymark testnet status), and is that its address (--node, --home, --testnet)?"

// keyless says where the API key comes from, to who was answered that there is none.
const keyless = "\n  The API key is that of --api-key or $WAYMARK_API_KEY, with --testnet the testnet's, without --node the one in the file " + apiKeyFile + " of the --home."

// unjudged says what became of records whose verdict did not come in time.
const unjudged = "\n  The node keeps what it took until a block has it. Does it have peers, and does its height move (waymark status)? A member that is suspended or removed is cut off. --wait waits longer."

// bringUp says what to do about a network that is not up.
const bringUp = "\n  Bring it up, or resume it: waymark testnet up --dir DIR --detach"
