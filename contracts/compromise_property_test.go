package contracts_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
)

// spareKeys are public keys that members come to sign with: small multiples of the
// generator of secp256k1.
var spareKeys = []string{
	"0x02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5",
	"0x02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9",
	"0x02e493dbf1c10d80f3581e4904930b1404cc6c13900ee0758474fa94abe8c4cd13",
	"0x022f8bde4d1a07209355b4a7250a5c5128e88b84bddc619ab7cba8d569b240efe4",
	"0x03fff97bd5755eeea420453a14355235d382f6472f8568a18b2f057a1460297556",
	"0x025cbdf0646e5db4eaa398f365f2ea7a0e3d419b7e0330e39ce92bddedcac4f9bc",
	"0x022f01e5e15cca351daff3843fb70f3c2f0a1bdd05e5af888a67784ef3e10a2a01",
	"0x03acd484e2f0c7f65309ad178a9f559abde09796974c57e714c35f110dfc27ccbe",
}

// goods are items and lots; the last of each is of a prefix that nobody licenses.
var goods = []string{
	itemURI(0), itemURI(1), "https://id.gs1.org/01/04012345999990/21/F",
	"https://id.gs1.org/01/09521102000015/10/L0", "https://id.gs1.org/01/09521102000015/10/L1", "https://id.gs1.org/01/04012345999990/10/F",
}

func isLot(thing string) bool { return strings.Contains(thing, "/10/") }

func isForeign(thing string) bool { return strings.Contains(thing, "/04012345") }

// A word is a record that something rests on: a birth, or an attestation of one.
type word struct {
	seq     uint64
	at      int64 // block time
	member  string
	key     identity.Address
	eventID string
	thing   string
	event   map[string]any
}

// theft is what the property knows by itself of who signed what.
type theft struct {
	*memory
	births   map[string][]word          // of each thing, those that stand
	attested map[string]word            // by thing, and of a lot by key
	since    map[identity.Address]int64 // of keys that were compromised
	old      map[string][]identity.Address
	spare    int
}

func newTheft() *theft {
	w := &theft{memory: world(), births: map[string][]word{}, attested: map[string]word{}, since: map[identity.Address]int64{},
		old: map[string][]identity.Address{}}
	w.time = epcis.Instant{Seconds: worldStart}
	return w
}

func (w *theft) doubts(x word) bool {
	since, compromised := w.since[x.key]
	return compromised && x.at >= since
}

// place is where an attestation of a birth is kept.
func place(b word) string {
	if isLot(b.thing) {
		return b.thing + b.key.Hex()
	}
	return b.thing
}

// doubtful are the births of a thing that nobody's good word stands for. Of a key the
// latest says all.
func (w *theft) doubtful(thing string) (list []word) {
	last := map[identity.Address]word{}
	for _, b := range w.births[thing] {
		last[b.key] = b
	}
	for _, b := range last {
		if a, ok := w.attested[place(b)]; ok && a.seq > b.seq {
			b.key, b.at = a.key, a.at
		}
		if w.doubts(b) {
			list = append(list, b)
		}
	}
	return list
}

// about is an event of the fields that names a thing in its list of objects.
func about(thing string, fields map[string]any) map[string]any {
	if isLot(thing) {
		fields["quantityList"] = []map[string]any{{"epcClass": thing, "quantity": 1, "uom": "KGM"}}
	} else {
		fields["epcList"] = []string{thing}
	}
	return fields
}

func (w *theft) govern(t *rapid.T, tb testing.TB, member string, fields map[string]any) {
	fields["@context"] = []any{epcis.ContextURL, map[string]string{"wm": epcis.Vocabulary}}
	fields["type"] = "wm:Governance"
	b, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	if v := w.judge(tb, member, epcis.KindGovernance, b); v.Rejected() {
		t.Fatalf("%s refused: %+v", b, v.Findings)
	}
}

