package node

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A browser shows the page of a real node, on a phone's width, and checks it when
// the reader asks: what is true is verified, what a proxy in between has changed
// is not, and what the device has kept stays.
func TestBrowserChecksAPage(t *testing.T) {
	b := newBrowser(t)
	n, _ := recorded(t, nil)
	node, err := url.Parse("http://" + n.APIAddr())
	if err != nil {
		t.Fatal(err)
	}
	var change atomic.Pointer[func(r *http.Request, body []byte) []byte]
	honest := func(_ *http.Request, body []byte) []byte { return body }
	change.Store(&honest)
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(node); r.Out.Header.Set("Accept-Encoding", "identity") },
		ModifyResponse: func(r *http.Response) error {
			body, err := io.ReadAll(r.Body)
			if err = errors.Join(err, r.Body.Close()); err != nil {
				return err
			}
			body = (*change.Load())(r.Request, body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			r.ContentLength = int64(len(body))
			r.Header.Set("Content-Length", fmt.Sprint(len(body)))
			return nil
		},
	}
	site := httptest.NewServer(proxy)
	t.Cleanup(site.Close)
	page := site.URL + strings.TrimPrefix(item(t, 100), "https://id.gs1.org")
	dossier := func(r *http.Request) bool { return r.URL.Query().Has("proof") }
	lies := func(f func(r *http.Request, body []byte) []byte) { change.Store(&f) }

	b.open(page)
	if asked := b.text(`performance.getEntriesByType("resource").map((e) => e.name).join(" ")`); strings.Contains(asked, "verify.js") || strings.Contains(asked, "proof") {
		t.Errorf("loaded before anybody asked: %s", asked)
	}
	said := b.check()
	name := n.member().Name
	b.says(said, "Verified on this device", "11 records", "Signed: 11 records under 11 signatures", "Agreed: the votes of 1 of 1 validator", name, "The page lists the same records", "The records leave 20 gaps",
		"This was the first check here", n.genesis.Network.String()[:8], "What was not checked", "What the proof says, in 11 steps")
	b.text(`document.querySelectorAll("#device details").forEach((d) => (d.open = true)), ""`)
	b.screenshot("verified")
	if wide := b.text(`String(document.documentElement.scrollWidth)`); wide != "390" {
		t.Errorf("the page is %s wide, the phone 390", wide)
	}
	b.wide(320)
	if wide := b.text(`String(document.documentElement.scrollWidth)`); wide != "320" {
		t.Errorf("the page is %s wide, a small phone 320", wide)
	}
	b.wide(390)
	first := b.text(`localStorage.getItem("waymark.checkpoint")`)

	// What the device kept begins the next check, without anybody asking.
	capture(t, n, observation(t, 3000))
	b.open(page)
	b.says(b.checked(), "Verified on this device", "The checkpoint that it kept")
	// The same in another language, down to what stands in no catalogue.
	b.open(page + "?lang=de")
	b.says(b.checked(), "Auf diesem Gerät geprüft und bestätigt", "11 Aufzeichnungen unter 11 Signaturen", "Einig: die Stimmen von 1 von 1 Validator, was genügt", "Die Seite zeigt dieselben Aufzeichnungen",
		"Den aufbewahrten Kontrollpunkt", "Was nicht geprüft wurde", "Was der Nachweis sagt, in 11 Schritten", "(Aufzeichnung 0)")
	if marked := b.text(`String(document.querySelectorAll("#device [lang=en]").length)`); marked == "0" {
		t.Error("what the verifier says in English is not marked as English")
	}
	if claims := b.text(`document.getElementById("verdict").dataset.claims`); claims != "Der Knoten behauptet: " {
		t.Errorf("what would stand above a refutation: %s", claims)
	}
	b.wide(320)
	if wide := b.text(`String(document.documentElement.scrollWidth)`); wide != "320" {
		t.Errorf("the German page is %s wide, a small phone 320", wide)
	}
	b.wide(390)
	b.screenshot("verified-de")
	second := b.text(`localStorage.getItem("waymark.checkpoint")`)
	if second == first {
		t.Error("the later checkpoint was not kept")
	}

	// A page that shows other records than the proof.
	lies(func(r *http.Request, body []byte) []byte {
		if dossier(r) || !strings.HasPrefix(r.URL.Path, "/01/") {
			return body
		}
		return bytes.Replace(body, []byte(`data-seq="3" data-height="`), []byte(`data-seq="9" data-height="`), 1)
	})
	b.open(page)
	b.says(b.checked(), "Verified on this device, but look", "The page lists other records than the proof: 3")

	// A dossier with another letter in what one record says.
	lies(func(r *http.Request, body []byte) []byte {
		if !dossier(r) {
			return body
		}
		from := bytes.Index(body, []byte(`"seq":3,`))
		at := from + bytes.Index(body[from:], []byte(`"bytes":"`)) + 60
		if body[at]++; body[at] == 'Z'+1 || body[at] == 'z'+1 || body[at] == '9'+1 {
			body[at] = 'A'
		}
		return body
	})
	b.open(page)
	b.says(b.checked(), "Refuted on this device", "Do not rely on what this page says", "Record 3")
	// Browsers give the value of attr() or its name.
	claims := b.text(`getComputedStyle(document.getElementById("verdict"), "::before").content.replace("attr(data-claims)", '"' + document.getElementById("verdict").dataset.claims + '"')`)
	if claims != `"The node claims: "` {
		t.Errorf("above a refutation stands %s", claims)
	}
	b.screenshot("refuted")

	// A history that the device has not seen.
	lies(honest)
	var vector struct{ Trust struct{ Checkpoint string } }
	if err := json.Unmarshal(mustRead(t, filepath.Join("..", "proof", "testdata", "vectors", "trusting-a-checkpoint.json")), &vector); err != nil {
		t.Fatal(err)
	}
	b.text(fmt.Sprintf(`localStorage.setItem("waymark.checkpoint", JSON.stringify({checkpoint: %q, since: "2026-11-22T00:00:00Z", at: "2026-11-22T00:00:00Z"})), ""`, vector.Trust.Checkpoint))
	other := b.text(`localStorage.getItem("waymark.checkpoint")`)
	b.open(page)
	b.says(b.checked(), "Alarm: this contradicts what your device keeps", "another network", "22 Nov 2026")
	b.screenshot("alarm")
	b.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": "dark"}}}, nil)
	b.screenshot("alarm-dark")
	if b.text(`localStorage.getItem("waymark.checkpoint")`) != other {
		t.Error("the alarm took away what it rests on")
	}
	b.text(`document.querySelector("#device .told button").click(), ""`)
	b.says(b.checked(), "Verified on this device", "This was the first check here")

	// A browser without module workers, of either kind: the page itself verifies.
	for _, worker := range []string{`function () { throw new Error("none") }`,
		`function () { this.terminate = () => {}; this.postMessage = () => setTimeout(() => this.onerror(new Event("error"))) }`} {
		b.text(`globalThis.Worker = ` + worker + `, ""`)
		b.says(b.check(), "Verified on this device", "11 records")
	}

	// As of a past height, and of an identifier that is no GS1 key's page.
	b.open(site.URL + "/trace?direction=downstream&at=5&id=" + url.QueryEscape(item(t, 0)))
	b.says(b.checked(), "Verified on this device", "The page lists the same records", "What the proof says, in 1 step")

	// The device has seen more than what the node shows now.
	b.open(page)
	b.checked()
	older := b.text(`fetch(document.querySelector("#device").dataset.proof).then((r) => r.text())`)
	capture(t, n, observation(t, 3001))
	b.open(page)
	b.says(b.checked(), "Verified on this device")
	newest := b.text(`localStorage.getItem("waymark.checkpoint")`)
	lies(func(r *http.Request, body []byte) []byte {
		if !dossier(r) {
			return body
		}
		return []byte(older)
	})
	b.says(b.check(), "Verified on this device, but look", "This node is behind what your device has verified before")
	if b.text(`localStorage.getItem("waymark.checkpoint")`) != newest {
		t.Error("an older checkpoint took the newer one's place")
	}

	// Without the proof that the history goes on, the device keeps what it has.
	lies(func(r *http.Request, body []byte) []byte {
		if r.URL.Path != "/v1/proofs/consistency" {
			return body
		}
		return []byte(`{"from":0,"to":0,"path":["` + strings.Repeat("00", 32) + `"]}`)
	})
	capture(t, n, observation(t, 3002))
	b.says(b.check(), "Alarm: this contradicts what your device keeps", "cannot show that its history goes on")
	if b.text(`localStorage.getItem("waymark.checkpoint")`) != newest {
		t.Error("an alarm took away what it rests on")
	}

	// A proxy that answers with an error instead of the proof.
	lies(func(r *http.Request, body []byte) []byte {
		if !dossier(r) {
			return body
		}
		return []byte("{}")
	})
	b.says(b.check(), "Refuted on this device", "no proof", "unusable")

	if errors := b.text(`document.querySelectorAll("[role=status]").length + " " + document.activeElement.tagName`); errors != "1 BUTTON" {
		t.Errorf("focus after a check: %s", errors)
	}
}

