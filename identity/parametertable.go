package identity

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Parameter describes one parameter of a network.
type Parameter struct {
	Name      string
	Unit      string // "s", "records", "bytes", "fraction", "km/h", "m" or "policy"
	Default   uint64
	Low, High uint64 // the bounds, inclusive
	Rules     string // which rules read it; "admission" or "alerts" for what none but these do
	Says      string

	key uint64 // in the canonical state
	at  func(*Parameters) *uint64
}

// alwaysWritten is how many parameters every state and genesis document has, the
// first ones of the table.
const alwaysWritten = 7

// ParameterTable is every parameter, in the order of their keys.
func ParameterTable() []Parameter {
	const (
		minute = 60
		hour   = 3600
		day    = 86_400
		year   = 366 * day
		tenth  = 100_000 // in millionths
	)
	return append([]Parameter{
		{"maxNotAfterAhead", "s", 7 * day, minute, year, "admission",
			"How far ahead of block time an envelope's deadline may lie.",
			1, func(p *Parameters) *uint64 { return &p.MaxNotAfterAhead }},
		{"futureSkew", "s", 600, 0, day, "A5",
			"How far after block time an event may say it happened.",
			2, func(p *Parameters) *uint64 { return &p.FutureSkew }},
		{"lateness", "s", 90 * day, 0, 10 * year, "A5",
			"How long after it happened an event may be recorded without a flag; so long, or the longest limit of a role, a dossier looks past the end of a packing.",
			3, func(p *Parameters) *uint64 { return &p.Lateness }},
		// The largest envelope has to fit in a block, and in a member's share of it.
		{"maxRecordsPerBlock", "records", 20_000, MaxRecords, 1_000_000, "admission",
			"How many records a block may hold.",
			4, func(p *Parameters) *uint64 { return &p.MaxRecordsPerBlock }},
		{"maxBytesPerBlock", "bytes", 4 << 20, MaxEnvelopeBytes, 64 << 20, "admission",
			"How many wire bytes the envelopes of a block may have.",
			5, func(p *Parameters) *uint64 { return &p.MaxBytesPerBlock }},
		{"maxRecordsPerMember", "records", 15_000, MaxRecords, 1_000_000, "admission",
			"How many records of one organisation a block may hold.",
			6, func(p *Parameters) *uint64 { return &p.MaxRecordsPerMember }},
		{"maxBytesPerMember", "bytes", 3 << 20, MaxEnvelopeBytes, 64 << 20, "admission",
			"How many wire bytes of one organisation a block may hold.",
			7, func(p *Parameters) *uint64 { return &p.MaxBytesPerMember }},

		{"receiptTolerance", "fraction", 5_000, 0, tenth, "C3, C4, C5, W1",
			"By how much a received weight may differ from the shipped one, and a stock be overdrawn. Counts differ by nothing.",
			8, func(p *Parameters) *uint64 { return &p.ReceiptTolerance }},
		{"massTolerance", "fraction", 5_000, 0, tenth, "M2, M3",
			"By how much more may come out of a transformation, or be claimed, than went in.",
			9, func(p *Parameters) *uint64 { return &p.MassTolerance }},

		{"transferTerm", "s", 60 * day, hour, 10 * year, "C3, C4, C5",
			"How long after its shipment goods may arrive before the shipment is a case.",
			10, func(p *Parameters) *uint64 { return &p.TransferTerm }},
		{"caseTerm", "s", 14 * day, hour, 10 * year, "C5",
			"How long the owner of a case has to settle it.",
			11, func(p *Parameters) *uint64 { return &p.CaseTerm }},
		{"offerTerm", "s", 90 * day, hour, 10 * year, "C8",
			"How long the second party has to sign a change of owner.",
			12, func(p *Parameters) *uint64 { return &p.OfferTerm }},
		{"proposalTerm", "s", 30 * day, hour, year, "G1",
			"How long members may vote on a proposal.",
			13, func(p *Parameters) *uint64 { return &p.ProposalTerm }},

		{"roadSpeed", "km/h", 130, 1, 1_000, "F2",
			"How fast things travel by road.",
			14, func(p *Parameters) *uint64 { return &p.RoadSpeed }},
		{"seaSpeed", "km/h", 60, 1, 1_000, "F2",
			"How fast things travel by sea.",
			15, func(p *Parameters) *uint64 { return &p.SeaSpeed }},
		{"airSpeed", "km/h", 1_100, 1, 10_000, "F2",
			"How fast things travel by air, or by means unknown.",
			16, func(p *Parameters) *uint64 { return &p.AirSpeed }},
		{"freeDistance", "m", 50_000, 0, 1_000_000, "F1, F2",
			"How far apart two sightings may be at the same moment.",
			17, func(p *Parameters) *uint64 { return &p.FreeDistance }},
		{"sameMoment", "s", minute, 0, day, "F1",
			"How far apart in time two sightings count as simultaneous.",
			18, func(p *Parameters) *uint64 { return &p.SameMoment }},

		{"sensorGap", "s", 4 * hour, minute, 30 * day, "T1, T2",
			"How long a device may be silent where the temperature limits do not say.",
			19, func(p *Parameters) *uint64 { return &p.SensorGap }},
		{"flatLine", "s", 12 * hour, hour, 30 * day, "T2",
			"How long a probe may report the same to the last digit.",
			20, func(p *Parameters) *uint64 { return &p.FlatLine }},

		{"prefixAuthority", "policy", PolicyFlag, PolicyOff, PolicyReject, "A2",
			"How a birth under the GS1 company prefix of another member, or outside the time of its licence, is taken.",
			21, func(p *Parameters) *uint64 { return &p.PrefixAuthority }},
		{"malformedIdentifiers", "policy", PolicyFlag, PolicyFlag, PolicyReject, "A2",
			"How an identifier that looks like a GS1 key and is none is taken.",
			22, func(p *Parameters) *uint64 { return &p.MalformedIdentifiers }},
		{"placeAuthority", "policy", PolicyFlag, PolicyOff, PolicyReject, "A4",
			"How an event at another member's place is taken.",
			23, func(p *Parameters) *uint64 { return &p.PlaceAuthority }},

		{"answerTerm", "s", day, hour, year, "K4",
			"How long holders have to acknowledge a recall, a suspension or revocation, a hold or a seizure.",
			24, func(p *Parameters) *uint64 { return &p.AnswerTerm }},

		{"balancePeriod", "s", 90 * day, 0, 10 * year, "M3",
			"How long a period of mass balance is: at its close no more may be claimed than certified input came in. Periods follow each other from 1970-01-01T00:00:00Z on; 0 for none.",
			25, func(p *Parameters) *uint64 { return &p.BalancePeriod }},
		{"alertDeadline", "s", 7 * day, hour, year, "alerts",
			"How long after a record was flagged its owner has to look at it. No rule judges by it: the list of alerts shows it.",
			26, func(p *Parameters) *uint64 { return &p.AlertDeadline }},
	}, latenessTable(27, 10*year)...)
}

