package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// T2 sensor trust, calibration. A device's master data only points at certificates of its
// calibration: what counts is what a certifier recorded about the device. So whoever may
// describe it (rule A2) may name them, and each that was named stays: of a device that is
// calibrated anew, reports of before are held to the certificate of their own time.

// DeviceState is what master data says of a sensor (namespace coldchain, id
// "device:<id>").
type DeviceState struct {
	Named []NamedCertificate `cbor:"1,keyasint"` // each certificate once, the last that was named last
}

// NamedCertificate is a certificate that a masterdata record names.
type NamedCertificate struct {
	ID           string `cbor:"1,keyasint"` // canonical
	Organisation string `cbor:"2,keyasint"` // that signed the record
	Seq          uint64 `cbor:"3,keyasint"` // of the record
}

// maxNamed bounds the certificates that a device is remembered by; the earliest are
// forgotten.
const maxNamed = 8

func deviceKey(id string) trace.Key { return trace.Key{NS: trace.NSColdChain, ID: "device:" + id} }

func (c *hearing) registerDevice(m *epcis.MasterData) error {
	var named []string
	for _, a := range m.Attributes {
		if !isOurs(a.ID, "calibrationCertificate") {
			continue
		}
		for _, v := range itemsOf(a.Value) {
			if id := textOf(v); id != "" {
				named = append(named, short(epcis.Canonical(id).URI))
			}
		}
	}
	if len(named) == 0 {
		return nil
	}
	key := deviceKey(short(m.ID.URI))
	var device DeviceState
	if _, err := c.read(key, &device); err != nil {
		return err
	}
	for _, id := range lastOf(named, maxNamed) {
		device.Named = slices.DeleteFunc(device.Named, func(n NamedCertificate) bool { return n.ID == id })
		device.Named = append(device.Named, NamedCertificate{ID: id, Organisation: c.signer.ID, Seq: c.position.Seq})
	}
	device.Named = lastOf(device.Named, maxNamed)
	return c.write(key, device)
}

// A calibration is what the ledger knows of one device's: the certificates that its master
// data names, the last first.
type calibration struct {
	device string
	named  []calibrated
	told   bool // why none of them holds
}

type calibrated struct {
	NamedCertificate
	state *issuedCertificate // nil for one that nobody issued here
	above []*trace.CertificateState
	doubt *trace.Fact // a compromised key issued it
}

// calibrationOf is what is known of a device; nil of one more than are looked up.
func (k *sensorCheck) calibrationOf(device string) (*calibration, error) {
	if cal, ok := k.devices[device]; ok || len(k.devices) == maxCitations {
		return cal, nil
	}
	cal := &calibration{device: device}
	var state DeviceState
	if _, err := k.hearing.read(deviceKey(device), &state); err != nil {
		return nil, err
	}
	for _, n := range slices.Backward(state.Named) {
		one, err := k.hearing.certified(n)
		if err != nil {
			return nil, err
		}
		cal.named = append(cal.named, one)
	}
	if k.devices == nil {
		k.devices = map[string]*calibration{}
	}
	k.devices[device] = cal
	return cal, nil
}

func (c *hearing) certified(n NamedCertificate) (one calibrated, err error) {
	one.NamedCertificate = n
	if one.state, err = c.issued(n.ID); err != nil || one.state == nil {
		return one, err
	}
	if one.above, err = c.accreditations(one.state.CertificateState); err != nil {
		return one, err
	}
	issuer := one.state.Issuer
	one.doubt, err = c.doubtful(claim{n.ID, "issued by " + issuer, issuer, one.state.Intervals[0].FromSeq})
	return one, err
}

// fault is why a certificate does not say that the device was calibrated then; nil where it does.
func (one *calibrated) fault(device string, at epcis.Instant, c *hearing) *trace.Fact {
	if one.state == nil {
		f := factAt(device, "names the certificate "+one.ID+", which is not known here", one.Seq)
		return &f
	}
	if one.doubt != nil {
		return one.doubt
	}
	last := one.state.Intervals[len(one.state.Intervals)-1].FromSeq
	if one.state.Subject != device && !slices.Contains(one.state.Scope, device) {
		f := factAt(one.ID, "is not about "+device, last)
		return &f
	}
	if status := one.state.Standing(at, c.block.Time, c.position.Seq, one.above); status != trace.CertificateActive {
		f := factAt(one.ID, status+", for what "+device+" measured at "+at.String(), last)
		return &f
	}
	return nil
}

// calibrated doubts a report whose device nobody is known to have calibrated when it was
// taken.
func (k *sensorCheck) calibrated(r *report) error {
	if r.device == "" {
		k.doubt(doubt(CodeNoDevice), r)
		return nil
	}
	cal, err := k.calibrationOf(r.device)
	switch {
	case err != nil:
		return err
	case cal == nil:
		k.doubt(doubt(CodeManyDevices), r)
		return nil
	case len(cal.named) == 0:
		k.doubt(doubt(CodeUncertified), r)
		return nil
	}
	for i := range cal.named {
		one := &cal.named[i]
		if one.fault(r.device, r.at, k.hearing) == nil {
			return k.relies(cal, one)
		}
	}
	k.doubt(doubt(CodeNotCalibrated), r)
	if !cal.told {
		cal.told = true
		k.why.add(*cal.named[0].fault(r.device, r.at, k.hearing))
	}
	return nil
}

// relies notes that the record is judged by master data (rule A7).
func (k *sensorCheck) relies(cal *calibration, one *calibrated) error {
	c := k.hearing
	doubt, err := c.doubtful(claim{cal.device, "its calibration certificate, stated by " + one.Organisation, one.Organisation, one.Seq})
	if doubt != nil && c.relied.get(cal.device) == nil {
		c.relied.add(cal.device, doubt)
	}
	return err
}
