package node

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/vfs"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/privval"

	"github.com/waymark-ledger/waymark/intact"
	"github.com/waymark-ledger/waymark/ledger"
	"github.com/waymark-ledger/waymark/p2p"
)

// sealFile is what a store that was closed leaves; a killed node's has none.
const sealFile = "SEAL"

// stoppedWithTables is the home of a node that ran twice, so that its stores have
// tables and a log, with a copy of its data.
func stoppedWithTables(t *testing.T) (c Config, good string) {
	t.Helper()
	c = network(t, 1, nil)[0]
	withBirth(t, c)
	once(t, c, 100, 2)
	good = filepath.Join(t.TempDir(), "data")
	copyDir(t, good, c.path("data"))
	return c, good
}

func tableLayout(t *testing.T, path string) *sstable.Layout {
	t.Helper()
	f, err := vfs.Default.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	readable, err := sstable.NewSimpleReadable(f)
	if err != nil {
		t.Fatal(err)
	}
	merger := *pebble.DefaultMerger
	merger.Name = "waymark.pages"
	r, err := sstable.NewReader(t.Context(), readable, sstable.ReaderOptions{Mergers: sstable.Mergers{merger.Name: &merger}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := r.Layout()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return l
}

// places are where bytes of a file are flipped: in each of a table's blocks, in
// the trailer of each, in its footer; all over any other file.
func places(t *testing.T, path string) []int {
	t.Helper()
	size := len(mustRead(t, path))
	at := map[int]bool{}
	mark := func(i int) {
		if i >= 0 && i < size {
			at[i] = true
		}
	}
	for i := range 6 {
		mark(i * size / 6)
	}
	for _, back := range []int{1, 9, 14, 50} {
		mark(size - back)
	}
	if filepath.Ext(path) == ".sst" {
		l := tableLayout(t, path)
		for _, b := range append(slices.Clone(l.Index), l.TopIndex, l.Properties, l.MetaIndex, l.ValueIndex, l.RangeDel, l.Footer, l.Data[0].Handle) {
			if b.Length == 0 {
				continue
			}
			mark(int(b.Offset))
			mark(int(b.Offset + b.Length/2))
			mark(int(b.Offset + b.Length + 2)) // its checksum
		}
		for _, b := range l.Filter {
			mark(int(b.Offset + b.Length/2))
		}
	}
	var sorted []int
	for i := range at {
		sorted = append(sorted, i)
	}
	slices.Sort(sorted)
	if !testing.Short() {
		return sorted
	}
	var some []int
	for i := size % 5; i < len(sorted); i += 5 { // another part in each file
		some = append(some, sorted[i])
	}
	return some
}

// storeFiles are the files of the node's stores, from its data folder.
func storeFiles(t *testing.T, data string) []string {
	t.Helper()
	var files []string
	for _, store := range []string{"ledger", "engine", "outbox"} {
		entries, err := os.ReadDir(filepath.Join(data, store))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Name() != "LOCK" {
				files = append(files, filepath.Join(store, e.Name()))
			}
		}
	}
	return files
}

func change(t *testing.T, path string, how func([]byte) []byte) (restore func()) {
	t.Helper()
	good := mustRead(t, path)
	if err := os.WriteFile(path, how(slices.Clone(good)), 0o600); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.WriteFile(path, good, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// One byte of any file of a stopped node's stores is flipped: a scrub names the
// file. It changes nothing, so that the home can be examined.
func TestScrubNamesTheFileOfAFlippedByte(t *testing.T) {
	c, good := stoppedWithTables(t)
	for _, file := range storeFiles(t, good) {
		path := c.path(filepath.Join("data", file))
		for _, at := range places(t, filepath.Join(good, file)) {
			restore := change(t, path, func(b []byte) []byte { b[at] ^= 0x10; return b })
			r, err := Check(t.Context(), c, CheckOptions{Scrub: true})
			if err != nil {
				t.Fatalf("%s, byte %d: %v", file, at, err)
			}
			if !strings.Contains(r.Damage, filepath.Base(file)) {
				t.Errorf("%s, byte %d: damage %q", file, at, r.Damage)
			}
			restore()
		}
	}
	if r, err := Check(t.Context(), c, CheckOptions{Scrub: true}); err != nil || r.Damage != "" {
		t.Errorf("put right again: %+v, %v", r, err)
	}
}

func unseal(t *testing.T, dir string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, sealFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
}

// refuses starts a node whose stores are damaged: it names the file and leaves every
// file as it is.
func refuses(t *testing.T, c Config, name string) {
	t.Helper()
	before := storeFiles(t, c.path("data"))
	n, err := New(c, Deps{Logger: testLogger(t)})
	if err == nil {
		n.Close()
		t.Fatalf("%s: the node starts", name)
	}
	var damage *intact.Damage
	if !errors.As(err, &damage) || !strings.Contains(err.Error(), name) {
		t.Errorf("%s: refused with %v", name, err)
	}
	if after := storeFiles(t, c.path("data")); !slices.Equal(before, after) {
		t.Errorf("%s: the refusal left %v of %v", name, after, before)
	}
}

// current is the manifest that a store's marker names.
func current(t *testing.T, dir string) string {
	t.Helper()
	markers, err := filepath.Glob(filepath.Join(dir, "marker.manifest.*"))
	if err != nil || len(markers) != 1 {
		t.Fatalf("markers %v, %v", markers, err)
	}
	_, name, _ := strings.Cut(strings.TrimPrefix(filepath.Base(markers[0]), "marker.manifest."), ".")
	return name
}

// A killed node's stores have no seal. A flipped byte is named, or it is in the tail
// of a log, which nobody can tell from a write that was cut off: then the ledger is
// behind, or ahead, and that is told; or it changed nothing that is read.
func TestScrubOfAKilledNodeFindsTheFlippedByte(t *testing.T) {
	c, good := stoppedWithTables(t)
	for _, store := range []string{c.ledgerDir(), c.engineDir(), c.outboxDir()} {
		unseal(t, store)
	}
	whole, err := Check(t.Context(), c, CheckOptions{Scrub: true})
	if err != nil || whole.Damage != "" {
		t.Fatalf("before: %+v, %v", whole, err)
	}
	for _, file := range storeFiles(t, good) {
		if filepath.Base(file) == sealFile {
			continue
		}
		for _, at := range places(t, filepath.Join(good, file)) {
			restore := change(t, c.path(filepath.Join("data", file)), func(b []byte) []byte { b[at] ^= 0x10; return b })
			r, err := Check(t.Context(), c, CheckOptions{Scrub: true})
			if err != nil {
				t.Fatalf("%s, byte %d: %v", file, at, err)
			}
			name := filepath.Base(file)
			log, options := filepath.Ext(file) == ".log", strings.HasPrefix(name, "OPTIONS-")
			previous := strings.HasPrefix(name, "MANIFEST-") && current(t, filepath.Join(good, filepath.Dir(file))) != name
			switch {
			case strings.Contains(r.Damage, name):
			case log && (r.Damage != "" || r.Behind > 0), options && r.Damage != "":
			case (log || options || previous) && *r == *whole: // Pebble does not read, or use, those bytes
			default:
				t.Errorf("%s, byte %d: damage %q, %d behind", file, at, r.Damage, r.Behind)
			}
			restore()
		}
	}
}

// A store that lacks files, or of which the manifest says too little, does not pass
// for an empty one: the node does not start, and nothing is made or deleted.
func TestADamagedStoreDoesNotLookEmpty(t *testing.T) {
	c, good := stoppedWithTables(t)
	glob := func(pattern string) string {
		t.Helper()
		found, err := filepath.Glob(c.path(filepath.Join("data", pattern)))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v, %v", pattern, found, err)
		}
		return found[len(found)-1] // the current one
	}
	for _, killed := range []bool{false, true} {
		for _, store := range []string{"ledger", "engine", "outbox"} {
			for _, d := range []struct {
				pattern string
				how     func([]byte) []byte // nil to delete it
			}{
				{"MANIFEST-*", nil},
				{"MANIFEST-*", func(b []byte) []byte { b[10] ^= 1; return b }},
				{"MANIFEST-*", func(b []byte) []byte { return nil }},
				{"MANIFEST-*", func(b []byte) []byte { clear(b); return b }},
				{"marker.manifest.*", nil},
			} {
				copyDir(t, c.path("data"), good)
				if killed {
					for _, store := range []string{c.ledgerDir(), c.engineDir(), c.outboxDir()} {
						unseal(t, store)
					}
				}
				file := glob(filepath.Join(store, d.pattern))
				name := filepath.Base(file)
				if d.how != nil {
					change(t, file, d.how)
				} else {
					if err := os.Remove(file); err != nil {
						t.Fatal(err)
					}
					name, _, _ = strings.Cut(name, ".00")
				}
				if r, err := Check(t.Context(), c, CheckOptions{}); err != nil || !strings.Contains(r.Damage, name) {
					t.Errorf("check, %s of the %s: %+v, %v", d.pattern, store, r, err)
				}
				refuses(t, c, name)
			}
		}
	}
	for _, dir := range []string{c.ledgerDir(), c.engineDir()} {
		copyDir(t, c.path("data"), good)
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if r, err := Check(t.Context(), c, CheckOptions{}); err != nil || !strings.Contains(r.Damage, dir) {
			t.Errorf("check without %s: %+v, %v", dir, r, err)
		}
		if _, err := New(c, Deps{Logger: testLogger(t)}); err == nil || !strings.Contains(err.Error(), dir) {
			t.Errorf("start without %s: %v", dir, err)
		}
		if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s was made: %v", dir, err)
		}
	}
	copyDir(t, c.path("data"), good)
	if r, err := Check(t.Context(), c, CheckOptions{}); err != nil || r.Damage != "" {
		t.Errorf("put right again: %+v, %v", r, err)
	}
	n := run(t, c)
	n.awaitReady(t)
}

// A validator that believes to have signed less than it did would sign there once
// more: whatever bit of a number, a name or a signature in its file is flipped, the
// check names it, and the node does not start.
func TestFlippedBitsOfWhatAValidatorSignedAreFound(t *testing.T) {
	c, _ := stoppedWithTables(t)
	file := c.validatorState()
	whole := mustRead(t, file)
	found, harmless := 0, 0
	for at := range whole {
		for bit := range 8 {
			restore := change(t, file, func(b []byte) []byte { b[at] ^= 1 << bit; return b })
			err := checkValidator(c.validatorFile(), file)
			switch {
			case err == nil && !alike(t, whole, mustRead(t, file)):
				t.Errorf("bit %d of byte %d is flipped and not found:\n%s", bit, at, mustRead(t, file))
			case err == nil:
				harmless++ // white space, or the case of a digit
			case !strings.Contains(err.Error(), file):
				t.Errorf("bit %d of byte %d: %v", bit, at, err)
			default:
				found++
			}
			restore()
		}
	}
	t.Logf("%d found, %d say the same", found, harmless)
	if found < 500 {
		t.Errorf("only %d bits were found", found)
	}
	restore := change(t, file, func(b []byte) []byte { return bytes.Replace(b, []byte(`"round": 0`), []byte(`"round": 1`), 1) })
	defer restore()
	if r, err := Check(t.Context(), c, CheckOptions{}); err != nil || !strings.Contains(r.Damage, file) {
		t.Errorf("check: %+v, %v", r, err)
	}
	if _, err := New(c, Deps{Logger: testLogger(t)}); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("start: %v", err)
	}
}

