package epcis

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseInstant(t *testing.T) {
	for in, want := range map[string]string{
		"2026-11-22T10:00:00Z":                "2026-11-22T10:00:00Z",
		"2026-11-22T10:00:00.000+01:00":       "2026-11-22T09:00:00Z",
		"2026-11-22T10:00:00.100-05:30":       "2026-11-22T15:30:00.1Z",
		"2026-12-31T23:59:59.999999999-14:00": "2027-01-01T13:59:59.999999999Z",
		"2026-12-31T24:00:00Z":                "2027-01-01T00:00:00Z",
		"2024-02-29T00:00:00-00:00":           "2024-02-29T00:00:00Z",
		"1969-12-31T23:59:59.5Z":              "1969-12-31T23:59:59.5Z",
		"0001-01-01T00:00:00Z":                "0001-01-01T00:00:00Z",
		"9999-12-31T23:59:59Z":                "9999-12-31T23:59:59Z",
		"1600-02-29T00:00:00Z":                "1600-02-29T00:00:00Z",
	} {
		got, err := ParseInstant(in)
		if err != nil || got.String() != want {
			t.Errorf("%s: %s %v, want %s", in, got, err, want)
		}
	}
}

func TestParseInstantRefuses(t *testing.T) {
	for _, in := range []string{
		"", "2026-11-22", "2026-11-22T10:00:00", "2026-11-22T10:00:00.5", "2026-11-22 10:00:00Z", "2026-11-22t10:00:00z",
		"2026-11-22T10:00Z", "2026-11-22T10:00:00.Z", "2026-11-22T10:00:00,5Z", "2026-11-22T10:00:00.0000000001Z",
		"2026-11-22T10:00:60Z", "2016-12-31T23:59:60Z", "2026-11-22T24:00:01Z", "2026-11-22T25:00:00Z", "2026-11-22T10:60:00Z",
		"2026-02-29T10:00:00Z", "1900-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-04-31T00:00:00Z",
		"2026-11-22T10:00:00+14:01", "2026-11-22T10:00:00+15:00", "2026-11-22T10:00:00+01:60", "2026-11-22T10:00:00+0100", "2026-11-22T10:00:00+1:00",
		"0000-01-01T00:00:00Z", "-001-01-01T00:00:00Z", "12026-11-22T10:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
		"2026-11-22T10:00:00Z ", " 2026-11-22T10:00:00Z", "2026-1a-22T10:00:00Z", "2026-11-22T10:00:00ZZ",
	} {
		if got, err := ParseInstant(in); err == nil {
			t.Errorf("%q: %s", in, got)
		}
	}
}

// TestInstantAgainstTime compares with the standard library over the whole range.
func TestInstantAgainstTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seconds := rapid.Int64Range(minInstant, maxInstant).Draw(t, "seconds")
		nanos := rapid.Int32Range(0, 999_999_999).Draw(t, "nanos")
		i, want := Instant{seconds, nanos}, time.Unix(seconds, int64(nanos)).UTC()
		if i.String() != want.Format(time.RFC3339Nano) {
			t.Fatalf("%s, want %s", i, want.Format(time.RFC3339Nano))
		}
		zone := time.FixedZone("", 60*rapid.IntRange(-14*60, 14*60).Draw(t, "zone"))
		local := want.In(zone)
		if local.Year() < 1 || local.Year() > 9999 {
			return
		}
		back, err := ParseInstant(local.Format(time.RFC3339Nano))
		if err != nil || back != i {
			t.Fatalf("%s: %v %v, want %v", local.Format(time.RFC3339Nano), back, err, i)
		}
		if want.Year() > 1678 && want.Year() < 2262 {
			if i.UnixNano() != want.UnixNano() || InstantFromUnixNano(i.UnixNano()) != i {
				t.Fatalf("%s: %d nanoseconds, want %d", i, i.UnixNano(), want.UnixNano())
			}
		}
		j := Instant{rapid.Int64Range(seconds-1, seconds+1).Draw(t, "other"), rapid.Int32Range(0, 2).Draw(t, "other nanos")}
		if i.Compare(j) != want.Compare(time.Unix(j.Seconds, int64(j.Nanos))) || i.Before(j) != (i.Compare(j) < 0) || i.After(j) != (i.Compare(j) > 0) {
			t.Fatalf("%s and %s compare as %d", i, j, i.Compare(j))
		}
	})
}

func TestInstantJSON(t *testing.T) {
	i := Instant{1_795_341_600, 500_000_000}
	b, err := json.Marshal(map[string]any{"t": i, "p": &i})
	if err != nil || string(b) != `{"p":"2026-11-22T10:00:00.5Z","t":"2026-11-22T10:00:00.5Z"}` {
		t.Fatalf("%s %v", b, err)
	}
	var back struct{ T Instant }
	if err := json.Unmarshal(b, &back); err != nil || back.T != i {
		t.Errorf("%v %v", back, err)
	}
	for _, bad := range []string{`{"t":1}`, `{"t":"2026"}`} {
		if err := json.Unmarshal([]byte(bad), &back); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
	if i.Add(-60).String() != "2026-11-22T09:59:00.5Z" || i.IsZero() || !(Instant{}).IsZero() {
		t.Error(i.Add(-60))
	}
	if far := (Instant{Seconds: maxInstant}); far.UnixNano() < 0 || (Instant{Seconds: minInstant}).UnixNano() > 0 {
		t.Error("UnixNano wraps around")
	}
}

func FuzzInstant(f *testing.F) {
	f.Add("2026-11-22T10:00:00.000+01:00")
	f.Add("2026-12-31T24:00:00Z")
	f.Add("0001-01-01T00:00:00-14:00")
	f.Fuzz(func(t *testing.T, s string) {
		i, err := ParseInstant(s)
		if err != nil {
			return
		}
		if i.Nanos < 0 || i.Nanos > 999_999_999 {
			t.Fatalf("%q: %+v", s, i)
		}
		back, err := ParseInstant(i.String())
		if err != nil || back != i {
			t.Fatalf("%q: %s, back %s %v", s, i, back, err)
		}
		if std, err := time.Parse(time.RFC3339Nano, s); err == nil && (std.Unix() != i.Seconds || std.Nanosecond() != int(i.Nanos)) {
			t.Fatalf("%q: %s, the standard library reads %s", s, i, std)
		}
	})
}
