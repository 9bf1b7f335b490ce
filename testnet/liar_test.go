package testnet_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/ledger"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/testnet"
	"github.com/waymark-ledger/waymark/testnet/lane"
	"github.com/waymark-ledger/waymark/trace"
)

// A falsehood is what somebody between a node and its reader makes of the
// node's answer, and why the reader refuses it. The lies stand in the files
// liar_…_test.go.
type falsehood struct {
	name   string
	reason proof.Reason // or unusable
	tell   func(l *liar)
}

const unusable proof.Reason = "unusable"

// A proxy between a reader and an honest node rewrites answers. It is run by a
// member, and has all that a member's node has: the whole ledger, so that it can
// prove its lies as well as they can be proved, every answer that was ever
// given, another network's answers, and a key of its own. It has no other's key.
// The reader, who has the genesis document and nothing else, refuses every lie,
// each for its own reason; and so does the verifier of browsers.
func TestProxyLiesInVain(t *testing.T) {
	long(t)
	w := newWorld(t)
	var all []*asked
	for _, f := range []falsehood{{name: "the honest answer", tell: func(*liar) {}}, {name: "the honest answer, proved again by the liar", tell: (*liar).prove}} {
		a := w.ask(t, f)
		if a.err != nil || len(a.verdict.Journey.Records) < 50 || !a.verdict.Complete {
			t.Fatalf("%s: %+v, %v", f.name, a.verdict, a.err)
		}
		all = append(all, a)
	}
	for _, f := range allFalsehoods() {
		t.Run(f.name, func(t *testing.T) {
			a := w.ask(t, f)
			if reason, _, _ := told(t, a.err); reason != f.reason || a.verdict != nil {
				t.Errorf("%q wanted, the client says: %v", f.reason, a.err)
			}
			all = append(all, a)
		})
	}
	if len(all) < 40 {
		t.Errorf("only %d answers", len(all))
	}
	t.Run("in the verifier of browsers", func(t *testing.T) { askBrowsers(t, w.genesis, all) })
	t.Run("a plain no proves nothing", w.denied)
}

// asked is a question and what became of the answer.
type asked struct {
	name     string
	question client.Question
	at       time.Time
	verdict  *proof.Verdict
	data     []byte // as it came from the proxy
	err      error
}

// world is a network on which a container of coffee has come to its end, and
// what a liar collected meanwhile.
type world struct {
	anchor   proof.Anchor
	genesis  []byte
	node     testnet.NodeState // honest
	nodes    []*client.Client
	script   *lane.Script
	question client.Question
	all      *ledger.Snapshot // of another node, whose owner lies

	// Genuine answers, none of them today's to the question.
	before    []byte // to the same question, before the bag was
	yesterday []byte // to the same question, before what was recorded last
	sibling   []byte // about another bag
	onward    []byte // downstream
	unknown   []byte // about a bag that never was
	foreign   []byte // of another network

	cloned, revoked uint64 // seqs of what was recorded last
}

func newWorld(t *testing.T) *world {
	s, err := testnet.Up(t.Context(), testnet.Options{Dir: t.TempDir(), Nodes: 4, Configure: unhurried})
	do(t, "up", err)
	t.Cleanup(func() { do(t, "down", s.Down()) })
	state := s.State()
	w := &world{node: state.Nodes[0]}
	for i := range state.Nodes {
		w.nodes = append(w.nodes, state.Nodes[i].Client())
	}
	w.genesis, err = os.ReadFile(state.Genesis)
	do(t, "genesis", err)
	g, err := identity.ParseGenesis(w.genesis)
	do(t, "genesis", err)
	w.anchor, err = proof.AnchorOfGenesis(g)
	do(t, "anchor", err)

	player, err := testnet.NewPlayer(state)
	do(t, "player", err)
	now := time.Now()
	acts, err := lane.Coffee.Ground(now)
	do(t, "ground", err)
	w.script, err = lane.Coffee.Script(now, 0)
	do(t, "script", err)
	w.question = client.Question{ID: w.script.Item, Direction: trace.Upstream}
	do(t, "play the ground", player.Play(t.Context(), acts, nil))
	w.before = w.answer(t, w.question)
	do(t, "play the lane", player.Play(t.Context(), w.script.Acts, nil))
	w.yesterday = w.answer(t, w.question)
	w.recordMore(t, player)
	sibling := strings.TrimSuffix(w.script.Item, "1") + "2"
	w.sibling = w.answer(t, client.Question{ID: sibling, Direction: trace.Upstream})
	w.onward = w.answer(t, client.Question{ID: w.script.Item, Direction: trace.Downstream})
	w.unknown = w.answer(t, client.Question{ID: w.script.Item + "X", Direction: trace.Upstream})
	w.foreign = foreignAnswer(t)
	w.all = w.takeLedger(t, s, dossierOf(w.answer(t, w.question)).Checkpoint.Roots.Height)
	return w
}

