package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/ledger"
	"github.com/waymark-ledger/waymark/testnet/lane"
)

// impactResult is what runImpact reports.
type impactResult struct {
	Items     int     `json:"items"` // downstream of the recalled lot
	Lots      int     `json:"lots"`
	Records   int     `json:"records"` // on the ledger
	Holders   int     `json:"holders"`
	Requests  int     `json:"requests"`
	Bytes     int     `json:"bytes"` // of a first page
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
	DirectP50 float64 `json:"direct_p50_ms"` // of one packed lot
	DirectP99 float64 `json:"direct_p99_ms"`
	SingleP50 float64 `json:"single_p50_ms"` // of a lot whose bags went into a record each
	SingleP99 float64 `json:"single_p99_ms"`
	WholeMs   float64 `json:"whole_ms"`   // all pages of 1,000
	WithUs    float64 `json:"with_us"`    // CPU a record, appending and committing with the index
	WithoutUs float64 `json:"without_us"` // the same without
	RowBytes  float64 `json:"row_bytes"`  // that the index adds to the ledger, a record
}

// Of one green lot a hundred lots are roasted, half of each from another lot; of each a
// thousand bags are numbered, packed on four pallets, and two of these are shipped to
// a shop that receives them.
const (
	impactLots    = 100
	bagsARecord   = 250
	recordsPerLot = 4
	singleBags    = 2000 // that are repacked one by one; a first page follows half of them
	impactRounds  = 4
	greenLot      = "https://id.gs1.org/01/09521102000015/10/"
	roastedClass  = "https://id.gs1.org/01/09521104000013"
)

// runImpact measures GET /v1/impact of a recalled lot with 100,000 bags downstream,
// and what the forward index costs when it is written: the same ledger is filled with
// and without it, in turn.
func runImpact(ctx context.Context, o *options, stdout io.Writer) error {
	began := machine()
	r := &impactResult{Requests: o.requests}
	with, without := math.Inf(1), math.Inf(1)
	var m *mill
	sizes := map[bool]uint64{}
	for round := range impactRounds {
		for _, index := range []bool{false, true} {
			next, err := newMill(filepath.Join(o.dir, fmt.Sprintf("impact-%d-%v", round, index)))
			if err != nil {
				return err
			}
			if err := next.impact(ctx, index); err != nil {
				_ = next.ledger.Close()
				return fmt.Errorf("fill the ledger: %w", err)
			}
			cost := micro(next.writing) / float64(next.size())
			o.say("round %d, index %v: %.1f us of CPU a record of %d", round, index, cost, next.size())
			sizes[index] = next.written
			if index {
				with = min(with, cost)
			} else {
				without = min(without, cost)
			}
			if index && round == impactRounds-1 {
				m = next
			} else if err := next.ledger.Close(); err != nil {
				return err
			}
		}
	}
	defer m.ledger.Close()
	r.Records = int(m.size())
	r.WithUs, r.WithoutUs = round(with, 1), round(without, 1)
	r.RowBytes = round((float64(sizes[true])-float64(sizes[false]))/float64(r.Records), 1)
	if err := r.ask(ctx, m.ledger); err != nil {
		return err
	}
	return o.report(stdout, sectionImpact, began, r.text(), r)
}

