/**
 * Core deterministic CBOR (RFC 8949, section 4.2.1): what the Go side's
 * identity.MarshalCanonical writes and identity.UnmarshalStrict reads.
 */

import { concat, joined, textOf, utf8, word64 } from "./bytes.ts";

/** EncodingError: the bytes are not the canonical encoding of what they should be. */
export class EncodingError extends Error {
  override name = "EncodingError";
}

const majorUint = 0;
const majorNegative = 1;
const majorBytes = 2;
const majorText = 3;
const majorArray = 4;
const majorMap = 5;
const simpleFalse = 0xf4;
const simpleNull = 0xf6;

// As identity's decoder: more than any state or finding has.
const maxElements = 64 << 10;
const maxPairs = 64;

/**
 * CBORReader reads items one after another: only the shortest heads, only
 * definite lengths. It throws EncodingError at the first byte that is wrong.
 */
export class CBORReader {
  private at = 0;
  private readonly bytes_: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes_ = bytes;
  }

  /** read decodes the whole of b with one function, trailing bytes refused. */
  static read<T>(b: Uint8Array, one: (r: CBORReader) => T): T {
    const r = new CBORReader(b);
    const v = one(r);
    if (r.at < b.length) r.fail("bytes follow");
    return v;
  }

  fail(what: string): never {
    throw new EncodingError(`not canonical CBOR: ${what}, at byte ${this.at}`);
  }

  private head(major: number): bigint {
    const first = this.bytes_[this.at];
    if (first === undefined || first >> 5 !== major) this.fail(`no item of major type ${major}`);
    const short = first & 0x1f;
    this.at++;
    if (short < 24) return BigInt(short);
    if (short > 27) this.fail("an indefinite length");
    const size = 1 << (short - 24);
    if (this.at + size > this.bytes_.length) this.fail("cut off");
    let n = 0n;
    for (let i = 0; i < size; i++) n = (n << 8n) | BigInt(this.bytes_[this.at + i]!);
    this.at += size;
    if (n < (size === 1 ? 24n : 1n << BigInt(4 * size))) this.fail("a longer form than needed");
    return n;
  }

  /** uint64 reads an unsigned integer exactly. */
  uint64(): bigint {
    return this.head(majorUint);
  }

  /** uint reads an unsigned integer; one past 2^53 is Infinity (see word64). */
  uint(): number {
    const n = this.head(majorUint);
    return n > BigInt(Number.MAX_SAFE_INTEGER) ? Infinity : Number(n);
  }

  /** uint32 reads an unsigned integer of at most 32 bits. */
  uint32(): number {
    const n = this.uint();
    return n > 0xffffffff ? this.fail("more than 32 bits") : n;
  }

  /** int64 reads a signed integer of 64 bits. */
  int64(): bigint {
    const negative = (this.bytes_[this.at] ?? 0) >> 5 === majorNegative;
    const n = this.head(negative ? majorNegative : majorUint);
    if (n >= 1n << 63n) this.fail("more than 64 bits");
    return negative ? -1n - n : n;
  }

  text(): string {
    return textOf(this.string(majorText)) ?? this.fail("a text that is not UTF-8");
  }

  bytes(): Uint8Array {
    return this.string(majorBytes);
  }

  /** fixed reads a byte string of one length. */
  fixed(length: number): Uint8Array {
    const b = this.bytes();
    return b.length === length ? b : this.fail(`not ${length} bytes`);
  }

  private string(major: number): Uint8Array {
    const n = this.head(major);
    if (n > BigInt(this.bytes_.length - this.at)) this.fail("cut off");
    const b = this.bytes_.slice(this.at, this.at + Number(n));
    this.at += b.length;
    return b;
  }

  /** list reads an array of any length. */
  list<T>(one: () => T): T[] {
    const n = this.head(majorArray);
    if (n > maxElements) this.fail("too many elements");
    return Array.from({ length: Number(n) }, one);
  }

  /** array reads the head of an array of exactly n elements. */
  array(n: number): void {
    if (this.head(majorArray) !== BigInt(n)) this.fail(`not an array of ${n}`);
  }

  /**
   * fields reads a map of small integers in ascending order, as structs are
   * written; one reads the value of a key it knows and returns true.
   */
  fields(one: (key: number) => boolean): void {
    const n = this.head(majorMap);
    if (n > maxPairs) this.fail("too many fields");
    let before = -1;
    for (let i = 0; i < Number(n); i++) {
      const key = this.uint();
      if (key <= before || !one(key)) this.fail(`no field ${key} here`);
      before = key;
    }
  }

  /** names reads a map of texts in any order, each once. */
  names(one: (name: string) => boolean): void {
    const n = this.head(majorMap);
    if (n > maxPairs) this.fail("too many fields");
    const seen = new Set<string>();
    for (let i = 0; i < Number(n); i++) {
      const name = this.text();
      if (seen.has(name) || !one(name)) this.fail(`no field ${name} here`);
      seen.add(name);
    }
  }

  /** nothing consumes a null where one stands. */
  nothing(): boolean {
    if (this.bytes_[this.at] !== simpleNull) return false;
    this.at++;
    return true;
  }

  /** flag reads true or false. */
  flag(): boolean {
    const b = this.bytes_[this.at++];
    if (b !== simpleFalse && b !== simpleFalse + 1) this.fail("neither true nor false");
    return b === simpleFalse + 1;
  }

  /** skip reads one item of any kind and forgets it. */
  skip(): void {
    const first = this.bytes_[this.at] ?? 0xff;
    switch (first >> 5) {
      case majorUint:
      case majorNegative:
        this.head(first >> 5);
        return;
      case majorBytes:
      case majorText:
        this.string(first >> 5);
        return;
      case majorArray:
        this.list(() => this.skip());
        return;
      case majorMap: {
        const n = this.head(majorMap);
        if (n > maxElements) this.fail("too many fields");
        for (let i = 0; i < 2 * Number(n); i++) this.skip();
        return;
      }
    }
    if (!this.nothing()) this.flag();
  }

  /** need is a field that must have been there. */
  need<T>(v: T | undefined, what: string): T {
    return v ?? this.fail(`no ${what}`);
  }
}

function head(major: number, n: number | bigint): Uint8Array {
  const first = major << 5;
  if (n < 24) return Uint8Array.of(first | Number(n));
  if (n < 0x100) return Uint8Array.of(first | 24, Number(n));
  if (n < 0x10000) return Uint8Array.of(first | 25, Number(n) >> 8, Number(n) & 0xff);
  const word = word64(n);
  return n < 0x100000000 ? concat(Uint8Array.of(first | 26), word.subarray(4)) : concat(Uint8Array.of(first | 27), word);
}

export const cborUint = (n: number | bigint): Uint8Array => head(majorUint, n);
export const cborBytes = (b: Uint8Array): Uint8Array => concat(head(majorBytes, b.length), b);
export const cborArray = (items: Uint8Array[]): Uint8Array => joined([head(majorArray, items.length), ...items]);
export const cborNull = Uint8Array.of(simpleNull);

/** cborInt writes a signed integer. */
export const cborInt = (n: bigint): Uint8Array => (n < 0n ? head(majorNegative, -1n - n) : head(majorUint, n));

export function cborText(s: string): Uint8Array {
  const b = utf8(s);
  return concat(head(majorText, b.length), b);
}
