package contracts

import (
	"errors"
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// CompromisedKey is where the ledger lists whose keys were ever compromised: the
// canonical CBOR of a [CompromisedState]. Which key, and since when, the key's own
// state says ([identity.KeyStanding]).
func CompromisedKey() trace.Key { return trace.Key{NS: trace.NSParam, ID: "compromised"} }

// CompromisedState lists the organisations, by id, that revoked a key saying since
// when it was compromised.
type CompromisedState struct {
	Organisations []string `cbor:"1,keyasint"`
}

// A7 compromise window. An organisation that revokes a key may say since when it was
// compromised (compromisedSince). What the key signed from then on, by block time, is
// nobody's word: the journey marks those records, and here
//
//   - what such a record gave birth to is neither moved nor used (REJECT), until its
//     organisation attests the birth with a key that is good: an observation of the
//     item or lot with wm:attests "birth". An end, and what is foreign, are flagged.
//   - an event about what such a record created, shipped or received is flagged, and
//     so is one that cites a certificate which such a record issued or reinstated.
//   - an event that moves or receives goods on a customs decision that such a record
//     took is flagged, until the authority decides anew (rule B2).
//   - an event that a rule judges by such master data is flagged (a7_masterdata.go).
//   - so is one that is judged by such a due-diligence reference (a7_references.go).
//   - a recall, its end or an answer to it by such a record frees nothing: a7_recalls.go.
//
// Nothing is written to the goods when the key is revoked: whoever uses them later
// looks up who signed the record that they rest on.
func (c *hearing) compromised() error {
	e := c.record.Event
	if e == nil {
		return nil
	}
	if err := c.readCompromised(); err != nil {
		return err
	}
	if err := c.rememberBearers(e); err != nil {
		return err
	}
	w := compromiseCheck{hearing: c, event: e, attests: slices.Contains(extension(e, "attests"), "birth")}
	if len(c.compromises) == 0 && !w.attests {
		return nil
	}
	for _, t := range c.things() {
		if t.key.NS != trace.NSItem {
			continue
		}
		it, err := c.item(&t.id)
		if err != nil {
			return err
		}
		if err := w.check(it); err != nil {
			return err
		}
	}
	if err := errors.Join(w.lots(), w.certificates(), w.clearances()); err != nil {
		return err
	}
	w.report()
	return nil
}

// compromiseCheck is A7 over the things of one event.
type compromiseCheck struct {
	*hearing
	event                                                                              *epcis.Event
	attests                                                                            bool
	rests, uses, softly, attested, idle, withdrawn, certificate, reinstated, decisions tally
}

func (w *compromiseCheck) check(it *item) error {
	state := &it.state
	switch {
	case w.event.Correction != nil:
		if w.attests && w.declaredWrong(state.Attested) {
			w.withdrawn.add(factAt(it.id, "no longer attested", state.Attested.Seq))
			state.Attested, it.changed = nil, true
		}
		return nil
	case it.bornNow:
		if state.Attested != nil {
			state.Attested, it.changed = nil, true
		}
		return nil
	}
	birth, err := w.doubtful(it.birthOf())
	if err != nil {
		return err
	}
	if w.attests {
		w.attest(it, birth)
		return nil
	}
	if birth != nil {
		switch foreign, err := w.isForeign(epcis.Canonical(it.id)); {
		case err != nil:
			return err
		case !movesGoods(w.event) || w.isAuthority():
			w.rests.add(*birth)
		case foreign || !it.gone && state.Ended != nil && w.event.Type != epcis.TransformationEvent:
			w.softly.add(*birth)
		default:
			w.uses.add(*birth)
		}
		return nil
	}
	for _, claim := range it.handOvers() {
		f, err := w.doubtful(claim)
		if err != nil {
			return err
		}
		if f != nil {
			w.rests.add(*f)
			return nil
		}
	}
	return nil
}

// attest has the organisation that recorded a birth stand by it.
func (w *compromiseCheck) attest(it *item, birth *trace.Fact) {
	born := it.state.Born
	switch {
	case w.event.Type != epcis.ObjectEvent || w.event.Action != epcis.Observe:
		w.idle.add(fact(it.id, "only an observation attests"))
	case born == nil:
		w.idle.add(fact(it.id, "no birth is recorded"))
	case born.Organisation != w.signer.ID:
		w.idle.add(factAt(it.id, "born by "+born.Organisation, born.Seq))
	case birth == nil:
		w.idle.add(factAt(it.id, "nothing is doubtful about its birth", born.Seq))
	default:
		it.state.Attested, it.changed = w.turn(), true
		w.attested.add(factAt(it.id, "its birth is attested", born.Seq))
	}
}

// A claim is what a state rests on: a record and whose it was.
type claim struct {
	id, what, organisation string
	seq                    uint64
}

// birthOf is the record that vouches for the item's birth, the latest that does.
func (it *item) birthOf() claim {
	born := it.state.Born
	if born == nil {
		return claim{}
	}
	if attested := it.state.Attested; attested != nil {
		return claim{it.id, "its birth attested by " + attested.Organisation, attested.Organisation, attested.Seq}
	}
	return claim{it.id, "born by " + born.Organisation, born.Organisation, born.Seq}
}

// handOvers are the shipment that the item is in, and the record that its custody
// rests on.
func (it *item) handOvers() []claim {
	var list []claim
	held := it.state.Custody
	if it.inTransit() && held != nil && held.Holder != "" {
		list = append(list, claim{it.id, "shipped by " + held.Holder, held.Holder, it.state.Transit.Transfer})
	}
	if held != nil && held.author() != "" && (it.state.Born == nil || held.Seq != it.state.Born.Seq) {
		list = append(list, claim{it.id, "held by " + held.Holder, held.author(), held.Seq})
	}
	return list
}

// doubtful says that the key which signed a record was compromised by then; nil
// when it was not.
func (c *hearing) doubtful(on claim) (*trace.Fact, error) {
	if err := c.readCompromised(); err != nil {
		return nil, err
	}
	if on.organisation == "" || on.seq >= c.position.Seq || !slices.Contains(c.compromises, on.organisation) {
		return nil, nil
	}
	signer, seconds, err := c.signed(on.seq)
	if err != nil {
		return nil, err
	}
	key, err := c.key(signer)
	if err != nil || !key.state.Doubtful(seconds) {
		return nil, err
	}
	f := factAt(on.id, on.what+" with a key that was compromised", on.seq)
	return &f, nil
}

// certificates flags those cited that a compromised key issued or reinstated.
func (w *compromiseCheck) certificates() error {
	for i, id := range w.citedIDs() {
		if i == maxCitations {
			break
		}
		var s trace.CertificateState
		issued, err := w.read(trace.Key{NS: trace.NSCertificate, ID: id}, &s)
		if err != nil {
			return err
		}
		if !issued {
			continue
		}
		f, err := w.doubtful(claim{id, "issued by " + s.Issuer, s.Issuer, s.Intervals[0].FromSeq})
		if err != nil {
			return err
		}
		if f != nil {
			w.certificate.add(*f)
		}
		if f, err = w.reinstatements(id, &s); err != nil {
			return err
		}
		if f != nil {
			w.reinstated.add(*f)
		}
	}
	return nil
}

func (w *compromiseCheck) report() {
	c := w.hearing
	w.rests.found(c, trace.Finding{
		Code: CodeRestsOnCompromised,
		Next: "Ask the organisation whether the record is its own before you rely on it.",
	})
	w.uses.found(c, trace.Finding{
		Code: CodeUsesCompromised,
		Next: "Ask the organisation that created it to attest its birth: an observation of it with wm:attests birth, signed with a good key.",
	})
	w.softly.found(c, trace.Finding{
		Code: CodeUsesCompromisedFlag,
		Next: "Ask the organisation that created it whether it is genuine.",
	})
	w.certificate.found(c, trace.Finding{
		Code: CodeCitesCompromised,
		Next: "Ask the certifier to issue the certificate again, and cite that one.",
	})
	w.reinstated.found(c, trace.Finding{
		Code: CodeCitesReinstated,
		Next: "Ask whoever certifies to reinstate the certificate with a good key. Until then it counts as suspended.",
	})
	w.decisions.found(c, trace.Finding{
		Code: CodeRestsOnDecision,
		Next: "Ask the authority to decide anew, with a good key.",
	})
	w.attested.found(c, trace.Finding{Code: CodeAttested})
	w.idle.found(c, trace.Finding{
		Code: CodeAttestsNothing,
		Next: "Who recorded a birth with a compromised key attests it, by an ObjectEvent OBSERVE of the item or lot.",
	})
	w.withdrawn.found(c, trace.Finding{Code: CodeAttestationWithdrawn})
}

// readCompromised reads whose keys were ever compromised, once until governance
// changes something.
func (court *Court) readCompromised() error {
	if court.compromisesRead {
		return nil
	}
	var s CompromisedState
	if _, err := court.read(CompromisedKey(), &s); err != nil {
		return err
	}
	court.compromises, court.compromisesRead = s.Organisations, true
	return nil
}

// signed is who signed an earlier record, and when it was recorded, in Unix seconds
// of block time. What was judged before it in its own block the court remembers.
func (court *Court) signed(seq uint64) (identity.Address, int64, error) {
	if one := court.heardAt(seq); one != nil {
		return one.signer, court.block.Time.Seconds, nil
	}
	signer, seconds, err := court.view.Signed(seq)
	if err != nil {
		return signer, 0, fmt.Errorf("who signed record %d: %w", seq, err)
	}
	return signer, seconds, nil
}

// heard is a record of the block that the court has judged.
type heard struct {
	signer  identity.Address
	eventID string
}

// hears notes a record of the block; r is nil for one that does not decode.
func (court *Court) hears(p Position, r *epcis.Record) {
	if n := uint64(len(court.heard)); n == 0 || p.Seq != court.heardFrom+n {
		court.heard, court.heardFrom = court.heard[:0], p.Seq
	}
	one := heard{signer: p.Signer}
	if r != nil && r.Event != nil {
		one.eventID = r.Event.ID
	}
	court.heard = append(court.heard, one)
}

// heardAt is what the court has heard at a seq, nil for a record of an earlier block.
func (court *Court) heardAt(seq uint64) *heard {
	if n := len(court.heard); n == 0 || seq < court.heardFrom || seq-court.heardFrom >= uint64(n) {
		return nil
	}
	return &court.heard[seq-court.heardFrom]
}

// noteCompromise lists the signer's organisation, once a key of it is compromised.
func (c *hearing) noteCompromise() error {
	var s CompromisedState
	if _, err := c.read(CompromisedKey(), &s); err != nil {
		return err
	}
	at, there := slices.BinarySearch(s.Organisations, c.signer.ID)
	if there {
		return nil
	}
	s.Organisations = slices.Insert(s.Organisations, at, c.signer.ID)
	return c.write(CompromisedKey(), s)
}

func compromiseContract() Contract {
	return Contract{
		Rule: "A7", Version: 1, Name: "compromise window", Kinds: eventKind(), judge: (*hearing).compromised,
		Says: "What a key signed from the moment on at which its organisation says that it was compromised, until its revocation, is " +
			"nobody's word. The items and lots that were born so are neither moved nor used until the organisation attests the birth " +
			"with a good key; what rests on such a record otherwise is flagged. A certificate that such a key reinstated is as it was before.",
		Source: "RFC 5280, section 5.3.2 (invalidity date)",
		Reads:  []trace.Namespace{trace.NSItem, trace.NSBalance, trace.NSTransfer, trace.NSTransaction, trace.NSCertificate},
		Writes: []trace.Namespace{trace.NSItem, trace.NSBalance},
		Finds: []Declared{
			{CodeRestsOnCompromised, trace.Flag, "rests on a record that was signed with a compromised key"},
			{CodeUsesCompromised, trace.Reject, "moves or uses what was created with a compromised key"},
			{CodeAttested, trace.Info, "a birth is attested with a good key"},
			{CodeAttestsNothing, trace.Flag, "attests nothing"},
			{CodeCitesCompromised, trace.Flag, "cites a certificate that was issued with a compromised key"},
			{CodeUsesCompromisedFlag, trace.Flag, "ends or uses what was created with a compromised key"},
			{CodeAttestationWithdrawn, trace.Info, "an attestation is declared wrong"},
			{CodeRestsOnDecision, trace.Flag, "rests on a customs decision that was signed with a compromised key"},
			{CodeCitesReinstated, trace.Flag, "cites a certificate that was reinstated with a compromised key, and counts as suspended"},
			{CodeBearerForgotten, trace.Flag, "more keys have signed births of a lot than are remembered"},
		},
	}
}
