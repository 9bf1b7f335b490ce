package contracts

import "slices"

// Some states are what one event made them, and remember the events after it that would
// have done the same: where the first is declared wrong, the next stands in its place.
// What two events say, neither takes back alone.

// maxLater bounds what a state remembers of such events. Once there are so many, none of
// them is taken back.
const maxLater = 8

// addLater remembers the turn of a record, once, and reports whether the list grew.
func addLater(later *[]Turn, t *Turn) bool {
	n := len(*later)
	if n == maxLater || n > 0 && (*later)[n-1].Seq == t.Seq {
		return false
	}
	*later = append(slices.Clip(*later), *t)
	return true
}

// nextLater is the event that stands in the place of one that is declared wrong, nil for
// none.
func nextLater(later *[]Turn) *Turn {
	if len(*later) == 0 {
		return nil
	}
	next := (*later)[0]
	if len(*later) < maxLater {
		*later = (*later)[1:]
	}
	return &next
}

// dropLater forgets the first event that is declared wrong, and returns it; nil for none.
func (c *hearing) dropLater(later *[]Turn) *Turn {
	at := slices.IndexFunc(*later, func(t Turn) bool { return c.declaredWrong(&t) })
	if at < 0 || len(*later) == maxLater {
		return nil
	}
	was := (*later)[at]
	*later = slices.Delete(slices.Clone(*later), at, at+1)
	return &was
}
