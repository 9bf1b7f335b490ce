package api_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/api"
)

// What people read off labels and papers leads to what the records name.
func TestTraceOfWhatIsPrinted(t *testing.T) {
	m := newMemory(t)
	script := m.play(t)
	h := newAPI(t, m, api.Limits{})
	last := func(uri, separator string) string { return uri[strings.LastIndex(uri, separator)+1:] }
	for text, want := range map[string]string{
		"(01)09521104000020(21)R2600000001": script.Item,
		"(00)395211020000000016":            script.Upstream[5],
		"395211020000000016":                script.Upstream[5],
		"WMKU2047188":                       script.Container,
		" wmku 2047188":                     script.Container,
		last(script.MRN, ":"):               script.MRN,
		last(script.BillOfLading, ":"):      script.BillOfLading,
	} {
		var journey struct{ ID string }
		w := do(t, h, call{"GET", "/v1/trace?id=" + url.QueryEscape(text), queryKey, "", nil})
		if err := json.Unmarshal(w.Body.Bytes(), &journey); err != nil || journey.ID != want {
			t.Errorf("%q leads to %d %s, want %s", text, w.Code, journey.ID, want)
		}
	}
	for _, text := range []string{"WMKU2047189", "(01)09521104000021(21)R1", "no such thing", "(", "18446744073709551616"} {
		if w := do(t, h, call{"GET", "/v1/trace?id=" + url.QueryEscape(text), queryKey, "", nil}); w.Code != 404 {
			t.Errorf("%q: %d", text, w.Code)
		}
	}
}
