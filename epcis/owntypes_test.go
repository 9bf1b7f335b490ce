package epcis

import (
	"strings"
	"testing"
)

// Who misspells the type of one of Waymark's own records is told those that there are; who
// leaves the action out is told that alone.
func TestOwnRecordsThatAreMisspelt(t *testing.T) {
	for typ, want := range map[string]bool{"wm:Customs": true, Vocabulary + "Recall": true, "ObjectEvents": false} {
		root, err := ParseJSON([]byte(`{"type":"` + typ + `"}`))
		if err != nil {
			t.Fatal(err)
		}
		problems := strictness(root)
		if len(problems) != 1 || problems[0].Pointer != "/type" || strings.Contains(problems[0].Reason, "wm:CustomsDeclaration") != want {
			t.Errorf("%s: %+v", typ, problems)
		}
	}
	_, err := Decode(KindCertificate, []byte(`{"@context":["`+ContextURL+`",{"wm":"`+Vocabulary+`"}],"type":"wm:Certificate"}`))
	if err == nil || !strings.Contains(err.Error(), "a certificate record needs an action") {
		t.Errorf("a certificate without an action: %v", err)
	}
}
