package proof

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/identity"
)

func base64Of(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

type strictExample struct {
	Name  string         `json:"name"`
	Count uint64         `json:"count"`
	Time  int64          `json:"time,string"`
	Hash  *identity.Hash `json:"hash,omitempty"`
	Bytes []byte         `json:"bytes,omitempty"`
	List  []int64        `json:"list"`
	On    bool           `json:"on"`
}

func TestDecodeStrict(t *testing.T) {
	h := strings.Repeat("0a", 32)
	for _, good := range []string{
		`{"name":"a","count":0,"time":"-5","list":[],"on":false}`,
		` { "name" : "a" , "count" : 9007199254740991, "time":"0", "hash":"` + h + "\",\n\"bytes\":\"AAE=\",\t\"list\":[1,2],\"on\":true}\n",
		"{\"name\":\"<&>\u2028\u2029\\\\u2028 \\\" \\n\\u0001 Ö\U0001F600 5 null\",\"count\":1,\"time\":\"1\",\"list\":[0],\"on\":true}",
	} {
		var v strictExample
		if err := DecodeStrict([]byte(good), &v); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		``, `{`, `null`, `[]`, `"x"`, `{}`, `{"name":"a","count":0,"time":"0","list":[],"on":false}x`,
		`{"name":"a","count":0,"time":"0","list":[],"on":false,"more":1}`,
		`{"name":"a","count":0,"time":"0","list":[],"on":false,"on":false}`,
		`{"Name":"a","count":0,"time":"0","list":[],"on":false}`,
		`{"count":0,"name":"a","time":"0","list":[],"on":false}`,
		`{"name":"a","count":0,"time":"0","list":[]}`,
		`{"name":"a","count":0,"time":"0","list":null,"on":false}`,
		`{"name":"a","count":0,"time":"0","hash":null,"list":[],"on":false}`,
		`{"name":"a","count":0,"time":"0","bytes":"","list":[],"on":false}`,
		`{"name":"a","count":0,"time":"0","bytes":"AAF=","list":[],"on":false}`,
		`{"name":"a","count":0,"time":"0","bytes":"AA\nE=","list":[],"on":false}`,
		`{"name":"a","count":0,"time":"0","hash":"` + strings.ToUpper(h) + `","list":[],"on":false}`,
		`{"name":"a","count":0,"time":"0","hash":"` + h[1:] + `","list":[],"on":false}`,
		`{"name":"a","count":9007199254740992,"time":"0","list":[],"on":false}`,
		`{"name":"a","count":18446744073709551615,"time":"0","list":[],"on":false}`,
		`{"name":"a","count":1e0,"time":"0","list":[],"on":false}`,
		`{"name":"a","count":1.0,"time":"0","list":[],"on":false}`,
		`{"name":"a","count":-0,"time":"0","list":[],"on":false}`,
		`{"name":"a","count":00,"time":"0","list":[],"on":false}`,
		`{"name":"a","count":"0","time":"0","list":[],"on":false}`,
		`{"name":"a","count":0,"time":0,"list":[],"on":false}`,
		`{"name":"a","count":0,"time":"+1","list":[],"on":false}`,
		`{"name":"a","count":0,"time":"01","list":[],"on":false}`,
		`{"name":"a","count":0,"time":"0","list":[-1],"on":false}`,
		`{"name":"\u0061","count":0,"time":"0","list":[],"on":false}`,
		`{"name":"\u2028","count":0,"time":"0","list":[],"on":false}`,
		`{"name":"\/","count":0,"time":"0","list":[],"on":false}`,
		`{"name":"\ud800","count":0,"time":"0","list":[],"on":false}`,
		"{\"name\":\"\xff\",\"count\":0,\"time\":\"0\",\"list\":[],\"on\":false}",
	} {
		var v strictExample
		if err := DecodeStrict([]byte(bad), &v); !errors.Is(err, ErrUnusable) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	for name, v := range map[string]any{"a nil list": strictExample{}, "a great number": map[string]uint64{"n": math.MaxUint64}, "a fraction": 1.5} {
		if b, err := EncodeStrict(v); err == nil {
			t.Errorf("%s became %s", name, b)
		}
	}
}

func FuzzParseCheckpoint(f *testing.F) {
	c := newChain(f)
	text, err := c.checkpoint(f, 7).Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"format":"waymark-checkpoint/1"}`))
	a := c.anchor(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParseCheckpoint(data)
		if err != nil {
			if !errors.Is(err, ErrUnusable) {
				t.Fatal(err)
			}
			return
		}
		b, err := p.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := ParseCheckpoint(b); err != nil || again.Network != p.Network {
			t.Fatalf("%s: %v", b, err)
		}
		if err := p.Verify(a); err == nil && string(b) != string(text) {
			t.Fatalf("another checkpoint verifies: %s", b)
		}
	})
}

// Checkpoints for verifiers in other languages: what they trust, what they are
// shown, and the verdict ("" verified, "unusable", or the reason).
func TestGoldenCheckpoints(t *testing.T) {
	type golden1 struct {
		Name       string          `json:"name"`
		Trusted    json.RawMessage `json:"trusted,omitempty"` // a checkpoint; without one the genesis document
		Checkpoint string          `json:"checkpoint"`
		Verdict    Reason          `json:"verdict"`
	}
	type goldenChain struct {
		Genesis string    `json:"genesis"`
		Network string    `json:"network"`
		Cases   []golden1 `json:"cases"`
	}
	var chains []goldenChain
	for _, c := range []*chain{newChain(t), changing(t)} {
		out := goldenChain{Genesis: string(c.genesis.Doc), Network: c.genesis.Network.String()}
		text := func(p *Checkpoint) string {
			b, err := p.Encode()
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		add := func(name string, trusted *Checkpoint, shown string) {
			a, err := AnchorOfGenesis(c.genesis)
			if err != nil {
				t.Fatal(err)
			}
			k := golden1{Name: name, Checkpoint: shown}
			if trusted != nil {
				if a, err = AnchorOfCheckpoint(trusted); err != nil {
					t.Fatal(err)
				}
				k.Trusted = json.RawMessage(text(trusted))
			}
			p, err := ParseCheckpoint([]byte(shown))
			if err == nil {
				err = p.Verify(a)
			}
			k.Verdict = reasonOf(err)
			out.Cases = append(out.Cases, k)
		}
		own := c.genesis.Validators
		good := text(c.checkpoint(t, 60))
		add("from genesis", nil, good)
		add("from an earlier checkpoint", c.checkpoint(t, 50), good)
		add("from a later checkpoint", c.checkpoint(t, 70), good)
		add("the same", c.checkpoint(t, 60), good)
		add("spaced", nil, strings.ReplaceAll(good, ",", " ,\n"))
		add("an upper-case hash", nil, strings.Replace(good, `"previous":"`, `"previous":"A`, 1))
		add("an unknown field", nil, strings.Replace(good, `{"format"`, `{"more":1,"format"`, 1))
		add("a field twice", nil, strings.Replace(good, `"network"`, `"format":"waymark-checkpoint/1","network"`, 1))
		add("a field too few", nil, strings.Replace(good, `"format":"waymark-checkpoint/1",`, ``, 1))
		add("another version", nil, strings.Replace(good, `checkpoint/1`, `checkpoint/2`, 1))
		add("cut off", nil, good[:len(good)-1])
		add("null", nil, strings.Replace(good, `"block":{`, `"bridge":null,"block":{`, 1))
		for _, l := range lies() {
			if len(c.sets) > 1 {
				break
			}
			p := c.checkpoint(t, 7)
			l.tell(c, p)
			if len(c.genesis.Validators) == len(own) {
				add(l.name, nil, text(p))
			}
			c.genesis.Validators = own
		}
		chains = append(chains, out)
	}
	golden(t, "checkpoint.json", chains)
}
