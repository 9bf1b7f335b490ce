package contracts

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strings"

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
// signer before anything, a duplicate before whatever it would do again, and the
// locks of components last, for they carry on what the others have locked.
func ruleset() []Contract {
	return []Contract{
		signatureContract(),
		duplicateContract(),
		roleContract(),
		prefixContract(),
		placeContract(),
		timeContract(),
		contentContract(),
		lifecycleContract(),
		compromiseContract(),
		custodianContract(),
		shipContract(),
		receiveContract(),
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

// RulesetName names the ruleset of this build.
const RulesetName = "waymark-1"

// RulesetInfo names the rules in force.
type RulesetInfo struct {
	Name    string `json:"name"`    // "waymark-1"
	Version uint32 `json:"version"` // 1
	Digest  string `json:"digest"`  // SHA-256 over the sources of the rules, hex
}

// Ruleset is the ruleset this build judges with. Its digest is the SHA-256 over
// the package's source files but the tests, in the order of their names: of
// each its name, a newline, its length in decimal, a newline and its bytes, which takes
// about a millisecond.
func Ruleset() RulesetInfo {
	return RulesetInfo{Name: RulesetName, Version: 1, Digest: hex.EncodeToString(sourceDigest())}
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
