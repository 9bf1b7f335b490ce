package identity

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// blankGenesis is a document as `waymark init` would write it before sealing,
// with white space and escapes that have to survive.
func blankGenesis(t testing.TB) string {
	key := func(seed string) string { return FormatPublicKey(testKey(t, seed).PublicKey()) }
	return `{
  "genesis_time": "2026-11-22T10:00:00.5Z",
  "chain_id" :  "",
  "initial_height": "1",
  "consensus_params": {"block": {"max_bytes": "4194304", "max_gas": "-1"}},
  "validators": [{"address": "", "pub_key": {"type": "tendermint/PubKeyEd25519", "value": "o6Z8XT7xrEPIuT/Jk8xGx8MRlPpQMbdu0C7/9dd0gyE="}, "power": "10", "name": "chain_id"}],
  "app_hash": "",
  "app_state": {
    "organisations": [
      {"id": "https://id.gs1.org/417/9521101000009", "name": "Oromia \u2615 Union", "country": "ET", "roles": ["producer", "trader"],
       "prefixes": ["9521101"], "keys": ["` + key("union") + `"]},
      {"id": "https://id.gs1.org/417/9521102000008", "name": "Zoll", "country": "DE", "roles": ["customs:DE"],
       "keys": ["` + key("zoll") + `", "` + key("zoll 2") + `"],
       "peer": "12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo", "nodeId": "0123456789abcdef0123456789abcdef01234567"},
      {"id": "https://id.gs1.org/417/9521103000007", "name": "Certifier", "country": "NL", "roles": ["certifier"],
       "schemes": ["https://example.org/organic"], "keys": ["` + key("certifier") + `"]}
    ],
    "parameters": {"futureSkew": 0, "lateness": 86400}
  }
}
`
}

// testValidator has the key of blankGenesis's and all the power there may be.
const testValidator = `{"pub_key": {"type": "tendermint/PubKeyEd25519", "value": "o6Z8XT7xrEPIuT/Jk8xGx8MRlPpQMbdu0C7/9dd0gyE="}, "power": "1152921504606846976"}`

func TestGoldenGenesis(t *testing.T) {
	blank := []byte(blankGenesis(t))
	sealed, err := SealGenesis(blank)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "genesis.json", sealed)

	g, err := ParseGenesis(sealed)
	if err != nil {
		t.Fatal(err)
	}
	if g.Network != Network(sha256.Sum256(blank)) {
		t.Error("the network is not the hash of the blank document")
	}
	if g.ChainID != hex.EncodeToString(g.Network[:])[:40] {
		t.Error(g.ChainID)
	}
	if want := time.Date(2026, 11, 22, 10, 0, 0, 5e8, time.UTC).UnixNano(); g.Time != want {
		t.Error(g.Time)
	}
	if !bytes.Equal(g.Doc, sealed) {
		t.Error("Doc is not the document")
	}
	want := DefaultParameters()
	want.FutureSkew, want.Lateness = 0, 86_400
	if g.Parameters != want {
		t.Errorf("%+v", g.Parameters)
	}
	if len(g.Organisations) != 3 || g.Organisations[0].Name != "Oromia ☕ Union" || !g.Organisations[1].Has(CustomsOf("DE")) {
		t.Errorf("%+v", g.Organisations)
	}
	if len(g.Validators) != 1 || g.Validators[0].Power != 10 || g.Validators[0].Key.String()[:8] != "a3a67c5d" {
		t.Errorf("%+v", g.Validators)
	}
	if diff := len(sealed) - len(blank); diff != 40 {
		t.Errorf("sealing changed %d bytes", diff)
	}
}

// Whatever byte of the document changes, the chain id no longer fits.
func TestEveryByteOfGenesisCounts(t *testing.T) {
	sealed, err := os.ReadFile("testdata/genesis.json")
	if err != nil {
		t.Fatal(err)
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		if _, err := ParseGenesis(changed); err == nil {
			t.Fatalf("byte %d changed (%q) and nobody noticed", i, sealed[max(0, i-10):i+1])
		}
	}
	spaced := bytes.Replace(sealed, []byte(`"app_hash": ""`), []byte(`"app_hash":  ""`), 1)
	if _, err := ParseGenesis(spaced); !errors.Is(err, ErrChainID) {
		t.Errorf("one space more: %v", err)
	}
	if _, err := SealGenesis(sealed); !errors.Is(err, ErrChainID) {
		t.Errorf("sealed twice: %v", err)
	}
	if _, err := ParseGenesis([]byte(blankGenesis(t))); !errors.Is(err, ErrChainID) {
		t.Errorf("not sealed: %v", err)
	}
}

