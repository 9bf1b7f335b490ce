// Package lane holds trade lanes to play on a testnet: who takes part, what
// they make and where, and every event in order.
//
// Its promise: real identifiers. GS1 keys stand under GS1's demonstration
// prefixes with right check digits, containers under ISO 6346, places under
// UN/LOCODE, goods under the Harmonized System. Organisations and people are
// made up.
package lane

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
)

// Lane is one trade lane: everything that a demo, a load or a test needs to play
// it, whichever it is.
type Lane struct {
	Name    string   // on the command line
	About   string   // what travels from where to where, in a few words
	Thing   string   // what a consumer scans: "bag"
	Members []string // short names of those who take part
	Caught  []Caught // what the rules find of one script and of what goes before

	ground func(*author)
	write  func(a *author, n int) *Script
}

// All are the lanes, in the order in which they are played.
func All() []Lane { return []Lane{Coffee, Tuna, Parcel} }

// Named returns the lane of that name, or all of them for "all".
func Named(name string) ([]Lane, error) {
	if name == AllLanes {
		return All(), nil
	}
	for _, l := range All() {
		if l.Name == name {
			return []Lane{l}, nil
		}
	}
	names := Names()
	last := len(names) - 1
	return nil, fmt.Errorf("there is no lane %q: choose %s or %s", name, strings.Join(names[:last], ", "), names[last])
}

// AllLanes is the name that stands for all lanes.
const AllLanes = "all"

// Names are the names that Named knows.
func Names() []string {
	var names []string
	for _, l := range All() {
		names = append(names, l.Name)
	}
	return append(names, AllLanes)
}

// Ground is what goes before the lane's scripts, once a network: master data of
// its products, places and parties, and certificates.
func (l Lane) Ground(now time.Time) ([]Act, error) {
	a := &author{now: now}
	l.ground(a)
	return l.expecting(a.acts), a.err
}

// Script is the lane for consignment n, 0 to 99,999, with times before now. The
// same n on the same network names the same goods.
func (l Lane) Script(now time.Time, n int) (*Script, error) {
	a := &author{now: now}
	s := l.write(a, n)
	s.Acts = l.expecting(a.acts)
	return s, a.err
}

func (l Lane) expecting(acts []Act) []Act {
	for i := range acts {
		for _, c := range l.Caught {
			if c.Act == acts[i].Title {
				acts[i].Caught = append(acts[i].Caught, c)
			}
		}
	}
	return acts
}

// Member is an organisation of a lane. Name is its short name on the command
// line and in directories; Node says whether it runs a node of its own.
type Member struct {
	Name         string
	Node         bool
	Through      string // a member without a node signs through this one's
	Organisation identity.Organisation
}

// Act is what one member records at one point of the lane: one EPCIS document,
// or records of one of Waymark's own kinds.
type Act struct {
	Row      int    // of the lane's table; 0 for what goes before
	Member   string // short name
	Title    string // no two acts of a lane have the same
	Kind     epcis.Kind
	Document []byte   // of KindEvent: an EPCISDocument
	Records  [][]byte // of every other kind
	Caught   []Caught // what the rules find of it, in the order of its lane's table
	Aside    bool     // it goes wrong, or puts that right, and nothing later rests on it
}

// Signed are the act's records as its member signs them: of a document its events,
// each complete by itself.
func (a *Act) Signed() ([][]byte, error) {
	if a.Kind != epcis.KindEvent {
		return a.Records, nil
	}
	doc, err := epcis.Split(a.Document)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.Title, err)
	}
	return doc.Events, nil
}

// Script is one consignment's way through the lane.
type Script struct {
	Acts []Act
	// Item is the retail item whose journey the lane tells.
	Item string
	// Upstream is every item, lot and container of the item's journey back to
	// where it was made, the item included, and no other.
	Upstream []string
	// Certificate is what the journey's events cite.
	Certificate string
	// Container, MRN and BillOfLading lead to the same journey from elsewhere.
	Container, MRN, BillOfLading string
	// Recalled is the lot that the lane recalls, "" for none.
	Recalled string
}

// Honest are the acts without those beside the way that go wrong: what an everyday load
// is made of.
func (s *Script) Honest() []Act {
	return slices.DeleteFunc(slices.Clone(s.Acts), func(act Act) bool { return act.Aside })
}
