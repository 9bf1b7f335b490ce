package api

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// impactJSON is one page of what came of a thing, certificate or declaration.
type impactJSON struct {
	ID       string        `json:"id"`
	AsOf     asOf          `json:"asOf"`
	Matters  []matterJSON  `json:"matters"`
	Totals   impactTotals  `json:"totals"`
	Complete bool          `json:"complete"` // else totals, holders and shares are of what was found, and no less
	Holders  []holderJSON  `json:"holders"`
	Entries  []reachedJSON `json:"entries"`
	Next     string        `json:"nextPageToken,omitempty"`
}

// matterJSON is what is in force and has to be answered.
type matterJSON struct {
	Kind          string         `json:"kind"`
	What          string         `json:"what"`
	About         string         `json:"about"`
	Serials       []string       `json:"serials,omitempty"`
	By            string         `json:"by"`
	ByName        string         `json:"byName,omitempty"`
	Seq           uint64         `json:"seq"`
	Recorded      epcis.Instant  `json:"recorded"` // block time
	EffectiveFrom *epcis.Instant `json:"effectiveFrom,omitempty"`
	// Doubtful is the record that decides whether it is in force, where a compromised key
	// signed that: its own, or of a recall the one that would have ended it.
	Doubtful *uint64 `json:"doubtful,omitempty"`
}

type impactTotals struct {
	Items           uint64           `json:"items"`
	Conditions      []conditionTotal `json:"conditions"` // of the items
	Lots            uint64           `json:"lots"`
	Transformations uint64           `json:"transformations"`
}

type conditionTotal struct {
	Condition string `json:"condition"`
	Items     uint64 `json:"items"`
}

// holderJSON is who has some of it.
type holderJSON struct {
	Organisation string            `json:"organisation"` // "" for what nobody is known to have
	Name         string            `json:"name,omitempty"`
	Items        uint64            `json:"items"`
	Gone         uint64            `json:"gone"`               // that left the members' hands with it
	Lots         uint64            `json:"lots"`               // of which it has amounts
	Status       string            `json:"status,omitempty"`   // of its answer; none while nothing is in force
	Deadline     *epcis.Instant    `json:"deadline,omitempty"` // block time
	EscalatedTo  string            `json:"escalatedTo,omitempty"`
	Answer       *acknowledgedJSON `json:"acknowledgement,omitempty"`
}

// acknowledgedJSON is the acknowledgement of a holder.
type acknowledgedJSON struct {
	Seq     uint64        `json:"seq"`
	Time    epcis.Instant `json:"time"` // block time
	Measure string        `json:"measure"`
	// Doubtful: a compromised key signed it, and it counts as none.
	Doubtful bool `json:"doubtful,omitempty"`
}

// reachedJSON is one item, or one lot of which somebody has amounts.
type reachedJSON struct {
	ID         string    `json:"id"`
	Kind       string    `json:"kind"`
	Lot        string    `json:"lot,omitempty"`
	Condition  string    `json:"condition,omitempty"`
	Holder     string    `json:"holder"`
	HolderName string    `json:"holderName,omitempty"`
	Gone       bool      `json:"gone,omitempty"`
	In         string    `json:"in,omitempty"` // the outermost container or assembly
	Seen       *seenJSON `json:"seen,omitempty"`
	Share      *string   `json:"share"` // exact fraction of its mass, null where no record says it
	Certainty  string    `json:"certainty"`
	Via        []uint64  `json:"via"`
	Depth      int       `json:"depth"` // transformations from the start
}

// seenJSON is the latest record that says where something was.
type seenJSON struct {
	Seq   uint64        `json:"seq"`
	Time  epcis.Instant `json:"time"`
	Place string        `json:"place,omitempty"`
}

// The statuses of a holder's answer.
const (
	answerGiven     = "acknowledged"
	answerOpen      = "open"
	answerEscalated = "escalated"
)

// How much one answer reads: a first page has to be quick, those that follow go on where
// it left off.
const (
	impactRecords     = 1000
	impactRecordsMore = 20_000
	impactPlaces      = 200_000
	impactPerPage     = 100
)

