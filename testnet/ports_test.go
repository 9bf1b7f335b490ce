package testnet

import (
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/internal/ports"
)

// A network whose ports are taken is not founded: its directory would keep them.
func TestTakenPortsAreRefusedBeforeAnythingIsMade(t *testing.T) {
	free, err := ports.Reserve(1)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", loopback(free[0]))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dir := t.TempDir()
	_, err = Up(t.Context(), Options{Dir: dir, Nodes: 1, BasePort: free[0]})
	if err == nil || !strings.Contains(err.Error(), "name another base port") {
		t.Errorf("%v", err)
	}
	if made, _ := filepath.Glob(filepath.Join(dir, "[^s]*")); len(made) > 0 { // the supervisor's lock is there
		t.Errorf("it made %v", made)
	}
}

// Ports stay with the directory: another base port is not passed over.
func TestAnotherBasePortOfAUsedDirectoryIsRefused(t *testing.T) {
	dir := t.TempDir()
	l := layout{Nodes: []nodeLayout{{Name: "node0", API: 31000}}}
	if err := writeJSON(filepath.Join(dir, layoutFile), l); err != nil {
		t.Fatal(err)
	}
	if _, err := Up(t.Context(), Options{Dir: dir, BasePort: 32000}); err == nil || !strings.Contains(err.Error(), "begin at 31000") {
		t.Errorf("%v", err)
	}
}
