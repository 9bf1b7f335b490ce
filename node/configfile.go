package node

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// Duration is a time span written as in Go: "30s", "1m30s", "250ms".
type Duration struct{ time.Duration }

// MarshalText writes the duration as Go does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what time.ParseDuration reads.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	if err != nil {
		return err
	}
	d.Duration = v
	return nil
}

// APIKey is one key that opens the API: only its hash is kept.
type APIKey struct {
	Name   string
	Hash   string // hex of the SHA-256 of the key
	Scopes []string
}

// MarshalText writes name:hash:scope+scope.
func (k APIKey) MarshalText() ([]byte, error) {
	return []byte(k.Name + ":" + k.Hash + ":" + strings.Join(k.Scopes, "+")), nil
}

// UnmarshalText reads name:hash:scope+scope.
func (k *APIKey) UnmarshalText(b []byte) error {
	parts := strings.Split(string(b), ":")
	if len(parts) != 3 || parts[0] == "" || parts[2] == "" {
		return errors.New("an API key is written name:hash:scope+scope")
	}
	*k = APIKey{Name: parts[0], Hash: parts[1], Scopes: strings.Split(parts[2], "+")}
	return nil
}

// LoadConfig reads the layers over the defaults: HOME/config.toml when there
// is one, WAYMARK_* from environ (pairs as os.Environ gives them), then
// overrides by key ("api.listen"). Its error holds every mistake of the file's
// keys, the environment, the overrides and of [Config.Validate].
func LoadConfig(home string, environ []string, overrides map[string]string) (Config, error) {
	c := DefaultConfig(home)
	var errs []error
	raw, err := os.ReadFile(c.configFile())
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return c, fmt.Errorf("read the configuration: %w", err)
	default:
		errs = append(errs, c.readTOML(raw)...)
	}
	env := map[string]string{}
	for _, pair := range environ {
		if name, value, ok := strings.Cut(pair, "="); ok {
			env[name] = value
		}
	}
	known := map[string]bool{}
	for _, f := range c.fields() {
		known[f.key] = true
		name := f.variable()
		if v, ok := env[name]; ok {
			if err := f.set(v); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", name, err))
			}
		}
		if v, ok := overrides[f.key]; ok {
			if err := f.set(v); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", f.key, err))
			}
		}
	}
	for key := range overrides {
		if !known[key] {
			errs = append(errs, fmt.Errorf("%s: no such key", key))
		}
	}
	if err := c.Validate(); err != nil {
		errs = append(errs, err)
	}
	return c, errors.Join(errs...)
}

// readTOML decodes strictly: a key that names nothing is a mistake. What it
// could read stays read, so that one run reports all mistakes.
func (c *Config) readTOML(raw []byte) []error {
	dec := toml.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	err := dec.Decode(c)
	var missing *toml.StrictMissingError
	var wrong *toml.DecodeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &missing):
		var errs []error
		for _, e := range missing.Errors {
			row, _ := e.Position()
			errs = append(errs, fmt.Errorf("config.toml line %d: %s: no such key", row, strings.Join(e.Key(), ".")))
		}
		return errs
	case errors.As(err, &wrong):
		row, col := wrong.Position()
		return []error{fmt.Errorf("config.toml line %d column %d: %w", row, col, err)}
	default:
		return []error{fmt.Errorf("config.toml: %w", err)}
	}
}

// UnknownVariables are the WAYMARK_* variables of environ (pairs as os.Environ gives
// them) that set no key. They are no mistake: containers get some of other services.
func UnknownVariables(environ []string) (names []string) {
	var c Config
	fields := c.fields()
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, variablePrefix) && !slices.ContainsFunc(fields, func(f field) bool { return f.variable() == name }) {
			names = append(names, name)
		}
	}
	return names
}

// field is one key of the configuration.
type field struct {
	key   string
	doc   string
	value reflect.Value
}

// variablePrefix begins the name of every environment variable that sets a key.
const variablePrefix = "WAYMARK_"

