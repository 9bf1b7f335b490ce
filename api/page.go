package api

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
	"github.com/waymark-ledger/waymark/web"
)

// parsePages reads the templates once for each language.
func parsePages(s *scripts, all []*tongue) (map[*tongue]*template.Template, error) {
	pages := map[*tongue]*template.Template{}
	for _, l := range all {
		t, err := template.New("pages").
			Funcs(l.functions()).
			Funcs(template.FuncMap{
				"style":  func() template.CSS { return template.CSS(web.Style) }, //nolint:gosec // our own file
				"script": s.path,
			}).
			ParseFS(web.Templates, "*.html")
		if err != nil {
			return nil, fmt.Errorf("api: read the page templates: %w", err)
		}
		pages[l] = t
	}
	return pages, nil
}

// frame is what every page needs.
type frame struct {
	Title   string
	Node    string // name of the organisation whose node answers
	Tongues []spoken
	Chosen  string // the language that ?lang names, which links keep; "" where the browser chose
}

// spoken is a language, and the same page in it.
type spoken struct{ Tag, Name, URL string }

func (a *API) frame(c echo.Context, title string) frame {
	f := frame{Title: title, Node: a.backend.Status().OrganisationName, Chosen: a.chosen(c)}
	if f.Node == "" {
		f.Node = a.tongueOf(c).say("an observer")
	}
	u := c.Request().URL
	if strings.HasPrefix(u.Path, "//") { // as a link it would lead to another host
		return f
	}
	for _, l := range a.tongues {
		query := u.Query()
		query.Set("lang", l.Tag)
		f.Tongues = append(f.Tongues, spoken{l.Tag, l.Name, u.EscapedPath() + "?" + query.Encode()})
	}
	return f
}

// chosen is the language that ?lang names, "" where it names none that pages speak.
func (a *API) chosen(c echo.Context) string {
	if c.QueryParam("lang") == "" {
		return ""
	}
	return a.tongueOf(c).Tag
}

// Start is where the pages begin.
func (f frame) Start() string {
	if f.Chosen == "" {
		return "/"
	}
	return "/?lang=" + f.Chosen
}

// isPage says which routes speak to people. Their answers depend on Accept.
func isPage(route string) bool {
	if route == "/" || route == "/trace" {
		return true
	}
	for _, key := range linkKeys() {
		if route == "/"+key+"/*" {
			return true
		}
	}
	return false
}

// wantsPage tells a browser from a program: a page is for whoever accepts HTML
// at least as gladly as JSON, and does not ask for ?format=json.
func wantsPage(c echo.Context) bool {
	accept := c.Request().Header.Get("Accept")
	if c.Path() == "" { // no route: an address that a person mistyped
		return quality(accept, "text/html") > quality(accept, "application/json")
	}
	if !isPage(c.Path()) || c.QueryParam("format") == "json" || wantsDossier(c) {
		return false
	}
	if accept == "" {
		return true
	}
	html := max(quality(accept, "text/html"), quality(accept, "application/xhtml+xml"))
	return html > 0 && html >= max(quality(accept, "application/json"), quality(accept, "application/ld+json")) ||
		html == 0 && quality(accept, "application/json") == 0 && quality(accept, "application/ld+json") == 0
}

// quality is how gladly an Accept header takes a media type, in thousandths
// (RFC 9110, section 12.5.1): the most specific range that matches decides.
func quality(accept, media string) int {
	kind, _, _ := strings.Cut(media, "/")
	best, rank := 0, 0
	for _, part := range strings.Split(accept, ",") {
		media2, params, _ := strings.Cut(part, ";")
		media2 = strings.ToLower(strings.TrimSpace(media2))
		specific := 0
		switch media2 {
		case media:
			specific = 3
		case kind + "/*":
			specific = 2
		case "*/*":
			specific = 1
		}
		if specific <= rank {
			continue
		}
		rank, best = specific, 1000
		for _, p := range strings.Split(params, ";") {
			if q, ok := strings.CutPrefix(strings.TrimSpace(p), "q="); ok {
				f, err := strconv.ParseFloat(q, 64)
				if err != nil || f < 0 || f > 1 {
					f = 0
				}
				best = int(f * 1000)
			}
		}
	}
	return best
}

func (a *API) getStart(c echo.Context) error {
	return a.answerPage(c, http.StatusOK, "start", a.frame(c, a.tongueOf(c).say("Where does it come from?")))
}

