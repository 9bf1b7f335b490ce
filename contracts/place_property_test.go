package contracts_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// placeData draws master data of a place: nobody, some or all may use it.
func placeData(t *rapid.T, m *memory, place string) (record []byte, users []string) {
	one := rapid.SampledFrom([]string{m.party("exporter"), m.party("roaster"), m.party("shop"), "*"})
	users = rapid.SliceOfNDistinct(one, 0, 2, rapid.ID).Draw(t, "users")
	attributes := []map[string]any{{"id": "cbvmda:name", "attribute": m.time.String()}}
	if len(users) > 0 {
		attributes = append(attributes, map[string]any{"id": "wm:usedBy", "attribute": users})
	}
	record, err := json.Marshal(map[string]any{
		"@context": []any{epcis.ContextURL, map[string]string{"wm": epcis.Vocabulary, "cbvmda": "urn:epcglobal:cbv:mda:"}}, "type": "wm:MasterData",
		"vocabulary": "urn:epcglobal:epcis:vtype:BusinessLocation", "id": place, "attributes": attributes,
	})
	if err != nil {
		t.Fatal(err)
	}
	return record, users
}

// Where the network refuses events at another's place, every accepted one names places
// of its signer, places whose member lets it use them by the latest word of its own,
// places of a party of the same hand-over, or places of nobody here; and no other is
// refused for its place.
func TestNobodyIsAtAnothersPlaceUninvited(t *testing.T) {
	refused, invited := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		m := market()
		p := identity.DefaultParameters()
		p.PlaceAuthority = identity.PolicyReject
		m.states[trace.ParametersKey()] = p.Encode()
		owner := map[string]string{} // by place, the member
		places := []string{"geo:48.2,16.4", "urn:uuid:shed", gs1Key("414", "401234500001")}
		for _, name := range traders {
			for _, number := range []string{"00010", "00011"} {
				place := gs1Key("414", m.members[name].Prefixes[0]+number)
				owner[place], owner[place+"/254/GATE"] = name, name
				places = append(places, place, place+"/254/GATE")
			}
		}
		users := map[string][]string{} // by place
		for range rapid.IntRange(1, 40).Draw(rt, "records") {
			m.time.Seconds++
			member := rapid.SampledFrom(traders).Draw(rt, "member")
			if rapid.IntRange(0, 2).Draw(rt, "describes") == 0 {
				place := rapid.SampledFrom(places[2:]).Draw(rt, "place")
				record, now := placeData(rt, m, place)
				v := m.judge(t, member, epcis.KindMasterData, record)
				if v.Rejected() != (owner[place] != "" && owner[place] != member) {
					rt.Fatalf("%s describes %s of %s: %v", member, place, owner[place], words(v))
				}
				if !v.Rejected() {
					users[place] = now
				}
				continue
			}
			e := map[string]any{}
			if rapid.Bool().Draw(rt, "hands over") {
				some := rapid.SampledFrom([]string{"", m.party("exporter"), m.party("roaster"), m.party("shop")})
				e = handOver(some.Draw(rt, "from"), some.Draw(rt, "to"))
			}
			parties, err := json.Marshal(e)
			if err != nil {
				rt.Fatal(err)
			}
			var named []string
			for _, field := range []string{"readPoint", "bizLocation"} {
				if place := rapid.SampledFrom(append([]string{""}, places...)).Draw(rt, field); place != "" {
					e[field] = map[string]any{"id": place}
					named = append(named, place)
				}
			}
			e["bizStep"], e["epcList"] = "storing", []string{itemURI(0)}
			v := m.record(t, member, e)
			uninvited, asked := false, false
			for _, place := range named {
				host := owner[place]
				if host == "" || host == member {
					continue
				}
				asked = true
				gln, _, _ := strings.Cut(place, "/254/")
				list := append(slices.Clone(users[place]), users[gln]...)
				may := slices.Contains(list, "*") || slices.Contains(list, m.party(member)) || strings.Contains(string(parties), m.party(host))
				uninvited = uninvited || !may
			}
			if said := slices.Contains(words(v), "REJECT 401"); said != uninvited || uninvited && !v.Rejected() {
				rt.Fatalf("%s at %v, parties %s, users %v: %v", member, named, parties, users, words(v))
			}
			switch {
			case uninvited:
				refused++
			case asked:
				invited++
			}
		}
	})
	if refused+invited > 500 && (refused == 0 || invited == 0) {
		t.Errorf("%d are refused and %d invited: the histories say too little", refused, invited)
	}
}
