package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"sort"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// eventQuery is a SimpleEventQuery (EPCIS 2.0, section 8.2.7.1): values of one
// parameter are alternatives, parameters must all hold.
type eventQuery struct {
	types        []epcis.EventType
	bizSteps     []string // expanded
	anyEPC       []string // canonical
	patterns     []epcis.Pattern
	transactions []transactionTerm
	eventTime    span
	recordTime   span
	perPage      int
	token        *pageToken
	print        string // fingerprint of everything but the paging
}

// transactionTerm is EQ_bizTransaction_{type}: a document of that type with
// one of these ids.
type transactionTerm struct {
	typ string // expanded, "" for any
	ids []string
}

// span is from from (inclusive) to to (exclusive); nil does not bound.
type span struct{ from, to *epcis.Instant }

func (s span) holds(t epcis.Instant) bool {
	return (s.from == nil || !t.Before(*s.from)) && (s.to == nil || t.Before(*s.to))
}

// pageToken says where the next page starts. The first page fixes the size of
// the log, so that later pages neither repeat nor chase what arrives meanwhile.
type pageToken struct {
	From  uint64 `json:"f"`
	Size  uint64 `json:"s"`
	Print string `json:"q"`
}

const (
	transactionParameter = "EQ_bizTransaction_"
	maxListValues        = 100
)

// parseQuery reads the parameters. One that is not known is an error: an
// answer that ignored it would say more than was asked for.
func parseQuery(values url.Values, maxPerPage int) (*eventQuery, error) {
	q := &eventQuery{perPage: min(defaultPerPage, maxPerPage)}
	var canonical []string
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if err := q.parameter(name, values[name], maxPerPage); err != nil {
			return nil, err
		}
		if name != "perPage" && name != "nextPageToken" {
			canonical = append(canonical, name+"="+strings.Join(values[name], "\x00"))
		}
	}
	sum := sha256.Sum256([]byte(strings.Join(canonical, "\x01")))
	q.print = base64.RawURLEncoding.EncodeToString(sum[:9])
	if q.token != nil && q.token.Print != q.print {
		return nil, fail(reasonQueryParameter, "nextPageToken belongs to another query")
	}
	return q, nil
}

// takingOne are the parameters that are no lists.
var takingOne = []string{"GE_eventTime", "LT_eventTime", "GE_recordTime", "LT_recordTime", "perPage", "nextPageToken"}

func (q *eventQuery) parameter(name string, values []string, maxPerPage int) error {
	if slices.Contains(takingOne, name) {
		if _, err := oneValue(name, values); err != nil {
			return err
		}
	}
	if rest, ok := strings.CutPrefix(name, transactionParameter); ok {
		return q.transactionParameter(name, rest, values)
	}
	switch name {
	case "MATCH_anyEPC":
		return q.epcParameter(name, values)
	case "eventType":
		list, err := listValues(name, values)
		if err != nil {
			return err
		}
		for _, v := range list {
			switch t := epcis.EventType(v); t {
			case epcis.ObjectEvent, epcis.AggregationEvent, epcis.TransactionEvent, epcis.TransformationEvent, epcis.AssociationEvent:
				q.types = append(q.types, t)
			default:
				return fail(reasonQueryParameter, "eventType is %q, which is no event type of EPCIS 2.0", v)
			}
		}
		return nil
	case "EQ_bizStep":
		list, err := listValues(name, values)
		if err != nil {
			return err
		}
		for _, v := range list {
			q.bizSteps = append(q.bizSteps, epcis.ExpandVocabulary(epcis.FieldBizStep, v))
		}
		return nil
	case "GE_eventTime", "LT_eventTime", "GE_recordTime", "LT_recordTime":
		return q.timeParameter(name, values)
	case "perPage":
		n, err := pageSize(name, single(values), maxPerPage)
		if err != nil {
			return err
		}
		q.perPage = n
		return nil
	case "nextPageToken":
		q.token = new(pageToken)
		return decodeToken(name, single(values), q.token)
	}
	return fail(reasonQueryParameter, "this node knows no parameter %q", name)
}

func (q *eventQuery) epcParameter(name string, values []string) error {
	list, err := uris(name, values)
	for _, v := range list {
		if !epcis.IsPattern(v) {
			q.anyEPC = append(q.anyEPC, epcis.Canonical(v).URI)
			continue
		}
		p, err := epcis.ParsePattern(v)
		if err != nil {
			f := fail(reasonQueryParameter, "%s: %s is no EPC pattern: %v", name, v, err)
			f.next = "Every serial number of a product is urn:epc:idpat:sgtin:PREFIX.ITEM.*, every product of a company urn:epc:idpat:sgtin:PREFIX.*.*"
			return f
		}
		q.patterns = append(q.patterns, p)
	}
	return err
}

