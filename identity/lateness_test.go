package identity

import (
	"strings"
	"testing"
)

// Every role may have a lateness limit, and of several roles the longest counts.
func TestLatenessByRole(t *testing.T) {
	p := DefaultParameters()
	for i, r := range roleOfLateness() {
		if r == "customs" {
			r = CustomsOf("DE")
		}
		if !r.Known() {
			t.Errorf("%s is no role", r)
		}
		if got := p.LatenessOf([]Role{r}); got != p.Lateness {
			t.Errorf("%s has %d", r, got)
		}
		q := p
		q.LatenessByRole[i] = 7
		if got := q.LatenessOf([]Role{r}); got != 7 {
			t.Errorf("%s has %d of its own", r, got)
		}
	}
	for what, c := range map[string]struct {
		set   string
		roles []Role
		want  uint64
	}{
		"none":                     {"latenessCarrier=60", nil, p.Lateness},
		"a longer general one":     {"latenessCarrier=60", []Role{Carrier, Bank}, p.Lateness},
		"the longest of two":       {"latenessCarrier=60 latenessBank=61", []Role{Carrier, Bank}, 61},
		"a shorter general one":    {"lateness=0 latenessBank=61", []Role{Carrier, Bank}, 61},
		"of all customs":           {"latenessCustoms=5", []Role{CustomsOf("DE"), CustomsOf("FR")}, 5},
		"a general one of nothing": {"lateness=0", []Role{Carrier}, 0},
	} {
		q := p
		for text := range strings.FieldsSeq(c.set) {
			name, value, _ := strings.Cut(text, "=")
			if err := q.Set(name, value); err != nil {
				t.Fatal(err)
			}
		}
		if got := q.LatenessOf(c.roles); got != c.want {
			t.Errorf("%s: %d, want %d", what, got, c.want)
		}
		if most := q.MaxLateness(); most < q.Lateness || most < q.LatenessOf(c.roles) {
			t.Errorf("%s: at most %d", what, most)
		}
	}
}
