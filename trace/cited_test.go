package trace_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// certificate is a certificate's record, without its context: issued for March 2026
// unless more says otherwise.
func certificate(action, id, subject, more string) string {
	s := fmt.Sprintf(`{"@context":["%s",{"wm":"%s"}],"type":"wm:Certificate","id":%q,"action":%q`, epcis.ContextURL, epcis.Vocabulary, id, action)
	if action == "issue" {
		s += fmt.Sprintf(`,"scheme":"https://example.org/organic","subject":%q,"validFrom":%q,"validUntil":%q`, subject, at(1, 0), at(20, 0))
	}
	return s + more + "}"
}

func cites(id string) string { return fmt.Sprintf(`,"certificationInfo":%q`, id) }

func TestOnlyWhatStandsCitesACertificate(t *testing.T) {
	const good, refused, withdrawn = "urn:cert:1", "urn:cert:2", "urn:cert:3"
	m := newMemory()
	for _, id := range []string{good, refused, withdrawn} {
		m.add(t, orgB, epcis.KindCertificate, at(1, 0), certificate("issue", id, orgA, ""))
	}
	birth := m.event(t, orgA, object("ADD", "commissioning", at(2, 0), item(1, "A"))+cites(good))
	m.event(t, orgA, object("OBSERVE", "storing", at(3, 0), item(1, "A"))+cites(refused), trace.Finding{Severity: trace.Reject, Rule: "A4", Title: "no"})
	mistaken := object("OBSERVE", "storing", at(4, 0), item(1, "A")) + cites(withdrawn) + `,"eventID":"urn:uuid:4"`
	m.event(t, orgA, mistaken)
	standing := func() (told []string) {
		for _, c := range walk(t, m, item(1, "A"), trace.Options{}).Certificates {
			told = append(told, fmt.Sprint(c.ID, c.CitedBy))
		}
		return told
	}
	if got := standing(); !slices.Equal(got, []string{fmt.Sprintf("%s[%d]", good, birth), withdrawn + "[5]"}) {
		t.Errorf("certificates %v", got)
	}
	m.event(t, orgA, mistaken+wrong)
	if got := standing(); !slices.Equal(got, []string{fmt.Sprintf("%s[%d]", good, birth)}) {
		t.Errorf("after it was declared wrong: certificates %v", got)
	}
}

// Without another day, today is that of the newest record.
func TestTodayOfACertificate(t *testing.T) {
	m := newMemory()
	m.add(t, orgB, epcis.KindCertificate, at(1, 0), certificate("issue", "urn:cert:1", orgA, ""))
	m.event(t, orgA, object("ADD", "commissioning", at(2, 0), item(1, "A"))+cites("urn:cert:1"))
	m.event(t, orgA, object("OBSERVE", "storing", at(25, 0), item(1, "A")))
	for day, want := range map[string]string{"": trace.CertificateExpired, at(10, 0): trace.CertificateActive, at(28, 0): trace.CertificateExpired} {
		var o trace.Options
		if day != "" {
			o.Now = instant(t, day)
		}
		if c := walk(t, m, item(1, "A"), o).Certificates[0]; c.Today != want || c.AtEvent != trace.CertificateActive {
			t.Errorf("on %q: %+v", day, c)
		}
	}
}

func TestHowManyAccreditationsMayStandAboveACertificate(t *testing.T) {
	for n, want := range map[int]string{
		trace.MaxAccreditations:     trace.CertificateActive,
		trace.MaxAccreditations + 1: trace.CertificateUnaccredited,
		trace.MaxAccreditations + 3: trace.CertificateUnaccredited,
	} {
		m := newMemory()
		for i := range n + 1 {
			more := ""
			if i < n {
				more = fmt.Sprintf(`,"accreditation":"urn:cert:%d"`, i+1)
			}
			m.add(t, orgB, epcis.KindCertificate, at(1, 0), certificate("issue", fmt.Sprint("urn:cert:", i), orgA, more))
		}
		m.event(t, orgA, object("ADD", "commissioning", at(2, 0), item(1, "A"))+cites("urn:cert:0"))
		j := walk(t, m, item(1, "A"), trace.Options{})
		i := slices.IndexFunc(j.Certificates, func(c trace.CertificateStatus) bool { return c.ID == "urn:cert:0" })
		if got := j.Certificates[i].AtEvent; got != want {
			t.Errorf("%d above it: %q, want %q", n, got, want)
		}
	}
}

