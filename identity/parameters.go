package identity

import (
	"errors"
	"fmt"
)

// Parameters are what a network agrees on at genesis and by vote: how long, how
// much, how strictly. They are part of consensus. A parameter that a genesis
// document leaves out has the value DefaultParameters gives; those values are part
// of the format and never change. [ParameterTable] says of each what it means, in
// which unit and between which bounds.
//
// The first seven stand in every state. The others stand there where they are not
// the default, so that a network that sets none has the state it always had.
type Parameters struct {
	MaxNotAfterAhead    uint64
	FutureSkew          uint64
	Lateness            uint64
	MaxRecordsPerBlock  uint64
	MaxBytesPerBlock    uint64
	MaxRecordsPerMember uint64
	MaxBytesPerMember   uint64

	// Tolerances, in millionths: 5000 is 0.5 %.
	ReceiptTolerance uint64
	MassTolerance    uint64

	// Terms, in seconds of block time.
	TransferTerm  uint64
	CaseTerm      uint64
	OfferTerm     uint64
	ProposalTerm  uint64
	AnswerTerm    uint64
	AlertDeadline uint64

	// How long mass-balance accounts may be overdrawn, in seconds of block time; 0: no period.
	BalancePeriod uint64

	// Limits of travel, in km/h, m and s.
	RoadSpeed    uint64
	SeaSpeed     uint64
	AirSpeed     uint64
	FreeDistance uint64
	SameMoment   uint64

	// Limits of sensors, in seconds.
	SensorGap uint64
	FlatLine  uint64

	// Policies.
	PrefixAuthority      Policy
	MalformedIdentifiers Policy
	PlaceAuthority       Policy

	// LatenessByRole are the lateness limits of roles, in seconds; 0 is Lateness. See LatenessOf.
	LatenessByRole [latenessRoles]uint64
}

// Policy is how strictly a rule takes what it finds.
type Policy = uint64

// The policies.
const (
	PolicyOff    Policy = 0
	PolicyFlag   Policy = 1
	PolicyReject Policy = 2
)

// DefaultParameters are the values of parameters that genesis leaves out.
func DefaultParameters() Parameters {
	var p Parameters
	for _, one := range ParameterTable() {
		*one.at(&p) = one.Default
	}
	return p
}

// Validate reports every parameter that is out of its range.
func (p Parameters) Validate() error {
	var errs []error
	for _, one := range ParameterTable() {
		if v := *one.at(&p); v < one.Low || v > one.High {
			errs = append(errs, fmt.Errorf("parameter %s: %s is not between %s and %s", one.Name, one.Text(v), one.Text(one.Low), one.Text(one.High)))
		}
	}
	return errors.Join(errs...)
}

// Set gives the parameter of a name its value, as text; see [Parameter.Parse].
// Whether it lies in its range Validate says.
func (p *Parameters) Set(name, text string) error {
	for _, one := range ParameterTable() {
		if one.Name == name {
			v, err := one.Parse(text)
			if err == nil {
				*one.at(p) = v
			}
			return err
		}
	}
	return fmt.Errorf("there is no parameter %s", name)
}

// Get is a parameter's value as text, false where there is none of that name.
func (p Parameters) Get(name string) (string, bool) {
	for _, one := range ParameterTable() {
		if one.Name == name {
			return one.Text(*one.at(&p)), true
		}
	}
	return "", false
}
