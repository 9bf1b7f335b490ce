package epcis

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// everyRecord is every event of the test documents, and broken ones.
func everyRecord(t testing.TB) [][]byte {
	t.Helper()
	records := [][]byte{[]byte(loadEvent), []byte(oneKilobyte)}
	err := filepath.WalkDir("testdata/documents", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".json") && !strings.HasSuffix(path, ".jsonld") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if document, err := Split(b); err == nil {
			records = append(records, document.Events...)
			records = append(records, document.MasterData...)
		}
		records = append(records, b)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records[:len(records):len(records)] {
		for _, n := range [3]int{len(r) / 3, len(r) / 2, len(r) - 1} {
			records = append(records, r[:n], append(append([]byte{}, r[:n]...), r[n+1:]...))
		}
	}
	return records
}

func dump(t testing.TB, r *Record, err error) string {
	t.Helper()
	if err != nil {
		return err.Error()
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A decoder that has read other records must read the next one as a new one
// does, and leave alone what it returned before.
func TestDecoderForgets(t *testing.T) {
	type reading struct {
		record *Record
		err    error
		want   string
	}
	var readings []reading
	var d Decoder
	passing := Decoder{Passing: true}
	good := 0
	for _, b := range everyRecord(t) {
		for _, kind := range [2]Kind{KindEvent, KindMasterData} {
			fresh, err := DecodeHashed(kind, b)
			if err == nil {
				good++
			}
			r := reading{want: dump(t, fresh, err)}
			r.record, r.err = d.DecodeHashed(kind, b)
			readings = append(readings, r)
			passes, err := passing.DecodeHashed(kind, b)
			if got := dump(t, passes, err); got != r.want {
				t.Fatalf("read in passing as\n%s\nbut alone as\n%s", got, r.want)
			}
			if fresh != nil && fresh.Event != nil {
				if hash, err := EventHash(b); err != nil || hash != fresh.ContentHash {
					t.Errorf("hash %s, %v of\n%s", fresh.ContentHash, err, b)
				}
			}
		}
	}
	if good < 20 {
		t.Fatalf("only %d records decode", good)
	}
	for _, r := range readings {
		if got := dump(t, r.record, r.err); got != r.want {
			t.Fatalf("read as\n%s\nbut alone as\n%s", got, r.want)
		}
	}
}

// A huge record must not leave its slabs to the small ones behind it.
func TestDecoderStaysSmall(t *testing.T) {
	var d Decoder
	for _, huge := range []string{strings.Repeat("1,", 60_000) + "1", strings.Repeat(`{"a":1},`, 20_000) + "1"} {
		if _, err := d.Decode(KindEvent, []byte(`{"@context":"`+ContextURL+`","x:y":[`+huge+`]}`)); err == nil {
			t.Fatal("an event without a type")
		}
		if _, err := d.DecodeHashed(KindEvent, []byte(loadEvent)); err != nil {
			t.Fatal(err)
		}
		p := &d.parser
		if n := max(cap(p.values), cap(p.objects), cap(p.members), cap(p.items), cap(p.openMembers), cap(p.openItems)); n > maxSlab {
			t.Errorf("%d entries are kept", n)
		}
	}
}
