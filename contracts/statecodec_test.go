package contracts

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// codedStates are an empty state of each type that goes through a coder.
func codedStates() []coded {
	return []coded{new(ItemState), new(Account), new(Posted), new(DiligenceState), new(TransferState), new(LotTransfers), new(DeclarationState)}
}

// fill sets a value to anything, by its type: a field that a type gets later is
// filled as well.
func fill(t *rapid.T, v reflect.Value, depth int) {
	if v.Type() == reflect.TypeFor[epcis.Decimal]() {
		text := rapid.StringMatching(`-?[0-9]{1,15}(\.[0-9]{1,15})?`).Draw(t, "decimal")
		d, err := epcis.ParseDecimal(text)
		if err != nil {
			t.Fatal(err)
		}
		v.Set(reflect.ValueOf(d))
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Uint8, reflect.Uint32, reflect.Uint64:
		most := uint64(math.MaxUint64) >> (64 - v.Type().Bits())
		n := rapid.OneOf(rapid.Uint64Range(0, 300), rapid.Uint64Range(0, 1<<17), rapid.Uint64()).Draw(t, "number")
		v.SetUint(min(n, most))
	case reflect.Int32, reflect.Int64:
		n := rapid.OneOf(rapid.Int64Range(-300, 300), rapid.Int64()).Draw(t, "number")
		if v.OverflowInt(n) {
			n >>= 32
		}
		v.SetInt(n)
	case reflect.String:
		s := rapid.OneOf(rapid.SampledFrom([]string{"", "seen", strings.Repeat("x", 23), strings.Repeat("é", 12), strings.Repeat("x", 300)}),
			rapid.String()).Draw(t, "text")
		v.SetString(s)
	case reflect.Pointer:
		if depth > 0 && rapid.Bool().Draw(t, "there") {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, v.Elem(), depth-1)
		}
	case reflect.Slice:
		if n := rapid.SampledFrom([]int{0, 0, 1, 2, 30}).Draw(t, "length"); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
		}
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			fill(t, v.Index(i), depth)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Name != "_" {
				fill(t, v.Field(i), depth)
			}
		}
	default:
		t.Fatalf("no state has a %s", v.Type())
	}
}

// anew is an empty state of the same type.
func anew(s coded) coded { return reflect.New(reflect.TypeOf(s).Elem()).Interface().(coded) }

func TestCoderWritesWhatReflectionWrites(t *testing.T) {
	for _, s := range codedStates() {
		t.Run(reflect.TypeOf(s).Elem().Name(), func(t *testing.T) {
			c := new(coder) // one for all: nothing of a state stays in it
			rapid.Check(t, func(rt *rapid.T) {
				s := anew(s)
				fill(rt, reflect.ValueOf(s).Elem(), 5)
				want, err := identity.MarshalCanonical(s)
				if err != nil {
					rt.Fatal(err)
				}
				c.out = append(c.out[:0], 7)
				if c.write(s); !bytes.Equal(c.out[1:], want) || c.out[0] != 7 {
					rt.Fatalf("wrote %x\ninstead of %x", c.out, want)
				}
				got, reflected := anew(s), anew(s)
				c.shelf.clear()
				if err := c.read(want, got); err != nil {
					rt.Fatal(err)
				}
				if err := identity.UnmarshalStrict(want, reflected); err != nil {
					rt.Fatal(err)
				}
				if !reflect.DeepEqual(got, reflected) {
					rt.Fatalf("read %+v\ninstead of %+v", got, reflected)
				}
				if cut := want[:rapid.IntRange(0, len(want)-1).Draw(rt, "cut")]; c.read(cut, anew(s)) == nil {
					rt.Fatalf("read %x, which ends too soon", cut)
				}
			})
		})
	}
}

