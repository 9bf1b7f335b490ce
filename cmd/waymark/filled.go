package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// mayBeEmpty are the flags for which an empty value means what leaving them out does,
// and does no harm: the others who asks with is told.
var mayBeEmpty = []string{"api-key", "node", "reason"}

// fill has a command's flags of text and of lists refuse an empty value: of
// --genesis "$FILE" where FILE is not set nobody means the default.
func fill(cmd *cobra.Command) {
	cmd.NonInheritedFlags().VisitAll(func(f *pflag.Flag) {
		if slices.Contains(mayBeEmpty, f.Name) {
			return
		}
		switch f.Value.Type() {
		case "string":
			f.Value = filled{f.Value}
		case "stringSlice":
			list, ok := f.Value.(listValue)
			if !ok {
				return
			}
			f.Value = filledList{list}
		case "stringToString":
			f.Value = filled{f.Value}
		default:
			return
		}
		if f.DefValue == "[]" { // as which pflag prints a list of its own without any
			f.DefValue = ""
		}
	})
}

var errEmpty = errors.New("it is empty: give it a value, or leave the flag out")

// filled is a flag's value that is not empty.
type filled struct{ pflag.Value }

func (v filled) Set(text string) error {
	if strings.TrimSpace(text) == "" {
		return errEmpty
	}
	return v.Value.Set(text)
}

// listValue is the value of a flag that may be repeated.
type listValue interface {
	pflag.Value
	pflag.SliceValue
}

// filledList is a list of which no part is empty.
type filledList struct{ listValue }

func (v filledList) Set(text string) error {
	for part := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(part) == "" {
			return errEmpty
		}
	}
	return v.listValue.Set(text)
}
