package contracts

import (
	"errors"
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// A Court judges the records of one block, in order. It keeps decoded what only
// governance writes, until it does: the signers' standing, the parameters, the
// licences of prefixes. It belongs to one goroutine.
type Court struct {
	view      View
	block     Block
	rules     *Ruleset
	strict    bool // contracts are held to their declarations
	noForward bool
	keys      map[identity.Address]keyRecord
	members   map[string]identity.OrganisationState
	licences  map[string]*trace.PrefixState // by GS1 company prefix; nil where nobody ever licensed it
	places    map[string]*trace.PlaceState  // that members may use by vote; nil where none does
	limits    *identity.Parameters
	received  scales // of limits: receiptTolerance
	made      scales // massTolerance
	// compromises are the organisations of which a key was ever compromised, once read.
	compromises     []string
	compromisesRead bool
	// heard are the block's records, from heardFrom on.
	heard     []heard
	heardFrom uint64
	// mandatory are the schemes that goods need, once read.
	mandatory     []Mandatory
	mandatoryRead bool
	// descriptions are what master data says of classes, lots and places; nil
	// where it says nothing. Dropped once a masterdata record has been judged.
	descriptions map[trace.Key]*trace.DescriptionState
	// certificates are those that were cited; nil for one that nobody issued. Dropped
	// once a certificate record has been judged, or a key revoked.
	certificates map[string]*issuedCertificate
	now          hearing // its memory is used again for the next record
	coder        coder   // of the states of that record
	writes       []Write // what the verdict on it says
	used         []*item // of usedItems
	listings     listings
	accounts     pool[account]
}

// Convene makes the court of a block over the ledger's state before it: of the ruleset
// that is in force at the block's height ([RulesetState.At]). The view must come to show what
// each accepted record wrote before the next one is judged.
func (r *Ruleset) Convene(v View, b Block) *Court {
	court := &Court{view: v, block: b, rules: r}
	court.forget()
	return court
}

// HoldToDeclarations has every contract that oversteps what it declares fail the
// record it judges, with an error. Tests, simulations and replays ask for that.
// Consensus does not: a slip in a declaration must not stop every node of a network
// over one record, on which all of them agree anyway.
func (court *Court) HoldToDeclarations() *Court {
	court.strict = true
	return court
}

// forget has the court read again what it kept.
func (court *Court) forget() {
	court.keys = make(map[identity.Address]keyRecord)
	court.members = make(map[string]identity.OrganisationState)
	court.licences = make(map[string]*trace.PrefixState)
	court.places = make(map[string]*trace.PlaceState)
	court.limits = nil
	court.compromises, court.compromisesRead, court.certificates = nil, false, nil
	court.mandatory, court.mandatoryRead = nil, false
}

// Judge says what the court's ruleset makes of a record. r is the record as
// consensus decoded it; for bytes that do not decode call [Court.JudgeMalformed].
// An error means that the ledger could not be read; no record causes one.
//
// A record that the signer may not write at all (A1), and a duplicate (A6), get
// that one finding. Everything else is judged by every contract, so that the author
// learns of all mistakes at once. Nothing of a refused record is applied. The
// verdict's writes stand in the court's memory: they are good until it hears the next
// record, and who keeps them copies them.
func (court *Court) Judge(p Position, r *epcis.Record) (*Verdict, error) {
	if r == nil {
		return court.JudgeMalformed(p, fmt.Errorf("the record is empty"))
	}
	c := court.hear(p, r)
	for _, k := range court.rules.byKind[r.Kind] {
		c.contract = k
		if err := c.contract.judge(c); err != nil {
			return nil, err
		}
		if c.done {
			return c.close()
		}
	}
	return c.close()
}

// JudgeMalformed is the verdict on bytes that [epcis.Decode] refused with
// reason: REJECT malformed, in the name of the signer's organisation where the
// ledger knows the key. Such a record touches no key.
func (court *Court) JudgeMalformed(p Position, reason error) (*Verdict, error) {
	c := court.hear(p, nil)
	c.contract = &court.rules.contracts[0]
	if err := c.contract.judge(c); err != nil {
		return nil, err
	}
	if c.done {
		return c.close()
	}
	c.contract = &court.rules.readable
	c.find(trace.Finding{
		Code:  CodeMalformed,
		Facts: []trace.Fact{fact("reason", reason.Error())},
		Next:  "Correct the record where the reason points, then sign it in a new envelope.",
	})
	return c.close()
}

// A hearing is one record before the rules. It lives for one call of Judge.
type hearing struct {
	*Court
	position Position
	record   *epcis.Record
	signer   identity.Organisation // once A1 has passed
	verdict  *Verdict
	contract *Contract // the one that judges
	done     bool      // nothing is left to judge: the others are not asked
	fault    error     // what a contract did beyond its declaration
	governed bool      // the record changed what the court remembers
	memory
	book     book     // accounts
	weight   weightOf // of the piece that was weighed last
	pass     uint32   // over items, each once: the number of the last
	handover handover

	recallsRead map[trace.Key][]Recall // by lot and class, of what is used; never ranged over
	emptyings   roll[EmptiedState]     // that others have followed

	relied roll[trace.Fact] // on master data that a compromised key signed (A7), by its key

	doubtfulRecalls map[uint64]bool // of A7, by the seq of what a compromised key signed; never ranged over
	recalledInDoubt tally           // the same, as facts

	references  roll[trace.Fact] // of due diligence that a compromised key gave (A7), by what it is of
	withdrawals roll[trace.Fact] // of releases, by such a key, by what was released

	corroborates  bool              // A6 found the same bytes from another organisation
	corrects      *uint64           // A6 found the event that is declared wrong, the signer's own, which nobody had declared wrong
	correctsOther *claim            // A6 found the event that is declared wrong, and it is another organisation's
	stamp         *Turn             // this event, as states remember it
	lot           lotID             // the one that was asked for last
	commodity     commodityCode     // of the class that was asked for last
	handed        handed            // what was handed over last
	bond          *Bond             // the one that was made last
	here          *place            // where the event happened, once F1 or F2 has looked
	site          place             // that
	parent        [1]epcis.ID       // of the event, as a list
	holding       []heldCertificate // of the certificates that the event cites, once asked for
	holdingRead   bool
	plotsTold     *int         // of D1: how many plots an event about goods in scope tells
	due           *diligence   // of D2 and D3: the states of plots and statements, once asked for
	duties        diligence    // that
	cites         []string     // the certificates that the event cites, once asked for
	cold          []*coldChain // of T2 and T1: the cold chains that the event is about
}

// memory is what a record names, in memory that is used again for the next.
type memory struct {
	written  []written // by contracts
	items    items
	chains   []*item        // all that above listed, one after the other
	balances roll[account]  // each once
	classes  roll[product]  // what the record's product classes weigh
	lots     roll[lotLocks] // of what is used
	shares   shares         // what was put into something last, or taken out
	coldLots roll[lotCold]
}

func (m *memory) clear() {
	m.written, m.chains = m.written[:0], m.chains[:0]
	m.items.clear()
	m.balances.clear()
	m.classes.clear()
	m.lots.clear()
	m.coldLots.clear()
}

func (court *Court) hear(p Position, r *epcis.Record) *hearing {
	switch court.now.position.Kind { // of the record before
	case epcis.KindMasterData:
		court.descriptions = nil
	case epcis.KindCertificate:
		court.certificates = nil
	}
	court.hears(p, r)
	court.coder.clear()
	court.listings.clear()
	court.accounts.clear()
	c := &court.now
	kept := c.memory
	kept.clear()
	*c = hearing{} // in place: it is large
	c.memory = kept
	c.Court, c.position, c.record, c.verdict = court, p, r, &Verdict{}
	return c
}

// close ends the hearing: findings in the order of the catalogue, and nothing
// applied of what is refused.
func (c *hearing) close() (*Verdict, error) {
	if c.fault != nil {
		return nil, c.fault
	}
	slices.SortStableFunc(c.verdict.Findings, func(a, b trace.Finding) int { return int(a.Code) - int(b.Code) })
	if c.verdict.Rejected() {
		c.verdict.ContentHash = ""
		return c.verdict, nil
	}
	if c.governed {
		c.forget()
	}
	c.items.compare()
	if !c.noForward {
		c.verdict.Forward = c.forward()
	}
	err := errors.Join(c.writeItems(), c.writeAccounts(), c.writeHandover())
	c.verdict.Writes = c.deliver()
	return c.verdict, err
}

// find adds a finding of the contract that judges. What the finding leaves out,
// severity and title, is as the contract declares it.
func (c *hearing) find(f trace.Finding) {
	if f.Severity == "" || f.Title == "" {
		d := c.contract.declared(f.Code, f.Severity, c.rules.contracts)
		f.Severity = d.Severity
		if f.Title == "" {
			f.Title = d.Title
		}
	}
	if c.strict && !c.contract.declares(&f) {
		c.fault = errors.Join(c.fault, c.contract.overstepped("found %d %s", f.Code, f.Severity))
	}
	if f.Rule == "" {
		f.Rule = c.contract.Rule
	}
	f.Version = c.contract.Version
	c.verdict.Findings = append(c.verdict.Findings, f)
}

// written is a state that the record leaves: a part of the coder's output.
type written struct {
	key       trace.Key
	from, end int
}

// write sets a key's state. v points to a state type of this module: it always encodes.
func (c *hearing) write(k trace.Key, v any) error {
	if c.strict && !slices.Contains(c.contract.Writes, k.NS) {
		return c.contract.overstepped("writes %s", k.NS)
	}
	return c.put(k, v)
}

func (c *hearing) put(k trace.Key, v any) error {
	from := len(c.coder.out)
	switch s := v.(type) {
	case *ItemState:
		c.coder.writeItem(s)
	case coded:
		c.coder.write(s)
	default:
		b, err := identity.MarshalCanonical(v)
		if err != nil {
			return fmt.Errorf("state of %s %s: %w", k.NS, k.ID, err)
		}
		c.coder.out = append(c.coder.out, b...)
	}
	c.written = append(c.written, written{k, from, len(c.coder.out)})
	return nil
}

// deliver makes the verdict's writes of what was written.
func (c *hearing) deliver() []Write {
	if len(c.written) == 0 {
		return nil
	}
	list := c.Court.writes[:0]
	for _, w := range c.written {
		list = append(list, Write{Key: w.key, State: c.coder.out[w.from:w.end:w.end]})
	}
	c.Court.writes = list
	return list[:len(list):len(list)]
}

// read decodes a key's state into v and says whether there is one.
func (c *hearing) read(k trace.Key, v any) (bool, error) {
	if c.strict && !slices.Contains(c.contract.Reads, k.NS) {
		return false, c.contract.overstepped("reads %s", k.NS)
	}
	return c.Court.read(k, v)
}

// read is what the court itself reads.
func (court *Court) read(k trace.Key, v any) (bool, error) {
	b, err := court.view.State(k)
	if err != nil {
		return false, fmt.Errorf("read %s %s: %w", k.NS, k.ID, err)
	}
	if b == nil {
		return false, nil
	}
	switch s := v.(type) {
	case *ItemState:
		err = court.coder.readItem(b, s)
	case coded:
		err = court.coder.read(b, s)
	default:
		err = decodeState(b, v)
	}
	if err != nil {
		return false, fmt.Errorf("read %s %s: %w", k.NS, k.ID, err)
	}
	return true, nil
}

func fact(name, value string) trace.Fact { return trace.Fact{Name: name, Value: short(value)} }

func factAt(name, value string, seq uint64) trace.Fact {
	return trace.Fact{Name: name, Value: short(value), Seq: &seq}
}

// maxFacts bounds the facts of one finding: a record may name a thousand items.
const maxFacts = 8

// A tally is the facts of one finding, those that there is room for, and how many
// there are in all.
type tally struct {
	n     int
	facts []trace.Fact
}

// add notes a fact while there is room, and counts the rest.
func (t *tally) add(f trace.Fact) {
	t.n++
	if t.n > maxFacts {
		t.facts[len(t.facts)-1] = fact(trace.AndMore, fmt.Sprint(t.n-maxFacts+1))
		return
	}
	t.facts = append(t.facts, f)
}

// found reports the tally as one finding, if there is anything in it. Facts that
// the finding has already come first.
func (t *tally) found(c *hearing, f trace.Finding) {
	if t.n > 0 {
		f.Facts = append(f.Facts, t.facts...)
		c.find(f)
	}
}

// short bounds a value that an author chose; findings go into the ledger.
func short(s string) string {
	const limit = 512
	if len(s) <= limit {
		return s
	}
	return clip(s, limit) + "…"
}

// clip cuts a text at most n bytes long, not inside a UTF-8 sequence: states are
// read back strictly.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
