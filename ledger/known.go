package ledger

import "github.com/waymark-ledger/waymark/identity"

// What a block knows of records that were heard before: whose bytes stand where, from whom
// they were accepted (A rows), and which event was the first with its content (C rows).

// stagedBytes is a record's A row as the block will leave it.
type stagedBytes struct {
	stored
	hash  identity.Hash // of the record
	dirty bool          // it is in the block's list
}

// stagedContent is a C row that the block will write, and what of its event an A row would
// have, where there is none.
type stagedContent struct {
	hash identity.Hash // SHA-256 of the CBV event hash
	content
	record       identity.Hash
	organisation string
}

// Accepted returns the seq of the record with this hash that was accepted from
// this organisation, "" for any: then the first of all. The content is its CBV event
// hash, "" for none.
func (b *Block) Accepted(organisation string, record identity.Hash, content string) (uint64, bool, error) {
	s, err := b.bytes(record, content)
	if err != nil || s == nil {
		return 0, false, err
	}
	seq, ok := s.find(organisation)
	return seq, ok, nil
}

// bytes is what is known of a record, nil for nothing: what its A row has or, where it has
// none, what the C row of its content says. A record is asked for when it is judged and
// again when it is appended.
func (b *Block) bytes(record identity.Hash, content string) (*stagedBytes, error) {
	if record == b.unheard {
		return nil, nil
	}
	if s := b.stored[record]; s != nil {
		return s, nil
	}
	row, known, err := stored{}, false, error(nil)
	if !b.ledger.absent.has(record) {
		row, known, err = readStored(b.ledger.db, record)
	}
	if err == nil && !known && content != "" {
		row, known, err = b.storedAs(record, b.hashOf(content))
	}
	switch {
	case err != nil:
		return nil, err
	case !known:
		b.unheard = record
		return nil, nil
	}
	s := &stagedBytes{stored: row, hash: record}
	b.stored[record] = s
	return s, nil
}

// storedAs is what an A row would have of a record that is the first with its content.
func (b *Block) storedAs(record, content identity.Hash) (stored, bool, error) {
	if i, ok := b.contentAt[content]; ok {
		c := &b.contents[i]
		return only(c.seq, c.seq, c.organisation), c.record == record, nil
	}
	c, ok, err := b.sameContent(content)
	if err != nil || !ok {
		return stored{}, false, err
	}
	s := b.ledger.Snapshot()
	defer s.Close()
	return s.storedAt(c.seq, record)
}

// SameContent returns the first accepted event with this CBV event hash.
func (b *Block) SameContent(cbvHash string) (uint64, bool, error) {
	c, ok, err := b.sameContent(b.hashOf(cbvHash))
	return c.seq, ok, err
}

func (b *Block) sameContent(h identity.Hash) (content, bool, error) {
	if i, ok := b.contentAt[h]; ok {
		return b.contents[i].content, true, nil
	}
	if b.ledger.absent.has(h) {
		return content{}, false, nil
	}
	return readContent(b.ledger.db, h)
}

// named reports whether the last C row leads to the record at seq by its eventID, too.
func (b *Block) named(seq uint64) bool {
	n := len(b.contents)
	return n > 0 && b.contents[n-1].seq == seq && b.contents[n-1].named
}

// keepBytes stages where the record's bytes are and from whom they were accepted, and
// returns the seq whose line has them. The C row of the first event with a content says so
// of that event: it needs no A row.
func (b *Block) keepBytes(seq uint64, a *Append, refused bool) (at uint64, err error) {
	s, err := b.bytes(a.RecordHash, a.ContentHash)
	if err != nil {
		return 0, err
	}
	b.unheard = identity.Hash{}
	if !refused && a.ContentHash != "" {
		h := b.hashOf(a.ContentHash)
		_, ok, err := b.sameContent(h)
		if err != nil {
			return 0, err
		}
		if !ok {
			b.contentAt[h] = int32(len(b.contents))
			b.contents = append(b.contents, stagedContent{h, content{seq, a.EventID == a.ContentHash}, a.RecordHash, a.Organisation})
			if s == nil {
				return seq, nil
			}
		}
	}
	isNew := s == nil
	if isNew {
		s = &stagedBytes{stored: stored{at: seq}, hash: a.RecordHash}
		b.stored[a.RecordHash] = s
	}
	if !refused && !s.acceptedFrom(a.Organisation) {
		s.accepted = append(s.accepted, acceptance{seq, a.Organisation})
	}
	if isNew || !refused {
		b.touchBytes(s)
	}
	return s.at, nil
}

func (b *Block) touchBytes(s *stagedBytes) {
	if !s.dirty {
		s.dirty = true
		b.accepted = append(b.accepted, s)
	}
}
