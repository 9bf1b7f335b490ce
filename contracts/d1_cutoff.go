package contracts

import (
	"cmp"

	"github.com/waymark-ledger/waymark/epcis"
)

// cutOffDay is the last day on which land may have been deforested: goods that may be placed
// on the market grew after it, on land that was none of a forest that fell since (Regulation
// (EU) 2023/1115, articles 2 and 3).
const cutOffDay = "2020-12-31"

// What master data and plots say of a day, or attest, in the spellings that are in use. The
// attributes of the CBV come first.
func producedOn() []string {
	return []string{"harvestStartDate", "harvestEndDate", "productionDate", "harvestDate", "harvestDateStart", "harvestDateEnd",
		"harvest_date", "production_date"}
}

func deforestedOn() []string { return []string{"deforestationDate", "deforestation_date"} }

func freeSince() []string {
	return []string{"deforestationFreeSince", "deforestation_free_since", "cutOffDate", "cutoffDate", "cut_off_date", "cutoff_date"}
}

// cutOff holds what goods or a plot state to the cut-off: when they were produced or
// harvested, when the land was deforested, since when it is attested that it was not, and
// whether it is free of deforestation. A date that does not read says nothing.
func (p *plotCheck) cutOff(name string, v *epcis.Value) {
	name = cmp.Or(name, "the goods")
	say := func(fields []string, wrong func(day string) bool, why string) {
		for _, field := range fields {
			if day := dayOf(inside(v, field)); day != "" && wrong(day) {
				p.early.add(fact(name, field+" "+day+why))
			}
		}
	}
	after := func(day string) bool { return day > cutOffDay }
	say(producedOn(), func(day string) bool { return !after(day) }, " is not after "+cutOffDay)
	say(deforestedOn(), after, " is after "+cutOffDay)
	say(freeSince(), after, " attests nothing from "+cutOffDay+" on")
	for _, field := range [...]string{"deforestationFree", "deforestation_free"} {
		if attested(inside(v, field), false) {
			p.early.add(fact(name, field+" is false"))
		}
	}
	for _, field := range [...]string{"deforested", "deforestation"} {
		if attested(inside(v, field), true) {
			p.early.add(fact(name, field+" is true"))
		}
	}
}

// dayOf is the day of a date or of a date with time, as it is stated, "" for anything else. A
// year, and a month of one, are as good: they are less than all of their days.
func dayOf(v *epcis.Value) string {
	s := textOf(v)
	switch {
	case len(s) == len("2020") && isDay(s+"-01-01"), len(s) == len("2020-12") && isDay(s+"-01"):
		return s
	case len(s) < len(cutOffDay) || !isDay(s[:len(cutOffDay)]):
		return ""
	}
	day, rest := s[:len(cutOffDay)], s[len(cutOffDay):]
	if rest != "" && rest[0] != 'T' {
		return ""
	}
	return day
}

func isDay(s string) bool {
	_, err := epcis.ParseInstant(s + "T00:00:00Z")
	return err == nil
}

// attested reports whether a value says yes, or no.
func attested(v *epcis.Value, yes bool) bool {
	if v != nil && v.Kind == epcis.Bool {
		return v.Bool == yes
	}
	if yes {
		return textOf(v) == "true"
	}
	return textOf(v) == "false"
}
