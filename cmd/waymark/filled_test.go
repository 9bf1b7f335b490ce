package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

// A shell's variable that is not set is no default: with an empty --genesis, init would
// make a network of its own, and an empty --next would publish nothing.
func TestEmptyValuesAreNotDropped(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	for _, line := range []string{
		"init --home HOME --genesis _", "init --home HOME --gossip-peer _", "init --home HOME --gossip-peer a --gossip-peer _",
		"init --home HOME --consensus-peer a,,b", "init --home HOME --prefix _", "init --home HOME --role _", "init --home HOME --param _", "init --home _",
		"keys register 0x02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5 --next _",
		"keys revoke 0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF --reason stolen --compromised-since _",
		"propose scheme https://example.org/organic --hs _", "verify x --id x --genesis g --checkpoint _", "trace x --testnet _", "capture x --key _",
		"members _", "vote _ yes", "trace _", "impact _", "capture x _", "propose suspend _",
	} {
		args := strings.Fields(strings.ReplaceAll(line, "HOME", home))
		for i := range args {
			if args[i] == "_" {
				args[i] = ""
			}
		}
		var said bytes.Buffer
		if code := Run(t.Context(), args, Stdio{Out: &said, Err: &said}); code != exitUsage || !strings.Contains(said.String(), "is empty") {
			t.Errorf("%s: exit code %d, %s", line, code, &said)
		}
	}
	if made, err := filepath.Glob(home); err != nil || len(made) > 0 {
		t.Errorf("%v was made, %v", made, err)
	}
}

func TestListsWithoutADefaultShowNone(t *testing.T) {
	var said bytes.Buffer
	if Run(t.Context(), []string{"init", "--help"}, Stdio{Out: &said, Err: &said}); strings.Contains(said.String(), "[]") {
		t.Errorf("%s", &said)
	}
}
