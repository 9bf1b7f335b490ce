/** RFC 6962 trees: mirrors proof/log.go and leaves.go. */

import { equalBytes, hex } from "../bytes.ts";
import { type Hash, sha256 } from "../identity/hash.ts";

/** ProofError: a proof does not lead to the root it was given for. */
export class ProofError extends Error {
  override name = "ProofError";
}

const leafPrefix = Uint8Array.of(0x00);
const nodePrefix = Uint8Array.of(0x01);

/** leafHash is the hash of a leaf, H(0x00 ‖ entry). */
export const leafHash = (entry: Uint8Array): Hash => sha256(leafPrefix, entry);

/** nodeHash is the hash of an inner node, H(0x01 ‖ left ‖ right). */
export const nodeHash = (left: Hash, right: Hash): Hash => sha256(nodePrefix, left, right);

/** emptyLogRoot is the root of a log without entries: the hash of nothing. */
export const emptyLogRoot: Hash = sha256(new Uint8Array(0));

/** rootOfItems is the root over the items. */
export function rootOfItems(items: Uint8Array[]): Hash {
  const root = (begin: number, end: number): Hash => {
    if (end - begin === 1) return leafHash(items[begin]!);
    const middle = begin + leftSide(end - begin);
    return nodeHash(root(begin, middle), root(middle, end));
  };
  return items.length === 0 ? emptyLogRoot : root(0, items.length);
}

/**
 * rootOf folds the root of a tree of size leaves out of the leaf hashes at the
 * ascending positions at and the path of the others: from left to right, the hash
 * of each largest subtree in which no leaf is selected. It throws a ProofError
 * for a path too long or too short, and for positions that do not ascend or lie
 * outside.
 */
export function rootOf(size: number, at: number[], leaves: Hash[], path: Hash[]): Hash {
  if (at.length !== leaves.length) throw new ProofError(`${at.length} positions of ${leaves.length} leaves`);
  at.forEach((p, i) => {
    if (p >= size) throw new ProofError(`position ${p} of ${size} leaves`);
    if (i > 0 && p <= at[i - 1]!) throw new ProofError(`position ${p} after ${at[i - 1]}`);
  });
  let leaf = 0; // the next of at and leaves
  let step = 0; // the next of path
  const subtree = (begin: number, end: number): Hash => {
    if (leaf >= at.length || at[leaf]! >= end) {
      const h = path[step++];
      if (!h) throw new ProofError(`${path.length} hashes are too few for ${at.length} of ${size} leaves`);
      return h;
    }
    if (end - begin === 1) return leaves[leaf++]!;
    const middle = begin + leftSide(end - begin);
    const left = subtree(begin, middle);
    return nodeHash(left, subtree(middle, end));
  };
  const root = size === 0 ? emptyLogRoot : subtree(0, size);
  if (step < path.length) throw new ProofError(`${path.length - step} hashes too many for ${at.length} of ${size} leaves`);
  return root;
}

/** leftSide is the largest power of two smaller than n, for n > 1. */
function leftSide(n: number): number {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}

/**
 * verifyConsistency checks that the log of size to with root toRoot begins with
 * the log of size from with root fromRoot (RFC 6962, section 2.1.2). It throws a
 * ProofError.
 */
export function verifyConsistency(from: number, to: number, path: Hash[], fromRoot: Hash, toRoot: Hash): void {
  const wrong = (why: string): never => {
    throw new ProofError(`log of ${from} in log of ${to}: ${why}`);
  };
  if (from > to) wrong("it is longer");
  if (from === 0 && !equalBytes(fromRoot, emptyLogRoot)) wrong(`the root of an empty log is not ${hex(fromRoot)}`);
  if (from === 0 || from === to) {
    if (path.length > 0) wrong("hashes too many");
    if (from === to && !equalBytes(fromRoot, toRoot)) wrong("two roots of one size");
    return;
  }
  let step = 0;
  const next = (): Hash => path[step++] ?? wrong("hashes too few");
  // sub is the hash of a subtree of the longer log, and of what of it the shorter
  // one has; whole says that the shorter log is exactly what stands left of its end.
  const sub = (m: number, n: number, whole: boolean): [older: Hash, newer: Hash] => {
    if (m === n) {
      const h = whole ? fromRoot : next();
      return [h, h];
    }
    const k = leftSide(n);
    if (m <= k) {
      const [older, left] = sub(m, k, whole);
      return [older, nodeHash(left, next())];
    }
    const [olderRight, right] = sub(m - k, n - k, false);
    const left = next();
    return [nodeHash(left, olderRight), nodeHash(left, right)];
  };
  const [older, newer] = sub(from, to, true);
  if (step < path.length) wrong("hashes too many");
  if (!equalBytes(older, fromRoot) || !equalBytes(newer, toRoot)) wrong("other roots");
}
