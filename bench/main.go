// Command bench measures what Waymark costs beside the engine it stands on.
//
//	go run ./bench                 floor and Waymark, for 1 and 4 validators
//	go run ./bench trace           a trace of 120 events on a ledger of 100,000
//	go run ./bench map             the authenticated map with 1,000,000 keys
//	go run ./bench dossier         proof of a trace of 120 events on a ledger of 500,000
//	go run ./bench rules           judging 100,000 records of the coffee lane, and judging them again
//	go run ./bench impact          the impact of a recalled lot with 100,000 bags downstream
//	go run ./bench postgres        capture and journey beside a PostgreSQL that keeps the same events
//
// Its promise: floor and Waymark run in the same process on the same machine,
// in turn, with the same engine settings, and are fed the same bytes in the
// same way; every number it prints was measured in the run that prints it, and
// a run in which a record was refused or two nodes differ fails.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are what the flags say.
type options struct {
	duration time.Duration // of one measured window
	warm     time.Duration // of load before it
	touch    int64         // MiB of memory touched before each side
	rounds   int
	rate     int // single events a second while finality is measured
	cases    []string
	json     bool
	write    bool
	profile  string // prefix of CPU profiles, "" for none
	dir      string // for homes, "" for a temporary one
	records  int    // of the ledger under trace
	requests int    // traces or dossiers to time
	keep     string // directory for a dossier and the genesis that verifies it, "" for none
	keys     int    // of the ledger under touches
	touches  int    // to time
	progress io.Writer
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o := options{progress: stderr}
	command := ""
	if len(args) > 0 && slices.Contains([]string{"trace", "map", "dossier", "rules", "impact", "postgres"}, args[0]) {
		command, args = args[0], args[1:]
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.BoolVar(&o.json, "json", false, "print JSON")
	flags.BoolVar(&o.write, "write", false, "update "+resultsFile+" (from the module's root)")
	flags.StringVar(&o.dir, "dir", "", "directory for stores; default a temporary one, removed at the end. A dossier's ledger is kept there and used again")
	var cases string
	switch command {
	case "trace":
		flags.IntVar(&o.records, "records", 100_000, "records on the ledger")
		flags.IntVar(&o.requests, "requests", 500, "requests to time")
		flags.StringVar(&o.profile, "cpuprofile", "", "file for a CPU profile of the requests")
	case "rules":
		flags.IntVar(&o.records, "records", 100_000, "records to judge, and to judge again")
		flags.StringVar(&o.profile, "cpuprofile", "", "prefix of CPU profiles: PREFIX-judge.prof (with all that makes the records), PREFIX-replay.prof")
	case "impact":
		flags.IntVar(&o.requests, "requests", 300, "first pages to time")
	case "map":
		flags.IntVar(&o.keys, "keys", 1_000_000, "keys of the ledger")
		flags.IntVar(&o.touches, "touches", 500_000, "touches to time")
		flags.StringVar(&o.profile, "cpuprofile", "", "prefix of CPU profiles: PREFIX-touch.prof, PREFIX-prove.prof")
	case "dossier":
		flags.IntVar(&o.records, "records", 500_000, "records on the ledger")
		flags.IntVar(&o.requests, "requests", 300, "dossiers to build, to ask for and to verify")
		flags.StringVar(&o.keep, "keep", "", "directory for dossier.json and the genesis.json that verifies it")
		flags.StringVar(&o.profile, "cpuprofile", "", "prefix of CPU profiles: PREFIX-build.prof, PREFIX-http.prof, PREFIX-verify.prof")
	case "postgres":
		flags.IntVar(&o.records, "records", 100_000, "records on the ledger whose journey is asked for")
		flags.IntVar(&o.requests, "requests", 500, "journeys to time")
		o.windowFlags(flags)
	default:
		flags.StringVar(&cases, "cases", "", "comma-separated names of cases: "+strings.Join(caseNames(), ", ")+"; default all")
		flags.StringVar(&o.profile, "cpuprofile", "", "prefix of CPU profiles, one a case and side: PREFIX-4-single-waymark.prof")
		o.windowFlags(flags)
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if cases != "" {
		o.cases = strings.Split(cases, ",")
		for _, c := range o.cases {
			if !slices.Contains(caseNames(), c) {
				return fmt.Errorf("there is no case %q: %s", c, strings.Join(caseNames(), ", "))
			}
		}
	}
	if o.write && len(o.cases) > 0 {
		return errors.New("--write needs all cases")
	}
	if o.dir == "" {
		dir, err := os.MkdirTemp("", "waymark-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.dir = dir
	}
	switch command {
	case "trace":
		return runTrace(ctx, &o, stdout)
	case "rules":
		return runRules(ctx, &o, stdout)
	case "impact":
		return runImpact(ctx, &o, stdout)
	case "map":
		return runMap(ctx, &o, stdout)
	case "dossier":
		return runDossier(ctx, &o, stdout)
	case "postgres":
		return runPostgres(ctx, &o, stdout)
	}
	return runCases(ctx, &o, stdout)
}

// windowFlags are those of a run that saturates networks and paces them.
func (o *options) windowFlags(flags *flag.FlagSet) {
	flags.DurationVar(&o.duration, "duration", 5*time.Second, "of each measured window; finality is measured as long again")
	flags.DurationVar(&o.warm, "warm", 6*time.Second, "of load before a window")
	flags.Int64Var(&o.touch, "touch", 6<<10, "MiB of free memory to touch before each side, at most half of what there is: the first touch of a page that\na hypervisor has taken back costs many times what a page costs else, and would be counted against the side that grows")
	flags.IntVar(&o.rounds, "rounds", 3, "windows of each case, whose median is reported")
	flags.IntVar(&o.rate, "rate", 100, "envelopes of single events a second while finality is measured; a tenth as many documents")
}

// say tells progress.
func (o *options) say(format string, args ...any) { fmt.Fprintf(o.progress, format+"\n", args...) }
