package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// item is the i-th item of a product of prefix 9521101.
func item(t testing.TB, i int) string {
	t.Helper()
	return "https://id.gs1.org/01/" + withCheckDigit(t, "0952110153000") + "/21/" + strconv.Itoa(i)
}

// mixture turns items into one, at a minute of the last hour.
func mixture(t testing.TB, into int, of ...int) []byte {
	t.Helper()
	var inputs []string
	for _, i := range of {
		inputs = append(inputs, `"`+item(t, i)+`"`)
	}
	return fmt.Appendf(nil, `{"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],"type":"TransformationEvent",`+
		`"eventTime":"%s","eventTimeZoneOffset":"+00:00","inputEPCList":[%s],"outputEPCList":["%s"],"bizStep":"commissioning",`+
		`"readPoint":{"id":"https://id.gs1.org/414/%s"}}`,
		time.Now().Add(-30*time.Minute).UTC().Format("2006-01-02T15:04:05.000Z"), strings.Join(inputs, ","), item(t, into), withCheckDigit(t, "952110100000"))
}

// reader is a client of the node that trusts its genesis document.
func reader(t testing.TB, n *running, base, key string) *client.Client {
	t.Helper()
	anchor, err := proof.AnchorOfGenesis(n.genesis)
	if err != nil {
		t.Fatal(err)
	}
	c := client.New(base, key).WithAnchor(anchor)
	t.Cleanup(c.Close)
	return c
}

// recorded is a node that holds a mixture of ten items, each seen once before.
func recorded(t *testing.T, configure func(*Config)) (*running, *client.Client) {
	t.Helper()
	home := t.TempDir()
	made, err := Init(home, InitOptions{
		PrepareOptions: PrepareOptions{Organisation: organisation(t, 0), LightScrypt: true}, Time: time.Now().Add(-time.Minute),
	})
	if err != nil {
		t.Fatal(err)
	}
	c := testConfig(t, home)
	c.API.Keys = []APIKey{made.APIKeyHash}
	if configure != nil {
		configure(&c)
	}
	n := run(t, c)
	n.awaitReady(t)
	var of []int
	for i := range 10 {
		capture(t, n, observation(t, i))
		of = append(of, i)
	}
	capture(t, n, mixture(t, 100, of...))
	return n, reader(t, n, "http://"+n.APIAddr(), made.APIKey)
}