// A journey too long for one dossier is checked part after part.
func TestBrowserChecksAJourneyInParts(t *testing.T) {
	b := newBrowser(t)
	n, _ := recorded(t, func(c *Config) { c.API.DossierRecords = 4 })
	b.open("http://" + n.APIAddr() + strings.TrimPrefix(item(t, 100), "https://id.gs1.org") + "?direction=upstream")
	b.says(b.check(), "Verified on this device", "Signed: 11 records under 11 signatures", "Nothing recorded was left out", "The page lists the same records", "What the proof says, in 11 steps")
	if parts := b.text(`String(performance.getEntriesByType("resource").filter((e) => e.name.includes("proof=1")).length)`); parts == "1" {
		t.Error("it came in one part")
	}
}

// chromium is a headless browser, driven over its DevTools protocol: JSON between
// zero bytes, on two pipes.
type chromium struct {
	t       *testing.T
	in      io.Writer
	answers chan cdpMessage
	last    int
	session string
}

type cdpMessage struct {
	ID        int             `json:"id,omitempty"`
	Method    string          `json:"method,omitempty"`
	Params    any             `json:"params,omitempty"`
	SessionID string          `json:"sessionId,omitempty"`
	Result    json.RawMessage `json:"result,omitempty"`
	Error     json.RawMessage `json:"error,omitempty"`
}

