package contracts

import (
	"errors"
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/trace"
)

// A6 same content. An event whose CBV event hash was accepted before in other bytes is
// flagged. That hash leaves out certificationInfo and errorDeclaration and can be made to
// collide, so it never refuses; and of a correction, which repeats the event that it
// declares wrong, it says nothing.
//
// The ledger's index knows the first record of a content, and never forgets it. Whether that
// is declared wrong, and which others say the same, is a state of the content: an event is
// held to the first that stands.
func (c *hearing) sameContent() error {
	e := c.record.Event
	if e == nil {
		return nil
	}
	hash := c.contentHash()
	if hash == "" {
		return nil // an event that has no hash is in no content index
	}
	c.verdict.ContentHash = hash
	seq, ok, err := c.view.SameContent(hash)
	if err != nil {
		return fmt.Errorf("look for the same content: %w", err)
	}
	if !ok && e.Correction == nil {
		return nil // as most are
	}
	var s ContentState
	k := contentKey(hash)
	if ok {
		if _, err := c.read(k, &s); err != nil {
			return err
		}
	}
	if e.Correction != nil {
		if changed, err := c.contentWrong(&s, seq, ok); err != nil || !changed {
			return err
		}
		return c.write(k, &s)
	}
	if first, stands := s.first(seq); stands && !c.corroborates {
		c.find(trace.Finding{
			Code:  CodeSameContent,
			Facts: []trace.Fact{factAt("event hash", hash, first)},
			Next:  "If both mean the same happening, declare one of them wrong (errorDeclaration, did_not_occur).",
		})
	}
	if !addLater(&s.Later, *c.turn()) {
		return nil
	}
	return c.write(k, &s)
}

// ContentState is the state of events of the same content (namespace content): there is one
// where several were recorded, or one was declared wrong. Its size is bounded (addLater).
type ContentState struct {
	Wrong bool   `cbor:"1,keyasint,omitempty"` // the first, which the ledger's index knows, is declared wrong
	Later []Turn `cbor:"2,keyasint,omitempty"` // the next ones that stand, in order
}

func contentKey(hash string) trace.Key { return trace.Key{NS: trace.NSContent, ID: hash} }

// first is the first record of the content that is not declared wrong, where index is the
// first of all.
func (s *ContentState) first(index uint64) (seq uint64, stands bool) {
	switch {
	case !s.Wrong:
		return index, true
	case len(s.Later) > 0:
		return s.Later[0].Seq, true
	}
	return 0, false
}

// contentWrong takes the event that is declared wrong from those of its content: the one of
// that eventID, by the same organisation. Others of the content stand. indexed is false
// where none was recorded: then the index takes the correction for the first.
func (c *hearing) contentWrong(s *ContentState, index uint64, indexed bool) (changed bool, err error) {
	if !indexed {
		s.Wrong = true
		return true, nil
	}
	if was := dropLater(c, &s.Later); was != nil {
		c.corrects = &was.Seq
		return true, nil
	}
	switch {
	case len(s.Later) == maxLater:
		return false, nil
	case s.Wrong:
		return false, c.correctsLater(s)
	}
	if is, err := c.isEvent(index, c.record.Event.ID); err != nil || !is {
		return false, errors.Join(err, c.correctsLater(s))
	}
	if s.Wrong, err = c.isOwn(index); err == nil && !s.Wrong {
		err = c.correctsAt(index)
	}
	if s.Wrong {
		c.corrects = &index
	}
	return s.Wrong, err
}

// correctsLater notes that what is declared wrong is one of the later events of its content:
// another's, for the author's own would have been taken from them.
func (c *hearing) correctsLater(s *ContentState) error {
	mark := c.turn().Event
	at := slices.IndexFunc(s.Later, func(t Turn) bool { return t.Event == mark })
	if at < 0 || c.record.Event.ID == "" {
		return nil
	}
	return c.correctsAt(s.Later[at].Seq)
}

// correctsAt notes the event of another organisation that is declared wrong, for rule C1.
func (c *hearing) correctsAt(seq uint64) error {
	key, _, err := c.signed(seq)
	if err != nil {
		return err
	}
	organisation, err := c.organisationOfKey(key)
	c.correctsOther = &claim{id: c.record.Event.ID, organisation: organisation, seq: seq}
	return err
}

// isEvent reports whether the accepted event at a seq has an eventID. One without is meant by
// no declaration (EPCIS 2.0, section 7.4.1.4: it repeats the eventID).
func (c *hearing) isEvent(seq uint64, eventID string) (is bool, err error) {
	if eventID == "" {
		return false, nil
	}
	if one := c.heardAt(seq); one != nil {
		return one.eventID == eventID, nil
	}
	if is, err = c.view.IsEvent(seq, eventID); err != nil {
		return false, fmt.Errorf("the eventID of record %d: %w", seq, err)
	}
	return is, nil
}

// standingAs is the first record of the same bytes as this one that is not declared wrong,
// where seq is the first of all; ok is false where none stands. Of a content of which so many
// were recorded that its state remembers no more, it is the first of all.
func (c *hearing) standingAs(seq uint64) (first uint64, ok bool, err error) {
	e := c.record.Event
	if e == nil || e.Correction != nil || e.ID == "" {
		return seq, true, nil
	}
	hash := c.contentHash()
	if hash == "" {
		return seq, true, nil
	}
	index, ok, err := c.view.SameContent(hash)
	if err != nil {
		return 0, false, fmt.Errorf("look for the same content: %w", err)
	}
	var s ContentState
	if known, err := c.read(contentKey(hash), &s); err != nil || !ok || !known || len(s.Later) == maxLater || seq == index && !s.Wrong {
		return seq, err == nil, err
	}
	for i := range s.Later {
		if t := &s.Later[i]; t.Event == c.turn().Event {
			return t.Seq, true, nil
		}
	}
	return 0, false, nil
}

func contentContract() Contract {
	return Contract{
		Rule: "A6", Version: 1, Name: "same content", Kinds: eventKind(), judge: (*hearing).sameContent,
		Says: "An event whose CBV event hash was accepted before in other bytes is flagged, never refused: the hash leaves " +
			"out certificationInfo and errorDeclaration. What is declared wrong does not count, of so many of the same content as " +
			"a state remembers. Declared wrong is the author's event of that eventID, and no other of the same content.",
		Source: "CBV 2.0, section 8.9 (event hash); EPCIS 2.0, section 7.4.1.4 (errorDeclaration); RalphTro/epcis-event-hash-generator#95",
		Reads:  []trace.Namespace{trace.NSContent},
		Writes: []trace.Namespace{trace.NSContent},
		Finds:  []Declared{{CodeSameContent, trace.Flag, "same content as an earlier event"}},
	}
}
