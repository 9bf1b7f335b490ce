package client

import (
	"context"
	"net/url"

	"github.com/waymark-ledger/waymark/epcis"
)

// Case is an exception between a shipment and its receipt that somebody has to
// settle, as the node tells it.
type Case struct {
	ID          string        `json:"id"`
	Class       string        `json:"class"`  // product_without_data, data_without_product, data_error, damage
	Status      string        `json:"status"` // open, overdue, closed
	Seq         uint64        `json:"seq"`    // of the record in which it was found, or of the shipment
	Owner       string        `json:"owner"`  // who has to act: the sender
	OwnerName   string        `json:"ownerName,omitempty"`
	Party       string        `json:"party"` // the receiver
	PartyName   string        `json:"partyName,omitempty"`
	Opened      epcis.Instant `json:"opened"`   // block time
	Deadline    epcis.Instant `json:"deadline"` // block time
	Count       uint32        `json:"count"`    // of items and lots
	Left        uint32        `json:"left"`     // items not settled
	Items       []string      `json:"items"`    // the first of them
	Lots        []string      `json:"lots"`     // those not settled
	Resolutions []string      `json:"resolutions"`
	Closed      *CaseClosed   `json:"closed,omitempty"`
}

// CaseClosed is how and by which record a case was settled.
type CaseClosed struct {
	Seq          uint64        `json:"seq"`
	Organisation string        `json:"organisation"`
	Time         epcis.Instant `json:"time"`
	Resolution   string        `json:"resolution"`
}

// Cases asks for the cases of an organisation, as sender or as receiver, in a
// status ("open", "closed" or "overdue"), page by page until there is no more; ""
// does not ask. Scope query.
func (c *Client) Cases(ctx context.Context, organisation, status string) ([]Case, error) {
	query := url.Values{"perPage": {"1000"}}
	if organisation != "" {
		query.Set("organisation", organisation)
	}
	if status != "" {
		query.Set("status", status)
	}
	all := []Case{}
	for {
		var page struct {
			Cases []Case `json:"cases"`
			Next  string `json:"nextPageToken"`
		}
		if err := c.get(ctx, "/v1/cases", query, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Cases...)
		if page.Next == "" {
			return all, nil
		}
		query.Set("nextPageToken", page.Next)
	}
}
