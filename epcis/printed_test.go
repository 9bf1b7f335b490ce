package epcis

import "testing"

func TestStandsFor(t *testing.T) {
	for _, c := range []struct {
		text, id string
		want     bool
	}{
		{"https://id.gs1.org/01/09521104000020/21/R1", "https://id.gs1.org/01/09521104000020/21/R1", true},
		{"urn:epc:id:sgtin:9521104.000002.R1", "https://id.gs1.org/01/09521104000020/21/R1", true},
		{"(01)09521104000020(21)R1", "https://id.gs1.org/01/09521104000020/21/R1", true},
		{" (01) 09521104000020 (21) R1 ", "https://id.gs1.org/01/09521104000020/21/R1", true},
		{"(01)09521104000020(21)R2", "https://id.gs1.org/01/09521104000020/21/R1", false},
		{"(01)09521104000020(21)A/1:2?(x)%", "https://id.gs1.org/01/09521104000020/21/A%2F1%3A2%3F%28x%29%25", true},
		{"(01)09521104000020(21)A/1", "https://id.gs1.org/01/09521104000020/21/A%2F2", false},
		{"(01)09521104000020(21)", "https://id.gs1.org/01/09521104000020", false},
		{"395211020000000016", "https://id.gs1.org/00/395211020000000016", true},
		{"395211020000000017", "https://id.gs1.org/00/395211020000000016", false},
		{"wmku 204718-8", "urn:epc:id:bic:WMKU2047188", true},
		{"26ET0012", "urn:epcglobal:cbv:bt:9521101000009:26ET0012", true},
		{"26ET0012", "urn:epcglobal:cbv:bt:9521103000007:26ET0012", true},
		{"26ET0012", "urn:epcglobal:cbv:bt:9521101000009:26ET0013", false},
		{"26ET0012", "urn:epcglobal:cbv:bt:9521101000009:x:26ET0012", false},
		{"", "urn:epcglobal:cbv:bt:9521101000009:", false},
		{"urn:x:1", "urn:x:2", false},
	} {
		if got := StandsFor(c.text, c.id); got != c.want {
			t.Errorf("%q stands for %s: %v", c.text, c.id, got)
		}
	}
}
