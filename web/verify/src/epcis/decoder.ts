/** Fields of a record, read strictly: mirrors the decoder of epcis/decode.go. */

import type { Context } from "./context.ts";
import { Decimal } from "./decimal.ts";
import { canonical, type ID, none } from "./id.ts";
import { Instant } from "./instant.ts";
import { Fault, pointerIndex, pointerName } from "./invalid.ts";
import { nearStandard } from "./standard.ts";
import { get, type Member, type Value, type ValueOf } from "./value.ts";
import { expandVocabulary, type Field } from "./vocabulary.ts";

/**
 * Decoder reads values of one record. p is the JSON Pointer of a value, for the
 * Fault that is thrown at the first thing that is wrong.
 */
export class Decoder {
  readonly context: Context;

  constructor(context: Context) {
    this.context = context;
  }

  fail(v: Value, p: string, reason: string): never {
    throw new Fault(v.start, reason, p);
  }

  /** need checks that one of Waymark's own records has the members that its action needs. */
  need(v: ValueOf<"object">, what: string, ...names: string[]): void {
    for (const name of names) {
      if (!get(v.members, name)) this.fail(v, "", what + (name === "action" ? " needs an action" : " with this action needs " + name));
    }
  }

  str(v: Value, p: string): string {
    return v.kind === "string" ? v.str : this.fail(v, p, "must be a string");
  }

  /**
   * uri reads an identifier as written: not empty, no control characters or
   * spaces, in Unicode normalisation form C.
   */
  uri(v: Value, p: string): string {
    if (v.kind !== "string" || v.str === "") this.fail(v, p, "must be an identifier: a URI in a string");
    const s = v.str;
    // As the Go side reads byte by byte: what stands before the first letter
    // beyond ASCII is looked at first.
    const ascii = /^[\x00-\x7f]*/.exec(s)![0];
    if (/[\x00-\x20\x7f]/.test(ascii)) this.fail(v, p, "an identifier holds no spaces or control characters");
    if (ascii.length < s.length && !isNormal(s)) {
      this.fail(v, p, "an identifier must be in Unicode normalisation form C");
    }
    return s;
  }

  id(v: Value, p: string): ID {
    return canonical(this.uri(v, p));
  }

  vocabulary(field: Field, v: Value, p: string): string {
    return expandVocabulary(field, this.context.compact(this.uri(v, p)));
  }

  instant(v: Value, p: string): Instant {
    if (v.kind !== "string") this.fail(v, p, "must be a date-time in a string");
    const t = Instant.parse(v.str);
    return typeof t === "string" ? this.fail(v, p, t) : t;
  }

  decimal(v: Value, p: string): Decimal {
    if (v.kind !== "number") this.fail(v, p, "must be a number");
    const n = Decimal.parse(v.str);
    return typeof n === "string" ? this.fail(v, p, n) : n;
  }

  items(v: Value, p: string): Value[] {
    return v.kind === "array" ? v.items : this.fail(v, p, "must be a list");
  }

  members(v: Value, p: string): Member[] {
    return v.kind === "object" ? v.members : this.fail(v, p, "must be an object");
  }

  list<T>(v: Value, p: string, one: (item: Value, p: string) => T): T[] {
    return this.items(v, p).map((item, i) => one(item, p + pointerIndex(i)));
  }

  ids(v: Value, p: string): ID[] {
    return this.list(v, p, (item, at) => this.id(item, at));
  }

  uris(v: Value, p: string): string[] {
    return this.list(v, p, (item, at) => this.uri(item, at));
  }

  /** unknown checks the name of a member that the standard does not name there; p is "" in the record itself. */
  unknown(m: Member, p: string, ...names: string[]): void {
    const near = nearStandard(m.name, names);
    if (near) this.fail(m.value, p && p + pointerName(m.name), "differs only in case from the standard's " + near);
  }

  /** location reads {"id": …}. */
  location(v: Value, p: string): ID {
    const members = this.members(v, p);
    for (const m of members) if (m.name !== "id") this.unknown(m, p, "id");
    const id = get(members, "id");
    if (!id) this.fail(v, p, "a location needs an id");
    return this.id(id, p + "/id");
  }

  /** typed reads an object of a type and an identifier, such as a business transaction. */
  typed(v: Value, p: string, member: string): [type: Value | undefined, id: ID] {
    let type: Value | undefined;
    let id = none;
    for (const m of this.members(v, p)) {
      if (m.name === "type") type = m.value;
      else if (m.name === member) id = this.id(m.value, p + "/" + member);
      else this.fail(m.value, p + pointerName(m.name), "is neither type nor " + member);
    }
    if (id === none) this.fail(v, p, "needs a " + member);
    return [type, id];
  }
}

/** As many combining characters in a row are normal; the Go library, which follows UAX #15's stream-safe format, refuses more. */
const maxCombining = 30;

/**
 * isNormal reports text in NFC. Which Unicode version that is depends on the
 * browser, and differs from the Go side's only for characters newer than one of them.
 */
function isNormal(s: string): boolean {
  if (s.normalize("NFC") !== s) return false;
  let run = 0;
  for (const c of s.normalize("NFD")) {
    run = combines(c) ? run + 1 : 0;
    if (run > maxCombining) return false;
  }
  return true;
}

/**
 * combines reports a character of a combining class other than 0: U+0345 has the
 * highest of all, so every other one moves before it.
 */
const combines = (c: string): boolean => c >= "\u0300" && (c === "\u0345" || !("\u0345" + c).normalize("NFD").startsWith("\u0345"));
