package contracts

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"hash"
	"io/fs"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// sources is this package's own source, so that a build can say exactly which
// rules it judges with.
//
//go:embed *.go
var sources embed.FS

// A Ruleset is a named list of contracts, in the order in which they judge. Members put
// it in force by its name, so that a name means the same judgement for ever: rules that
// judge otherwise are a ruleset of another name. All rulesets write the same states, and each
// reads what the others wrote. It is made once, and not changed: courts share it.
type Ruleset struct {
	name      string
	version   uint32
	says      string
	contracts []Contract
	readable  Contract
	byKind    map[epcis.Kind][]*Contract // contracts, by what they judge; never ranged over
}

// Rulesets are those of this build, the one that judges from genesis on first. Making
// them takes about as long as judging a few records: who judges keeps them.
func Rulesets() []*Ruleset { return []*Ruleset{First(), strict()} }

const firstRuleset = "waymark-1"

// First is the ruleset that judges from genesis on, until the members vote for another.
func First() *Ruleset {
	return newRuleset(firstRuleset, "What is only known for want of a hand-over's record is flagged: nobody is refused because "+
		"another recorded less than happened. A record is refused where one that another member signed contradicts it.", flagGaps)
}

// strict is for networks whose members record every hand-over.
func strict() *Ruleset {
	return newRuleset("waymark-strict", "For networks whose members record every hand-over. It judges as waymark-1 does, but that who has no "+
		"receipt for a thing has nothing to record about it: what the ledger's own history of a thing that was born here says of its "+
		"holder refuses the records of others, though no other's receipt contradicts them. A thing that was not born here is flagged as before: nothing is "+
		"refused for lack of history. Nor is what happened, by its eventTime, before the holder came to hold it, which may be a late "+
		"record. A hand-over of what was born here is taken whole: who ships says from whom, itself, and to whom; who receives signs for itself, and "+
		"for more of a lot than is on its way from a named source alone. A persistentDisposition where none belongs refuses its event. "+
		"Places have a switch of their own in both rulesets, the parameter placeAuthority.", refuseGaps)
}

func newRuleset(name, says string, gaps gapPolicy) *Ruleset {
	r := &Ruleset{name: name, version: 1, says: says, contracts: contractsOf(gaps), readable: readable(), byKind: map[epcis.Kind][]*Contract{}}
	for _, kind := range everyKind() {
		for i := range r.contracts {
			if k := &r.contracts[i]; k.judges(kind) {
				r.byKind[kind] = append(r.byKind[kind], k)
			}
		}
	}
	return r
}

// Name is what members vote on.
func (r *Ruleset) Name() string { return r.name }

// Says is what sets the ruleset apart, in sentences that a member reads.
func (r *Ruleset) Says() string { return r.says }

// Contracts are those of the ruleset, in the order in which they judge.
func (r *Ruleset) Contracts() []Contract { return slices.Clone(r.contracts) }

// RulesetInfo names the rules in force.
type RulesetInfo struct {
	Name    string `json:"name"`    // "waymark-1"
	Version uint32 `json:"version"` // 1
	Digest  string `json:"digest"`  // SHA-256 over the sources of the rules and the list of them, hex
}

// Info names the ruleset and what it is made of. Its digest is the SHA-256 over the package's
// source files but the tests, in the order of their names: of each its name, a newline,
// its length in decimal, a newline and its bytes; then over the ruleset's name, a newline, and
// in the order in which they judge over its contracts: of each its rule, a blank, its version
// in decimal, a blank, its name and a newline. Whichever ruleset a file is of, the digest of
// each covers it. It takes about a millisecond.
func (r *Ruleset) Info() RulesetInfo {
	h := sha256.New()
	hashSources(h)
	fmt.Fprintf(h, "%s\n", r.name)
	for i := range r.contracts {
		k := &r.contracts[i]
		fmt.Fprintf(h, "%s %d %s\n", k.Rule, k.Version, k.Name)
	}
	return RulesetInfo{Name: r.name, Version: r.version, Digest: hex.EncodeToString(h.Sum(nil))}
}

// readable is the rule before the others: what does not decode is before none.
func readable() Contract {
	return Contract{
		Rule: "A0", Version: 1, Name: "readable",
		Says:   "A record is strict JSON of its kind: what consensus cannot read is refused in its signer's name.",
		Source: "RFC 8259; EPCIS 2.0 JSON binding",
		Finds:  []Declared{{CodeMalformed, trace.Reject, "the record cannot be read"}},
	}
}

// contractsOf are the contracts of a ruleset, in the order in which they judge: the
// signer before anything, a duplicate before whatever it would do again, and the
// locks of components last, for they carry on what the others have locked.
func contractsOf(gaps gapPolicy) []Contract {
	return []Contract{
		signatureContract(),
		duplicateContract(),
		dispositionContract(gaps),
		roleContract(),
		prefixContract(),
		placeContract(),
		timeContract(),
		sequenceContract(),
		contentContract(),
		lifecycleContract(),
		compromiseContract(),
		custodianContract(gaps),
		shipContract(gaps),
		receiveContract(gaps),
		exceptionsContract(),
		voidContract(),
		containmentContract(),
		ownershipContract(),
		associationContract(),
		inputsContract(),
		balanceContract(),
		claimContract(),
		stockContract(),
		certificateContract(),
		statusContract(),
		acknowledgementContract(),
		citationContract(),
		recallContract(),
		lockedGoodsContract(),
		endedInCasesContract(), // after M1 and K4, which refuse what a case locks
		declarationContract(),
		clearanceContract(),
		borderContract(),
		plotsContract(),
		statementContract(),
		mixingContract(),
		sensorContract(), // before T1, which uses the reports that it has tried
		coldChainContract(),
		cloneContract(),
		travelContract(),
		voteContract(),
		keysContract(),
		masterDataContract(), // after whoever relies on it
		recallsOfCompromisedContract(),
		referencesOfCompromisedContract(),
		componentLocksContract(),
	}
}

func hashSources(h hash.Hash) {
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
}
