package node

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	cmtcons "github.com/cometbft/cometbft/proto/tendermint/consensus"

	"github.com/waymark-ledger/waymark/intact"
)

// CometBFT's write-ahead log has what came in, and the marks of heights that are over:
// messages, each of its CRC-32C, its length, and a TimedWALMessage, in data/cs.wal/wal and,
// of before, wal.000 and so on. At start CometBFT replays what follows the last mark. Where
// it finds a message that is not whole there, it takes the log to end: what the validator
// had locked on is forgotten, without a word to the operator. So this is looked at before.
//
// A killed process leaves a message that is cut off, and CometBFT may write on behind it; a
// power loss leaves zeros as well. Neither is damage. A message that has its length, and
// other bytes than were written, is.
const (
	walHead       = 8          // bytes before each message
	walMaxMessage = 1<<20 + 24 // bytes; CometBFT reads no longer one
	walSector     = 512        // what a disk writes at once, or not
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (c *Config) walFile() string { return c.path("data/cs.wal/wal") }

// checkReplayed looks at the part of the log that the engine replays at start.
func (c *Config) checkReplayed() error {
	files, err := walFiles(c.walFile())
	if err != nil {
		return err
	}
	for _, file := range slices.Backward(files) {
		log, err := readWAL(file)
		if err != nil {
			return err
		}
		if err := log.damage(file, log.ended); err != nil || log.ended >= 0 {
			return err
		}
	}
	return nil
}

// checkWAL looks at the whole log.
func (c *Config) checkWAL(ctx context.Context, progress func(done, of uint64)) error {
	files, err := walFiles(c.walFile())
	if err != nil {
		return err
	}
	for i, file := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		log, err := readWAL(file)
		if err != nil {
			return err
		}
		if err := log.damage(file, 0); err != nil {
			return err
		}
		progress(uint64(i+1), uint64(len(files)))
	}
	return nil
}

// walFiles are the files of a log in the order in which they were written, the one that
// is written to last. There is none before the first start.
func walFiles(head string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Dir(head))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var numbers []int
	var files []string
	there := false
	for _, e := range entries {
		there = there || e.Name() == filepath.Base(head)
		number, rotated := strings.CutPrefix(e.Name(), filepath.Base(head)+".")
		if n, err := strconv.Atoi(number); rotated && err == nil && len(number) >= 3 {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	for i, n := range numbers {
		if i > 0 && n != numbers[i-1]+1 { // the engine deletes the oldest alone
			return nil, &intact.Damage{File: fmt.Sprintf("%s.%03d", head, numbers[i-1]+1), What: "is missing"}
		}
		files = append(files, fmt.Sprintf("%s.%03d", head, n))
	}
	if there {
		files = append(files, head)
	}
	return files, nil
}

// wal is what one file of the log holds.
type wal struct {
	ended  int // where the message begins that marks the last height that is over; -1 for none
	faults []walFault
}

type walFault struct {
	at   int
	what string
}

// damage is the first fault from a byte on.
func (w *wal) damage(file string, from int) error {
	for _, f := range w.faults {
		if f.at >= from {
			return &intact.Damage{File: file, What: fmt.Sprintf("%s, at byte %d", f.what, f.at)}
		}
	}
	return nil
}

func readWAL(file string) (*wal, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return scanWAL(b), nil
}

func scanWAL(b []byte) *wal {
	w := &wal{ended: -1}
	for at := 0; at < len(b); {
		if message := walMessage(b[at:]); message != nil {
			if endsHeight(message) {
				w.ended = at
			}
			at += walHead + len(message)
			continue
		}
		next := at + 1
		for next < len(b) && walMessage(b[next:]) == nil {
			next++
		}
		if what := faultIn(b, at, next); what != "" {
			w.faults = append(w.faults, walFault{at, what})
		}
		at = next
	}
	return w
}

// walMessage is the message that b begins with, nil for none that is whole.
func walMessage(b []byte) []byte {
	const field1 = 1<<3 | 2 // a TimedWALMessage begins with its time
	if len(b) <= walHead || b[walHead] != field1 {
		return nil
	}
	n := binary.BigEndian.Uint32(b[4:])
	if n == 0 || n > walMaxMessage || int(n) > len(b)-walHead {
		return nil
	}
	message := b[walHead : walHead+int(n)]
	if crc32.Checksum(message, castagnoli) != binary.BigEndian.Uint32(b) {
		return nil
	}
	return message
}

func endsHeight(message []byte) bool {
	if len(message) > 64 { // votes and parts of blocks are longer
		return false
	}
	var m cmtcons.TimedWALMessage
	return m.Unmarshal(message) == nil && m.Msg.GetEndHeight() != nil
}

// faultIn says what is wrong with the bytes between two messages, or between one and the
// end, "" where they are a write that was cut off.
func faultIn(b []byte, from, to int) string {
	gap := b[from:to]
	if len(gap) <= walHead {
		return ""
	}
	sum, length, body := binary.BigEndian.Uint32(gap), binary.BigEndian.Uint32(gap[4:]), gap[walHead:]
	lengths := []uint32{uint32(len(body))}
	for bit := range 32 {
		lengths = append(lengths, length^1<<bit)
	}
	for _, n := range lengths {
		if n > 0 && uint64(n) <= uint64(len(body)) && crc32.Checksum(body[:n], castagnoli) == sum {
			return "a message has another length than was written"
		}
	}
	if uint64(length) > uint64(len(body)) || unwritten(b, from, to) {
		return ""
	}
	return "a message has other bytes than were written"
}

// unwritten reports whether a part of these bytes never got to the disk: zeros from the
// first on, or from the begin of a sector, to its end or to theirs.
func unwritten(b []byte, from, to int) bool {
	for at := from; at < to; at = at - at%walSector + walSector {
		end := min(at-at%walSector+walSector, to)
		if end-at >= walHead && !slices.ContainsFunc(b[at:end], func(c byte) bool { return c != 0 }) {
			return true
		}
	}
	return false
}
