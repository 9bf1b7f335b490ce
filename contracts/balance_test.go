package contracts_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// grams are the units that histories use, each in the smallest part of a gram that
// all of them are whole numbers of.
var grams = map[string]*big.Rat{
	"GRM": big.NewRat(1, 1), "KGM": big.NewRat(1000, 1), "LBR": big.NewRat(45359237, 100000), "ONZ": big.NewRat(28349523125, 1000000000),
}

// deal is one event of a random history, as the model knows it.
type deal struct {
	member, id, what string
	lots             []flow // of a transformation its inputs
	outputs          []flow
	loss             *flow
	transformation   string
	final            bool
	wrong            int // which earlier deal it declares wrong, or -1
	done, undone     bool
}

type flow struct {
	lot    int
	amount string
	unit   string
}

func (f flow) grams() *big.Rat {
	x, ok := new(big.Rat).SetString(f.amount)
	if !ok {
		panic(f.amount)
	}
	return x.Mul(x, grams[f.unit])
}

// The lots of a history. Those of the class …015 are in the certificate's scope, the last is foreign.
var dealtLots = []string{
	"https://id.gs1.org/01/09521102000015/10/A", "https://id.gs1.org/01/09521102000015/10/B",
	"https://id.gs1.org/01/09521102000022/10/C", "https://id.gs1.org/01/04012345111118/10/F",
}

const foreignLot = 3

func deals(t *rapid.T) []*deal {
	drawFlow := rapid.Custom(func(t *rapid.T) flow {
		whole, part := rapid.IntRange(0, 120).Draw(t, "whole"), rapid.SampledFrom([]string{"", ".5", ".25", ".501", ".000001"}).Draw(t, "part")
		return flow{
			lot: rapid.IntRange(0, len(dealtLots)-1).Draw(t, "lot"), amount: fmt.Sprint(whole) + part,
			unit: rapid.SampledFrom([]string{"KGM", "KGM", "GRM", "LBR", "ONZ"}).Draw(t, "unit"),
		}
	})
	flows := rapid.SliceOfN(drawFlow, 1, 3)
	var out []*deal
	for i := range rapid.IntRange(1, 40).Draw(t, "deals") {
		d := &deal{
			member: rapid.SampledFrom([]string{"exporter", "roaster"}).Draw(t, "member"), id: fmt.Sprintf("urn:uuid:%d", i), wrong: -1,
			what: rapid.SampledFrom([]string{"birth", "birth", "use", "use", "ship", "receive", "make", "make", "make", "pack", "unpack", "wrong"}).Draw(t, "what"),
		}
		d.lots = flows.Draw(t, "lots")
		switch d.what {
		case "make":
			d.outputs = flows.Draw(t, "outputs")
			if rapid.Bool().Draw(t, "nearly") { // what comes out is close to what went in
				d.outputs = slices.Clone(d.lots)
				d.outputs[0].lot = rapid.IntRange(0, 2).Draw(t, "made")
				last := &d.outputs[len(d.outputs)-1]
				switch more := rapid.SampledFrom([]string{"", "1", "3"}).Draw(t, "more"); {
				case more == "":
				case strings.Contains(last.amount, "."):
					last.amount += more
				default:
					last.amount += "." + more
				}
			}
			if rapid.IntRange(0, 2).Draw(t, "loses") == 0 {
				loss := drawFlow.Draw(t, "loss")
				d.loss = &loss
			}
			if rapid.IntRange(0, 2).Draw(t, "spread") == 0 {
				d.transformation = fmt.Sprintf("urn:uuid:t%d", rapid.IntRange(0, 1).Draw(t, "transformation"))
				d.final = rapid.Bool().Draw(t, "final")
			}
		case "wrong":
			if i == 0 {
				d.what = "birth"
			} else {
				d.wrong = rapid.IntRange(0, i-1).Draw(t, "wrong")
			}
		}
		out = append(out, d)
	}
	return out
}

