package node

import (
	"bytes"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestEveryMistakeIsReportedAtOnce(t *testing.T) {
	home := t.TempDir()
	file := "[api]\nlisten = \"nowhere\"\nport = 8080\n[consensus]\nheartbeats = \"1s\"\npeers = [\"x@127.0.0.1:1\"]\n[log]\nlevel = \"loud\"\n"
	if err := os.WriteFile(home+"/config.toml", []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := LoadConfig(home, []string{"WAYMARK_POOL_BYTES=many", "WAYMARK_P2P_PEERS=/ip4/127.0.0.1/tcp/1"}, map[string]string{"pool.bites": "1"})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		"api.port: no such key", "consensus.heartbeats: no such key", "line 3", "api.listen", "consensus.peers", "log.level",
		"WAYMARK_POOL_BYTES", "p2p.peers", "pool.bites: no such key",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in:\n%v", want, err)
		}
	}
}

func TestLaterLayersWin(t *testing.T) {
	home := t.TempDir()
	file := "name = \"file\"\n[api]\nlisten = \"127.0.0.1:1\"\n[consensus]\nheartbeat = \"7s\"\n"
	if err := os.WriteFile(home+"/config.toml", []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := LoadConfig(home,
		[]string{"WAYMARK_API_LISTEN=127.0.0.1:2", "WAYMARK_NAME=env", "WAYMARK_CONSENSUS_PEERS= ,"},
		map[string]string{"name": "flag", "api.public_metrics": "true"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Name != "flag" || c.API.Listen != "127.0.0.1:2" || c.Consensus.Heartbeat.Duration != 7*time.Second || !c.API.PublicMetrics ||
		c.Pool.Bytes != DefaultConfig(home).Pool.Bytes {
		t.Fatalf("%+v", c)
	}
}

func TestVariablesThatSetNoKeyAreNamed(t *testing.T) {
	environ := []string{"WAYMARK_API_LISTEN=127.0.0.1:2", "WAYMARK_API_LISTENS=127.0.0.1:2", "PATH=/bin", "WAYMARK_NAME=", "WAYMARK_POOL", "XWAYMARK_NAMES=1"}
	if got := UnknownVariables(environ); !slices.Equal(got, []string{"WAYMARK_API_LISTENS", "WAYMARK_POOL"}) {
		t.Errorf("unknown: %q", got)
	}
}

func TestWrittenConfigurationReadsBack(t *testing.T) {
	home := t.TempDir()
	c := DefaultConfig(home)
	c.Name = "quote \" back\\slash \x01 ünï"
	c.API.Keys = []APIKey{{Name: "k", Hash: strings.Repeat("ab", 32), Scopes: []string{"capture", "query"}}}
	c.Consensus.Peers = []string{strings.Repeat("0f", 20) + "@127.0.0.1:26656"}
	c.P2P.Announce = []string{}
	var text bytes.Buffer
	if err := c.WriteTOML(&text); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(home+"/config.toml", text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := LoadConfig(home, nil, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, text.String())
	}
	for i, f := range got.fields() {
		want := c.fields()[i]
		if f.value.Kind() == reflect.Slice && f.value.Len() == 0 && want.value.Len() == 0 {
			continue
		}
		if !reflect.DeepEqual(f.value.Interface(), want.value.Interface()) {
			t.Errorf("%s: wrote %v, read %v", f.key, want.value, f.value)
		}
	}
	for _, k := range c.Keys() {
		if len(k[1]) < 10 || !strings.Contains(text.String(), "# "+k[1]) {
			t.Errorf("%s is not documented in the file", k[0])
		}
	}
}

func TestDefaultsAreValid(t *testing.T) {
	c := DefaultConfig("/home/of/node")
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	if c.P2P.MDNS || len(c.P2P.Peers) > 0 {
		t.Error("a node looks for others that nobody named")
	}
}

// A body that fits into nothing is told of before the node starts.
func TestBodiesHaveRoom(t *testing.T) {
	c := DefaultConfig("/home/of/node")
	c.API.MaxBodyBytes = c.API.BodiesBytes + 1
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "api.bodies_bytes") || !strings.Contains(err.Error(), "api.max_body_bytes") {
		t.Fatalf("room for one body and no more: %v", err)
	}
	c.API.BodiesBytes = c.API.MaxBodyBytes
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	if l := c.API.limits(); l.InWorkBytes != c.API.BodiesBytes || l.BodyBytes != c.API.MaxBodyBytes {
		t.Errorf("%+v", l)
	}
	c.API.RequestsPerSecond, c.API.RequestBurst = 5, 7
	if l := c.API.limits(); l.Burst != 7 || l.RequestsPerSec != 5 {
		t.Errorf("%+v", l)
	}
}
