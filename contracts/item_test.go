package contracts

import (
	"fmt"
	"testing"
)

// An item is found by its id, in whatever order a record names them, and after a search has
// gone over so many that a map is made.
func TestItemsAreFoundInAnyOrder(t *testing.T) {
	var s items
	for _, n := range []int{1, scanned, scanned + 1, 100} {
		for _, step := range []int{1, 7, -1} { // ascending, mixed, descending
			s.clear()
			id := func(i int) string { return fmt.Sprintf("%03d", (i*step%101+101)%101) }
			for i := range n {
				if got := s.loaded(id(i)); got != nil {
					t.Fatalf("%d items, step %d: %s was found before it was there", n, step, got.id)
				}
				it := s.pool.take()
				it.id, it.index = id(i), i
				s.add(it)
				if i%10 == 0 && s.loaded("x") != nil {
					t.Fatal("found what is not there")
				}
			}
			for range 3 {
				for i := range n {
					for _, at := range []int{i, n - 1 - i, i * 7 % n} {
						if it := s.loaded(id(at)); it == nil || it.index != at {
							t.Fatalf("%d items, step %d: item %d was not found", n, step, at)
						}
					}
				}
			}
		}
	}
}
