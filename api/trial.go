package api

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
)

// trial is what a simulation is asked about.
type trial struct {
	kind      epcis.Kind // of a body of bare records; "" for EPCIS, and for several bodies
	signer    *identity.Address
	set       map[string]string // parameters to judge with instead of the network's
	behaviour string            // about events that are not valid
	parts     []trialPart
	refused   []*Problem // events left out under proceed
}

type trialPart struct {
	Part
	body int
}

// trialOf reads what stands beside the body. A parameter that is misspelt would be
// answered about another author or kind, so it is refused.
func trialOf(c echo.Context) (*trial, error) {
	if err := checkVersions(c.Request().Header); err != nil {
		return nil, err
	}
	t := &trial{kind: epcis.Kind(c.QueryParam("kind"))}
	for name, values := range c.QueryParams() {
		switch {
		case name == "param":
			if err := t.judgeWith(values); err != nil {
				return nil, err
			}
		case name != "kind" && name != "signer":
			return nil, unknownParameter(name, "kind", "signer", "param")
		default:
			value, err := oneValue(name, values)
			if err == nil && value == "" { // it would be judged for another author
				err = emptyParameter(name)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	if t.kind != "" && !ownKind(t.kind) {
		return nil, fail(reasonQueryParameter, "kind is %q, and should be %s, %s, %s, %s or %s, or left out for EPCIS",
			string(t.kind), epcis.KindCertificate, epcis.KindMasterData, epcis.KindCustoms, epcis.KindAcknowledgement, epcis.KindGovernance)
	}
	if text := c.QueryParam("signer"); text != "" {
		address, err := identity.ParseAddress(text)
		if err != nil {
			return nil, fail(reasonQueryParameter, "signer is %q, and should be the address of a key: %v", text, err)
		}
		t.signer = &address
	}
	var err error
	t.behaviour, err = behaviourOf(c.Request().Header)
	return t, err
}

// judgeWith reads parameters, each NAME=VALUE.
func (t *trial) judgeWith(values []string) error {
	t.set = map[string]string{}
	p := identity.DefaultParameters() // each has its range whatever the others are
	for _, one := range values {
		name, value, ok := strings.Cut(one, "=")
		if !ok {
			return fail(reasonQueryParameter, "param is %q, and should be NAME=VALUE", one)
		}
		if _, twice := t.set[name]; twice {
			return fail(reasonQueryParameter, "param names %s twice", name)
		}
		if err := p.Set(name, value); err != nil {
			return fail(reasonQueryParameter, "%v", err)
		}
		t.set[name] = value
	}
	if err := p.Validate(); err != nil {
		return fail(reasonQueryParameter, "%v", err)
	}
	return nil
}

// cut takes a body apart into records: one that capture takes, or, without a
// kind, an array of several, each {"kind": …, "body": …}, as if they were handed
// in one after the other.
func (t *trial) cut(body []byte) error {
	if t.kind != "" {
		return t.add(0, t.kind, body)
	}
	if first := bytes.TrimLeft(body, " \t\r\n"); len(first) == 0 || first[0] != '[' {
		return t.add(0, epcis.KindEvent, body)
	}
	root, err := epcis.ParseJSON(body)
	if err != nil {
		return err
	}
	if len(root.Items) == 0 {
		return fail(reasonValidation, "the array is empty: there is nothing to judge")
	}
	for i, item := range root.Items {
		pointer := "/" + strconv.Itoa(i)
		kind, inner, err := severalBody(item, pointer)
		if err != nil {
			return err
		}
		left := len(t.refused)
		if err := t.add(i, kind, body[inner.Start:inner.End]); err != nil {
			f := *classify(err)
			f.errors = beneath(pointer+"/body", f.errors)
			return &f
		}
		for _, p := range t.refused[left:] {
			p.Errors = beneath(pointer+"/body", p.Errors)
		}
	}
	return nil
}

// severalBody reads one of several bodies.
func severalBody(item *epcis.Value, pointer string) (epcis.Kind, *epcis.Value, error) {
	refuse := func(at, detail string) (epcis.Kind, *epcis.Value, error) {
		f := fail(reasonValidation, "body %s of several is not understood", pointer[1:])
		f.errors = []Place{{Pointer: pointer + at, Detail: detail}}
		f.next = `Send each as {"kind": "epcis", "certificate", "masterdata", "customs", "acknowledgement" or "governance", "body": what capture takes}.`
		return "", nil, f
	}
	if item.Obj == nil {
		return refuse("", "is no object")
	}
	for _, m := range item.Obj.Members {
		if m.Name != "kind" && m.Name != "body" {
			return refuse("", fmt.Sprintf("has the member %q, and should have kind and body", m.Name))
		}
	}
	kind := epcis.Kind(memberOf(item, "kind"))
	if kind != epcis.KindEvent && !ownKind(kind) {
		return refuse("/kind", fmt.Sprintf("is %q", string(kind)))
	}
	inner := item.Obj.Get("body")
	if inner == nil {
		return refuse("/body", "is missing")
	}
	return kind, inner, nil
}

// beneath puts places under the pointer of the part that they are in.
func beneath(pointer string, places []Place) []Place {
	out := make([]Place, len(places))
	for i, p := range places {
		out[i] = Place{Pointer: pointer + p.Pointer, Detail: p.Detail}
	}
	return out
}

// add takes a body of one kind apart, as capture does.
func (t *trial) add(body int, kind epcis.Kind, b []byte) error {
	if kind != epcis.KindEvent {
		records, err := splitRecords(kind, b)
		if err == nil {
			t.parts = append(t.parts, trialPart{Part{kind, records}, body})
		}
		return err
	}
	document, refused, err := split(b, t.behaviour)
	if err != nil {
		return err
	}
	t.refused = append(t.refused, refused...)
	t.parts = append(t.parts, trialPart{Part{epcis.KindMasterData, document.MasterData}, body}, trialPart{Part{epcis.KindEvent, document.Events}, body})
	return nil
}
