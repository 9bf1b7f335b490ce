package api_test

import (
	"html"
	"net/url"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/api"
)

// A page speaks the language that its address names, else the one that the browser asks for.
func TestPageSpeaksTheReadersLanguage(t *testing.T) {
	m := newMemory(t)
	script := m.play(t)
	h := newAPI(t, m, api.Limits{})
	item := linkPath(script.Item)
	for _, c := range []struct{ path, accept, tag, want string }{
		{item, "", "en", "The records fit together"},
		{item, "de-CH,de;q=0.9,en;q=0.8", "de", "Die Aufzeichnungen passen zusammen"},
		{item, "nl, fr-CA;q=0.7, en;q=0.5", "fr", "Les enregistrements concordent"},
		{item, "pt;q=0, nl", "en", "The records fit together"},
		{item, "*", "en", "The records fit together"},
		{item, strings.Repeat("-", 2000) + ";q=x", "en", "The records fit together"},
		{item + "?lang=es", "de", "es", "Los registros concuerdan"},
		{item + "?lang=xx", "it", "it", "Le registrazioni concordano"},
		{item + "?lang=%00", "zh-CN", "zh", "记录相互吻合"},
		{"/?lang=it", "", "it", "Da dove viene?"},
		{"/trace?lang=de&id=" + url.QueryEscape(script.Container), "", "de", "Container"},
		{item + "X", "de", "de", "Keine Aufzeichnung nennt dies"},
		{"/nosuch?lang=fr", "", "fr", "Il n’y a rien ici"},
	} {
		w := do(t, h, call{"GET", c.path, "", "", map[string]string{"Accept": browser, "Accept-Language": c.accept}})
		page := html.UnescapeString(w.Body.String())
		if !strings.Contains(page, `<html lang="`+c.tag+`"`) || !strings.Contains(page, c.want) || w.Header().Get("Content-Language") != c.tag ||
			w.Header().Get("Vary") != "Accept, Accept-Language" {
			t.Errorf("%s for %q: %d %v, and %s is not there in %s", c.path, c.accept, w.Code, w.Header(), c.want, c.tag)
		}
		if strings.Contains(page, "{0}") || strings.Contains(page, "{n}") || strings.Contains(page, "%!") {
			t.Errorf("%s for %q: a place is not filled", c.path, c.accept)
		}
		if current := regexp.MustCompile(`lang="([a-z]+)" hreflang="([a-z]+)" aria-current="true"`).FindStringSubmatch(page); current == nil || current[1] != c.tag || current[2] != c.tag {
			t.Errorf("%s for %q: the page does not say which language it is in: %v", c.path, c.accept, current)
		}
	}
}

// What stays English on a page of another language says so, and nothing else does.
func TestPageInAnotherLanguageIsWhole(t *testing.T) {
	m := newMemory(t)
	script := m.play(t)
	h := newAPI(t, m, api.Limits{})
	inEnglish := do(t, h, call{"GET", linkPath(script.Item), "", "", map[string]string{"Accept": browser}}).Body.String()
	german := do(t, h, call{"GET", linkPath(script.Item) + "?lang=de", "", "", map[string]string{"Accept": browser}}).Body.String()
	marked := regexp.MustCompile(`<span lang="en">[^<]*</span>`)
	if marked.MatchString(inEnglish) {
		t.Error("an English page marks its English")
	}
	texts := func(page string) map[string]bool {
		page = marked.ReplaceAllString(page, "")
		for _, cut := range []string{`(?s)<style>.*?</style>`, `(?s)<title>.*?</title>`, `(?s)<nav.*?</nav>`, `(?s)<code>.*?</code>`, `(?s)<bdi>.*?</bdi>`} {
			page = regexp.MustCompile(cut).ReplaceAllString(page, "")
		}
		found := map[string]bool{}
		for _, text := range regexp.MustCompile(`>([^<>]*[A-Za-z]{3}[^<>]*)<`).FindAllStringSubmatch(page, -1) {
			found[strings.TrimSpace(html.UnescapeString(text[1]))] = true
		}
		return found
	}
	// Of records' own texts, and the same in both: names, what extension fields are called, words of both languages.
	own := regexp.MustCompile(`^(Waymark|Single-origin coffee|Organic$|INV-|HS code: |Hash|Container|Charge|FLAG|INFO|[A-Z]{2,4} ?[0-9]|[A-Z][a-z ]+: |[^ ]+ × |.* → |[0-9.,]+ (kg|×) |.*, (Charge|Seriennummer) )`)
	en := texts(inEnglish)
	for text := range texts(german) {
		if en[text] && !own.MatchString(text) {
			t.Errorf("the German page says in English: %q", text)
		}
	}
	for _, want := range []string{"15.000 kg Coffee cherries", "22. Nov. 2026, 12:00 UTC", "Angenommen, vom Zoll freigegeben", "Zoll DE", ", Seriennummer "} {
		if !strings.Contains(german, want) {
			t.Errorf("the German page does not say %q", want)
		}
	}
	// The other views keep the language that was chosen; JSON and the proof have none.
	for _, m := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(german, -1) {
		u, err := url.Parse(html.UnescapeString(m[1]))
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		page := u.Path == "/" || strings.HasPrefix(u.Path, "/01/") && q.Get("format") == "" && q.Get("proof") == ""
		if page != (q.Get("lang") != "") {
			t.Errorf("the link %s", u)
		}
	}
}

// Every language has its words for the scripts, and a page finds them beside its script.
func TestScriptsHaveTheirWords(t *testing.T) {
	m := newMemory(t)
	script := m.play(t)
	h := newAPI(t, m, api.Limits{})
	page := fetch(h, linkPath(script.Item), map[string]string{"Accept": browser}).Body.String()
	found := ownScript.FindStringSubmatch(page)
	tags := regexp.MustCompile(`hreflang="([a-z]+)"`).FindAllStringSubmatch(page, -1)
	if found == nil || len(tags) != 6 {
		t.Fatalf("script %v, languages %v", found, tags)
	}
	for _, tag := range tags {
		w := do(t, h, call{"GET", path.Dir(found[1]) + "/words-" + tag[1] + ".js", "", "", nil})
		if body := w.Body.String(); w.Code != 200 || !strings.HasPrefix(body, "export default {") || (tag[1] == "de") != strings.Contains(body, "Auf diesem Gerät widerlegt") {
			t.Errorf("%s: %d %.80s", tag[1], w.Code, body)
		}
	}
}

// A mistyped address makes no link to another host.
func TestLanguagesLeadNowhereElse(t *testing.T) {
	h := newAPI(t, newMemory(t), api.Limits{})
	w := do(t, h, call{"GET", "//example.org/x", "", "", map[string]string{"Accept": browser}})
	if found := regexp.MustCompile(`href="(https?:)?//`).FindString(w.Body.String()); found != "" || w.Code != 404 {
		t.Errorf("%d, the page leads elsewhere: %q", w.Code, found)
	}
}
