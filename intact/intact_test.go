package intact

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/record"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// manifest writes records as Pebble writes those of a manifest, one of them longer
// than a block.
func manifest(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	w := record.NewWriter(&b)
	for i, size := range []int{40, 300, 40_000, 7, 120} {
		if _, err := w.WriteRecord(bytes.Repeat([]byte{byte(i + 1)}, size)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAnyFlippedBitOfAManifestIsFound(t *testing.T) {
	good := manifest(t)
	if what := checkManifest(good); what != "" {
		t.Fatal(what)
	}
	step := 1
	for at := 0; at < len(good); at += step {
		for bit := range 8 {
			b := slices.Clone(good)
			b[at] ^= 1 << bit
			if checkManifest(b) == "" {
				t.Errorf("byte %d of %d, bit %d", at, len(good), bit)
			}
		}
		step = 1
		if at > 400 && at < 40_000 {
			step = 997
		}
	}
}

// What a power loss leaves of the last write is no damage: Pebble goes on before it.
func TestACutOffWriteIsNoDamage(t *testing.T) {
	good := manifest(t)
	last := len(good) - 120 - chunkHeadLen
	for cut := last; cut <= len(good); cut++ {
		if what := checkManifest(good[:cut]); what != "" {
			t.Errorf("cut off at %d of %d: %s", cut, len(good), what)
		}
		b := slices.Clone(good)
		clear(b[cut:])
		if n := len(good) - cut; n == 1 {
			continue // a lost byte that was written
		}
		if what := checkManifest(b); what != "" {
			t.Errorf("zeros from %d of %d on: %s", cut, len(good), what)
		}
	}
	for _, b := range [][]byte{nil, make([]byte, 100), good[:20]} {
		if checkManifest(b) == "" {
			t.Errorf("%d bytes without a record are no damage", len(b))
		}
	}
}

func TestASealKnowsEveryFile(t *testing.T) {
	fs := vfs.NewMem()
	if err := Open(fs, "db"); err != nil {
		t.Fatalf("no store: %v", err)
	}
	write := func(name, text string) {
		t.Helper()
		f, err := fs.Create(fs.PathJoin("db", name), vfs.WriteCategoryUnspecified)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	o := &pebble.Options{FS: fs, FormatMajorVersion: pebble.FormatNewest, Logger: quiet{}}
	db, err := pebble.Open("db", o)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Set([]byte("k"), []byte("v"), pebble.Sync), db.Flush(), db.Set([]byte("l"), []byte("v"), pebble.Sync)); err != nil {
		t.Fatal(err)
	}
	if err := (Store{DB: db, Options: o, Dir: "db"}).Tables(t.Context(), true, nil); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Close(), Close(fs, "db")); err != nil {
		t.Fatal(err)
	}
	names, err := list(fs, "db")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !ours(name) {
			continue
		}
		path := fs.PathJoin("db", name)
		good, err := read(fs, path)
		if err != nil {
			t.Fatal(err)
		}
		for what, change := range map[string]func(){
			"missing": func() { err = fs.Remove(path) },
			"longer":  func() { write(name, string(good)+"x") },
		} {
			change()
			var damage *Damage
			if look := Look(fs, "db"); err != nil || !errors.As(look, &damage) || damage.File != path {
				t.Errorf("%s %s: %v, %v", name, what, look, err)
			}
			write(name, string(good))
		}
	}
	write("000999.log", "") // Pebble would read it
	if err := Look(fs, "db"); err == nil || !strings.Contains(err.Error(), "000999.log") {
		t.Errorf("a file more: %v", err)
	}
	if err := fs.Remove(fs.PathJoin("db", "000999.log")); err != nil {
		t.Fatal(err)
	}
	write("notes.txt", "an operator's")
	if err := Open(fs, "db"); err != nil {
		t.Errorf("put right again: %v", err)
	}
	if sealed, err := Sealed(fs, "db"); err != nil || sealed {
		t.Errorf("opened, and sealed: %v, %v", sealed, err)
	}
	if db, err = pebble.Open("db", o); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// A creation that a crash cut off before the store's marker is gone over again.
func TestAHalfMadeStoreIsNoDamage(t *testing.T) {
	fs := vfs.NewMem()
	if err := fs.MkdirAll("db", 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"LOCK", "MANIFEST-000001"} {
		f, err := fs.Create(fs.PathJoin("db", name), vfs.WriteCategoryUnspecified)
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if err := Look(fs, "db"); err != nil {
		t.Error(err)
	}
}

type quiet struct{}

func (quiet) Infof(string, ...any)           {}
func (quiet) Errorf(string, ...any)          {}
func (quiet) Fatalf(format string, a ...any) { panic(fmt.Sprintf(format, a...)) }
