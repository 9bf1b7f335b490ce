package contracts

import "github.com/waymark-ledger/waymark/trace"

// K5, recall.
const (
	CodeRecalled         uint32 = trace.CodeRecalled       // 2501 LOCK
	CodeRecallOfOthers   uint32 = trace.CodeRecallOfOthers // 2502 FLAG: says recalled, and may not recall
	CodeMovesRecalled    uint32 = 2503                     // REJECT: ships or sells what is recalled
	CodeMovedBefore      uint32 = 2504                     // FLAG: recorded after the recall, happened before it
	CodeRecallEnded      uint32 = 2505                     // INFO
	CodeNoRecallToEnd    uint32 = 2506                     // FLAG
	CodeRecallWithdrawn  uint32 = 2507                     // INFO: a recall, or its end, declared wrong
	CodeMovesForeign     uint32 = 2508                     // FLAG: what would be 2503 of a thing whose prefix no member licenses
	CodeRecalledReturned uint32 = 2509                     // INFO: moves what is recalled out of the market
	CodeRecallAnew       uint32 = 2510                     // INFO: takes the place of a recall, or of its end, that a compromised key signed
	CodeLeavesRecalled   uint32 = 2511                     // LOCK: leaves a container that is recalled
	CodeSerialsUnclear   uint32 = 2513                     // REJECT: limits a recall to serials that do not read
	CodeRecallsForgotten uint32 = 2512                     // FLAG: leaves more recalls than an item remembers
	CodeHoldsUnseen      uint32 = 2514                     // FLAG: ships or sells what holds more than is looked into
	CodeHoldsInRange     uint32 = 2515                     // FLAG: ships or sells what holds things of a class of which serials are recalled
	CodeRecallsFull      uint32 = 2516                     // REJECT: no room for one more recall of the thing
)
