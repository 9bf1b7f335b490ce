package proof

import (
	"bytes"
	"crypto/sha256"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// records decodes every record with its findings, and hashes it.
func (c *checker) records() error {
	var decoder epcis.Decoder
	c.lines = make([]checkedRecord, len(c.d.Records))
	for i := range c.d.Records {
		r, line := &c.d.Records[i], &c.lines[i]
		e := &c.d.Envelopes[r.Envelope]
		var findings []trace.Finding
		if len(r.Findings) > 0 {
			var err error
			if findings, err = DecodeFindings(r.Findings); err != nil || len(findings) == 0 {
				return Refute(ReasonFindings, "they cannot be read: %v", err).OfRecord(r.Seq)
			}
		}
		line.Recorded = trace.Recorded{Seq: r.Seq, Height: r.Height, Time: epcis.InstantFromUnixNano(r.Time), Kind: epcis.Kind(e.Kind),
			Signer: e.Signer.Hex(), Index: r.Index, Findings: findings, Bytes: r.Bytes}
		line.hash = identity.RecordHash(r.Bytes)
		if line.Decoded, line.malformed = decoder.Decode(line.Kind, r.Bytes); line.malformed == nil {
			line.touches = trace.Touches(line.Decoded)
		}
	}
	return nil
}

// envelopes recomputes the id of every envelope and verifies its signature, with
// the public key that the dossier shows: that the ledger holds it under that
// address is checked with the map.
func (c *checker) envelopes() error {
	c.standings, c.members = map[identity.Address]*signer{}, map[string]*member{}
	of := make([][]int, len(c.d.Envelopes)) // records by envelope
	for i := range c.d.Records {
		at := c.d.Records[i].Envelope
		of[at] = append(of[at], i)
	}
	var at []uint64
	var leaves []identity.Hash
	for n := range c.d.Envelopes {
		e := &c.d.Envelopes[n]
		first := c.d.Records[of[n][0]].Seq
		at, leaves = at[:0], leaves[:0]
		for _, i := range of[n] {
			at, leaves = append(at, uint64(c.d.Records[i].Index)), append(leaves, c.lines[i].hash)
		}
		root, err := RootOf(uint64(e.Count), at, leaves, e.Path)
		if err != nil {
			return Refute(ReasonRecordsRoot, "%v", err).OfRecord(first)
		}
		id := identity.EnvelopeID(c.d.Checkpoint.Network, e.Kind, e.Signer, e.NotAfter, e.Count, root)
		for _, i := range of[n] {
			c.lines[i].Envelope = id
		}
		if err := c.signed(e, id, of[n]); err != nil {
			return err
		}
	}
	return nil
}

// signed checks an envelope's signature, and the standing of its key and
// organisation at each of its records.
func (c *checker) signed(e *DossierEnvelope, id identity.Hash, records []int) error {
	s, err := c.signer(e.Signer, c.d.Records[records[0]].Seq)
	if err != nil {
		return err
	}
	verified := false
	for _, i := range records {
		line := &c.lines[i]
		standing, ok := s.state.At(line.Seq)
		if !ok || standing.Status != identity.Active && !line.Rejected() {
			return Refute(ReasonSigner, "the key %s is %s", line.Signer, orUnknown(standing.Status)).OfRecord(line.Seq)
		}
		if !verified || !bytes.Equal(s.public, standing.PublicKey) {
			if err := s.verify(id, e, standing.PublicKey); err != nil {
				return Refute(ReasonEnvelope, "%v", err).OfRecord(line.Seq)
			}
			verified = true
		}
		line.Organisation = standing.Organisation
		line.Compromised = s.state.Doubtful(line.Time.Seconds)
		if err := c.inGoodStanding(line); err != nil {
			return err
		}
	}
	return nil
}

func orUnknown(s identity.Status) identity.Status {
	if s == "" {
		return "unknown"
	}
	return s
}

// signer finds what the dossier shows of a key.
func (c *checker) signer(address identity.Address, seq uint64) (*signer, error) {
	if s, ok := c.standings[address]; ok {
		return s, nil
	}
	k := trace.Key{NS: trace.NSKey, ID: address.Hex()}
	key, ok := c.keys[k]
	if !ok {
		return nil, Refute(ReasonNotProved, "who signed it is not shown").OfRecord(seq).OfKey(k)
	}
	state, err := identity.DecodeKeyState(key.State)
	if err != nil {
		return nil, Refute(ReasonState, "%v", err).OfKey(k)
	}
	key.used = true
	s := &signer{state: state}
	c.standings[address] = s
	return s, nil
}

func (s *signer) verify(id identity.Hash, e *DossierEnvelope, public []byte) error {
	if s.verifier == nil || !bytes.Equal(s.public, public) {
		v, err := identity.NewVerifier(public)
		if err != nil {
			return err
		}
		s.verifier, s.public = v, public
	}
	return s.verifier.VerifySignature(id, e.Signer, e.Signature)
}

// inGoodStanding checks that the record's organisation was a member when it was
// written; a refused record may come from one that was not.
func (c *checker) inGoodStanding(line *checkedRecord) error {
	k := trace.Key{NS: trace.NSOrganisation, ID: line.Organisation}
	m, ok := c.members[k.ID]
	if !ok {
		m = &member{}
		switch key, absent := c.keys[k], c.absent[k]; {
		case key != nil:
			key.used = true
			var err error
			if m.state, err = identity.DecodeOrganisationState(key.State); err != nil && len(key.State) > 0 {
				return Refute(ReasonState, "%v", err).OfKey(k)
			}
		case absent != nil:
			absent.used = true
		default:
			return Refute(ReasonNotProved, "whose key signed it is not shown").OfRecord(line.Seq).OfKey(k)
		}
		c.members[k.ID] = m
	}
	standing, ok := m.state.At(line.Seq)
	if (!ok || standing.Status != identity.Active) && !line.Rejected() {
		return Refute(ReasonOrganisation, "%s is %s", k.ID, orUnknown(standing.Status)).OfRecord(line.Seq)
	}
	return nil
}

// log rebuilds every entry and checks that they stand in the log.
func (c *checker) log() error {
	roots := &c.d.Checkpoint.Roots
	none := sha256.Sum256([]byte(noFindings))
	seqs, leaves := make([]uint64, len(c.lines)), make([]identity.Hash, len(c.lines))
	buffer := make([]byte, 0, 512)
	for i := range c.lines {
		r, line := &c.d.Records[i], &c.lines[i]
		e := Entry{Height: r.Height, Time: r.Time, Seq: r.Seq, Envelope: line.Envelope, Index: r.Index,
			Kind: string(line.Kind), Signer: c.d.Envelopes[r.Envelope].Signer, Record: line.hash,
			Codes: Codes(line.Findings), FindingsHash: none}
		if len(r.Findings) > 0 {
			e.FindingsHash = sha256.Sum256(r.Findings)
		}
		buffer = e.Append(buffer[:0])
		line.leaf = LeafHash(buffer)
		seqs[i], leaves[i] = r.Seq, line.leaf
	}
	if len(seqs) == 0 {
		if len(c.d.Log) > 0 {
			return Refute(ReasonSurplus, "a proof of no records")
		}
		return nil
	}
	root, err := RootOf(roots.LogSize, seqs, leaves, c.d.Log)
	if err != nil {
		return Refute(ReasonLog, "%v", err)
	}
	if root != roots.LogRoot {
		return Refute(ReasonLog, "the records lead to log root %s, the checkpoint has %s", root, roots.LogRoot)
	}
	for i := range c.lines {
		if line := &c.lines[i]; line.malformed != nil && !line.Rejected() {
			return Refute(ReasonFindings, "it was accepted, and cannot be read: %v", line.malformed).OfRecord(line.Seq)
		}
	}
	return nil
}
