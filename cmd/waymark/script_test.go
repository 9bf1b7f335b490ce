package main

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/waymark-ledger/waymark/internal/ports"
	"github.com/waymark-ledger/waymark/testnet"
)

var update = flag.Bool("update", false, "rewrite the expected output in the scripts")

// TestMain lets scripts run this binary as `waymark`, and the supervisor of a
// script's testnet start its nodes with it.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"waymark": func() {
		ctx, stop := interruptible()
		code := Run(ctx, os.Args[1:], Stdio{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
		stop()
		os.Exit(code)
	}})
}

// The scripts use the command line as its users do, the examples of the README
// among them.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			examples := filepath.Join(e.WorkDir, "docs", "examples")
			if err := os.MkdirAll(examples, 0o755); err != nil {
				return err
			}
			e.Setenv("HOME", e.WorkDir)
			// A slow machine changes no answer: nothing is told of the state before, or in parts.
			e.Setenv("WAYMARK_API_PROOF_WAIT", "1m")
			e.Setenv("WAYMARK_API_TRACE_TIME", "1m")
			e.Setenv("WAYMARK_API_REQUEST_TIMEOUT", "5m")
			free, err := ports.Reserve(1)
			if err != nil {
				return err
			}
			e.Defer(func() { // of a script that failed: its network would outlive it
				_, _ = testnet.Send(context.Background(), filepath.Join(e.WorkDir, "net"), testnet.Command{Action: "down"})
			})
			e.Setenv("API", fmt.Sprintf("127.0.0.1:%d", free[0])) // where the script's node may answer
			return os.CopyFS(examples, fs.FS(os.DirFS("../../docs/examples")))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exitcode": exitCodeCommand, "await": await},
	})
}
