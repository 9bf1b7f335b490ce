package contracts

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// operatingKey is a key as a record writes it.
type operatingKey struct {
	address string // EIP-55
	public  []byte // compressed
}

func (k operatingKey) key() trace.Key { return trace.Key{NS: trace.NSKey, ID: k.address} }

// freeKeys reads an organisation's keys, none of which may be registered.
func (c *hearing) freeKeys(ch *change, o *identity.Organisation) ([]operatingKey, error) {
	keys := make([]operatingKey, len(o.Keys))
	for i, text := range o.Keys {
		public, address, err := identity.ParsePublicKey(text)
		if err != nil { // Validate has seen it
			return nil, err
		}
		keys[i] = operatingKey{address.Hex(), public}
		var s identity.KeyState
		taken, err := c.read(keys[i].key(), &s)
		if err != nil {
			return nil, err
		}
		if taken {
			ch.fault = "key " + keys[i].address + " is registered already"
		}
	}
	return keys, nil
}

// revokeKeysOf revokes the keys of an organisation that is removed: admitted anew it
// comes with others, and none that was lost or stolen comes back with it.
func (c *hearing) revokeKeysOf(o *identity.Organisation) error {
	for _, text := range o.Keys {
		_, address, err := identity.ParsePublicKey(text)
		if err != nil { // it was read when it was added
			return err
		}
		key := trace.Key{NS: trace.NSKey, ID: address.Hex()}
		var s identity.KeyState
		if _, err := c.read(key, &s); err != nil {
			return err
		}
		if len(s.Intervals) == 0 || s.Intervals[len(s.Intervals)-1].Value.Status != identity.Active {
			continue
		}
		last := s.Intervals[len(s.Intervals)-1].Value
		last.Status = identity.Revoked
		s.Intervals = closed(s.Intervals, c.position.Seq, last)
		if err := c.write(key, s); err != nil {
			return err
		}
	}
	return nil
}

// free checks what two members may not share: prefixes, also in part, and their nodes' ids. Who is
// removed licenses no prefix any more, and has no node in the network; who is
// suspended comes back with both.
func (c *hearing) free(ch *change, o *identity.Organisation, members []Membership) error {
	for _, prefix := range o.Prefixes {
		var s trace.PrefixState
		if _, err := c.read(trace.PrefixKey(prefix), &s); err != nil {
			return err
		}
		if s.Organisation == "" || s.Organisation == o.ID {
			continue
		}
		_, licensee, known, err := c.organisation(s.Organisation)
		if err != nil {
			return err
		}
		if known && licensee.Status != identity.Removed {
			ch.fault = fmt.Sprintf("prefix %s is that of %s", prefix, s.Organisation)
		}
	}
	return c.apart(ch, o, members)
}

// apart checks that no other member's node is its own, and that no prefix of another begins
// with one of its, or the other way round.
func (c *hearing) apart(ch *change, o *identity.Organisation, members []Membership) error {
	if o.Peer == "" && o.NodeID == "" && len(o.Prefixes) == 0 {
		return nil
	}
	for _, m := range members {
		if m.ID == o.ID {
			continue
		}
		_, standing, known, err := c.organisation(m.ID)
		if err != nil {
			return err
		}
		if !known || standing.Status == identity.Removed {
			continue
		}
		if other := standing.Organisation; o.Peer != "" && other.Peer == o.Peer || o.NodeID != "" && other.NodeID == o.NodeID {
			ch.fault = "its node is that of " + m.ID
		}
		for _, prefix := range o.Prefixes {
			if within := identity.Overlapping(prefix, standing.Organisation.Prefixes); within != "" && within != prefix {
				ch.fault = fmt.Sprintf("prefix %s overlaps with %s of %s", prefix, within, m.ID)
			}
		}
	}
	return nil
}

// needAuthorities names the customs authorities whose roles a change gives or
// takes: a country's authority, where there is one, has to agree, also to its own
// removal. While it is suspended it cannot: nobody takes its place before it is
// reinstated, or removed, which every active member has to want then.
func (c *hearing) needAuthorities(ch *change, now, before []identity.Role, members []Membership) error {
	var changed []identity.Role
	for _, r := range slices.Concat(now, before) {
		if isCustoms(r) && slices.Contains(now, r) != slices.Contains(before, r) {
			changed = append(changed, r)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	for _, m := range members {
		_, standing, known, err := c.organisation(m.ID)
		if err != nil {
			return err
		}
		if known && standing.Status != identity.Removed && slices.ContainsFunc(changed, standing.Organisation.Has) {
			ch.authorities = append(ch.authorities, m.ID)
		}
	}
	return nil
}

// license writes who holds the prefixes that an organisation gains or loses.
func (c *hearing) license(o *identity.Organisation, before []string) error {
	for _, prefix := range before {
		if !slices.Contains(o.Prefixes, prefix) {
			if err := c.relicense(prefix, ""); err != nil {
				return err
			}
		}
	}
	for _, prefix := range o.Prefixes {
		if err := c.relicense(prefix, o.ID); err != nil {
			return err
		}
	}
	return nil
}

// relicense has an organisation license a prefix from now on, or nobody ("").
func (c *hearing) relicense(prefix, organisation string) error {
	var s trace.PrefixState
	if _, err := c.read(trace.PrefixKey(prefix), &s); err != nil || s.Organisation == organisation {
		return err
	}
	s.Change(organisation, c.position.Seq, c.block.Time)
	return c.write(trace.PrefixKey(prefix), s)
}

// enrol writes the list of members with one changed.
func (c *hearing) enrol(members []Membership, id string, active bool) error {
	at, there := slices.BinarySearchFunc(members, id, func(m Membership, id string) int { return strings.Compare(m.ID, id) })
	if !there {
		members = slices.Insert(members, at, Membership{ID: id})
	}
	members[at].Active = active
	return c.write(MembersKey(), MembersState{members})
}
