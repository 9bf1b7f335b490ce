// Waymark runs a node of a traceability ledger, a network of nodes on this
// machine, and the tools of the people who use one.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/testnet"
)

func main() {
	ctx, stop := interruptible()
	code := Run(ctx, os.Args[1:], Stdio{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(code)
}

// interruptible ends with the first signal to stop. Who asks again, a second later or
// more, is not kept waiting for what does not heed the first: the process ends. Some
// senders, such as timeout, signal a process and its group, which is one request.
func interruptible() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		time.Sleep(time.Second)
		stop()
	})
	return ctx, stop
}

// Stdio is where a command reads and writes.
type Stdio struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer
}

// The exit codes. Scripts may rely on them.
const (
	exitDone        = 0 // what was asked is done
	exitRefused     = 1 // a record was refused, or a check failed
	exitUsage       = 2 // wrong flags, an API key that does not do, or input that cannot be used
	exitUnreachable = 3 // the node or network does not answer, or cannot now
)

// refusedError is a failure that the ledger, not the caller's input, decided.
type refusedError struct{ error }

func (e refusedError) Unwrap() error { return e.error }

// usageError is a failure of the caller's input.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// unreachableError is an answer that did not come.
type unreachableError struct{ error }

func (e unreachableError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// Run carries out one command line and returns its exit code. Errors are
// written to stdio.Err, once.
func Run(ctx context.Context, args []string, stdio Stdio) int {
	root := newRoot(stdio)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitDone
	}
	if strings.HasPrefix(err.Error(), "required flag(s) ") { // cobra asks nobody how to say it
		err = usagef("%w; it is written: %s (see %s --help)", err, cmd.UseLine(), cmd.CommandPath())
	}
	if cmd == root && strings.HasPrefix(err.Error(), "unknown command ") { // nor here
		err = usagef("%w (see waymark --help)", err)
	}
	fmt.Fprintln(stdio.Err, "waymark:", describe(err))
	return exitCode(err)
}

// describe is the error as a person reads it: of a refusal by a node also the
// places and the way out.
func describe(err error) string {
	text := err.Error()
	p, ok := errors.AsType[*client.Problem](err)
	if ok {
		if len(p.Errors) > 0 { // they are listed below, one a line
			text = strings.Replace(text, p.Error(), fmt.Sprintf("%s (%d)", p.Title, p.Status), 1)
		}
		for _, place := range p.Errors {
			at := place.Pointer
			if at == "" {
				at = "the document itself"
			}
			text += fmt.Sprintf("\n  at %s: %s", at, place.Detail)
		}
		for _, v := range p.Verdicts {
			text += fmt.Sprintf("\n  %s %s: %s. %s", v.Severity, v.Rule, v.Title, v.Next)
		}
		if p.Next != "" && !strings.Contains(text, p.Next) {
			text += "\n  " + p.Next
		}
	}
	switch {
	case ok && p.Status == http.StatusUnauthorized:
		text = strings.TrimSuffix(text, " "+p.Next) + keyless // the node's way out is one of HTTP
	case errors.Is(err, client.ErrUnjudged):
		text += unjudged
	case errors.Is(err, syscall.ECONNREFUSED):
		text += unreachable
	case errors.Is(err, testnet.ErrNotUp):
		text += bringUp
	}
	return text
}

func exitCode(err error) int {
	var refused refusedError
	var problem *client.Problem
	var usage usageError
	var silent unreachableError
	var unreachable *url.Error
	switch {
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &refused):
		return exitRefused
	case errors.As(err, &problem):
		return exitOfStatus(problem.Status)
	case errors.As(err, &silent), errors.As(err, &unreachable), errors.Is(err, context.DeadlineExceeded), errors.Is(err, testnet.ErrNotUp):
		return exitUnreachable
	}
	return exitUsage
}

// exitOfStatus is the exit code for what a node answered. A node that has too much to
// do, or stops, has refused nothing: a script may try again.
func exitOfStatus(status int) int {
	switch {
	case status == http.StatusBadRequest, status == http.StatusRequestEntityTooLarge,
		status == http.StatusUnauthorized, status == http.StatusForbidden: // by the key that was given, not by the ledger
		return exitUsage
	case status == http.StatusTooManyRequests, status >= 500 && status != http.StatusNotImplemented:
		return exitUnreachable
	}
	return exitRefused
}

func newRoot(stdio Stdio) *cobra.Command {
	root := &cobra.Command{
		Use:   "waymark",
		Short: "A traceability ledger for cross-border trade",
		Long: `Waymark keeps what the parties of a trade lane record about their goods, signed,
in one order, and answers where a thing came from.

Exit codes: 0 done; 1 a record was refused or a check failed; 2 wrong flags, a wrong
API key or unusable input; 3 the node or network does not answer, or cannot for now.`,
		Example: `  waymark demo                       # four nodes and a container of coffee
  waymark init && waymark start      # one node of your own
  waymark trace https://id.gs1.org/01/09521104000020/21/R2600000001`,
		Version:       buildVersion(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetIn(stdio.In)
	root.SetOut(stdio.Out)
	root.SetErr(stdio.Err)
	root.PersistentFlags().Bool("json", false, "print JSON instead of text")
	root.AddCommand(
		newDemo(), newTestnet(), newInit(), newStart(), newStatus(),
		newKeys(), newCapture(), newExplain(), newTrace(), newDossier(), newCases(), newAlerts(), newImpact(), newVerify(), newWatch(), newCheck(), newReplay(),
		newCertificate(), newPropose(), newVote(), newMembers(), newConfig(), newVersion(),
	)
	finish(root)
	return root
}
