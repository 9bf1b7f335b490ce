package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/proof"
)

func newWatch() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Watch that nodes only ever add to the history they have shown",
		Long: `Watch asks nodes for their signed checkpoint every period, verifies it, and has each
node prove that its history goes on from the last one seen. That one is kept in a
file, so that watching goes on where it ended; verify takes the same file as its
trust root. Several nodes are compared with each other as well.

An alarm is raised when a node shows a checkpoint that does not verify, or a
history that is no extension of the one kept: both checkpoints, and what the node
answered, are saved as evidence. Then watch ends with exit code 1, or goes on with
--keep-going. A node that does not answer, that falls behind or whose height stands
still is a warning.

Trust begins at the genesis document: --genesis, else that of the testnet or home;
without any, at the checkpoint in the file.`,
		Example: `  waymark watch --testnet ./net --checkpoint last.json
  waymark watch --node https://a.example --node https://b.example --genesis genesis.json --every 1m`,
		Args: cobra.NoArgs,
	}
	connect := manyConnections(cmd)
	f := cmd.Flags()
	genesis := f.String("genesis", "", "the network's genesis document, where trust begins")
	file := f.String("checkpoint", "waymark-checkpoint.json", "file that holds the last verified checkpoint")
	evidence := f.String("evidence", ".", "directory for the evidence of an alarm")
	every := f.Duration("every", 10*time.Second, "how often each node is asked")
	stalled := f.Duration("stalled", 2*time.Minute, "warn when a node's height stands still for this long, or with --once its last block is so old")
	keepGoing := f.Bool("keep-going", false, "do not end after an alarm")
	once := f.Bool("once", false, "ask each node once, and end: exit code 3 when one does not answer or prove, or its last block is older than --stalled")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *every <= 0 || *stalled <= 0 {
			return usagef("--every and --stalled have to be above zero")
		}
		if info, err := os.Stat(*evidence); err != nil {
			return usageError{fmt.Errorf("--evidence: %w", err)}
		} else if !info.IsDir() {
			return usagef("--evidence: %s is no directory", *evidence)
		}
		nodes, err := connect.nodes()
		if err != nil {
			return err
		}
		w := &watcher{file: *file, evidence: *evidence, stalled: *stalled, patience: max(*every, 5*time.Second), now: time.Now, tell: teller(cmd)}
		for _, n := range nodes {
			defer n.client.Close()
			w.nodes = append(w.nodes, &watched{name: n.name, node: n.client})
		}
		path := *genesis
		if path == "" {
			path = connect.genesis()
		}
		if err := w.trust(path); err != nil {
			return err
		}
		if *once {
			return w.once(cmd.Context())
		}
		return w.run(cmd.Context(), *every, *keepGoing)
	}
	return cmd
}

// teller prints a line a notice, or one JSON object a line.
func teller(cmd *cobra.Command) func(notice) {
	out := cmd.OutOrStdout()
	if wantsJSON(cmd) {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		return func(n notice) { _ = enc.Encode(n) } // the next round fails to write as well
	}
	return func(n notice) {
		fmt.Fprintf(out, "%s  %-8s %s  %s\n", n.Time.UTC().Format("2006-01-02 15:04:05"), n.Event, n.Node, n.Detail)
	}
}

// notice is one thing that watch says.
type notice struct {
	Time     time.Time `json:"time"`
	Event    string    `json:"event"` // "verified", "warning" or "alarm"
	Node     string    `json:"node"`
	Detail   string    `json:"detail"`
	Block    uint64    `json:"block,omitempty"`    // height of the signed block
	LogSize  uint64    `json:"logSize,omitempty"`  // records
	Evidence string    `json:"evidence,omitempty"` // file
}

// trust finds where trust begins, and the checkpoint that was kept.
func (w *watcher) trust(genesis string) error {
	kept, err := readFile(w.file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if genesis != "" {
		g, err := readGenesis(genesis)
		if err != nil {
			return err
		}
		if w.anchor, err = proof.AnchorOfGenesis(g); err != nil {
			return usageError{err}
		}
	}
	if kept == nil {
		if genesis == "" {
			return usagef("nothing to trust: name the genesis document with --genesis, or have a checkpoint in %s", w.file)
		}
		return nil
	}
	if w.kept, err = proof.ParseCheckpoint(kept); err != nil {
		return usagef("%s: %w", w.file, err)
	}
	if genesis == "" {
		w.anchor, err = proof.AnchorOfCheckpoint(w.kept)
	} else {
		err = w.kept.Verify(w.anchor)
	}
	if err != nil {
		return usagef("%s: %w", w.file, err)
	}
	return nil
}

// keepFile replaces a file so that after a crash it holds the old bytes or the
// new ones, and after a return the new ones.
func keepFile(path string, data []byte) (err error) {
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-")
	if failed, ok := errors.AsType[*os.PathError](err); ok { // of a file that nobody has named
		return fmt.Errorf("write %s: %w", path, failed.Err)
	}
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(tmp.Name()))
		}
	}()
	_, err = tmp.Write(data)
	if err == nil {
		err = tmp.Chmod(0o644)
	}
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	if err = os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return nil // renamed, and the directory cannot be synced from here
	}
	return errors.Join(d.Sync(), d.Close())
}

// run asks in rounds until the context ends or an alarm is raised.
func (w *watcher) run(ctx context.Context, every time.Duration, keepGoing bool) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		alarms, err := w.round(ctx)
		if err != nil {
			return err
		}
		if len(alarms) > 0 && !keepGoing {
			return refusedError{errors.Join(alarms...)}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// once asks each node once. How long a height has stood still cannot be seen in one
// round: the age of the block is what there is.
func (w *watcher) once(ctx context.Context) error {
	alarms, err := w.round(ctx)
	if err != nil {
		return err
	}
	if len(alarms) > 0 {
		return refusedError{errors.Join(alarms...)}
	}
	var silent []string
	for _, n := range w.nodes {
		switch {
		case n.fault != "":
			silent = append(silent, n.name+": "+n.fault)
		case n.unproved:
			silent = append(silent, n.name+": nobody proves that its history and the one kept are one")
		case w.old(n) >= w.stalled:
			old := fmt.Sprintf("block %d, its last, is %s old", n.shown.Block.Header.Height, w.old(n).Round(time.Second))
			w.say("warning", n, old)
			silent = append(silent, n.name+": "+old)
		}
	}
	if len(silent) > 0 {
		return unreachableError{errors.New(strings.Join(silent, "; "))}
	}
	return nil
}
