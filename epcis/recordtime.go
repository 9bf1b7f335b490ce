package epcis

// WithRecordTime returns the event as an EPCIS query answers with it: the
// record's bytes as they were signed, with the ledger's recordTime in place of
// one that was signed, or as the last member. All other bytes stay the same.
// Bytes that are no JSON object come back unchanged.
func WithRecordTime(record []byte, t Instant) []byte {
	v, err := ParseJSON(record)
	if err != nil || v.Kind != ObjectValue {
		return record
	}
	text := `"` + t.String() + `"`
	c := cutter{src: record}
	out := make([]byte, 0, len(record)+len(text)+16)
	if signed := v.Obj.Get("recordTime"); signed != nil {
		c.replace(&out, signed.Start, signed.End, text)
	} else {
		last, comma := v.Start+1, ""
		if n := len(v.Obj.Members); n > 0 {
			last, comma = v.Obj.Members[n-1].Value.End, ","
		}
		c.insert(&out, last, comma+`"recordTime":`+text)
	}
	return append(out, record[c.at:]...)
}