// A state that is read twice does not share what the first reading stands on.
func TestShelfGivesNothingTwice(t *testing.T) {
	c := new(coder)
	born := &ItemState{Condition: Active, Born: &Turn{Seq: 1, Organisation: "a"}}
	b, err := identity.MarshalCanonical(born)
	if err != nil {
		t.Fatal(err)
	}
	var states [3 * poolRoom]ItemState
	for i := range states {
		if err := c.read(b, &states[i]); err != nil {
			t.Fatal(err)
		}
		states[i].Born.Seq = uint64(i)
	}
	for i := range states {
		if states[i].Born.Seq != uint64(i) {
			t.Fatalf("state %d has the birth of state %d", i, states[i].Born.Seq)
		}
	}
	c.shelf.clear()
	var one ItemState
	if err := c.read(b, &one); err != nil || one.Born.Seq != 1 || one.Born.Event != [16]byte{} {
		t.Fatalf("%+v %v", one.Born, err)
	}
}

// Whatever one state says and another does not, they are not alike, and what
// contracts change in place is in none that items share.
func TestAlikeMissesNoField(t *testing.T) {
	var zero ItemState
	if !zero.alike(&ItemState{}) || !zero.shared() {
		t.Error("two empty states are not alike")
	}
	for i := range reflect.TypeFor[ItemState]().NumField() {
		var s ItemState
		f, name := reflect.ValueOf(&s).Elem().Field(i), reflect.TypeFor[ItemState]().Field(i).Name
		switch f.Kind() {
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Uint64:
			f.SetUint(1)
		case reflect.String:
			f.SetString("x")
		case reflect.Slice:
			f.Set(reflect.MakeSlice(f.Type(), 1, 1))
		case reflect.Pointer:
			f.Set(reflect.New(f.Type().Elem()))
		default:
			t.Fatalf("%s is a %s", name, f.Type())
		}
		if s.alike(&zero) || zero.alike(&s) {
			t.Errorf("states are alike whose %s differs", name)
		}
		switch name {
		case "Uniqueness", "Customs", "Contents", "Components":
			if s.shared() {
				t.Errorf("items share their %s", name)
			}
		}
	}
}

// FuzzCoder: a coder reads exactly the states that reflection reads strictly, and
// reads the same in them.
func FuzzCoder(f *testing.F) {
	turn := &Turn{Seq: 7, Organisation: "https://id.gs1.org/417/9521102000008", Seconds: -1, Event: [16]byte{1}}
	amount, err := epcis.ParseDecimal("12.5")
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []coded{
		&ItemState{
			Condition: Active, First: 24, Lot: "l", Born: turn, Ended: turn, Custody: &Custody{Holder: "h", Before: &Custody{By: "b", Awaits: true}, Again: &Ending{Seq: 2}, Beside: true},
			Transit: &Transit{Ended: &Ending{Organisation: "o"}, Wrong: true, Before: &Transit{Transfer: 3}, Beside: true}, Parent: &Bond{Holder: "h", In: turn, Before: &Bond{Locked: true}},
			Locks: []Lock{{1602, 1 << 40}}, Owner: &Ownership{By: turn, Open: &Offer{To: "x"}}, Chilled: true, NetWeight: "1",
			LastSeen:   &Sighting{Turn: *turn, Position: &trace.Position{Latitude: -48_201_000, Longitude: 16_369_500}, Mode: modeSea},
			Uniqueness: &Uniqueness{Sold: turn, Sale: true, Later: []Dispute{{*turn, true, turn, true}}, With: turn, Unheld: true}, Customs: &ItemCustoms{Declarations: []string{"d"}, At: &Crossing{Country: "AT"}},
			Contents: &Contents{Now: Tally{Count: 1, Height: 1}, Emptied: &Emptied{Turn: *turn}},
		},
		&Account{Unit: "KGM", In: amount, Births: 1, Certified: []Certified{{"s", 1, 2}}, Closed: turn, Lock: &Lock{1, 2}, Seq: 300},
		&Posted{Seq: 1, Postings: []Posting{{Account: "a", Sum: SumIn, Amount: amount, Scheme: "s"}}},
		&DiligenceState{Origin: originMixed, Grown: turn, Reference: "r", Also: []Turn{*turn}, Released: []Turn{*turn}, Again: []Given{{*turn, "r"}}},
		&TransferState{From: "a", To: "b", Awaiting: true, Items: []string{"i"}, Lots: []LotPart{{Class: "c", Last: &LotTurn{Amount: amount}, Wrong: true, Before: []LotTurn{{Amount: amount}}}}},
		&LotTransfers{Transfers: []uint64{1, 70_000, math.MaxUint64}},
	} {
		b, err := identity.MarshalCanonical(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	c := new(coder)
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, s := range codedStates() {
			reflected := anew(s)
			c.shelf.clear()
			err, strict := c.read(b, s), identity.UnmarshalStrict(b, reflected)
			if (err == nil) != (strict == nil) {
				t.Fatalf("%T %x: the coder says %v, reflection %v", s, b, err, strict)
			}
			if err != nil {
				if !errors.Is(err, identity.ErrEncoding) {
					t.Fatalf("%v is no ErrEncoding", err)
				}
				continue
			}
			if !reflect.DeepEqual(s, reflected) {
				t.Fatalf("the coder reads %+v, reflection %+v", s, reflected)
			}
			c.out = c.out[:0]
			if c.write(s); !bytes.Equal(c.out, b) {
				t.Fatalf("%x is written again as %x", b, c.out)
			}
		}
	})
}

