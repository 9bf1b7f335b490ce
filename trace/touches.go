package trace

import (
	"cmp"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
)

// Touches says which keys a record touches, sorted by namespace and id, each
// once. It is a pure function of the record's bytes and decides every index of
// the ledger; verifiers recompute it.
//
// An event touches every item and lot it names as object, parent, child, input
// or output, a class only where a quantity names it without lot or serial, and
// every business document it cites. An event by which items are born (ObjectEvent
// ADD, the outputs of a TransformationEvent) also touches their lot, whether the
// lot stands in ilmd or beside the serial, so that whoever asks for the lot finds
// its items; later observations of an item do not, or a scan of each of 400 bags
// would land in one history. Events never touch places, organisations, keys or
// certificates, which they merely refer to: those keys stay small.
//
// An event that recalls things, or says that they are recalled no longer, also touches
// the recalls of each (of a transformation, of what it made), and so does the declaration
// that such an event is wrong: a container may have thousands of records, and whoever asks
// for what was in it needs these.
//
// A certificate record touches its certificate, a masterdata record the thing
// it describes, a governance record its proposal or the operating key that it adds
// or revokes: under governance, not under the key, whose own history stays what it
// was. A customs record touches its declaration and the items, containers
// and lots it names, no class and no document beside it; a gate touches the border's
// parameter. An acknowledgement touches what it is about, and the items, containers
// and lots it names.
func Touches(r *epcis.Record) []Key {
	if r == nil {
		return nil
	}
	var keys []Key
	switch {
	case r.Event != nil:
		keys = eventKeys(r.Event)
	case r.Certificate != nil:
		if !r.Certificate.ID.IsZero() {
			keys = []Key{{NSCertificate, r.Certificate.ID.URI}}
		}
	case r.MasterData != nil:
		if k := MasterDataKey(r.MasterData); k.ID != "" {
			keys = []Key{k}
		}
	case r.Governance != nil:
		keys = []Key{GovernanceKey(r.Governance)}
	case r.Customs != nil:
		keys = customsKeys(r.Customs)
	case r.Acknowledgement != nil:
		keys = acknowledgementKeys(r.Acknowledgement)
	}
	if len(keys) < 2 {
		return keys
	}
	slices.SortFunc(keys, compareKeys)
	return slices.Compact(keys)
}

func compareKeys(a, b Key) int {
	if a.NS != b.NS {
		return cmp.Compare(a.NS, b.NS)
	}
	return strings.Compare(a.ID, b.ID)
}

func eventKeys(e *epcis.Event) []Key {
	n := len(e.EPCs) + len(e.Children) + len(e.Inputs) + len(e.Outputs) + len(e.Quantities) +
		len(e.ChildQuantities) + len(e.InputQuantities) + len(e.OutputQuantities) + len(e.Transactions)
	if !e.Parent.IsZero() {
		n++
	}
	if e.TransformationID != "" {
		n++
	}
	born := Born(e)
	if len(born) > 0 {
		n++ // most often they are of one lot
	}
	keys := make([]Key, 0, n)
	if k := ObjectKey(e.Parent); k.ID != "" {
		keys = append(keys, k)
	}
	for _, ids := range [...][]epcis.ID{e.EPCs, e.Children, e.Inputs, e.Outputs} {
		for i := range ids {
			if k := ObjectKey(ids[i]); k.ID != "" {
				keys = append(keys, k)
			}
		}
	}
	for _, quantities := range [...][]epcis.Quantity{e.Quantities, e.ChildQuantities, e.InputQuantities, e.OutputQuantities} {
		for i := range quantities {
			if k := QuantityKey(quantities[i].Class); k.ID != "" {
				keys = append(keys, k)
			}
		}
	}
	for _, t := range e.Transactions {
		if !t.ID.IsZero() {
			keys = append(keys, Key{NSTransaction, t.ID.URI})
		}
	}
	if e.TransformationID != "" {
		keys = append(keys, TransformationKey(e.TransformationID))
	}
	for _, p := range recallable(e) {
		keys = append(keys, p.key.Recalls())
	}
	if len(born) == 0 {
		return keys
	}
	batch := BirthLot(e)
	var last epcis.ID // the item whose lot was taken last
	for i, id := range born {
		// The bags of one lot are in one list: their lot is written once.
		if i > 0 && id.Lot == last.Lot && id.Level == last.Level && id.Class().URI == last.Class().URI {
			continue
		}
		last = id
		if lot := LotOf(id, batch); lot != "" {
			keys = append(keys, Key{NSLot, lot})
		}
	}
	return keys
}

// TransformationKey is the key that joins the events of one transformation.
func TransformationKey(id string) Key { return Key{NSTransaction, epcis.Canonical(id).URI} }

