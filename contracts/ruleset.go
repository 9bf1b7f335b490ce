package contracts

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// sources is this package's own source, so that a build can say exactly which
// rules it judges with.
//
//go:embed *.go
var sources embed.FS

// readable is the rule before the others: what does not decode is before none.
func readable() *Contract {
	return &Contract{
		Rule: "A0", Version: 1, Name: "readable",
		Says:   "A record is strict JSON of its kind: what consensus cannot read is refused in its signer's name.",
		Source: "RFC 8259; EPCIS 2.0 JSON binding",
		Finds:  []Declared{{CodeMalformed, trace.Reject, "the record cannot be read"}},
	}
}

// ruleset is the contracts of this build, in the order in which they judge: the
// signer before anything, a duplicate before whatever it would do again.
func ruleset() []Contract {
	all := []epcis.Kind{epcis.KindEvent, epcis.KindCertificate, epcis.KindMasterData}
	events := []epcis.Kind{epcis.KindEvent}
	return []Contract{
		{
			Rule: "A1", Version: 1, Name: "signature", Kinds: all, judge: (*hearing).signature,
			Says: "The envelope's key is registered and active for its organisation at the record's position, and the " +
				"organisation is an active member.",
			Source: "practice of ledgers that keep identities on the ledger (Canton topology)",
			Finds: []Declared{
				{CodeUnknownKey, trace.Reject, "the signing key is not registered"},
				{CodeRevokedKey, trace.Reject, "the signing key is not active"},
				{CodeInactiveMember, trace.Reject, "the organisation is not an active member"},
			},
		},
		{
			Rule: "A6", Version: 1, Name: "duplicate", Kinds: all, judge: (*hearing).duplicate,
			Says: "The same bytes, accepted before from the same organisation, change nothing: the first receipt stands. From " +
				"another organisation they corroborate.",
			Source: "gs1/EPCIS#403",
			Finds: []Declared{
				{CodeDuplicate, trace.Reject, "already recorded"},
				{CodeCorroborates, trace.Info, "corroborates the same record of another organisation"},
			},
		},
		{
			Rule: "A3", Version: 1, Name: "role scope", Kinds: all, judge: (*hearing).roleScope,
			Says:   "The roles of the signer's organisation say which kinds of records and which business steps it may record.",
			Source: "UNTP Digital Identity Anchor, registration scope",
			Finds: []Declared{
				{CodeKindNotAllowed, trace.Reject, "the organisation's role does not allow this kind of record"},
				{CodeStepNotAllowed, trace.Reject, "the organisation's role does not allow this business step"},
				{CodeCustomsTerm, trace.Reject, "only customs may record this decision"},
			},
		},
		{
			Rule: "A2", Version: 1, Name: "prefix authority", Kinds: all, judge: (*hearing).prefixAuthority,
			Says: "Master data is signed by the member that licenses the identifier's GS1 company prefix. What no member " +
				"licenses, and what does not parse as the GS1 key that it looks like, is accepted and flagged.",
			Source: "GS1 General Specifications (GS1 Company Prefix); W3C vc-use-cases#146",
			Reads:  []trace.Namespace{trace.NSClass, trace.NSLot, trace.NSPlace},
			Writes: []trace.Namespace{trace.NSClass, trace.NSLot, trace.NSPlace},
			Finds: []Declared{
				{CodeForeign, trace.Flag, "no member licenses the prefix"},
				{CodeNotPrefixHolder, trace.Reject, "master data is signed by the member that licenses the prefix"},
				{CodeMalformedID, trace.Flag, "a GS1 identifier does not parse"},
				{CodeOtherDescriber, trace.Flag, "another organisation described it first"},
			},
		},
		{
			Rule: "A5", Version: 1, Name: "time sanity", Kinds: events, judge: (*hearing).timeSanity,
			Says: "An event does not happen later than block time plus the network's tolerance. One that happened longer ago " +
				"than the lateness limit is accepted, and marked as late.",
			Source: "spec-untp#139 (late-arriving data)",
			Finds: []Declared{
				{CodeFuture, trace.Reject, "the time is in the future"},
				{CodeLate, trace.Info, "recorded long after it happened"},
			},
		},
		{
			Rule: "A6", Version: 1, Name: "same content", Kinds: events, judge: (*hearing).sameContent,
			Says: "An event whose CBV event hash was accepted before in other bytes is flagged, never refused: the hash leaves " +
				"out certificationInfo and errorDeclaration.",
			Source: "CBV 2.0, section 8.9 (event hash); RalphTro/epcis-event-hash-generator#95",
			Finds:  []Declared{{CodeSameContent, trace.Flag, "same content as an earlier event"}},
		},
		{
			Rule: "C1", Version: 1, Name: "lifecycle", Kinds: events, judge: (*hearing).lifecycle,
			Says: "An item is born once and ends once; after its end nothing happens to it; its lot is fixed at birth. Nothing is " +
				"refused for lack of history, and of an item whose prefix no member licenses nothing is refused at all. Who " +
				"recorded a birth or an end may declare it wrong.",
			Source: "EPCIS 2.0, section 7.4",
			Reads:  []trace.Namespace{trace.NSItem},
			Writes: []trace.Namespace{trace.NSItem},
			Finds: []Declared{
				{CodeBornTwice, trace.Reject, "the item was born before"},
				{CodeEnded, trace.Reject, "the item's life has ended"},
				{CodeOtherLot, trace.Reject, "the item belongs to another lot"},
				{CodeBornAfterSeen, trace.Flag, "born after it was first named"},
				{CodeBeforeEnd, trace.Flag, "recorded after the item's end, happened before it"},
				{CodeCorrected, trace.Info, "an earlier event is declared wrong"},
				{CodeCorrectionOfOther, trace.Reject, "only its author may declare an event wrong"},
				{CodeOrphaned, trace.Flag, "a later event rests on what is declared wrong"},
				{CodeNothingCorrected, trace.Info, "declares an event wrong that began and ended no item's life"},
				{CodeForeignLife, trace.Flag, "the life of a foreign item does not fit"},
			},
		},
		custodianRule(events), shipRule(events), receiveRule(events), exceptionsRule(events), voidRule(events),
		{
			Rule: "K1", Version: 1, Name: "certificates", Kinds: []epcis.Kind{epcis.KindCertificate}, judge: (*hearing).certificate,
			Says: "A certificate is issued by a certifier that is accredited for its scheme, under an id never issued before. Its " +
				"issuer alone revokes it, once.",
			Source: "UNTP Digital Conformity Credential",
			Reads:  []trace.Namespace{trace.NSCertificate},
			Writes: []trace.Namespace{trace.NSCertificate},
			Finds: []Declared{
				{CodeNotAccredited, trace.Reject, "the certifier is not accredited for the scheme"},
				{CodeCertificateExists, trace.Reject, "the certificate was issued before"},
				{CodeCertificateUnknown, trace.Reject, "no such certificate was issued here"},
				{CodeNotIssuer, trace.Reject, "only its issuer revokes a certificate"},
				{CodeCertificateRevoked, trace.Reject, "the certificate is revoked already"},
				{CodeCertificateInvalid, trace.Reject, "the certificate's record does not hold together"},
			},
		},
		{
			Rule: "K2", Version: 1, Name: "use of certificates", Kinds: events, judge: (*hearing).citations,
			Says: "A certificate that an event cites in certificationInfo is known here, active now, valid when the event happened " +
				"and about what the event names. Otherwise the event is accepted and flagged, and shows no badge.",
			Source: "EPCIS 2.0, section 7.4.1 (certificationInfo)",
			Reads:  []trace.Namespace{trace.NSCertificate},
			Finds: []Declared{
				{CodeCitedUnknown, trace.Flag, "cites a certificate that this ledger does not know"},
				{CodeCitedRevoked, trace.Flag, "cites a certificate that is revoked"},
				{CodeCitedOutOfTime, trace.Flag, "cites a certificate outside its validity"},
				{CodeCitedOutOfScope, trace.Flag, "cites a certificate that does not cover the goods"},
				{CodeCited, trace.Info, "the certificate holds"},
			},
		},
	}
}

// RulesetInfo names the rules in force.
type RulesetInfo struct {
	Name    string `json:"name"`    // "waymark-1"
	Version uint32 `json:"version"` // 1
	Digest  string `json:"digest"`  // SHA-256 over the sources of the rules, hex
}

// Ruleset is the ruleset this build judges with. Its digest is the SHA-256 over
// the package's source files but the tests, in the order of their names: of
// each its name, a newline, its length in decimal, a newline and its bytes.
func Ruleset() RulesetInfo {
	return RulesetInfo{Name: "waymark-1", Version: 1, Digest: hex.EncodeToString(sourceDigest())}
}

func sourceDigest() []byte {
	h := sha256.New()
	entries, err := fs.ReadDir(sources, ".") // sorted by name
	if err != nil {
		panic(fmt.Sprintf("contracts: own sources: %v", err))
	}
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		b, err := fs.ReadFile(sources, entry.Name())
		if err != nil {
			panic(fmt.Sprintf("contracts: own sources: %v", err))
		}
		fmt.Fprintf(h, "%s\n%d\n", entry.Name(), len(b))
		h.Write(b)
	}
	return h.Sum(nil)
}
