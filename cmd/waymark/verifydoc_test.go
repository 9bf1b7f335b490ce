package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
)

const (
	auditorsGuide = "../../docs/verify.md"
	handExample   = "../../proof/testdata/vectors/product-class.json"
)

// A shell block of the guide and what it prints; one without a block of text
// behind it prints nothing.
var handBlock = regexp.MustCompile("(?s)```sh\n(.*?)```\n(?:\n```text\n(.*?)```\n)?")

// handSession splits the guide at the mark behind which its blocks are one shell
// session.
func handSession(t *testing.T) (before, session string) {
	t.Helper()
	b, err := os.ReadFile(auditorsGuide)
	if err != nil {
		t.Fatal(err)
	}
	before, session, ok := strings.Cut(string(b), "<!-- The blocks from here on are one shell session")
	if !ok {
		t.Fatal("the guide has lost the mark before its shell session")
	}
	return before, session
}

// The guide's commands are run, one session, and print what it says they print.
func TestCheckingByHandWorksAsDocumented(t *testing.T) {
	for _, tool := range []string{"bash", "jq", "basenc", "openssl", "sha256sum", "od", "sed"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed (Debian: apt-get install jq openssl coreutils)", tool)
		}
	}
	before, session := handSession(t)
	dir := t.TempDir()
	vector, err := os.ReadFile(handExample)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "product-class.json"), vector, 0o600); err != nil {
		t.Fatal(err)
	}
	if *update {
		session = regexp.MustCompile("(?m)^envelope=.*$").ReplaceAllString(session, "envelope="+handValues(t)["envelope id"])
	}
	const end = "--- end of block ---"
	script := "set -euo pipefail\n"
	blocks := handBlock.FindAllStringSubmatch(session, -1)
	for _, b := range blocks {
		script += b[1] + "echo '" + end + "'\n"
	}
	cmd := exec.Command("bash", "-c", script)
	cmd.Dir = dir
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s\n%s", err, said.String(), out)
	}
	printed := strings.Split(string(out), end+"\n")
	if len(printed) != len(blocks)+1 {
		t.Fatalf("%d blocks printed %d times", len(blocks), len(printed)-1)
	}
	at := 0
	again := handBlock.ReplaceAllStringFunc(session, func(block string) string {
		m, got := handBlock.FindStringSubmatch(block), printed[at]
		at++
		if m[2] == got {
			return block
		}
		if !*update {
			t.Errorf("the block\n%sprints\n%swhere the guide says\n%s", m[1], got, m[2])
		}
		if got == "" {
			return "```sh\n" + m[1] + "```\n"
		}
		return "```sh\n" + m[1] + "```\n\n```text\n" + got + "```\n"
	})
	if *update {
		mark := "<!-- The blocks from here on are one shell session"
		if err := os.WriteFile(auditorsGuide, []byte(before+mark+again), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// The numbers of the guide are those of the example, whatever tools are
// installed here.
func TestNumbersOfTheAuditorsGuide(t *testing.T) {
	_, session := handSession(t)
	for name, value := range handValues(t) {
		if !strings.Contains(session, value) {
			t.Errorf("the guide does not have the example's %s, %s", name, value)
		}
	}
}

// handValues computes what the guide computes.
func handValues(t *testing.T) map[string]string {
	t.Helper()
	b, err := os.ReadFile(handExample)
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Dossier string }
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	d, err := proof.ParseDossier([]byte(file.Dossier))
	if err != nil {
		t.Fatal(err)
	}
	line, e := d.Records[0], d.Envelopes[0]
	record := identity.RecordHash(line.Bytes)
	root, err := proof.RootOf(uint64(e.Count), []uint64{uint64(line.Index)}, []identity.Hash{record}, e.Path)
	if err != nil {
		t.Fatal(err)
	}
	id := identity.EnvelopeID(d.Checkpoint.Network, e.Kind, e.Signer, e.NotAfter, e.Count, root)
	entry := proof.Entry{Height: line.Height, Time: line.Time, Seq: line.Seq, Envelope: id, Index: line.Index, Kind: e.Kind,
		Signer: e.Signer, Record: record, FindingsHash: proof.FindingsHash(nil)}
	encoded := entry.Encode()
	values := map[string]string{
		"record hash": record.String(), "records root": root.String(), "envelope id": id.String(),
		"entry": fmt.Sprintf("%x", encoded), "leaf": proof.LeafHash(encoded).String(),
		"log root": d.Checkpoint.Roots.LogRoot.String(), "map root": d.Checkpoint.Roots.MapRoot.String(),
		"app hash": d.Checkpoint.Roots.AppHash().String(), "block": d.Checkpoint.Block.Header.Hash().String(),
		"validators": proof.ValidatorsHash(d.Checkpoint.Block.Validators).String(), "network": d.Checkpoint.Network.String(),
		"absent key": proof.MapKey(d.Absent[0].Key()).String(),
	}
	for i := range d.Keys {
		values["key "+d.Keys[i].ID] = proof.MapKey(d.Keys[i].Key()).String()
	}
	return values
}
