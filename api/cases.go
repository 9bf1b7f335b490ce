package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// caseJSON is an exception between a shipment and its receipt (rule C5).
type caseJSON struct {
	ID          string                 `json:"id"`
	Class       string                 `json:"class"`
	Status      string                 `json:"status"`
	Seq         uint64                 `json:"seq"` // of the record in which it was found, or of the shipment
	Owner       string                 `json:"owner"`
	OwnerName   string                 `json:"ownerName,omitempty"`
	Party       string                 `json:"party"` // the receiver
	PartyName   string                 `json:"partyName,omitempty"`
	Opened      epcis.Instant          `json:"opened"`   // block time
	Deadline    epcis.Instant          `json:"deadline"` // block time
	Count       uint32                 `json:"count"`    // of items and lots
	Left        uint32                 `json:"left"`     // items not settled
	Items       []string               `json:"items"`    // the first of them
	Lots        []string               `json:"lots"`     // those not settled
	Resolutions []contracts.Resolution `json:"resolutions"`
	Closed      *closedJSON            `json:"closed,omitempty"`
}

// closedJSON is how and by which record a case or an alert was settled.
type closedJSON struct {
	Seq          uint64               `json:"seq"`
	Organisation string               `json:"organisation"`
	Time         epcis.Instant        `json:"time"`
	Resolution   contracts.Resolution `json:"resolution"`
}

// casesJSON is one page of cases.
type casesJSON struct {
	AsOf  asOf       `json:"asOf"`
	Cases []caseJSON `json:"cases"`
	Next  string     `json:"nextPageToken,omitempty"`
}

// The statuses of a case. One that is overdue is open as well.
const (
	caseOpen    = "open"
	caseClosed  = "closed"
	caseOverdue = "overdue"
)

// caseQuery asks for the cases of an organisation, as owner or as receiver, in a
// status; "" does not ask.
type caseQuery struct {
	organisation, status string
	perPage              int
	after                []byte
}

// caseToken says where the next page starts, and of which question.
type caseToken struct {
	After        []byte `json:"a"`
	Organisation string `json:"o"`
	Status       string `json:"s"`
}

func parseCaseQuery(values url.Values, maxPerPage int) (*caseQuery, error) {
	q := &caseQuery{perPage: min(defaultPerPage, maxPerPage)}
	token := new(caseToken)
	paged := false
	for name, v := range values {
		value, err := oneValue(name, v)
		if err != nil {
			return nil, err
		}
		switch name {
		case "organisation":
			if q.organisation, err = organisationParameter(name, value); err != nil {
				return nil, err
			}
		case "status":
			if value != caseOpen && value != caseClosed && value != caseOverdue {
				return nil, fail(reasonQueryParameter, "status is %q, and should be open, closed or overdue", value)
			}
			q.status = value
		case "perPage":
			n, err := pageSize(name, value, maxPerPage)
			if err != nil {
				return nil, err
			}
			q.perPage = n
		case "nextPageToken":
			if err := decodeToken(name, value, token); err != nil {
				return nil, err
			}
			if len(token.After) == 0 {
				return nil, notIssued(name)
			}
			paged = true
		default:
			return nil, unknownParameter(name, "organisation", "status", "perPage", "nextPageToken")
		}
	}
	if paged && (token.Organisation != q.organisation || token.Status != q.status) {
		return nil, fail(reasonQueryParameter, "nextPageToken belongs to another query")
	}
	q.after = token.After
	return q, nil
}

// getCases lists exceptions as they stand at the block time of the snapshot.
func (a *API) getCases(c echo.Context) error {
	q, err := parseCaseQuery(c.QueryParams(), a.limits.PerPage)
	if err != nil {
		return err
	}
	s, err := a.snapshot()
	if err != nil {
		return err
	}
	defer a.closeSnapshot(s)
	page, more, err := q.run(c.Request().Context(), s, a.limits.ScanRecords)
	if err != nil {
		return err
	}
	if more {
		page.Next, err = encodeToken(caseToken{After: q.after, Organisation: q.organisation, Status: q.status})
		if err != nil {
			return err
		}
		linkNext(c, "/v1/cases", "nextPageToken", page.Next)
	}
	return answerJSON(c, http.StatusOK, page)
}

// run reads one page and leaves in q.after where it ended. It stops after budget
// states, so that a question which matches little still answers, with a short page
// and a link to go on.
func (q *caseQuery) run(ctx context.Context, s Snapshot, budget int) (page *casesJSON, more bool, err error) {
	page = &casesJSON{AsOf: readAt(s), Cases: []caseJSON{}}
	now := page.AsOf.Time.Seconds
	n := namesIn(s)
	for budget > 0 {
		keys, places, err := s.Listed(q.after, min(budget, listedAtOnce))
		if err != nil {
			return nil, false, fmt.Errorf("list cases: %w", err)
		}
		if len(keys) == 0 {
			return page, false, nil
		}
		budget -= len(keys)
		for i, key := range keys {
			if err := ctx.Err(); err != nil {
				return nil, false, fmt.Errorf("query cases: %w", err)
			}
			found, ok, err := q.read(s, key, now)
			if err != nil {
				return nil, false, err
			}
			if ok && len(page.Cases) == q.perPage {
				return page, true, nil
			}
			if ok {
				line, err := n.exception(found, now)
				if err != nil {
					return nil, false, err
				}
				page.Cases = append(page.Cases, line)
			}
			q.after = places[i]
		}
	}
	rest, _, err := s.Listed(q.after, 1)
	return page, len(rest) > 0, err
}

// listedAtOnce is how many states are listed in one step.
const listedAtOnce = 256

// read reads the case of a key; ok is false when it is none that is asked for.
func (q *caseQuery) read(s Snapshot, key trace.Key, now int64) (found contracts.Case, ok bool, err error) {
	state, err := s.State(key)
	if err == nil {
		found, ok, err = contracts.CaseAt(key, state, now)
	}
	if err != nil {
		return found, false, fmt.Errorf("read %s %s: %w", key.NS, key.ID, err)
	}
	status := statusOf(&found, now)
	return found, ok && (q.organisation == "" || q.organisation == found.Owner || q.organisation == found.Party) &&
		(q.status == "" || q.status == status || q.status == caseOpen && status == caseOverdue), nil
}

func statusOf(k *contracts.Case, now int64) string {
	switch {
	case k.Closed != nil:
		return caseClosed
	case k.Overdue(now):
		return caseOverdue
	}
	return caseOpen
}

func closedBy(by *contracts.Closing) *closedJSON {
	return &closedJSON{Seq: by.Seq, Organisation: by.Organisation, Time: epcis.Instant{Seconds: by.Time}, Resolution: by.Resolution}
}

// exception is a case as it is answered.
func (n *names) exception(k contracts.Case, now int64) (caseJSON, error) {
	line := caseJSON{ID: k.ID.String(), Class: k.ID.Class.String(), Status: statusOf(&k, now), Seq: k.ID.Seq,
		Owner: k.Owner, Party: k.Party, Opened: epcis.Instant{Seconds: k.Opened}, Deadline: epcis.Instant{Seconds: k.Deadline},
		Count: k.Count, Left: k.Left, Items: orEmpty(k.Items), Lots: orEmpty(k.Lots), Resolutions: k.ID.Class.Resolutions()}
	if by := k.Closed; by != nil {
		line.Closed = closedBy(by)
	}
	owner, err := n.member(k.Owner)
	if err != nil {
		return line, err
	}
	party, err := n.member(k.Party)
	if owner != nil {
		line.OwnerName = owner.Name
	}
	if party != nil {
		line.PartyName = party.Name
	}
	return line, err
}