// record writes a deal as an event.
func (d *deal) record(at epcis.Instant, history []*deal) []byte {
	e := map[string]any{}
	body := d
	if d.wrong >= 0 {
		body = history[d.wrong]
		e["errorDeclaration"] = map[string]any{"declarationTime": at.String(), "reason": "did_not_occur"}
		e["wm:declaredBy"] = d.id // or two declarations would be the same bytes
	}
	quantities := func(flows []flow) (list []any) {
		for _, f := range flows {
			list = append(list, map[string]any{"epcClass": dealtLots[f.lot], "quantity": json.Number(f.amount), "uom": f.unit})
		}
		return list
	}
	e["@context"] = []any{epcis.ContextURL, map[string]string{"wm": epcis.Vocabulary}}
	e["eventTime"], e["eventTimeZoneOffset"], e["eventID"] = at.String(), "+00:00", body.id
	e["type"], e["action"], e["quantityList"] = "ObjectEvent", "OBSERVE", quantities(body.lots)
	switch body.what {
	case "birth":
		e["action"], e["bizStep"] = "ADD", "creating_class_instance"
	case "use":
		e["action"], e["bizStep"] = "DELETE", "sampling"
	case "ship":
		e["bizStep"] = "shipping"
	case "receive":
		e["bizStep"] = "receiving"
		e["sourceList"] = []any{map[string]string{"type": "possessing_party", "source": partyID(other(body.member))}}
	case "pack", "unpack":
		delete(e, "quantityList")
		e["type"], e["bizStep"], e["childQuantityList"] = "AggregationEvent", body.what+"ing", quantities(body.lots)
		e["parentID"], e["action"] = "https://id.gs1.org/00/395211020000000016", map[string]string{"pack": "ADD", "unpack": "DELETE"}[body.what]
	case "make":
		delete(e, "quantityList")
		delete(e, "action")
		e["type"], e["inputQuantityList"], e["outputQuantityList"] = "TransformationEvent", quantities(body.lots), quantities(body.outputs)
		e["certificationInfo"] = dealtCertificate
		if body.loss != nil {
			e["wm:loss"] = body.loss.amount + " " + body.loss.unit
		}
		if body.transformation != "" {
			e["transformationID"] = body.transformation
			e["wm:final"] = body.final
		}
	}
	b, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	return b
}

func other(member string) string {
	return map[string]string{"exporter": "9521104", "roaster": "9521102"}[member]
}

func organisationOf(member string) string {
	return partyID(map[string]string{"exporter": "9521102", "roaster": "9521104"}[member])
}

const dealtCertificate = "https://id.gs1.org/253/9521106000011ORG1"

// certified is the world with a certificate for the class …015.
func certified(t *testing.T) *memory {
	m := world()
	m.time = epcis.Instant{Seconds: worldStart}
	m.admit("certifier", identity.Organisation{ID: partyID("9521106"), Name: "certifier", Roles: []identity.Role{identity.Certifier},
		Prefixes: []string{"9521106"}, Schemes: []string{"https://example.org/organic"}}, identity.Active, identity.Active)
	v := m.judge(t, "certifier", epcis.KindCertificate, []byte(`{"@context":["`+epcis.ContextURL+`",{"wm":"`+epcis.Vocabulary+`"}],"type":"wm:Certificate",
		"action":"issue","id":"`+dealtCertificate+`","scheme":"https://example.org/organic","subject":"`+partyID("9521102")+`",
		"scope":["https://id.gs1.org/01/09521102000015"],"validFrom":"2020-01-01T00:00:00Z","validUntil":"2040-01-01T00:00:00Z"}`))
	if v.Rejected() {
		t.Fatalf("%+v", v)
	}
	return m
}

// sums are accounts as the model adds them up, in grams.
type sums map[string]map[string]*big.Rat

func (s sums) add(id, sum string, x *big.Rat) {
	if s[id] == nil {
		s[id] = map[string]*big.Rat{}
	}
	if s[id][sum] == nil {
		s[id][sum] = new(big.Rat)
	}
	s[id][sum].Add(s[id][sum], x)
}

func (s sums) get(id, sum string) *big.Rat {
	if x := s[id][sum]; x != nil {
		return x
	}
	return new(big.Rat)
}