// impact fills the ledger, and recalls the green lot at the end.
func (m *mill) impact(ctx context.Context, index bool) error {
	m.noForward = !index
	if err := m.ground(); err != nil {
		return err
	}
	members := map[string]string{}
	for _, member := range lane.Members(1) {
		members[member.Name] = member.Organisation.ID
	}
	if err := m.events("exporter", 40, `"action":"ADD","bizStep":"commissioning","quantityList":[{"epcClass":"`+greenLot+`G","quantity":300000,"uom":"KGM"},{"epcClass":"`+greenLot+`H","quantity":300000,"uom":"KGM"}]`); err != nil {
		return err
	}
	for lot := range impactLots {
		if err := ctx.Err(); err != nil {
			return err
		}
		id := fmt.Sprintf("%s/10/R%03d", roastedClass, lot)
		err := m.events("roaster", 30, fmt.Sprintf(`"inputQuantityList":[{"epcClass":"%sG","quantity":600,"uom":"KGM"},{"epcClass":"%sH","quantity":600,"uom":"KGM"}],"outputQuantityList":[{"epcClass":%q,"quantity":1000,"uom":"KGM"}]`, greenLot, greenLot, id))
		if err != nil {
			return err
		}
		for part := range recordsPerLot {
			var bags []string
			for n := range bagsARecord {
				bags = append(bags, fmt.Sprintf(`"%s/21/R%03d-%d-%03d"`, roastedClass, lot, part, n))
			}
			list, pallet := strings.Join(bags, ","), sscc(lot*recordsPerLot+part)
			handOver := fmt.Sprintf(`"epcList":[%q],"sourceList":[{"type":"possessing_party","source":%q}],"destinationList":[{"type":"possessing_party","destination":%q}]`, pallet, members["roaster"], members["grocer"])
			events := []string{
				fmt.Sprintf(`"action":"ADD","bizStep":"commissioning","readPoint":{"id":"https://id.gs1.org/414/9521104000013"},"epcList":[%s],"ilmd":{"cbvmda:lotNumber":"R%03d"}`, list, lot),
				fmt.Sprintf(`"action":"ADD","bizStep":"packing","parentID":%q,"childEPCs":[%s]`, pallet, list),
			}
			if part%2 == 0 {
				events = append(events, `"action":"OBSERVE","bizStep":"shipping",`+handOver)
			}
			if err := m.events("roaster", 20, events...); err != nil {
				return err
			}
			if part%2 == 0 {
				if err := m.events("grocer", 10, `"action":"OBSERVE","bizStep":"receiving","epcList":["`+pallet+`"]`); err != nil {
					return err
				}
			}
		}
	}
	for n := 0; n < singleBags; n += bagsARecord {
		var bags []string
		for i := range bagsARecord {
			bags = append(bags, fmt.Sprintf(`"%s/21/S%d"`, roastedClass, n+i))
		}
		if err := m.events("roaster", 15, `"action":"ADD","bizStep":"commissioning","epcList":[`+strings.Join(bags, ",")+`],"ilmd":{"cbvmda:lotNumber":"S"}`); err != nil {
			return err
		}
	}
	for n := range singleBags {
		if err := m.events("roaster", 14, fmt.Sprintf(`"inputEPCList":["%s/21/S%d"],"outputEPCList":["%s/21/T%d"]`, roastedClass, n, roastedClass, n)); err != nil {
			return err
		}
	}
	if err := m.events("exporter", 1, `"action":"OBSERVE","bizStep":"holding","disposition":"recalled","quantityList":[{"epcClass":"`+greenLot+`G"}]`); err != nil {
		return err
	}
	return m.commit()
}

func sscc(n int) string {
	digits := fmt.Sprintf("39521104%09d", n)
	check, err := epcis.CheckDigit(digits)
	if err != nil {
		panic(err) // digits alone
	}
	return "https://id.gs1.org/00/" + digits + string(check)
}

// events records events of a member, as one envelope, that happened some days ago.
func (m *mill) events(member string, days int, fields ...string) error {
	var records [][]byte
	at := m.now.Add(-time.Duration(days) * 24 * time.Hour).UTC().Format(time.RFC3339)
	for _, f := range fields {
		kind := "ObjectEvent"
		switch {
		case strings.Contains(f, `"parentID"`):
			kind = "AggregationEvent"
		case strings.Contains(f, `"output`):
			kind = "TransformationEvent"
		}
		bare := fmt.Appendf(nil, `{"@context":[%q,{"cbvmda":"urn:epcglobal:cbv:mda:"}],"type":%q,"eventTime":%q,"eventTimeZoneOffset":"+00:00",%s}`,
			epcis.ContextURL, kind, at, f)
		records = append(records, selfContained(bare))
	}
	return m.record(fmt.Sprintf("events of %d days ago", days), member, epcis.KindEvent, records)
}