// rotate has a member sign with another key from here on.
func (w *theft) rotate(t *rapid.T, tb testing.TB, member string) {
	if w.spare == len(spareKeys) {
		return
	}
	text := spareKeys[w.spare]
	w.spare++
	w.govern(t, tb, member, map[string]any{"action": "addKey", "key": text})
	_, next, err := identity.ParsePublicKey(text)
	if err != nil {
		t.Fatal(err)
	}
	w.old[member] = append(w.old[member], w.signer(member))
	w.keys[member] = next
}

// revoke has a member revoke one of its old keys, compromised since some moment or
// none.
func (w *theft) revoke(t *rapid.T, tb testing.TB, member string) {
	if len(w.old[member]) == 0 {
		return
	}
	i := rapid.IntRange(0, len(w.old[member])-1).Draw(t, "old key")
	key := w.old[member][i]
	w.old[member] = slices.Delete(w.old[member], i, i+1)
	fields := map[string]any{"action": "revokeKey", "key": key.Hex(), "reason": "stolen"}
	moments := []int64{w.time.Seconds + 1, worldStart, w.time.Seconds} // the first: lost, and not compromised
	for _, thing := range goods {
		for _, b := range w.births[thing] {
			moments = append(moments, b.at, b.at+1)
		}
	}
	if since := rapid.SampledFrom(moments).Draw(t, "since"); since <= w.time.Seconds {
		fields["compromisedSince"] = epcis.Instant{Seconds: since}.String()
		w.since[key] = since
	}
	w.govern(t, tb, member, fields)
}

// said is the word of the record that is judged next.
func (w *theft) said(member, thing string, event map[string]any) word {
	return word{w.seq, w.time.Seconds, member, w.signer(member), fmt.Sprint(event["eventID"]), thing, event}
}

// bear brings a thing into being.
func (w *theft) bear(t *rapid.T, tb testing.TB, member, thing string) {
	if len(w.births[thing]) == 8 {
		return // the ledger lumps more together
	}
	e := about(thing, map[string]any{"action": "ADD", "bizStep": "commissioning", "eventID": fmt.Sprintf("urn:uuid:%d", w.seq)})
	b := w.said(member, thing, e)
	if w.record(tb, member, e).Rejected() {
		return
	}
	if !isLot(thing) {
		if s := stateOf(t, w.memory, thing); s.Born == nil || s.Born.Seq != b.seq {
			return // of a foreign item the first birth stands
		}
		delete(w.attested, thing)
	}
	w.births[thing] = append(w.births[thing], b)
}

// attest has a member stand by what it brought into being.
func (w *theft) attest(t *rapid.T, tb testing.TB, member, thing string) {
	e := about(thing, map[string]any{"bizStep": "storing", "wm:attests": "birth", "eventID": fmt.Sprintf("urn:uuid:%d", w.seq)})
	a := w.said(member, thing, e)
	own := w.doubtful(thing)
	own = slices.DeleteFunc(own, func(b word) bool { return b.member != member })
	v := w.record(tb, member, e)
	if v.Rejected() {
		return // the item has ended
	}
	if did := slices.Contains(words(v), "INFO 703"); did != (len(own) > 0) {
		t.Fatalf("%s attests %s: %v, where %+v is doubtful", member, thing, words(v), own)
	}
	last := map[string]bool{}
	for _, b := range own {
		last[fmt.Sprint(b.seq)] = true
	}
	for _, b := range w.births[thing] {
		if last[fmt.Sprint(b.seq)] {
			w.attested[place(b)] = a
		}
	}
}

// correct declares an event of the past wrong.
func (w *theft) correct(t *rapid.T, tb testing.TB, thing string) {
	var past []word
	for _, b := range w.births[thing] {
		past = append(past, b)
		if a, ok := w.attested[place(b)]; ok {
			past = append(past, a)
		}
	}
	if len(past) == 0 {
		return
	}
	wrong := rapid.SampledFrom(past).Draw(t, "wrong")
	wrong.event["errorDeclaration"] = map[string]any{"declarationTime": w.time.String()}
	if w.record(tb, wrong.member, wrong.event).Rejected() {
		return
	}
	same := func(x word) bool { return x.seq == wrong.seq }
	w.births[thing] = slices.DeleteFunc(w.births[thing], same)
	for at, a := range w.attested {
		if same(a) {
			delete(w.attested, at)
		}
	}
}