func (q *eventQuery) transactionParameter(name, typ string, values []string) error {
	if typ == "" {
		return fail(reasonQueryParameter, "%s lacks the type of the document", name)
	}
	ids, err := uris(name, values)
	if err != nil {
		return err
	}
	for i, v := range ids {
		if epcis.IsPattern(v) {
			return fail(reasonQueryParameter, "%s is a pattern, and documents are matched by whole identifiers", name)
		}
		ids[i] = epcis.Canonical(v).URI
	}
	q.transactions = append(q.transactions, transactionTerm{typ: epcis.ExpandVocabulary(epcis.FieldTransactionType, typ), ids: ids})
	return nil
}

func (q *eventQuery) timeParameter(name string, values []string) error {
	t, err := instantParameter(name, single(values))
	if err != nil {
		return err
	}
	switch name {
	case "GE_eventTime":
		q.eventTime.from = t
	case "LT_eventTime":
		q.eventTime.to = t
	case "GE_recordTime":
		q.recordTime.from = t
	default:
		q.recordTime.to = t
	}
	return nil
}

// oneValue is the value of a parameter that takes one.
func oneValue(name string, values []string) (string, error) {
	if len(values) != 1 {
		return "", fail(reasonQueryParameter, "%s is given %d times, and takes one value", name, len(values))
	}
	return values[0], nil
}

// single is the value of a parameter that [oneValue] has seen.
func single(values []string) string {
	if len(values) != 1 {
		return ""
	}
	return values[0]
}

// listValues takes a list as repeated parameters or separated by commas. One
// without values would ask for everything, which nobody means who wrote it.
func listValues(name string, values []string) ([]string, error) {
	var out []string
	for _, v := range values {
		for _, part := range strings.Split(v, ",") {
			if part != "" {
				out = append(out, part)
			}
		}
	}
	if len(out) == 0 {
		return nil, emptyParameter(name)
	}
	return out, nil
}

// uris takes a list of URIs. A comma may stand in a serial number, so it
// separates only where another URI begins.
func uris(name string, values []string) ([]string, error) {
	var out []string
	for _, v := range values {
		start := 0
		for i := range len(v) {
			if v[i] == ',' && startsURI(v[i+1:]) {
				out = append(out, v[start:i])
				start = i + 1
			}
		}
		out = append(out, v[start:])
	}
	if slices.Contains(out, "") {
		return nil, emptyParameter(name)
	}
	if len(out) > maxListValues {
		return nil, fail(reasonQueryParameter, "%s has %d values, the limit is %d", name, len(out), maxListValues)
	}
	return out, nil
}

func startsURI(s string) bool {
	return strings.HasPrefix(s, "urn:") || strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}

// eventPage is one page of answers.
type eventPage struct {
	records []*trace.Recorded
	more    bool
	next    uint64 // seq from which the next page reads
	size    uint64
}

func (p *eventPage) token(q *eventQuery) (string, error) {
	return encodeToken(pageToken{From: p.next, Size: p.size, Print: q.print})
}

// run reads one page. It stops after budget records read, so a query that
// matches little still answers, with a short page and a link to go on.
func (q *eventQuery) run(ctx context.Context, s Snapshot, budget int) (*eventPage, error) {
	p := &eventPage{size: s.Roots().LogSize}
	from := uint64(0)
	if q.token != nil {
		p.size, from = min(q.token.Size, p.size), q.token.From
	}
	to := p.size
	var err error
	if q.recordTime.from != nil {
		if from, err = firstAt(s, from, to, *q.recordTime.from); err != nil {
			return nil, err
		}
	}
	if q.recordTime.to != nil {
		if to, err = firstAt(s, from, to, *q.recordTime.to); err != nil {
			return nil, err
		}
	}
	candidates := q.candidates(s, from, to)
	for range budget {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("query events: %w", err)
		}
		seq, ok, err := candidates()
		if err != nil || !ok {
			return p, err
		}
		p.next = seq
		r, err := s.Record(seq)
		if err != nil {
			return nil, fmt.Errorf("read record %d: %w", seq, err)
		}
		if !q.matches(r) {
			continue
		}
		if len(p.records) == q.perPage { // there is a next page, and it begins here
			p.more = true
			return p, nil
		}
		p.records = append(p.records, r)
	}
	p.next++
	p.more = p.next < to
	return p, nil
}

