package contracts

import "slices"

// Some states are what one event made them, and remember the events after it that would
// have done the same: where the first is declared wrong, the next stands in its place.
// What two events say, neither takes back alone.

// maxLater bounds what a state remembers of such events. Once there are so many, none of
// them is taken back.
const maxLater = 8

// said is what such a list holds: turns, or what more an event said than its turn.
type said[T any] interface {
	*T
	by() *Turn
}

func (t *Turn) by() *Turn { return t }

// addLater remembers what a record said, once, and reports whether the list grew.
func addLater[T any, P said[T]](later *[]T, one T) bool {
	n := len(*later)
	if n == maxLater || n > 0 && P(&(*later)[n-1]).by().Seq == P(&one).by().Seq {
		return false
	}
	*later = append(slices.Clip(*later), one)
	return true
}

// nextLater is what stands in the place of what is declared wrong, nil for none.
func nextLater[T any](later *[]T) *T {
	if len(*later) == 0 {
		return nil
	}
	next := (*later)[0]
	if len(*later) < maxLater {
		*later = (*later)[1:]
	}
	return &next
}

// dropLater forgets the first that is declared wrong, and returns it; nil for none.
func dropLater[T any, P said[T]](c *hearing, later *[]T) *T {
	at := slices.IndexFunc(*later, func(one T) bool { return c.declaredWrong(P(&one).by()) })
	if at < 0 || len(*later) == maxLater {
		return nil
	}
	was := (*later)[at]
	*later = slices.Delete(slices.Clone(*later), at, at+1)
	return &was
}