func policies() []string { return []string{"off", "flag", "reject"} }

// Text is a value as people and JSON write it: a whole number, an exact decimal
// fraction ("0.005") or a policy's word.
func (p *Parameter) Text(v uint64) string {
	switch p.Unit {
	case "fraction":
		text := fmt.Sprintf("%d.%06d", v/1_000_000, v%1_000_000)
		return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	case "policy":
		if v < uint64(len(policies())) {
			return policies()[v]
		}
	}
	return strconv.FormatUint(v, 10)
}

// Parse reads what Text writes; an error says what is expected.
func (p *Parameter) Parse(text string) (uint64, error) {
	switch p.Unit {
	case "fraction":
		whole, places, dotted := strings.Cut(text, ".")
		if len(places) > 6 || dotted && places == "" || len(whole) > 3 || !digits(whole) || places != "" && !digits(places) {
			return 0, fmt.Errorf("parameter %s: %q is not a decimal fraction of at most 6 places, such as 0.005", p.Name, text)
		}
		return strconv.ParseUint(whole+places+strings.Repeat("0", 6-len(places)), 10, 64)
	case "policy":
		if at := slices.Index(policies(), text); at >= int(p.Low) && at <= int(p.High) {
			return uint64(at), nil
		}
		return 0, fmt.Errorf("parameter %s: %q is not %s", p.Name, text, strings.Join(policies()[p.Low:p.High+1], " or "))
	}
	v, err := strconv.ParseUint(text, 10, 64)
	if err != nil || !digits(text) {
		return 0, fmt.Errorf("parameter %s: %q is not a whole number", p.Name, text)
	}
	return v, nil
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
