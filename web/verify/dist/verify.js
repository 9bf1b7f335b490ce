// sources: 73244108e779363cf9fca52c57b5d14b2b60a1433b5507cc5a2c664d14bebc40
// Generated from web/verify/src by tools/webbuild (make web). Part of Waymark, Apache-2.0.
//
// It includes @noble/curves and @noble/hashes:
//
// The MIT License (MIT)
//
// Copyright (c) 2022 Paul Miller (https://paulmillr.com)
//
// Permission is hereby granted, free of charge, to any person obtaining a copy
// of this software and associated documentation files (the “Software”), to deal
// in the Software without restriction, including without limitation the rights
// to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
// copies of the Software, and to permit persons to whom the Software is
// furnished to do so, subject to the following conditions:
//
// The above copyright notice and this permission notice shall be included in
// all copies or substantial portions of the Software.
//
// THE SOFTWARE IS PROVIDED “AS IS”, WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
// IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
// FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
// AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
// LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
// OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN
// THE SOFTWARE.
var __defProp = Object.defineProperty;
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};

// src/bytes.ts
var bytes_exports = {};
__export(bytes_exports, {
  base64URL: () => base64URL,
  compareBytes: () => compareBytes,
  compareNumbers: () => compareNumbers,
  compareText: () => compareText,
  concat: () => concat,
  equalBytes: () => equalBytes,
  hex: () => hex,
  textOf: () => textOf,
  unbase64: () => unbase64,
  unbase64URL: () => unbase64URL,
  unhex: () => unhex,
  utf8: () => utf8,
  utf8Length: () => utf8Length,
  word64: () => word64
});
var encoder = new TextEncoder();
var decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
var utf8 = (s) => encoder.encode(s);
function utf8Length(s) {
  let n = s.length;
  for (let i = 0; i < s.length; i++) {
    const c = s.charCodeAt(i);
    if (c >= 128) n += c >= 2048 && (c < 55296 || c > 57343) ? 2 : 1;
  }
  return n;
}
function textOf(b) {
  try {
    return decoder.decode(b);
  } catch {
    return void 0;
  }
}
function compareText(a, b) {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const highX = x >= 55296 && x <= 57343;
    const highY = y >= 55296 && y <= 57343;
    if (highX !== highY) return highX ? 1 : -1;
    return x < y ? -1 : 1;
  }
  return a.length === b.length ? 0 : a.length < b.length ? -1 : 1;
}
var compareNumbers = (a, b) => a < b ? -1 : a > b ? 1 : 0;
function compareBytes(a, b) {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
  }
  return compareNumbers(a.length, b.length);
}
var equalBytes = (a, b) => a.length === b.length && compareBytes(a, b) === 0;
function concat(...parts) {
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
var hexDigits = "0123456789abcdef";
var hexOfByte = Array.from({ length: 256 }, (_, b) => hexDigits[b >> 4] + hexDigits[b & 15]);
function hex(b) {
  let s = "";
  for (const c of b) s += hexOfByte[c];
  return s;
}
var hexValues = new Int8Array(128).fill(-1);
for (let i = 0; i < 16; i++) hexValues[hexDigits.charCodeAt(i)] = i;
function unhex(s) {
  if (s.length % 2 !== 0) return void 0;
  const out = new Uint8Array(s.length / 2);
  for (let i = 0; i < out.length; i++) {
    const h = hexValues[s.charCodeAt(2 * i)] ?? -1;
    const l = hexValues[s.charCodeAt(2 * i + 1)] ?? -1;
    if (h < 0 || l < 0) return void 0;
    out[i] = h << 4 | l;
  }
  return out;
}
var base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
function base64Values(tail) {
  const values = new Int8Array(128).fill(-1);
  const digits = base64Digits + tail;
  for (let i = 0; i < 64; i++) values[digits.charCodeAt(i)] = i;
  return values;
}
var standard = base64Values("+/");
var forURLs = base64Values("-_");
function unbase64(s) {
  if (s.length % 4 !== 0) return void 0;
  const digits = s.endsWith("==") ? s.length - 2 : s.endsWith("=") ? s.length - 1 : s.length;
  return decode64(s, digits, standard, true);
}
var unbase64URL = (s) => decode64(s, s.length, forURLs, false);
function decode64(s, digits, values, canonical2) {
  if (digits % 4 === 1) return void 0;
  const out = new Uint8Array(Math.floor(digits * 3 / 4));
  let word2 = 0;
  let bits = 0;
  let n = 0;
  for (let i = 0; i < digits; i++) {
    const v = values[s.charCodeAt(i)] ?? -1;
    if (v < 0) return void 0;
    word2 = (word2 << 6 | v) & 65535;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[n++] = word2 >> bits & 255;
    }
  }
  return canonical2 && (word2 & (1 << bits) - 1) !== 0 ? void 0 : out;
}
function base64URL(b) {
  const digits = base64Digits + "-_";
  let s = "";
  for (let i = 0; i < b.length; i += 3) {
    const word2 = b[i] << 16 | (b[i + 1] ?? 0) << 8 | (b[i + 2] ?? 0);
    const n = Math.min(3, b.length - i);
    for (let j = 0; j <= n; j++) s += digits[word2 >> 18 - 6 * j & 63];
  }
  return s;
}
function word64(n) {
  const out = new Uint8Array(8);
  const view = new DataView(out.buffer);
  if (typeof n === "bigint") view.setBigUint64(0, n);
  else if (n > Number.MAX_SAFE_INTEGER) out.fill(255);
  else {
    view.setUint32(0, Math.floor(n / 2 ** 32));
    view.setUint32(4, n >>> 0);
  }
  return out;
}

// src/epcis/index.ts
var epcis_exports = {};
__export(epcis_exports, {
  Context: () => Context,
  Decimal: () => Decimal,
  Fault: () => Fault,
  Instant: () => Instant,
  canonical: () => canonical,
  checkDigit: () => checkDigit,
  classOf: () => classOf,
  contextURL: () => contextURL,
  decode: () => decode,
  expandVocabulary: () => expandVocabulary,
  get: () => get,
  inLot: () => inLot,
  none: () => none,
  parseJSON: () => parseJSON,
  shortVocabulary: () => shortVocabulary,
  vocabulary: () => vocabulary
});

// src/epcis/invalid.ts
var Fault = class extends Error {
  name = "Fault";
  pointer;
  // JSON Pointer (RFC 6901) to the place; "" is the whole text
  at;
  // place in the text, in UTF-16 units
  reason;
  constructor(at, reason, pointer = "") {
    super(reason);
    this.pointer = pointer;
    this.at = at;
    this.reason = reason;
  }
  /** offset is the byte offset of the place in the text's UTF-8. */
  offset(text2) {
    return utf8Length(text2.slice(0, this.at));
  }
};
function within(pointer, read2) {
  try {
    return read2();
  } catch (e) {
    if (e instanceof Fault) e.pointer = pointer + e.pointer;
    throw e;
  }
}
var pointerName = (name) => "/" + name.replaceAll("~", "~0").replaceAll("/", "~1");
var pointerIndex = (i) => "/" + i;

// src/epcis/standard.ts
var standardNames = new Set(
  "@context id type schemaVersion creationDate instanceIdentifier sender receiver epcisHeader epcisMasterData vocabularyList vocabularyElementList attributes attribute children epcisBody eventList queryResults queryName subscriptionID resultsBody eventID eventTime eventTimeZoneOffset recordTime certificationInfo errorDeclaration declarationTime reason correctiveEventIDs action bizStep disposition persistentDisposition set unset epcList quantityList epcClass quantity uom parentID childEPCs childQuantityList inputEPCList inputQuantityList outputEPCList outputQuantityList transformationID readPoint bizLocation bizTransactionList bizTransaction sourceList source destinationList destination sensorElementList sensorMetadata sensorReport ilmd".split(" ")
);
var standardName = (name) => standardNames.has(name);
var eventNames = "@context type eventID eventTime eventTimeZoneOffset recordTime certificationInfo errorDeclaration action bizStep disposition persistentDisposition epcList quantityList parentID childEPCs childQuantityList inputEPCList inputQuantityList outputEPCList outputQuantityList transformationID readPoint bizLocation bizTransactionList sourceList destinationList sensorElementList ilmd".split(" ");
function nearStandard(name, names2) {
  if (name.includes(":")) return void 0;
  const folded = fold(name);
  return names2.find((standard2) => name !== standard2 && folded === fold(standard2));
}
var fold = (s) => s.replace(/[A-Z]/g, (c) => c.toLowerCase()).replaceAll("K", "k").replaceAll("ſ", "s");

// src/epcis/value.ts
function get(members, name) {
  for (const m of members) if (m.name === name) return m.value;
  return void 0;
}
var isText = (v) => v.kind === "string" || v.kind === "number";

// src/epcis/context.ts
var contextURL = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld";
var vocabulary = "https://waymark-ledger.github.io/voc/";
var maxEntries = 256;
var maxTerms = 1024;
var maxTermChain = 8;
function isEPCISContext(url) {
  switch (url) {
    case contextURL:
    case "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld":
    case "https://ref.gs1.org/standards/epcis/2.0.1/epcis-context.jsonld":
    case "https://gs1.github.io/EPCIS/epcis-context.jsonld":
      return true;
  }
  return false;
}
var standardPrefixes = [
  ["epcis", "https://ref.gs1.org/epcis/"],
  ["cbv", "https://ref.gs1.org/cbv/"],
  ["cbvmda", "urn:epcglobal:cbv:mda:"],
  ["gs1", "https://ref.gs1.org/voc/"],
  ["rdfs", "http://www.w3.org/2000/01/rdf-schema#"],
  ["owl", "http://www.w3.org/2002/07/owl#"],
  ["xsd", "http://www.w3.org/2001/XMLSchema#"],
  ["dcterms", "http://purl.org/dc/terms/"]
];
var Context = class _Context {
  /** The last definition of each term. */
  terms = /* @__PURE__ */ new Map();
  outer;
  /** Reads the value of an "@context" member, in force inside outer; the place of a Fault is relative to it. */
  constructor(v, outer) {
    this.outer = outer;
    let entries;
    if (v.kind === "string" || v.kind === "object") {
      checkEntry(v);
      entries = [v];
    } else if (v.kind === "array") {
      v.items.forEach((entry, i) => within(pointerIndex(i), () => checkEntry(entry)));
      entries = v.items;
    } else {
      throw new Fault(v.start, "a context is a URL, an object of terms, or a list of these");
    }
    let terms = 0;
    for (const entry of entries) if (entry.kind === "object") terms += entry.members.length;
    if (entries.length > maxEntries || terms > maxTerms) {
      throw new Fault(v.start, "a context has at most 256 entries and 1024 terms");
    }
    for (const entry of entries) this.define(entry);
  }
  define(entry) {
    if (entry.kind === "object") {
      for (const m of entry.members) this.terms.set(m.name, m.value);
    } else if (entry.kind === "string" && isEPCISContext(entry.str)) {
      for (const [prefix, str] of standardPrefixes) this.terms.set(prefix, { kind: "string", str, start: 0, end: 0 });
    }
  }
  /** lookup is the definition of a term in force; the innermost wins. */
  lookup(term) {
    for (let c = this; c; c = c.outer) {
      const v = c.terms.get(term);
      if (v) return v;
    }
    return void 0;
  }
  /**
   * resolve is what a term means within a chain of definitions, "" when no
   * context in force defines it; undefined means that the chain does not end, and
   * then nothing that led to it is defined.
   */
  resolve(name, chain) {
    if (chain >= maxTermChain) return void 0;
    let v = this.lookup(name);
    if (v?.kind === "object") v = get(v.members, "@id");
    if (v?.kind !== "string") return "";
    const compact2 = cutCompact(v.str);
    if (!compact2) return v.str;
    const outer = this.resolve(compact2[0], chain + 1);
    if (outer === void 0) return void 0;
    return outer === "" ? v.str : outer + compact2[1];
  }
  term(name) {
    return this.resolve(name, 0) ?? "";
  }
  /** compact expands a compact IRI when its prefix is defined, and returns anything else as it stands. */
  compact(s) {
    const parts = cutCompact(s);
    const iri = parts ? this.term(parts[0]) : "";
    return parts && iri ? iri + parts[1] : s;
  }
  /**
   * name expands the name of a member that the standard does not name: a compact
   * IRI, a term, or a word under "@vocab". What nothing defines stays verbatim.
   */
  name(s) {
    if (s.startsWith("@")) return s;
    const iri = this.term(s);
    if (iri) return iri;
    if (s.includes(":")) return this.compact(s);
    const base = this.lookup("@vocab");
    return base?.kind === "string" ? base.str + s : s;
  }
  /** expand is v with the member names of every object in it expanded, contexts of nested objects included. */
  expand(v) {
    switch (v.kind) {
      case "object":
        return { ...v, members: this.expandMembers(v.members) };
      case "array":
        return { ...v, items: v.items.map((item, i) => within(pointerIndex(i), () => this.expand(item))) };
    }
    return v;
  }
  /** expandMembers expands the names of one object. Two that mean the same are a Fault. */
  expandMembers(members) {
    const own = get(members, "@context");
    const c = own ? within("/@context", () => new _Context(own, this)) : this;
    return c.expandOnly(members, () => true);
  }
  /** expandOnly expands the members that keep reports, in this context alone. */
  expandOnly(members, keep) {
    const out = [];
    const seen = /* @__PURE__ */ new Set();
    for (const m of members) {
      if (!keep(m.name)) continue;
      const name = m.name === "@context" ? m.name : this.name(m.name);
      const value = name === "@context" ? m.value : within(pointerName(m.name), () => this.expand(m.value));
      out.push({ name, value });
    }
    for (const m of out) {
      if (seen.has(m.name)) throw new Fault(m.value.start, "two members of this object both mean " + m.name);
      seen.add(m.name);
    }
    return out;
  }
};
function checkEntry(v) {
  if (v.kind === "string") {
    if (!v.str.includes(":")) throw new Fault(v.start, "a context is cited by an absolute URL");
    return;
  }
  if (v.kind !== "object") throw new Fault(v.start, "a context is a URL or an object of terms");
  for (const m of v.members) within(pointerName(m.name), () => checkTerm(m.name, m.value));
}
function checkTerm(term, v) {
  if (term.startsWith("@")) return;
  let iri = v;
  if (v.kind === "object") iri = get(v.members, "@id");
  else if (v.kind !== "string" && v.kind !== "null") {
    throw new Fault(v.start, "a term is defined by an IRI or an object");
  }
  if (iri?.kind === "string" && iri.str.startsWith("@")) {
    throw new Fault(v.start, "a term must not stand for a keyword of JSON-LD");
  }
  switch (term) {
    case "urn":
    case "http":
    case "https":
    case "ni":
    case "did":
    case "geo":
    case "tag":
      throw new Fault(v.start, "a URI scheme cannot be a prefix");
    case "epcis":
    case "cbv":
    case "gs1":
      if (iri?.kind !== "string" || !ownNamespace(term, iri.str)) {
        throw new Fault(v.start, "a prefix of the EPCIS context cannot be given another meaning");
      }
      return;
  }
  if (standardName(term)) throw new Fault(v.start, "a term of the EPCIS context cannot be given another meaning");
}
function ownNamespace(prefix, iri) {
  switch (prefix) {
    case "epcis":
      return iri === "https://ref.gs1.org/epcis/" || iri === "https://ns.gs1.org/epcis/";
    case "cbv":
      return iri === "https://ref.gs1.org/cbv/" || iri === "https://ns.gs1.org/cbv/";
  }
  return iri === "https://ref.gs1.org/voc/" || iri === "https://gs1.org/voc/" || iri === "https://www.gs1.org/voc/";
}
function cutCompact(s) {
  const colon = s.indexOf(":");
  if (colon < 0) return void 0;
  const prefix = s.slice(0, colon);
  const rest = s.slice(colon + 1);
  return rest.startsWith("//") || prefix === "_" || prefix === "urn" ? void 0 : [prefix, rest];
}

// src/epcis/decimal.ts
var maxDecimalDigits = 34;
var maxDecimalPlaces = 64;
var Decimal = class _Decimal {
  coefficient;
  exponent;
  constructor(coefficient, exponent) {
    this.coefficient = coefficient;
    this.exponent = exponent;
  }
  /** parse reads a JSON number or an xsd:decimal, exponent allowed; the text of the mistake when it is none. */
  static parse(s) {
    const form2 = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?$/.exec(s);
    const whole2 = form2?.[2] ?? "";
    const fraction = form2?.[3] ?? "";
    if (!form2 || whole2 + fraction === "") return "not a decimal number";
    const digits = (whole2 + fraction).replace(/^0+/, "");
    let end = digits.length;
    while (digits.charCodeAt(end - 1) === 48) end--;
    const kept = digits.slice(0, end);
    const range = `a decimal number of more than ${maxDecimalDigits} significant digits, or ${maxDecimalPlaces} before or after the point`;
    if (kept.length > maxDecimalDigits) return range;
    if (kept === "") return new _Decimal(0n, 0);
    const e = Math.max(-(2 ** 32), Math.min(2 ** 32, Number(form2[4] ?? 0)));
    const exponent = e - fraction.length + digits.length - kept.length;
    if (exponent < -maxDecimalPlaces || kept.length + exponent > maxDecimalPlaces) return range;
    return new _Decimal(BigInt(form2[1] === "-" ? "-" + kept : kept), exponent);
  }
  /** scaled is both coefficients at the smaller of two exponents. */
  scaled(y) {
    const exponent = Math.min(this.exponent, y.exponent);
    const at = (d) => d.coefficient * 10n ** BigInt(d.exponent - exponent);
    return [at(this), at(y), exponent];
  }
  /** compare is -1, 0 or +1. */
  compare(y) {
    const [a, b] = this.scaled(y);
    return a < b ? -1 : a > b ? 1 : 0;
  }
  /** add is the sum, exactly. */
  add(y) {
    const [a, b, exponent] = this.scaled(y);
    return new _Decimal(a + b, exponent);
  }
  /** toString is the one canonical text: plain, without exponent, without trailing zeros after the point. */
  toString() {
    const negative = this.coefficient < 0n;
    let digits = (negative ? -this.coefficient : this.coefficient).toString();
    if (digits === "0") return "0";
    if (this.exponent >= 0) digits += "0".repeat(this.exponent);
    else {
      digits = digits.padStart(1 - this.exponent, "0");
      const point = digits.length + this.exponent;
      const fraction = digits.slice(point).replace(/0+$/, "");
      digits = digits.slice(0, point) + (fraction ? "." + fraction : "");
    }
    return negative ? "-" + digits : digits;
  }
  toJSON() {
    return this.toString();
  }
};

// src/epcis/gs1.ts
var set82 = /^[0-9A-Za-z_!"%-/:-?]*$/;
var set39 = /^[0-9A-Z#\-/]*$/;
var numeric = /^[0-9]*$/;
var spec = (ai, name, digits, tail = 0, set = set82) => ({ ai, name, digits, tail, set });
var primaryKeys = new Map(
  [
    ["sscc", spec("00", "SSCC", 18)],
    ["gtin", spec("01", "GTIN", 14)],
    ["gdti", spec("253", "GDTI", 13, 17)],
    ["gcn", spec("255", "GCN", 13, 12, numeric)],
    ["ginc", spec("401", "GINC", 0, 30)],
    ["gsin", spec("402", "GSIN", 17)],
    ["gln", spec("414", "GLN", 13)],
    ["party", spec("417", "party GLN", 13)],
    ["grai", spec("8003", "GRAI", 14, 16)],
    ["giai", spec("8004", "GIAI", 0, 30)],
    ["itip", spec("8006", "ITIP", 14, 4, numeric)],
    ["cpid", spec("8010", "CPID", 0, 30, set39)],
    ["gsrnp", spec("8017", "GSRN of a provider", 18)],
    ["gsrn", spec("8018", "GSRN of a recipient", 18)]
  ].flatMap(([name, s]) => [[name, s], [s.ai, s]])
);
var primaryKey = (code) => primaryKeys.get(code);
function qualifier(primary, code) {
  switch (primary) {
    case "01":
    case "8006":
      switch (code) {
        case "22":
        case "cpv":
          return { ai: "22", name: "consumer product variant", most: 20, set: set82, rank: 1 };
        case "10":
        case "lot":
          return { ai: "10", name: "lot", most: 20, set: set82, rank: 2 };
        case "21":
        case "ser":
          return { ai: "21", name: "serial number", most: 20, set: set82, rank: 3 };
        case "235":
          return primary === "01" ? { ai: "235", name: "third-party serial number", most: 28, set: set82, rank: 4 } : void 0;
      }
      return void 0;
    case "414":
      return code === "254" || code === "glnx" ? { ai: "254", name: "GLN extension", most: 20, set: set82, rank: 1 } : void 0;
    case "8010":
      return code === "8011" || code === "cpsn" ? { ai: "8011", name: "CPID serial number", most: 12, set: numeric, rank: 1 } : void 0;
    case "8017":
    case "8018":
      return code === "8019" || code === "srin" ? { ai: "8019", name: "service relation instance number", most: 10, set: numeric, rank: 1 } : void 0;
  }
  return void 0;
}
var newKey = (s) => ({ spec: s, value: "", qualifier: "", qvalue: "", lot: "" });
function checkKey(k) {
  const s = k.spec;
  const v = k.value;
  if (v.length > s.digits + s.tail) return s.name + " is too long";
  if (s.digits === 0) {
    if (!/^[0-9]{4}/.test(v)) return s.name + " does not begin with a GS1 company prefix";
  } else {
    if (v.length < s.digits) return s.name + " is too short";
    if (!numeric.test(v.slice(0, s.digits))) return s.name + " has a letter where a digit belongs";
    if (checkDigit(v.slice(0, s.digits - 1)) !== v[s.digits - 1]) return s.name + " has a wrong check digit";
  }
  if (!s.set.test(v.slice(s.digits))) return s.name + " has a character that GS1 does not allow there";
  switch (s.ai) {
    case "8003":
      return v[0] === "0" ? "" : "GRAI does not begin with 0";
    case "8006": {
      if (v.length !== 18) return "ITIP is too short";
      const piece = v.slice(14, 16);
      return piece === "00" || piece > v.slice(16) ? "ITIP counts a piece that its total does not have" : "";
    }
  }
  return "";
}
function checkQualifier(q, v) {
  if (v === "") return q.name + " is empty";
  if (v.length > q.most) return q.name + " is too long";
  if (!q.set.test(v)) return q.name + " has a character that GS1 does not allow there";
  return q.ai === "8011" && v[0] === "0" ? "CPID serial number begins with 0" : "";
}
function qualify(k, q, v) {
  const reason = checkQualifier(q, v);
  if (reason) return reason;
  switch (q.ai) {
    case "22":
    case "8019":
      return "";
    case "254":
      if (v === "0") return "";
      break;
    case "21":
      if (k.qualifier === "10") k.lot = k.qvalue;
  }
  k.qualifier = q.ai;
  k.qvalue = v;
  return "";
}
function levelOf(k) {
  switch (k.spec.ai) {
    case "00":
    case "8004":
      return "item";
    case "01":
    case "8006":
      if (k.qualifier === "21" || k.qualifier === "235") return "item";
      return k.qualifier === "10" ? "lot" : "class";
    case "8003":
      return k.value.length > 14 ? "item" : "class";
    case "8010":
      return k.qualifier ? "item" : "class";
    case "414":
      return "place";
    case "417":
      return "party";
  }
  return "document";
}
var allDigits = (s) => numeric.test(s);
function checkDigit(digits) {
  let sum = 0;
  for (let i = digits.length - 1, weight = 3; i >= 0; i--, weight = 4 - weight) sum += weight * Number(digits[i]);
  return String((10 - sum % 10) % 10);
}
function unescape(s) {
  if (!s.includes("%")) return s;
  if (/%(?![0-9A-Fa-f]{2})/.test(s)) return void 0;
  return s.replace(/%(..)/g, (_, h) => String.fromCharCode(parseInt(h, 16)));
}
var escapeLink = (s) => s.replace(/[^0-9A-Za-z\-._~';=]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0"));

// src/epcis/urn.ts
var Broken = class {
  reason;
  constructor(reason) {
    this.reason = reason;
  }
};
function epcURN(rest) {
  const [kind, tail] = cut(rest, ":");
  const [scheme, body] = cut(tail ?? "", ":");
  if (!body) return new Broken("not of the form urn:epc:id:scheme:value");
  switch (kind) {
    case "id": {
      const reason = otherEPC(scheme, body);
      if (reason !== void 0) return reason ? new Broken(reason) : "item";
      break;
    }
    case "class":
      if (scheme !== "lgtin") return new Broken("unknown EPC class scheme");
      break;
    case "idpat":
      return read((r) => r.pattern(scheme, body));
    case "tag":
    case "raw":
    case "pat":
      return "opaque";
    // the contents of an RFID tag; they name no key by themselves
    default:
      return new Broken("not of the form urn:epc:id:scheme:value");
  }
  return read((r) => r.key(kind, scheme, body));
}
function read(one) {
  const r = new URNReader();
  try {
    one(r);
  } catch (e) {
    if (e instanceof Broken) return e;
    throw e;
  }
  return r.k;
}
var URNReader = class {
  k = newKey(primaryKey("01"));
  /** key reads the body of urn:epc:id:<scheme>: or urn:epc:class:lgtin:. */
  key(kind, scheme, body) {
    if (scheme === "lgtin" !== (kind === "class")) throw new Broken("lgtin is a class, urn:epc:class:lgtin:");
    switch (scheme) {
      case "sgtin":
        return this.ending(this.partition("01", body, 13, true), "21");
      case "upui":
        return this.ending(this.partition("01", body, 13, true), "235");
      case "lgtin":
        return this.ending(this.partition("01", body, 13, true), "10");
      case "itip":
        return this.ending(this.pieces(this.partition("8006", body, 13, true)), "21");
      case "sscc":
        return whole(this.partition("00", body, 17, true));
      case "gsrn":
      case "gsrnp":
        return whole(this.partition(scheme, body, 17, false));
      case "gsin":
        return whole(this.partition("402", body, 16, false));
      case "pgln":
        return whole(this.partition("417", body, 12, false));
      case "sgln":
        return this.ending(this.partition("414", body, 12, false), "254");
      case "grai":
      case "gdti":
      case "sgcn": {
        const rest = this.partition(documentKey(scheme), body, 12, false, scheme === "grai" ? "0" : "");
        if (rest === "" || rest === ".") throw new Broken("the serial number is missing");
        this.k.value += unescapeURN(rest.slice(1));
        return this.check();
      }
      case "giai":
      case "ginc":
        return this.prefixed(scheme, body);
      case "cpi": {
        const dot = body.lastIndexOf(".");
        if (dot < 0) {
          throw new Broken("the serial number is missing");
        }
        this.prefixed("8010", body.slice(0, dot));
        return this.ending(body.slice(dot), "8011");
      }
    }
    throw new Broken("unknown EPC scheme");
  }
  /** pattern reads a pattern that leaves open nothing but the serial number, the way EPCIS writes a class. */
  pattern(scheme, body) {
    const head2 = body.slice(0, -2);
    if (!body.endsWith(".*") || head2.includes("*")) throw new Broken("a pattern that names no class");
    switch (scheme) {
      case "sgtin":
      case "upui":
        return whole(this.partition("01", head2, 13, true));
      case "itip":
        return whole(this.pieces(this.partition("8006", head2, 13, true)), () => this.check());
      case "sgln":
        return whole(this.partition("414", head2, 12, false));
      case "grai":
      case "gdti":
      case "sgcn":
        return whole(this.partition(documentKey(scheme), head2, 12, false, scheme === "grai" ? "0" : ""));
      case "cpi":
        return this.prefixed("8010", head2);
    }
    throw new Broken("a pattern of a scheme that has no class");
  }
  check() {
    const reason = checkKey(this.k);
    if (reason) throw new Broken(reason);
  }
  /**
   * partition reads "prefix.reference", total digits between them, and adds the
   * check digit. The prefix has 6 to 12 digits; with indicator, the reference's
   * first digit stands before the prefix in the key. It returns what follows,
   * with the point before it.
   */
  partition(code, body, total, indicator, first = "") {
    this.k.spec = primaryKey(code);
    const name = this.k.spec.name;
    const [prefix, tail] = cut(body, ".");
    if (tail === void 0 || prefix.length < 6 || prefix.length > 12) {
      throw new Broken("the company prefix does not have 6 to 12 digits");
    }
    const n = total - prefix.length;
    const ref = tail.slice(0, n);
    const rest = tail.slice(n);
    if (ref.length < n || rest !== "" && rest[0] !== ".") {
      throw new Broken(name + " does not have the right number of digits");
    }
    if (!allDigits(prefix + ref)) throw new Broken(name + " has a letter where a digit belongs");
    const digits = first + (indicator ? ref[0] + prefix + ref.slice(1) : prefix + ref);
    this.k.value = digits + checkDigit(digits);
    return rest;
  }
  /** pieces reads the ".piece.total" of an ITIP. */
  pieces(s) {
    if (!/^\.[0-9]{2}\.[0-9]{2}/.test(s)) throw new Broken("ITIP without piece and total");
    this.k.value += s.slice(1, 3) + s.slice(4, 6);
    return s.slice(6);
  }
  /** prefixed reads "prefix.reference" where the reference may hold letters. */
  prefixed(code, body) {
    this.k.spec = primaryKey(code);
    const [prefix, ref] = cut(body, ".");
    if (ref === void 0 || prefix.length < 6 || prefix.length > 12 || !allDigits(prefix)) {
      throw new Broken("the company prefix does not have 6 to 12 digits");
    }
    if (ref === "") throw new Broken(this.k.spec.name + " is too short");
    this.k.value = prefix + unescapeURN(ref);
    this.check();
  }
  /** ending reads ".serial" as the qualifier ai, and checks the whole key. */
  ending(rest, ai) {
    if (rest[0] !== ".") throw new Broken("the serial number is missing");
    this.check();
    const reason = qualify(this.k, qualifier(this.k.spec.ai, ai), unescapeURN(rest.slice(1)));
    if (reason) throw new Broken(reason);
  }
};
var documentKey = (scheme) => scheme === "sgcn" ? "gcn" : scheme;
function whole(rest, check) {
  check?.();
  if (rest !== "") throw new Broken("something follows the key");
}
function unescapeURN(s) {
  if (/["&/<>?#]/.test(s)) throw new Broken("a character that an EPC URN must escape");
  const v = unescape(s);
  if (v === void 0) throw new Broken("broken percent-encoding");
  return v;
}
function otherEPC(scheme, body) {
  const parts = body.split(".").length;
  switch (scheme) {
    case "bic":
      return checkBIC(body);
    case "imovn":
      return checkIMO(body);
    case "adi":
      return parts === 3 ? "" : "ADI is not of the form CAGE.part.serial";
    case "usdod":
      return parts === 2 ? "" : "USDOD is not of the form CAGE.serial";
    case "gid":
      return parts === 3 ? "" : "GID is not of the form manager.class.serial";
  }
  return void 0;
}
function checkBIC(s) {
  if (s.length !== 11) return "a container number has eleven characters";
  if (!/^[A-Z]{4}[0-9]{6}/.test(s)) return "a container number is four capital letters and seven digits";
  let sum = 0;
  for (let i = 0; i < 10; i++) {
    let v = s.charCodeAt(i) - 48;
    if (i < 4) {
      v = s.charCodeAt(i) - 65 + 10;
      v += Math.floor((v - 1) / 10);
    }
    sum += v * 2 ** i;
  }
  return s[10] === String(sum % 11 % 10) ? "" : "container number has a wrong check digit";
}
function checkIMO(s) {
  if (s.length !== 7 || !allDigits(s)) return "an IMO number has seven digits";
  let sum = 0;
  for (let i = 0; i < 6; i++) sum += Number(s[i]) * (7 - i);
  return s[6] === String(sum % 10) ? "" : "IMO number has a wrong check digit";
}
function cut(s, separator) {
  const at = s.indexOf(separator);
  return at < 0 ? [s, void 0] : [s.slice(0, at), s.slice(at + separator.length)];
}

// src/epcis/digitallink.ts
var linkRoot = "https://id.gs1.org";
function digitalLink(uri) {
  const rest = uri.slice(uri.indexOf("://") + 3);
  const slash = rest.indexOf("/");
  if (slash < 0) return void 0;
  const host = rest.slice(0, slash);
  if (!/^[0-9A-Za-z\-._~:[\]%]+$/.test(host)) return void 0;
  const path = /^[^?#]*/.exec(rest.slice(slash))[0];
  const own = host.toLowerCase() === "id.gs1.org";
  const found = link(path, own);
  if (!found && own && path.length > 1 && !otherKey(path)) {
    return new Broken("no GS1 key in a Digital Link of id.gs1.org");
  }
  return found;
}
function otherKey(path) {
  const [code] = cut(path.slice(1), "/");
  return code === "8013" || code === "gmn" || code === "415" || code === "payTo";
}
function link(path, own) {
  const parts = path.split("/");
  let at = parts.length - 2;
  let spec2;
  for (; at > 0; at -= 2) {
    spec2 = primaryKey(parts[at]);
    if (spec2) break;
  }
  if (!spec2) return void 0;
  const value = parts[at + 1];
  if (!own && !looksGS1(spec2, value)) return void 0;
  const k = newKey(spec2);
  const primary = unescape(padded(spec2, value));
  if (primary === void 0) return new Broken("broken percent-encoding");
  k.value = primary;
  const reason = checkKey(k);
  if (reason) return new Broken(reason);
  let rank = 0;
  for (let i = at + 2; i < parts.length; i += 2) {
    const code = parts[i];
    if (code === "7040") return void 0;
    const q = qualifier(spec2.ai, code);
    if (!q) return new Broken(`AI ${code} does not qualify a ${spec2.name}`);
    if (q.rank <= rank || q.rank === 4 && rank > 0) return new Broken("qualifiers are in the wrong order");
    rank = q.rank;
    const v = unescape(parts[i + 1]);
    if (v === void 0) return new Broken("broken percent-encoding");
    const wrong = qualify(k, q, v);
    if (wrong) return new Broken(wrong);
  }
  return k;
}
var padded = (spec2, value) => spec2.ai === "01" && [8, 12, 13].includes(value.length) ? value.padStart(14, "0") : value;
function looksGS1(s, value) {
  const n = /^[0-9]*/.exec(value)[0].length;
  if (s.digits === 0) return n >= 4;
  return s.tail > 0 ? n >= 13 : n >= 8 && n === value.length;
}

// src/epcis/id.ts
var none = { uri: "", level: "opaque", lot: "", malformed: "" };
function canonical(uri) {
  const bytes2 = byteText(uri);
  let read2;
  if (/^urn:epc:/i.test(uri)) read2 = epcURN(bytes2.slice("urn:epc:".length));
  else if (/^https?:\/\//i.test(uri)) read2 = digitalLink(bytes2);
  if (read2 instanceof Broken) return { uri: normalised(uri), level: "opaque", lot: "", malformed: read2.reason };
  if (read2 === void 0 || typeof read2 === "string") {
    return { uri: normalised(uri), level: read2 ?? "opaque", lot: "", malformed: "" };
  }
  return idOf(read2);
}
function byteText(s) {
  return /^[\x00-\x7f]*$/.test(s) ? s : Array.from(utf8(s), (c) => String.fromCharCode(c)).join("");
}
function idOf(k) {
  let uri = `${linkRoot}/${k.spec.ai}/${escapeLink(k.value)}`;
  if (k.qualifier) uri += `/${k.qualifier}/${escapeLink(k.qvalue)}`;
  return { uri, level: levelOf(k), lot: k.lot, malformed: "" };
}
var normalised = (s) => /^[\x00-\x7f]*$/.test(s) ? s : s.normalize("NFC");
function classOf(id) {
  if (id.level === "class") return id;
  if (id.level !== "item" && id.level !== "lot" || !id.uri.startsWith(linkRoot + "/")) return none;
  let [ai, value] = cut(id.uri.slice(linkRoot.length + 1), "/");
  [value] = cut(value, "/");
  switch (ai) {
    case "8003":
      value = value.slice(0, 14);
      break;
    case "01":
    case "8006":
    case "8010":
      break;
    default:
      return none;
  }
  return { uri: `${linkRoot}/${ai}/${value}`, level: "class", lot: "", malformed: "" };
}
function inLot(id, number) {
  const c = classOf(id);
  if (!c.uri.startsWith(linkRoot + "/")) return none;
  const [ai, value] = cut(c.uri.slice(linkRoot.length + 1), "/");
  if (ai !== "01" && ai !== "8006" || value === void 0) return none;
  const lot = byteText(number);
  if (checkQualifier(qualifier(ai, "10"), lot)) return none;
  return idOf({ ...newKey(primaryKey(ai)), value: unescape(value) ?? value, qualifier: "10", qvalue: lot });
}

// src/epcis/instant.ts
var secondsPerDay = 86400;
var minInstant = -62135596800;
var maxInstant = 253402300799;
var form = /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?(.*)$/s;
var zone = /^(?:Z|([+-])([0-9]{2}):([0-9]{2}))$/;
var Instant = class _Instant {
  seconds;
  nanos;
  constructor(seconds, nanos = 0) {
    this.seconds = seconds;
    this.nanos = nanos;
  }
  /**
   * parse reads an xsd:dateTimeStamp (XML Schema 1.1 part 2, section 3.4.28), the
   * form of every time in EPCIS 2.0: a four-digit year, an obligatory time zone
   * of at most 14 hours, up to nine fraction digits. 24:00:00 is midnight at the
   * end of its day. Leap seconds are refused. What is none gives the text of the
   * mistake.
   */
  static parse(s) {
    const parts = form.exec(s);
    if (!parts) return "not a date and time like 2026-11-22T10:00:00.000+01:00";
    const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number);
    const fraction = parts[7] ?? "";
    const rest = parts[8];
    if (fraction.length > 9) return "more than nine digits after the second's decimal point";
    const offset = zoneOffset(rest);
    if (typeof offset === "string") return offset;
    const nanos = Number(fraction.padEnd(9, "0"));
    if (second === 60) return "leap seconds have no place on the ledger's time line";
    if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || minute > 59 || second > 59 || hour > 24 || hour === 24 && (minute !== 0 || second !== 0 || nanos !== 0)) {
      return "no such date or time of day";
    }
    const seconds = daysFromCivil(year, month, day) * secondsPerDay + hour * 3600 + minute * 60 + second - offset;
    if (year === 0 || seconds < minInstant || seconds > maxInstant) return "outside the years 0001 to 9999";
    return new _Instant(seconds, nanos);
  }
  /** ofUnixNano is the instant so many nanoseconds after the Unix epoch. */
  static ofUnixNano(ns) {
    const nanos = (ns % 1000000000n + 1000000000n) % 1000000000n;
    return new _Instant(Number((ns - nanos) / 1000000000n), Number(nanos));
  }
  /** isZero reports the Unix epoch, which no record of a trade states. */
  isZero() {
    return this.seconds === 0 && this.nanos === 0;
  }
  /** compare is -1, 0 or +1 as this is before, equal to or after u. */
  compare(u) {
    const d = this.seconds - u.seconds || this.nanos - u.nanos;
    return d < 0 ? -1 : d > 0 ? 1 : 0;
  }
  before(u) {
    return this.compare(u) < 0;
  }
  /** add is the instant moved by whole seconds. */
  add(seconds) {
    return new _Instant(this.seconds + seconds, this.nanos);
  }
  /** toString is RFC 3339 in UTC with Z and as many fraction digits as are needed. */
  toString() {
    const days = Math.floor(this.seconds / secondsPerDay);
    const rest = this.seconds - days * secondsPerDay;
    const [year, month, day] = civilFromDays(days);
    const two = (n) => String(n).padStart(2, "0");
    const years = year < 0 ? "-" + String(-year).padStart(4, "0") : String(year).padStart(4, "0");
    const time = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60].map(two).join(":");
    const fraction = this.nanos ? "." + String(this.nanos).padStart(9, "0").replace(/0+$/, "") : "";
    return `${years}-${two(month)}-${two(day)}T${time}${fraction}Z`;
  }
  toJSON() {
    return this.toString();
  }
};
function zoneOffset(s) {
  if (s === "") return "date and time without a time zone (Z or ±hh:mm)";
  const parts = zone.exec(s);
  if (!parts) return "not a date and time like 2026-11-22T10:00:00.000+01:00";
  if (s === "Z") return 0;
  const h = Number(parts[2]);
  const m = Number(parts[3]);
  if (m > 59 || h > 14 || h === 14 && m > 0) return "no such date or time of day";
  return (parts[1] === "-" ? -1 : 1) * (h * 3600 + m * 60);
}
function daysIn(year, month) {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
function daysFromCivil(year, month, day) {
  if (month <= 2) year--;
  const era = Math.floor(year / 400);
  const yoe = year - era * 400;
  const doy = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const doe = yoe * 365 + Math.floor(yoe / 4) - Math.floor(yoe / 100) + doy;
  return era * 146097 + doe - 719468;
}
function civilFromDays(days) {
  days += 719468;
  const era = Math.floor(days / 146097);
  const doe = days - era * 146097;
  const yoe = Math.floor(
    (doe - Math.floor(doe / 1460) + Math.floor(doe / 36524) - Math.floor(doe / 146096)) / 365
  );
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const month = (mp + 2) % 12 + 1;
  return [yoe + era * 400 + (month <= 2 ? 1 : 0), month, doy - Math.floor((153 * mp + 2) / 5) + 1];
}

// src/epcis/vocabulary.ts
var namespaceEPCIS = "https://ref.gs1.org/epcis/";
var namespaceCBV = "https://ref.gs1.org/cbv/";
var namespaceGS1 = "https://ref.gs1.org/voc/";
var namespaceCBVMD = "urn:epcglobal:cbv:mda:";
var prefixes = {
  bizStep: namespaceCBV + "BizStep-",
  disposition: namespaceCBV + "Disp-",
  bizTransaction: namespaceCBV + "BTT-",
  // the type of a bizTransactionList entry
  sourceDestination: namespaceCBV + "SDT-",
  // the type of a sourceList or destinationList entry
  reason: namespaceCBV + "ER-"
  // of an errorDeclaration
};
var urnKinds = /* @__PURE__ */ new Map([
  ["bizstep", "bizStep"],
  ["disp", "disposition"],
  ["btt", "bizTransaction"],
  ["sdt", "sourceDestination"],
  ["er", "reason"]
]);
function expandVocabulary(field, value) {
  if (!value.includes(":")) {
    return value !== "" && !/[/ ]/.test(value) ? prefixes[field] + value : value;
  }
  const urn = /^urn:epcglobal:cbv:([^:]*):(.+)$/s.exec(value);
  const kind = urn ? urnKinds.get(urn[1]) : void 0;
  if (kind) return prefixes[kind] + urn[2];
  return /^(?:cbv|gs1|epcis):/.test(value) ? expandCURIE(value) : value;
}
function expandCURIE(value) {
  const colon = value.indexOf(":");
  const rest = value.slice(colon + 1);
  if (colon < 0 || rest.startsWith("//")) return value;
  switch (value.slice(0, colon)) {
    case "gs1":
      return namespaceGS1 + rest;
    case "cbv":
      return namespaceCBV + rest;
    case "epcis":
      return namespaceEPCIS + rest;
    case "cbvmda":
      return namespaceCBVMD + rest;
  }
  return value;
}
function shortVocabulary(uri) {
  if (uri.startsWith(namespaceCBV)) {
    return /^(?:BizStep|Disp|BTT|SDT|ER|Comp)-(.+)$/s.exec(uri.slice(namespaceCBV.length))?.[1] ?? uri;
  }
  if (uri.startsWith(namespaceGS1) && uri.length > namespaceGS1.length) return uri.slice(namespaceGS1.length);
  return uri;
}

// src/epcis/decoder.ts
var Decoder = class {
  context;
  constructor(context) {
    this.context = context;
  }
  fail(v, p, reason) {
    throw new Fault(v.start, reason, p);
  }
  str(v, p) {
    return v.kind === "string" ? v.str : this.fail(v, p, "must be a string");
  }
  /**
   * uri reads an identifier as written: not empty, no control characters or
   * spaces, in Unicode normalisation form C.
   */
  uri(v, p) {
    if (v.kind !== "string" || v.str === "") this.fail(v, p, "must be an identifier: a URI in a string");
    const s = v.str;
    const ascii = /^[\x00-\x7f]*/.exec(s)[0];
    if (/[\x00-\x20\x7f]/.test(ascii)) this.fail(v, p, "an identifier holds no spaces or control characters");
    if (ascii.length < s.length && !isNormal(s)) {
      this.fail(v, p, "an identifier must be in Unicode normalisation form C");
    }
    return s;
  }
  id(v, p) {
    return canonical(this.uri(v, p));
  }
  vocabulary(field, v, p) {
    return expandVocabulary(field, this.context.compact(this.uri(v, p)));
  }
  instant(v, p) {
    if (v.kind !== "string") this.fail(v, p, "must be a date-time in a string");
    const t = Instant.parse(v.str);
    return typeof t === "string" ? this.fail(v, p, t) : t;
  }
  decimal(v, p) {
    if (v.kind !== "number") this.fail(v, p, "must be a number");
    const n = Decimal.parse(v.str);
    return typeof n === "string" ? this.fail(v, p, n) : n;
  }
  items(v, p) {
    return v.kind === "array" ? v.items : this.fail(v, p, "must be a list");
  }
  members(v, p) {
    return v.kind === "object" ? v.members : this.fail(v, p, "must be an object");
  }
  list(v, p, one) {
    return this.items(v, p).map((item, i) => one(item, p + pointerIndex(i)));
  }
  ids(v, p) {
    return this.list(v, p, (item, at) => this.id(item, at));
  }
  uris(v, p) {
    return this.list(v, p, (item, at) => this.uri(item, at));
  }
  /** unknown checks the name of a member that the standard does not name there; p is "" in the record itself. */
  unknown(m, p, ...names2) {
    const near = nearStandard(m.name, names2);
    if (near) this.fail(m.value, p && p + pointerName(m.name), "differs only in case from the standard's " + near);
  }
  /** location reads {"id": …}. */
  location(v, p) {
    const members = this.members(v, p);
    for (const m of members) if (m.name !== "id") this.unknown(m, p, "id");
    const id = get(members, "id");
    if (!id) this.fail(v, p, "a location needs an id");
    return this.id(id, p + "/id");
  }
  /** typed reads an object of a type and an identifier, such as a business transaction. */
  typed(v, p, member2) {
    let type;
    let id = none;
    for (const m of this.members(v, p)) {
      if (m.name === "type") type = m.value;
      else if (m.name === member2) id = this.id(m.value, p + "/" + member2);
      else this.fail(m.value, p + pointerName(m.name), "is neither type nor " + member2);
    }
    if (id === none) this.fail(v, p, "needs a " + member2);
    return [type, id];
  }
};
var maxCombining = 30;
function isNormal(s) {
  if (s.normalize("NFC") !== s) return false;
  let run = 0;
  for (const c of s.normalize("NFD")) {
    run = combines(c) ? run + 1 : 0;
    if (run > maxCombining) return false;
  }
  return true;
}
var combines = (c) => c >= "̀" && (c === "ͅ" || !("ͅ" + c).normalize("NFD").startsWith("ͅ"));

// src/epcis/decodeevent.ts
var object = 1;
var aggregation = 2;
var transaction = 4;
var transformation = 8;
var association = 16;
var any = object | aggregation | transaction | transformation | association;
var typeBits = /* @__PURE__ */ new Map([
  ["ObjectEvent", object],
  ["AggregationEvent", aggregation],
  ["TransactionEvent", transaction],
  ["TransformationEvent", transformation],
  ["AssociationEvent", association]
]);
var eventFields = new Map(
  [
    [any, "@context type eventID eventTime eventTimeZoneOffset recordTime certificationInfo errorDeclaration bizStep disposition persistentDisposition readPoint bizLocation bizTransactionList sourceList destinationList sensorElementList"],
    [any & ~transformation, "action"],
    [object | transaction, "epcList quantityList"],
    [aggregation | association | transaction, "parentID"],
    [aggregation | association, "childEPCs childQuantityList"],
    [transformation, "inputEPCList inputQuantityList outputEPCList outputQuantityList transformationID"],
    [object | transformation, "ilmd"]
  ].flatMap(([types, names2]) => names2.split(" ").map((name) => [name, types]))
);
var blank = (type) => ({
  type,
  id: "",
  time: new Instant(0),
  zoneOffset: "",
  action: "",
  bizStep: "",
  disposition: "",
  set: [],
  unset: [],
  epcs: [],
  parent: none,
  children: [],
  inputs: [],
  outputs: [],
  quantities: [],
  childQuantities: [],
  inputQuantities: [],
  outputQuantities: [],
  transformationID: "",
  readPoint: none,
  bizLocation: none,
  transactions: [],
  sources: [],
  destinations: [],
  certificates: [],
  ilmd: [],
  extensions: []
});
function decodeEvent(d, v) {
  const type = get(v.members, "type") ?? d.fail(v, "", "an event has a type");
  const name = d.str(type, "/type");
  const self = typeBits.get(name) ?? d.fail(type, "/type", "is none of the five event types of EPCIS 2.0");
  const e = blank(name);
  for (const m of v.members) {
    const types = eventFields.get(m.name);
    const p = pointerName(m.name);
    if (types === void 0) {
      const near = nearStandard(m.name, eventNames);
      if (near) d.fail(m.value, p, "differs only in case from the standard's " + near);
    } else if ((types & self) === 0) d.fail(m.value, p, "is no field of this type of event");
    else decodeMember(d, e, m.name, m.value, p);
  }
  e.extensions = d.context.expandOnly(v.members, (field) => !eventFields.has(field));
  required(d, e, v);
  return e;
}
function decodeMember(d, e, name, v, p) {
  switch (name) {
    case "eventID":
      e.id = d.uri(v, p);
      return;
    case "eventTime":
      e.time = d.instant(v, p);
      return;
    case "eventTimeZoneOffset":
      e.zoneOffset = d.str(v, p);
      if (!/^[+-](?:0[0-9]|1[0-3]):[0-5][0-9]$|^[+-]14:00$/.test(e.zoneOffset)) {
        d.fail(v, p, "must be an offset between -14:00 and +14:00, such as +02:00");
      }
      return;
    case "recordTime":
      e.recordTime = d.instant(v, p);
      return;
    case "action": {
      const action = d.str(v, p);
      if (action !== "ADD" && action !== "OBSERVE" && action !== "DELETE") d.fail(v, p, "must be ADD, OBSERVE or DELETE");
      e.action = action;
      return;
    }
    case "bizStep":
      e.bizStep = d.vocabulary("bizStep", v, p);
      return;
    case "disposition":
      e.disposition = d.vocabulary("disposition", v, p);
      return;
    case "persistentDisposition":
      for (const m of d.members(v, p)) {
        const at = p + pointerName(m.name);
        if (m.name !== "set" && m.name !== "unset") d.fail(m.value, at, "is neither set nor unset");
        e[m.name] = d.list(m.value, at, (item, q) => d.vocabulary("disposition", item, q));
      }
      return;
    case "epcList":
      e.epcs = d.ids(v, p);
      return;
    case "quantityList":
      e.quantities = quantities(d, v, p);
      return;
    case "parentID":
      e.parent = d.id(v, p);
      return;
    case "childEPCs":
      e.children = d.ids(v, p);
      return;
    case "childQuantityList":
      e.childQuantities = quantities(d, v, p);
      return;
    case "inputEPCList":
      e.inputs = d.ids(v, p);
      return;
    case "inputQuantityList":
      e.inputQuantities = quantities(d, v, p);
      return;
    case "outputEPCList":
      e.outputs = d.ids(v, p);
      return;
    case "outputQuantityList":
      e.outputQuantities = quantities(d, v, p);
      return;
    case "transformationID":
      e.transformationID = d.uri(v, p);
      return;
    case "readPoint":
      e.readPoint = d.location(v, p);
      return;
    case "bizLocation":
      e.bizLocation = d.location(v, p);
      return;
    case "bizTransactionList":
      e.transactions = d.list(v, p, (item, at) => {
        const [type, id] = d.typed(item, at, "bizTransaction");
        return { type: type ? d.vocabulary("bizTransaction", type, at + "/type") : "", id };
      });
      return;
    case "sourceList":
      e.sources = parties(d, v, p, "source");
      return;
    case "destinationList":
      e.destinations = parties(d, v, p, "destination");
      return;
    case "certificationInfo":
      e.certificates = v.kind === "array" ? d.uris(v, p) : [d.uri(v, p)];
      return;
    case "errorDeclaration":
      e.correction = errorDeclaration(d, v, p);
      return;
    case "sensorElementList":
      d.list(v, p, (item, at) => d.members(item, at));
      e.sensors = v;
      return;
    case "ilmd": {
      const members = d.members(v, p);
      e.ilmd = within(p, () => d.context.expandMembers(members));
      return;
    }
  }
}
function quantities(d, v, p) {
  return d.list(v, p, (item, at) => {
    let cls = none;
    let amount;
    let unit = "";
    for (const m of d.members(item, at)) {
      const q = at + pointerName(m.name);
      if (m.name === "epcClass") cls = d.id(m.value, q);
      else if (m.name === "quantity") amount = d.decimal(m.value, q);
      else if (m.name === "uom") unit = d.str(m.value, q);
      else d.fail(m.value, q, "is no field of a quantity");
    }
    if (cls === none) d.fail(item, at, "a quantity needs an epcClass");
    return amount ? { cls, amount, unit } : { cls, unit };
  });
}
function parties(d, v, p, member2) {
  return d.list(v, p, (item, at) => {
    const [type, id] = d.typed(item, at, member2);
    if (!type) d.fail(item, at, "a " + member2 + " needs a type");
    return { type: d.vocabulary("sourceDestination", type, at + "/type"), id };
  });
}
function errorDeclaration(d, v, p) {
  let time;
  let reason = "";
  let correctiveEvents = [];
  for (const m of d.members(v, p)) {
    const at = p + pointerName(m.name);
    if (m.name === "declarationTime") time = d.instant(m.value, at);
    else if (m.name === "reason") reason = d.vocabulary("reason", m.value, at);
    else if (m.name === "correctiveEventIDs") correctiveEvents = d.uris(m.value, at);
    else d.unknown(m, p, "declarationTime", "reason", "correctiveEventIDs");
  }
  if (!time) d.fail(v, p, "an errorDeclaration needs a declarationTime");
  return { time, reason, correctiveEvents };
}
function required(d, e, v) {
  const has = (name) => get(v.members, name) !== void 0;
  const need = (ok, reason) => {
    if (!ok) d.fail(v, "", reason);
  };
  need(has("eventTime"), "an event needs an eventTime");
  need(has("eventTimeZoneOffset"), "an event needs an eventTimeZoneOffset");
  need(e.type === "TransformationEvent" || has("action"), "this event needs an action");
  switch (e.type) {
    case "ObjectEvent":
      need(
        has("epcList") || e.quantities.length > 0 || has("sensorElementList") && has("readPoint"),
        "an ObjectEvent needs an epcList, a quantityList, or sensorElementList with readPoint"
      );
      need(e.action === "ADD" || !has("ilmd"), "ilmd belongs to an ObjectEvent only when its action is ADD");
      return;
    case "AggregationEvent":
    case "AssociationEvent":
      need(e.type === "AggregationEvent" || has("parentID"), "an AssociationEvent needs a parentID");
      need(
        e.children.length + e.childQuantities.length > 0 || e.action === "DELETE",
        "this event needs childEPCs or a childQuantityList unless its action is DELETE"
      );
      return;
    case "TransactionEvent":
      need(has("bizTransactionList"), "a TransactionEvent needs a bizTransactionList");
      need(
        has("epcList") || e.quantities.length > 0 || e.action === "DELETE",
        "a TransactionEvent needs an epcList or a quantityList unless its action is DELETE"
      );
      return;
    case "TransformationEvent": {
      const inputs = e.inputs.length + e.inputQuantities.length;
      const outputs = e.outputs.length + e.outputQuantities.length;
      need(
        inputs > 0 && outputs > 0 || e.transformationID !== "" && inputs + outputs > 0,
        "a TransformationEvent needs inputs and outputs, or a transformationID with either"
      );
    }
  }
}

// src/epcis/json.ts
var maxDepth = 32;
function parseJSON(text2) {
  if (text2.charCodeAt(0) === 65279) throw new Fault(0, "starts with a byte order mark; JSON is sent without one");
  const p = new Parser(text2);
  p.space();
  const v = p.value(1);
  p.space();
  if (p.at < text2.length) p.fail("something follows the JSON value");
  return v;
}
var Parser = class {
  at = 0;
  text;
  constructor(text2) {
    this.text = text2;
  }
  fail(reason) {
    throw new Fault(this.at, reason);
  }
  space() {
    for (; ; this.at++) {
      const c = this.text.charCodeAt(this.at);
      if (c !== 32 && c !== 10 && c !== 9 && c !== 13) return;
    }
  }
  value(depth) {
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
    if (c === 45 || isDigit(c)) return this.number();
    this.fail("a value is expected here");
  }
  word(word2) {
    if (!this.text.startsWith(word2, this.at)) this.fail("a value is expected here");
    this.at += word2.length;
  }
  /** number reads -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)? */
  number() {
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
  digits() {
    const from = this.at;
    while (isDigit(this.text.charCodeAt(this.at))) this.at++;
    return this.at > from;
  }
  array(depth) {
    if (depth > maxDepth) this.fail("nests deeper than 32 levels");
    const start = this.at;
    const items = [];
    this.at++;
    this.space();
    if (this.text[this.at] === "]") {
      this.at++;
      return { kind: "array", items, start, end: this.at };
    }
    for (; ; ) {
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
  object(depth) {
    if (depth > maxDepth) this.fail("nests deeper than 32 levels");
    const start = this.at;
    const members = [];
    const names2 = /* @__PURE__ */ new Set();
    this.at++;
    this.space();
    if (this.text[this.at] === "}") {
      this.at++;
      return { kind: "object", members, start, end: this.at };
    }
    for (; ; ) {
      this.space();
      if (this.at >= this.text.length) this.fail("ends inside an object");
      if (this.text[this.at] !== '"') this.fail("a member name in double quotes is expected here");
      const at = this.at;
      const name = this.string();
      if (names2.has(name)) throw new Fault(at, "the member name occurs twice in one object", pointerName(name));
      names2.add(name);
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
  string() {
    const text2 = this.text;
    let out = "";
    let from = this.at + 1;
    for (let i = from; ; ) {
      const c = text2.charCodeAt(i);
      if (c === 34) {
        this.at = i + 1;
        return out + text2.slice(from, i);
      }
      if (c === 92) {
        this.at = i;
        out += text2.slice(from, i) + this.escape();
        from = i = this.at;
        continue;
      }
      if (c < 32 || i >= text2.length) {
        this.at = Math.min(i, text2.length);
        this.fail(i < text2.length ? "a control character in a string must be escaped" : "ends inside a string");
      }
      i++;
    }
  }
  /** escape reads the escape that stands here and leaves the parser behind it. */
  escape() {
    if (this.at + 1 >= this.text.length) this.fail("ends inside a string");
    const c = this.text[this.at + 1];
    if (c !== "u") {
      const at = '"\\/bfnrt'.indexOf(c);
      if (at < 0) this.fail("no such escape in a JSON string");
      this.at += 2;
      return '"\\/\b\f\n\r	'[at];
    }
    const unit = this.hex4(this.at + 2);
    if (unit === void 0) this.fail("\\u needs four hexadecimal digits");
    if (unit < 55296 || unit > 57343) {
      this.at += 6;
      return String.fromCharCode(unit);
    }
    if (unit <= 56319 && this.text.startsWith("\\u", this.at + 6)) {
      const low = this.hex4(this.at + 8);
      if (low !== void 0 && low >= 56320 && low <= 57343) {
        this.at += 12;
        return String.fromCharCode(unit, low);
      }
    }
    this.fail("a lone surrogate is no character");
  }
  hex4(at) {
    const digits = this.text.slice(at, at + 4);
    return /^[0-9a-fA-F]{4}$/.test(digits) ? parseInt(digits, 16) : void 0;
  }
};
var isDigit = (c) => c >= 48 && c <= 57;

// src/epcis/decode.ts
var certificateType = vocabulary + "Certificate";
var masterDataType = vocabulary + "MasterData";
function decode(kind, bytes2) {
  const text2 = textOf(bytes2);
  if (text2 === void 0) throw new Fault(0, "a byte here is not UTF-8");
  const v = parseJSON(text2);
  if (kind !== "epcis" && kind !== "certificate" && kind !== "masterdata") {
    throw new Fault(v.start, "there is no such kind of record");
  }
  if (v.kind !== "object") throw new Fault(v.start, "a record is a JSON object");
  const own = get(v.members, "@context");
  if (!own) throw new Fault(v.start, "a record carries its @context with it; this one has none");
  const d = new Decoder(within("/@context", () => new Context(own)));
  switch (kind) {
    case "epcis":
      return { kind, text: text2, event: decodeEvent(d, v) };
    case "certificate":
      return { kind, text: text2, certificate: decodeCertificate(d, v) };
    case "masterdata":
      return { kind, text: text2, masterData: decodeMasterData(d, v) };
  }
}
function ownType(d, v, want) {
  const type = get(v.members, "type") ?? d.fail(v, "", "this record needs a type");
  if (d.context.name(d.str(type, "/type")) !== want) d.fail(type, "/type", "must be " + want);
}
function decodeCertificate(d, v) {
  ownType(d, v, certificateType);
  const zero = new Instant(0);
  const c = { action: "", id: none, scheme: "", subject: none, scope: [], validFrom: zero, validUntil: zero, reason: "" };
  for (const m of v.members) {
    const p = pointerName(m.name);
    switch (m.name) {
      case "@context":
      case "type":
        break;
      case "action":
      case "reason":
        c[m.name] = d.str(m.value, p);
        break;
      case "id":
      case "subject":
        c[m.name] = d.id(m.value, p);
        break;
      case "scheme":
        c.scheme = d.uri(m.value, p);
        break;
      case "scope":
        c.scope = d.ids(m.value, p);
        break;
      case "validFrom":
      case "validUntil":
      case "effectiveFrom":
        c[m.name] = d.instant(m.value, p);
        break;
      default:
        d.unknown(m, "", "@context", "type", "action", "id", "scheme", "subject", "scope", "validFrom", "validUntil", "reason", "effectiveFrom");
    }
  }
  requiredOfCertificate(d, c, v);
  return c;
}
function requiredOfCertificate(d, c, v) {
  const need = (name) => {
    if (!get(v.members, name)) d.fail(v, "", "a certificate record with this action needs " + name);
  };
  const never = (name) => {
    const m = get(v.members, name);
    if (m) d.fail(m, "/" + name, "belongs to a certificate record only when its action is revoke");
  };
  need("action");
  need("id");
  switch (c.action) {
    case "issue": {
      ["scheme", "subject", "validFrom", "validUntil"].forEach(need);
      ["reason", "effectiveFrom"].forEach(never);
      if (!c.validFrom.before(c.validUntil)) d.fail(get(v.members, "validUntil"), "/validUntil", "must be after validFrom");
      return;
    }
    case "revoke":
      need("reason");
      return;
  }
  d.fail(get(v.members, "action"), "/action", "must be issue or revoke");
}
function decodeMasterData(d, v) {
  ownType(d, v, masterDataType);
  const data = { vocabulary: "", id: none, name: "", attributes: [], children: [] };
  for (const m of v.members) {
    const p = pointerName(m.name);
    switch (m.name) {
      case "@context":
      case "type":
        break;
      case "vocabulary":
        data.vocabulary = d.context.compact(d.uri(m.value, p));
        break;
      case "id":
        data.id = d.id(m.value, p);
        break;
      case "attributes":
        data.attributes = d.list(m.value, p, (item, at) => attribute(d, item, at));
        break;
      case "children":
        data.children = d.ids(m.value, p);
        break;
      default:
        d.unknown(m, "", "@context", "type", "vocabulary", "id", "attributes", "children");
    }
  }
  if (data.vocabulary === "") d.fail(v, "", "a master data record needs a vocabulary");
  if (data.id === none) d.fail(v, "", "a master data record needs an id");
  data.name = readableName(data.attributes);
  return data;
}
function attribute(d, v, p) {
  const a = { id: "" };
  for (const m of d.members(v, p)) {
    if (m.name === "id") a.id = d.context.compact(d.uri(m.value, p + "/id"));
    else if (m.name === "attribute") a.value = within(p + "/attribute", () => d.context.expand(m.value));
    else d.unknown(m, p, "id", "attribute");
  }
  return a.id === "" ? d.fail(v, p, "an attribute needs an id") : a;
}
function readableName(attributes) {
  let name = "";
  let best = Infinity;
  for (const a of attributes) {
    const rank = nameRanks.get(a.id) ?? Infinity;
    const s = rank < best ? firstText(a.value) : "";
    if (s) {
      name = s;
      best = rank;
    }
  }
  return name;
}
var nameRanks = new Map(
  [
    [
      "urn:epcglobal:cbv:mda:descriptionShort",
      "urn:epcglobal:cbv:mda#descriptionShort",
      "urn:epcglobal:cbv:mda:name",
      "urn:epcglobal:cbv:mda#name"
    ],
    [
      namespaceGS1 + "productName",
      namespaceGS1 + "organizationName",
      namespaceGS1 + "physicalLocationName",
      "https://gs1.org/voc/productName",
      "https://gs1.org/voc/organizationName",
      "https://gs1.org/voc/physicalLocationName"
    ],
    [
      "https://schema.org/name",
      "http://schema.org/name",
      "http://www.w3.org/2000/01/rdf-schema#label",
      "http://purl.org/dc/terms/title",
      "http://xmlns.com/foaf/0.1/name",
      vocabulary + "name"
    ],
    [
      "urn:epcglobal:cbv:mda:tradeItemDescription",
      "urn:epcglobal:cbv:mda#tradeItemDescription",
      "urn:epcglobal:cbv:mda:functionalName",
      "urn:epcglobal:cbv:mda#functionalName",
      namespaceGS1 + "productDescription",
      namespaceGS1 + "functionalName",
      namespaceGS1 + "regulatedProductName"
    ]
  ].flatMap((names2, i) => names2.map((name) => [name, i + 1]))
);
function firstText(v) {
  switch (v?.kind) {
    case "string":
      return v.str;
    case "object":
      return firstText(get(v.members, "@value"));
    case "array":
      return firstText(v.items[0]);
  }
  return "";
}

// src/identity/index.ts
var identity_exports = {};
__export(identity_exports, {
  GenesisError: () => GenesisError,
  Verifier: () => Verifier,
  addressText: () => addressText,
  chainID: () => chainID,
  decodeKeyState: () => decodeKeyState,
  decodeOrganisationState: () => decodeOrganisationState,
  decodeParameters: () => decodeParameters,
  defaultParameters: () => defaultParameters,
  envelopeID: () => envelopeID,
  keccak256: () => keccak256,
  parseGenesis: () => parseGenesis,
  publicKeyAddress: () => publicKeyAddress,
  recordHash: () => recordHash,
  sha256: () => sha2562,
  standingAt: () => standingAt
});

// node_modules/@noble/hashes/_u64.js
var U32_MASK64 = /* @__PURE__ */ (() => BigInt(2 ** 32 - 1))();
var _32n = /* @__PURE__ */ BigInt(32);
function fromBig(n, le = false) {
  if (le)
    return { h: Number(n & U32_MASK64), l: Number(n >> _32n & U32_MASK64) };
  return { h: Number(n >> _32n & U32_MASK64) | 0, l: Number(n & U32_MASK64) | 0 };
}
function split(lst, le = false) {
  const len = lst.length;
  let Ah = new Uint32Array(len);
  let Al = new Uint32Array(len);
  for (let i = 0; i < len; i++) {
    const { h, l } = fromBig(lst[i], le);
    [Ah[i], Al[i]] = [h, l];
  }
  return [Ah, Al];
}
var fromNumH = (n) => n / 2 ** 32 | 0;
var fromNumL = (n) => n >>> 0;
function setU64FromNum(view, byteOffset, n, isLE2) {
  const h = fromNumH(n);
  const l = fromNumL(n);
  view.setUint32(byteOffset, isLE2 ? l : h, isLE2);
  view.setUint32(byteOffset + 4, isLE2 ? h : l, isLE2);
}
var shrSH = (h, _l, s) => h >>> s;
var shrSL = (h, l, s) => h << 32 - s | l >>> s;
var rotrSH = (h, l, s) => h >>> s | l << 32 - s;
var rotrSL = (h, l, s) => h << 32 - s | l >>> s;
var rotrBH = (h, l, s) => h << 64 - s | l >>> s - 32;
var rotrBL = (h, l, s) => h >>> s - 32 | l << 64 - s;
function add(Ah, Al, Bh, Bl) {
  const l = (Al >>> 0) + (Bl >>> 0);
  return { h: Ah + Bh + (l / 2 ** 32 | 0) | 0, l: l | 0 };
}
var add3L = (Al, Bl, Cl) => (Al >>> 0) + (Bl >>> 0) + (Cl >>> 0);
var add3H = (low, Ah, Bh, Ch) => Ah + Bh + Ch + (low / 2 ** 32 | 0) | 0;
var add4L = (Al, Bl, Cl, Dl) => (Al >>> 0) + (Bl >>> 0) + (Cl >>> 0) + (Dl >>> 0);
var add4H = (low, Ah, Bh, Ch, Dh) => Ah + Bh + Ch + Dh + (low / 2 ** 32 | 0) | 0;
var add5L = (Al, Bl, Cl, Dl, El) => (Al >>> 0) + (Bl >>> 0) + (Cl >>> 0) + (Dl >>> 0) + (El >>> 0);
var add5H = (low, Ah, Bh, Ch, Dh, Eh) => Ah + Bh + Ch + Dh + Eh + (low / 2 ** 32 | 0) | 0;

// node_modules/@noble/hashes/utils.js
function isBytes(a) {
  return a instanceof Uint8Array || ArrayBuffer.isView(a) && a.constructor.name === "Uint8Array" && "BYTES_PER_ELEMENT" in a && a.BYTES_PER_ELEMENT === 1;
}
var atitle = (title) => title ? `"${title}" ` : "";
function anumber(n, title = "") {
  if (typeof n !== "number")
    throw new TypeError(atitle(title) + "expected number, got " + typeof n);
  if (!Number.isSafeInteger(n) || n < 0)
    throw new RangeError(atitle(title) + "expected integer >= 0, got " + n);
  return n;
}
function abool(value, title = "") {
  if (typeof value !== "boolean")
    throw new TypeError(atitle(title) + "expected boolean, got type=" + typeof value);
  return value;
}
function abytes(value, length, title = "") {
  if (isBytes(value) && (length === void 0 || value.length === length))
    return value;
  if (length !== void 0)
    anumber(length, "length");
  const bytes2 = isBytes(value);
  const ofLen = length !== void 0 ? ` of length ${length}` : "";
  const got = bytes2 ? `length=${value.length}` : `type=${typeof value}`;
  const message2 = atitle(title) + "expected Uint8Array" + ofLen + ", got " + got;
  if (!bytes2)
    throw new TypeError(message2);
  throw new RangeError(message2);
}
function ahash(h) {
  if (typeof h !== "function" || typeof h.create !== "function")
    throw new TypeError("expected hash wrapped by utils.createHasher");
  anumber(h.outputLen);
  anumber(h.blockLen);
  if (h.outputLen < 1 || h.blockLen < 1)
    throw new Error("hash blockLen / outputLen must be >= 1");
}
var aobject = (value, label) => {
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw new TypeError((label === "object" ? "" : `"${label}" `) + "expected object, got type=" + typeof value);
};
var aopts = (value, label) => {
  aobject(value, label);
  const proto = Object.getPrototypeOf(value);
  if (proto !== Object.prototype && proto !== null)
    throw new TypeError(`"${label}" expected plain object`);
  if (Object.hasOwn(value, "__proto__"))
    throw new TypeError(`"${label}.__proto__" is not allowed`);
};
function aexists(instance, checkFinished = true) {
  if (instance.destroyed)
    throw new Error("hash was destroyed");
  if (checkFinished && instance.finished)
    throw new Error("digest() was already called");
}
function aoutput(out, instance) {
  abytes(out, void 0, "output");
  const min = instance.outputLen;
  if (!(out.length >= min)) {
    throw new RangeError('"output" expected length >= ' + min);
  }
}
function u32(arr) {
  return new Uint32Array(arr.buffer, arr.byteOffset, Math.floor(arr.byteLength / 4));
}
function clean(...arrays) {
  for (let i = 0; i < arrays.length; i++) {
    arrays[i].fill(0);
  }
}
function createView(arr) {
  return new DataView(arr.buffer, arr.byteOffset, arr.byteLength);
}
function rotr(word2, shift) {
  return word2 << 32 - shift | word2 >>> shift;
}
var isLE = /* @__PURE__ */ (() => new Uint8Array(new Uint32Array([287454020]).buffer)[0] === 68)();
function byteSwap(word2) {
  return word2 << 24 & 4278190080 | word2 << 8 & 16711680 | word2 >>> 8 & 65280 | word2 >>> 24 & 255;
}
function byteSwap32(arr) {
  for (let i = 0; i < arr.length; i++) {
    arr[i] = byteSwap(arr[i]);
  }
  return arr;
}
var swap32IfBE = isLE ? (u) => u : byteSwap32;
var hasHexBuiltin = /* @__PURE__ */ (() => (
  // @ts-ignore
  typeof Uint8Array.from([]).toHex === "function" && typeof Uint8Array.fromHex === "function"
))();
var hexes = /* @__PURE__ */ Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, "0"));
function bytesToHex(bytes2) {
  abytes(bytes2);
  if (hasHexBuiltin)
    return bytes2.toHex();
  let hex2 = "";
  for (let i = 0; i < bytes2.length; i++) {
    hex2 += hexes[bytes2[i]];
  }
  return hex2;
}
function asciiToBase16(ch) {
  return ch >= 48 && ch <= 57 ? ch - 48 : ch >= 65 && ch <= 70 ? ch - (65 - 10) : ch >= 97 && ch <= 102 ? ch - (97 - 10) : void 0;
}
function hexToBytes(hex2) {
  if (typeof hex2 !== "string")
    throw new TypeError("hex string expected, got " + typeof hex2);
  if (hasHexBuiltin) {
    try {
      return Uint8Array.fromHex(hex2);
    } catch (error) {
      if (error instanceof SyntaxError)
        throw new RangeError(error.message);
      throw error;
    }
  }
  const hl = hex2.length;
  const al = hl / 2;
  if (hl % 2)
    throw new RangeError("hex string expected, got unpadded hex of length " + hl);
  const array = new Uint8Array(al);
  for (let ai = 0, hi = 0; ai < al; ai++, hi += 2) {
    const n1 = asciiToBase16(hex2.charCodeAt(hi));
    const n2 = asciiToBase16(hex2.charCodeAt(hi + 1));
    if (n1 === void 0 || n2 === void 0) {
      const char = hex2[hi] + hex2[hi + 1];
      throw new RangeError('hex string expected, got non-hex character "' + char + '" at index ' + hi);
    }
    array[ai] = n1 * 16 + n2;
  }
  return array;
}
function concatBytes(...arrays) {
  let sum = 0;
  for (let i = 0; i < arrays.length; i++) {
    const a = arrays[i];
    abytes(a);
    sum += a.length;
  }
  const res = new Uint8Array(sum);
  for (let i = 0, pad = 0; i < arrays.length; i++) {
    const a = arrays[i];
    res.set(a, pad);
    pad += a.length;
  }
  return res;
}
function checkOpts(defaults, opts, title = "opts") {
  aopts(defaults, "defaults");
  if (opts !== void 0)
    aopts(opts, title);
  const merged = Object.assign(/* @__PURE__ */ Object.create(null), defaults, opts);
  return merged;
}
function createHasher(hashCons, info = {}) {
  if (typeof hashCons !== "function")
    throw new TypeError('"hashCons" expected function, got type=' + typeof hashCons);
  info = checkOpts({}, info, "info");
  const hashC = (msg, opts) => hashCons(opts).update(msg).digest();
  const tmp = hashCons(void 0);
  hashC.outputLen = tmp.outputLen;
  hashC.blockLen = tmp.blockLen;
  hashC.canXOF = tmp.canXOF;
  hashC.create = (opts) => hashCons(opts);
  Object.assign(hashC, info);
  return Object.freeze(hashC);
}
function randomBytes(bytesLength = 32) {
  anumber(bytesLength, "bytesLength");
  const cr = typeof globalThis === "object" ? globalThis.crypto : null;
  if (typeof cr?.getRandomValues !== "function")
    throw new Error("crypto.getRandomValues must be defined");
  if (bytesLength > 65536)
    throw new RangeError(`"bytesLength" expected <= 65536, got ${bytesLength}`);
  return cr.getRandomValues(new Uint8Array(bytesLength));
}
var oidNist = (suffix) => ({
  // Current NIST hashAlgs suffixes used here fit in one DER subidentifier octet.
  // Larger suffix values would need base-128 OID encoding and a different length byte.
  oid: Uint8Array.from([6, 9, 96, 134, 72, 1, 101, 3, 4, 2, suffix])
});

// node_modules/@noble/hashes/_md.js
function Chi(a, b, c) {
  return a & b ^ ~a & c;
}
function Maj(a, b, c) {
  return a & b ^ a & c ^ b & c;
}
var HashMD = class {
  blockLen;
  outputLen;
  canXOF = false;
  padOffset;
  isLE;
  // For partial updates less than block size
  buffer;
  view;
  finished = false;
  length = 0;
  pos = 0;
  destroyed = false;
  constructor(blockLen, outputLen, padOffset, isLE2) {
    this.blockLen = blockLen;
    this.outputLen = outputLen;
    this.padOffset = padOffset;
    this.isLE = isLE2;
    this.buffer = new Uint8Array(blockLen);
    this.view = createView(this.buffer);
  }
  update(data) {
    aexists(this);
    abytes(data);
    const { view, buffer, blockLen } = this;
    const len = data.length;
    let processed = false;
    for (let pos = 0; pos < len; ) {
      const take = Math.min(blockLen - this.pos, len - pos);
      if (take === blockLen) {
        const dataView = createView(data);
        for (; blockLen <= len - pos; pos += blockLen)
          this.process(dataView, pos);
        processed = true;
        continue;
      }
      buffer.set(pos === 0 && take === len ? data : data.subarray(pos, pos + take), this.pos);
      this.pos += take;
      pos += take;
      if (this.pos === blockLen) {
        this.process(view, 0);
        this.pos = 0;
        processed = true;
      }
    }
    this.length += data.length;
    if (processed)
      this.roundClean();
    return this;
  }
  digestInto(out) {
    aexists(this);
    aoutput(out, this);
    this.finished = true;
    const { buffer, view, blockLen, isLE: isLE2 } = this;
    let { pos } = this;
    buffer[pos++] = 128;
    buffer.fill(0, pos);
    if (this.padOffset > blockLen - pos) {
      this.process(view, 0);
      buffer.fill(0);
    }
    setU64FromNum(view, blockLen - 8, this.length * 8, isLE2);
    this.process(view, 0);
    this.roundClean();
    const oview = out === buffer ? view : createView(out);
    const len = this.outputLen;
    const outLen = len / 4;
    const state = this.get();
    if (len % 4 || outLen > state.length)
      throw new Error("invalid outputLen");
    for (let i = 0; i < outLen; i++)
      oview.setUint32(4 * i, state[i], isLE2);
  }
  digest() {
    const { buffer, outputLen } = this;
    this.digestInto(buffer);
    const res = buffer.slice(0, outputLen);
    this.destroy();
    return res;
  }
  _cloneIntoMeta(to) {
    const { buffer, length, finished, destroyed, pos } = this;
    to.destroyed = destroyed;
    to.finished = finished;
    to.length = length;
    to.pos = pos;
    if (pos)
      to.buffer.set(buffer);
    return to;
  }
  clone() {
    return this._cloneInto();
  }
};
var SHA256_IV = /* @__PURE__ */ Uint32Array.from([
  1779033703,
  3144134277,
  1013904242,
  2773480762,
  1359893119,
  2600822924,
  528734635,
  1541459225
]);
var SHA512_IV = /* @__PURE__ */ Uint32Array.from([
  1779033703,
  4089235720,
  3144134277,
  2227873595,
  1013904242,
  4271175723,
  2773480762,
  1595750129,
  1359893119,
  2917565137,
  2600822924,
  725511199,
  528734635,
  4215389547,
  1541459225,
  327033209
]);

// node_modules/@noble/hashes/sha2.js
var SHA256_K = /* @__PURE__ */ Uint32Array.from([
  1116352408,
  1899447441,
  3049323471,
  3921009573,
  961987163,
  1508970993,
  2453635748,
  2870763221,
  3624381080,
  310598401,
  607225278,
  1426881987,
  1925078388,
  2162078206,
  2614888103,
  3248222580,
  3835390401,
  4022224774,
  264347078,
  604807628,
  770255983,
  1249150122,
  1555081692,
  1996064986,
  2554220882,
  2821834349,
  2952996808,
  3210313671,
  3336571891,
  3584528711,
  113926993,
  338241895,
  666307205,
  773529912,
  1294757372,
  1396182291,
  1695183700,
  1986661051,
  2177026350,
  2456956037,
  2730485921,
  2820302411,
  3259730800,
  3345764771,
  3516065817,
  3600352804,
  4094571909,
  275423344,
  430227734,
  506948616,
  659060556,
  883997877,
  958139571,
  1322822218,
  1537002063,
  1747873779,
  1955562222,
  2024104815,
  2227730452,
  2361852424,
  2428436474,
  2756734187,
  3204031479,
  3329325298
]);
var SHA256_W = /* @__PURE__ */ new Uint32Array(64);
var SHA2_32B = class extends HashMD {
  // We cannot use array here since array allows indexing by variable
  // which means optimizer/compiler cannot use registers.
  // Numeric initializers matter: starting the fields as `undefined` changes
  // V8's field representation and makes sha256 3x slower (measured).
  A = 0;
  B = 0;
  C = 0;
  D = 0;
  E = 0;
  F = 0;
  G = 0;
  H = 0;
  constructor(outputLen, IV) {
    super(64, outputLen, 8, false);
    this.A = IV[0] | 0;
    this.B = IV[1] | 0;
    this.C = IV[2] | 0;
    this.D = IV[3] | 0;
    this.E = IV[4] | 0;
    this.F = IV[5] | 0;
    this.G = IV[6] | 0;
    this.H = IV[7] | 0;
  }
  get() {
    const { A, B: B2, C, D, E, F, G, H } = this;
    return [A, B2, C, D, E, F, G, H];
  }
  // prettier-ignore
  set(A, B2, C, D, E, F, G, H) {
    this.A = A | 0;
    this.B = B2 | 0;
    this.C = C | 0;
    this.D = D | 0;
    this.E = E | 0;
    this.F = F | 0;
    this.G = G | 0;
    this.H = H | 0;
  }
  _cloneInto(to) {
    (to ||= new this.constructor()).set(...this.get());
    return this._cloneIntoMeta(to);
  }
  process(view, offset) {
    for (let i = 0; i < 16; i++, offset += 4)
      SHA256_W[i] = view.getUint32(offset, false);
    for (let i = 16; i < 64; i++) {
      const W15 = SHA256_W[i - 15];
      const W2 = SHA256_W[i - 2];
      const s0 = rotr(W15, 7) ^ rotr(W15, 18) ^ W15 >>> 3;
      const s1 = rotr(W2, 17) ^ rotr(W2, 19) ^ W2 >>> 10;
      SHA256_W[i] = s1 + SHA256_W[i - 7] + s0 + SHA256_W[i - 16] | 0;
    }
    let { A, B: B2, C, D, E, F, G, H } = this;
    for (let i = 0; i < 64; i++) {
      const sigma1 = rotr(E, 6) ^ rotr(E, 11) ^ rotr(E, 25);
      const T1 = H + sigma1 + Chi(E, F, G) + SHA256_K[i] + SHA256_W[i] | 0;
      const sigma0 = rotr(A, 2) ^ rotr(A, 13) ^ rotr(A, 22);
      const T2 = sigma0 + Maj(A, B2, C) | 0;
      H = G;
      G = F;
      F = E;
      E = D + T1 | 0;
      D = C;
      C = B2;
      B2 = A;
      A = T1 + T2 | 0;
    }
    A = A + this.A | 0;
    B2 = B2 + this.B | 0;
    C = C + this.C | 0;
    D = D + this.D | 0;
    E = E + this.E | 0;
    F = F + this.F | 0;
    G = G + this.G | 0;
    H = H + this.H | 0;
    this.set(A, B2, C, D, E, F, G, H);
  }
  roundClean() {
    clean(SHA256_W);
  }
  destroy() {
    this.destroyed = true;
    this.set(0, 0, 0, 0, 0, 0, 0, 0);
    clean(this.buffer);
  }
};
var _SHA256 = class extends SHA2_32B {
  constructor() {
    super(32, SHA256_IV);
  }
};
var K512 = /* @__PURE__ */ (() => split([
  "0x428a2f98d728ae22",
  "0x7137449123ef65cd",
  "0xb5c0fbcfec4d3b2f",
  "0xe9b5dba58189dbbc",
  "0x3956c25bf348b538",
  "0x59f111f1b605d019",
  "0x923f82a4af194f9b",
  "0xab1c5ed5da6d8118",
  "0xd807aa98a3030242",
  "0x12835b0145706fbe",
  "0x243185be4ee4b28c",
  "0x550c7dc3d5ffb4e2",
  "0x72be5d74f27b896f",
  "0x80deb1fe3b1696b1",
  "0x9bdc06a725c71235",
  "0xc19bf174cf692694",
  "0xe49b69c19ef14ad2",
  "0xefbe4786384f25e3",
  "0x0fc19dc68b8cd5b5",
  "0x240ca1cc77ac9c65",
  "0x2de92c6f592b0275",
  "0x4a7484aa6ea6e483",
  "0x5cb0a9dcbd41fbd4",
  "0x76f988da831153b5",
  "0x983e5152ee66dfab",
  "0xa831c66d2db43210",
  "0xb00327c898fb213f",
  "0xbf597fc7beef0ee4",
  "0xc6e00bf33da88fc2",
  "0xd5a79147930aa725",
  "0x06ca6351e003826f",
  "0x142929670a0e6e70",
  "0x27b70a8546d22ffc",
  "0x2e1b21385c26c926",
  "0x4d2c6dfc5ac42aed",
  "0x53380d139d95b3df",
  "0x650a73548baf63de",
  "0x766a0abb3c77b2a8",
  "0x81c2c92e47edaee6",
  "0x92722c851482353b",
  "0xa2bfe8a14cf10364",
  "0xa81a664bbc423001",
  "0xc24b8b70d0f89791",
  "0xc76c51a30654be30",
  "0xd192e819d6ef5218",
  "0xd69906245565a910",
  "0xf40e35855771202a",
  "0x106aa07032bbd1b8",
  "0x19a4c116b8d2d0c8",
  "0x1e376c085141ab53",
  "0x2748774cdf8eeb99",
  "0x34b0bcb5e19b48a8",
  "0x391c0cb3c5c95a63",
  "0x4ed8aa4ae3418acb",
  "0x5b9cca4f7763e373",
  "0x682e6ff3d6b2b8a3",
  "0x748f82ee5defb2fc",
  "0x78a5636f43172f60",
  "0x84c87814a1f0ab72",
  "0x8cc702081a6439ec",
  "0x90befffa23631e28",
  "0xa4506cebde82bde9",
  "0xbef9a3f7b2c67915",
  "0xc67178f2e372532b",
  "0xca273eceea26619c",
  "0xd186b8c721c0c207",
  "0xeada7dd6cde0eb1e",
  "0xf57d4f7fee6ed178",
  "0x06f067aa72176fba",
  "0x0a637dc5a2c898a6",
  "0x113f9804bef90dae",
  "0x1b710b35131c471b",
  "0x28db77f523047d84",
  "0x32caab7b40c72493",
  "0x3c9ebe0a15c9bebc",
  "0x431d67c49c100d4c",
  "0x4cc5d4becb3e42b6",
  "0x597f299cfc657e2a",
  "0x5fcb6fab3ad6faec",
  "0x6c44198c4a475817"
].map((n) => BigInt(n))))();
var SHA512_Kh = /* @__PURE__ */ (() => K512[0])();
var SHA512_Kl = /* @__PURE__ */ (() => K512[1])();
var SHA512_W_H = /* @__PURE__ */ new Uint32Array(80);
var SHA512_W_L = /* @__PURE__ */ new Uint32Array(80);
var SHA2_64B = class extends HashMD {
  // We cannot use array here since array allows indexing by variable
  // which means optimizer/compiler cannot use registers.
  // h -- high 32 bits, l -- low 32 bits
  // Numeric initializers matter: starting the fields as `undefined` changes
  // V8's field representation and slows hashing down (measured on sha256).
  Ah = 0;
  Al = 0;
  Bh = 0;
  Bl = 0;
  Ch = 0;
  Cl = 0;
  Dh = 0;
  Dl = 0;
  Eh = 0;
  El = 0;
  Fh = 0;
  Fl = 0;
  Gh = 0;
  Gl = 0;
  Hh = 0;
  Hl = 0;
  constructor(outputLen, IV) {
    super(128, outputLen, 16, false);
    this.Ah = IV[0] | 0;
    this.Al = IV[1] | 0;
    this.Bh = IV[2] | 0;
    this.Bl = IV[3] | 0;
    this.Ch = IV[4] | 0;
    this.Cl = IV[5] | 0;
    this.Dh = IV[6] | 0;
    this.Dl = IV[7] | 0;
    this.Eh = IV[8] | 0;
    this.El = IV[9] | 0;
    this.Fh = IV[10] | 0;
    this.Fl = IV[11] | 0;
    this.Gh = IV[12] | 0;
    this.Gl = IV[13] | 0;
    this.Hh = IV[14] | 0;
    this.Hl = IV[15] | 0;
  }
  // prettier-ignore
  get() {
    const { Ah, Al, Bh, Bl, Ch, Cl, Dh, Dl, Eh, El, Fh, Fl, Gh, Gl, Hh, Hl } = this;
    return [Ah, Al, Bh, Bl, Ch, Cl, Dh, Dl, Eh, El, Fh, Fl, Gh, Gl, Hh, Hl];
  }
  // prettier-ignore
  set(Ah, Al, Bh, Bl, Ch, Cl, Dh, Dl, Eh, El, Fh, Fl, Gh, Gl, Hh, Hl) {
    this.Ah = Ah | 0;
    this.Al = Al | 0;
    this.Bh = Bh | 0;
    this.Bl = Bl | 0;
    this.Ch = Ch | 0;
    this.Cl = Cl | 0;
    this.Dh = Dh | 0;
    this.Dl = Dl | 0;
    this.Eh = Eh | 0;
    this.El = El | 0;
    this.Fh = Fh | 0;
    this.Fl = Fl | 0;
    this.Gh = Gh | 0;
    this.Gl = Gl | 0;
    this.Hh = Hh | 0;
    this.Hl = Hl | 0;
  }
  _cloneInto(to) {
    (to ||= new this.constructor()).set(...this.get());
    return this._cloneIntoMeta(to);
  }
  process(view, offset) {
    for (let i = 0; i < 16; i++, offset += 4) {
      SHA512_W_H[i] = view.getUint32(offset);
      SHA512_W_L[i] = view.getUint32(offset += 4);
    }
    for (let i = 16; i < 80; i++) {
      const W15h = SHA512_W_H[i - 15] | 0;
      const W15l = SHA512_W_L[i - 15] | 0;
      const s0h = rotrSH(W15h, W15l, 1) ^ rotrSH(W15h, W15l, 8) ^ shrSH(W15h, W15l, 7);
      const s0l = rotrSL(W15h, W15l, 1) ^ rotrSL(W15h, W15l, 8) ^ shrSL(W15h, W15l, 7);
      const W2h = SHA512_W_H[i - 2] | 0;
      const W2l = SHA512_W_L[i - 2] | 0;
      const s1h = rotrSH(W2h, W2l, 19) ^ rotrBH(W2h, W2l, 61) ^ shrSH(W2h, W2l, 6);
      const s1l = rotrSL(W2h, W2l, 19) ^ rotrBL(W2h, W2l, 61) ^ shrSL(W2h, W2l, 6);
      const SUMl = add4L(s0l, s1l, SHA512_W_L[i - 7], SHA512_W_L[i - 16]);
      const SUMh = add4H(SUMl, s0h, s1h, SHA512_W_H[i - 7], SHA512_W_H[i - 16]);
      SHA512_W_H[i] = SUMh | 0;
      SHA512_W_L[i] = SUMl | 0;
    }
    let { Ah, Al, Bh, Bl, Ch, Cl, Dh, Dl, Eh, El, Fh, Fl, Gh, Gl, Hh, Hl } = this;
    for (let i = 0; i < 80; i++) {
      const sigma1h = rotrSH(Eh, El, 14) ^ rotrSH(Eh, El, 18) ^ rotrBH(Eh, El, 41);
      const sigma1l = rotrSL(Eh, El, 14) ^ rotrSL(Eh, El, 18) ^ rotrBL(Eh, El, 41);
      const CHIh = Eh & Fh ^ ~Eh & Gh;
      const CHIl = El & Fl ^ ~El & Gl;
      const T1ll = add5L(Hl, sigma1l, CHIl, SHA512_Kl[i], SHA512_W_L[i]);
      const T1h = add5H(T1ll, Hh, sigma1h, CHIh, SHA512_Kh[i], SHA512_W_H[i]);
      const T1l = T1ll | 0;
      const sigma0h = rotrSH(Ah, Al, 28) ^ rotrBH(Ah, Al, 34) ^ rotrBH(Ah, Al, 39);
      const sigma0l = rotrSL(Ah, Al, 28) ^ rotrBL(Ah, Al, 34) ^ rotrBL(Ah, Al, 39);
      const MAJh = Ah & Bh ^ Ah & Ch ^ Bh & Ch;
      const MAJl = Al & Bl ^ Al & Cl ^ Bl & Cl;
      Hh = Gh | 0;
      Hl = Gl | 0;
      Gh = Fh | 0;
      Gl = Fl | 0;
      Fh = Eh | 0;
      Fl = El | 0;
      ({ h: Eh, l: El } = add(Dh | 0, Dl | 0, T1h | 0, T1l | 0));
      Dh = Ch | 0;
      Dl = Cl | 0;
      Ch = Bh | 0;
      Cl = Bl | 0;
      Bh = Ah | 0;
      Bl = Al | 0;
      const All = add3L(T1l, sigma0l, MAJl);
      Ah = add3H(All, T1h, sigma0h, MAJh);
      Al = All | 0;
    }
    ({ h: Ah, l: Al } = add(this.Ah | 0, this.Al | 0, Ah | 0, Al | 0));
    ({ h: Bh, l: Bl } = add(this.Bh | 0, this.Bl | 0, Bh | 0, Bl | 0));
    ({ h: Ch, l: Cl } = add(this.Ch | 0, this.Cl | 0, Ch | 0, Cl | 0));
    ({ h: Dh, l: Dl } = add(this.Dh | 0, this.Dl | 0, Dh | 0, Dl | 0));
    ({ h: Eh, l: El } = add(this.Eh | 0, this.El | 0, Eh | 0, El | 0));
    ({ h: Fh, l: Fl } = add(this.Fh | 0, this.Fl | 0, Fh | 0, Fl | 0));
    ({ h: Gh, l: Gl } = add(this.Gh | 0, this.Gl | 0, Gh | 0, Gl | 0));
    ({ h: Hh, l: Hl } = add(this.Hh | 0, this.Hl | 0, Hh | 0, Hl | 0));
    this.set(Ah, Al, Bh, Bl, Ch, Cl, Dh, Dl, Eh, El, Fh, Fl, Gh, Gl, Hh, Hl);
  }
  roundClean() {
    clean(SHA512_W_H, SHA512_W_L);
  }
  destroy() {
    this.destroyed = true;
    clean(this.buffer);
    this.set(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }
};
var _SHA512 = class extends SHA2_64B {
  constructor() {
    super(64, SHA512_IV);
  }
};
var sha256 = /* @__PURE__ */ createHasher(
  () => new _SHA256(),
  /* @__PURE__ */ oidNist(1)
);
var sha512 = /* @__PURE__ */ createHasher(
  () => new _SHA512(),
  /* @__PURE__ */ oidNist(3)
);

// node_modules/@noble/curves/utils.js
function aarray(item, title, inner = () => {
}) {
  if (!Array.isArray(item))
    throw new TypeError(`"${title}" expected array, got type=${typeof item}`);
  for (let i = 0; i < item.length; i++)
    inner(item[i], `${title}[${i}]`);
  return item;
}
var abytes2 = (value, length, title) => abytes(value, length, title);
var anumber2 = anumber;
function astring(value, title = "") {
  if (typeof value !== "string") {
    const prefix = title && `"${title}" `;
    throw new TypeError(prefix + "expected string, got type=" + typeof value);
  }
  return value;
}
function aobject2(value, title = "object") {
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw new TypeError(title === "object" ? "expected valid options object" : `"${title}" expected object, got type=${typeof value}`);
  return value;
}
function afunction(value, title) {
  if (typeof value !== "function")
    throw new TypeError(`"${title}" is invalid: expected function, got ${typeof value}`);
  return value;
}
var bytesToHex2 = bytesToHex;
var concatBytes2 = (...arrays) => concatBytes(...arrays);
var hexToBytes2 = (hex2) => hexToBytes(hex2);
var isBytes2 = isBytes;
var randomBytes2 = (bytesLength) => randomBytes(bytesLength);
var _0n = /* @__PURE__ */ BigInt(0);
var _1n = /* @__PURE__ */ BigInt(1);
var atitle2 = (title) => title ? `"${title}" ` : "";
function abool2(value, title = "") {
  if (typeof value !== "boolean")
    throw new TypeError(atitle2(title) + "expected boolean, got type=" + typeof value);
  return value;
}
function abignumber(n) {
  if (typeof n === "bigint") {
    if (!isPosBig(n))
      throw new RangeError("positive bigint expected, got " + n);
  } else
    anumber2(n);
  return n;
}
function asafenumber(value, title = "") {
  if (typeof value !== "number") {
    const prefix = title && `"${title}" `;
    throw new TypeError(prefix + "expected number, got type=" + typeof value);
  }
  if (!Number.isSafeInteger(value)) {
    const prefix = title && `"${title}" `;
    throw new RangeError(prefix + "expected safe integer, got " + value);
  }
}
function numberToHexUnpadded(num) {
  const hex2 = abignumber(num).toString(16);
  return hex2.length & 1 ? "0" + hex2 : hex2;
}
function hexToNumber(hex2) {
  if (typeof hex2 !== "string")
    throw new TypeError("hex string expected, got " + typeof hex2);
  return hex2 === "" ? _0n : BigInt("0x" + hex2);
}
function bytesToNumberBE(bytes2) {
  return hexToNumber(bytesToHex(bytes2));
}
function bytesToNumberLE(bytes2) {
  return hexToNumber(bytesToHex(copyBytes(abytes(bytes2)).reverse()));
}
function numberToBytesBE(n, len) {
  anumber(len);
  if (len === 0)
    throw new Error("zero output length is invalid");
  n = abignumber(n);
  const expectedLen = len * 2;
  const hex2 = n.toString(16);
  if (hex2.length > expectedLen)
    throw new RangeError("number is too large");
  return hexToBytes(hex2.padStart(expectedLen, "0"));
}
function numberToBytesLE(n, len) {
  return numberToBytesBE(n, len).reverse();
}
function copyBytes(bytes2) {
  return Uint8Array.from(abytes2(bytes2));
}
function isPosBig(n) {
  return typeof n === "bigint" && _0n <= n;
}
function inRange(n, min, max) {
  return isPosBig(n) && isPosBig(min) && isPosBig(max) && min <= n && n < max;
}
function aInRange(title, n, min, max) {
  if (!inRange(n, min, max))
    throw new RangeError("expected valid " + title + ": " + min + " <= n < " + max + ", got " + n);
}
function bitLen(n) {
  if (n < _0n)
    throw new Error("expected non-negative bigint, got " + n);
  return n === _0n ? 0 : n.toString(2).length;
}
var bitMask = (n) => {
  asafenumber(n, "n");
  return (_1n << BigInt(n)) - _1n;
};
function createHmacDrbg(hashLen, qByteLen, hmacFn) {
  anumber(hashLen, "hashLen");
  anumber(qByteLen, "qByteLen");
  if (typeof hmacFn !== "function")
    throw new TypeError("hmacFn must be a function");
  const u8n = (len) => new Uint8Array(len);
  const NULL = Uint8Array.of();
  const byte0 = Uint8Array.of(0);
  const byte1 = Uint8Array.of(1);
  const _maxDrbgIters = 1e3;
  let v = u8n(hashLen);
  let k = u8n(hashLen);
  let i = 0;
  const reset = () => {
    v.fill(1);
    k.fill(0);
    i = 0;
  };
  const h = (...msgs) => hmacFn(k, concatBytes2(v, ...msgs));
  const reseed = (seed = NULL) => {
    k = h(byte0, seed);
    v = h();
    if (seed.length === 0)
      return;
    k = h(byte1, seed);
    v = h();
  };
  const gen = () => {
    if (i++ >= _maxDrbgIters)
      throw new Error("drbg: tried max amount of iterations");
    let len = 0;
    const out = [];
    while (len < qByteLen) {
      v = h();
      const sl = v.slice();
      out.push(sl);
      len += v.length;
    }
    return concatBytes2(...out);
  };
  const genUntil = (seed, pred) => {
    reset();
    reseed(seed);
    let res = void 0;
    while ((res = pred(gen())) === void 0)
      reseed();
    reset();
    return res;
  };
  return genUntil;
}
function validateObject(object2, fields = {}, optFields = {}, title = "object") {
  aobject2(object2, title);
  aobject2(fields, "fields");
  aobject2(optFields, "optFields");
  function checkField(fieldName, expectedType, isOpt) {
    const label = title === "object" ? `param "${String(fieldName)}"` : `"${title}.${String(fieldName)}"`;
    const val = object2[fieldName];
    if (!Object.hasOwn(object2, fieldName) && (isOpt ? val !== void 0 : expectedType !== "function")) {
      throw new TypeError(`${label} is invalid: expected own property`);
    }
    if (isOpt && val === void 0)
      return;
    const current = typeof val;
    if (current !== expectedType || val === null)
      throw new TypeError(`${label} is invalid: expected ${expectedType}, got ${current}`);
  }
  const iter = (f, isOpt) => Object.entries(f).forEach(([k, v]) => checkField(k, v, isOpt));
  iter(fields, false);
  iter(optFields, true);
}

// node_modules/@noble/curves/abstract/modular.js
var _0n2 = /* @__PURE__ */ BigInt(0);
var _1n2 = /* @__PURE__ */ BigInt(1);
var _2n = /* @__PURE__ */ BigInt(2);
var _3n = /* @__PURE__ */ BigInt(3);
var _4n = /* @__PURE__ */ BigInt(4);
var _5n = /* @__PURE__ */ BigInt(5);
var _7n = /* @__PURE__ */ BigInt(7);
var _8n = /* @__PURE__ */ BigInt(8);
var _9n = /* @__PURE__ */ BigInt(9);
var _15n = /* @__PURE__ */ BigInt(15);
var _16n = /* @__PURE__ */ BigInt(16);
var POW_WINDOWED_MIN = /* @__PURE__ */ BigInt("0x10000000000000000");
function mod(a, b) {
  if (b <= _0n2)
    throw new Error("mod: expected positive modulus, got " + b);
  const result = a % b;
  return result >= _0n2 ? result : b + result;
}
function pow(num, power, modulo) {
  if (modulo <= _1n2)
    throw new Error("pow: expected modulus > 1, got " + modulo);
  if (typeof power !== "bigint")
    throw new TypeError("invalid exponent: expected bigint, got " + typeof power);
  if (power < _0n2)
    throw new Error("invalid exponent, negatives unsupported");
  if (power === _0n2)
    return _1n2;
  if (power === _1n2)
    return num;
  let d = num % modulo;
  if (d < _0n2)
    d += modulo;
  if (power < POW_WINDOWED_MIN) {
    let p2 = _1n2;
    while (power > _0n2) {
      if (power & _1n2)
        p2 = p2 * d % modulo;
      d = d * d % modulo;
      power >>= _1n2;
    }
    return p2;
  }
  const digits = [];
  while (power > _0n2) {
    digits.push(Number(power & _15n));
    power >>= _4n;
  }
  const table = new Array(16);
  table[0] = _1n2;
  table[1] = d;
  for (let i = 2; i < 16; i++)
    table[i] = table[i - 1] * d % modulo;
  let p = table[digits[digits.length - 1]];
  for (let w = digits.length - 2; w >= 0; w--) {
    p = p * p % modulo;
    p = p * p % modulo;
    p = p * p % modulo;
    p = p * p % modulo;
    const digit = digits[w];
    if (digit !== 0)
      p = p * table[digit] % modulo;
  }
  return p;
}
function pow2(x, power, modulo) {
  if (modulo <= _1n2)
    throw new Error("pow2: expected modulus > 1, got " + modulo);
  if (power < _0n2)
    throw new Error("pow2: expected non-negative exponent, got " + power);
  let res = x;
  while (power-- > _0n2) {
    res *= res;
    res %= modulo;
  }
  return res;
}
function invert(number, modulo) {
  if (number === _0n2)
    throw new Error("invert: expected non-zero number");
  if (modulo <= _1n2)
    throw new Error("invert: expected modulus > 1, got " + modulo);
  let a = mod(number, modulo);
  let b = modulo;
  let x = _0n2, u = _1n2;
  while (a !== _0n2) {
    const q = b / a;
    const r = b - a * q;
    const m = x - u * q;
    b = a, a = r, x = u, u = m;
  }
  const gcd = b;
  if (gcd !== _1n2)
    throw new Error("invert: does not exist");
  return mod(x, modulo);
}
function invertCt(a, prime) {
  if (prime <= _1n2)
    throw new Error("invertCt: expected prime modulus > 1, got " + prime);
  const an = mod(a, prime);
  if (an === _0n2)
    throw new Error("invertCt: expected non-zero number");
  const inverse = pow(an, prime - _2n, prime);
  if (mod(an * inverse, prime) !== _1n2)
    throw new Error("invertCt: does not exist");
  return inverse;
}
function assertIsSquare(Fp2, root, n) {
  const F = Fp2;
  if (!F.eql(F.sqr(root), n))
    throw new Error("Cannot find square root");
}
function aoddModulus(order, fnName) {
  if ((order & _1n2) === _0n2)
    throw new Error(fnName + ": expected odd modulus, got " + order);
}
function sqrt3mod4(Fp2, n) {
  const F = Fp2;
  const p1div4 = (F.ORDER + _1n2) / _4n;
  const root = F.pow(n, p1div4);
  assertIsSquare(F, root, n);
  return root;
}
function sqrt5mod8(Fp2, n) {
  const F = Fp2;
  const p5div8 = (F.ORDER - _5n) / _8n;
  const n2 = F.mul(n, _2n);
  const v = F.pow(n2, p5div8);
  const nv = F.mul(n, v);
  const i = F.mul(F.mul(nv, _2n), v);
  const root = F.mul(nv, F.sub(i, F.ONE));
  assertIsSquare(F, root, n);
  return root;
}
function sqrt9mod16(P) {
  const Fp_ = Field(P);
  const tn = tonelliShanks(P);
  const c1 = tn(Fp_, Fp_.neg(Fp_.ONE));
  const c2 = tn(Fp_, c1);
  const c3 = tn(Fp_, Fp_.neg(c1));
  const c4 = (P + _7n) / _16n;
  return ((Fp2, n) => {
    const F = Fp2;
    let tv1 = F.pow(n, c4);
    let tv2 = F.mul(tv1, c1);
    const tv3 = F.mul(tv1, c2);
    const tv4 = F.mul(tv1, c3);
    const e1 = F.eql(F.sqr(tv2), n);
    const e2 = F.eql(F.sqr(tv3), n);
    tv1 = F.cmov(tv1, tv2, e1);
    tv2 = F.cmov(tv4, tv3, e2);
    const e3 = F.eql(F.sqr(tv2), n);
    const root = F.cmov(tv1, tv2, e3);
    assertIsSquare(F, root, n);
    return root;
  });
}
function tonelliShanks(P) {
  if (P < _3n)
    throw new Error("sqrt is not defined for small field");
  aoddModulus(P, "tonelliShanks");
  let Q = P - _1n2;
  let S = 0;
  while (Q % _2n === _0n2) {
    Q /= _2n;
    S++;
  }
  let Z = _2n;
  const _Fp = Field(P);
  while (FpLegendre(_Fp, Z) === 1) {
    if (Z++ > 1e3)
      throw new Error("Cannot find square root: probably non-prime P");
  }
  if (S === 1)
    return sqrt3mod4;
  let cc = _Fp.pow(Z, Q);
  const Q1div2 = (Q + _1n2) / _2n;
  return function tonelliSlow(Fp2, n) {
    const F = Fp2;
    if (F.is0(n))
      return n;
    if (FpLegendre(F, n) !== 1)
      throw new Error("Cannot find square root");
    let M = S;
    let c = F.mul(F.ONE, cc);
    let t = F.pow(n, Q);
    let R = F.pow(n, Q1div2);
    while (!F.eql(t, F.ONE)) {
      if (F.is0(t))
        throw new Error("Cannot find square root: probably non-prime P");
      let i = 1;
      let t_tmp = F.sqr(t);
      while (!F.eql(t_tmp, F.ONE)) {
        i++;
        t_tmp = F.sqr(t_tmp);
        if (i === M)
          throw new Error("Cannot find square root");
      }
      const exponent = _1n2 << BigInt(M - i - 1);
      const b = F.pow(c, exponent);
      M = i;
      c = F.sqr(b);
      t = F.mul(t, c);
      R = F.mul(R, b);
    }
    return R;
  };
}
function FpSqrt(P) {
  aoddModulus(P, "Fp.sqrt");
  if (P % _4n === _3n)
    return sqrt3mod4;
  if (P % _8n === _5n)
    return sqrt5mod8;
  if (P % _16n === _9n)
    return sqrt9mod16(P);
  return tonelliShanks(P);
}
var isNegativeLE = (num, modulo) => (mod(num, modulo) & _1n2) === _1n2;
var FIELD_FIELDS = [
  "create",
  "isValid",
  "is0",
  "neg",
  "inv",
  "sqrt",
  "sqr",
  "eql",
  "add",
  "sub",
  "mul",
  "pow",
  "div",
  "addN",
  "subN",
  "mulN",
  "sqrN"
];
function validateField(field) {
  aobject2(field, "field");
  if (typeof field.ORDER !== "bigint")
    throw new TypeError('param "ORDER" is invalid: expected bigint, got ' + typeof field.ORDER);
  asafenumber(field.BYTES, "BYTES");
  asafenumber(field.BITS, "BITS");
  for (const name of FIELD_FIELDS)
    afunction(field[name], "field." + name);
  if (field.BYTES < 1 || field.BITS < 1)
    throw new Error("invalid field: expected BYTES/BITS > 0");
  if (field.ORDER <= _1n2)
    throw new Error("invalid field: expected ORDER > 1, got " + field.ORDER);
  return field;
}
function FpInvertBatch(Fp2, nums, passZero = false) {
  validateField(Fp2);
  aarray(nums, "nums");
  abool2(passZero, "passZero");
  const F = Fp2;
  const inverted = new Array(nums.length).fill(passZero ? F.ZERO : void 0);
  const multipliedAcc = nums.reduce((acc, num, i) => {
    if (F.is0(num))
      return acc;
    inverted[i] = acc;
    return F.mul(acc, num);
  }, F.ONE);
  const invertedAcc = F.inv(multipliedAcc);
  nums.reduceRight((acc, num, i) => {
    if (F.is0(num))
      return acc;
    inverted[i] = F.mul(acc, inverted[i]);
    return F.mul(acc, num);
  }, invertedAcc);
  return inverted;
}
function FpLegendre(Fp2, n) {
  validateField(Fp2);
  const F = Fp2;
  aoddModulus(F.ORDER, "FpLegendre");
  const p1mod2 = (F.ORDER - _1n2) / _2n;
  const powered = F.pow(n, p1mod2);
  const yes = F.eql(powered, F.ONE);
  const zero = F.eql(powered, F.ZERO);
  const no = F.eql(powered, F.neg(F.ONE));
  if (!yes && !zero && !no)
    throw new Error("invalid Legendre symbol result");
  return yes ? 1 : zero ? 0 : -1;
}
function nLength(n, nBitLength) {
  if (nBitLength !== void 0)
    anumber2(nBitLength);
  if (n <= _0n2)
    throw new Error("invalid n length: expected positive n, got " + n);
  if (nBitLength !== void 0 && nBitLength < 1)
    throw new Error("invalid n length: expected positive bit length, got " + nBitLength);
  const bits = bitLen(n);
  if (nBitLength !== void 0 && nBitLength < bits)
    throw new Error(`invalid n length: expected nBitLength (${nBitLength}) >= bitLen(n) (${bits})`);
  const _nBitLength = nBitLength !== void 0 ? nBitLength : bits;
  const nByteLength = Math.ceil(_nBitLength / 8);
  return { nBitLength: _nBitLength, nByteLength };
}
var FIELD_SQRT = /* @__PURE__ */ new WeakMap();
var _Field = class {
  ORDER;
  BITS;
  BYTES;
  isLE;
  ZERO = _0n2;
  ONE = _1n2;
  _lengths;
  _mod;
  constructor(ORDER, opts = {}) {
    if (ORDER <= _1n2)
      throw new Error("invalid field: expected ORDER > 1, got " + ORDER);
    let _nbitLength = void 0;
    this.isLE = false;
    if (opts != null && typeof opts === "object") {
      if (typeof opts.BITS === "number")
        _nbitLength = opts.BITS;
      if (typeof opts.sqrt === "function")
        Object.defineProperty(this, "sqrt", { value: opts.sqrt, enumerable: true });
      if (typeof opts.isLE === "boolean")
        this.isLE = opts.isLE;
      if (opts.allowedLengths)
        this._lengths = Object.freeze(opts.allowedLengths.slice());
      if (typeof opts.modFromBytes === "boolean")
        this._mod = opts.modFromBytes;
    }
    const { nBitLength, nByteLength } = nLength(ORDER, _nbitLength);
    if (nByteLength > 2048)
      throw new Error("invalid field: expected ORDER of <= 2048 bytes");
    this.ORDER = ORDER;
    this.BITS = nBitLength;
    this.BYTES = nByteLength;
    Object.freeze(this);
  }
  create(num) {
    return mod(num, this.ORDER);
  }
  isValid(num) {
    if (typeof num !== "bigint")
      throw new TypeError("invalid field element: expected bigint, got " + typeof num);
    return _0n2 <= num && num < this.ORDER;
  }
  is0(num) {
    return num === _0n2;
  }
  // is valid and invertible
  isValidNot0(num) {
    return !this.is0(num) && this.isValid(num);
  }
  isOdd(num) {
    return (num & _1n2) === _1n2;
  }
  neg(num) {
    return mod(-num, this.ORDER);
  }
  eql(lhs, rhs) {
    return lhs === rhs;
  }
  sqr(num) {
    return mod(num * num, this.ORDER);
  }
  add(lhs, rhs) {
    return mod(lhs + rhs, this.ORDER);
  }
  sub(lhs, rhs) {
    return mod(lhs - rhs, this.ORDER);
  }
  mul(lhs, rhs) {
    return mod(lhs * rhs, this.ORDER);
  }
  pow(num, power) {
    return pow(num, power, this.ORDER);
  }
  div(lhs, rhs) {
    return mod(lhs * invert(rhs, this.ORDER), this.ORDER);
  }
  // Same as above, but doesn't normalize
  sqrN(num) {
    return num * num;
  }
  addN(lhs, rhs) {
    return lhs + rhs;
  }
  subN(lhs, rhs) {
    return lhs - rhs;
  }
  mulN(lhs, rhs) {
    return lhs * rhs;
  }
  inv(num) {
    return invert(num, this.ORDER);
  }
  sqrt(num) {
    let sqrt = FIELD_SQRT.get(this);
    if (!sqrt)
      FIELD_SQRT.set(this, sqrt = FpSqrt(this.ORDER));
    return sqrt(this, num);
  }
  toBytes(num) {
    return this.isLE ? numberToBytesLE(num, this.BYTES) : numberToBytesBE(num, this.BYTES);
  }
  fromBytes(bytes2, skipValidation = false) {
    abytes2(bytes2);
    const { _lengths: allowedLengths, BYTES, isLE: isLE2, ORDER, _mod: modFromBytes } = this;
    if (allowedLengths) {
      if (bytes2.length < 1 || !allowedLengths.includes(bytes2.length) || bytes2.length > BYTES) {
        throw new Error("Field.fromBytes: expected " + allowedLengths + " bytes, got " + bytes2.length);
      }
      const padded2 = new Uint8Array(BYTES);
      padded2.set(bytes2, isLE2 ? 0 : padded2.length - bytes2.length);
      bytes2 = padded2;
    }
    if (bytes2.length !== BYTES)
      throw new Error("Field.fromBytes: expected " + BYTES + " bytes, got " + bytes2.length);
    let scalar = isLE2 ? bytesToNumberLE(bytes2) : bytesToNumberBE(bytes2);
    if (modFromBytes)
      scalar = mod(scalar, ORDER);
    if (!skipValidation) {
      if (!this.isValid(scalar))
        throw new Error("invalid field element: outside of range 0..ORDER");
    }
    return scalar;
  }
  // TODO: we don't need it here, move out to separate fn
  invertBatch(lst) {
    return FpInvertBatch(this, lst, true);
  }
  // We can't move this out because Fp6, Fp12 implement it
  // and it's unclear what to return in there.
  cmov(a, b, condition) {
    abool2(condition, "condition");
    return condition ? b : a;
  }
};
function Field(ORDER, opts = {}) {
  Object.freeze(_Field.prototype);
  return new _Field(ORDER, opts);
}
function getFieldBytesLength(fieldOrder) {
  if (typeof fieldOrder !== "bigint")
    throw new Error("field order must be bigint");
  if (fieldOrder <= _1n2)
    throw new Error("field order must be greater than 1");
  const bitLength = bitLen(fieldOrder - _1n2);
  return Math.ceil(bitLength / 8);
}
function getMinHashLength(fieldOrder) {
  const length = getFieldBytesLength(fieldOrder);
  return length + Math.ceil(length / 2);
}
function mapHashToField(key, fieldOrder, isLE2 = false) {
  abytes2(key);
  const len = key.length;
  const fieldLen = getFieldBytesLength(fieldOrder);
  const minLen = Math.max(getMinHashLength(fieldOrder), 16);
  if (len < minLen || len > 1024)
    throw new Error("expected " + minLen + "-1024 bytes of input, got " + len);
  const num = isLE2 ? bytesToNumberLE(key) : bytesToNumberBE(key);
  const reduced = mod(num, fieldOrder - _1n2) + _1n2;
  return isLE2 ? numberToBytesLE(reduced, fieldLen) : numberToBytesBE(reduced, fieldLen);
}

// node_modules/@noble/curves/abstract/curve.js
var _0n3 = /* @__PURE__ */ BigInt(0);
var _1n3 = /* @__PURE__ */ BigInt(1);
var _4n2 = /* @__PURE__ */ BigInt(4);
var BLIND_BYTES = 16;
var BLIND_BITS = 128;
var FW_WINDOW = 5;
var TABLE_BYTES_MAX = /* @__PURE__ */ (() => 2 ** 31)();
function validatePointCons(Point2) {
  const pc = Point2;
  if (typeof pc !== "function")
    throw new TypeError('"Point" expected constructor, got type=' + typeof Point2);
  afunction(pc.fromAffine, "Point.fromAffine");
  afunction(pc.fromBytes, "Point.fromBytes");
  afunction(pc.fromHex, "Point.fromHex");
  aobject2(pc.BASE, "Point.BASE");
  aobject2(pc.ZERO, "Point.ZERO");
  validateField(pc.Fp);
  validateField(pc.Fn);
}
function normalizeZ(c, points) {
  validatePointCons(c);
  validateMSMPoints(points, c);
  const invertedZs = FpInvertBatch(c.Fp, points.map((p) => p.Z));
  return points.map((p, i) => c.fromAffine(p.toAffine(invertedZs[i])));
}
function validateW(W, bits, min = 1) {
  if (!Number.isSafeInteger(W) || W < min || W > bits)
    throw new Error("invalid window size, expected [" + min + ".." + bits + "], got W=" + W);
}
function validateTableBytes(numPoints, fpBytes) {
  const bytes2 = numPoints * (4 * fpBytes + 128);
  if (bytes2 > TABLE_BYTES_MAX)
    throw new Error("invalid window size: table would need ~" + Math.ceil(bytes2 / 2 ** 20) + " MiB, max " + TABLE_BYTES_MAX / 2 ** 20 + " MiB");
}
function probeRandomBytes(randomBytes3, length) {
  if (randomBytes3 === void 0)
    return void 0;
  afunction(randomBytes3, "randomBytes");
  try {
    const probe = randomBytes3(length);
    if (!isBytes2(probe) || probe.length !== length)
      return void 0;
  } catch {
    return void 0;
  }
  return randomBytes3;
}
function validateMSMPoints(points, c) {
  aarray(points, "points");
  points.forEach((p, i) => {
    if (!(p instanceof c))
      throw new Error("invalid point at index " + i);
  });
}
function validateMSMScalars(scalars, field, maxScalar) {
  if (!Array.isArray(scalars))
    throw new Error("array of scalars expected");
  scalars.forEach((s, i) => {
    const ok = maxScalar === void 0 ? field.isValid(s) : isPosBig(s) && s < maxScalar;
    if (!ok)
      throw new Error("invalid scalar at index " + i);
  });
}
var pointWindowSizes = /* @__PURE__ */ new WeakMap();
function getWindowSize(P) {
  return pointWindowSizes.get(P) || 1;
}
function oddMultiples(p, size) {
  const dbl = p.double();
  const t = [p];
  for (let j = 1; j < size; j++)
    t.push(t[j - 1].add(dbl));
  return t;
}
function wnafDigits(n, W) {
  const size = 2 ** W;
  const half = size / 2;
  const mask = BigInt(size - 1);
  const d = [];
  while (n > _0n3) {
    let w = 0;
    if (n & _1n3) {
      w = Number(n & mask);
      if (w >= half)
        w -= size;
      n -= BigInt(w);
    }
    d.push(w);
    n >>= _1n3;
  }
  return d;
}
function signedWindowDigits(n, W, windows) {
  const size = 2 ** W;
  const half = size / 2;
  const mask = BigInt(size - 1);
  const shiftBy = BigInt(W);
  const d = [];
  for (let w = 0; w < windows; w++) {
    let v = Number(n & mask);
    n >>= shiftBy;
    if (v > half) {
      v -= size;
      n += _1n3;
    }
    d.push(v);
  }
  if (n !== _0n3)
    throw new Error("invalid wnaf");
  return d;
}
function wnafWalk(zero, tables, digits) {
  let max = 0;
  for (const d of digits)
    max = Math.max(max, d.length);
  let acc = zero;
  for (let bit = max - 1; bit >= 0; bit--) {
    if (bit !== max - 1)
      acc = acc.double();
    for (let i = 0; i < digits.length; i++) {
      const w = digits[i][bit];
      if (w) {
        const item = tables[i][Math.abs(w) - 1 >> 1];
        acc = acc.add(w < 0 ? item.negate() : item);
      }
    }
  }
  return acc;
}
var ScalarMultiplier = class {
  Point;
  BASE;
  ZERO;
  randomBytes;
  wnafPrecomputes = /* @__PURE__ */ new WeakMap();
  baseCanBeBlinded;
  bits;
  // Parametrized with a given Point class (not individual point)
  constructor(Point2, randomBytes3) {
    validatePointCons(Point2);
    this.randomBytes = probeRandomBytes(randomBytes3, BLIND_BYTES);
    this.Point = Point2;
    this.BASE = Point2.BASE;
    this.ZERO = Point2.ZERO;
    this.bits = Point2.Fn.BITS;
  }
  /**
   * Creates a signed fixed-window wNAF precomputation table: for every window w, the
   * multiples `[1..2^(W−1)]⋅2^(w⋅W)⋅P`, flattened. All doublings are baked into the table,
   * so cached multiplication is additions-only. `windows = ceil(bits/W) + 1`: the extra
   * window absorbs the final carry of signed-digit recoding.
   * For a 256-bit curve and W=6, the table is 44⋅32 = 1408 points.
   * @param point - Point instance
   * @param W - window size
   * @param bits - scalar bitlength the table must cover
   */
  buildWnafTable(point, W, bits) {
    const windows = Math.ceil(bits / W) + 1;
    const half = 2 ** (W - 1);
    const comp = [];
    let base = point;
    for (let w = 0; w < windows; w++) {
      let acc = base;
      for (let i = 0; i < half; i++) {
        comp.push(acc);
        acc = acc.add(base);
      }
      base = comp[comp.length - 1].double();
    }
    return { W, bits, windows, comp };
  }
  /**
   * Implements ec multiplication using precomputed signed fixed-window wNAF tables.
   * Constant-time: fixed window count with one table addition per window — zero digits feed
   * the fake accumulator — and no doublings; the lookup scans the whole window slice.
   * Scalar bounds are validated by the public entry points ({@link ScalarMultiplier.mulCT},
   * {@link ScalarMultiplier.mulCTBlinded}, {@link ScalarMultiplier.mulUnsafe});
   * signedWindowDigits throws if `n` exceeds the table.
   * @returns real and fake (for const-time) points
   */
  wnafCachedCT(precomputes, n) {
    const { W, windows, comp } = precomputes;
    const half = 2 ** (W - 1);
    const digits = signedWindowDigits(n, W, windows);
    let p = this.ZERO;
    let f = this.BASE;
    for (let w = 0; w < windows; w++) {
      const digit = digits[w];
      const start = w * half;
      const idx = Math.abs(digit) - 1;
      let sel = comp[start];
      for (let i = 1; i < half; i++)
        sel = i === idx ? comp[start + i] : sel;
      const neg = sel.negate();
      if (digit === 0)
        f = f.add(comp[start]);
      else
        p = p.add(digit < 0 ? neg : sel);
    }
    return { p, f };
  }
  // Cache key is point identity plus (W, bits); at most two entries exist per point (public-width
  // `Fn.BITS` and blinded `Fn.BITS + BLIND_BITS`). Callers must not reuse the same point with
  // incompatible `transform(...)` layouts and expect a separate cache entry.
  getWnafPrecomputes(W, point, bits, transform) {
    let entries = this.wnafPrecomputes.get(point);
    let comp = entries?.find((entry) => entry.W === W && entry.bits === bits);
    if (!comp) {
      comp = this.buildWnafTable(point, W, bits);
      if (typeof transform === "function")
        comp = { ...comp, comp: transform(comp.comp) };
      if (!entries) {
        entries = [];
        this.wnafPrecomputes.set(point, entries);
      }
      entries.push(comp);
    }
    return comp;
  }
  assertPoint(point) {
    if (!(point instanceof this.Point))
      throw new TypeError('"point" expected Point instance, got type=' + typeof point);
  }
  // Shared prologue of the constant-time entry points. Rejects scalar 0: in key/signature-style
  // callers a zero scalar means broken upstream plumbing, and concrete Points already reject it.
  // Uses inRange instead of Fn.isValidNot0: validateField() only certifies the arithmetic subset.
  validateMulInput(point, scalar) {
    this.assertPoint(point);
    if (!inRange(scalar, _1n3, this.Point.Fn.ORDER))
      throw new Error("invalid scalar");
  }
  // Constant-time dispatch shared by mulCT / mulCTBlinded. Un-precomputed points (W===1, e.g.
  // ECDH peer keys) skip building a throwaway cached table in favor of a small fixed-window
  // multiply. `n` must be < 2^bits.
  runCT(point, n, bits, transform) {
    const W = getWindowSize(point);
    if (W === 1)
      return this.fixedWindowCT(point, n, bits);
    return this.wnafCachedCT(this.getWnafPrecomputes(W, point, bits, transform), n);
  }
  mulCT(point, scalar, transform) {
    this.validateMulInput(point, scalar);
    return this.runCT(point, scalar, this.bits, transform);
  }
  mulCTBlinded(point, scalar, transform) {
    this.validateMulInput(point, scalar);
    if (this.randomBytes === void 0)
      throw new Error("randomBytes is required for scalar blinding");
    const bits = this.Point.Fn.BITS + BLIND_BITS;
    const blind = this.randomBytes(BLIND_BYTES);
    if (!isBytes2(blind) || blind.length !== BLIND_BYTES)
      throw new Error("randomBytes returned invalid byte array");
    blind[0] = blind[0] & 63 | 128;
    const n = scalar + bytesToNumberBE(blind) * this.Point.Fn.ORDER;
    return this.runCT(point, n, bits, transform);
  }
  /**
   * Constant-time multiplication `n*point` for an un-precomputed point, via a small fixed window.
   * A cached wNAF table only pays off when reused; a flat 2^FW_WINDOW table (`size-1` adds) is
   * far cheaper to build for a single use. The point-operation sequence is independent of `n`:
   * build the table, then per window exactly FW_WINDOW doublings, a data-oblivious scan over
   * every table entry, and one addition (adds the identity when the window digit is 0 — never
   * skipped).
   *
   * `n` must be `< 2^bits`. Assumes complete addition (adding the identity costs the same as any
   * add), which holds for the Weierstrass/Edwards point types used here. The table is left in
   * projective form (no normalizeZ): normalizing this small a table costs more than the
   * mixed-add savings it would buy for a single multiply.
   * @returns real point `p`; `f` duplicates it only to match {@link wnafCachedCT}'s return shape
   * (this path needs no fake accumulator — its op-count is already scalar-independent).
   */
  fixedWindowCT(point, n, bits) {
    const W = FW_WINDOW;
    const size = 1 << W;
    const mask = bitMask(W);
    const table = new Array(size);
    table[0] = this.ZERO;
    for (let i = 1; i < size; i++)
      table[i] = table[i - 1].add(point);
    const windows = Math.ceil(bits / W);
    let acc = this.ZERO;
    for (let window = windows - 1; window >= 0; window--) {
      if (window !== windows - 1)
        for (let d = 0; d < W; d++)
          acc = acc.double();
      const digit = Number(n >> BigInt(window * W) & mask);
      let sel = table[0];
      for (let i = 1; i < size; i++)
        sel = i === digit ? table[i] : sel;
      acc = acc.add(sel);
    }
    return { p: acc, f: acc };
  }
  shouldBlind(point, cofactor) {
    if (this.randomBytes === void 0)
      return false;
    if (cofactor === _1n3)
      return true;
    if (point !== this.BASE)
      return false;
    if (this.baseCanBeBlinded === void 0)
      this.baseCanBeBlinded = this.mulUnsafe(this.BASE, this.Point.Fn.ORDER).is0();
    return this.baseCanBeBlinded;
  }
  mulSecret(point, scalar, cofactor, transform) {
    return this.shouldBlind(point, cofactor) ? this.mulCTBlinded(point, scalar, transform) : this.mulCT(point, scalar, transform);
  }
  mulUnsafe(point, scalar, transform) {
    this.assertPoint(point);
    if (!isPosBig(scalar))
      throw new Error("invalid scalar");
    const W = getWindowSize(point);
    if (W === 1 || scalar >= this.Point.Fn.ORDER)
      return mulAddUnsafe(this.Point, [point], [scalar], true);
    const precomputes = this.getWnafPrecomputes(W, point, this.bits, transform);
    return this.wnafCachedCT(precomputes, scalar).p;
  }
  // Remembers the window size used for precomputed wNAF multiplication of the given point
  // and drops any previously built tables. Usually only the base point is precomputed.
  // W=1 resets the point to the un-precomputed (table-less) paths.
  // W is additionally capped so tables stay under ~2 GiB ({@link TABLE_BYTES_MAX}).
  setWindowSize(point, W) {
    this.assertPoint(point);
    validateW(W, this.bits);
    const windows = Math.ceil((this.bits + BLIND_BITS) / W) + 1;
    validateTableBytes(windows * 2 ** (W - 1), this.Point.Fp.BYTES);
    pointWindowSizes.set(point, W);
    this.wnafPrecomputes.delete(point);
  }
  // True when a window size is set: tables themselves are built lazily on first multiply.
  hasWindowSize(point) {
    return getWindowSize(point) !== 1;
  }
};
function mulAddUnsafe(c, points, scalars, allowOversized = false) {
  validatePointCons(c);
  validateMSMPoints(points, c);
  abool2(allowOversized, "allowOversized");
  validateMSMScalars(scalars, c.Fn, allowOversized ? c.Fn.ORDER ** _4n2 : void 0);
  if (points.length !== scalars.length)
    throw new Error("arrays of points and scalars must have equal length");
  const tables = points.map((p) => oddMultiples(p, 4));
  const digits = scalars.map((n) => wnafDigits(n, 4));
  return wnafWalk(c.ZERO, tables, digits);
}
function createField(order, field, isLE2) {
  if (field) {
    if (field.ORDER !== order)
      throw new Error("Field.ORDER must match order: Fp == p, Fn == n");
    validateField(field);
    return field;
  } else {
    return Field(order, { isLE: isLE2 });
  }
}
function createCurveFields(type, CURVE, curveOpts = {}, FpFnLE) {
  if (type !== "weierstrass" && type !== "edwards")
    throw new Error('expected curve type "weierstrass" or "edwards"');
  if (FpFnLE === void 0)
    FpFnLE = type === "edwards";
  if (!CURVE || typeof CURVE !== "object")
    throw new Error(`expected valid ${type} CURVE object`);
  validateObject(curveOpts);
  for (const p of ["p", "n", "h"]) {
    const val = CURVE[p];
    if (!(isPosBig(val) && val !== _0n3))
      throw new Error(`CURVE.${p} must be positive bigint`);
  }
  const Fp2 = createField(CURVE.p, curveOpts.Fp, FpFnLE);
  const Fn = createField(CURVE.n, curveOpts.Fn, FpFnLE);
  const _b = type === "weierstrass" ? "b" : "d";
  const params = ["Gx", "Gy", "a", _b];
  for (const p of params) {
    if (!Fp2.isValid(CURVE[p]))
      throw new Error(`CURVE.${p} must be valid field element of CURVE.Fp`);
  }
  CURVE = Object.freeze(Object.assign({}, CURVE));
  return { CURVE, Fp: Fp2, Fn };
}
function createKeygen(randomSecretKey, getPublicKey) {
  return function keygen(seed) {
    const secretKey = randomSecretKey(seed);
    return { secretKey, publicKey: getPublicKey(secretKey) };
  };
}

// node_modules/@noble/hashes/hmac.js
var _HMAC = class {
  oHash;
  iHash;
  blockLen;
  outputLen;
  canXOF = false;
  finished = false;
  destroyed = false;
  constructor(hash, key) {
    ahash(hash);
    abytes(key, void 0, "key");
    this.iHash = hash.create();
    if (typeof this.iHash.update !== "function")
      throw new Error("expected Hash instance");
    this.blockLen = this.iHash.blockLen;
    this.outputLen = this.iHash.outputLen;
    const blockLen = this.blockLen;
    const pad = new Uint8Array(blockLen);
    pad.set(key.length > blockLen ? hash.create().update(key).digest() : key);
    for (let i = 0; i < pad.length; i++)
      pad[i] ^= 54;
    this.iHash.update(pad);
    this.oHash = hash.create();
    for (let i = 0; i < pad.length; i++)
      pad[i] ^= 54 ^ 92;
    this.oHash.update(pad);
    clean(pad);
  }
  update(buf) {
    aexists(this);
    this.iHash.update(buf);
    return this;
  }
  digestInto(out) {
    aexists(this);
    aoutput(out, this);
    this.finished = true;
    const buf = out.subarray(0, this.outputLen);
    this.iHash.digestInto(buf);
    this.oHash.update(buf);
    this.oHash.digestInto(buf);
    this.destroy();
  }
  digest() {
    const out = new Uint8Array(this.oHash.outputLen);
    this.digestInto(out);
    return out;
  }
  _cloneInto(to) {
    to ||= Object.create(Object.getPrototypeOf(this), {});
    const { oHash, iHash, finished, destroyed, blockLen, outputLen, canXOF } = this;
    to = to;
    to.finished = finished;
    to.destroyed = destroyed;
    to.blockLen = blockLen;
    to.outputLen = outputLen;
    to.canXOF = canXOF;
    to.oHash = oHash._cloneInto(to.oHash);
    to.iHash = iHash._cloneInto(to.iHash);
    return to;
  }
  clone() {
    return this._cloneInto();
  }
  destroy() {
    this.destroyed = true;
    this.oHash.destroy();
    this.iHash.destroy();
  }
};
var hmac = /* @__PURE__ */ (() => {
  const hmac_ = ((hash, key, message2) => new _HMAC(hash, key).update(message2).digest());
  hmac_.create = (hash, key) => new _HMAC(hash, key);
  return hmac_;
})();

// node_modules/@noble/curves/abstract/der.js
var _0n4 = /* @__PURE__ */ BigInt(0);
var DERErr = class extends Error {
  constructor(m = "") {
    super(m);
  }
};
var _DER = {
  // asn.1 DER encoding utils
  Err: DERErr,
  // Basic building block is TLV (Tag-Length-Value)
  _tlv: {
    encode: (tag2, data) => {
      const { Err: E } = _DER;
      asafenumber(tag2, "tag");
      if (tag2 < 0 || tag2 > 255)
        throw new E("tlv.encode: wrong tag");
      astring(data, "data");
      if (data.length & 1)
        throw new E("tlv.encode: unpadded data");
      const dataLen = data.length / 2;
      const len = numberToHexUnpadded(dataLen);
      if (len.length / 2 & 128)
        throw new E("tlv.encode: long form length too big");
      const lenLen = dataLen > 127 ? numberToHexUnpadded(len.length / 2 | 128) : "";
      const t = numberToHexUnpadded(tag2);
      return t + lenLen + len + data;
    },
    // v - value, l - left bytes (unparsed)
    decode(tag2, data) {
      const { Err: E } = _DER;
      data = abytes2(data, void 0, "DER data");
      let pos = 0;
      if (tag2 < 0 || tag2 > 255)
        throw new E("tlv.decode: wrong tag");
      if (data.length < 2 || data[pos++] !== tag2)
        throw new E("tlv.decode: wrong tlv");
      const first = data[pos++];
      const isLong = !!(first & 128);
      let length = 0;
      if (!isLong)
        length = first;
      else {
        const lenLen = first & 127;
        if (!lenLen)
          throw new E("tlv.decode(long): indefinite length not supported");
        if (lenLen > 4)
          throw new E("tlv.decode(long): byte length is too big");
        const lengthBytes = data.subarray(pos, pos + lenLen);
        if (lengthBytes.length !== lenLen)
          throw new E("tlv.decode: length bytes not complete");
        if (lengthBytes[0] === 0)
          throw new E("tlv.decode(long): zero leftmost byte");
        for (const b of lengthBytes)
          length = length << 8 | b;
        pos += lenLen;
        if (length < 128)
          throw new E("tlv.decode(long): not minimal encoding");
      }
      const v = data.subarray(pos, pos + length);
      if (v.length !== length)
        throw new E("tlv.decode: wrong value length");
      return { v, l: data.subarray(pos + length) };
    }
  },
  // https://crypto.stackexchange.com/a/57734 Leftmost bit of first byte is 'negative' flag,
  // since we always use positive integers here. It must always be empty:
  // - add zero byte if exists
  // - if next byte doesn't have a flag, leading zero is not allowed (minimal encoding)
  _int: {
    encode(num) {
      const { Err: E } = _DER;
      abignumber(num);
      if (num < _0n4)
        throw new E("integer: negative integers are not allowed");
      let hex2 = numberToHexUnpadded(num);
      if (Number.parseInt(hex2[0], 16) & 8)
        hex2 = "00" + hex2;
      if (hex2.length & 1)
        throw new E("unexpected DER parsing assertion: unpadded hex");
      return hex2;
    },
    decode(data) {
      const { Err: E } = _DER;
      if (data.length < 1)
        throw new E("invalid signature integer: empty");
      if (data[0] & 128)
        throw new E("invalid signature integer: negative");
      if (data.length > 1 && data[0] === 0 && !(data[1] & 128))
        throw new E("invalid signature integer: unnecessary leading zero");
      return bytesToNumberBE(data);
    }
  },
  toSig(bytes2, maxScalarBytes) {
    const { Err: E, _int: int, _tlv: tlv } = _DER;
    if (maxScalarBytes !== void 0) {
      asafenumber(maxScalarBytes, "maxScalarBytes");
      if (maxScalarBytes < 1)
        throw new E("invalid signature: maxScalarBytes must be positive");
    }
    const data = abytes2(bytes2, void 0, "signature");
    const { v: seqBytes, l: seqLeftBytes } = tlv.decode(48, data);
    if (seqLeftBytes.length)
      throw new E("invalid signature: left bytes after parsing");
    const { v: rBytes, l: rLeftBytes } = tlv.decode(2, seqBytes);
    const { v: sBytes, l: sLeftBytes } = tlv.decode(2, rLeftBytes);
    if (sLeftBytes.length)
      throw new E("invalid signature: left bytes after parsing");
    if (maxScalarBytes !== void 0 && (rBytes.length > maxScalarBytes || sBytes.length > maxScalarBytes))
      throw new E("invalid signature: integer too large");
    return { r: int.decode(rBytes), s: int.decode(sBytes) };
  },
  hexFromSig(sig) {
    const { _tlv: tlv, _int: int } = _DER;
    validateObject(sig, { r: "bigint", s: "bigint" }, {}, "sig");
    const rs = tlv.encode(2, int.encode(sig.r));
    const ss = tlv.encode(2, int.encode(sig.s));
    const seq = rs + ss;
    return tlv.encode(48, seq);
  }
};
var DER = /* @__PURE__ */ (() => {
  Object.freeze(_DER._tlv);
  Object.freeze(_DER._int);
  return Object.freeze(_DER);
})();

// node_modules/@noble/curves/abstract/weierstrass.js
var divNearest = (num, den) => (num + (num >= 0 ? den : -den) / _2n2) / den;
function _splitEndoScalar(k, basis, n) {
  aInRange("scalar", k, _0n5, n);
  const [[a1, b1], [a2, b2]] = basis;
  const c1 = divNearest(b2 * k, n);
  const c2 = divNearest(-b1 * k, n);
  let k1 = k - c1 * a1 - c2 * a2;
  let k2 = -c1 * b1 - c2 * b2;
  const k1neg = k1 < _0n5;
  const k2neg = k2 < _0n5;
  if (k1neg)
    k1 = -k1;
  if (k2neg)
    k2 = -k2;
  const MAX_NUM = bitMask(Math.ceil(bitLen(n) / 2)) + _1n4;
  if (k1 < _0n5 || k1 >= MAX_NUM || k2 < _0n5 || k2 >= MAX_NUM) {
    throw new Error("splitScalar (endomorphism): failed for k");
  }
  return { k1neg, k1, k2neg, k2 };
}
function validateSigFormat(format) {
  if (!["compact", "recovered", "der"].includes(format))
    throw new Error('Signature format must be "compact", "recovered", or "der"');
  return format;
}
function validateSigOpts(opts, def) {
  validateObject(opts);
  const optsn = {};
  for (let optName of Object.keys(def)) {
    optsn[optName] = opts[optName] === void 0 ? def[optName] : opts[optName];
  }
  abool2(optsn.lowS, "lowS");
  abool2(optsn.prehash, "prehash");
  if (optsn.format !== void 0)
    validateSigFormat(optsn.format);
  return optsn;
}
var _0n5 = /* @__PURE__ */ BigInt(0);
var _1n4 = /* @__PURE__ */ BigInt(1);
var _2n2 = /* @__PURE__ */ BigInt(2);
var _3n2 = /* @__PURE__ */ BigInt(3);
var _4n3 = /* @__PURE__ */ BigInt(4);
function weierstrass(params, extraOpts = {}) {
  const validated = createCurveFields("weierstrass", params, extraOpts);
  const Fp2 = validated.Fp;
  const Fn = validated.Fn;
  let CURVE = validated.CURVE;
  const { h: cofactor, n: CURVE_ORDER } = CURVE;
  validateObject(extraOpts, {}, {
    allowInfinityPoint: "boolean",
    clearCofactor: "function",
    isTorsionFree: "function",
    fromBytes: "function",
    toBytes: "function",
    endo: "object",
    randomBytes: "function"
  });
  const { endo: endoOpts, allowInfinityPoint, clearCofactor, isTorsionFree, fromBytes, toBytes } = extraOpts;
  const randomBytes3 = extraOpts.randomBytes === void 0 ? randomBytes2 : extraOpts.randomBytes;
  if (endoOpts) {
    if (!Fp2.is0(CURVE.a) || typeof endoOpts.beta !== "bigint" || !Array.isArray(endoOpts.basises)) {
      throw new Error('invalid endo: expected "beta": bigint and "basises": array');
    }
  }
  const endo = endoOpts ? {
    beta: endoOpts.beta,
    basises: endoOpts.basises.map((basis) => [...basis])
  } : void 0;
  const lengths = getWLengths(Fp2, Fn);
  function assertCompressionIsSupported() {
    if (!Fp2.isOdd)
      throw new Error("compression is not supported: Field does not have .isOdd()");
  }
  function pointToBytes(_c, point, isCompressed) {
    if (point.is0()) {
      if (!allowInfinityPoint)
        throw new Error("bad point: ZERO");
      return Uint8Array.of(0);
    }
    const { x, y } = point.toAffine();
    const bx = Fp2.toBytes(x);
    abool2(isCompressed, "isCompressed");
    if (isCompressed) {
      assertCompressionIsSupported();
      const hasEvenY = !Fp2.isOdd(y);
      return concatBytes2(pprefix(hasEvenY), bx);
    } else {
      return concatBytes2(Uint8Array.of(4), bx, Fp2.toBytes(y));
    }
  }
  function pointFromBytes(bytes2) {
    abytes2(bytes2, void 0, "Point");
    const { publicKey: comp, publicKeyUncompressed: uncomp } = lengths;
    const length = bytes2.length;
    const head2 = bytes2[0];
    const tail = bytes2.subarray(1);
    if (allowInfinityPoint && length === 1 && head2 === 0)
      return { x: Fp2.ZERO, y: Fp2.ZERO };
    if (length === comp && (head2 === 2 || head2 === 3)) {
      const x = Fp2.fromBytes(tail);
      if (!Fp2.isValid(x))
        throw new Error("bad point: is not on curve, wrong x");
      const y2 = weierstrassEquation(x);
      let y;
      try {
        y = Fp2.sqrt(y2);
      } catch (sqrtError) {
        const err = sqrtError instanceof Error ? ": " + sqrtError.message : "";
        throw new Error("bad point: is not on curve, sqrt error" + err);
      }
      assertCompressionIsSupported();
      const evenY = Fp2.isOdd(y);
      const evenH = (head2 & 1) === 1;
      if (evenH !== evenY)
        y = Fp2.neg(y);
      return { x, y };
    } else if (length === uncomp && head2 === 4) {
      const L = Fp2.BYTES;
      const x = Fp2.fromBytes(tail.subarray(0, L));
      const y = Fp2.fromBytes(tail.subarray(L, L * 2));
      if (!isValidXY(x, y))
        throw new Error("bad point: is not on curve");
      return { x, y };
    } else {
      throw new Error(`bad point: got length ${length}, expected compressed=${comp} or uncompressed=${uncomp}`);
    }
  }
  const encodePoint = toBytes === void 0 ? pointToBytes : toBytes;
  const decodePoint = fromBytes === void 0 ? pointFromBytes : fromBytes;
  const b3 = Fp2.mul(CURVE.b, _3n2);
  const mulA = Fp2.is0(CURVE.a) ? (_) => Fp2.ZERO : (x) => Fp2.mul(CURVE.a, x);
  function weierstrassEquation(x) {
    const x2 = Fp2.sqr(x);
    const x3 = Fp2.mul(x2, x);
    return Fp2.add(Fp2.add(x3, Fp2.mul(x, CURVE.a)), CURVE.b);
  }
  function isValidXY(x, y) {
    const left = Fp2.sqr(y);
    const right = weierstrassEquation(x);
    return Fp2.eql(left, right);
  }
  if (!isValidXY(CURVE.Gx, CURVE.Gy))
    throw new Error("bad curve params: generator point");
  const _4a3 = Fp2.mul(Fp2.pow(CURVE.a, _3n2), _4n3);
  const _27b2 = Fp2.mul(Fp2.sqr(CURVE.b), BigInt(27));
  if (Fp2.is0(Fp2.add(_4a3, _27b2)))
    throw new Error("bad curve params: a or b");
  function acoord(title, n, banZero = false) {
    if (!Fp2.isValid(n) || banZero && Fp2.is0(n))
      throw new Error(`bad point coordinate ${title}`);
    return typeof n === "object" && n !== null ? Fp2.create(n) : n;
  }
  function aprjpoint(other) {
    if (!(other instanceof Point2))
      throw new Error("Weierstrass Point expected");
  }
  function splitEndoScalarN(k) {
    if (!endo || !endo.basises)
      throw new Error("no endo");
    return _splitEndoScalar(k, endo.basises, Fn.ORDER);
  }
  function pushWnafPair(points, scalars, p, k) {
    if (!Fn.isValid(k))
      throw new RangeError("invalid scalar: out of range");
    if (endo) {
      const { k1neg, k1, k2neg, k2 } = splitEndoScalarN(k);
      const psi = new Point2(Fp2.mul(p.X, endo.beta), p.Y, p.Z);
      points.push(k1neg ? p.negate() : p, k2neg ? psi.negate() : psi);
      scalars.push(k1, k2);
    } else {
      points.push(p);
      scalars.push(k);
    }
  }
  const validityCache = /* @__PURE__ */ new WeakSet();
  class Point2 {
    static BASE = new Point2(CURVE.Gx, CURVE.Gy, Fp2.ONE);
    static ZERO = new Point2(Fp2.ZERO, Fp2.ONE, Fp2.ZERO);
    static Fp = Fp2;
    static Fn = Fn;
    X;
    Y;
    Z;
    /** Does NOT validate if the point is valid. Use `.assertValidity()`. */
    constructor(X, Y, Z) {
      this.X = acoord("x", X);
      this.Y = acoord("y", Y, true);
      this.Z = acoord("z", Z);
      Object.freeze(this);
    }
    static CURVE() {
      return CURVE;
    }
    /** Does NOT validate if the point is valid. Use `.assertValidity()`. */
    static fromAffine(p) {
      const { x, y } = p || {};
      if (!p || !Fp2.isValid(x) || !Fp2.isValid(y))
        throw new Error("invalid affine point");
      if (p instanceof Point2)
        throw new Error("projective point not allowed");
      if (Fp2.is0(x) && Fp2.is0(y))
        return Point2.ZERO;
      return new Point2(x, y, Fp2.ONE);
    }
    static fromBytes(bytes2) {
      const P = Point2.fromAffine(decodePoint(abytes2(bytes2, void 0, "point")));
      P.assertValidity();
      return P;
    }
    static fromHex(hex2) {
      return Point2.fromBytes(hexToBytes2(hex2));
    }
    get x() {
      return this.toAffine().x;
    }
    get y() {
      return this.toAffine().y;
    }
    /**
     * @param isLazy - true will defer table computation until the first multiplication
     */
    precompute(windowSize = 6, isLazy = true) {
      wnaf.setWindowSize(this, windowSize);
      if (!isLazy)
        this.multiply(_3n2);
      return this;
    }
    // TODO: return `this`
    /** A point on curve is valid if it conforms to equation. */
    assertValidity() {
      const p = this;
      if (p.is0()) {
        if (allowInfinityPoint && Fp2.is0(p.X) && Fp2.eql(p.Y, Fp2.ONE) && Fp2.is0(p.Z))
          return;
        throw new Error("bad point: ZERO");
      }
      if (validityCache.has(p))
        return;
      const { x, y } = p.toAffine();
      if (!Fp2.isValid(x) || !Fp2.isValid(y))
        throw new Error("bad point: x or y not field elements");
      if (!isValidXY(x, y))
        throw new Error("bad point: equation left != right");
      if (!p.isTorsionFree())
        throw new Error("bad point: not in prime-order subgroup");
      validityCache.add(p);
    }
    hasEvenY() {
      const { y } = this.toAffine();
      if (!Fp2.isOdd)
        throw new Error("Field doesn't support isOdd");
      return !Fp2.isOdd(y);
    }
    /** Compare one point to another. */
    equals(other) {
      aprjpoint(other);
      const { X: X1, Y: Y1, Z: Z1 } = this;
      const { X: X2, Y: Y2, Z: Z2 } = other;
      const U1 = Fp2.eql(Fp2.mul(X1, Z2), Fp2.mul(X2, Z1));
      const U2 = Fp2.eql(Fp2.mul(Y1, Z2), Fp2.mul(Y2, Z1));
      return U1 && U2;
    }
    /** Flips point to one corresponding to (x, -y) in Affine coordinates. */
    negate() {
      return new Point2(this.X, Fp2.neg(this.Y), this.Z);
    }
    // Renes-Costello-Batina exception-free doubling formula.
    // There is 30% faster Jacobian formula, but it is not complete.
    // https://eprint.iacr.org/2015/1060, algorithm 3
    // Cost: 8M + 3S + 3*a + 2*b3 + 15add.
    double() {
      const { X: X1, Y: Y1, Z: Z1 } = this;
      let X3 = Fp2.ZERO, Y3 = Fp2.ZERO, Z3 = Fp2.ZERO;
      let t0 = Fp2.mul(X1, X1);
      let t1 = Fp2.mul(Y1, Y1);
      let t2 = Fp2.mul(Z1, Z1);
      let t3 = Fp2.mul(X1, Y1);
      t3 = Fp2.add(t3, t3);
      Z3 = Fp2.mul(X1, Z1);
      Z3 = Fp2.add(Z3, Z3);
      X3 = mulA(Z3);
      Y3 = Fp2.mul(b3, t2);
      Y3 = Fp2.add(X3, Y3);
      X3 = Fp2.sub(t1, Y3);
      Y3 = Fp2.add(t1, Y3);
      Y3 = Fp2.mul(X3, Y3);
      X3 = Fp2.mul(t3, X3);
      Z3 = Fp2.mul(b3, Z3);
      t2 = mulA(t2);
      t3 = Fp2.sub(t0, t2);
      t3 = mulA(t3);
      t3 = Fp2.add(t3, Z3);
      Z3 = Fp2.add(t0, t0);
      t0 = Fp2.add(Z3, t0);
      t0 = Fp2.add(t0, t2);
      t0 = Fp2.mul(t0, t3);
      Y3 = Fp2.add(Y3, t0);
      t2 = Fp2.mul(Y1, Z1);
      t2 = Fp2.add(t2, t2);
      t0 = Fp2.mul(t2, t3);
      X3 = Fp2.sub(X3, t0);
      Z3 = Fp2.mul(t2, t1);
      Z3 = Fp2.add(Z3, Z3);
      Z3 = Fp2.add(Z3, Z3);
      return new Point2(X3, Y3, Z3);
    }
    // Renes-Costello-Batina exception-free addition formula.
    // There is 30% faster Jacobian formula, but it is not complete.
    // https://eprint.iacr.org/2015/1060, algorithm 1
    // Cost: 12M + 0S + 3*a + 3*b3 + 23add.
    add(other) {
      aprjpoint(other);
      const { X: X1, Y: Y1, Z: Z1 } = this;
      const { X: X2, Y: Y2, Z: Z2 } = other;
      let X3 = Fp2.ZERO, Y3 = Fp2.ZERO, Z3 = Fp2.ZERO;
      let t0 = Fp2.mul(X1, X2);
      let t1 = Fp2.mul(Y1, Y2);
      let t2 = Fp2.mul(Z1, Z2);
      let t3 = Fp2.add(X1, Y1);
      let t4 = Fp2.add(X2, Y2);
      t3 = Fp2.mul(t3, t4);
      t4 = Fp2.add(t0, t1);
      t3 = Fp2.sub(t3, t4);
      t4 = Fp2.add(X1, Z1);
      let t5 = Fp2.add(X2, Z2);
      t4 = Fp2.mul(t4, t5);
      t5 = Fp2.add(t0, t2);
      t4 = Fp2.sub(t4, t5);
      t5 = Fp2.add(Y1, Z1);
      X3 = Fp2.add(Y2, Z2);
      t5 = Fp2.mul(t5, X3);
      X3 = Fp2.add(t1, t2);
      t5 = Fp2.sub(t5, X3);
      Z3 = mulA(t4);
      X3 = Fp2.mul(b3, t2);
      Z3 = Fp2.add(X3, Z3);
      X3 = Fp2.sub(t1, Z3);
      Z3 = Fp2.add(t1, Z3);
      Y3 = Fp2.mul(X3, Z3);
      t1 = Fp2.add(t0, t0);
      t1 = Fp2.add(t1, t0);
      t2 = mulA(t2);
      t4 = Fp2.mul(b3, t4);
      t1 = Fp2.add(t1, t2);
      t2 = Fp2.sub(t0, t2);
      t2 = mulA(t2);
      t4 = Fp2.add(t4, t2);
      t0 = Fp2.mul(t1, t4);
      Y3 = Fp2.add(Y3, t0);
      t0 = Fp2.mul(t5, t4);
      X3 = Fp2.mul(t3, X3);
      X3 = Fp2.sub(X3, t0);
      t0 = Fp2.mul(t3, t1);
      Z3 = Fp2.mul(t5, Z3);
      Z3 = Fp2.add(Z3, t0);
      return new Point2(X3, Y3, Z3);
    }
    subtract(other) {
      aprjpoint(other);
      return this.add(other.negate());
    }
    is0() {
      return this.equals(Point2.ZERO);
    }
    /**
     * Constant time multiplication.
     * Uses precomputed tables (signed fixed-window wNAF) when available.
     * Uses scalar blinding and avoids endomorphism splitting in the secret-scalar path.
     * @param scalar - by which the point would be multiplied
     * @returns New point
     */
    multiply(scalar) {
      if (!Fn.isValidNot0(scalar))
        throw new RangeError("invalid scalar: out of range");
      const { p, f } = wnaf.mulSecret(this, scalar, cofactor, normalize);
      return normalize([p, f])[0];
    }
    /**
     * Non-constant-time multiplication. Uses width-4 wNAF with GLV endomorphism splitting
     * when available (two half-width scalars sharing one halved doubling chain).
     * It's faster, but should only be used when you don't care about
     * an exposed secret key e.g. sig verification, which works over *public* keys.
     */
    multiplyUnsafe(scalar) {
      const p = this;
      const sc = scalar;
      if (!Fn.isValid(sc))
        throw new RangeError("invalid scalar: out of range");
      if (sc === _0n5 || p.is0())
        return Point2.ZERO;
      if (sc === _1n4)
        return p;
      if (wnaf.hasWindowSize(this))
        return wnaf.mulUnsafe(p, sc, normalize);
      const points = [];
      const scalars = [];
      pushWnafPair(points, scalars, p, sc);
      return mulAddUnsafe(Point2, points, scalars);
    }
    /**
     * Non-constant-time double-scalar multiplication `a⋅this + b⋅other` (Strauss–Shamir).
     * Both walks share one doubling chain via {@link mulAddUnsafe}, and GLV endomorphism
     * (when available) halves the chain again by splitting each scalar into two half-width
     * parts. Used by ECDSA verification and public-key recovery for `R = u1⋅G + u2⋅P`.
     * Only for public scalars.
     */
    mulAddUnsafe(a, other, b) {
      aprjpoint(other);
      const points = [];
      const scalars = [];
      pushWnafPair(points, scalars, this, a);
      pushWnafPair(points, scalars, other, b);
      return mulAddUnsafe(Point2, points, scalars);
    }
    /**
     * Converts Projective point to affine (x, y) coordinates.
     * (X, Y, Z) ∋ (x=X/Z, y=Y/Z).
     * @param invertedZ - Z^-1 (inverted zero) - optional, precomputation is useful for invertBatch
     */
    toAffine(invertedZ) {
      const p = this;
      let iz = invertedZ;
      if (iz != null && !Fp2.isValid(iz))
        throw new RangeError('"invertedZ" expected valid field element');
      const { X, Y, Z } = p;
      if (Fp2.eql(Z, Fp2.ONE))
        return { x: X, y: Y };
      const is0 = p.is0();
      if (iz == null)
        iz = is0 ? Fp2.ONE : Fp2.inv(Z);
      const x = Fp2.mul(X, iz);
      const y = Fp2.mul(Y, iz);
      const zz = Fp2.mul(Z, iz);
      if (is0)
        return { x: Fp2.ZERO, y: Fp2.ZERO };
      if (!Fp2.eql(zz, Fp2.ONE))
        throw new Error("invZ was invalid");
      return { x, y };
    }
    /**
     * Checks whether Point is free of torsion elements (is in prime subgroup).
     * Always torsion-free for cofactor=1 curves.
     */
    isTorsionFree() {
      if (cofactor === _1n4)
        return true;
      if (isTorsionFree)
        return isTorsionFree(Point2, this);
      return wnaf.mulUnsafe(this, CURVE_ORDER).is0();
    }
    clearCofactor() {
      if (cofactor === _1n4)
        return this;
      if (clearCofactor)
        return clearCofactor(Point2, this);
      return this.multiplyUnsafe(cofactor);
    }
    isSmallOrder() {
      if (cofactor === _1n4)
        return this.is0();
      return this.clearCofactor().is0();
    }
    toBytes(isCompressed = true) {
      abool2(isCompressed, "isCompressed");
      this.assertValidity();
      return encodePoint(Point2, this, isCompressed);
    }
    toHex(isCompressed = true) {
      return bytesToHex2(this.toBytes(isCompressed));
    }
    toString() {
      return `<Point ${this.is0() ? "ZERO" : this.toHex()}>`;
    }
  }
  const normalize = (points) => normalizeZ(Point2, points);
  const wnaf = new ScalarMultiplier(Point2, randomBytes3);
  if (wnaf.bits >= 6)
    Point2.BASE.precompute(6);
  Object.freeze(Point2.prototype);
  Object.freeze(Point2);
  return Point2;
}
function pprefix(hasEvenY) {
  return Uint8Array.of(hasEvenY ? 2 : 3);
}
function getWLengths(Fp2, Fn) {
  return {
    secretKey: Fn.BYTES,
    publicKey: 1 + Fp2.BYTES,
    publicKeyUncompressed: 1 + 2 * Fp2.BYTES,
    publicKeyHasPrefix: true,
    // Raw compact `(r || s)` signature width; DER and recovered signatures use
    // different lengths outside this helper.
    signature: 2 * Fn.BYTES
  };
}
function ecdh(Point2, ecdhOpts = {}) {
  validatePointCons(Point2);
  const { Fn } = Point2;
  const randomBytes_ = ecdhOpts.randomBytes === void 0 ? randomBytes2 : ecdhOpts.randomBytes;
  const lengths = Object.assign(getWLengths(Point2.Fp, Fn), {
    seed: Math.max(getMinHashLength(Fn.ORDER), 16)
  });
  function isValidSecretKey(secretKey) {
    try {
      const num = Fn.fromBytes(secretKey);
      return Fn.isValidNot0(num);
    } catch (error) {
      return false;
    }
  }
  function isValidPublicKey(publicKey, isCompressed) {
    const { publicKey: comp, publicKeyUncompressed } = lengths;
    try {
      const l = publicKey.length;
      if (isCompressed === true && l !== comp)
        return false;
      if (isCompressed === false && l !== publicKeyUncompressed)
        return false;
      return !Point2.fromBytes(publicKey).is0();
    } catch (error) {
      return false;
    }
  }
  function randomSecretKey(seed) {
    seed = seed === void 0 ? randomBytes_(lengths.seed) : seed;
    return mapHashToField(abytes2(seed, lengths.seed, "seed"), Fn.ORDER);
  }
  function getPublicKey(secretKey, isCompressed = true) {
    return Point2.BASE.multiply(Fn.fromBytes(secretKey)).toBytes(isCompressed);
  }
  function isProbPub(item) {
    const { secretKey, publicKey, publicKeyUncompressed } = lengths;
    const allowedLengths = Fn._lengths;
    if (!isBytes2(item))
      return void 0;
    const l = abytes2(item, void 0, "key").length;
    const isPub = l === publicKey || l === publicKeyUncompressed;
    const isSec = l === secretKey || !!allowedLengths?.includes(l);
    if (isPub && isSec)
      return void 0;
    return isPub;
  }
  function getSharedSecret(secretKeyA, publicKeyB, isCompressed = true) {
    if (isProbPub(secretKeyA) === true)
      throw new Error("first arg must be private key");
    if (isProbPub(publicKeyB) === false)
      throw new Error("second arg must be public key");
    const s = Fn.fromBytes(secretKeyA);
    const b = Point2.fromBytes(publicKeyB);
    if (b.is0())
      throw new Error("invalid public key: point at infinity");
    return b.multiply(s).toBytes(isCompressed);
  }
  const utils = {
    isValidSecretKey,
    isValidPublicKey,
    randomSecretKey
  };
  const keygen = createKeygen(randomSecretKey, getPublicKey);
  Object.freeze(utils);
  Object.freeze(lengths);
  return Object.freeze({ getPublicKey, getSharedSecret, keygen, Point: Point2, utils, lengths });
}
function ecdsa(Point2, hash, ecdsaOpts = {}) {
  validatePointCons(Point2);
  const hash_ = hash;
  ahash(hash_);
  validateObject(ecdsaOpts, {}, {
    hmac: "function",
    lowS: "boolean",
    randomBytes: "function",
    bits2int: "function",
    bits2int_modN: "function"
  });
  const opts = Object.assign({}, ecdsaOpts);
  const randomBytes3 = opts.randomBytes === void 0 ? randomBytes2 : opts.randomBytes;
  const hmac2 = opts.hmac === void 0 ? (key, msg) => hmac(hash_, key, msg) : opts.hmac;
  const { Fp: Fp2, Fn } = Point2;
  const { ORDER: CURVE_ORDER, BITS: fnBits } = Fn;
  const blindLength = getMinHashLength(CURVE_ORDER);
  const csprng = probeRandomBytes(randomBytes3, blindLength);
  const { keygen, getPublicKey, getSharedSecret, utils, lengths } = ecdh(Point2, opts);
  const defaultSigOpts = {
    prehash: true,
    lowS: typeof opts.lowS === "boolean" ? opts.lowS : true,
    format: "compact",
    extraEntropy: false
  };
  const hasLargeRecoveryLifts = CURVE_ORDER * _2n2 + _1n4 < Fp2.ORDER;
  function isBiggerThanHalfOrder(number) {
    const HALF = CURVE_ORDER >> _1n4;
    return number > HALF;
  }
  function validateRS(title, num) {
    if (!Fn.isValidNot0(num))
      throw new Error(`invalid signature ${title}: out of range 1..Point.Fn.ORDER`);
    return num;
  }
  function assertFieldSignIsSupported() {
    if (!Fp2.isOdd)
      throw new Error("Field doesn't support isOdd");
  }
  function getRecoveryBit(x, y, r) {
    assertFieldSignIsSupported();
    return (x === r ? 0 : 2) | Number(Fp2.isOdd(y));
  }
  function assertRecoverableCurve() {
    if (hasLargeRecoveryLifts)
      throw new Error('"recovered" sig type is not supported for cofactor >2 curves');
  }
  function validateSigLength(bytes2, format) {
    validateSigFormat(format);
    const size = lengths.signature;
    const sizer = format === "compact" ? size : format === "recovered" ? size + 1 : void 0;
    return abytes2(bytes2, sizer);
  }
  class Signature {
    r;
    s;
    recovery;
    constructor(r, s, recovery) {
      this.r = validateRS("r", r);
      this.s = validateRS("s", s);
      if (recovery != null) {
        assertRecoverableCurve();
        if (![0, 1, 2, 3].includes(recovery))
          throw new Error("invalid recovery id");
        this.recovery = recovery;
      }
      Object.freeze(this);
    }
    static fromBytes(bytes2, format = defaultSigOpts.format) {
      validateSigLength(bytes2, format);
      let recid;
      if (format === "der") {
        if (bytes2.length > 2 * Fn.BYTES + 16)
          throw new DER.Err("invalid signature: DER signature too long");
        const { r: r2, s: s2 } = DER.toSig(abytes2(bytes2), Fn.BYTES + 1);
        return new Signature(r2, s2);
      }
      if (format === "recovered") {
        recid = bytes2[0];
        format = "compact";
        bytes2 = bytes2.subarray(1);
      }
      const L = lengths.signature / 2;
      const r = bytes2.subarray(0, L);
      const s = bytes2.subarray(L, L * 2);
      return new Signature(Fn.fromBytes(r), Fn.fromBytes(s), recid);
    }
    static fromHex(hex2, format) {
      return this.fromBytes(hexToBytes2(hex2), format);
    }
    assertRecovery() {
      const { recovery } = this;
      if (recovery == null)
        throw new Error("invalid recovery id: must be present");
      return recovery;
    }
    addRecoveryBit(recovery) {
      return new Signature(this.r, this.s, recovery);
    }
    // Unlike the top-level helper below, this method expects a digest that has
    // already been hashed to the curve's message representative.
    recoverPublicKey(messageHash) {
      const { r, s } = this;
      const recovery = this.assertRecovery();
      const radj = recovery === 2 || recovery === 3 ? r + CURVE_ORDER : r;
      if (!Fp2.isValid(radj))
        throw new Error("invalid recovery id: sig.r+curve.n != R.x");
      const x = Fp2.toBytes(radj);
      const R = Point2.fromBytes(concatBytes2(pprefix((recovery & 1) === 0), x));
      const ir = Fn.inv(radj);
      const h = bits2int_modN(abytes2(messageHash, void 0, "msgHash"));
      const u1 = Fn.create(-h * ir);
      const u2 = Fn.create(s * ir);
      const Q = Point2.BASE.mulAddUnsafe(u1, R, u2);
      if (Q.is0())
        throw new Error("invalid recovery: point at infinify");
      Q.assertValidity();
      return Q;
    }
    // Signatures should be low-s, to prevent malleability.
    hasHighS() {
      return isBiggerThanHalfOrder(this.s);
    }
    toBytes(format = defaultSigOpts.format) {
      validateSigFormat(format);
      if (format === "der")
        return hexToBytes2(DER.hexFromSig(this));
      const { r, s } = this;
      const rb = Fn.toBytes(r);
      const sb = Fn.toBytes(s);
      if (format === "recovered") {
        assertRecoverableCurve();
        return concatBytes2(Uint8Array.of(this.assertRecovery()), rb, sb);
      }
      return concatBytes2(rb, sb);
    }
    toHex(format) {
      return bytesToHex2(this.toBytes(format));
    }
  }
  Object.freeze(Signature.prototype);
  Object.freeze(Signature);
  const bits2int = opts.bits2int === void 0 ? function bits2int_def(bytes2) {
    if (bytes2.length > 8192)
      throw new Error("input is too large");
    const num = bytesToNumberBE(bytes2);
    const delta = bytes2.length * 8 - fnBits;
    return delta > 0 ? num >> BigInt(delta) : num;
  } : opts.bits2int;
  const bits2int_modN = opts.bits2int_modN === void 0 ? function bits2int_modN_def(bytes2) {
    return Fn.create(bits2int(bytes2));
  } : opts.bits2int_modN;
  const ORDER_MASK = bitMask(fnBits);
  function int2octets(num) {
    aInRange("num < 2^" + fnBits, num, _0n5, ORDER_MASK);
    return Fn.toBytes(num);
  }
  function validateMsgAndHash(message2, prehash) {
    abytes2(message2, void 0, "message");
    return prehash ? abytes2(hash_(message2), void 0, "prehashed message") : message2;
  }
  function prepSig(message2, secretKey, opts2) {
    const { lowS, prehash, extraEntropy } = validateSigOpts(opts2, defaultSigOpts);
    message2 = validateMsgAndHash(message2, prehash);
    const h1int = bits2int_modN(message2);
    const d = Fn.fromBytes(secretKey);
    if (!Fn.isValidNot0(d))
      throw new Error("invalid private key");
    const seedArgs = [int2octets(d), int2octets(h1int)];
    if (extraEntropy != null && extraEntropy !== false) {
      const e = extraEntropy === true ? randomBytes3(lengths.secretKey) : extraEntropy;
      seedArgs.push(abytes2(e, void 0, "extraEntropy"));
    }
    const seed = concatBytes2(...seedArgs);
    const m = h1int;
    function k2sig(kBytes) {
      const k = bits2int(kBytes);
      if (!Fn.isValidNot0(k))
        return;
      const q = Point2.BASE.multiply(k).toAffine();
      const r = Fn.create(q.x);
      if (r === _0n5)
        return;
      let s;
      if (csprng !== void 0) {
        const b = bytesToNumberBE(mapHashToField(csprng(blindLength), CURVE_ORDER));
        const ibk = Fn.inv(Fn.mul(b, k));
        const bm = Fn.mul(b, m);
        const bd = Fn.mul(b, d);
        s = Fn.create(ibk * Fn.create(bm + bd * r));
      } else {
        const ik = invertCt(k, CURVE_ORDER);
        s = Fn.create(ik * Fn.create(m + r * d));
      }
      if (s === _0n5)
        return;
      let recovery = getRecoveryBit(q.x, q.y, r);
      let normS = s;
      if (lowS && isBiggerThanHalfOrder(s)) {
        normS = Fn.neg(s);
        recovery ^= 1;
      }
      return new Signature(r, normS, hasLargeRecoveryLifts ? void 0 : recovery);
    }
    return { seed, k2sig };
  }
  function sign(message2, secretKey, opts2 = {}) {
    const { seed, k2sig } = prepSig(message2, secretKey, opts2);
    const drbg = createHmacDrbg(hash_.outputLen, Fn.BYTES, hmac2);
    const sig = drbg(seed, k2sig);
    return sig.toBytes(opts2.format);
  }
  function verify2(signature, message2, publicKey, opts2 = {}) {
    const { lowS, prehash, format } = validateSigOpts(opts2, defaultSigOpts);
    publicKey = abytes2(publicKey, void 0, "publicKey");
    message2 = validateMsgAndHash(message2, prehash);
    if (!isBytes2(signature)) {
      const end = signature instanceof Signature ? ", use sig.toBytes()" : "";
      throw new Error("verify expects Uint8Array signature" + end);
    }
    validateSigLength(signature, format);
    try {
      const sig = Signature.fromBytes(signature, format);
      const P = Point2.fromBytes(publicKey);
      if (P.is0())
        return false;
      if (lowS && sig.hasHighS())
        return false;
      const { r, s } = sig;
      const h = bits2int_modN(message2);
      const is = Fn.inv(s);
      const u1 = Fn.create(h * is);
      const u2 = Fn.create(r * is);
      const R = Point2.BASE.mulAddUnsafe(u1, P, u2);
      if (R.is0())
        return false;
      const q = R.toAffine();
      const v = Fn.create(q.x);
      if (v !== r)
        return false;
      if (format === "recovered" && sig.recovery !== getRecoveryBit(q.x, q.y, r))
        return false;
      return true;
    } catch (e) {
      return false;
    }
  }
  function recoverPublicKey(signature, message2, opts2 = {}) {
    const { prehash } = validateSigOpts(opts2, defaultSigOpts);
    message2 = validateMsgAndHash(message2, prehash);
    return Signature.fromBytes(signature, "recovered").recoverPublicKey(message2).toBytes();
  }
  return Object.freeze({
    keygen,
    getPublicKey,
    getSharedSecret,
    utils,
    lengths,
    Point: Point2,
    sign,
    verify: verify2,
    recoverPublicKey,
    Signature,
    hash: hash_
  });
}

// node_modules/@noble/curves/secp256k1.js
var secp256k1_CURVE = {
  p: BigInt("0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f"),
  n: BigInt("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"),
  h: BigInt(1),
  a: BigInt(0),
  b: BigInt(7),
  Gx: BigInt("0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"),
  Gy: BigInt("0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8")
};
var secp256k1_ENDO = {
  beta: BigInt("0x7ae96a2b657c07106e64479eac3434e99cf0497512f58995c1396c28719501ee"),
  basises: [
    [BigInt("0x3086d221a7d46bcde86c90e49284eb15"), -BigInt("0xe4437ed6010e88286f547fa90abfe4c3")],
    [BigInt("0x114ca50f7a8e2f3f657c1108d9d44cfd8"), BigInt("0x3086d221a7d46bcde86c90e49284eb15")]
  ]
};
var _2n3 = /* @__PURE__ */ BigInt(2);
function sqrtMod(y) {
  const P = secp256k1_CURVE.p;
  const _3n3 = BigInt(3), _6n = BigInt(6), _11n = BigInt(11), _22n = BigInt(22);
  const _23n = BigInt(23), _44n = BigInt(44), _88n = BigInt(88);
  const b2 = y * y * y % P;
  const b3 = b2 * b2 * y % P;
  const b6 = pow2(b3, _3n3, P) * b3 % P;
  const b9 = pow2(b6, _3n3, P) * b3 % P;
  const b11 = pow2(b9, _2n3, P) * b2 % P;
  const b22 = pow2(b11, _11n, P) * b11 % P;
  const b44 = pow2(b22, _22n, P) * b22 % P;
  const b88 = pow2(b44, _44n, P) * b44 % P;
  const b176 = pow2(b88, _88n, P) * b88 % P;
  const b220 = pow2(b176, _44n, P) * b44 % P;
  const b223 = pow2(b220, _3n3, P) * b3 % P;
  const t1 = pow2(b223, _23n, P) * b22 % P;
  const t2 = pow2(t1, _6n, P) * b2 % P;
  const root = pow2(t2, _2n3, P);
  if (!Fpk1.eql(Fpk1.sqr(root), y))
    throw new Error("Cannot find square root");
  return root;
}
var Fpk1 = /* @__PURE__ */ Field(secp256k1_CURVE.p, { sqrt: sqrtMod });
var Pointk1 = /* @__PURE__ */ weierstrass(secp256k1_CURVE, {
  Fp: Fpk1,
  endo: secp256k1_ENDO
});
var secp256k1 = /* @__PURE__ */ ecdsa(Pointk1, sha256);

// node_modules/@noble/hashes/sha3.js
var _0n6 = BigInt(0);
var _1n5 = BigInt(1);
var _2n4 = BigInt(2);
var _7n2 = BigInt(7);
var _256n = BigInt(256);
var _0x71n = BigInt(113);
var SHA3_PI = [];
var SHA3_ROTL = [];
var _SHA3_IOTA = [];
for (let round = 0, R = _1n5, x = 1, y = 0; round < 24; round++) {
  [x, y] = [y, (2 * x + 3 * y) % 5];
  SHA3_PI.push(2 * (5 * y + x));
  SHA3_ROTL.push((round + 1) * (round + 2) / 2 % 64);
  let t = _0n6;
  for (let j = 0; j < 7; j++) {
    R = (R << _1n5 ^ (R >> _7n2) * _0x71n) % _256n;
    if (R & _2n4)
      t ^= _1n5 << (_1n5 << BigInt(j)) - _1n5;
  }
  _SHA3_IOTA.push(t);
}
var IOTAS = split(_SHA3_IOTA, true);
var SHA3_IOTA_H = IOTAS[0];
var SHA3_IOTA_L = IOTAS[1];
var rotlSH = (h, l, s) => h << s | l >>> 32 - s;
var rotlSL = (h, l, s) => l << s | h >>> 32 - s;
var rotlBH = (h, l, s) => l << s - 32 | h >>> 64 - s;
var rotlBL = (h, l, s) => h << s - 32 | l >>> 64 - s;
var rotlH = (h, l, s) => s > 32 ? rotlBH(h, l, s) : rotlSH(h, l, s);
var rotlL = (h, l, s) => s > 32 ? rotlBL(h, l, s) : rotlSL(h, l, s);
var B = new Uint32Array(5 * 2);
function keccakP(s, rounds = 24) {
  if (!(s instanceof Uint32Array))
    throw new TypeError('"s" expected Uint32Array(50), got type=' + typeof s);
  if (s.length !== 50)
    throw new RangeError('"s" expected Uint32Array(50), got length=' + s.length);
  anumber(rounds, "rounds");
  if (rounds < 1 || rounds > 24)
    throw new Error('"rounds" expected integer 1..24');
  for (let round = 24 - rounds; round < 24; round++) {
    for (let x = 0; x < 10; x++)
      B[x] = s[x] ^ s[x + 10] ^ s[x + 20] ^ s[x + 30] ^ s[x + 40];
    for (let x = 0; x < 10; x += 2) {
      const idx1 = (x + 8) % 10;
      const idx0 = (x + 2) % 10;
      const B0 = B[idx0];
      const B1 = B[idx0 + 1];
      const Th = rotlH(B0, B1, 1) ^ B[idx1];
      const Tl = rotlL(B0, B1, 1) ^ B[idx1 + 1];
      for (let y = 0; y < 50; y += 10) {
        s[x + y] ^= Th;
        s[x + y + 1] ^= Tl;
      }
    }
    let curH = s[2];
    let curL = s[3];
    for (let t = 0; t < 24; t++) {
      const shift = SHA3_ROTL[t];
      const Th = rotlH(curH, curL, shift);
      const Tl = rotlL(curH, curL, shift);
      const PI = SHA3_PI[t];
      curH = s[PI];
      curL = s[PI + 1];
      s[PI] = Th;
      s[PI + 1] = Tl;
    }
    for (let y = 0; y < 50; y += 10) {
      const b0 = s[y], b1 = s[y + 1], b2 = s[y + 2], b3 = s[y + 3];
      s[y] ^= ~s[y + 2] & s[y + 4];
      s[y + 1] ^= ~s[y + 3] & s[y + 5];
      s[y + 2] ^= ~s[y + 4] & s[y + 6];
      s[y + 3] ^= ~s[y + 5] & s[y + 7];
      s[y + 4] ^= ~s[y + 6] & s[y + 8];
      s[y + 5] ^= ~s[y + 7] & s[y + 9];
      s[y + 6] ^= ~s[y + 8] & b0;
      s[y + 7] ^= ~s[y + 9] & b1;
      s[y + 8] ^= ~b0 & b2;
      s[y + 9] ^= ~b1 & b3;
    }
    s[0] ^= SHA3_IOTA_H[round];
    s[1] ^= SHA3_IOTA_L[round];
  }
  clean(B);
}
var Keccak = class _Keccak {
  state;
  pos = 0;
  posOut = 0;
  finished = false;
  state32;
  destroyed = false;
  blockLen;
  suffix;
  outputLen;
  canXOF;
  enableXOF = false;
  rounds;
  // NOTE: we accept arguments in bytes instead of bits here.
  constructor(blockLen, suffix, outputLen, enableXOF = false, rounds = 24) {
    anumber(blockLen, "blockLen");
    anumber(suffix, "suffix");
    anumber(rounds, "rounds");
    abool(enableXOF, "enableXOF");
    this.blockLen = blockLen;
    this.suffix = suffix;
    this.outputLen = outputLen;
    this.enableXOF = enableXOF;
    this.canXOF = enableXOF;
    this.rounds = rounds;
    anumber(outputLen, "outputLen");
    if (!(0 < blockLen && blockLen < 200))
      throw new Error('"blockLen" must be 1..199');
    this.state = new Uint8Array(200);
    this.state32 = u32(this.state);
  }
  clone() {
    return this._cloneInto();
  }
  keccak() {
    swap32IfBE(this.state32);
    keccakP(this.state32, this.rounds);
    swap32IfBE(this.state32);
    this.posOut = 0;
    this.pos = 0;
  }
  update(data) {
    aexists(this);
    abytes(data);
    const { blockLen, state, state32 } = this;
    const len = data.length;
    const canUseU32 = blockLen % 4 === 0 && data.byteOffset % 4 === 0;
    const blockLen32 = blockLen / 4;
    const data32 = canUseU32 && len >= blockLen ? u32(data) : void 0;
    for (let pos = 0; pos < len; ) {
      if (data32 !== void 0 && this.pos === 0 && pos % 4 === 0 && len - pos >= blockLen) {
        for (let i = 0, o = pos / 4; i < blockLen32; i++)
          state32[i] ^= data32[o + i];
        pos += blockLen;
        this.pos = blockLen;
        this.keccak();
        continue;
      }
      const take = Math.min(blockLen - this.pos, len - pos);
      for (let i = 0; i < take; i++)
        state[this.pos++] ^= data[pos++];
      if (this.pos === blockLen)
        this.keccak();
    }
    return this;
  }
  finish() {
    if (this.finished)
      return;
    this.finished = true;
    const { state, suffix, pos, blockLen } = this;
    state[pos] ^= suffix;
    if ((suffix & 128) !== 0 && pos === blockLen - 1)
      this.keccak();
    state[blockLen - 1] ^= 128;
    this.keccak();
  }
  writeInto(out) {
    aexists(this, false);
    abytes(out);
    this.finish();
    const bufferOut = this.state;
    const { blockLen } = this;
    for (let pos = 0, len = out.length; pos < len; ) {
      if (this.posOut >= blockLen)
        this.keccak();
      const take = Math.min(blockLen - this.posOut, len - pos);
      out.set(bufferOut.subarray(this.posOut, this.posOut + take), pos);
      this.posOut += take;
      pos += take;
    }
    return out;
  }
  xofInto(out) {
    if (!this.enableXOF)
      throw new Error("XOF is not enabled");
    return this.writeInto(out);
  }
  xof(bytes2) {
    anumber(bytes2);
    return this.xofInto(new Uint8Array(bytes2));
  }
  digestInto(out) {
    aoutput(out, this);
    if (this.finished)
      throw new Error("digest() was already called");
    this.writeInto(out.length === this.outputLen ? out : out.subarray(0, this.outputLen));
    this.destroy();
  }
  digest() {
    const out = new Uint8Array(this.outputLen);
    this.digestInto(out);
    return out;
  }
  destroy() {
    this.destroyed = true;
    clean(this.state);
  }
  _cloneInto(to) {
    const { blockLen, suffix, outputLen, rounds, enableXOF } = this;
    to ||= new _Keccak(blockLen, suffix, outputLen, enableXOF, rounds);
    to.blockLen = blockLen;
    to.state32.set(this.state32);
    to.pos = this.pos;
    to.posOut = this.posOut;
    to.finished = this.finished;
    to.rounds = rounds;
    to.suffix = suffix;
    to.outputLen = outputLen;
    to.enableXOF = enableXOF;
    to.canXOF = this.canXOF;
    to.destroyed = this.destroyed;
    return to;
  }
};
var genKeccak = (suffix, blockLen, outputLen, info = {}) => createHasher(() => new Keccak(blockLen, suffix, outputLen), info);
var keccak_256 = /* @__PURE__ */ genKeccak(1, 136, 32);

// src/identity/hash.ts
var sha2562 = (...parts) => sha256(parts.length === 1 ? parts[0] : concat(...parts));
var keccak256 = (...parts) => keccak_256(concat(...parts));
var zeroHash = new Uint8Array(32);
var chainID = (network) => hex(network.subarray(0, 20));
function addressText(address) {
  const digits = hex(address);
  const sum = hex(keccak256(utf8(digits)));
  return "0x" + Array.from(digits, (c, i) => sum[i] >= "8" ? c.toUpperCase() : c).join("");
}
var word = (n) => concat(new Uint8Array(24), word64(n));

// src/identity/envelope.ts
var maxRecordBytes = 256 << 10;
var leafPrefix = Uint8Array.of(0);
var recordHash = (record) => sha2562(leafPrefix, record);
var text = (s) => keccak256(utf8(s));
var domainTypeHash = text("EIP712Domain(string name,string version,bytes32 salt)");
var envelopeTypeHash = text("Envelope(string kind,address signer,uint64 notAfter,uint32 count,bytes32 recordsRoot)");
var domainNameHash = text("Waymark");
var domainVersionHash = text("1");
function envelopeID(e, recordsRoot) {
  const domain = keccak256(domainTypeHash, domainNameHash, domainVersionHash, e.network);
  const struct = keccak256(
    envelopeTypeHash,
    text(e.kind),
    concat(new Uint8Array(12), e.signer),
    word(e.notAfter),
    word(e.count),
    recordsRoot
  );
  return keccak256(Uint8Array.of(25, 1), domain, struct);
}
var halfOrder = secp256k1.Point.Fn.ORDER >> 1n;
var Verifier = class {
  publicKey;
  address;
  // none when it is no public key
  constructor(publicKey) {
    this.publicKey = publicKey;
    this.address = publicKeyAddress(publicKey);
  }
  /**
   * check verifies r ‖ s, low-s, over an envelope's id; the key has to be the one
   * of the signer's address. It returns what is wrong, undefined for nothing.
   */
  check(id, signer, signature) {
    if (!this.address) return "public key";
    if (!equalBytes(this.address, signer)) return "signer";
    const s = signature.subarray(32).reduce((n, b) => n << 8n | BigInt(b), 0n);
    if (s > halfOrder) return "high s";
    return secp256k1.verify(signature, id, this.publicKey, { prehash: false, lowS: true }) ? void 0 : "signature";
  }
};
function publicKeyAddress(publicKey) {
  if (publicKey.length !== 33) return void 0;
  try {
    return keccak256(secp256k1.Point.fromBytes(publicKey).toBytes(false).subarray(1)).subarray(12);
  } catch {
    return void 0;
  }
}

// src/identity/genesis.ts
var maxValidatorPower = 1n << 60n;
var GenesisError = class extends Error {
  name = "GenesisError";
};
var maxGenesisBytes = 16 << 20;
var maxGenesisDepth = 32;
var genesisNames = /* @__PURE__ */ new Map([
  ["", ["genesis_time", "chain_id", "initial_height", "consensus_params", "validators", "app_hash", "app_state"]],
  ["/app_state", ["organisations", "parameters"]],
  ["/app_state/organisations/*", ["id", "name", "country", "roles", "schemes", "prefixes", "keys", "peer", "nodeId"]],
  ["/app_state/parameters", [
    "maxNotAfterAhead",
    "futureSkew",
    "lateness",
    "maxRecordsPerBlock",
    "maxBytesPerBlock",
    "maxRecordsPerMember",
    "maxBytesPerMember"
  ]]
]);
function parseGenesis(doc) {
  if (doc.length > maxGenesisBytes) throw new GenesisError(`${doc.length} bytes, more than ${maxGenesisBytes}`);
  const text2 = textOf(doc);
  if (text2 === void 0) throw new GenesisError("not valid UTF-8");
  const root = parseJSON(text2);
  if (root.kind !== "object") throw new GenesisError("not a JSON object");
  checkNames(root, "", 0);
  const id = get(root.members, "chain_id");
  if (id?.kind !== "string") throw new GenesisError("there is no chain_id");
  const network = sha2562(utf8(text2.slice(0, id.start) + '""' + text2.slice(id.end)));
  if (text2.slice(id.start, id.end) !== `"${chainID(network)}"`) throw new GenesisError("chain id does not match the genesis document");
  const time = Instant.parse(textField(root.members, "genesis_time"));
  if (typeof time === "string") throw new GenesisError("genesis_time: " + time);
  const year = Number(time.toString().slice(0, 4));
  if (year < 2e3 || year > 2200) throw new GenesisError(`genesis_time: year ${year}`);
  const height = get(root.members, "initial_height");
  if (height && text2.slice(height.start, height.end) !== '"1"') throw new GenesisError('initial_height is not "1"');
  const appHash2 = get(root.members, "app_hash");
  if (appHash2 && appHash2.kind !== "null" && !(appHash2.kind === "string" && appHash2.str === "")) throw new GenesisError("app_hash is not empty");
  if (get(root.members, "app_state")?.kind !== "object") throw new GenesisError("app_state is missing");
  return {
    network,
    time: BigInt(time.seconds) * 1000000000n + BigInt(time.nanos),
    validators: parseValidators(get(root.members, "validators"))
  };
}
function checkNames(v, pointer, depth) {
  if (depth >= maxGenesisDepth) throw new GenesisError(`${pointer}: nested deeper than ${maxGenesisDepth}`);
  if (v.kind === "array") for (const item of v.items) checkNames(item, pointer + "/*", depth + 1);
  if (v.kind !== "object") return;
  const known = genesisNames.get(pointer);
  const seen = /* @__PURE__ */ new Set();
  for (const m of v.members) {
    if (known && !known.includes(m.name)) throw new GenesisError(`${pointer}/${m.name}: not a known field`);
    const lower = m.name.toLowerCase();
    if (seen.has(lower)) throw new GenesisError(`${pointer}/${m.name}: stands there twice`);
    seen.add(lower);
    checkNames(m.value, pointer + "/" + m.name, depth + 1);
  }
}
function textField(members, name) {
  const v = get(members, name);
  return v?.kind === "string" ? v.str : "";
}
function parseValidators(listed) {
  if (listed === void 0 || listed.kind === "null") return [];
  if (listed.kind !== "array") throw new GenesisError("validators is no list");
  const seen = /* @__PURE__ */ new Set();
  let total = 0n;
  return listed.items.map((v, i) => {
    const wrong = (why) => {
      throw new GenesisError(`validator ${i}: ${why}`);
    };
    const members = v.kind === "object" ? v.members : wrong("not an object");
    const key = get(members, "pub_key");
    const keyMembers = key?.kind === "object" ? key.members : [];
    if (textField(keyMembers, "type") !== "tendermint/PubKeyEd25519") wrong("its key is not Ed25519");
    const value = textField(keyMembers, "value");
    const bytes2 = unbase64(value);
    if (bytes2?.length !== 32) return wrong("its key is not 32 bytes in base64");
    const text2 = textField(members, "power");
    const power = /^[+-]?[0-9]{1,30}$/.test(text2) ? BigInt(text2.replace(/^\+/, "")) : 0n;
    if (power < 1n || power > maxValidatorPower) wrong(`its power is "${text2}"`);
    if (seen.has(value)) wrong("its key stands there twice");
    if (total > maxValidatorPower - power) wrong(`the power of all is over ${maxValidatorPower}`);
    seen.add(value);
    total += power;
    return { key: bytes2, power };
  });
}

// src/cbor.ts
var EncodingError = class extends Error {
  name = "EncodingError";
};
var majorUint = 0;
var majorNegative = 1;
var majorBytes = 2;
var majorText = 3;
var majorArray = 4;
var majorMap = 5;
var simpleFalse = 244;
var simpleNull = 246;
var maxElements = 64 << 10;
var maxPairs = 64;
var CBORReader = class _CBORReader {
  at = 0;
  bytes_;
  constructor(bytes2) {
    this.bytes_ = bytes2;
  }
  /** read decodes the whole of b with one function, trailing bytes refused. */
  static read(b, one) {
    const r = new _CBORReader(b);
    const v = one(r);
    if (r.at < b.length) r.fail("bytes follow");
    return v;
  }
  fail(what) {
    throw new EncodingError(`not canonical CBOR: ${what}, at byte ${this.at}`);
  }
  head(major) {
    const first = this.bytes_[this.at];
    if (first === void 0 || first >> 5 !== major) this.fail(`no item of major type ${major}`);
    const short = first & 31;
    this.at++;
    if (short < 24) return BigInt(short);
    if (short > 27) this.fail("an indefinite length");
    const size = 1 << short - 24;
    if (this.at + size > this.bytes_.length) this.fail("cut off");
    let n = 0n;
    for (let i = 0; i < size; i++) n = n << 8n | BigInt(this.bytes_[this.at + i]);
    this.at += size;
    if (n < (size === 1 ? 24n : 1n << BigInt(4 * size))) this.fail("a longer form than needed");
    return n;
  }
  /** uint64 reads an unsigned integer exactly. */
  uint64() {
    return this.head(majorUint);
  }
  /** uint reads an unsigned integer; one past 2^53 is Infinity (see word64). */
  uint() {
    const n = this.head(majorUint);
    return n > BigInt(Number.MAX_SAFE_INTEGER) ? Infinity : Number(n);
  }
  /** uint32 reads an unsigned integer of at most 32 bits. */
  uint32() {
    const n = this.uint();
    return n > 4294967295 ? this.fail("more than 32 bits") : n;
  }
  /** int64 reads a signed integer of 64 bits. */
  int64() {
    const negative = (this.bytes_[this.at] ?? 0) >> 5 === majorNegative;
    const n = this.head(negative ? majorNegative : majorUint);
    if (n >= 1n << 63n) this.fail("more than 64 bits");
    return negative ? -1n - n : n;
  }
  text() {
    return textOf(this.string(majorText)) ?? this.fail("a text that is not UTF-8");
  }
  bytes() {
    return this.string(majorBytes);
  }
  /** fixed reads a byte string of one length. */
  fixed(length) {
    const b = this.bytes();
    return b.length === length ? b : this.fail(`not ${length} bytes`);
  }
  string(major) {
    const n = this.head(major);
    if (n > BigInt(this.bytes_.length - this.at)) this.fail("cut off");
    const b = this.bytes_.slice(this.at, this.at + Number(n));
    this.at += b.length;
    return b;
  }
  /** list reads an array of any length. */
  list(one) {
    const n = this.head(majorArray);
    if (n > maxElements) this.fail("too many elements");
    return Array.from({ length: Number(n) }, one);
  }
  /** array reads the head of an array of exactly n elements. */
  array(n) {
    if (this.head(majorArray) !== BigInt(n)) this.fail(`not an array of ${n}`);
  }
  /**
   * fields reads a map of small integers in ascending order, as structs are
   * written; one reads the value of a key it knows and returns true.
   */
  fields(one) {
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
  names(one) {
    const n = this.head(majorMap);
    if (n > maxPairs) this.fail("too many fields");
    const seen = /* @__PURE__ */ new Set();
    for (let i = 0; i < Number(n); i++) {
      const name = this.text();
      if (seen.has(name) || !one(name)) this.fail(`no field ${name} here`);
      seen.add(name);
    }
  }
  /** nothing consumes a null where one stands. */
  nothing() {
    if (this.bytes_[this.at] !== simpleNull) return false;
    this.at++;
    return true;
  }
  /** flag reads true or false. */
  flag() {
    const b = this.bytes_[this.at++];
    if (b !== simpleFalse && b !== simpleFalse + 1) this.fail("neither true nor false");
    return b === simpleFalse + 1;
  }
  /** skip reads one item of any kind and forgets it. */
  skip() {
    const first = this.bytes_[this.at] ?? 255;
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
  need(v, what) {
    return v ?? this.fail(`no ${what}`);
  }
};
function head(major, n) {
  const w = word64(n);
  const first = w.findIndex((b) => b !== 0);
  const used = first < 0 ? 1 : 8 - first;
  if (used === 1 && w[7] < 24) return Uint8Array.of(major << 5 | w[7]);
  const size = used === 1 ? 1 : used === 2 ? 2 : used <= 4 ? 4 : 8;
  return concat(Uint8Array.of(major << 5 | 24 + Math.log2(size)), w.subarray(8 - size));
}
var cborUint = (n) => head(majorUint, n);
var cborBytes = (b) => concat(head(majorBytes, b.length), b);
var cborArray = (items) => concat(head(majorArray, items.length), ...items);
var cborNull = Uint8Array.of(simpleNull);
var cborInt = (n) => n < 0n ? head(majorNegative, -1n - n) : head(majorUint, n);
function cborText(s) {
  const b = utf8(s);
  return concat(head(majorText, b.length), b);
}

// src/identity/parameters.ts
var defaultParameters = { futureSkew: 600, lateness: 90 * 86400 };
var decodeParameters = (b) => CBORReader.read(b, (r) => {
  const all = [];
  r.fields((key) => {
    all.push(r.uint());
    return key === all.length && key <= 7;
  });
  if (all.length !== 7) r.fail("parameters are missing");
  return { futureSkew: all[1], lateness: all[2] };
});

// src/identity/state.ts
var decodeKeyState = (b) => intervals(b, (r) => {
  let status;
  let organisation;
  let publicKey;
  r.fields((key) => {
    if (key === 1) status = r.text();
    else if (key === 2) organisation = r.text();
    else if (key === 3) publicKey = r.bytes();
    else return false;
    return true;
  });
  return {
    status: r.need(status, "status"),
    organisation: r.need(organisation, "organisation"),
    publicKey: r.need(publicKey, "public key")
  };
});
var decodeOrganisationState = (b) => intervals(b, (r) => {
  let status;
  let organisation;
  r.fields((key) => {
    if (key === 1) status = r.text();
    else if (key === 2) organisation = decodeOrganisation(r);
    else return false;
    return true;
  });
  return { status: r.need(status, "status"), organisation: r.need(organisation, "organisation") };
});
function decodeOrganisation(r) {
  const o = { id: "", name: "", country: "", roles: [], schemes: [], prefixes: [], keys: [], peer: "", nodeID: "" };
  const texts = ["", "id", "name", "country", "", "", "", "", "peer", "nodeID"];
  const lists = ["", "", "", "", "roles", "schemes", "prefixes", "keys"];
  const seen = /* @__PURE__ */ new Set();
  r.fields((key) => {
    seen.add(key);
    const text2 = texts[key];
    const list = lists[key];
    if (text2) {
      o[text2] = r.text();
      return key < 8 || o[text2] !== "";
    }
    if (!list) return false;
    o[list] = r.list(() => r.text());
    return key !== 5 && key !== 6 || o[list].length > 0;
  });
  for (const key of [1, 2, 3, 4, 7]) r.need(seen.has(key) || void 0, `field ${key}`);
  return o;
}
function intervals(b, standing) {
  const all = CBORReader.read(b, (r) => {
    let list;
    r.fields((key) => {
      if (key === 1) list = r.list(() => interval(r, standing));
      return key === 1;
    });
    return r.need(list, "intervals");
  });
  all.forEach((v, i) => {
    if (v.toSeq !== void 0 && v.toSeq <= v.fromSeq) throw new EncodingError(`interval ${i} is empty`);
    const before = i === 0 ? 0 : all[i - 1].toSeq;
    if (before === void 0 || before > v.fromSeq) {
      throw new EncodingError(`interval ${i} begins before the one before it ends`);
    }
  });
  return all;
}
function interval(r, standing) {
  let fromSeq;
  let toSeq;
  let value;
  r.fields((key) => {
    if (key === 1) fromSeq = r.uint();
    else if (key === 2) toSeq = r.uint();
    else if (key === 3) value = standing(r);
    else return false;
    return true;
  });
  const v = { fromSeq: r.need(fromSeq, "start"), value: r.need(value, "standing") };
  if (toSeq !== void 0) v.toSeq = toSeq;
  return v;
}
function standingAt(all, seq) {
  return all.find((v) => v.fromSeq <= seq && (v.toSeq === void 0 || seq < v.toSeq))?.value;
}

// src/proof/index.ts
var proof_exports = {};
__export(proof_exports, {
  ProofError: () => ProofError,
  Refutation: () => Refutation,
  Unusable: () => Unusable,
  anchorOfCheckpoint: () => anchorOfCheckpoint,
  anchorOfGenesis: () => anchorOfGenesis,
  appHash: () => appHash,
  checkAge: () => checkAge,
  checkExtends: () => checkExtends,
  checkLightBlock: () => checkLightBlock,
  codesOf: () => codesOf,
  decodeFindings: () => decodeFindings,
  emptyLogRoot: () => emptyLogRoot,
  encodeEntry: () => encodeEntry,
  findingsHash: () => findingsHash,
  headerHash: () => headerHash,
  leafHash: () => leafHash,
  mapKey: () => mapKey,
  mapLeafHash: () => mapLeafHash,
  nodeHash: () => nodeHash,
  parseCheckpoint: () => parseCheckpoint,
  readLightBlock: () => readLightBlock,
  rootOf: () => rootOf,
  sortValidators: () => sortValidators,
  stateHash: () => stateHash,
  validatorsHash: () => validatorsHash,
  verify: () => verify,
  verifyCheckpoint: () => verifyCheckpoint,
  verifyConsistency: () => verifyConsistency,
  verifyEd25519: () => verifyEd25519,
  verifyMap: () => verifyMap,
  voteBytes: () => voteBytes
});

// node_modules/@noble/curves/abstract/edwards.js
var _0n7 = /* @__PURE__ */ BigInt(0);
var _1n6 = /* @__PURE__ */ BigInt(1);
var _2n5 = /* @__PURE__ */ BigInt(2);
var _4n4 = /* @__PURE__ */ BigInt(4);
var _8n2 = /* @__PURE__ */ BigInt(8);
function isEdValidXY(Fp2, CURVE, x, y) {
  const x2 = Fp2.sqr(x);
  const y2 = Fp2.sqr(y);
  const left = Fp2.add(Fp2.mul(CURVE.a, x2), y2);
  const right = Fp2.add(Fp2.ONE, Fp2.mul(CURVE.d, Fp2.mul(x2, y2)));
  return Fp2.eql(left, right);
}
function edwards(params, extraOpts = {}) {
  validateObject(extraOpts, {}, {}, "extraOpts");
  const opts = extraOpts;
  const validated = createCurveFields("edwards", params, opts, opts.FpFnLE);
  const { Fp: Fp2, Fn } = validated;
  let CURVE = validated.CURVE;
  const { h: cofactor } = CURVE;
  if (FpLegendre(Fp2, CURVE.a) !== 1)
    throw new Error("edwards: CURVE.a must be a square in Fp for complete addition formulas");
  if (FpLegendre(Fp2, CURVE.d) !== -1)
    throw new Error("edwards: CURVE.d must be a non-square in Fp for complete addition formulas");
  validateObject(opts, {}, { uvRatio: "function", randomBytes: "function" });
  const randomBytes3 = opts.randomBytes === void 0 ? randomBytes2 : opts.randomBytes;
  const MASK = _2n5 << BigInt(Fp2.BYTES * 8) - _1n6;
  function isOdd(n) {
    if (!Fp2.isOdd)
      throw new Error("Field does not have .isOdd()");
    return Fp2.isOdd(n);
  }
  const uvRatio2 = opts.uvRatio === void 0 ? (u, v) => {
    try {
      return { isValid: true, value: Fp2.sqrt(Fp2.div(u, v)) };
    } catch (e) {
      return { isValid: false, value: _0n7 };
    }
  } : opts.uvRatio;
  if (!isEdValidXY(Fp2, CURVE, CURVE.Gx, CURVE.Gy))
    throw new Error("bad curve params: generator point");
  const mulA = Fp2.eql(CURVE.a, Fp2.neg(Fp2.ONE)) ? (x) => Fp2.neg(x) : Fp2.eql(CURVE.a, Fp2.ONE) ? (x) => x : (x) => Fp2.mul(CURVE.a, x);
  function acoord(title, n, banZero = false) {
    const min = banZero ? _1n6 : _0n7;
    aInRange("coordinate " + title, n, min, MASK);
    return n;
  }
  function aedpoint(other) {
    if (!(other instanceof Point2))
      throw new Error("EdwardsPoint expected");
  }
  class Point2 {
    static BASE = new Point2(CURVE.Gx, CURVE.Gy, Fp2.ONE, Fp2.mul(CURVE.Gx, CURVE.Gy));
    static ZERO = new Point2(Fp2.ZERO, Fp2.ONE, Fp2.ONE, Fp2.ZERO);
    static Fp = Fp2;
    static Fn = Fn;
    X;
    Y;
    Z;
    T;
    constructor(X, Y, Z, T) {
      this.X = acoord("x", X);
      this.Y = acoord("y", Y);
      this.Z = acoord("z", Z, true);
      this.T = acoord("t", T);
      Object.freeze(this);
    }
    static CURVE() {
      return CURVE;
    }
    /**
     * Create one extended Edwards point from affine coordinates.
     * Does NOT validate that the point is on-curve or torsion-free.
     * Use `.assertValidity()` on adversarial inputs.
     */
    static fromAffine(p) {
      if (p instanceof Point2)
        throw new Error("extended point not allowed");
      const { x, y } = p || {};
      acoord("x", x);
      acoord("y", y);
      return new Point2(x, y, Fp2.ONE, Fp2.mul(x, y));
    }
    // Uses algo from RFC8032 5.1.3.
    static fromBytes(bytes2, zip215 = false) {
      const len = Fp2.BYTES;
      const { a, d } = CURVE;
      bytes2 = copyBytes(abytes2(bytes2, len, "point"));
      abool2(zip215, "zip215");
      const normed = copyBytes(bytes2);
      const lastByte = bytes2[len - 1];
      normed[len - 1] = lastByte & ~128;
      const y = bytesToNumberLE(normed);
      const max = zip215 ? MASK : Fp2.ORDER;
      aInRange("point.y", y, _0n7, max);
      const y2 = Fp2.sqr(y);
      const u = Fp2.sub(y2, Fp2.ONE);
      const v = Fp2.sub(Fp2.mulN(d, y2), a);
      let { isValid, value: x } = uvRatio2(u, v);
      if (!isValid)
        throw new Error("bad point: invalid y coordinate");
      const isXOdd = isOdd(x);
      const isLastByteOdd = (lastByte & 128) !== 0;
      if (!zip215 && Fp2.is0(x) && isLastByteOdd)
        throw new Error("bad point: x=0 and x_0=1");
      if (isLastByteOdd !== isXOdd)
        x = Fp2.neg(x);
      return Point2.fromAffine({ x, y });
    }
    static fromHex(hex2, zip215 = false) {
      return Point2.fromBytes(hexToBytes2(hex2), zip215);
    }
    get x() {
      return this.toAffine().x;
    }
    get y() {
      return this.toAffine().y;
    }
    precompute(windowSize = 6, isLazy = true) {
      wnaf.setWindowSize(this, windowSize);
      if (!isLazy)
        this.multiply(_2n5);
      return this;
    }
    // Useful in fromAffine() - not for fromBytes(), which always created valid points.
    assertValidity() {
      const p = this;
      const { a, d } = CURVE;
      if (p.is0())
        throw new Error("bad point: ZERO");
      const { X, Y, Z, T } = p;
      const X2 = Fp2.sqr(X);
      const Y2 = Fp2.sqr(Y);
      const Z2 = Fp2.sqr(Z);
      const Z4 = Fp2.sqr(Z2);
      const aX2 = Fp2.mul(X2, a);
      const left = Fp2.mul(Fp2.add(aX2, Y2), Z2);
      const right = Fp2.add(Z4, Fp2.mul(d, Fp2.mul(X2, Y2)));
      if (!Fp2.eql(left, right))
        throw new Error("bad point: equation left != right (1)");
      const XY = Fp2.mul(X, Y);
      const ZT = Fp2.mul(Z, T);
      if (!Fp2.eql(XY, ZT))
        throw new Error("bad point: equation left != right (2)");
    }
    // Compare one point to another.
    equals(other) {
      aedpoint(other);
      const { X: X1, Y: Y1, Z: Z1 } = this;
      const { X: X2, Y: Y2, Z: Z2 } = other;
      const X1Z2 = Fp2.mul(X1, Z2);
      const X2Z1 = Fp2.mul(X2, Z1);
      const Y1Z2 = Fp2.mul(Y1, Z2);
      const Y2Z1 = Fp2.mul(Y2, Z1);
      return Fp2.eql(X1Z2, X2Z1) && Fp2.eql(Y1Z2, Y2Z1);
    }
    is0() {
      return this.equals(Point2.ZERO);
    }
    negate() {
      return new Point2(Fp2.neg(this.X), this.Y, this.Z, Fp2.neg(this.T));
    }
    // Fast algo for doubling Extended Point.
    // https://hyperelliptic.org/EFD/g1p/auto-twisted-extended.html#doubling-dbl-2008-hwcd
    // Cost: 4M + 4S + 1*a + 6add + 1*2.
    double() {
      const { X: X1, Y: Y1, Z: Z1 } = this;
      const A = Fp2.sqr(X1);
      const B2 = Fp2.sqr(Y1);
      const C = Fp2.mul(Fp2.sqr(Z1), _2n5);
      const D = mulA(A);
      const x1y1 = Fp2.addN(X1, Y1);
      const E = Fp2.sub(Fp2.subN(Fp2.sqr(x1y1), A), B2);
      const G = Fp2.addN(D, B2);
      const F = Fp2.subN(G, C);
      const H = Fp2.subN(D, B2);
      const X3 = Fp2.mul(E, F);
      const Y3 = Fp2.mul(G, H);
      const T3 = Fp2.mul(E, H);
      const Z3 = Fp2.mul(F, G);
      return new Point2(X3, Y3, Z3, T3);
    }
    // Fast algo for adding 2 Extended Points.
    // https://hyperelliptic.org/EFD/g1p/auto-twisted-extended.html#addition-add-2008-hwcd
    // Cost: 9M + 1*a + 1*d + 7add.
    add(other) {
      aedpoint(other);
      const { d } = CURVE;
      const { X: X1, Y: Y1, Z: Z1, T: T1 } = this;
      const { X: X2, Y: Y2, Z: Z2, T: T2 } = other;
      const A = Fp2.mul(X1, X2);
      const B2 = Fp2.mul(Y1, Y2);
      const C = Fp2.mul(Fp2.mulN(T1, d), T2);
      const D = Fp2.mul(Z1, Z2);
      const E = Fp2.sub(Fp2.subN(Fp2.mulN(Fp2.addN(X1, Y1), Fp2.addN(X2, Y2)), A), B2);
      const F = Fp2.subN(D, C);
      const G = Fp2.addN(D, C);
      const H = Fp2.sub(B2, mulA(A));
      const X3 = Fp2.mul(E, F);
      const Y3 = Fp2.mul(G, H);
      const T3 = Fp2.mul(E, H);
      const Z3 = Fp2.mul(F, G);
      return new Point2(X3, Y3, Z3, T3);
    }
    subtract(other) {
      aedpoint(other);
      return this.add(other.negate());
    }
    // Constant-time multiplication.
    multiply(scalar) {
      if (!Fn.isValidNot0(scalar))
        throw new RangeError("invalid scalar: expected 1 <= sc < curve.n");
      const { p, f } = wnaf.mulSecret(this, scalar, cofactor, normalize);
      return normalize([p, f])[0];
    }
    // Non-constant-time multiplication. Uses double-and-add algorithm.
    // It's faster, but should only be used when you don't care about
    // an exposed private key e.g. sig verification.
    // Keeps the same subgroup-scalar contract: 0 is allowed for public-scalar callers, but
    // n and larger values are rejected instead of being reduced mod n to the identity point.
    multiplyUnsafe(scalar) {
      if (!Fn.isValid(scalar))
        throw new RangeError("invalid scalar: expected 0 <= sc < curve.n");
      if (scalar === _0n7)
        return Point2.ZERO;
      if (this.is0() || scalar === _1n6)
        return this;
      return wnaf.mulUnsafe(this, scalar, normalize);
    }
    // Checks if point is of small order.
    // If you add something to small order point, you will have "dirty"
    // point with torsion component.
    // Clears cofactor and checks if the result is 0.
    isSmallOrder() {
      return this.clearCofactor().is0();
    }
    // Multiplies point by curve order and checks if the result is 0.
    // Returns `false` is the point is dirty.
    isTorsionFree() {
      return wnaf.mulUnsafe(this, CURVE.n).is0();
    }
    // Converts Extended point to default (x, y) coordinates.
    // Can accept precomputed Z^-1 - for example, from invertBatch.
    toAffine(invertedZ) {
      const p = this;
      let iz = invertedZ;
      if (iz != null && typeof iz !== "bigint")
        throw new TypeError('"invertedZ" expected bigint, got type=' + typeof iz);
      const { X, Y, Z } = p;
      const is0 = p.is0();
      if (iz == null)
        iz = is0 ? Fp2.create(_8n2) : Fp2.inv(Z);
      const x = Fp2.mul(X, iz);
      const y = Fp2.mul(Y, iz);
      const zz = Fp2.mul(Z, iz);
      if (is0)
        return { x: Fp2.ZERO, y: Fp2.ONE };
      if (!Fp2.eql(zz, Fp2.ONE))
        throw new Error("invZ was invalid");
      return { x, y };
    }
    clearCofactor() {
      if (cofactor === _1n6)
        return this;
      if (cofactor === _2n5)
        return this.double();
      if (cofactor === _4n4)
        return this.double().double();
      if (cofactor === _8n2)
        return this.double().double().double();
      return this.multiplyUnsafe(cofactor);
    }
    toBytes() {
      const { x, y } = this.toAffine();
      const bytes2 = Fp2.toBytes(y);
      bytes2[bytes2.length - 1] |= isOdd(x) ? 128 : 0;
      return bytes2;
    }
    toHex() {
      return bytesToHex2(this.toBytes());
    }
    toString() {
      return `<Point ${this.is0() ? "ZERO" : this.toHex()}>`;
    }
  }
  const normalize = (points) => normalizeZ(Point2, points);
  const wnaf = new ScalarMultiplier(Point2, randomBytes3);
  if (wnaf.bits >= 6)
    Point2.BASE.precompute(6);
  Object.freeze(Point2.prototype);
  Object.freeze(Point2);
  return Point2;
}
function eddsa(Point2, cHash, eddsaOpts = {}) {
  validatePointCons(Point2);
  if (typeof cHash !== "function")
    throw new Error('"hash" function param is required');
  const hash = cHash;
  const opts = eddsaOpts;
  validateObject(opts, {}, {
    adjustScalarBytes: "function",
    randomBytes: "function",
    domain: "function",
    prehash: "function",
    zip215: "boolean",
    mapToCurve: "function",
    toMontgomery: "function",
    toMontgomerySecret: "function"
  });
  const { prehash } = opts;
  const { BASE, Fp: Fp2, Fn } = Point2;
  const outputLen = hash.outputLen;
  const expectedLen = 2 * Fp2.BYTES;
  if (outputLen !== void 0) {
    asafenumber(outputLen, "hash.outputLen");
    if (outputLen !== expectedLen)
      throw new Error(`hash.outputLen must be ${expectedLen}, got ${outputLen}`);
  }
  const randomBytes3 = opts.randomBytes === void 0 ? randomBytes2 : opts.randomBytes;
  const toMontgomery2 = opts.toMontgomery;
  const toMontgomerySecret2 = opts.toMontgomerySecret;
  const adjustScalarBytes2 = opts.adjustScalarBytes === void 0 ? (bytes2) => bytes2 : opts.adjustScalarBytes;
  const domain = opts.domain === void 0 ? (data, ctx, phflag) => {
    abool2(phflag, "phflag");
    if (ctx.length || phflag)
      throw new Error("Contexts/pre-hash are not supported");
    return data;
  } : opts.domain;
  function modN_LE(hash2) {
    return Fn.create(bytesToNumberLE(hash2));
  }
  function getPrivateScalar(key) {
    const len = lengths.secretKey;
    abytes2(key, lengths.secretKey, "secretKey");
    const hashed = abytes2(hash(key), 2 * len, "hashedSecretKey");
    const head2 = adjustScalarBytes2(hashed.slice(0, len));
    const prefix = hashed.slice(len, 2 * len);
    const scalar = modN_LE(head2);
    return { head: head2, prefix, scalar };
  }
  function getExtendedPublicKey(secretKey) {
    const { head: head2, prefix, scalar } = getPrivateScalar(secretKey);
    const point = BASE.multiply(scalar);
    const pointBytes = point.toBytes();
    return { head: head2, prefix, scalar, point, pointBytes };
  }
  function getPublicKey(secretKey) {
    return getExtendedPublicKey(secretKey).pointBytes;
  }
  function hashDomainToScalar(context = Uint8Array.of(), ...msgs) {
    const msg = concatBytes2(...msgs);
    return modN_LE(hash(domain(msg, abytes2(context, void 0, "context"), !!prehash)));
  }
  function sign(msg, secretKey, options = {}) {
    validateObject(options, {}, {}, "options");
    msg = copyBytes(abytes2(msg, void 0, "message"));
    if (prehash)
      msg = prehash(msg);
    const { prefix, scalar, pointBytes } = getExtendedPublicKey(secretKey);
    const r = hashDomainToScalar(options.context, prefix, msg);
    const R = BASE.multiply(r).toBytes();
    const k = hashDomainToScalar(options.context, R, pointBytes, msg);
    const s = Fn.create(r + k * scalar);
    if (!Fn.isValid(s))
      throw new Error("sign failed: invalid s");
    const rs = concatBytes2(R, Fn.toBytes(s));
    return abytes2(rs, lengths.signature, "result");
  }
  const verifyOpts = {
    zip215: opts.zip215
  };
  function verify2(sig, msg, publicKey, options = verifyOpts) {
    validateObject(options);
    const { context } = options;
    const zip215 = options.zip215 === void 0 ? !!verifyOpts.zip215 : options.zip215;
    const len = lengths.signature;
    sig = abytes2(sig, len, "signature");
    msg = abytes2(msg, void 0, "message");
    publicKey = abytes2(publicKey, lengths.publicKey, "publicKey");
    if (zip215 !== void 0)
      abool2(zip215, "zip215");
    if (prehash)
      msg = prehash(msg);
    const mid = len / 2;
    const r = sig.subarray(0, mid);
    const s = bytesToNumberLE(sig.subarray(mid, len));
    let A, R, SB;
    try {
      A = Point2.fromBytes(publicKey, zip215);
      R = Point2.fromBytes(r, zip215);
      SB = BASE.multiplyUnsafe(s);
    } catch (error) {
      return false;
    }
    if (!zip215 && A.isSmallOrder())
      return false;
    const k = hashDomainToScalar(context, r, publicKey, msg);
    const RkA = R.add(A.multiplyUnsafe(k));
    return RkA.subtract(SB).clearCofactor().is0();
  }
  const _size = Fp2.BYTES;
  const lengths = {
    secretKey: _size,
    publicKey: _size,
    signature: 2 * _size,
    seed: _size
  };
  function randomSecretKey(seed) {
    seed = seed === void 0 ? randomBytes3(lengths.seed) : seed;
    return abytes2(seed, lengths.seed, "seed");
  }
  function isValidSecretKey(key) {
    return isBytes2(key) && key.length === lengths.secretKey;
  }
  function isValidPublicKey(key, zip215) {
    try {
      return !!Point2.fromBytes(key, zip215 === void 0 ? verifyOpts.zip215 : zip215);
    } catch (error) {
      return false;
    }
  }
  const utils = {
    getExtendedPublicKey,
    randomSecretKey,
    isValidSecretKey,
    isValidPublicKey,
    /** Converts an Edwards public key to a companion Montgomery public key. */
    toMontgomery(publicKey) {
      if (toMontgomery2 === void 0)
        throw new Error("Montgomery conversion is not supported for this curve");
      return toMontgomery2(Point2.fromBytes(publicKey));
    },
    toMontgomerySecret(secretKey) {
      if (toMontgomerySecret2 === void 0)
        throw new Error("Montgomery conversion is not supported for this curve");
      return toMontgomerySecret2(secretKey);
    }
  };
  Object.freeze(lengths);
  Object.freeze(utils);
  return Object.freeze({
    keygen: createKeygen(randomSecretKey, getPublicKey),
    getPublicKey,
    sign,
    verify: verify2,
    utils,
    Point: Point2,
    lengths
  });
}

// node_modules/@noble/curves/ed25519.js
var _1n7 = /* @__PURE__ */ BigInt(1);
var _2n6 = /* @__PURE__ */ BigInt(2);
var _5n2 = /* @__PURE__ */ BigInt(5);
var _8n3 = /* @__PURE__ */ BigInt(8);
var ed25519_CURVE_p = /* @__PURE__ */ BigInt("0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed");
var ed25519_CURVE = /* @__PURE__ */ (() => ({
  p: ed25519_CURVE_p,
  n: BigInt("0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed"),
  h: _8n3,
  a: BigInt("0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec"),
  d: BigInt("0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3"),
  Gx: BigInt("0x216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51a"),
  Gy: BigInt("0x6666666666666666666666666666666666666666666666666666666666666658")
}))();
function ed25519_pow_2_252_3(x) {
  const _10n = BigInt(10), _20n = BigInt(20), _40n = BigInt(40), _80n = BigInt(80);
  const P = ed25519_CURVE_p;
  const x2 = x * x % P;
  const b2 = x2 * x % P;
  const b4 = pow2(b2, _2n6, P) * b2 % P;
  const b5 = pow2(b4, _1n7, P) * x % P;
  const b10 = pow2(b5, _5n2, P) * b5 % P;
  const b20 = pow2(b10, _10n, P) * b10 % P;
  const b40 = pow2(b20, _20n, P) * b20 % P;
  const b80 = pow2(b40, _40n, P) * b40 % P;
  const b160 = pow2(b80, _80n, P) * b80 % P;
  const b240 = pow2(b160, _80n, P) * b80 % P;
  const b250 = pow2(b240, _10n, P) * b10 % P;
  const pow_p_5_8 = pow2(b250, _2n6, P) * x % P;
  return { pow_p_5_8, b2 };
}
function adjustScalarBytes(bytes2) {
  bytes2[0] &= 248;
  bytes2[31] &= 127;
  bytes2[31] |= 64;
  return bytes2;
}
var ED25519_SQRT_M1 = /* @__PURE__ */ BigInt("19681161376707505956807079304988542015446066515923890162744021073123829784752");
function uvRatio(u, v) {
  const P = ed25519_CURVE_p;
  const v3 = mod(v * v * v, P);
  const v7 = mod(v3 * v3 * v, P);
  const pow3 = ed25519_pow_2_252_3(u * v7).pow_p_5_8;
  let x = mod(u * v3 * pow3, P);
  const vx2 = mod(v * x * x, P);
  const root1 = x;
  const root2 = mod(x * ED25519_SQRT_M1, P);
  const useRoot1 = vx2 === u;
  const useRoot2 = vx2 === mod(-u, P);
  const noRoot = vx2 === mod(-u * ED25519_SQRT_M1, P);
  if (useRoot1)
    x = root1;
  if (useRoot2 || noRoot)
    x = root2;
  if (isNegativeLE(x, P))
    x = mod(-x, P);
  return { isValid: useRoot1 || useRoot2, value: x };
}
var ed25519_Point = /* @__PURE__ */ edwards(ed25519_CURVE, { uvRatio });
var Fp = /* @__PURE__ */ (() => ed25519_Point.Fp)();
function toMontgomery(point) {
  const { y } = point;
  return Fp.toBytes(Fp.div(_1n7 + y, _1n7 - y));
}
function toMontgomerySecret(secretKey) {
  const size = ed25519_Point.Fp.BYTES;
  abytes(secretKey, size);
  return adjustScalarBytes(sha512(secretKey.subarray(0, size))).subarray(0, size);
}
function ed(opts) {
  return eddsa(ed25519_Point, sha512, Object.assign({ adjustScalarBytes, toMontgomery, toMontgomerySecret, zip215: true }, opts));
}
var ed25519 = /* @__PURE__ */ ed({});

// src/proof/log.ts
var ProofError = class extends Error {
  name = "ProofError";
};
var leafPrefix2 = Uint8Array.of(0);
var nodePrefix = Uint8Array.of(1);
var leafHash = (entry) => sha2562(leafPrefix2, entry);
var nodeHash = (left, right) => sha2562(nodePrefix, left, right);
var emptyLogRoot = sha2562(new Uint8Array(0));
function rootOfItems(items) {
  const root = (begin, end) => {
    if (end - begin === 1) return leafHash(items[begin]);
    const middle = begin + leftSide(end - begin);
    return nodeHash(root(begin, middle), root(middle, end));
  };
  return items.length === 0 ? emptyLogRoot : root(0, items.length);
}
function rootOf(size, at, leaves, path) {
  if (at.length !== leaves.length) throw new ProofError(`${at.length} positions of ${leaves.length} leaves`);
  at.forEach((p, i) => {
    if (p >= size) throw new ProofError(`position ${p} of ${size} leaves`);
    if (i > 0 && p <= at[i - 1]) throw new ProofError(`position ${p} after ${at[i - 1]}`);
  });
  let leaf = 0;
  let step = 0;
  const subtree = (begin, end) => {
    if (leaf >= at.length || at[leaf] >= end) {
      const h = path[step++];
      if (!h) throw new ProofError(`${path.length} hashes are too few for ${at.length} of ${size} leaves`);
      return h;
    }
    if (end - begin === 1) return leaves[leaf++];
    const middle = begin + leftSide(end - begin);
    const left = subtree(begin, middle);
    return nodeHash(left, subtree(middle, end));
  };
  const root = size === 0 ? emptyLogRoot : subtree(0, size);
  if (step < path.length) throw new ProofError(`${path.length - step} hashes too many for ${at.length} of ${size} leaves`);
  return root;
}
function leftSide(n) {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}
function verifyConsistency(from, to, path, fromRoot, toRoot) {
  const wrong = (why) => {
    throw new ProofError(`log of ${from} in log of ${to}: ${why}`);
  };
  if (from > to) wrong("it is longer");
  if (from === 0 && !equalBytes(fromRoot, emptyLogRoot)) wrong(`the root of an empty log is not ${hex(fromRoot)}`);
  if (from === 0 || from === to) {
    if (path.length > 0) wrong("hashes too many");
    if (from === to && !equalBytes(fromRoot, toRoot)) wrong("two roots of one size");
    return;
  }
  let step = 0;
  const next = () => path[step++] ?? wrong("hashes too few");
  const sub = (m, n, whole2) => {
    if (m === n) {
      const h = whole2 ? fromRoot : next();
      return [h, h];
    }
    const k = leftSide(n);
    if (m <= k) {
      const [older2, left2] = sub(m, k, whole2);
      return [older2, nodeHash(left2, next())];
    }
    const [olderRight, right] = sub(m - k, n - k, false);
    const left = next();
    return [nodeHash(left, olderRight), nodeHash(left, right)];
  };
  const [older, newer] = sub(from, to, true);
  if (step < path.length) wrong("hashes too many");
  if (!equalBytes(older, fromRoot) || !equalBytes(newer, toRoot)) wrong("other roots");
}

// src/proof/lightwire.ts
var nothing = new Uint8Array(0);
var wireVarint = 0;
var wireFixed64 = 1;
var wireBytes = 2;
var tag = (field, wire) => Uint8Array.of(field << 3 | wire);
function varint(v) {
  const out = [];
  v = BigInt.asUintN(64, v);
  for (; v >= 0x80n; v >>= 7n) out.push(Number(v & 0x7fn) | 128);
  return Uint8Array.from([...out, Number(v)]);
}
function uint(field, v) {
  const n = BigInt(v);
  return n === 0n ? nothing : concat(tag(field, wireVarint), varint(n));
}
function fixed64(field, v) {
  if (v === 0) return nothing;
  const b = new Uint8Array(8);
  new DataView(b.buffer).setBigUint64(0, BigInt(v), true);
  return concat(tag(field, wireFixed64), b);
}
var message = (field, m) => concat(tag(field, wireBytes), varint(BigInt(m.length)), m);
var bytes = (field, b) => b.length === 0 ? nothing : message(field, b);
function timestamp(nanos) {
  const rest = (nanos % 1000000000n + 1000000000n) % 1000000000n;
  return concat(uint(1, (nanos - rest) / 1000000000n), uint(2, rest));
}
function blockID(id) {
  if (!id) return message(2, nothing);
  return concat(bytes(1, id.hash), message(2, concat(uint(1, id.parts), bytes(2, id.partsHash))));
}
function headerHash(h) {
  return rootOfItems([
    concat(uint(1, h.versionBlock), uint(2, h.versionApp)),
    bytes(1, utf8(h.chainID)),
    uint(1, h.height),
    timestamp(h.time),
    blockID(h.lastBlock),
    ...[
      h.lastCommitHash,
      h.dataHash,
      h.validatorsHash,
      h.nextValidatorsHash,
      h.consensusHash,
      h.appHash,
      h.lastResultsHash,
      h.evidenceHash,
      h.proposer
    ].map((hash) => bytes(1, hash))
  ]);
}
var validatorsHash = (vs) => rootOfItems(vs.map((v) => concat(message(1, bytes(1, v.key)), uint(2, v.power))));
var validatorAddress = (key) => sha2562(key).subarray(0, 20);
function sortValidators(vs) {
  return [...vs].sort((a, b) => {
    if (a.power !== b.power) return a.power > b.power ? -1 : 1;
    return compareBytes(validatorAddress(a.key), validatorAddress(b.key));
  });
}
var precommit = 2;
function voteBytes(chain, height, round, id, time) {
  const vote = concat(
    uint(1, precommit),
    fixed64(2, height),
    fixed64(3, round),
    message(4, blockID(id)),
    message(5, timestamp(time)),
    bytes(6, utf8(chain))
  );
  return concat(varint(BigInt(vote.length)), vote);
}

// src/proof/refutation.ts
var Unusable = class extends Error {
  name = "Unusable";
};
var Refutation = class extends Error {
  name = "Refutation";
  reason;
  detail;
  // a sentence for people
  seq;
  // the record that it is about
  key;
  // the key that it is about
  constructor(reason, detail, about2 = {}) {
    const record = about2.seq === void 0 ? "" : ` record ${about2.seq}`;
    const key = about2.key ? ` ${about2.key.ns} ${about2.key.id}` : "";
    super(`refuted (${reason})${record}${key}: ${detail}`);
    this.reason = reason;
    this.detail = detail;
    this.seq = about2.seq;
    this.key = about2.key && { ns: about2.key.ns, id: about2.key.id };
  }
};

// src/proof/strict.ts
function parseStrict(data) {
  const text2 = textOf(data);
  if (text2 === void 0) throw new Unusable("not valid UTF-8");
  let v;
  let want;
  try {
    v = JSON.parse(text2);
    want = JSON.stringify(v);
  } catch (e) {
    throw new Unusable("not JSON: " + (e instanceof Error ? e.message : ""));
  }
  if (want !== text2 && want !== compact(text2)) throw new Unusable("not in the one form of its content");
  return v;
}
var compact = (text2) => text2.replace(/("[^"\\]*(?:\\.[^"\\]*)*")|[ \t\n\r]+/gs, "$1");
var Fields = class _Fields {
  members;
  where;
  at = 0;
  constructor(members, where) {
    this.members = members;
    this.where = where;
  }
  /** of reads an object with one function, which has to take every member. */
  static of(v, where, read2) {
    if (typeof v !== "object" || v === null || Array.isArray(v)) throw new Unusable(`${where} is no object`);
    const f = new _Fields(Object.entries(v), where);
    const result = read2(f);
    const rest = f.members[f.at];
    if (rest) throw new Unusable(`${where}: ${rest[0]} has no place there`);
    return result;
  }
  fail(name, what) {
    throw new Unusable(`${this.where}.${name} ${what}`);
  }
  /** has reports whether an optional member stands next. */
  has(name) {
    return this.members[this.at]?.[0] === name;
  }
  /** value is the next member, which has to have this name. */
  value(name) {
    const m = this.members[this.at++];
    return m?.[0] === name ? m[1] : this.fail(name, "is missing or out of place");
  }
  text(name) {
    const v = this.value(name);
    if (typeof v !== "string" || /\p{Surrogate}/u.test(v)) return this.fail(name, "is no text");
    return v;
  }
  /** number is a whole number between 0 and 2^53-1, or less. */
  number(name, most = Number.MAX_SAFE_INTEGER) {
    const v = this.value(name);
    if (typeof v !== "number" || !Number.isInteger(v) || v < 0 || v > most) return this.fail(name, `is no whole number up to ${most}`);
    return v;
  }
  /** optionalNumber is a number that is left out when it is 0. */
  optionalNumber(name) {
    return this.has(name) ? this.number(name) || this.fail(name, "says nothing") : 0;
  }
  uint32(name) {
    return this.number(name, 4294967295);
  }
  /** int64 is a decimal text of a signed integer. */
  int64(name) {
    const s = this.text(name);
    const n = /^(?:0|-?[1-9][0-9]{0,18})$/.test(s) ? BigInt(s) : void 0;
    if (n === void 0 || n !== BigInt.asIntN(64, n)) return this.fail(name, "is no decimal of 64 bits");
    return n;
  }
  /** hex is so many bytes in lower-case hexadecimal. */
  hex(name, length = 32) {
    return bytesOf(this.text(name), length) ?? this.fail(name, `is not ${length} bytes in lower-case hexadecimal`);
  }
  base64(name) {
    return unbase64(this.text(name)) ?? this.fail(name, "is no base64");
  }
  /** optionalBase64 is left out when it is empty. */
  optionalBase64(name) {
    if (!this.has(name)) return new Uint8Array(0);
    const b = this.base64(name);
    return b.length > 0 ? b : this.fail(name, "says nothing");
  }
  list(name, read2) {
    const v = this.value(name);
    if (!Array.isArray(v)) return this.fail(name, "is no list");
    return v.map((item, i) => read2(item, `${this.where}.${name}[${i}]`));
  }
  /** optionalList is a list that is left out when it is empty. */
  optionalList(name, read2) {
    if (!this.has(name)) return [];
    const all = this.list(name, read2);
    return all.length > 0 ? all : this.fail(name, "says nothing");
  }
  /** optionalHashes is a list of hashes that is left out when it is empty. */
  optionalHashes(name) {
    return this.optionalList(name, (v) => (typeof v === "string" ? bytesOf(v, 32) : void 0) ?? this.fail(name, "holds something that is no hash"));
  }
  numbers(name) {
    return this.list(
      name,
      (v) => typeof v === "number" && Number.isInteger(v) && v >= 0 && v <= Number.MAX_SAFE_INTEGER ? v : this.fail(name, "holds something that is no whole number")
    );
  }
  object(name, read2) {
    return _Fields.of(this.value(name), `${this.where}.${name}`, read2);
  }
};
function bytesOf(s, length) {
  const b = unhex(s);
  return b?.length === length ? b : void 0;
}

// src/proof/light.ts
var readLightBlock = (v, where) => Fields.of(v, where, (f) => ({
  header: f.object("header", readHeader),
  commit: f.object("commit", (c) => ({
    round: c.uint32("round"),
    parts: c.uint32("parts"),
    partsHash: c.hex("partsHash"),
    signatures: c.list(
      "signatures",
      (s, at) => Fields.of(s, at, (g) => ({ validator: g.uint32("validator"), time: g.int64("time"), signature: g.hex("signature", 64) }))
    )
  })),
  validators: f.list("validators", (s, at) => Fields.of(s, at, (g) => ({ key: g.hex("key"), power: g.int64("power") })))
}));
function readHeader(f) {
  const start = {
    versionBlock: f.number("versionBlock"),
    versionApp: f.number("versionApp"),
    chainID: f.text("chainId"),
    height: f.number("height"),
    time: f.int64("time")
  };
  const last = f.has("lastBlock") ? { lastBlock: f.object("lastBlock", (g) => ({ hash: g.hex("hash"), parts: g.uint32("parts"), partsHash: g.hex("partsHash") })) } : {};
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
    proposer: f.hex("proposer", 20)
  };
}
function checkLightBlock(b, network) {
  const h = b.header;
  if (h.chainID !== chainID(network)) {
    throw new Refutation("network", `the block is of chain "${h.chainID}", not ${chainID(network)}`);
  }
  if (h.height === 0 || h.lastBlock === void 0 !== (h.height === 1)) {
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
function checkCommit(b) {
  const { height } = b.header;
  const { commit } = b;
  const id = { hash: headerHash(b.header), parts: commit.parts, partsHash: commit.partsHash };
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
function wrongValidators(vs) {
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
var totalPower = (vs) => vs.reduce((total, v) => total + v.power, 0n);
var exceeds = (power, thirds, total) => 3n * power > thirds * total;
var { Point } = ed25519;
function verifyEd25519(key, text2, signature) {
  const s = littleEndian(signature.subarray(32));
  if (s >= Point.Fn.ORDER) return false;
  try {
    const a = Point.fromBytes(key, true);
    const k = littleEndian(sha512(concat(signature.subarray(0, 32), key, text2))) % Point.Fn.ORDER;
    const r = Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k));
    return equalBytes(r.toBytes(), signature.subarray(0, 32));
  } catch {
    return false;
  }
}
var littleEndian = (b) => b.reduceRight((n, c) => n << 8n | BigInt(c), 0n);

// src/proof/checkpoint.ts
var checkpointFormat = "waymark-checkpoint/1";
var appHash = (height, previous, logSize, logRoot, mapRoot) => sha2562(Uint8Array.of(21), word64(height), previous, word64(logSize), logRoot, mapRoot);
var readCheckpoint = (f) => {
  const format = f.text("format");
  const c = {
    network: f.hex("network"),
    roots: f.object("roots", (r) => ({
      height: r.number("height"),
      previous: r.hex("previous"),
      logSize: r.number("logSize"),
      logRoot: r.hex("logRoot"),
      mapRoot: r.hex("mapRoot")
    })),
    bridge: f.optionalList("bridge", readLightBlock),
    block: readLightBlock(f.value("block"), "block")
  };
  if (format !== checkpointFormat) throw new Unusable(`its format is "${format}", not ${checkpointFormat}`);
  return c;
};
var parseCheckpoint = (data) => Fields.of(parseStrict(data), "checkpoint", readCheckpoint);
function verifyCheckpoint(c, a) {
  if (!equalBytes(c.network, a.network)) {
    throw new Refutation("network", `it is of network ${hex(c.network)}, not ${hex(a.network)}`);
  }
  verifyChain(a, [...c.bridge, c.block]);
  checkRoots(c);
}
function checkRoots(c) {
  const h = c.block.header;
  const r = c.roots;
  if (h.height <= r.height) {
    throw new Refutation("header", `block ${h.height} cannot carry the state of height ${r.height}`);
  }
  const got = appHash(r.height, r.previous, r.logSize, r.logRoot, r.mapRoot);
  if (!equalBytes(got, h.appHash)) {
    throw new Refutation("roots", `the roots lead to app hash ${hex(got)}, block ${h.height} carries ${hex(h.appHash)}`);
  }
}
var maxClockAhead = 600;
var ageAt = (c, now) => now.seconds - Instant.ofUnixNano(c.block.header.time).seconds;
function checkAge(c, now, maxAge) {
  const age = ageAt(c, now);
  if (age > maxAge) throw new Refutation("stale", `the block is ${age} seconds old, ${maxAge} are allowed`);
  if (age < -maxClockAhead) {
    throw new Refutation("stale", `the block is ${-age} seconds ahead of this clock, which cannot judge its age`);
  }
}
function checkExtends(c, earlier2, path) {
  const [from, to] = [earlier2.roots, c.roots];
  if (!equalBytes(c.network, earlier2.network)) throw new Refutation("network", "they are of two networks");
  if (to.height < from.height || to.logSize < from.logSize) {
    throw new Refutation("log", `height ${to.height} with ${to.logSize} entries is no extension of height ${from.height} with ${from.logSize}`);
  }
  if (to.height === from.height && !sameRoots(from, to)) throw new Refutation("roots", `two states of height ${to.height}`);
  try {
    verifyConsistency(from.logSize, to.logSize, path, from.logRoot, to.logRoot);
  } catch (e) {
    if (e instanceof ProofError) throw new Refutation("log", e.message);
    throw e;
  }
}
var sameRoots = (a, b) => a.logSize === b.logSize && equalBytes(a.previous, b.previous) && equalBytes(a.logRoot, b.logRoot) && equalBytes(a.mapRoot, b.mapRoot);

// src/proof/anchor.ts
function anchorOfGenesis(g) {
  const validators = sortValidators(g.validators);
  const wrong = wrongValidators(validators);
  if (wrong) throw new Unusable("genesis: " + wrong);
  return {
    kind: "genesis",
    network: g.network,
    height: 0,
    time: g.time,
    header: zeroHash,
    validators,
    nextValidators: validatorsHash(validators)
  };
}
function anchorOfCheckpoint(c) {
  checkLightBlock(c.block, c.network);
  checkRoots(c);
  return anchorAt(c.network, c.block);
}
var anchorAt = (network, b) => ({
  kind: "checkpoint",
  network,
  height: b.header.height,
  time: b.header.time,
  header: headerHash(b.header),
  validators: b.validators,
  nextValidators: b.header.nextValidatorsHash
});
function verifyChain(a, blocks) {
  for (let i = 1; i < blocks.length; i++) {
    const [before, height] = [blocks[i - 1].header.height, blocks[i].header.height];
    if (height <= before) throw new Refutation("order", `block ${height} after block ${before}`);
  }
  const links = [];
  blocks.forEach((b, i) => {
    checkLightBlock(b, a.network);
    links.push(anchorAt(a.network, b));
    const before = links[i - 1];
    if (before) throwIf(refusal(before, b));
    const last = i === blocks.length - 1;
    const first = !before || before.height <= a.height;
    if (first && (last || b.header.height > a.height)) throwIf(refusal(a, b));
  });
  if (a.kind !== "genesis") return;
  for (let i = 1; i < blocks.length; i++) {
    const before = i > 1 ? links[i - 2] : a;
    const b = blocks[i];
    if (!refusal(before, b)) {
      throw new Refutation(
        "surplus",
        `block ${before.height} leads to block ${b.header.height} without the block ${blocks[i - 1].header.height} between them`
      );
    }
  }
}
function throwIf(r) {
  if (r) throw r;
}
function refusal(a, b) {
  const h = b.header;
  if (h.height === a.height && a.height > 0) {
    return equalBytes(headerHash(h), a.header) ? void 0 : new Refutation("anchor", `another block ${h.height} than the trusted one: the history has forked`);
  }
  if (h.height < a.height && h.time >= a.time || h.height > a.height && (h.time < a.time || h.time === a.time && a.kind !== "genesis")) {
    return new Refutation("anchor", `block ${h.height} and the trusted block ${a.height} have their times in another order than their heights`);
  }
  if (equalBytes(h.validatorsHash, a.nextValidators)) return void 0;
  if (h.height === a.height + 1) {
    return new Refutation("anchor", `block ${h.height} has other validators than block ${a.height} appointed`);
  }
  if (equalBytes(h.validatorsHash, validatorsHash(a.validators))) return void 0;
  const signers = b.commit.signatures.map((s) => b.validators[s.validator].key);
  const voted = totalPower(a.validators.filter((v) => signers.some((key) => equalBytes(key, v.key))));
  const total = totalPower(a.validators);
  return exceeds(voted, 1n, total) ? void 0 : new Refutation("anchor", `validators with ${voted} of the ${total} in power that are trusted signed block ${h.height}, not more than 1/3`);
}

// src/trace/record.ts
var refused = (k) => ({ ns: "refused", id: `${k.ns}:${k.id}` });
function accepted(k) {
  const colon = k.id.indexOf(":");
  const ns = k.id.slice(0, colon);
  return k.ns === "refused" && colon > 0 && ns !== "refused" ? { ns, id: k.id.slice(colon + 1) } : void 0;
}
var keyText = (k) => `${k.ns} ${k.id}`;
var sameKey = (a, b) => a.ns === b.ns && a.id === b.id;
var isRejected = (r) => r.findings.some((f) => f.severity === "REJECT");
var Unknown = class extends Error {
  name = "Unknown";
};
var WalkError = class extends Error {
  name = "WalkError";
};
var ContinuationError = class extends Error {
  name = "ContinuationError";
};
var parametersKey = { ns: "param", id: "parameters" };
var keepsDescription = (ns) => ns === "class" || ns === "lot" || ns === "place";

// src/proof/map.ts
var mapLeafHash = (l) => sha2562(Uint8Array.of(16), l.key, word64(l.count), l.head, l.state);
function mapKey(k) {
  const ns = utf8(k.ns);
  return sha2562(Uint8Array.of(19, ns.length >> 8, ns.length & 255), ns, utf8(k.id));
}
var stateHash = (state) => sha2562(Uint8Array.of(20), state);
var mapInner = (bit, left, right) => sha2562(Uint8Array.of(17, bit), left, right);
var mapBit = (key, n) => key[n >> 3] >> 7 - (n & 7) & 1;
var nodeBoth = 0;
var nodeRight = 1;
var nodeLeft = 2;
var nodeAsked = 3;
var nodeWitness = 4;
function verifyMap(proof, present, absent, root) {
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
function checkAscending(keys, what) {
  for (let i = 1; i < keys.length; i++) {
    if (compareBytes(keys[i - 1], keys[i]) >= 0) throw new ProofError(what + " keys do not ascend");
  }
}
var MapReader = class {
  at = 0;
  proof;
  constructor(proof) {
    this.proof = proof;
  }
  /**
   * node reads one node and returns its hash. present and absent are the keys
   * whose search reaches it, at least one; above is the bit of the node above.
   */
  node(above, present, absent) {
    const tag2 = this.take(1)[0];
    switch (tag2) {
      case nodeBoth:
      case nodeRight:
      case nodeLeft:
        return this.inner(tag2, above, present, absent);
      case nodeAsked: {
        const [leaf] = present;
        if (!leaf || present.length > 1) throw new ProofError(`${present.length} present keys at one leaf`);
        if (absent.some((k) => equalBytes(k, leaf.key))) throw new ProofError(`key ${hex(leaf.key)} is present and absent`);
        return mapLeafHash(leaf);
      }
      case nodeWitness:
        return this.witness(present, absent);
    }
    throw new ProofError(`a map node cannot begin with ${tag2}`);
  }
  inner(tag2, above, present, absent) {
    const bit = this.take(1)[0];
    if (bit <= above) throw new ProofError(`bit ${bit} beneath bit ${above}`);
    const presentAt = (side) => present.filter((l) => mapBit(l.key, bit) === side);
    const absentAt = (side) => absent.filter((k) => mapBit(k, bit) === side);
    const [lp, rp, la, ra] = [presentAt(0), presentAt(1), absentAt(0), absentAt(1)];
    const askedLeft = lp.length + la.length > 0;
    const askedRight = rp.length + ra.length > 0;
    if (askedLeft !== (tag2 !== nodeRight) || askedRight !== (tag2 !== nodeLeft)) {
      throw new ProofError(`node ${tag2} at bit ${bit} does not copy the sides that are asked about`);
    }
    const pruned = tag2 === nodeBoth ? zeroHash : this.take(32);
    const left = tag2 === nodeRight ? pruned : this.node(bit, lp, la);
    const right = tag2 === nodeLeft ? pruned : this.node(bit, rp, ra);
    return mapInner(bit, left, right);
  }
  witness(present, absent) {
    const b = this.take(32 + 8 + 32 + 32);
    const key = b.subarray(0, 32);
    if (present.length > 0) throw new ProofError(`the search for present key ${hex(present[0].key)} ends at ${hex(key)}`);
    if (absent.some((k) => equalBytes(k, key))) throw new ProofError(`absent key ${hex(key)} is present`);
    return sha2562(Uint8Array.of(16), b);
  }
  take(n) {
    if (this.proof.length - this.at < n) throw new ProofError("the map proof ends too early");
    this.at += n;
    return this.proof.subarray(this.at - n, this.at);
  }
};

// src/proof/checker.ts
var CheckedKey = class {
  key;
  hash;
  // in the map
  head = emptyLogRoot;
  at = [];
  // opened positions, ascending
  seqs = [];
  // what stands there
  used = false;
  // read at all
  usedAt;
  // by position
  /** Lays the ranges out and checks that they ascend. */
  constructor(key, hash) {
    this.key = key;
    this.hash = hash;
    for (const h of key.history) {
      const last = this.at.at(-1);
      if (h.seqs.length === 0 || last !== void 0 && h.from <= last + 1) {
        throw new Refutation("order", `the range at position ${h.from} is empty or continues the one before`, { key });
      }
      for (const [i, seq] of h.seqs.entries()) {
        const before = this.seqs.at(-1);
        if (before !== void 0 && seq <= before) throw new Refutation("order", `its history has ${seq} after ${before}`, { key });
        this.at.push(h.from + i);
        this.seqs.push(seq);
      }
    }
    this.usedAt = this.at.map(() => false);
  }
};
var Checker = class {
  dossier;
  options;
  lines = [];
  // as dossier.records
  keys = /* @__PURE__ */ new Map();
  // by keyText, in the dossier's order
  absent = /* @__PURE__ */ new Map();
  // likewise
  signers = /* @__PURE__ */ new Map();
  // by address
  members = /* @__PURE__ */ new Map();
  // by id
  bySeq = /* @__PURE__ */ new Map();
  constructor(dossier, options) {
    this.dossier = dossier;
    this.options = options;
  }
  /** line is the record with this seq. */
  line(seq) {
    if (this.bySeq.size < this.lines.length) for (const l of this.lines) this.bySeq.set(l.seq, l);
    return this.bySeq.get(seq);
  }
  /**
   * order checks that every list stands in the order of the format, each element
   * once, and finds the keys by name.
   */
  order() {
    const { records, envelopes } = this.dossier;
    let next = 0;
    records.forEach((r, i) => {
      if (r.envelope > next || r.envelope >= envelopes.length) {
        throw new Refutation("order", `it is of envelope ${r.envelope}, the next is ${next} of ${envelopes.length}`, { seq: r.seq });
      }
      if (r.envelope === next) next++;
      const before = records[i - 1];
      if (before && (r.seq <= before.seq || r.height < before.height || r.time < before.time)) {
        throw new Refutation("order", `it stands behind record ${before.seq} of height ${before.height}`, { seq: r.seq });
      }
    });
    if (next !== envelopes.length) throw new Refutation("surplus", `no record is of envelope ${next}`);
    let last;
    const follows = (key) => {
      const hash = mapKey(key);
      if (last && compareBytes(hash, last) <= 0) throw new Refutation("order", "it does not stand in the order of the map", { key });
      last = hash;
      return hash;
    };
    for (const key of this.dossier.keys) this.keys.set(keyText(key), new CheckedKey(key, follows(key)));
    last = void 0;
    for (const key of this.dossier.absent) this.absent.set(keyText(key), { key, hash: follows(key), used: false });
  }
};

// src/trace/asof.ts
function asOf(r, logSize) {
  const cut2 = (seqs) => seqs.filter((seq) => seq < logSize);
  return {
    history: (k, from, limit) => cut2(r.history(k, from, limit)),
    // The lead is counted from where the window begins in r, cut or not.
    window: (k, since, until, lead2, limit) => {
      const { before, within: within2 } = r.window(k, since, until, lead2, limit);
      return { before: cut2(before), within: cut2(within2) };
    },
    record: (seq) => {
      if (seq >= logSize) throw new Unknown(`record ${seq}, as of the first ${logSize}`);
      return r.record(seq);
    },
    state: (k) => r.state(k)
  };
}

// src/trace/touches.ts
function touches(r) {
  let keys = [];
  if (r.event) keys = eventKeys(r.event);
  else if (r.certificate) keys = [{ ns: "certificate", id: r.certificate.id.uri }];
  else if (r.masterData) keys = [masterDataKey(r.masterData)];
  keys = keys.filter((k) => k.id !== "");
  keys.sort((a, b) => compareText(a.ns, b.ns) || compareText(a.id, b.id));
  return keys.filter((k, i) => i === 0 || k.ns !== keys[i - 1].ns || k.id !== keys[i - 1].id);
}
var nothing2 = { ns: "", id: "" };
var idLists = (e) => [e.epcs, e.children, e.inputs, e.outputs];
var quantityLists = (e) => [e.quantities, e.childQuantities, e.inputQuantities, e.outputQuantities];
function eventKeys(e) {
  const keys = [objectKey(e.parent), ...idLists(e).flat().map(objectKey)];
  keys.push(...quantityLists(e).flat().map((q) => quantityKey(q.cls)));
  keys.push(...e.transactions.map((t) => ({ ns: "transaction", id: t.id.uri })));
  if (e.transformationID) keys.push(transformationKey(e.transformationID));
  const batch2 = birthLot(e);
  keys.push(...born(e).map((id) => ({ ns: "lot", id: lotOf(id, batch2) })));
  return keys;
}
var transformationKey = (id) => ({ ns: "transaction", id: canonical(id).uri });
function objectKey(id) {
  switch (id.level) {
    case "place":
    case "party":
      return nothing2;
    case "lot":
    case "class":
      return { ns: id.level, id: id.uri };
  }
  return id.uri ? { ns: "item", id: id.uri } : nothing2;
}
function quantityKey(id) {
  switch (id.level) {
    case "place":
    case "party":
      return nothing2;
    case "lot":
    case "item":
      return { ns: id.level, id: id.uri };
  }
  return id.uri ? { ns: "class", id: id.uri } : nothing2;
}
function masterDataKey(m) {
  const id = m.id.uri;
  switch (m.id.level) {
    case "item":
    case "lot":
    case "class":
    case "place":
      return { ns: m.id.level, id };
    case "party":
      return { ns: "organisation", id };
    case "document":
      return { ns: "transaction", id };
  }
  switch (m.vocabulary) {
    case "urn:epcglobal:epcis:vtype:BusinessLocation":
    case "urn:epcglobal:epcis:vtype:ReadPoint":
    case "urn:epcglobal:epcis:vtype:Location":
      return { ns: "place", id };
    case "urn:epcglobal:epcis:vtype:SourceDest":
    case "urn:epcglobal:epcis:vtype:Party":
      return { ns: "organisation", id };
    case "urn:epcglobal:epcis:vtype:EPCInstance":
      return { ns: "item", id };
    case "https://waymark-ledger.github.io/voc/Document":
      return { ns: "transaction", id };
  }
  return { ns: "class", id };
}
function born(e) {
  if (e.correction) return [];
  if (e.type === "ObjectEvent" && e.action === "ADD") return e.epcs;
  return e.type === "TransformationEvent" ? e.outputs : [];
}
function birthLot(e) {
  for (const { name, value } of e.ilmd) if (value.kind === "string" && lotNumbers.has(name)) return value.str;
  return "";
}
var lotNumbers = /* @__PURE__ */ new Set([
  "urn:epcglobal:cbv:mda:lotNumber",
  "https://ref.gs1.org/cbv/lotNumber",
  "https://gs1.org/voc/hasBatchLotNumber",
  "https://gs1.org/voc/lotNumber",
  "https://ref.gs1.org/voc/lotNumber",
  "cbvmda:lotNumber",
  "cbv:lotNumber",
  "gs1:lotNumber",
  "gs1:hasBatchLotNumber"
]);
function lotOf(item, batch2) {
  const number = item.lot || batch2;
  return item.level !== "item" || number === "" ? "" : inLot(item, number).uri;
}

// src/trace/certificate.ts
var latest = Infinity;
var CertificateState = class {
  issuer = "";
  scheme = "";
  subject = "";
  scope = [];
  validFrom = new Instant(0);
  validUntil = new Instant(0);
  intervals = [];
  /** apply folds one accepted certificate record into the state: an issue begins it, a revocation ends the last interval. */
  apply(c, seq, organisation) {
    if (c.action === "issue") {
      this.issuer = organisation;
      this.scheme = c.scheme;
      this.subject = c.subject.uri;
      this.scope = c.scope.map((id) => id.uri);
      this.validFrom = c.validFrom;
      this.validUntil = c.validUntil;
      this.intervals = [{ fromSeq: seq, revoked: false }];
    } else if (c.action === "revoke") {
      this.intervals.push({ fromSeq: seq, revoked: true, effectiveFrom: c.effectiveFrom });
    }
  }
  /**
   * at is the status of the certificate for something that happened at t and was
   * recorded at seq, at block time recorded. It has to be valid at t, and not
   * revoked when the event was recorded. A revocation recorded later reaches back
   * only as far as its effectiveFrom. For the status today, t and recorded are the
   * present block time and seq is latest.
   */
  at(t, recorded, seq) {
    for (const { fromSeq, revoked, effectiveFrom: from } of this.intervals) {
      if (!revoked) continue;
      if (fromSeq < seq && (!from || !recorded.before(from))) return "revoked";
      if (from && !t.before(from)) return "revoked";
    }
    if (!this.intervals[0] || this.intervals[0].fromSeq >= seq) return "unknown";
    if (t.before(this.validFrom)) return "not yet valid";
    return this.validUntil.before(t) ? "expired" : "active";
  }
  /**
   * covers reports whether the scope admits what the event names. A scope that
   * names product classes or lots admits an event that names at least one of them;
   * an event that names only things without a class (pallets), and a scope of
   * places alone, are not judged by it.
   */
  covers(e) {
    if (!this.scope.some((uri) => classOf(canonical(uri)) !== none)) return true;
    const named = [...idLists(e).flat(), ...quantityLists(e).flat().map((q) => q.cls)];
    const judged = named.filter((id) => classOf(id) !== none);
    return judged.length === 0 || judged.some((id) => this.scope.includes(classOf(id).uri) || this.scope.includes(id.uri));
  }
};

// src/trace/ledger.ts
var Entry = class {
  rec;
  event;
  // none for other kinds, and for refused bytes that do not decode
  other;
  // of another kind than event
  roles = /* @__PURE__ */ new Map();
  // by canonical id: how the event names it
  about = /* @__PURE__ */ new Set();
  // nodes of the journey that it concerns, in the order of reaching them
  decoded = false;
  included = false;
  aside = false;
  // included for what it says of a document or class, not of the thing itself
  voided = false;
  // its author declared it wrong
  constructor(rec) {
    this.rec = rec;
  }
  /** time is when it happened: the eventTime, for other kinds the block time. */
  get time() {
    return this.event?.time ?? this.rec.time;
  }
  /** role says where the event names a thing: a sum of the values below, 0 for nowhere. */
  role(id) {
    return this.roles.get(id) ?? 0;
  }
};
var asObject = 1;
var asParent = 2;
var asChild = 4;
var asInput = 8;
var asOutput = 16;
var maxHistory = 2e4;
var maxAside = 200;
var Ledger = class {
  reader;
  short = [];
  // histories that were not read to their end
  entries = /* @__PURE__ */ new Map();
  histories = /* @__PURE__ */ new Map();
  constructor(reader) {
    this.reader = reader;
  }
  /** seqs is the positions of the records that touch k, ascending. */
  seqs(k) {
    let seqs = this.histories.get(keyText(k));
    if (!seqs) {
      seqs = this.beginning(k, 0, maxHistory);
      this.histories.set(keyText(k), seqs);
    }
    return seqs;
  }
  /** beginning is the first limit seqs of k's history from from on. What lies behind them becomes a gap. */
  beginning(k, from, limit) {
    return this.cutShort(k, this.reader.history(k, from, limit + 1), limit);
  }
  cutShort(k, seqs, limit) {
    if (seqs.length <= limit) return seqs;
    const id = k.ns === "refused" ? accepted(k)?.id ?? "" : k.id;
    this.short.push({ id, seq: seqs[limit - 1], about: "It has more records than are read here; this is the last that was." });
    return seqs.slice(0, limit);
  }
  /** entry is the record at seq, decoded. Bytes that do not decode are an error unless the record was refused. */
  entry(seq) {
    let e = this.entries.get(seq);
    if (!e) {
      e = new Entry(this.reader.record(seq));
      this.entries.set(seq, e);
    }
    if (e.decoded) return e;
    e.decoded = true;
    const r = decodedOf(e.rec);
    if (r?.event) {
      e.event = r.event;
      e.roles = rolesOf(r.event);
    } else if (r) e.other = r;
    else if (!isRejected(e.rec)) throw new WalkError(`record ${seq} does not decode`);
    return e;
  }
  /** history is the decoded records that touch k, in seq order, with those marked that their author declared wrong. */
  history(k) {
    return this.load(this.seqs(k));
  }
  load(seqs) {
    const out = seqs.map((seq) => this.entry(seq));
    markVoided(out);
    return out;
  }
  /**
   * between is the decoded records touching k that can speak of something that
   * happened in [since, until]: an event's record stands no earlier than its
   * eventTime less the skew that rule A5 grants, and is waited for until the end
   * plus the lateness limit. Before those, up to lead records that precede the range.
   */
  between(k, since, until, limits, lead2) {
    const read2 = this.reader.window(k, since.add(-limits.futureSkew), until?.add(limits.lateness), lead2, maxHistory + 1);
    const within2 = this.load(this.cutShort(k, read2.within, maxHistory));
    return { before: this.load(read2.before), within: within2 };
  }
};
function decodedOf(rec) {
  if (rec.decoded !== void 0) return rec.decoded ?? void 0;
  try {
    return decode(rec.kind, rec.bytes);
  } catch (e) {
    if (e instanceof Fault) return void 0;
    throw e;
  }
}
function markVoided(entries) {
  for (const correction of entries) {
    const { event, rec } = correction;
    if (!event?.correction || event.id === "") continue;
    for (const e of entries) {
      if (e.event && !e.event.correction && e.event.id === event.id && e.rec.organisation === rec.organisation) e.voided = true;
    }
  }
}
var happened = (entries) => [...entries].sort((a, b) => a.time.compare(b.time) || compareNumbers(a.rec.seq, b.rec.seq));
function rolesOf(e) {
  const m = /* @__PURE__ */ new Map();
  const add2 = (ids, quantities2, role) => {
    for (const id of [...ids, ...quantities2.map((q) => q.cls)]) m.set(id.uri, (m.get(id.uri) ?? 0) | role);
  };
  add2(e.epcs, e.quantities, asObject);
  if (e.parent.uri) add2([e.parent], [], asParent);
  add2(e.children, e.childQuantities, asChild);
  add2(e.inputs, e.inputQuantities, asInput);
  add2(e.outputs, e.outputQuantities, asOutput);
  return m;
}
var live = (e) => e.event && !e.voided && !e.event.correction ? e.event : void 0;
var bonds = (e) => e.type === "AggregationEvent" || e.type === "AssociationEvent";
var unbindsAll = (e) => bonds(e) && e.action === "DELETE" && e.children.length === 0 && e.childQuantities.length === 0;
var ends = (e) => e.type === "ObjectEvent" && e.action !== "ADD" && (e.action === "DELETE" || e.bizStep === stepPrefix + "destroying" || e.bizStep === stepPrefix + "decommissioning");
function amountOf(list, uri) {
  const q = list.find((x) => x.cls.uri === uri);
  return { amount: q?.amount, unit: q?.unit ?? "" };
}
var stepPrefix = namespaceCBV + "BizStep-";

// src/trace/task.ts
var up = 1;
var down = 2;
var contents = 4;
var inside = 8;
var batch = 16;
var ofDocument = 32;
var ofCited = 64;
function taskText(t) {
  const moment = (m) => m ? `${m.seconds}.${m.nanos}` : "0.0";
  return [t.ns, t.mode, moment(t.since), moment(t.until), moment(t.before), t.id, t.child ?? ""].join("\n");
}

// src/trace/document.ts
function document(w, t) {
  const entries = w.history(t);
  refusals(w, t);
  for (const e of entries) {
    if (e.rec.seq < (t.from ?? 0)) continue;
    if (w.pending.length > w.limit) {
      w.pending.push({ ...t, from: e.rec.seq });
      return;
    }
    w.include(e, t.id);
    const ev = live(e);
    if (!ev) continue;
    const named = [
      ...partsOf([ev.parent, ...ev.epcs], ev.quantities),
      ...partsOf(ev.children, ev.childQuantities),
      ...partsOf(ev.inputs, ev.inputQuantities),
      ...partsOf(ev.outputs, ev.outputQuantities)
    ];
    for (const p of named) {
      const edge = { kind: "document", from: p.key.id, to: t.id, seq: e.rec.seq, certainty: "certain" };
      if (p.amount) edge.quantity = p.amount.toString();
      if (p.amount && p.unit) edge.unit = p.unit;
      w.reach({ ...p.key, depth: t.depth + 1, mode: t.mode & ~ofDocument | contents, since: ev.time, until: ev.time }, [edge]);
    }
  }
}
function documents(w) {
  for (const e of w.records) {
    const ev = live(e);
    if (!ev || isRejected(e.rec) || e.aside) continue;
    for (const { id } of ev.transactions) {
      if (!id.uri) continue;
      for (const about2 of e.about) {
        if (about2 === id.uri || (e.role(about2) & ~asChild) === 0) continue;
        const edge = { kind: "document", from: about2, to: id.uri, seq: e.rec.seq, certainty: "certain" };
        w.reach({ ns: "transaction", id: id.uri, depth: w.depthOf(about2) + 1, mode: ofCited }, [edge]);
      }
    }
  }
}
function cited(w, t) {
  for (const k of [t, refused(t)]) {
    for (const e of w.load(w.beginning(k, 0, maxAside))) {
      if (e.included || !tells(e) || !speaksOfDocument(w, e)) continue;
      w.includeAside(e, t.id);
      for (const edge of w.edges) if (edge.kind === "document" && edge.to === t.id) w.includeAside(e, edge.from);
    }
  }
}
function speaksOfDocument(w, e) {
  if (!e.event || e.roles.size === 0) return true;
  if (!decides(e.event) && !recalls(e.event)) return false;
  for (const n of w.nodes.values()) if (e.role(n.id) !== 0) return true;
  return false;
}
var decides = (e) => e.bizStep === stepPrefix + "holding" || e.bizStep === stepPrefix + "inspecting" || disposed(e, vocabulary + "Disp-customs_released", vocabulary + "Disp-customs_held", vocabulary + "Disp-customs_seized");
var recalls = (e) => disposed(e, namespaceCBV + "Disp-recalled", namespaceCBV + "Disp-non_conformant");
var disposed = (e, ...any2) => any2.includes(e.disposition) || e.set.some((d) => any2.includes(d));

// src/trace/inside.ts
var lead = 64;
function containers(w, t, entries) {
  const { all, gaps } = windowsOf(w, t, happened(entries));
  for (const g of gaps) w.gap(g.id, g.seq ?? 0, g.about);
  const c = t.ns === "item" ? "certain" : spread(t.id, entries, all);
  for (const window of all) enter(w, t, window, c);
}
var later = (a, b) => b && a.before(b) ? b : a;
var earlier = (a, b) => b && (!a || b.before(a)) ? b : a;
function withAmount(edge, amount, unit) {
  if (amount) edge.quantity = amount.toString();
  if (amount && unit) edge.unit = unit;
  return edge;
}
function enter(w, t, window, certainty, since, until) {
  const from = later(window.since, since);
  const to = earlier(window.until, until);
  if (to?.before(from)) return;
  const { parent } = window;
  if (!window.until && !until) w.gap(t.id, window.seq, `No record says when it left ${parent.id}.`);
  if (window.seen) w.gap(t.id, window.seq, `Seen inside ${parent.id}; no record says when it was put there.`);
  const edge = { kind: "inside", from: t.id, to: parent.id, seq: window.seq, certainty, since: window.since };
  if (window.until) edge.until = window.until;
  w.reach({ ...parent, depth: t.depth + 1, mode: inside, child: t.id, since: from, until: to }, [
    withAmount(edge, window.amount, window.unit)
  ]);
}
function windowsOf(w, k, entries) {
  const all = [];
  const gaps = [];
  const serial = k.ns === "item";
  const closeAll = (at, but) => {
    for (const x of all) if (!x.until && !(but && sameKey(x.parent, but))) x.until = at;
  };
  for (const e of entries) {
    const ev = live(e);
    if (!ev) continue;
    const r = e.role(k.id);
    if (bonds(ev) && r & asChild) {
      const parent = objectKey(ev.parent);
      if (!parent.id || isVessel(parent.id)) continue;
      const open = all.find((x) => !x.until && sameKey(x.parent, parent));
      if (ev.action === "DELETE") {
        if (open) open.until = ev.time;
        else gaps.push({ id: k.id, seq: e.rec.seq, about: `Taken out of ${parent.id}; no record says when it was put there.` });
        continue;
      }
      if (serial) closeAll(ev.time, parent);
      const { amount, unit } = amountOf(ev.childQuantities, k.id);
      if (!open) {
        all.push({ parent, since: ev.time, seq: e.rec.seq, amount, unit, seen: ev.action === "OBSERVE" });
      } else if (!serial && ev.action === "ADD" && amount && open.amount && open.unit === unit) {
        open.amount = open.amount.add(amount);
      }
    } else if (serial && (r & asInput || r & asObject && ends(ev))) {
      closeAll(ev.time);
    }
  }
  for (const x of all) {
    closeByContainer(w, x);
    x.until ??= receipt(k.id, entries, x.since, serial);
  }
  return { all, gaps };
}
function closeByContainer(w, window) {
  const { id } = window.parent;
  for (const e of happened(w.between(window.parent, window.since, window.until, w.limits, 0).within)) {
    const ev = live(e);
    if (!ev || ev.time.before(window.since)) continue;
    if (window.until && !ev.time.before(window.until)) return;
    const r = e.role(id);
    if (unbindsAll(ev) && r & asParent || r & asInput || r & asObject && ends(ev)) {
      window.until = ev.time;
      return;
    }
  }
}
function receipt(id, entries, since, serial) {
  for (const e of entries) {
    const ev = live(e);
    if (!ev || ev.time.before(since)) continue;
    const r = e.role(id);
    if (r & asObject && ev.bizStep === stepPrefix + "receiving" || !serial && r & asInput) return ev.time;
  }
  return void 0;
}
var isVessel = (uri) => uri.startsWith("urn:epc:id:imovn:");
function spread(id, entries, windows) {
  for (const [i, a] of windows.entries()) {
    if (windows.slice(0, i).some((b) => !sameKey(a.parent, b.parent) && overlap(a, b))) return "possible";
  }
  let made;
  let unit = "";
  for (const e of entries) {
    const ev = live(e);
    if (!ev) continue;
    const list = ev.type === "ObjectEvent" && ev.action === "ADD" ? ev.quantities : ev.outputQuantities;
    const q = amountOf(list, id);
    if (!q.amount) continue;
    if (made && q.unit !== unit) return "possible";
    made = made ? made.add(q.amount) : q.amount;
    unit = q.unit;
  }
  return windows.every((x) => made && x.amount && x.unit === unit && x.amount.compare(made) >= 0) ? "certain" : "possible";
}
var overlap = (a, b) => (!a.until || b.since.before(a.until)) && (!b.until || a.since.before(b.until));
function container(w, t) {
  const since = t.since;
  const until = t.until;
  const { before, within: within2 } = w.between(t, since, until, w.limits, lead);
  for (const e of within2) {
    const ev = e.event;
    if (ev && (ev.time.before(since) || until?.before(ev.time))) continue;
    if (ev && bonds(ev) && (e.role(t.id) & (asParent | asChild)) === asParent && !(e.role(t.child ?? "") & asChild) && !unbindsAll(ev)) continue;
    w.include(e, t.id);
  }
  refusalsBetween(w, t, since, until);
  for (const window of windowsOf(w, t, happened([...before, ...within2])).all) enter(w, t, window, "certain", since, until);
}
function reachContents(w, t) {
  const held = /* @__PURE__ */ new Map();
  const all = [];
  for (const e of happened(w.history(t))) {
    const ev = live(e);
    if (!ev || !bonds(ev) || !(e.role(t.id) & asParent)) continue;
    if (unbindsAll(ev)) {
      for (const x of all) x.until ??= ev.time;
      held.clear();
      continue;
    }
    for (const child of partsOf(ev.children, ev.childQuantities)) {
      const name = keyText(child.key);
      const there = held.get(name);
      if (ev.action === "DELETE" && there) {
        there.until = ev.time;
        held.delete(name);
      } else if (ev.action !== "DELETE" && !there) {
        const x = { key: child.key, parent: t, since: ev.time, seq: e.rec.seq, amount: child.amount, unit: child.unit, seen: false };
        held.set(name, x);
        all.push(x);
      }
    }
  }
  for (const x of all) {
    const from = later(x.since, t.since);
    const to = earlier(x.until, t.until);
    if (to?.before(from)) continue;
    const edge = { kind: "inside", from: x.key.id, to: t.id, seq: x.seq, certainty: x.key.ns === "item" ? "certain" : "possible", since: x.since };
    if (x.until) edge.until = x.until;
    w.reach({ ...x.key, depth: t.depth + 1, mode: t.mode, since: from, until: to }, [withAmount(edge, x.amount, x.unit)]);
  }
}

// src/trace/thing.ts
function thing(w, t) {
  if (w.again(t)) {
    if (t.mode & contents) reachContents(w, t);
    return;
  }
  const all = w.history(t);
  refusals(w, t);
  const entries = t.ns === "item" ? all : upTo(all, t);
  for (const e of entries) {
    if (t.ns === "lot" && !(t.mode & down) && e.event && e.role(t.id) === 0 && t.depth > 0) continue;
    w.include(e, t.id);
  }
  if (t.ns !== "item" && t.ns !== "lot" && t.ns !== "class") return;
  let births = bornBy(t.id, entries);
  if (births.length === 0) births = bornBy(t.id, all);
  if (t.mode & up) upstream(w, t, births);
  if (t.ns === "item") reachLot(w, t, entries, births.length > 0);
  if (!(t.mode & batch)) {
    origin(w, t, entries, births.length > 0);
    containers(w, t, entries);
  }
  if (t.mode & contents) reachContents(w, t);
  if (t.mode & down) downstream(w, t, entries);
}
function upTo(entries, t) {
  const used = t.before;
  if (!used) return entries;
  return entries.filter((e) => !e.event || !used.before(e.event.time) || recalls(e.event) || e.event.correction);
}
var bornBy = (id, entries) => entries.filter((e) => live(e)?.type === "TransformationEvent" && (e.role(id) & asOutput) !== 0);
function partsOf(ids, quantities2) {
  const parts = [];
  for (const id of ids) {
    const key = objectKey(id);
    if (key.id) parts.push({ key, classLevel: key.ns !== "item", unit: "" });
  }
  for (const q of quantities2) {
    const key = quantityKey(q.cls);
    if (key.id) parts.push({ key, classLevel: key.ns !== "item", amount: q.amount, unit: q.unit });
  }
  return parts;
}
function transformation2(w, e, ev) {
  const joined = [e];
  const events = [ev];
  const id = ev.transformationID;
  if (id) {
    const k = transformationKey(id);
    const others = w.history(k);
    w.seqs(refused(k));
    for (const o of others) {
      const event = live(o);
      if (o !== e && event?.type === "TransformationEvent" && event.transformationID === id) {
        joined.push(o);
        events.push(event);
      }
    }
  }
  return {
    inputs: events.flatMap((x) => partsOf(x.inputs, x.inputQuantities)),
    outputs: events.flatMap((x) => partsOf(x.outputs, x.outputQuantities)),
    joined
  };
}
var find = (parts, key) => parts.find((p) => sameKey(p.key, key)) ?? { key, classLevel: key.ns !== "item", unit: "" };
function inputEdge(from, to, seq, c) {
  const e = { kind: "input", from: from.key.id, to: to.key.id, seq, certainty: from.classLevel || to.classLevel ? c : "certain" };
  const q = from.classLevel ? from : to;
  if (q.amount) e.quantity = q.amount.toString();
  if (q.amount && q.unit) e.unit = q.unit;
  return e;
}
var keyOf = (t) => ({ ns: t.ns, id: t.id });
function upstream(w, t, births) {
  const c = t.ns !== "item" && births.length > 1 && t.depth > 0 ? "possible" : "certain";
  for (const e of births) {
    const ev = e.event;
    const { inputs, outputs, joined } = transformation2(w, e, ev);
    for (const j of joined) w.include(j, t.id);
    const to = find(outputs, keyOf(t));
    for (const from of inputs) {
      if (sameKey(from.key, to.key)) continue;
      const next = { ...from.key, depth: t.depth + 1, mode: up };
      if (from.classLevel) next.before = ev.time;
      w.reach(next, [inputEdge(from, to, e.rec.seq, c)]);
    }
  }
}
function downstream(w, t, entries) {
  const uses = (e) => live(e)?.type === "TransformationEvent" && (e.role(t.id) & asInput) !== 0;
  const c = t.ns !== "item" && entries.filter(uses).length > 1 && t.depth > 0 ? "possible" : "certain";
  for (const e of entries) {
    const ev = live(e);
    if (!ev || e.rec.seq < (t.from ?? 0)) continue;
    if (w.pending.length > w.limit) {
      w.pending.push({ ...t, from: e.rec.seq });
      return;
    }
    if (uses(e)) {
      const { inputs, outputs, joined } = transformation2(w, e, ev);
      for (const j of joined) w.include(j, t.id);
      const from = find(inputs, keyOf(t));
      for (const to of outputs) {
        if (sameKey(to.key, from.key)) continue;
        w.reach({ ...to.key, depth: t.depth + 1, mode: down }, [inputEdge(from, to, e.rec.seq, c)]);
      }
    }
    if (t.ns === "lot") reachItems(w, t, e, ev);
  }
}
function reachItems(w, t, e, ev) {
  const number = birthLot(ev);
  for (const id of born(ev)) {
    if (lotOf(id, number) !== t.id) continue;
    const edge = { kind: "lot", from: id.uri, to: t.id, seq: e.rec.seq, certainty: "certain" };
    w.reach({ ns: "item", id: id.uri, depth: t.depth + 1, mode: down }, [edge]);
  }
}
function reachLot(w, t, entries, made) {
  let lot = "";
  let seq = 0;
  for (const e of entries) {
    const ev = live(e);
    if (!ev) continue;
    const r = e.role(t.id);
    const birth = (r & asOutput) !== 0 || (r & asObject) !== 0 && ev.type === "ObjectEvent" && ev.action === "ADD";
    if (lot && !birth) continue;
    const l = lotOf(idIn(ev, t.id), birth ? birthLot(ev) : "");
    if (!l) continue;
    lot = l;
    seq = e.rec.seq;
    if (birth) break;
  }
  if (!lot || t.depth > 0 && !spokenOf(w, lot)) return;
  const mode = t.mode & up && !made ? batch | up : batch;
  const edge = { kind: "lot", from: t.id, to: lot, seq, certainty: "certain" };
  w.reach({ ns: "lot", id: lot, depth: t.depth + 1, mode }, [edge]);
}
function spokenOf(w, lot) {
  const k = { ns: "lot", id: lot };
  return w.seqs(refused(k)).length > 0 || w.history(k).some((e) => !e.event || e.role(lot) !== 0);
}
var idIn = (e, uri) => idLists(e).flat().find((id) => id.uri === uri) ?? (e.parent.uri === uri ? e.parent : none);
function origin(w, t, entries, made) {
  if (made || t.ns === "class" || classOf(canonical(t.id)) === none || entries.length === 0) return;
  for (const e of entries) {
    const ev = live(e);
    if (!ev) continue;
    if (ev.type === "ObjectEvent" && ev.action === "ADD" && ((e.role(t.id) & asObject) !== 0 || t.ns === "lot")) return;
    if (t.ns === "lot" && e.role(t.id) === 0) return;
  }
  w.gap(t.id, 0, "No record says where this was made.");
}
function refusals(w, k) {
  for (const e of w.history(refused(k))) if (tells(e)) w.include(e, k.id);
}
function refusalsBetween(w, k, since, until) {
  for (const e of w.between(refused(k), since, until, w.limits, 0).within) {
    if (tells(e) && !e.time.before(since) && !until?.before(e.time)) w.include(e, k.id);
  }
}
var tells = (e) => (e.event !== void 0 || e.other !== void 0) && !onlyRepeats(e.rec);
var onlyRepeats = (r) => isRejected(r) && r.findings.every((f) => f.severity !== "REJECT" || f.rule === "A6");

// src/trace/cited.ts
function certificates(w) {
  const cited2 = /* @__PURE__ */ new Map();
  const of = (id) => {
    const entries = cited2.get(id) ?? /* @__PURE__ */ new Set();
    cited2.set(id, entries);
    return entries;
  };
  let now = w.now?.isZero() === false ? w.now : void 0;
  for (const e of w.records) {
    if (e.other?.certificate) of(e.other.certificate.id.uri);
    if (!e.event || isRejected(e.rec) || e.voided) continue;
    for (const c of e.event.certificates) of(canonical(c).uri).add(e);
  }
  now ??= w.records.reduce((last, e) => last.before(e.rec.time) ? e.rec.time : last, new Instant(0));
  return [...cited2.keys()].sort(compareText).map((id) => certificate(w, id, [...cited2.get(id)], now));
}
function certificate(w, id, cited2, now) {
  const key = { ns: "certificate", id };
  const state = new CertificateState();
  const records = [];
  for (const e of w.history(key)) {
    w.include(e, id);
    records.push(e.rec.seq);
    if (e.other?.certificate) state.apply(e.other.certificate, e.rec.seq, e.rec.organisation);
  }
  refusals(w, key);
  const statusToday = state.at(now, now, latest);
  let statusAtEvent = statusToday;
  happened(cited2).forEach((e, i) => {
    let at = state.at(e.time, e.rec.time, e.rec.seq);
    if (at === "active" && !state.covers(e.event)) at = "out of scope";
    if (i === 0 || statusAtEvent === "active") statusAtEvent = at;
  });
  const issued = {};
  if (state.intervals.length > 0) {
    if (state.scheme) issued.scheme = state.scheme;
    if (state.subject) issued.subject = state.subject;
    if (state.scope.length > 0) issued.scope = state.scope;
    if (state.issuer) issued.issuer = state.issuer;
    issued.validFrom = state.validFrom;
    issued.validUntil = state.validUntil;
  }
  return { id, ...issued, citedBy: cited2.map((e) => e.rec.seq).sort(compareNumbers), statusAtEvent, statusToday, records };
}

// src/trace/continuation.ts
var version = 2;
var token = (rest) => "." + base64URL(rest);
var encodeRest = (id, direction, tasks) => cborArray([cborUint(version), cborText(id), cborText(direction), cborArray(tasks.map(encodeTask))]);
var encodeTask = (t) => cborArray([
  cborText(t.ns),
  cborText(t.id),
  cborUint(t.depth),
  cborUint(t.mode),
  cborText(t.child ?? ""),
  encodeMoment(t.since),
  encodeMoment(t.until),
  encodeMoment(t.before),
  cborUint(t.from ?? 0),
  cborArray((t.edges ?? []).map(encodeEdge))
]);
var encodeEdge = (e) => cborArray([
  cborText(e.kind),
  cborText(e.from),
  cborText(e.to),
  cborUint(e.seq),
  cborText(e.certainty),
  cborText(e.quantity ?? ""),
  cborText(e.unit ?? ""),
  encodeMoment(e.since),
  encodeMoment(e.until)
]);
var encodeMoment = (m) => m ? cborArray([cborInt(BigInt(m.seconds)), cborInt(BigInt(m.nanos))]) : cborNull;
function readRest(b, id, direction) {
  try {
    return CBORReader.read(b, (r) => {
      r.array(4);
      if (r.uint() !== version) r.fail("of another version");
      if (r.text() !== id) r.fail("of another id");
      if (r.text() !== direction) r.fail("it goes another way");
      const tasks = r.list(() => readTask(r));
      return tasks.length > 0 ? tasks : r.fail("nothing is left of it");
    });
  } catch (e) {
    if (e instanceof EncodingError) throw new ContinuationError(e.message);
    throw e;
  }
}
function readTask(r) {
  r.array(10);
  const t = { ns: r.text(), id: r.text(), depth: r.uint(), mode: r.uint(), child: r.text() };
  if (t.mode > 255) r.fail("no such mode");
  t.since = readMoment(r);
  t.until = readMoment(r);
  t.before = readMoment(r);
  t.from = r.uint();
  t.edges = r.list(() => readEdge(r));
  return t.id === "" || t.mode & inside && !t.since ? r.fail("a part is incomplete") : t;
}
function readEdge(r) {
  r.array(9);
  const e = {
    kind: r.text(),
    from: r.text(),
    to: r.text(),
    seq: r.uint(),
    certainty: r.text()
  };
  const quantity = r.text();
  const unit = r.text();
  const since = readMoment(r);
  const until = readMoment(r);
  if (quantity) e.quantity = quantity;
  if (unit) e.unit = unit;
  if (since) e.since = since;
  if (until) e.until = until;
  return e;
}
function readMoment(r) {
  if (r.nothing()) return void 0;
  r.array(2);
  const seconds = r.int64();
  const nanos = r.int64();
  if (nanos !== BigInt.asIntN(32, nanos)) r.fail("more than 32 bits");
  return new Instant(Number(seconds), Number(nanos));
}

// src/trace/names.ts
function names(w) {
  const keys = /* @__PURE__ */ new Map();
  const add2 = (ns, id) => {
    const k = { ns, id };
    if (id && !keys.has(keyText(k))) keys.set(keyText(k), k);
  };
  for (const n of w.nodes.values()) {
    switch (n.namespace) {
      case "item":
      case "lot":
        add2("class", classOf(canonical(n.id)).uri);
        if (n.namespace === "lot") add2("lot", n.id);
        break;
      case "class":
      case "place":
      case "organisation":
        add2(n.namespace, n.id);
    }
  }
  for (const e of w.records) {
    add2("organisation", e.rec.organisation);
    if (e.event) {
      add2("place", e.event.readPoint.uri);
      add2("place", e.event.bizLocation.uri);
      for (const { id } of [...e.event.sources, ...e.event.destinations]) add2(id.level === "place" ? "place" : "organisation", id.uri);
    }
    const subject = e.other?.certificate?.subject;
    if (subject?.level === "place") add2("place", subject.uri);
    else if (subject?.level === "party") add2("organisation", subject.uri);
  }
  const out = /* @__PURE__ */ Object.create(null);
  for (const k of keys.values()) {
    const name = nameOf(w, k);
    if (name) out[k.id] = name;
  }
  return out;
}
function nameOf(w, k) {
  const state = w.reader.state(k);
  if (keepsDescription(k.ns)) {
    if (!state) return "";
    const d = description(state, k);
    try {
      w.include(w.entry(d.seq), k.id);
    } catch (e) {
      if (!(e instanceof Unknown)) throw e;
    }
    return d.name;
  }
  for (const e of w.history(k).reverse()) {
    const name = e.other?.masterData?.name;
    if (name) {
      w.include(e, k.id);
      return name;
    }
  }
  return admittedName(state);
}
function description(state, k) {
  try {
    return CBORReader.read(state, (r) => {
      let seq = 0;
      let name = "";
      r.fields((key) => {
        if (key === 1) seq = r.uint();
        else if (key === 3) name = r.text();
        else r.skip();
        return true;
      });
      return { seq, name };
    });
  } catch (e) {
    if (e instanceof EncodingError) throw new WalkError(`state of ${k.ns} ${k.id}: ${e.message}`);
    throw e;
  }
}
function admittedName(state) {
  try {
    return state ? decodeOrganisationState(state).at(-1)?.value.organisation.name ?? "" : "";
  } catch (e) {
    if (e instanceof EncodingError) return "";
    throw e;
  }
}
var nodeName = (n, all) => all[n.id] || all[classOf(canonical(n.id)).uri] || "";

// src/trace/plots.ts
function plots(w) {
  const out = [];
  for (const e of w.records) {
    const ev = live(e);
    if (!ev || isRejected(e.rec)) continue;
    const of = [...e.about].filter((id) => {
      const r = e.role(id);
      return r === 0 || (r & (asObject | asOutput)) !== 0;
    });
    const found = landIn({ kind: "object", members: ev.ilmd, start: 0, end: 0 }, 0);
    if (found.length === 0) continue;
    of.sort(compareText);
    const text2 = textOf(e.rec.bytes) ?? "";
    for (const p of found) {
      const plot = { of, seq: e.rec.seq, geometry: text2.slice(p.geometry.start, p.geometry.end) };
      if (p.id) plot.id = p.id;
      if (p.area) plot.area = p.area;
      out.push(plot);
    }
  }
  return out;
}
var maxLandDepth = 8;
function landIn(v, depth) {
  if (depth > maxLandDepth) return [];
  if (v.kind === "array") return v.items.flatMap((item) => landIn(item, depth + 1));
  if (v.kind !== "object") return [];
  if (isGeometry(v)) return [{ id: "", area: "", geometry: v }];
  const geometry = member(v, "geometry");
  if (geometry && isGeometry(geometry)) {
    const own = about(v);
    const properties = about(member(v, "properties"));
    return [{ id: own.id || properties.id, area: own.area || properties.area, geometry }];
  }
  return v.members.flatMap((m) => landIn(m.value, depth + 1));
}
function about(v) {
  const first = (names2) => {
    for (const name of names2) {
      const m = member(v, name);
      if (m && isText(m) && m.str) return m.str;
    }
    return "";
  };
  return {
    id: first(["id", "@id", "plot_id", "plotId", "plotID", "name"]),
    area: first(["area", "areaHectares", "hectares", "Area"])
  };
}
function isGeometry(v) {
  const type = member(v, "type");
  if (type?.kind !== "string") return false;
  switch (type.str) {
    case "Point":
    case "MultiPoint":
    case "LineString":
    case "MultiLineString":
    case "Polygon":
    case "MultiPolygon":
      return member(v, "coordinates") !== void 0;
    case "GeometryCollection":
      return member(v, "geometries") !== void 0;
  }
  return false;
}
var member = (v, name) => v?.kind === "object" ? v.members.find((m) => local(m.name) === name)?.value : void 0;
var local = (name) => name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("#"), name.lastIndexOf(":")) + 1);

// src/trace/recall.ts
function classRecalls(w) {
  const since = /* @__PURE__ */ new Map();
  for (const e of w.records) {
    for (const id of e.about) since.set(id, Math.min(since.get(id) ?? Infinity, e.rec.seq));
  }
  const members = /* @__PURE__ */ new Map();
  for (const { id } of w.nodes.values()) {
    const first = since.get(id);
    const cls = classOf(canonical(id)).uri;
    if (first === void 0 || cls === "" || cls === id) continue;
    const list = members.get(cls) ?? [];
    list.push({ id, since: first });
    members.set(cls, list);
  }
  for (const cls of [...members.keys()].sort(compareText)) recallsOf(w, { ns: "class", id: cls }, members.get(cls));
}
function recallsOf(w, cls, members) {
  const from = members.reduce((least, m) => Math.min(least, m.since), Infinity);
  for (const k of [cls, refused(cls)]) {
    for (const e of w.load(w.beginning(k, from, maxAside))) {
      if (!e.event || !tells(e) || !recalls(e.event)) continue;
      for (const m of members) if (m.since <= e.rec.seq) w.includeAside(e, m.id);
    }
  }
}

// src/trace/assemble.ts
function assemble(w) {
  classRecalls(w);
  const certificateStatuses = certificates(w);
  const allNames = names(w);
  custody(w);
  w.records.sort((a, b) => compareNumbers(a.rec.seq, b.rec.seq));
  const nodes = [...w.nodes.values()].map(({ id, namespace, depth }) => {
    const name = nodeName({ id, namespace, depth }, allNames);
    return name ? { id, namespace, name, depth } : { id, namespace, depth };
  });
  nodes.sort((a, b) => compareNumbers(a.depth, b.depth) || compareText(a.id, b.id) || compareText(a.namespace, b.namespace));
  w.edges.sort((a, b) => compareText(a.from, b.from) || compareText(a.to, b.to) || compareText(a.kind, b.kind) || compareNumbers(a.seq, b.seq));
  for (const g of w.short) w.gap(g.id, g.seq ?? 0, g.about);
  w.gaps.sort((a, b) => compareText(a.id, b.id) || compareNumbers(a.seq ?? 0, b.seq ?? 0) || compareText(a.about, b.about));
  const journey = {
    id: w.id,
    direction: w.direction,
    graph: { nodes, edges: w.edges },
    steps: happened(w.records).flatMap(stepOf),
    gaps: w.gaps,
    certificates: certificateStatuses,
    plots: plots(w),
    names: allNames
  };
  const told2 = {
    journey,
    records: w.records.map((e) => e.rec),
    tasks: w.tasks,
    stopped: w.stopped,
    full: w.full,
    cut: w.deep || w.short.length > 0,
    unwalked: []
  };
  const left = [...w.queue, ...w.pending];
  if (left.length > 0) {
    told2.rest = encodeRest(w.id, w.direction, left);
    told2.unwalked = [...new Map(left.map((t) => [keyText(t), { ns: t.ns, id: t.id }])).values()];
    journey.continuation = token(told2.rest);
  }
  return told2;
}
function stepOf(e) {
  const ev = e.event;
  const certificate2 = e.other?.certificate;
  if (!ev && !certificate2) return [];
  const s = {
    seq: e.rec.seq,
    eventTime: e.time,
    about: [...e.about].sort(compareText),
    what: "",
    organisation: e.rec.organisation
  };
  if (isRejected(e.rec)) s.refused = true;
  if (e.voided) s.voided = true;
  if (!ev) {
    s.what = "certificate " + certificate2.action;
    return [s];
  }
  s.what = ev.type + (ev.action ? " " + ev.action : "") + (ev.correction ? " (declares an earlier event wrong)" : "");
  if (ev.bizStep) s.bizStep = ev.bizStep;
  if (ev.disposition) s.disposition = ev.disposition;
  const place = ev.readPoint.uri || ev.bizLocation.uri;
  if (place) s.place = place;
  if (ev.transactions.length > 0) s.documents = ev.transactions.map((t) => t.type ? { type: t.type, id: t.id.uri } : { id: t.id.uri });
  const details = detailsOf(ev.extensions);
  if (details.length > 0) s.details = details;
  return [s];
}
var detailsOf = (extensions) => extensions.flatMap(
  ({ name, value }) => name !== "@context" && isText(value) && utf8Length(value.str) <= 200 ? [{ name, value: value.str }] : []
);
function custody(w) {
  const within2 = /* @__PURE__ */ new Map();
  const holds = /* @__PURE__ */ new Set();
  for (const e of w.edges) {
    if (e.kind !== "inside") continue;
    within2.set(e.from, [...within2.get(e.from) ?? [], e]);
    holds.add(e.to);
  }
  const about2 = /* @__PURE__ */ new Map();
  for (const e of w.records) {
    if (!live(e) || isRejected(e.rec) || e.aside) continue;
    for (const id of e.about) {
      const list = about2.get(id) ?? [];
      list.push(e);
      about2.set(id, list);
    }
  }
  for (const n of w.nodes.values()) {
    if (n.context || holds.has(n.id) || n.namespace !== "item" && n.namespace !== "lot") continue;
    handOvers(w, n.id, happened(lifeOf(n.id, within2, about2)));
  }
}
function lifeOf(start, within2, about2) {
  const out = /* @__PURE__ */ new Set();
  const visited = /* @__PURE__ */ new Set();
  const queue = [{ id: start }];
  for (const s of queue) {
    for (const e of about2.get(s.id) ?? []) {
      if (!(s.since && e.time.before(s.since)) && !s.until?.before(e.time)) out.add(e);
    }
    if (visited.has(s.id)) continue;
    visited.add(s.id);
    for (const edge of within2.get(s.id) ?? []) {
      const next = { id: edge.to, since: edge.since, until: edge.until };
      if (s.since && next.since?.before(s.since)) next.since = s.since;
      if (s.until && (!next.until || s.until.before(next.until))) next.until = s.until;
      queue.push(next);
    }
  }
  return out;
}
function handOvers(w, id, life) {
  const unreceived = (e) => w.gap(id, e.rec.seq, "Shipped, but no record says that it was received.");
  let shipped;
  let holder = "";
  for (const e of life) {
    const by = e.rec.organisation;
    switch (e.event.bizStep) {
      case stepPrefix + "shipping":
        if (shipped && shipped.rec.organisation !== by) unreceived(shipped);
        shipped = e;
        break;
      case stepPrefix + "receiving":
        if (!shipped && holder && holder !== by) w.gap(id, e.rec.seq, "Received, but no record says that it was shipped.");
        shipped = void 0;
        break;
      case stepPrefix + "accepting":
        if (shipped?.event.destinations.some((p) => p.id.uri === by)) shipped = void 0;
        break;
      case stepPrefix + "void_shipping":
        shipped = void 0;
    }
    holder = by;
  }
  if (shipped) unreceived(shipped);
}

// src/trace/walk.ts
var defaultMaxNodes = 2e3;
var defaultMaxDepth = 32;
var defaultFutureSkew = 600;
var defaultLateness = 90 * 86400;
var maxPending = 4096;
function walk(r, id, o) {
  const w = new Walker(r, canonical(id).uri, o);
  w.start(canonical(id));
  w.limit = w.pending.length + maxPending;
  w.run();
  documents(w);
  w.run();
  return assemble(w);
}
var edgeText = (e) => [e.kind, e.seq, e.from, e.to].join("\n");
var Walker = class extends Ledger {
  id;
  // canonical
  direction;
  now;
  limits;
  maxNodes;
  maxDepth;
  maxTasks;
  rest;
  nodes = /* @__PURE__ */ new Map();
  // by keyText, in the order of reaching them
  edges = [];
  gaps = [];
  records = [];
  pending = [];
  // not walked for want of room; the continuation
  queue = [];
  limit = 0;
  // of pending
  tasks = 0;
  // done
  stopped = false;
  // by maxTasks, before all was done
  full = false;
  // maxNodes was reached
  deep = false;
  // maxDepth was
  joined = /* @__PURE__ */ new Set();
  // edges
  waiting = /* @__PURE__ */ new Map();
  // pending
  done = /* @__PURE__ */ new Set();
  // tasks queued
  walked = /* @__PURE__ */ new Set();
  // things walked, whatever the window
  constructor(r, id, o) {
    super(r);
    const positive = (n, otherwise) => n !== void 0 && n > 0 ? n : otherwise;
    this.id = id;
    this.direction = o.direction ?? "both";
    this.now = o.now;
    this.limits = { futureSkew: positive(o.futureSkew, defaultFutureSkew), lateness: positive(o.lateness, defaultLateness) };
    this.maxNodes = positive(o.maxNodes, defaultMaxNodes);
    this.maxDepth = positive(o.maxDepth, defaultMaxDepth);
    this.maxTasks = positive(o.maxTasks, Infinity);
    this.rest = o.from;
  }
  /** start finds what the id names and queues it, or what an earlier walk left. */
  start(id) {
    if (this.rest) {
      for (const { edges, ...t } of readRest(this.rest, this.id, this.direction)) this.reach(t, edges);
      return;
    }
    let found = false;
    for (const ns of namespacesOf(id)) {
      const k = { ns, id: id.uri };
      if (this.seqs(k).length === 0 && this.seqs(refused(k)).length === 0) continue;
      found = true;
      const ways = this.direction === "upstream" ? up : this.direction === "downstream" ? down : up | down;
      this.reach({ ...k, depth: 0, mode: ways | (ns === "transaction" ? ofDocument : contents) });
    }
    if (!found) throw new Unknown(`${id.uri}: unknown to this ledger`);
  }
  /** run does what is queued, until nothing is or there is a reason to end the part. */
  run() {
    while (this.queue.length > 0 && this.pending.length <= this.limit) {
      this.stopped ||= this.tasks > 0 && this.tasks === this.maxTasks;
      if (this.stopped) return;
      this.tasks++;
      this.do(this.queue.shift());
    }
  }
  do(t) {
    if (t.mode & ofCited) cited(this, t);
    else if (t.mode & ofDocument) document(this, t);
    else if (t.mode & inside) container(this, t);
    else thing(this, t);
  }
  /**
   * reach adds the node of a task with the edges that lead to it, and queues the
   * task unless it was done. Where there is no room left, they wait together for
   * the continuation.
   */
  reach(t, edges = []) {
    const id = taskText(t);
    let n = this.nodes.get(keyText(t));
    if (t.depth > this.maxDepth && !(t.mode & ofCited)) {
      if (!this.deep) this.gap(t.id, 0, `Not followed further: ${this.maxDepth} steps from the start. Ask for it by its own id.`);
      this.deep = true;
      return;
    }
    if (!n && this.nodes.size >= this.maxNodes) {
      this.full = true;
      let waits = this.waiting.get(id);
      if (!waits) {
        waits = t;
        this.waiting.set(id, t);
        this.pending.push(t);
      }
      (waits.edges ??= []).push(...edges.filter((e) => this.first(e)));
      return;
    }
    if (!n) {
      n = { id: t.id, namespace: t.ns, depth: t.depth, context: true };
      this.nodes.set(keyText(t), n);
    }
    n.depth = Math.min(n.depth, t.depth);
    n.context &&= (t.mode & batch) !== 0;
    for (const e of edges) if (this.first(e)) this.edges.push(e);
    if (!this.done.has(id)) {
      this.done.add(id);
      this.queue.push(t);
    }
  }
  /** first reports whether the edge is met for the first time. */
  first(e) {
    const id = edgeText(e);
    if (this.joined.has(id)) return false;
    this.joined.add(id);
    return true;
  }
  /** again reports whether the thing was walked in this mode before, in whatever window, and remembers that it is now. */
  again(t) {
    const id = taskText({ ...t, since: void 0, until: void 0, mode: t.mode & ~contents });
    if (this.walked.has(id)) return true;
    this.walked.add(id);
    return false;
  }
  /** include makes a record part of the journey, as one that concerns id. */
  include(e, id) {
    if (!e.included) this.records.push(e);
    e.included = true;
    if (id) e.about.add(id);
  }
  /** includeAside makes a record part of the journey that names a document or a class, not the thing itself. */
  includeAside(e, id) {
    e.aside ||= !e.included;
    this.include(e, id);
  }
  gap(id, seq, about2) {
    if (this.gaps.some((g) => g.id === id && (g.seq ?? 0) === seq && g.about === about2)) return;
    this.gaps.push(seq ? { id, seq, about: about2 } : { id, about: about2 });
  }
  /** depthOf is how far from the start a thing stands that has a node, 0 of none. */
  depthOf(id) {
    for (const ns of allNamespaces) {
      const n = this.nodes.get(keyText({ ns, id }));
      if (n) return n.depth;
    }
    return 0;
  }
};
var allNamespaces = ["item", "lot", "class", "transaction", "certificate", "place", "organisation"];
function namespacesOf(id) {
  switch (id.level) {
    case "item":
    case "lot":
    case "class":
    case "place":
      return [id.level];
    case "party":
      return ["organisation"];
    case "document":
      return ["item", "transaction", "certificate"];
  }
  return allNamespaces;
}

// src/proof/entry.ts
var encodeEntry = (e) => cborArray([
  cborUint(e.height),
  cborInt(e.time),
  cborUint(e.seq),
  cborBytes(e.envelope),
  cborUint(e.index),
  cborText(e.kind),
  cborBytes(e.signer),
  cborBytes(e.record),
  cborArray(e.codes.map(cborUint)),
  cborBytes(e.findingsHash)
]);
var decodeFindings = (b) => CBORReader.read(b, (r) => r.list(() => finding(r)));
var findingsHash = (b) => sha2562(b);
var codesOf = (findings) => findings.map((f) => f.code);
function finding(r) {
  const f = {};
  r.fields((key) => {
    switch (key) {
      case 1:
        f.severity = r.text();
        return true;
      case 2:
        f.rule = r.text();
        return true;
      case 3:
        f.version = r.uint32();
        return true;
      case 4:
        f.code = r.uint32();
        return true;
      case 5:
        f.title = r.text();
        return true;
      case 6:
        f.facts = r.list(() => fact(r));
        return f.facts.length > 0;
      case 7:
        f.next = r.text();
        return f.next !== "";
    }
    return false;
  });
  return {
    severity: r.need(f.severity, "severity"),
    rule: r.need(f.rule, "rule"),
    version: r.need(f.version, "version"),
    code: r.need(f.code, "code"),
    title: r.need(f.title, "title"),
    ...f.facts ? { facts: f.facts } : {},
    ...f.next ? { next: f.next } : {}
  };
}
function fact(r) {
  const f = {};
  r.fields((key) => {
    if (key === 1) f.name = r.text();
    else if (key === 2) f.value = r.text();
    else if (key === 3) f.seq = r.uint();
    else return false;
    return true;
  });
  const out = { name: r.need(f.name, "name"), value: r.need(f.value, "value") };
  if (f.seq !== void 0) out.seq = f.seq;
  return out;
}

// src/proof/checkrecords.ts
function refuting(wrong, refute, run) {
  try {
    return run();
  } catch (e) {
    if (e instanceof wrong) throw refute(e.message);
    throw e;
  }
}
function checkRecords(c) {
  const addresses = /* @__PURE__ */ new Map();
  const signers = c.dossier.envelopes.map(({ signer }) => {
    const text2 = addresses.get(hex(signer)) ?? addressText(signer);
    addresses.set(hex(signer), text2);
    return text2;
  });
  c.lines = c.dossier.records.map((r) => {
    const { kind } = c.dossier.envelopes[r.envelope];
    const decoded = decodedOf2(kind, r.bytes);
    return {
      seq: r.seq,
      height: r.height,
      time: Instant.ofUnixNano(r.time),
      kind,
      signer: signers[r.envelope],
      organisation: "",
      envelope: zeroHash,
      findings: findingsOf(r),
      bytes: r.bytes,
      decoded,
      touches: decoded ? touches(decoded) : [],
      hash: recordHash(r.bytes),
      leaf: zeroHash,
      used: false
    };
  });
}
function findingsOf(r) {
  if (r.findings.length === 0) return [];
  const refute = (why) => new Refutation("findings", `they cannot be read: ${why}`, { seq: r.seq });
  const findings = refuting(EncodingError, refute, () => decodeFindings(r.findings));
  if (findings.length === 0) throw refute("there are none");
  return findings;
}
function decodedOf2(kind, bytes2) {
  try {
    return decode(kind, bytes2);
  } catch (e) {
    if (e instanceof Fault) return null;
    throw e;
  }
}
function checkEnvelopes(c) {
  const { records, envelopes, checkpoint } = c.dossier;
  const of = envelopes.map(() => []);
  records.forEach((r, i) => of[r.envelope].push(i));
  envelopes.forEach((e, n) => {
    const lines = of[n].map((i) => c.lines[i]);
    const at = of[n].map((i) => records[i].index);
    const refute = (why) => new Refutation("records-root", why, { seq: lines[0].seq });
    const root = refuting(ProofError, refute, () => rootOf(e.count, at, lines.map((l) => l.hash), e.path));
    const id = envelopeID({ network: checkpoint.network, ...e }, root);
    for (const l of lines) l.envelope = id;
    checkSignature(c, e, id, lines);
  });
}
function checkSignature(c, e, id, lines) {
  const s = signerOf(c, lines[0]);
  let verified2;
  for (const line of lines) {
    const standing = standingAt(s.intervals, line.seq);
    if (!standing || standing.status !== "active" && !isRejected(line)) {
      throw new Refutation("signer", `the key ${line.signer} is ${standing?.status ?? "unknown"}`, { seq: line.seq });
    }
    const { publicKey } = standing;
    if (!verified2 || !equalBytes(verified2, publicKey)) {
      if (!s.verifier || !equalBytes(s.verifier.of, publicKey)) s.verifier = { of: publicKey, verifier: new Verifier(publicKey) };
      const fault = s.verifier.verifier.check(id, e.signer, e.signature);
      if (fault) throw new Refutation("envelope", `the ${fault} is wrong`, { seq: line.seq });
      verified2 = publicKey;
    }
    line.organisation = standing.organisation;
    checkMember(c, line);
  }
}
function signerOf(c, line) {
  const known = c.signers.get(line.signer);
  if (known) return known;
  const key = { ns: "key", id: line.signer };
  const shown = c.keys.get(keyText(key));
  if (!shown) throw new Refutation("not-proved", "who signed it is not shown", { seq: line.seq, key });
  const intervals2 = refuting(EncodingError, (why) => new Refutation("state", why, { key }), () => decodeKeyState(shown.key.state));
  shown.used = true;
  const s = { intervals: intervals2 };
  c.signers.set(line.signer, s);
  return s;
}
function checkMember(c, line) {
  const key = { ns: "organisation", id: line.organisation };
  let intervals2 = c.members.get(key.id);
  if (!intervals2) {
    intervals2 = membership(c, key, line.seq);
    c.members.set(key.id, intervals2);
  }
  const standing = standingAt(intervals2, line.seq);
  if (standing?.status !== "active" && !isRejected(line)) {
    throw new Refutation("organisation", `${key.id} is ${standing?.status || "unknown"}`, { seq: line.seq });
  }
}
function membership(c, key, seq) {
  const shown = c.keys.get(keyText(key));
  if (shown) {
    shown.used = true;
    const { state } = shown.key;
    if (state.length === 0) return [];
    return refuting(EncodingError, (why) => new Refutation("state", why, { key }), () => decodeOrganisationState(state));
  }
  const absent = c.absent.get(keyText(key));
  if (!absent) throw new Refutation("not-proved", "whose key signed it is not shown", { seq, key });
  absent.used = true;
  return [];
}
var noFindings = Uint8Array.of(128);
function checkLog(c) {
  const { records, envelopes, log, checkpoint } = c.dossier;
  records.forEach((r, i) => {
    const line = c.lines[i];
    line.leaf = leafHash(encodeEntry({
      height: r.height,
      time: r.time,
      seq: r.seq,
      envelope: line.envelope,
      index: r.index,
      kind: line.kind,
      signer: envelopes[r.envelope].signer,
      record: line.hash,
      codes: codesOf(line.findings),
      findingsHash: findingsHash(r.findings.length > 0 ? r.findings : noFindings)
    }));
  });
  if (records.length === 0) {
    if (log.length > 0) throw new Refutation("surplus", "a proof of no records");
    return;
  }
  const { logSize, logRoot } = checkpoint.roots;
  const seqs = records.map((r) => r.seq);
  const root = refuting(ProofError, (why) => new Refutation("log", why), () => rootOf(logSize, seqs, c.lines.map((l) => l.leaf), log));
  if (!equalBytes(root, logRoot)) throw new Refutation("log", `the records lead to log root ${hex(root)}, the checkpoint has ${hex(logRoot)}`);
  for (const line of c.lines) {
    if (!line.decoded && !isRejected(line)) throw new Refutation("findings", "it was accepted, and cannot be read", { seq: line.seq });
  }
}

// src/proof/replay.ts
var Replay = class {
  c;
  constructor(c) {
    this.c = c;
  }
  /** key is what is proved of k: undefined when it is proved absent. */
  key(k) {
    const name = keyText(k);
    const proved = this.c.keys.get(name) ?? this.c.absent.get(name);
    if (!proved) {
      throw new Refutation("not-proved", "the journey needs its history or state", { key: { ns: k.ns, id: k.id } });
    }
    proved.used = true;
    return "seqs" in proved ? proved : void 0;
  }
  state(k) {
    const state = this.key(k)?.key.state;
    return state && state.length > 0 ? state : void 0;
  }
  record(seq) {
    const line = this.c.line(seq);
    if (!line) {
      const size = this.c.dossier.checkpoint.roots.logSize;
      if (seq >= size) throw new Unknown(`record ${seq} of ${size}`);
      throw new Refutation("not-proved", "the journey needs it", { seq });
    }
    line.used = true;
    return line;
  }
  /** Where from is not the beginning, the position before has to be opened too: it shows that nothing lies between. */
  history(k, from, limit) {
    const x = this.key(k);
    if (!x || x.key.count === 0 || limit <= 0) return [];
    const low = from > 0 ? this.position(x, (seq) => seq >= from) : 0;
    return this.read(x, low, Math.min(x.key.count, low + limit));
  }
  window(k, since, until, lead2, limit) {
    const x = this.key(k);
    if (!x || x.key.count === 0) return { before: [], within: [] };
    const { count } = x.key;
    const low = this.position(x, (seq) => !this.timeOf(seq).before(since));
    let high = count;
    if (until) {
      high = low;
      while (high < count && high - low < limit) {
        const [seq] = this.read(x, high, high + 1);
        if (until.before(this.timeOf(seq))) break;
        high++;
      }
    }
    const within2 = this.read(x, low, Math.min(high, low + limit));
    return { before: this.read(x, Math.max(0, low - lead2), low), within: within2 };
  }
  /**
   * position is the first position of the history that has the property, which all
   * behind it have too. The position before it, or at the end the last one, shows
   * that it is the first.
   */
  position(x, property) {
    let i = 0;
    for (let high = x.seqs.length; i < high; ) {
      const middle = i + high >> 1;
      if (property(x.seqs[middle])) high = middle;
      else i = middle + 1;
    }
    const p = x.at[i] ?? x.key.count;
    if (p === 0) return 0;
    if (x.at[i - 1] !== p - 1) throw new Refutation("not-proved", `position ${p - 1} of its history is needed`, { key: x.key });
    this.use(x, i - 1);
    return p;
  }
  /** read is the seqs at the positions [from, to). */
  read(x, from, to) {
    if (from === to) return [];
    const i = x.at.indexOf(from);
    const n = i + to - from;
    if (i < 0 || x.at[n - 1] !== to - 1) {
      throw new Refutation("not-proved", `the positions ${from} to ${to - 1} of its history are needed`, { key: x.key });
    }
    for (let at = i; at < n; at++) this.use(x, at);
    return x.seqs.slice(i, n);
  }
  /** use notes that the opened position number i, and the record there, is needed. */
  use(x, i) {
    x.usedAt[i] = true;
    const line = this.c.line(x.seqs[i]);
    if (line) line.used = true;
  }
  /** timeOf is the block time of an opened record; that it is there was checked with the histories. */
  timeOf(seq) {
    return this.c.line(seq).time;
  }
};

// src/proof/checkclosure.ts
function checkClosure(c) {
  const { dossier: d } = c;
  const replay = new Replay(c);
  const state = replay.state(parametersKey);
  const limits = state ? refuting(EncodingError, (why) => new Refutation("state", why, { key: parametersKey }), () => decodeParameters(state)) : defaultParameters;
  if (d.nodes >= defaultMaxNodes) throw new Refutation("continuation", `it ends at ${d.nodes} nodes and ${d.tasks} tasks`);
  const options = {
    ...limits,
    now: Instant.ofUnixNano(d.checkpoint.block.header.time),
    direction: d.direction,
    // as asked
    maxNodes: d.nodes,
    maxTasks: d.tasks,
    from: d.from.length > 0 ? d.from : void 0
  };
  const today = told(replay, d.id, options);
  checkEnd(c, today);
  const then = d.at > 0 && today ? told(asOf(replay, logSizeAt(c, d.at)), d.id, { ...options, now: void 0 }) : void 0;
  checkSurplus(c);
  return { today, then };
}
function told(r, id, o) {
  try {
    return walk(r, id, o);
  } catch (e) {
    if (e instanceof Unknown) return void 0;
    if (e instanceof ContinuationError) throw new Refutation("continuation", e.message);
    if (e instanceof WalkError) throw new Refutation("state", e.message);
    throw e;
  }
}
function checkEnd(c, w) {
  const { dossier: d } = c;
  const maxNodes = d.nodes || defaultMaxNodes;
  const nodes = w?.full && maxNodes !== defaultMaxNodes ? maxNodes : 0;
  const tasks = w?.stopped ? w.tasks : 0;
  if (d.nodes !== nodes || d.tasks !== tasks) {
    throw new Refutation("continuation", `its bounds of ${d.nodes} nodes and ${d.tasks} tasks are not what ended it`);
  }
  const rest = w?.rest && sha2562(w.rest);
  if (rest && d.rest ? !equalBytes(rest, d.rest) : rest !== d.rest) {
    throw new Refutation("continuation", "it leaves another rest than it says");
  }
}
function logSizeAt(c, height) {
  const last = c.lines.filter((l) => l.height <= height).at(-1);
  return last ? last.seq + 1 : 0;
}
function checkSurplus(c) {
  for (const x of c.keys.values()) {
    const i = x.usedAt.indexOf(false);
    if (i >= 0) throw new Refutation("surplus", `position ${x.at[i]} of its history is not needed`, { key: x.key });
    if (!x.used) throw new Refutation("surplus", "it is not needed", { key: x.key });
  }
  for (const a of c.absent.values()) if (!a.used) throw new Refutation("surplus", "it is not needed", { key: a.key });
  for (const line of c.lines) if (!line.used) throw new Refutation("surplus", "it is not needed", { seq: line.seq });
}

// src/proof/checkkeys.ts
function checkHistories(c) {
  for (const x of c.keys.values()) {
    const { key } = x;
    const isRefused = key.ns === "refused";
    const base = isRefused ? accepted(key) : key;
    if (!base) throw new Refutation("touches", "it names no key whose records were refused", { key });
    const leaves = x.seqs.map((seq) => {
      const line = c.line(seq);
      if (!line) throw new Refutation("not-proved", "the record is not there", { seq, key });
      if (!line.touches.some((k) => sameKey(k, base)) || isRejected(line) !== isRefused) {
        throw new Refutation("touches", "the record does not belong to this history", { seq, key });
      }
      return line.leaf;
    });
    x.head = refuting(ProofError, (why) => new Refutation("history", why, { key }), () => rootOf(key.count, x.at, leaves, key.path));
  }
}
function checkMap(c) {
  const present = [...c.keys.values()].map((x) => ({ key: x.hash, count: x.key.count, head: x.head, state: stateHash(x.key.state) }));
  const absent = [...c.absent.values()].map((a) => a.hash);
  const { map, checkpoint } = c.dossier;
  refuting(ProofError, (why) => new Refutation("map", why), () => verifyMap(map, present, absent, checkpoint.roots.mapRoot));
}

// src/proof/dossier.ts
var dossierFormat = "waymark-dossier/1";
var parseDossier = (data) => Fields.of(parseStrict(data), "dossier", (f) => {
  const format = f.text("format");
  const d = {
    id: f.text("id"),
    direction: f.text("direction"),
    at: f.optionalNumber("at"),
    nodes: f.optionalNumber("nodes"),
    tasks: f.optionalNumber("tasks"),
    from: f.optionalBase64("from"),
    rest: f.has("rest") ? f.hex("rest") : void 0,
    checkpoint: f.object("checkpoint", readCheckpoint),
    envelopes: f.optionalList("envelopes", (v, at) => Fields.of(v, at, readEnvelope)),
    records: f.optionalList("records", (v, at) => Fields.of(v, at, readRecord)),
    log: f.optionalHashes("log"),
    keys: f.optionalList("keys", (v, at) => Fields.of(v, at, readKey)),
    absent: f.optionalList("absent", (v, at) => Fields.of(v, at, (g) => ({ ns: g.text("ns"), id: g.text("id") }))),
    map: f.optionalBase64("map")
  };
  if (format !== dossierFormat) throw new Unusable(`its format is "${format}", not ${dossierFormat}`);
  return d;
});
var readEnvelope = (f) => ({
  kind: f.text("kind"),
  signer: readAddress(f.text("signer")) ?? f.fail("signer", "is no address"),
  notAfter: f.number("notAfter"),
  count: f.uint32("count"),
  signature: f.hex("signature", 64),
  path: f.optionalHashes("path")
});
var readAddress = (s) => /^0x[0-9a-f]{40}$/.test(s) ? unhex(s.slice(2)) : void 0;
var readRecord = (f) => ({
  seq: f.number("seq"),
  height: f.number("height"),
  time: f.int64("time"),
  envelope: f.number("envelope"),
  index: f.uint32("index"),
  findings: f.optionalBase64("findings"),
  bytes: f.base64("bytes")
});
var readKey = (f) => ({
  ns: f.text("ns"),
  id: f.text("id"),
  count: f.number("count"),
  state: f.optionalBase64("state"),
  history: f.optionalList("history", (v, at) => Fields.of(v, at, (g) => ({ from: g.number("from"), seqs: g.numbers("seqs") }))),
  path: f.optionalHashes("path")
});

// src/proof/verdict.ts
var verdictFormat = "waymark-verdict/1";
function verdictOf(c, { today, then }) {
  const { dossier: d } = c;
  const v = {
    format: verdictFormat,
    id: d.id,
    direction: d.direction,
    network: hex(d.checkpoint.network),
    known: today !== void 0,
    checkpoint: checkpointVerdict(c),
    trust: trustVerdict(c),
    records: today?.records.map((r) => verified(c, r)) ?? [],
    complete: !today?.rest && !today?.cut,
    refused: [...c.keys.values()].flatMap(({ key: { ns, id, count } }) => ns === "refused" && count > 0 ? [{ ns, id, count }] : []),
    checked: checks(c),
    unchecked: unchecked(c)
  };
  if (today) v.journey = today.journey;
  if (today?.rest) v.rest = { hash: hex(d.rest), continue: token(today.rest), keys: today.unwalked };
  if (d.at > 0) {
    v.then = { at: d.at, known: then !== void 0, since: v.records.filter((r) => r.height > d.at).map((r) => r.seq) };
    if (then) v.then.journey = then.journey;
  }
  return v;
}
function checkpointVerdict(c) {
  const { block, roots } = c.dossier.checkpoint;
  const voted = block.validators.map((_, i) => block.commit.signatures.some((s) => s.validator === i));
  return {
    height: block.header.height,
    time: Instant.ofUnixNano(block.header.time),
    stateHeight: roots.height,
    appHash: hex(block.header.appHash),
    logSize: roots.logSize,
    voters: block.validators.map((val, i) => ({ address: hex(validatorAddress(val.key)), power: String(val.power), voted: voted[i] })),
    power: String(totalPower(block.validators)),
    voted: String(totalPower(block.validators.filter((_, i) => voted[i])))
  };
}
function trustVerdict(c) {
  const { anchor, now } = c.options;
  const { block, bridge } = c.dossier.checkpoint;
  const time = Instant.ofUnixNano(anchor.time);
  const age = (since) => now && !now.isZero() ? now.seconds - since.seconds : 0;
  return {
    kind: anchor.kind,
    height: anchor.height,
    time,
    age: age(time),
    checkpointAge: age(Instant.ofUnixNano(block.header.time)),
    bridges: bridge.length
  };
}
function verified(c, r) {
  const name = standingAt(c.members.get(r.organisation) ?? [], r.seq)?.organisation.name;
  const v = {
    seq: r.seq,
    height: r.height,
    time: r.time,
    kind: r.kind,
    signer: r.signer,
    organisation: r.organisation,
    envelope: hex(r.envelope),
    record: hex(c.line(r.seq).hash)
  };
  if (name) v.name = name;
  if (isRejected(r)) v.refused = true;
  if (r.findings.length > 0) v.findings = r.findings;
  return v;
}
function checks(c) {
  const { checkpoint, envelopes } = c.dossier;
  const keys = [...c.keys.values()];
  const sum = (counts) => counts.reduce((a, b) => a + b, 0);
  const all = [
    ["votes of validators for the block that commits all of this", sum([...checkpoint.bridge, checkpoint.block].map((b) => b.commit.signatures.length))],
    ["records, byte for byte as signed, each under its author's envelope", c.lines.length],
    ["signatures of envelopes", envelopes.length],
    ["signing keys and organisations, in good standing when each record was written", c.signers.size + c.members.size],
    ["ledger entries, with the verdict on each record, in the log", c.lines.length],
    ["positions of histories, none left out between them", sum(keys.map((x) => x.at.length))],
    ["keys with their count, history and state in the map", keys.length],
    ["keys that the map does not hold", c.absent.size],
    ["states: keys, organisations, names", keys.filter((x) => x.key.state.length > 0).length],
    ["keys whose refused records were counted", [...keys, ...c.absent.values()].filter((x) => x.key.ns === "refused").length]
  ];
  return all.map(([what, count]) => ({ what, count }));
}
function unchecked(c) {
  const out = [
    "Whether what a record says happened. It is what its signer claims; the signature says who claims it.",
    "Names of products, places and parties. They are what their licensees and the members call them.",
    "Land and its geometry. They are shown as signed.",
    "Goods and events that nobody recorded.",
    "What a container was put into more than 64 of its own records before the thing was put into it.",
    "Attachments and web pages that records point to.",
    `What happened after block ${c.dossier.checkpoint.block.header.height}.`
  ];
  if (!c.options.maxAge) out.push("The age of this answer: no limit was set.");
  return out;
}

// src/proof/check.ts
function verify(data, options) {
  const c = new Checker(parseDossier(data), options);
  checkQuestion(c);
  verifyCheckpoint(c.dossier.checkpoint, options.anchor);
  if (options.maxAge) checkAge(c.dossier.checkpoint, options.now ?? new Instant(0), options.maxAge);
  c.order();
  checkRecords(c);
  checkEnvelopes(c);
  checkLog(c);
  checkHistories(c);
  checkMap(c);
  return verdictOf(c, checkClosure(c));
}
function checkQuestion(c) {
  const { dossier: d, options: o } = c;
  const id = canonical(o.id).uri;
  if (d.id !== id) throw new Refutation("id", `it is about ${d.id}, asked was ${id}`);
  const direction = o.direction ?? "both";
  if (d.direction !== direction) throw new Refutation("id", `it goes "${d.direction}", asked was "${direction}"`);
  if (d.at !== (o.at ?? 0)) throw new Refutation("id", `it is as of height ${d.at}, asked was ${o.at ?? 0}`);
  if (o.from === void 0) {
    if (d.from.length > 0) throw new Refutation("continuation", "it begins in the middle of the journey");
    return;
  }
  const from = unhex(o.from);
  if (d.from.length === 0 || !from || !equalBytes(from, sha2562(d.from))) {
    throw new Refutation("continuation", `it does not begin where the part before it ends, at ${hex(sha2562(d.from))}`);
  }
  if (d.at !== 0) throw new Refutation("continuation", "a continuation is of today");
}

// src/trace/index.ts
var trace_exports = {};
__export(trace_exports, {
  ContinuationError: () => ContinuationError,
  Unknown: () => Unknown,
  WalkError: () => WalkError,
  accepted: () => accepted,
  asOf: () => asOf,
  isRejected: () => isRejected,
  keepsDescription: () => keepsDescription,
  keyText: () => keyText,
  parametersKey: () => parametersKey,
  refused: () => refused,
  sameKey: () => sameKey,
  token: () => token,
  touches: () => touches,
  walk: () => walk
});
export {
  bytes_exports as bytes,
  epcis_exports as epcis,
  identity_exports as identity,
  proof_exports as proof,
  trace_exports as trace
};
