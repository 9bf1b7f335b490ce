package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/testnet"
)

func newTestnet() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "testnet",
		Short: "Run a network of nodes on this machine, and break it",
		Long: `Testnet runs real node processes on loopback. Where everything is stands in
DIR/testnet.json. Nodes are named node0, node1 and so on.`,
		Example: `  waymark testnet up --nodes 4 --dir ./net --detach
  waymark testnet kill node3 --dir ./net
  waymark testnet cut node0,node1 node2,node3 --dir ./net
  waymark testnet heal --dir ./net
  waymark testnet down --dir ./net`,
	}
	dir := cmd.PersistentFlags().String("dir", "testnet-data", "directory of the network")
	cmd.AddCommand(
		testnetUp(dir),
		testnetCommand(dir, "status", "Print how the network stands", nil),
		testnetCommand(dir, "down", "Stop every node and the supervisor", nil),
		testnetCommand(dir, "kill NODE", "End a node at once, with SIGKILL", oneNode),
		testnetCommand(dir, "stop NODE", "End a node gracefully", oneNode),
		testnetCommand(dir, "start NODE", "Start a node again, and wait until it serves", oneNode),
		testnetCommand(dir, "pause NODE", "Freeze a node, with SIGSTOP", oneNode),
		testnetCommand(dir, "resume NODE", "Thaw a paused node", oneNode),
		testnetCommand(dir, "cut A,B C,D", "Sever every link between two groups of nodes", twoGroups),
		testnetCommand(dir, "heal", "Restore every link", nil),
	)
	return cmd
}

func oneNode(c *testnet.Command, args []string) { c.Node = args[0] }

func twoGroups(c *testnet.Command, args []string) {
	c.From, c.To = strings.Split(args[0], ","), strings.Split(args[1], ",")
}

// testnetCommand makes a command that is sent to the supervisor.
func testnetCommand(dir *string, use, short string, fill func(*testnet.Command, []string)) *cobra.Command {
	action, operands, _ := strings.Cut(use, " ")
	count := len(strings.Fields(operands))
	example := map[string]string{"NODE": " node1", "A,B C,D": " node0,node1 node2,node3"}[operands]
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(count),
		Example: "  waymark testnet " + action + example + " --dir ./net",
		RunE: func(cmd *cobra.Command, args []string) error {
			c := testnet.Command{Action: action}
			if fill != nil {
				fill(&c, args)
			}
			state, err := testnet.Send(cmd.Context(), *dir, c)
			if err != nil && !(action == "status" && errors.Is(err, testnet.ErrNotUp) && state != nil) {
				return err
			}
			if err == nil && action == "down" {
				if err := awaitDown(cmd.Context(), *dir); err != nil {
					return err
				}
				if state, err = testnet.ReadState(*dir); err != nil {
					return err
				}
			}
			return errors.Join(print(cmd, state, func(w io.Writer) {
				writeNodes(cmd.Context(), w, state)
				if action == "status" {
					writeSigners(w, state)
				}
			}), err)
		},
	}
}

// awaitDown waits until the supervisor has written that it is down.
func awaitDown(ctx context.Context, dir string) error {
	for {
		state, err := testnet.ReadState(dir)
		if err != nil || state.Supervisor.Pid == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func testnetUp(dir *string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Start a network, or resume the one in the directory",
		Long: `Up starts N nodes and writes DIR/testnet.json when all of them serve. In the
foreground it stays until it is interrupted and then stops them; with --detach a
supervisor of its own keeps them, until testnet down. A used directory is resumed: of
a network that is up, --detach starts the nodes that do not run.`,
		Example: `  waymark testnet up --nodes 4 --dir ./net --base-port 26000 --detach`,
		Args:    cobra.NoArgs,
	}
	nodes := cmd.Flags().Int("nodes", 0, "number of nodes; 4 when the directory is new")
	basePort := cmd.Flags().Int("base-port", 0, "first of the ports; node i's API answers at base port + i. 0 picks free ones")
	detach := cmd.Flags().Bool("detach", false, "return when the network serves, and leave it running")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if cmd.Flags().Changed("nodes") && *nodes < 1 {
			return usagef("a testnet has 1 to %d nodes, not %d", testnet.MaxNodes, *nodes)
		}
		if *detach {
			return detached(cmd, *dir, *nodes, *basePort)
		}
		o := testnet.Options{Dir: *dir, Nodes: *nodes, BasePort: *basePort,
			Progress: func(line string) { fmt.Fprintln(cmd.ErrOrStderr(), line) }}
		s, err := testnet.Up(cmd.Context(), o)
		if err != nil {
			return err
		}
		state := s.State()
		if err := print(cmd, state, func(w io.Writer) {
			writeTestnet(cmd.Context(), w, state)
			fmt.Fprintln(w, "\nCtrl-C stops the network; its ledger stays in "+*dir+".")
		}); err != nil {
			return errors.Join(err, s.Down())
		}
		select {
		case <-cmd.Context().Done():
		case <-s.Done():
		}
		return s.Down()
	}
	return cmd
}

