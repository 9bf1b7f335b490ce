//go:build !linux

package ports

// Hold does nothing here: elsewhere a bound socket would keep nodes from listening,
// too.
func Hold(...int) (release func()) { return func() {} }
