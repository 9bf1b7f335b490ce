//waymark:deterministic

package node

import (
	"fmt"
	"math"
	"sync"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// Code is why an envelope is not admitted to a block. The numbers are part of
// the block results that validators hash: they never change.
type Code uint32

// The codes of admission.
const (
	CodeAdmitted      Code = 0
	CodeMalformed     Code = 1  // not the one encoding of an envelope within the limits
	CodeOtherNetwork  Code = 2  // signed for another network
	CodeUnknownKind   Code = 3  // of a kind that this ruleset does not know
	CodeExpired       Code = 4  // its deadline is before block time
	CodeTooFarAhead   Code = 5  // its deadline is further ahead than the network allows
	CodeUnknownSigner Code = 6  // its signer is no key on the ledger
	CodeInactive      Code = 7  // its key, or its organisation, is not active
	CodeBadSignature  Code = 8  // the signature does not verify
	CodeJudged        Code = 9  // an envelope with its id was judged before
	CodeRepeated      Code = 10 // an envelope with its id stands earlier in the block
	CodeMemberFull    Code = 11 // its organisation has its share of this block
	CodeBlockFull     Code = 12 // the block holds what the network allows
)

// lasting reports whether the refusal holds in every later block too, so that
// the envelope need not wait in the pool.
func (c Code) lasting() bool {
	switch c {
	case CodeAdmitted, CodeTooFarAhead, CodeRepeated, CodeMemberFull, CodeBlockFull:
		return false
	default:
		return true
	}
}

// forged reports whether the bytes alone, or no member's key, are at fault: no
// honest node would have sent them on.
func (c Code) forged() bool {
	switch c {
	case CodeMalformed, CodeOtherNetwork, CodeUnknownKind, CodeBadSignature:
		return true
	default:
		return false
	}
}

// String names the code as its author reads it.
func (c Code) String() string {
	switch c {
	case CodeAdmitted:
		return "admitted"
	case CodeMalformed:
		return "the envelope cannot be read"
	case CodeOtherNetwork:
		return "the envelope is signed for another network"
	case CodeUnknownKind:
		return "the envelope's kind is not known"
	case CodeExpired:
		return "the envelope's deadline has passed"
	case CodeTooFarAhead:
		return "the envelope's deadline is too far ahead"
	case CodeUnknownSigner:
		return "the signer's key is not on the ledger"
	case CodeInactive:
		return "the signer's key or organisation is not active"
	case CodeBadSignature:
		return "the signature does not verify"
	case CodeJudged:
		return "the envelope was judged before"
	case CodeRepeated:
		return "the envelope stands twice in the block"
	case CodeMemberFull:
		return "the organisation has its share of the block"
	case CodeBlockFull:
		return "the block is full"
	default:
		return fmt.Sprintf("code %d", uint32(c))
	}
}

// next says what the author can do about the code.
func (c Code) next() string {
	switch c {
	case CodeMalformed:
		return "encode the envelope as deterministic CBOR within the limits and sign it again"
	case CodeOtherNetwork:
		return "sign for this network: GET /v1/network names it"
	case CodeUnknownKind:
		return "use a kind that the network's ruleset knows"
	case CodeExpired, CodeTooFarAhead:
		return "sign again with a deadline between now and the network's limit"
	case CodeUnknownSigner:
		return "have the key registered, or sign with a registered one"
	case CodeInactive:
		return "sign with an active key of an active organisation"
	case CodeBadSignature:
		return "sign the envelope again: 64 bytes r and s, low-s, over its EIP-712 digest"
	default:
		return "try again later"
	}
}

// standing is the ledger's state at one height: what admission reads.
type standing interface {
	EnvelopeJudged(id identity.Hash) (bool, error)
	states
}

// states is what of it says who may sign.
type states interface {
	State(k trace.Key) ([]byte, error)
}

// rules are what admission needs beside the state. Both caches only save time.
type rules struct {
	network    identity.Network
	parameters identity.Parameters
	memo       *memo    // derived from bytes alone
	signers    *signers // of the state the admission reads
}

// admission admits envelopes, in order, to one block: the state at the height
// before, the block's time, and what it has admitted so far. It is the one
// place that decides, for gossip and the pool (a block of one envelope) as for
// Prepare, Process and Finalize, and it is pure in those three, so that honest
// nodes never disagree about a proposal.
type admission struct {
	rules
	state   standing
	seconds uint64 // block time, Unix seconds, rounded down

	seen    map[identity.Hash]struct{}
	records uint64
	bytes   uint64
	members map[string]*share
}

// share is what one organisation has in the block.
type share struct{ records, bytes uint64 }

func newAdmission(r rules, state standing, t epcis.Instant) *admission {
	return &admission{
		rules: r, state: state, seconds: uint64(max(t.Seconds, 0)),
		seen: map[identity.Hash]struct{}{}, members: map[string]*share{},
	}
}

// admitted is an envelope that may stand next in the block.
type admitted struct {
	*checked
	organisation string
	asOf         uint64 // the height of the state that judgeAlone read, or the one before
}

// admit decides about the envelope that comes next in the block. Admitting it
// counts it. Only a ledger that cannot be read is an error.
func (a *admission) admit(w wire) (admitted, Code, error) {
	adm, code, err := a.admitAlone(w)
	if code != CodeAdmitted || err != nil {
		return adm, code, err
	}
	if _, ok := a.seen[adm.id]; ok {
		return admitted{}, CodeRepeated, nil
	}
	member := a.members[adm.organisation]
	if member == nil {
		member = &share{}
		a.members[adm.organisation] = member
	}
	p, records, bytes := &a.parameters, uint64(len(adm.env.Records)), uint64(len(w.bytes))
	switch {
	case a.records+records > p.MaxRecordsPerBlock || a.bytes+bytes > p.MaxBytesPerBlock:
		return admitted{}, CodeBlockFull, nil
	case member.records+records > p.MaxRecordsPerMember || member.bytes+bytes > p.MaxBytesPerMember:
		return admitted{}, CodeMemberFull, nil
	}
	a.seen[adm.id] = struct{}{}
	a.records, a.bytes = a.records+records, a.bytes+bytes
	member.records, member.bytes = member.records+records, member.bytes+bytes
	return adm, CodeAdmitted, nil
}

// admitAlone decides as if the envelope were the block's only one. The limits
// of a block leave room for any one envelope (identity.Parameters.Validate).
func (a *admission) admitAlone(w wire) (admitted, Code, error) {
	c := a.memo.get(w.hash)
	fresh := c == nil
	if fresh {
		env, err := identity.DecodeEnvelope(w.bytes)
		if err != nil {
			return admitted{}, CodeMalformed, nil
		}
		c = &checked{wire: w, env: env}
	}
	env := c.env
	switch {
	case env.Network != a.network:
		return admitted{}, CodeOtherNetwork, nil
	case !epcis.Kind(env.Kind).Known():
		return admitted{}, CodeUnknownKind, nil
	case env.NotAfter < a.seconds:
		return admitted{}, CodeExpired, nil
	case env.NotAfter-a.seconds > a.parameters.MaxNotAfterAhead:
		return admitted{}, CodeTooFarAhead, nil
	}
	signer, err := a.signers.read(a.state, env.Signer)
	if err != nil {
		return admitted{}, 0, err
	}
	if signer.code != CodeAdmitted {
		return admitted{}, signer.code, nil
	}
	if fresh {
		c.hashes, c.key = env.RecordHashes(), signer.publicKey
		c.id = identity.EnvelopeID(env.Network, env.Kind, env.Signer, env.NotAfter, uint32(len(env.Records)), identity.RecordsRoot(c.hashes))
	}
	if fresh || c.key != signer.publicKey {
		if signer.verify(c.id, env) != nil {
			return admitted{}, CodeBadSignature, nil
		}
	}
	if fresh {
		c = a.memo.put(c)
	}
	judged, err := a.judged(c)
	if err != nil {
		return admitted{}, 0, err
	}
	if judged {
		return admitted{}, CodeJudged, nil
	}
	return admitted{checked: c, organisation: signer.organisation}, CodeAdmitted, nil
}

// judged asks the ledger once: afterwards each commit says which it judged. c
// is in the memo by then, so no commit is missed between the two.
func (a *admission) judged(c *checked) (bool, error) {
	switch c.judged.Load() {
	case judgedNo:
		return false, nil
	case judgedYes:
		return true, nil
	}
	judged, err := a.state.EnvelopeJudged(c.id)
	if err != nil {
		return false, fmt.Errorf("look up envelope %x: %w", c.id, err)
	}
	known := judgedNo
	if judged {
		known = judgedYes
	}
	c.judged.CompareAndSwap(judgedUnknown, known)
	return judged, nil
}

// now is a position past every interval that has ended.
const now = uint64(math.MaxUint64)

// signerStanding is what the state says of a key.
type signerStanding struct {
	code         Code               // CodeAdmitted, CodeUnknownSigner or CodeInactive
	publicKey    string             // compressed
	verifier     *identity.Verifier // nil: the ledger's key is no point of the curve
	organisation string
}

// verify checks the signature of an envelope with this id.
func (s *signerStanding) verify(id identity.Hash, env *identity.Envelope) error {
	if s.verifier == nil {
		return identity.ErrPublicKey
	}
	return s.verifier.VerifySignature(id, env.Signer, env.Signature)
}

// signers remembers what one state says of keys. A commit that changes the
// state replaces it before the next block is begun; an answer that a slower
// goroutine adds to the old one is never read by consensus.
type signers struct {
	mu sync.RWMutex // guards m
	m  map[identity.Address]*signerStanding
}

func newSigners() *signers { return &signers{m: map[identity.Address]*signerStanding{}} }

// maxSigners bounds the memory of strangers' addresses.
const maxSigners = 10_000

func (s *signers) read(state standing, address identity.Address) (*signerStanding, error) {
	s.mu.RLock()
	known, ok := s.m[address]
	s.mu.RUnlock()
	if ok {
		return known, nil
	}
	read, err := readSigner(state, address)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.m) < maxSigners {
		s.m[address] = read
	}
	return read, nil
}

