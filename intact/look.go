package intact

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// manifestMarker is how the name of the empty file begins that says, in the rest of
// it, which manifest the store has.
const manifestMarker = "marker.manifest."

// Look says what is damaged in the files of the store in dir, without opening or
// changing it: a *[Damage], or the error that kept it from being read. A directory that
// is not there, or holds no more than a creation that was cut off, is no damage.
func Look(fs vfs.FS, dir string) error {
	names, err := list(fs, dir)
	if err != nil || len(names) == 0 {
		return err
	}
	if slices.Contains(names, sealName) {
		return checkSeal(fs, dir, names)
	}
	manifest := ""
	for _, name := range names { // in order: a marker with a higher number takes over
		if rest, ok := strings.CutPrefix(name, manifestMarker); ok {
			_, manifest, _ = strings.Cut(rest, ".")
		}
	}
	if manifest == "" {
		for _, name := range names {
			// Of a store that is made the manifest is written first, then the marker.
			if ours(name) && !strings.HasPrefix(name, "MANIFEST-") {
				return &Damage{fs.PathJoin(dir, manifestMarker+"*"), fmt.Sprintf("is missing, and the store has files: %s", name)}
			}
		}
		return nil
	}
	path := fs.PathJoin(dir, manifest)
	if !slices.Contains(names, manifest) {
		return &Damage{path, "is missing"}
	}
	b, err := read(fs, path)
	if err != nil {
		return err
	}
	if what := checkManifest(b); what != "" {
		return &Damage{path, what}
	}
	return nil
}

// Open is [Look] for whoever is about to write to the store: it takes the seal away.
func Open(fs vfs.FS, dir string) error {
	if err := Look(fs, dir); err != nil {
		return err
	}
	sealed, err := Sealed(fs, dir)
	if err != nil || !sealed {
		return err
	}
	if err := fs.Remove(fs.PathJoin(dir, sealName)); err != nil {
		return fmt.Errorf("open the seal of %s: %w", dir, err)
	}
	return syncDir(fs, dir) // or a power loss would bring it back over what is written now
}

// Holds tells whether there is a store in dir, be it damaged.
func Holds(fs vfs.FS, dir string) (bool, error) {
	names, err := list(fs, dir)
	return slices.ContainsFunc(names, ours), err
}

// ours tells the files that Pebble reads when it opens a store.
func ours(name string) bool {
	for _, prefix := range []string{"MANIFEST-", "OPTIONS-", "marker."} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return strings.HasSuffix(name, ".log") || table(name)
}

// table tells files whose contents carry checksums.
func table(name string) bool {
	return strings.HasSuffix(name, ".sst") || strings.HasSuffix(name, ".blob")
}

// list names the files in dir, sorted; none when it is not there.
func list(fs vfs.FS, dir string) ([]string, error) {
	names, err := fs.List(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", dir, err)
	}
	slices.Sort(names)
	return names, nil
}

func read(fs vfs.FS, path string) ([]byte, error) {
	f, err := fs.Open(path)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(f)
	return b, errors.Join(err, f.Close())
}

func syncDir(fs vfs.FS, dir string) error {
	d, err := fs.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
