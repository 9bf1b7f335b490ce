/**
 * What the engine hashes and signs: mirrors proof/lightwire.go. CometBFT v0.40
 * hashes and signs protobuf (proto3) messages; those few that matter are written
 * here by hand: fields in ascending order, zero values left out, but embedded
 * messages that gogoproto calls not nullable always there.
 */

import { compareBytes, concat, utf8 } from "../bytes.ts";
import type { Validator } from "../identity/genesis.ts";
import { type Hash, sha256 } from "../identity/hash.ts";
import type { BlockID, Header } from "./light.ts";
import { rootOfItems } from "./log.ts";

const nothing = new Uint8Array(0);
const wireVarint = 0;
const wireFixed64 = 1;
const wireBytes = 2;

const tag = (field: number, wire: number): Uint8Array => Uint8Array.of((field << 3) | wire);

/** varint is an unsigned integer of 64 bits; a negative one in two's complement. */
function varint(v: bigint): Uint8Array {
  const out: number[] = [];
  v = BigInt.asUintN(64, v);
  for (; v >= 0x80n; v >>= 7n) out.push(Number(v & 0x7fn) | 0x80);
  return Uint8Array.from([...out, Number(v)]);
}

function uint(field: number, v: bigint | number): Uint8Array {
  const n = BigInt(v);
  return n === 0n ? nothing : concat(tag(field, wireVarint), varint(n));
}

function fixed64(field: number, v: number): Uint8Array {
  if (v === 0) return nothing;
  const b = new Uint8Array(8);
  new DataView(b.buffer).setBigUint64(0, BigInt(v), true);
  return concat(tag(field, wireFixed64), b);
}

/** message writes an embedded message, an empty one too. */
const message = (field: number, m: Uint8Array): Uint8Array => concat(tag(field, wireBytes), varint(BigInt(m.length)), m);

const bytes = (field: number, b: Uint8Array): Uint8Array => (b.length === 0 ? nothing : message(field, b));

/** timestamp is a google.protobuf.Timestamp. */
function timestamp(nanos: bigint): Uint8Array {
  const rest = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return concat(uint(1, (nanos - rest) / 1_000_000_000n), uint(2, rest));
}

/** blockID is the tendermint.types.BlockID message, and CanonicalBlockID, which has the same fields. */
function blockID(id: BlockID | undefined): Uint8Array {
  if (!id) return message(2, nothing);
  return concat(bytes(1, id.hash), message(2, concat(uint(1, id.parts), bytes(2, id.partsHash))));
}

/**
 * headerHash is the engine's hash of the header: the RFC 6962 root over its 14
 * fields (types.Header.Hash of CometBFT v0.40). Scalars are wrapped as the
 * well-known types StringValue, Int64Value and BytesValue.
 */
export function headerHash(h: Header): Hash {
  return rootOfItems([
    concat(uint(1, h.versionBlock), uint(2, h.versionApp)),
    bytes(1, utf8(h.chainID)),
    uint(1, h.height),
    timestamp(h.time),
    blockID(h.lastBlock),
    ...[
      h.lastCommitHash, h.dataHash, h.validatorsHash, h.nextValidatorsHash, h.consensusHash, h.appHash,
      h.lastResultsHash, h.evidenceHash, h.proposer,
    ].map((hash) => bytes(1, hash)),
  ]);
}

/** validatorsHash is the engine's hash of a validator set in its order: the RFC 6962 root over SimpleValidator messages. */
export const validatorsHash = (vs: Validator[]): Hash =>
  rootOfItems(vs.map((v) => concat(message(1, bytes(1, v.key)), uint(2, v.power))));

/** validatorAddress is the engine's name for a key: the first 20 bytes of its SHA-256. */
export const validatorAddress = (key: Uint8Array): Uint8Array => sha256(key).subarray(0, 20);

/** sortValidators is a validator set in the engine's order: the powerful first, equal ones by address. */
export function sortValidators(vs: Validator[]): Validator[] {
  return [...vs].sort((a, b) => {
    if (a.power !== b.power) return a.power > b.power ? -1 : 1;
    return compareBytes(validatorAddress(a.key), validatorAddress(b.key));
  });
}

/** precommit is the tendermint.types.SignedMsgType of the votes in a commit. */
const precommit = 2;

/** voteBytes are what a validator signs: the length-prefixed tendermint.types.CanonicalVote. */
export function voteBytes(chain: string, height: number, round: number, id: BlockID, time: bigint): Uint8Array {
  const vote = concat(
    uint(1, precommit),
    fixed64(2, height),
    fixed64(3, round),
    message(4, blockID(id)),
    message(5, timestamp(time)),
    bytes(6, utf8(chain)),
  );
  return concat(varint(BigInt(vote.length)), vote);
}
