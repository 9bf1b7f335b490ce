package contracts

import (
	"fmt"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// A5 time sanity: an event does not happen later than block time plus the
// network's futureSkew (block time is the median of the last commit and lags).
// One that happened longer ago than lateness is accepted with a FLAG: late
// data is better than none, and somebody should ask why it comes so late. Roles
// may have a limit of their own; of an author with several the longest counts. An
// errorDeclaration is as late as its declarationTime, however old the event is.
func (c *hearing) timeSanity() error {
	var happened epcis.Instant
	e := c.record.Event
	switch {
	case e != nil:
		happened = e.Time
	case c.record.Customs != nil:
		happened = c.record.Customs.Time
	case c.record.Acknowledgement != nil:
		happened = c.record.Acknowledgement.Time
	default:
		return nil
	}
	latest := c.block.Time.Add(int64(c.limits.FutureSkew))
	if happened.Compare(latest) > 0 {
		c.inFuture("eventTime", happened)
	} else if e != nil && e.Correction != nil && e.Correction.Time.Compare(latest) > 0 {
		c.inFuture("declarationTime", e.Correction.Time)
	}
	field := "eventTime"
	if e != nil && e.Correction != nil {
		field, happened = "declarationTime", e.Correction.Time
	}
	limit := c.limits.LatenessOf(c.signer.Roles)
	if happened.Compare(c.block.Time.Add(-int64(limit))) < 0 {
		c.find(trace.Finding{
			Code: CodeLate,
			Facts: []trace.Fact{
				fact(field, happened.String()), fact("block time", c.block.Time.String()),
				fact("lateness limit", fmt.Sprintf("%d s", limit)),
			},
			Next: "Check the date. If it is right nothing is to be done, but to record events as they happen.",
		})
	}
	return nil
}

func (c *hearing) inFuture(field string, t epcis.Instant) {
	c.find(trace.Finding{
		Severity: trace.Reject, Code: CodeFuture,
		Title: field + " is in the future",
		Facts: []trace.Fact{
			fact(field, t.String()), fact("block time", c.block.Time.String()),
			fact("tolerance", fmt.Sprintf("%d s", c.limits.FutureSkew)),
		},
		Next: "Check the clock and the time zone of the device that wrote the event, and record it once it has happened.",
	})
}

func timeContract() Contract {
	return Contract{
		Rule: "A5", Version: 1, Name: "time sanity", Kinds: happeningKinds(), judge: (*hearing).timeSanity,
		Says: "An event, what customs record, or an acknowledgement does not happen later than block time plus the network's tolerance. One that happened longer ago " +
			"than the lateness limit of its author's roles (the longest) is accepted and flagged; of an errorDeclaration its own time counts.",
		Source: "spec-untp#139 (late-arriving data)",
		Finds: []Declared{
			{CodeFuture, trace.Reject, "the time is in the future"},
			{CodeLate, trace.Flag, "recorded long after it happened"},
		},
	}
}
