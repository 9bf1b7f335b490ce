package proof

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// noFindings is the canonical CBOR of no findings, an array of none.
const noFindings = "\x80"

// EncodeFindings returns the canonical CBOR of the findings, an array in rule
// order; none and nil are the empty array, one byte 0x80. What is not UTF-8 in a
// text becomes U+FFFD, since a finding may quote a record that is malformed.
func EncodeFindings(findings []trace.Finding) []byte {
	if len(findings) == 0 { // those of most records
		return []byte(noFindings)
	}
	clean := make([]trace.Finding, len(findings))
	for i, f := range findings {
		f.Severity = trace.Severity(valid(string(f.Severity)))
		f.Rule, f.Title, f.Next = valid(f.Rule), valid(f.Title), valid(f.Next)
		facts := make([]trace.Fact, len(f.Facts))
		for j, fact := range f.Facts {
			fact.Name, fact.Value = valid(fact.Name), valid(fact.Value)
			facts[j] = fact
		}
		f.Facts = facts
		clean[i] = f
	}
	return mustMarshal(clean)
}

func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// DecodeFindings reads what EncodeFindings returned; identity.ErrEncoding for
// any other bytes. No findings are nil.
func DecodeFindings(b []byte) ([]trace.Finding, error) {
	var findings []trace.Finding
	if err := identity.UnmarshalStrict(b, &findings); err != nil {
		return nil, fmt.Errorf("findings: %w", err)
	}
	if len(findings) == 0 {
		return nil, nil
	}
	return findings, nil
}

// FindingsHash is the SHA-256 of EncodeFindings: what an entry says of them.
func FindingsHash(findings []trace.Finding) identity.Hash {
	return sha256.Sum256(EncodeFindings(findings))
}

// Codes are the codes of the findings, in their order: what an entry shows of
// them.
func Codes(findings []trace.Finding) []uint32 {
	codes := make([]uint32, len(findings))
	for i, f := range findings {
		codes[i] = f.Code
	}
	return codes
}

// mustMarshal encodes a value whose types cannot fail to encode.
func mustMarshal(v any) []byte {
	b, err := identity.MarshalCanonical(v)
	if err != nil {
		panic(err)
	}
	return b
}
