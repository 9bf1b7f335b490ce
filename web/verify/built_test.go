package verify_test

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/ledger"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

const laneBag = "https://id.gs1.org/01/09521104000020/21/R2600000001"

// lane is a real ledger, in memory, of the coffee lane among others of its kind.
type lane struct {
	genesis *identity.Genesis
	ledger  *ledger.Ledger
	keys    map[string]*identity.Key
	height  uint64
	at      epcis.Instant
}

type laneRecord struct {
	Organisation string
	Kind         epcis.Kind
	Record       string
}

func laneRecords(t testing.TB) (all []laneRecord) {
	t.Helper()
	lines := bufio.NewScanner(bytes.NewReader(readFile(t, "trace", "testdata", "lane.jsonl")))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line laneRecord
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		all = append(all, line)
	}
	return all
}

// longDossier is the upstream dossier of a bag with 120 records in its journey,
// each in an envelope of its own, on a ledger with about so many records.
func longDossier(t testing.TB, records int) (genesis, dossier []byte, ledgerSize uint64) {
	t.Helper()
	l := newLane(t)
	mine := laneRecords(t)
	// Others first, a thousand a block: their lane is told like ours.
	for n := 1; int(l.size())+len(mine) < records; {
		batch := map[string][]string{}
		for range 30 {
			other := strings.NewReplacer("2600000", fmt.Sprintf("26%05d", n), "WMKU2047188", fmt.Sprintf("x:%d", n), "585000000000", fmt.Sprintf("585%09d", n), "https://id.gs1.org/00/", fmt.Sprintf("urn:example:pallet:%d:", n))
			for _, r := range mine {
				if r.Kind == epcis.KindEvent {
					batch[r.Organisation] = append(batch[r.Organisation], other.Replace(r.Record))
				}
			}
			n++
		}
		l.block(t, epcis.KindEvent, batch)
	}
	for _, r := range mine {
		l.block(t, r.Kind, map[string][]string{r.Organisation: {r.Record}})
	}
	const roaster = "https://id.gs1.org/417/9521104000006"
	for i := range 85 {
		at := l.at.Add(3600)
		l.block(t, epcis.KindEvent, map[string][]string{roaster: {fmt.Sprintf(`{"@context":[%q],"type":"ObjectEvent","action":"OBSERVE","bizStep":"storing",`+
			`"eventTime":%q,"eventTimeZoneOffset":"+00:00","epcList":[%q],"readPoint":{"id":"https://id.gs1.org/414/9521104000006"},"eventID":"urn:scan:%d"}`, epcis.ContextURL, at, laneBag, i)}})
	}
	s := l.ledger.Snapshot()
	defer s.Close()
	d, err := proof.Build(s, l.checkpoint(t, s.Roots()), laneBag, proof.BuildOptions{Direction: trace.Upstream})
	if err != nil {
		t.Fatal(err)
	}
	data, err := d.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return l.genesis.Doc, data, l.size()
}

func newLane(t testing.TB) *lane {
	t.Helper()
	l := &lane{keys: map[string]*identity.Key{}, at: epcis.Instant{Seconds: 1_787_000_000}}
	var members []identity.Organisation
	for _, r := range laneRecords(t) {
		if l.keys[r.Organisation] != nil {
			continue
		}
		key, err := identity.ParseKey(fmt.Sprintf("%064x", len(l.keys)+1))
		if err != nil {
			t.Fatal(err)
		}
		l.keys[r.Organisation] = key
		members = append(members, identity.Organisation{ID: r.Organisation, Name: "Member " + r.Organisation[len(r.Organisation)-6:], Country: "DE",
			Roles: []identity.Role{identity.Producer}, Keys: []string{identity.FormatPublicKey(key.PublicKey())}})
	}
	var validators []map[string]any
	for i := range byte(4) {
		key := validator(i).Public().(ed25519.PublicKey)
		validators = append(validators, map[string]any{"power": "10", "pub_key": map[string]any{"type": "tendermint/PubKeyEd25519", "value": base64.StdEncoding.EncodeToString(key)}})
	}
	doc, err := json.Marshal(map[string]any{"genesis_time": l.at, "chain_id": "", "initial_height": "1", "validators": validators,
		"app_state": map[string]any{"organisations": members, "parameters": identity.DefaultParameters()}})
	if err != nil {
		t.Fatal(err)
	}
	if doc, err = identity.SealGenesis(doc); err != nil {
		t.Fatal(err)
	}
	if l.genesis, err = identity.ParseGenesis(doc); err != nil {
		t.Fatal(err)
	}
	if l.ledger, err = ledger.Open(ledger.Config{Dir: "lane", FS: vfs.NewMem()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.ledger.Close() })
	if err := l.ledger.InitGenesis(l.genesis); err != nil {
		t.Fatal(err)
	}
	return l
}

