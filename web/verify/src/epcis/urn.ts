/** EPC URNs: mirrors epcis/urn.go and epcother.go (GS1 EPC Tag Data Standard, section 6). */

import { allDigits, checkDigit, checkKey, type GS1Key, newKey, primaryKey, qualifier, qualify, unescape } from "./gs1.ts";

/** Broken says why something shaped like a GS1 key does not parse. */
export class Broken {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

/**
 * epcURN reads what follows "urn:epc:". "item" is a valid EPC that is no GS1 key
 * (a BIC container, an IMO number, …) and keeps its URN; "opaque" is neither.
 */
export function epcURN(rest: string): GS1Key | Broken | "item" | "opaque" {
  const [kind, tail] = cut(rest, ":");
  const [scheme, body] = cut(tail ?? "", ":");
  if (!body) return new Broken("not of the form urn:epc:id:scheme:value");
  switch (kind) {
    case "id": {
      const reason = otherEPC(scheme, body);
      if (reason !== undefined) return reason ? new Broken(reason) : "item";
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
      return "opaque"; // the contents of an RFID tag; they name no key by themselves
    default:
      return new Broken("not of the form urn:epc:id:scheme:value");
  }
  return read((r) => r.key(kind, scheme, body));
}

function read(one: (r: URNReader) => void): GS1Key | Broken {
  const r = new URNReader();
  try {
    one(r);
  } catch (e) {
    if (e instanceof Broken) return e;
    throw e;
  }
  return r.k;
}

/** URNReader reads the body of one EPC into a key; it throws Broken. */
class URNReader {
  k: GS1Key = newKey(primaryKey("01")!);

  /** key reads the body of urn:epc:id:<scheme>: or urn:epc:class:lgtin:. */
  key(kind: string, scheme: string, body: string): void {
    if ((scheme === "lgtin") !== (kind === "class")) throw new Broken("lgtin is a class, urn:epc:class:lgtin:");
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
  pattern(scheme: string, body: string): void {
    const head = body.slice(0, -2);
    if (!body.endsWith(".*") || head.includes("*")) throw new Broken("a pattern that names no class");
    switch (scheme) {
      case "sgtin":
      case "upui":
        return whole(this.partition("01", head, 13, true));
      case "itip":
        return whole(this.pieces(this.partition("8006", head, 13, true)), () => this.check());
      case "sgln":
        return whole(this.partition("414", head, 12, false));
      case "grai":
      case "gdti":
      case "sgcn":
        return whole(this.partition(documentKey(scheme), head, 12, false, scheme === "grai" ? "0" : ""));
      case "cpi":
        return this.prefixed("8010", head);
    }
    throw new Broken("a pattern of a scheme that has no class");
  }

  private check(): void {
    const reason = checkKey(this.k);
    if (reason) throw new Broken(reason);
  }

  /**
   * partition reads "prefix.reference", total digits between them, and adds the
   * check digit. The prefix has 6 to 12 digits; with indicator, the reference's
   * first digit stands before the prefix in the key. It returns what follows,
   * with the point before it.
   */
  private partition(code: string, body: string, total: number, indicator: boolean, first = ""): string {
    this.k.spec = primaryKey(code)!;
    const name = this.k.spec.name;
    const [prefix, tail] = cut(body, ".");
    if (tail === undefined || prefix.length < 6 || prefix.length > 12) {
      throw new Broken("the company prefix does not have 6 to 12 digits");
    }
    const n = total - prefix.length;
    const ref = tail.slice(0, n);
    const rest = tail.slice(n);
    if (ref.length < n || (rest !== "" && rest[0] !== ".")) {
      throw new Broken(name + " does not have the right number of digits");
    }
    if (!allDigits(prefix + ref)) throw new Broken(name + " has a letter where a digit belongs");
    const digits = first + (indicator ? ref[0]! + prefix + ref.slice(1) : prefix + ref);
    this.k.value = digits + checkDigit(digits);
    return rest;
  }

  /** pieces reads the ".piece.total" of an ITIP. */
  private pieces(s: string): string {
    if (!/^\.[0-9]{2}\.[0-9]{2}/.test(s)) throw new Broken("ITIP without piece and total");
    this.k.value += s.slice(1, 3) + s.slice(4, 6);
    return s.slice(6);
  }

  /** prefixed reads "prefix.reference" where the reference may hold letters. */
  private prefixed(code: string, body: string): void {
    this.k.spec = primaryKey(code)!;
    const [prefix, ref] = cut(body, ".");
    if (ref === undefined || prefix.length < 6 || prefix.length > 12 || !allDigits(prefix)) {
      throw new Broken("the company prefix does not have 6 to 12 digits");
    }
    if (ref === "") throw new Broken(this.k.spec.name + " is too short");
    this.k.value = prefix + unescapeURN(ref);
    this.check();
  }

  /** ending reads ".serial" as the qualifier ai, and checks the whole key. */
  private ending(rest: string, ai: string): void {
    if (rest[0] !== ".") throw new Broken("the serial number is missing");
    this.check();
    const reason = qualify(this.k, qualifier(this.k.spec.ai, ai)!, unescapeURN(rest.slice(1)));
    if (reason) throw new Broken(reason);
  }
}

const documentKey = (scheme: string): string => (scheme === "sgcn" ? "gcn" : scheme);

/** whole refuses what follows a body that ought to be finished. */
function whole(rest: string, check?: () => void): void {
  check?.();
  if (rest !== "") throw new Broken("something follows the key");
}

/**
 * unescapeURN decodes a component of an EPC URN: " % & / < > ? and # are escaped
 * there and nothing else may be left out (TDS, section 6.3.1).
 */
function unescapeURN(s: string): string {
  if (/["&/<>?#]/.test(s)) throw new Broken("a character that an EPC URN must escape");
  const v = unescape(s);
  if (v === undefined) throw new Broken("broken percent-encoding");
  return v;
}

/** otherEPC judges an EPC that is no GS1 key: "" is right, a text why it is broken; undefined for any other scheme. */
function otherEPC(scheme: string, body: string): string | undefined {
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
  return undefined;
}

/** checkBIC judges a container number (ISO 6346): owner, category, six digits and a check digit. */
function checkBIC(s: string): string {
  if (s.length !== 11) return "a container number has eleven characters";
  if (!/^[A-Z]{4}[0-9]{6}/.test(s)) return "a container number is four capital letters and seven digits";
  let sum = 0;
  for (let i = 0; i < 10; i++) {
    let v = s.charCodeAt(i) - 0x30;
    if (i < 4) {
      // 10, 12, 13, …: the multiples of 11 are left out.
      v = s.charCodeAt(i) - 0x41 + 10;
      v += Math.floor((v - 1) / 10);
    }
    sum += v * 2 ** i;
  }
  return s[10] === String((sum % 11) % 10) ? "" : "container number has a wrong check digit";
}

/** checkIMO judges an IMO ship number: seven digits, the last a check digit. */
function checkIMO(s: string): string {
  if (s.length !== 7 || !allDigits(s)) return "an IMO number has seven digits";
  let sum = 0;
  for (let i = 0; i < 6; i++) sum += Number(s[i]) * (7 - i);
  return s[6] === String(sum % 10) ? "" : "IMO number has a wrong check digit";
}

/** cut splits at the first separator; the second part is undefined when there is none. */
export function cut(s: string, separator: string): [before: string, after: string | undefined] {
  const at = s.indexOf(separator);
  return at < 0 ? [s, undefined] : [s.slice(0, at), s.slice(at + separator.length)];
}
