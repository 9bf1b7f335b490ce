package contracts

// The codes of customs: the hundreds are the rule, 41xx is B1.
const (
	// A3, of customs records.
	CodeNotThatCustoms uint32 = 304 // REJECT: an authority's word by who is not customs of that country

	// B1, declaration.
	CodeNumberTaken        uint32 = 4101 // REJECT
	CodeDeclaredTwice      uint32 = 4102 // REJECT: an item in two open declarations of one customs territory
	CodeTooManyGoods       uint32 = 4103 // REJECT
	CodeNumberDoubted      uint32 = 4104 // FLAG: the MRN's check digit or country
	CodeForeignTwice       uint32 = 4105 // FLAG: what would be 4102 of an item whose prefix no member licenses
	CodeDecidedBefore      uint32 = 4106 // INFO: the authority's decision was recorded before the declaration
	CodeDecidedNotDeclared uint32 = 4107 // FLAG: a decision before the declaration named more than was declared
	CodeValueChanged       uint32 = 4108 // FLAG: another value is committed than before the withdrawal
	CodeTooManyOpen        uint32 = 4109 // REJECT: an item in more open declarations than are followed; FLAG of a foreign one

	// B2, clearance.
	CodeUndeclared       uint32 = 4201 // FLAG: a decision on a declaration that is not recorded here
	CodeOtherCountry     uint32 = 4202 // REJECT
	CodeNotInTurn        uint32 = 4203 // REJECT: a decision that does not follow from where the declaration stands
	CodeDatedBack        uint32 = 4204 // FLAG: a decision that happened before the one it follows
	CodeHeld             uint32 = 4205 // LOCK
	CodeSeized           uint32 = 4206 // LOCK
	CodeNotDeclarant     uint32 = 4207 // REJECT: a withdrawal by neither declarant nor authority
	CodeHeldMoved        uint32 = 4208 // REJECT: an event moves or uses what customs hold
	CodeHeldMovedFlag    uint32 = 4209 // FLAG: the same of a foreign item, or of what happened before the hold
	CodeUnlocked         uint32 = 4210 // INFO
	CodeDecidedAnew      uint32 = 4211 // INFO: a decision takes the place of one that a compromised key signed
	CodeNotOfDeclaration uint32 = 4212 // REJECT: a decision names what was not declared
	CodeTooManyNamed     uint32 = 4213 // REJECT: the same as 4103, of decisions before the declaration
	CodeInPart           uint32 = 4214 // INFO: the goods of a declaration do not stand alike

	// B3, border gate.
	CodeNoExport     uint32 = 4301 // REJECT, where the authority has activated it
	CodeNoImport     uint32 = 4302 // REJECT, where the authority has activated it
	CodeNoExportFlag uint32 = 4303 // FLAG
	CodeNoImportFlag uint32 = 4304 // FLAG
	CodeGate         uint32 = 4305 // INFO: how the gate stands from now on
	CodeDoubtfulGate uint32 = 4306 // FLAG: crossed on a declaration or decision that a compromised key signed
	CodeGateUnset    uint32 = 4307 // FLAG: judged by a gate that a compromised key set
)
