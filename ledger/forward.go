package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// The kinds of F rows. All begin with the map key of a lot, class, certificate or plot.
const (
	forwardUse   = 1 // born8 seq8 -> count: the record seq used so many of the batch
	forwardPlace = 2 // born8 place16 -> count and place: how many of the batch are there
	forwardLot   = 3 // id -> seq8: a lot of the class, and the record that named it first
	forwardMade  = 4 // born8 -> nothing: a transformation bore the batch
	forwardStray = 5 // born8 -> nothing: of what that record names as born, another bore some
	forwardSight = 6 // born8 -> nothing: items that nobody recorded the birth of were in the batch
)

func forwardKey(of identity.Hash, kind byte, rest ...uint64) []byte {
	k := make([]byte, 1, 1+32+1+24)
	k[0] = rowForward
	k = append(append(k, of[:]...), kind)
	for _, n := range rest {
		k = binary.BigEndian.AppendUint64(k, n)
	}
	return k
}

// placeRowKey is the key of a place row.
type placeRowKey [1 + 32 + 1 + 8 + 16]byte

// stagedPlace is a place row as the open block will leave it.
type stagedPlace struct {
	key   placeRowKey
	place trace.Place
	count int64
	was   bool // committed
}

// load reads the committed row, if there is one.
func (p *stagedPlace) load(r getter) error {
	row, err := get(r, p.key[:])
	if err != nil || row == nil {
		return err
	}
	p.was = true
	if p.count, _, err = decodePlace(row); err != nil {
		return rowError(p.key[:], err)
	}
	return nil
}

// placeKeys makes the keys of place rows. Rows that follow each other are often of one
// lot and one place.
type placeKeys struct {
	of    trace.Key
	hash  identity.Hash // of the map key
	at    trace.Place
	place []byte // as encodePlace writes it
	sum   [sha256.Size]byte
}

// key is the one of the row that counts what a batch has at a place.
func (k *placeKeys) key(at *trace.Move) (key placeRowKey) {
	if at.Of != k.of || k.place == nil {
		k.of, k.hash = at.Of, proof.MapKey(at.Of)
	}
	if at.Place != k.at || k.place == nil {
		k.at, k.place = at.Place, encodePlace(k.place[:0], &at.Place)
		k.sum = sha256.Sum256(k.place)
	}
	key[0], key[33] = rowForward, forwardPlace
	copy(key[1:], k.hash[:])
	binary.BigEndian.PutUint64(key[34:], at.Born)
	copy(key[42:], k.sum[:16])
	return key
}

// forward stages what a record adds to the forward index.
func (b *Block) forward(seq uint64, f *trace.Forward) error {
	for _, u := range f.Uses {
		b.scratch = binary.AppendUvarint(b.scratch[:0], u.Count)
		b.set(forwardKey(proof.MapKey(u.Of), forwardUse, u.Born, seq), b.scratch)
	}
	for _, u := range f.Late {
		b.scratch = binary.AppendUvarint(b.scratch[:0], u.Count)
		b.set(forwardKey(proof.MapKey(u.Of), forwardUse, u.Born, u.Seq), b.scratch)
	}
	for _, m := range f.Made {
		b.set(forwardKey(proof.MapKey(m.Of), forwardMade, m.Born), nil)
	}
	for _, s := range f.Strays {
		b.set(forwardKey(proof.MapKey(s.Of), forwardStray, s.Born), nil)
	}
	for _, s := range f.Sighted {
		b.set(forwardKey(proof.MapKey(s.Of), forwardSight, s.Born), nil)
	}
	for i := range f.Lots {
		if err := b.lotOf(seq, &f.Lots[i]); err != nil {
			return err
		}
	}
	for i := range f.Moves {
		m := &f.Moves[i]
		key := b.placeKeys.key(m)
		n, ok := b.placeAt[key]
		if !ok {
			p := stagedPlace{key: key, place: m.Place}
			if trace.FirstRecord(m.Born) != seq { // what this record bore, or was the first to name, is nowhere yet
				if err := p.load(b.ledger.db); err != nil {
					return err
				}
			}
			n = int32(len(b.places))
			b.places, b.placeAt[key] = append(b.places, p), n
		}
		// A damaged row must not stop consensus, which does not rest on it: the
		// node's scrub finds a count that the states do not give.
		b.places[n].count = max(0, b.places[n].count+m.By)
	}
	return nil
}

