package main

import (
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// exitCodeCommand runs a command and compares its exit code:
// exitcode 2 waymark trace.
func exitCodeCommand(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	if err != nil || neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode N command...")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := err.(*exec.ExitError)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// await repeats a command until it succeeds and prints what matches a pattern, for
// two minutes: the tests of other packages run beside it, on few processors.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: await pattern command...")
	}
	pattern, err := regexp.Compile(args[0])
	if err != nil {
		ts.Fatalf("%v", err)
	}
	command := args[1:]
	for deadline := time.Now().Add(2 * time.Minute); ; {
		err := ts.Exec(command[0], command[1:]...)
		if err == nil && pattern.MatchString(ts.ReadFile("stdout")) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s did not succeed and print %s: %v", strings.Join(command, " "), pattern, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}