// use moves or uses a thing, and says whether the event is an end of it.
func use(t *rapid.T, thing string, n uint64) (e map[string]any, ends bool) {
	switch what := rapid.SampledFrom([]string{"departing", "retail_selling", "loading", "packing", "roasting", "destroying", "storing"}).Draw(t, "use"); what {
	case "packing":
		e = map[string]any{"type": "AggregationEvent", "action": "ADD", "parentID": "https://id.gs1.org/00/395211020000000016"}
		if isLot(thing) {
			e["childQuantityList"] = []map[string]any{{"epcClass": thing, "quantity": 1, "uom": "KGM"}}
		} else {
			e["childEPCs"] = []string{thing}
		}
	case "roasting":
		e = map[string]any{"type": "TransformationEvent", "outputEPCList": []string{fmt.Sprintf("https://id.gs1.org/01/09521104000013/21/%d", n)}}
		if isLot(thing) {
			e["inputQuantityList"] = []map[string]any{{"epcClass": thing, "quantity": 1, "uom": "KGM"}}
		} else {
			e["inputEPCList"] = []string{thing}
		}
	default:
		e, ends = about(thing, map[string]any{"bizStep": what}), what == "destroying"
	}
	return e, ends
}

// In whatever order keys change hands: what a compromised key brought into being in its
// window is neither moved nor used until its organisation stands by it with a good key,
// or takes the birth back; what was born before, or by others, is left alone. Attesting
// attests what is doubtful, and nothing else.
func TestWhatAThiefMadeIsNotUsed(t *testing.T) {
	used, refused := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		w := newTheft()
		few := rapid.SliceOfNDistinct(rapid.SampledFrom(goods), 1, 2, rapid.ID).Draw(rt, "goods")
		for _, thing := range few {
			w.bear(rt, t, "exporter", thing)
		}
		w.rotate(rt, t, "exporter")
		for range rapid.IntRange(10, 60).Draw(rt, "records") {
			w.time.Seconds += int64(rapid.IntRange(1, 3).Draw(rt, "later"))
			member := rapid.SampledFrom([]string{"exporter", "exporter", "roaster"}).Draw(rt, "member")
			thing := rapid.SampledFrom(few).Draw(rt, "thing")
			switch rapid.SampledFrom([]string{"use", "use", "use", "use", "revoke", "revoke", "bear", "bear", "rotate", "attest", "correct"}).Draw(rt, "what") {
			case "bear":
				w.bear(rt, t, member, thing)
			case "rotate":
				w.rotate(rt, t, member)
			case "revoke":
				w.revoke(rt, t, member)
			case "attest":
				w.attest(rt, t, member, thing)
			case "correct":
				w.correct(rt, t, thing)
			case "use":
				e, ends := use(rt, thing, w.seq)
				doubtful := w.doubtful(thing)
				v := w.record(t, member, e)
				said := words(v)
				moves := e["bizStep"] != "storing"
				stopped, flagged := slices.Contains(said, "REJECT 702"), slices.Contains(said, "FLAG 706")
				switch doubted := len(doubtful) > 0; {
				case !moves && (stopped || flagged), !doubted && (stopped || flagged):
					rt.Fatalf("%v: %v, and nothing is doubtful", e, said)
				case moves && doubted && !stopped && !flagged:
					rt.Fatalf("%v: %v, and %+v is doubtful", e, said, doubtful)
				case stopped && isForeign(thing), flagged && !isForeign(thing) && !ends:
					rt.Fatalf("%v: %v", e, said)
				case !moves && doubted && !slices.Contains(said, "FLAG 701"):
					rt.Fatalf("%v: %v rests on %+v", e, said, doubtful)
				}
				used++
				if stopped {
					refused++
				}
			}
		}
	})
	if used > 500 && refused == 0 {
		t.Errorf("of %d uses none is refused: the histories say too little", used)
	}
}
