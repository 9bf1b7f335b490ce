package epcis

import (
	_ "embed"
	"errors"
	"fmt"
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

// schemas are the parts of the schema that we ask for. Events, vocabularies
// and their elements are asked about one by one: a document of ten megabytes may
// hold a million of them, all wrong, and the validator has no bound of its own.
type schemas struct {
	document, event, vocabulary, element *jsonschema.Schema
}

// compiledSchemas compiles the schema once. Formats are asserted: "uri" by the
// grammar of RFC 3986, "date-time" by ParseInstant and RFC 3339.
var compiledSchemas = sync.OnceValues(func() (schemas, error) { //waymark:allow variable: the embedded text alone decides what it holds
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(schemaText))
	if err != nil {
		return schemas{}, fmt.Errorf("read the EPCIS schema: %w", err)
	}
	const url = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-json-schema.json"
	c := jsonschema.NewCompiler()
	c.UseRegexpEngine(compilePattern)
	c.AssertFormat()
	c.RegisterFormat(&jsonschema.Format{Name: "uri", Validate: asserted(checkURI)})
	c.RegisterFormat(&jsonschema.Format{Name: "date-time", Validate: asserted(checkDateTime)})
	if err := c.AddResource(url, doc); err != nil {
		return schemas{}, fmt.Errorf("add the EPCIS schema: %w", err)
	}
	var compiled schemas
	for _, part := range []struct {
		fragment string
		into     **jsonschema.Schema
	}{
		{"", &compiled.document},
		{"#/definitions/EPCIS-Document-Event", &compiled.event},
		{"#/definitions/vocabulary", &compiled.vocabulary},
		{"#/definitions/vocabularyElement", &compiled.element},
	} {
		if *part.into, err = c.Compile(url + part.fragment); err != nil {
			return schemas{}, fmt.Errorf("compile the EPCIS schema: %w", err)
		}
	}
	return compiled, nil
})

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

// errDateTimeHour is of a time that ParseInstant reads, and JSON schema's format has not.
var errDateTimeHour = errors.New("the last hour of a day is 23, and midnight is 00:00:00 of the day that begins")

// checkDateTime is the format "date-time": what ParseInstant reads, and RFC 3339,
// section 5.6, has as well.
func checkDateTime(s string) error {
	if _, err := ParseInstant(s); err != nil {
		return err
	}
	if s[11:13] == "24" {
		return errDateTimeHour
	}
	return nil
}
