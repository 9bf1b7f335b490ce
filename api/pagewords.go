package api

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// parts is an identifier in words.
type parts struct {
	kind   string // "Item", "Lot", "Container", …
	short  string // a name for want of a better one
	suffix string // what tells it from others of its class: ", serial 417"
	keys   []labelled
}

// keyParts reads an identifier for people.
func (l *tongue) keyParts(id string) parts {
	if number, ok := strings.CutPrefix(id, "urn:epc:id:bic:"); ok {
		return parts{kind: l.say("Container"), short: l.say("Container") + " " + number, keys: []labelled{{l.say("Container"), number}}}
	}
	if number, ok := strings.CutPrefix(id, "urn:epc:id:imovn:"); ok {
		return parts{kind: l.say("Vessel"), short: "IMO " + number, keys: []labelled{{"IMO", number}}}
	}
	rest, ok := strings.CutPrefix(id, "https://id.gs1.org/")
	if !ok {
		return parts{short: lastSegment(id)}
	}
	segments := strings.Split(rest, "/")
	var p parts
	for i := 0; i+1 < len(segments); i += 2 {
		value, err := url.PathUnescape(segments[i+1])
		if err != nil {
			value = segments[i+1]
		}
		label, kind := l.keyWords(segments[i])
		p.keys = append(p.keys, labelled{label, value})
		if kind != "" {
			p.kind = kind
		}
		if i > 0 {
			p.suffix += ", " + l.within(label) + " " + value
		}
	}
	if len(p.keys) == 0 {
		return parts{short: id}
	}
	p.short = p.keys[0].Label + " " + p.keys[0].Value + p.suffix
	return p
}

// keyWords are the label of an application identifier and the kind of thing
// that it names.
func (l *tongue) keyWords(ai string) (label, kind string) {
	switch ai {
	case "00":
		return l.say("Logistic unit"), l.say("Pallet or parcel")
	case "01":
		return l.say("Product"), l.say("Product")
	case "10":
		return l.say("Lot"), l.say("Lot")
	case "21":
		return l.say("Serial"), l.say("One item")
	case "253":
		return l.say("Document"), l.say("Document")
	case "255":
		return l.say("Coupon"), l.say("Coupon")
	case "401":
		return l.say("Consignment"), l.say("Consignment")
	case "402":
		return l.say("Shipment"), l.say("Shipment")
	case "414":
		return l.say("Place"), l.say("Place")
	case "254":
		return l.say("Part of the place"), ""
	case "417":
		return l.say("Party"), l.say("Party")
	case "8003":
		return l.say("Returnable asset"), l.say("Returnable asset")
	case "8004":
		return l.say("Asset"), l.say("Asset")
	case "8006":
		return l.say("Piece"), l.say("Piece of an item")
	case "8010":
		return l.say("Component"), l.say("Component")
	case "8011":
		return l.say("Serial"), l.say("One component")
	}
	return "AI " + ai, ""
}

// lastSegment is the readable end of a URI.
func lastSegment(uri string) string {
	trimmed := strings.TrimRight(uri, "/")
	if i := strings.LastIndexAny(trimmed, "/#:"); i >= 0 && i+1 < len(trimmed) {
		return trimmed[i+1:]
	}
	return uri
}

// words makes a vocabulary term readable: "in_transit" to "in transit".
func words(uri string) string {
	short := epcis.ShortVocabulary(uri)
	if short == uri {
		short = lastSegment(uri)
		for _, prefix := range []string{"BizStep-", "Disp-", "BTT-"} {
			short = strings.TrimPrefix(short, prefix)
		}
	}
	return strings.ReplaceAll(short, "_", " ")
}

