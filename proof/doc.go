// Package proof holds the formats that make an answer checkable without
// trusting whoever gives it: the ledger [Entry], the RFC 6962 log over
// entries, and the app hash chain that validators sign.
//
// Its promise: no I/O, no trust. It recomputes.
package proof
