package proof

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
)

// golden holds v to testdata/name as indented JSON; -update writes it. Verifiers
// in other languages read the same files.
func golden(t *testing.T, name string, v any) {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	b = append(b, '\n')
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b, want) {
		t.Errorf("%s differs; -update and read the diff", path)
	}
}
