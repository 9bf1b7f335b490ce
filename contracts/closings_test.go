package contracts

import "testing"

// Whoever closes a transformation over and over, and declares all of it wrong again,
// does not get past what is remembered of it: it stays closed.
func TestClosingsBeyondThoseRemembered(t *testing.T) {
	for closings, closed := range map[int]bool{1: false, maxClosings - 1: false, maxClosings: true, maxClosings + 3: true} {
		var a Account
		for i := range closings {
			a.close(&Turn{Event: [16]byte{byte(i + 1)}})
		}
		for i := range closings {
			if a.Closed == nil {
				t.Errorf("open before %d of %d are declared wrong", i+1, closings)
			}
			a.reopen([16]byte{byte(i + 1)})
		}
		if (a.Closed != nil) != closed {
			t.Errorf("after %d closings, all declared wrong: %+v", closings, a)
		}
	}
}
