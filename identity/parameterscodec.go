package identity

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Encode returns the canonical state bytes (deterministic CBOR).
func (p Parameters) Encode() []byte { return mustMarshal(p) }

// DecodeParameters reads canonical state bytes; ErrEncoding for any others.
func DecodeParameters(b []byte) (Parameters, error) {
	var p Parameters
	if err := UnmarshalStrict(b, &p); err != nil {
		return Parameters{}, fmt.Errorf("parameters: %w", err)
	}
	return p, nil
}

// written reports whether a parameter stands in a state or genesis document.
func (p *Parameters) written(one *Parameter) bool {
	return one.key <= alwaysWritten || *one.at(p) != one.Default
}

// MarshalCBOR writes a map from each parameter's key to its value.
func (p Parameters) MarshalCBOR() ([]byte, error) {
	state := map[uint64]uint64{}
	for _, one := range ParameterTable() {
		if p.written(&one) {
			state[one.key] = *one.at(&p)
		}
	}
	return encMode.Marshal(state)
}

// UnmarshalCBOR reads what MarshalCBOR writes; what is left out has its default.
func (p *Parameters) UnmarshalCBOR(b []byte) error {
	var state map[uint64]uint64
	if err := decMode.Unmarshal(b, &state); err != nil {
		return err
	}
	var read Parameters
	for _, one := range ParameterTable() {
		v, ok := state[one.key]
		switch {
		case ok:
			*one.at(&read) = v
		case one.key <= alwaysWritten:
			return fmt.Errorf("parameter %s is missing", one.Name)
		default:
			*one.at(&read) = one.Default
		}
		delete(state, one.key)
	}
	if len(state) > 0 {
		return fmt.Errorf("%d parameters are not known", len(state))
	}
	*p = read
	return nil
}

// MarshalJSON writes the parameters as a genesis document has them: of the later
// ones only those that differ from their defaults.
func (p Parameters) MarshalJSON() ([]byte, error) {
	return p.json(p.written), nil
}

// AllParameters is parameters whose JSON leaves none out.
type AllParameters Parameters

// MarshalJSON writes every parameter by its name.
func (p AllParameters) MarshalJSON() ([]byte, error) {
	all := Parameters(p)
	return all.json(func(*Parameter) bool { return true }), nil
}

func (p *Parameters) json(has func(*Parameter) bool) []byte {
	b := []byte{'{'}
	for _, one := range ParameterTable() {
		if !has(&one) {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		text := one.Text(*one.at(p))
		if one.Unit == "policy" {
			text = `"` + text + `"`
		}
		b = fmt.Appendf(b, "%q:%s", one.Name, text)
	}
	return append(b, '}')
}

// UnmarshalJSON sets the parameters that an object names, numbers as numbers or as
// text, and leaves the others as they are.
func (p *Parameters) UnmarshalJSON(b []byte) error {
	var named map[string]json.RawMessage
	if err := json.Unmarshal(b, &named); err != nil {
		return fmt.Errorf("parameters: %w", err)
	}
	next := *p
	for _, one := range ParameterTable() {
		raw, ok := named[one.Name]
		if !ok {
			continue
		}
		delete(named, one.Name)
		text := string(bytes.TrimSpace(raw))
		if text[0] == '"' {
			if err := json.Unmarshal(raw, &text); err != nil {
				return fmt.Errorf("parameter %s: %w", one.Name, err)
			}
		}
		v, err := one.Parse(text)
		if err != nil {
			return err
		}
		*one.at(&next) = v
	}
	if unknown := slices.Sorted(maps.Keys(named)); len(unknown) > 0 {
		return fmt.Errorf("there is no parameter %s", unknown[0])
	}
	*p = next
	return nil
}
