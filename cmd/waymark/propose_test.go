package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
)

// What a proposal says wrong by itself is told here: on the ledger it would stand,
// signed and refused, for ever.
func TestWhatNoLedgerTakesIsNotProposed(t *testing.T) {
	node := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the node is asked: %s %s", r.Method, r.URL)
	}))
	defer node.Close()
	const (
		member = "https://id.gs1.org/417/9521106000004"
		key    = "0x02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5"
	)
	described := func(country, role, prefix, keys string) string {
		file := filepath.Join(t.TempDir(), "member.json")
		doc := `{"id":"` + member + `","name":"Certifier","country":"` + country + `","roles":["` + role + `"],"prefixes":["` + prefix + `"],"keys":[` + keys + `]}`
		if err := os.WriteFile(file, []byte(doc), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	good := `"` + key + `"`
	written := filepath.Join(t.TempDir(), "proposal.json")
	g := epcis.Governance{Action: epcis.Propose, ID: epcis.Canonical("urn:uuid:p"), Change: epcis.ChangeSuspend, Subject: epcis.Canonical("urn:x:nobody")}
	if err := os.WriteFile(written, g.JSON(), 0o600); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	if code := Run(t.Context(), []string{"capture", written, "--node", node.URL}, Stdio{Out: &said, Err: &said}); code != exitUsage || !strings.Contains(said.String(), "proposal.json: the proposal is refused by every ledger") {
		t.Errorf("capture: exit code %d, %s", code, &said)
	}
	for _, c := range []struct {
		file, line, want string
	}{
		{"", "parameters lateness=99999999999999", "is not between 0 and 316224000"},
		{"", "parameters massTolerance=0.2", "is not between 0 and 0.1"},
		{"", "parameters prefixAuthority=maybe", "is not off or flag or reject"},
		{"", "parameters nosuch=1", "no parameter nosuch"},
		{"", "suspend x", "x is no organisation's id"},
		{"", "remove https://id.gs1.org/417/9521106000005", "check digit"},
		{"", "reinstate https://id.gs1.org/414/9521106000004", "is no organisation's id"},
		{"", "validator --organisation " + member + " --validator-key 5f", "64 hex digits"},
		{"", "validator --organisation x --validator-key " + strings.Repeat("5f", 32), "x is no organisation's id"},
		{"", "validator --organisation " + member + " --power 1000001 --validator-key " + strings.Repeat("5f", 32), "at most 1000000"},
		{"", "ruleset waymark-2 --release 0.2.0 --height 0", "height 0"},
		{"", "scheme https://example.org/organic --hs x1", "no commodity code"},
		{"", "scheme https://example.org/organic --class https://id.gs1.org/01/09521104000020/21/R2", "no product class"},
		{"", "place x --grant " + member, "x is no place"},
		{"", "place https://id.gs1.org/414/9521103000014 --grant x", "x is no organisation's id"},
		{"", "place https://id.gs1.org/414/9521103000014 --grant " + member + " --withdraw " + member, "named twice"},
		{"", "place https://id.gs1.org/414/9521103000014", "grant"},
		{"", "prefix 952 --end", "does not have 4 to 12 digits"},
		{"", "prefix 9521106 --licensee x", "x is no organisation's id"},
		{"", "prefix 9521106", "licensee"},
		{"", "prefix 9521106 --licensee=", "it is empty"},
		{described("ET", "certifier", "9521106", ""), "admit", "it has no key"},
		{described("ET", "baker", "9521106", good), "admit", "role \"baker\" is not known"},
		{described("ET", "certifier", "95", good), "admit", "prefix \"95\""},
		{described("XX", "certifier", "9521106", good), "admit", "XX is no country's code"},
		{described("ET", "customs:UK", "9521106", good), "admit", "UK is no country's code"},
		{described("ET", "baker", "9521106", good), "amend " + member, "role \"baker\" is not known"},
		{described("ET", "bank", "9521106", good), "amend https://id.gs1.org/417/9521109000001", "not the subject"},
	} {
		args := append([]string{"propose"}, strings.Fields(c.line)...)
		if c.file != "" {
			args = append(args, "--member", c.file)
		}
		var said bytes.Buffer
		code := Run(t.Context(), append(args, "--node", node.URL), Stdio{Out: &said, Err: &said})
		if code != exitUsage || !strings.Contains(said.String(), c.want) {
			t.Errorf("%s: exit code %d, %s", c.line, code, &said)
		}
	}
}