func newBrowser(t *testing.T) *chromium {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("to check a page in a browser needs Chromium on PATH (Debian: apt-get install chromium)")
	}
	profile, err := os.MkdirTemp("", "chromium")
	if err != nil {
		t.Fatal(err)
	}
	theirs, ours, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	heard, said, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
		"--disable-sync", "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-pipe", "--user-data-dir="+filepath.Join(profile, "profile"))
	command.ExtraFiles = []*os.File{theirs, said}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	_ = theirs.Close()
	_ = said.Close()
	b := &chromium{t: t, in: ours, answers: make(chan cdpMessage, 64)}
	over := make(chan struct{})
	go func() {
		defer close(over)
		for r := bufio.NewReader(heard); ; {
			line, err := r.ReadBytes(0)
			if err != nil {
				return
			}
			var m cdpMessage
			if json.Unmarshal(line[:len(line)-1], &m) == nil && m.ID != 0 {
				b.answers <- m
			}
		}
	}()
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		_ = ours.Close()
		_ = heard.Close()
		<-over
		_ = os.RemoveAll(profile)
	})
	var target struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	b.wide(390)
	return b
}

// wide makes the browser a phone so many pixels wide.
func (b *chromium) wide(pixels int) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": pixels, "height": 844, "deviceScaleFactor": 1, "mobile": true}, nil)
}

func (b *chromium) call(method string, params, result any) {
	b.t.Helper()
	b.last++
	text, err := json.Marshal(cdpMessage{ID: b.last, Method: method, Params: params, SessionID: b.session})
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.in.Write(append(text, 0)); err != nil {
		b.t.Fatal(err)
	}
	select {
	case m := <-b.answers:
		if m.ID != b.last || m.Error != nil {
			b.t.Fatalf("%s: answer %d %s", method, m.ID, m.Error)
		}
		if result != nil {
			if err := json.Unmarshal(m.Result, result); err != nil {
				b.t.Fatal(err)
			}
		}
	case <-time.After(patience):
		b.t.Fatalf("%s: no answer", method)
	}
}

// text evaluates an expression that is a text.
func (b *chromium) text(expression string) string {
	b.t.Helper()
	var said struct {
		Result           struct{ Value string }
		ExceptionDetails json.RawMessage
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &said)
	if said.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, said.ExceptionDetails)
	}
	return said.Result.Value
}

// await waits until a condition holds.
func (b *chromium) await(condition string) {
	b.t.Helper()
	for ends := time.Now().Add(patience); b.text("String("+condition+")") != "true"; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(ends) {
			b.t.Fatalf("never: %s\n%s", condition, b.text("document.body.innerText"))
		}
	}
}

// open shows a page until its script runs.
func (b *chromium) open(address string) {
	b.t.Helper()
	b.text(`document.documentElement.dataset.left = "true"`)
	b.call("Page.navigate", map[string]any{"url": address}, nil)
	b.await(`document.documentElement && !document.documentElement.dataset.left && document.querySelector("#device button")?.hidden === false`)
}

// check presses the button and returns what the page then says.
func (b *chromium) check() string {
	b.t.Helper()
	b.text(`document.querySelector("#device button").focus(), document.querySelector("#device button").click(), ""`)
	return b.checked()
}

func (b *chromium) checked() string {
	b.t.Helper()
	b.await(`["Check again", "Noch einmal prüfen"].includes(document.querySelector("#device button").textContent) && !document.querySelector("#device button").hasAttribute("aria-disabled")`)
	return b.text(`document.querySelector("#device").textContent`)
}

func (b *chromium) says(said string, wants ...string) {
	b.t.Helper()
	for _, want := range wants {
		if !strings.Contains(said, want) {
			b.t.Errorf("the page does not say %q:\n%s", want, said)
		}
	}
}

// screenshot keeps a picture for who looks at them: WAYMARK_SCREENSHOTS is where.
func (b *chromium) screenshot(name string) {
	b.t.Helper()
	dir := os.Getenv("WAYMARK_SCREENSHOTS")
	if dir == "" {
		return
	}
	var shot struct{ Data string }
	var height float64
	if err := json.Unmarshal([]byte(b.text(`String(document.querySelector("#device").getBoundingClientRect().bottom + scrollY + 16)`)), &height); err != nil {
		b.t.Fatal(err)
	}
	clip := map[string]any{"x": 0, "y": 0, "width": 390, "height": height, "scale": 1}
	b.call("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true, "clip": clip}, &shot)
	png, err := base64.StdEncoding.DecodeString(shot.Data)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600); err != nil {
		b.t.Fatal(err)
	}
}