// firstAt is the first seq in [from, to) recorded at or after t. Block time
// never falls, so it is found by halving.
func firstAt(s Snapshot, from, to uint64, t epcis.Instant) (uint64, error) {
	for from < to {
		middle := from + (to-from)/2
		e, err := s.Entry(middle)
		if err != nil {
			return 0, fmt.Errorf("read entry %d: %w", middle, err)
		}
		if epcis.InstantFromUnixNano(e.Time).Before(t) {
			from = middle + 1
		} else {
			to = middle
		}
	}
	return from, nil
}

// candidates yields the seqs in [from, to) that may match, ascending: from the
// histories of the named identifiers where all have one, else all of them.
func (q *eventQuery) candidates(s Snapshot, from, to uint64) func() (uint64, bool, error) {
	keys := q.keys()
	if keys == nil {
		return func() (uint64, bool, error) {
			from++
			return from - 1, from <= to, nil
		}
	}
	m := &merged{snapshot: s, to: to}
	for _, k := range keys {
		m.runs = append(m.runs, run{key: k, from: from})
	}
	return m.next
}

// keys are those whose histories hold whatever matches, nil where there are none:
// no event is in the history of a place or a party, though an EPC list may name one.
func (q *eventQuery) keys() []trace.Key {
	var objects []trace.Key
	for _, uri := range q.anyEPC {
		if k := trace.ObjectKey(epcis.Canonical(uri)); k.ID != "" {
			objects = append(objects, k)
		}
	}
	if len(objects) > 0 && len(objects) == len(q.anyEPC) && len(q.patterns) == 0 {
		return objects
	}
	var documents []trace.Key
	if len(q.transactions) > 0 {
		for _, id := range q.transactions[0].ids {
			documents = append(documents, trace.Key{NS: trace.NSTransaction, ID: id})
		}
	}
	return documents
}

// merged walks several histories as one.
type merged struct {
	snapshot Snapshot
	to       uint64
	runs     []run
}

type run struct {
	key   trace.Key
	from  uint64 // where to read on
	seqs  []uint64
	atEnd bool
}

const historyChunk = 256

func (m *merged) next() (seq uint64, ok bool, err error) {
	for i := range m.runs {
		r := &m.runs[i]
		if len(r.seqs) > 0 || r.atEnd {
			continue
		}
		if r.seqs, err = m.snapshot.History(r.key, r.from, historyChunk); err != nil {
			return 0, false, fmt.Errorf("read the history of %s: %w", r.key.ID, err)
		}
		if len(r.seqs) < historyChunk {
			r.atEnd = true
		}
		if len(r.seqs) > 0 {
			r.from = r.seqs[len(r.seqs)-1] + 1
		}
	}
	for _, r := range m.runs {
		if len(r.seqs) > 0 && (!ok || r.seqs[0] < seq) {
			seq, ok = r.seqs[0], true
		}
	}
	for i := range m.runs {
		if r := &m.runs[i]; ok && len(r.seqs) > 0 && r.seqs[0] == seq {
			r.seqs = r.seqs[1:]
		}
	}
	return seq, ok && seq < m.to, nil
}

// matches tests a record against every parameter. Refused records are no
// events of this repository.
func (q *eventQuery) matches(r *trace.Recorded) bool {
	if r.Kind != epcis.KindEvent || r.Rejected() || !q.recordTime.holds(r.Time) {
		return false
	}
	decoded, err := epcis.Decode(epcis.KindEvent, r.Bytes)
	if err != nil || decoded.Event == nil { // only a refused record is malformed
		return false
	}
	e := decoded.Event
	if len(q.types) > 0 && !slices.Contains(q.types, e.Type) ||
		len(q.bizSteps) > 0 && !slices.Contains(q.bizSteps, e.BizStep) ||
		len(q.anyEPC)+len(q.patterns) > 0 && !q.namesAny(e) || !q.eventTime.holds(e.Time) {
		return false
	}
	for _, term := range q.transactions {
		if !slices.ContainsFunc(e.Transactions, func(t epcis.Transaction) bool {
			return t.Type == term.typ && slices.Contains(term.ids, t.ID.URI)
		}) {
			return false
		}
	}
	return true
}

// namesAny is MATCH_anyEPC: one of the ids, or one that a pattern stands for, is in
// epcList, childEPCs, parentID, inputEPCList or outputEPCList.
func (q *eventQuery) namesAny(e *epcis.Event) bool {
	for _, list := range [][]epcis.ID{e.EPCs, e.Children, {e.Parent}, e.Inputs, e.Outputs} {
		for _, id := range list {
			if slices.Contains(q.anyEPC, id.URI) || slices.ContainsFunc(q.patterns, func(p epcis.Pattern) bool { return p.Matches(id) }) {
				return true
			}
		}
	}
	return false
}
