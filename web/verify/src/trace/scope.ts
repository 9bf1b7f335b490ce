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
  const goods = goodsOf(s);
  const sites = [...s.scope, s.subject].map(canonical).filter((id) => id.level === "place").map((id) => id.uri);
  const holder = s.subject === organisation || canonical(s.subject).level !== "party";
  return s.accredits.length > 0 ||
    (goods.length > 0 && !admitsGoods(goods, e)) ||
    (!holder && goods.length === 0 && bears(e)) ||
    (sites.length > 0 && holder && !admitsSite(sites, e)) ||
    (s.activities.length > 0 && holder && e.bizStep !== "" && !s.activities.includes(e.bizStep)) ||
    (s.hsCodes.length > 0 && !admitsCode(s.hsCodes, e));
}

function goodsOf(s: CertificateState): string[] {
  return [...s.scope, s.subject].map(canonical).filter((id) => classOf(id) !== none).map((id) => id.uri);
}

function bears(e: Event): boolean {
  return e.type === "TransformationEvent" || (e.type === "ObjectEvent" && e.action === "ADD");
}

function admitsGoods(goods: string[], e: Event): boolean {
  const { admitted, judged } = admitsAny(goods, e, () => true);
  return admitted || !judged;
}

/**
 * admitsAny reports whether the goods include one of those things of an event that are among
 * some, and whether one of these has a class at all.
 */
function admitsAny(goods: string[], e: Event, among: (id: ID) => boolean): { admitted: boolean; judged: boolean } {
  const batch = born(e).length > 0 ? birthLot(e) : ""; // of what is born
  const things: { id: ID; batch: string }[] = [
    ...[...e.epcs, ...e.outputs].map((id) => ({ id, batch })),
    ...[...e.children, ...e.inputs, ...quantityLists(e).flat().map((q) => q.cls)].map((id) => ({ id, batch: "" })),
  ].filter(({ id }) => classOf(id) !== none && among(id));
  return { admitted: things.some(({ id, batch }) => includes(goods, id, batch)), judged: things.length > 0 };
}

/** includes reports whether goods include the thing, its lot or its class. */
function includes(goods: string[], id: ID, batch: string): boolean {
  const lot = lotOf(id, batch);
  return goods.includes(classOf(id).uri) || goods.includes(id.uri) || (lot !== "" && goods.includes(lot));
}

/**
 * uncovered reports an event that names goods of the certificate, and other goods for the
 * journey that starts at an id, of which it concerns about: these have no certificate. An item
 * that may be of a certified lot counts with it, where the event does not say its lot. Things
 * without a class are not judged; where the event concerns nothing else, the start is.
 */
export function uncovered(s: CertificateState, e: Event, about: Set<string>, start: string): boolean {
  const goods = goodsOf(s);
  if (goods.length === 0) return false;
  const told = new Set(birthLot(e) ? born(e).map((id) => id.uri) : []);
  const { admitted, judged } = admitsAny(goods, e, (id) => about.has(id.uri));
  if (admitted) return false;
  if (judged) {
    const named = [...e.epcs, ...e.outputs, ...e.children, ...e.inputs, ...quantityLists(e).flat().map((q) => q.cls)];
    return !named.some((id) => about.has(id.uri) && !told.has(id.uri) && hasLotsOf(goods, id));
  }
  if (!admitsAny(goods, e, () => true).judged) return false;
  const id = canonical(start);
  return classOf(id) !== none && !includes(goods, id, "") && !hasLotsOf(goods, id);
}

/** hasLotsOf reports whether goods include lots of an item's class, of which it may be. */
function hasLotsOf(goods: string[], id: ID): boolean {
  const isLot = (lot: ID): boolean => lot.level === "lot" && classOf(lot).uri === classOf(id).uri;
  return id.level === "item" && !id.lot && goods.map(canonical).some(isLot);
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
