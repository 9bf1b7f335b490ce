package trace

import (
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
)

// plots finds the pieces of land that birth records of the journey describe in
// their ilmd: GeoJSON (RFC 7946) geometries, features and feature collections,
// and objects that have a geometry, under whatever name. Geometry is not judged.
func (w *walker) plots() []Plot {
	var out []Plot
	for _, e := range w.records {
		if e.event == nil || e.event.ILMD == nil || !live(e) || e.rec.Rejected() || e.ground {
			continue
		}
		var of []string
		for _, id := range e.order {
			if r := e.roles[id]; r&(asObject|asOutput) != 0 || r == 0 {
				of = append(of, id)
			}
		}
		slices.Sort(of)
		found := landIn(&epcis.Value{Kind: epcis.ObjectValue, Obj: e.event.ILMD}, 0)
		for _, p := range found {
			out = append(out, Plot{
				ID: p.id, Area: p.area, Of: of, Seq: e.rec.Seq,
				Geometry: slices.Clone(e.rec.Bytes[p.geometry.Start:p.geometry.End]),
			})
		}
	}
	return out
}

// PlotKeys are the pieces of land that an event names, in its ilmd, for what it bears, by
// the ids it gives them, each once.
func PlotKeys(e *epcis.Event) (keys []Key) {
	if e.ILMD == nil || e.Correction != nil {
		return nil
	}
	for _, p := range landIn(&epcis.Value{Kind: epcis.ObjectValue, Obj: e.ILMD}, 0) {
		if p.id != "" {
			keys = append(keys, Key{NSPlot, epcis.Canonical(p.id).URI})
		}
	}
	slices.SortFunc(keys, compareKeys)
	return slices.Compact(keys)
}

type land struct {
	id, area string
	geometry *epcis.Value
}

// maxLandDepth bounds the search in what an author nested.
const maxLandDepth = 8

func landIn(v *epcis.Value, depth int) []land {
	if v == nil || depth > maxLandDepth {
		return nil
	}
	var out []land
	switch v.Kind {
	case epcis.Array:
		for _, item := range v.Items {
			out = append(out, landIn(item, depth+1)...)
		}
	case epcis.ObjectValue:
		if isGeometry(v) {
			return []land{{geometry: v}}
		}
		if g := member(v, "geometry"); g != nil && isGeometry(g) {
			p := land{geometry: g}
			p.id, p.area = about(v)
			if properties := member(v, "properties"); properties != nil {
				id, area := about(properties)
				if p.id == "" {
					p.id = id
				}
				if p.area == "" {
					p.area = area
				}
			}
			return []land{p}
		}
		for _, m := range v.Obj.Members {
			out = append(out, landIn(m.Value, depth+1)...)
		}
	}
	return out
}

func about(v *epcis.Value) (id, area string) {
	for _, name := range [...]string{"id", "@id", "plot_id", "plotId", "plotID", "name"} {
		if m := member(v, name); m != nil && m.Str != "" && id == "" {
			id = m.Str
		}
	}
	for _, name := range [...]string{"area", "areaHectares", "hectares", "Area"} {
		if m := member(v, name); m != nil && m.Str != "" && area == "" {
			area = m.Str
		}
	}
	return id, area
}

func isGeometry(v *epcis.Value) bool {
	if v.Kind != epcis.ObjectValue {
		return false
	}
	t := member(v, "type")
	if t == nil || t.Kind != epcis.String {
		return false
	}
	switch t.Str {
	case "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon":
		return member(v, "coordinates") != nil
	case "GeometryCollection":
		return member(v, "geometries") != nil
	}
	return false
}

// member finds a member by the last part of its expanded name.
func member(v *epcis.Value, name string) *epcis.Value {
	if v == nil || v.Obj == nil {
		return nil
	}
	for i := range v.Obj.Members {
		if m := &v.Obj.Members[i]; Names(m.Name, name) {
			return m.Value
		}
	}
	return nil
}

// Names reports whether the part of an expanded name after its namespace is that one,
// which has no namespace itself.
func Names(expanded, name string) bool {
	before := len(expanded) - len(name)
	if before < 0 || expanded[before:] != name {
		return false
	}
	return before == 0 || strings.IndexByte("/#:", expanded[before-1]) >= 0
}
