// Package verify holds the dossier verifier for browsers: package proof, and
// what it needs of epcis, identity and trace, in TypeScript (src), bundled into
// one ES module.
//
// Its promise: the same verdict as Go's proof.Verify, from the same bytes. The
// module makes no request, needs no other script and no eval, and runs under a
// strict content security policy. It is committed as it is served; `make web`
// builds it again.
package verify

import _ "embed"

// Module is the ES module, text/javascript in UTF-8.
//
//go:embed dist/verify.js
var Module []byte
