//go:build !race

package proof

// stride is 1: without the race detector, every change to a dossier is tried.
const stride = 1