// ObjectKey is the key of something that an event names where EPCIS expects
// one object. A URI of no known scheme counts as an item: it stands in an EPC
// list. A place does not, even as parent of an AssociationEvent: the zero Key.
func ObjectKey(id epcis.ID) Key {
	switch {
	case NamesItem(&id):
		return Key{NSItem, id.URI}
	case id.URI == "":
		return Key{}
	case id.Level == epcis.Lot:
		return Key{NSLot, id.URI}
	case id.Level == epcis.Class:
		return Key{NSClass, id.URI}
	}
	return Key{}
}

// NamesItem reports whether an identifier's [ObjectKey] is an item's.
func NamesItem(id *epcis.ID) bool {
	switch id.Level {
	case epcis.Place, epcis.PartyID, epcis.Lot, epcis.Class:
		return false
	}
	return id.URI != ""
}

// QuantityKey is the key of something that an event names where EPCIS expects
// a class: its lot, its class, or its item when a serial stands there.
func QuantityKey(id epcis.ID) Key {
	switch {
	case id.IsZero() || id.IsGLN():
		return Key{}
	case id.Level == epcis.Lot:
		return Key{NSLot, id.URI}
	case id.Level == epcis.Item:
		return Key{NSItem, id.URI}
	}
	return Key{NSClass, id.URI}
}

// GovernanceKey is the key of a proposal, or of a change of one operating key.
func GovernanceKey(g *epcis.Governance) Key {
	if g.Key != "" {
		return Key{NSGovernance, "key/" + g.Key}
	}
	if g.Next != "" {
		return Key{NSGovernance, "next/" + g.Next}
	}
	return Key{NSGovernance, g.ID.URI}
}

// MasterDataKey is the key of what a masterdata record describes. The
// identifier decides; of a URI of no known scheme, the vocabulary.
func MasterDataKey(m *epcis.MasterData) Key {
	if m.ID.IsZero() {
		return Key{}
	}
	ns := NSClass
	switch m.ID.Level {
	case epcis.Item:
		ns = NSItem
	case epcis.Lot:
		ns = NSLot
	case epcis.Class:
		ns = NSClass
	case epcis.Place:
		ns = NSPlace
	case epcis.PartyID:
		ns = NSOrganisation
	case epcis.Document:
		ns = NSTransaction
	default:
		switch m.Vocabulary {
		case epcis.VocabularyPlace, epcis.VocabularyRead, "urn:epcglobal:epcis:vtype:Location":
			ns = NSPlace
		case epcis.VocabularyParty, "urn:epcglobal:epcis:vtype:Party":
			ns = NSOrganisation
		case epcis.VocabularyItem:
			ns = NSItem
		case epcis.VocabularyDocument:
			ns = NSTransaction
		}
	}
	return Key{ns, m.ID.URI}
}

// Born lists the objects that an event brings into being: those of an
// ObjectEvent ADD and the outputs of a TransformationEvent. ADD in an
// AggregationEvent, AssociationEvent or TransactionEvent concerns the bond and
// not the life of what it binds (EPCIS 2.0, section 7.4), and an event that
// declares another wrong brings nothing into being.
func Born(e *epcis.Event) []epcis.ID {
	switch {
	case e.Correction != nil:
		return nil
	case e.Type == epcis.ObjectEvent && e.Action == epcis.Add:
		return e.EPCs
	case e.Type == epcis.TransformationEvent:
		return e.Outputs
	}
	return nil
}

// BirthLot is the batch number that the event's ilmd gives to what it brings
// into being (CBV 2.0, section 9.3.1: lotNumber), "" for none.
func BirthLot(e *epcis.Event) string {
	if e.ILMD == nil {
		return ""
	}
	for i := range e.ILMD.Members {
		if v := e.ILMD.Members[i].Value; v != nil && v.Kind == epcis.String && isLotNumber(e.ILMD.Members[i].Name) {
			return v.Str
		}
	}
	return ""
}

// isLotNumber knows CBV's lotNumber in its spellings; the short ones stand in
// records whose context does not define their prefix.
func isLotNumber(name string) bool {
	switch name {
	case "urn:epcglobal:cbv:mda:lotNumber", "https://ref.gs1.org/cbv/lotNumber",
		"https://gs1.org/voc/hasBatchLotNumber", "https://gs1.org/voc/lotNumber", "https://ref.gs1.org/voc/lotNumber",
		"cbvmda:lotNumber", "cbv:lotNumber", "gs1:lotNumber", "gs1:hasBatchLotNumber":
		return true
	}
	return false
}

// LotOf is the canonical id of the lot an item belongs to: the lot beside its
// serial, else the given batch number, of the item's own product class. ""
// when neither names one or the item has no class (an SSCC).
func LotOf(item epcis.ID, batch string) string {
	if item.Lot != "" {
		batch = item.Lot
	}
	if item.Level != epcis.Item || batch == "" {
		return ""
	}
	lot, _ := item.InLot(batch)
	return lot.URI
}
