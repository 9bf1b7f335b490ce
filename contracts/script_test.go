package contracts_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// TestScripts plays the scripts in testdata. Their language:
//
//	scenario TEXT                        a new ledger
//	ruleset NAME                         the ruleset that judges from here on; waymark-1 before
//	rules RULE…                          the rules that the file is about: expect leaves
//	                                     the findings of others out
//	let $NAME VALUE                      text that stands for other text below
//	shows RULE CASE…                     what the scenario shows of a rule: that it is content (accepted),
//	                                     that it is not (found: a REJECT, LOCK or FLAG of it), both of two
//	                                     things that hardly differ (boundary), what is recorded in another
//	                                     order than it happened or than is usual (order), and what is taken
//	                                     back or said anew afterwards (correction)
//	member NAME ROLE,… [prefix=P] [scheme=S] [status=suspended] [key=revoked] [power=N]
//	time INSTANT                         block time from here on
//	signs NAME PUBLICKEY                 the key that a member signs with from here on
//	parameter NAME=VALUE                 a parameter of the network from here on
//	calibrated URI…                      sensor devices that are calibrated in 2026, as if it had been recorded
//	NAME event|certificate|masterdata|customs|acknowledgement|governance {JSON}   a record, judged; an event gets what it
//	                                     leaves out: type ObjectEvent, action OBSERVE,
//	                                     eventTime the block time
//	NAME again                           the last record, byte for byte
//	NAME malformed TEXT                  bytes that are no record
//	expect accepted|refused [SEVERITY CODE]…   exactly these findings of the last record
//	first SEQ                            the last record's first receipt
//	item URI CONDITION [lot=URI]         the state of an item; CONDITION unknown: none
//	standing NAME|URI STATUS             the latest standing of an organisation
//	validators N POWER                   how many validators there are, and their power
//	proposal URI STATUS                  how a proposal stands
//	judges HEIGHT RULESET                which ruleset the members have put in force at a height
//	in URI HOLDER|nothing                what an item is packed in
//	on URI HOLDER|nothing                what a component is attached to
//	holds URI N [M]                      how many items are packed in it, and attached to it
//	owner URI NAME|nobody [NAME]         who owns an item, and to whom a change is open
//	lock|unlock URI CODE                 sets or lifts a lock, as some other rule does
//	locks URI [CODE…]                    the locks of an item
//	balance ID [unit=U] [NAME=AMOUNT]… [locked|closed]   the state of an account, but for
//	                                     sums of nothing; unknown: none
//	overdrawn ID [SEQ]…                  the records that a mass-balance account is overdrawn by
//	disputed URI yes|no                  whether an item's serial is disputed
//	rests SEQ                            a fact of the last record's findings names that record
//	names CODE NAME…                     the facts of that finding of the last record, by name
//	holder URI ORGANISATION|nobody       who holds an item
//	transit URI SEQ|none                 the transfer in which an item is on its way
//	locked URI|free URI                  whether an item has locks
//	transfer SEQ open|done [items=N] [CLASS=AMOUNT]   what is left of a transfer; SEQ none: there is none
//	case ID open|overdue|closed|none [CLASS] [owner=ORGANISATION] [how=RESOLUTION]   a case at block time
//	status URI STATUS                    the recorded status of a certificate
//	answered KEY NAME MEASURE            a member's latest acknowledgement, by the key that it is about
//	declared URI STATUS [URI=STATUS]…    the state of a customs declaration, and its goods that stand
//	                                     otherwise; none: it has no state
func TestScripts(t *testing.T) {
	for _, sc := range scenarios(t) {
		t.Run(sc.file+"/"+sc.title, func(t *testing.T) {
			s, err := sc.play(t)
			if err != nil {
				t.Fatal(err)
			}
			if s.last != nil && !s.expected {
				t.Fatal("nothing is expected of the last record")
			}
			if err := s.isShown(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// scenario is one ledger of a file of scripts, after the lines that all of the file begin with.
type scenario struct {
	file, title, common, body string
}

func scenarios(t *testing.T) (list []scenario) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.Split("\n"+string(b), "\nscenario ")
		for _, part := range parts[1:] {
			title, body, _ := strings.Cut(part, "\n")
			list = append(list, scenario{strings.TrimSuffix(filepath.Base(file), ".txt"), title, parts[0], body})
		}
	}
	return list
}

// play judges a scenario's records, and holds them to its lines.
func (sc *scenario) play(t *testing.T) (*script, error) {
	s := &script{memory: newMemory()}
	common := strings.Count(sc.common, "\n")
	for i, line := range strings.Split(sc.common+"\n"+sc.body, "\n") {
		if err := s.line(t, line); err != nil {
			return nil, fmt.Errorf("line %d of %q: %s: %w", i-common, sc.title, line, err)
		}
	}
	return s, nil
}

// Every finding that a contract declares is expected of a record somewhere: in a
// script, or in a test beside them where it takes too many records to be read.
func TestScriptsFindWhatIsDeclared(t *testing.T) {
	elsewhere := map[uint32]string{
		contracts.CodeTooManyProposals: "TestSoManyProposalsAreOpen",
		contracts.CodeTooManyKeys:      "TestAnOrganisationHasSoManyKeys",
		contracts.CodeBearerForgotten:  "TestLotRemembersSoManyBirths",
		contracts.CodePrefixesLeft:     "TestPrefixesAreLookedUpToABound",
		contracts.CodeSequencesLeft:    "TestDevicesAreComparedToABound",
		2304:                           "TestACertificateChangesSoOften",
		6204:                           "TestFlatLine",
		8107:                           "TestEventOfManyLots",
		contracts.CodeHoldsUnseen:      "TestPalletOfMoreLotsThanItCountsIsFlagged",
	}
	files, err := filepath.Glob(filepath.Join("testdata", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	expected := map[string]bool{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			f := strings.Fields(line)
			if len(f) == 0 || f[0] != "expect" {
				continue
			}
			for i := 2; i+1 < len(f); i += 2 {
				expected[f[i]+" "+f[i+1]] = true
			}
		}
	}
	for _, c := range contracts.Contracts() {
		for _, f := range c.Finds {
			if name := fmt.Sprintf("%s %d", f.Severity, f.Code); !expected[name] && elsewhere[f.Code] == "" {
				t.Errorf("no script expects %s of rule %s: %s", name, c.Rule, f.Title)
			}
		}
	}
}

// Every rule has files of its own, named by its id, and in them scripts in which it is
// content and in which it is not, at its boundary, out of order, and with a correction
// afterwards. What cannot be read (A0) is no contract's: its file shows no cases.
func TestScriptsShowEveryRule(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	shared := []string{"lock", "p"} // of several rules: locks and parameters
	for _, file := range files {
		id, _, _ := strings.Cut(filepath.Base(file), "_")
		own := strings.ToUpper(id)
		if !slices.Contains(shared, id) && own != "A0" && !slices.ContainsFunc(contracts.Contracts(), func(c contracts.Contract) bool { return c.Rule == own }) {
			t.Errorf("%s is named by no rule", file)
		}
		shown[own] = true
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			f := strings.Fields(line)
			if len(f) == 0 || f[0] != "shows" || f[1] != own {
				continue
			}
			for _, c := range f[2:] {
				shown[f[1]+" "+c] = true
			}
		}
	}
	if !shown["A0"] {
		t.Error("no script is named by rule A0")
	}
	for _, c := range contracts.Contracts() {
		for _, name := range showable {
			if !shown[c.Rule+" "+name] {
				t.Errorf("no script of its own, %s_*.txt, shows rule %s: %s", strings.ToLower(c.Rule), c.Rule, name)
				shown[c.Rule+" "+name] = true // a rule of several contracts is told of once
			}
		}
	}
}

// showable are the cases of a shows line.
var showable = []string{"accepted", "found", "boundary", "order", "correction"}

// shows notes what a scenario says that it shows.
func (s *script) shows(fields []string) error {
	if !slices.ContainsFunc(contracts.Contracts(), func(c contracts.Contract) bool { return c.Rule == fields[0] }) {
		return fmt.Errorf("there is no rule %s", fields[0])
	}
	s.verdicts, s.records = nil, nil // what all scenarios of a file begin with shows nothing
	for _, name := range fields[1:] {
		if !slices.Contains(showable, name) {
			return fmt.Errorf("there is no case %s", name)
		}
		s.shown = append(s.shown, [2]string{fields[0], name})
	}
	return nil
}

// isShown holds a scenario to what it says that it shows.
func (s *script) isShown() error {
	for _, show := range s.shown {
		content, found, corrects := 0, 0, false
		var said [][]string // of the rule, on each of its records
		for i, v := range s.verdicts {
			if !judges(show[0], s.records[i].kind) {
				continue
			}
			of := func(f trace.Finding) bool { return f.Rule == show[0] && f.Severity != trace.Info }
			own := contracts.Verdict{Findings: slices.DeleteFunc(slices.Clone(v.Findings), func(f trace.Finding) bool { return !of(f) })}
			said = append(said, words(&own))
			if slices.ContainsFunc(v.Findings, of) {
				found++
			} else if !v.Rejected() {
				content++
			}
		}
		for i, r := range s.records {
			corrects = corrects || i > 0 && slices.ContainsFunc(takeBack, func(word string) bool { return bytes.Contains(r.bytes, []byte(word)) })
		}
		ok := len(s.verdicts) > 1
		switch show[1] {
		case "accepted":
			ok = content > 0
		case "found":
			ok = found > 0
		case "boundary":
			ok = found > 0 && slices.ContainsFunc(said, func(other []string) bool { return !slices.Equal(other, said[0]) })
		case "correction":
			ok = corrects
		}
		if !ok {
			return fmt.Errorf("of rule %s it does not show %s", show[0], show[1])
		}
	}
	return nil
}

// takeBack are the words of records that take something back, or say it anew: of
// events, certificates, declarations and votes, of births, dispositions and master data.
var takeBack = []string{`"errorDeclaration"`, `"revoke"`, `"reinstate"`, `"withdrawal"`, `"withdraw"`, `"wm:attests"`, `"unset"`, `"wm:MasterData"`, `"vote"`, `"revokeKey"`}

// judges reports whether a rule judges records of a kind.
func judges(rule string, kind epcis.Kind) bool {
	return slices.ContainsFunc(contracts.Contracts(), func(c contracts.Contract) bool { return c.Rule == rule && slices.Contains(c.Kinds, kind) })
}

// scripted is a record of a scenario.
type scripted struct {
	kind  epcis.Kind
	bytes []byte
}

type script struct {
	*memory
	shown    [][2]string
	verdicts []*contracts.Verdict
	records  []scripted
	lets     [][2]string
	rules    []string
	last     *contracts.Verdict
	record   []byte
	kind     epcis.Kind
	expected bool
}

func (s *script) line(t *testing.T, line string) error {
	line = strings.TrimSpace(line)
	if line == "" || strings.HasPrefix(line, "#") {
		return nil
	}
	for _, let := range s.lets {
		line = strings.ReplaceAll(line, let[0], let[1])
	}
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "ruleset":
		for _, r := range contracts.Rulesets() {
			if r.Name() == rest {
				s.ruleset = r
			}
		}
		if s.ruleset.Name() != rest {
			return fmt.Errorf("there is no such ruleset")
		}
	case "rules":
		s.rules = strings.Fields(rest)
	case "let":
		name, value, _ := strings.Cut(rest, " ")
		s.lets = append(s.lets, [2]string{name, value})
	case "member":
		return s.member(rest)
	case "time":
		at, err := epcis.ParseInstant(rest)
		s.time = at
		return err
	case "signs":
		name, text, _ := strings.Cut(rest, " ")
		_, key, err := identity.ParsePublicKey(text)
		s.keys[name] = key
		return err
	case "parameter":
		return s.parameter(rest)
	case "calibrated":
		s.calibrate(strings.Fields(rest)...)
	case "expect":
		return s.expect(rest)
	case "first":
		if s.last.FirstSeq == nil || fmt.Sprint(*s.last.FirstSeq) != rest {
			return fmt.Errorf("first receipt is %v", s.last.FirstSeq)
		}
	case "item":
		return s.item(rest)
	case "standing":
		return s.standing(rest)
	case "validators":
		return s.validators(rest)
	case "proposal":
		return s.proposal(rest)
	case "judges":
		return s.judges(rest)
	case "in", "on", "holds", "owner", "lock", "unlock", "locks":
		return s.bonds(word, strings.Fields(rest))

	case "shows":
		return s.shows(strings.Fields(rest))
	case "rests":
		return s.rests(rest)
	case "names":
		return s.names(strings.Fields(rest))
	case "holder", "transit", "locked", "free":
		return s.held(word, rest)
	case "transfer":
		return s.transfer(rest)
	case "case":
		return s.openCase(rest)
	case "balance":
		return s.balance(rest)
	case "overdrawn":
		return s.overdrawn(rest)
	case "disputed":
		return s.disputed(rest)
	case "status":
		return s.status(rest)
	case "declared":
		return s.declared(rest)
	case "answered":
		return s.answered(strings.Fields(rest))
	default:
		if s.last != nil && !s.expected {
			return fmt.Errorf("nothing is expected of the record before")
		}
		return s.write(t, word, rest)
	}
	return nil
}

func (s *script) member(rest string) error {
	fields := strings.Fields(rest)
	o := identity.Organisation{Name: fields[0]}
	for _, r := range strings.Split(fields[1], ",") {
		o.Roles = append(o.Roles, identity.Role(r))
	}
	status, key, power := identity.Active, identity.Active, uint64(0)
	for _, f := range fields[2:] {
		name, value, _ := strings.Cut(f, "=")
		switch name {
		case "prefix":
			o.Prefixes = append(o.Prefixes, value)
		case "scheme":
			o.Schemes = append(o.Schemes, value)
		case "status":
			status = identity.Status(value)
		case "key":
			key = identity.Status(value)
		case "power":
			n, err := strconv.ParseUint(value, 10, 64)
			if err != nil {
				return err
			}
			power = n
		default:
			return fmt.Errorf("no such option: %s", f)
		}
	}
	o.ID = "https://example.org/party/" + o.Name
	if len(o.Prefixes) > 0 {
		o.ID = partyID(o.Prefixes[0])
	}
	s.admit(o.Name, o, status, key)
	if power > 0 {
		share := contracts.ValidatorShare{Key: sha256.Sum256([]byte(o.Name)), Power: power, Organisation: o.ID}
		s.founding.Validators = append(s.founding.Validators, share)
		slices.SortFunc(s.founding.Validators, func(a, b contracts.ValidatorShare) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	}
	return nil
}

func (s *script) parameter(rest string) error {
	p := identity.DefaultParameters()
	if b := s.states[trace.ParametersKey()]; b != nil {
		var err error
		if p, err = identity.DecodeParameters(b); err != nil {
			return err
		}
	}
	name, value, _ := strings.Cut(rest, "=")
	if err := p.Set(name, value); err != nil {
		return err
	}
	s.states[trace.ParametersKey()] = p.Encode()
	return p.Validate()
}

func (s *script) write(t *testing.T, member, rest string) error {
	kind, body, _ := strings.Cut(rest, " ")
	if err := s.compose(kind, body); err != nil {
		return err
	}
	s.last, s.expected = s.judge(t, member, s.kind, s.record), false
	s.verdicts, s.records = append(s.verdicts, s.last), append(s.records, scripted{s.kind, s.record})
	if r, err := epcis.Decode(s.kind, s.record); err == nil && r.Event != nil {
		if missing, err := s.untoldReasons(r, s.last); err != nil || len(missing) > 0 {
			return fmt.Errorf("no journey tells of %v (%v)", missing, err)
		}
	}
	return nil
}

// compose makes the record of a line.
func (s *script) compose(kind, body string) error {
	switch kind {
	case "again":
	case "malformed":
		s.kind, s.record = epcis.KindEvent, []byte(body)
	case "event", "certificate", "masterdata", "customs", "acknowledgement", "governance":
		var fields map[string]any
		d := json.NewDecoder(bytes.NewReader([]byte(body)))
		d.UseNumber()
		if err := d.Decode(&fields); err != nil {
			return err
		}
		fields["@context"] = []any{epcis.ContextURL, map[string]string{"wm": epcis.Vocabulary, "cbvmda": "urn:epcglobal:cbv:mda:"}}
		standard := map[string]string{}
		switch kind {
		case "event":
			s.kind = epcis.KindEvent
			standard = map[string]string{"type": "ObjectEvent", "action": "OBSERVE", "eventTime": s.time.String(), "eventTimeZoneOffset": "+00:00"}
			if fields["type"] == "TransformationEvent" {
				delete(standard, "action")
			}
		case "certificate":
			s.kind = epcis.KindCertificate
			standard["type"] = "wm:Certificate"
		case "masterdata":
			s.kind = epcis.KindMasterData
			standard["type"] = "wm:MasterData"
		case "customs":
			s.kind = epcis.KindCustoms
			standard = map[string]string{"type": "wm:CustomsDeclaration", "eventTime": s.time.String()}
		case "acknowledgement":
			s.kind = epcis.KindAcknowledgement
			standard = map[string]string{"type": "wm:Acknowledgement", "eventTime": s.time.String(), "matter": "recall", "measure": "quarantined"}
		case "governance":
			s.kind = epcis.KindGovernance
			standard["type"] = "wm:Governance"
		}
		for name, value := range standard {
			if _, ok := fields[name]; !ok {
				fields[name] = value
			}
		}
		b, err := json.Marshal(fields)
		if err != nil {
			return err
		}
		s.record = b
	default:
		return fmt.Errorf("no such line")
	}
	return nil
}

func (s *script) expect(rest string) error {
	s.expected = true
	fields := strings.Fields(rest)
	if refused := fields[0] == "refused"; refused != s.last.Rejected() {
		return fmt.Errorf("it is not %s: %+v", fields[0], s.last.Findings)
	}
	var want []string
	for i := 1; i+1 < len(fields); i += 2 {
		want = append(want, fields[i]+" "+fields[i+1])
	}
	own := *s.last
	own.Findings = slices.DeleteFunc(slices.Clone(own.Findings), func(f trace.Finding) bool { return !slices.Contains(s.rules, f.Rule) })
	if got := words(&own); !slices.Equal(got, want) {
		return fmt.Errorf("findings are %v: %+v", got, s.last.Findings)
	}
	for _, f := range s.last.Findings {
		if f.Title == "" || f.Rule == "" || f.Version == 0 || f.Severity != trace.Info && f.Next == "" {
			return fmt.Errorf("a finding says too little: %+v", f)
		}
	}
	return nil
}

func (s *script) names(fields []string) error {
	for _, f := range s.last.Findings {
		if fmt.Sprint(f.Code) != fields[0] {
			continue
		}
		var got []string
		for _, x := range f.Facts {
			got = append(got, x.Name)
		}
		if slices.Sort(got); strings.Join(got, " ") != strings.Join(fields[1:], " ") {
			return fmt.Errorf("its facts are of %v", got)
		}
		return nil
	}
	return fmt.Errorf("there is no such finding: %+v", s.last.Findings)
}

func (s *script) item(rest string) error {
	fields := strings.Fields(rest)
	b := s.states[trace.Key{NS: trace.NSItem, ID: epcis.Canonical(fields[0]).URI}]
	if fields[1] == "unknown" {
		if b != nil {
			return fmt.Errorf("it has a state")
		}
		return nil
	}
	state, err := contracts.ReadItem(b)
	if err != nil {
		return err
	}
	if string(state.Condition) != fields[1] {
		return fmt.Errorf("it is %s", state.Condition)
	}
	if len(fields) > 2 && "lot="+state.Lot != fields[2] {
		return fmt.Errorf("its lot is %s", state.Lot)
	}
	return nil
}

func (s *script) standing(rest string) error {
	id, want, _ := strings.Cut(rest, " ")
	if o, ok := s.members[id]; ok {
		id = o.ID
	}
	state, err := identity.DecodeOrganisationState(s.states[trace.Key{NS: trace.NSOrganisation, ID: id}])
	if err != nil {
		return err
	}
	if got := state.Intervals[len(state.Intervals)-1].Value.Status; string(got) != want {
		return fmt.Errorf("%s is %s", id, got)
	}
	return nil
}

func (s *script) validators(rest string) error {
	state := contracts.ValidatorsState{Validators: s.founding.Validators}
	if b := s.states[contracts.ValidatorsKey()]; b != nil {
		if err := identity.UnmarshalStrict(b, &state); err != nil {
			return err
		}
	}
	power := uint64(0)
	for _, v := range state.Validators {
		power += v.Power
	}
	if got := fmt.Sprintf("%d %d", len(state.Validators), power); got != rest {
		return fmt.Errorf("there are %s", got)
	}
	return nil
}

func (s *script) proposal(rest string) error {
	id, want, _ := strings.Cut(rest, " ")
	var state contracts.ProposalState
	if err := identity.UnmarshalStrict(s.states[trace.Key{NS: trace.NSGovernance, ID: id}], &state); err != nil {
		return err
	}
	if got := state.At(s.time.Seconds); string(got) != want {
		return fmt.Errorf("it is %s", got)
	}
	return nil
}

func (s *script) judges(rest string) error {
	height, want, _ := strings.Cut(rest, " ")
	at, err := strconv.ParseUint(height, 10, 64)
	if err != nil {
		return err
	}
	var state contracts.RulesetState
	if err := identity.UnmarshalStrict(s.states[contracts.RulesetKey()], &state); err != nil {
		return err
	}
	if a, ok := state.At(at); !ok || a.Name != want {
		return fmt.Errorf("it is %q", a.Name)
	}
	return nil
}

func (s *script) status(rest string) error {
	id, want, _ := strings.Cut(rest, " ")
	var state trace.CertificateState
	if err := identity.UnmarshalStrict(s.states[trace.Key{NS: trace.NSCertificate, ID: epcis.Canonical(id).URI}], &state); err != nil {
		return err
	}
	if got := state.Intervals[len(state.Intervals)-1].Status; got != want {
		return fmt.Errorf("it is %s", got)
	}
	return nil
}

// declared: the declaration's status, then each of its goods that stands otherwise.
func (s *script) declared(rest string) error {
	f := strings.Fields(rest)
	state := contracts.DeclarationState{Status: "none"}
	if b := s.states[trace.Key{NS: trace.NSTransaction, ID: epcis.Canonical(f[0]).URI}]; b != nil {
		if err := identity.UnmarshalStrict(b, &state); err != nil {
			return err
		}
	}
	want := f[1]
	for _, part := range f[2:] {
		id, status, _ := strings.Cut(part, "=")
		want += " " + epcis.Canonical(id).URI + "=" + status
	}
	got, goods := string(state.Status), append(slices.Clone(state.Goods), state.Lots...)
	for _, p := range state.Apart {
		for _, place := range p.Goods {
			got += " " + goods[place] + "=" + string(p.Status)
		}
	}
	if got != want {
		return fmt.Errorf("it is %s", got)
	}
	return nil
}

func (s *script) answered(f []string) error {
	var state contracts.AnswerState
	key := trace.Key{NS: trace.NSAcknowledged, ID: f[0] + "|" + s.members[f[1]].ID}
	if err := identity.UnmarshalStrict(s.states[key], &state); err != nil {
		return err
	}
	if state.Measure != f[2] {
		return fmt.Errorf("it is %s", state.Measure)
	}
	return nil
}

func (s *script) overdrawn(rest string) error {
	id, want, _ := strings.Cut(rest, " ")
	var a contracts.Account
	if err := identity.UnmarshalStrict(s.states[trace.Key{NS: trace.NSBalance, ID: id}], &a); err != nil {
		return err
	}
	var got []string
	if a.Overdrawn != nil {
		got = append(got, fmt.Sprint(a.Overdrawn.By.Seq))
	}
	for _, o := range a.OverdrawnAgain {
		got = append(got, fmt.Sprint(o.By.Seq))
	}
	if strings.Join(got, " ") != want {
		return fmt.Errorf("it is by %s", got)
	}
	return nil
}

func (s *script) balance(rest string) error {
	id, want, _ := strings.Cut(rest, " ")
	b := s.states[trace.Key{NS: trace.NSBalance, ID: id}]
	if b == nil {
		if want == "unknown" {
			return nil
		}
		return fmt.Errorf("no such account")
	}
	var a contracts.Account
	if err := identity.UnmarshalStrict(b, &a); err != nil {
		return err
	}
	got := "unit=" + a.Unit
	for _, sum := range []struct {
		name   string
		amount epcis.Decimal
	}{
		{"in", a.In}, {"out", a.Out}, {"received", a.Received}, {"accepted", a.Accepted}, {"shipped", a.Shipped},
		{"voided", a.Voided}, {"taken", a.Taken}, {"packed", a.Packed}, {"unpacked", a.Unpacked},
	} {
		if !sum.amount.IsZero() {
			got += " " + sum.name + "=" + sum.amount.String()
		}
	}
	if a.Lock != nil {
		got += " locked"
	}
	if a.Closed != nil {
		got += " closed"
	}
	if got != want {
		return fmt.Errorf("it is %s", got)
	}
	return nil
}
