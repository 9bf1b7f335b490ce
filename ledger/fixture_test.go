package ledger

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// network is a genesis with its members' keys, the same on every run.
type network struct {
	genesis *identity.Genesis
	keys    []*identity.Key
	orgs    []string
}

func newNetwork(t testing.TB, salt string) *network {
	t.Helper()
	n := &network{}
	var orgs []identity.Organisation
	for i, gln := range []string{"0614141000005", "4012345000009"} {
		k, err := identity.ParseKey(fmt.Sprintf("0x%064x", i+1))
		if err != nil {
			t.Fatal(err)
		}
		id := "https://id.gs1.org/417/" + gln
		n.keys, n.orgs = append(n.keys, k), append(n.orgs, id)
		orgs = append(orgs, identity.Organisation{
			ID: id, Name: "Member " + salt, Country: "NL", Roles: []identity.Role{identity.Producer},
			Prefixes: []string{gln[:7]}, Keys: []string{identity.FormatPublicKey(k.PublicKey())},
		})
	}
	doc, err := json.Marshal(map[string]any{
		"genesis_time": "2026-01-01T00:00:00Z", "chain_id": "", "initial_height": "1", "app_hash": "",
		"app_state": map[string]any{"organisations": orgs, "parameters": identity.DefaultParameters()},
	})
	if err != nil {
		t.Fatal(err)
	}
	// encoding/json writes no space after a colon; any form will do.
	if doc, err = identity.SealGenesis(doc); err != nil {
		t.Fatal(err)
	}
	if n.genesis, err = identity.ParseGenesis(doc); err != nil {
		t.Fatal(err)
	}
	return n
}

// envelope signs records as member who.
func (n *network) envelope(t testing.TB, who int, records ...[]byte) *identity.Envelope {
	t.Helper()
	e := identity.NewEnvelope(n.genesis.Network, string(epcis.KindEvent), n.keys[who].Address(), 1<<40, records)
	if err := n.keys[who].SignEnvelope(e); err != nil {
		t.Fatal(err)
	}
	return e
}

// judged is what a contract would say of one record.
type judged struct {
	findings    []trace.Finding
	touches     []trace.Key
	states      []State
	contentHash string
	eventID     string
}

var rejection = []trace.Finding{{Severity: trace.Reject, Rule: "C1", Version: 1, Code: 101, Title: "no",
	Facts: []trace.Fact{{Name: "item", Value: "x"}}}}

var flagging = []trace.Finding{{Severity: trace.Info, Rule: "A6", Version: 1, Code: 603, Title: "a figure"},
	{Severity: trace.Flag, Rule: "A5", Version: 1, Code: 502, Title: "late", Next: "look"}}

// appendAll appends the envelope's records with what verdict says of each.
func (n *network) appendAll(t testing.TB, b *Block, who int, e *identity.Envelope, verdict func(i int) judged) []uint64 {
	t.Helper()
	var seqs []uint64
	id := e.ID()
	for i, r := range e.Records {
		v := verdict(i)
		seq, err := b.Append(Append{
			Envelope: e, EnvelopeID: id, Index: uint32(i), Kind: epcis.Kind(e.Kind), Organisation: n.orgs[who],
			Bytes: r, RecordHash: identity.RecordHash(r), Findings: v.findings, Touches: v.touches,
			States: v.states, ContentHash: v.contentHash, EventID: v.eventID,
		})
		if err != nil {
			t.Fatal(err)
		}
		seqs = append(seqs, seq)
	}
	return seqs
}

func open(t testing.TB, fs vfs.FS) *Ledger {
	t.Helper()
	l, err := Open(Config{Dir: "ledger", FS: fs, CacheBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// openAt opens a ledger that has genesis, and closes it with the test.
func (n *network) openAt(t testing.TB, fs vfs.FS) *Ledger {
	t.Helper()
	l := open(t, fs)
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := l.InitGenesis(n.genesis); err != nil {
		t.Fatal(err)
	}
	return l
}

func begin(t testing.TB, l *Ledger) *Block {
	t.Helper()
	h := l.Roots().Height + 1
	b, err := l.Begin(h, epcis.Instant{Seconds: 1_800_000_000 + int64(h)})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func commit(t testing.TB, b *Block) {
	t.Helper()
	if err := b.Commit(); err != nil {
		t.Fatal(err)
	}
}

func item(i int) trace.Key { return trace.Key{NS: trace.NSItem, ID: fmt.Sprintf("item-%d", i)} }

func record(s string) []byte { return []byte(`{"type":"ObjectEvent","note":"` + s + `"}`) }

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; after a deliberate change of format, run with -update. Got:\n%s", path, got)
	}
}
