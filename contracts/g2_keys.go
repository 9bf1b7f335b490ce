package contracts

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// G2 findings.
const (
	CodeKeyInvalid uint32 = 9201 // REJECT
	CodeKeyTaken   uint32 = 9202 // REJECT
	CodeKeyOfOther uint32 = 9203 // REJECT
	CodeLastKey    uint32 = 9204 // REJECT
	CodeKeyAdded   uint32 = 9205 // INFO
	CodeKeyRevoked uint32 = 9206 // INFO

	CodeNextInvalid   uint32 = 9207 // REJECT
	CodeNotCommitted  uint32 = 9208 // REJECT: the key is not the one whose hash was published
	CodeCommittedOnce uint32 = 9209 // REJECT: a hash is published already
	CodeKeyCommitted  uint32 = 9210 // INFO

	CodeTooManyKeys      uint32 = 9211 // REJECT
	CodeFutureCompromise uint32 = 9212 // REJECT: compromisedSince lies ahead
)

// KeyChangeState is the state of the governance key of one operating key: what its
// organisation last said of it.
type KeyChangeState struct {
	Seq              uint64        `cbor:"1,keyasint"`
	Organisation     string        `cbor:"2,keyasint"`
	Revoked          bool          `cbor:"3,keyasint"`
	CompromisedSince *trace.Moment `cbor:"4,keyasint,omitempty"` // from when on nobody knows who signed
}

// G2 operating keys. An organisation rotates its keys without a vote: it adds the
// next one, then revokes the old one. Both take effect with the record after.
//
// A key may be for some kinds of records alone, as the one of a scanner or of a
// certifier's office: what it does not sign, rule A1 refuses. Who signs governance records adds
// whatever key, so one of those that do is always left.
//
// It may publish the hash of the key that it will add next (g2_next.go), while the key
// itself stays in a safe. From then on it adds that key and no other, so that who
// steals an operating key cannot add one of his own.
func (c *hearing) ownKeys() error {
	switch g := c.record.Governance; g.Action {
	case epcis.AddKey:
		return c.addKey(g)
	case epcis.RevokeKey:
		return c.revokeKey(g)
	case epcis.CommitKey:
		return c.commitKey(g)
	}
	return nil
}

func (c *hearing) addKey(g *epcis.Governance) error {
	public, address, err := identity.ParsePublicKey(g.Key)
	if err != nil {
		c.govern(CodeKeyInvalid, "Write the compressed secp256k1 public key, 0x and 66 hex digits.", fact("key", err.Error()))
		return nil
	}
	k := operatingKey{address.Hex(), public}
	var s identity.KeyState
	taken, err := c.read(k.key(), &s)
	if err != nil {
		return err
	}
	if taken {
		last := s.Intervals[len(s.Intervals)-1]
		c.govern(CodeKeyTaken, "Make a new key: one that was revoked does not come back.",
			factAt(k.address, string(last.Value.Status)+" for "+last.Value.Organisation, last.FromSeq))
		return nil
	}
	state, standing, _, err := c.organisation(c.signer.ID)
	if err != nil {
		return err
	}
	if n := len(standing.Organisation.Keys); n >= identity.MaxKeys {
		c.govern(CodeTooManyKeys, "Revoke a key that is no longer used, then add this one.", fact("keys", fmt.Sprint(n)))
		return nil
	}
	if ok, err := c.rotatesTo(g, public); err != nil || !ok {
		return err
	}
	standing.Organisation.Keys = append(slices.Clone(standing.Organisation.Keys), g.Key)
	state.Intervals = closed(state.Intervals, c.position.Seq, standing)
	kinds := slices.Sorted(slices.Values(g.Kinds))
	s.Intervals = closed(nil, c.position.Seq, identity.KeyStanding{Status: identity.Active, Organisation: c.signer.ID, PublicKey: public, Kinds: kinds})
	facts := []trace.Fact{fact("key", k.address)}
	if len(kinds) > 0 {
		facts = append(facts, fact("signs", strings.Join(kinds, ", ")))
	}
	c.govern(CodeKeyAdded, "", facts...)
	return c.rekey(g, k.key(), s, state, KeyChangeState{Seq: c.position.Seq, Organisation: c.signer.ID})
}

