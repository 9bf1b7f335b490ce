package contracts

import (
	"fmt"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// A6 duplicates. Judged on the signed bytes: the same bytes, accepted before
// from the same organisation, are a duplicate, which changes nothing and whose
// receipt is the first one's. From another organisation they are an entry of
// their own that corroborates, as long as one of others stands: of those that are declared
// wrong nothing is said. A record that was refused may come again.
func (c *hearing) duplicate() error {
	hash := c.recordHash()
	content := ""
	if c.record.Event != nil {
		content = c.contentHash()
	}
	seq, ok, err := c.view.Accepted(c.signer.ID, hash, content)
	if err != nil {
		return fmt.Errorf("look for the same record of %s: %w", c.signer.ID, err)
	}
	if ok {
		first := seq // so that most need none on the heap
		c.verdict.FirstSeq = &first
		c.find(trace.Finding{
			Code:  CodeDuplicate,
			Facts: []trace.Fact{factAt("record", hash.String(), seq)},
			Next:  "Nothing to do: the first receipt stands.",
		})
		c.done = true
		return nil
	}
	seq, ok, err = c.view.Accepted("", hash, content)
	if err != nil {
		return fmt.Errorf("look for the same record: %w", err)
	}
	if ok {
		seq, ok, err = c.standingAs(seq)
	}
	if err != nil {
		return err
	}
	if ok {
		c.corroborates = true
		c.find(trace.Finding{
			Code:  CodeCorroborates,
			Facts: []trace.Fact{factAt("record", hash.String(), seq)},
		})
	}
	return nil
}

// contentHash is the event's CBV event hash, "" for one that has none.
func (c *hearing) contentHash() string {
	if hash := c.record.ContentHash; hash != "" {
		return hash
	}
	hash, err := epcis.EventHash(c.record.Bytes)
	if err != nil {
		return ""
	}
	return hash
}

func (c *hearing) recordHash() identity.Hash {
	if c.position.Record != (identity.Hash{}) {
		return c.position.Record
	}
	return identity.RecordHash(c.record.Bytes)
}

// FirstReceipt is the seq of the record that a duplicate repeats.
func FirstReceipt(findings []trace.Finding) (seq uint64, duplicate bool) {
	for _, f := range findings {
		if f.Code != CodeDuplicate {
			continue
		}
		for _, fact := range f.Facts {
			if fact.Seq != nil {
				return *fact.Seq, true
			}
		}
	}
	return 0, false
}

func duplicateContract() Contract {
	return Contract{
		Rule: "A6", Version: 1, Name: "duplicate", Kinds: thingKinds(), judge: (*hearing).duplicate,
		Says: "The same bytes, accepted before from the same organisation, change nothing: the first receipt stands. From " +
			"another organisation they corroborate, unless all before them are declared wrong. A vote may be cast again in the same words.",
		Source: "gs1/EPCIS#403",
		Reads:  []trace.Namespace{trace.NSContent},
		Finds: []Declared{
			{CodeDuplicate, trace.Reject, "already recorded"},
			{CodeCorroborates, trace.Info, "corroborates the same record of another organisation"},
		},
	}
}