func readSigner(state states, address identity.Address) (*signerStanding, error) {
	raw, err := state.State(trace.Key{NS: trace.NSKey, ID: address.Hex()})
	if err != nil {
		return nil, fmt.Errorf("read key %s: %w", address, err)
	}
	if raw == nil {
		return &signerStanding{code: CodeUnknownSigner}, nil
	}
	key, err := identity.DecodeKeyState(raw)
	if err != nil {
		return nil, fmt.Errorf("read key %s: %w", address, err)
	}
	k, ok := key.At(now)
	if !ok || k.Status != identity.Active {
		return &signerStanding{code: CodeInactive}, nil
	}
	raw, err = state.State(trace.Key{NS: trace.NSOrganisation, ID: k.Organisation})
	if err != nil {
		return nil, fmt.Errorf("read organisation %s: %w", k.Organisation, err)
	}
	if raw == nil {
		return &signerStanding{code: CodeInactive}, nil
	}
	organisation, err := identity.DecodeOrganisationState(raw)
	if err != nil {
		return nil, fmt.Errorf("read organisation %s: %w", k.Organisation, err)
	}
	if o, ok := organisation.At(now); !ok || o.Status != identity.Active {
		return &signerStanding{code: CodeInactive}, nil
	}
	verifier, err := identity.NewVerifier(k.PublicKey)
	if err != nil {
		verifier = nil // verify says so of each signature
	}
	return &signerStanding{publicKey: string(k.PublicKey), verifier: verifier, organisation: k.Organisation}, nil
}
