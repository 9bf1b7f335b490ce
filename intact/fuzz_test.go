package intact

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// chunk is a payload as a manifest holds it.
func chunk(payload []byte) []byte {
	out := make([]byte, chunkHeadLen, chunkHeadLen+len(payload))
	binary.LittleEndian.PutUint16(out[4:], uint16(len(payload)))
	out[6] = 1
	out = append(out, payload...)
	c := crc32.Checksum(out[6:], castagnoli)
	binary.LittleEndian.PutUint32(out, c>>15|c<<17+0xa282ead8)
	return out
}

// No bytes make the reader of manifests panic. One that is whole is whole, also when a
// power loss has left zeros behind it, and its first record is missed when it has changed.
func FuzzCheckManifest(f *testing.F) {
	f.Add([]byte("first"), []byte("second"))
	f.Add([]byte{}, []byte{0})
	f.Add(chunk([]byte("within")), bytes.Repeat([]byte{0}, 40))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		_ = checkManifest(a)
		a, b = a[:min(len(a), 10_000)], b[:min(len(b), 10_000)]
		manifest := append(chunk(a), chunk(b)...)
		if wrong := checkManifest(manifest); wrong != "" {
			t.Fatalf("%x and %x: %s", a, b, wrong)
		}
		if wrong := checkManifest(append(bytes.Clone(manifest), make([]byte, 300)...)); wrong != "" {
			t.Fatalf("%x and %x before zeros: %s", a, b, wrong)
		}
		manifest[0] ^= 1
		if checkManifest(manifest) == "" {
			t.Fatalf("%x and %x: a flipped bit of the first is not found", a, b)
		}
	})
}

// No list of a store's files makes its reader panic, and none but the one that was
// written passes.
func FuzzCheckSeal(f *testing.F) {
	fs := vfs.NewMem()
	write := func(name string, b []byte) {
		w, err := fs.Create(name, vfs.WriteCategoryUnspecified)
		if err == nil {
			_, err = w.Write(b)
		}
		if err != nil || w.Close() != nil {
			f.Fatal(err)
		}
	}
	write("MANIFEST-000001", chunk([]byte("record")))
	if err := Close(fs, ""); err != nil {
		f.Fatal(err)
	}
	good, err := read(fs, sealName)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add(append(bytes.Clone(good), '\n'))
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, seal []byte) {
		write(sealName, seal)
		names, err := list(fs, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := checkSeal(fs, "", names); (err == nil) != bytes.Equal(seal, good) {
			t.Fatalf("%q: %v", seal, err)
		}
	})
}
