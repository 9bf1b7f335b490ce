package contracts

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// M3, mass balance: the account of a site may be overdrawn within a period and not at
// its close. Periods are balancePeriod seconds of block time long, one after the other
// from 1970-01-01T00:00:00Z on, the same for everybody; 0 says that there are none.
//
//   - An account remembers which record overdrew it, and when the period of that
//     record closes. It keeps that close, whatever is voted later; without a period
//     when it was overdrawn, it gets that of the next record.
//   - From the close on, while the account is overdrawn: an event that claims more than
//     it brings is refused, and what else touches the account LOCKs it. The lots that
//     were claimed above the balance are locked where they were made: there they go
//     into no transformation (rule M1) and are not sold (rule K4), whether or not
//     a record has touched the account since.
//   - The account is free once it is covered: by certified input that is recorded late,
//     or because claims are declared wrong. Declaring the record wrong that overdrew it
//     first puts the next that claimed above the balance in its place, with the close
//     of its own period.
//   - Where credit is declared wrong, that record overdraws the account: what was
//     claimed rested on it till then.

// An Overdraft is a record that claimed more than the account held.
type Overdraft struct {
	By    Turn  `cbor:"1,keyasint"`
	Time  int64 `cbor:"2,keyasint"`           // of its block, in seconds
	Close int64 `cbor:"3,keyasint,omitempty"` // of the period, in seconds; 0: there was none
}

func (o *Overdraft) by() *Turn { return &o.By }

// closed reports whether the period of the overdraft is over at block time.
func (o *Overdraft) closed(now epcis.Instant) bool { return o.Close != 0 && now.Seconds >= o.Close }

// An Overclaim says of a lot that an event claimed it above the balance of an account.
type Overclaim struct {
	Account string `cbor:"1,keyasint"`
	Seq     uint64 `cbor:"2,keyasint"` // of the event's record
}

// maxOverclaims bounds the accounts of one lot.
const maxOverclaims = maxSchemes

// periodClose is when the present period closes, in seconds of block time; 0 for never.
func (c *hearing) periodClose() int64 {
	length := int64(c.limits.BalancePeriod)
	if length == 0 {
		return 0
	}
	return (c.block.Time.Seconds/length + 1) * length
}

func (c *hearing) overdraft() *Overdraft {
	return &Overdraft{By: *c.turn(), Time: c.block.Time.Seconds, Close: c.periodClose()}
}

// isMassBalance reports whether an account is one of the signer's under mass balance.
func (c *hearing) isMassBalance(id string) bool {
	return isClaim(id) && strings.HasSuffix(id, "|"+massBalance+"|"+c.signer.ID)
}

// overclaimed reports whether more is claimed than certified input came in.
func (a *Account) overclaimed() bool { return a.Out.Cmp(a.In) > 0 }

// balance judges a mass-balance account that the event was entered into. draws says
// that the event claims more than it brings, and of which lots.
func (c *hearing) balance(a *account, draws bool, lots []string, facts []trace.Fact) error {
	s := &a.state
	if !s.overclaimed() {
		var freed tally
		c.cover(a, &freed)
		c.claimsFreed(&freed)
		return nil
	}
	c.overdraw(s, draws)
	facts = append(facts, s.Overdrawn.facts(c.position.Seq)...)
	switch {
	case s.Overdrawn.closed(c.block.Time) && draws:
		c.find(trace.Finding{
			Code: CodeClaimAfterClose, Facts: facts,
			Next: "Record the certified input that is missing first, or declare the claim wrong that overdrew the account. Until then leave the certificate out.",
		})
	case s.Overdrawn.closed(c.block.Time) && s.Lock == nil:
		s.Lock = &Lock{CodeClaimLocked, c.position.Seq}
		c.find(trace.Finding{Code: CodeClaimLocked, Facts: facts, Next: nextUncovered})
	default:
		c.find(trace.Finding{
			Code: CodeClaimOverBalance, Facts: facts,
			Next: "Record the certified input that is missing before the period closes, or declare the claim wrong and sell without it.",
		})
	}
	if !draws {
		return nil
	}
	var forgotten tally
	for _, lot := range lots {
		held, err := c.account(lot + "|" + c.signer.ID)
		if err != nil {
			return err
		}
		kept, err := c.overclaim(held, a)
		if err != nil {
			return err
		}
		if !kept {
			forgotten.add(factAt(lot, fmt.Sprintf("claimed above the balance of %d accounts", len(held.state.Overclaims)), held.state.Overclaims[0].Seq))
		}
	}
	forgotten.found(c, trace.Finding{
		Code: CodeClaimsForgotten,
		Next: "Cover these accounts first, or make a lot of its own: this claim does not lock the lot when its period closes.",
	})
	return nil
}

const nextUncovered = "Nothing more is claimed on the account, and what was claimed above its balance is not used: record the certified input that is missing, or declare the claim wrong."

