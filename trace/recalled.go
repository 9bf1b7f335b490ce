package trace

import (
	"maps"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
)

// Recall is a recall of a thing of the journey, or of its class, as the records tell
// it: whose author may recall, the contracts have judged.
type Recall struct {
	Of           string        `json:"of"` // the serial, lot or class that it names
	Seq          uint64        `json:"seq"`
	Time         epcis.Instant `json:"eventTime"`
	Organisation string        `json:"organisation"` // who recalled it
	Lifted       *Lifting      `json:"lifted,omitempty"`
}

// Lifting is the event by which the author of a recall ended it.
type Lifting struct {
	Seq  uint64        `json:"seq"`
	Time epcis.Instant `json:"eventTime"`
}

// Together are the recalls of one record that were lifted by one record, or stand: they
// are told in one sentence. The first of them is told, and how many there are.
func Together(list []Recall) (all [][]Recall) {
	for _, r := range list {
		same := func(g []Recall) bool { return g[0].Seq == r.Seq && g[0].lifting() == r.lifting() }
		if i := slices.IndexFunc(all, same); i >= 0 {
			all[i] = append(all[i], r)
		} else {
			all = append(all, []Recall{r})
		}
	}
	return all
}

func (r *Recall) lifting() (l Lifting) {
	if r.Lifted != nil {
		l = *r.Lifted
	}
	return l
}

// recallsTold lists the recalls that the journey's records tell of, in the order of
// the ledger: as rule K5 has it, an organisation has one of a thing at a time, and ends
// it by naming the same serial, lot or class. The records are in that order.
func (w *walker) recallsTold() []Recall {
	ours := map[string]bool{}
	for _, n := range w.list {
		ours[n.ID] = true
		if class := epcis.Canonical(n.ID).Class().URI; class != "" {
			ours[class] = true
		}
	}
	var list []Recall
	open := map[[2]string]int{} // by organisation and thing: where in list
	for _, e := range w.records {
		if e.event == nil || e.event.Correction != nil || e.voided || e.rec.Rejected() {
			continue
		}
		begins, ends := disposed(e.event, dispositionRecalled), slices.Contains(e.event.Unset, dispositionRecalled)
		if !begins && !ends {
			continue
		}
		for _, id := range slices.Sorted(maps.Keys(e.roles)) {
			if !ours[id] || e.event.Type == epcis.TransformationEvent && e.roles[id]&asOutput == 0 {
				continue
			}
			k := [2]string{e.rec.Organisation, id}
			at, ok := open[k]
			switch {
			case begins && !ok:
				open[k] = len(list)
				list = append(list, Recall{Of: id, Seq: e.rec.Seq, Time: e.event.Time, Organisation: e.rec.Organisation})
			case !begins && ok:
				list[at].Lifted = &Lifting{e.rec.Seq, e.event.Time}
				delete(open, k)
			}
		}
	}
	return list
}
