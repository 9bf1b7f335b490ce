package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

func TestDossierOfASmallLedger(t *testing.T) {
	dir, keep := t.TempDir(), filepath.Join(t.TempDir(), "keep")
	args := []string{"dossier", "--records", "2000", "--requests", "3", "--json", "--dir", dir, "--keep", keep}
	for range 2 { // the second time with the ledger of the first
		var out bytes.Buffer
		if err := run(t.Context(), args, &out, io.Discard); err != nil {
			t.Fatal(err)
		}
		var r dossierResult
		if err := json.Unmarshal(out.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		if r.Events != tracedEvents || r.Records < 2000 || r.Build.P50 <= 0 || r.HTTP.P50 <= 0 || r.Verify.P50 <= 0 || r.Packed <= 0 || r.Absent == 0 {
			t.Errorf("%+v", r)
		}
	}
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(keep, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	g, err := identity.ParseGenesis(read("genesis.json"))
	if err != nil {
		t.Fatal(err)
	}
	anchor, err := proof.AnchorOfGenesis(g)
	if err != nil {
		t.Fatal(err)
	}
	d, err := proof.ParseDossier(read("dossier.json"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := proof.Verify(read("dossier.json"), proof.Options{Anchor: anchor, ID: d.ID, Direction: trace.Upstream}); err != nil {
		t.Error(err)
	}
}
