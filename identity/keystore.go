package identity

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/ethereum/go-ethereum/accounts/keystore"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/google/uuid"
)

// Keystore is a directory of encrypted keys in Web3 Secret Storage version 3,
// one file a key, as Ethereum wallets read and write them. Files that a wallet
// put there under its own name (UTC--<time>--<address>) are found too. Nothing
// is cached: another process may use the directory at the same time.
type Keystore struct {
	Dir string
	// Light selects scrypt with N 4096 and p 6 (4 MiB, some 30 ms) instead of N
	// 262144 and p 1 (256 MiB, about a second). For tests and demonstrations.
	Light bool
}

var keyFilePattern = regexp.MustCompile(`^(?:UTC--.+--)?([0-9a-fA-F]{40})(?:\.json)?$`)

// New draws a key, writes it encrypted under passphrase, and returns its
// address. The file is on disk when it returns.
func (s Keystore) New(passphrase string) (Address, error) {
	k, err := GenerateKey()
	if err != nil {
		return Address{}, err
	}
	return k.Address(), s.Add(k, passphrase)
}

// Add writes a key encrypted under passphrase. ErrKeyExists.
func (s Keystore) Add(k *Key, passphrase string) error {
	n, p := keystore.StandardScryptN, keystore.StandardScryptP
	if s.Light {
		n, p = keystore.LightScryptN, keystore.LightScryptP
	}
	id, err := uuid.NewRandom()
	if err != nil {
		return fmt.Errorf("keystore: %w", err)
	}
	doc, err := keystore.EncryptKey(&keystore.Key{Id: id, Address: k.address, PrivateKey: k.private}, passphrase, n, p)
	if err != nil {
		return fmt.Errorf("keystore: encrypt %s: %w", k.address, err)
	}
	return s.write(k.address, doc)
}

// List returns the addresses of the keys in ascending order; none when the
// directory does not exist.
func (s Keystore) List() ([]Address, error) {
	files, err := s.files()
	if err != nil {
		return nil, err
	}
	addresses := make([]Address, 0, len(files))
	for _, f := range files {
		addresses = append(addresses, f.address)
	}
	slices.SortFunc(addresses, Address.Cmp)
	return slices.Compact(addresses), nil
}

// Unlock decrypts a key. ErrNoKey, ErrWrongPassphrase, ErrKeyFile.
func (s Keystore) Unlock(a Address, passphrase string) (*Key, error) {
	doc, err := s.Export(a)
	if err != nil {
		return nil, err
	}
	k, err := decrypt(doc, passphrase)
	if err != nil {
		return nil, fmt.Errorf("keystore: unlock %s: %w", a, err)
	}
	if k.address != a {
		return nil, fmt.Errorf("keystore: unlock %s: %w: it holds the key of %s", a, ErrKeyFile, k.address)
	}
	return k, nil
}

// Export returns a key's file, encrypted as it is. ErrNoKey.
func (s Keystore) Export(a Address) ([]byte, error) {
	files, err := s.files()
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if f.address != a {
			continue
		}
		doc, err := os.ReadFile(f.path)
		if err != nil {
			return nil, fmt.Errorf("keystore: %w", err)
		}
		return doc, nil
	}
	return nil, fmt.Errorf("keystore %s: %w: %s", s.Dir, ErrNoKey, a)
}

// Import writes an encrypted key that another keystore or a wallet exported,
// after it opened under passphrase, and returns its address. ErrKeyFile,
// ErrWrongPassphrase, ErrKeyExists.
func (s Keystore) Import(doc []byte, passphrase string) (Address, error) {
	k, err := decrypt(doc, passphrase)
	if err != nil {
		return Address{}, fmt.Errorf("keystore: import: %w", err)
	}
	return k.address, s.write(k.address, doc)
}

type keyFile struct {
	address Address
	path    string
}

