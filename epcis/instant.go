package epcis

import (
	"encoding/json"
	"errors"
	"math"
)

// Instant is a point in time, exact to the digits that were written, and
// comparable across time zones. Seconds are Unix seconds (UTC), Nanos the rest
// (0 to 999,999,999); digits past nanoseconds are refused.
type Instant struct {
	Seconds int64
	Nanos   int32
}

// Why an instant is refused.
var (
	errInstantForm = errors.New("not a date and time like 2026-11-22T10:00:00.000+01:00")
	errInstantZone = errors.New("date and time without a time zone (Z or ±hh:mm)")
	errInstantLeap = errors.New("leap seconds have no place on the ledger's time line")
	errInstantDate = errors.New("no such date or time of day")
	errInstantFrac = errors.New("more than nine digits after the second's decimal point")
	errInstantYear = errors.New("outside the years 0001 to 9999")
)

const (
	secondsPerDay  = 86400
	nanosPerSecond = 1_000_000_000
	// The first second of year 1 and the last of year 9999, in Unix seconds.
	minInstant = -62135596800
	maxInstant = 253402300799
)

// ParseInstant reads an xsd:dateTimeStamp (XML Schema 1.1 part 2, section
// 3.4.28), the form of every time in EPCIS 2.0: a four-digit year, an
// obligatory time zone of at most 14 hours, and up to nine fraction digits.
// 24:00:00 is midnight at the end of its day. Leap seconds are refused.
func ParseInstant(s string) (Instant, error) {
	if len(s) < 19 || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return Instant{}, errInstantForm
	}
	year, month, day := digits(s[0:4]), digits(s[5:7]), digits(s[8:10])
	hour, minute, second := digits(s[11:13]), digits(s[14:16]), digits(s[17:19])
	if year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0 {
		return Instant{}, errInstantForm
	}
	rest := s[19:]
	var nanos int
	if rest != "" && rest[0] == '.' {
		n := 1
		for n < len(rest) && isDigit(rest[n]) {
			n++
		}
		if n == 1 {
			return Instant{}, errInstantForm
		}
		if n > 10 {
			return Instant{}, errInstantFrac
		}
		nanos = digits(rest[1:n])
		for i := n; i < 10; i++ {
			nanos *= 10
		}
		rest = rest[n:]
	}
	offset, err := zoneOffset(rest)
	if err != nil {
		return Instant{}, err
	}
	switch {
	case second == 60:
		return Instant{}, errInstantLeap
	case month < 1 || month > 12 || day < 1 || day > daysIn(year, month),
		minute > 59 || second > 59 || hour > 24,
		hour == 24 && (minute != 0 || second != 0 || nanos != 0):
		return Instant{}, errInstantDate
	case year == 0:
		return Instant{}, errInstantYear
	}
	t := Instant{
		Seconds: daysFromCivil(year, month, day)*secondsPerDay + int64(hour*3600+minute*60+second-offset),
		Nanos:   int32(nanos),
	}
	if t.Seconds < minInstant || t.Seconds > maxInstant {
		return Instant{}, errInstantYear
	}
	return t, nil
}

// zoneOffset reads "Z" or "±hh:mm" and returns seconds east of UTC.
func zoneOffset(s string) (int, error) {
	if s == "Z" {
		return 0, nil
	}
	if s == "" {
		return 0, errInstantZone
	}
	if len(s) != 6 || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return 0, errInstantForm
	}
	h, m := digits(s[1:3]), digits(s[4:6])
	if h < 0 || m < 0 {
		return 0, errInstantForm
	}
	if m > 59 || h > 14 || h == 14 && m > 0 {
		return 0, errInstantDate
	}
	if s[0] == '-' {
		return -(h*3600 + m*60), nil
	}
	return h*3600 + m*60, nil
}

// InstantFromUnixNano returns the instant ns nanoseconds after the Unix epoch.
func InstantFromUnixNano(ns int64) Instant {
	s, n := ns/nanosPerSecond, ns%nanosPerSecond
	if n < 0 {
		s, n = s-1, n+nanosPerSecond
	}
	return Instant{Seconds: s, Nanos: int32(n)}
}

