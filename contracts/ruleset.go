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
	all := []epcis.Kind{epcis.KindEvent, epcis.KindCertificate, epcis.KindMasterData, epcis.KindCustoms, epcis.KindGovernance}
	things := []epcis.Kind{epcis.KindEvent, epcis.KindCertificate, epcis.KindMasterData, epcis.KindCustoms}
	governance := []epcis.Kind{epcis.KindGovernance}
	events := []epcis.Kind{epcis.KindEvent}
	happenings := []epcis.Kind{epcis.KindEvent, epcis.KindCustoms}
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
			Rule: "A6", Version: 1, Name: "duplicate", Kinds: things, judge: (*hearing).duplicate,
			Says: "The same bytes, accepted before from the same organisation, change nothing: the first receipt stands. From " +
				"another organisation they corroborate. A vote may be cast again in the same words.",
			Source: "gs1/EPCIS#403",
			Finds: []Declared{
				{CodeDuplicate, trace.Reject, "already recorded"},
				{CodeCorroborates, trace.Info, "corroborates the same record of another organisation"},
			},
		},
		{
			Rule: "A3", Version: 1, Name: "role scope", Kinds: all, judge: (*hearing).roleScope,
			Says: "The roles of the signer's organisation say which kinds of records and which business steps it may record. What " +
				"customs of a country decide, that authority alone records.",
			Source: "UNTP Digital Identity Anchor, registration scope",
			Finds: []Declared{
				{CodeKindNotAllowed, trace.Reject, "the organisation's role does not allow this kind of record"},
				{CodeStepNotAllowed, trace.Reject, "the organisation's role does not allow this business step"},
				{CodeCustomsTerm, trace.Reject, "only customs may record this decision"},
				{CodeNotThatCustoms, trace.Reject, "only the customs authority of the country may record this"},
			},
		},
		{
			Rule: "A2", Version: 1, Name: "prefix authority", Kinds: things, judge: (*hearing).prefixAuthority,
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
			Rule: "A5", Version: 1, Name: "time sanity", Kinds: happenings, judge: (*hearing).timeSanity,
			Says: "An event, or what customs record, does not happen later than block time plus the network's tolerance. One that happened longer ago " +
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
			Says: "An item is born once and ends once, after its end nothing happens to it, and its lot is fixed at birth. " +
				"Nothing is refused for lack of history, and an item whose prefix no member licenses is flagged where another would " +
				"be refused. Only who recorded a birth or an end declares it wrong.",
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
		{
			Rule: "C7", Version: 1, Name: "containment", Kinds: events, judge: (*hearing).containment,
			Says: "A thing is in one container at a time, never in itself and never more than 16 deep. Packed again without an " +
				"unpacking it has left the first one, with a flag. What happens to a container happens to all in it; what is " +
				"observed by itself while packed is flagged. Another member's packing is not contradicted by an unpacking elsewhere.",
			Source: "EPCIS 2.0, section 7.4.3 (AggregationEvent)",
			Reads:  []trace.Namespace{trace.NSItem},
			Writes: []trace.Namespace{trace.NSItem},
			Finds: []Declared{
				{CodeOtherContainer, trace.Flag, "packed while it is in another container"},
				{CodeInItself, trace.Reject, "a container cannot be in what it contains"},
				{CodeTooDeep, trace.Reject, "containers within containers, more than 16 deep"},
				{CodeNotInside, trace.Flag, "taken out of a container that it is not in"},
				{CodeInsideOther, trace.Reject, "another member packed it in another container"},
				{CodePackedLate, trace.Flag, "recorded after what happened to it later"},
				{CodeSeenInside, trace.Flag, "seen in a container, and nobody recorded its packing"},
				{CodePackingUndone, trace.Info, "an earlier packing or unpacking is declared wrong"},
				{CodePackingOrphaned, trace.Flag, "a later packing or unpacking rests on what is declared wrong"},
				{CodePackingOfOther, trace.Reject, "only its author may declare a packing wrong"},
				{CodeForeignPacking, trace.Flag, "the packing of a foreign item does not fit, and is not applied"},
				{CodeSeenWhilePacked, trace.Flag, "observed by itself while it is packed"},
			},
		},
		{
			Rule: "C8", Version: 1, Name: "ownership", Kinds: events, judge: (*hearing).ownership,
			Says: "Who records an item's birth owns it, unless the event names another owner. It changes owner when the owner and " +
				"the new owner have both signed an event that says so, the second within 90 days of block time. Who says that it " +
				"sells, or takes from another than the owner, what the records say is somebody else's is refused.",
			Source: "CBV 2.0, source/destination type owning_party; proposals accepted by a second signature (Hyperledger Fabric, Sawtooth)",
			Reads:  []trace.Namespace{trace.NSItem},
			Writes: []trace.Namespace{trace.NSItem},
			Finds: []Declared{
				{CodeOffered, trace.Info, "the owner offers it to a new owner"},
				{CodeOwnerChanged, trace.Info, "both have signed: it has a new owner"},
				{CodeOwnerNotSigned, trace.Flag, "claimed by a new owner, and the owner has not signed"},
				{CodeOfferExpired, trace.Flag, "signed after the deadline of the offer"},
				{CodeOfferedToOther, trace.Flag, "another change of owner was open"},
				{CodeOwnerUnknown, trace.Flag, "no record says who owned it before"},
				{CodeNotOwner, trace.Reject, "the records of the item name another owner"},
				{CodeSeveralOwners, trace.Flag, "several owning parties on one side"},
				{CodeNotParty, trace.Info, "told by neither the owner nor the new owner: nothing changes"},
				{CodeOfferWithdrawn, trace.Info, "the change of owner is withdrawn"},
				{CodeOwnerLate, trace.Flag, "recorded after a later change of owner"},
				{CodeOwnerUndone, trace.Info, "a signature to a change of owner is declared wrong"},
				{CodeOwnerOrphaned, trace.Flag, "a change of owner rests on what is declared wrong"},
				{CodeOwnershipOfOther, trace.Reject, "only its author may declare an event wrong"},
				{CodeForeignOwner, trace.Flag, "the records of a foreign item name another owner"},
			},
		},
		{
			Rule: "C9", Version: 1, Name: "association", Kinds: events, judge: (*hearing).association,
			Says: "A component is attached to one assembly at most, and moves with it. Attached again without a detachment it has " +
				"left the first one, with a flag.",
			Source: "EPCIS 2.0, section 7.4 (AssociationEvent)",
			Reads:  []trace.Namespace{trace.NSItem},
			Writes: []trace.Namespace{trace.NSItem},
			Finds: []Declared{
				{CodeOtherAssembly, trace.Flag, "attached while it is attached or packed elsewhere"},
				{CodePartOfItself, trace.Reject, "an assembly cannot be a part of its own component"},
				{CodeAssemblyTooDeep, trace.Reject, "assemblies within assemblies, more than 16 deep"},
				{CodeNotAttached, trace.Flag, "detached from an assembly that it is not attached to"},
				{CodeAttachedElsewhere, trace.Reject, "another member attached it to another assembly"},
				{CodeAttachedLate, trace.Flag, "recorded after what happened to it later"},
				{CodeSeenAttached, trace.Flag, "seen on an assembly, and nobody recorded its attachment"},
				{CodeAttachmentUndone, trace.Info, "an earlier attachment or detachment is declared wrong"},
				{CodeAttachmentOrphaned, trace.Flag, "a later record of the component rests on what is declared wrong"},
				{CodeAttachmentOfOther, trace.Reject, "only its author may declare an attachment wrong"},
				{CodeForeignAttachment, trace.Flag, "the attachment of a foreign item does not fit, and is not applied"},
			},
		},
		{
			Rule: "K1", Version: 1, Name: "issue of certificates", Kinds: []epcis.Kind{epcis.KindCertificate}, judge: (*hearing).certificate,
			Says: "A certificate is issued under an id never issued before, by a certifier that is entitled to its scheme: by the " +
				"genesis document, or by an accreditation that the certificate names. The chain of accreditations is live at the " +
				"record's position, and the certificate's scope lies within the accreditation's.",
			Source: "UNTP Digital Conformity Credential (authorisation)",
			Reads:  []trace.Namespace{trace.NSCertificate},
			Writes: []trace.Namespace{trace.NSCertificate},
			Finds: []Declared{
				{CodeNotAccredited, trace.Reject, "the issuer is not accredited for the scheme"},
				{CodeCertificateExists, trace.Reject, "the certificate was issued before"},
				{CodeCertificateInvalid, trace.Reject, "the certificate's record does not hold together"},
				{CodeNoAccreditation, trace.Reject, "names an accreditation that is unknown here, or another organisation's"},
				{CodeAccreditationLapsed, trace.Reject, "the chain of accreditations does not hold"},
				{CodeBeyondAccreditation, trace.Reject, "the certificate is wider than the accreditation"},
				{CodeNotAccreditor, trace.Reject, "only an accreditor accredits"},
			},
		},
		{
			Rule: "K3", Version: 1, Name: "status of certificates", Kinds: []epcis.Kind{epcis.KindCertificate}, judge: (*hearing).certificateStatus,
			Says: "Its issuer, or the accreditor whose accreditation it names, suspends, reinstates and revokes a certificate. What " +
				"the accreditor has suspended the issuer cannot reinstate, and a revocation is the end.",
			Source: "UNTP Digital Conformity Credential (status); W3C Bitstring Status List",
			Reads:  []trace.Namespace{trace.NSCertificate},
			Writes: []trace.Namespace{trace.NSCertificate},
			Finds: []Declared{
				{CodeCertificateUnknown, trace.Reject, "no such certificate was issued here"},
				{CodeNotIssuer, trace.Reject, "only its issuer, or the issuer's accreditor, changes a certificate"},
				{CodeCertificateRevoked, trace.Reject, "the certificate is revoked already"},
				{CodeNoTransition, trace.Reject, "the certificate's status does not allow the change"},
				{CodeCertificateExpired, trace.Reject, "the certificate has expired"},
				{CodeSuspendedByOther, trace.Reject, "the accreditor suspended it"},
				{CodeTooManyChanges, trace.Reject, "the certificate has changed too often"},
				{CodeReasonUnknown, trace.Reject, "there is no such reason code"},
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
				{CodeCitedSuspended, trace.Flag, "cites a certificate that is suspended"},
				{CodeCitedUnaccredited, trace.Flag, "cites a certificate whose accreditation does not hold"},
				{CodeCitedOtherSite, trace.Flag, "cites a certificate that does not cover the site"},
				{CodeCitedOtherHS, trace.Flag, "cites a certificate that does not cover the commodity code"},
			},
		},
		{
			Rule: "G1", Version: 1, Name: "proposals and votes", Kinds: governance, judge: (*hearing).governance,
			Says: "Members change the network by vote: who is a member, with which roles, prefixes and nodes; the parameters; " +
				"the validators; the ruleset from a height on. A proposal is adopted when more than half of the active members " +
				"say yes. A change of validators also needs members that run more than two thirds of the present power, and a " +
				"role of a country's customs the yes of that country's authority, where there is one. A proposal lapses after " +
				"30 days. Votes are recorded; the last one of a member counts.",
			Source: "practice of consortium ledgers; design of this network",
			Reads:  []trace.Namespace{trace.NSGovernance, trace.NSParam, trace.NSOrganisation, trace.NSKey},
			Writes: []trace.Namespace{trace.NSGovernance, trace.NSParam, trace.NSOrganisation, trace.NSKey},
			Finds: []Declared{
				{CodeProposalExists, trace.Reject, "the proposal exists already"},
				{CodeProposalUnknown, trace.Reject, "no such proposal was recorded here"},
				{CodeProposalClosed, trace.Reject, "the proposal is not open"},
				{CodeNotProposer, trace.Reject, "only its proposer withdraws a proposal"},
				{CodeChangeImpossible, trace.Reject, "the change cannot be carried out"},
				{CodeTooManyProposals, trace.Reject, "too many proposals are open"},
				{CodeVoteCounted, trace.Info, "the vote is counted"},
				{CodeAdopted, trace.Info, "the proposal is adopted"},
				{CodeVotedDown, trace.Info, "the proposal is rejected"},
				{CodeAdoptedInVain, trace.Flag, "the proposal is adopted and can no longer be carried out"},
			},
		},
		{
			Rule: "G2", Version: 1, Name: "operating keys", Kinds: governance, judge: (*hearing).ownKeys,
			Says: "An organisation adds and revokes its own operating keys, signing with one that is active. A key belongs to one " +
				"organisation for ever, and the last active key is not revoked.",
			Source: "design of this network",
			Reads:  []trace.Namespace{trace.NSOrganisation, trace.NSKey},
			Writes: []trace.Namespace{trace.NSGovernance, trace.NSOrganisation, trace.NSKey},
			Finds: []Declared{
				{CodeKeyInvalid, trace.Reject, "the key is no such key"},
				{CodeKeyTaken, trace.Reject, "the key is registered already"},
				{CodeKeyOfOther, trace.Reject, "the key is not an active key of this organisation"},
				{CodeLastKey, trace.Reject, "the organisation's last active key"},
				{CodeKeyAdded, trace.Info, "the key is added"},
				{CodeKeyRevoked, trace.Info, "the key is revoked"},
			},
		},
		{ // last: it carries on what the others have locked
			Rule: "C9", Version: 1, Name: "locks of components", Kinds: all, judge: (*hearing).componentLocks,
			Says:   "An assembly is locked while a component that is attached to it is, and free when none is any more.",
			Source: "practice of product passports: what holds for a part holds for the whole",
			Reads:  []trace.Namespace{trace.NSItem},
			Writes: []trace.Namespace{trace.NSItem},
			Finds: []Declared{
				{CodeComponentLocked, trace.Lock, "the assembly is locked while a component is"},
				{CodeComponentsUnlocked, trace.Info, "no component locks the assembly any more"},
			},
		},
		{
			Rule: "B1", Version: 1, Name: "customs declaration", Kinds: []epcis.Kind{epcis.KindCustoms}, judge: (*hearing).declaration,
			Says: "A customs declaration has a number of its own, and an item is in one open declaration of a customs territory " +
				"at a time. A declaration that was withdrawn may be made again. A number of the form of an MRN is checked.",
			Source: "WCO Data Model; WCO SAFE Framework of Standards",
			Reads:  []trace.Namespace{trace.NSTransaction, trace.NSItem},
			Writes: []trace.Namespace{trace.NSTransaction, trace.NSItem},
			Finds: []Declared{
				{CodeNumberTaken, trace.Reject, "the number was declared before"},
				{CodeDeclaredTwice, trace.Reject, "an item is in another open declaration"},
				{CodeTooManyGoods, trace.Reject, "the declaration names too many goods"},
				{CodeNumberDoubted, trace.Flag, "the MRN is doubtful"},
				{CodeForeignTwice, trace.Flag, "a foreign item is in another open declaration"},
				{CodeDecidedBefore, trace.Info, "the authority's decision was recorded before the declaration"},
			},
		},
		{
			Rule: "B2", Version: 1, Name: "clearance", Kinds: happenings, judge: (*hearing).clearance,
			Says: "The authority releases or inspects what is declared; releases, holds or seizes what it inspects; releases or " +
				"seizes what it holds. What is held or seized is locked: nobody else moves or uses it. The declarant withdraws what " +
				"nobody has looked at yet, the authority what is open.",
			Source: "practice of customs authorities (WCO Data Model, response messages)",
			Reads:  []trace.Namespace{trace.NSTransaction, trace.NSItem},
			Writes: []trace.Namespace{trace.NSTransaction, trace.NSItem},
			Finds: []Declared{
				{CodeUndeclared, trace.Flag, "no such declaration is recorded here"},
				{CodeOtherCountry, trace.Reject, "the declaration is another country's"},
				{CodeNotInTurn, trace.Reject, "the decision does not follow from where the declaration stands"},
				{CodeDatedBack, trace.Flag, "happened before the decision that it follows"},
				{CodeHeld, trace.Lock, "held by customs"},
				{CodeSeized, trace.Lock, "seized by customs"},
				{CodeNotDeclarant, trace.Reject, "the declaration is not the signer's to withdraw"},
				{CodeHeldMoved, trace.Reject, "customs hold the goods"},
				{CodeHeldMovedFlag, trace.Flag, "moved or used although customs hold the goods"},
				{CodeUnlocked, trace.Info, "no longer held by customs"},
			},
		},
		{
			Rule: "B3", Version: 1, Name: "border gate", Kinds: happenings, judge: (*hearing).border,
			Says: "What crosses from one customs territory into another has a released export declaration of the one and an import or " +
				"transit declaration of the other. From the first decision of a country's authority on, what lacks one is flagged; it " +
				"is refused where that authority has said so, and not judged where it has switched its gate off.",
			Source: "practice of single windows (declaration before departure and arrival)",
			Reads:  []trace.Namespace{trace.NSTransaction, trace.NSItem, trace.NSPlace, trace.NSParam},
			Writes: []trace.Namespace{trace.NSItem, trace.NSParam},
			Finds: []Declared{
				{CodeNoExport, trace.Reject, "left a customs territory without a released export declaration"},
				{CodeNoImport, trace.Reject, "entered a customs territory without an import or transit declaration"},
				{CodeNoExportFlag, trace.Flag, "left a customs territory without a released export declaration"},
				{CodeNoImportFlag, trace.Flag, "entered a customs territory without an import or transit declaration"},
				{CodeGate, trace.Info, "how goods that cross the border without a declaration are taken"},
			},
		},
		recallContract(),
		plotsContract(),
		statementContract(),
		mixingContract(),
		sensorContract(), // before T1, which uses the reports that it has tried
		coldChainContract(),
		cloneContract(),
		travelContract(),
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