// files returns the key files, in the order of their names.
func (s Keystore) files() ([]keyFile, error) {
	entries, err := os.ReadDir(s.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("keystore: %w", err)
	}
	var files []keyFile
	for _, e := range entries {
		m := keyFilePattern.FindStringSubmatch(e.Name())
		if m == nil || !e.Type().IsRegular() {
			continue
		}
		a, err := ParseAddress("0x" + strings.ToLower(m[1]))
		if err != nil {
			continue // the pattern admits addresses only
		}
		files = append(files, keyFile{a, filepath.Join(s.Dir, e.Name())})
	}
	return files, nil
}

// write puts the file in place whole or not at all: a synced temporary file, a
// rename, a synced directory.
func (s Keystore) write(a Address, doc []byte) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("keystore: write %s: %w", a, err)
		}
	}()
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return err
	}
	addresses, err := s.List()
	if err != nil {
		return err
	}
	if slices.Contains(addresses, a) {
		return ErrKeyExists
	}
	f, err := os.CreateTemp(s.Dir, ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(doc)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(f.Name(), filepath.Join(s.Dir, hex.EncodeToString(a[:])+".json")); err != nil {
		return err
	}
	d, err := os.Open(s.Dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// decrypt opens a Web3 Secret Storage document. The shape is checked first,
// because go-ethereum trusts its fields and would panic, or take all memory.
func decrypt(doc []byte, passphrase string) (*Key, error) {
	if err := checkKeyFile(doc); err != nil {
		return nil, err
	}
	opened, err := keystore.DecryptKey(doc, passphrase)
	if errors.Is(err, keystore.ErrDecrypt) {
		return nil, ErrWrongPassphrase
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrKeyFile, err)
	}
	return keyFromBytes(crypto.FromECDSA(opened.PrivateKey)) // strict, as go-ethereum is not here
}

func checkKeyFile(doc []byte) error {
	var v struct {
		Version int
		Crypto  struct {
			Cipher       string
			CipherText   string
			CipherParams struct{ IV string }
			KDF          string
			KDFParams    map[string]any // go-ethereum looks names up letter for letter
			MAC          string
		}
	}
	if len(doc) > 64<<10 {
		return fmt.Errorf("%w: %d bytes", ErrKeyFile, len(doc))
	}
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return fmt.Errorf("%w: %v", ErrKeyFile, err)
	}
	c, p := v.Crypto, v.Crypto.KDFParams
	salt, ok := p["salt"].(string)
	if _, err := hex.DecodeString(salt); err != nil {
		ok = false
	}
	switch {
	case v.Version != 3:
		return fmt.Errorf("%w: version %d", ErrKeyFile, v.Version)
	case c.Cipher != "aes-128-ctr":
		return fmt.Errorf("%w: cipher %q", ErrKeyFile, c.Cipher)
	case !isHex(c.CipherText, 32), !isHex(c.CipherParams.IV, 16), !isHex(c.MAC, 32):
		return fmt.Errorf("%w: cipher text, iv or mac of the wrong length", ErrKeyFile)
	case !ok || !within(p["dklen"], 32, 32):
		return fmt.Errorf("%w: salt or dklen", ErrKeyFile)
	case c.KDF == "scrypt" && within(p["n"], 2, 1<<20) && within(p["r"], 1, 16) && within(p["p"], 1, 16):
		return nil
	case c.KDF == "pbkdf2" && p["prf"] == "hmac-sha256" && within(p["c"], 1, 10_000_000):
		return nil
	}
	return fmt.Errorf("%w: key derivation %q with these parameters", ErrKeyFile, c.KDF)
}

// within reports whether v is a whole JSON number in [low, high].
func within(v any, low, high int64) bool {
	n, ok := v.(json.Number)
	if !ok {
		return false
	}
	i, err := n.Int64()
	return err == nil && i >= low && i <= high
}

func isHex(s string, n int) bool { return decodeHex(make([]byte, n), []byte(s)) == nil }
