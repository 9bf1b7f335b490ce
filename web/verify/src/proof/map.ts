/** The authenticated map and its proofs: mirrors proof/map.go and mapproof.go. */

import { compareBytes, equalBytes, hex, utf8, word64 } from "../bytes.ts";
import { type Hash, sha256, zeroHash } from "../identity/hash.ts";
import type { Key } from "../trace/record.ts";
import { ProofError } from "./log.ts";

/** MapLeaf is what the map says of a key. */
export interface MapLeaf {
  key: Hash; // mapKey of the key
  count: number | bigint; // entries that touch the key
  head: Hash; // RFC 6962 root over their log leaf hashes in order; emptyLogRoot of none
  state: Hash; // stateHash of the key's state
}

/** mapLeafHash is H(0x10 ‖ key ‖ count8 ‖ head ‖ state hash). */
export const mapLeafHash = (l: MapLeaf): Hash => sha256(Uint8Array.of(0x10), l.key, word64(l.count), l.head, l.state);

/** mapKey is where a key stands in the map: H(0x13 ‖ len16(ns) ‖ ns ‖ id). */
export function mapKey(k: Key): Hash {
  const ns = utf8(k.ns);
  return sha256(Uint8Array.of(0x13, ns.length >> 8, ns.length & 0xff), ns, utf8(k.id));
}

/** stateHash is H(0x14 ‖ state bytes); a key without a state has that of no bytes. */
export const stateHash = (state: Uint8Array): Hash => sha256(Uint8Array.of(0x14), state);

/** mapInner is the hash of an inner node, H(0x11 ‖ bit1 ‖ left ‖ right). */
export const mapInner = (bit: number, left: Hash, right: Hash): Hash => sha256(Uint8Array.of(0x11, bit), left, right);

/** mapBit is bit number n of a map key, 0 or 1; 0 is the most significant bit of byte 0. */
export const mapBit = (key: Hash, n: number): number => (key[n >> 3]! >> (7 - (n & 7))) & 1;

// With what the first byte of a proof's node begins; in inner nodes its low six bits are the step.
const nodeBoth = 0x00; // L R
const nodeRight = 0x40; // hash(left) R
const nodeLeft = 0x80; // hash(right) L
const nodeAsked = 0xc0; // the leaf of a present key that was asked about
const nodeWitness = 0xc1; // key count8 head state: a leaf of another key
const maxStep = 0x3f;

/**
 * verifyMap checks that the map with this root holds exactly the present leaves
 * among the keys asked about, and none of the absent keys. Both lists ascend by
 * key and together are not empty. It refuses what the answer does not need: a
 * witness at which no absent key's search ends, a subtree with nothing asked
 * beneath, bytes behind the proof. It throws a ProofError.
 */
export function verifyMap(proof: Uint8Array, present: MapLeaf[], absent: Hash[], root: Hash): void {
  if (present.length + absent.length === 0) throw new ProofError("a map proof of nothing");
  checkAscending(present.map((l) => l.key), "present");
  checkAscending(absent, "absent");
  if (proof.length === 0) {
    if (present.length > 0 || !equalBytes(root, zeroHash)) throw new ProofError("the map is not empty");
    return;
  }
  const r = new MapReader(proof);
  const got = r.node(-1, present, absent);
  if (r.at < proof.length) throw new ProofError(`${proof.length - r.at} bytes behind the map proof`);
  if (!equalBytes(got, root)) throw new ProofError(`the map proof leads to ${hex(got)}, not to ${hex(root)}`);
}

function checkAscending(keys: Hash[], what: string): void {
  for (let i = 1; i < keys.length; i++) {
    if (compareBytes(keys[i - 1]!, keys[i]!) >= 0) throw new ProofError(what + " keys do not ascend");
  }
}

class MapReader {
  at = 0;
  private readonly proof: Uint8Array;

  constructor(proof: Uint8Array) {
    this.proof = proof;
  }

  /**
   * node reads one node and returns its hash. present and absent are the keys
   * whose search reaches it, at least one; above is the bit of the node above.
   */
  node(above: number, present: MapLeaf[], absent: Hash[]): Hash {
    const first = this.take(1)[0]!;
    switch (first) {
      default:
        return this.inner(first, above, present, absent);
      case nodeAsked: {
        const [leaf] = present;
        if (!leaf || present.length > 1) throw new ProofError(`${present.length} present keys at one leaf`);
        if (absent.some((k) => equalBytes(k, leaf.key))) throw new ProofError(`key ${hex(leaf.key)} is present and absent`);
        return mapLeafHash(leaf);
      }
      case nodeWitness:
        return this.witness(present, absent);
    }
  }

  private inner(first: number, above: number, present: MapLeaf[], absent: Hash[]): Hash {
    const sides = first & ~maxStep;
    if (sides === nodeAsked) throw new ProofError(`a map node cannot begin with ${first}`);
    const bit = this.bit(first & maxStep, above);
    const presentAt = (side: number): MapLeaf[] => present.filter((l) => mapBit(l.key, bit) === side);
    const absentAt = (side: number): Hash[] => absent.filter((k) => mapBit(k, bit) === side);
    const [lp, rp, la, ra] = [presentAt(0), presentAt(1), absentAt(0), absentAt(1)];
    const askedLeft = lp.length + la.length > 0;
    const askedRight = rp.length + ra.length > 0;
    if (askedLeft !== (sides !== nodeRight) || askedRight !== (sides !== nodeLeft)) {
      throw new ProofError(`node ${first} at bit ${bit} does not copy the sides that are asked about`);
    }
    const pruned = sides === nodeBoth ? zeroHash : this.take(32);
    const left = sides === nodeRight ? pruned : this.node(bit, lp, la);
    const right = sides === nodeLeft ? pruned : this.node(bit, rp, ra);
    return mapInner(bit, left, right);
  }

  /** bit reads at which bit an inner node branches: step above the one above, or where that is 0 as the next byte says. */
  private bit(step: number, above: number): number {
    const bit = step > 0 ? above + step : this.take(1)[0]!;
    if (step === 0 && bit <= above + maxStep) throw new ProofError(`bit ${bit} beneath bit ${above} is no long step`);
    if (bit > 255) throw new ProofError(`a branch at bit ${bit} of a key`);
    return bit;
  }

  private witness(present: MapLeaf[], absent: Hash[]): Hash {
    const b = this.take(32 + 8 + 32 + 32);
    const key = b.subarray(0, 32);
    if (present.length > 0) throw new ProofError(`the search for present key ${hex(present[0]!.key)} ends at ${hex(key)}`);
    if (absent.some((k) => equalBytes(k, key))) throw new ProofError(`absent key ${hex(key)} is present`);
    return sha256(Uint8Array.of(0x10), b); // a leaf's preimage is these bytes
  }

  private take(n: number): Uint8Array {
    if (this.proof.length - this.at < n) throw new ProofError("the map proof ends too early");
    this.at += n;
    return this.proof.subarray(this.at - n, this.at);
  }
}
