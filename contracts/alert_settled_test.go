package contracts_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
)

const contextJSON = `["` + epcis.ContextURL + `",{"wm":"` + epcis.Vocabulary + `"}]`

// What is no event is declared wrong by nobody: its alerts are settled by what stands in its
// place.
func TestWhatSettlesAnAlertOfAnotherKind(t *testing.T) {
	m := newMemory()
	m.time = epcis.Instant{Seconds: worldStart}
	const product, item, cert = "https://id.gs1.org/01/04012345000054", "https://id.gs1.org/00/040123450000000017", "https://id.gs1.org/253/4012345000016A1"
	party := func(digits, name string, roles ...identity.Role) identity.Organisation {
		return identity.Organisation{ID: partyID(digits), Name: name, Roles: roles, Prefixes: []string{digits}}
	}
	certifier := party("9521106", "certifier", identity.Certifier)
	certifier.Schemes = []string{"urn:scheme:1"}
	m.admit("certifier", certifier, identity.Active, identity.Active)
	m.admit("maker", party("9521102", "maker", identity.Manufacturer), identity.Active, identity.Active)
	m.admit("other", party("9521103", "other", identity.Trader), identity.Active, identity.Active)
	m.admit("customs", party("9521107", "customs", identity.CustomsOf("DE")), identity.Active, identity.Active)
	write := func(who string, kind epcis.Kind, body string) uint64 {
		t.Helper()
		m.time = m.time.Add(60)
		if v := m.judge(t, who, kind, []byte(body)); v.Rejected() {
			t.Fatalf("%s: %+v", body, v.Findings)
		}
		return uint64(len(m.records) - 1)
	}
	settled := func(seq uint64, code uint32) string {
		t.Helper()
		alerts, err := contracts.AlertsOf(m, m.records[seq])
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range alerts {
			if a.Finding.Code != code {
				continue
			}
			if a.Settled == nil {
				return "open"
			}
			if a.Settled.Organisation != m.records[a.Settled.Seq].Organisation || a.Settled.Time != m.records[a.Settled.Seq].Time.Seconds {
				t.Errorf("settled by %+v", a.Settled)
			}
			return fmt.Sprintf("%s by %d", a.Settled.Resolution, a.Settled.Seq)
		}
		return "none"
	}
	expect := func(seq uint64, code uint32, want string) {
		t.Helper()
		if got := settled(seq, code); got != want {
			t.Errorf("record %d, %d: %q, not %q", seq, code, got, want)
		}
	}
	compromised := func(seq uint64, f func()) {
		m.records[seq].Compromised = true
		f()
		m.records[seq].Compromised = false
	}

	// A certificate.
	certificate := func(action, more string) uint64 {
		return write("certifier", epcis.KindCertificate, fmt.Sprintf(`{"@context":%s,"type":"wm:Certificate","action":%q,"id":%q%s}`, contextJSON, action, cert, more))
	}
	issued := certificate("issue", fmt.Sprintf(`,"scheme":"urn:scheme:1","subject":%q,"scope":[%q],"validFrom":"2026-01-01T00:00:00Z","validUntil":"2030-01-01T00:00:00Z"`, partyID("9521102"), product))
	expect(issued, contracts.CodeForeign, "open")
	suspended := certificate("suspend", `,"reason":"audit"`)
	reinstated := certificate("reinstate", `,"reason":"done"`)
	expect(issued, contracts.CodeForeign, "open")
	expect(suspended, contracts.CodeForeign, fmt.Sprintf("supersede by %d", reinstated))
	expect(reinstated, contracts.CodeForeign, "open")
	revoked := certificate("revoke", `,"reason":"fraud"`)
	compromised(revoked, func() { expect(issued, contracts.CodeForeign, "open") })
	expect(issued, contracts.CodeForeign, fmt.Sprintf("revoke by %d", revoked))
	expect(reinstated, contracts.CodeForeign, fmt.Sprintf("revoke by %d", revoked))
	expect(revoked, contracts.CodeForeign, fmt.Sprintf("revoke by %d", revoked))

	// Master data: that of who described it first stands.
	describe := func(who, id, vocabulary, name string) uint64 {
		return write(who, epcis.KindMasterData, fmt.Sprintf(`{"@context":%s,"type":"wm:MasterData","vocabulary":%q,"id":%q,"attributes":[{"id":"urn:epcglobal:cbv:mda:descriptionShort","attribute":%q}]}`, contextJSON, vocabulary, id, name))
	}
	first := describe("maker", product, "urn:epcglobal:epcis:vtype:EPCClass", "beans")
	second := describe("other", product, "urn:epcglobal:epcis:vtype:EPCClass", "other beans")
	describe("other", product, "urn:epcglobal:epcis:vtype:EPCClass", "again")
	expect(first, contracts.CodeForeign, "open")
	expect(second, contracts.CodeOtherDescriber, "open")
	newer := describe("maker", product, "urn:epcglobal:epcis:vtype:EPCClass", "green beans")
	compromised(newer, func() { expect(first, contracts.CodeForeign, "open") })
	expect(first, contracts.CodeForeign, fmt.Sprintf("supersede by %d", newer))
	expect(second, contracts.CodeOtherDescriber, fmt.Sprintf("supersede by %d", newer))
	expect(newer, contracts.CodeForeign, "open")
	unit := describe("maker", item, "urn:epcglobal:epcis:vtype:EPCInstance", "a pallet")
	expect(unit, contracts.CodeForeign, "open")
	newer = describe("maker", item, "urn:epcglobal:epcis:vtype:EPCInstance", "the pallet")
	expect(unit, contracts.CodeForeign, fmt.Sprintf("supersede by %d", newer))

	// Customs.
	customs := func(who, action, mrn, more string) uint64 {
		return write(who, epcis.KindCustoms, fmt.Sprintf(`{"@context":%s,"type":"wm:CustomsDeclaration","action":%q,"mrn":%q,"country":"DE","eventTime":%q%s}`,
			contextJSON, action, "urn:epcglobal:cbv:bt:9521102000008:"+mrn, m.time, more))
	}
	const doubtful = "26DE585000000001R2"
	goods := func(serials ...string) string {
		var list []string
		for _, s := range serials {
			list = append(list, fmt.Sprintf("%q", product+"/21/"+s))
		}
		return `,"epcList":[` + strings.Join(list, ",") + "]"
	}
	const terms = `,"flow":"import","procedure":"4000","hsCode":"090111","origin":"ET","parties":[{"role":"declarant","id":"DE123"}]`
	declared := customs("maker", "declaration", doubtful, terms+goods("A", "B"))
	expect(declared, contracts.CodeForeign, "open")
	expect(declared, contracts.CodeNumberDoubted, "open")
	inspected := customs("customs", "inspection", doubtful, goods("A"))
	expect(declared, contracts.CodeForeign, "open")
	expect(declared, contracts.CodeNumberDoubted, fmt.Sprintf("decide by %d", inspected))
	expect(inspected, contracts.CodeForeign, "open")
	held := customs("customs", "hold", doubtful, `,"reason":"papers"`+goods("A"))
	expect(inspected, contracts.CodeForeign, fmt.Sprintf("supersede by %d", held))
	seized := customs("customs", "seizure", doubtful, `,"reason":"papers"`+goods("A"))
	expect(held, contracts.CodeForeign, fmt.Sprintf("decide by %d", seized))
	expect(declared, contracts.CodeForeign, "open")
	released := customs("customs", "release", doubtful, goods("B"))
	compromised(released, func() { expect(declared, contracts.CodeForeign, "open") })
	expect(declared, contracts.CodeForeign, fmt.Sprintf("decide by %d", released))

	early := customs("customs", "inspection", "2", goods("C"))
	expect(early, contracts.CodeUndeclared, "open")
	late := customs("maker", "declaration", "2", terms+goods("C"))
	expect(early, contracts.CodeUndeclared, fmt.Sprintf("declare by %d", late))
	expect(early, contracts.CodeForeign, "open")
	withdrawn := customs("customs", "withdrawal", "2", `,"reason":"by mistake"`)
	expect(early, contracts.CodeForeign, fmt.Sprintf("withdraw by %d", withdrawn))
	expect(late, contracts.CodeForeign, fmt.Sprintf("withdraw by %d", withdrawn))
	anew := customs("maker", "declaration", "2", terms+goods("C"))
	expect(anew, contracts.CodeForeign, "open")

	// An acknowledgement.
	answer := func(measure string) uint64 {
		return write("other", epcis.KindAcknowledgement, fmt.Sprintf(`{"@context":%s,"type":"wm:Acknowledgement","matter":"certificate","about":%q,"measure":%q,"eventTime":%q,"epcList":[%q]}`,
			contextJSON, cert, measure, m.time, product+"/21/D"))
	}
	given := answer("not_found")
	expect(given, contracts.CodeForeign, "open")
	expect(given, contracts.CodeForeign, "open")
	again := answer("quarantined")
	expect(given, contracts.CodeForeign, fmt.Sprintf("supersede by %d", again))
	expect(again, contracts.CodeForeign, "open")
}
