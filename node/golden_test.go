package node

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/ledger"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// The golden chain is what went into the lanes' blocks, which stays as it is whatever the
// rules become, and what came of it, which -update writes again.
const (
	goldenChain    = "lanes.json.gz"
	goldenVerdicts = "lanes.verdicts.json"
)

var rechain = flag.Bool("chain", false, "with -update, write the golden chain from the lanes as well")

// chain is a genesis document and the blocks that were decided after it.
type chain struct {
	Genesis []byte       `json:"genesis"`
	Blocks  []chainBlock `json:"blocks"` // from height 1
}

type chainBlock struct {
	Time         time.Time `json:"time"`
	Transactions [][]byte  `json:"transactions"`
	About        []string  `json:"about"` // of each envelope in them: its lane and act
}

// goldenBlock is what came of a block.
type goldenBlock struct {
	Height  uint64         `json:"height"`
	Codes   []Code         `json:"codes,omitempty"`   // of each envelope: whether the block admits it
	Records []goldenRecord `json:"records,omitempty"` // of those it admits
	AppHash identity.Hash  `json:"appHash"`
	MapRoot identity.Hash  `json:"mapRoot"`
	LogRoot identity.Hash  `json:"logRoot"`
}

type goldenRecord struct {
	Seq      uint64   `json:"seq"`
	About    string   `json:"about"`
	Findings []string `json:"findings,omitempty"`
}

// The lanes with their faults, as blocks that were once decided, are judged as they were
// and leave the roots that they left, at every height: on one processor and on two,
// whatever is cached, and however a block's envelopes are cut into transactions. Where verdicts change on purpose, -update writes those that are
// now, and the diff says which changed.
func TestGoldenChain(t *testing.T) {
	if *update {
		updateGolden(t)
	}
	c := readChain(t)
	var want []goldenBlock
	golden, err := os.ReadFile(filepath.Join("testdata", goldenVerdicts))
	if err == nil {
		err = json.Unmarshal(golden, &want)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, cores := range []int{1, 2} {
		for _, caches := range []ledger.Config{{}, {CacheBytes: 64 << 10, MapBytes: 1}} {
			runtime.GOMAXPROCS(cores)
			cut, cuts := c, "as they were decided"
			if cores > 1 {
				cut, cuts = c.oneByOne(t), "each envelope in a transaction of its own"
			}
			got, l := cut.play(t, caches)
			how := fmt.Sprintf("on %d processors, with caches of %d and %d bytes (0 for the defaults), %s", cores, caches.CacheBytes, caches.MapBytes, cuts)
			if otherwise := firstDifference(got, want); otherwise != "" {
				t.Fatalf("%s: %s\nIf that is meant: go test ./node -run GoldenChain -update, and read the diff", how, otherwise)
			}
			report, err := ReplayLedger(t.Context(), l, c.genesis(t), ReplayOptions{})
			if err != nil || report.Changed != 0 || report.Records != l.Roots().LogSize {
				t.Fatalf("%s: a replay of what was judged: %+v, %v", how, report, err)
			}
		}
	}
}

// firstDifference says where what came of a chain first differs from what came of it
// before, "" where it does not.
func firstDifference(got, want []goldenBlock) string {
	if len(got) != len(want) {
		return fmt.Sprintf("%d blocks instead of %d", len(got), len(want))
	}
	for i := range got {
		g, w := &got[i], &want[i]
		if !slices.Equal(g.Codes, w.Codes) {
			return fmt.Sprintf("height %d: envelopes are admitted with %v instead of %v", w.Height, g.Codes, w.Codes)
		}
		for j := range min(len(g.Records), len(w.Records)) {
			if text := otherFinding(g.Records[j].Findings, w.Records[j].Findings); text != "" {
				return fmt.Sprintf("height %d, record %d (%s): %s", w.Height, w.Records[j].Seq, w.Records[j].About, text)
			}
		}
		switch {
		case len(g.Records) != len(w.Records):
			return fmt.Sprintf("height %d: %d records instead of %d", w.Height, len(g.Records), len(w.Records))
		case g.LogRoot != w.LogRoot:
			return fmt.Sprintf("height %d: every verdict is the same, and the log root is another one", w.Height)
		case g.MapRoot != w.MapRoot:
			return fmt.Sprintf("height %d%s: every verdict is the same, and the map root is another one: a state has other bytes", w.Height, w.span())
		case g.AppHash != w.AppHash:
			return fmt.Sprintf("height %d: the roots are the same, and the app hash is another one", w.Height)
		}
	}
	return ""
}

// span names the records of a block.
func (b *goldenBlock) span() string {
	if len(b.Records) == 0 {
		return ""
	}
	first, last := b.Records[0], b.Records[len(b.Records)-1]
	return fmt.Sprintf(", records %d (%s) to %d (%s)", first.Seq, first.About, last.Seq, last.About)
}

// otherFinding names the rule of the first finding that is another one.
func otherFinding(got, want []string) string {
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			return fmt.Sprintf("rule %s no longer finds\n  %s", ruleOf(want[i]), want[i])
		case i >= len(want):
			return fmt.Sprintf("rule %s finds as well\n  %s", ruleOf(got[i]), got[i])
		case got[i] == want[i]:
		case ruleOf(got[i]) == ruleOf(want[i]):
			return fmt.Sprintf("rule %s finds\n  %s\ninstead of\n  %s", ruleOf(got[i]), got[i], want[i])
		default:
			return fmt.Sprintf("rules %s and %s differ: there is\n  %s\ninstead of\n  %s", ruleOf(got[i]), ruleOf(want[i]), got[i], want[i])
		}
	}
	return ""
}

