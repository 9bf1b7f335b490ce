package contracts

import (
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// K4 acknowledgement. A recall, the suspension or revocation of a certificate, and a
// hold or seizure by customs are written at their own key and nowhere else: who has
// goods that they reach is a question to a derived index (GET /v1/impact). Whoever
// is listed there answers with an acknowledgement, signed like every record.
//
//   - It names what the matter is about; while nothing is in force there, there is
//     nothing to acknowledge, and it is refused.
//   - Items that it says to have quarantined or destroyed, and that another member's
//     own receipt says another has, are not its to answer for: refused. What is packed is
//     had by who has what it is in. What came out when that was emptied is let pass.
//   - A later answer of the same organisation takes the place of the one before; after
//     sixteen to one matter no more is taken. One that a compromised key signed (rule
//     A7) counts as none.
func (c *hearing) acknowledge() error {
	a := c.record.Acknowledgement
	key := trace.AcknowledgedKey(a)
	matter, err := c.matterOf(key, a.Matter)
	if err != nil {
		return err
	}
	if matter == nil {
		c.find(trace.Finding{
			Code:  CodeNothingToAcknowledge,
			Facts: []trace.Fact{fact(string(key.NS), key.ID), fact("matter", a.Matter)},
			Next:  "Name exactly what the recall, the change of the certificate or the customs decision names, while it is in force.",
		})
		return nil
	}
	c.rely(matter.doubt)
	if others, err := c.ofOthers(a); err != nil || others.n > 0 {
		others.found(c, trace.Finding{
			Code: CodeNotConcerned,
			Next: "Answer for what your own organisation holds; whoever received these answers for them.",
		})
		return err
	}
	answer := trace.AnswerKey(key, c.signer.ID)
	var before AnswerState
	again, err := c.read(answer, &before)
	if err != nil {
		return err
	}
	f := trace.Finding{
		Code:  CodeAcknowledged,
		Facts: []trace.Fact{factAt(string(key.NS), key.ID, matter.Seq), fact("measure", a.Measure)},
	}
	next := AnswerState{Seq: c.position.Seq, Time: c.block.Time.Seconds, Measure: a.Measure, Count: 1}
	doubt, err := c.doubtful(claim{"measure before", before.Measure, c.signer.ID, before.Seq})
	if err != nil {
		return err
	}
	switch {
	case !again || before.Seq <= matter.Seq:
	case doubt != nil: // that was nobody's answer, and does not count
		f.Code = CodeAcknowledgedAgain
		f.Facts = append(f.Facts, *doubt)
	default:
		if next.Count = before.Count + 1; next.Count > maxAnswers {
			c.find(trace.Finding{
				Code:  CodeTooManyAnswers,
				Facts: []trace.Fact{factAt("answers", fmt.Sprint(before.Count), before.Seq)},
				Next:  "Answer once for all that you hold; events say what happens to single goods.",
			})
			return nil
		}
		f.Code = CodeAcknowledgedAgain
		f.Facts = append(f.Facts, factAt("measure before", before.Measure, before.Seq))
	}
	c.find(f)
	return c.write(answer, next)
}

// maxAnswers bounds the answers of one organisation to one matter: all of them stand in
// the history of what it is about, which every dossier reads.
const maxAnswers = 16

// AnswerState is the state of an organisation's answer, at [trace.AnswerKey]: the
// latest. Its size is bounded.
type AnswerState struct {
	Seq     uint64 `cbor:"1,keyasint"`
	Time    int64  `cbor:"2,keyasint"` // block time, Unix seconds
	Measure string `cbor:"3,keyasint"`
	Count   uint32 `cbor:"4,keyasint"` // of answers to the same matter
}

// A Matter is what is in force at a key and has to be answered.
type Matter struct {
	Kind string // epcis.MatterRecall and its like
	What string // "recalled", "suspended", "revoked", "held", "seized"
	By   string // the organisation
	Seq  uint64 // of the record that says so
	// Doubtful is the record that decides whether it is in force, where a compromised key
	// signed that (rule A7): this one, or of a recall an end of it, which ends nothing.
	Doubtful *uint64
	doubt    *trace.Fact
	Key      trace.Key // what it is about
	Serials  []string  // of a class, the ranges that a recall is limited to; nil: all
	// Recorded is the block time of that record; who asks for an impact fills it in.
	Recorded epcis.Instant
	// Effective is, of a certificate, from when its change has effect where the
	// record says so; nil for the block time of the record.
	Effective *epcis.Instant
}

// matterOf is the first matter in force of a kind, nil for none.
func (c *hearing) matterOf(key trace.Key, kind string) (*Matter, error) {
	all, err := matters(key, kind, courtMatters{c})
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}

// A matterReader reads what matters follow from.
type matterReader interface {
	state(k trace.Key, v any) (bool, error)
	// effect is that of a recall; nil where it has ended.
	effect(id string, r *Recall) (*effect, error)
}

type courtMatters struct{ *hearing }

func (c courtMatters) state(k trace.Key, v any) (bool, error) {
	known, err := c.read(k, v)
	if s, ok := v.(*trace.CertificateState); ok && err == nil {
		_, err = c.reinstatements(k.ID, s)
	}
	return known, err
}

// matters lists what is in force at a key, of a kind.
func matters(key trace.Key, kind string, of matterReader) (all []Matter, err error) {
	switch kind {
	case epcis.MatterRecall:
		var s RecallState
		if _, err := of.state(trace.Key{NS: trace.NSRecall, ID: string(key.NS) + ":" + key.ID}, &s); err != nil {
			return nil, err
		}
		for i := range s.Recalls {
			r := &s.Recalls[i]
			e, err := of.effect(key.ID, r)
			if err != nil {
				return nil, err
			}
			if e == nil {
				continue
			}
			m := Matter{Key: key, Kind: kind, What: "recalled", By: r.By.Organisation, Seq: r.By.Seq, Serials: r.Serials}
			if e.doubt != nil {
				m.Doubtful, m.doubt = e.doubt.Seq, e.doubt
			}
			all = append(all, m)
		}
	case epcis.MatterCertificate:
		var s trace.CertificateState
		known, err := of.state(key, &s)
		if err != nil || !known || len(s.Intervals) == 0 {
			return nil, err
		}
		last := s.Intervals[len(s.Intervals)-1]
		if last.Status == trace.CertificateSuspended || last.Status == trace.CertificateRevoked {
			m := Matter{Key: key, Kind: kind, What: last.Status, By: last.By, Seq: last.FromSeq}
			if m.By == "" {
				m.By = s.Issuer
			}
			if last.EffectiveFrom != nil {
				t := last.EffectiveFrom.Instant()
				m.Effective = &t
			}
			all = append(all, m)
		}
	case epcis.MatterCustoms:
		var s DeclarationState
		known, err := of.state(key, &s)
		if err != nil || !known {
			return nil, err
		}
		for _, p := range s.locked() {
			all = append(all, Matter{Key: key, Kind: kind, What: string(p.Status), By: p.Since.Organisation, Seq: p.Since.Seq})
		}
	}
	return all, nil
}

// ofOthers are the items that an answer is about and another has, by that other's own
// receipt.
func (c *hearing) ofOthers(a *epcis.Acknowledgement) (others tally, err error) {
	if a.Measure != epcis.MeasureQuarantined && a.Measure != epcis.MeasureDestroyed {
		return others, nil // what it says is that the goods are elsewhere
	}
	goods := slices.Clone(a.Goods)
	if a.Matter == epcis.MatterRecall {
		goods = append(goods, a.About)
	}
	seen := map[string]bool{}
	for _, id := range goods {
		key := trace.ObjectKey(id)
		if key.NS != trace.NSItem || seen[key.ID] {
			continue
		}
		seen[key.ID] = true
		if known, err := c.read(key, new(ItemState)); err != nil || !known {
			if err != nil {
				return others, err
			}
			continue
		}
		it, err := c.itemAt(key.ID)
		if err != nil {
			return others, err
		}
		chain, err := c.above(it)
		if err != nil {
			return others, err
		}
		if out := chain[len(chain)-1]; out.state.Parent.open() || out.state.Assembly.open() {
			continue // it came out when something was emptied, and may be anybody's
		}
		unit, err := c.unitOf(it)
		if err != nil {
			return others, err
		}
		if unit.received() && unit.heldBy() != c.signer.ID {
			others.add(it.inUnit(unit, unit.heldFact()))
		}
	}
	return others, nil
}

func acknowledgementContract() Contract {
	return Contract{
		Rule: "K4", Version: 1, Name: "acknowledgement", Kinds: []epcis.Kind{epcis.KindAcknowledgement}, judge: (*hearing).acknowledge,
		Says: "Whoever holds what a recall, a suspended or revoked certificate or a hold or seizure by customs reaches " +
			"acknowledges it by a signed record that names it and the measure taken. Nothing is written to what was made of it: " +
			"who has to answer within the answerTerm, and who has not, the impact of the matter shows.",
		Source: "Regulation (EC) 178/2002, articles 18 and 19; GS1 Product Recall",
		Reads:  []trace.Namespace{trace.NSRecall, trace.NSCertificate, trace.NSTransaction, trace.NSItem, trace.NSTransfer, trace.NSAcknowledged},
		Writes: []trace.Namespace{trace.NSAcknowledged},
		Finds: []Declared{
			{CodeNothingToAcknowledge, trace.Reject, "there is nothing to acknowledge"},
			{CodeNotConcerned, trace.Reject, "answers for what another has"},
			{CodeAcknowledged, trace.Info, "acknowledged"},
			{CodeAcknowledgedAgain, trace.Info, "acknowledged again"},
			{CodeTooManyAnswers, trace.Reject, "the organisation has answered too often"},
		},
	}
}