func TestGenesisIsRefused(t *testing.T) {
	union := FormatPublicKey(testKey(t, "union").PublicKey())
	for _, c := range []struct{ name, old, new, says string }{
		{"two chain ids", `"app_hash": ""`, `"chain_id": "", "app_hash": ""`, "twice"},
		{"chain id escaped", `"app_hash": ""`, `"chain\u005fid": "", "app_hash": ""`, "twice"},
		{"chain id in capitals", `"app_hash": ""`, `"CHAIN_ID": ""`, "not a known field"},
		{"no chain id", `"chain_id" :  "",`, ``, "no chain_id"},
		{"chain id null", `"chain_id" :  ""`, `"chain_id": null`, "not a string"},
		{"chain id an object", `"chain_id" :  ""`, `"chain_id": {"a":""}`, "not a string"},
		{"chain id given", `"chain_id" :  ""`, `"chain_id": "waymark"`, "not blank"},
		{"chain id of a space", `"chain_id" :  ""`, `"chain_id": " "`, "not blank"},
		{"unknown field", `"app_hash": ""`, `"app_hash": "", "extra": 1`, "/extra: not a known field"},
		{"unknown state", `"parameters": {`, `"params": {}, "parameters": {`, "/app_state/params: not a known field"},
		{"unknown parameter", `"futureSkew"`, `"futureskew"`, "not a known field"},
		{"unknown member field", `"prefixes"`, `"Prefixes"`, "not a known field"},
		{"a name twice, deep", `"max_gas": "-1"`, `"max_gas": "-1", "MAX_GAS": "1"`, "twice"},
		{"trailing value", "\n  }\n}\n", "\n  }\n}\n{}", "more than one"},
		{"trailing comma", `"app_hash": "",`, `"app_hash": "",,`, "at byte"},
		{"not UTF-8", `Zoll`, "Z\xffoll", "UTF-8"},
		{"an array", "{\n  \"genesis", "[{\n  \"genesis", "not a JSON object"},
		{"too deep", `"max_gas": "-1"`, `"a": ` + strings.Repeat("[", 40) + strings.Repeat("]", 40), "deeper"},
		{"no time", `"2026-11-22T10:00:00.5Z"`, `""`, "genesis_time"},
		{"zero time", `"2026-11-22T10:00:00.5Z"`, `"0001-01-01T00:00:00Z"`, "genesis_time"},
		{"height 5", `"initial_height": "1"`, `"initial_height": "5"`, "initial_height"},
		{"app hash", `"app_hash": ""`, `"app_hash": "AB"`, "app_hash"},
		{"parameter too small", `"lateness": 86400`, `"lateness": 86400, "maxNotAfterAhead": 1`, "maxNotAfterAhead"},
		{"parameter negative", `"lateness": 86400`, `"lateness": -1`, "lateness"},
		{"parameter a fraction", `"lateness": 86400`, `"lateness": 1.5`, "lateness"},
		{"same id", `417/9521102000008`, `417/9521101000009`, "id https://id.gs1.org/417/9521101000009 is that of"},
		{"wrong check digit", `417/9521102000008`, `417/9521102000007`, "party GLN"},
		{"id of a place", `417/9521102000008`, `414/9521102000008`, "party GLN"},
		{"no name", `"Zoll"`, `""`, "name"},
		{"country in small letters", `"country": "DE"`, `"country": "de"`, "country"},
		{"unknown role", `"producer"`, `"grower"`, `"grower" is not known`},
		{"customs of no country", `customs:DE`, `customs:`, "not known"},
		{"customs in small letters", `customs:DE`, `customs:de`, "not known"},
		{"customs of three letters", `customs:DE`, `customs:DEU`, "not known"},
		{"role twice", `"trader"`, `"producer"`, "twice"},
		{"no role", `["producer", "trader"]`, `[]`, "no role"},
		{"prefix of 3", `"9521101"]`, `"952"]`, "prefix"},
		{"prefix of 13", `"9521101"]`, `"9521101000009"]`, "prefix"},
		{"prefix with a letter", `"9521101"]`, `"952110l"]`, "prefix"},
		{"prefix twice", `"9521101"]`, `"9521101", "9521101"]`, "prefix 9521101 is that of"},
		{"prefix within another's", `["customs:DE"],`, `["customs:DE"], "prefixes": ["95211"],`, "prefix 95211 overlaps with 9521101 of https://id.gs1.org/417/9521101000009"},
		{"prefix that another's begins with", `["customs:DE"],`, `["customs:DE"], "prefixes": ["952110177"],`, "prefix 952110177 overlaps with 9521101 of"},
		{"schemes without the role", `"prefixes"`, `"schemes": ["x"], "prefixes"`, "no certifier"},
		{"no key", `["` + union + `"]`, `[]`, "no key"},
		{"key not on the curve", union, "0x02" + strings.Repeat("ff", 32), "key"},
		{"key in capitals", union, "0x" + strings.ToUpper(union[2:]), "key"},
		{"key of another", union, FormatPublicKey(testKey(t, "zoll").PublicKey()), "is that of"},
		{"peer", `12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo`, `somebody`, "peer"},
		{"peer of another", `"prefixes": [`, `"peer": "12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo", "prefixes": [`, "is that of"},
		{"validator key of another kind", `PubKeyEd25519`, `PubKeySecp256k1`, "validator 0: its key is"},
		{"validator key too short", `o6Z8XT7xrEPIuT/Jk8xGx8MRlPpQMbdu0C7/9dd0gyE=`, `AAAA`, "32 bytes"},
		{"validator key in loose base64", `gyE=`, `gyF=`, "32 bytes"},
		{"validator twice", `"validators": [`, `"validators": [` + strings.Replace(testValidator, "1152921504606846976", "1", 1) + `, `, "validator 1: its key stands there twice"},
		{"validator without power", `"power": "10"`, `"power": "0"`, "its power"},
		{"validator of too much power", `"power": "10"`, `"power": "1152921504606846977"`, "its power"},
		{"validators of too much power", `"validators": [`, `"validators": [` + strings.Replace(testValidator, "o6Z8", "o6Z9", 1) + `, `, "the power of all"},
		{"node id", `0123456789abcdef0123456789abcdef01234567`, `0123`, "nodeId"},
	} {
		doc := strings.Replace(blankGenesis(t), c.old, c.new, 1)
		if doc == blankGenesis(t) {
			t.Fatalf("%s: %q is not in the document", c.name, c.old)
		}
		_, err := SealGenesis([]byte(doc))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestGenesisWithoutState(t *testing.T) {
	for state, says := range map[string]string{
		``: "app_state is missing", `,"app_state":null`: "app_state is missing", `,"app_state":{}`: "no organisation",
		`,"app_state":{"organisations":null}`: "no organisation", `,"app_state":{"organisations":{"*":{}}}`: "cannot unmarshal", `,"app_state":[]`: "cannot unmarshal",
	} {
		_, err := SealGenesis([]byte(`{"genesis_time":"2026-11-22T10:00:00Z","chain_id":""` + state + `}`))
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", state, err)
		}
	}
}

func TestGenesisReportsEveryMistake(t *testing.T) {
	doc := strings.NewReplacer(`"Zoll"`, `""`, `"producer"`, `"grower"`, `"futureSkew": 0`, `"futureSkew": 1000000`).Replace(blankGenesis(t))
	_, err := SealGenesis([]byte(doc))
	for _, says := range []string{"name", "grower", "futureSkew"} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s is missing in %v", says, err)
		}
	}
}

// The defaults are part of the format: a change would split networks whose
// genesis leaves parameters out.
func TestDefaultParametersNeverChange(t *testing.T) {
	const want = "{604800 600 7776000 20000 4194304 15000 3145728 5000 5000 5184000 1209600 7776000 2592000 86400 604800 7776000 130 60 1100 50000 60 14400 43200 1 1 1 [0 0 0 0 0 0 0 0 0 0 0 0]}"
	if got := fmt.Sprint(DefaultParameters()); got != want {
		t.Errorf("%s, not %s", got, want)
	}
	if err := DefaultParameters().Validate(); err != nil {
		t.Error(err)
	}
	if err := (Parameters{}).Validate(); err == nil {
		t.Error("no parameters at all are valid")
	}
}

func TestSchemesBelongToCertifiersAndAccreditors(t *testing.T) {
	for role, want := range map[Role]bool{Certifier: true, Accreditor: true, Trader: false} {
		o := Organisation{Roles: []Role{role}, Schemes: []string{"https://example.org/organic"}}
		if refused := strings.Contains(o.Validate().Error(), "it has schemes"); refused == want || !role.Known() {
			t.Errorf("%s: %v", role, o.Validate())
		}
	}
}
