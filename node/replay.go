package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/ledger"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// ErrUnknownRuleset is returned for a ruleset that this build does not have.
var ErrUnknownRuleset = errors.New("this build has no such ruleset")

// ReplayOptions say under which rules a recorded history is judged again.
type ReplayOptions struct {
	Ruleset    string            // its name; "" for this build's
	Parameters map[string]string // by their names in genesis: what differs from those that the ledger has in force
	From       uint64            // the height from which the parameters differ and verdicts are compared
	// MaxChanges bounds the list of changes; they are counted beyond it. 0 for all.
	MaxChanges int
	// Progress, when not nil, is told how many records are judged. It must be quick.
	Progress func(what string, done, of uint64)
}

// ReplayReport is what would be judged otherwise.
type ReplayReport struct {
	Ruleset        contracts.RulesetInfo `json:"ruleset"`
	Parameters     identity.Parameters   `json:"parameters"` // those in force at Height, as proposed
	From           uint64                `json:"from"`       // height
	Height         uint64                `json:"height"`     // of the ledger
	Records        uint64                `json:"records"`    // judged
	Compared       uint64                `json:"compared"`
	Changed        uint64                `json:"changed"`
	ByRule         []Tally               `json:"byRule"`
	ByOrganisation []Tally               `json:"byOrganisation"`
	Changes        []Change              `json:"changes"` // in ledger order, the first ReplayOptions.MaxChanges
}

// Tally counts the records whose verdict would change.
type Tally struct {
	Name    string `json:"name"`
	Records uint64 `json:"records"`
}

// Change is one record that would be judged otherwise.
type Change struct {
	Seq          uint64   `json:"seq"`
	Height       uint64   `json:"height"`
	Organisation string   `json:"organisation"`
	Was          []string `json:"was"`   // findings that would go: "FLAG C1 1104 born after it was first named"
	Would        []string `json:"would"` // findings that would come
	Accepted     string   `json:"accepted,omitempty"`
	About        []string `json:"about"` // the first things that the record names
}

// What a changed verdict does to the record.
const (
	NowRefused  = "would be refused"
	NowAccepted = "would be accepted"
)

// Replay judges the whole history of a stopped node's ledger again, in order, from
// genesis, and lists every verdict that would be another one. It reads the ledger
// and writes nothing. Records are decoded in parallel; they are judged one after
// the other, for each may rest on all before it. What is written to states is kept
// in memory: some hundred bytes an item. ErrInUse while the node runs.
func Replay(ctx context.Context, c Config, o ReplayOptions) (_ *ReplayReport, err error) {
	genesis, lock, err := stopped(&c)
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	defer lock.Close()
	l, err := ledger.Open(ledger.Config{Dir: c.ledgerDir(), CacheBytes: c.Storage.LedgerCacheBytes, Logger: slog.New(slog.DiscardHandler)})
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
	rules := contracts.Ruleset()
	if o.Ruleset != "" && o.Ruleset != rules.Name {
		return nil, fmt.Errorf("%w: %q; it has %s", ErrUnknownRuleset, o.Ruleset, rules.Name)
	}
	s := l.Snapshot()
	defer s.Close()
	last, err := parametersOf(s)
	if err != nil {
		return nil, err
	}
	proposed, err := amended(last, o.Parameters)
	if err != nil {
		return nil, err
	}
	states, err := ledger.GenesisStates(genesis)
	if err != nil {
		return nil, err
	}
	// A record brings some ten states; a map that grows by itself is moved again and again.
	past := newDraft(nil, 0, int(min(s.Roots().LogSize*10, maxStatesAhead)))
	past.signed = s.Signed // who signed what no rule changes
	for _, st := range states {
		past.set(st.Key, st.Bytes)
	}
	r := &replayer{
		snapshot: s, past: past, o: o, genesis: genesis, founding: contracts.FoundingOf(genesis),
		none: proof.EncodeFindings(nil), rules: map[string]uint64{}, organisations: map[string]uint64{},
		report: &ReplayReport{Ruleset: rules, Parameters: proposed, From: o.From, Height: s.Height(), Changes: []Change{}},
	}
	if err := r.run(ctx); err != nil {
		return nil, err
	}
	r.report.ByRule, r.report.ByOrganisation = tallies(r.rules), tallies(r.organisations)
	return r.report, nil
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

// maxStatesAhead bounds what is made ready for states that may not come.
const maxStatesAhead = 1 << 20

// replayBatch is how many records are decoded together.
const replayBatch = 512

// replayer judges a ledger's records again.
type replayer struct {
	snapshot *ledger.Snapshot
	past     *draft
	o        ReplayOptions
	genesis  *identity.Genesis
	founding *contracts.Founding
	report   *ReplayReport

	court         *contracts.Court // of the height that is judged
	height        uint64
	none          []byte            // no findings, as proof.EncodeFindings writes them
	rules         map[string]uint64 // changed records by rule
	organisations map[string]uint64
}

// replayed is one record as it was recorded, and as it reads.
type replayed struct {
	ledger.Judged
	record *epcis.Record
	reason error // why it is malformed
}

func (r *replayer) run(ctx context.Context) error {
	size := r.snapshot.Roots().LogSize
	batches := make(chan chan []replayed, runtime.GOMAXPROCS(0)) // in ledger order
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(batches)
		for from := uint64(0); from < size; from += replayBatch {
			batch := make(chan []replayed, 1)
			select {
			case batches <- batch:
			case <-ctx.Done():
				return ctx.Err()
			}
			to := min(from+replayBatch, size)
			g.Go(func() error {
				list, err := r.read(from, to)
				batch <- list // even then, so that nobody waits for it
				return err
			})
		}
		return nil
	})
	g.Go(func() error {
		for batch := range batches {
			for _, one := range <-batch {
				if err := r.judge(&one); err != nil {
					return fmt.Errorf("record %d: %w", one.Entry.Seq, err)
				}
			}
			if r.o.Progress != nil {
				r.o.Progress("records", r.report.Records, size)
			}
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		return nil
	})
	return g.Wait()
}

