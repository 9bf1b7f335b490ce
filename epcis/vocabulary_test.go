package epcis

import (
	"strings"
	"testing"
)

func TestExpandVocabulary(t *testing.T) {
	for _, test := range []struct{ field, in, want, short string }{
		{FieldBizStep, "shipping", "https://ref.gs1.org/cbv/BizStep-shipping", "shipping"},
		{FieldBizStep, "urn:epcglobal:cbv:bizstep:shipping", "https://ref.gs1.org/cbv/BizStep-shipping", "shipping"},
		{FieldBizStep, "cbv:BizStep-shipping", "https://ref.gs1.org/cbv/BizStep-shipping", "shipping"},
		{FieldBizStep, "https://ref.gs1.org/cbv/BizStep-shipping", "https://ref.gs1.org/cbv/BizStep-shipping", "shipping"},
		{FieldBizStep, "https://example.com/steps/roasting", "https://example.com/steps/roasting", "https://example.com/steps/roasting"},
		{FieldDisposition, "in_transit", "https://ref.gs1.org/cbv/Disp-in_transit", "in_transit"},
		{"set", "recalled", "https://ref.gs1.org/cbv/Disp-recalled", "recalled"},
		{FieldTransactionType, "urn:epcglobal:cbv:btt:po", "https://ref.gs1.org/cbv/BTT-po", "po"},
		{FieldSourceDestination, "owning_party", "https://ref.gs1.org/cbv/SDT-owning_party", "owning_party"},
		{FieldErrorReason, "did_not_occur", "https://ref.gs1.org/cbv/ER-did_not_occur", "did_not_occur"},
		{FieldSensorType, "Temperature", "https://ref.gs1.org/voc/Temperature", "Temperature"},
		{FieldSensorType, "gs1:Temperature", "https://ref.gs1.org/voc/Temperature", "Temperature"},
		{FieldSensorException, "ALARM_CONDITION", "https://ref.gs1.org/voc/ALARM_CONDITION", "ALARM_CONDITION"},
		{FieldComponent, "x", "https://ref.gs1.org/cbv/Comp-x", "x"},
		{"", "plain", "plain", "plain"},
		{"", "epcis:eventTime", "https://ref.gs1.org/epcis/eventTime", "https://ref.gs1.org/epcis/eventTime"},
		{"", "cbvmda:lotNumber", "cbvmda:lotNumber", "cbvmda:lotNumber"},
		{FieldBizStep, "urn:epcglobal:cbv:mda:x", "urn:epcglobal:cbv:mda:x", "urn:epcglobal:cbv:mda:x"},
		{FieldBizStep, "urn:epcglobal:cbv:bizstep:", "urn:epcglobal:cbv:bizstep:", "urn:epcglobal:cbv:bizstep:"},
		{FieldBizStep, "", "", ""},
		{FieldBizStep, "not a word", "not a word", "not a word"},
		{"", "https://ref.gs1.org/cbv/Other-x", "https://ref.gs1.org/cbv/Other-x", "https://ref.gs1.org/cbv/Other-x"},
	} {
		got := ExpandVocabulary(test.field, test.in)
		if got != test.want || ShortVocabulary(got) != test.short {
			t.Errorf("%s %q: %s (%s), want %s (%s)", test.field, test.in, got, ShortVocabulary(got), test.want, test.short)
		}
		if again := ExpandVocabulary(test.field, got); again != got && got != test.in {
			t.Errorf("%s %q: again %s", test.field, test.in, again)
		}
	}
	if got := ExpandCURIE("cbvmda:lotNumber"); got != "urn:epcglobal:cbv:mda:lotNumber" {
		t.Error(got)
	}
	if got := ExpandCURIE("gs1://host/path"); got != "gs1://host/path" {
		t.Error(got)
	}
}

// A word that is kept expanded must be what putting it together gives.
func TestExpandedWords(t *testing.T) {
	for _, c := range []struct{ field, words string }{
		{FieldBizStep, "accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting installing killing loading other packing picking receiving removing repackaging repairing replacing reserving retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking storing transforming transporting unloading unpacking void_shipping"},
		{FieldDisposition, "active available completeness_inferred completeness_verified conformant container_closed container_open damaged destroyed dispensed disposed encoded expired in_progress in_transit inactive mismatch_class mismatch_instance mismatch_quantity needs_replacement no_pedigree_match non_conformant non_sellable_other partially_dispensed recalled reserved retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable unknown"},
		{FieldTransactionType, "bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt"},
		{FieldSourceDestination, "owning_party possessing_party location"},
	} {
		prefix := vocabularyPrefix(c.field)
		for _, word := range strings.Fields(c.words) {
			if got := expandedWord(prefix, word); got != prefix+word {
				t.Errorf("%s %s: %q", c.field, word, got)
			}
			if got := expandedWord(prefix, word+"x"); got != "" {
				t.Errorf("%s %sx: %q", c.field, word, got)
			}
		}
	}
}
