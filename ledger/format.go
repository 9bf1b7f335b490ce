package ledger

import (
	"encoding/binary"
	"errors"

	"github.com/cockroachdb/pebble/v2"
)

// formatVersion is the version of the rows that schema.go describes. A store of a version
// from oldestFormat on is brought to it by [Ledger.Reindex]: of one before forwardFormat the
// forward index is made again, of one before flagsFormat the rows of flagged records are
// made. One of any other version is not opened. Before 7 all eventIDs had D rows, before 8
// all records A rows.
const (
	oldestFormat  = 4
	forwardFormat = 10 // before 6 an index of other rows; before 10 one without what packs into items
	flagsFormat   = 9
	formatVersion = 10
)

// readable reports whether a store of a format is opened.
func readable(format uint32) bool { return format >= oldestFormat && format <= formatVersion }

// outdatedForward reports whether a format's forward index is to be made again.
func outdatedForward(format uint32) bool { return format >= oldestFormat && format < forwardFormat }

// outdated reports whether a format's store is to be brought to the present one.
func outdated(format uint32) bool {
	return format >= oldestFormat && (outdatedForward(format) || format < flagsFormat)
}

// format is the version of the store's rows, 0 for a store without any. Rows of
// another version need not end in a checksum.
func (l *Ledger) format() (uint32, error) {
	key := metaKey(metaFormat)
	row, closer, err := l.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, rowError(key, err)
	}
	if len(row) < 4 {
		return 0, errors.Join(rowError(key, errRow), closer.Close())
	}
	version := binary.BigEndian.Uint32(row)
	if readable(version) {
		_, err = unseal(key, row)
	}
	return version, errors.Join(err, closer.Close())
}
