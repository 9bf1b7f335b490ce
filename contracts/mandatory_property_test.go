package contracts_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
)

const (
	organic = "https://example.org/organic"
	safe    = "https://example.org/safety"
)

// Product classes: of the exporter, of the roaster, and of a prefix that nobody licenses.
const (
	greenClass   = "https://id.gs1.org/01/09521102000015"
	roastedClass = "https://id.gs1.org/01/09521104000013"
	foreignClass = "https://id.gs1.org/01/04012345999990"
)

// badge is a certificate as the property knows it.
type badge struct {
	id, scheme, subject string
	codes               []string
	from, until         int64
	status              string
}

// demand is what the members have voted for a scheme.
type demand struct {
	codes, classes []string
	since          int64
}

// schemes is a network whose members make schemes mandatory.
type schemes struct {
	*memory
	demands   map[string]demand
	badges    []*badge
	described map[string]string // commodity codes, by class
	proposals int
}

func newSchemes() *schemes {
	s := &schemes{memory: world(), demands: map[string]demand{}, described: map[string]string{}}
	s.admit("certifier", identity.Organisation{ID: partyID("9521106"), Name: "certifier", Roles: []identity.Role{identity.Certifier},
		Prefixes: []string{"9521106"}, Schemes: []string{organic, safe}}, identity.Active, identity.Active)
	s.time = epcis.Instant{Seconds: worldStart}
	return s
}

// say judges a record of a kind.
func (s *schemes) say(t *rapid.T, tb testing.TB, member string, kind epcis.Kind, fields map[string]any) *contracts.Verdict {
	fields["@context"] = []any{epcis.ContextURL, map[string]string{"wm": epcis.Vocabulary}}
	b, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return s.judge(tb, member, kind, b)
}

// must is say for a record that nothing is the matter with.
func (s *schemes) must(t *rapid.T, tb testing.TB, member string, kind epcis.Kind, fields map[string]any) {
	if v := s.say(t, tb, member, kind, fields); v.Rejected() {
		t.Fatalf("%v refused: %+v", fields, v.Findings)
	}
}

func some(t *rapid.T, label string, of ...string) []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(of), 0, 2, rapid.ID).Draw(t, label)
}

// vote has the members make a scheme mandatory for goods, or for none any more.
func (s *schemes) vote(t *rapid.T, tb testing.TB) {
	scheme := rapid.SampledFrom([]string{organic, safe}).Draw(t, "scheme")
	d := demand{some(t, "codes", "0901", "090121", "18"), some(t, "classes", greenClass, roastedClass, foreignClass), s.time.Seconds}
	if len(d.codes)+len(d.classes) == 0 {
		if _, ok := s.demands[scheme]; !ok {
			return
		}
		delete(s.demands, scheme)
	} else {
		s.demands[scheme] = d
	}
	s.proposals++
	id := fmt.Sprintf("urn:uuid:p%d", s.proposals)
	s.must(t, tb, "exporter", epcis.KindGovernance, map[string]any{"type": "wm:Governance", "action": "propose", "id": id, "change": "scheme",
		"scheme": map[string]any{"scheme": scheme, "hsCodes": d.codes, "classes": d.classes}})
	s.must(t, tb, "roaster", epcis.KindGovernance, map[string]any{"type": "wm:Governance", "action": "vote", "id": id, "vote": "yes"})
}

// certify issues a certificate, or changes how one stands.
func (s *schemes) certify(t *rapid.T, tb testing.TB) {
	fields := map[string]any{"type": "wm:Certificate", "reason": "inspection"}
	if len(s.badges) > 0 && rapid.Bool().Draw(t, "an old one") {
		b := rapid.SampledFrom(s.badges).Draw(t, "certificate")
		action := rapid.SampledFrom([]string{"suspend", "reinstate", "reinstate", "revoke"}).Draw(t, "action")
		fields["action"], fields["id"] = action, b.id
		v := s.say(t, tb, "certifier", epcis.KindCertificate, fields)
		now := map[string]string{"suspend": "suspended", "reinstate": "active", "revoke": "revoked"}[action]
		if !v.Rejected() {
			b.status = now
		}
		return
	}
	b := &badge{id: fmt.Sprintf("urn:cert:%d", len(s.badges)), status: "active",
		scheme:  rapid.SampledFrom([]string{organic, safe}).Draw(t, "scheme"),
		subject: rapid.SampledFrom([]string{s.party("exporter"), s.party("exporter"), greenClass, roastedClass, greenClass + "/10/L", foreignClass}).Draw(t, "subject"),
		from:    s.time.Seconds + int64(rapid.IntRange(-60, 5).Draw(t, "from")),
		codes:   some(t, "scope", "0901", "1801"),
	}
	b.until = b.from + int64(rapid.SampledFrom([]int{1, 60, 200, 200}).Draw(t, "for"))
	if b.until < s.time.Seconds {
		b.until = s.time.Seconds
	}
	fields["action"], fields["id"], fields["scheme"], fields["subject"] = "issue", b.id, b.scheme, b.subject
	fields["validFrom"], fields["validUntil"] = epcis.Instant{Seconds: b.from}.String(), epcis.Instant{Seconds: b.until}.String()
	if len(b.codes) > 0 {
		fields["hsCodes"] = b.codes
	}
	delete(fields, "reason")
	s.must(t, tb, "certifier", epcis.KindCertificate, fields)
	s.badges = append(s.badges, b)
}

