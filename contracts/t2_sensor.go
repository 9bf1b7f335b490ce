package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// T2 sensor trust. Where a shipped thing has temperature limits (rule T1), the
// reports that are held to them are held to what a living, calibrated device of the
// shipment would say:
//
//   - they name the device, and if the limits name devices, it is one of them;
//   - the device is calibrated (t2_calibration.go): its master data names a certificate of
//     its calibration (our calibrationCertificate), which the ledger knows, which is about
//     this very device, and which was valid when the report was taken, and is neither
//     suspended nor revoked. What was not on the ledger when the reports came does not
//     count for them; who declares them wrong and records them again is judged anew;
//   - the time between two of its reports, from the shipment to the first and
//     from the last to the receipt, is at most the gap that the limits allow;
//   - it is no flat line: 24 equal reports over 12 hours;
//   - it does not jump by more than 5 degrees and 5 more a minute;
//   - it comes in time: not before the last report that was counted, and not once
//     the receipt is recorded. What a logger tells that is read out later counts
//     all the same, for the time up to the receipt: by then somebody may have
//     chosen what to show, but nobody shows an excursion that was not;
//   - it can be used: a value in CEL, FAH or KEL, without an error condition, and not of the
//     future (rule A5), after which whatever is measured would come too late.
//
// Anything else is flagged and makes the verdict of T1 unknown, never ok. Time outside
// counts whoever tells of it. It judges before T1, which uses the reports.
func (c *hearing) sensors() error {
	if c.record.MasterData != nil {
		return c.registerDevice(c.record.MasterData)
	}
	e := c.record.Event
	if e == nil || e.Correction != nil {
		return nil
	}
	if err := c.coldChains(e); err != nil || len(c.cold) == 0 {
		return err
	}
	k := sensorCheck{hearing: c, turn: c.turn()}
	latest := c.block.Time.Add(int64(c.limits.FutureSkew))
	if latest.Before(e.Time) { // rule A5 refuses it
		latest = e.Time
	}
	list, bad := reports(e, latest)
	for _, chain := range c.cold {
		if k.chain = chain; chain.invalid != nil || chain.unbound {
			continue
		}
		ends := false
		if chain.state.Received == nil && !e.Time.Before(chain.state.Bound.Time()) {
			var err error
			if ends, err = c.ended(e, chain); err != nil {
				return err
			}
		}
		if ends {
			chain.stops = &e.Time
		}
		for i := range bad {
			if _, ok := chain.held(&bad[i]); ok || bad[i].untimed {
				k.doubt(doubt(CodeBadReport), &bad[i])
			}
		}
		for i := range list {
			if err := k.hold(&list[i]); err != nil {
				return err
			}
		}
		switch {
		case ends && chain.voided:
			chain.arrive(k.turn, func(doubt, *report) {}) // no verdict is said
		case ends:
			chain.arrive(k.turn, k.doubt)
		}
	}
	k.report()
	return nil
}

// ended reports whether the event ends a cold chain: it receives the goods, or takes the
// shipment back that bound the limits.
func (c *hearing) ended(e *epcis.Event, chain *coldChain) (ends bool, err error) {
	switch {
	case e.BizStep == stepVoidShipping:
		chain.voided, err = c.voids(chain)
		return chain.voided, err
	case receives(e) && !c.inspects(e):
		return c.ends(chain)
	}
	return false, nil
}

// hold holds a report to the limits of the chain.
func (k *sensorCheck) hold(r *report) error {
	r, ok := k.chain.held(r)
	if !ok {
		k.chain.reach(r, k.turn)
		return nil
	}
	if d := k.chain.state.Limits.Devices; len(d) > 0 && r.device != "" && !slices.Contains(d, r.device) {
		k.doubt(doubt(CodeOtherDevice), r)
	}
	if err := k.calibrated(r); err != nil {
		return err
	}
	k.chain.fold(r, k.turn, int64(k.hearing.limits.FlatLine), k.doubt)
	return nil
}