// total adds up from nothing what stands of a history.
func total(history []*deal) sums {
	s := sums{}
	for _, d := range history {
		if !d.done || d.undone || d.wrong >= 0 {
			continue
		}
		post := func(flows []flow, sum string, entirely bool) {
			for _, f := range flows {
				if f.lot == foreignLot {
					continue
				}
				if entirely {
					s.add(dealtLots[f.lot]+"|", sum, f.grams())
				}
				s.add(dealtLots[f.lot]+"|"+organisationOf(d.member), sum, f.grams())
				if sum == "received" {
					s.add(dealtLots[f.lot]+"|"+partyID(other(d.member)), "taken", f.grams())
				}
			}
		}
		switch d.what {
		case "birth":
			post(d.lots, "in", true)
		case "use":
			post(d.lots, "out", true)
		case "ship":
			post(d.lots, "shipped", false)
		case "receive":
			post(d.lots, "received", false)
		case "pack":
			post(d.lots, "packed", false)
		case "unpack":
			post(d.lots, "unpacked", false)
		case "make":
			post(d.lots, "out", true)
			post(d.outputs, "in", true)
			if d.transformation != "" {
				id := "transformation:" + d.transformation + "|" + organisationOf(d.member)
				in, out := d.sides()
				s.add(id, "in", in)
				s.add(id, "out", out)
			}
		}
	}
	return s
}

// sides are what goes into a transformation and what comes out of it or is lost.
func (d *deal) sides() (in, out *big.Rat) {
	in, out = new(big.Rat), new(big.Rat)
	for _, f := range d.lots {
		in.Add(in, f.grams())
	}
	for _, f := range d.outputs {
		out.Add(out, f.grams())
	}
	if d.loss != nil {
		out.Add(out, d.loss.grams())
	}
	return in, out
}

// claims are what a transformation takes of certified lots and makes of the class in scope.
func (d *deal) claims() (in, out *big.Rat) {
	c := deal{}
	for _, f := range d.lots {
		if f.lot < 2 {
			c.lots = append(c.lots, f)
		}
	}
	for _, f := range d.outputs {
		if f.lot < 2 {
			c.outputs = append(c.outputs, f)
		}
	}
	return c.sides()
}

// within reports whether out is at most in and half a percent.
func within(out, in *big.Rat) bool {
	limit := new(big.Rat).Mul(in, big.NewRat(1005, 1000))
	return out.Cmp(limit) <= 0
}

// over says by the model whether a lot's account is overdrawn.
func (s sums) over(id string) bool {
	had := new(big.Rat).Add(s.get(id, "in"), s.get(id, "received"))
	if elsewhere := new(big.Rat).Sub(s.get(id, "unpacked"), s.get(id, "packed")); elsewhere.Sign() > 0 {
		had.Add(had, elsewhere)
	}
	left := s.get(id, "shipped")
	if taken := s.get(id, "taken"); taken.Cmp(left) < 0 {
		left = taken
	}
	return !within(new(big.Rat).Add(s.get(id, "out"), left), had)
}

// Whatever is recorded, in whatever order, and whatever is declared wrong
// afterwards: balances are what an independent sum over the history says, no
// transformation that was accepted makes more than went in, or claims more, and
// over-use is found exactly where it is.
func TestNeverMoreOutThanIn(t *testing.T) {
	histories(t, 2000, func(rt *rapid.T) {
		m := certified(t)
		history := deals(rt)
		for i, d := range history {
			m.time = epcis.Instant{Seconds: worldStart + int64(i)}
			v := m.judge(t, d.member, epcis.KindEvent, d.record(m.time, history))
			d.done = !v.Rejected()
			if d.wrong >= 0 {
				if first := history[d.wrong]; d.done && first.member == d.member && first.wrong < 0 {
					first.undone = true
				}
			}
			now := total(history[:i+1])
			agrees(rt, m, now)
			if d.what == "make" {
				d.check(rt, v, now, history[:i])
			}
			d.checkUse(rt, v, now)
		}
	})
}

// check holds a transformation's verdict against the model.
func (d *deal) check(t *rapid.T, v *contracts.Verdict, now sums, before []*deal) {
	in, out := d.sides()
	closes := d.final
	if d.transformation != "" {
		in, out = new(big.Rat).Set(in), new(big.Rat).Set(out)
		for _, b := range before {
			if b.what == "make" && b.done && !b.undone && b.transformation == d.transformation && b.member == d.member {
				i, o := b.sides()
				in.Add(in, i)
				out.Add(out, o)
				closes = closes || b.final
			}
		}
	}
	over := !within(out, in) && (closes || d.transformation == "")
	if over != slices.Contains(words(v), "REJECT 3201") {
		t.Fatalf("%s g in, %s g out: %v", in.RatString(), out.RatString(), words(v))
	}
	if d.transformation != "" {
		return
	}
	in, out = d.claims()
	if covered := slices.ContainsFunc(append(slices.Clone(d.lots), d.outputs...), func(f flow) bool { return f.lot < 2 }); !covered {
		return // the certificate is not about it, and rule K2 says so
	}
	if over := !within(out, in); over != slices.Contains(words(v), "REJECT 3301") {
		t.Fatalf("%s g certified, %s g claimed: %v", in.RatString(), out.RatString(), words(v))
	}
}