// impactQuery asks for a page.
type impactQuery struct {
	id    string
	limit int
	token *impactToken // nil for the first
}

// impactToken says where the next page starts, of which question, of a ledger of how many
// records, and what was in force then: the closure follows from that.
type impactToken struct {
	Version int                    `json:"v"`
	ID      string                 `json:"id"`
	Size    uint64                 `json:"n"`
	Matters []uint64               `json:"m,omitempty"` // by their seqs
	From    contracts.ImpactCursor `json:"c"`
}

// impactTokens is the version of tokens. What an older version counted pages by is not
// what this one does.
const impactTokens = 2

func parseImpactQuery(values url.Values, maxPerPage int) (*impactQuery, error) {
	q := &impactQuery{limit: min(impactPerPage, maxPerPage)}
	for name, v := range values {
		value, err := oneValue(name, v)
		if err != nil {
			return nil, err
		}
		switch name {
		case "id":
			q.id = value
		case "limit":
			n, err := pageSize(name, value, maxPerPage)
			if err != nil {
				return nil, err
			}
			q.limit = n
		case "cursor":
			q.token = new(impactToken)
			if err := decodeToken(name, value, q.token); err != nil {
				return nil, err
			}
			if q.token.From.Part < 0 || q.token.From.At < 0 || q.token.Size == 0 || q.token.ID == "" {
				return nil, notIssued(name)
			}
			if q.token.Version != impactTokens {
				return nil, fail(reasonPageGone, "%s is of another version of this program, which listed in another order", name)
			}
		default:
			return nil, unknownParameter(name, "id", "limit", "cursor")
		}
	}
	if q.id == "" {
		return nil, fail(reasonQueryParameter, "id is missing: name a lot, item, class, certificate, customs declaration or plot")
	}
	return q, nil
}

// getImpact answers what came of a thing, certificate or declaration, who has it and
// who of them has answered (rule K4).
func (a *API) getImpact(c echo.Context) error {
	q, err := parseImpactQuery(c.QueryParams(), a.limits.PerPage)
	if err != nil {
		return err
	}
	s, err := a.snapshot()
	if err != nil {
		return err
	}
	defer a.closeSnapshot(s)
	id, err := a.asked(s, q.id)
	if err != nil {
		return err
	}
	size, from, records := s.Roots().LogSize, contracts.ImpactCursor{}, impactRecords
	if q.token != nil {
		switch {
		case q.token.ID != epcis.Canonical(id).URI:
			return fail(reasonQueryParameter, "cursor is of the impact of %s, and id is %s", q.token.ID, epcis.Canonical(id).URI)
		case q.token.Size > size:
			return fail(reasonNotReady, "cursor is of a ledger of %d records, and this node has %d: it was issued by a node that is ahead", q.token.Size, size)
		}
		size, from, records = q.token.Size, q.token.From, impactRecordsMore
	}
	now := readAt(s).Time.Seconds
	impact, err := contracts.FindImpact(s, id, size, now, contracts.ImpactLimits{
		Records: records, Places: impactPlaces, Stop: a.budget(c.Request().Context())})
	if errors.Is(err, trace.ErrUnknown) {
		known := epcis.Canonical(id)
		f := fail(reasonUnknownThing, "this ledger holds no record of %s that was accepted", known.URI)
		if known.IsGLN() {
			f.detail = fmt.Sprintf("%s is a place or party, and an impact is of goods, a certificate, a declaration or a plot", known.URI)
			f.next = "Name what was made, grown or held there."
		}
		return f
	}
	if err != nil {
		return err
	}
	matters := make([]uint64, len(impact.Matters))
	for i := range impact.Matters {
		matters[i] = impact.Matters[i].Seq
	}
	if q.token != nil && !slices.Equal(matters, q.token.Matters) {
		return fail(reasonPageGone, "what is in force on %s has changed since the first page: who has to answer, and for what, is another question now", impact.ID)
	}
	if !impact.Complete && from.Part > impact.End().Part {
		return fail(reasonTimeout, "there was no time to read as far as the cursor is")
	}
	page, next, err := impactPage(s, impact, &from, q.limit)
	if err != nil {
		return fmt.Errorf("impact of %s: %w", id, err)
	}
	if next == nil && !impact.Complete && records < impactRecordsMore {
		next = impact.End() // more is found with more reading
	}
	if next != nil {
		if page.Next, err = encodeToken(impactToken{Version: impactTokens, ID: impact.ID, Size: size, Matters: matters, From: *next}); err != nil {
			return err
		}
		linkNext(c, "/v1/impact", "cursor", page.Next)
	}
	return answerJSON(c, http.StatusOK, page)
}

