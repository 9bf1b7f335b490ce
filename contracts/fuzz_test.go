package contracts_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
)

// No record, by whoever signed it, makes the rules fail or overstep what they
// declare, the first time or after others that name the same things; and a verdict
// never depends on what was judged for another ledger.
func FuzzJudge(f *testing.F) {
	kinds := []epcis.Kind{epcis.KindEvent, epcis.KindCertificate, epcis.KindMasterData, epcis.KindCustoms, epcis.KindGovernance}
	for _, body := range fuzzSeeds(f) {
		for i := range kinds {
			if _, err := epcis.Decode(kinds[i], body); err == nil {
				f.Add(byte(i), byte(len(body)), body, body)
			}
		}
	}
	members := []string{"exporter", "roaster", "certifier", "accreditor", "customs"}
	f.Fuzz(func(t *testing.T, kind, who byte, first, second []byte) {
		m := newMemory()
		m.time = epcis.Instant{Seconds: 1_780_000_000}
		for i, o := range []identity.Organisation{
			{Roles: []identity.Role{identity.Trader}, Prefixes: []string{"9521102", "0614141"}},
			{Roles: []identity.Role{identity.Manufacturer, identity.Retailer}, Prefixes: []string{"9521104", "4012345"}},
			{Roles: []identity.Role{identity.Certifier}, Prefixes: []string{"9521106"}, Schemes: []string{"https://example.org/organic"}},
			{Roles: []identity.Role{identity.Accreditor}, Prefixes: []string{"9521107"}, Schemes: []string{"https://example.org/organic"}},
			{Roles: []identity.Role{identity.CustomsOf("DE")}, Prefixes: []string{"9521105"}},
		} {
			o.ID, o.Name = partyID(o.Prefixes[0]), members[i]
			m.admit(o.Name, o, identity.Active, identity.Active)
		}
		for i, body := range [][]byte{first, second, first} {
			k := kinds[int(kind>>(2*i))%len(kinds)]
			m.judge(t, members[(int(who)+i)%len(members)], k, body)
			m.time.Seconds += int64(who) * 3600
		}
	})
}

// fuzzSeeds are the documents' events, the scripts' records and the examples.
func fuzzSeeds(f *testing.F) [][]byte {
	var seeds [][]byte
	for _, dir := range []string{filepath.Join("..", "epcis", "testdata", "documents"), filepath.Join("..", "docs", "examples")} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.Contains(filepath.Ext(path), "json") {
				return err
			}
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			seeds = append(seeds, b)
			if document, err := epcis.Split(b); err == nil {
				seeds = append(append(seeds, document.Events...), document.MasterData...)
			}
			return nil
		})
		if err != nil {
			f.Fatal(err)
		}
	}
	return append(seeds, scriptRecords(f)...)
}

// scriptRecords are the records of all scripts, as they are judged there.
func scriptRecords(f *testing.F) [][]byte {
	files, err := filepath.Glob(filepath.Join("testdata", "*.txt"))
	if err != nil {
		f.Fatal(err)
	}
	var records [][]byte
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		s := &script{memory: newMemory()}
		for line := range strings.Lines(string(b)) {
			line = strings.TrimSpace(line)
			word, rest, _ := strings.Cut(line, " ")
			if word == "let" || word == "time" {
				_ = s.line(nil, line)
				continue
			}
			for _, let := range s.lets {
				rest = strings.ReplaceAll(rest, let[0], let[1])
			}
			kind, body, ok := strings.Cut(rest, " {")
			if ok && s.compose(kind, "{"+body) == nil {
				records = append(records, s.record)
			}
		}
	}
	return records
}
