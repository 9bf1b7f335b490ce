package main

import (
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/testnet"
	"github.com/waymark-ledger/waymark/testnet/lane"
	"github.com/waymark-ledger/waymark/trace"
)

// What a rule caught reads as a sentence: which record, what became of it, which
// rule and code, why, from which record that is known, and what to do.
func TestCaughtReadsAsASentence(t *testing.T) {
	born := uint64(12)
	o := testnet.Outcome{Act: lane.Act{Member: "outlet", Title: "the serial once more"}, Records: []client.Record{
		{Seq: 40, Verdicts: []trace.Finding{{Severity: trace.Info, Rule: "A5", Title: "recorded long after it happened"}}},
		{Seq: 41, Rejected: true, Verdicts: []trace.Finding{{Severity: trace.Reject, Rule: "C1", Code: 1101, Title: "the item was born before",
			Facts: []trace.Fact{{Name: "https://id.gs1.org/01/09521116000018/21/T1", Value: "born at\nnoon", Seq: &born}, {Name: "scheme", Value: "x"}},
			Next:  "Give it a serial of its own."}}},
		{Seq: 42, Verdicts: []trace.Finding{{Severity: trace.Lock, Rule: "T1", Code: 6101, Title: "too warm"}, {Severity: trace.Flag, Rule: "A2", Code: 201, Title: "foreign"}}},
	}}
	var got []string
	for _, c := range caughtIn(o) {
		got = append(got, c.sentence())
	}
	want := []string{
		`✗ record 41 of outlet, "the serial once more": refused by rule C1, code 1101: the item was born before (serial T1: born at�noon, record 12; scheme: x). Give it a serial of its own.`,
		`⊘ record 42 of outlet, "the serial once more": locked by rule T1, code 6101: too warm.`,
		`! record 42 of outlet, "the serial once more": flagged by rule A2, code 201: foreign.`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := marks(o); got != "  REJECT C1  LOCK T1  FLAG A2" {
		t.Errorf("marks are %q", got)
	}
}
