package epcis

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// schemaProblems turns what the validator found into sentences about the
// places that caused it. The parent's location is passed down because the
// validator's own is overwritten for a member's name when it moves on.
func schemaProblems(e *jsonschema.ValidationError, parent []string) []Problem {
	here := e.InstanceLocation
	problem := func(steps string, format string, args ...any) []Problem {
		return []Problem{{Pointer: pointerTo(here) + steps, Reason: fmt.Sprintf(format, args...)}}
	}
	switch k := e.ErrorKind.(type) {
	case *kind.PropertyNames:
		if len(parent) == len(here) {
			here = parent
		}
		if strings.Contains(k.Property, ":") {
			return problem(pointerName(k.Property), "The name %q is no URI.", k.Property)
		}
		return problem(pointerName(k.Property), "The name %q is not one that EPCIS 2.0 has here. An extension's name is a URI or has a prefix that the @context defines.", k.Property)
	case *kind.AdditionalProperties:
		var all []Problem
		for _, name := range k.Properties {
			all = append(all, problem(pointerName(name), "The name %q is not one that EPCIS 2.0 has here.", name)...)
		}
		return all
	case *kind.Required:
		return problem("", "It lacks %s.", listed(k.Missing, "and"))
	case *kind.Type:
		return problem("", "It is of the type %s, where %s is expected.", k.Got, listed(k.Want, "or"))
	case *kind.Enum:
		return problem("", "It must be %s.", choices(k.Want))
	case *kind.Format:
		if k.Want == "uri" {
			return problem("", "It must be a URI: %v.", k.Err)
		}
		return problem("", "It must be a date and time with its zone, as in 2026-04-03T20:33:31Z: %v.", k.Err)
	case *kind.Pattern:
		return problem("", "%s", patternReason(k.Want))
	case *kind.MinItems:
		return problem("", "The list needs at least %d entries; it has %d.", k.Want, k.Got)
	case *kind.UniqueItems:
		return problem(pointerIndex(k.Duplicates[1]), "It repeats entry %d of the same list.", k.Duplicates[0])
	case *kind.Not: // the schema has one
		return problem("", "It belongs to an ObjectEvent only when its action is ADD.")
	case *kind.AnyOf, *kind.OneOf:
		return alternatives(e)
	}
	var all []Problem
	for _, cause := range e.Causes {
		all = append(all, schemaProblems(cause, here)...)
	}
	if len(all) == 0 {
		return problem("", "It does not fit the schema of EPCIS 2.0.")
	}
	return all
}

// alternatives says why none of several allowed forms fits. When one form fits
// but for something deeper inside, that is what is wrong; otherwise each form's
// reason is given.
func alternatives(e *jsonschema.ValidationError) []Problem {
	here := pointerTo(e.InstanceLocation)
	var reasons []string
	var deeper [][]Problem
	for _, cause := range e.Causes {
		problems := schemaProblems(cause, e.InstanceLocation)
		inside := true
		for _, p := range problems {
			if p.Pointer == here {
				inside = false
			}
		}
		if inside {
			deeper = append(deeper, problems)
			continue
		}
		for _, p := range problems {
			if p.Pointer == here && !slices.Contains(reasons, p.Reason) {
				reasons = append(reasons, p.Reason)
			}
		}
	}
	if len(deeper) > 0 {
		return slices.MinFunc(deeper, func(a, b []Problem) int { return cmp.Compare(len(a), len(b)) })
	}
	slices.Sort(reasons)
	return []Problem{{Pointer: here, Reason: strings.Join(reasons, " Or: ")}}
}

// patternReason says in words what the schema's patterns ask for.
func patternReason(want string) string {
	switch {
	case strings.HasPrefix(want, "^(?!(urn:epcglobal:cbv"):
		return "A value of the CBV is written as its bare word, such as shipping, not as a URN or URI of the CBV."
	case strings.HasPrefix(want, "^(?!"):
		return "A value of the GS1 Web Vocabulary is written with the prefix gs1:, not as a URI."
	case strings.HasPrefix(want, "^([+]|[-])"):
		return "It must be an offset between -14:00 and +14:00, such as +02:00."
	case want == "^[A-Z0-9]{2,3}$":
		return "It must be a unit code of UN/ECE Recommendation 20, such as KGM."
	case want == "^[A-Fa-f0-9]+$":
		return "It must be hexadecimal digits."
	case want == `^\d+(\.\d+)*$`:
		return "It must be a version, such as 2.0."
	case want == "^ADD$", want == "^OBSERVE$", want == "^DELETE$":
		return "It must be " + strings.Trim(want, "^$") + "."
	}
	return "It does not match the pattern " + want + "."
}

const maxChoices = 10

func choices(want []any) string {
	words := make([]string, 0, len(want))
	for _, w := range want {
		if len(words) == maxChoices {
			return "one of the " + strconv.Itoa(len(want)) + " words of its vocabulary: " + strings.Join(words, ", ") + " and so on"
		}
		words = append(words, fmt.Sprint(w))
	}
	return listed(words, "or")
}

func listed(words []string, last string) string {
	words = slices.Sorted(slices.Values(words))
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + last + " " + words[len(words)-1]
}

func pointerTo(steps []string) string {
	var b strings.Builder
	for _, step := range steps {
		b.WriteString(pointerName(step))
	}
	return b.String()
}

// sortProblems orders by pointer, numbers in it by value, then by reason.
func sortProblems(problems []Problem) {
	slices.SortFunc(problems, func(a, b Problem) int {
		if c := comparePointers(a.Pointer, b.Pointer); c != 0 {
			return c
		}
		return cmp.Compare(a.Reason, b.Reason)
	})
}

func comparePointers(a, b string) int {
	for a != "" && b != "" {
		var x, y string
		x, a = firstStep(a)
		y, b = firstStep(b)
		if x == y {
			continue
		}
		m, errX := strconv.Atoi(x)
		n, errY := strconv.Atoi(y)
		switch {
		case errX == nil && errY == nil && m != n:
			return cmp.Compare(m, n)
		case errX == nil && errY != nil:
			return -1
		case errX != nil && errY == nil:
			return 1
		}
		return cmp.Compare(x, y)
	}
	return cmp.Compare(len(a), len(b))
}

// firstStep cuts the first step off a pointer.
func firstStep(pointer string) (step, rest string) {
	if i := strings.IndexByte(pointer[1:], '/'); i >= 0 {
		return pointer[1 : i+1], pointer[i+1:]
	}
	return pointer[1:], ""
}

// withoutGuesses drops the one action that the nearest form of an ObjectEvent allows,
// where the value is no action at all: that all three are said is enough.
func withoutGuesses(problems []Problem) []Problem {
	last := ""
	return slices.DeleteFunc(problems, func(p Problem) bool {
		switch p.Reason {
		case "It must be ADD, DELETE or OBSERVE.":
			last = p.Pointer
		case "It must be ADD.", "It must be OBSERVE.", "It must be DELETE.":
			return p.Pointer == last
		}
		return false
	})
}

// invalid makes the error of a refused document: sorted, each problem once.
func invalid(problems []Problem) *InvalidError {
	sortProblems(problems)
	problems = withoutGuesses(slices.Compact(problems))
	if len(problems) > MaxProblems {
		problems = problems[:MaxProblems]
	}
	return &InvalidError{Problems: problems}
}
