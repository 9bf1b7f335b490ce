package api

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
	"github.com/waymark-ledger/waymark/web"
)

// pageMessages are all messages that pages have: those in the code and in the templates,
// the words of the CBV, and the titles and ways out of problems that a page can show.
func pageMessages(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			s, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || s.Sel.Name != "say" && s.Sel.Name != "count" {
				return true
			}
			at := 0
			if s.Sel.Name == "count" {
				at = 1
			}
			if text, ok := call.Args[at].(*ast.BasicLit); ok {
				message, err := strconv.Unquote(text.Value)
				if err != nil {
					t.Fatal(err)
				}
				found[message] = true
			} else if name != "tongue.go" {
				t.Errorf("%s: a message is no text that a catalogue could have", name)
			}
			return true
		})
	}
	templates, err := filepath.Glob("../web/*.html")
	if err != nil || len(templates) == 0 {
		t.Fatal(err)
	}
	called := regexp.MustCompile(`\b(?:t|h|count \([^)]*\)) "([^"]+)"`)
	for _, name := range templates {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range called.FindAllStringSubmatch(string(b), -1) {
			found[m[1]] = true
		}
	}
	for _, r := range []reason{reasonBug, reasonQueryParameter, reasonNoResource, reasonUnknownThing, reasonNoIdentifier, reasonAhead, reasonTooMany,
		reasonBusy, reasonStopping, reasonNotReady, reasonTimeout} {
		found[table[r].title], found[table[r].next] = true, true
	}
	vocabulary, err := os.ReadFile("../epcis/vocabularyword.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`"(BizStep|Disp)-([a-z_]+)"`).FindAllStringSubmatch(string(vocabulary), -1) {
		word := strings.ReplaceAll(m[2], "_", " ")
		if m[1] == "BizStep" {
			word = sentence(pastTense(word))
		}
		found[word] = true
	}
	for _, status := range []string{trace.CertificateSuspended, trace.CertificateRevoked, trace.CertificateNotYetValid, trace.CertificateExpired,
		trace.CertificateUnknown, trace.CertificateOutOfScope, trace.CertificateUnaccredited} {
		found[status] = true
	}
	for _, sentence := range gapSentences() {
		found[sentence] = true
	}
	for _, of := range []string{"Customs declaration", "Customs withdrawal", "customs held", "customs seized"} { // our own terms
		found[of] = true
	}
	for _, of := range []string{epcis.MatterRecall, epcis.MatterCertificate, epcis.MatterCustoms, epcis.MeasureQuarantined, epcis.MeasureReturned,
		epcis.MeasureDestroyed, epcis.MeasureNotFound, epcis.MeasureSoldOn} {
		found[words(of)] = true
	}
	return found
}

// scriptMessages are those of the scripts.
func scriptMessages(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	said := regexp.MustCompile(`\b(?:say|text|key)\(\s*"((?:[^"\\]|\\.)*)"|\bcount\([^"()]*,\s*"((?:[^"\\]|\\.)*)"`)
	for _, name := range []string{"check.js", "told.js"} {
		b, err := web.Scripts.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range said.FindAllStringSubmatch(string(b), -1) {
			found[m[1]+m[2]] = true
		}
	}
	return found
}

var holes = regexp.MustCompile(`\{[0-9n]\}`)

