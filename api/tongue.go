package api

import (
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/text/language"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/web"
)

// A tongue is a language that pages speak. Its catalogue has a message by the English
// text that stands in the code and in the templates: a message without translation
// would be English, and a test finds it.
type tongue struct {
	Tag string `json:"-"` // BCP 47, the name of its file

	Name      string   `json:"name"` // in itself
	Thousands string   `json:"thousands"`
	Decimal   string   `json:"decimal"`
	Date      string   `json:"date"` // of {0} day, {1} month and {2} year
	Months    []string `json:"months"`
	One       []int    `json:"one"`     // the numbers that take the first form of a message with two
	Capital   bool     `json:"capital"` // nouns begin with a capital wherever they stand

	Page  map[string]string `json:"page"`
	Check map[string]string `json:"check"` // what the scripts say
}

// english is what the code and the templates are written in.
const english = "en"

// tongues are the languages that pages speak: English, then the others by tag.
var tongues = sync.OnceValues(func() ([]*tongue, error) {
	names, err := fs.Glob(web.Words, "words/*.json")
	if err != nil {
		return nil, fmt.Errorf("api: list the languages: %w", err)
	}
	var all []*tongue
	for _, name := range names {
		b, err := web.Words.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("api: read the languages: %w", err)
		}
		l := &tongue{Tag: strings.TrimSuffix(path.Base(name), ".json")}
		if err := json.Unmarshal(b, l); err != nil {
			return nil, fmt.Errorf("api: read %s: %w", name, err)
		}
		if l.Tag == english {
			l.Page, l.Check = map[string]string{}, map[string]string{}
		}
		if len(l.Months) != 12 {
			return nil, fmt.Errorf("api: %s has %d months", name, len(l.Months))
		}
		if all = append(all, l); l.Tag == english {
			all = slices.Insert(all[:len(all)-1], 0, l)
		}
	}
	return all, nil
})

// chooses picks the language of a page: ?lang, or what Accept-Language asks for
// (RFC 9110, section 12.5.4), or English.
func chooses(all []*tongue) func(c echo.Context) *tongue {
	var tags []language.Tag
	for _, l := range all {
		tags = append(tags, language.Make(l.Tag))
	}
	matcher := language.NewMatcher(tags)
	return func(c echo.Context) *tongue {
		accept := c.Request().Header.Values("Accept-Language")
		_, i := language.MatchStrings(matcher, c.QueryParam("lang"), strings.Join(accept, ","))
		return all[i]
	}
}

// known is a text in the language, or as it stands: of what authors and standards
// may write more than anybody has translated.
func (l *tongue) known(text string) string {
	if m, ok := l.Page[text]; ok {
		return m
	}
	return text
}

// say is a message with what stands for {0}, {1}, …
func (l *tongue) say(message string, args ...any) string {
	return fill(l.known(message), args)
}

func fill(message string, args []any) string {
	pairs := make([]string, 0, 2*len(args))
	for i, a := range args {
		pairs = append(pairs, fmt.Sprintf("{%d}", i), fmt.Sprint(a))
	}
	return strings.NewReplacer(pairs...).Replace(message) // what an argument holds is not filled
}

// gapSentences are what trace says of gaps, with what stands for the facts in them.
func gapSentences() []string {
	return []string{
		"No record says where this was made.",
		"Shipped, but no record says that it was received.",
		"Received, but no record says that it was shipped.",
		"No record says when it left {0}.",
		"Seen inside {0}; no record says when it was put there.",
		"Taken out of {0}; no record says when it was put there.",
		"Not followed further: {0} steps from the start. Ask for it by its own id.",
		"Complete up to record {0}: what was recorded of it later, a hold perhaps, is not read here.",
		"Complete up to record {0}: what was recorded of it later, a hold perhaps, is not read here. Ask for it by its own id.",
	}
}

// gap is what a gap's sentence says, as it stands where nobody has translated it.
func (l *tongue) gap(about string) template.HTML {
	for _, message := range gapSentences() {
		before, after, hole := strings.Cut(message, "{0}")
		fact, ok := strings.CutPrefix(about, before)
		if fact, ok2 := strings.CutSuffix(fact, after); ok && ok2 && (hole || fact == "") {
			return template.HTML(html.EscapeString(l.say(message, fact))) //nolint:gosec // escaped
		}
	}
	return l.foreign(about)
}

// count is a message of two forms, "{n} record|{n} records", about n things.
func (l *tongue) count(n int, message string) string {
	one, many, two := strings.Cut(l.known(message), "|")
	if !two || slices.Contains(l.One, n) {
		many = one
	}
	return strings.Replace(many, "{n}", l.number(fmt.Sprint(n)), 1)
}

// within is a label as it stands within a line.
func (l *tongue) within(label string) string {
	if l.Capital {
		return label
	}
	return strings.ToLower(label)
}

// date is a day in UTC.
func (l *tongue) date(t epcis.Instant) string {
	y, m, d := time.Unix(t.Seconds, 0).UTC().Date()
	return fill(l.Date, []any{d, l.Months[m-1], y})
}

// number sets a number's thousands apart: 15000 to 15,000. It is as exact as written.
func (l *tongue) number(digits string) string {
	whole, fraction, has := strings.Cut(digits, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + l.Thousands + whole[i:]
	}
	if has {
		return sign + whole + l.Decimal + fraction
	}
	return sign + whole
}

// functions are those of the templates: t and h are messages, the others what h
// puts into its message.
func (l *tongue) functions() template.FuncMap {
	return template.FuncMap{
		"lang":   func() string { return l.Tag },
		"t":      l.say,
		"count":  l.count,
		"titled": l.known,
		"known": func(text string) template.HTML {
			if m, ok := l.Page[text]; ok {
				return template.HTML(html.EscapeString(m)) //nolint:gosec // escaped
			}
			return l.foreign(text)
		},
		"h": func(message string, args ...template.HTML) template.HTML {
			values := make([]any, len(args))
			for i, a := range args {
				values[i] = a
			}
			return template.HTML(fill(html.EscapeString(l.known(message)), values)) //nolint:gosec // escaped, and so are args
		},
		"plain": func(v any) template.HTML { return template.HTML(html.EscapeString(fmt.Sprint(v))) },                   //nolint:gosec // escaped
		"bdi":   func(text string) template.HTML { return template.HTML("<bdi>" + html.EscapeString(text) + "</bdi>") }, //nolint:gosec // escaped
		"time": func(exact, text string) template.HTML { //nolint:gosec // escaped
			return template.HTML(`<time datetime="` + html.EscapeString(exact) + `">` + html.EscapeString(text) + "</time>")
		},
		"en":  l.foreign,
		"gap": l.gap,
	}
}

// foreign is an English text on a page of another language: what stands on the ledger, and what
// is the same in every answer of the node, is not translated, and says so (WCAG 2.2, 3.1.2).
func (l *tongue) foreign(text string) template.HTML {
	text = html.EscapeString(text)
	if l.Tag != english {
		text = `<span lang="en">` + text + "</span>"
	}
	return template.HTML(text) //nolint:gosec // escaped
}