func validator(i byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{i + 1}, ed25519.SeedSize))
}

func (l *lane) size() uint64 {
	s := l.ledger.Snapshot()
	defer s.Close()
	return s.Roots().LogSize
}

// block commits a block with one envelope of each organisation, a second later,
// or when the last of the events happened.
func (l *lane) block(t testing.TB, kind epcis.Kind, records map[string][]string) {
	t.Helper()
	type decoded struct {
		organisation string
		records      []*epcis.Record
	}
	var all []decoded
	next := l.at.Add(1)
	var organisations []string
	for o := range records {
		organisations = append(organisations, o)
	}
	slices.Sort(organisations)
	for _, o := range organisations {
		d := decoded{organisation: o}
		for _, text := range records[o] {
			r, err := epcis.Decode(kind, []byte(text))
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			if r.Event != nil && next.Before(r.Event.Time) && len(records) == 1 {
				next = r.Event.Time
			}
			d.records = append(d.records, r)
		}
		all = append(all, d)
	}
	l.at, l.height = next, l.height+1
	b, err := l.ledger.Begin(l.height, l.at)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		var bodies [][]byte
		for _, r := range d.records {
			bodies = append(bodies, r.Bytes)
		}
		key := l.keys[d.organisation]
		e := identity.NewEnvelope(l.genesis.Network, string(kind), key.Address(), uint64(l.at.Seconds+60), bodies)
		if err := key.SignEnvelope(e); err != nil {
			t.Fatal(err)
		}
		for i, r := range d.records {
			a := ledger.Append{Envelope: e, EnvelopeID: e.ID(), Index: uint32(i), Kind: kind, Organisation: d.organisation, Bytes: r.Bytes,
				RecordHash: identity.RecordHash(r.Bytes), Touches: trace.Touches(r)}
			if m := r.MasterData; m != nil {
				if k := trace.MasterDataKey(m); trace.KeepsDescription(k.NS) {
					state, err := identity.MarshalCanonical(trace.DescriptionState{Seq: b.NextSeq(), Organisation: d.organisation, Name: m.Name})
					if err != nil {
						t.Fatal(err)
					}
					a.States = []ledger.State{{Key: k, Bytes: state}}
				}
			}
			if _, err := b.Append(a); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := b.Commit(); err != nil {
		t.Fatal(err)
	}
}

// checkpoint is a block after the last, with the votes of three of four validators.
func (l *lane) checkpoint(t testing.TB, roots proof.Roots) *proof.Checkpoint {
	t.Helper()
	private := map[identity.ValidatorKey]ed25519.PrivateKey{}
	var set []identity.Validator
	for i := range byte(4) {
		key := identity.ValidatorKey(validator(i).Public().(ed25519.PublicKey))
		private[key] = validator(i)
		set = append(set, identity.Validator{Key: key, Power: 10})
	}
	proof.SortValidators(set)
	block := proof.LightBlock{Validators: set}
	block.Header = proof.Header{VersionBlock: 11, ChainID: l.genesis.ChainID, Height: roots.Height + 1, Time: roots.Time + 1e9, LastBlock: &proof.BlockID{Parts: 1},
		ValidatorsHash: proof.ValidatorsHash(set), NextValidatorsHash: proof.ValidatorsHash(set), AppHash: roots.AppHash, Proposer: set[0].Key.Address()}
	block.Commit = proof.Commit{Parts: 1}
	for i, v := range set {
		block.Commit.Signatures = append(block.Commit.Signatures, proof.CommitSignature{Validator: uint32(i), Time: roots.Time + 2e9})
		copy(block.Commit.Signatures[i].Signature[:], ed25519.Sign(private[v.Key], block.VoteBytes(i)))
	}
	if !block.Trim() {
		t.Fatal("too few votes")
	}
	return proof.NewCheckpoint(l.genesis.Network, roots, nil, block)
}
