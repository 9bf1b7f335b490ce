package contracts

import (
	"crypto/sha256"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
)

// The states that nearly every record reads and writes go through a coder instead
// of reflection. It writes the bytes that [identity.MarshalCanonical] would, and
// reads those alone: core deterministic CBOR (RFC 8949, section 4.2.1). Each such
// type lists its fields once, for both ways, in the order of their numbers
// (statefields.go); its cbor tags say the same, and a test holds one to the other.

// coded is a state that goes through a coder.
type coded interface{ code(*coder) }

// A coder writes one state, or reads one. It belongs to one goroutine and is used
// again for the next.
type coder struct {
	reading bool
	out     []byte // what is written
	text    string // what is read
	at      int    // how far
	fault   string // why it is no state, "" so far

	pairs   int    // of the map that is open: how many were written, or are still to be read
	depth   int    // of what is open
	scratch []byte // a text
	shelf   shelf

	// The items of one record are often alike to the byte, as one event left them: the
	// last that was read serves again, where nothing in it is changed in place.
	alike     ItemState
	alikeText string
	folded    folded // the state that is written
}

// clear makes the coder's memory free for another record.
func (c *coder) clear() {
	c.shelf.clear()
	c.alikeText = ""
	if cap(c.out) > maxOutKept {
		c.out = nil
	}
	c.out = c.out[:0]
}

// maxOutKept bounds the output that is kept for the next record.
const maxOutKept = 1 << 20

// readItem is read for an item's state.
func (c *coder) readItem(b []byte, s *ItemState) error {
	if c.alikeText != "" && string(b) == c.alikeText {
		*s = c.alike
		return nil
	}
	text := string(b)
	if err := c.readText(text, s); err != nil {
		return err
	}
	s.unfold()
	c.alikeText = ""
	if s.shared() {
		c.alike, c.alikeText = *s, text
	}
	return nil
}

// sum is the SHA-256 of a text.
func (c *coder) sum(text string) [32]byte {
	c.scratch = append(c.scratch[:0], text...)
	return sha256.Sum256(c.scratch)
}

// mark is eventMark.
func (c *coder) mark(eventID string) [16]byte {
	sum := c.sum(eventID)
	return [16]byte(sum[:])
}

// The limits of a state that is read, those of identity.UnmarshalStrict: how deep
// maps and arrays nest, and how many elements an array has.
const (
	maxNesting  = 16
	maxElements = 64 << 10
)

// The major types of CBOR (RFC 8949, section 3.1), and its two truths.
const (
	majorUint  byte = 0 << 5
	majorInt   byte = 1 << 5 // of a negative number
	majorBytes byte = 2 << 5
	majorText  byte = 3 << 5
	majorArray byte = 4 << 5
	majorMap   byte = 5 << 5
	cborFalse  byte = 0xf4
	cborTrue   byte = 0xf5
)

// write appends the state to the coder's output.
func (c *coder) write(s coded) {
	c.reading, c.pairs, c.depth, c.fault = false, 0, 0, ""
	s.code(c)
}

// read sets a state, which is zero, from b. What it points to stands on the coder's
// shelf.
func (c *coder) read(b []byte, s coded) error { return c.readText(string(b), s) }

func (c *coder) readText(text string, s coded) error {
	c.reading, c.pairs, c.depth = true, 0, 0
	c.text, c.at, c.fault = text, 0, ""
	s.code(c)
	if c.fault == "" && c.at < len(c.text) {
		c.fail("something follows it")
	}
	c.text = ""
	if c.fault != "" {
		return fmt.Errorf("%w: %T: %s at byte %d of %d", identity.ErrEncoding, s, c.fault, c.at, len(text))
	}
	return nil
}

// fail ends reading: nothing that is asked for is there any more.
func (c *coder) fail(why string) {
	if c.fault == "" {
		c.fault = why
	}
	c.pairs = 0
}

// open begins a map; what it returns close wants back.
func (c *coder) open() (outside, at int) {
	outside, c.pairs = c.pairs, 0
	at = len(c.out)
	if c.reading {
		if c.pairs = c.enter(majorMap); c.pairs >= 24 {
			c.fail("a map of too many pairs")
		}
		return outside, at
	}
	c.enter(majorMap)
	c.out = append(c.out, majorMap)
	return outside, at
}