// fieldWords is the name of an extension field in words: "sealNumber" is
// "Seal number".
func fieldWords(name string) string {
	var b strings.Builder
	for i, r := range lastSegment(name) {
		if r >= 'A' && r <= 'Z' && i > 0 {
			b.WriteByte(' ')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	switch text := strings.ReplaceAll(b.String(), "_", " "); text {
	case "hs code":
		return "HS code"
	default:
		return sentence(text)
	}
}

// sentence begins with a capital.
func sentence(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 || r == utf8.RuneError {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}

// acknowledged begins what the step of an acknowledgement is, as trace tells it.
const acknowledged = "acknowledgement ("

// stepTitle says what happened, in the past tense where CBV's step has one.
func (l *tongue) stepTitle(s trace.Step) string {
	title := ""
	switch step := words(s.BizStep); {
	case s.BizStep == "" && strings.HasPrefix(s.What, acknowledged):
		matter, measure, _ := strings.Cut(strings.TrimPrefix(s.What, acknowledged), "): ")
		title = l.say("Acknowledgement ({0}): {1}", l.known(matter), l.known(words(measure)))
	case s.BizStep == "" && s.What != "":
		title = sentence(s.What)
	case strings.HasPrefix(s.What, "TransformationEvent") && step == "creating class instance":
		title = l.say("Processed")
	case strings.HasPrefix(s.What, "TransformationEvent") && step == "commissioning":
		title = l.say("Packed into items")
	default:
		title = l.known(sentence(pastTense(step)))
	}
	switch d := words(s.Disposition); d {
	case "", "active", "in progress", "in transit": // the step says as much
	case "customs released":
		title = l.say("{0}, released by customs", title)
	case "retail sold":
		title = l.say("Sold")
	default:
		title += ": " + l.known(d)
	}
	for _, d := range s.Set {
		if d != s.Disposition {
			title = l.say("{0}, from now on {1}", title, l.known(words(d)))
		}
	}
	for _, d := range s.Unset {
		if what := words(d); what == "recalled" {
			title = l.say("{0}, recall lifted", title)
		} else {
			title = l.say("{0}, no longer {1}", title, l.known(what))
		}
	}
	return title
}

// pastTense is what a business step of the CBV is when it has happened.
func pastTense(step string) string {
	switch step {
	case "creating class instance":
		return "produced"
	case "commissioning":
		return "made and labelled"
	case "retail selling":
		return "put on sale"
	case "entering exiting":
		return "entered or left"
	case "holding":
		return "held"
	case "killing":
		return "slaughtered"
	case "cycle counting", "stock taking":
		return "counted"
	case "staging outbound":
		return "made ready for shipping"
	case "sensor reporting":
		return "measured by a sensor"
	case "void shipping":
		return "shipment cancelled"
	case "shipping":
		return "shipped"
	case "accepting", "arriving", "assembling", "collecting", "consigning", "decommissioning", "departing", "destroying", "disassembling",
		"dispensing", "encoding", "inspecting", "installing", "loading", "packing", "picking", "receiving", "removing", "repackaging", "repairing",
		"replacing", "reserving", "sampling", "stocking", "storing", "transforming", "transporting", "unloading", "unpacking":
		return strings.TrimSuffix(step, "ing") + "ed"
	}
	return step
}

func (l *tongue) documentWords(uri string) string {
	switch words(uri) {
	case "":
		return l.say("Document")
	case "po":
		return l.say("Purchase order")
	case "poc":
		return l.say("Purchase order confirmation")
	case "desadv":
		return l.say("Despatch advice")
	case "recadv":
		return l.say("Receiving advice")
	case "inv":
		return l.say("Invoice")
	case "bol":
		return l.say("Bill of lading")
	case "cert":
		return l.say("Certificate")
	case "prodorder":
		return l.say("Production order")
	case "rma":
		return l.say("Return authorisation")
	case "testres":
		return l.say("Test result")
	case "testprd":
		return l.say("Test procedure")
	case "pedigree":
		return l.say("Pedigree")
	case "upevt":
		return l.say("Unplanned event")
	case "mrn", "MRN":
		return l.say("Customs declaration (MRN)")
	}
	return l.known(sentence(words(uri)))
}

func (l *tongue) kindWords(k epcis.Kind) string {
	switch k {
	case epcis.KindEvent:
		return l.say("Event")
	case epcis.KindCertificate:
		return l.say("Certificate")
	case epcis.KindMasterData:
		return l.say("Master data")
	case epcis.KindCustoms:
		return l.say("Customs")
	case epcis.KindAcknowledgement:
		return l.say("Acknowledgement")
	}
	return string(k)
}

// unit is a UN/ECE Recommendation 20 code as people write it.
func (l *tongue) unit(code string) string {
	switch code {
	case "KGM":
		return "kg"
	case "GRM":
		return "g"
	case "TNE":
		return "t"
	case "LTR":
		return "l"
	case "MTR":
		return "m"
	case "MTK":
		return "m²"
	case "MTQ":
		return "m³"
	case "H87", "EA", "C62":
		return l.say("pieces")
	}
	return code
}

func (l *tongue) amount(number, code string) string {
	switch {
	case number == "":
		return ""
	case code == "":
		return l.number(number) + " ×"
	}
	return l.number(number) + " " + l.unit(code)
}

// logisticUnit begins every SSCC: pallets and parcels have no class of their own.
const logisticUnit = "https://id.gs1.org/00/"

const mostNamed = 4 // things named in one line before it says how many more

// lines are the sentences under a step's title.
func (b *pageBuilder) lines(s trace.Step, e *epcis.Event) []string {
	var lines []string
	if e == nil {
		e = &epcis.Event{} // of another kind: the step says all
	}
	add := func(format, text string) {
		if text != "" {
			lines = append(lines, strings.Replace(format, "{0}", text, 1))
		}
	}
	if e.Type == epcis.TransformationEvent {
		from, to := b.what(e.Inputs, e.InputQuantities), b.what(e.Outputs, e.OutputQuantities)
		add("{0}", strings.TrimSuffix(strings.TrimPrefix(from+" → "+to, " → "), " → "))
	} else {
		add("{0}", b.what(e.EPCs, e.Quantities))
		add("{0}", b.what(e.Children, e.ChildQuantities))
	}
	if !e.Parent.IsZero() {
		switch parent := b.name(e.Parent.URI); e.Action {
		case epcis.Add:
			add(b.in.say("into {0}"), parent)
		case epcis.Delete:
			add(b.in.say("out of {0}"), parent)
		default:
			add(b.in.say("in {0}"), parent)
		}
	}
	for _, p := range e.Sources {
		add(b.in.say("From {0}"), b.party(p.ID.URI))
	}
	for _, p := range e.Destinations {
		add(b.in.say("To {0}"), b.party(p.ID.URI))
	}
	for _, d := range s.Documents {
		lines = append(lines, b.in.documentWords(d.Type)+" "+b.in.keyParts(d.ID).short)
	}
	for _, d := range s.Details {
		value := d.Value
		if strings.Contains(value, "://") || strings.HasPrefix(value, "urn:") {
			value = b.party(epcis.Canonical(value).URI)
		}
		lines = append(lines, fieldWords(d.Name)+": "+value)
	}
	return lines
}

func (b *pageBuilder) party(id string) string {
	if o, err := b.names.member(id); err == nil && o != nil {
		return o.Name
	}
	return b.name(id)
}

// what names objects and quantities: serialised things of one class together.
func (b *pageBuilder) what(ids []epcis.ID, quantities []epcis.Quantity) string {
	type line struct {
		class string
		n     int
		first string
	}
	var classes []line
	for _, id := range ids {
		class := id.Class().URI
		if strings.HasPrefix(id.URI, logisticUnit) {
			class = logisticUnit
		}
		found := false
		for i := range classes {
			if class != "" && classes[i].class == class {
				classes[i].n++
				found = true
			}
		}
		if !found {
			classes = append(classes, line{class: class, n: 1, first: id.URI})
		}
	}
	var parts []string
	for _, c := range classes {
		if c.n == 1 {
			parts = append(parts, b.name(c.first))
		} else if c.class == logisticUnit {
			parts = append(parts, b.in.count(c.n, "{n} logistic unit|{n} logistic units"))
		} else {
			parts = append(parts, b.in.number(fmt.Sprint(c.n))+" × "+b.name(c.class))
		}
	}
	for _, q := range quantities {
		number := ""
		if q.Amount != nil {
			number = q.Amount.String()
		}
		parts = append(parts, strings.TrimSpace(b.in.amount(number, q.Unit)+" "+b.name(q.Class.URI)))
	}
	if extra := len(parts) - mostNamed; extra > 0 {
		parts = append(parts[:mostNamed], b.in.say("and {0} more", extra))
	}
	return strings.Join(parts, ", ")
}
