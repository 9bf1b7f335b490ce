/** Envelopes: mirrors identity/digest.go, envelope.go and the Verifier of key.go. */

import { secp256k1 } from "@noble/curves/secp256k1.js";
import { concat, equalBytes, utf8 } from "../bytes.ts";
import { type Hash, keccak256, sha256, word } from "./hash.ts";

// Limits of an envelope; part of consensus.
export const maxRecordBytes = 256 << 10;
export const maxRecords = 1000;

const leafPrefix = Uint8Array.of(0x00);

/** recordHash is the RFC 6962 leaf hash of a record's bytes: a leaf under its envelope's records root. */
export const recordHash = (record: Uint8Array): Hash => sha256(leafPrefix, record);

const text = (s: string): Hash => keccak256(utf8(s));
const domainTypeHash = text("EIP712Domain(string name,string version,bytes32 salt)");
const envelopeTypeHash = text("Envelope(string kind,address signer,uint64 notAfter,uint32 count,bytes32 recordsRoot)");
const domainNameHash = text("Waymark");
const domainVersionHash = text("1");

/** EnvelopeHeader is what an envelope's id covers, but for its records root. */
export interface EnvelopeHeader {
  network: Hash;
  kind: string;
  signer: Uint8Array; // 20 bytes
  notAfter: number; // Unix seconds
  count: number;
}

/**
 * envelopeID is the EIP-712 digest that the signer signs, and the envelope's id:
 * keccak256(0x1901 ‖ domainSeparator ‖ hashStruct(envelope)).
 */
export function envelopeID(e: EnvelopeHeader, recordsRoot: Hash): Hash {
  const domain = keccak256(domainTypeHash, domainNameHash, domainVersionHash, e.network);
  const struct = keccak256(
    envelopeTypeHash,
    text(e.kind),
    concat(new Uint8Array(12), e.signer),
    word(e.notAfter),
    word(e.count),
    recordsRoot,
  );
  return keccak256(Uint8Array.of(0x19, 0x01), domain, struct);
}

/** What can be wrong with a signature. */
export type SignatureFault = "public key" | "signer" | "high s" | "signature";

const halfOrder = secp256k1.Point.Fn.ORDER >> 1n;

/**
 * Verifier verifies signatures with one compressed public key, 33 bytes, whose
 * address it knows.
 */
export class Verifier {
  private readonly publicKey: Uint8Array;
  private readonly address: Uint8Array | undefined; // none when it is no public key

  constructor(publicKey: Uint8Array) {
    this.publicKey = publicKey;
    this.address = publicKeyAddress(publicKey);
  }

  /**
   * check verifies r ‖ s, low-s, over an envelope's id; the key has to be the one
   * of the signer's address. It returns what is wrong, undefined for nothing.
   */
  check(id: Hash, signer: Uint8Array, signature: Uint8Array): SignatureFault | undefined {
    if (!this.address) return "public key";
    if (!equalBytes(this.address, signer)) return "signer";
    const s = signature.subarray(32).reduce((n, b) => (n << 8n) | BigInt(b), 0n);
    if (s > halfOrder) return "high s";
    return secp256k1.verify(signature, id, this.publicKey, { prehash: false, lowS: true }) ? undefined : "signature";
  }
}

/** publicKeyAddress is the address of a compressed public key; undefined when it is none. */
export function publicKeyAddress(publicKey: Uint8Array): Uint8Array | undefined {
  if (publicKey.length !== 33) return undefined;
  try {
    return keccak256(secp256k1.Point.fromBytes(publicKey).toBytes(false).subarray(1)).subarray(12);
  } catch {
    return undefined;
  }
}
