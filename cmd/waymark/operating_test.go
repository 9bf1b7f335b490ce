package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/node"
)

const operatingGuide = "../../docs/operating.md"

// The guide's table of keys is written from the configuration itself.
func TestOperatingGuideListsEveryKey(t *testing.T) {
	c := node.DefaultConfig("")
	var table strings.Builder
	table.WriteString("\n| key | what |\n|---|---|\n")
	for _, key := range c.Keys() {
		fmt.Fprintf(&table, "| `%s` | %s |\n", key[0], strings.ReplaceAll(key[1], "|", "\\|"))
	}
	b, err := os.ReadFile(operatingGuide)
	if err != nil {
		t.Fatal(err)
	}
	guide := string(b)
	start := strings.Index(guide, "-update` -->\n") + len("-update` -->\n")
	end := strings.Index(guide, "<!-- end of keys -->")
	if end < start {
		t.Fatal("the guide has lost the marks around its table of keys")
	}
	want := table.String() + "\n"
	if guide[start:end] == want {
		return
	}
	if !*update {
		t.Fatal("the guide's table of keys is out of date: go test ./cmd/waymark -run Operating -update")
	}
	if err := os.WriteFile(operatingGuide, []byte(guide[:start]+want+guide[end:]), 0o644); err != nil {
		t.Fatal(err)
	}
}