// A key of which one half is damaged signs what no other node takes: whatever bit of a
// file of keys is flipped, the check names it, and the node does not start.
func TestFlippedBitsOfKeysAreFound(t *testing.T) {
	c, _ := stoppedWithTables(t)
	for _, k := range []struct {
		file string
		read func() (key string, err error)
	}{
		{c.validatorFile(), func() (string, error) {
			var key privval.FilePVKey
			if err := checkValidator(c.validatorFile(), c.validatorState()); err != nil {
				return "", err
			}
			err := cmtjson.Unmarshal(mustRead(t, c.validatorFile()), &key)
			return fmt.Sprintf("%x %x", key.PrivKey.Bytes(), key.PubKey.Bytes()), err
		}},
		{c.nodeKeyFile(), func() (string, error) {
			key, err := loadNodeKey(c.nodeKeyFile())
			if err != nil {
				return "", err
			}
			return fmt.Sprintf("%x", key.PrivKey.Bytes()), nil
		}},
		{c.p2pKeyFile(), func() (string, error) {
			key, err := p2p.LoadKey(c.p2pKeyFile())
			if err != nil {
				return "", err
			}
			raw, err := key.Raw()
			return fmt.Sprintf("%x", raw), err
		}},
	} {
		whole, err := k.read()
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for at := range mustRead(t, k.file) {
			restore := change(t, k.file, func(b []byte) []byte { b[at] ^= 1 << (at % 8); return b })
			switch key, err := k.read(); {
			case err != nil && !strings.Contains(err.Error(), k.file):
				t.Errorf("byte %d: %v", at, err)
			case err != nil:
				found++
			case key != whole:
				t.Errorf("byte %d of %s is changed and not found", at, k.file)
			}
			restore()
		}
		if found < 60 {
			t.Errorf("%s: only %d changes were found", k.file, found)
		}
		seed := bytes.LastIndex(mustRead(t, k.file), []byte(`"value": "`)) + len(`"value": "`)
		if k.file == c.p2pKeyFile() {
			seed = 10 // behind the head of the protobuf message
		}
		restore := change(t, k.file, func(b []byte) []byte { b[seed+2] ^= 1; return b })
		if r, err := Check(t.Context(), c, CheckOptions{}); err != nil || !strings.Contains(r.Damage, k.file) {
			t.Errorf("check: %+v, %v", r, err)
		}
		if _, err := New(c, Deps{Logger: testLogger(t)}); err == nil || !strings.Contains(err.Error(), k.file) {
			t.Errorf("start: %v", err)
		}
		restore()
	}
	n := run(t, c)
	n.awaitReady(t)
}

