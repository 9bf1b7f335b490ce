/** Light blocks: mirrors proof/light.go. */

import { mulAddUnsafe } from "@noble/curves/abstract/curve.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concat, equalBytes, hex } from "../bytes.ts";
import { maxValidatorPower, type Validator } from "../identity/genesis.ts";
import { chainID, type Hash } from "../identity/hash.ts";
import { headerHash, validatorsHash, voteBytes } from "./lightwire.ts";
import { Refutation } from "./refutation.ts";
import { Fields } from "./strict.ts";

/**
 * LightBlock is the part of a CometBFT v0.40 block that shows its validators'
 * agreement: the header, the validator set that the header commits, in the
 * engine's order, and enough of their precommit votes.
 */
export interface LightBlock {
  header: Header;
  commit: Commit;
  validators: Validator[];
}

/** Header is a block's header: the 14 fields that its hash covers. */
export interface Header {
  versionBlock: number;
  versionApp: number;
  chainID: string;
  height: number;
  time: bigint; // Unix nanoseconds
  lastBlock?: BlockID; // absent in the first block alone
  lastCommitHash: Hash;
  dataHash: Hash;
  validatorsHash: Hash;
  nextValidatorsHash: Hash;
  consensusHash: Hash;
  appHash: Hash; // of the height before
  lastResultsHash: Hash;
  evidenceHash: Hash;
  proposer: Uint8Array; // 20 bytes
}

/** BlockID names a block: its header's hash and the Merkle root of its parts. */
export interface BlockID {
  hash: Hash;
  parts: number;
  partsHash: Hash;
}

/**
 * Commit is the agreement on a block: the first votes for it, in validator
 * order, and no more of them than exceed 2/3 of the power.
 */
export interface Commit {
  round: number;
  parts: number;
  partsHash: Hash;
  signatures: CommitSignature[];
}

/** CommitSignature is one validator's precommit vote for the block. */
export interface CommitSignature {
  validator: number; // its index in the set
  time: bigint; // of its vote, Unix nanoseconds
  signature: Uint8Array; // Ed25519
}

export const readLightBlock = (v: unknown, where: string): LightBlock =>
  Fields.of(v, where, (f) => ({
    header: f.object("header", readHeader),
    commit: f.object("commit", (c) => ({
      round: c.uint32("round"),
      parts: c.uint32("parts"),
      partsHash: c.hex("partsHash"),
      signatures: c.list("signatures", (s, at) =>
        Fields.of(s, at, (g) => ({ validator: g.uint32("validator"), time: g.int64("time"), signature: g.hex("signature", 64) })),
      ),
    })),
    validators: f.list("validators", (s, at) => Fields.of(s, at, (g) => ({ key: g.hex("key"), power: g.int64("power") }))),
  }));

function readHeader(f: Fields): Header {
  const start = {
    versionBlock: f.number("versionBlock"),
    versionApp: f.number("versionApp"),
    chainID: f.text("chainId"),
    height: f.number("height"),
    time: f.int64("time"),
  };
  const last = f.has("lastBlock")
    ? { lastBlock: f.object("lastBlock", (g) => ({ hash: g.hex("hash"), parts: g.uint32("parts"), partsHash: g.hex("partsHash") })) }
    : {};
  return {
    ...start,
    ...last,
    lastCommitHash: f.hex("lastCommitHash"),
    dataHash: f.hex("dataHash"),
    validatorsHash: f.hex("validatorsHash"),
    nextValidatorsHash: f.hex("nextValidatorsHash"),
    consensusHash: f.hex("consensusHash"),
    appHash: f.hex("appHash"),
    lastResultsHash: f.hex("lastResultsHash"),
    evidenceHash: f.hex("evidenceHash"),
    proposer: f.hex("proposer", 20),
  };
}

/**
 * checkLightBlock verifies everything of the block that it shows by itself: that
 * it is of the network, that its validators are those that the header commits,
 * and that more than 2/3 of their power voted for this header. It does not say
 * whether anybody should trust these validators. It throws a Refutation.
 */
