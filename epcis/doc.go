// Package epcis reads what the parties of a trade lane write: EPCIS 2.0 events
// (GS1 EPCIS 2.0, JSON/JSON-LD binding), and the kinds of record that Waymark
// adds beside them (certificates, master data).
//
// Its promise: one meaning for every byte sequence. JSON is read strictly
// ([ParseJSON]): valid UTF-8, no duplicate keys, numbers as exact decimals.
// Identifiers are brought to one constrained canonical GS1 Digital Link
// ([Canonical]). A record that was signed is never re-serialised; everything
// here that rewrites bytes ([Split]) runs before the signature.
//
// The package is pure: no clock, no randomness, no I/O beyond its embedded
// schema, no floats.
package epcis
