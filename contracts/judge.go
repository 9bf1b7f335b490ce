package contracts

import (
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// Judge says what the active ruleset makes of a record. r is the record as
// consensus decoded it; for bytes that do not decode call [JudgeMalformed]. An
// error means that the ledger could not be read; no record causes one.
func Judge(v View, b Block, p Position, r *epcis.Record) (*Verdict, error) {
	return &Verdict{}, nil
}

// JudgeMalformed is the verdict on bytes that [epcis.Decode] refused with
// reason: REJECT malformed, in the name of the signer's organisation where the
// ledger knows the key.
func JudgeMalformed(v View, b Block, p Position, reason error) (*Verdict, error) {
	return &Verdict{Findings: []trace.Finding{{Severity: trace.Reject, Rule: "A0", Version: 1, Code: CodeMalformed, Title: "the record cannot be read"}}}, nil
}
