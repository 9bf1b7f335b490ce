package identity_test

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/identity"
)

func TestBundlesFitAndKeepOrder(t *testing.T) {
	key, err := identity.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	filler := bytes.Repeat([]byte("x"), identity.MaxRecordBytes)
	rapid.Check(t, func(t *rapid.T) {
		var records [][]byte
		for range rapid.IntRange(0, 1500).Draw(t, "count") {
			records = append(records, filler[:1+(len(records)*7919)%200])
		}
		for range rapid.IntRange(0, 6).Draw(t, "large") {
			records = append(records, filler[:rapid.IntRange(1, identity.MaxRecordBytes).Draw(t, "size")])
		}
		var joined [][]byte
		for _, bundle := range identity.Bundles(records) {
			joined = append(joined, bundle...)
			e := identity.NewEnvelope(identity.Network{}, "epcis", key.Address(), 1, bundle)
			if err := key.SignEnvelope(e); err != nil {
				t.Fatalf("a bundle of %d records: %v", len(bundle), err)
			}
			if _, err := e.Encode(); err != nil {
				t.Fatalf("a bundle of %d records: %v", len(bundle), err)
			}
		}
		if len(joined) != len(records) {
			t.Fatalf("%d records became %d", len(records), len(joined))
		}
		for i := range joined {
			if !bytes.Equal(joined[i], records[i]) {
				t.Fatalf("record %d changed", i)
			}
		}
	})
}

func TestBundlesAreFew(t *testing.T) {
	big := bytes.Repeat([]byte{'x'}, identity.MaxRecordBytes)
	many := make([][]byte, 2500)
	for i := range many {
		many[i] = []byte("{}")
	}
	for name, c := range map[string]struct {
		records [][]byte
		want    []int
	}{
		"none":     {nil, nil},
		"one":      {many[:1], []int{1}},
		"by count": {many, []int{1000, 1000, 500}},
		"by size":  {[][]byte{big, big, big, big, []byte("{}")}, []int{3, 2}},
	} {
		var got []int
		for _, bundle := range identity.Bundles(c.records) {
			got = append(got, len(bundle))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: bundles of %v records, want %v", name, got, c.want)
		}
	}
}