// told is all that a finding says: "FLAG C1 1104: born after it was first named; item: …
// (record 7); next: …".
func told(f trace.Finding) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s %d: %s", f.Severity, f.Rule, f.Code, f.Title)
	for _, fact := range f.Facts {
		fmt.Fprintf(&text, "; %s: %s", fact.Name, fact.Value)
		if fact.Seq != nil {
			fmt.Fprintf(&text, " (record %d)", *fact.Seq)
		}
	}
	if f.Next != "" {
		fmt.Fprintf(&text, "; next: %s", f.Next)
	}
	return text.String()
}

func ruleOf(told string) string { return strings.Fields(told)[1] }

// What a golden chain says when verdicts change is where to look first.
func TestGoldenChainNamesTheFirstDifference(t *testing.T) {
	const finding, other = "FLAG C1 1104: born later; item: i", "FLAG C1 1104: born later; item: j"
	played := func() []goldenBlock {
		return []goldenBlock{
			{Height: 1, Codes: []Code{CodeAdmitted}, Records: []goldenRecord{{Seq: 0, About: "coffee: picks"}}},
			{Height: 2, Codes: []Code{CodeAdmitted}, Records: []goldenRecord{{Seq: 1, About: "tuna: lands", Findings: []string{finding, "INFO W1 2301: spent"}}}},
		}
	}
	for name, c := range map[string]struct {
		spoil func(got []goldenBlock)
		want  []string
	}{
		"nothing": {func([]goldenBlock) {}, nil},
		"a fact": {func(got []goldenBlock) { got[1].Records[0].Findings[0] = other },
			[]string{"height 2, record 1 (tuna: lands): rule C1 finds", finding, other}},
		"a finding is gone": {func(got []goldenBlock) { got[1].Records[0].Findings = got[1].Records[0].Findings[:1] },
			[]string{"height 2, record 1", "rule W1 no longer finds"}},
		"a finding is new": {func(got []goldenBlock) { got[0].Records[0].Findings = []string{finding} },
			[]string{"height 1, record 0 (coffee: picks): rule C1 finds as well"}},
		"another rule": {func(got []goldenBlock) { got[1].Records[0].Findings[1] = "LOCK K5 3501: recalled" },
			[]string{"height 2, record 1", "rules K5 and W1 differ"}},
		"a record": {func(got []goldenBlock) { got[1].Records = nil }, []string{"height 2: 0 records instead of 1"}},
		"a block":  {func(got []goldenBlock) { got[1].Codes[0] = CodeExpired }, []string{"height 2: envelopes are admitted"}},
		"a state":  {func(got []goldenBlock) { got[0].MapRoot[0]++; got[0].AppHash[0]++ }, []string{"height 1, records 0 (coffee: picks) to 0", "map root"}},
		"an entry": {func(got []goldenBlock) { got[0].LogRoot[0]++; got[0].AppHash[0]++ }, []string{"height 1", "log root"}},
	} {
		got := played()
		c.spoil(got)
		text := firstDifference(got, played())
		if (text == "") != (c.want == nil) {
			t.Errorf("%s: %q", name, text)
		}
		for _, part := range c.want {
			if !strings.Contains(text, part) {
				t.Errorf("%s: %q does not say %q", name, text, part)
			}
		}
	}
}

