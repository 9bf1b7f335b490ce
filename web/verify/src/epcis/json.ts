/** Strict JSON: mirrors epcis/json.go and jsontext.go (RFC 8259). */

import { Fault, pointerIndex, pointerName } from "./invalid.ts";
import type { Member, Value } from "./value.ts";

/** maxDepth is how deep JSON objects and arrays may nest, the outermost counted. */
export const maxDepth = 32;

/**
 * parseJSON reads exactly one JSON text, strictly: no byte order mark, no
 * duplicate member names (compared after unescaping), no lone surrogates,
 * nesting up to maxDepth, nothing after the value. Numbers keep the literal that
 * was written. It throws a Fault. That the bytes are UTF-8 is for who decodes
 * them to check (textOf).
 */
export function parseJSON(text: string): Value {
  if (text.charCodeAt(0) === 0xfeff) throw new Fault(0, "starts with a byte order mark; JSON is sent without one");
  const p = new Parser(text);
  p.space();
  const v = p.value(1);
  p.space();
  if (p.at < text.length) p.fail("something follows the JSON value");
  return v;
}

class Parser {
  at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  fail(reason: string): never {
    throw new Fault(this.at, reason);
  }

  space(): void {
    for (; ; this.at++) {
      const c = this.text.charCodeAt(this.at);
      if (c !== 0x20 && c !== 0x0a && c !== 0x09 && c !== 0x0d) return;
    }
  }

  value(depth: number): Value {
    const start = this.at;
    if (start >= this.text.length) this.fail("ends where a value is expected");
    switch (this.text[start]) {
      case "{":
        return this.object(depth);
      case "[":
        return this.array(depth);
      case '"': {
        const str = this.string();
        return { kind: "string", str, start, end: this.at };
      }
      case "t":
        this.word("true");
        return { kind: "bool", bool: true, start, end: this.at };
      case "f":
        this.word("false");
        return { kind: "bool", bool: false, start, end: this.at };
      case "n":
        this.word("null");
        return { kind: "null", start, end: this.at };
    }
    const c = this.text.charCodeAt(start);
    if (c === 0x2d || isDigit(c)) return this.number();
    this.fail("a value is expected here");
  }

  private word(word: string): void {
    if (!this.text.startsWith(word, this.at)) this.fail("a value is expected here");
    this.at += word.length;
  }

  /** number reads -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)? */
  private number(): Value {
    const start = this.at;
    if (this.text[this.at] === "-") this.at++;
    if (this.text[this.at] === "0") this.at++;
    else if (!this.digits()) this.fail("a number needs a digit here");
    if (this.text[this.at] === ".") {
      this.at++;
      if (!this.digits()) this.fail("a number needs a digit after its point");
    }
    if (this.text[this.at] === "e" || this.text[this.at] === "E") {
      this.at++;
      if (this.text[this.at] === "+" || this.text[this.at] === "-") this.at++;
      if (!this.digits()) this.fail("a number needs a digit in its exponent");
    }
    return { kind: "number", str: this.text.slice(start, this.at), start, end: this.at };
  }

  private digits(): boolean {
    const from = this.at;
    while (isDigit(this.text.charCodeAt(this.at))) this.at++;
    return this.at > from;
  }

  private array(depth: number): Value {
    if (depth > maxDepth) this.fail("nests deeper than 32 levels");
    const start = this.at;
    const items: Value[] = [];
    this.at++;
    this.space();
    if (this.text[this.at] === "]") {
      this.at++;
      return { kind: "array", items, start, end: this.at };
    }
    for (;;) {
      this.space();
      try {
        items.push(this.value(depth + 1));
      } catch (e) {
        if (e instanceof Fault) e.pointer = pointerIndex(items.length) + e.pointer;
        throw e;
      }
      this.space();
      if (this.at >= this.text.length) this.fail("ends inside an array");
      const c = this.text[this.at];
      if (c !== "," && c !== "]") this.fail("an array goes on with a comma or ends with ]");
      this.at++;
      if (c === "]") return { kind: "array", items, start, end: this.at };
    }
  }

  private object(depth: number): Value {
    if (depth > maxDepth) this.fail("nests deeper than 32 levels");
    const start = this.at;
    const members: Member[] = [];
    const names = new Set<string>();
    this.at++;
    this.space();
    if (this.text[this.at] === "}") {
      this.at++;
      return { kind: "object", members, start, end: this.at };
    }
    for (;;) {
      this.space();
      if (this.at >= this.text.length) this.fail("ends inside an object");
      if (this.text[this.at] !== '"') this.fail("a member name in double quotes is expected here");
      const at = this.at;
      const name = this.string();
      if (names.has(name)) throw new Fault(at, "the member name occurs twice in one object", pointerName(name));
      names.add(name);
      try {
        this.space();
        if (this.text[this.at] !== ":") this.fail("a colon is expected after a member name");
        this.at++;
        this.space();
        members.push({ name, value: this.value(depth + 1) });
      } catch (e) {
        if (e instanceof Fault) e.pointer = pointerName(name) + e.pointer;
        throw e;
      }
      this.space();
      if (this.at >= this.text.length) this.fail("ends inside an object");
      const c = this.text[this.at];
      if (c !== "," && c !== "}") this.fail("an object goes on with a comma or ends with }");
      this.at++;
      if (c === "}") return { kind: "object", members, start, end: this.at };
    }
  }

  /** string reads a JSON string and leaves the parser behind its closing quote. */
  private string(): string {
    const text = this.text;
    let out = "";
    let from = this.at + 1; // of what was not copied yet
    for (let i = from; ; ) {
      const c = text.charCodeAt(i);
      if (c === 0x22) {
        this.at = i + 1;
        return out + text.slice(from, i);
      }
      if (c === 0x5c) {
        this.at = i;
        out += text.slice(from, i) + this.escape();
        from = i = this.at;
        continue;
      }
      if (c < 0x20 || i >= text.length) {
        this.at = Math.min(i, text.length);
        this.fail(i < text.length ? "a control character in a string must be escaped" : "ends inside a string");
      }
      i++;
    }
  }

  /** escape reads the escape that stands here and leaves the parser behind it. */
  private escape(): string {
    if (this.at + 1 >= this.text.length) this.fail("ends inside a string");
    const c = this.text[this.at + 1]!;
    if (c !== "u") {
      const at = '"\\/bfnrt'.indexOf(c);
      if (at < 0) this.fail("no such escape in a JSON string");
      this.at += 2;
      return '"\\/\b\f\n\r\t'[at]!;
    }
    const unit = this.hex4(this.at + 2);
    if (unit === undefined) this.fail("\\u needs four hexadecimal digits");
    if (unit < 0xd800 || unit > 0xdfff) {
      this.at += 6;
      return String.fromCharCode(unit);
    }
    if (unit <= 0xdbff && this.text.startsWith("\\u", this.at + 6)) {
      const low = this.hex4(this.at + 8);
      if (low !== undefined && low >= 0xdc00 && low <= 0xdfff) {
        this.at += 12;
        return String.fromCharCode(unit, low);
      }
    }
    this.fail("a lone surrogate is no character");
  }

  private hex4(at: number): number | undefined {
    const digits = this.text.slice(at, at + 4);
    return /^[0-9a-fA-F]{4}$/.test(digits) ? parseInt(digits, 16) : undefined;
  }
}

export const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;
