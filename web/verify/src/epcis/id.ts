/** Identifiers in their one canonical form: mirrors epcis/id.go. */

import { utf8 } from "../bytes.ts";
import { digitalLink, linkRoot } from "./digitallink.ts";
import { checkQualifier, escapeLink, type GS1Key, type Level, levelOf, newKey, primaryKey, qualifier, unescape } from "./gs1.ts";
import { Broken, cut, epcURN } from "./urn.ts";

/**
 * ID is an identifier: for a GS1 key the constrained canonical Digital Link on
 * https://id.gs1.org at its finest level, for everything else the URI as it
 * stands.
 *
 * lot is what a serial-level Digital Link states beside its serial (AI 10 with
 * AI 21), decoded; it is not part of the identity. malformed says why a
 * GS1-shaped identifier does not parse (a wrong check digit included); it is then
 * kept verbatim as opaque.
 */
export interface ID {
  readonly uri: string;
  readonly level: Level;
  readonly lot: string;
  readonly malformed: string;
}

/** none names nothing. */
export const none: ID = { uri: "", level: "opaque", lot: "", malformed: "" };

/**
 * canonical reads any identifier: an EPC URN, class or pattern, a GS1 Digital
 * Link on any host and with any stem, or any other URI. It never fails, and the
 * canonical URI of a canonical URI is itself. What is no GS1 key stays as it is
 * but for Unicode normalisation (NFC).
 */
export function canonical(uri: string): ID {
  const bytes = byteText(uri);
  let read: GS1Key | Broken | "item" | "opaque" | undefined;
  if (/^urn:epc:/i.test(uri)) read = epcURN(bytes.slice("urn:epc:".length));
  else if (/^https?:\/\//i.test(uri)) read = digitalLink(bytes);
  if (read instanceof Broken) return { uri: normalised(uri), level: "opaque", lot: "", malformed: read.reason };
  if (read === undefined || typeof read === "string") {
    return { uri: normalised(uri), level: read ?? "opaque", lot: "", malformed: "" };
  }
  return idOf(read);
}

/** byteText has one byte of the text's UTF-8 in each character. */
function byteText(s: string): string {
  return /^[\x00-\x7f]*$/.test(s) ? s : Array.from(utf8(s), (c) => String.fromCharCode(c)).join("");
}

function idOf(k: GS1Key): ID {
  let uri = `${linkRoot}/${k.spec.ai}/${escapeLink(k.value)}`;
  if (k.qualifier) uri += `/${k.qualifier}/${escapeLink(k.qvalue)}`;
  return { uri, level: levelOf(k), lot: k.lot, malformed: "" };
}

/** normalised is s in NFC. */
const normalised = (s: string): string => (/^[\x00-\x7f]*$/.test(s) ? s : s.normalize("NFC"));

/**
 * classOf is the product class of an item or lot (its GTIN, ITIP, GRAI without
 * serial or CPID); a class is its own; none for an SSCC, a GIAI, anything that
 * is no product.
 */
export function classOf(id: ID): ID {
  if (id.level === "class") return id;
  if ((id.level !== "item" && id.level !== "lot") || !id.uri.startsWith(linkRoot + "/")) return none;
  let [ai, value] = cut(id.uri.slice(linkRoot.length + 1), "/") as [string, string];
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

/**
 * inLot is the lot of a product: id is a GTIN or ITIP, or an item of it, and
 * number what its Digital Link, or its master data, states; none when id has no
 * lots or the number is none that GS1 allows.
 */
export function inLot(id: ID, number: string): ID {
  const c = classOf(id);
  if (!c.uri.startsWith(linkRoot + "/")) return none;
  const [ai, value] = cut(c.uri.slice(linkRoot.length + 1), "/");
  if ((ai !== "01" && ai !== "8006") || value === undefined) return none;
  const lot = byteText(number);
  if (checkQualifier(qualifier(ai, "10")!, lot)) return none;
  return idOf({ ...newKey(primaryKey(ai)!), value: unescape(value) ?? value, qualifier: "10", qvalue: lot });
}
