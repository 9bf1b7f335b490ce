package api

import "github.com/waymark-ledger/waymark/trace"

// ruleWords are what a rule of the catalogue is called and what it demands, in
// its first version; both empty for a rule that is not told here, whose findings
// then speak for themselves.
func ruleWords(f *trace.Finding) (name, says string) {
	if f.Version != 1 {
		return "", ""
	}
	switch f.Rule {
	case "A0":
		return "readable", "A record is strict JSON of its kind. What cannot be read is refused in its signer's name."
	case "A1":
		return "signature", "The signing key is registered and active for its organisation, and the organisation is an active member."
	case "A2":
		return "prefix authority", "The member that licenses the GS1 company prefix of an identifier describes what it names. " +
			"For an identifier that no member licenses, or that is no GS1 key though it looks like one, nobody here vouches: that is flagged."
	case "A3":
		return "role scope", "The roles of an organisation say which kinds of records and which business steps it may record."
	case "A5":
		return "time", "Nothing is recorded before it has happened, but for a small tolerance of clocks. What is recorded long after it happened is marked as late."
	case "A6":
		return "duplicates", "The same bytes from the same organisation count once: the first receipt stands. From another organisation they corroborate. " +
			"The same content in other bytes is flagged, never refused."
	case "C1":
		return "lifecycle", "An item is born once and ends once, after its end nothing happens to it, and its lot is fixed at birth. " +
			"Nothing is refused for lack of history, and an item whose prefix no member licenses is flagged where another would be refused. " +
			"Only who recorded a birth or an end declares it wrong."
	case "K1":
		return "issue of certificates", "A certificate is issued by a certifier that is accredited for its scheme, under an id that was never issued before."
	case "K2":
		return "use of certificates", "A certificate that an event cites is known here, active, valid when the event happened and about what the event names. " +
			"One that is not is flagged, and shows no badge."
	case "K3":
		return "status of certificates", "Its issuer alone revokes a certificate, once."
	}
	return "", ""
}
