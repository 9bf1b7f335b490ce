package identity

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// span is where a value stands in a document, [from, to).
type span struct{ from, to int }

// replace returns doc with the span's text replaced.
func (s span) replace(doc []byte, text string) []byte {
	return slices.Concat(doc[:s.from], []byte(text), doc[s.to:])
}

// maxGenesisDepth is how deep a genesis document may nest.
const maxGenesisDepth = 32

// genesisNames are the names that an object of a genesis document may have, by
// its JSON pointer with * for an index; nil where any name will do.
func genesisNames(pointer string) []string {
	switch pointer {
	case "":
		return []string{"genesis_time", "chain_id", "initial_height", "consensus_params", "validators", "app_hash", "app_state"}
	case "/app_state":
		return []string{"organisations", "parameters"}
	case "/app_state/organisations/*":
		return []string{"id", "name", "country", "roles", "schemes", "prefixes", "keys", "peer", "nodeId"}
	case "/app_state/parameters":
		var names []string
		for _, one := range ParameterTable() {
			names = append(names, one.Name)
		}
		return names
	}
	return nil
}

// findChainID returns where the value of the one top-level chain_id stands, and
// refuses what is not strict JSON (see ParseGenesis). It works on the text,
// because the network is a hash of the text.
func findChainID(doc []byte) (span, error) {
	if len(doc) > MaxGenesisBytes {
		return span{}, fmt.Errorf("%d bytes, more than %d", len(doc), MaxGenesisBytes)
	}
	if !utf8.Valid(doc) {
		return span{}, errors.New("not valid UTF-8")
	}
	w := &walker{doc: doc, dec: json.NewDecoder(bytes.NewReader(doc))}
	w.dec.UseNumber()
	if err := w.value("", 0); err != nil {
		return span{}, err
	}
	if _, err := w.dec.Token(); err != io.EOF {
		return span{}, fmt.Errorf("more than one JSON value, at byte %d", w.dec.InputOffset())
	}
	if w.chainID == nil {
		return span{}, fmt.Errorf("%w: there is no chain_id", ErrChainID)
	}
	return *w.chainID, nil
}

// walker goes through a document once, token by token.
type walker struct {
	doc     []byte
	dec     *json.Decoder
	chainID *span
}

func (w *walker) value(pointer string, depth int) error {
	token, err := w.dec.Token()
	if err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return fmt.Errorf("at byte %d: %w", w.dec.InputOffset(), err)
	}
	if depth == 0 && token != json.Delim('{') {
		return errors.New("not a JSON object")
	}
	if depth >= maxGenesisDepth {
		return fmt.Errorf("%s: nested deeper than %d", pointer, maxGenesisDepth)
	}
	switch token {
	case json.Delim('{'):
		err = w.object(pointer, depth)
	case json.Delim('['):
		for w.dec.More() && err == nil {
			err = w.value(pointer+"/*", depth+1)
		}
	default:
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := w.dec.Token(); err != nil { // the closing delimiter
		return fmt.Errorf("at byte %d: %w", w.dec.InputOffset(), err)
	}
	return nil
}

func (w *walker) object(pointer string, depth int) error {
	known := genesisNames(pointer)
	seen := map[string]bool{}
	for w.dec.More() {
		token, err := w.dec.Token()
		if err != nil {
			return fmt.Errorf("at byte %d: %w", w.dec.InputOffset(), err)
		}
		name, ok := token.(string)
		if !ok {
			return fmt.Errorf("at byte %d: not a name", w.dec.InputOffset())
		}
		if known != nil && !slices.Contains(known, name) {
			return fmt.Errorf("%s/%s: not a known field", pointer, name)
		}
		if lower := strings.ToLower(name); seen[lower] {
			return fmt.Errorf("%s/%s: stands there twice", pointer, name)
		} else {
			seen[lower] = true
		}
		nameEnd := int(w.dec.InputOffset())
		if err := w.value(pointer+"/"+name, depth+1); err != nil {
			return err
		}
		if pointer == "" && name == "chain_id" {
			end := int(w.dec.InputOffset())
			quote := bytes.IndexByte(w.doc[nameEnd:end], '"')
			if quote < 0 || w.doc[end-1] != '"' {
				return fmt.Errorf("%w: it is not a string", ErrChainID)
			}
			w.chainID = &span{nameEnd + quote, end}
		}
	}
	return nil
}