export function checkLightBlock(b: LightBlock, network: Hash): void {
  const h = b.header;
  if (h.chainID !== chainID(network)) {
    throw new Refutation("network", `the block is of chain "${h.chainID}", not ${chainID(network)}`);
  }
  if (h.height === 0 || (h.lastBlock === undefined) !== (h.height === 1)) {
    throw new Refutation("header", `the header of height ${h.height} does not name the block before it`);
  }
  const wrong = wrongValidators(b.validators);
  if (wrong) throw new Refutation("validators", `block ${h.height}: ${wrong}`);
  const got = validatorsHash(b.validators);
  if (!equalBytes(got, h.validatorsHash)) {
    throw new Refutation("validators", `the validators hash to ${hex(got)}, the header of block ${h.height} says ${hex(h.validatorsHash)}`);
  }
  checkCommit(b);
}

function checkCommit(b: LightBlock): void {
  const { height } = b.header;
  const { commit } = b;
  const id: BlockID = { hash: headerHash(b.header), parts: commit.parts, partsHash: commit.partsHash };
  const total = totalPower(b.validators);
  let voted = 0n;
  let before = -1;
  for (const s of commit.signatures) {
    const v = b.validators[s.validator];
    if (!v) throw new Refutation("vote", `block ${height} has a vote of validator ${s.validator} of ${b.validators.length}`);
    if (s.validator === before) throw new Refutation("vote", `block ${height} has two votes of validator ${s.validator}`);
    if (s.validator < before) throw new Refutation("order", `block ${height} has the vote of validator ${s.validator} after that of ${before}`);
    if (exceeds(voted, 2n, total)) throw new Refutation("surplus", `block ${height} has more votes than exceed 2/3 of the power`);
    if (!verifyEd25519(v.key, voteBytes(b.header.chainID, height, commit.round, id, s.time), s.signature)) {
      throw new Refutation("vote", `block ${height}: the vote of validator ${s.validator} does not verify`);
    }
    voted += v.power;
    before = s.validator;
  }
  if (!exceeds(voted, 2n, total)) {
    throw new Refutation("power", `block ${height}: ${voted} of ${total} in voting power, not more than 2/3`);
  }
}

/** wrongValidators says what is wrong with a set, "" for nothing. */
export function wrongValidators(vs: Validator[]): string {
  if (vs.length === 0) return "it has no validators";
  let total = 0n;
  for (const v of vs) {
    if (v.power < 1n || v.power > maxValidatorPower || total > maxValidatorPower - v.power) {
      return "the voting power of its validators is out of range";
    }
    total += v.power;
  }
  return "";
}

export const totalPower = (vs: Validator[]): bigint => vs.reduce((total, v) => total + v.power, 0n);

/** exceeds reports whether power is more than thirds/3 of total. */
export const exceeds = (power: bigint, thirds: bigint, total: bigint): boolean => 3n * power > thirds * total;

const { Point } = ed25519;

/**
 * verifyEd25519 verifies a signature as Go's crypto/ed25519 does (RFC 8032,
 * section 5.1.7, without the cofactor): R is computed again and compared byte by
 * byte. The library's own functions decide edge cases of no honest key
 * otherwise, and two verifiers may not differ.
 */
export function verifyEd25519(key: Uint8Array, text: Uint8Array, signature: Uint8Array): boolean {
  const s = littleEndian(signature.subarray(32));
  if (s >= Point.Fn.ORDER) return false;
  try {
    const a = Point.fromBytes(key, true);
    const k = littleEndian(sha512(concat(signature.subarray(0, 32), key, text))) % Point.Fn.ORDER;
    const r = mulAddUnsafe(Point, [Point.BASE, a.negate()], [s, k]);
    return equalBytes(r.toBytes(), signature.subarray(0, 32));
  } catch {
    return false; // the key is no point
  }
}

const littleEndian = (b: Uint8Array): bigint => b.reduceRight((n, c) => (n << 8n) | BigInt(c), 0n);
