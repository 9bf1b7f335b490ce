/** Hashes and the texts of keys: mirrors the ground types of identity/envelope.go and key.go. */

import { keccak_256 } from "@noble/hashes/sha3.js";
import { sha256 as nobleSHA256 } from "@noble/hashes/sha2.js";
import { concat, hex, utf8, word64 } from "../bytes.ts";

/** Hash has 32 bytes: a SHA-256 hash, or the Keccak-256 digest of EIP-712 where it is an envelope's id. */
export type Hash = Uint8Array;

/**
 * sha256 of the parts, one after another. WebCrypto's is not used: a dossier is
 * two thousand hashes of some hundred bytes, and a promise costs ten times what
 * such a hash does (measured; see README.md).
 */
export const sha256 = (...parts: Uint8Array[]): Hash => nobleSHA256(parts.length === 1 ? parts[0]! : concat(...parts));

export const keccak256 = (...parts: Uint8Array[]): Hash => keccak_256(concat(...parts));

/** zeroHash is 32 zero bytes. */
export const zeroHash: Hash = new Uint8Array(32);

/** chainID is the name that the consensus engine knows the network by: the first 40 hex digits. */
export const chainID = (network: Hash): string => hex(network.subarray(0, 20));

/** addressText is an address as EIP-55 writes it. */
export function addressText(address: Uint8Array): string {
  const digits = hex(address);
  const sum = hex(keccak256(utf8(digits)));
  return "0x" + Array.from(digits, (c, i) => (sum[i]! >= "8" ? c.toUpperCase() : c)).join("");
}

/** word is an integer as a word of the EVM: 32 bytes, right-aligned. */
export const word = (n: number | bigint): Uint8Array => concat(new Uint8Array(24), word64(n));
