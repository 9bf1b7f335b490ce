package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
)

// Of what a member signed and a node took, no verdict comes while the network rests.
func TestNoVerdictInTimeOnWhatIsSignedHere(t *testing.T) {
	doc, err := os.ReadFile("../../identity/testdata/genesis.json")
	if err != nil {
		t.Fatal(err)
	}
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1/genesis":
			_, _ = w.Write(doc)
		case "/v1/envelopes":
			wait, _ := time.ParseDuration(r.URL.Query().Get("wait"))
			_, _ = io.Copy(io.Discard, r.Body)
			select {
			case <-time.After(wait):
			case <-r.Context().Done():
			}
			w.WriteHeader(http.StatusAccepted)
			fmt.Fprint(w, `{"envelope":"ab","status":"pending"}`)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer node.Close()
	dir := t.TempDir()
	secret, keys := filepath.Join(dir, "secret"), filepath.Join(dir, "keys")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	if code := Run(t.Context(), []string{"keys", "new", "--keystore", keys, "--passphrase-file", secret}, Stdio{Out: &said, Err: &said}); code != exitDone {
		t.Fatal(&said)
	}
	code := Run(t.Context(), []string{"capture", "../../docs/examples/commissioning.json", "--key", keys, "--passphrase-file", secret,
		"--node", node.URL, "--api-key", "k", "--wait", "2s"}, Stdio{In: strings.NewReader(""), Out: &said, Err: &said})
	if code != exitUnreachable || !strings.Contains(said.String(), "no verdict came in time (GET /v1/envelopes/ab") {
		t.Errorf("exit code %d: %s", code, &said)
	}
}

// What was judged before a node failed is told: it stays recorded.
func TestWhatWasJudgedBeforeAFailureIsTold(t *testing.T) {
	doc, err := os.ReadFile("../../identity/testdata/genesis.json")
	if err != nil {
		t.Fatal(err)
	}
	handed := 0
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/genesis" {
			_, _ = w.Write(doc)
			return
		}
		if handed++; handed > 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, `{"envelope":"0","status":"judged","records":[{"seq":7,"height":5,"verdicts":[]}]}`)
	}))
	defer node.Close()
	dir := t.TempDir()
	secret, keys, file := filepath.Join(dir, "secret"), filepath.Join(dir, "keys"), filepath.Join(dir, "events.json")
	event := `{"type":"ObjectEvent","eventTime":"2026-09-14T05:00:00Z","eventTimeZoneOffset":"+00:00","action":"OBSERVE","epcList":["urn:epc:id:sscc:9521102.1000000077"]}`
	events := `{"@context":["` + epcis.ContextURL + `"],"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-09-14T05:00:00Z","epcisBody":{"eventList":[` +
		strings.Repeat(event+",", identity.MaxRecords) + event + `]}}`
	for path, text := range map[string]string{secret: "secret", file: events} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out, said bytes.Buffer
	if code := Run(t.Context(), []string{"keys", "new", "--keystore", keys, "--passphrase-file", secret}, Stdio{Out: &out, Err: &said}); code != exitDone {
		t.Fatal(&said)
	}
	out.Reset()
	code := Run(t.Context(), []string{"capture", file, "--key", keys, "--passphrase-file", secret, "--node", node.URL, "--api-key", "k"},
		Stdio{In: strings.NewReader(""), Out: &out, Err: &said})
	if code != exitUnreachable || !strings.Contains(out.String(), "\n7    5 ") || !strings.Contains(said.String(), "(503)") {
		t.Errorf("exit code %d: %s%s", code, &out, &said)
	}
}

// A member without a node signs for the network of the genesis document, the one here
// or the one that every node shows, and needs a key that may hand in and nothing else.
func TestWhoSignsNeedsOnlyHandIn(t *testing.T) {
	doc, err := os.ReadFile("../../identity/testdata/genesis.json")
	if err != nil {
		t.Fatal(err)
	}
	genesis, err := identity.ParseGenesis(doc)
	if err != nil {
		t.Fatal(err)
	}
	var asked []string
	var signed identity.Network
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		switch r.URL.Path {
		case "/v1/genesis":
			_, _ = w.Write(doc)
		case "/v1/envelopes":
			wire, _ := io.ReadAll(r.Body)
			e, err := identity.DecodeEnvelope(wire)
			if err != nil {
				t.Error(err)
				return
			}
			signed = e.Network
			fmt.Fprint(w, `{"envelope":"0","status":"judged","records":[{"seq":7,"verdicts":[]}]}`)
		default:
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	defer node.Close()
	dir := t.TempDir()
	secret, home := filepath.Join(dir, "secret"), filepath.Join(dir, "home")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) {
		t.Helper()
		var said bytes.Buffer
		if code := Run(t.Context(), args, Stdio{In: strings.NewReader(""), Out: &said, Err: &said}); code != exitDone {
			t.Fatalf("%v: exit code %d: %s", args, code, &said)
		}
	}
	keys := filepath.Join(dir, "keys")
	run("keys", "new", "--keystore", keys, "--passphrase-file", secret)
	capture := []string{"capture", "../../docs/examples/commissioning.json", "--key", keys, "--passphrase-file", secret, "--node", node.URL, "--api-key", "k"}
	run(capture...)
	if signed != genesis.Network || strings.Join(asked, " ") != "/v1/genesis /v1/envelopes" {
		t.Errorf("signed for %v, asked for %v", signed, asked)
	}
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, "genesis.json"), doc, 0o600); err != nil {
		t.Fatal(err)
	}
	asked = nil
	run(append(capture, "--home", home)...)
	if strings.Join(asked, " ") != "/v1/envelopes" {
		t.Errorf("with a genesis document of its own it asked for %v", asked)
	}
}