// checkUse holds what is said of over-use against the model.
func (d *deal) checkUse(t *rapid.T, v *contracts.Verdict, now sums) {
	if v.Rejected() || d.wrong >= 0 || d.what == "ship" || d.what == "receive" {
		return
	}
	over := false
	for _, f := range append(slices.Clone(d.lots), d.outputs...) {
		whole, own := dealtLots[f.lot]+"|", dealtLots[f.lot]+"|"+organisationOf(d.member)
		born := now[whole] != nil && now[whole]["in"] != nil
		over = over || f.lot != foreignLot && born && (now.over(own) || now.over(whole))
	}
	if said := slices.Contains(words(v), "FLAG 8101") || slices.Contains(words(v), "LOCK 8102"); said != over {
		t.Fatalf("over-use is %v: %v", over, words(v))
	}
}

// agrees holds every account of the ledger against the model, exactly.
func agrees(t *rapid.T, m *memory, now sums) {
	seen := 0
	for k, b := range m.states {
		if k.NS != trace.NSBalance || strings.HasPrefix(k.ID, "event:") || strings.HasPrefix(k.ID, "claim:") {
			continue
		}
		var a contracts.Account
		if err := identity.UnmarshalStrict(b, &a); err != nil {
			t.Fatal(err)
		}
		if len(b) > 1024 {
			t.Fatalf("an account of %d bytes", len(b))
		}
		for name, sum := range map[string]epcis.Decimal{
			"in": a.In, "out": a.Out, "received": a.Received, "shipped": a.Shipped, "taken": a.Taken, "packed": a.Packed, "unpacked": a.Unpacked,
		} {
			got, ok := new(big.Rat).SetString(sum.String())
			if want := now.get(k.ID, name); !ok || got.Mul(got, big.NewRat(1000, 1)).Cmp(want) != 0 {
				t.Fatalf("%s: %s is %s kg, not %s g", k.ID, name, sum, want.RatString())
			}
		}
		if now[k.ID] != nil {
			seen++
		}
	}
	if seen != len(now) {
		t.Fatalf("the ledger has %d accounts of %d", seen, len(now))
	}
}

// An event that names more lots than a correction can take back counts all the
// same, says so, and leaves a state of bounded size.
func TestEventOfManyLots(t *testing.T) {
	m := world()
	m.time = epcis.Instant{Seconds: worldStart}
	const lots = 400
	quantities := make([]any, lots)
	for i := range quantities {
		quantities[i] = map[string]any{"epcClass": fmt.Sprintf("https://id.gs1.org/01/09521102000015/10/L%d", i), "quantity": 1, "uom": "KGM"}
	}
	event := map[string]any{"@context": epcis.ContextURL, "type": "ObjectEvent", "action": "ADD", "bizStep": "creating_class_instance", "eventID": "urn:uuid:1",
		"eventTime": m.time.String(), "eventTimeZoneOffset": "+00:00", "quantityList": quantities}
	play := func(want ...string) {
		t.Helper()
		b, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		if got := words(m.judge(t, "exporter", epcis.KindEvent, b)); !slices.Equal(got, want) {
			t.Fatalf("findings are %v", got)
		}
	}
	stands := func() (n int) {
		for k, b := range m.states {
			if k.NS != trace.NSBalance || !strings.HasSuffix(k.ID, "|"+organisationOf("exporter")) {
				continue
			}
			if strings.HasPrefix(k.ID, "event:") {
				if len(b) > 64<<10 {
					t.Errorf("postings of %d bytes", len(b))
				}
				continue
			}
			var a contracts.Account
			if err := identity.UnmarshalStrict(b, &a); err != nil {
				t.Fatal(err)
			}
			if !a.In.IsZero() {
				n++
			}
		}
		return n
	}
	play("INFO 8107")
	if n := stands(); n != lots {
		t.Errorf("%d lots have something", n)
	}
	event["errorDeclaration"] = map[string]any{"declarationTime": m.time.String()}
	play("INFO 1109", "INFO 8105")
	if n := stands(); n == 0 || n == lots {
		t.Errorf("%d lots have something after the correction", n)
	}
}
