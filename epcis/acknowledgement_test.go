package epcis

import (
	"errors"
	"strings"
	"testing"
)

const acknowledgementRecord = `{"@context":["` + ContextURL + `",{"wm":"` + Vocabulary + `"}],"type":"wm:Acknowledgement",
	"matter":"recall","about":"urn:epc:class:lgtin:9521102.000001.L","eventTime":"2026-06-01T10:00:00Z","measure":"quarantined","note":"cold store 2",
	"epcList":["urn:epc:id:bic:WMKU2047188"],"quantityList":[{"epcClass":"urn:epc:class:lgtin:9521102.000001.L","quantity":6000.50,"uom":"KGM"}]}`

func TestAcknowledgementIsRead(t *testing.T) {
	r, err := Decode(KindAcknowledgement, []byte(acknowledgementRecord))
	if err != nil {
		t.Fatal(err)
	}
	a := r.Acknowledgement
	if a.Matter != MatterRecall || a.About.Level != Lot || a.Measure != MeasureQuarantined || a.Note != "cold store 2" ||
		a.Time.String() != "2026-06-01T10:00:00Z" || len(a.Goods) != 1 || len(a.Quantities) != 1 || a.Quantities[0].Amount.String() != "6000.5" {
		t.Errorf("it is read wrong: %+v", a)
	}
}

// Every mistake is refused with its place.
func TestAcknowledgementsAreReadStrictly(t *testing.T) {
	for _, c := range []struct{ change, with, pointer string }{
		{`"recall"`, `"theft"`, "/matter"},
		{`"recall"`, `"certificate"`, "/about"}, // a lot is no certificate
		{`"recall"`, `"customs"`, "/about"},
		{`"about":"urn:epc:class:lgtin:9521102.000001.L"`, `"about":"urn:epc:id:sgln:9521105.00001.0"`, "/about"},
		{`"about":"urn:epc:class:lgtin:9521102.000001.L"`, `"about":""`, "/about"},
		{`"quarantined"`, `"kept"`, "/measure"},
		{`"cold store 2"`, `""`, "/note"},
		{`"2026-06-01T10:00:00Z"`, `"yesterday"`, "/eventTime"},
		{`"urn:epc:id:bic:WMKU2047188"`, `"urn:epc:id:sgln:9521105.00001.0"`, "/epcList/0"},
		{`6000.50`, `0`, "/quantityList/0"},
		{`"matter":"recall",`, ``, ""},
		{`"measure":"quarantined",`, ``, ""},
		{`"eventTime":"2026-06-01T10:00:00Z",`, ``, ""},
		{`"note"`, `"NOTE"`, ""},
		{`"wm:Acknowledgement"`, `"wm:Certificate"`, "/type"},
	} {
		wrong := strings.Replace(acknowledgementRecord, c.change, c.with, 1)
		var fault *SyntaxError
		if _, err := Decode(KindAcknowledgement, []byte(wrong)); !errors.As(err, &fault) || fault.Pointer != c.pointer {
			t.Errorf("%s for %s: %v, want a fault at %q", c.with, c.change, err, c.pointer)
		}
	}
}
