package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
)

// row is one case as it is reported. Rates are medians over the rounds of
// saturated windows; finality is measured at a steady pace, from the submit
// call (or the API call) to the receipt; the CPU time is the whole process's,
// of all its nodes.
type row struct {
	Name       string  `json:"name"`
	Validators int     `json:"validators"`
	PerRecord  int     `json:"events_per_record"`
	FloorRate  float64 `json:"floor_events_per_s"`
	Rate       float64 `json:"events_per_s"`
	Ratio      float64 `json:"ratio"`
	P50        float64 `json:"p50_ms"`
	P99        float64 `json:"p99_ms"`
	CPU        float64 `json:"cpu_us_per_event"`

	floor measured
}

func newRow(name string, s scenario, floor, m measured) row {
	return row{
		Name: name, Validators: s.validators, PerRecord: s.perRecord,
		FloorRate: round(floor.rate, 1), Rate: round(m.rate, 1), Ratio: round(m.rate/floor.rate, 3),
		P50: round(m.p50, 1), P99: round(m.p99, 1), CPU: round(m.cpu, 1),
		floor: floor,
	}
}

func round(v float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(v*scale) / scale
}

// median takes the median of each number by itself.
func median(list []measured) measured {
	of := func(get func(measured) float64) float64 {
		var all []float64
		for _, m := range list {
			all = append(all, get(m))
		}
		slices.Sort(all)
		if n := len(all); n%2 == 0 {
			return (all[n/2-1] + all[n/2]) / 2
		}
		return all[len(all)/2]
	}
	return measured{
		rate: of(func(m measured) float64 { return m.rate }),
		cpu:  of(func(m measured) float64 { return m.cpu }),
		p50:  of(func(m measured) float64 { return m.p50 }),
		p99:  of(func(m measured) float64 { return m.p99 }),
	}
}

func printJSON(w io.Writer, rows []row) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Cases []row `json:"cases"`
	}{append([]row{}, rows...)})
}

// columns are the table's, for people.
func columns() []string {
	return []string{"case", "floor events/s", "events/s", "ratio", "floor p50/p99 ms", "p50/p99 ms", "floor CPU us/event", "CPU us/event"}
}

func (r row) cells() []string {
	return []string{
		r.Name, fmt.Sprintf("%.0f", r.FloorRate), fmt.Sprintf("%.0f", r.Rate), fmt.Sprintf("%.2f", r.Ratio),
		fmt.Sprintf("%.0f / %.0f", r.floor.p50, r.floor.p99), fmt.Sprintf("%.0f / %.0f", r.P50, r.P99),
		fmt.Sprintf("%.0f", r.floor.cpu), fmt.Sprintf("%.0f", r.CPU),
	}
}

func table(rows []row) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, strings.Join(columns(), "\t")+"\t")
	for _, r := range rows {
		fmt.Fprintln(w, strings.Join(r.cells(), "\t")+"\t")
	}
	_ = w.Flush() // into memory
	b.WriteString(httpAdds(rows))
	return b.String()
}

// httpAdds says what the API costs beside the same events submitted in process.
func httpAdds(rows []row) string {
	var b strings.Builder
	for _, over := range rows {
		name, ok := strings.CutSuffix(over.Name, "-http")
		i := slices.IndexFunc(rows, func(r row) bool { return r.Name == name })
		if !ok || i < 0 {
			continue
		}
		fmt.Fprintf(&b, "HTTP adds %.1f ms to the p50 of %s, %.1f ms to its p99, and %.0f us of CPU an event (client and server).\n",
			over.P50-rows[i].P50, name, over.P99-rows[i].P99, over.CPU-rows[i].CPU)
	}
	return b.String()
}
