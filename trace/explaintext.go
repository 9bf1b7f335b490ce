package trace

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Text writes the explanation as sentences for people, one to a line. Times are
// UTC, block times but where it says otherwise.
func (e *Explanation) Text(w io.Writer) error {
	var out strings.Builder
	line := func(format string, args ...any) {
		out.WriteString(OneLine(fmt.Sprintf(format, args...)) + "\n")
	}
	r := &e.Record
	line("Record %d: %s.", r.Seq, r.What)
	line("%s signed it with the key %s.", r.Signer.words(), r.Signer.Address)
	if r.EventTime != nil {
		line("By its author's account it happened on %s UTC.", dateText(*r.EventTime))
	}
	by := ""
	if e.Ruleset != "" {
		by = ", and judged by " + e.Ruleset
	}
	line("It was recorded on %s UTC, in block %d%s.", dateText(r.Time), r.Height, by)
	line("%s", e.outcome())
	for i := range e.Findings {
		out.WriteByte('\n')
		told := slices.ContainsFunc(e.Findings[:i], func(f Explained) bool { return f.Meaning == e.Findings[i].Meaning })
		e.Findings[i].write(line, told)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// outcome is what became of the record, in a sentence.
func (e *Explanation) outcome() string {
	locked, flagged := false, false
	for _, f := range e.Findings {
		locked, flagged = locked || f.Severity == Lock, flagged || f.Severity == Flag
	}
	switch {
	case e.Record.Rejected:
		return "It was refused: the ledger keeps it as a receipt, and nothing of it counts."
	case locked:
		return "It was accepted, and what it names is locked."
	case flagged:
		return "It was accepted, and flagged: somebody has to look at it."
	case len(e.Findings) > 0:
		return "It was accepted."
	}
	return "It was accepted: no rule found anything to say of it."
}

// words are who signed: the name, or what stands in its place.
func (s *Signatory) words() string {
	return cmp.Or(s.Name, s.Organisation, "Nobody whom the ledger knows")
}

// Phrase names the record where another one's reasoning rests on it.
func (m *Mention) Phrase() string {
	refused := ""
	if m.Rejected {
		refused = ", which was refused"
	}
	return fmt.Sprintf("record %d, %s, signed by %s and recorded on %s UTC%s",
		m.Seq, m.What, cmp.Or(m.Signer.Name, m.Signer.Organisation, "a key that the ledger does not know"), dateText(m.Time), refused)
}

// write tells a finding; told says that what its rule means was told before.
func (f *Explained) write(line func(format string, args ...any), told bool) {
	verb := "Noted"
	switch f.Severity {
	case Reject:
		verb = "Refused"
	case Lock:
		verb = "Locked"
	case Flag:
		verb = "Flagged"
	}
	rule := f.Rule
	if f.RuleName != "" {
		rule += " (" + f.RuleName + ")"
	}
	line("%s by rule %s, version %d: %s.", verb, rule, f.Version, f.Title)
	if f.Meaning != "" && !told {
		line("  The rule: %s", f.Meaning)
	}
	if len(f.Facts) > 0 {
		line("  It rests on:")
	}
	for i := range f.Facts {
		fact := &f.Facts[i]
		if fact.Record == nil {
			line("  - %s: %s.", fact.Name, fact.Value)
			continue
		}
		line("  - %s: %s. So says %s.", fact.Name, fact.Value, fact.Record.Phrase())
	}
	if f.Next != "" {
		line("  What to do now: %s", f.Next)
	}
}
