package contracts_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/testnet/lane"
	"github.com/waymark-ledger/waymark/trace"
)

// A leftover is what a record that was declared wrong may leave all the same: findings that
// a later one has more, and less.
type leftover struct {
	when  string // how it was declared wrong: "now", "later", "between"; said twice, "one" or "both"; "" for any
	found string // as difference tells it
	why   string
}

// States are bounded: they remember one thing before the last.
var leftovers = []leftover{
	{"", "+C1 FLAG 1104", "an item that somebody named was seen before its birth, also where he erred (c1_correction.go)"},
	{"both", "+C7 FLAG 1704", "of bonds the one before the last is remembered (Bond.Before), not the one before that"},
	{"both", "+C3 INFO 1308,-C3 REJECT 1305,-C7 FLAG 1712", "the same, and of a container that is emptied twice what the last time took out; what is not known to be in one is shipped by itself"},
	{"both", "+C2 FLAG 1201,+C7 FLAG 1704", "the same; what is not known to be in a container is not unpacked by who has it"},
	{"both", "-T1 INFO 6102", "of limits those before the last are remembered (ColdChainState.Before)"},
	{"both", "-T1 INFO 6102,-T1 FLAG 6103,-T2 FLAG 6203", "the same"},
	{"both", "-T1 FLAG 6103,-T2 FLAG 6203", "the same"},
	{"both", "-T1 LOCK 6101,-T2 FLAG 6208", "the same"},
	{"both", "+T2 FLAG 6206", "of a device the latest report is taken back first (t1_anew.go)"},
	{"both", "+T2 FLAG 6206,-T1 LOCK 6101", "the same"},
	{"both", "+T1 LOCK 6101,-T1 FLAG 6103", "the same"},
	{"both", "+T1 LOCK 6101,-T1 INFO 6102", "the same"},
	{"one", "-B3 FLAG 4304", "of crossings the one before the last is remembered, but not when it was (b3_border.go)"},
	{"one", "-F2 FLAG 7201", "of sightings the last is remembered"},
	{"one", "-F1 FLAG 7103,-F2 FLAG 7201", "the same"},
	{"one", "-C7 FLAG 1706", "of departures from what an item was not known to be in, the last is remembered"},
	{"one", "-C2 FLAG 1201", "what is held already by who unpacks it changes hands no second time"},
	{"one", "+C4 FLAG 1403", "the same"},
	{"between", "+C2 FLAG 1201", "who unpacks is handed what is in a container that it holds then: a correction names the container alone, and hands on nothing that was in there"},
	{"between", "+C3 FLAG 1304,-C3 INFO 1308", "the same; what it is not known to hold it does not ship"},
	{"between", "+C3 FLAG 1304", "the same, of a part of what it ships"},
	{"between", "+C2 FLAG 1201,+F1 INFO 7104", "the same, once a sighting has disputed the serial"},
}

// difference tells what findings there are more, and less, than there should be.
func difference(got, want []string) string {
	var all []string
	for _, f := range got {
		if !slices.Contains(want, f) {
			all = append(all, "+"+f)
		}
	}
	for _, f := range want {
		if !slices.Contains(got, f) {
			all = append(all, "-"+f)
		}
	}
	if all == nil && !slices.Equal(got, want) {
		return "another order"
	}
	told := strings.Join(all, ",")
	for _, sign := range [...]string{"+", "-"} { // whoever is not known to hold an item is a sighting for F1, too
		if strings.Contains(told, sign+"C2 FLAG 1201") {
			told = strings.ReplaceAll(told, ","+sign+"F1 FLAG 7106", "")
			told = strings.ReplaceAll(told, ","+sign+"F1 INFO 7104", "")
		}
	}
	return told
}

// trial is one intruder before one record of a tale.
type trial struct {
	testing.TB
	*tale
	intruder
	n      int  // the record
	played *int // histories
}

// at is so many seconds before the record.
func (x *trial) at(seconds int64) epcis.Instant {
	return epcis.Instant{Seconds: x.records[x.n].time.Seconds - seconds}
}

// The intruder is said once or twice.
const (
	firstly, secondly = "urn:uuid:x", "urn:uuid:y"
	before1, before2  = 40, 35
)

func (x *trial) record(id string) *chapter {
	if id == firstly {
		return x.said(x, id, x.at(before1), x.at(30), false)
	}
	return x.said(x, id, x.at(before2), x.at(25), false)
}

// declare declares it wrong, which nobody refuses its author.
func (x *trial) declare(b *branch, when, id string) {
	x.Helper()
	now, at := x.at(20), x.at(before1)
	if b.n > x.n {
		now = epcis.Instant{Seconds: b.records[b.n-1].time.Seconds + 10}
	}
	if id == secondly {
		at = x.at(before2)
	}
	if v := b.write(x, x.said(x, id, at, now, true)); v.Rejected() {
		x.Errorf("%s, before %q, %s: the declaration is refused: %v: %s", when, x.records[x.n].title, x.member, findings(v), x.act)
	}
}

