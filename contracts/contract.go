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
	Version uint32 // grows when the same record and state may get another verdict
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

// Contracts are those of this build's ruleset, in the order in which they judge.
func Contracts() []Contract { return ruleset() }

// Declaring is the contract that declares a finding's code, false when none of this
// build's does.
func Declaring(code uint32) (Contract, bool) {
	for _, k := range append(ruleset(), *readable()) {
		if slices.ContainsFunc(k.Finds, func(d Declared) bool { return d.Code == code }) {
			return k, true
		}
	}
	return Contract{}, false
}

func (k *Contract) judges(kind epcis.Kind) bool { return slices.Contains(k.Kinds, kind) }

// declared is what the contract declares of a code, else what another one of the
// rules does.
func (k *Contract) declared(code uint32, rules []Contract) Declared {
	of := func(d Declared) bool { return d.Code == code }
	if i := slices.IndexFunc(k.Finds, of); i >= 0 {
		return k.Finds[i]
	}
	for j := range rules {
		if i := slices.IndexFunc(rules[j].Finds, of); i >= 0 {
			return rules[j].Finds[i]
		}
	}
	// A slip neither refuses a record nor hides anything.
	return Declared{Code: code, Severity: trace.Flag, Title: "found by rule " + k.Rule}
}

func (k *Contract) declares(f *trace.Finding) bool {
	return slices.ContainsFunc(k.Finds, func(d Declared) bool { return d.Code == f.Code && d.Severity == f.Severity })
}

// overstepped says what a contract did beyond its declaration.
func (k *Contract) overstepped(what string, args ...any) error {
	return fmt.Errorf("contract %s %s", k.Rule, fmt.Sprintf(what, args...))
}
