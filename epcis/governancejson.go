package epcis

import "strconv"

// JSON writes the record to be signed. The same governance always gives the same
// bytes. Identifiers are written in canonical form.
func (g *Governance) JSON() []byte {
	w := newWriter()
	w.member("type", "wm:Governance")
	w.member("action", g.Action)
	w.optional("id", g.ID.URI)
	w.optional("change", g.Change)
	w.optional("subject", g.Subject.URI)
	if m := g.Member; m != nil {
		w.name("member")
		w.b = append(w.b, '{')
		w.first("id", m.ID)
		w.optional("name", m.Name)
		w.optional("country", m.Country)
		for _, list := range [...]struct {
			name  string
			texts []string
		}{{"roles", m.Roles}, {"schemes", m.Schemes}, {"prefixes", m.Prefixes}, {"keys", m.Keys}} {
			w.optionalTexts(list.name, list.texts)
		}
		w.optional("peer", m.Peer)
		w.optional("nodeId", m.NodeID)
		w.b = append(w.b, '}')
	}
	if len(g.Parameters) > 0 {
		w.name("parameters")
		for i, p := range g.Parameters {
			w.b = append(w.b, "{,"[min(i, 1)])
			w.b = append(appendText(w.b, p.Name), ':')
			if isNumber(p.Value) {
				w.b = append(w.b, p.Value...)
			} else {
				w.b = appendText(w.b, p.Value)
			}
		}
		w.b = append(w.b, '}')
	}
	if v := g.Validator; v != nil {
		w.name("validator")
		w.b = append(w.b, '{')
		w.first("organisation", v.Organisation)
		w.member("key", v.Key)
		w.number("power", v.Power)
		w.b = append(w.b, '}')
	}
	if r := g.Ruleset; r != nil {
		w.name("ruleset")
		w.b = append(w.b, '{')
		w.first("name", r.Name)
		w.member("release", r.Release)
		w.number("height", r.Height)
		w.b = append(w.b, '}')
	}
	if s := g.Scheme; s != nil {
		w.name("scheme")
		w.b = append(w.b, '{')
		w.first("scheme", s.Scheme)
		w.optionalTexts("hsCodes", s.HSCodes)
		w.optionalTexts("classes", s.Classes)
		w.b = append(w.b, '}')
	}
	if p := g.Prefix; p != nil {
		w.name("prefix")
		w.b = append(w.b, '{')
		w.first("prefix", p.Prefix)
		w.optional("licensee", p.Licensee)
		w.b = append(w.b, '}')
	}
	if p := g.Place; p != nil {
		w.name("place")
		w.b = append(w.b, '{')
		w.first("id", p.ID)
		w.optionalTexts("grant", p.Grant)
		w.optionalTexts("withdraw", p.Withdraw)
		w.b = append(w.b, '}')
	}
	if g.Action == Vote {
		vote := "no"
		if g.Yes {
			vote = "yes"
		}
		w.member("vote", vote)
	}
	w.optional("key", g.Key)
	w.optionalTexts("kinds", g.Kinds)
	if g.CompromisedSince != nil {
		w.member("compromisedSince", g.CompromisedSince.String())
	}
	w.optional("next", g.Next)
	w.optional("reason", g.Reason)
	return w.end()
}

// isNumber reports whether a parameter's value reads as the number that it is.
func isNumber(text string) bool {
	d, err := ParseDecimal(text)
	return err == nil && d.Sign() >= 0 && d.String() == text
}

// first writes the first member of a nested object.
func (w *writer) first(name, value string) {
	w.b = append(appendText(w.b, name), ':')
	w.b = appendText(w.b, value)
}

func (w *writer) number(name string, value uint64) {
	w.name(name)
	w.b = strconv.AppendUint(w.b, value, 10)
}
