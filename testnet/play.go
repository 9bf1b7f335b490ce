package testnet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/testnet/lane"
	"github.com/waymark-ledger/waymark/trace"
)

// Player plays lanes on a running network, each member as itself: those with a
// node hand their documents in there, the others sign and send envelopes
// through another's node.
type Player struct {
	network identity.Network
	nodes   map[string]*client.Client // by member
	members map[string]*signer        // those without a node
}

// signer is a member that signs by itself. Its key is unlocked, which takes a
// moment by design, when it signs first: most lanes leave most members idle.
type signer struct {
	state MemberState
	once  sync.Once
	key   *identity.Key
	err   error
}

func (s *signer) unlock() (*identity.Key, error) {
	s.once.Do(func() {
		s.key, s.err = unlockMember(s.state)
	})
	return s.key, s.err
}

func unlockMember(m MemberState) (*identity.Key, error) {
	passphrase, err := os.ReadFile(filepath.Join(m.Key, "passphrase"))
	if err != nil {
		return nil, err
	}
	address, err := identity.ParseAddress(m.Address)
	if err != nil {
		return nil, err
	}
	key, err := (identity.Keystore{Dir: m.Key}).Unlock(address, strings.TrimSpace(string(passphrase)))
	if err != nil {
		return nil, fmt.Errorf("unlock the key of %s: %w", m.Name, err)
	}
	return key, nil
}

// Outcome is what became of an act.
type Outcome struct {
	Act     lane.Act
	Records []client.Record // as judged
	Took    time.Duration
}

// NewPlayer finds each member's node, and its key where it has none.
func NewPlayer(s *State) (*Player, error) {
	network, err := identity.ParseNetwork(s.Network)
	if err != nil {
		return nil, err
	}
	p := &Player{network: network, nodes: map[string]*client.Client{}, members: map[string]*signer{}}
	byName := map[string]*client.Client{}
	for i := range s.Nodes {
		c := s.Nodes[i].Client()
		byName[s.Nodes[i].Name] = c
		p.nodes[s.Nodes[i].Member] = c
	}
	for _, m := range s.Members {
		p.members[m.Name] = &signer{state: m}
		p.nodes[m.Name] = byName[m.Through]
	}
	return p, nil
}

// Play plays acts in order, each committed before the next, and tells progress
// of each. A record that is refused is an error, unless its lane says that the
// rules refuse it.
func (p *Player) Play(ctx context.Context, acts []lane.Act, progress func(Outcome)) error {
	for _, act := range acts {
		began := time.Now()
		records, err := p.perform(ctx, act)
		if err == nil && !act.Refused() {
			err = refusal(records)
		}
		if err != nil {
			return fmt.Errorf("%s, %q: %w", act.Member, act.Title, err)
		}
		if progress != nil {
			progress(Outcome{Act: act, Records: records, Took: time.Since(began)})
		}
	}
	return nil
}

// PlayMany plays whole scripts side by side, at most width at a time.
func (p *Player) PlayMany(ctx context.Context, scripts <-chan *lane.Script, width int, progress func(Outcome)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	var mu sync.Mutex // progress is told one outcome at a time
	for range width {
		wg.Go(func() {
			for s := range scripts {
				if ctx.Err() != nil {
					continue // drain, so that the sender ends
				}
				err := p.Play(ctx, s.Acts, func(o Outcome) {
					mu.Lock()
					defer mu.Unlock()
					if progress != nil {
						progress(o)
					}
				})
				if err != nil {
					cancel(err)
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// perform has the member record the act and waits for the verdicts.
func (p *Player) perform(ctx context.Context, act lane.Act) ([]client.Record, error) {
	node := p.nodes[act.Member]
	if node == nil {
		return nil, fmt.Errorf("the network has no member %q: it was made by an earlier version; start one in another directory", act.Member)
	}
	if member := p.members[act.Member]; member != nil {
		key, err := member.unlock()
		if err != nil {
			return nil, err
		}
		author := client.Author{Client: node, Network: p.network, Key: key}
		if act.Kind == epcis.KindEvent {
			return author.CaptureDocument(ctx, act.Document)
		}
		return author.Capture(ctx, act.Kind, act.Records)
	}
	body := act.Document
	if act.Kind != epcis.KindEvent {
		var err error
		if body, err = json.Marshal(rawMessages(act.Records)); err != nil {
			return nil, err
		}
	}
	return node.CaptureAndWait(ctx, act.Kind, body)
}

// Findings are those of all records of the act.
func (o *Outcome) Findings() (findings []trace.Finding) {
	for i := range o.Records {
		findings = append(findings, o.Records[i].Verdicts...)
	}
	return findings
}

func rawMessages(records [][]byte) []json.RawMessage {
	raw := make([]json.RawMessage, len(records))
	for i, r := range records {
		raw[i] = r
	}
	return raw
}

func refusal(records []client.Record) error {
	var errs []error
	for _, r := range records {
		for _, f := range r.Verdicts {
			if f.Severity == trace.Reject {
				errs = append(errs, fmt.Errorf("record %d refused by %s: %s", r.Seq, f.Rule, f.Title))
			}
		}
	}
	return errors.Join(errs...)
}