// close ends a map, which has fewer than 24 pairs: its head is one byte.
func (c *coder) close(outside, at int) {
	switch {
	case !c.reading:
		c.out[at] |= byte(c.pairs)
	case c.pairs > 0:
		c.fail("a field that is unknown, or out of its order")
	}
	c.leave()
	if c.fault == "" {
		c.pairs = outside
	}
}

// enter goes a level down, and reads the head of a map or an array.
func (c *coder) enter(major byte) (n int) {
	c.depth++
	if c.reading {
		if n = int(min(c.number(major), math.MaxInt32)); c.depth > maxNesting {
			c.fail("it is nested too deep")
		}
	}
	return n
}

func (c *coder) leave() { c.depth-- }

// has reports whether a field follows, and steps over its number. Written it does
// when it is present.
func (c *coder) has(field byte, present bool) bool {
	if !c.reading {
		if present {
			c.out = append(c.out, field)
			c.pairs++
		}
		return present
	}
	if c.pairs > 0 && c.at < len(c.text) && c.text[c.at] == field {
		c.at++
		c.pairs--
		return true
	}
	return false
}

// must is has for a field that every state of the type has.
func (c *coder) must(field byte) bool {
	ok := c.has(field, true)
	if !ok {
		c.fail("a field is missing")
	}
	return ok
}

// full refuses a field that is there and says nothing: it would not be written.
func (c *coder) full(ok bool) {
	if c.reading && !ok {
		c.fail("a field that is empty")
	}
}

// number reads a head of a major type, in the shortest form that its number has.
func (c *coder) number(major byte) uint64 {
	if c.fault != "" || c.at == len(c.text) {
		c.fail("it ends too soon")
		return 0
	}
	head := c.text[c.at]
	if head&0xe0 != major {
		c.fail("another type")
		return 0
	}
	small := head & 0x1f
	if small < 24 {
		c.at++
		return uint64(small)
	}
	if small > 27 {
		c.fail("a number of no definite length")
		return 0
	}
	size := 1 << (small - 24)
	if len(c.text)-c.at <= size {
		c.fail("it ends too soon")
		return 0
	}
	var n uint64
	for i := range size {
		n = n<<8 | uint64(c.text[c.at+1+i])
	}
	if n < 24 || size > 1 && n>>(4*size) == 0 {
		c.fail("a number that is not in its shortest form")
		return 0
	}
	c.at += 1 + size
	return n
}