// lotOf stages that a class has a lot, unless it is known: the row keeps the first
// record.
func (b *Block) lotOf(seq uint64, k *trace.Kin) error {
	if _, staged := b.lots[k.Lot.ID]; staged {
		return nil // its items are born one by one
	}
	b.lots[k.Lot.ID] = struct{}{}
	key := append(forwardKey(proof.MapKey(k.Class), forwardLot), k.Lot.ID...)
	var known bool
	var err error
	if !b.ledger.rows.begins(k.Lot, seq) {
		known, err = has(b.ledger.db, key)
	}
	if err == nil && !known {
		b.scratch = binary.BigEndian.AppendUint64(b.scratch[:0], seq)
		b.set(key, b.scratch)
	}
	return err
}

// stagePlaces stages the place rows; those of nothing go.
func (b *Block) stagePlaces() {
	for _, i := range b.ordered(len(b.places), func(i int32) []byte { return b.places[i].key[:] }) {
		switch p := &b.places[i]; {
		case p.count > 0:
			b.scratch = encodePlace(binary.AppendUvarint(b.scratch[:0], uint64(p.count)), &p.place)
			b.set(p.key[:], b.scratch)
		case p.was:
			b.unset(p.key[:])
		}
	}
}

// encodePlace appends the place part of a place row: its bytes tell places apart.
func encodePlace(b []byte, p *trace.Place) []byte {
	b = appendString(b, p.Condition)
	b = appendString(b, p.Holder)
	b = appendString(b, p.In)
	flags := uint64(0)
	if p.Gone {
		flags |= 1
	}
	if p.Attached {
		flags |= 2
	}
	if p.Apart {
		flags |= 4
	}
	if p.Beside {
		flags |= 8
	}
	return binary.AppendUvarint(binary.AppendUvarint(binary.AppendUvarint(b, flags), p.Bond), p.Way)
}

func decodePlace(row []byte) (count int64, p trace.Place, err error) {
	r := reader{b: row}
	count = int64(r.uvarint())
	p.Condition, p.Holder, p.In = string(r.field()), string(r.field()), string(r.field())
	flags := r.uvarint()
	p.Gone, p.Attached, p.Apart, p.Beside = flags&1 != 0, flags&2 != 0, flags&4 != 0, flags&8 != 0
	p.Bond, p.Way = r.uvarint(), r.uvarint()
	if r.err == nil && (len(r.b) > 0 || count <= 0) {
		r.err = errRow
	}
	return count, p, r.err
}

// Uses returns up to limit records that used some of a lot or class, or cite a
// certificate, those with greater batch and seq than after: of each the batch and
// its seq, in that order. after is nil to begin.
func (s *Snapshot) Uses(of trace.Key, after *trace.Use, limit int) (uses []trace.Use, err error) {
	prefix := forwardKey(proof.MapKey(of), forwardUse)
	from := prefix
	if after != nil {
		from = append(forwardKey(proof.MapKey(of), forwardUse, after.Born, after.Seq), 0)
	}
	err = s.scan(from, prefix, func(rest, row []byte) (bool, error) {
		r := reader{b: row}
		u := trace.Use{Count: r.uvarint()}
		if len(rest) != 16 || r.err != nil {
			return false, errRow
		}
		u.Born, u.Seq = binary.BigEndian.Uint64(rest), binary.BigEndian.Uint64(rest[8:])
		uses = append(uses, u)
		return len(uses) < limit, nil
	})
	if err != nil {
		return nil, fmt.Errorf("uses of %s %q: %w", of.NS, of.ID, err)
	}
	return uses, nil
}

// Used reports whether the index has a use.
func (s *Snapshot) Used(of trace.Key, use trace.Use) (bool, error) {
	store, err := s.forwardStore()
	if err != nil {
		return false, err
	}
	return has(store, forwardKey(proof.MapKey(of), forwardUse, use.Born, use.Seq))
}

// Places calls each for the places of what a lot or class is made of, batch by batch
// from the first that is not less than born, until it says no.
func (s *Snapshot) Places(of trace.Key, born uint64, each func(trace.Move) (more bool, err error)) error {
	hash := proof.MapKey(of)
	err := s.scan(forwardKey(hash, forwardPlace, born), forwardKey(hash, forwardPlace), func(rest, row []byte) (bool, error) {
		if len(rest) != 24 {
			return false, errRow
		}
		count, place, err := decodePlace(row)
		if err != nil {
			return false, err
		}
		return each(trace.Move{Batch: trace.Batch{Of: of, Born: binary.BigEndian.Uint64(rest)}, Place: place, By: count})
	})
	if err != nil {
		return fmt.Errorf("places of %s %q: %w", of.NS, of.ID, err)
	}
	return nil
}

