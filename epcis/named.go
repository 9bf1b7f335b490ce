package epcis

import "iter"

// Named are the identifiers of what a record is about, in the order in which it names
// them: of an event its parent, items and lots, then the classes of its quantities.
// Some may be zero.
func (r *Record) Named() iter.Seq[*ID] {
	return func(yield func(*ID) bool) {
		switch {
		case r.Event != nil:
			e := r.Event
			_ = yield(&e.Parent) && yieldIDs(e.EPCs, yield) && yieldIDs(e.Children, yield) && yieldIDs(e.Inputs, yield) && yieldIDs(e.Outputs, yield) &&
				yieldClasses(e.Quantities, yield) && yieldClasses(e.ChildQuantities, yield) &&
				yieldClasses(e.InputQuantities, yield) && yieldClasses(e.OutputQuantities, yield)
		case r.Certificate != nil:
			_ = yield(&r.Certificate.ID)
		case r.MasterData != nil:
			_ = yield(&r.MasterData.ID)
		case r.Customs != nil:
			_ = yieldIDs(r.Customs.Goods, yield) && yieldClasses(r.Customs.Quantities, yield)
		case r.Acknowledgement != nil:
			a := r.Acknowledgement
			_ = yieldIDs(a.Goods, yield) && yield(&a.About) && yieldClasses(a.Quantities, yield)
		}
	}
}

// yieldIDs yields each id of a list; false when no more are wanted.
func yieldIDs(list []ID, yield func(*ID) bool) bool {
	for i := range list {
		if !yield(&list[i]) {
			return false
		}
	}
	return true
}

// yieldClasses yields the class of each quantity of a list; false when no more are
// wanted.
func yieldClasses(list []Quantity, yield func(*ID) bool) bool {
	for i := range list {
		if !yield(&list[i].Class) {
			return false
		}
	}
	return true
}
