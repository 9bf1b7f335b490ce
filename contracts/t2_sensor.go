package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// T2 sensor trust. Where a shipped thing has temperature limits (rule T1), the
// reports about it are held to what a living, calibrated device of the shipment
// would say:
//
//   - if the limits name devices, it is one of them;
//   - if the device's master data names a calibration certificate (our
//     calibrationCertificate, on a record of vocabulary EPCInstance), the ledger
//     knows that certificate, it is about the device, and it was valid when the
//     report was taken;
//   - the time between two of its reports, from the shipment to the first and
//     from the last to the receipt, is at most the gap that the limits allow;
//   - it is no flat line: 24 equal reports over 12 hours;
//   - it does not jump by more than 5 degrees and 5 more a minute;
//   - it comes in time: not before the last report that was counted, and not once
//     the receipt is recorded. What a logger tells that is read out later counts
//     all the same, for the time up to the receipt: by then somebody may have
//     chosen what to show, but nobody shows an excursion that was not;
//   - it can be used: a value in CEL, FAH or KEL, without an error condition.
//
// Anything else is flagged and makes the verdict of T1 unknown, never ok.
// It judges before T1, which uses the reports.
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
	list, bad := reports(e)
	devices, err := k.calibrations(list)
	if err != nil {
		return err
	}
	for _, chain := range c.cold {
		if k.chain = chain; chain.invalid != nil || chain.unbound {
			continue
		}
		if bad > 0 {
			k.doubt(doubt(CodeBadReport), &report{at: e.Time})
		}
		for i := range list {
			r := &list[i]
			if d := chain.state.Limits.Devices; len(d) > 0 && !slices.Contains(d, r.device) {
				k.doubt(doubt(CodeOtherDevice), r)
			}
			if cert := devices[r.device]; cert != nil && !(cert.covers(r.device) && cert.liveAt(r.at, c)) {
				k.doubt(doubt(CodeNotCalibrated), r)
			}
			chain.fold(r, k.turn, int64(k.hearing.limits.FlatLine), k.doubt)
		}
		if receives(e) && !c.inspects(e) && chain.state.Received == nil && !e.Time.Before(chain.state.Bound.Time()) {
			ends, err := c.ends(chain)
			if err != nil {
				return err
			}
			if ends {
				chain.arrive(k.turn, k.doubt)
			}
		}
	}
	k.report()
	return nil
}

// DeviceState is what master data says of a sensor (namespace coldchain, id
// "device:<id>").
type DeviceState struct {
	Seq         uint64 `cbor:"1,keyasint"` // of the masterdata record
	Certificate string `cbor:"2,keyasint"` // canonical id of its calibration certificate
}

func deviceKey(id string) trace.Key { return trace.Key{NS: trace.NSColdChain, ID: "device:" + id} }

func (c *hearing) registerDevice(m *epcis.MasterData) error {
	for _, a := range m.Attributes {
		if id := textOf(a.Value); isOurs(a.ID, "calibrationCertificate") && id != "" {
			return c.write(deviceKey(m.ID.URI), DeviceState{Seq: c.position.Seq, Certificate: short(epcis.Canonical(id).URI)})
		}
	}
	return nil
}

type sensorCheck struct {
	hearing *hearing
	turn    *Turn
	chain   *coldChain
	found   [8]tally // by code, from CodeOtherDevice on
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

// calibration is the certificate that a device's master data names.
type calibration struct {
	known bool
	state trace.CertificateState
}

// covers: it is a certificate about this very device.
func (cert *calibration) covers(device string) bool {
	return cert.state.Subject == device || slices.Contains(cert.state.Scope, device)
}

func (cert *calibration) liveAt(t epcis.Instant, c *hearing) bool {
	return cert.known && cert.state.At(t, c.block.Time, c.position.Seq) == trace.CertificateActive
}

// calibrations are those of the devices that have one.
func (k *sensorCheck) calibrations(list []report) (map[string]*calibration, error) {
	found := map[string]*calibration{}
	for i := range list {
		id := list[i].device
		if _, ok := found[id]; ok || id == "" || len(found) == maxCitations {
			continue
		}
		found[id] = nil
		var device DeviceState
		ok, err := k.hearing.read(deviceKey(id), &device)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		cert := &calibration{}
		cert.known, err = k.hearing.read(trace.Key{NS: trace.NSCertificate, ID: device.Certificate}, &cert.state)
		if err != nil {
			return nil, err
		}
		if _, err := k.hearing.reinstatements(device.Certificate, &cert.state); err != nil {
			return nil, err
		}
		found[id] = cert
	}
	return found, nil
}

func (k *sensorCheck) report() {
	for i, next := range [len(k.found)]string{
		"Check which logger travelled with the goods; ship with limits that name it.",
		"Have the device calibrated, and the certificate recorded here; judge these goods by other means.",
		"Read the logger out and record what it kept. If there is nothing, judge the goods by other means.",
		"Check whether the probe is connected.",
		"Check the probe and the clock of the device.",
		"Record reports in the order in which they were taken; these were not counted.",
		"State a value in CEL, FAH or KEL, and replace a device that reports an error condition.",
		"Read loggers out before the goods are received. These reports were counted, but cannot prove that there are no others.",
	} {
		k.found[i].found(k.hearing, trace.Finding{Code: CodeOtherDevice + uint32(i), Next: next})
	}
}

func sensorContract() Contract {
	return Contract{
		Rule: "T2", Version: 1, Name: "sensor trust", Kinds: []epcis.Kind{epcis.KindEvent, epcis.KindMasterData}, judge: (*hearing).sensors,
		Says: "Temperature reports of a cold chain come from a device of the shipment whose calibration holds, without gaps, " +
			"in order, and neither stand still (24 equal reports over 12 hours) nor jump. Otherwise nobody can say that the limits " +
			"were kept.",
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
		},
	}
}
