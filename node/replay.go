package node

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/ledger"
	"github.com/waymark-ledger/waymark/trace"
)

// ErrUnknownRuleset is returned for a ruleset that this build does not have.
var ErrUnknownRuleset = errors.New("this build has no such ruleset")

// ErrFromAhead is returned for a comparison from a height that the ledger has not
// reached: it would compare nothing and find no change.
var ErrFromAhead = errors.New("the ledger has not reached that height")

// ReplayOptions say under which rules a recorded history is judged again.
type ReplayOptions struct {
	Ruleset    string            // its name; "" for those that the members put in force, each from its height on
	Parameters map[string]string // by their names in genesis: what differs from those that the ledger has in force
	From       uint64            // the height from which ruleset and parameters differ and verdicts are compared
	// MaxChanges bounds the list of changes; they are counted beyond it. 0 for all.
	MaxChanges int
	// Progress, when not nil, is told how many records are judged. It must be quick.
	Progress func(what string, done, of uint64)
}

// ReplayReport is what would be judged otherwise.
type ReplayReport struct {
	Ruleset        contracts.RulesetInfo  `json:"ruleset"`    // that judges Height, as proposed
	Parameters     identity.AllParameters `json:"parameters"` // those in force at Height, as proposed
	From           uint64                 `json:"from"`       // height
	Height         uint64                 `json:"height"`     // of the ledger
	Records        uint64                 `json:"records"`    // judged
	Compared       uint64                 `json:"compared"`
	Changed        uint64                 `json:"changed"`
	ByRule         []Tally                `json:"byRule"`
	ByOrganisation []Tally                `json:"byOrganisation"`
	ByItem         []Tally                `json:"byItem"`  // and lots and classes; the first ReplayOptions.MaxChanges
	Items          int                    `json:"items"`   // how many there are in all
	Changes        []Change               `json:"changes"` // in ledger order, the first ReplayOptions.MaxChanges
}

// Tally counts the records whose verdict would change.
type Tally struct {
	Name    string `json:"name"`
	Records uint64 `json:"records"`
}

// Change is one record that would be judged otherwise.
type Change struct {
	Seq          uint64 `json:"seq"`
	Height       uint64 `json:"height"`
	Organisation string `json:"organisation"`
	// Was are the findings that would go: "FLAG C1 1104 born after it was first named". One
	// that would come again on other facts says which.
	Was      []string `json:"was"`
	Would    []string `json:"would"` // findings that would come
	Accepted string   `json:"accepted,omitempty"`
	About    []string `json:"about"` // the first things that the record names
	More     int      `json:"more"`  // how many it names besides
}

// What a changed verdict does to the record.
const (
	NowRefused  = "would be refused"
	NowAccepted = "would be accepted"
)

// Replay judges the whole history of a stopped node's ledger again, in order, from
// genesis, and lists every verdict that would be another one. It reads the ledger
// and writes nothing. Histories that do not meet are judged at the same time, as
// many as there are processors; the report is that of judging one record after the
// other. What is written to states is kept in memory: some hundred bytes an item.
// ErrInUse while the node runs, ErrLacksRuleset where a part of the history was judged by
// a ruleset that this build does not have.
func Replay(ctx context.Context, c Config, o ReplayOptions) (_ *ReplayReport, err error) {
	genesis, lock, err := stopped(&c)
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	defer lock.Close()
	l, err := c.openLedger(true, nil)
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	report, err := ReplayLedger(ctx, l, genesis, o)
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	return report, nil
}

// ReplayLedger is [Replay] of a ledger that is open.
func ReplayLedger(ctx context.Context, l *ledger.Ledger, genesis *identity.Genesis, o ReplayOptions) (*ReplayReport, error) {
	s := l.Snapshot()
	defer s.Close()
	r, err := newReplayer(s, genesis, o)
	if err != nil {
		return nil, err
	}
	if err := r.run(ctx, runtime.GOMAXPROCS(0), windowRecords); err != nil {
		return nil, err
	}
	return r.report, r.finish()
}

// parametersOf are those that the ledger has in force.
func parametersOf(s *ledger.Snapshot) (identity.Parameters, error) {
	b, err := s.State(trace.ParametersKey())
	if err != nil {
		return identity.Parameters{}, err
	}
	return identity.DecodeParameters(b)
}

// amended is parameters with some set by their names in a genesis document.
func amended(p identity.Parameters, set map[string]string) (identity.Parameters, error) {
	names := make([]string, 0, len(set))
	for name := range set {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if err := p.Set(name, set[name]); err != nil {
			return p, err
		}
	}
	return p, p.Validate()
}
