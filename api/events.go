package api

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

const (
	epcisVersion   = "2.0.0"
	defaultPerPage = 30

	// maxURIBytes of a query's URL. The server answers what is far longer itself, in
	// plain text: see MaxHeaderBytes.
	maxURIBytes = 32 << 10
)

func setVersionHeaders(h http.Header) {
	for _, standard := range []string{"EPCIS", "CBV"} {
		h.Set("GS1-"+standard+"-Version", epcisVersion)
		h.Set("GS1-"+standard+"-Min", epcisVersion)
		h.Set("GS1-"+standard+"-Max", epcisVersion)
	}
}

// checkVersions refuses a client that speaks or wants another version of EPCIS
// or CBV than 2.0, or identifiers in another form than they were signed in: a
// translated record would no longer be the one that its author signed.
func checkVersions(h http.Header) error {
	for _, standard := range []string{"EPCIS", "CBV"} {
		for _, name := range []string{"-Version", "-Min", "-Max"} {
			header := "GS1-" + standard + name
			given := h.Get(header)
			if given == "" {
				continue
			}
			version, err := parseVersion(given)
			if err != nil {
				return fail(reasonNotAcceptable, "%s is %q, and should be a version such as 2.0", header, given)
			}
			ours := [2]int{2, 0}
			if name == "-Version" && version != ours || name == "-Min" && less(ours, version) || name == "-Max" && less(version, ours) {
				return fail(reasonNotAcceptable, "%s is %s, and this node speaks 2.0", header, given)
			}
		}
	}
	switch form := h.Get("GS1-EPC-Format"); form {
	case "", "No_Preference", "Never_Translates":
		return nil
	default:
		return fail(reasonNotAcceptable, "GS1-EPC-Format is %q, and this node answers identifiers as they were signed (Never_Translates)", form)
	}
}

// parseVersion reads major and minor; a patch level does not matter.
func parseVersion(s string) (v [2]int, err error) {
	parts := strings.SplitN(strings.TrimSpace(s), ".", 3)
	for i := range min(len(parts), 2) {
		if v[i], err = strconv.Atoi(parts[i]); err != nil {
			return v, fmt.Errorf("read version %q: %w", s, err)
		}
	}
	return v, nil
}

func less(a, b [2]int) bool { return a[0] < b[0] || a[0] == b[0] && a[1] < b[1] }

// checkAccept refuses a client that takes no JSON.
func checkAccept(r *http.Request) error {
	accept := r.Header.Get("Accept")
	if accept == "" || quality(accept, "application/json") > 0 || quality(accept, "application/ld+json") > 0 {
		return nil
	}
	return fail(reasonNotAcceptable, "Accept is %q, and this path answers application/json or application/ld+json", accept)
}

// eventsType is the form of JSON that the client asked for.
func eventsType(r *http.Request) string {
	accept := r.Header.Get("Accept")
	if quality(accept, "application/ld+json") > quality(accept, "application/json") {
		return "application/ld+json"
	}
	return "application/json"
}

// getEvents is EPCIS 2.0's SimpleEventQuery over accepted events, in the order
// in which the ledger recorded them.
func (a *API) getEvents(c echo.Context) error {
	if err := checkRead(c.Request()); err != nil {
		return err
	}
	if n := len(c.Request().RequestURI); n > maxURIBytes {
		return fail(reasonLongURI, "the URL has %d bytes, the limit is %d", n, maxURIBytes)
	}
	q, err := parseQuery(c.QueryParams(), a.limits.PerPage)
	if err != nil {
		return err
	}
	s, err := a.snapshot()
	if err != nil {
		return err
	}
	defer a.closeSnapshot(s)
	page, err := q.run(c.Request().Context(), s, a.limits.ScanRecords)
	if err != nil {
		return err
	}
	if page.more {
		token, err := page.token(q)
		if err != nil {
			return err
		}
		linkNext(c, "/epcis/events", "nextPageToken", token)
	}
	return answerEvents(c, s, page.records)
}

func checkRead(r *http.Request) error {
	if err := checkVersions(r.Header); err != nil {
		return err
	}
	return checkAccept(r)
}

const maxSameEventID = 1000

// getEvent answers every accepted event with one eventID: the event and, where
// there is one, the error declaration that keeps its id.
func (a *API) getEvent(c echo.Context) error {
	if err := checkRead(c.Request()); err != nil {
		return err
	}
	id, err := restOfPath(c)
	if err != nil {
		return err
	}
	s, err := a.snapshot()
	if err != nil {
		return err
	}
	defer a.closeSnapshot(s)
	seqs, err := s.ByEventID(id, maxSameEventID)
	if err != nil {
		return fmt.Errorf("look up event %s: %w", id, err)
	}
	var records []*trace.Recorded
	for _, seq := range seqs {
		r, err := s.Record(seq)
		if err != nil {
			return fmt.Errorf("read record %d: %w", seq, err)
		}
		records = append(records, r)
	}
	if len(records) == 0 {
		return fail(reasonUnknownThing, "no accepted event has the eventID %q", id)
	}
	return answerEvents(c, s, records)
}

// restOfPath is the part of the path that a route's * matched, unescaped once.
// An eventID or a Digital Link may hold slashes, escaped or not.
func restOfPath(c echo.Context) (string, error) {
	rest := c.Param("*")
	if c.Request().URL.RawPath == "" { // already unescaped
		return rest, nil
	}
	plain, err := url.PathUnescape(rest)
	if err != nil {
		return "", fail(reasonBadRequest, "the path is not well escaped")
	}
	return plain, nil
}

// queryDocument is an EPCISQueryDocument without its events.
const queryDocument = `{"@context":["` + epcis.ContextURL + `"],"type":"EPCISQueryDocument","schemaVersion":"2.0","creationDate":%q,` +
	`"epcisBody":{"queryResults":{"queryName":"SimpleEventQuery","resultsBody":{"eventList":[`

// answerEvents writes events as an EPCISQueryDocument: each the bytes that its
// author signed, with the block time as its recordTime.
func answerEvents(c echo.Context, s Snapshot, records []*trace.Recorded) error {
	b := fmt.Appendf(nil, queryDocument, epcis.InstantFromUnixNano(s.Roots().Time).String())
	for i, r := range records {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, epcis.WithRecordTime(r.Bytes, r.Time)...)
	}
	b = append(b, `]}}}}`...)
	c.Response().Header().Set("GS1-EPC-Format", "Never_Translates")
	return c.Blob(http.StatusOK, eventsType(c.Request()), b)
}

// answerOptions says what a resource of EPCIS takes (EPCIS 2.0, section 12).
func (a *API) answerOptions(methods string) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Allow", methods)
		h.Set("GS1-EPC-Format", "Never_Translates")
		h.Set("GS1-Capture-Error-Behaviour", rollback+", "+proceed)
		h.Set("GS1-EPCIS-Capture-File-Size-Limit", strconv.FormatInt(a.limits.BodyBytes, 10))
		return c.NoContent(http.StatusNoContent)
	}
}
