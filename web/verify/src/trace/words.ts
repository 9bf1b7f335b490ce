/** Words for people: mirrors trace/words.go. */

import { namespaceCBV, shortVocabulary } from "../epcis/vocabulary.ts";
import type { Instant } from "../epcis/instant.ts";
import type { Step } from "./journey.ts";
import { local } from "./plots.ts";

/**
 * printedID is how an identifier is printed on goods and papers: its application
 * identifiers in brackets (GS1 General Specifications, section 7.8), else its last
 * part: "serial A1", "container WMKU2047188", an MRN.
 */
export function printedID(id: string): string {
  const link = "https://id.gs1.org/";
  if (id.startsWith(link)) {
    const parts = id.slice(link.length).split("/");
    const [ai, value, qualifier, number] = parts as [string, string?, string?, string?];
    if (parts.length === 4 && qualifier === "21") return "serial " + unescaped(number!);
    if (parts.length === 4 && qualifier === "10") return "lot " + unescaped(number!);
    if (parts.length === 2 && ai === "00") return "SSCC " + value;
    if (parts.length === 2 && ai === "253" && value!.length > 13) return unescaped(value!.slice(13));
    if (parts.length % 2 !== 0) return id;
    let out = "";
    for (let i = 0; i < parts.length; i += 2) out += `(${parts[i]})${unescaped(parts[i + 1]!)}`;
    return out;
  }
  const container = "urn:epc:id:bic:";
  if (id.startsWith(container)) return "container " + id.slice(container.length);
  const ship = "urn:epc:id:imovn:";
  if (id.startsWith(ship)) return "IMO " + id.slice(ship.length);
  return id.startsWith("urn:epcglobal:cbv:bt:") ? id.slice(id.lastIndexOf(":") + 1) : id;
}

/** unescaped is s without percent-encoding, or as it is where that is no text. */
function unescaped(s: string): string {
  try {
    return decodeURIComponent(s);
  } catch {
    return s;
  }
}

/** words makes a vocabulary URI readable: "creating class instance". */
export function words(uri: string): string {
  let s = local(shortVocabulary(uri));
  switch (s) {
    case "po":
      return "purchase order";
    case "desadv":
      return "despatch advice";
    case "inv":
      return "invoice";
    case "bol":
      return "bill of lading";
    case "hsCode":
      return "HS code";
  }
  for (const prefix of ["Disp-", "BizStep-", "BTT-", "Scheme-"]) if (s.startsWith(prefix)) s = s.slice(prefix.length);
  return s.replaceAll("_", " ").replace(/(?<=[a-z])[A-Z]/g, (c) => " " + c.toLowerCase());
}

/** toldStep is the step in a few words: "inspecting: customs released". */
export function toldStep(s: Step): string {
  let what = words(s.bizStep ?? "") || s.what;
  const to = dispositions(s.disposition ?? "", s.dispositionsSet ?? [], s.dispositionsUnset ?? []);
  if (to) what += ": " + to;
  if (s.refused) what += " (refused)";
  else if (s.voided) what += " (declared wrong)";
  if (s.compromised) what += " (signed with a compromised key)";
  return s.basis ? what + " (others rest on it)" : what;
}

/**
 * dispositions are what an event did to its goods, for now and until that is taken
 * back, but for what goes without saying: "recalled", "recall lifted".
 */
function dispositions(now: string, set: string[], unset: string[]): string {
  const told = [now, ...set].filter((d) => words(d) && !plain(d)).map(words);
  const ended = unset.filter(words).map((d) => (d === namespaceCBV + "Disp-recalled" ? "recall lifted" : "no longer " + words(d)));
  return [...new Set([...told, ...ended])].join(", ");
}

/** plain dispositions say no more than their step does. */
const plain = (disposition: string): boolean =>
  ["active", "in_progress", "in_transit"].some((word) => disposition === word || disposition === namespaceCBV + "Disp-" + word);

/**
 * oneLine is a text from a record as it may stand within a line: what ends lines or
 * turns the direction of writing becomes U+FFFD, so that no author can write a
 * verdict of his own into somebody's.
 */
export const oneLine = (s: string): string => s.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, "\ufffd");

/** dateText is "2026-09-12 08:30". */
export function dateText(t: Instant): string {
  const s = t.toString();
  return s.slice(0, 10) + " " + s.slice(11, 16);
}

/** quantityText is "60 kg". */
export function quantityText(amount: string, unit: string): string {
  const symbols: { [unit: string]: string } = { KGM: "kg", GRM: "g", TNE: "t", LTR: "l", MTR: "m" };
  return unit ? `${amount} ${symbols[unit] ?? unit}` : amount;
}
