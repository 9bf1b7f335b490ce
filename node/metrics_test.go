package node

import (
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

// What the operating guide alerts on is what connected nodes print.
func TestMetricsOfTheOperatingGuide(t *testing.T) {
	guide, err := os.ReadFile("../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile("`(waymark_[a-z0-9_]+)`").FindAllStringSubmatch(string(guide), -1)
	if len(names) < 4 {
		t.Fatalf("the guide names %d metrics", len(names))
	}
	var nodes []*running
	for _, c := range network(t, 2, func(_ int, c *Config) { c.API.PublicMetrics = true }) {
		nodes = append(nodes, run(t, c))
	}
	var missing []string
	defer func() {
		if t.Failed() {
			t.Logf("missing: %s", strings.Join(missing, ", "))
		}
	}()
	eventually(t, "the nodes print every metric", func() bool {
		r, err := http.Get("http://" + nodes[0].APIAddr() + "/metrics")
		if err != nil {
			return false
		}
		defer r.Body.Close()
		b, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode != http.StatusOK {
			return false
		}
		missing = missing[:0]
		for _, name := range names {
			if !regexp.MustCompile("(?m)^" + name[1] + "[{ ]").Match(b) {
				missing = append(missing, name[1])
			}
		}
		return len(missing) == 0
	})
}
