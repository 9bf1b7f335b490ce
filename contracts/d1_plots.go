package contracts

import (
	"cmp"
	"fmt"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// D1 plots. Goods in scope (below) that come into being by an event tell the
// plots where they grew in its ilmd, as GeoJSON (RFC 7946), wherever it stands
// there. Each geometry is held to this:
//
//   - positions are [longitude, latitude] in range, as plain decimals of at least
//     six places;
//   - a plot of up to four hectares may be a point, a larger one is an outline.
//     The area is the one stated (area_ha, areaHectares, hectares, area, Area);
//   - an outline is a polygon, or several; each ring has four positions or more, is
//     closed, encloses an area and neither crosses nor touches itself; a hole
//     lies within the outline, does not cross it and is smaller than it.
//
// Anything else is refused. Goods that come into being from nothing and name no plot are
// flagged, unless they have a due-diligence reference, are more of a lot that has
// either, or serials of a lot that was made or flagged before. What is made from others inherits from those (rule D3). A plot without an id, and a point without its area, is
// flagged, and so is one that does not lie in the country that it is said to lie in (d1_country.go):
// by itself, by the collection that it stands in, or by the countryOfOrigin of the goods
// (CBV 2.0, section 9.3). So is what contradicts the cut-off of 31 December 2020
// (d1_cutoff.go).
func (c *hearing) plots() error {
	e := c.record.Event
	if e == nil || e.Correction != nil {
		return nil
	}
	scoped, err := c.bearsInScope(e)
	if err != nil || !scoped {
		return err
	}
	check := plotCheck{}
	c.plotsTold = &check.plots
	if e.ILMD != nil {
		check.cutOff("", &epcis.Value{Kind: epcis.ObjectValue, Obj: e.ILMD})
		check.search(&epcis.Value{Kind: epcis.ObjectValue, Obj: e.ILMD}, originOf(e.ILMD), maxPlotDepth)
	}
	if check.plots == 0 && e.Type == epcis.ObjectEvent && dueDiligence(e) == "" {
		if err := c.withoutPlot(e); err != nil {
			return err
		}
	}
	check.bad.found(c, trace.Finding{
		Code: CodeBadGeometry,
		Next: "Correct the geometry: GeoJSON, longitude first, six decimals or more, rings closed and without crossings, an outline above four hectares.",
	})
	check.vague.found(c, trace.Finding{
		Code: CodePlotVague,
		Next: "Give each plot a plot_id of its own, and its area (area_ha) beside a point.",
	})
	check.abroad.found(c, trace.Finding{
		Code: CodePlotAbroad,
		Next: "Look at the plot on a map: GeoJSON has the longitude first. If it is wrong, declare the event wrong and record it again.",
	})
	check.early.found(c, trace.Finding{
		Code: CodeCutOff,
		Next: "Check the dates and what is attested. If one is wrong, declare the event wrong and record it again; if not, say why in the due-diligence statement.",
	})
	return nil
}

// withoutPlot flags goods in scope that come into being without a plot.
func (c *hearing) withoutPlot(e *epcis.Event) error {
	hs, batch, s := statedCommodity(e), trace.BirthLot(e), c.diligence()
	var bare tally
	for _, t := range c.bornThings() {
		of := hs
		if of == "" {
			var err error
			if of, err = c.commodityOf(t); err != nil {
				return err
			}
		}
		if !inScope(of) {
			continue
		}
		if k := keeper(&t, c.lotOf(&t.id, batch)); k.ID != "" {
			state, err := s.of(k)
			if err != nil {
				return err
			}
			if state.Origin == originKnown || state.Statement != nil || state.Origin != originUnsaid && k != t.key {
				continue // a serial that is added to a lot of which something is said
			}
		}
		bare.add(fact(string(t.key.NS), t.id.URI))
	}
	bare.found(c, trace.Finding{
		Code: CodeNoPlot,
		Next: "Record the plots where it grew, as GeoJSON in ilmd: of a lot in another creating_class_instance, of serials by declaring " +
			"this event wrong and recording it again. If the plots are in a due-diligence statement, record its dueDiligenceReference.",
	})
	return nil
}

// maxPlotDepth bounds the search in what an author nested.
const maxPlotDepth = 8

type plotCheck struct {
	survey survey
	plots  int

	bad, vague, abroad, early tally
}

// search finds plots: features, and geometries that stand alone. country is where what
// stands around them says that they lie, "" when nothing does.
func (p *plotCheck) search(v *epcis.Value, country string, depth int) {
	if v == nil || depth == 0 {
		return
	}
	switch v.Kind {
	case epcis.Array:
		for _, item := range v.Items {
			p.search(item, country, depth-1)
		}
	case epcis.ObjectValue:
		country = cmp.Or(countryOf(inside(v, "properties")), countryOf(v), country)
		geometry := inside(v, "geometry")
		switch {
		case textOf(inside(v, "type")) == "Feature", geometry != nil && isGeometry(geometry):
			p.plot(v, geometry, country)
		case isGeometry(v):
			p.plot(nil, v, country)
		default:
			for i := range v.Obj.Members {
				p.search(v.Obj.Members[i].Value, country, depth-1)
			}
		}
	}
}

func isGeometry(v *epcis.Value) bool {
	switch textOf(inside(v, "type")) {
	case "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon":
		return inside(v, "coordinates") != nil
	case "GeometryCollection":
		return inside(v, "geometries") != nil
	}
	return false
}

// plot judges one. feature is what says its id and area, nil for nothing.
func (p *plotCheck) plot(feature, geometry *epcis.Value, country string) {
	p.plots++
	id, area := about(feature)
	name := id
	if name == "" {
		name = fmt.Sprintf("plot %d", p.plots)
	}
	if geometry == nil || geometry.Kind != epcis.ObjectValue {
		p.bad.add(fact(name, "has no geometry"))
		return
	}
	p.survey.read = 0
	fault, points := p.survey.geometry(geometry, maxPlotDepth)
	hectares, measured := exactNumber(area)
	measured = measured && hectares.Sign() > 0
	switch {
	case fault != "":
		p.bad.add(fact(name, fault))
	case points && measured && hectares.Cmp(epcis.DecimalFromInt(4)) > 0:
		p.bad.add(fact(name, "is a point, and "+hectares.String()+" hectares large"))
	case id == "":
		p.vague.add(fact(name, "has no id"))
	case points && !measured:
		p.vague.add(fact(name, "is a point of no stated area"))
	}
	p.cutOff(name, feature)
	p.cutOff(name, inside(feature, "properties"))
	if where := astray(p.survey.around, country); fault == "" && where != "" {
		p.abroad.add(fact(name, where))
	}
}

// originOf is the country of origin that ilmd states, "" for none.
func originOf(ilmd *epcis.Object) string {
	for i := range ilmd.Members {
		if m := &ilmd.Members[i]; isMasterData(m.Name, "countryOfOrigin") && isCountry(textOf(m.Value)) {
			return m.Value.Str
		}
	}
	return ""
}

// about is a feature's own id and area, in its properties or beside them.
func about(feature *epcis.Value) (id string, area *epcis.Value) {
	for _, v := range [...]*epcis.Value{inside(feature, "properties"), feature} {
		for _, name := range [...]string{"plot_id", "plotId", "plotID", "id", "@id"} {
			if id == "" {
				id = textOf(inside(v, name))
			}
		}
		for _, name := range [...]string{"area_ha", "areaHectares", "hectares", "area", "Area"} {
			if area == nil {
				area = inside(v, name)
			}
		}
	}
	return id, area
}

// bearsInScope reports whether the event brings goods in scope into being.
func (c *hearing) bearsInScope(e *epcis.Event) (bool, error) {
	if e.Type != epcis.TransformationEvent && (e.Type != epcis.ObjectEvent || e.Action != epcis.Add) {
		return false, nil
	}
	if hs := statedCommodity(e); hs != "" {
		return inScope(hs), nil
	}
	for _, t := range c.bornThings() {
		hs, err := c.commodityOf(t)
		if err != nil || inScope(hs) {
			return err == nil, err
		}
	}
	return false, nil
}

// statedCommodity is the HS code that the event states for what it brings into
// being or is about: our hsCode, in ilmd or beside the event's own fields.
func statedCommodity(e *epcis.Event) string {
	hs := textOf(ours(e.ILMD, "hsCode"))
	if hs == "" {
		hs = textOf(ours(e.Extensions, "hsCode"))
	}
	return commodity(hs)
}

// commodityOf is the commodity code that master data gives to a thing's class, ""
// for none.
func (c *hearing) commodityOf(t thing) (string, error) {
	if isOfClass(&t.id, c.commodity.class) {
		return c.commodity.hs, nil
	}
	class := t.id.Class().URI
	if class == "" {
		return "", nil
	}
	key := trace.Key{NS: trace.NSClass, ID: class}
	d, err := c.described(key)
	if err != nil {
		return "", err
	}
	c.commodity = commodityCode{class: class}
	if d != nil && d.HS != "" {
		c.commodity.hs = d.HS
		err = c.relies(key, d, "its commodity code")
	}
	return c.commodity.hs, err
}

// commodityCode is that of a class, "" for none.
type commodityCode struct{ class, hs string }

// inScope reports whether goods of an HS code have to show their plots: this
// ruleset's list, by heading, of the seven commodities and what is made of them
// (cattle, cocoa, coffee, oil palm, rubber, soya, wood). It is a list of this
// ruleset, and no statement of law.
func inScope(hs string) bool {
	switch hs[:min(len(hs), 2)] {
	case "47", "48": // wood
		return true
	}
	switch hs[:min(len(hs), 4)] {
	case "0201", "0202", "4101", "4104", "4107", // cattle
		"1801", "1802", "1803", "1804", "1805", "1806", // cocoa
		"0901",                                                                                         // coffee
		"1511",                                                                                         // oil palm
		"4001", "4005", "4006", "4007", "4008", "4010", "4011", "4012", "4013", "4015", "4016", "4017", // rubber
		"1201", "1507", "2304", // soya
		"4401", "4402", "4403", "4404", "4405", "4406", "4407", "4408", "4409", "4410", "4411", "4412", "4413", "4414",
		"4415", "4416", "4417", "4418", "4419", "4420", "4421": // wood
		return true
	}
	switch hs[:min(len(hs), 6)] {
	case "010221", "010229", // cattle
		"120710", "151321", "151329", "230660", // oil palm
		"120810",                               // soya
		"940330", "940340", "940350", "940360": // wood
		return true
	}
	return false
}

func plotsContract() Contract {
	return Contract{
		Rule: "D1", Version: 1, Name: "plots", Kinds: []epcis.Kind{epcis.KindEvent}, judge: (*hearing).plots,
		Says: "The plots where goods in scope grew, in the ilmd of the event that brings the goods into being, hold as geometry: " +
			"longitude and latitude in range with six decimals, a point only up to four hectares, rings closed and simple. Goods that come " +
			"into being from nothing, without a plot and without a due-diligence reference, are flagged. A plot that " +
			"does not lie in the country that it names, or the goods do as their origin, is flagged, as far as a box around the country tells. " +
			"So are goods or plots that were produced or harvested on or before 31 December 2020, deforested after it, or said not to be free " +
			"of deforestation.",
		Source: "RFC 7946 (GeoJSON); geolocation and the cut-off date as Regulation (EU) 2023/1115 has them; CBV 2.0, section 9.3",
		Reads:  []trace.Namespace{trace.NSClass, trace.NSDiligence},
		Finds: []Declared{
			{CodeBadGeometry, trace.Reject, "a plot's geometry does not hold"},
			{CodePlotVague, trace.Flag, "a plot says too little of itself"},
			{CodePlotAbroad, trace.Flag, "a plot does not lie in the country that is named"},
			{CodeCutOff, trace.Flag, "a date, or what is attested, contradicts the cut-off of 2020-12-31"},
			{CodeNoPlot, trace.Flag, "comes into being without a plot where it grew"},
		},
	}
}
