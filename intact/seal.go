package intact

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// The seal is lines of text: sealHead, then for each file its SHA-256 in hex, or "-"
// for a table, its size and its name, then the SHA-256 of all lines before.
const (
	sealName = "SEAL"
	sealHead = "waymark store seal 1"
)

// Close seals the store in dir, which Pebble has closed.
func Close(fs vfs.FS, dir string) error {
	// A file that Pebble has deleted must not come back under the seal after a power loss.
	if err := syncDir(fs, dir); err != nil {
		return fmt.Errorf("seal %s: %w", dir, err)
	}
	names, err := list(fs, dir)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	fmt.Fprintln(&b, sealHead)
	for _, name := range names {
		if !ours(name) {
			continue
		}
		sum, size, err := measure(fs, dir, name)
		if err != nil {
			return fmt.Errorf("seal %s: %w", dir, err)
		}
		fmt.Fprintf(&b, "%s %d %s\n", sum, size, name)
	}
	sum := sha256.Sum256(b.Bytes())
	fmt.Fprintln(&b, hex.EncodeToString(sum[:]))
	if err := place(fs, dir, b.Bytes()); err != nil {
		return fmt.Errorf("seal %s: %w", dir, err)
	}
	return nil
}

// place writes the seal as a whole or not at all.
func place(fs vfs.FS, dir string, seal []byte) error {
	draft := fs.PathJoin(dir, sealName+".new")
	f, err := fs.Create(draft, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = f.Write(seal)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := fs.Rename(draft, fs.PathJoin(dir, sealName)); err != nil {
		return err
	}
	return syncDir(fs, dir)
}

// checkSeal compares the files of a store that was closed with its seal.
func checkSeal(fs vfs.FS, dir string, names []string) error {
	seal, err := read(fs, fs.PathJoin(dir, sealName))
	if err != nil {
		return err
	}
	broken := &Damage{fs.PathJoin(dir, sealName), "the list of the store's files is not the one that was written"}
	lines, found := strings.CutSuffix(string(seal), "\n")
	last := strings.LastIndexByte(lines, '\n') + 1
	sum := sha256.Sum256(seal[:last])
	if !found || lines[last:] != hex.EncodeToString(sum[:]) {
		return broken
	}
	lines, found = strings.CutPrefix(lines[:last], sealHead+"\n")
	if !found {
		return broken
	}
	sealed := map[string]bool{}
	for line := range strings.Lines(lines) {
		var want, name string
		var size int64
		if _, err := fmt.Sscanf(line, "%s %d %s\n", &want, &size, &name); err != nil {
			return broken
		}
		sealed[name] = true
		path := fs.PathJoin(dir, name)
		if !slices.Contains(names, name) {
			return &Damage{path, "is missing"}
		}
		got, have, err := measure(fs, dir, name)
		switch {
		case err != nil:
			return err
		case have != size:
			return &Damage{path, "has " + strconv.FormatInt(have, 10) + " bytes, had " + strconv.FormatInt(size, 10) + " when the store was closed"}
		case got != want:
			return &Damage{path, "has changed since the store was closed: its SHA-256 is " + got + ", was " + want}
		}
	}
	for _, name := range names {
		if ours(name) && !sealed[name] {
			return &Damage{fs.PathJoin(dir, name), "was not there when the store was closed"}
		}
	}
	return nil
}

// measure is the size of a file and, unless it is a table, its hash.
func measure(fs vfs.FS, dir, name string) (sum string, size int64, err error) {
	path := fs.PathJoin(dir, name)
	if table(name) {
		info, err := fs.Stat(path)
		if err != nil {
			return "", 0, err
		}
		return "-", info.Size(), nil
	}
	f, err := fs.Open(path)
	if err != nil {
		return "", 0, err
	}
	h := sha256.New()
	size, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), size, errors.Join(err, f.Close())
}

// Sealed tells whether the store in dir was closed after it was last written to.
func Sealed(fs vfs.FS, dir string) (bool, error) {
	_, err := fs.Stat(fs.PathJoin(dir, sealName))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