// same says that the rest of the tale is judged as it should be.
func (x *trial) same(b *branch, when string, should func() []string) {
	x.Helper()
	*x.played++
	for b.n < len(x.records) {
		r, want := x.records[b.n], should()
		got := b.next(x)
		d := difference(got, want)
		if d == "" {
			continue
		}
		left := slices.IndexFunc(leftovers, func(y leftover) bool { return (y.when == "" || y.when == when) && y.found == d })
		if left < 0 {
			x.Errorf("%s, before %q, by %s: %s: %q of %s: %s: %v", when, x.records[x.n].title, x.member, x.act, r.title, r.member, d, x.fields)
		}
		if left != 0 { // the first has no consequences
			return
		}
	}
}

func (x *trial) told(b *branch) func() []string {
	return func() []string { return x.records[b.n].found }
}

func (x *trial) run() {
	said := x.record(firstly)
	b := x.branch(x.n)
	if b.write(x, said).Rejected() {
		return
	}
	now := b.fork()
	x.declare(now, "now", firstly)
	x.same(now, "now", x.told(now))

	x.later(b)

	again := x.record(secondly)
	alone := x.tale.branch(x.n)
	alone.others = 1
	first, second := alone.write(x, again), b.write(x, again)
	if first.Rejected() || second.Rejected() {
		return
	}
	for _, order := range [...][2]string{{firstly, secondly}, {secondly, firstly}} {
		both := b.fork()
		x.declare(both, "both", order[0])
		one := alone.fork()
		if order[0] == secondly {
			one = x.tale.branch(x.n)
			one.write(x, said)
		}
		if order[0] == secondly || slices.Equal(findings(first), findings(second)) {
			x.same(both.fork(), "one", func() []string { return one.next(x) })
		}
		x.declare(both, "both", order[1])
		x.same(both, "both", x.told(both))
	}
}

// later declares the intruder wrong after some records of the tale: before the first that
// names the same, and after it and those that follow.
func (x *trial) later(b *branch) {
	said := x.record(firstly)
	b = b.fork()
	when := "later"
	for gap := 4; gap > 0 && b.n < len(x.records); gap-- {
		r := x.records[b.n]
		if when == "later" && touchSame(said.record, r.record) {
			if b.n > x.n {
				x.declared(b, when)
			}
			when = "between"
		}
		if d := difference(b.next(x), r.found); moves(d) {
			return // it did something else: nobody judges it again
		}
		if when == "between" {
			x.declared(b, when)
		}
	}
	if when == "later" {
		x.declared(b, when)
	}
}

// moves reports whether a record that was judged so much otherwise did something else: it was
// refused or locked, or not, or the rules that move goods did not move the same.
func moves(difference string) bool {
	for _, word := range []string{"REJECT", "LOCK", "C1 ", "C3 ", "C4 ", "C5 ", "C6 ", "C7 ", "C8 ", "C9 ", "T1 ", "T2 "} {
		if strings.Contains(difference, word) {
			return true
		}
	}
	return false
}

// declared declares the intruder wrong in a copy of the branch, and plays the rest.
func (x *trial) declared(b *branch, when string) {
	b = b.fork()
	if b.n < len(x.records) {
		x.declare(b, when, firstly)
		x.same(b, when, x.told(b))
	}
}

// touchSame reports whether two records name the same.
func touchSame(a, b *epcis.Record) bool {
	keys := trace.Touches(b)
	return slices.ContainsFunc(trace.Touches(a), func(k trace.Key) bool { return slices.Contains(keys, k) })
}

// What its author declares wrong leaves no trace: whatever comes after is judged as if it had
// never been said. In histories of all lanes, at every point, members say what may be true or
// not, and declare it wrong at once, or a few records later; or say it twice, and declare one of
// the two wrong, or both. Records that come in between may be about the same: unless they moved
// other things because of it, all that comes after is judged as if it had never been said.
func TestWhatIsDeclaredWrongLeavesNoTrace(t *testing.T) {
	const every = 19 // of all intruders; 1 tries each, in some minutes
	played := 0
	for _, l := range lane.All() {
		w, i := tell(t, l), 0 // each lane's own: another one moves no sample of it
		for n := w.script; n < len(w.records); n++ {
			for _, in := range w.intruders(t, n) {
				if i++; i%every == 0 {
					x := trial{t, w, in, n, &played}
					x.run()
				}
			}
		}
	}
	if played < 430_000/every {
		t.Errorf("only %d histories were played", played)
	}
}
