/** Package proof: the formats that make an answer checkable without trusting whoever gives it. No I/O, no trust. It recomputes. */

export { type Anchor, anchorOfCheckpoint, anchorOfGenesis } from "./anchor.ts";
export { examine, type Proved, verify } from "./check.ts";
export type { Options } from "./checker.ts";
export { appHash, type Checkpoint, checkAge, checkExtends, parseCheckpoint, type Roots, verifyCheckpoint } from "./checkpoint.ts";
export { codesOf, decodeFindings, encodeEntry, type Entry, findingsHash } from "./entry.ts";
export { checkLightBlock, type LightBlock, readLightBlock, verifyEd25519 } from "./light.ts";
export { headerHash, sortValidators, validatorsHash, voteBytes } from "./lightwire.ts";
export { emptyLogRoot, leafHash, nodeHash, ProofError, rootOf, verifyConsistency } from "./log.ts";
export { mapKey, type MapLeaf, mapLeafHash, stateHash, verifyMap } from "./map.ts";
export { type Reason, Refutation, Unusable } from "./refutation.ts";
export type { CheckpointVerdict, RestVerdict, ThenVerdict, TrustVerdict, Verdict, VerifiedRecord } from "./verdict.ts";