func impactPage(s Snapshot, impact *contracts.Impact, from *contracts.ImpactCursor, limit int) (*impactJSON, *contracts.ImpactCursor, error) {
	n := namesIn(s)
	page := &impactJSON{ID: impact.ID, AsOf: readAt(s), Complete: impact.Complete, Matters: []matterJSON{}, Holders: []holderJSON{}, Entries: []reachedJSON{},
		Totals: impactTotals{Items: impact.Totals.Items, Lots: impact.Totals.Lots, Transformations: impact.Totals.Transformations, Conditions: []conditionTotal{}}}
	for _, c := range impact.Totals.Conditions {
		page.Totals.Conditions = append(page.Totals.Conditions, conditionTotal(c))
	}
	for _, m := range impact.Matters {
		name, err := n.name(m.By)
		if err != nil {
			return nil, nil, err
		}
		page.Matters = append(page.Matters, matterJSON{Kind: m.Kind, What: m.What, About: m.Key.ID, Serials: m.Serials, By: m.By, ByName: name, Seq: m.Seq,
			Recorded: m.Recorded, EffectiveFrom: m.Effective, Doubtful: m.Doubtful})
	}
	for i := range impact.Holders {
		h, err := n.holder(&impact.Holders[i])
		if err != nil {
			return nil, nil, err
		}
		page.Holders = append(page.Holders, h)
	}
	entries, next, err := impact.Entries(from, limit)
	if err != nil {
		return nil, nil, err
	}
	for i := range entries {
		e, err := n.reached(impact, &entries[i])
		if err != nil {
			return nil, nil, err
		}
		page.Entries = append(page.Entries, e)
	}
	return page, next, nil
}

func (n *names) holder(h *contracts.ImpactHolder) (holderJSON, error) {
	name, err := n.name(h.ID)
	out := holderJSON{Organisation: h.ID, Name: name, Items: h.Items, Gone: h.Gone, Lots: h.Lots}
	if h.Deadline == 0 {
		return out, err
	}
	out.Status, out.Deadline = answerOpen, &epcis.Instant{Seconds: h.Deadline}
	if a := h.Answer; a != nil {
		out.Answer = &acknowledgedJSON{Seq: a.Seq, Time: epcis.Instant{Seconds: a.Time}, Measure: a.Measure, Doubtful: h.Doubted}
	}
	switch {
	case h.Answer != nil && !h.Doubted:
		out.Status = answerGiven
	case h.Escalated:
		out.Status, out.EscalatedTo = answerEscalated, h.Asks
	}
	return out, err
}

func (n *names) reached(impact *contracts.Impact, e *contracts.ImpactEntry) (reachedJSON, error) {
	out := reachedJSON{ID: e.ID, Kind: e.Kind, Lot: e.Lot, Condition: e.Condition, Holder: e.Holder, Gone: e.Gone, In: e.In,
		Certainty: string(trace.Possible), Via: orNone(e.Via), Depth: e.Depth}
	if e.Certain {
		out.Certainty = string(trace.Certain)
	}
	if e.Share != nil {
		share := e.Share.RatString()
		out.Share = &share
	}
	var err error
	if out.HolderName, err = n.name(e.Holder); err != nil {
		return out, err
	}
	at, place, err := impact.Seen(e.Seen)
	if err == nil && at != (epcis.Instant{}) {
		out.Seen = &seenJSON{Seq: e.Seen, Time: at, Place: place}
	}
	return out, err
}

// orNone makes no list an empty one in JSON, never null.
func orNone(list []uint64) []uint64 {
	if list == nil {
		return []uint64{}
	}
	return list
}
