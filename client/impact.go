package client

import (
	"context"
	"net/url"
	"strconv"

	"github.com/waymark-ledger/waymark/epcis"
)

// Impact is a page of what came of a thing, certificate or declaration, and all who
// have it, as the node tells it.
type Impact struct {
	ID       string          `json:"id"`
	AsOf     AsOf            `json:"asOf"`
	Matters  []Matter        `json:"matters"` // in force, the latest last
	Totals   ImpactTotals    `json:"totals"`
	Complete bool            `json:"complete"` // else it is of what was found, and no less
	Holders  []Holder        `json:"holders"`
	Entries  []ImpactReached `json:"entries"`
	Next     string          `json:"nextPageToken,omitempty"`
}

// Matter is what is in force and has to be answered.
type Matter struct {
	Kind          string         `json:"kind"` // recall, certificate, customs
	What          string         `json:"what"` // recalled, suspended, revoked, held, seized
	About         string         `json:"about"`
	Serials       []string       `json:"serials,omitempty"` // of a class, the ranges that a recall is limited to
	By            string         `json:"by"`
	ByName        string         `json:"byName,omitempty"`
	Seq           uint64         `json:"seq"`
	Recorded      epcis.Instant  `json:"recorded"` // block time
	EffectiveFrom *epcis.Instant `json:"effectiveFrom,omitempty"`
	Doubtful      *uint64        `json:"doubtful,omitempty"` // the record that decides whether it is in force, where a compromised key signed that
}

// ImpactTotals count what came of it.
type ImpactTotals struct {
	Items      uint64 `json:"items"`
	Conditions []struct {
		Condition string `json:"condition"`
		Items     uint64 `json:"items"`
	} `json:"conditions"`
	Lots            uint64 `json:"lots"`
	Transformations uint64 `json:"transformations"`
}

// Holder is who has some of it, and its answer.
type Holder struct {
	Organisation    string         `json:"organisation"` // "" for what nobody is known to have
	Name            string         `json:"name,omitempty"`
	Items           uint64         `json:"items"`
	Gone            uint64         `json:"gone"` // that left the members' hands with it
	Lots            uint64         `json:"lots"` // of which it has amounts
	Status          string         `json:"status,omitempty"`
	Deadline        *epcis.Instant `json:"deadline,omitempty"` // block time
	EscalatedTo     string         `json:"escalatedTo,omitempty"`
	Acknowledgement *struct {
		Seq     uint64        `json:"seq"`
		Time    epcis.Instant `json:"time"` // block time
		Measure string        `json:"measure"`
		// Doubtful: a compromised key signed it, and it counts as none.
		Doubtful bool `json:"doubtful,omitempty"`
	} `json:"acknowledgement,omitempty"`
}

// ImpactReached is one item, or one lot of which somebody has amounts.
type ImpactReached struct {
	ID         string `json:"id"`
	Kind       string `json:"kind"` // item, lot, class, assembly
	Lot        string `json:"lot,omitempty"`
	Condition  string `json:"condition,omitempty"`
	Holder     string `json:"holder"`
	HolderName string `json:"holderName,omitempty"`
	Gone       bool   `json:"gone,omitempty"`
	In         string `json:"in,omitempty"`
	Seen       *struct {
		Seq   uint64        `json:"seq"`
		Time  epcis.Instant `json:"time"`
		Place string        `json:"place,omitempty"`
	} `json:"seen,omitempty"`
	Share     *string  `json:"share"` // exact fraction; nil where no record says it
	Certainty string   `json:"certainty"`
	Via       []uint64 `json:"via"`
	Depth     int      `json:"depth"`
}

// Impact asks for what came of an id, up to limit entries behind a page whose Next is
// given, "" for the first. Scope query.
func (c *Client) Impact(ctx context.Context, id string, limit int, next string) (*Impact, error) {
	query := url.Values{"id": {id}, "limit": {strconv.Itoa(limit)}}
	if next != "" {
		query.Set("cursor", next)
	}
	var page Impact
	if err := c.get(ctx, "/v1/impact", query, &page); err != nil {
		return nil, err
	}
	return &page, nil
}
