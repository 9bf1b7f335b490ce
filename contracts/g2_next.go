package contracts

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// NextKeyState is what an organisation has published of the key that it adds next.
type NextKeyState struct {
	Seq  uint64   `cbor:"1,keyasint"` // of the record that says so
	Hash [32]byte `cbor:"2,keyasint"` // SHA-256 of the compressed public key; zero: none
}

// NextKeyKey is where the ledger keeps an organisation's [NextKeyState].
func NextKeyKey(organisation string) trace.Key {
	return trace.Key{NS: trace.NSGovernance, ID: "next of " + organisation}
}

// NextKeyHash is what is published of a next key: SHA-256 of its 33 bytes, in hex.
func NextKeyHash(public []byte) string {
	hash := sha256.Sum256(public)
	return "0x" + hex.EncodeToString(hash[:])
}

// nextHash reads the hash that a record publishes; zero where it publishes none.
// False, with its finding, for a text that is no hash.
func (c *hearing) nextHash(g *epcis.Governance) (hash [32]byte, ok bool) {
	if g.Next == "" {
		return hash, true
	}
	digits, prefixed := strings.CutPrefix(g.Next, "0x")
	b, err := hex.DecodeString(digits)
	if !prefixed || err != nil || len(b) != len(hash) || [32]byte(b) == hash {
		c.govern(CodeNextInvalid, "Write the SHA-256 of the compressed public key, 0x and 64 hex digits.", fact("next", g.Next))
		return hash, false
	}
	return [32]byte(b), true
}

func (c *hearing) published(organisation string) (NextKeyState, error) {
	var s NextKeyState
	_, err := c.read(NextKeyKey(organisation), &s)
	return s, err
}

// unpublish forgets what an organisation announced that is admitted anew.
func (c *hearing) unpublish(organisation string) error {
	s, err := c.published(organisation)
	if err != nil || s.Hash == ([32]byte{}) {
		return err
	}
	return c.write(NextKeyKey(organisation), NextKeyState{Seq: c.position.Seq})
}

// commitKey publishes the first hash. The later ones come with the keys that they
// follow: who has stolen a key cannot put another hash in its place.
func (c *hearing) commitKey(g *epcis.Governance) error {
	hash, ok := c.nextHash(g)
	if !ok {
		return nil
	}
	s, err := c.published(c.signer.ID)
	if err != nil {
		return err
	}
	if s.Hash != ([32]byte{}) {
		c.govern(CodeCommittedOnce, "Add that key; the hash of the one after goes with it.", factAt("next", "0x"+hex.EncodeToString(s.Hash[:]), s.Seq))
		return nil
	}
	return c.publish(g, hash)
}

func (c *hearing) publish(g *epcis.Governance, hash [32]byte) error {
	c.govern(CodeKeyCommitted, "", fact("next", g.Next))
	return c.write(NextKeyKey(c.signer.ID), NextKeyState{Seq: c.position.Seq, Hash: hash})
}

// rotatesTo reports whether the key may be added, by what was published of it, and
// keeps what the record publishes of the one after. A key that was announced and is
// added without such a word ends the announcing.
func (c *hearing) rotatesTo(g *epcis.Governance, public []byte) (bool, error) {
	hash, ok := c.nextHash(g)
	if !ok {
		return false, nil
	}
	s, err := c.published(c.signer.ID)
	if err != nil {
		return false, err
	}
	none := [32]byte{}
	if s.Hash != none && sha256.Sum256(public) != s.Hash {
		c.govern(CodeNotCommitted, "Add the key that was announced. If it is lost, the members remove the organisation and admit it again with another.",
			factAt("published", "0x"+hex.EncodeToString(s.Hash[:]), s.Seq), fact("key", NextKeyHash(public)))
		return false, nil
	}
	switch {
	case hash != none:
		return true, c.publish(g, hash)
	case s.Hash != none:
		return true, c.write(NextKeyKey(c.signer.ID), NextKeyState{Seq: c.position.Seq})
	}
	return true, nil
}