func (c *chain) genesis(t *testing.T) *identity.Genesis {
	t.Helper()
	g, err := identity.ParseGenesis(c.Genesis)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// oneByOne is the chain with every envelope in a transaction of its own.
func (c *chain) oneByOne(t *testing.T) *chain {
	t.Helper()
	cut := &chain{Genesis: c.Genesis}
	for _, b := range c.Blocks {
		var txs [][]byte
		for _, tx := range b.Transactions {
			for _, wire := range unpacked(t, tx) {
				txs = append(txs, packed(t, wire))
			}
		}
		cut.Blocks = append(cut.Blocks, chainBlock{b.Time, txs, b.About})
	}
	return cut
}

// play has the application decide the chain's blocks on a ledger with such caches.
func (c *chain) play(t *testing.T, config ledger.Config) (blocks []goldenBlock, l *ledger.Ledger) {
	t.Helper()
	g := c.genesis(t)
	config.Dir, config.FS = "ledger", vfs.NewMem()
	l, err := ledger.Open(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := l.InitGenesis(g); err != nil {
		t.Fatal(err)
	}
	r := rules{network: g.Network, parameters: g.Parameters, memo: newMemo(1 << 20)}
	a, err := newApp(r, g, l, newPool(DefaultConfig("").Pool), &gate{}, 0, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range c.Blocks {
		height := uint64(i + 1)
		first := l.Roots().LogSize
		decided, err := a.FinalizeBlock(context.Background(), &abci.RequestFinalizeBlock{Height: int64(height), Time: b.Time, Txs: b.Transactions})
		if err == nil {
			_, err = a.Commit(context.Background(), &abci.RequestCommit{})
		}
		if err != nil {
			t.Fatalf("height %d: %v", height, err)
		}
		roots := l.Roots()
		if !bytes.Equal(decided.AppHash, roots.AppHash[:]) {
			t.Fatalf("height %d: %x was decided, %s committed", height, decided.AppHash, roots.AppHash)
		}
		came := goldenBlock{Height: height, Codes: codesOf(t, decided.TxResults),
			AppHash: roots.AppHash, MapRoot: roots.MapRoot, LogRoot: roots.LogRoot}
		came.Records = recordsFrom(t, l, first, came.Codes, b.About)
		blocks = append(blocks, came)
	}
	return blocks, l
}

// codesOf are the codes of a block's envelopes.
func codesOf(t *testing.T, results []*abci.ExecTxResult) (codes []Code) {
	t.Helper()
	for _, r := range results {
		var batch []outcome
		if err := identity.UnmarshalStrict(r.Data, &batch); err != nil {
			t.Fatal(err)
		}
		for _, o := range batch {
			codes = append(codes, o.Code)
		}
	}
	return codes
}

// recordsFrom are the records that a block brought, from a seq on.
func recordsFrom(t *testing.T, l *ledger.Ledger, first uint64, codes []Code, about []string) (list []goldenRecord) {
	t.Helper()
	s := l.Snapshot()
	defer s.Close()
	envelope, last := -1, identity.Hash{}
	err := s.Range(first, s.Roots().LogSize, func(j *ledger.Judged) error {
		if j.Entry.Envelope != last {
			last = j.Entry.Envelope
			for envelope++; codes[envelope] != CodeAdmitted; envelope++ {
			}
		}
		findings, err := proof.DecodeFindings(j.Findings)
		record := goldenRecord{Seq: j.Entry.Seq, About: about[envelope]}
		for _, f := range findings {
			record.Findings = append(record.Findings, told(f))
		}
		list = append(list, record)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func readChain(t *testing.T) *chain {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", goldenChain))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	var c chain
	if err = errors.Join(err, json.Unmarshal(text, &c)); err != nil {
		t.Fatal(err)
	}
	return &c
}

// updateGolden writes what comes of the chain now, and the chain where it is asked for
// or not there.
func updateGolden(t *testing.T) {
	t.Helper()
	file := filepath.Join("testdata", goldenChain)
	if _, err := os.Stat(file); *rechain || errors.Is(err, fs.ErrNotExist) {
		text, err := json.Marshal(laneChain(t))
		if err != nil {
			t.Fatal(err)
		}
		var packed bytes.Buffer
		z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		if err == nil {
			_, err = z.Write(text)
		}
		if err = errors.Join(err, z.Close()); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, packed.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	blocks, _ := readChain(t).play(t, ledger.Config{})
	text, err := json.MarshalIndent(blocks, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("testdata", goldenVerdicts), append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
