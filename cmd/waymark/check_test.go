package main

import (
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/node"
)

// Of a ledger that cannot be opened no height is told, nor roots of zeros.
func TestReportOfALedgerThatCannotBeOpened(t *testing.T) {
	for _, c := range []struct {
		report node.CheckReport
		height bool
	}{
		{node.CheckReport{Home: "/home/x", Damage: "damaged: 000018.sst"}, false},
		{node.CheckReport{Home: "/home/x", Damage: "record 7 is damaged", Height: 7}, true},
		{node.CheckReport{Home: "/home/x"}, true}, // before the first block
	} {
		var text strings.Builder
		writeReport(&text, &c.report)
		if told := strings.Contains(text.String(), "height"); told != c.height || strings.Contains(text.String(), "Damaged.") != (c.report.Damage != "") {
			t.Errorf("%+v:\n%s", c.report, text.String())
		}
	}
}