// getLink answers a GS1 Digital Link path: a page to a browser, the same
// journey as JSON to a program, its dossier to a verifier. It is public: the
// code is printed on the box.
func (a *API) getLink(c echo.Context) error {
	id, err := epcis.PathID(c.Request().URL.EscapedPath())
	var broken *epcis.LinkError
	switch {
	case errors.As(err, &broken):
		return fail(reasonNoIdentifier, "%s", broken.Reason)
	case err != nil:
		return fail(reasonNoResource, "this is no GS1 Digital Link path")
	}
	return a.answerJourney(c, id.URI, id.Lot)
}

// getTracePage answers the page of an identifier that is no GS1 key, or that
// somebody typed.
func (a *API) getTracePage(c echo.Context) error {
	id := c.QueryParam("id")
	if strings.TrimSpace(id) == "" {
		return a.getStart(c)
	}
	return a.answerJourney(c, id, epcis.Canonical(id).Lot)
}

// answerJourney answers for a thing; lot is what its code says beside the serial.
func (a *API) answerJourney(c echo.Context, id, lot string) error {
	c.Response().Header().Set("Vary", "Accept")
	q, err := questionOf(c, id)
	if err != nil {
		return err
	}
	if wantsDossier(c) {
		return a.answerDossier(c, q)
	}
	if !wantsPage(c) {
		return a.answerTrace(c, q)
	}
	s, err := a.snapshotAt(q.at)
	if err != nil {
		return err
	}
	defer a.closeSnapshot(s)
	j, err := a.walk(c, s, q)
	if err != nil {
		return err
	}
	in := a.tongueOf(c)
	p, err := journeyPage(in, a.frame(c, ""), s, j, lot)
	if err != nil {
		return err
	}
	p.Links = journeyLinks(in, p.Start(), c.Request().URL, j)
	p.Asked = askedView{Direction: j.Direction, Proof: proofLink(c.Request().URL, j.Direction), More: j.Continuation != ""}
	if q.at != nil {
		p.Asked.At = *q.at
	}
	return a.answerPage(c, http.StatusOK, "journey", p)
}

// proofLink is where the dossier of a page is, from the journey's beginning.
func proofLink(u *url.URL, d trace.Direction) string {
	query := url.Values{"direction": {string(d)}, "proof": {"1"}}
	for _, name := range []string{"id", "at"} {
		if v := u.Query().Get(name); v != "" {
			query.Set(name, v)
		}
	}
	return u.EscapedPath() + "?" + query.Encode()
}

// journeyLinks are the other views of the same thing.
func journeyLinks(in *tongue, start string, u *url.URL, j *trace.Journey) []link {
	to := func(text, name, value string) link {
		query := url.Values{}
		if id := u.Query().Get("id"); id != "" {
			query.Set("id", id)
		}
		if at := u.Query().Get("at"); at != "" {
			query.Set("at", at)
		}
		if lang := u.Query().Get("lang"); lang != "" && name != "format" {
			query.Set("lang", lang)
		}
		query.Set("direction", string(j.Direction))
		query.Set(name, value)
		return link{Text: text, URL: u.EscapedPath() + "?" + query.Encode()}
	}
	var links []link
	if j.Continuation != "" {
		links = append(links, to(in.say("More of this journey"), "continue", j.Continuation))
	}
	if j.Direction != trace.Upstream {
		links = append(links, to(in.say("Only where it came from"), "direction", string(trace.Upstream)))
	}
	if j.Direction != trace.Downstream {
		links = append(links, to(in.say("Only what became of it"), "direction", string(trace.Downstream)))
	}
	if j.Direction != trace.Both {
		links = append(links, to(in.say("Both ways"), "direction", string(trace.Both)))
	}
	return append(links, to(in.say("As JSON"), "format", "json"), link{Text: in.say("The proof, as a file"), URL: proofLink(u, j.Direction)},
		link{Text: in.say("Look for something else"), URL: start})
}

// answerPage renders to memory first, so that a template's failure is an error
// and not half a page.
func (a *API) answerPage(c echo.Context, status int, name string, data any) error {
	var b bytes.Buffer
	in := a.tongueOf(c)
	if err := a.pages[in].ExecuteTemplate(&b, name, data); err != nil {
		return fmt.Errorf("render the page %s: %w", name, err)
	}
	h := c.Response().Header()
	h.Set("Content-Security-Policy", a.policy)
	if name == "journey" {
		h.Set("Content-Security-Policy", a.checking)
	}
	h.Set("Vary", "Accept, Accept-Language")
	h.Set("Content-Language", in.Tag)
	return c.HTMLBlob(status, b.Bytes())
}

func (a *API) answerPageError(c echo.Context, p *Problem) error {
	shown := *p
	shown.Detail = sentence(p.Detail) + "."
	return a.answerPage(c, p.Status, "problem", struct {
		frame
		Problem *Problem
	}{a.frame(c, p.Title), &shown})
}
