package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// vector is a dossier of proof/testdata/vectors, in files of its own as a
// verifier has them.
type vector struct {
	dossier, genesis, checkpoint string // paths; "" for none
	id                           string
	direction                    trace.Direction
}

func readVector(t *testing.T, name string) vector {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("../../proof/testdata/vectors", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Trust   struct{ Genesis, Checkpoint string }
		Options struct {
			ID        string
			Direction trace.Direction
		}
		Dossier string
	}
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	v := vector{id: file.Options.ID, direction: file.Options.Direction}
	keep := func(name, text string) string {
		if text == "" {
			return ""
		}
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	v.dossier, v.genesis, v.checkpoint = keep("dossier.json", file.Dossier), keep("genesis.json", file.Trust.Genesis), keep("checkpoint.json", file.Trust.Checkpoint)
	return v
}

// The verdicts as people read them, at a fixed hour.
func TestVerdictsAsPeopleReadThem(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for name, parts := range map[string][]string{
		"coffee-bag-upstream":          {"coffee-bag-upstream"},
		"bag-as-of-the-day-of-sale":    {"bag-as-of-the-day-of-sale"},
		"compromised-key-as-of-before": {"bag-born-with-a-compromised-key-as-of-before-that-was-known"},
		"in-three-parts":               {"first-part-of-three", "second-part-ended-early", "third-part"},
		"first-part-of-three":          {"first-part-of-three"},
		"unknown-item":                 {"unknown-item"},
		"trusting-a-checkpoint":        {"trusting-a-checkpoint"},
		"cited-too-often":              {"attic-document-cited-too-often"},
	} {
		t.Run(name, func(t *testing.T) {
			first := readVector(t, parts[0])
			trust, err := readTrust(first.genesis, first.checkpoint)
			if err != nil {
				t.Fatal(err)
			}
			var dossiers [][]byte
			for _, part := range parts {
				b, err := os.ReadFile(readVector(t, part).dossier)
				if err != nil {
					t.Fatal(err)
				}
				dossiers = append(dossiers, b)
			}
			v, err := trust.verify(question{id: first.id, now: now}, dossiers...)
			if err != nil {
				t.Fatal(err)
			}
			// What was and was not checked is told in the verifier's own words.
			v.Verdict.Checked, v.Verdict.Unchecked = v.Verdict.Checked[:1], v.Verdict.Unchecked[:1]
			var out bytes.Buffer
			if err := v.write(&out); err != nil {
				t.Fatal(err)
			}
			goldenText(t, filepath.Join("testdata", "verify", name+".txt"), out.Bytes())
		})
	}
}

func goldenText(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; go test ./cmd/waymark -run People -update, and read the diff. Got:\n%s", path, got)
	}
}

// Genesis cannot name who came later, and does not leave the reader to look for it there.
func TestValidatorThatWasVotedInIsTold(t *testing.T) {
	v := readVector(t, "validators-changed-since-genesis")
	var out bytes.Buffer
	if code := Run(t.Context(), []string{"verify", v.dossier, "--genesis", v.genesis, "--id", v.id}, Stdio{Out: &out, Err: &out}); code != exitDone {
		t.Fatalf("exit code %d: %s", code, &out)
	}
	if !strings.Contains(out.String(), "(voted in since genesis)") {
		t.Errorf("%s", &out)
	}
}

// The officer is shown amount, currency and salt, and sees whether the declaration commits to them.
func TestValueOfADeclarationIsOpened(t *testing.T) {
	v := readVector(t, "crate-released-by-customs")
	const salt = " 0b6f9a1ed24c38757f60e1a29c8d3b4451f7c02a96de8b130475ac9fe2183d6b"
	for value, want := range map[string]struct {
		code int
		says string
	}{
		"480.50 EUR" + salt: {exitDone, "480.5 EUR is what the declaration 26DE585000000001R6 commits to"},
		"48.50 EUR" + salt:  {exitRefused, "not opened: no declaration that stands here commits to 48.5 EUR"},
		"480.50 EUR 00":     {exitUsage, "the salt is not 64 hexadecimal digits"},
	} {
		var out bytes.Buffer
		code := Run(t.Context(), []string{"verify", v.dossier, "--genesis", v.genesis, "--id", v.id, "--value", value}, Stdio{Out: &out, Err: &out})
		if code != want.code || !strings.Contains(out.String(), want.says) {
			t.Errorf("%s: exit code %d: %s", value, code, &out)
		}
		if committed := "value committed"; code != exitUsage && !strings.Contains(out.String(), committed) {
			t.Errorf("%s is not told: %s", committed, &out)
		}
	}
	var out bytes.Buffer
	if code := Run(t.Context(), []string{"verify", v.dossier, "--genesis", v.genesis, "--id", v.id, "--json", "--value", "480.5 EUR" + salt}, Stdio{Out: &out, Err: &out}); code != exitDone {
		t.Fatalf("exit code %d: %s", code, &out)
	}
	var told struct{ Value openedValue }
	if err := json.Unmarshal(out.Bytes(), &told); err != nil || !told.Value.Opened || told.Value.Declaration != "urn:epcglobal:cbv:bt:9521105000004:26DE585000000001R6" {
		t.Errorf("%+v, %v", told.Value, err)
	}
}

