// Package intact tells, before anybody opens a Pebble store, whether its files are
// those that were written.
//
// Its promise: a store that is damaged is named, file by file, and never looks like
// an empty or a shorter one. Pebble takes what it cannot read at the end of a
// manifest or of a log for a write that a power loss cut off, goes on without it, and
// deletes the tables that nothing names any more. So it must not be the first to look.
//
// Whoever owns a store calls [Open] before Pebble opens it, or [Look] if it is opened
// to be read only, and [Close] after Pebble has closed it, which seals it: the file
// SEAL lists every file with its size, and with its SHA-256 unless it is a table, whose
// blocks carry checksums ([Tables] reads them). A store without a seal was not closed:
// its manifest is read chunk by chunk, and only what a power loss leaves is let pass.
package intact

import "fmt"

// Damage says that a file of a store is not what was written.
type Damage struct {
	File string // path
	What string // "is missing", …
}

func (d *Damage) Error() string { return fmt.Sprintf("damaged: %s: %s", d.File, d.What) }
