// Package proof holds the formats that make an answer checkable without
// trusting whoever gives it: the ledger [Entry], the RFC 6962 log over
// entries, and the app hash chain that validators sign.
//
// Its promise: no I/O, no trust. It recomputes.
//
// Every hash is SHA-256, every integer big-endian. The numeral that begins each
// preimage in the design ("H(00 ‖ …", "H(01", "H(10", … "H(15") is one byte in
// hexadecimal: 0x00, 0x01, 0x10, 0x11, 0x13, 0x14, 0x15. No two kinds of object
// can therefore have the same preimage:
//
//	log leaf   H(0x00 ‖ entry)                               RFC 6962, section 2.1
//	log node   H(0x01 ‖ left ‖ right)                        RFC 6962, section 2.1
//	map leaf   H(0x10 ‖ map key ‖ count8 ‖ head ‖ state)     a key's entries and state
//	map inner  H(0x11 ‖ bit1 ‖ left ‖ right)                 the branching bit committed
//	map key    H(0x13 ‖ len16(namespace) ‖ namespace ‖ id)
//	state      H(0x14 ‖ canonical state bytes)
//	app hash   H(0x15 ‖ height8 ‖ previous ‖ logSize8 ‖ logRoot ‖ mapRoot)
package proof
