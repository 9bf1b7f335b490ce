package contracts

// The codes of C8, ownership.
const (
	CodeOffered          uint32 = 1801 // INFO: the owner signed; the new owner has until the deadline
	CodeOwnerChanged     uint32 = 1802 // INFO: both signed
	CodeOwnerNotSigned   uint32 = 1803 // FLAG: the new owner signed; the owner has until the deadline
	CodeOfferExpired     uint32 = 1804 // FLAG: signed after the deadline of the first signature
	CodeOfferedToOther   uint32 = 1805 // FLAG: another change of owner was open
	CodeOwnerUnknown     uint32 = 1806 // FLAG: offered by who was never recorded as the owner
	CodeNotOwner         uint32 = 1807 // REJECT: the item's own records name another owner
	CodeSeveralOwners    uint32 = 1808 // FLAG: several owning parties on one side
	CodeNotParty         uint32 = 1809 // INFO: told by neither the owner nor the new owner
	CodeOfferWithdrawn   uint32 = 1810 // INFO
	CodeOwnerLate        uint32 = 1811 // FLAG: recorded after a later change of owner
	CodeOwnerUndone      uint32 = 1812 // INFO: what an errorDeclaration undid
	CodeOwnerOrphaned    uint32 = 1813 // FLAG: a change of owner rests on what was declared wrong
	CodeOwnershipOfOther uint32 = 1814 // REJECT: an errorDeclaration by who is not the author
	CodeForeignOwner     uint32 = 1815 // FLAG: what would be 1807 of a foreign item
)