// alike reports whether two of a validator's files say the same.
func alike(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y privval.FilePVLastSignState
	return cmtjson.Unmarshal(a, &x) == nil && cmtjson.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// The start check reads the indexes of tables, and a crash leaves nothing that it
// takes for damage.
func TestStartNamesADamagedIndexBlock(t *testing.T) {
	c, good := stoppedWithTables(t)
	for _, dir := range []string{c.ledgerDir(), c.engineDir()} {
		tables, err := filepath.Glob(filepath.Join(dir, "*.sst"))
		if err != nil || len(tables) == 0 {
			t.Fatalf("tables %v, %v", tables, err)
		}
		index := tableLayout(t, tables[0]).Index[0]
		change(t, tables[0], func(b []byte) []byte { b[index.Offset+index.Length/2] ^= 1; return b })
		_, err = New(c, Deps{Logger: testLogger(t)})
		if err == nil || !strings.Contains(err.Error(), filepath.Base(tables[0])) {
			t.Errorf("%s: start: %v", tables[0], err)
		}
		copyDir(t, c.path("data"), good)
	}
}

// Files of two nodes, or of two networks, that got into one home.
func TestFilesOfAnotherNodeAreNamed(t *testing.T) {
	c, _ := stoppedWithTables(t)
	other := network(t, 1, nil)[0]
	once(t, other, 0, 1)
	restore := change(t, c.genesisFile(), func([]byte) []byte { return mustRead(t, other.genesisFile()) })
	r, err := Check(t.Context(), c, CheckOptions{})
	if err != nil || !strings.Contains(r.Damage, c.genesisFile()) || !strings.Contains(r.Damage, c.ledgerDir()) {
		t.Errorf("check under another genesis: %+v, %v", r, err)
	}
	if _, err := New(c, Deps{Logger: testLogger(t)}); !errors.Is(err, ledger.ErrOtherNetwork) || !strings.Contains(err.Error(), c.genesisFile()) {
		t.Errorf("start under another genesis: %v", err)
	}
	restore()
	restore = change(t, c.validatorState(), func([]byte) []byte { return mustRead(t, other.validatorState()) })
	if _, err := New(c, Deps{Logger: testLogger(t)}); err == nil || !strings.Contains(err.Error(), c.validatorState()) {
		t.Errorf("start with the signatures of another validator: %v", err)
	}
	restore()
	n := run(t, c)
	n.awaitReady(t)
}
