//go:build race

package node

// The race detector finds what it looks for in the first few rounds.
func rounds(n int) int { return max(1, n/10) }
