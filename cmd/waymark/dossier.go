package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

func newDossier() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dossier ID",
		Short: "Get the proof of a thing's journey, to keep or to hand on",
		Long: `Dossier asks a node for the journey of an item, lot, container or document together
with the proof that it is authentic, unchanged and complete, and writes both to one
file, which waymark verify checks anywhere. Of a thing without records it proves
that. With --at the dossier tells the journey as of a past height beside today's.

Where the genesis document is at hand (--genesis, a testnet's or the home's) the
dossier is verified before it is written: a refuted one goes to FILE.refuted, as
evidence, and the exit code is 1. A long journey comes in parts: FILE, FILE with .2
before its ending, and so on; without a genesis document only the first.`,
		Example: `  waymark dossier https://id.gs1.org/01/09521104000020/21/R2600000001 -o bag.json --direction upstream
  waymark dossier 26DE585000000000R7 -o declaration.json --testnet ./net`,
		Args: cobra.ExactArgs(1),
	}
	connect := connectionFlags(cmd)
	trusts := trustFlags(cmd)
	f := cmd.Flags()
	output := f.StringP("output", "o", "", `file to write, "-" for standard output`)
	direction := f.String("direction", string(trace.Both), "upstream, downstream or both")
	at := heightFlag(cmd, "a past height to tell the journey as of, beside today")
	maxAge := ageFlag(cmd, "how old the members' agreement may be")
	noVerify := f.Bool("no-verify", false, "write what the node answers, unverified")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *output == "" {
			return usagef("-o is missing: name the file to write")
		}
		id, err := thing(args[0])
		if err != nil {
			return err
		}
		way, err := directionOf(*direction)
		if err != nil {
			return err
		}
		c, err := connect.client()
		if err != nil {
			return err
		}
		defer c.Close()
		trusted, err := trusts.read(connect)
		if err != nil {
			return err
		}
		g := &gatherer{client: c, output: *output, out: cmd.OutOrStdout()}
		g.q = client.Question{ID: id, Direction: way, At: *at, MaxAge: *maxAge}
		if trusted != nil && !*noVerify {
			g.client = c.WithAnchor(trusted.anchor)
			g.verifies = true
		}
		if err := g.gather(cmd.Context()); err != nil {
			return err
		}
		if *output == "-" {
			return nil
		}
		return print(cmd, g.got, func(w io.Writer) { g.got.write(w, trusted) })
	}
	return cmd
}

// gathered is what was written where.
type gathered struct {
	ID       string         `json:"id"`
	Verified bool           `json:"verified"`
	Complete bool           `json:"complete"`
	Unread   []trace.Gap    `json:"unread,omitempty"` // where no part reads on
	Files    []gatheredFile `json:"files"`
	Verdict  *proof.Verdict `json:"-"` // of the last part
	AsOf     *client.AsOf   `json:"asOf,omitempty"`
	Known    *bool          `json:"known,omitempty"` // whether the ledger has any record of it
}

// gatheredFile is a file that was written.
type gatheredFile struct {
	File  string `json:"file"`
	Bytes int    `json:"bytes"`
}

func (f gatheredFile) write(w io.Writer) { fmt.Fprintf(w, "%s  %d bytes\n", f.File, f.Bytes) }

// gatherer asks for the parts of a dossier and writes each.
type gatherer struct {
	client   *client.Client
	q        client.Question
	verifies bool
	output   string // "-" for out
	out      io.Writer
	got      gathered
}

func (g *gatherer) gather(ctx context.Context) error {
	for part := 1; ; part++ {
		more, err := g.part(ctx, part)
		if err != nil || !more {
			return err
		}
		if g.output == "-" {
			return usagef("the journey comes in parts, which do not fit one output: name a file with -o")
		}
	}
}

// part gets the next part and reports whether another follows.
func (g *gatherer) part(ctx context.Context, part int) (more bool, err error) {
	if !g.verifies {
		data, err := g.client.Dossier(ctx, g.q)
		if err != nil {
			return false, err
		}
		d, err := proof.ParseDossier(data)
		if err != nil {
			return false, usagef("the node's answer: %w", err)
		}
		g.got.ID, g.got.Complete = d.ID, d.Rest == nil
		return false, g.write(part, data)
	}
	v, data, err := g.client.Prove(ctx, g.q)
	if r, ok := errors.AsType[*proof.Refutation](err); ok {
		evidence := g.output + ".refuted"
		if g.output == "-" {
			evidence = "dossier.refuted"
		}
		if err := keepFile(evidence, data); err != nil {
			return false, errors.Join(refusedError{r}, err)
		}
		return false, refusedError{fmt.Errorf("%w; what the node answered is in %s", r, evidence)}
	}
	if errors.Is(err, proof.ErrUnusable) {
		return false, usagef("the node's answer: %w", err)
	}
	if err != nil {
		return false, err
	}
	g.got.ID, g.got.Verified, g.got.Known, g.got.Verdict = v.ID, true, &v.Known, v
	if part == 1 {
		g.got.AsOf = &client.AsOf{Height: v.Checkpoint.Height, Time: v.Checkpoint.Time, AppHash: v.Checkpoint.AppHash.String()}
	}
	g.q.After = v
	if v.Journey != nil {
		g.got.Unread = append(g.got.Unread, unread(v.Journey)...)
	}
	g.got.Complete = v.Rest == nil && len(g.got.Unread) == 0
	return v.Rest != nil, g.write(part, data)
}

func (g *gatherer) write(part int, data []byte) error {
	if g.output == "-" {
		_, err := g.out.Write(data)
		return err
	}
	path := g.output
	if part > 1 {
		ending := filepath.Ext(path)
		path = fmt.Sprintf("%s.%d%s", strings.TrimSuffix(path, ending), part, ending)
	}
	if err := keepFile(path, data); err != nil {
		return usageError{err}
	}
	g.got.Files = append(g.got.Files, gatheredFile{path, len(data)})
	return nil
}

func (g *gathered) write(w io.Writer, trusted *trust) {
	for _, f := range g.Files {
		f.write(w)
	}
	if !g.Verified {
		fmt.Fprintf(w, "The dossier of %s is not verified. Check it with: waymark verify %s --genesis FILE --id %s\n", g.ID, g.Files[0].File, g.ID)
		if !g.Complete {
			fmt.Fprintln(w, "It is the first part of the journey: with --genesis the others are fetched, too.")
		}
		return
	}
	if !*g.Known {
		fmt.Fprintf(w, "It proves that the ledger has no record of %s.\n", g.ID)
	}
	for _, gap := range g.Unread {
		fmt.Fprintf(w, "Not part of it: %s\n", gapText(gap))
	}
	fmt.Fprintln(w, trusted.against(g.Verdict, g.Complete, time.Now()))
}