func (r *replayer) read(from, to uint64) ([]replayed, error) {
	list := make([]replayed, 0, to-from)
	var decoder epcis.Decoder
	err := r.snapshot.Range(from, to, func(j *ledger.Judged) error {
		one := replayed{Judged: *j}
		one.record, one.reason = decoder.DecodeHashed(epcis.Kind(j.Entry.Kind), j.Bytes)
		list = append(list, one)
		return nil
	})
	return list, err
}

func (r *replayer) judge(one *replayed) error {
	e := one.Entry
	if r.court == nil || e.Height != r.height {
		if e.Height >= r.o.From {
			if err := r.amend(); err != nil {
				return fmt.Errorf("parameters of height %d: %w", e.Height, err)
			}
		}
		r.height = e.Height
		r.court = contracts.Convene(r.past, contracts.Block{
			Network: r.genesis.Network, Height: e.Height, Time: epcis.InstantFromUnixNano(e.Time), Founding: r.founding,
		}).HoldToDeclarations()
	}
	p := contracts.Position{Seq: e.Seq, Envelope: e.Envelope, Index: e.Index, Kind: epcis.Kind(e.Kind), Signer: e.Signer, Record: e.Record}
	var v *contracts.Verdict
	var err error
	if one.reason != nil {
		v, err = r.court.JudgeMalformed(p, one.reason)
	} else {
		v, err = r.court.Judge(p, one.record)
	}
	if err != nil {
		return err
	}
	r.past.append(p, v)
	r.report.Records++
	if e.Height >= r.o.From {
		r.report.Compared++
		return r.compare(one, v)
	}
	return nil
}

// amend changes the parameters in force, which governance may have changed in the
// history, as is proposed.
func (r *replayer) amend() error {
	if len(r.o.Parameters) == 0 {
		return nil
	}
	b, err := r.past.State(trace.ParametersKey())
	if err != nil {
		return err
	}
	p, err := identity.DecodeParameters(b)
	if err != nil {
		return err
	}
	if p, err = amended(p, r.o.Parameters); err != nil {
		return err
	}
	r.past.set(trace.ParametersKey(), p.Encode())
	return nil
}

// compare notes a verdict that is another one: other findings, or the same on
// other facts.
func (r *replayer) compare(one *replayed, v *contracts.Verdict) error {
	would, text := v.Findings, r.none
	if len(would) > 0 {
		text = proof.EncodeFindings(would)
	}
	if bytes.Equal(one.Findings, text) {
		return nil
	}
	was, err := proof.DecodeFindings(one.Findings)
	if err != nil {
		return err
	}
	c := Change{
		Seq: one.Entry.Seq, Height: one.Entry.Height, Organisation: one.Organisation,
		Was: without(was, would), Would: without(would, was), About: []string{},
	}
	switch before, now := trace.Rejected(was), v.Rejected(); {
	case now && !before:
		c.Accepted = NowRefused
	case before && !now:
		c.Accepted = NowAccepted
	}
	for i, k := range trace.Touches(one.record) {
		if i == maxAbout {
			break
		}
		c.About = append(c.About, k.ID)
	}
	r.report.Changed++
	r.organisations[c.Organisation]++
	seen := map[string]bool{}
	for _, line := range slices.Concat(c.Was, c.Would) {
		if rule := strings.Fields(line)[1]; !seen[rule] {
			seen[rule] = true
			r.rules[rule]++
		}
	}
	if r.o.MaxChanges == 0 || len(r.report.Changes) < r.o.MaxChanges {
		r.report.Changes = append(r.report.Changes, c)
	}
	return nil
}

// maxAbout bounds what a change names of its record.
const maxAbout = 4

// without lists the findings of a that b has not, on the same facts.
func without(a, b []trace.Finding) []string {
	out := []string{}
	for i := range a {
		same := func(f trace.Finding) bool {
			return bytes.Equal(proof.EncodeFindings([]trace.Finding{f}), proof.EncodeFindings(a[i:i+1]))
		}
		if !slices.ContainsFunc(b, same) {
			out = append(out, fmt.Sprintf("%s %s %d %s", a[i].Severity, a[i].Rule, a[i].Code, a[i].Title))
		}
	}
	return out
}

func tallies(counts map[string]uint64) []Tally {
	list := make([]Tally, 0, len(counts))
	for name, n := range counts {
		list = append(list, Tally{name, n})
	}
	slices.SortFunc(list, func(a, b Tally) int {
		if a.Records != b.Records {
			return int(b.Records) - int(a.Records)
		}
		return strings.Compare(a.Name, b.Name)
	})
	return list
}
