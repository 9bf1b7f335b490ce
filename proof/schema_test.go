package proof

import (
	"bytes"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The published schema admits every dossier that verifies, and holds every field
// to its form.
func TestPublishedSchema(t *testing.T) {
	s, err := jsonschema.NewCompiler().Compile("../docs/dossier.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range goodVectors(t) {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(v.Dossier)))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(doc); err != nil {
			t.Errorf("%s: %v", v.Name, err)
		}
	}
	o := newOrchard(t)
	tree := parseNode(t, o.dossier(t, organic, BuildOptions{}))
	refused := 0
	tree.mutate("dossier", func(what string) {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(tree.append(nil)))
		if err != nil || s.Validate(doc) != nil {
			refused++
		}
		if strings.HasSuffix(what, " as a list") && s.Validate(doc) == nil {
			t.Errorf("%s: the schema admits it", what)
		}
	})
	if refused < 500 {
		t.Errorf("the schema refuses %d changes only", refused)
	}
}
