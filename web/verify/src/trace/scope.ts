/** What a certificate is limited to, and what an event cites: mirrors trace/scope.go. */

import type { Event } from "../epcis/event.ts";
import { canonical, classOf, type ID, none } from "../epcis/id.ts";
import { namespaceCBV } from "../epcis/vocabulary.ts";
import type { CertificateState } from "./certificate.ts";
import { digitsOf, extension, hsCode } from "./consigned.ts";
import { birthLot, born, lotOf, quantityLists } from "./touches.ts";

/**
 * outside reports whether an event, recorded by an organisation, lies outside the
 * certificate's scope.
 *
 * A scope of goods admits an event that names at least one of them: a product
 * class, a lot, or an item whose lot the event states. A scope of commodity codes
 * admits an event that states one of them, or a finer one, and does not judge an
 * event that states none. A scope of sites limits the holder of the certificate: it
 * admits an event of the certificate's subject at one of them, and of whoever, where
 * the subject is no organisation. So does a scope of activities: it admits an event of
 * the holder whose bizStep is one of them. Where the scope names no goods, nothing but the
 * holder says which are certified: another organisation brings none into being under it. An event that names only things without a class
 * (pallets), no place, or no bizStep, is not judged by them. An accreditation certifies no goods.
 */
export function outside(s: CertificateState, e: Event, organisation: string): boolean {
  const named = [...s.scope, s.subject].map(canonical);
  const goods = named.filter((id) => classOf(id) !== none).map((id) => id.uri);
  const sites = named.filter((id) => id.level === "place").map((id) => id.uri);
  const holder = s.subject === organisation || canonical(s.subject).level !== "party";
  return s.accredits.length > 0 ||
    (goods.length > 0 && !admitsGoods(goods, e)) ||
    (!holder && goods.length === 0 && bears(e)) ||
    (sites.length > 0 && holder && !admitsSite(sites, e)) ||
    (s.activities.length > 0 && holder && e.bizStep !== "" && !s.activities.includes(e.bizStep)) ||
    (s.hsCodes.length > 0 && !admitsCode(s.hsCodes, e));
}

function bears(e: Event): boolean {
  return e.type === "TransformationEvent" || (e.type === "ObjectEvent" && e.action === "ADD");
}

function admitsGoods(goods: string[], e: Event): boolean {
  const batch = born(e).length > 0 ? birthLot(e) : ""; // of what is born
  const things: { id: ID; batch: string }[] = [
    ...[...e.epcs, ...e.outputs].map((id) => ({ id, batch })),
    ...[...e.children, ...e.inputs, ...quantityLists(e).flat().map((q) => q.cls)].map((id) => ({ id, batch: "" })),
  ].filter(({ id }) => classOf(id) !== none);
  const admits = ({ id, batch }: { id: ID; batch: string }): boolean => {
    const lot = lotOf(id, batch);
    return goods.includes(classOf(id).uri) || goods.includes(id.uri) || (lot !== "" && goods.includes(lot));
  };
  return things.length === 0 || things.some(admits);
}

/** admitsSite takes a GLN with an extension for a part of the GLN without. */
function admitsSite(sites: string[], e: Event): boolean {
  const places = [e.readPoint, e.bizLocation].filter((id) => id.level === "place");
  const admits = ({ uri }: ID): boolean => sites.some((site) => uri === site || uri.startsWith(site + "/254/"));
  return places.length === 0 || places.some(admits);
}

function admitsCode(codes: string[], e: Event): boolean {
  const stated = [...extension(e.extensions, hsCode), ...extension(e.ilmd, hsCode)].map(digitsOf);
  return stated.length === 0 || stated.some((digits) => codes.some((code) => digits.startsWith(code)));
}

/**
 * cites lists the certificates that an event cites, canonical: in certificationInfo,
 * and as business transactions of CBV's type cert. An event that declares another
 * wrong cites none of its own.
 */
export function cites(e: Event): string[] {
  if (e.correction) return [];
  const documents = e.transactions.filter((t) => t.type === namespaceCBV + "BTT-cert" && t.id.uri !== "");
  return [...e.certificates.map((c) => canonical(c).uri), ...documents.map((t) => t.id.uri)];
}
