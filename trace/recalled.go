package trace

import (
	"maps"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
)

// The findings of rule K5 that tell whether a recall binds anybody.
const (
	CodeRecalled       uint32 = 2501 // recalls what its author may recall; its facts have that as their values
	CodeRecallOfOthers uint32 = 2502 // says recalled, and may not recall; its facts are named by what it may not
)

// Recall is a recall of a thing of the journey, or of its class, as the records tell
// it.
type Recall struct {
	Of           string        `json:"of"`                // the serial, lot or class that it names
	Serials      []string      `json:"serials,omitempty"` // of the class, the ranges that it is limited to: "first..last"
	Seq          uint64        `json:"seq"`
	Time         epcis.Instant `json:"eventTime"`
	Organisation string        `json:"organisation"` // who recalled it
	// OfOthers: the contracts found that its author may not recall that. It binds nobody
	// (rule K5).
	OfOthers bool     `json:"ofOthers,omitempty"`
	Lifted   *Lifting `json:"lifted,omitempty"`
	// Compromised: with a key that was compromised by then. It stands until its author
	// says otherwise with a good key (rule A7).
	Compromised bool `json:"compromised,omitempty"`
	// Again is the event by which its author recalled it again, with a good key, after
	// something was doubtful about it.
	Again *Lifting `json:"again,omitempty"`
	// DoubtfulEnd is an event that would have ended it, or declared it wrong, but for the
	// compromised key that signed it: it ends nothing.
	DoubtfulEnd *Lifting `json:"doubtfulEnd,omitempty"`
}

// Lifting is an event by which the author of a recall ended it, or of the like.
type Lifting struct {
	Seq  uint64        `json:"seq"`
	Time epcis.Instant `json:"eventTime"`
}

// Together are the recalls of one record that bind, or do not, and were lifted by one
// record, or stand: they are told in one sentence. The first of them is told, and how many there are.
func Together(list []Recall) (all [][]Recall) {
	for _, r := range list {
		same := func(g []Recall) bool {
			return g[0].Seq == r.Seq && g[0].OfOthers == r.OfOthers && sameEvent(g[0].Lifted, r.Lifted) && sameEvent(g[0].Again, r.Again) && sameEvent(g[0].DoubtfulEnd, r.DoubtfulEnd)
		}
		if i := slices.IndexFunc(all, same); i >= 0 {
			all[i] = append(all[i], r)
		} else {
			all = append(all, []Recall{r})
		}
	}
	return all
}

func sameEvent(a, b *Lifting) bool { return a == b || a != nil && b != nil && *a == *b }

// recallsTold lists the recalls that the journey's records tell of, in the order of
// the ledger: as rule K5 has it, an organisation has one of a thing at a time, and ends
// it by naming the same serial, lot or class. What a compromised key signed ends nothing
// (rule A7). The records are in that order.
func (w *walker) recallsTold() []Recall {
	ours := maps.Clone(w.left)
	members := map[string][]epcis.ID{} // by class
	for _, n := range w.list {
		ours[n.ID] = true
		id := epcis.Canonical(n.ID)
		if class := id.Class().URI; class != "" {
			ours[class] = true
			members[class] = append(members[class], id)
		}
	}
	var list []Recall
	var eventIDs []string       // of the records that list is of
	open := map[[3]string]int{} // by organisation, thing and serials: where in list
	for _, e := range w.records {
		if e.event == nil || e.rec.Rejected() || e.ground {
			continue
		}
		begins, ends := disposed(e.event, dispositionRecalled), slices.Contains(e.event.Unset, dispositionRecalled)
		wrong := e.event.Correction != nil // those by good keys are told by what is voided
		if !begins && (!ends || wrong) || wrong && !e.rec.Compromised || e.voided && !(begins && e.upheld) {
			continue
		}
		this := &Lifting{e.rec.Seq, e.event.Time}
		for _, id := range slices.Sorted(maps.Keys(e.roles)) {
			if !ours[id] || e.event.Type == epcis.TransformationEvent && e.roles[id]&asOutput == 0 {
				continue
			}
			serials := serialsOf(e.event, id)
			within := func(one epcis.ID) bool { return one.URI == id || InSerials(serials, one) }
			if len(serials) > 0 && !w.left[id] && !slices.ContainsFunc(members[id], within) {
				continue
			}
			k := [3]string{e.rec.Organisation, id, strings.Join(serials, " ")}
			at, ok := open[k]
			switch {
			case !ok && (wrong || !begins):
			case !ok:
				open[k] = len(list)
				list = append(list, Recall{Of: id, Serials: serials, Seq: e.rec.Seq, Time: e.event.Time, Organisation: e.rec.Organisation,
					OfOthers: recallsOthers(e.rec.Findings, id), Compromised: e.rec.Compromised})
				eventIDs = append(eventIDs, e.event.ID)
			case wrong:
				if e.event.ID != "" && eventIDs[at] == e.event.ID {
					list[at].DoubtfulEnd = this
				}
			case begins:
				if !e.rec.Compromised && (list[at].Compromised || list[at].DoubtfulEnd != nil) {
					list[at].Compromised, list[at].DoubtfulEnd, list[at].Again = false, nil, this
				}
			case e.rec.Compromised:
				list[at].DoubtfulEnd = this
			default:
				list[at].Lifted, list[at].DoubtfulEnd = this, nil
				delete(open, k)
			}
		}
	}
	return list
}

// recallsOthers reports whether a recall with these findings binds nobody where it
// names id: no finding says that it does. Where it names more than a finding does, what is
// not said to be others' is not.
func recallsOthers(findings []Finding, id string) bool {
	has := func(code uint32, fits func(Fact) bool) bool {
		return slices.ContainsFunc(findings, func(f Finding) bool { return f.Code == code && slices.ContainsFunc(f.Facts, fits) })
	}
	switch {
	case has(CodeRecalled, func(f Fact) bool {
		long, cut := strings.CutSuffix(f.Value, "…") // as findings end what is too long for them
		return f.Value == id || cut && strings.HasPrefix(id, long)
	}):
		return false
	case has(CodeRecalled, func(f Fact) bool { return f.Name == AndMore }):
		return has(CodeRecallOfOthers, func(f Fact) bool { return f.Name == id })
	}
	return true
}