// Made returns up to limit batches of a lot or class that transformations bore, by
// the seqs of their records.
func (s *Snapshot) Made(of trace.Key, limit int) (born []uint64, err error) {
	return s.batches(of, forwardMade, 0, limit)
}

// Sighted returns up to limit batches of items that nobody had recorded the birth of,
// from one on, those that were born since among them.
func (s *Snapshot) Sighted(of trace.Key, from uint64, limit int) (born []uint64, err error) {
	return s.batches(of, forwardSight, from, limit)
}

// Stray reports whether the record seq names things of a lot or class as born there that
// another record bore.
func (s *Snapshot) Stray(of trace.Key, seq uint64) (bool, error) {
	store, err := s.forwardStore()
	if err != nil {
		return false, err
	}
	return has(store, forwardKey(proof.MapKey(of), forwardStray, seq))
}

func (s *Snapshot) batches(of trace.Key, kind byte, from uint64, limit int) (born []uint64, err error) {
	hash := proof.MapKey(of)
	err = s.scan(forwardKey(hash, kind, from), forwardKey(hash, kind), func(rest, _ []byte) (bool, error) {
		if len(rest) != 8 {
			return false, errRow
		}
		born = append(born, binary.BigEndian.Uint64(rest))
		return len(born) < limit, nil
	})
	if err != nil {
		return nil, fmt.Errorf("batches of %s %q: %w", of.NS, of.ID, err)
	}
	return born, nil
}

// Lots returns up to limit lots of a class, in the order of their ids.
func (s *Snapshot) Lots(class trace.Key, limit int) (lots []trace.LotSince, err error) {
	prefix := forwardKey(proof.MapKey(class), forwardLot)
	err = s.scan(prefix, prefix, func(rest, row []byte) (bool, error) {
		seq, err := decodeSeq(row)
		if err != nil {
			return false, err
		}
		lots = append(lots, trace.LotSince{ID: string(rest), Seq: seq})
		return len(lots) < limit, nil
	})
	if err != nil {
		return nil, fmt.Errorf("lots of %q: %w", class.ID, err)
	}
	return lots, nil
}

// forwardStore is where the forward index is; ErrOutdated while it cannot be asked.
func (s *Snapshot) forwardStore() (getter, error) {
	store, err := s.store()
	if err == nil && s.ledger.Outdated() {
		err = ErrOutdated
	}
	return store, err
}

// scan reads the rows of a kind that begin with prefix, from one on, until each says
// no; rest is what follows the prefix in their keys.
func (s *Snapshot) scan(from, prefix []byte, each func(rest, row []byte) (more bool, err error)) error {
	if prefix[0] == rowForward {
		if _, err := s.forwardStore(); err != nil {
			return err
		}
	}
	end := bytes.Clone(prefix)
	end[len(end)-1]++ // a kind, which is less than 255
	return s.between(from, end, func(key, row []byte) (bool, error) { return each(key[len(prefix):], row) })
}

// EachPlace calls f for every place row in the ledger, with the map key of what it
// is of: for whoever compares the index with the states.
func (s *Snapshot) EachPlace(f func(of identity.Hash, m trace.Move) error) error {
	return s.scan([]byte{rowForward}, []byte{rowForward}, func(rest, row []byte) (bool, error) {
		if len(rest) < 33 || rest[32] != forwardPlace {
			return true, nil
		}
		if len(rest) != 33+24 {
			return false, errRow
		}
		count, place, err := decodePlace(row)
		if err != nil {
			return false, err
		}
		m := trace.Move{Batch: trace.Batch{Born: binary.BigEndian.Uint64(rest[33:])}, Place: place, By: count}
		return true, f(identity.Hash(rest[:32]), m)
	})
}

// EachState calls f for every key of a namespace that has a state.
func (s *Snapshot) EachState(ns trace.Namespace, f func(k trace.Key, state []byte) error) error {
	return s.scan([]byte{rowIndex}, []byte{rowIndex}, func(_, row []byte) (bool, error) {
		x, err := parseIndex(row)
		if err != nil || string(x.ns) != string(ns) || len(x.state) == 0 {
			return true, err
		}
		return true, f(trace.Key{NS: ns, ID: string(x.id)}, x.state)
	})
}
