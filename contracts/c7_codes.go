package contracts

// The codes of C7, containment. Those of C9 have the same endings.
const (
	CodeOtherContainer  uint32 = 1701 // FLAG: packed while it is in another container
	CodeInItself        uint32 = 1702 // REJECT
	CodeTooDeep         uint32 = 1703 // REJECT
	CodeNotInside       uint32 = 1704 // FLAG: taken out of where it is not
	CodeInsideOther     uint32 = 1705 // REJECT: the same, and another member packed it elsewhere
	CodePackedLate      uint32 = 1706 // FLAG: recorded after what happened later
	CodeSeenInside      uint32 = 1707 // FLAG: seen inside, no record of its packing
	CodePackingUndone   uint32 = 1708 // INFO: what an errorDeclaration undid
	CodePackingOrphaned uint32 = 1709 // FLAG: something later rests on what was declared wrong
	CodePackingOfOther  uint32 = 1710 // REJECT: an errorDeclaration by who is not the author
	CodeForeignPacking  uint32 = 1711 // FLAG: what would be 1702, 1703 or 1705 of a foreign item
	CodeSeenWhilePacked uint32 = 1712 // FLAG
	CodeEmptiedLongAgo  uint32 = 1713 // FLAG: declares an emptying wrong that too many have followed
)