// head writes one.
func (c *coder) head(major byte, n uint64) {
	switch {
	case n < 24:
		c.out = append(c.out, major|byte(n))
	case n <= math.MaxUint8:
		c.out = append(c.out, major|24, byte(n))
	case n <= math.MaxUint16:
		c.out = append(c.out, major|25, byte(n>>8), byte(n))
	case n <= math.MaxUint32:
		c.out = append(c.out, major|26, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	default:
		c.out = append(c.out, major|27, byte(n>>56), byte(n>>48), byte(n>>40), byte(n>>32), byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
}

// span reads the bytes of a text or byte string.
func (c *coder) span(major byte) string {
	n := c.number(major)
	if c.fault == "" && n > uint64(len(c.text)-c.at) {
		c.fail("it ends too soon")
	}
	if c.fault != "" {
		return ""
	}
	s := c.text[c.at : c.at+int(n)]
	c.at += int(n)
	return s
}

// Values, written or read in place.

func codeUint[T ~uint8 | ~uint32 | ~uint64](c *coder, x *T) {
	if !c.reading {
		c.head(majorUint, uint64(*x))
		return
	}
	n := c.number(majorUint)
	if *x = T(n); uint64(*x) != n {
		c.fail("a number that is too large")
	}
}

func codeInt[T ~int32 | ~int64](c *coder, x *T) {
	if !c.reading {
		if n := int64(*x); n < 0 {
			c.head(majorInt, uint64(^n))
		} else {
			c.head(majorUint, uint64(n))
		}
		return
	}
	major := majorUint
	if c.at < len(c.text) && c.text[c.at]&0xe0 == majorInt {
		major = majorInt
	}
	n := c.number(major)
	value := int64(n)
	if major == majorInt {
		value = ^value
	}
	if *x = T(value); int64(*x) != value || n > math.MaxInt64 {
		c.fail("a number that is too large")
	}
}

func codeText[T ~string](c *coder, x *T) {
	if !c.reading {
		c.head(majorText, uint64(len(*x)))
		c.out = append(c.out, *x...)
		return
	}
	s := c.span(majorText)
	if !utf8.ValidString(s) {
		c.fail("text that is not UTF-8")
	}
	*x = T(s)
}

// codeBytes is for arrays: their length is known.
func codeBytes(c *coder, x []byte) {
	if !c.reading {
		c.head(majorBytes, uint64(len(x)))
		c.out = append(c.out, x...)
		return
	}
	if n := copy(x, c.span(majorBytes)); n < len(x) {
		c.fail("a byte string of another length")
	}
}

// codeDecimal is for exact decimals: the canonical text as a byte string.
func codeDecimal(c *coder, x *epcis.Decimal) {
	if !c.reading {
		c.scratch = x.Append(c.scratch[:0])
		codeBytes(c, c.scratch)
		return
	}
	s := c.span(majorBytes)
	d, err := epcis.ParseDecimal(s)
	if c.scratch = d.Append(c.scratch[:0]); err != nil || string(c.scratch) != s {
		c.fail("a number that is no decimal")
	}
	*x = d
}

// Fields, by their numbers. Those of an If are written where they say something.

func uintAt[T ~uint8 | ~uint32 | ~uint64](c *coder, field byte, x *T) {
	if c.must(field) {
		codeUint(c, x)
	}
}

func uintIf[T ~uint8 | ~uint32 | ~uint64](c *coder, field byte, x *T) {
	if c.has(field, *x != 0) {
		codeUint(c, x)
		c.full(*x != 0)
	}
}

func intAt[T ~int32 | ~int64](c *coder, field byte, x *T) {
	if c.must(field) {
		codeInt(c, x)
	}
}

func intIf[T ~int32 | ~int64](c *coder, field byte, x *T) {
	if c.has(field, *x != 0) {
		codeInt(c, x)
		c.full(*x != 0)
	}
}

func textAt[T ~string](c *coder, field byte, x *T) {
	if c.must(field) {
		codeText(c, x)
	}
}

func textIf[T ~string](c *coder, field byte, x *T) {
	if c.has(field, *x != "") {
		codeText(c, x)
		c.full(*x != "")
	}
}

func bytesAt(c *coder, field byte, x []byte) {
	if c.must(field) {
		codeBytes(c, x)
	}
}

func decimalAt(c *coder, field byte, x *epcis.Decimal) {
	if c.must(field) {
		codeDecimal(c, x)
	}
}

func decimalIf(c *coder, field byte, x *epcis.Decimal) {
	if c.has(field, !x.IsZero()) {
		codeDecimal(c, x)
		c.full(!x.IsZero())
	}
}

// boolIf is of a truth that is written only where it is one.
func boolIf(c *coder, field byte, x *bool) {
	if !c.has(field, *x) {
		return
	}
	switch {
	case !c.reading:
		c.out = append(c.out, cborTrue)
	case c.at < len(c.text) && c.text[c.at] == cborTrue:
		c.at++
		*x = true
	default:
		c.fail("a truth that is none")
	}
}

// pointerTo is a pointer to a type that a coder knows.
type pointerTo[T any] interface {
	*T
	coded
}

// partAt is a part that every state of the type has.
func partAt(c *coder, field byte, x coded) {
	if c.must(field) {
		x.code(c)
	}
}

// partIf is a part that may be missing; it is read onto a shelf.
func partIf[T any, P pointerTo[T]](c *coder, field byte, x *P, from *pool[T]) {
	if !c.has(field, *x != nil) {
		return
	}
	if c.reading {
		*x = from.take()
	}
	(*x).code(c)
}

// elements writes the head of an array of n, or reads one and says how many follow.
func (c *coder) elements(n int) int {
	found := c.enter(majorArray)
	if !c.reading {
		c.head(majorArray, uint64(n))
		return n
	}
	if found > maxElements || found > len(c.text)-c.at { // each takes a byte at least
		c.fail("an array of too many elements")
		return 0
	}
	return found
}

// listIf is a list that is written where it is not empty.
func listIf[T any](c *coder, field byte, x *[]T, code func(*coder, *T)) {
	if c.has(field, len(*x) > 0) {
		codeList(c, x, code)
		c.full(len(*x) > 0)
	}
}

func codeList[T any](c *coder, x *[]T, code func(*coder, *T)) {
	n := c.elements(len(*x))
	if c.reading && c.fault == "" {
		*x = make([]T, n)
	}
	for i := range *x {
		code(c, &(*x)[i])
		if c.fault != "" {
			return
		}
	}
	c.leave()
}
