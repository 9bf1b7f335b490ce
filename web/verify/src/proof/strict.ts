/**
 * Checkpoints and dossiers as JSON of which a value has one text, white space
 * apart: mirrors proof/strict.go. The Go side decodes, writes the result again
 * and compares; here the text is held to its own JSON.stringify, which leaves
 * numbers, strings and white space no other form, and the readers below hold each
 * object to the fields of its format in their order.
 */

import { textOf, unbase64, unhex } from "../bytes.ts";
import { Unusable } from "./refutation.ts";

/** parseStrict reads the text as any JSON value in its one form; Unusable for any other bytes. */
export function parseStrict(data: Uint8Array): unknown {
  const text = textOf(data);
  if (text === undefined) throw new Unusable("not valid UTF-8");
  let v: unknown;
  let want: string;
  try {
    v = JSON.parse(text);
    want = JSON.stringify(v);
  } catch (e) {
    throw new Unusable("not JSON: " + (e instanceof Error ? e.message : ""));
  }
  if (want !== text && want !== compact(text)) throw new Unusable("not in the one form of its content");
  return v;
}

/** compact leaves out white space outside strings. */
const compact = (text: string): string => text.replace(/("[^"\\]*(?:\\.[^"\\]*)*")|[ \t\n\r]+/gs, "$1");

/** Fields are the members of one object, read in the order of its format. */
export class Fields {
  private readonly members: [string, unknown][];
  private readonly where: string;
  private at = 0;

  private constructor(members: [string, unknown][], where: string) {
    this.members = members;
    this.where = where;
  }

  /** of reads an object with one function, which has to take every member. */
  static of<T>(v: unknown, where: string, read: (f: Fields) => T): T {
    if (typeof v !== "object" || v === null || Array.isArray(v)) throw new Unusable(`${where} is no object`);
    const f = new Fields(Object.entries(v), where);
    const result = read(f);
    const rest = f.members[f.at];
    if (rest) throw new Unusable(`${where}: ${rest[0]} has no place there`);
    return result;
  }

  fail(name: string, what: string): never {
    throw new Unusable(`${this.where}.${name} ${what}`);
  }

  /** has reports whether an optional member stands next. */
  has(name: string): boolean {
    return this.members[this.at]?.[0] === name;
  }

  /** value is the next member, which has to have this name. */
  value(name: string): unknown {
    const m = this.members[this.at++];
    return m?.[0] === name ? m[1] : this.fail(name, "is missing or out of place");
  }

  text(name: string): string {
    const v = this.value(name);
    // A lone surrogate is no character.
    if (typeof v !== "string" || /\p{Surrogate}/u.test(v)) return this.fail(name, "is no text");
    return v;
  }

  /** number is a whole number between 0 and 2^53-1, or less. */
  number(name: string, most = Number.MAX_SAFE_INTEGER): number {
    const v = this.value(name);
    if (typeof v !== "number" || !Number.isInteger(v) || v < 0 || v > most) return this.fail(name, `is no whole number up to ${most}`);
    return v;
  }

  /** optionalNumber is a number that is left out when it is 0. */
  optionalNumber(name: string): number {
    return this.has(name) ? this.number(name) || this.fail(name, "says nothing") : 0;
  }

  uint32(name: string): number {
    return this.number(name, 0xffffffff);
  }

  /** int64 is a decimal text of a signed integer. */
  int64(name: string): bigint {
    const s = this.text(name);
    const n = /^(?:0|-?[1-9][0-9]{0,18})$/.test(s) ? BigInt(s) : undefined;
    if (n === undefined || n !== BigInt.asIntN(64, n)) return this.fail(name, "is no decimal of 64 bits");
    return n;
  }

  /** hex is so many bytes in lower-case hexadecimal. */
  hex(name: string, length = 32): Uint8Array {
    return bytesOf(this.text(name), length) ?? this.fail(name, `is not ${length} bytes in lower-case hexadecimal`);
  }

  base64(name: string): Uint8Array {
    return unbase64(this.text(name)) ?? this.fail(name, "is no base64");
  }

  /** optionalBase64 is left out when it is empty. */
  optionalBase64(name: string): Uint8Array {
    if (!this.has(name)) return new Uint8Array(0);
    const b = this.base64(name);
    return b.length > 0 ? b : this.fail(name, "says nothing");
  }

  list<T>(name: string, read: (v: unknown, where: string) => T): T[] {
    const v = this.value(name);
    if (!Array.isArray(v)) return this.fail(name, "is no list");
    return v.map((item, i) => read(item, `${this.where}.${name}[${i}]`));
  }

  /** optionalList is a list that is left out when it is empty. */
  optionalList<T>(name: string, read: (v: unknown, where: string) => T): T[] {
    if (!this.has(name)) return [];
    const all = this.list(name, read);
    return all.length > 0 ? all : this.fail(name, "says nothing");
  }

  /** optionalHashes is a list of hashes that is left out when it is empty. */
  optionalHashes(name: string): Uint8Array[] {
    return this.optionalList(name, (v) => (typeof v === "string" ? bytesOf(v, 32) : undefined) ?? this.fail(name, "holds something that is no hash"));
  }

  numbers(name: string): number[] {
    return this.list(name, (v) =>
      typeof v === "number" && Number.isInteger(v) && v >= 0 && v <= Number.MAX_SAFE_INTEGER ? v : this.fail(name, "holds something that is no whole number"),
    );
  }

  object<T>(name: string, read: (f: Fields) => T): T {
    return Fields.of(this.value(name), `${this.where}.${name}`, read);
  }
}

function bytesOf(s: string, length: number): Uint8Array | undefined {
  const b = unhex(s);
  return b?.length === length ? b : undefined;
}
