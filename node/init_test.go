package node

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/waymark-ledger/waymark/identity"
)

// What does not become a home is left unused, so that the next try can.
func TestInitThatFailsLeavesAnUnusedHome(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	wrong := organisation(t, 0)
	wrong.Country = "Ethiopia"
	if _, err := Init(home, InitOptions{PrepareOptions: PrepareOptions{Organisation: wrong, LightScrypt: true}}); err == nil {
		t.Fatal("a country without a code is taken")
	}
	unmade := func() {
		t.Helper()
		if _, err := os.Stat(home); !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("it made the directory (%v)", err)
		}
	}
	unmade()
	if _, err := Init(home, InitOptions{PrepareOptions: PrepareOptions{Organisation: organisation(t, 0), LightScrypt: true},
		Members: []identity.Organisation{wrong}}); err == nil { // which is found when the keys have been made
		t.Fatal("a member's country without a code is taken")
	}
	unused := func() {
		t.Helper()
		if entries, err := os.ReadDir(home); err == nil && len(entries) > 0 {
			t.Fatalf("it left %v", entries)
		}
	}
	unused()

	// Nor does a node that is started too early make a home.
	if _, err := New(testConfig(t, home), Deps{Logger: testLogger(t)}); !errors.Is(err, ErrNoHome) {
		t.Fatalf("a node without a home says %v", err)
	}
	unused()
	if _, err := Init(home, InitOptions{PrepareOptions: PrepareOptions{Organisation: organisation(t, 0), LightScrypt: true}}); err != nil {
		t.Fatal(err)
	}

	joined := filepath.Join(t.TempDir(), "joined")
	if _, err := Join(joined, mustRead(t, filepath.Join(home, "genesis.json")), InitOptions{PrepareOptions: PrepareOptions{Organisation: wrong, LightScrypt: true}}); err == nil {
		t.Fatal("a joining organisation is not looked at")
	}
	home = joined
	unmade()
}

// A second key in the keystore, drawn to be registered, does not keep the node
// from starting with the first.
func TestNodeSignsWithTheKeyThatInitMade(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	made, err := Init(home, InitOptions{PrepareOptions: PrepareOptions{Organisation: organisation(t, 0), LightScrypt: true}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := LoadConfig(home, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (identity.Keystore{Dir: c.path(c.Signer.Keystore), Light: true}).New("a passphrase"); err != nil {
		t.Fatal(err)
	}
	key, err := c.unlock()
	if err != nil || key.Address() != made.Address {
		t.Fatalf("%v, %v", key, err)
	}
}
