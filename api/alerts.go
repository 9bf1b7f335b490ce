package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// alertJSON is a FLAG of an accepted record.
type alertJSON struct {
	Seq              uint64        `json:"seq"`
	Rule             string        `json:"rule"`
	Version          uint32        `json:"version"`
	Code             uint32        `json:"code"`
	Title            string        `json:"title"`
	Facts            []trace.Fact  `json:"facts"`
	Next             string        `json:"next,omitempty"`
	Organisation     string        `json:"organisation"` // that signed the record
	OrganisationName string        `json:"organisationName,omitempty"`
	Owner            string        `json:"owner"` // who has to look
	OwnerName        string        `json:"ownerName,omitempty"`
	Opened           epcis.Instant `json:"opened"` // block time
	Due              epcis.Instant `json:"due"`    // block time
	Status           string        `json:"status"`
	Touches          []touchedJSON `json:"touches"` // the first of them
	Touched          int           `json:"touched"` // how many
	Settled          *closedJSON   `json:"settled,omitempty"`
}

type touchedJSON struct {
	Namespace trace.Namespace `json:"namespace"`
	ID        string          `json:"id"`
}

// shownTouches is how many of the keys that a record touches an alert shows.
const shownTouches = 5

// alertsJSON is one page of alerts.
type alertsJSON struct {
	AsOf   asOf        `json:"asOf"`
	Alerts []alertJSON `json:"alerts"`
	Next   string      `json:"nextPageToken,omitempty"`
}

// The statuses of an alert. One that is overdue is open as well.
const (
	alertOpen    = "open"
	alertOverdue = "overdue"
	alertSettled = "settled"
)

// alertQuestion is what is asked of alerts: those of an organisation, as owner or as
// signer of the record, of a rule, of a code, in a status, opened since an instant of block
// time; zero values do not ask.
type alertQuestion struct {
	Organisation string         `json:"o,omitempty"`
	Rule         string         `json:"r,omitempty"`
	Code         uint32         `json:"c,omitempty"`
	Status       string         `json:"s,omitempty"`
	Since        *epcis.Instant `json:"i,omitempty"`
}

// alertPlace is where a page begins: the findings of a record from one on, and the
// records behind it.
type alertPlace struct {
	Seq uint64 `json:"q"`
	At  int    `json:"f,omitempty"`
}

// alertQuery is a question and the page of its answer.
type alertQuery struct {
	alertQuestion
	perPage int
	place   *alertPlace // nil for the first page
}

// alertToken says where the next page starts, and of which question.
type alertToken struct {
	Place    *alertPlace   `json:"p"`
	Question alertQuestion `json:"a"`
}

func parseAlertQuery(values url.Values, maxPerPage int) (*alertQuery, error) {
	q := &alertQuery{perPage: min(defaultPerPage, maxPerPage)}
	token := new(alertToken)
	for name, v := range values {
		value, err := oneValue(name, v)
		if err != nil {
			return nil, err
		}
		switch name {
		case "organisation":
			q.Organisation, err = organisationParameter(name, value)
		case "rule":
			q.Rule, err = ruleParameter(name, value)
		case "code":
			q.Code, err = codeParameter(name, value)
		case "status":
			if q.Status = value; value != alertOpen && value != alertOverdue && value != alertSettled {
				err = fail(reasonQueryParameter, "status is %q, and should be open, overdue or settled", value)
			}
		case "since":
			q.Since, err = instantParameter(name, value)
		case "perPage":
			q.perPage, err = pageSize(name, value, maxPerPage)
		case "nextPageToken":
			if err = decodeToken(name, value, token); err == nil && (token.Place == nil || token.Place.At < 0) {
				err = notIssued(name)
			}
		default:
			err = unknownParameter(name, "organisation", "rule", "code", "status", "since", "perPage", "nextPageToken")
		}
		if err != nil {
			return nil, err
		}
	}
	if q.place = token.Place; q.place != nil && !token.Question.same(&q.alertQuestion) {
		return nil, fail(reasonQueryParameter, "nextPageToken belongs to another query")
	}
	return q, nil
}

func (a *alertQuestion) same(b *alertQuestion) bool {
	since := (a.Since == nil) == (b.Since == nil) && (a.Since == nil || a.Since.Compare(*b.Since) == 0)
	return since && a.Organisation == b.Organisation && a.Rule == b.Rule && a.Code == b.Code && a.Status == b.Status
}

// ruleParameter takes a rule of this build, as the rule catalogue names it. An older ruleset's
// findings may be of others, which nobody can tell from a slip.
func ruleParameter(name, value string) (string, error) {
	if value == "" {
		return "", emptyParameter(name)
	}
	if !slices.ContainsFunc(contracts.Contracts(), func(c contracts.Contract) bool { return c.Rule == value }) {
		f := fail(reasonQueryParameter, "%s is %q, and no rule of this node has that name", name, value)
		f.next = "docs/rules.md lists the rules; an example is C2."
		return "", f
	}
	return value, nil
}

func codeParameter(name, value string) (uint32, error) {
	code, err := strconv.ParseUint(value, 10, 32)
	if _, ok := contracts.Declaring(uint32(code)); err != nil || !ok {
		f := fail(reasonQueryParameter, "%s is %q, and no rule of this node finds that", name, value)
		f.next = "docs/rules.md lists the codes; an example is 1201."
		return 0, f
	}
	return uint32(code), nil
}

