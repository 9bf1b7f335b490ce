/** GS1 Digital Links: mirrors epcis/digitallink.go. */

import { checkKey, type GS1Key, type KeySpec, newKey, primaryKey, qualifier, qualify, unescape } from "./gs1.ts";
import { Broken, cut } from "./urn.ts";

/** linkRoot begins every canonical GS1 Digital Link. */
export const linkRoot = "https://id.gs1.org";

/** digitalLink reads an http or https URI; undefined when it is not a GS1 Digital Link at all. */
export function digitalLink(uri: string): GS1Key | Broken | undefined {
  const rest = uri.slice(uri.indexOf("://") + 3);
  const slash = rest.indexOf("/");
  if (slash < 0) return undefined;
  const host = rest.slice(0, slash);
  // Names, IPv4 and IPv6 addresses and a port; no ? and no #.
  if (!/^[0-9A-Za-z\-._~:[\]%]+$/.test(host)) return undefined;
  const path = /^[^?#]*/.exec(rest.slice(slash))![0];
  const own = host.toLowerCase() === "id.gs1.org";
  const found = link(path, own);
  if (!found && own && path.length > 1 && !otherKey(path)) {
    return new Broken("no GS1 key in a Digital Link of id.gs1.org");
  }
  return found;
}

/**
 * otherKey reports whether a path names a key that has no constrained canonical
 * form (GMN, payment slips); those stay as they are.
 */
function otherKey(path: string): boolean {
  const [code] = cut(path.slice(1), "/");
  return code === "8013" || code === "gmn" || code === "415" || code === "payTo";
}

/**
 * link finds the GS1 key of a path: the rightmost primary key that is followed
 * by nothing but pairs (GS1 Digital Link 1.2, grammar rule gs1path). Whatever
 * stands before it is the stem. own says that the path is known to be a Digital
 * Link, so that a value of the wrong shape is a broken key and not somebody's
 * web page.
 */
function link(path: string, own: boolean): GS1Key | Broken | undefined {
  const parts = path.split("/"); // the first is empty, or what no slash precedes
  let at = parts.length - 2;
  let spec: KeySpec | undefined;
  for (; at > 0; at -= 2) {
    spec = primaryKey(parts[at]!);
    if (spec) break;
  }
  if (!spec) return undefined;
  const value = parts[at + 1]!;
  if (!own && !looksGS1(spec, value)) return undefined;
  const k = newKey(spec);
  const primary = unescape(padded(spec, value));
  if (primary === undefined) return new Broken("broken percent-encoding");
  k.value = primary;
  const reason = checkKey(k);
  if (reason) return new Broken(reason);
  let rank = 0;
  for (let i = at + 2; i < parts.length; i += 2) {
    const code = parts[i]!;
    if (code === "7040") return undefined; // EU tobacco facility and operator ids stay as they are
    const q = qualifier(spec.ai, code);
    if (!q) return new Broken(`AI ${code} does not qualify a ${spec.name}`);
    if (q.rank <= rank || (q.rank === 4 && rank > 0)) return new Broken("qualifiers are in the wrong order");
    rank = q.rank;
    const v = unescape(parts[i + 1]!);
    if (v === undefined) return new Broken("broken percent-encoding");
    const wrong = qualify(k, q, v);
    if (wrong) return new Broken(wrong);
  }
  return k;
}

/** padded is a GTIN of 8, 12 or 13 characters with zeros before it. */
const padded = (spec: KeySpec, value: string): string =>
  spec.ai === "01" && [8, 12, 13].includes(value.length) ? value.padStart(14, "0") : value;

/**
 * looksGS1 tells a key from the page of a web site that happens to have /01/ in
 * its path: /2026/01/15 is a date.
 */
function looksGS1(s: KeySpec, value: string): boolean {
  const n = /^[0-9]*/.exec(value)![0].length;
  if (s.digits === 0) return n >= 4;
  return s.tail > 0 ? n >= 13 : n >= 8 && n === value.length;
}
