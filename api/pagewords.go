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
func keyParts(id string) parts {
	if number, ok := strings.CutPrefix(id, "urn:epc:id:bic:"); ok {
		return parts{kind: "Container", short: "Container " + number, keys: []labelled{{"Container", number}}}
	}
	if number, ok := strings.CutPrefix(id, "urn:epc:id:imovn:"); ok {
		return parts{kind: "Vessel", short: "IMO " + number, keys: []labelled{{"IMO", number}}}
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
		label, kind := keyWords(segments[i])
		p.keys = append(p.keys, labelled{label, value})
		if kind != "" {
			p.kind = kind
		}
		if i > 0 {
			p.suffix += ", " + strings.ToLower(label) + " " + value
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
func keyWords(ai string) (label, kind string) {
	switch ai {
	case "00":
		return "Logistic unit", "Pallet or parcel"
	case "01":
		return "Product", "Product"
	case "10":
		return "Lot", "Lot"
	case "21":
		return "Serial", "One item"
	case "253":
		return "Document", "Document"
	case "255":
		return "Coupon", "Coupon"
	case "401":
		return "Consignment", "Consignment"
	case "402":
		return "Shipment", "Shipment"
	case "414":
		return "Place", "Place"
	case "254":
		return "Part of the place", ""
	case "417":
		return "Party", "Party"
	case "8003":
		return "Returnable asset", "Returnable asset"
	case "8004":
		return "Asset", "Asset"
	case "8006":
		return "Piece", "Piece of an item"
	case "8010":
		return "Component", "Component"
	case "8011":
		return "Serial", "One component"
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

// stepTitle says what happened, in the past tense where CBV's step has one.
func stepTitle(s trace.Step) string {
	title := ""
	switch step := words(s.BizStep); {
	case s.BizStep == "" && s.What != "":
		title = sentence(s.What)
	case strings.HasPrefix(s.What, "TransformationEvent") && step == "creating class instance":
		title = "Processed"
	case strings.HasPrefix(s.What, "TransformationEvent") && step == "commissioning":
		title = "Packed into items"
	default:
		title = sentence(pastTense(step))
	}
	switch d := words(s.Disposition); d {
	case "", "active", "in progress", "in transit": // the step says as much
	case "customs released":
		title += ", released by customs"
	case "retail sold":
		title = "Sold"
	default:
		title += ": " + d
	}
	for _, d := range s.Set {
		if d != s.Disposition {
			title += ", from now on " + words(d)
		}
	}
	for _, d := range s.Unset {
		if what := words(d); what == "recalled" {
			title += ", recall lifted"
		} else {
			title += ", no longer " + what
		}
	}
	return title
}

func pastTense(step string) string {
	switch step {
	case "creating class instance":
		return "produced"
	case "commissioning":
		return "made and labelled"
	case "retail selling":
		return "put on sale"
	case "shipping":
		return "shipped"
	case "sampling":
		return "sampled"
	case "loading", "unloading", "packing", "unpacking", "inspecting", "accepting", "departing", "destroying", "receiving", "arriving",
		"storing", "collecting", "repairing", "repackaging", "reserving", "replacing", "installing", "removing", "consigning",
		"decommissioning", "dispensing", "encoding", "entering exiting", "cycle counting", "picking", "staging outbound", "transporting":
		if base, ok := strings.CutSuffix(step, "ing"); ok {
			switch base {
			case "receiv", "arriv", "stor", "reserv", "replac", "remov", "dispens":
				return base + "ed"
			}
			return base + "ed"
		}
	}
	return step
}

func documentWords(uri string) string {
	switch words(uri) {
	case "":
		return "Document"
	case "po":
		return "Purchase order"
	case "poc":
		return "Purchase order confirmation"
	case "desadv":
		return "Despatch advice"
	case "recadv":
		return "Receiving advice"
	case "inv":
		return "Invoice"
	case "bol":
		return "Bill of lading"
	case "cert":
		return "Certificate"
	case "prodorder":
		return "Production order"
	case "rma":
		return "Return authorisation"
	case "testres":
		return "Test result"
	case "mrn", "MRN":
		return "Customs declaration (MRN)"
	}
	return sentence(words(uri))
}

func kindWords(k epcis.Kind) string {
	switch k {
	case epcis.KindEvent:
		return "Event"
	case epcis.KindCertificate:
		return "Certificate"
	case epcis.KindMasterData:
		return "Master data"
	case epcis.KindCustoms:
		return "Customs"
	case epcis.KindAcknowledgement:
		return "Acknowledgement"
	}
	return string(k)
}

// unit is a UN/ECE Recommendation 20 code as people write it.
func unit(code string) string {
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
		return "pieces"
	}
	return code
}

func amount(number, code string) string {
	switch {
	case number == "":
		return ""
	case code == "":
		return group(number) + " ×"
	}
	return group(number) + " " + unit(code)
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
			lines = append(lines, strings.Replace(format, "%s", text, 1))
		}
	}
	if e.Type == epcis.TransformationEvent {
		from, to := b.what(e.Inputs, e.InputQuantities), b.what(e.Outputs, e.OutputQuantities)
		add("%s", strings.TrimSuffix(strings.TrimPrefix(from+" → "+to, " → "), " → "))
	} else {
		add("%s", b.what(e.EPCs, e.Quantities))
		add("%s", b.what(e.Children, e.ChildQuantities))
	}
	if !e.Parent.IsZero() {
		switch parent := b.name(e.Parent.URI); e.Action {
		case epcis.Add:
			add("into %s", parent)
		case epcis.Delete:
			add("out of %s", parent)
		default:
			add("in %s", parent)
		}
	}
	for _, p := range e.Sources {
		add("From %s", b.party(p.ID.URI))
	}
	for _, p := range e.Destinations {
		add("To %s", b.party(p.ID.URI))
	}
	for _, d := range s.Documents {
		lines = append(lines, documentWords(d.Type)+" "+keyParts(d.ID).short)
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
			parts = append(parts, count(c.n, "logistic unit"))
		} else {
			parts = append(parts, group(fmt.Sprint(c.n))+" × "+b.name(c.class))
		}
	}
	for _, q := range quantities {
		number := ""
		if q.Amount != nil {
			number = q.Amount.String()
		}
		parts = append(parts, strings.TrimSpace(amount(number, q.Unit)+" "+b.name(q.Class.URI)))
	}
	if extra := len(parts) - mostNamed; extra > 0 {
		parts = append(parts[:mostNamed], fmt.Sprintf("and %d more", extra))
	}
	return strings.Join(parts, ", ")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return group(fmt.Sprint(n)) + " " + noun + "s"
}

func was(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " was"
	}
	return count(n, noun) + " were"
}

// group sets thousands apart: 15000 to 15,000.
func group(digits string) string {
	whole, fraction, has := strings.Cut(digits, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if has {
		return sign + whole + "." + fraction
	}
	return sign + whole
}