// describe gives a class a commodity code, or takes it away.
func (s *schemes) describe(t *rapid.T, tb testing.TB) {
	class := rapid.SampledFrom([]string{greenClass, roastedClass, foreignClass}).Draw(t, "class")
	code := rapid.SampledFrom([]string{"", "0901", "090111", "090121", "1801"}).Draw(t, "code")
	member := "exporter"
	if class == roastedClass {
		member = "roaster"
	}
	attributes := []map[string]any{{"id": "wm:grade", "attribute": s.time.String()}}
	if code != "" {
		attributes = append(attributes, map[string]any{"id": "wm:hsCode", "attribute": code})
	}
	s.must(t, tb, member, epcis.KindMasterData, map[string]any{"type": "wm:MasterData", "vocabulary": "urn:epcglobal:epcis:vtype:EPCClass",
		"id": class, "attributes": attributes})
	s.described[class] = code
}

func prefixed(code string, by []string) bool {
	return code != "" && slices.ContainsFunc(by, func(p string) bool { return strings.HasPrefix(code, p) })
}

// holds reports whether a certificate holds for a thing of a class that came into being
// at some time, of a commodity code that the event states.
func (b *badge) holds(by, thing, class, stated string, at int64) bool {
	about := b.subject == by || b.subject == class || b.subject == thing
	return b.status == "active" && b.from <= at && at <= b.until && about && (len(b.codes) == 0 || stated == "" || prefixed(stated, b.codes))
}

// In whatever order votes, certificates and goods come: goods for which a scheme is
// mandatory come into being under a certificate of it that is active, valid and about
// them, and what needs none, or has it, is not refused for want of it.
func TestNoMandatoryGoodsWithoutTheirCertificate(t *testing.T) {
	refused, certified := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		s := newSchemes()
		for n := range rapid.IntRange(5, 50).Draw(rt, "records") {
			s.time.Seconds += int64(rapid.IntRange(1, 10).Draw(rt, "later"))
			switch rapid.SampledFrom([]string{"goods", "goods", "goods", "goods", "certify", "certify", "describe", "vote"}).Draw(rt, "what") {
			case "vote":
				s.vote(rt, t)
				continue
			case "certify":
				s.certify(rt, t)
				continue
			case "describe":
				s.describe(rt, t)
				continue
			}
			class := rapid.SampledFrom([]string{greenClass, roastedClass, foreignClass}).Draw(rt, "class")
			member := "exporter"
			if class == roastedClass {
				member = "roaster"
			}
			at := s.time.Seconds - int64(rapid.SampledFrom([]int{0, 0, 1, 10, 30}).Draw(rt, "ago"))
			// Each is a record of its own: the same bytes again are rule A6's.
			e := map[string]any{"eventID": fmt.Sprintf("urn:uuid:e%d", s.seq), "eventTime": epcis.Instant{Seconds: at}.String(), "eventTimeZoneOffset": "+00:00"}
			thing := fmt.Sprintf("%s/21/%d", class, n)
			lot := rapid.Bool().Draw(rt, "lot")
			if lot {
				thing = class + "/10/L"
			}
			items, quantities := "epcList", "quantityList"
			births := true
			switch rapid.SampledFrom([]string{"born", "born", "made", "seen"}).Draw(rt, "how") {
			case "born":
				e["type"], e["action"], e["bizStep"] = "ObjectEvent", "ADD", "commissioning"
			case "made":
				e["type"] = "TransformationEvent"
				e["inputQuantityList"] = []map[string]any{{"epcClass": "urn:example:beans"}}
				items, quantities = "outputEPCList", "outputQuantityList"
			case "seen":
				e["type"], e["action"], e["bizStep"], births = "ObjectEvent", "OBSERVE", "storing", false
			}
			if lot {
				e[quantities] = []map[string]any{{"epcClass": thing, "quantity": 1, "uom": "KGM"}}
			} else {
				e[items] = []string{thing}
			}
			stated := rapid.SampledFrom([]string{"", "", "0901", "090121", "1801"}).Draw(rt, "states")
			if stated != "" && births {
				e["ilmd"] = map[string]any{"wm:hsCode": stated}
			} else {
				stated = ""
			}
			var cited []*badge
			if len(s.badges) > 0 {
				cited = rapid.SliceOfNDistinct(rapid.SampledFrom(s.badges), 0, 3, func(b *badge) string { return b.id }).Draw(rt, "cites")
				if rapid.Bool().Draw(rt, "cites all") {
					cited = s.badges[:min(len(s.badges), 16)]
				}
			}
			var ids []string
			for _, b := range cited {
				ids = append(ids, b.id)
			}
			if len(ids) > 0 {
				e["certificationInfo"] = ids
			}
			missing, needed := false, false
			for scheme, d := range s.demands {
				if !births || at < d.since || !slices.Contains(d.classes, class) && !prefixed(stated, d.codes) && !prefixed(s.described[class], d.codes) {
					continue
				}
				needed = true
				held := slices.ContainsFunc(cited, func(b *badge) bool { return b.scheme == scheme && b.holds(s.party(member), thing, class, stated, at) })
				missing = missing || !held
			}
			v := s.say(rt, t, member, epcis.KindEvent, e)
			stopped, flagged := slices.Contains(words(v), "REJECT 2210"), slices.Contains(words(v), "FLAG 2210")
			if stopped != (missing && class != foreignClass) || flagged != (missing && class == foreignClass) || stopped && !v.Rejected() {
				rt.Fatalf("%v at %d: %v; demands %v, certificates cited %+v, described %v", e, at, words(v), s.demands, cited, s.described)
			}
			switch {
			case stopped:
				refused++
			case needed && !missing:
				certified++
			}
		}
	})
	if refused+certified > 100 && (refused == 0 || certified == 0) {
		t.Errorf("%d are refused and %d certified: the histories say too little", refused, certified)
	}
}
