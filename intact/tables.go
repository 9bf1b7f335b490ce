package intact

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/sstable/block"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// Store is an open store whose tables are to be read.
type Store struct {
	DB      *pebble.DB
	Options *pebble.Options // that it was opened with
	Dir     string
}

// Tables reads the tables of an open store, past its caches, and compares each block
// with its checksum: all blocks, or, for a quick look, those by which others are found
// (footer, indexes, filters, properties), a hundredth of the bytes. The first damage is
// the error. Progress, when not nil, is told of each table.
func (s Store) Tables(ctx context.Context, all bool, progress func(done, of uint64)) error {
	names, err := s.live()
	if err != nil {
		return err
	}
	for i, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := s.table(ctx, name, all)
		if errors.Is(err, os.ErrNotExist) { // a compaction may have taken its place
			now, again := s.live()
			if again == nil && !slices.Contains(now, name) {
				err = nil
			}
		}
		switch {
		case err == nil:
		case ctx.Err() != nil, errors.Is(err, os.ErrPermission):
			return err
		default:
			return &Damage{s.Options.FS.PathJoin(s.Dir, name), err.Error()}
		}
		if progress != nil {
			progress(uint64(i+1), uint64(len(names)))
		}
	}
	return nil
}

// live names the tables that the store reads.
func (s Store) live() ([]string, error) {
	levels, err := s.DB.SSTables()
	if err != nil {
		return nil, fmt.Errorf("list the tables of %s: %w", s.Dir, err)
	}
	var names []string
	for _, level := range levels {
		for i := range level {
			names = append(names, level[i].BackingSSTNum.String()+".sst")
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

func (s Store) table(ctx context.Context, name string, all bool) (err error) {
	f, err := s.Options.FS.Open(s.Options.FS.PathJoin(s.Dir, name), vfs.SequentialReadsOption)
	if err != nil {
		return err
	}
	readable, err := sstable.NewSimpleReadable(f)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	r, err := sstable.NewReader(ctx, readable, s.Options.MakeReaderOptions())
	if err != nil { // it compares the checksum of the footer, too
		return errors.Join(err, f.Close())
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	layout, err := r.Layout() // reads the indexes
	if err != nil {
		return err
	}
	var buf []byte
	for _, b := range blocks(layout, all) {
		n := int(b.Length) + block.TrailerLen
		buf = slices.Grow(buf[:0], n)[:n]
		if _, err := f.ReadAt(buf, int64(b.Offset)); err != nil {
			return fmt.Errorf("block at byte %d: %w", b.Offset, err)
		}
		if err := block.ValidateChecksum(block.ChecksumTypeCRC32c, buf, b); err != nil { // Pebble writes no other
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// blocks are those of a table, in their order in the file. Pebble's own
// Reader.ValidateBlockChecksums leaves out what holds the values of overwritten keys.
func blocks(l *sstable.Layout, all bool) []block.Handle {
	found := append(slices.Clone(l.Index), l.TopIndex, l.Properties, l.MetaIndex, l.ValueIndex, l.BlobReferenceIndex)
	for i := range l.Filter {
		found = append(found, l.Filter[i].Handle)
	}
	if all {
		for i := range l.Data {
			found = append(found, l.Data[i].Handle)
		}
		found = append(append(found, l.ValueBlock...), l.RangeDel, l.RangeKey)
	}
	found = slices.DeleteFunc(found, func(b block.Handle) bool { return b.Length == 0 })
	slices.SortFunc(found, func(a, b block.Handle) int { return cmp.Compare(a.Offset, b.Offset) })
	return found
}