// UnixNano returns nanoseconds since the Unix epoch. It saturates outside the
// years 1678 to 2261, which an int64 of nanoseconds cannot hold.
func (t Instant) UnixNano() int64 {
	const limit = math.MaxInt64 / nanosPerSecond
	switch {
	case t.Seconds >= limit:
		return math.MaxInt64
	case t.Seconds <= -limit:
		return math.MinInt64
	}
	return t.Seconds*nanosPerSecond + int64(t.Nanos)
}

// IsZero reports whether t is the zero Instant, the Unix epoch, which no record
// of a trade states.
func (t Instant) IsZero() bool { return t == Instant{} }

// Compare returns -1, 0 or +1 as t is before, equal to or after u.
func (t Instant) Compare(u Instant) int {
	switch {
	case t.Seconds < u.Seconds, t.Seconds == u.Seconds && t.Nanos < u.Nanos:
		return -1
	case t == u:
		return 0
	}
	return 1
}

// Before reports whether t is before u.
func (t Instant) Before(u Instant) bool { return t.Compare(u) < 0 }

// After reports whether t is after u.
func (t Instant) After(u Instant) bool { return t.Compare(u) > 0 }

// Add returns t moved by whole seconds.
func (t Instant) Add(seconds int64) Instant {
	return Instant{Seconds: t.Seconds + seconds, Nanos: t.Nanos}
}

// String is RFC 3339 in UTC with Z and as many fraction digits as are needed.
func (t Instant) String() string {
	var buf [40]byte
	b := appendSecond(buf[:0], t.Seconds)
	if t.Nanos != 0 {
		b = append(b, '.')
		b = appendPadded(b, int(t.Nanos), 9)
		for b[len(b)-1] == '0' {
			b = b[:len(b)-1]
		}
	}
	return string(append(b, 'Z'))
}

// MarshalJSON writes the instant as a JSON string.
func (t Instant) MarshalJSON() ([]byte, error) { return []byte(`"` + t.String() + `"`), nil }

// UnmarshalJSON reads a JSON string.
func (t *Instant) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	v, err := ParseInstant(s)
	if err != nil {
		return err
	}
	*t = v
	return nil
}

// appendSecond writes Unix seconds as YYYY-MM-DDThh:mm:ss.
func appendSecond(b []byte, seconds int64) []byte {
	days, rest := seconds/secondsPerDay, int(seconds%secondsPerDay)
	if rest < 0 {
		days, rest = days-1, rest+secondsPerDay
	}
	year, month, day := civilFromDays(days)
	b = appendPadded(b, year, 4)
	b = appendPadded(append(b, '-'), month, 2)
	b = appendPadded(append(b, '-'), day, 2)
	b = appendPadded(append(b, 'T'), rest/3600, 2)
	b = appendPadded(append(b, ':'), rest/60%60, 2)
	return appendPadded(append(b, ':'), rest%60, 2)
}

// appendPadded writes n with at least width digits.
func appendPadded(b []byte, n, width int) []byte {
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	var d [20]byte
	i := len(d)
	for n > 0 || width > 0 {
		i--
		d[i] = byte('0' + n%10)
		n /= 10
		width--
	}
	return append(b, d[i:]...)
}

// digits reads s as a number, -1 when it holds anything but digits.
func digits(s string) int {
	n := 0
	for i := range len(s) {
		if !isDigit(s[i]) {
			return -1
		}
		n = n*10 + int(s[i]-'0')
	}
	return n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// daysIn returns how many days a month of the Gregorian calendar has.
func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// daysFromCivil returns the days from 1970-01-01 to a date of the proleptic
// Gregorian calendar (Howard Hinnant, "chrono-Compatible Low-Level Date
// Algorithms"). March is the first month there, so that the leap day is last.
func daysFromCivil(year, month, day int) int64 {
	if month <= 2 {
		year--
	}
	era := floorDiv(int64(year), 400)
	yoe := int64(year) - era*400
	doy := int64((153*((month+9)%12)+2)/5 + day - 1)
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*146097 + doe - 719468
}

// civilFromDays is the reverse of daysFromCivil.
func civilFromDays(days int64) (year, month, day int) {
	days += 719468
	era := floorDiv(days, 146097)
	doe := days - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day = int(doy - (153*mp+2)/5 + 1)
	month = int((mp+2)%12 + 1)
	year = int(yoe + era*400)
	if month <= 2 {
		year++
	}
	return year, month, day
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