// No message lacks a translation, none is left over, and each says what the English one says.
func TestEveryMessageIsInEveryLanguage(t *testing.T) {
	page, check := pageMessages(t), scriptMessages(t)
	if len(page) < 150 || len(check) < 60 {
		t.Fatalf("only %d messages of pages and %d of scripts were found", len(page), len(check))
	}
	all, err := tongues()
	if err != nil {
		t.Fatal(err)
	}
	var tags []string
	for _, l := range all {
		if tags = append(tags, l.Tag); l.Tag == english {
			if len(l.Page)+len(l.Check) > 0 {
				t.Error("English translates itself")
			}
			continue
		}
		for _, c := range []struct {
			name string
			want map[string]bool
			have map[string]string
		}{{"page", page, l.Page}, {"check", check, l.Check}} {
			for _, message := range slices.Sorted(maps.Keys(c.want)) {
				got, ok := c.have[message]
				if !ok || strings.TrimSpace(got) == "" {
					t.Errorf("%s lacks, in %s: %q", l.Tag, c.name, message)
					continue
				}
				forms := strings.Split(got, "|")
				if plural := strings.Contains(message, "|"); !plural && len(forms) > 1 || plural && len(forms) > 2 || plural && len(forms) < 2 && len(l.One) > 0 {
					t.Errorf("%s: %q has %d forms: %q", l.Tag, message, len(forms), got)
				}
				_, last, _ := strings.Cut("|"+message, "|")
				if strings.Contains(message, "|") {
					_, last, _ = strings.Cut(message, "|")
				}
				for i, form := range forms {
					if i < len(forms)-1 && strings.HasPrefix(message, "The one") {
						continue // of one thing, without its number
					}
					if want, have := holesOf(last), holesOf(form); !slices.Equal(want, have) {
						t.Errorf("%s: %q has the places %q, and %q has %q", l.Tag, message, want, form, have)
					}
				}
			}
			for _, message := range slices.Sorted(maps.Keys(c.have)) {
				if !c.want[message] {
					t.Errorf("%s translates, in %s, what nobody says: %q", l.Tag, c.name, message)
				}
			}
		}
	}
	if want := []string{"en", "de", "es", "fr", "it", "zh"}; !slices.Equal(tags, want) {
		t.Errorf("languages %q, want %q", tags, want)
	}
}

func holesOf(message string) []string {
	list := holes.FindAllString(message, -1)
	slices.Sort(list)
	return list
}

// Every sentence that trace says of a gap is one that pages know.
func TestGapsAreKnownToThePages(t *testing.T) {
	files, err := filepath.Glob("../trace/*.go")
	if err != nil {
		t.Fatal(err)
	}
	said := regexp.MustCompile(`(?:\bgap\([^"\n]*|About: (?:fmt\.Sprintf\()?|about := fmt\.Sprintf\()"([^"]+)"`)
	n := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range said.FindAllStringSubmatch(string(b), -1) {
			n++
			begins := strings.ReplaceAll(m[1], "%d", "{0}")
			if !slices.ContainsFunc(gapSentences(), func(s string) bool { return strings.HasPrefix(s, begins) }) {
				t.Errorf("%s: pages do not know %q", name, m[1])
			}
		}
	}
	if n < 8 {
		t.Errorf("only %d sentences were found", n)
	}
	all, err := tongues()
	if err != nil {
		t.Fatal(err)
	}
	for about, want := range map[string]string{
		"No record says where this was made.":    "Keine Aufzeichnung sagt, wo dies hergestellt wurde.",
		"No record says when it left <b>.":       "Keine Aufzeichnung sagt, wann es &lt;b&gt; verlassen hat.",
		"No record says where this was made. So": `<span lang="en">No record says where this was made. So</span>`,
		"Complete up to record 7: what was recorded of it later, a hold perhaps, is not read here. Ask for it by its own id.": "Vollständig bis zur Aufzeichnung 7: Was später dazu aufgezeichnet wurde, vielleicht ein Anhalten, ist hier nicht gelesen. Fragen Sie mit seiner eigenen Kennung danach.",
	} {
		if got := string(all[1].gap(about)); got != want {
			t.Errorf("%q: %q, want %q", about, got, want)
		}
	}
}

func TestNumbersAndPluralsOfLanguages(t *testing.T) {
	all, err := tongues()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{
		"en": {"15,000.25", "-1,234", "0 records", "1 record", "15,000 records"},
		"de": {"15.000,25", "-1.234", "0 Aufzeichnungen", "1 Aufzeichnung", "15.000 Aufzeichnungen"},
		"fr": {"15\u202f000,25", "-1\u202f234", "0 enregistrement", "1 enregistrement", "15\u202f000 enregistrements"},
		"zh": {"15,000.25", "-1,234", "0 条记录", "1 条记录", "15,000 条记录"},
	}
	for _, l := range all {
		w, ok := want[l.Tag]
		if !ok {
			continue
		}
		got := []string{l.number("15000.25"), l.number("-1234")}
		for _, n := range []int{0, 1, 15000} {
			got = append(got, l.count(n, "{n} record|{n} records"))
		}
		if !slices.Equal(got, w) {
			t.Errorf("%s: %q, want %q", l.Tag, got, w)
		}
	}
	if got := fill("{1} {0}", []any{"{1}", "b"}); got != "b {1}" {
		t.Errorf("an argument is filled: %q", got)
	}
}