type sensorCheck struct {
	hearing *hearing
	turn    *Turn
	chain   *coldChain
	devices map[string]*calibration // that were looked up; never ranged over
	found   [11]tally               // by code, from CodeOtherDevice on
	why     tally                   // calibrations do not hold
}

func (k *sensorCheck) doubt(d doubt, r *report) {
	var device [16]byte
	switch {
	case r.of != nil:
		device = *r.of
	case d != doubt(CodeBadReport):
		device = eventMark(r.device)
	}
	k.chain.state.doubted(device, k.turn)
	k.chain.changed = true
	what := r.at.String()
	if r.device != "" {
		what += " by " + r.device
	}
	k.found[uint32(d)-CodeOtherDevice].add(fact(k.chain.thing.id.URI, what))
}

func (k *sensorCheck) report() {
	calibrations := &k.found[CodeNotCalibrated-CodeOtherDevice]
	calibrations.facts = append(calibrations.facts, k.why.facts...)
	for i, next := range [len(k.found)]string{
		"Check which logger travelled with the goods; ship with limits that name it.",
		"Have the device calibrated, and the certificate recorded here; judge these goods by other means.",
		"Read the logger out and record what it kept. If there is nothing, judge the goods by other means.",
		"Check whether the probe is connected.",
		"Check the probe and the clock of the device.",
		"Record reports in the order in which they were taken; these were not counted.",
		"State a value in CEL, FAH or KEL and when it was measured, and replace a device that reports an error condition.",
		"Read loggers out before the goods are received. These reports were counted, but cannot prove that there are no others.",
		"Have a certifier record the calibration certificate, and name it in the device's master data (wm:calibrationCertificate); then declare these reports wrong and record them again, or judge the goods by other means.",
		"Declare the reports wrong and record them again with the deviceID of what measured them.",
		"Report of at most 8 devices a thing, and of 16 in one event; judge these goods by other means.",
	} {
		k.found[i].found(k.hearing, trace.Finding{Code: CodeOtherDevice + uint32(i), Next: next})
	}
}

func sensorContract() Contract {
	return Contract{
		Rule: "T2", Version: 1, Name: "sensor trust", Kinds: []epcis.Kind{epcis.KindEvent, epcis.KindMasterData}, judge: (*hearing).sensors,
		Says: "Temperature reports of a cold chain come from a device of the shipment, which is one of those that the limits name, if they name " +
			"any, and which is calibrated: its master data (wm:calibrationCertificate) names a certificate that is known here when the " +
			"report is recorded, is about this very device, and holds for the time at which the report was taken. They come without " +
			"gaps, in order, and neither stand still (24 equal reports over 12 hours) nor jump. Otherwise nobody can say that the limits " +
			"were kept. Time outside them counts whichever device tells of it.",
		Source: "EPCIS 2.0, section 7.3.7 (sensor elements)",
		Reads:  append(bondStates(), trace.NSTransfer, trace.NSClass, trace.NSLot, trace.NSCertificate),
		Writes: []trace.Namespace{trace.NSColdChain},
		Finds: []Declared{
			{CodeOtherDevice, trace.Flag, "reported by a device that the shipment does not name"},
			{CodeNotCalibrated, trace.Flag, "the device's calibration certificate does not hold"},
			{CodeGap, trace.Flag, "no report for longer than the limits allow"},
			{CodeFlatLine, trace.Flag, "the device reports the same value for hours"},
			{CodeJump, trace.Flag, "the temperature jumps faster than it can"},
			{CodeLateReport, trace.Flag, "reported out of order"},
			{CodeBadReport, trace.Flag, "a temperature report cannot be used"},
			{CodeReadOutLate, trace.Flag, "read out after the receipt"},
			{CodeUncertified, trace.Flag, "no calibration certificate is known of the device that reports"},
			{CodeNoDevice, trace.Flag, "a temperature report does not say which device took it"},
			{CodeManyDevices, trace.Flag, "reported by more devices than are judged"},
		},
	}
}
