package contracts

import (
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// A place is where an event was read.
type place struct {
	mark     [16]byte // of its identifier; zero when the event names none
	position *trace.Position
}

// readPoint is where the event happened. Its position comes from the identifier
// itself (a geo URI, RFC 5870) or from the place's master data.
func (c *hearing) readPoint() (*place, error) {
	if c.here != nil {
		return c.here, nil
	}
	c.here = &c.site
	id := c.record.Event.ReadPoint
	if id.IsZero() {
		return c.here, nil
	}
	c.here.mark = c.coder.mark(id.URI)
	if position, ok := geoURI(id.URI); ok {
		c.here.position = position
		return c.here, nil
	}
	key := trace.Key{NS: trace.NSPlace, ID: id.URI}
	d, err := c.described(key)
	if d != nil && d.Position != nil {
		c.here.position = d.Position
		err = c.relies(key, d, "where it is")
	}
	return c.here, err
}

// geoURI reads "geo:48.2010,16.3695,183;u=40" (RFC 5870). A coordinate reference
// system other than WGS 84 is not understood.
func geoURI(uri string) (*trace.Position, bool) {
	if len(uri) < 4 || !strings.EqualFold(uri[:4], "geo:") {
		return nil, false
	}
	point, parameters, _ := strings.Cut(uri[4:], ";")
	if crs, ok := strings.CutPrefix(strings.ToLower(parameters), "crs="); ok {
		if crs, _, _ = strings.Cut(crs, ";"); crs != "wgs84" {
			return nil, true
		}
	}
	latitude, rest, _ := strings.Cut(point, ",")
	longitude, _, _ := strings.Cut(rest, ",")
	return positionOf(latitude, longitude), true
}

// positionOf reads a latitude and a longitude in decimal degrees, nil when they
// are none. Digits past the sixth are cut off.
func positionOf(latitude, longitude string) *trace.Position {
	north, ok := millionths(latitude, 90)
	east, okToo := millionths(longitude, 180)
	if !ok || !okToo {
		return nil
	}
	return &trace.Position{Latitude: north, Longitude: east}
}

func millionths(s string, most int64) (int32, bool) {
	n, digits, ok := scaled(s, 6)
	if !ok || digits > 15 || abs(n) > most*degree {
		return 0, false
	}
	return int32(n), true
}

// scaled reads a plain decimal number as an integer of that many decimal places;
// what stands after them is cut off. It says how many places were written. No
// exponent, and no more than three digits before the point.
func scaled(s string, places int) (n int64, written int, ok bool) {
	s, negative := strings.CutPrefix(s, "-")
	whole, fraction, _ := strings.Cut(s, ".")
	if whole == "" || len(whole) > 3 {
		return 0, 0, false
	}
	for i := range len(whole) + max(len(fraction), places) {
		digit := byte('0')
		switch {
		case i < len(whole):
			digit = whole[i]
		case i-len(whole) < len(fraction):
			digit = fraction[i-len(whole)]
		}
		if digit < '0' || digit > '9' {
			return 0, 0, false
		}
		if i < len(whole)+places {
			n = n*10 + int64(digit-'0')
		}
	}
	if negative {
		n = -n
	}
	return n, len(fraction), true
}

// A Sighting is where and when an item was seen last, by eventTime.
type Sighting struct {
	Turn     Turn            `cbor:"1,keyasint,omitzero"` // in a state's bytes none where it is that of the birth
	Place    [16]byte        `cbor:"2,keyasint"`          // of the readPoint's SHA-256
	Position *trace.Position `cbor:"3,keyasint,omitempty"`
	Mode     mode            `cbor:"4,keyasint,omitempty"`
}

// serialised are the serialised items that an event names.
func (c *hearing) serialised(e *epcis.Event, each func(*item) error) error {
	for _, list := range [...][]epcis.ID{{e.Parent}, e.EPCs, e.Children, e.Inputs, e.Outputs} {
		for i := range list {
			it, err := c.item(&list[i])
			if err != nil {
				return err
			}
			if it != nil {
				if err := each(it); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
