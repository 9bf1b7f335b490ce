//go:build race

package proof

// stride is how many changes to a dossier are passed over for each that is
// tried, because the race detector makes verifying twenty times slower.
const stride = 19
