package trace

import (
	"errors"
	"fmt"
	"slices"

	"github.com/fxamacker/cbor/v2"

	"github.com/waymark-ledger/waymark/epcis"
)

// names looks up what the things, places and parties of the journey are called,
// and takes the master data that says so into the journey.
func (w *walker) names(names map[string]string) error {
	keys := map[Key]bool{}
	var order []Key
	add := func(ns Namespace, id string) {
		if k := (Key{ns, id}); id != "" && !keys[k] {
			keys[k] = true
			order = append(order, k)
		}
	}
	for _, n := range w.list {
		switch n.key.NS {
		case NSItem, NSLot:
			add(NSClass, epcis.Canonical(n.ID).Class().URI)
			if n.key.NS == NSLot {
				add(NSLot, n.ID)
			}
		case NSClass, NSPlace, NSOrganisation:
			add(n.key.NS, n.ID)
		}
	}
	for _, e := range w.records {
		add(NSOrganisation, e.rec.Organisation)
		if e.event != nil {
			add(NSPlace, e.event.ReadPoint.URI)
			add(NSPlace, e.event.BizLocation.URI)
			for _, list := range [...][]epcis.Party{e.event.Sources, e.event.Destinations} {
				for _, p := range list {
					if p.ID.Level == epcis.Place {
						add(NSPlace, p.ID.URI)
					} else {
						add(NSOrganisation, p.ID.URI)
					}
				}
			}
		}
		if e.other != nil && e.other.Certificate != nil {
			if s := e.other.Certificate.Subject; s.Level == epcis.Place {
				add(NSPlace, s.URI)
			} else if s.Level == epcis.PartyID {
				add(NSOrganisation, s.URI)
			}
		}
		if c := e.customs(); c != nil {
			add(NSPlace, c.Place.URI)
			for _, p := range c.Parties {
				if p.ID.Level == epcis.PartyID {
					add(NSOrganisation, p.ID.URI)
				}
			}
		}
	}
	for _, k := range order {
		name, err := w.name(k)
		if err != nil {
			return err
		}
		if name != "" {
			names[k.ID] = name
		}
	}
	return nil
}

// name is what a key's master data calls it; an organisation that has none is
// called as it was admitted.
func (w *walker) name(k Key) (string, error) {
	state, err := w.reader.State(k)
	if err != nil {
		return "", fmt.Errorf("state of %s %s: %w", k.NS, k.ID, err)
	}
	if KeepsDescription(k.NS) {
		if state == nil {
			return "", nil
		}
		var d DescriptionState
		if err := cbor.Unmarshal(state, &d); err != nil {
			return "", fmt.Errorf("state of %s %s: %w", k.NS, k.ID, err)
		}
		e, err := w.entry(d.Seq)
		if errors.Is(err, ErrUnknown) {
			return d.Name, nil
		}
		if err != nil {
			return "", err
		}
		w.include(e, k.ID)
		return d.Name, nil
	}
	entries, err := w.history(k)
	if err != nil {
		return "", err
	}
	for _, e := range slices.Backward(entries) {
		if e.other != nil && e.other.MasterData != nil && e.other.MasterData.Name != "" {
			w.include(e, k.ID)
			return e.other.MasterData.Name, nil
		}
	}
	return admittedName(state), nil
}

// admittedName reads the name in the latest interval of an organisation's
// standing (identity.OrganisationState), "" for other bytes.
func admittedName(state []byte) string {
	var s struct {
		Intervals []struct {
			Value struct {
				Organisation struct {
					Name string `cbor:"2,keyasint"`
				} `cbor:"2,keyasint"`
			} `cbor:"3,keyasint"`
		} `cbor:"1,keyasint"`
	}
	if state == nil || cbor.Unmarshal(state, &s) != nil || len(s.Intervals) == 0 {
		return ""
	}
	return s.Intervals[len(s.Intervals)-1].Value.Organisation.Name
}

// nodeName is the node's own name, else that of its product class.
func (w *walker) nodeName(n *node, names map[string]string) string {
	if name := names[n.ID]; name != "" {
		return name
	}
	if class := epcis.Canonical(n.ID).Class(); !class.IsZero() {
		return names[class.URI]
	}
	return ""
}
