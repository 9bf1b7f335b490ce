package contracts_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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
//	let $NAME VALUE                      text that stands for other text below
//	member NAME ROLE,… [prefix=P] [scheme=S] [status=suspended] [key=revoked]
//	time INSTANT                         block time from here on
//	NAME event|certificate|masterdata {JSON}   a record, judged; an event gets what it
//	                                     leaves out: type ObjectEvent, action OBSERVE,
//	                                     eventTime the block time
//	NAME again                           the last record, byte for byte
//	NAME malformed TEXT                  bytes that are no record
//	expect accepted|refused [SEVERITY CODE]…   exactly these findings of the last record
//	first SEQ                            the last record's first receipt
//	item URI CONDITION [lot=URI]         the state of an item; CONDITION unknown: none
//	rests SEQ                            a fact of the last record's findings names that record
//	holder URI ORGANISATION|nobody       who holds an item
//	transit URI SEQ|none                 the transfer in which an item is on its way
//	locked URI|free URI                  whether an item has locks
//	transfer SEQ open|done [items=N] [CLASS=AMOUNT]   what is left of a transfer; SEQ none: there is none
//	case ID open|overdue|closed|none [CLASS] [owner=ORGANISATION] [how=RESOLUTION]   a case at block time
func TestScripts(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		parts := strings.Split("\n"+string(b), "\nscenario ")
		common := strings.Count(parts[0], "\n")
		for _, part := range parts[1:] {
			title, body, _ := strings.Cut(part, "\n")
			t.Run(name+"/"+title, func(t *testing.T) {
				s := &script{memory: newMemory()}
				for i, line := range strings.Split(parts[0]+"\n"+body, "\n") {
					if err := s.line(t, line); err != nil {
						t.Fatalf("line %d of %q: %s: %v", i-common, title, line, err)
					}
				}
				if s.last != nil && !s.expected {
					t.Fatal("nothing is expected of the last record")
				}
			})
		}
	}
}

type script struct {
	*memory
	lets     [][2]string
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
	case "let":
		name, value, _ := strings.Cut(rest, " ")
		s.lets = append(s.lets, [2]string{name, value})
	case "member":
		return s.member(rest)
	case "time":
		at, err := epcis.ParseInstant(rest)
		s.time = at
		return err
	case "expect":
		return s.expect(rest)
	case "first":
		if s.last.FirstSeq == nil || fmt.Sprint(*s.last.FirstSeq) != rest {
			return fmt.Errorf("first receipt is %v", s.last.FirstSeq)
		}
	case "item":
		return s.item(rest)
	case "rests":
		return s.rests(rest)
	case "holder", "transit", "locked", "free":
		return s.held(word, rest)
	case "transfer":
		return s.transfer(rest)
	case "case":
		return s.openCase(rest)
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
	status, key := identity.Active, identity.Active
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
		default:
			return fmt.Errorf("no such option: %s", f)
		}
	}
	o.ID = "https://example.org/party/" + o.Name
	if len(o.Prefixes) > 0 {
		o.ID = partyID(o.Prefixes[0])
	}
	s.admit(o.Name, o, status, key)
	return nil
}

func (s *script) write(t *testing.T, member, rest string) error {
	kind, body, _ := strings.Cut(rest, " ")
	switch kind {
	case "again":
	case "malformed":
		s.kind, s.record = epcis.KindEvent, []byte(body)
	case "event", "certificate", "masterdata":
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
	s.last, s.expected = s.judge(t, member, s.kind, s.record), false
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
	if got := words(s.last); !slices.Equal(got, want) {
		return fmt.Errorf("findings are %v: %+v", got, s.last.Findings)
	}
	for _, f := range s.last.Findings {
		if f.Title == "" || f.Rule == "" || f.Version == 0 || f.Severity != trace.Info && f.Next == "" {
			return fmt.Errorf("a finding says too little: %+v", f)
		}
	}
	return nil
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
	var state contracts.ItemState
	if err := identity.UnmarshalStrict(b, &state); err != nil {
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
