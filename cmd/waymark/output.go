package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/trace"
)

// wantsJSON reports whether --json was given.
func wantsJSON(cmd *cobra.Command) bool {
	j, _ := cmd.Flags().GetBool("json") // a persistent flag of the root: always there
	return j
}

// print writes v as JSON, or what text writes for people.
func print(cmd *cobra.Command, v any, text func(io.Writer)) error {
	if wantsJSON(cmd) {
		enc := json.NewEncoder(cmd.OutOrStdout())
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(v)
	}
	text(cmd.OutOrStdout())
	return nil
}

// rows writes a table: columns are separated by tabs in each line. What an author wrote
// into a column ends no line.
func rows(w io.Writer, lines ...string) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, line := range lines {
		fmt.Fprintln(t, plainColumns(line))
	}
	_ = t.Flush() // the writer under it reports its own errors
}

// row is a line of a table: what an author wrote into a column begins no other.
func row(columns ...string) string {
	for i := range columns {
		columns[i] = trace.OneLine(columns[i])
	}
	return strings.Join(columns, "\t")
}

// factText is a fact's value, which may be several lines, within a line.
func factText(f trace.Fact) string {
	return trace.OneLine(strings.ReplaceAll(f.Value, "\n", "; "))
}
