/** Checkpoints: mirrors proof/checkpoint.go and apphash.go. */

import { equalBytes, hex, word64 } from "../bytes.ts";
import { Instant } from "../epcis/instant.ts";
import { type Hash, sha256 } from "../identity/hash.ts";
import { type Anchor, verifyChain } from "./anchor.ts";
import { type LightBlock, readLightBlock } from "./light.ts";
import { ProofError, verifyConsistency } from "./log.ts";
import { Refutation, Unusable } from "./refutation.ts";
import { Fields, parseStrict } from "./strict.ts";

/** checkpointFormat is the format and version of a Checkpoint's JSON. */
export const checkpointFormat = "waymark-checkpoint/1";

/** Checkpoint is what the validators of a network agreed on at one height: the roots of its log and map, and the block that carries their hash. */
export interface Checkpoint {
  network: Hash;
  roots: Roots;
  bridge: LightBlock[]; // from the validators of genesis to those of block, where they have changed
  block: LightBlock; // a block later than roots.height
}

/** Roots are the parts of an app hash. */
export interface Roots {
  height: number; // the last that changed state; 0 for genesis
  previous: Hash; // the app hash before that; of genesis the network
  logSize: number;
  logRoot: Hash;
  mapRoot: Hash;
}

/**
 * appHash is what validators sign, in the header of a later block, of the state
 * after block height: SHA-256(0x15 ‖ height8 ‖ previous ‖ logSize8 ‖ logRoot ‖ mapRoot).
 */
export const appHash = (height: number | bigint, previous: Hash, logSize: number | bigint, logRoot: Hash, mapRoot: Hash): Hash =>
  sha256(Uint8Array.of(0x15), word64(height), previous, word64(logSize), logRoot, mapRoot);

export const readCheckpoint = (f: Fields): Checkpoint => {
  const format = f.text("format");
  const c: Checkpoint = {
    network: f.hex("network"),
    roots: f.object("roots", (r) => ({
      height: r.number("height"),
      previous: r.hex("previous"),
      logSize: r.number("logSize"),
      logRoot: r.hex("logRoot"),
      mapRoot: r.hex("mapRoot"),
    })),
    bridge: f.optionalList("bridge", readLightBlock),
    block: readLightBlock(f.value("block"), "block"),
  };
  if (format !== checkpointFormat) throw new Unusable(`its format is "${format}", not ${checkpointFormat}`);
  return c;
};

/** parseCheckpoint reads a checkpoint's JSON; Unusable for anything else. It verifies nothing. */
export const parseCheckpoint = (data: Uint8Array): Checkpoint => Fields.of(parseStrict(data), "checkpoint", readCheckpoint);

/**
 * verifyCheckpoint checks that trust in the anchor extends to the checkpoint: its
 * block is signed, and carries its roots. It throws a Refutation.
 */
export function verifyCheckpoint(c: Checkpoint, a: Anchor): void {
  if (!equalBytes(c.network, a.network)) {
    throw new Refutation("network", `it is of network ${hex(c.network)}, not ${hex(a.network)}`);
  }
  verifyChain(a, [...c.bridge, c.block]);
  checkRoots(c);
}

/** checkRoots checks that the checkpoint's block carries its roots. */
export function checkRoots(c: Checkpoint): void {
  const h = c.block.header;
  const r = c.roots;
  if (h.height <= r.height) {
    throw new Refutation("header", `block ${h.height} cannot carry the state of height ${r.height}`);
  }
  const got = appHash(r.height, r.previous, r.logSize, r.logRoot, r.mapRoot);
  if (!equalBytes(got, h.appHash)) {
    throw new Refutation("roots", `the roots lead to app hash ${hex(got)}, block ${h.height} carries ${hex(h.appHash)}`);
  }
}

/** maxClockAhead is how many seconds a block may be ahead of the verifier's clock when it judges a block's age. */
const maxClockAhead = 600;

/** ageAt is how many seconds older than now the checkpoint's block is. */
export const ageAt = (c: Checkpoint, now: Instant): number => now.seconds - Instant.ofUnixNano(c.block.header.time).seconds;

/**
 * checkAge refuses a checkpoint whose block is more than maxAge seconds older
 * than now. A verifier whose clock is far behind the block's cannot judge age and
 * refuses too.
 */
export function checkAge(c: Checkpoint, now: Instant, maxAge: number): void {
  const age = ageAt(c, now);
  if (age > maxAge) throw new Refutation("stale", `the block is ${age} seconds old, ${maxAge} are allowed`);
  if (age < -maxClockAhead) {
    throw new Refutation("stale", `the block is ${-age} seconds ahead of this clock, which cannot judge its age`);
  }
}

/**
 * checkExtends checks that the history of a checkpoint begins with that of an
 * earlier one; path is an RFC 6962 consistency proof between their log sizes.
 * Both have been verified. When it throws a Refutation, the two together are the
 * evidence that validators signed two histories.
 */
export function checkExtends(c: Checkpoint, earlier: Checkpoint, path: Hash[]): void {
  const [from, to] = [earlier.roots, c.roots];
  if (!equalBytes(c.network, earlier.network)) throw new Refutation("network", "they are of two networks");
  if (to.height < from.height || to.logSize < from.logSize) {
    throw new Refutation("log", `height ${to.height} with ${to.logSize} entries is no extension of height ${from.height} with ${from.logSize}`);
  }
  if (to.height === from.height && !sameRoots(from, to)) throw new Refutation("roots", `two states of height ${to.height}`);
  try {
    verifyConsistency(from.logSize, to.logSize, path, from.logRoot, to.logRoot);
  } catch (e) {
    if (e instanceof ProofError) throw new Refutation("log", e.message);
    throw e;
  }
}

const sameRoots = (a: Roots, b: Roots): boolean =>
  a.logSize === b.logSize && equalBytes(a.previous, b.previous) && equalBytes(a.logRoot, b.logRoot) && equalBytes(a.mapRoot, b.mapRoot);
