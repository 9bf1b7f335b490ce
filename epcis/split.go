package epcis

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// EPCISDocument is a submitted document taken apart into records that stand alone.
type EPCISDocument struct {
	Type       string   // EPCISDocument, EPCISQueryDocument, or the type of a bare event
	Events     [][]byte // records of KindEvent, in the document's order
	MasterData [][]byte // records of KindMasterData, in the document's order
}

// Split takes an EPCIS document, an EPCIS query document or a bare event apart
// into self-contained records, ready to be signed. It checks everything: strict
// JSON, the ratified JSON schema of EPCIS 2.0, and that each record decodes. An
// error is an *[InvalidError] with pointers into body.
//
// An event keeps its bytes as they were written but for three things. Its
// context: the document's entries and then its own, identical ones once, become
// its "@context". Its recordTime, which only a ledger can give, is removed. An
// event without eventID gets ni:///sha-256;<hex>, the record hash ([RecordID])
// of the event so far; one that declares such an event wrong, and repeats it but for
// the errorDeclaration (EPCIS 2.0, section 7.4.1.4), gets the same.
//
// Each element of the master data in an epcisHeader (or in the results of a
// query) becomes a record of [MasterData]. What else a document says of itself
// (sender, receiver, instanceIdentifier, extensions beside the events) becomes
// the attributes of one more, with the vocabulary [VocabularyDocument]; a
// document with none of these needs no such record, since its schemaVersion,
// creationDate, id and query name describe only the transport. A member that
// has no place in any of these records is refused, never dropped.
func Split(body []byte) (*EPCISDocument, error) {
	root, err := ParseJSON(body)
	if err != nil {
		var fault *SyntaxError
		if errors.As(err, &fault) {
			return nil, invalid([]Problem{fault.problem("")})
		}
		return nil, err
	}
	problems := strictness(root)
	if len(problems) == 0 {
		if problems, err = validate(root); err != nil {
			return nil, err
		}
	}
	if len(problems) > 0 {
		return nil, invalid(problems)
	}
	s := splitter{body: body, root: root}
	doc := s.split()
	if len(s.problems) > 0 {
		return nil, invalid(s.problems)
	}
	return doc, nil
}

// RecordID is the eventID that Split gives an event without one: its record
// hash (the leaf hash of RFC 6962, section 2.1) in the form of RFC 6920, in
// hexadecimal.
func RecordID(record []byte) string {
	h := sha256.New()
	h.Write([]byte{0})
	h.Write(record)
	return "ni:///sha-256;" + hex.EncodeToString(h.Sum(nil))
}

func (e *SyntaxError) problem(prefix string) Problem {
	return Problem{Pointer: prefix + e.Pointer, Reason: e.Sentence()}
}

// Sentence is the reason as a sentence of its own.
func (e *SyntaxError) Sentence() string { return sentence(e.Reason) }

// sentence is a syntax error's reason as a sentence of its own. Some tell what
// the text does ("ends inside an object"), the others what is expected.
func sentence(reason string) string {
	switch first, _, _ := strings.Cut(reason, " "); first {
	case "a", "an", "the", "something":
		return strings.ToUpper(reason[:1]) + reason[1:] + "."
	}
	return "This " + reason + "."
}

// splitter is the state of one Split.
type splitter struct {
	body     []byte
	root     *Value
	whole    bool    // a document, not a bare event
	context  context // of the document
	problems []Problem
}

func (s *splitter) refuse(pointer, format string, args ...any) {
	s.problems = append(s.problems, Problem{Pointer: pointer, Reason: fmt.Sprintf(format, args...)})
}

func (s *splitter) split() *EPCISDocument {
	doc := &EPCISDocument{Type: s.root.Obj.Get("type").Str}
	switch doc.Type {
	case "EPCISDocument":
		if s.readContext(s.root, "") {
			s.document(doc)
		}
	case "EPCISQueryDocument":
		if s.readContext(s.root, "") {
			s.queryDocument(doc)
		}
	default:
		s.event(doc, s.root, "")
	}
	return doc
}

