package contracts

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// M3 claim balance: nobody claims more certified goods than went in.
//
// It judges transformations that cite a certificate which holds (rule K2). For each
// scheme of those, the inputs that the certificate's scope names, and those whose lot
// was born under the scheme, are the credit; the outputs that the scope names are the
// claim. wm:conversionFactor, above 0 and up to 1, says how much claim a kilogram of
// credit is worth; it is 1 when the event states none. What is claimed has a name
// where a scheme has several claims, wm:claim.
//
// wm:chainOfCustody of the event names the model; "segregated" is what holds when it
// names none, because a certificate that is cited for goods says that they are the
// certified ones:
//
//   - identity_preserved, segregated: the claim is refused where it is more than the
//     credit and massTolerance. Each event is judged by itself, or together with
//     those of its transformationID; credit that is left was lost or sold unclaimed
//     and serves no other batch.
//   - mass_balance: credit waits in the account of the site (bizLocation, else
//     readPoint), the scheme and the claim. A FLAG where the claims are more, and a
//     LOCK where they still are when the period has closed: see m3_period.go.
//   - book_and_claim: the claim leaves the goods and becomes a credit: see m3_credit.go.
//
// An event that states no amounts in kilograms is not computable: INFO.
func (c *hearing) claimBalance() error {
	e := c.record.Event
	if e == nil {
		return nil
	}
	if e.Correction != nil {
		return errors.Join(c.unclaim(), c.uncredit())
	}
	if status := text(e.Extensions, termCredit); status != "" {
		return c.credit(e, status)
	}
	if e.Type != epcis.TransformationEvent || len(c.citedIDs()) == 0 {
		return nil
	}
	if custodyModel(e) == bookAndClaim {
		return (&credited{hearing: c, event: e}).unclear("its chain of custody is book_and_claim, and it books no credit",
			"Say wm:creditStatus booked and cite the credit, or leave the chain of custody out.")
	}
	held, err := c.held()
	if err != nil {
		return err
	}
	for i := range held {
		if !slices.ContainsFunc(held[:i], func(h heldCertificate) bool { return h.state.Scheme == held[i].state.Scheme }) {
			if err := c.claim(e, held, &held[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// A heldCertificate is one that an event cites and that holds for it.
type heldCertificate struct {
	id    string
	state *trace.CertificateState
	seq   uint64 // of the record that made it so
	goods bool   // its scope names goods, so that it is about no others

	limits *trace.Limits
}

// held are the certificates that the event cites and that hold, as rule K2 says.
func (c *hearing) held() ([]heldCertificate, error) {
	e := c.record.Event
	if c.holdingRead || len(c.citedIDs()) == 0 {
		return c.holding, nil
	}
	var held []heldCertificate
	for i, id := range c.citedIDs() {
		if i == maxCitations {
			break
		}
		state, err := c.issued(id)
		if err != nil {
			return nil, err
		}
		if state == nil {
			continue
		}
		above, err := c.accreditations(state.CertificateState)
		if err != nil {
			return nil, err
		}
		h := heldCertificate{id: id, state: state.CertificateState, goods: state.limits.NameGoods(), limits: state.limits}
		if h.state.Standing(e.Time, c.block.Time, c.position.Seq, above) == trace.CertificateActive && state.limits.Outside(e, c.signer.ID) == "" {
			h.seq = h.state.Intervals[len(h.state.Intervals)-1].FromSeq
			held = append(held, h)
		}
	}
	c.holding, c.holdingRead = held, true
	return held, nil
}

// names reports whether the certificate is about a thing: its scope names it or its
// class, or names no goods at all.
func (h *heldCertificate) names(id epcis.ID) bool {
	return !h.goods || slices.Contains(h.state.Scope, id.URI) || slices.Contains(h.state.Scope, id.Class().URI)
}

// namedUnder reports whether any of the certificates of a scheme is about a thing.
func namedUnder(held []heldCertificate, scheme string, id epcis.ID) bool {
	return slices.ContainsFunc(held, func(h heldCertificate) bool { return h.state.Scheme == scheme && h.names(id) })
}

// claim judges the event under one scheme.
func (c *hearing) claim(e *epcis.Event, held []heldCertificate, by *heldCertificate) error {
	scheme := by.state.Scheme
	factor, ok := conversion(e)
	credit, claimed := side{unit: kilogram}, side{unit: kilogram}
	if err := c.certifiedInputs(e, held, scheme, &credit); err != nil {
		return err
	}
	var lots []string // of what is claimed under mass balance
	err := c.portions(e.Outputs, e.OutputQuantities, func(p *portion) error {
		if !namedUnder(held, scheme, *p.id) {
			return nil
		}
		claimed.put(p)
		if custodyModel(e) != massBalance {
			return nil
		}
		it, err := c.item(p.id)
		if lot := c.lotOfThing(*p.id, it); err == nil && lot != "" && !slices.Contains(lots, lot) {
			lots = append(lots, lot)
		}
		return err
	})
	if err != nil {
		return err
	}
	worth, claims := credit.total().Mul(factor), claimed.total()
	if !ok || credit.unclear+claimed.unclear > 0 || !countable(worth) || !countable(claims) {
		c.find(trace.Finding{
			Code:  CodeClaimNotComputable,
			Facts: []trace.Fact{factAt("certificate", by.id, by.seq)},
			Next:  "State the weights of certified inputs and claimed outputs, and a conversion factor above 0 and up to 1.",
		})
		return nil
	}
	if credit.clear+claimed.clear == 0 {
		return nil
	}
	return c.enter(e, by, worth, claims, lots)
}

// enter posts credit and claim to their account and judges it.
func (c *hearing) enter(e *epcis.Event, by *heldCertificate, credit, claimed epcis.Decimal, lots []string) error {
	model := custodyModel(e)
	alone := model != massBalance && e.TransformationID == "" // the event is judged by itself
	a, err := c.account(c.claimID(e, by.state.Scheme, model))
	if err != nil {
		return err
	}
	before := a.state.Seq
	in, out := credit, claimed
	if !alone {
		in, out = a.state.In.Add(in), a.state.Out.Add(out)
	}
	facts := []trace.Fact{factAt("certificate", by.id, by.seq), fact("model", model),
		fact("certified in", withUnit(in, kilogram)), fact("claimed", withUnit(out, kilogram))}
	if !alone && before > 0 {
		facts = append(facts, factAt("account", a.id, before))
	}
	if model != massBalance && c.made.exceeds(out, in, kilogram) {
		c.find(trace.Finding{
			Code: CodeClaimOverdrawn, Facts: facts,
			Next: "Claim only what comes from certified input: leave the certificate out for the rest, or name the inputs that are missing.",
		})
	}
	if alone {
		claimed = larger(claimed, credit) // what is left serves no other batch
	}
	for _, p := range [...]struct {
		sum    Sum
		amount epcis.Decimal
	}{{SumIn, credit}, {SumOut, claimed}} {
		ok, err := c.post(a, p.sum, p.amount, kilogram, "")
		if err != nil {
			return err
		}
		if !ok {
			c.find(trace.Finding{
				Code:  CodeClaimNotComputable,
				Facts: []trace.Fact{fact("account", a.id)}, Next: "The account or the event is full: record the rest as an event of its own.",
			})
			break
		}
	}
	if model == massBalance {
		return c.balance(a, claimed.Cmp(credit) > 0, lots, facts)
	}
	return nil
}

// certifiedInputs puts the inputs that bring credit under a scheme on one side.
func (c *hearing) certifiedInputs(e *epcis.Event, held []heldCertificate, scheme string, credit *side) error {
	last, bare := "", false // the lot that was looked at last, whether its claim was booked
	return c.portions(e.Inputs, e.InputQuantities, func(p *portion) error {
		it, err := c.item(p.id)
		if err != nil {
			return err
		}
		if lot := c.lotOfThing(*p.id, it); lot != last {
			if last, bare = lot, false; lot != "" {
				a, err := c.account(lot + "|")
				if err != nil {
					return err
				}
				bare = a.state.bareUnder(scheme)
			}
		}
		if bare {
			return nil
		}
		certified, err := c.certifiedInput(held, scheme, *p.id)
		if err == nil && certified {
			credit.put(p)
		}
		return err
	})
}

// certifiedInput reports whether an input brings credit under a scheme.
func (c *hearing) certifiedInput(held []heldCertificate, scheme string, id epcis.ID) (bool, error) {
	if namedUnder(held, scheme, id) {
		return true, nil
	}
	if id.Level != epcis.Lot {
		return false, nil
	}
	foreign, err := c.isForeign(id)
	if err != nil || foreign {
		return false, err
	}
	a, err := c.account(wholeLot(id))
	return err == nil && a.state.certifiedBy(scheme), err
}

// The models of chain of custody, as wm:chainOfCustody names them (UNTP, chain of
// custody; ISO 22095).
const (
	identityPreserved = "identity_preserved"
	segregated        = "segregated"
	massBalance       = "mass_balance"
	bookAndClaim      = "book_and_claim"
)

// custodyModel is the model that the event names, segregated when it names none that
// is known here.
func custodyModel(e *epcis.Event) string {
	switch m := text(e.Extensions, termModel); strings.TrimPrefix(m, epcis.Vocabulary) {
	case massBalance, bookAndClaim:
		return strings.TrimPrefix(m, epcis.Vocabulary)
	case identityPreserved:
		return identityPreserved
	}
	return segregated
}

// conversion is the event's conversion factor; false for one that is not above 0 and
// up to 1, which would make claims from nothing.
func conversion(e *epcis.Event) (epcis.Decimal, bool) {
	one := epcis.DecimalFromInt(1)
	v := e.Extensions.Get(termConversion)
	if v == nil {
		return one, true
	}
	if v.Kind != epcis.Number && v.Kind != epcis.String {
		return one, false
	}
	x, err := epcis.ParseDecimal(v.Str)
	return x, err == nil && x.Sign() > 0 && x.Cmp(one) <= 0
}

// text is a string among an event's extensions, "" for none.
func text(o *epcis.Object, name string) string {
	if v := o.Get(name); v != nil && v.Kind == epcis.String {
		return v.Str
	}
	return ""
}

// claimID is the account of a claim: of the site, or of the transformation where
// that is what is judged. It is the signer's own.
func (c *hearing) claimID(e *epcis.Event, scheme, model string) string {
	at := e.BizLocation.URI
	if at == "" {
		at = e.ReadPoint.URI
	}
	if model != massBalance && e.TransformationID != "" {
		at = trace.TransformationKey(e.TransformationID).ID
	}
	return "claim:" + bounded(at) + "|" + bounded(scheme) + "|" + short(text(e.Extensions, termClaim)) + "|" + model + "|" + c.signer.ID
}

func isTransformation(id string) bool { return strings.HasPrefix(id, "transformation:") }
func isClaim(id string) bool          { return strings.HasPrefix(id, "claim:") }

// unclaim takes a claim back whose event is declared wrong.
func (c *hearing) unclaim() error {
	touched, err := c.undo(isClaim)
	if err != nil || len(touched) == 0 {
		return err
	}
	var undone tally
	var left unbalanced
	for _, a := range touched {
		undone.add(factAt(a.id, "credit and claim are taken back", c.book.posted.Seq))
		if c.isMassBalance(a.id) {
			c.rebalance(a, &left)
		} else if a.state.over(c.made) && !a.wasOver {
			left.orphaned.add(factAt(a.id,
				fmt.Sprintf("%s certified in, %s claimed", withUnit(a.state.In, kilogram), withUnit(a.state.Out, kilogram)), a.state.Seq))
		}
	}
	c.find(trace.Finding{
		Code: CodeClaimUndone, Facts: undone.facts,
	})
	left.locked.found(c, trace.Finding{Code: CodeClaimLocked, Next: nextUncovered})
	c.claimsFreed(&left.freed)
	left.orphaned.found(c, trace.Finding{
		Severity: trace.Flag, Code: CodeClaimOrphaned, Title: "without it, more is claimed than certified input came in", Next: "Later claims rest on what is declared wrong: record the certified input as it was, or withdraw them.",
	})
	return nil
}

func claimContract() Contract {
	return Contract{
		Rule: "M3", Version: 1, Name: "claim balance", Kinds: eventKind(), judge: (*hearing).claimBalance,
		Says: "A transformation that cites a certificate claims no more certified output than certified input went in: batch " +
			"by batch where goods are identity preserved or segregated, over the account of a site under mass balance. There claims may be " +
			"ahead of the input within a period (the parameter balancePeriod, counted in block time from 1970 on); where they still are when it has closed, the " +
			"account is locked: it takes no further claims, and what was claimed above it is locked where it was made, until the missing " +
			"input is recorded or the claim declared wrong. Book and claim takes the claim off the goods: certified input is booked as a " +
			"credit, of kilograms, and what comes out is a lot of its own that is claimed no more. The owner of a credit transfers it to " +
			"another member, or retires it for a claim on other goods; no more of it than it has, so that nothing is retired twice. " +
			"A credit whose booking is declared wrong is none.",
		Source: "UNTP chain of custody; ISO 22095",
		Reads:  []trace.Namespace{trace.NSItem, trace.NSClass, trace.NSBalance, trace.NSCertificate},
		Writes: []trace.Namespace{trace.NSBalance},
		Finds: []Declared{
			{CodeClaimOverdrawn, trace.Reject, "more is claimed than certified input went in"},
			{CodeClaimOverBalance, trace.Flag, "more is claimed than certified input came in"},
			{CodeClaimNotComputable, trace.Info, "the claim is not computable"},
			{CodeClaimOrphaned, trace.Flag, "without what is declared wrong, more is claimed than certified input came in"},
			{CodeClaimUndone, trace.Info, "a claim's event is declared wrong"},
			{CodeClaimLocked, trace.Lock, "the period has closed, and more is claimed than certified input came in"},
			{CodeClaimAfterClose, trace.Reject, "claims on an account that is overdrawn since a period that has closed"},
			{CodeClaimFreed, trace.Info, "an account of claims that was locked is free again"},
			{CodeCreditUnclear, trace.Reject, "what is said of a credit does not hold together"},
			{CodeCreditTaken, trace.Reject, "a credit of this id was booked before"},
			{CodeCreditUnknown, trace.Reject, "no such credit is booked"},
			{CodeCreditOverdrawn, trace.Reject, "more of a credit than the signer has"},
			{CodeCreditGoods, trace.Reject, "the claim cannot be taken off what comes out"},
			{CodeCreditDoubted, trace.Flag, "the booking of the credit is doubtful"},
			{CodeCreditOrphaned, trace.Flag, "what is declared wrong of a credit has been used"},
			{CodeClaimsForgotten, trace.Flag, "a lot is claimed above the balances of more accounts than are kept"},
			{CodeCredit, trace.Info, "a credit is booked, transferred or retired"},
			{CodeCreditUndone, trace.Info, "what an event says of a credit is declared wrong"},
		},
	}
}
