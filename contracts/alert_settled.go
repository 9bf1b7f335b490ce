package contracts

import (
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// What settles the alerts of a record that is no exception follows from what came after it:
//
//   - an event: its author declares it wrong.
//   - the issue of a certificate: it is revoked; a change of its status: the next one, but a
//     revocation leaves nothing to look at.
//   - a declaration to customs: it is withdrawn, or the authority has released or seized all
//     that it declares; that its number is doubtful, by any decision of the authority, which
//     knows the number then.
//   - a decision of the authority: a later one on the same goods, or a withdrawal; that
//     nobody had declared them, by the declaration. A border gate: the next setting.
//   - master data: newer master data of the same thing, which stands in its place.
//   - an acknowledgement: a later answer of the organisation to the same matter.
//
// What a compromised key signed is in doubt, and settles nothing (rule A7).

// The resolutions of alerts, beside that of an errorDeclaration.
const (
	Revoke    Resolution = "revoke"
	Withdraw  Resolution = "withdraw"
	Decide    Resolution = "decide"    // the authority has released or seized the goods
	Declare   Resolution = "declare"   // what was missing is declared
	Supersede Resolution = "supersede" // a later record stands in its place
)

// settling is what settles an alert of a record, by the code of its finding; nil for none.
type settling func(code uint32) *Closing

func settlingOf(reader AlertReader, r *trace.Recorded, record *epcis.Record) (settling, error) {
	var by *Closing
	var err error
	switch {
	case record.Event != nil:
		by, err = declaredWrong(reader, r, record.Event)
	case record.Certificate != nil:
		by, err = changedAgain(reader, r, record.Certificate)
	case record.MasterData != nil:
		by, err = describedAnew(reader, r, record.MasterData)
	case record.Customs != nil:
		return clearedBy(reader, r, record.Customs)
	case record.Acknowledgement != nil:
		by, err = answeredAgain(reader, r, record.Acknowledgement)
	}
	return func(uint32) *Closing { return by }, err
}

// closing is that a later record settles an alert so; nil where a compromised key signed it.
func closing(reader AlertReader, seq uint64, how Resolution) (*Closing, error) {
	later, err := reader.Record(seq)
	if err != nil || later.Compromised {
		return nil, err
	}
	return closingBy(later, how), nil
}

func closingBy(later *trace.Recorded, how Resolution) *Closing {
	return &Closing{Ending: Ending{Organisation: later.Organisation, Seq: later.Seq}, Time: later.Time.Seconds, Resolution: how}
}

// stateAt decodes the state of a key into v and says whether there is one.
func stateAt(reader AlertReader, k trace.Key, v any) (bool, error) {
	b, err := reader.State(k)
	if err != nil || b == nil {
		return false, err
	}
	if err := decodeState(b, v); err != nil {
		return false, fmt.Errorf("read %s %s: %w", k.NS, k.ID, err)
	}
	return true, nil
}

// changedAgain is what ends what a certificate record says: of an issue the revocation, of a
// change the next one.
func changedAgain(reader AlertReader, r *trace.Recorded, record *epcis.Certificate) (*Closing, error) {
	var s trace.CertificateState
	if _, err := stateAt(reader, trace.Key{NS: trace.NSCertificate, ID: record.ID.URI}, &s); err != nil {
		return nil, err
	}
	for _, i := range s.Intervals {
		how := Supersede
		if i.Status == trace.CertificateRevoked {
			how = Revoke
		} else if record.Action == epcis.IssueCertificate {
			continue
		}
		if i.FromSeq < r.Seq || i.FromSeq == r.Seq && how != Revoke {
			continue
		}
		if by, err := closing(reader, i.FromSeq, how); by != nil || err != nil {
			return by, err
		}
	}
	return nil, nil
}

// describedAnew is the master data that stands in the place of a record's.
func describedAnew(reader AlertReader, r *trace.Recorded, m *epcis.MasterData) (*Closing, error) {
	key := trace.MasterDataKey(m)
	if trace.KeepsDescription(key.NS) {
		var d trace.DescriptionState
		if known, err := stateAt(reader, key, &d); err != nil || !known || d.Seq <= r.Seq {
			return nil, err
		}
		return closing(reader, d.Seq, Supersede)
	}
	var by *Closing
	err := after(reader, r, key, func(later *trace.Recorded, record *epcis.Record) bool {
		if record.MasterData != nil && trace.MasterDataKey(record.MasterData) == key {
			by = closingBy(later, Supersede)
		}
		return by == nil
	})
	return by, err
}

// answeredAgain is the answer that takes the place of an acknowledgement.
func answeredAgain(reader AlertReader, r *trace.Recorded, a *epcis.Acknowledgement) (*Closing, error) {
	var s AnswerState
	known, err := stateAt(reader, trace.AnswerKey(trace.AcknowledgedKey(a), r.Organisation), &s)
	if err != nil || !known || s.Seq <= r.Seq {
		return nil, err
	}
	return closing(reader, s.Seq, Supersede)
}

// clearedBy is what came after a customs record.
func clearedBy(reader AlertReader, r *trace.Recorded, c *epcis.Customs) (settling, error) {
	if c.Action == epcis.CustomsGate {
		var s BorderState
		known, err := stateAt(reader, trace.BorderKey(c.Country), &s)
		if err != nil || !known || s.Seq <= r.Seq {
			return func(uint32) *Closing { return nil }, err
		}
		by, err := closing(reader, s.Seq, Supersede)
		return func(uint32) *Closing { return by }, err
	}
	var settled, decided, declared *Closing
	open, listed := goodsOf(c), len(c.Goods)+len(c.Quantities) > 0
	err := after(reader, r, trace.DeclarationKey(c.MRN), func(later *trace.Recorded, record *epcis.Record) bool {
		next := record.Customs
		if next == nil || next.MRN.URI != c.MRN.URI {
			return true
		}
		switch {
		case next.Action == epcis.CustomsWithdrawn:
			settled = closingBy(later, Withdraw)
		case next.Action == epcis.CustomsDeclared && c.Decides():
			if declared == nil {
				declared = closingBy(later, Declare)
			}
		case next.Action == epcis.CustomsDeclared:
			settled = closingBy(later, Supersede)
		case next.Decides():
			if decided == nil {
				decided = closingBy(later, Decide)
			}
			final := next.Action == epcis.CustomsReleased || next.Action == epcis.CustomsSeized
			if !final && !c.Decides() {
				break
			}
			named := goodsOf(next)
			open = slices.DeleteFunc(open, func(id string) bool { return slices.Contains(named, id) })
			if len(next.Goods) == 0 || listed && len(open) == 0 {
				how := Decide
				if !final {
					how = Supersede
				}
				settled = closingBy(later, how)
			}
		}
		return settled == nil
	})
	return func(code uint32) *Closing {
		switch {
		case code == CodeUndeclared && declared != nil:
			return declared
		case code == CodeNumberDoubted && decided != nil:
			return decided
		}
		return settled
	}, err
}

// goodsOf are the goods that a customs record declares, or decides on alone.
func goodsOf(c *epcis.Customs) (ids []string) {
	for i := range c.Goods {
		ids = append(ids, c.Goods[i].URI)
	}
	for i := range c.Quantities {
		ids = append(ids, c.Quantities[i].Class.URI)
	}
	return ids
}

// after calls f for what was recorded at a key after a record, as long as it says to go on:
// for what was accepted, and no compromised key signed.
func after(reader AlertReader, r *trace.Recorded, k trace.Key, f func(*trace.Recorded, *epcis.Record) (more bool)) error {
	seqs, err := reader.History(k, r.Seq+1, maxNamesakes)
	if err != nil {
		return err
	}
	for _, seq := range seqs {
		later, err := reader.Record(seq)
		if err != nil {
			return err
		}
		if later.Rejected() || later.Compromised {
			continue
		}
		record, err := decoded(later)
		if err != nil || !f(later, record) {
			return err
		}
	}
	return nil
}