func (s *splitter) readContext(v *Value, pointer string) bool {
	ctx, fault := newContext(v.Obj.Get("@context"), nil)
	if fault != nil {
		s.problems = append(s.problems, fault.problem(pointer+"/@context"))
		return false
	}
	s.whole, s.context = true, ctx
	return true
}

func (s *splitter) document(doc *EPCISDocument) {
	about := s.about(s.root, "", "@context", "type", "epcisHeader", "epcisBody")
	if header := s.root.Obj.Get("epcisHeader"); header != nil {
		about = append(about, s.about(header, "/epcisHeader", "epcisMasterData")...)
		if data := header.Obj.Get("epcisMasterData"); data != nil {
			about = append(about, s.about(data, "/epcisHeader/epcisMasterData", "vocabularyList")...)
			s.masterData(doc, data.Obj.Get("vocabularyList"), "/epcisHeader/epcisMasterData/vocabularyList")
		}
	}
	body := s.root.Obj.Get("epcisBody")
	about = append(about, s.about(body, "/epcisBody", "eventList")...)
	s.events(doc, body, "/epcisBody")
	s.documentRecord(doc, about)
}

func (s *splitter) queryDocument(doc *EPCISDocument) {
	body := s.root.Obj.Get("epcisBody")
	results := body.Obj.Get("queryResults")
	found := results.Obj.Get("resultsBody")
	about := s.about(s.root, "", "@context", "type", "epcisBody")
	about = append(about, s.about(body, "/epcisBody", "queryResults")...)
	about = append(about, s.about(results, "/epcisBody/queryResults", "resultsBody")...)
	const pointer = "/epcisBody/queryResults/resultsBody"
	about = append(about, s.about(found, pointer, "eventList", "vocabularyList")...)
	s.masterData(doc, found.Obj.Get("vocabularyList"), pointer+"/vocabularyList")
	s.events(doc, found, pointer)
	s.documentRecord(doc, about)
}

func (s *splitter) events(doc *EPCISDocument, holder *Value, pointer string) {
	for i, v := range holder.Obj.Get("eventList").Items {
		s.event(doc, v, pointer+"/eventList"+pointerIndex(i))
	}
}

// event makes a record of an event and checks that it decodes.
func (s *splitter) event(doc *EPCISDocument, v *Value, pointer string) {
	own := v.Obj.Get("@context")
	contextPointer := "/@context"
	if own != nil {
		contextPointer = pointer + "/@context"
		if _, fault := newContext(own, nil); fault != nil {
			s.problems = append(s.problems, fault.problem(contextPointer))
			return
		}
	}
	record := s.selfContained(v, own)
	if len(record) > MaxRecordBytes {
		s.problems = append(s.problems, tooLong(pointer))
		return
	}
	if _, err := Decode(KindEvent, record); err != nil {
		var fault *SyntaxError
		if !errors.As(err, &fault) {
			s.refuse(pointer, "%v", err)
			return
		}
		if strings.HasPrefix(fault.Pointer, "/@context") {
			fault.Pointer = ""
			s.problems = append(s.problems, fault.problem(contextPointer))
			return
		}
		s.problems = append(s.problems, fault.problem(pointer))
		return
	}
	doc.Events = append(doc.Events, record)
}

