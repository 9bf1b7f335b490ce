package epcis

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"

	"github.com/dlclark/regexp2"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schemaText is GS1's ratified JSON schema of EPCIS 2.0 (schema/README.md says
// where it comes from).
//
//go:embed schema/epcis-json-schema.json
var schemaText string

// eventSchema compiles the schema once. Formats are asserted: "uri" by the
// grammar of RFC 3986, "date-time" by ParseInstant.
var eventSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(schemaText))
	if err != nil {
		return nil, fmt.Errorf("read the EPCIS schema: %w", err)
	}
	const url = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-json-schema.json"
	c := jsonschema.NewCompiler()
	c.UseRegexpEngine(compilePattern)
	c.AssertFormat()
	c.RegisterFormat(&jsonschema.Format{Name: "uri", Validate: asserted(checkURI)})
	c.RegisterFormat(&jsonschema.Format{Name: "date-time", Validate: asserted(checkDateTime)})
	if err := c.AddResource(url, doc); err != nil {
		return nil, fmt.Errorf("add the EPCIS schema: %w", err)
	}
	schema, err := c.Compile(url)
	if err != nil {
		return nil, fmt.Errorf("compile the EPCIS schema: %w", err)
	}
	return schema, nil
})

// validate checks a submitted document against the schema.
func validate(v *Value) ([]Problem, error) {
	schema, err := eventSchema()
	if err != nil {
		return nil, err
	}
	err = schema.Validate(untyped(v))
	if err == nil {
		return nil, nil
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return nil, fmt.Errorf("validate against the EPCIS schema: %w", err)
	}
	return schemaProblems(invalid, nil), nil
}

// untyped is v as the schema's validator reads it; numbers stay literals.
func untyped(v *Value) any {
	switch v.Kind {
	case Bool:
		return v.Bool
	case Number:
		return json.Number(v.Str)
	case String:
		return v.Str
	case Array:
		items := make([]any, len(v.Items))
		for i, item := range v.Items {
			items[i] = untyped(item)
		}
		return items
	case ObjectValue:
		members := make(map[string]any, len(v.Obj.Members))
		for i := range v.Obj.Members {
			members[v.Obj.Members[i].Name] = untyped(v.Obj.Members[i].Value)
		}
		return members
	}
	return nil
}

// pattern is a regular expression of ECMAScript: the schema's need lookahead,
// which Go's own engine has not. They are anchored and cannot backtrack far.
type pattern struct{ re *regexp2.Regexp }

func compilePattern(s string) (jsonschema.Regexp, error) {
	re, err := regexp2.Compile(s, regexp2.ECMAScript)
	if err != nil {
		return nil, err
	}
	return pattern{re}, nil
}

func (p pattern) MatchString(s string) bool {
	ok, err := p.re.MatchString(s)
	return err == nil && ok
}

func (p pattern) String() string { return p.re.String() }

func asserted(check func(string) error) func(any) error {
	return func(v any) error {
		if s, ok := v.(string); ok {
			return check(s)
		}
		return nil
	}
}

func checkDateTime(s string) error {
	_, err := ParseInstant(s)
	return err
}

// checkURI checks a URI by the grammar of RFC 3986, section 3, with something
// behind the scheme.
func checkURI(s string) error {
	colon := strings.IndexByte(s, ':')
	if colon <= 0 || !isAlpha(s[0]) {
		return errors.New("it does not begin with a scheme, such as urn: or https:")
	}
	for i := 1; i < colon; i++ {
		if c := s[i]; !isAlpha(c) && !isDigit(c) && c != '+' && c != '-' && c != '.' {
			return errors.New("it does not begin with a scheme, such as urn: or https:")
		}
	}
	rest, fragment, _ := strings.Cut(s[colon+1:], "#")
	rest, query, _ := strings.Cut(rest, "?")
	if rest == "" {
		return errors.New("nothing follows its scheme")
	}
	path := rest
	if authority, ok := strings.CutPrefix(rest, "//"); ok {
		path = ""
		if slash := strings.IndexByte(authority, '/'); slash >= 0 {
			authority, path = authority[:slash], authority[slash:]
		}
		if !isAuthority(authority) {
			return errors.New("its host is not well formed")
		}
	}
	if !allowed(path, ":@/") || !allowed(query, ":@/?") || !allowed(fragment, ":@/?") {
		return errors.New("it holds a character that a URI must escape with %")
	}
	return nil
}

func isAuthority(s string) bool {
	if at := strings.IndexByte(s, '@'); at >= 0 {
		if !allowed(s[:at], ":") {
			return false
		}
		s = s[at+1:]
	}
	if literal, ok := strings.CutPrefix(s, "["); ok {
		address, port, ok := strings.Cut(literal, "]")
		if !ok || port != "" && port[0] != ':' {
			return false
		}
		ip, err := netip.ParseAddr(address)
		return err == nil && ip.Is6() && ip.Zone() == "" && isPort(strings.TrimPrefix(port, ":"))
	}
	host, port, _ := strings.Cut(s, ":")
	return allowed(host, "") && isPort(port)
}

func isAlpha(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isHex(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// allowed reports whether s has only unreserved characters, sub-delimiters,
// percent-encoded bytes, and those of extra.
func allowed(s, extra string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case isAlpha(c), isDigit(c), strings.IndexByte("-._~!$&'()*+,;=", c) >= 0, strings.IndexByte(extra, c) >= 0:
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			i += 2
		default:
			return false
		}
	}
	return true
}

func isPort(s string) bool { return strings.Trim(s, "0123456789") == "" }
