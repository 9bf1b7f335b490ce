package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// book makes a credit of certified input.
func (s *credited) book() error {
	e := s.event
	held, err := s.held()
	if err != nil {
		return err
	}
	factor, ok := conversion(e)
	switch {
	case e.Type != epcis.TransformationEvent || custodyModel(e) != bookAndClaim:
		return s.unclear("it is no transformation whose chain of custody is book_and_claim", "Book a credit by a TransformationEvent that says so in wm:chainOfCustody.")
	case e.TransformationID != "":
		return s.unclear("it is a part of a transformation", "Book the credit in an event that is all of its transformation, without transformationID.")
	case len(held) == 0:
		return s.unclear("it cites no certificate that holds", "Cite the certificate under which the input is certified (certificationInfo).")
	case slices.ContainsFunc(held, func(h heldCertificate) bool { return h.state.Scheme != held[0].state.Scheme }):
		return s.unclear("it cites certificates of several schemes", "Book a credit of each scheme from goods of its own.")
	}
	scheme := held[0].state.Scheme
	credit := side{unit: kilogram}
	if err := s.certifiedInputs(e, held, scheme, &credit); err != nil {
		return err
	}
	worth := credit.total().Mul(factor)
	if !ok || credit.unclear > 0 || worth.Sign() <= 0 || !countable(worth) {
		return s.unclear("its certified input is not computable, or nothing", "State the weights of the certified input, and a conversion factor above 0 and up to 1.")
	}
	var before Credit
	known, err := s.read(bookingKey(s.id), &before)
	if err != nil {
		return err
	}
	own, err := s.account(creditAccount(s.id, s.signer.ID))
	if err != nil {
		return err
	}
	if known && (before.Wrong == nil || before.By.Organisation != s.signer.ID || own.state.used().Sign() > 0) {
		s.find(trace.Finding{Code: CodeCreditTaken, Facts: []trace.Fact{before.fact(s.id)}, Next: "Give the credit an id of its own."})
		return nil
	}
	debited, err := s.account(s.claimID(e, scheme, bookAndClaim))
	if err != nil {
		return err
	}
	for _, p := range [...]struct {
		a   *account
		sum Sum
	}{{debited, SumIn}, {debited, SumOut}, {own, SumIn}} {
		if ok, err := s.post(p.a, p.sum, worth, kilogram, ""); err != nil || !ok {
			return errorOr(err, s.full)
		}
	}
	if stays, err := s.unclaimed(held, scheme); err != nil || stays {
		return err
	}
	booked := Credit{
		By: *s.turn(), Booked: trace.Moment{Seconds: s.block.Time.Seconds, Nanos: s.block.Time.Nanos},
		Scheme: scheme, Claim: short(text(e.Extensions, termClaim)), Certificate: held[0].id, Amount: worth,
	}
	s.find(trace.Finding{Code: CodeCredit, Facts: []trace.Fact{fact(s.id, withUnit(worth, kilogram)+" booked under "+scheme),
		factAt("certificate", held[0].id, held[0].seq)}})
	return s.write(bookingKey(s.id), &booked)
}

// unclaimed takes the claim off what the booking makes, and reports whether some of it stays.
func (s *credited) unclaimed(held []heldCertificate, scheme string) (stays bool, err error) {
	e := s.event
	var none tally // outputs that a claim cannot be taken off
	var lots []*account
	err = s.portions(e.Outputs, e.OutputQuantities, func(p *portion) error {
		it, err := s.item(p.id)
		if err != nil {
			return err
		}
		lot := s.lotOfThing(*p.id, it)
		if lot == "" {
			if namedUnder(held, scheme, *p.id) {
				none.add(fact(p.id.URI, "has no lot"))
			}
			return nil
		}
		a, err := s.account(lot + "|")
		if err != nil || slices.Contains(lots, a) {
			return err
		}
		lots = append(lots, a)
		made, err := s.makes(epcis.Canonical(lot))
		switch {
		case err != nil:
			return err
		case !made:
			none.add(fact(lot, "is not the signer's to make"))
		case a.state.Births > 0 && !a.state.bareUnder(scheme):
			none.add(factAt(lot, "was born before, and its claim stands", a.state.Seq))
		}
		return nil
	})
	if err != nil || none.n > 0 {
		none.found(s.hearing, trace.Finding{
			Code: CodeCreditGoods,
			Next: "Give what comes out a lot of its own, under your prefix or that of a product which you may make (wm:madeBy).",
		})
		return true, err
	}
	for _, a := range lots {
		if ok, err := s.post(a, SumBare, epcis.Decimal{}, "", scheme); err != nil || !ok {
			return true, errorOr(err, s.full)
		}
	}
	return false, nil
}

// makes reports whether the signer may make a lot: it licenses the prefix, or the licensee
// says so of the product.
func (s *credited) makes(lot epcis.ID) (bool, error) {
	licensee, err := s.licensee(lot)
	if err != nil || licensee == s.signer.ID {
		return err == nil, err
	}
	d, err := s.described(trace.Key{NS: trace.NSClass, ID: lot.Class().URI})
	return licensee != "" && allows(d, licensee, s.signer.ID), err
}

func errorOr(err error, otherwise func() error) error {
	if err != nil {
		return err
	}
	return otherwise()
}
