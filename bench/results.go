package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"time"
)

// resultsFile is relative to the module's root.
const resultsFile = "bench/RESULTS.md"

const resultsHead = `# Results

Written by ` + "`go run ./bench --write`" + `, and by ` + "`go run ./bench trace --write`, `… map --write`, `… dossier --write`, `… rules --write`, `… impact --write` and `… postgres --write`" + `; numbers are only what a run on the named machine measured.
`

// The sections of the file. Each run replaces its own.
const (
	sectionThroughput = "## Throughput and finality"
	sectionTrace      = "## Trace"
	sectionMap        = "## Authenticated map of %d keys"
	sectionDossier    = "## Dossier"
	sectionRules      = "## Rules"
	sectionImpact     = "## Impact"
	sectionPostgres   = "## Beside PostgreSQL"
)

// machine names where and when, and how busy it was before.
func machine() string {
	load, _, _ := strings.Cut(readFile("/proc/loadavg"), " ")
	if load == "" {
		load = "unknown"
	}
	return fmt.Sprintf("%s, %d cores, %s, %s, %s. Load average before the run: %s.",
		cpuModel(), runtime.NumCPU(), runtime.GOOS+"/"+runtime.GOARCH, runtime.Version(),
		time.Now().UTC().Format(time.DateOnly), load)
}

func cpuModel() string {
	for line := range strings.Lines(readFile("/proc/cpuinfo")) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}

// readFile is "" for what cannot be read: not every system has it.
func readFile(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(b)
}

func throughputSection(machine string, o *options, rows []row) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", machine)
	fmt.Fprintf(&b, "Medians of %d windows of %v each, %v warm. The floor is CometBFT as a node configures it, under an application that checks\n"+
		"each signature and does nothing else, its mempools fed directly; Waymark is the whole node: outbox, gossip, judgement, ledger.\n"+
		"Both are handed the same envelopes. The floor's blocks carry them as they are; a node packs those of a block and of a gossip\n"+
		"message. All nodes share this one process; before each side up to %d MiB of free memory are touched. Finality is from the submit\n"+
		"call to the receipt (http: from the API call to the 201), at %d single events or %d documents a second.\n"+
		"A node's store merges its tables after some 150,000 events, and then again and again: windows of a few seconds of 4-document have\n"+
		"none of it, those of 20 s (--duration) have, and take more.\n\n", o.rounds, o.duration, o.warm, o.touch, o.rate, max(1, o.rate/10))
	fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(columns(), " | "), strings.Repeat("---|", len(columns())))
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(r.cells(), " | "))
	}
	if adds := httpAdds(rows); adds != "" {
		fmt.Fprintf(&b, "\n%s", adds)
	}
	return b.String()
}

// writeSection puts one section into the file and leaves the others.
func writeSection(heading, body string) error {
	doc, err := os.ReadFile(resultsFile)
	if errors.Is(err, fs.ErrNotExist) {
		doc, err = []byte(resultsHead), nil
	}
	if err != nil {
		return err
	}
	return os.WriteFile(resultsFile, []byte(replaceSection(string(doc), heading, body)), 0o644)
}

// replaceSection replaces the text from heading to the next heading of its
// level, or adds it at the end.
func replaceSection(doc, heading, body string) string {
	section := heading + "\n\n" + strings.TrimSpace(body) + "\n"
	before, rest, found := strings.Cut(doc, heading+"\n")
	if !found {
		return strings.TrimRight(doc, "\n") + "\n\n" + section
	}
	if _, after, more := strings.Cut(rest, "\n## "); more {
		section += "\n## " + after
	}
	return before + section
}

// report tells a result, as JSON or in the words of its section; with --write the
// words go into the file, too. began names the machine.
func (o *options) report(stdout io.Writer, section, began, text string, result any) error {
	if o.write {
		if err := writeSection(section, began+"\n\n"+text); err != nil {
			return err
		}
	}
	if o.json {
		return json.NewEncoder(stdout).Encode(result)
	}
	_, err := io.WriteString(stdout, text)
	return err
}