// ask times first pages, of the green lot and of one roasted, and reads all pages once.
func (r *impactResult) ask(ctx context.Context, l *ledger.Ledger) error {
	s, err := serve(reader{ledger: l})
	if err != nil {
		return err
	}
	defer s.close()
	first := func(id string) ([]time.Duration, []byte, error) {
		var took []time.Duration
		var body []byte
		for i := -5; i < r.Requests; i++ { // the first ones warm up
			from := time.Now()
			var err error
			if body, err = s.get(ctx, "/v1/impact", url.Values{"id": {id}}); err != nil {
				return nil, nil, fmt.Errorf("impact of %s: %w", id, err)
			}
			if i >= 0 {
				took = append(took, time.Since(from))
			}
		}
		return took, body, nil
	}
	took, body, err := first(greenLot + "G")
	if err != nil {
		return err
	}
	r.P50, r.P99 = percentiles(took)
	r.Bytes = len(body)
	var page struct {
		Complete bool
		Totals   struct{ Items, Lots, Transformations int }
		Holders  []json.RawMessage
		Entries  []struct {
			ID    string
			Share *string
		}
		NextPageToken string
	}
	if err := json.Unmarshal(body, &page); err != nil {
		return err
	}
	want := impactLots * recordsPerLot * bagsARecord
	if !page.Complete || page.Totals.Items != want || page.Totals.Transformations != impactLots {
		return fmt.Errorf("the impact is %+v, and should have %d items", page.Totals, want)
	}
	r.Items, r.Lots, r.Holders = page.Totals.Items, page.Totals.Lots, len(page.Holders)
	if took, _, err = first(roastedClass + "/10/R050"); err != nil {
		return err
	}
	r.DirectP50, r.DirectP99 = percentiles(took)
	if took, _, err = first(roastedClass + "/10/S"); err != nil {
		return err
	}
	r.SingleP50, r.SingleP99 = percentiles(took)
	from, seen, next := time.Now(), map[string]bool{}, ""
	for {
		query := url.Values{"id": {greenLot + "G"}, "limit": {"1000"}}
		if next != "" {
			query.Set("cursor", next)
		}
		body, err := s.get(ctx, "/v1/impact", query)
		if err != nil {
			return err
		}
		page.Entries, page.NextPageToken = nil, ""
		if err := json.Unmarshal(body, &page); err != nil {
			return err
		}
		for _, e := range page.Entries {
			if strings.Contains(e.ID, "/21/") {
				seen[e.ID] = true
				if e.Share == nil || *e.Share != "1/2" {
					return fmt.Errorf("the share of %s is %v, and should be 1/2", e.ID, e.Share)
				}
			}
		}
		if next = page.NextPageToken; next == "" {
			break
		}
	}
	if len(seen) != want {
		return fmt.Errorf("all pages have %d bags, and should have %d", len(seen), want)
	}
	r.WholeMs = round(time.Since(from).Seconds()*1000, 0)
	return nil
}

func (r *impactResult) text() string {
	return fmt.Sprintf("GET /v1/impact of a recalled lot: %d bags downstream in %d roasted lots, %d holders, on a ledger of %d records, over HTTP on\n"+
		"loopback, one at a time. First page (100 entries, all holders): **p50 %.1f ms, p99 %.1f ms** (%d requests, %d KiB an answer); of one\n"+
		"roasted lot p50 %.1f ms, p99 %.1f ms; of a lot whose bags were repacked one by one, the first 1,000 of them followed, p50 %.1f ms,\n"+
		"p99 %.1f ms. All bags, 1,000 a page: %.0f ms.\n\n"+
		"Appending and committing, CPU, the least of %d fillings each: %.1f us a record with the forward index, %.1f us without; a fourth of the\n"+
		"records here name %d bags. The fillings of a kind differ by more. The index adds %.1f bytes a record to what is written.\n",
		r.Items, r.Lots-1, r.Holders, r.Records, r.P50, r.P99, r.Requests, r.Bytes>>10, r.DirectP50, r.DirectP99, r.SingleP50, r.SingleP99, r.WholeMs,
		impactRounds, r.WithUs, r.WithoutUs, bagsARecord, r.RowBytes)
}
