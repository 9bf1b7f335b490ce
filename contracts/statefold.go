package contracts

// What an item's state says of its custody and of where it was seen last, its birth says
// already as long as it is where it was born. Its bytes leave that out.

// writeItem appends an item's state, folded.
func (c *coder) writeItem(s *ItemState) {
	c.folded.fold(s)
	c.write(&c.folded.ItemState)
}

// folded is an item's state as its bytes have it, and room for what differs in it.
type folded struct {
	ItemState
	custody Custody
	seen    Sighting
}

// fold takes from a state what its birth says already: most items are where they were
// born, and a third of their states would be there three times.
func (f *folded) fold(s *ItemState) {
	f.ItemState = *s
	born := s.Born
	if born == nil {
		return
	}
	if held := s.Custody; held != nil && held.Seq == born.Seq && held.Event == born.Event && held.Holder == born.Organisation {
		f.custody = *held
		f.custody.Holder, f.custody.Seq, f.custody.Event = "", 0, [16]byte{}
		f.Custody = &f.custody
	}
	if seen := s.LastSeen; seen != nil && seen.Turn == *born {
		f.seen = *seen
		f.seen.Turn = Turn{}
		f.LastSeen = &f.seen
	}
}

// unfold gives a state that was read what fold took. No event's mark is zero.
func (s *ItemState) unfold() {
	born := s.Born
	if born == nil {
		return
	}
	if held := s.Custody; held != nil && held.Event == [16]byte{} {
		held.Holder, held.Seq, held.Event = born.Organisation, born.Seq, born.Event
	}
	if seen := s.LastSeen; seen != nil && seen.Turn.Event == [16]byte{} {
		seen.Turn = *born
	}
}
