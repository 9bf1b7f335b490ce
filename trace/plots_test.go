package trace

import "testing"

func TestNamesGoesByThePartAfterTheNamespace(t *testing.T) {
	for _, expanded := range []string{"", "id", "@id", "x:id", "https://x/id", "https://x#id", "https://x/grid", "x:id/", "/id", "d", "plot_id", "x.id"} {
		for _, name := range []string{"id", "@id", "plot_id", "d"} {
			if got, want := Names(expanded, name), local(expanded) == name; got != want {
				t.Errorf("Names(%q, %q) is %t", expanded, name, got)
			}
		}
	}
}