// An accreditation that another certificate rests on, and that goods cite as if it
// were their own, is out of its scope there.
func TestAnAccreditationThatGoodsCite(t *testing.T) {
	m := newMemory()
	m.add(t, orgC, epcis.KindCertificate, at(1, 0), certificate("issue", "urn:acc:1", orgB, `,"accredits":["https://example.org/organic"]`))
	m.add(t, orgB, epcis.KindCertificate, at(1, 0), certificate("issue", "urn:cert:1", orgA, `,"accreditation":"urn:acc:1"`))
	m.event(t, orgA, object("ADD", "commissioning", at(2, 0), item(1, "A"))+cites("urn:cert:1"))
	if c := walk(t, m, item(1, "A"), trace.Options{}).Certificates[0]; c.ID != "urn:acc:1" || c.AtEvent != trace.CertificateActive {
		t.Errorf("rested on: %+v", c)
	}
	m.event(t, orgA, object("OBSERVE", "storing", at(3, 0), item(1, "A"))+cites("urn:acc:1"))
	if c := walk(t, m, item(1, "A"), trace.Options{}).Certificates[0]; c.AtEvent != trace.CertificateOutOfScope {
		t.Errorf("cited: %+v", c)
	}
}

// What is said of a document alone concerns the goods that cite it, and is no event of
// theirs: nobody is told that they were shipped.
func TestWhatIsSaidOfADocumentIsNoEventOfTheGoods(t *testing.T) {
	const bill = `,"bizTransactionList":[{"type":"bol","bizTransaction":"urn:epcglobal:cbv:bt:9521101000005:B1"}]`
	m := newMemory()
	m.event(t, orgA, object("ADD", "commissioning", at(2, 0), item(1, "A"))+bill)
	said := m.event(t, orgA, fmt.Sprintf(`"type":"TransactionEvent","action":"OBSERVE","bizStep":"shipping","eventTime":%q,"epcList":[]`, at(3, 0))+bill)
	j := walk(t, m, item(1, "A"), trace.Options{})
	if !slices.Contains(seqs(j), said) || gaps(j) != "" {
		t.Errorf("records %v, gaps %q", seqs(j), gaps(j))
	}
}

// An event that names goods of a certificate beside others gives these none: each journey is
// told of its own goods.
func TestACertificateHoldsForTheGoodsItCovers(t *testing.T) {
	const class, lots, mixed = "urn:cert:class", "urn:cert:lots", "urn:cert:mixed"
	const pallet, other = "https://id.gs1.org/00/095211010000000014", "https://id.gs1.org/00/095211010000000021"
	m := newMemory()
	m.add(t, orgB, epcis.KindCertificate, at(1, 0), certificate("issue", class, orgA, `,"scope":["`+gtin(1)+`"]`))
	m.add(t, orgB, epcis.KindCertificate, at(1, 0), certificate("issue", lots, orgA, `,"scope":["`+gtin(2)+`/10/L"]`))
	m.event(t, orgA, object("ADD", "commissioning", at(2, 0), item(1, "A"), item(3, "B"))+cites(class))
	m.event(t, orgA, object("ADD", "commissioning", at(2, 0), item(2, "C"), item(3, "D"))+cites(lots)+`,"ilmd":{"cbvmda:lotNumber":"L"}`)
	m.event(t, orgA, object("ADD", "commissioning", at(2, 0), item(2, "E"))+`,"ilmd":{"cbvmda:lotNumber":"M"}`)
	m.event(t, orgA, object("OBSERVE", "storing", at(3, 0), item(1, "A"), item(3, "D"))+cites(class))
	m.event(t, orgA, `"type":"AggregationEvent","action":"ADD","bizStep":"packing","eventTime":"`+at(4, 0)+`","parentID":"`+pallet+`","childEPCs":["`+item(1, "A")+`"]`+cites(class))
	m.event(t, orgA, `"type":"AggregationEvent","action":"ADD","bizStep":"packing","eventTime":"`+at(4, 0)+`","parentID":"`+pallet+`","childEPCs":["`+item(2, "E")+`"]`)
	m.event(t, orgA, object("OBSERVE", "shipping", at(5, 0), pallet, item(1, "X"))+cites(class))
	m.event(t, orgA, object("OBSERVE", "storing", at(6, 0), other)+cites(class)) // names nothing that is judged
	for _, want := range []struct{ id, told string }{
		{item(1, "A"), "urn:cert:class active"},
		{item(3, "B"), "urn:cert:class out of scope"},
		{item(2, "C"), "urn:cert:lots active"},
		{item(3, "D"), "urn:cert:class out of scope, urn:cert:lots out of scope"},
		{item(2, "E"), "urn:cert:class out of scope"}, // its pallet alone is named
		{pallet, "urn:cert:class active"},
		{other, "urn:cert:class active"},
	} {
		var told []string
		for _, c := range walk(t, m, want.id, trace.Options{}).Certificates {
			told = append(told, c.ID+" "+c.AtEvent)
		}
		if got := strings.Join(told, ", "); got != want.told {
			t.Errorf("%s: %q, not %q", want.id, got, want.told)
		}
	}
}
