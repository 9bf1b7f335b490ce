package p2p

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/libp2p/go-libp2p/core/peer"
)

func TestKeyFileIsWrittenOnceAndPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p2p.key")
	ids := make([]peer.ID, 8)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			key, err := LoadOrCreateKey(path)
			if err != nil {
				t.Error(err)
				return
			}
			ids[i], _ = PeerID(key)
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] || id == "" {
			t.Fatalf("racing creators got %v", ids)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".p2p-key-*")); len(left) > 0 {
		t.Errorf("temporary files stay: %v", left)
	}
}

func TestSpoiltKeyFileIsNotReplacedOrQuoted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p2p.key")
	if err := os.WriteFile(path, []byte("secret!"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := LoadOrCreateKey(path)
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("error %v", err)
	}
	if b, _ := os.ReadFile(path); string(b) != "secret!" {
		t.Error("the file was replaced")
	}
}
