package epcis

import (
	"strings"
	"testing"
)

// What a value commits to is a hash that anybody computes: printf '%s' "customs value …" | sha256sum.
func TestValueIsCommittedTo(t *testing.T) {
	const salt = "0b6f9a1ed24c38757f60e1a29c8d3b4451f7c02a96de8b130475ac9fe2183d6b"
	const committed = "sha-256:20b9ab72b429017b3ca5ef6146d7cc84f9f0f7bedd37d115aff26d8fd63433cd"
	mrn := Canonical("urn:epcglobal:cbv:bt:9521105000004:26DE585000000001R6")
	for _, same := range []string{"480.50 EUR " + salt, "480.5 EUR " + strings.ToUpper(salt), " 4.805e2  EUR " + salt + "\n"} {
		v, err := ParseCustomsValue(same)
		if err != nil || v.Commitment(mrn) != committed {
			t.Errorf("%s: %s, %v", same, v.Commitment(mrn), err)
		}
	}
	for _, other := range []string{"480.51 EUR " + salt, "480.50 USD " + salt, "480.50 EUR 1" + salt[1:]} {
		if v, err := ParseCustomsValue(other); err != nil || v.Commitment(mrn) == committed {
			t.Errorf("%s: %v", other, err)
		}
	}
	v, err := ParseCustomsValue("480.50 EUR " + salt)
	if err != nil || v.Commitment(Canonical("urn:epcglobal:cbv:bt:9521105000004:26DE585000000002R4")) == committed {
		t.Errorf("another declaration commits to the same: %v", err)
	}
	for _, wrong := range []string{"", "480.50 EUR", "480.50 EUR " + salt + " x", "-1 EUR " + salt, "x EUR " + salt, "480,50 EUR " + salt, "480.50 eur " + salt,
		"480.50 EURO " + salt, "480.50 EUR " + salt[2:], "480.50 EUR x" + salt[1:]} {
		if _, err := ParseCustomsValue(wrong); err == nil {
			t.Errorf("%q is read", wrong)
		}
	}
}