func TestClientVerifiesWhatANodeTells(t *testing.T) {
	n, c := recorded(t, nil)
	ctx := context.Background()
	told, err := c.Trace(ctx, item(t, 100), "upstream")
	if err != nil {
		t.Fatal(err)
	}
	if len(told.Records) != 11 || len(told.Graph.Nodes) < 11 || told.Continuation != "" || told.Verdict == nil || !told.Verdict.Complete {
		t.Errorf("%d records, %d nodes, %+v", len(told.Records), len(told.Graph.Nodes), told.Verdict)
	}
	said, err := c.TraceAsTold(ctx, item(t, 100), "upstream")
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range told.Records {
		if s := said.Records[i]; r.Seq != s.Seq || r.EventID != s.EventID || r.RecordHash != s.RecordHash || r.Envelope != s.Envelope || r.Index != s.Index || r.Signer != s.Signer || string(r.Record) != string(s.Record) {
			t.Errorf("verified %+v, told %+v", r, s)
		}
	}

	// Nobody needs a key for the proof of what stands on a label.
	public := reader(t, n, c.Base(), "")
	if again, err := public.Trace(ctx, "(01)"+withCheckDigit(t, "0952110153000")+"(21)100", "upstream"); err != nil || len(again.Records) != 11 {
		t.Errorf("%+v, %v", again, err)
	}
	if _, err := c.Trace(ctx, item(t, 555), ""); !errors.Is(err, trace.ErrUnknown) {
		t.Errorf("an unknown item: %v", err)
	}
	v, raw, err := c.Prove(ctx, client.Question{ID: item(t, 555)})
	if err != nil || v.Known || len(raw) == 0 {
		t.Errorf("an unknown item: %+v, %v", v, err)
	}
	// As of the day on which half of it was seen.
	v, _, err = c.Prove(ctx, client.Question{ID: item(t, 3), Direction: trace.Downstream, At: said.Records[5].Height, MaxAge: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if v.Then == nil || !v.Then.Known || len(v.Then.Journey.Records) != 1 || len(v.Then.Since) == 0 {
		t.Errorf("%+v", v.Then)
	}
	if _, _, err := c.Prove(ctx, client.Question{ID: item(t, 3), At: 1 << 40}); problemStatus(err) != 404 {
		t.Errorf("a height to come: %v", err)
	}
	if _, err := client.New(c.Base(), "").Trace(ctx, item(t, 3), ""); !errors.Is(err, client.ErrNoAnchor) {
		t.Errorf("without an anchor: %v", err)
	}
}

func problemStatus(err error) int {
	var p *client.Problem
	if errors.As(err, &p) {
		return p.Status
	}
	return 0
}

func TestDossierComesInParts(t *testing.T) {
	n, c := recorded(t, func(c *Config) { c.API.DossierRecords = 4 })
	ctx := context.Background()
	part, err := c.Trace(ctx, item(t, 100), "upstream")
	if err != nil {
		t.Fatal(err)
	}
	first := part.Verdict.Checkpoint.StateHeight
	seen := map[uint64]bool{}
	parts := 1
	for {
		for _, r := range part.Records {
			seen[r.Seq] = true
		}
		if part.Continuation == "" {
			break
		}
		capture(t, n, observation(t, 1000+parts)) // the ledger moves on meanwhile
		if part, err = c.Next(ctx, part); err != nil {
			t.Fatal(err)
		}
		if got := part.Verdict.Checkpoint.StateHeight; got != first {
			t.Errorf("part %d is of height %d, the first of %d", parts, got, first)
		}
		parts++
	}
	if len(seen) != 11 || parts < 3 {
		t.Errorf("%d records in %d parts", len(seen), parts)
	}
	if _, err := c.Next(ctx, part); err == nil {
		t.Error("something follows the last part")
	}
}

func TestClientWatchesTheLogGrow(t *testing.T) {
	n, c := recorded(t, nil)
	ctx := context.Background()
	before, err := c.Checkpoint(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		capture(t, n, observation(t, 200+i))
		now, err := c.Extended(ctx, before)
		if err != nil {
			t.Fatal(err)
		}
		if now.Roots.LogSize != before.Roots.LogSize+1 {
			t.Errorf("%d entries after %d", now.Roots.LogSize, before.Roots.LogSize)
		}
		before = now
	}
	// A reader who kept another history than the node's finds out.
	other := *before
	other.Roots.LogRoot[0] ^= 1
	other.Roots.LogSize--
	other.Roots.Height--
	if _, err := c.Extended(ctx, &other); reason(err) != proof.ReasonLog {
		t.Errorf("another history: %v", err)
	}
}

func reason(err error) proof.Reason {
	var r *proof.Refutation
	if errors.As(err, &r) {
		return r.Reason
	}
	return ""
}

// Between client and node sits somebody who changes the answers.
func TestClientRefutesALyingProxy(t *testing.T) {
	n, c := recorded(t, nil)
	target, err := url.Parse(c.Base())
	if err != nil {
		t.Fatal(err)
	}
	var lie func([]byte) []byte
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Header.Set("Accept-Encoding", "identity")
	}}
	proxy.ModifyResponse = func(r *http.Response) error {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		b = lie(b)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(b)), int64(len(b))
		r.Header.Set("Content-Length", strconv.Itoa(len(b)))
		return nil
	}
	server := httptest.NewServer(proxy)
	defer server.Close()
	liar := reader(t, n, server.URL, "")
	ctx := context.Background()
	elsewhere, err := c.Dossier(ctx, client.Question{ID: item(t, 3), Direction: trace.Upstream})
	if err != nil {
		t.Fatal(err)
	}
	unknown, err := c.Dossier(ctx, client.Question{ID: item(t, 555), Direction: trace.Upstream})
	if err != nil {
		t.Fatal(err)
	}
	for name, k := range map[string]struct {
		lie  func([]byte) []byte
		want proof.Reason
	}{
		"none":                  {func(b []byte) []byte { return b }, ""},
		"another item's":        {func([]byte) []byte { return elsewhere }, proof.ReasonID},
		"an unknown item's":     {func([]byte) []byte { return unknown }, proof.ReasonID},
		"said to be unknown":    {func([]byte) []byte { return bytes.ReplaceAll(unknown, []byte("/21/555"), []byte("/21/100")) }, proof.ReasonOrder}, // its map key is another
		"another app hash":      {func(b []byte) []byte { return swapDigit(b, `"mapRoot":"`) }, proof.ReasonRoots},
		"another vote":          {func(b []byte) []byte { return swapDigit(b, `"validator":0,"time":"1`) }, proof.ReasonVote},
		"another validator set": {func(b []byte) []byte { return swapDigit(b, `"validators":[{"key":"`) }, proof.ReasonValidators},
	} {
		lie = k.lie
		_, _, err := liar.Prove(ctx, client.Question{ID: item(t, 100), Direction: trace.Upstream})
		if got := reason(err); got != k.want || err != nil && got == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	lie = func(b []byte) []byte { return b[:len(b)-3] }
	if _, _, err := liar.Prove(ctx, client.Question{ID: item(t, 100)}); !errors.Is(err, proof.ErrUnusable) {
		t.Errorf("cut off: %v", err)
	}
}

// swapDigit changes the digit behind a text.
func swapDigit(b []byte, behind string) []byte {
	at := bytes.Index(b, []byte(behind)) + len(behind)
	out := bytes.Clone(b)
	if out[at] = '1'; b[at] == '1' {
		out[at] = '2'
	}
	return out
}
