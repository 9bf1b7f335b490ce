package contracts

import (
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// A Contract is one rule of a ruleset, and what it declares of itself: which
// records it judges, which keys' states it reads and writes, and what it can find.
// A court that holds contracts to it ([Court.HoldToDeclarations]) fails where one
// reads, writes or finds what it did not declare.
type Contract struct {
	Rule    string // of the catalogue: "C1"
	Version uint32 // of the rule: another one when the same record and state may get another verdict
	Name    string // a word or two: "lifecycle"
	Says    string // what it demands, in sentences that a member reads
	Source  string // where it comes from: standard and section, or practice
	Kinds   []epcis.Kind
	Reads   []trace.Namespace // states; of the signer's standing, the parameters and licences every contract may read
	Writes  []trace.Namespace
	Finds   []Declared

	judge func(*hearing) error
}

// everyKind are all kinds of records, thingKinds those that are about things,
// happeningKinds those that say when something happened.
func everyKind() []epcis.Kind { return append(thingKinds(), epcis.KindGovernance) }
func thingKinds() []epcis.Kind {
	return []epcis.Kind{epcis.KindEvent, epcis.KindCertificate, epcis.KindMasterData, epcis.KindCustoms, epcis.KindAcknowledgement}
}
func happeningKinds() []epcis.Kind {
	return []epcis.Kind{epcis.KindEvent, epcis.KindCustoms, epcis.KindAcknowledgement}
}
func eventKind() []epcis.Kind { return []epcis.Kind{epcis.KindEvent} }

// Declared is a finding that a contract may come to.
type Declared struct {
	Code     uint32
	Severity trace.Severity
	Title    string // what is the matter, as the finding says it or more generally
}

// Contracts are those of the first ruleset, in the order in which they judge. The
// others have contracts for the same rules.
func Contracts() []Contract { return First().contracts }

// Declaring is the first contract that declares a finding's code, of the first ruleset
// that has one, false when none of this build's does.
func Declaring(code uint32) (Contract, bool) {
	return declaring(code, func(*Contract) bool { return true })
}

// ContractOf is the contract that came to a finding: the one that declares its code and
// is of its version, false when none of this build's is.
func ContractOf(f *trace.Finding) (Contract, bool) {
	return declaring(f.Code, func(k *Contract) bool { return k.Version == f.Version })
}

func declaring(code uint32, fits func(*Contract) bool) (Contract, bool) {
	for _, r := range Rulesets() {
		for _, k := range append(r.contracts, r.readable) {
			if fits(&k) && slices.ContainsFunc(k.Finds, func(d Declared) bool { return d.Code == code }) {
				return k, true
			}
		}
	}
	return Contract{}, false
}

func (k *Contract) judges(kind epcis.Kind) bool { return slices.Contains(k.Kinds, kind) }

// declared is what the contract declares of a code, else what another one of the
// rules does: of the severity, where it is not "".
func (k *Contract) declared(code uint32, severity trace.Severity, rules []Contract) Declared {
	of := func(d Declared) bool { return d.Code == code && (severity == "" || d.Severity == severity) }
	if i := slices.IndexFunc(k.Finds, of); i >= 0 {
		return k.Finds[i]
	}
	for j := range rules {
		if i := slices.IndexFunc(rules[j].Finds, of); i >= 0 {
			return rules[j].Finds[i]
		}
	}
	// A slip neither refuses a record nor hides anything.
	if severity == "" {
		severity = trace.Flag
	}
	return Declared{Code: code, Severity: severity, Title: "found by rule " + k.Rule}
}

func (k *Contract) declares(f *trace.Finding) bool {
	return slices.ContainsFunc(k.Finds, func(d Declared) bool { return d.Code == f.Code && d.Severity == f.Severity })
}

// overstepped says what a contract did beyond its declaration.
func (k *Contract) overstepped(what string, args ...any) error {
	return fmt.Errorf("contract %s %s", k.Rule, fmt.Sprintf(what, args...))
}