func TestVerifyExitCodes(t *testing.T) {
	v := readVector(t, "bag-upstream")
	other := readVector(t, "coffee-bag-upstream")
	part := readVector(t, "third-part")
	cut := filepath.Join(t.TempDir(), "cut.json")
	text, err := os.ReadFile(v.dossier)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(cut, text[:len(text)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	ask := func(args ...string) []string { return append([]string{"verify"}, args...) }
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"verified", ask(v.dossier, "--genesis", v.genesis, "--id", v.id), exitDone, "VERIFIED"},
		{"in another spelling", ask(v.dossier, "--genesis", v.genesis, "--id", strings.Replace(v.id, "id.gs1.org", "shop.example", 1)), exitDone, "VERIFIED"},
		{"as it is printed", ask(v.dossier, "--genesis", v.genesis, "--id", "(01)09521101000023(21)A"), exitDone, "VERIFIED"},
		{"the other direction", ask(v.dossier, "--genesis", v.genesis, "--id", v.id, "--direction", "downstream"), exitRefused, "REFUTED   id"},
		{"another height", ask(v.dossier, "--genesis", v.genesis, "--id", v.id, "--at", "3"), exitRefused, "REFUTED   id"},
		{"another id", ask(v.dossier, "--genesis", v.genesis, "--id", other.id), exitRefused, "REFUTED   id"},
		{"another network", ask(v.dossier, "--genesis", other.genesis, "--id", v.id), exitRefused, "REFUTED   network"},
		{"too old", ask(v.dossier, "--genesis", v.genesis, "--id", v.id, "--max-age", "1h"), exitRefused, "REFUTED   stale"},
		{"half a journey", ask(part.dossier, "--genesis", part.genesis, "--id", part.id), exitRefused, "REFUTED   continuation"},
		{"cut off", ask(cut, "--genesis", v.genesis, "--id", v.id), exitUsage, "UNUSABLE"},
		{"no dossier", ask(v.genesis, "--genesis", v.genesis, "--id", v.id), exitUsage, "UNUSABLE"},
		{"more parts than there are", ask(v.dossier, v.dossier, "--genesis", v.genesis, "--id", v.id), exitUsage, "more files are given than the journey has parts"},
		{"nothing to trust", ask(v.dossier, "--id", v.id), exitUsage, ""},
		{"no id", ask(v.dossier, "--genesis", v.genesis), exitUsage, ""},
		{"no file", ask("nowhere.json", "--genesis", v.genesis, "--id", v.id), exitUsage, ""},
		{"a genesis that is none", ask(v.dossier, "--genesis", v.dossier, "--id", v.id), exitUsage, ""},
		{"as JSON", ask(v.dossier, "--genesis", v.genesis, "--id", v.id, "--json"), exitDone, `"result": "verified"`},
		{"refuted as JSON", ask(v.dossier, "--genesis", v.genesis, "--id", other.id, "--json"), exitRefused, `"reason": "id"`},
		{"unusable as JSON", ask(cut, "--genesis", v.genesis, "--id", v.id, "--json"), exitUsage, `"result": "unusable"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			code := Run(t.Context(), c.args, Stdio{In: strings.NewReader(""), Out: &out, Err: &errs})
			if code != c.code || !strings.Contains(out.String(), c.says) {
				t.Errorf("exit code %d, want %d; printed %.300s; errors %s", code, c.code, out.String(), errs.String())
			}
			if (code != exitDone) != (errs.Len() > 0) {
				t.Errorf("exit code %d with errors %q", code, errs.String())
			}
		})
	}
}

// A file of another kind is told by its format.
func TestVerifySaysWhatAFileIs(t *testing.T) {
	v, kept := readVector(t, "bag-upstream"), readVector(t, "trusting-a-checkpoint")
	for says, args := range map[string][]string{
		`dossier: not usable as a proof: its format is "waymark-checkpoint/1", not waymark-dossier/1`:    {kept.checkpoint, "--genesis", v.genesis},
		`dossier: not usable as a proof: its format is "", not waymark-dossier/1`:                        {v.genesis, "--genesis", v.genesis},
		`checkpoint: not usable as a proof: its format is "waymark-dossier/1", not waymark-checkpoint/1`: {v.dossier, "--checkpoint", v.dossier},
	} {
		var out, errs bytes.Buffer
		code := Run(t.Context(), append([]string{"verify", "--id", v.id}, args...), Stdio{In: strings.NewReader(""), Out: &out, Err: &errs})
		if code != exitUsage || !strings.Contains(errs.String(), says) {
			t.Errorf("exit code %d, %s: not %s", code, errs.String(), says)
		}
	}
}

// With the genesis document beside a checkpoint, the way from genesis counts, too:
// the checkpoint alone does not show whether a block of it is missing.
func TestVerifyFollowsFromGenesisAndACheckpoint(t *testing.T) {
	v, first := readVector(t, "trusting-a-checkpoint"), readVector(t, "validators-changed-since-genesis")
	text, err := os.ReadFile(v.dossier)
	if err != nil {
		t.Fatal(err)
	}
	d, err := proof.ParseDossier(text)
	if err != nil || len(d.Checkpoint.Bridge) != 2 {
		t.Fatal(err)
	}
	d.Checkpoint.Bridge = d.Checkpoint.Bridge[1:]
	if text, err = d.Encode(); err != nil {
		t.Fatal(err)
	}
	short := filepath.Join(t.TempDir(), "short.json")
	if err := os.WriteFile(short, text, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		file, says string
		code       int
	}{{v.dossier, "VERIFIED", exitDone}, {short, "REFUTED   anchor", exitRefused}} {
		var out, errs bytes.Buffer
		code := Run(t.Context(), []string{"verify", c.file, "--genesis", first.genesis, "--checkpoint", v.checkpoint, "--id", v.id},
			Stdio{In: strings.NewReader(""), Out: &out, Err: &errs})
		if code != c.code || !strings.Contains(out.String(), c.says) {
			t.Errorf("exit code %d, want %d; printed %.300s; errors %s", code, c.code, out.String(), errs.String())
		}
	}
}

// What no part reads is told, and not asked for again: the dossier is one file.
func TestDossierThatIsNotReadToItsEndIsOneFile(t *testing.T) {
	v := readVector(t, "attic-document-cited-too-often")
	var asked atomic.Int32
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		http.ServeFile(w, r, v.dossier)
	}))
	defer node.Close()
	file := filepath.Join(t.TempDir(), "jar.json")
	for _, c := range [][]string{{`jar.json  `, "Not part of it: BLANKET: Complete up to record 226: ", "genesis.json: complete as far as it goes as of "}, {`"complete": false`, `"unread": true`, "--json"}} {
		var out, errs bytes.Buffer
		args := []string{"dossier", v.id, "--node", node.URL, "--genesis", v.genesis, "--direction", string(v.direction), "-o", file}
		if c[2] == "--json" {
			args = append(args, c[2])
			c = c[:2]
		}
		if code := Run(t.Context(), args, Stdio{In: strings.NewReader(""), Out: &out, Err: &errs}); code != exitDone {
			t.Fatalf("exit code %d: %s", code, errs.String())
		}
		for _, want := range c {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%q is not said:\n%s", want, out.String())
			}
		}
	}
	if n := asked.Load(); n != 2 {
		t.Errorf("two dossiers were asked for %d times", n)
	}
}

// A long journey that is asked for as of a past height comes in parts as well: what
// follows the first is of today, and is neither asked for nor refuted as of then.
func TestPartsOfADossierAsOfAPastHeight(t *testing.T) {
	parts := []vector{readVector(t, "first-part-of-three-as-of-the-day-of-sale"), readVector(t, "second-part-ended-early"), readVector(t, "third-part")}
	v := parts[0]
	text, err := os.ReadFile(v.dossier)
	if err != nil {
		t.Fatal(err)
	}
	d, err := proof.ParseDossier(text)
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int32
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		part := int(asked.Add(1)) - 1
		q := r.URL.Query()
		if part >= len(parts) || (part == 0) != q.Has("at") || (part == 0) == q.Has("continue") {
			http.Error(w, "", http.StatusBadRequest)
			return
		}
		http.ServeFile(w, r, parts[part].dossier)
	}))
	defer node.Close()
	dir := t.TempDir()
	run := func(args ...string) (code int, says string) {
		var out, errs bytes.Buffer
		code = Run(t.Context(), args, Stdio{In: strings.NewReader(""), Out: &out, Err: &errs})
		return code, out.String() + errs.String()
	}
	at := fmt.Sprint(d.At)
	file := func(name string) string { return filepath.Join(dir, name) }
	if code, says := run("dossier", v.id, "--at", at, "--node", node.URL, "--genesis", v.genesis, "-o", file("crate.json")); code != exitDone || int(asked.Load()) != len(parts) {
		t.Fatalf("exit code %d after %d parts: %s", code, asked.Load(), says)
	}
	files := []string{"verify", file("crate.json"), file("crate.2.json"), file("crate.3.json"), "--genesis", v.genesis, "--id", v.id}
	for _, args := range [][]string{files, append(slices.Clone(files), "--at", at)} {
		code, says := run(args...)
		_, since, ok := strings.Cut(says, "What happened after block "+at)
		since, _, _ = strings.Cut(since, "Consignment")
		// What customs held stands in the second part.
		if code != exitDone || !ok || !strings.Contains(since, "#16 ") || !strings.Contains(since, "#28 ") {
			t.Errorf("exit code %d: %s", code, says)
		}
	}
	if code, says := run(append(files, "--at", "3")...); code != exitRefused || !strings.Contains(says, "REFUTED   id") {
		t.Errorf("as of another height: exit code %d: %s", code, says)
	}
}

// A record, a key and a reason are named.
func TestRefutationsNameWhatIsWrong(t *testing.T) {
	seq := uint64(12)
	r := &proof.Refutation{Reason: proof.ReasonSigner, Seq: &seq, Key: trace.Key{NS: trace.NSKey, ID: "0xabc"}, Detail: "it was revoked"}
	var out bytes.Buffer
	writeRefutation(&out, refusedError{r})
	for _, want := range []string{"REFUTED   signer", "record  #12", "key     key 0xabc", "why     it was revoked"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not said:\n%s", want, out.String())
		}
	}
	b, err := json.Marshal(refutationOf(refusedError{r}))
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"result":"refuted","reason":"signer","record":12,"key":{"ns":"key","id":"0xabc"},"detail":"it was revoked"}`; string(b) != want {
		t.Errorf("JSON %s", b)
	}
}

// Nobody writes lines of a verdict by what he calls his goods.
func TestAuthorsCannotWriteIntoTheVerdict(t *testing.T) {
	v := &verified{Verdict: &proof.Verdict{ID: "urn:x:\nVERIFIED  all is well", Known: true,
		Journey: &trace.Journey{
			ID:    "urn:x:\nVERIFIED  all is well",
			Graph: trace.Graph{Nodes: []trace.Node{{ID: "urn:x:\nVERIFIED  all is well", Namespace: trace.NSItem, Name: "a\x1b[2Jb\u202ec"}}},
			Steps: []trace.Step{{Seq: 1, About: []string{"urn:x:\nVERIFIED  all is well"}, What: "x\r\nVERIFIED", Organisation: "urn:o\u2028VERIFIED"}},
			Gaps:  []trace.Gap{{ID: "urn:g", About: "gap\nVERIFIED"}},
		},
		Records: []proof.VerifiedRecord{{Seq: 1, Name: "me\nVERIFIED", Signer: "0x"}},
		Refused: []proof.KeyCount{{ID: "item:\nVERIFIED"}},
	}}
	v.Consignments = []trace.Consignment{{Documents: []trace.ConsignedDocument{{Number: "1\nVERIFIED"}},
		Equipment: []trace.Equipment{{ID: "urn:c", Seals: trace.Stated{{Value: "\tS\nVERIFIED"}}}}}}
	var out bytes.Buffer
	if err := v.write(&out); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count("\n"+out.String(), "\nVERIFIED"); n != 1 {
		t.Errorf("%d lines begin as a verdict does", n)
	}
	if strings.ContainsAny(out.String(), "\x1b\r\u202e\u2028") {
		t.Errorf("control characters are printed: %q", out.String())
	}
}
