/**
 * Bytes and their text forms, strictly: for one value there is one text, and
 * every other text is refused.
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** utf8 is the text's bytes. */
export const utf8 = (s: string): Uint8Array => encoder.encode(s);

/** utf8Length is how many bytes the text has. */
export function utf8Length(s: string): number {
  let n = s.length;
  for (let i = 0; i < s.length; i++) {
    const c = s.charCodeAt(i);
    if (c >= 0x80) n += c >= 0x800 && (c < 0xd800 || c > 0xdfff) ? 2 : 1;
  }
  return n;
}

/** textOf reads UTF-8; undefined for any other bytes. */
export function textOf(b: Uint8Array): string | undefined {
  try {
    return decoder.decode(b);
  } catch {
    return undefined;
  }
}

/** compareText orders as Go compares strings: by the bytes of their UTF-8. */
export function compareText(a: string, b: string): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // Surrogates stand for characters beyond U+FFFF, which come last in UTF-8.
    const highX = x >= 0xd800 && x <= 0xdfff;
    const highY = y >= 0xd800 && y <= 0xdfff;
    if (highX !== highY) return highX ? 1 : -1;
    return x < y ? -1 : 1;
  }
  return a.length === b.length ? 0 : a.length < b.length ? -1 : 1;
}

/** compareNumbers orders numbers. */
export const compareNumbers = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);

/** compareBytes orders byte by byte. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    if (a[i] !== b[i]) return a[i]! < b[i]! ? -1 : 1;
  }
  return compareNumbers(a.length, b.length);
}

/** equalBytes reports equal bytes. They are public: it takes no constant time. */
export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && compareBytes(a, b) === 0;

/** concat is the parts, one after another. */
export const concat = (...parts: Uint8Array[]): Uint8Array => joined(parts);

/** joined is concat of a list of any length. */
export function joined(parts: Uint8Array[]): Uint8Array {
  let n = 0;
  for (const p of parts) n += p.length;
  const out = new Uint8Array(n);
  n = 0;
  for (const p of parts) {
    out.set(p, n);
    n += p.length;
  }
  return out;
}

const hexDigits = "0123456789abcdef";
const hexOfByte = Array.from({ length: 256 }, (_, b) => hexDigits[b >> 4]! + hexDigits[b & 15]!);

/** hex is the bytes in lower-case hexadecimal. */
export function hex(b: Uint8Array): string {
  let s = "";
  for (const c of b) s += hexOfByte[c]!;
  return s;
}

const hexValues = new Int8Array(128).fill(-1);
for (let i = 0; i < 16; i++) hexValues[hexDigits.charCodeAt(i)] = i;

/** unhex reads lower-case hexadecimal; undefined for any other text. */
export function unhex(s: string): Uint8Array | undefined {
  if (s.length % 2 !== 0) return undefined;
  const out = new Uint8Array(s.length / 2);
  for (let i = 0; i < out.length; i++) {
    const h = hexValues[s.charCodeAt(2 * i)] ?? -1;
    const l = hexValues[s.charCodeAt(2 * i + 1)] ?? -1;
    if (h < 0 || l < 0) return undefined;
    out[i] = (h << 4) | l;
  }
  return out;
}

const base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

function base64Values(tail: string): Int8Array {
  const values = new Int8Array(128).fill(-1);
  const digits = base64Digits + tail;
  for (let i = 0; i < 64; i++) values[digits.charCodeAt(i)] = i;
  return values;
}

const standard = base64Values("+/");
const forURLs = base64Values("-_");

/**
 * unbase64 reads RFC 4648, section 4, padded and canonical: no line breaks, the
 * bits behind the last byte zero; undefined for any other text.
 */
export function unbase64(s: string): Uint8Array | undefined {
  if (s.length % 4 !== 0) return undefined;
  const digits = s.endsWith("==") ? s.length - 2 : s.endsWith("=") ? s.length - 1 : s.length;
  return decode64(s, digits, standard, true);
}

/** unbase64URL reads RFC 4648, section 5, without padding; undefined for any other text. */
export const unbase64URL = (s: string): Uint8Array | undefined => decode64(s, s.length, forURLs, false);

function decode64(s: string, digits: number, values: Int8Array, canonical: boolean): Uint8Array | undefined {
  if (digits % 4 === 1) return undefined;
  const out = new Uint8Array(Math.floor((digits * 3) / 4));
  let word = 0;
  let bits = 0;
  let n = 0;
  for (let i = 0; i < digits; i++) {
    const v = values[s.charCodeAt(i)] ?? -1;
    if (v < 0) return undefined;
    word = ((word << 6) | v) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[n++] = (word >> bits) & 0xff;
    }
  }
  return canonical && (word & ((1 << bits) - 1)) !== 0 ? undefined : out;
}

/** base64URL is RFC 4648, section 5, without padding. */
export function base64URL(b: Uint8Array): string {
  const digits = base64Digits + "-_";
  let s = "";
  for (let i = 0; i < b.length; i += 3) {
    const word = (b[i]! << 16) | ((b[i + 1] ?? 0) << 8) | (b[i + 2] ?? 0);
    const n = Math.min(3, b.length - i);
    for (let j = 0; j <= n; j++) s += digits[(word >> (18 - 6 * j)) & 63]!;
  }
  return s;
}

/**
 * word64 is an integer of 8 bytes, big-endian. A number holds every integer up
 * to 2^53-1 exactly, and no format here has a greater one; one that a state says
 * nevertheless is read as Infinity and becomes 2^64-1.
 */
export function word64(n: number | bigint): Uint8Array {
  const out = new Uint8Array(8);
  const view = new DataView(out.buffer);
  if (typeof n === "bigint") view.setBigUint64(0, n);
  else if (n > Number.MAX_SAFE_INTEGER) out.fill(0xff);
  else {
    view.setUint32(0, Math.floor(n / 2 ** 32));
    view.setUint32(4, n >>> 0);
  }
  return out;
}