// detached starts a supervisor that outlives this process and waits until its
// network serves.
func detached(cmd *cobra.Command, dir string, nodes, basePort int) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if state, err := testnet.Send(cmd.Context(), dir, testnet.Command{Action: "status"}); err == nil {
		return startAll(cmd, dir, nodes, basePort, state)
	}
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(dir, "supervisor.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	child := exec.Command(exe, "testnet", "up", "--json", "--dir", dir, "--base-port", strconv.Itoa(basePort))
	if nodes != 0 {
		child.Args = append(child.Args, "--nodes", strconv.Itoa(nodes))
	}
	out, err := child.StdoutPipe()
	if err != nil {
		return err
	}
	child.Stderr = log
	child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := child.Start(); err != nil {
		return err
	}
	// The child prints its state once, when every node serves. Its later output
	// goes nowhere.
	up := make(chan error, 1)
	go func() {
		_, err := io.ReadFull(out, make([]byte, 1))
		up <- err
	}()
	select {
	case err = <-up:
	case <-cmd.Context().Done():
		return errors.Join(cmd.Context().Err(), child.Process.Signal(syscall.SIGTERM))
	}
	if err != nil {
		_ = child.Wait() // what it said is in its log
		said, _ := os.ReadFile(log.Name())
		why := strings.TrimSpace(string(said)) // what it did, and then its error
		if i := strings.LastIndex("\n"+why, "\nwaymark: "); i >= 0 {
			why = strings.TrimPrefix(why[i:], "waymark: ")
		}
		return fmt.Errorf("the supervisor gave up: %s", why)
	}
	state, err := testnet.ReadState(dir)
	if err != nil {
		return err
	}
	return printDetached(cmd, dir, state)
}

// startAll has a network that is up start the nodes that were killed or stopped. A
// paused one runs.
func startAll(cmd *cobra.Command, dir string, nodes, basePort int, state *testnet.State) error {
	if nodes != 0 && nodes != len(state.Nodes) {
		return usagef("%w in %s, with %d nodes, not %d", testnet.ErrRunning, dir, len(state.Nodes), nodes)
	}
	if api := state.Nodes[0].API; basePort != 0 && !strings.HasSuffix(api, ":"+strconv.Itoa(basePort)) {
		return usagef("%w in %s, with ports from %s on, not from %d", testnet.ErrRunning, dir, api[strings.LastIndex(api, ":")+1:], basePort)
	}
	for _, n := range state.Nodes {
		if n.Pid != 0 {
			continue
		}
		var err error
		if state, err = testnet.Send(cmd.Context(), dir, testnet.Command{Action: "start", Node: n.Name}); err != nil {
			return err
		}
	}
	return printDetached(cmd, dir, state)
}

func printDetached(cmd *cobra.Command, dir string, state *testnet.State) error {
	return print(cmd, state, func(w io.Writer) {
		writeTestnet(cmd.Context(), w, state)
		fmt.Fprintf(w, "\nThe supervisor is process %d. Stop it with: waymark testnet down --dir %s\n", state.Supervisor.Pid, dir)
	})
}

// writeTestnet is all of it, for whoever has just brought it up.
func writeTestnet(ctx context.Context, w io.Writer, state *testnet.State) {
	writeNodes(ctx, w, state)
	writeSigners(w, state)
}

func writeNodes(ctx context.Context, w io.Writer, state *testnet.State) {
	lines := []string{"NODE\tORGANISATION\tAPI\tPROCESS\tHEIGHT"}
	for i := range state.Nodes {
		n := &state.Nodes[i]
		process, height := "down", "-"
		switch {
		case n.Paused:
			process = strconv.Itoa(n.Pid) + " paused"
		case n.Pid != 0:
			process = strconv.Itoa(n.Pid)
			height = heightOf(ctx, n)
		}
		lines = append(lines, row(n.Name, n.Organisation, n.API, process, height))
	}
	rows(w, lines...)
	if len(state.Cut) > 0 {
		fmt.Fprintln(w, "cut:", strings.Join(state.Cut, " "))
	}
}

// writeSigners lists those who sign through another's node.
func writeSigners(w io.Writer, state *testnet.State) {
	if len(state.Members) == 0 {
		return
	}
	lines := []string{"MEMBER\tORGANISATION\tHANDS IN AT\tWITH --key"}
	for _, m := range state.Members {
		lines = append(lines, row(m.Name, m.Organisation, m.Through, relative(m.Key)))
	}
	fmt.Fprintln(w)
	rows(w, lines...)
}

func heightOf(ctx context.Context, n *testnet.NodeState) string {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	c := n.Client()
	defer c.Close()
	s, err := c.Status(ctx)
	if err != nil {
		return "does not answer"
	}
	return strconv.FormatUint(s.Height, 10)
}

// relative is the path as it is shorter to type from here.
func relative(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if r, err := filepath.Rel(here, path); err == nil && len(r) < len(path) {
		return r
	}
	return path
}