// getAlerts lists what is flagged as it stands at the block time of the snapshot.
func (a *API) getAlerts(c echo.Context) error {
	q, err := parseAlertQuery(c.QueryParams(), a.limits.PerPage)
	if err != nil {
		return err
	}
	s, err := a.snapshot()
	if err != nil {
		return err
	}
	defer a.closeSnapshot(s)
	page, next, err := q.run(c.Request().Context(), s, a.limits.ScanRecords)
	if err != nil {
		return err
	}
	if next != nil {
		page.Next, err = encodeToken(alertToken{next, q.alertQuestion})
		if err != nil {
			return err
		}
		linkNext(c, "/v1/alerts", "nextPageToken", page.Next)
	}
	return answerJSON(c, http.StatusOK, page)
}

// run reads one page, and says where the next one begins, nil for nowhere. It stops after
// budget records, so that a question which matches little still answers, with a short page
// and a link to go on.
func (q *alertQuery) run(ctx context.Context, s Snapshot, budget int) (page *alertsJSON, next *alertPlace, err error) {
	page = &alertsJSON{AsOf: readAt(s), Alerts: []alertJSON{}}
	n := namesIn(s)
	from, err := q.begin(s)
	if err != nil {
		return nil, nil, fmt.Errorf("list alerts: %w", err)
	}
	for budget > 0 {
		seqs, err := s.Flagged(from.Seq, min(budget, listedAtOnce))
		if err != nil {
			return nil, nil, fmt.Errorf("list alerts: %w", err)
		}
		if len(seqs) == 0 {
			return page, nil, nil
		}
		budget -= len(seqs)
		for _, seq := range seqs {
			if err := ctx.Err(); err != nil {
				return nil, nil, fmt.Errorf("query alerts: %w", err)
			}
			first := 0
			if seq == from.Seq {
				first = from.At
			}
			found, err := q.read(s, seq, first, page.AsOf.Time.Seconds)
			if err != nil {
				return nil, nil, err
			}
			for i := range found {
				if len(page.Alerts) == q.perPage {
					return page, &alertPlace{seq, found[i].At}, nil
				}
				line, err := n.alert(&found[i], page.AsOf.Time.Seconds)
				if err != nil {
					return nil, nil, err
				}
				page.Alerts = append(page.Alerts, line)
			}
		}
		from = alertPlace{Seq: seqs[len(seqs)-1] + 1}
	}
	rest, err := s.Flagged(from.Seq, 1)
	if err != nil || len(rest) == 0 {
		return page, nil, err
	}
	return page, &from, nil
}

// begin is where the page begins: where the one before ended, or with the first block
// since the instant that is asked for.
func (q *alertQuery) begin(s Snapshot) (alertPlace, error) {
	if q.place != nil {
		return *q.place, nil
	}
	if q.Since == nil {
		return alertPlace{}, nil
	}
	height, err := firstBlock(s, *q.Since)
	if err != nil || height > s.Roots().Height {
		return alertPlace{Seq: s.Roots().LogSize}, err
	}
	from, _, err := s.BlockSeqs(height)
	return alertPlace{Seq: from}, err
}

// firstBlock is the first height of an instant or after it, one more than the last for none:
// block times ascend.
func firstBlock(s Snapshot, since epcis.Instant) (uint64, error) {
	var failed error
	before := sort.Search(int(s.Roots().Height), func(i int) bool {
		roots, ok, err := s.Block(uint64(i) + 1)
		if err != nil && failed == nil {
			failed = err
		}
		return ok && epcis.InstantFromUnixNano(roots.Time).Compare(since) >= 0
	})
	return uint64(before) + 1, failed
}

// read are the alerts of a record that are asked for, of its findings from one on.
func (q *alertQuery) read(s Snapshot, seq uint64, first int, now int64) ([]contracts.Alert, error) {
	r, err := s.Record(seq)
	if err != nil {
		return nil, fmt.Errorf("read record %d: %w", seq, err)
	}
	asked := func(f trace.Finding) bool {
		return f.Severity == trace.Flag && (q.Rule == "" || q.Rule == f.Rule) && (q.Code == 0 || q.Code == f.Code)
	}
	if !slices.ContainsFunc(r.Findings, asked) {
		return nil, nil // without a look at what came after
	}
	all, err := contracts.AlertsOf(s, r)
	if err != nil {
		return nil, fmt.Errorf("alerts of record %d: %w", seq, err)
	}
	return slices.DeleteFunc(all, func(a contracts.Alert) bool {
		status := alertStatus(&a, now)
		return a.At < first || !asked(a.Finding) ||
			q.Organisation != "" && q.Organisation != a.Owner && q.Organisation != a.Signer ||
			q.Status != "" && q.Status != status && !(q.Status == alertOpen && status == alertOverdue)
	}), nil
}

func alertStatus(a *contracts.Alert, now int64) string {
	switch {
	case a.Settled != nil:
		return alertSettled
	case a.Overdue(now):
		return alertOverdue
	}
	return alertOpen
}

// alert is an alert as it is answered.
func (n *names) alert(a *contracts.Alert, now int64) (alertJSON, error) {
	f := &a.Finding
	line := alertJSON{Seq: a.Seq, Rule: f.Rule, Version: f.Version, Code: f.Code, Title: f.Title, Facts: f.Facts, Next: f.Next,
		Organisation: a.Signer, Owner: a.Owner, Opened: epcis.Instant{Seconds: a.Opened}, Due: epcis.Instant{Seconds: a.Due},
		Status: alertStatus(a, now), Touches: []touchedJSON{}, Touched: len(a.Touches)}
	if line.Facts == nil {
		line.Facts = []trace.Fact{}
	}
	for _, k := range a.Touches[:min(len(a.Touches), shownTouches)] {
		line.Touches = append(line.Touches, touchedJSON{k.NS, k.ID})
	}
	if by := a.Settled; by != nil {
		line.Settled = closedBy(by)
	}
	var err error
	if line.OrganisationName, err = n.name(a.Signer); err != nil {
		return line, err
	}
	line.OwnerName, err = n.name(a.Owner)
	return line, err
}
