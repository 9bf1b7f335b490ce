package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/ledger"
	"github.com/waymark-ledger/waymark/node"
	"github.com/waymark-ledger/waymark/testnet/lane"
	"github.com/waymark-ledger/waymark/trace"
)

// mill fills a ledger as consensus would, block by block and every record
// judged, without the consensus.
type mill struct {
	dir     string
	ledger  *ledger.Ledger
	genesis *identity.Genesis
	ruleset *contracts.Ruleset // that judges
	network identity.Network
	voters  electorate               // whom genesis names; they vote on nothing while it fills
	keys    map[string]*identity.Key // by member
	now     time.Time
	height  uint64
	waiting []pending     // for the next block
	records int           // in those that wait
	decoder epcis.Decoder // as consensus has one
	judging time.Duration // processor time that all judging took

	noForward bool          // the forward index is left out
	writing   time.Duration // CPU that appending and committing took
	written   uint64        // bytes that went into Pebble's log
}

const recordsPerBlock = 1000

// pending is an envelope that the next block will have. A block is judged at once,
// one record after the other, as a node does: the machine does nothing else between.
type pending struct {
	title    string
	kind     epcis.Kind
	envelope *identity.Envelope
	records  [][]byte
}

func newMill(dir string) (*mill, error) {
	m := &mill{dir: dir, ruleset: contracts.First(), decoder: epcis.Decoder{Passing: true}, keys: map[string]*identity.Key{}, now: time.Now()}
	var err error
	if m.voters, err = newElectorate(); err != nil {
		return nil, err
	}
	g := node.GenesisOptions{Validators: m.voters.validators(), Time: m.now.Add(-time.Hour)}
	for _, member := range lane.Members(1) {
		key, err := identity.GenerateKey()
		if err != nil {
			return nil, err
		}
		m.keys[member.Name] = key
		member.Organisation.Keys = []string{identity.FormatPublicKey(key.PublicKey())}
		g.Organisations = append(g.Organisations, member.Organisation)
	}
	doc, err := node.BuildGenesis(g)
	if err != nil {
		return nil, err
	}
	if m.genesis, err = identity.ParseGenesis(doc); err != nil {
		return nil, err
	}
	m.network = m.genesis.Network
	if m.ledger, err = openLedger(dir); err != nil {
		return nil, err
	}
	if err := m.ledger.InitGenesis(m.genesis); err != nil {
		return nil, err
	}
	return m, nil
}

// openLedger opens the ledger of a mill's directory as a node would.
func openLedger(dir string) (*ledger.Ledger, error) {
	c := node.DefaultConfig(dir).Storage
	return ledger.Open(ledger.Config{Dir: filepath.Join(dir, "ledger"), CacheBytes: c.LedgerCacheBytes,
		MapBytes: c.MapBytes(), Logger: slog.New(slog.DiscardHandler)})
}

// fill plays the traced journey with the rest of the ledger's records between
// its acts, and returns the bag that the journey is of.
func (m *mill) fill(ctx context.Context, o *options) (bag string, err error) {
	short, err := m.journeyLength()
	if err != nil {
		return "", err
	}
	if short > tracedEvents {
		return "", fmt.Errorf("the lane alone is %d records, more than %d", short, tracedEvents)
	}
	o.say("the lane's journey is %d records; the container is seen %d times more", short, tracedEvents-short)
	if err := m.ground(); err != nil {
		return "", err
	}
	acts, bag, err := journey(m.now, 0, tracedEvents-short)
	if err != nil {
		return "", err
	}
	// Other containers of the same lane, and everyday events.
	script, others := 1, []lane.Act(nil)
	event := 0
	told := time.Now()
	for i, act := range acts {
		if err := m.play(act); err != nil {
			return "", err
		}
		for until := o.records * (i + 1) / len(acts); int(m.size()) < until; {
			if err := ctx.Err(); err != nil {
				return "", err
			}
			if len(others) == 0 {
				if others, _, err = journey(m.now, script, 0); err != nil {
					return "", err
				}
				script++
			}
			if err := m.play(others[0]); err != nil {
				return "", err
			}
			others = others[1:]
			n := min(100, until-int(m.size()))
			if err := m.everyday(event, n); err != nil {
				return "", err
			}
			event += max(n, 0)
		}
		if time.Since(told) > 5*time.Second {
			told = time.Now()
			o.say("%d of %d records", m.size(), o.records)
		}
	}
	return bag, m.commit()
}

// journeyLength is how many records the upstream journey of the lane's bag has
// as it comes.
func (m *mill) journeyLength() (int, error) {
	alone, err := newMill(filepath.Join(m.dir, "alone"))
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(alone.dir)
	defer alone.ledger.Close()
	if err := alone.ground(); err != nil {
		return 0, err
	}
	acts, bag, err := journey(alone.now, 0, 0)
	if err != nil {
		return 0, err
	}
	for _, act := range acts {
		if err := alone.play(act); err != nil {
			return 0, err
		}
	}
	if err := alone.commit(); err != nil {
		return 0, err
	}
	s := alone.ledger.Snapshot()
	defer s.Close()
	j, err := trace.Walk(s, bag, trace.Options{Direction: trace.Upstream})
	if err != nil {
		return 0, err
	}
	return len(j.Records), nil
}