// recordMore records what a liar would rather hide: a clone of the bag that was
// refused, a revocation, and where the container went next.
func (w *world) recordMore(t *testing.T, player *testnet.Player) {
	context := `"@context":["` + epcis.ContextURL + `",{"wm":"` + epcis.Vocabulary + `"}]`
	event := func(body string) []byte {
		return []byte(`{` + context + `,"type":"ObjectEvent","eventTime":"` + time.Now().UTC().Format("2006-01-02T15:04:05.000Z") +
			`","eventTimeZoneOffset":"+00:00",` + body + `}`)
	}
	play := func(act lane.Act) (seqs []uint64) {
		do(t, act.Title, player.Play(t.Context(), []lane.Act{act}, func(o testnet.Outcome) {
			for _, r := range o.Records {
				seqs = append(seqs, r.Seq)
			}
		}))
		return seqs
	}
	clone := event(`"action":"ADD","bizStep":"commissioning","epcList":["` + w.script.Item + `"]`)
	records, err := w.node.Client().CaptureAndWait(t.Context(), epcis.KindEvent, clone)
	do(t, "clone the bag", err)
	if len(records) != 1 || !records[0].Rejected {
		t.Fatalf("a clone of the bag is not refused: %+v", records)
	}
	w.cloned = records[0].Seq
	w.revoked = play(lane.Act{Member: "certifier", Title: "the certificate is revoked", Kind: epcis.KindCertificate,
		Records: [][]byte{[]byte(`{` + context + `,"type":"wm:Certificate","action":"revoke","id":"` + w.script.Certificate + `","reason":"pesticides found"}`)}})[0]
	for range 2 {
		play(lane.Act{Member: "carrier", Title: "the container goes on", Kind: epcis.KindEvent,
			Document: event(`"action":"OBSERVE","bizStep":"storing","epcList":["` + w.script.Container + `"]`)})
	}
}

// foreignAnswer asks another network about the same bag.
func foreignAnswer(t *testing.T) []byte {
	s, err := testnet.Up(t.Context(), testnet.Options{Dir: t.TempDir(), Nodes: 1, Configure: unhurried})
	do(t, "another network", err)
	defer func() { do(t, "down", s.Down()) }()
	script, err := lane.Coffee.Script(time.Now(), 0)
	do(t, "script", err)
	data, err := s.State().Nodes[0].Client().Dossier(t.Context(), client.Question{ID: script.Item, Direction: trace.Upstream})
	do(t, "ask another network", err)
	return data
}

// answer is what the honest node says, which the reader believes.
func (w *world) answer(t *testing.T, q client.Question) []byte {
	t.Helper()
	do(t, "settle", testnet.Settle(t.Context(), w.nodes))
	c := client.New(w.node.API, w.node.APIKey).WithAnchor(w.anchor)
	defer c.Close()
	_, data, err := c.Prove(t.Context(), q)
	do(t, "ask about "+q.ID, err)
	return data
}

// takeLedger stops the last node when it holds all, and opens its ledger.
func (w *world) takeLedger(t *testing.T, s *testnet.Supervisor, height uint64) *ledger.Snapshot {
	last := s.State().Nodes[3]
	awaitAbove(t, last.Client(), height-1)
	do(t, "stop", s.Stop(last.Name))
	l, err := ledger.Open(ledger.Config{Dir: filepath.Join(last.Dir, "data", "ledger"), CacheBytes: 8 << 20})
	do(t, "open the ledger", err)
	snapshot := l.Snapshot()
	t.Cleanup(func() { do(t, "close the ledger", errors.Join(snapshot.Close(), l.Close())) })
	if got := snapshot.Roots().StateHeight; got != height {
		t.Fatalf("the liar's ledger is of height %d, the answer of %d", got, height)
	}
	return snapshot
}

// ask asks the question through a proxy that tells the lie.
func (w *world) ask(t *testing.T, f falsehood) *asked {
	t.Helper()
	a := &asked{name: f.name, question: w.question, at: time.Now()}
	if f.reason == proof.ReasonStale || f.reason == "" {
		// A reader who wants no answer from before the lane was played.
		before, after := dossierOf(w.before).Checkpoint.Time(), dossierOf(w.yesterday).Checkpoint.Time()
		between := min((after-before)/2, int64(2*time.Second)) // long before today, for a reader who is slow
		a.question.MaxAge = time.Since(time.Unix(0, before+between)).Truncate(time.Second)
	}
	c := client.New(w.proxy(t, func(r *http.Response) error {
		if r.Request.URL.Path != "/v1/dossier" {
			return nil
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		lie, err := w.lie(f, body)
		if err != nil {
			t.Errorf("the liar fails: %v", err)
		}
		answer(r, http.StatusOK, lie)
		return err
	}), w.node.APIKey).WithAnchor(w.anchor)
	defer c.Close()
	a.verdict, a.data, a.err = c.Prove(t.Context(), a.question)
	return a
}

// answer replaces what the node answered.
func answer(r *http.Response, status int, body []byte) {
	r.StatusCode, r.Status = status, http.StatusText(status)
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.Header.Set("Content-Length", strconv.Itoa(len(body)))
}

// proxy stands between the reader and the node, and rewrites answers.
func (w *world) proxy(t *testing.T, rewrite func(*http.Response) error) (base string) {
	node, err := url.Parse(w.node.API)
	do(t, "address", err)
	p := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(node)
			r.Out.Header.Del("Accept-Encoding") // it reads them, too
		},
		ModifyResponse: rewrite,
	})
	t.Cleanup(p.Close)
	return p.URL
}

// denied has the proxy say that the node knows nothing of the bag. That is no
// proof, and the client does not call it one.
func (w *world) denied(t *testing.T) {
	c := client.New(w.proxy(t, func(r *http.Response) error {
		r.Header.Set("Content-Type", "application/problem+json")
		answer(r, http.StatusNotFound, []byte(`{"type":"about:blank","title":"the ledger holds no record of it","status":404}`))
		return nil
	}), w.node.APIKey).WithAnchor(w.anchor)
	defer c.Close()
	_, err := c.Trace(t.Context(), w.question.ID, string(w.question.Direction))
	if _, ok := errors.AsType[*client.Problem](err); !ok || errors.Is(err, trace.ErrUnknown) {
		t.Errorf("the client says: %v", err)
	}
}