// What an item's bytes leave out, because its birth says it, is read again as it was.
func TestFoldedItemsReadAsTheyWere(t *testing.T) {
	c := new(coder)
	rapid.Check(t, func(rt *rapid.T) {
		var s ItemState
		fill(rt, reflect.ValueOf(&s).Elem(), 3)
		for _, mark := range marksIn(&s) {
			if *mark == [16]byte{} { // no eventID's is
				mark[15] = 1
			}
		}
		if b := s.Born; b != nil {
			if s.Custody != nil && rapid.Bool().Draw(rt, "held since its birth") {
				s.Custody.Holder, s.Custody.Seq, s.Custody.Event = b.Organisation, b.Seq, b.Event
			}
			if s.LastSeen != nil && rapid.Bool().Draw(rt, "seen at its birth") {
				s.LastSeen.Turn = *b
			}
		}
		c.shelf.clear()
		c.out = c.out[:0]
		c.writeItem(&s)
		read, err := ReadItem(c.out)
		if err != nil {
			rt.Fatal(err)
		}
		want, err := identity.MarshalCanonical(s)
		if err != nil {
			rt.Fatal(err)
		}
		if got, err := identity.MarshalCanonical(read); err != nil || !bytes.Equal(got, want) {
			rt.Fatalf("wrote %+v\nread  %+v, %v", s, read, err)
		}
	})

	born := Turn{Seq: 70_000, Organisation: "https://id.gs1.org/417/9521102000008", Seconds: 1_800_000_000, Event: [16]byte{1}}
	s := ItemState{
		Condition: Active, First: born.Seq, Born: &born, LastSeen: &Sighting{Turn: born, Place: [16]byte{2}},
		Custody: &Custody{Holder: born.Organisation, Seq: born.Seq, Signed: true, Event: born.Event},
	}
	c.out = c.out[:0]
	if c.writeItem(&s); bytes.Count(c.out, []byte(born.Organisation)) != 1 || len(c.out) > 120 {
		t.Errorf("%d bytes: %q", len(c.out), c.out)
	}
	if s.Custody.Holder == "" || s.LastSeen.Turn.Seq == 0 {
		t.Error("the state itself was changed")
	}
}

// marksIn are the marks of events that tell a custody and a sighting from the birth's.
func marksIn(s *ItemState) (marks []*[16]byte) {
	if s.Custody != nil {
		marks = append(marks, &s.Custody.Event)
	}
	if s.LastSeen != nil {
		marks = append(marks, &s.LastSeen.Turn.Event)
	}
	return marks
}