func (c *hearing) revokeKey(g *epcis.Governance) error {
	address, err := identity.ParseAddress(g.Key)
	if err != nil {
		c.govern(CodeKeyInvalid, "Write the key's address, 0x and 40 hex digits.", fact("key", err.Error()))
		return nil
	}
	key := trace.Key{NS: trace.NSKey, ID: address.Hex()}
	var s identity.KeyState
	known, err := c.read(key, &s)
	if err != nil {
		return err
	}
	var last identity.KeyStanding
	if known {
		last = s.Intervals[len(s.Intervals)-1].Value
	}
	since := g.CompromisedSince
	// That a key had been stolen may show after it was revoked.
	later := since != nil && last.Status == identity.Revoked && (last.CompromisedSince == nil || since.Seconds < *last.CompromisedSince)
	if last.Organisation != c.signer.ID || last.Status != identity.Active && !later {
		c.govern(CodeKeyOfOther, "Check the address: waymark members lists each member's keys. Of a key that is revoked only an earlier compromise is told.",
			fact("key", key.ID))
		return nil
	}
	if since != nil && since.Seconds > c.block.Time.Seconds+int64(c.limits.FutureSkew) {
		c.govern(CodeFutureCompromise, "Say from when on the key may have been in other hands; without a compromise leave that out.",
			fact("compromised since", since.String()), fact("block time", c.block.Time.String()))
		return nil
	}
	state, standing, _, err := c.organisation(c.signer.ID)
	if err != nil {
		return err
	}
	left := slices.DeleteFunc(slices.Clone(standing.Organisation.Keys), func(text string) bool {
		_, a, err := identity.ParsePublicKey(text)
		return err == nil && a == address
	})
	if governs, err := c.governs(left); err != nil {
		return err
	} else if !governs {
		next := "Add the next key first, then revoke this one."
		if len(left) > 0 {
			next = "Add a key that signs governance records first, then revoke this one: those that are left do not."
		}
		c.govern(CodeLastKey, next, fact("key", key.ID))
		return nil
	}
	standing.Organisation.Keys = left
	state.Intervals = closed(state.Intervals, c.position.Seq, standing)
	last.Status = identity.Revoked
	if since != nil {
		seconds := max(since.Seconds, 0)
		last.CompromisedSince = &seconds
	}
	s.Intervals = closed(s.Intervals, c.position.Seq, last)
	change := KeyChangeState{Seq: c.position.Seq, Organisation: c.signer.ID, Revoked: true}
	facts, next := []trace.Fact{fact("key", key.ID)}, ""
	if since != nil {
		change.CompromisedSince = &trace.Moment{Seconds: since.Seconds, Nanos: since.Nanos}
		facts = append(facts, fact("compromised since", since.String()))
		if err := c.noteCompromise(); err != nil {
			return err
		}
		added, err := c.addedWith(address, since.Seconds, left)
		if err != nil {
			return err
		}
		if facts = append(facts, added...); len(added) > 0 {
			next = "Revoke those that are not the organisation's own: whoever had the key may have added them."
		}
	}
	c.govern(CodeKeyRevoked, next, facts...)
	return c.rekey(g, key, s, state, change)
}

// addedWith are those of an organisation's keys that were added by a record which one of them
// signed from an instant on.
func (c *hearing) addedWith(by identity.Address, since int64, keys []string) (facts []trace.Fact, err error) {
	for _, text := range keys {
		address, s, err := c.keyState(text)
		if err != nil {
			return nil, err
		}
		if len(s.Intervals) == 0 || s.Intervals[0].FromSeq == 0 {
			continue // it is of genesis
		}
		seq := s.Intervals[0].FromSeq - 1
		signer, seconds, err := c.signed(seq)
		if err != nil {
			return nil, err
		}
		if signer == by && seconds >= since {
			facts = append(facts, factAt(address.Hex(), "added with it", seq))
		}
	}
	return facts, nil
}

// keyState reads the state of one of an organisation's keys: an empty one of what is none, for
// keys are checked where they are added.
func (c *hearing) keyState(text string) (address identity.Address, s identity.KeyState, err error) {
	public, address, err := identity.ParsePublicKey(text)
	if err != nil {
		return address, s, nil
	}
	_, err = c.read(operatingKey{address.Hex(), public}.key(), &s)
	return address, s, err
}

// governs reports whether one of an organisation's keys signs governance records.
func (c *hearing) governs(keys []string) (bool, error) {
	for _, text := range keys {
		_, s, err := c.keyState(text)
		if err != nil {
			return false, err
		}
		if now, ok := s.At(c.position.Seq); ok && now.Signs(string(epcis.KindGovernance)) {
			return true, nil
		}
	}
	return false, nil
}

func (c *hearing) rekey(g *epcis.Governance, key trace.Key, s identity.KeyState, o identity.OrganisationState, change KeyChangeState) error {
	c.governed = true
	return errors.Join(c.write(key, s), c.write(trace.Key{NS: trace.NSOrganisation, ID: c.signer.ID}, o), c.write(trace.GovernanceKey(g), change))
}

func keysContract() Contract {
	return Contract{
		Rule: "G2", Version: 1, Name: "operating keys", Kinds: []epcis.Kind{epcis.KindGovernance}, judge: (*hearing).ownKeys,
		Says: "An organisation adds and revokes its own operating keys, signing with one that is active. A key belongs to one " +
			"organisation for ever, the last active key that signs governance records is not revoked, and there are at most 16. A key may be for some kinds of records alone. A revocation may say since when " +
			"the key was compromised, also later than it was revoked, and names the keys that were added with it since. Where it has published the hash of its next key, it adds " +
			"that key and no other, and may publish the hash of the one after with it.",
		Source: "design of this network",
		Reads:  []trace.Namespace{trace.NSParam, trace.NSGovernance, trace.NSOrganisation, trace.NSKey},
		Writes: []trace.Namespace{trace.NSParam, trace.NSGovernance, trace.NSOrganisation, trace.NSKey},
		Finds: []Declared{
			{CodeKeyInvalid, trace.Reject, "the key is no such key"},
			{CodeKeyTaken, trace.Reject, "the key is registered already"},
			{CodeKeyOfOther, trace.Reject, "the key is not an active key of this organisation"},
			{CodeLastKey, trace.Reject, "the organisation's last active key"},
			{CodeKeyAdded, trace.Info, "the key is added"},
			{CodeKeyRevoked, trace.Info, "the key is revoked"},
			{CodeNextInvalid, trace.Reject, "the hash of the next key is no such hash"},
			{CodeNotCommitted, trace.Reject, "the key is not the one whose hash was published"},
			{CodeCommittedOnce, trace.Reject, "the hash of a next key is published already"},
			{CodeKeyCommitted, trace.Info, "the hash of the next key is published"},
			{CodeTooManyKeys, trace.Reject, "the organisation has as many keys as it may"},
			{CodeFutureCompromise, trace.Reject, "the compromise is said to begin in the future"},
		},
	}
}
