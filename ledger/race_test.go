//go:build race

package ledger

import "flag"

// The race detector makes a disk in memory some twenty times slower; what it
// looks for is in the first few rounds as well as in the hundredth.
func rounds(n int) int { return max(1, n/8) }

func init() {
	if err := flag.Set("rapid.checks", "12"); err != nil { // a flag given on the command line wins
		panic(err)
	}
}