// overdraw notes since when an account is overdrawn.
func (c *hearing) overdraw(s *Account, draws bool) {
	switch {
	case s.Overdrawn == nil:
		s.Overdrawn = c.overdraft()
	case draws:
		addLater(&s.OverdrawnAgain, *c.overdraft())
	}
	if s.Overdrawn.Close == 0 {
		s.Overdrawn.Close = c.periodClose()
	}
}

// facts are since when the account is overdrawn, and until when it may be. An overdraft
// of this very record has no seq to look up.
func (o *Overdraft) facts(seq uint64) []trace.Fact {
	since := epcis.Instant{Seconds: o.Time}.String()
	facts := []trace.Fact{fact("overdrawn since", since)}
	if o.By.Seq != seq {
		facts[0] = factAt("overdrawn since", since, o.By.Seq)
	}
	if o.Close != 0 {
		facts = append(facts, fact("end of the period", epcis.Instant{Seconds: o.Close}.String()))
	}
	return facts
}

// cover forgets that an account was overdrawn, and takes its lock away.
func (c *hearing) cover(a *account, freed *tally) {
	a.state.Overdrawn, a.state.OverdrawnAgain = nil, nil
	c.unlockClaims(a, freed)
}

func (c *hearing) unlockClaims(a *account, freed *tally) {
	if lock := a.state.Lock; lock != nil {
		freed.add(factAt(a.id, "locked", lock.Seq))
		a.state.Lock = nil
	}
}

func (c *hearing) claimsFreed(freed *tally) {
	freed.found(c, trace.Finding{Code: CodeClaimFreed})
}

// unbalanced is what declaring events wrong did to mass-balance accounts.
type unbalanced struct{ orphaned, locked, freed tally }

// rebalance judges a mass-balance account that an event was taken out of.
func (c *hearing) rebalance(a *account, u *unbalanced) {
	s := &a.state
	for dropLater(c, &s.OverdrawnAgain) != nil { // an author may use an eventID twice
	}
	if s.Overdrawn != nil && c.declaredWrong(&s.Overdrawn.By) {
		s.Overdrawn = nextLater(&s.OverdrawnAgain)
	}
	if !s.overclaimed() {
		c.cover(a, &u.freed)
		return
	}
	what := fmt.Sprintf("%s certified in, %s claimed", withUnit(s.In, kilogram), withUnit(s.Out, kilogram))
	if s.Overdrawn == nil {
		u.orphaned.add(factAt(a.id, what, s.Seq))
	}
	c.overdraw(s, false)
	switch closed := s.Overdrawn.closed(c.block.Time); {
	case !closed:
		c.unlockClaims(a, &u.freed)
	case s.Lock == nil:
		u.locked.add(factAt(a.id, what+", the period closed at "+epcis.Instant{Seconds: s.Overdrawn.Close}.String(), s.Overdrawn.By.Seq))
		s.Lock = &Lock{CodeClaimLocked, c.position.Seq}
	}
}

// overclaim notes that some of a lot was claimed above the balance of an account.
// The first record of each account that is still above it stays. Where there is no room, an
// account that is covered gives way; false where there is none.
func (c *hearing) overclaim(held, claims *account) (bool, error) {
	seq, err := c.position.Seq, error(nil)
	list := slices.Clone(held.state.Overclaims)
	at := slices.IndexFunc(list, func(o Overclaim) bool { return o.Account == claims.id })
	switch {
	case at >= 0 && claims.state.overdrewAt(list[at].Seq):
		return true, nil
	case at < 0 && len(list) == maxOverclaims:
		if at, err = c.coveredOf(list); err != nil || at < 0 {
			return false, err
		}
		list[at] = Overclaim{claims.id, seq}
	case at >= 0:
		list[at].Seq = seq
	default:
		list = append(list, Overclaim{claims.id, seq})
	}
	held.state.Overclaims, held.noted = list, true
	return true, nil
}

// coveredOf is the place of an account that is no longer overdrawn, -1 for none.
func (c *hearing) coveredOf(list []Overclaim) (int, error) {
	for i, o := range list {
		if a, err := c.account(o.Account); err != nil || !a.state.overdrewAt(o.Seq) {
			return i, err
		}
	}
	return -1, nil
}

// overdrewAt reports whether a record claimed above the balance, and nothing has covered
// it or taken it back since. Of more than the account remembers it says that they did.
func (a *Account) overdrewAt(seq uint64) bool {
	if a.Overdrawn == nil {
		return false
	}
	again := a.OverdrawnAgain
	return a.Overdrawn.By.Seq == seq || len(again) == maxLater && seq > a.Overdrawn.By.Seq ||
		slices.ContainsFunc(again, func(o Overdraft) bool { return o.By.Seq == seq })
}

// lockedClaims are the locks of what the signer has of a lot, for claims above a balance
// whose period has closed.
func (c *hearing) lockedClaims(held *account) (locks []lotLock, err error) {
	for _, o := range held.state.Overclaims {
		a, err := c.account(o.Account)
		if err != nil {
			return nil, err
		}
		if a.state.overdrewAt(o.Seq) && a.state.Overdrawn.closed(c.block.Time) {
			locks = append(locks, lotLock{CodeClaimLocked, o.Seq, nil})
		}
	}
	return locks, nil
}