// selfContained returns the event's bytes with its context, without
// recordTime, and with an eventID.
func (s *splitter) selfContained(v, own *Value) []byte {
	c := cutter{src: s.body, at: v.Start}
	out := make([]byte, 0, v.End-v.Start+256)
	switch {
	case !s.whole: // a bare event: its context is its own
	case own == nil:
		c.insert(&out, v.Start+1, `"@context":`+string(s.contexts(nil))+`,`)
	}
	recordTime := v.Obj.Get("recordTime")
	for i := range v.Obj.Members {
		member := v.Obj.Members[i].Value
		switch {
		case member == own && s.whole:
			c.replace(&out, own.Start, own.End, string(s.contexts(own)))
		case member == recordTime:
			from, to := memberSpan(s.body, v, i)
			c.replace(&out, from, to, "")
		}
	}
	out = append(out, s.body[c.at:v.End]...)
	if v.Obj.Get("eventID") == nil {
		named := out
		if v.Obj.Get("errorDeclaration") != nil {
			named = undeclared(out)
		}
		out = append([]byte(`{"eventID":"`+RecordID(named)+`",`), out[1:]...)
	}
	return out
}

// undeclared is an event without its errorDeclaration: the one that it declares wrong.
func undeclared(event []byte) []byte {
	v, err := ParseJSON(event)
	if err != nil {
		return event
	}
	for i := range v.Obj.Members {
		if v.Obj.Members[i].Name == "errorDeclaration" {
			from, to := memberSpan(event, v, i)
			return slices.Concat(event[:from], event[to:])
		}
	}
	return event
}

// contexts writes the document's entries, then the event's own, identical ones
// once.
func (s *splitter) contexts(own *Value) []byte {
	entries := s.context.entries
	if own != nil {
		entries = slices.Clone(entries)
		list := []*Value{own}
		if own.Kind == Array {
			list = own.Items
		}
		for _, entry := range list {
			entries = saidOnce(entries, entry)
		}
	}
	out := []byte{'['}
	for i, entry := range entries {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, s.body[entry.Start:entry.End]...)
	}
	return append(out, ']')
}

// saidOnce is the list with an entry that comes behind it. One that stands there already
// stays where it is, or goes behind what may have given its terms another meaning: the
// last word on each term is the same, and the schema wants the entries unique.
func saidOnce(entries []*Value, entry *Value) []*Value {
	for i, earlier := range entries {
		if differ(earlier, entry, "") != "" {
			continue
		}
		if slices.ContainsFunc(entries[i+1:], func(later *Value) bool { return overrides(later, entry) }) {
			entries = append(slices.Delete(entries, i, i+1), entry)
		}
		return entries
	}
	return append(entries, entry)
}

// overrides reports whether the later context may redefine a term of the
// earlier one. The EPCIS context is protected: nothing redefines its terms, and
// its terms are refused elsewhere. Of another URL nobody knows.
func overrides(later, earlier *Value) bool {
	if isEPCIS(later) || isEPCIS(earlier) {
		return false
	}
	if later.Kind == String || earlier.Kind == String {
		return true
	}
	for i := range earlier.Obj.Members {
		if later.Obj.Get(earlier.Obj.Members[i].Name) != nil {
			return true
		}
	}
	return false
}

func isEPCIS(entry *Value) bool { return entry.Kind == String && isEPCISContext(entry.Str) }

// memberSpan is what to cut from an object so that member i is gone and the
// rest is still JSON: the member and one of the commas beside it.
func memberSpan(src []byte, v *Value, i int) (from, to int) {
	members := v.Obj.Members
	end := members[i].Value.End
	if i > 0 {
		return members[i-1].Value.End, end
	}
	from = skipSpace(src, v.Start+1)
	if len(members) == 1 {
		return from, end
	}
	return from, skipSpace(src, skipSpace(src, end)+1)
}

func skipSpace(src []byte, i int) int {
	for i < len(src) && (src[i] == ' ' || src[i] == '\n' || src[i] == '\t' || src[i] == '\r') {
		i++
	}
	return i
}

// cutter copies src from at on, with parts of it replaced, in order.
type cutter struct {
	src []byte
	at  int
}

func (c *cutter) insert(out *[]byte, at int, text string) { c.replace(out, at, at, text) }

func (c *cutter) replace(out *[]byte, from, to int, text string) {
	*out = append(*out, c.src[c.at:from]...)
	*out = append(*out, text...)
	c.at = to
}
