package lane

import (
	"errors"
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/trace"
)

// Caught says that the rules make a finding of an act: REJECT, LOCK or FLAG. An
// INFO catches nothing. Code is the finding's, as package contracts numbers them.
type Caught struct {
	Act      string // its title
	Severity trace.Severity
	Rule     string
	Code     uint32
}

func (c Caught) String() string { return fmt.Sprintf("%s %s (code %d)", c.Severity, c.Rule, c.Code) }

// Refused reports whether the rules are to refuse the act.
func (a *Act) Refused() bool {
	return slices.ContainsFunc(a.Caught, func(c Caught) bool { return c.Severity == trace.Reject })
}

// Judged compares what the rules found of the act's records with what the lane
// says they find. The error names every finding that is missing and every one
// that the lane does not expect; the same one of several records counts once.
func (a *Act) Judged(findings []trace.Finding) error {
	var errs []error
	missing := slices.Clone(a.Caught)
	for _, f := range findings {
		if f.Severity == trace.Info {
			continue
		}
		c := Caught{a.Title, f.Severity, f.Rule, f.Code}
		missing = slices.DeleteFunc(missing, func(m Caught) bool { return m == c })
		if !slices.Contains(a.Caught, c) {
			errs = append(errs, fmt.Errorf("%s, %q: not expected: %s: %s", a.Member, a.Title, c, f.Title))
		}
	}
	for _, c := range missing {
		errs = append(errs, fmt.Errorf("%s, %q: the rules did not find %s", a.Member, a.Title, c))
	}
	return errors.Join(errs...)
}
