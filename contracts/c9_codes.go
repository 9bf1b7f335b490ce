package contracts

import "github.com/waymark-ledger/waymark/trace"

// The codes of C9, association.
const (
	CodeOtherAssembly      uint32 = 1901                      // FLAG: attached while it is attached elsewhere
	CodePartOfItself       uint32 = 1902                      // REJECT
	CodeAssemblyTooDeep    uint32 = 1903                      // REJECT
	CodeNotAttached        uint32 = 1904                      // FLAG: detached from where it is not
	CodeAttachedElsewhere  uint32 = 1905                      // REJECT: the same, and another member attached it elsewhere
	CodeAttachedLate       uint32 = 1906                      // FLAG: recorded after what happened later
	CodeSeenAttached       uint32 = 1907                      // FLAG: seen attached, no record of that
	CodeAttachmentUndone   uint32 = 1908                      // INFO: what an errorDeclaration undid
	CodeAttachmentOrphaned uint32 = 1909                      // FLAG: something later rests on what was declared wrong
	CodeAttachmentOfOther  uint32 = 1910                      // REJECT: an errorDeclaration by who is not the author
	CodeForeignAttachment  uint32 = 1911                      // FLAG: what would be 1902, 1903 or 1905 of a foreign item
	CodeComponentLocked    uint32 = trace.CodeComponentLocked // LOCK: of the assembly, while a component is locked
	CodeComponentsUnlocked uint32 = 1913                      // INFO: the assembly is free again
	CodeDetachedLongAgo    uint32 = 1914                      // FLAG: declares wrong that all was detached, and too many such have followed
)
