package client

import (
	"context"
	"net/url"
	"strconv"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// Alert is a FLAG of an accepted record, which somebody has to look at, as the node
// tells it.
type Alert struct {
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
	Opened           epcis.Instant `json:"opened"`  // block time
	Due              epcis.Instant `json:"due"`     // block time
	Status           string        `json:"status"`  // open, overdue, settled
	Touches          []Touched     `json:"touches"` // the first keys that the record touches
	Touched          int           `json:"touched"` // how many it touches
	Settled          *CaseClosed   `json:"settled,omitempty"`
}

// Touched is a key that a record touches.
type Touched struct {
	Namespace string `json:"namespace"`
	ID        string `json:"id"`
}

// AlertQuestion is what is asked of alerts; zero values do not ask.
type AlertQuestion struct {
	Organisation string // its id: the owner, or who signed the record
	Rule         string // "C2"
	Code         uint32
	Status       string // "open" (with those that are overdue), "overdue" or "settled"
	Since        string // block time, RFC 3339
	Limit        int    // how many at most
}

// Alerts asks for the alerts of a question, in the order of their records, page by page
// until there is no more. more says that there are more than the limit. Scope query.
func (c *Client) Alerts(ctx context.Context, q AlertQuestion) (alerts []Alert, more bool, err error) {
	query := url.Values{"perPage": {"1000"}}
	code := ""
	if q.Code != 0 {
		code = strconv.FormatUint(uint64(q.Code), 10)
	}
	for name, value := range map[string]string{"organisation": q.Organisation, "rule": q.Rule, "code": code, "status": q.Status, "since": q.Since} {
		if value != "" {
			query.Set(name, value)
		}
	}
	alerts = []Alert{}
	for {
		var page struct {
			Alerts []Alert `json:"alerts"`
			Next   string  `json:"nextPageToken"`
		}
		if err := c.get(ctx, "/v1/alerts", query, &page); err != nil {
			return nil, false, err
		}
		alerts = append(alerts, page.Alerts...)
		if q.Limit > 0 && len(alerts) > q.Limit {
			return alerts[:q.Limit], true, nil
		}
		if page.Next == "" {
			return alerts, false, nil
		}
		query.Set("nextPageToken", page.Next)
	}
}
