package verify_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
	"github.com/waymark-ledger/waymark/web/verify"
)

// What a dossier of 120 records may take in a browser. The machine that tests
// may be busy, so only thrice as much fails, in the quickest of ten passes; the
// log has the numbers.
const (
	browserLimit  = 400 * time.Millisecond
	browserPasses = 3 * browserLimit
)

// A browser verifies a dossier of 120 records, under a policy that allows the
// module and nothing else.
func TestBrowserVerifiesADossierOf120Records(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a ledger of 20,000 records")
	}
	chromium := browser(t)
	genesis, dossier, size := longDossier(t, 20_000)
	g, err := identity.ParseGenesis(genesis)
	if err != nil {
		t.Fatal(err)
	}
	anchor, err := proof.AnchorOfGenesis(g)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	v, err := proof.Verify(dossier, proof.Options{Anchor: anchor, ID: laneBag, Direction: trace.Upstream})
	inGo := time.Since(began)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(dossier); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}

	page := serve(t, map[string]file{
		"/":             {"text/html; charset=utf-8", []byte(`<!doctype html><title>verify</title><script type="module" src="/page.js"></script>`)},
		"/page.js":      {"text/javascript", []byte(pageScript)},
		"/verify.js":    {"text/javascript", verify.Module},
		"/genesis.json": {"application/json", genesis},
		"/dossier.json": {"application/json", dossier},
	})
	said := page.open(t, chromium)
	if said.Error != "" {
		t.Fatal(said.Error)
	}
	equalJSON(t, "in the browser", said.Verdict, shownVerdict(t, v))
	later := slices.Sorted(slices.Values(said.Milliseconds[1:]))
	t.Logf("%d records of %d on the ledger, %d in the journey, %d bytes, %d with gzip; Go verifies in %v, the browser in %.0f ms the first time, then in %.0f ms (median)",
		len(v.Records), size, len(v.Journey.Steps), len(dossier), packed.Len(), inGo.Round(time.Millisecond), said.Milliseconds[0], later[len(later)/2])
	if quickest := time.Duration(slices.Min(said.Milliseconds) * float64(time.Millisecond)); quickest > browserPasses {
		t.Errorf("the quickest verification took %v; %v is wanted of the first", quickest, browserLimit)
	}
}

// pageScript verifies ten times and reports.
const pageScript = `import { bytes, identity, proof } from "/verify.js";
const load = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
const report = (what) => fetch("/report", { method: "POST", body: JSON.stringify(what) });
try {
  const [genesis, dossier] = await Promise.all([load("/genesis.json"), load("/dossier.json")]);
  const milliseconds = [];
  let verdict;
  for (let i = 0; i < 10; i++) {
    const began = performance.now();
    const anchor = proof.anchorOfGenesis(identity.parseGenesis(genesis));
    verdict = proof.verify(dossier, { anchor, id: "` + laneBag + `", direction: "upstream" });
    milliseconds.push(performance.now() - began);
  }
  await report({ milliseconds, verdict });
} catch (e) {
  await report({ error: String(e.stack ?? e) });
}
`

func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("to measure in a browser needs Chromium on PATH (Debian: apt-get install chromium)")
	return ""
}

type file struct {
	kind string
	body []byte
}

type report struct {
	Error        string
	Milliseconds []float64
	Verdict      json.RawMessage
}

// page is a site on loopback that hears what its script reports.
type page struct {
	address string
	reports chan report
}

func serve(t *testing.T, files map[string]file) *page {
	t.Helper()
	p := &page{reports: make(chan report, 1)}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if r.URL.Path == "/report" {
			var said report
			b, err := io.ReadAll(r.Body)
			if err == nil {
				err = json.Unmarshal(b, &said)
			}
			if err != nil {
				said.Error = err.Error()
			}
			p.reports <- said
			return
		}
		f, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", f.kind)
		_, _ = w.Write(f.body)
	})}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.address = "http://" + listener.Addr().String() + "/"
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return p
}

// open shows the page in a browser of its own until it has reported.
func (p *page) open(t *testing.T, chromium string) report {
	t.Helper()
	profile, err := os.MkdirTemp("", "chromium")
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
		"--disable-sync", "--disable-dev-shm-usage", "--no-first-run", "--user-data-dir="+filepath.Join(profile, "profile"), p.address)
	var said bytes.Buffer
	command.Stderr = &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	defer func() {
		_ = command.Process.Kill()
		<-ended
		_ = os.RemoveAll(profile)
	}()
	select {
	case r := <-p.reports:
		return r
	case err := <-ended:
		ended <- err
		t.Fatalf("Chromium ended: %v\n%s", err, said.Bytes())
	case <-time.After(2 * time.Minute):
		t.Fatalf("the page did not report\n%s", said.Bytes())
	}
	return report{}
}
