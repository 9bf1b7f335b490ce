package identity

import (
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"strings"
	"testing"
)

func TestParseKey(t *testing.T) {
	order := "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
	for _, s := range []string{"", "0x", "00", strings.Repeat("0", 64), order, strings.Repeat("f", 64),
		strings.Repeat("1", 63), strings.Repeat("1", 65), strings.Repeat("g", 64)} {
		if _, err := ParseKey(s); !errors.Is(err, ErrPrivateKey) {
			t.Errorf("%q: %v", s, err)
		} else if len(s) > 2 && strings.Contains(err.Error(), s) {
			t.Errorf("the error repeats the key: %v", err)
		}
	}
	k := testKey(t, "parse")
	again, err := ParseKey("0x" + hex.EncodeToString(k.Bytes()) + "\n")
	if err != nil || again.Address() != k.Address() {
		t.Fatalf("%v, %v", again, err)
	}
	b, a, err := ParsePublicKey(FormatPublicKey(k.PublicKey()))
	if err != nil || a != k.Address() || len(b) != PublicKeyBytes {
		t.Fatalf("%x %s: %v", b, a, err)
	}
	if _, _, err := ParsePublicKey(strings.ToUpper(FormatPublicKey(k.PublicKey()))); !errors.Is(err, ErrPublicKey) {
		t.Errorf("a second spelling of a public key: %v", err)
	}
}

func TestGenerateKey(t *testing.T) {
	a, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	b, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	if a.Address() == b.Address() {
		t.Fatal("the same key twice")
	}
}

func TestKeyIsNeverPrinted(t *testing.T) {
	k := testKey(t, "secret")
	secret := hex.EncodeToString(k.Bytes())
	decimal := new(big.Int).SetBytes(k.Bytes()).String()
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "key", k)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "key", k)
	for _, s := range []string{fmt.Sprint(k), fmt.Sprintf("%+v %#v %x %d %s %q", k, k, k, k, k, k),
		fmt.Sprintf("%+v %#v %d", struct{ K *Key }{k}, []*Key{k}, []any{k}), log.String()} {
		if strings.Contains(strings.ToLower(s), secret) || strings.Contains(s, decimal) {
			t.Errorf("the secret shows in %s", s)
		}
	}
	if got := fmt.Sprint(k); got != "key of "+k.Address().Hex() {
		t.Error(got)
	}
}

func TestParseAddress(t *testing.T) {
	const good = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed" // an example of EIP-55
	for s, ok := range map[string]bool{
		good: true, strings.ToLower(good): true, "0x" + strings.ToUpper(good[2:]): true,
		"0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed": false, good[2:]: false, good[:41]: false, good + "0": false, "": false, "0x": false,
	} {
		a, err := ParseAddress(s)
		if (err == nil) != ok || ok && a.Hex() != good {
			t.Errorf("%q: %s, %v", s, a, err)
		}
	}
}

func TestHashText(t *testing.T) {
	h := RecordHash([]byte("{}"))
	for _, s := range []string{h.String(), "0x" + h.String()} {
		if got, err := ParseHash(s); err != nil || got != h {
			t.Errorf("%s: %v", s, err)
		}
	}
	for _, s := range []string{"", h.String()[1:], h.String() + "00", strings.Repeat("g", 64), "0x0x" + h.String()} {
		if _, err := ParseHash(s); err == nil {
			t.Errorf("%q is a hash", s)
		}
	}
	if n := Network(h); n.ChainID() != h.String()[:40] {
		t.Error(n.ChainID())
	}
}
