/**
 * GS1 identification keys: mirrors epcis/gs1.go (GS1 General Specifications,
 * section 3; GS1 Barcode Syntax Dictionary).
 *
 * Texts here hold one byte of UTF-8 in each character, so that what is counted
 * and percent-encoded are bytes.
 */

/** Level says what an identifier names. */
export type Level = "opaque" | "item" | "lot" | "class" | "place" | "party" | "document";

/** KeySpec is one key: its application identifier and the form of its value. */
export interface KeySpec {
  ai: string;
  name: string;
  digits: number; // leading digits, the last of them a check digit
  tail: number; // most characters after those
  set: RegExp; // of all characters
}

const set82 = /^[0-9A-Za-z_!"%-/:-?]*$/; // GS1 AI encodable character set 82
const set39 = /^[0-9A-Z#\-/]*$/; // GS1 AI encodable character set 39
const numeric = /^[0-9]*$/;

const spec = (ai: string, name: string, digits: number, tail = 0, set = set82): KeySpec => ({ ai, name, digits, tail, set });

const primaryKeys = new Map<string, KeySpec>(
  (
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
      ["gsrn", spec("8018", "GSRN of a recipient", 18)],
    ] as const
  ).flatMap(([name, s]) => [[name, s], [s.ai, s]] as [string, KeySpec][]),
);

/** primaryKey is the key that an application identifier, or its short name in a Digital Link, stands for. */
export const primaryKey = (code: string): KeySpec | undefined => primaryKeys.get(code);

/** QualifierSpec is one key qualifier; rank is of the order in which a Digital Link states them. */
export interface QualifierSpec {
  ai: string;
  name: string;
  most: number; // characters
  set: RegExp;
  rank: number;
}

/** qualifier is the key qualifier that an application identifier, or its short name, stands for beside a primary key. */
export function qualifier(primary: string, code: string): QualifierSpec | undefined {
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
          // It stands alone: nothing may precede or follow it.
          return primary === "01"
            ? { ai: "235", name: "third-party serial number", most: 28, set: set82, rank: 4 }
            : undefined;
      }
      return undefined;
    case "414":
      return code === "254" || code === "glnx"
        ? { ai: "254", name: "GLN extension", most: 20, set: set82, rank: 1 }
        : undefined;
    case "8010":
      return code === "8011" || code === "cpsn"
        ? { ai: "8011", name: "CPID serial number", most: 12, set: numeric, rank: 1 }
        : undefined;
    case "8017":
    case "8018":
      return code === "8019" || code === "srin"
        ? { ai: "8019", name: "service relation instance number", most: 10, set: numeric, rank: 1 }
        : undefined;
  }
  return undefined;
}

/** GS1Key is a GS1 key: decoded values, and the lot that stands beside a serial number. */
export interface GS1Key {
  spec: KeySpec;
  value: string;
  qualifier: string; // application identifier of the finest qualifier, "" when there is none
  qvalue: string;
  lot: string;
}

export const newKey = (s: KeySpec): GS1Key => ({ spec: s, value: "", qualifier: "", qvalue: "", lot: "" });

/** checkKey says why the primary value is wrong, "" when it is right. */
export function checkKey(k: GS1Key): string {
  const s = k.spec;
  const v = k.value;
  if (v.length > s.digits + s.tail) return s.name + " is too long";
  if (s.digits === 0) {
    // The value begins with a GS1 company prefix, of four digits at the least.
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

/** checkQualifier says why the value of a qualifier is wrong, "" when it is right. */
export function checkQualifier(q: QualifierSpec, v: string): string {
  if (v === "") return q.name + " is empty";
  if (v.length > q.most) return q.name + " is too long";
  if (!q.set.test(v)) return q.name + " has a character that GS1 does not allow there";
  return q.ai === "8011" && v[0] === "0" ? "CPID serial number begins with 0" : "";
}

/**
 * qualify takes one qualifier. The finest one wins, a lot beside a serial number
 * is kept apart, and what is no part of the identity is dropped.
 */
export function qualify(k: GS1Key, q: QualifierSpec, v: string): string {
  const reason = checkQualifier(q, v);
  if (reason) return reason;
  switch (q.ai) {
    case "22":
    case "8019":
      return "";
    case "254":
      if (v === "0") return ""; // the EPC of a GLN without extension writes one of 0
      break;
    case "21":
      if (k.qualifier === "10") k.lot = k.qvalue;
  }
  k.qualifier = q.ai;
  k.qvalue = v;
  return "";
}

/** levelOf says what a valid key names. */
export function levelOf(k: GS1Key): Level {
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

/** allDigits reports a text, empty or not, of digits alone. */
export const allDigits = (s: string): boolean => numeric.test(s);

/** checkDigit weighs the digits 3, 1, 3, … from the right (GS1 General Specifications, section 7.9.1). */
export function checkDigit(digits: string): string {
  let sum = 0;
  for (let i = digits.length - 1, weight = 3; i >= 0; i--, weight = 4 - weight) sum += weight * Number(digits[i]);
  return String((10 - (sum % 10)) % 10);
}

/** unescape decodes percent-encoding; undefined when it is broken. */
export function unescape(s: string): string | undefined {
  if (!s.includes("%")) return s;
  if (/%(?![0-9A-Fa-f]{2})/.test(s)) return undefined;
  return s.replace(/%(..)/g, (_, h: string) => String.fromCharCode(parseInt(h, 16)));
}

/**
 * escapeLink percent-encodes what the reference implementation of the CBV event
 * hash encodes: everything but the unreserved characters of RFC 3986 and ' ; =.
 */
export const escapeLink = (s: string): string =>
  s.replace(/[^0-9A-Za-z\-._~';=]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0"));