// variable is the environment variable that sets the key.
func (f field) variable() string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(f.key, ".", "_"))
}

// table is one section of the file; the first has no name.
type table struct {
	name, doc string
	fields    []field
}

// tables lists the sections in declaration order.
func (c *Config) tables() []table {
	root := reflect.ValueOf(c).Elem()
	out := []table{{}}
	for i := range root.NumField() {
		sf, v := root.Type().Field(i), root.Field(i)
		name := sf.Tag.Get("toml")
		if name == "-" {
			continue
		}
		if v.Kind() != reflect.Struct {
			out[0].fields = append(out[0].fields, field{name, sf.Tag.Get("doc"), v})
			continue
		}
		t := table{name: name, doc: sf.Tag.Get("doc")}
		for j := range v.NumField() {
			f := v.Type().Field(j)
			t.fields = append(t.fields, field{name + "." + f.Tag.Get("toml"), f.Tag.Get("doc"), v.Field(j)})
		}
		out = append(out, t)
	}
	return out
}

func (c *Config) fields() []field {
	var out []field
	for _, t := range c.tables() {
		out = append(out, t.fields...)
	}
	return out
}

// Keys returns every key with its documentation, in file order: what flags
// and the operating guide are made of.
func (c *Config) Keys() [][2]string {
	var out [][2]string
	for _, f := range c.fields() {
		out = append(out, [2]string{f.key, f.doc})
	}
	return out
}

// set parses s as the field's type; a list is separated by commas.
func (f field) set(s string) error {
	if f.value.Kind() == reflect.Slice {
		list := reflect.MakeSlice(f.value.Type(), 0, 0)
		for _, part := range strings.Split(s, ",") {
			if part = strings.TrimSpace(part); part == "" {
				continue
			}
			e := reflect.New(f.value.Type().Elem()).Elem()
			if err := setScalar(e, part); err != nil {
				return err
			}
			list = reflect.Append(list, e)
		}
		f.value.Set(list)
		return nil
	}
	return setScalar(f.value, s)
}

func setScalar(v reflect.Value, s string) error {
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(s))
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Bool:
		b, err := strconv.ParseBool(s)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", s)
		}
		v.SetBool(b)
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", s)
		}
		v.SetInt(n)
	default:
		return fmt.Errorf("cannot be set from text (%s)", v.Type())
	}
	return nil
}

// WriteTOML writes the configuration with every key documented. What it
// writes, LoadConfig reads back.
func (c *Config) WriteTOML(w io.Writer) error {
	var b bytes.Buffer
	b.WriteString("# Waymark node configuration. A flag or a WAYMARK_* variable wins over this file:\n# WAYMARK_API_LISTEN for listen under [api].\n")
	for _, t := range c.tables() {
		if t.name != "" {
			fmt.Fprintf(&b, "\n# %s\n[%s]\n", t.doc, t.name)
		}
		for _, f := range t.fields {
			text, err := tomlValue(f.value)
			if err != nil {
				return fmt.Errorf("write %s: %w", f.key, err)
			}
			name := f.key[strings.LastIndexByte(f.key, '.')+1:]
			fmt.Fprintf(&b, "\n# %s\n%s = %s\n", f.doc, name, text)
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

func tomlValue(v reflect.Value) (string, error) {
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
		text, err := m.MarshalText()
		return quote(string(text)), err
	}
	switch v.Kind() {
	case reflect.String:
		return quote(v.String()), nil
	case reflect.Bool:
		return strconv.FormatBool(v.Bool()), nil
	case reflect.Int, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10), nil
	case reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			text, err := tomlValue(v.Index(i))
			if err != nil {
				return "", err
			}
			parts[i] = text
		}
		return "[" + strings.Join(parts, ", ") + "]", nil
	default:
		return "", fmt.Errorf("no text form for %s", v.Type())
	}
}

// quote writes a TOML basic string. JSON's escapes are a subset of TOML's;
// Go's are not.
func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always marshals
	}
	return string(b)
}
