package trace_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/trace"
)

// What the coffee lane in testdata is about.
const (
	laneBag       = "https://id.gs1.org/01/09521104000020/21/R2600000001"
	laneContainer = "urn:epc:id:bic:WMKU2047188"
	laneMRN       = "urn:epcglobal:cbv:bt:9521105000005:26DE585000000000R7"
	laneNow       = "2026-11-22T10:00:00Z"
)

func laneUpstream() []string {
	return []string{
		laneBag,
		"https://id.gs1.org/01/09521104000020/10/LOT2600000",
		"https://id.gs1.org/01/09521104000013/10/RO2600000",
		"https://id.gs1.org/01/19521102000012/21/B2600000001",
		"https://id.gs1.org/01/19521102000012/21/B2600000021",
		"https://id.gs1.org/00/395211020000000016",
		"https://id.gs1.org/00/395211020000000023",
		laneContainer,
		"https://id.gs1.org/01/09521102000015/10/GR2600000",
		"https://id.gs1.org/01/09521101000023/10/PA2600000",
		"https://id.gs1.org/01/09521101000016/10/CH2600000A",
		"https://id.gs1.org/01/09521101000016/10/CH2600000B",
		"https://id.gs1.org/01/09521101000016/10/CH2600000C",
	}
}

func TestJourneyOfOneRetailBagIsWhatItWasMadeFromAndNothingElse(t *testing.T) {
	m := laneLedger(t)
	j := walk(t, m, laneBag, trace.Options{Direction: trace.Upstream, Now: instant(t, laneNow)})
	want := laneUpstream()
	slices.Sort(want)
	if got := things(j); !slices.Equal(got, want) {
		t.Errorf("things\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
	if len(j.Plots) != 3 {
		t.Errorf("%d plots, want 3", len(j.Plots))
	}
	for _, p := range j.Plots {
		if p.ID == "" || !json.Valid(p.Geometry) || len(p.Of) != 1 {
			t.Errorf("plot %+v", p)
		}
	}
	if len(j.Certificates) != 1 || j.Certificates[0].AtEvent != trace.CertificateActive || j.Certificates[0].Today != trace.CertificateActive {
		t.Errorf("certificates %+v", j.Certificates)
	}
	released := 0
	for _, s := range j.Steps {
		if strings.HasSuffix(s.Disposition, "customs_released") {
			released++
		}
	}
	if released != 2 {
		t.Errorf("%d customs releases, want 2", released)
	}
	if len(j.Gaps) != 0 {
		t.Errorf("gaps %+v", j.Gaps)
	}
	for _, e := range j.Graph.Edges {
		if e.Certainty != trace.Certain {
			t.Errorf("edge %+v is not certain", e)
		}
	}
}

func TestAnySpellingOfTheIDLeadsToTheSameJourney(t *testing.T) {
	m := laneLedger(t)
	want, err := json.Marshal(walk(t, m, laneBag, trace.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{
		"https://shop.example/01/09521104000020/10/LOT2600000/21/R2600000001?17=271122",
		"urn:epc:id:sgtin:9521104.000002.R2600000001",
	} {
		got, err := json.Marshal(walk(t, m, id, trace.Options{}))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s leads elsewhere", id)
		}
	}
}

func TestContainerAndDocumentLeadToTheGoodsAndTheirOrigin(t *testing.T) {
	m := laneLedger(t)
	for _, id := range []string{laneContainer, laneMRN, "https://id.gs1.org/00/395211020000000016"} {
		got := things(walk(t, m, id, trace.Options{Direction: trace.Upstream}))
		for _, want := range []string{
			"https://id.gs1.org/01/19521102000012/21/B2600000001", laneContainer,
			"https://id.gs1.org/01/09521101000016/10/CH2600000C",
		} {
			if !slices.Contains(got, want) {
				t.Errorf("upstream of %s lacks %s", id, want)
			}
		}
		if slices.Contains(got, laneBag) {
			t.Errorf("upstream of %s goes downstream", id)
		}
	}
	down := things(walk(t, m, laneMRN, trace.Options{Direction: trace.Downstream}))
	if !slices.Contains(down, laneBag) {
		t.Errorf("downstream of the declaration lacks the retail bag: %d things", len(down))
	}
}

func TestRecallOfACherryLotFindsEveryRetailBag(t *testing.T) {
	m := laneLedger(t)
	j := walk(t, m, "https://id.gs1.org/01/09521101000016/10/CH2600000B", trace.Options{Direction: trace.Downstream})
	retail := 0
	for _, id := range things(j) {
		if strings.Contains(id, "/01/09521104000020/21/") {
			retail++
		}
	}
	if retail != 400 {
		t.Errorf("%d retail bags, want 400", retail)
	}
}

func TestTreeOfTheLane(t *testing.T) {
	j := walk(t, laneLedger(t), laneBag, trace.Options{Direction: trace.Upstream, Now: instant(t, laneNow)})
	var out bytes.Buffer
	if err := j.Tree(&out); err != nil {
		t.Fatal(err)
	}
	golden(t, "lane.tree.txt", out.Bytes())
}

func TestTreeOfARecallIsNoLongerThanAPage(t *testing.T) {
	j := walk(t, laneLedger(t), "https://id.gs1.org/01/09521102000015/10/GR2600000", trace.Options{Direction: trace.Downstream, Now: instant(t, laneNow)})
	var out bytes.Buffer
	if err := j.Tree(&out); err != nil {
		t.Fatal(err)
	}
	golden(t, "recall.tree.txt", out.Bytes())
}

func TestJSONOfTheLane(t *testing.T) {
	j := walk(t, laneLedger(t), laneBag, trace.Options{Direction: trace.Upstream, Now: instant(t, laneNow)})
	b, err := json.MarshalIndent(j, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "lane.journey.json", append(b, '\n'))
}
