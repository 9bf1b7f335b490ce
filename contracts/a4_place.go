package contracts

import (
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// A4 findings.
const (
	CodePlaceOfOther uint32 = 401 // FLAG or REJECT by policy
	CodePlaceOfNone  uint32 = 402 // FLAG: where the policy is reject, a place that no member vouches for
)

// A4 place authority: an event's readPoint and bizLocation, where they are GLNs, are
// the signer's, or the place of a member that lets the signer use it. The network's
// parameter placeAuthority says how another's place is taken: off, flag or reject.
//
//   - A place is of the member that licenses its GS1 company prefix. Whoever gives the
//     GLN of a party (PGLN) says that it was with that party. What is no GLN (a position,
//     any other URI) is nobody's, and is not judged.
//   - Its master data names who else may use it: wm:usedBy, the ids of organisations,
//     or "*" for everybody. What it says of a GLN holds for its extensions.
//   - The members let one of them use a place by vote, whosever it is: also one of nobody here.
//   - Who ships to the place's member, or takes from it, is at its place: the event
//     names that member as source or destination.
//   - Customs and certifiers go where the goods are. A place under a prefix that no
//     member licenses is nobody's here: it is flagged where others' are refused.
func (c *hearing) placeAuthority() error {
	e := c.record.Event
	if e == nil || c.limits.PlaceAuthority == identity.PolicyOff || e.Correction != nil || c.isAuthority() {
		return nil
	}
	var others, foreign tally
	for i, id := range [...]epcis.ID{e.ReadPoint, e.BizLocation} {
		if !id.IsGLN() || i > 0 && id.URI == e.ReadPoint.URI {
			continue
		}
		licensee, err := c.licensee(id)
		if err != nil {
			return err
		}
		switch {
		case licensee == c.signer.ID:
			continue
		case licensee == "":
			if c.limits.PlaceAuthority != identity.PolicyReject {
				continue
			}
			free, err := c.mayUseByVote(id)
			if err != nil {
				return err
			}
			if !free {
				foreign.add(fact("place", id.URI))
			}
			continue
		}
		free, err := c.mayUse(id, licensee)
		if err != nil {
			return err
		}
		if !free {
			others.add(fact(id.URI, "a place of "+licensee))
		}
	}
	found := trace.Finding{
		Severity: trace.Flag, Code: CodePlaceOfOther, Title: "at the place of another member",
		Next: "Name your own place, or have the member let you use it: wm:usedBy in the place's master data.",
	}
	if c.limits.PlaceAuthority == identity.PolicyReject {
		found.Severity = trace.Reject
		foreign.found(c, trace.Finding{
			Code: CodePlaceOfNone,
			Next: "Nobody here says whose place this is. Check the identifier.",
		})
	}
	others.found(c, found)
	return nil
}

// mayUse reports whether the signer may record events at another member's place.
func (c *hearing) mayUse(id epcis.ID, licensee string) (bool, error) {
	gln, extended := site(id)
	for _, uri := range [...]string{id.URI, gln} {
		key := trace.Key{NS: trace.NSPlace, ID: uri}
		d, err := c.described(key)
		if err != nil {
			return false, err
		}
		if allows(d, licensee, c.signer.ID) {
			return true, c.relies(key, d, "who may use it")
		}
		if !extended {
			break
		}
	}
	for _, parties := range [...][]epcis.Party{c.record.Event.Sources, c.record.Event.Destinations} {
		for i := range parties {
			party, err := c.organisationOf(parties[i].ID)
			if err != nil || party == licensee {
				return party == licensee, err
			}
		}
	}
	return c.mayUseByVote(id)
}

// site is the GLN of a place, and whether the place is a part of it.
func site(id epcis.ID) (gln string, part bool) {
	gln, _, part = strings.Cut(id.URI, "/254/")
	return gln, part
}

// mayUseByVote reports whether the members have let the signer use a place, or the site that
// it is a part of.
func (c *hearing) mayUseByVote(id epcis.ID) (bool, error) {
	gln, part := site(id)
	for _, uri := range [...]string{gln, id.URI} {
		s, err := c.placeOf(uri)
		if err != nil || s != nil && slices.Contains(s.Users, c.signer.ID) {
			return err == nil, err
		}
		if !part {
			break
		}
	}
	return false, nil
}

// placeOf is what the members have voted on a place, nil for nothing. The court remembers
// it until governance changes something.
func (court *Court) placeOf(uri string) (*trace.PlaceState, error) {
	if s, ok := court.places[uri]; ok {
		return s, nil
	}
	s := new(trace.PlaceState)
	found, err := court.read(trace.PlaceKey(uri), s)
	if err != nil {
		return nil, err
	}
	if !found {
		s = nil
	}
	if len(court.places) < maxDescriptions {
		court.places[uri] = s
	}
	return s, nil
}

// allows reports whether what the licensee itself said of a place or product lets an
// organisation use or make it. d is nil where nobody described it.
func allows(d *trace.DescriptionState, licensee, organisation string) bool {
	return d != nil && d.Organisation == licensee && (slices.Contains(d.Allowed, "*") || slices.Contains(d.Allowed, organisation))
}

// maxAllowed bounds a place's description.
const maxAllowed = 64

// allowedOf reads wm:usedBy or wm:madeBy: organisations by their ids, or "*".
func allowedOf(v *epcis.Value) []string {
	var users []string
	for _, item := range itemsOf(v) {
		text := textOf(item)
		if text == "" || len(users) == maxAllowed {
			continue
		}
		if text != "*" {
			text = short(epcis.Canonical(text).URI)
		}
		if !slices.Contains(users, text) {
			users = append(users, text)
		}
	}
	slices.Sort(users)
	return users
}

func placeContract() Contract {
	return Contract{
		Rule: "A4", Version: 1, Name: "place authority", Kinds: eventKind(), judge: (*hearing).placeAuthority,
		Says: "An event's readPoint and bizLocation are the signer's, or a place whose member lets it use it: in the place's master " +
			"data (wm:usedBy), as a party of the same hand-over, or by a vote of the members. The network's parameter placeAuthority says whether another's " +
			"place is not judged, flagged or refused. Customs and certifiers go where the goods are. What is no GLN, of a place or a " +
			"party, is not judged.",
		Source: "GS1 GLN Allocation Rules",
		Reads:  []trace.Namespace{trace.NSPlace},
		Finds: []Declared{
			{CodePlaceOfOther, trace.Flag, "at the place of another member"},
			{CodePlaceOfOther, trace.Reject, "at the place of another member, and the network refuses that"},
			{CodePlaceOfNone, trace.Flag, "at a place that no member vouches for"},
		},
	}
}
