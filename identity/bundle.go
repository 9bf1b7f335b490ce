package identity

// envelopeOverhead bounds what an envelope's encoding adds to its records: the
// header, the signature, and at most five bytes before each record.
const (
	envelopeOverhead = 512
	recordOverhead   = 5
)

// Bundles cuts records, in order, into runs that each fit one envelope
// ([MaxRecords], [MaxEnvelopeBytes]). A record that is itself over a limit
// comes alone, and signing its envelope fails with the limit it breaks.
func Bundles(records [][]byte) [][][]byte {
	var bundles [][][]byte
	first, size := 0, envelopeOverhead
	for i, r := range records {
		grown := size + len(r) + recordOverhead
		if i > first && (i-first == MaxRecords || grown > MaxEnvelopeBytes) {
			bundles = append(bundles, records[first:i])
			first, grown = i, envelopeOverhead+len(r)+recordOverhead
		}
		size = grown
	}
	if first < len(records) {
		bundles = append(bundles, records[first:])
	}
	return bundles
}
