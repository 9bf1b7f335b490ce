// Package identity says who speaks: secp256k1 keys and their addresses, the
// organisations of a network and their intervals of standing, and the
// [Envelope], the one thing that is signed.
//
// Its promise: an envelope's digest depends on nothing but its network, kind,
// signer, deadline and exact record bytes, and there is one encoding of an
// envelope and one signature form. Everything but key generation and the
// keystore is pure.
package identity