// journey is the coffee lane of container n without what goes wrong on it, whose carrier reports it so many
// times more while it is at sea.
func journey(now time.Time, n, more int) (acts []lane.Act, bag string, err error) {
	s, err := lane.Coffee.Script(now, n)
	if err != nil {
		return nil, "", err
	}
	for _, act := range s.Honest() {
		acts = append(acts, act)
		if act.Title != "departs Djibouti by sea" {
			continue
		}
		for i := range more {
			at := now.Add(-58*24*time.Hour + time.Duration(i)*time.Hour).UTC().Format("2006-01-02T15:04:05.000Z")
			acts = append(acts, lane.Act{Member: act.Member, Title: "reported at sea", Kind: epcis.KindEvent,
				Document: fmt.Appendf(nil, `{"@context":[%q],"type":"ObjectEvent","eventTime":%q,"eventTimeZoneOffset":"+00:00",`+
					`"action":"OBSERVE","bizStep":"transporting","disposition":"in_transit","epcList":[%q],`+
					`"bizTransactionList":[{"type":"bol","bizTransaction":%q}]}`, epcis.ContextURL, at, s.Container, s.BillOfLading)})
		}
	}
	return acts, s.Item, nil
}

func (m *mill) ground() error {
	acts, err := lane.Coffee.Ground(m.now)
	if err != nil {
		return err
	}
	for _, act := range acts {
		if err := m.play(act); err != nil {
			return err
		}
	}
	return nil
}

// play records an act as its member.
func (m *mill) play(act lane.Act) error {
	records, err := act.Signed()
	if err != nil {
		return err
	}
	return m.record(act.Title, act.Member, act.Kind, records)
}

// everyday records so many events of single items, from number first on.
func (m *mill) everyday(first, count int) error {
	if count <= 0 {
		return nil
	}
	members := []int{0, 3, 4} // those who may commission: exporter, roaster, cooperative
	member := lane.Members(1)[members[first/100%len(members)]]
	events := lane.LoadOf(member, m.now, "t")
	records := make([][]byte, count)
	for i := range records {
		bare, err := events.Event(first + i)
		if err != nil {
			return err
		}
		records[i] = selfContained(bare)
	}
	return m.record("everyday events", member.Name, epcis.KindEvent, records)
}

func (m *mill) size() uint64 { return m.ledger.Roots().LogSize + uint64(m.records) }

// record signs records as one envelope of the next block, and makes that block
// when it has enough of them.
func (m *mill) record(title, member string, kind epcis.Kind, records [][]byte) error {
	key := m.keys[member]
	env := identity.NewEnvelope(m.network, string(kind), key.Address(), uint64(m.now.Add(time.Hour).Unix()), records)
	if err := key.SignEnvelope(env); err != nil {
		return err
	}
	m.waiting = append(m.waiting, pending{title, kind, env, records})
	if m.records += len(records); m.records >= recordsPerBlock {
		return m.commit()
	}
	return nil
}

// commit makes a block of what waits.
func (m *mill) commit() error {
	if m.records == 0 {
		return nil
	}
	m.height++
	at := epcis.InstantFromUnixNano(m.now.UnixNano())
	block, err := m.ledger.Begin(m.height, at)
	if err != nil {
		return err
	}
	court := m.ruleset.Convene(block, contracts.Block{Network: m.network, Height: m.height, Time: at, Founding: contracts.FoundingOf(m.genesis)})
	for _, w := range m.waiting {
		if err := m.judge(block, court, &w); err != nil {
			return fmt.Errorf("%s: %w", w.title, err)
		}
	}
	m.waiting, m.records = m.waiting[:0], 0
	used := cpuTime()
	err = block.Commit()
	m.writing += cpuTime() - used
	m.written = m.ledger.Metrics().WAL.BytesIn
	return err
}

// judge has an envelope's records judged and appends them.
func (m *mill) judge(block *ledger.Block, court *contracts.Court, w *pending) error {
	id := w.envelope.ID()
	for i, raw := range w.records {
		r, err := m.decoder.DecodeHashed(w.kind, raw)
		if err != nil {
			return err
		}
		p := contracts.Position{Seq: block.NextSeq(), Envelope: id, Index: uint32(i), Kind: w.kind, Signer: w.envelope.Signer, Record: identity.RecordHash(raw)}
		began := threadCPU()
		v, err := court.Judge(p, r)
		m.judging += threadCPU() - began
		if err != nil {
			return err
		}
		if v.Rejected() {
			return fmt.Errorf("record %d was refused: %s", block.NextSeq(), v.Findings[0].Title)
		}
		a := ledger.Append{
			Envelope: w.envelope, EnvelopeID: id, Index: uint32(i), Kind: w.kind, Organisation: v.Organisation,
			Bytes: raw, RecordHash: p.Record, Findings: v.Findings, Touches: trace.Touches(r), ContentHash: v.ContentHash, Forward: v.Forward,
		}
		for _, written := range v.Writes {
			a.States = append(a.States, ledger.State{Key: written.Key, Bytes: written.State})
		}
		if r.Event != nil {
			a.EventID = r.Event.ID
		}
		if m.noForward {
			a.Forward = trace.Forward{}
		}
		used := cpuTime()
		if _, err := block.Append(a); err != nil {
			return err
		}
		m.writing += cpuTime() - used
	}
	return nil
}
