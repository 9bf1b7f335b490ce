package node

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cometbft/cometbft/consensus"
	"github.com/cometbft/cometbft/types"
)

// someWAL is a log of so many heights, as CometBFT writes it, and where each of its
// messages begins.
func someWAL(t testing.TB, heights int) (log []byte, begins []int) {
	t.Helper()
	var b bytes.Buffer
	w := consensus.NewWALEncoder(&b)
	write := func(m consensus.WALMessage) {
		begins = append(begins, b.Len())
		if err := w.Encode(&consensus.TimedWALMessage{Msg: m}); err != nil {
			t.Fatal(err)
		}
	}
	for h := range heights {
		write(consensus.EndHeightMessage{Height: int64(h)})
		for _, step := range []string{"RoundStepNewHeight", "RoundStepPropose", strings.Repeat("long ", 100)} {
			write(types.EventDataRoundState{Height: int64(h + 1), Step: step})
		}
	}
	return b.Bytes(), begins
}

func fault(log []byte) string {
	if err := scanWAL(log).damage("wal", 0); err != nil {
		return err.Error()
	}
	return ""
}

// Whatever bit of the engine's log is flipped is found, and where.
func TestFlippedBitsOfTheEnginesLogAreFound(t *testing.T) {
	log, begins := someWAL(t, 3)
	if what := fault(log); what != "" {
		t.Fatalf("nothing is flipped: %s", what)
	}
	for at := range log {
		i, exact := slices.BinarySearch(begins, at)
		if !exact {
			i--
		}
		want := fmt.Sprintf("at byte %d", begins[i])
		for bit := range 8 {
			log[at] ^= 1 << bit
			if what := fault(log); !strings.HasSuffix(what, want) {
				t.Errorf("bit %d of byte %d: %q, want %q", bit, at, what, want)
			}
			// The same under a write that was cut off.
			if last := len(log) - 100; at < begins[len(begins)-1] && !strings.HasSuffix(fault(log[:last]), want) {
				t.Errorf("bit %d of byte %d, cut off: %q, want %q", bit, at, fault(log[:last]), want)
			}
			log[at] ^= 1 << bit
		}
	}
}

// A killed process cuts its log off anywhere, and a power loss leaves zeros for what it
// did not write. The engine may go on behind either.
func TestACutOffLogOfTheEngineIsNotDamaged(t *testing.T) {
	log, begins := someWAL(t, 3)
	more, _ := someWAL(t, 1)
	for n := range log {
		cut := log[:n:n]
		if what := fault(cut); what != "" {
			t.Errorf("cut off at %d: %s", n, what)
		}
		if what := fault(slices.Concat(cut, more)); what != "" {
			t.Errorf("cut off at %d, and written on: %s", n, what)
		}
	}
	for from := 0; from+walHead < len(log); from += walSector {
		lost := slices.Clone(log)
		clear(lost[from:])
		if what := fault(lost); what != "" {
			t.Errorf("zeros from %d on: %s", from, what)
		}
		if what := fault(slices.Concat(lost, more)); what != "" {
			t.Errorf("zeros from %d on, and written on: %s", from, what)
		}
	}
	lost := slices.Clone(log)
	clear(lost[begins[9]:]) // what stood before in the same sector was synced
	if what := fault(lost); what != "" {
		t.Errorf("zeros from a message on: %s", what)
	}
}

// The engine's log is damaged: the check says so wherever it is, the start where it
// would be replayed.
func TestDamageOfTheEnginesLogIsNamed(t *testing.T) {
	c, _ := stoppedWithTables(t)
	file := c.walFile()
	whole := mustRead(t, file)
	last := scanWAL(whole).ended
	if last <= 100 || last+50 >= len(whole) {
		t.Fatalf("the last height ends at %d of %d", last, len(whole))
	}
	check := func(name, want string) {
		t.Helper()
		r, err := Check(t.Context(), c, CheckOptions{})
		if err != nil || (r.Damage == "") != (want == "") || !strings.Contains(r.Damage, want) {
			t.Errorf("%s: check finds %q, %v", name, r.Damage, err)
		}
	}
	for _, at := range []int{last + 3, last + walHead + 2, len(whole) - 1} { // the mark is replayed from, too
		restore := change(t, file, func(b []byte) []byte { b[at] ^= 4; return b })
		check(fmt.Sprintf("byte %d", at), file)
		refuses(t, c, file)
		restore()
	}
	restore := change(t, file, func(b []byte) []byte { b[50] ^= 4; return b })
	check("before the last mark", file)
	if err := c.checkReplayed(); err != nil {
		t.Errorf("before the last mark: start: %v", err)
	}
	restore()

	// As after a rotation.
	for name, b := range map[string][]byte{file + ".007": whole[:100], file + ".008": whole[100:], file: nil} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if cut := scanWAL(whole[:100]); len(cut.faults) > 0 { // in the midst of a message, which is none of this test's matters
		t.Fatal(cut.faults)
	}
	restore = change(t, file+".008", func(b []byte) []byte { b[len(b)-1] ^= 4; return b })
	check("rotated", file+".008")
	refuses(t, c, file+".008")
	restore()
	if err := os.Rename(file+".007", file+".006"); err != nil {
		t.Fatal(err)
	}
	check("a file is gone", file+".007")
	if err := os.Remove(file + ".006"); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(file + ".008"); err != nil {
		t.Fatal(err)
	}

	// As kill -9 leaves it: it was about to write one more message.
	if err := os.WriteFile(file, slices.Concat(whole, whole[last:last+20]), 0o600); err != nil {
		t.Fatal(err)
	}
	check("cut off", "")
	n := run(t, c)
	n.awaitReady(t)
	capture(t, n, observation(t, 500))
	if err := n.stop(); err != nil {
		t.Fatal(err)
	}
	check("cut off, and gone on", "")

	// Without a log the engine begins one. (That a validator then signs what it signed before
	// of the height that was open, it refuses: alone it may stand still.)
	if err := os.RemoveAll(filepath.Dir(file)); err != nil {
		t.Fatal(err)
	}
	check("no log", "")
	if err := c.checkReplayed(); err != nil {
		t.Errorf("no log: start: %v", err)
	}
}

// Whatever stands in the engine's log: it is read to its end, and what it says of a
// fault is so.
func FuzzEngineLog(f *testing.F) {
	log, begins := someWAL(f, 2)
	f.Add(log)
	f.Add(log[:begins[3]+20])
	f.Add(slices.Concat(log[:begins[3]+20], log))
	huge := slices.Clone(log)
	binary.BigEndian.PutUint32(huge[4:], 1<<31)
	f.Add(huge)
	f.Fuzz(func(t *testing.T, b []byte) {
		w := scanWAL(b)
		if w.ended >= len(b) {
			t.Fatalf("a mark at %d of %d", w.ended, len(b))
		}
		before := -1
		for _, f := range w.faults {
			if f.at <= before || f.at >= len(b) || walMessage(b[f.at:]) != nil {
				t.Fatalf("faults %v", w.faults)
			}
			before = f.at
		}
		if err := w.damage("wal", 0); (err == nil) != (len(w.faults) == 0) {
			t.Fatal(err)
		}
	})
}
