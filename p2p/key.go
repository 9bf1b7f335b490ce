package p2p

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
)

// GenerateKey makes a new Ed25519 key for a host.
func GenerateKey() (crypto.PrivKey, error) {
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("generate a peer key: %w", err)
	}
	return key, nil
}

// PeerID returns the peer id of a key: what genesis lists as a member's peer.
func PeerID(key crypto.PrivKey) (peer.ID, error) {
	id, err := peer.IDFromPrivateKey(key)
	if err != nil {
		return "", fmt.Errorf("derive the peer id: %w", err)
	}
	return id, nil
}

// LoadKey reads a key file: one line, the base64 (standard, padded) of libp2p's
// protobuf encoding of a private key. Ed25519 and secp256k1 keys are taken.
func LoadKey(path string) (crypto.PrivKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the peer key: %w", err)
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("read the peer key %s: not base64", path) // the cause could quote the secret
	}
	key, err := crypto.UnmarshalPrivateKey(raw)
	if err != nil {
		return nil, fmt.Errorf("read the peer key %s: %w", path, err)
	}
	switch key.Type() {
	case crypto.Ed25519, crypto.Secp256k1:
	default:
		return nil, fmt.Errorf("read the peer key %s: key type %s is not supported", path, key.Type())
	}
	if !signs(key) {
		return nil, fmt.Errorf("read the peer key %s: it is damaged, and its private key is not that of its public key", path)
	}
	return key, nil
}

// signs reports whether a key's halves belong together: an Ed25519 key is kept with its
// public one, and read without a comparison.
func signs(key crypto.PrivKey) bool {
	message := []byte("waymark: does this key sign?")
	signature, err := key.Sign(message)
	if err != nil {
		return false
	}
	ok, err := key.GetPublic().Verify(message, signature)
	return err == nil && ok
}

// LoadOrCreateKey reads the key file, or writes a new key to it, mode 0600.
// Two processes that race end with one key: a file is never overwritten.
func LoadOrCreateKey(path string) (crypto.PrivKey, error) {
	key, err := LoadKey(path)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	key, err = GenerateKey()
	if err != nil {
		return nil, err
	}
	if err := saveKey(path, key); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return LoadKey(path)
		}
		return nil, fmt.Errorf("write the peer key: %w", err)
	}
	return key, nil
}

// saveKey writes to a temporary file, syncs it and links it into place, so
// that a crash leaves either no key or a whole one.
func saveKey(path string, key crypto.PrivKey) error {
	raw, err := crypto.MarshalPrivateKey(key)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".p2p-key-*") // created with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.WriteString(base64.StdEncoding.EncodeToString(raw) + "\n"); err != nil {
		f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Link(f.Name(), path)
}
