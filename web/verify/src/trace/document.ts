/** Business documents of a journey: mirrors trace/document.go. */

import { vocabulary } from "../epcis/context.ts";
import type { Event } from "../epcis/event.ts";
import type { ID } from "../epcis/id.ts";
import { namespaceCBV } from "../epcis/vocabulary.ts";
import { declaredParts, onlyOf } from "./customs.ts";
import type { Edge } from "./journey.ts";
import { asChild, type Entry, live, maxAside, stepPrefix } from "./ledger.ts";
import { isRejected, refused } from "./record.ts";
import { contents, ofCited, ofDocument, type Task } from "./task.ts";
import { type Part, partsOf, refusals, tells } from "./thing.ts";
import type { Walker } from "./walk.ts";

/** document walks a business document: the records that cite it, and what those name, with what it held at that time. */
export function document(w: Walker, t: Task): void {
  const entries = w.history(t);
  refusals(w, t);
  for (const e of entries) {
    if (e.rec.seq < (t.from ?? 0)) continue;
    if (w.pending.length > w.limit) {
      w.pending.push({ ...t, from: e.rec.seq });
      return;
    }
    w.include(e, t.id);
    for (const p of named(e)) {
      const edge: Edge = { kind: "document", from: p.key.id, to: t.id, seq: e.rec.seq, certainty: "certain" };
      if (p.amount) edge.quantity = p.amount.toString();
      if (p.amount && p.unit) edge.unit = p.unit;
      w.reach({ ...p.key, depth: t.depth + 1, mode: (t.mode & ~ofDocument) | contents, since: e.time, until: e.time }, [edge]);
    }
  }
}

/** named lists the things that a record is about, as the record of a document. */
function named(e: Entry): Part[] {
  if (e.customs) return declaredParts(e.customs);
  const ev = live(e);
  if (!ev) return [];
  return [
    ...partsOf([ev.parent, ...ev.epcs], ev.quantities),
    ...partsOf(ev.children, ev.childQuantities),
    ...partsOf(ev.inputs, ev.inputQuantities),
    ...partsOf(ev.outputs, ev.outputQuantities),
  ];
}

/** citations lists the documents that a record puts its goods under: those that an event cites, the declaration of a customs record. */
const citations = (e: Entry): ID[] => (e.customs ? [e.customs.mrn] : (live(e)?.transactions.map((t) => t.id) ?? []));

/**
 * documents gives every thing of the journey an edge to the documents that its
 * records cite, and queues those: leaves, for what else they name is another
 * journey.
 */
export function documents(w: Walker): void {
  for (const e of w.records) {
    if (isRejected(e.rec) || e.aside) continue;
    for (const id of citations(e)) {
      if (!id.uri) continue;
      for (const about of e.about) {
        // Not the document itself, nor what is inside of what it names.
        if (about === id.uri || (e.role(about) & ~asChild) === 0) continue;
        const edge: Edge = { kind: "document", from: about, to: id.uri, seq: e.rec.seq, certainty: "certain" };
        w.reach({ ns: "transaction", id: id.uri, depth: w.depthOf(about) + 1, mode: ofCited }, [edge]);
      }
    }
  }
}

/**
 * cited reads the history of a document that the journey cites, for what was said
 * of the document itself: a hold on a declaration names no bag. Such a record
 * concerns the things that cite the document. What happened to other goods under
 * it does not.
 */
export function cited(w: Walker, t: Task): void {
  // The document that the journey is of leaves no gap: its whole history is walked, and
  // read here as far as this part has it anyway.
  const own = t.id === w.id;
  const whole = own && w.hasHistory(t);
  for (const k of [t, refused(t)]) {
    for (const e of whole ? w.history(k) : w.load(w.beginning(k, 0, maxAside, own))) {
      if (e.included || !tells(e) || !speaksOfDocument(w, e)) continue;
      w.includeAside(e, t.id);
      for (const edge of w.edges) if (edge.kind === "document" && edge.to === t.id && concerns(e, edge.from)) w.includeAside(e, edge.from);
    }
  }
}

/** concerns reports whether a record about a document is about a thing that cites it: a decision on some goods of a declaration is on those. */
const concerns = (e: Entry, id: string): boolean => !decidesInPart(e) || e.role(id) !== 0;

const decidesInPart = (e: Entry): boolean => e.customs !== undefined && onlyOf(e.customs).length > 0;

/**
 * speaksOfDocument reports a record that speaks of a document it cites: one that
 * names no goods at all, or by which an authority or the owner decides over goods
 * of this journey, whenever that was.
 */
function speaksOfDocument(w: Walker, e: Entry): boolean {
  if (e.roles.size === 0 || (!e.event && !decidesInPart(e))) return true;
  if (e.event && !decides(e.event) && !recalls(e.event)) return false;
  for (const n of w.nodes.values()) if (e.role(n.id) !== 0) return true;
  return false;
}

/** decides reports an inspection, a hold, or a customs decision. */
const decides = (e: Event): boolean =>
  e.bizStep === stepPrefix + "holding" || e.bizStep === stepPrefix + "inspecting" ||
  disposed(e, vocabulary + "Disp-customs_released", vocabulary + "Disp-customs_held", vocabulary + "Disp-customs_seized");

export const dispositionRecalled = namespaceCBV + "Disp-recalled";

/** recalls reports an event by which goods are called back, or by which that ends. */
export const recalls = (e: Event): boolean =>
  disposed(e, dispositionRecalled, namespaceCBV + "Disp-non_conformant") || e.unset.includes(dispositionRecalled);

export const disposed = (e: Event, ...any: string[]): boolean => any.includes(e.disposition) || e.set.some((d) => any.includes(d));
