package identity

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestKeystore(t *testing.T) {
	s := Keystore{Dir: filepath.Join(t.TempDir(), "a", "keys"), Light: true}
	if list, err := s.List(); err != nil || len(list) != 0 {
		t.Fatalf("a keystore that is not there: %v, %v", list, err)
	}
	a, err := s.New("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.New("")
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.List()
	if err != nil || len(list) != 2 || list[0].Cmp(list[1]) >= 0 {
		t.Fatalf("%v, %v", list, err)
	}
	k, err := s.Unlock(a, "correct horse")
	if err != nil || k.Address() != a {
		t.Fatalf("%v, %v", k, err)
	}
	e := NewEnvelope(Network{}, "epcis", a, 0, [][]byte{[]byte("{}")})
	if err := k.SignEnvelope(e); err != nil {
		t.Fatal(err)
	}
	if err := e.Verify(k.PublicKey()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Unlock(b, ""); err != nil {
		t.Error(err)
	}
	if _, err := s.Unlock(a, "wrong"); !errors.Is(err, ErrWrongPassphrase) || strings.Contains(err.Error(), "horse") {
		t.Error(err)
	}
	if _, err := s.Unlock(Address{1}, ""); !errors.Is(err, ErrNoKey) {
		t.Error(err)
	}
	if _, err := s.Export(Address{1}); !errors.Is(err, ErrNoKey) {
		t.Error(err)
	}
	if err := s.Add(k, "again"); !errors.Is(err, ErrKeyExists) {
		t.Error(err)
	}

	// From one keystore to another, encrypted all the way.
	doc, err := s.Export(a)
	if err != nil {
		t.Fatal(err)
	}
	other := Keystore{Dir: t.TempDir()}
	if _, err := other.Import(doc, "wrong"); !errors.Is(err, ErrWrongPassphrase) {
		t.Error(err)
	}
	if list, _ := other.List(); len(list) != 0 {
		t.Error("a key was written under a wrong passphrase")
	}
	if got, err := other.Import(doc, "correct horse"); err != nil || got != a {
		t.Fatalf("%s, %v", got, err)
	}
	if _, err := other.Import(doc, "correct horse"); !errors.Is(err, ErrKeyExists) {
		t.Error(err)
	}
	if _, err := other.Unlock(a, "correct horse"); err != nil {
		t.Error(err)
	}
}

func TestKeystoreFilesArePrivate(t *testing.T) {
	s := Keystore{Dir: filepath.Join(t.TempDir(), "keys"), Light: true}
	if _, err := s.New("x"); err != nil {
		t.Fatal(err)
	}
	dir, err := os.Stat(s.Dir)
	if err != nil || dir.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", dir.Mode(), err)
	}
	entries, err := os.ReadDir(s.Dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%v left behind, %v", entries, err)
	}
	info, err := entries[0].Info()
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// A key file of a wallet opens, under the wallet's file name too.
func TestKeystoreReadsEthers(t *testing.T) {
	doc, err := os.ReadFile("testdata/ethers/keystore.json")
	if err != nil {
		t.Fatal(err)
	}
	want := testKey(t, "one")
	s := Keystore{Dir: t.TempDir()}
	name := "UTC--2026-11-22T10-00-00.000Z--" + strings.ToLower(want.Address().Hex()[2:])
	if err := os.WriteFile(filepath.Join(s.Dir, name), doc, 0o600); err != nil {
		t.Fatal(err)
	}
	k, err := s.Unlock(want.Address(), "open sesame ☕")
	if err != nil || k.Address() != want.Address() {
		t.Fatalf("%v, %v", k, err)
	}
	if _, err := (Keystore{Dir: t.TempDir()}).Import(doc, "open sesame ☕"); err != nil {
		t.Fatal(err)
	}
	// Under another key's name it is refused, not handed out.
	s.Dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(s.Dir, strings.Repeat("01", 20)+".json"), doc, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Unlock(Address(repeat(1, 20)), "open sesame ☕"); !errors.Is(err, ErrKeyFile) {
		t.Error(err)
	}
}

func repeat(b byte, n int) []byte {
	s := make([]byte, n)
	for i := range s {
		s[i] = b
	}
	return s
}

// A hostile key file is an error: no panic, no gigabytes for scrypt.
func TestHostileKeyFiles(t *testing.T) {
	doc, err := os.ReadFile("testdata/ethers/keystore.json")
	if err != nil {
		t.Fatal(err)
	}
	good := string(doc)
	for _, c := range [][2]string{
		{`"version":3`, `"version":1`}, {`"version":3`, `"version":"1"`},
		{`"n":4096`, `"n":1073741824`}, {`"n":4096`, `"n":-1`}, {`"n":4096`, `"n":0`}, {`"n":4096`, `"n":4096.5`}, {`"n":4096`, `"n":"4096"`},
		{`"n":4096`, `"N":4096`}, {`"n":4096`, `"n":1000`}, {`"r":8`, `"r":1000000`}, {`"p":1`, `"p":1000000`}, {`"p":1,`, ``},
		{`"dklen":32`, `"dklen":16`}, {`"dklen":32`, `"dkLen":32`}, {`"dklen":32,`, ``},
		{`"salt":"`, `"salt":"zz`}, {`"salt":"`, `"pepper":"`}, {`"iv":"`, `"iv":"00`}, {`"ciphertext":"`, `"ciphertext":"00`},
		{`"mac":"`, `"mac":"00`}, {`"scrypt"`, `"argon2"`}, {`"scrypt"`, `"pbkdf2"`}, {`aes-128-ctr`, `aes-128-cbc`},
		{`{"address"`, `["address"`}, {`"id":"`, `"id":"x`},
	} {
		bad := strings.Replace(good, c[0], c[1], 1)
		if bad == good {
			t.Fatalf("%s is not in the file", c[0])
		}
		if _, err := decrypt([]byte(bad), "open sesame ☕"); !errors.Is(err, ErrKeyFile) {
			t.Errorf("%s: %v", c[1], err)
		}
	}
	for _, s := range []string{"", "{}", "null", "[]", good + good, strings.Repeat("[", 1<<17)} {
		if _, err := decrypt([]byte(s), ""); !errors.Is(err, ErrKeyFile) {
			t.Errorf("%.20s: %v", s, err)
		}
	}
}
