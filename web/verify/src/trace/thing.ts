/** Items, lots and classes of a journey: mirrors trace/thing.go. */

import type { Decimal } from "../epcis/decimal.ts";
import type { Event, Quantity } from "../epcis/event.ts";
import { canonical, classOf, type ID, none } from "../epcis/id.ts";
import type { Instant } from "../epcis/instant.ts";
import { recalls } from "./document.ts";
import { cameOut } from "./emptied.ts";
import { ground } from "./ground.ts";
import { containers, reachContents } from "./inside.ts";
import type { Certainty, Edge } from "./journey.ts";
import { asInput, asObject, asOutput, type Entry, live } from "./ledger.ts";
import { isRejected, type Key, type Recorded, refused, sameKey } from "./record.ts";
import { handedOver, recallsLeft, standing } from "./standing.ts";
import { batch, contents, down, type Task, up } from "./task.ts";
import { birthLot, born, idLists, lotOf, objectKey, quantityKey, transformationKey } from "./touches.ts";
import type { Walker } from "./walk.ts";

/**
 * thing walks an item, lot or class: its own records, its containers, what it was
 * made from and into, its lot. Every other kind of key (a place, a certificate)
 * has only records of its own.
 */
export function thing(w: Walker, t: Task): void {
  if (w.again(t)) {
    if (t.mode & contents) reachContents(w, t); // in another window
    return;
  }
  const all = w.history(t);
  refusals(w, t);
  const entries = t.ns === "item" ? all : upTo(all, t);
  for (const e of entries) {
    // What bears an item of the lot is another item's journey.
    if (t.ns === "lot" && !(t.mode & down) && e.event && e.role(t.id) === 0 && t.depth > 0) continue;
    w.include(e, t.id);
  }
  if (t.ns !== "item" && t.ns !== "lot" && t.ns !== "class") return;
  let births = bornBy(t.id, entries);
  if (births.length === 0) births = bornBy(t.id, all); // made, by the clocks of its maker, after it was used
  if (t.mode & up) upstream(w, t, births);
  if (t.ns === "item") {
    const now = standing(w, t);
    const itself = { ns: t.ns, id: t.id };
    handedOver(w, itself, now);
    for (const l of now.locks) ground(w, itself, l.seq);
    cameOut(w, itself, now);
    recallsLeft(w, itself, now.left);
  }
  if (t.ns === "item") reachLot(w, t, entries, births.length > 0);
  if (!(t.mode & batch)) {
    origin(w, t, entries, births.length > 0);
    containers(w, t, entries);
  }
  if (t.mode & contents) reachContents(w, t);
  if (t.mode & down) downstream(w, t, entries);
}

/** upTo keeps, of a lot's records, those up to its use, and later ones that speak of all of it. */
function upTo(entries: Entry[], t: Task): Entry[] {
  const used: Instant | undefined = t.before;
  if (!used) return entries;
  return entries.filter((e) => (!e.event && !e.customs) || !used.before(e.time) || (e.event && (recalls(e.event) || e.event.correction)));
}

/** bornBy lists the transformations that put out the thing. */
const bornBy = (id: string, entries: Entry[]): Entry[] =>
  entries.filter((e) => live(e)?.type === "TransformationEvent" && (e.role(id) & asOutput) !== 0);

/** Part is one input or output of a transformation, or anything else an event names with an amount. */
export interface Part {
  key: Key;
  classLevel: boolean;
  amount?: Decimal | undefined;
  unit: string;
}

export function partsOf(ids: ID[], quantities: Quantity[]): Part[] {
  const parts: Part[] = [];
  for (const id of ids) {
    const key = objectKey(id);
    if (key.id) parts.push({ key, classLevel: key.ns !== "item", unit: "" });
  }
  for (const q of quantities) {
    const key = quantityKey(q.cls);
    if (key.id) parts.push({ key, classLevel: key.ns !== "item", amount: q.amount, unit: q.unit });
  }
  return parts;
}

/** transformation is the inputs and outputs of the one that e records, those of the other events with its transformationID included. */
function transformation(w: Walker, e: Entry, ev: Event): { inputs: Part[]; outputs: Part[]; joined: Entry[] } {
  const joined = [e];
  const events = [ev];
  const id = ev.transformationID;
  if (id) {
    const k = transformationKey(id);
    const others = w.history(k);
    w.seqs(refused(k)); // counted; each stands with what it names, too
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
    joined,
  };
}

const find = (parts: Part[], key: Key): Part =>
  parts.find((p) => sameKey(p.key, key)) ?? { key, classLevel: key.ns !== "item", unit: "" };

/**
 * inputEdge is the edge of a transformation. A class-level end gives the quantity:
 * what went in where the input is a lot or class, else what came out.
 */
function inputEdge(from: Part, to: Part, seq: number, c: Certainty): Edge {
  const e: Edge = { kind: "input", from: from.key.id, to: to.key.id, seq, certainty: from.classLevel || to.classLevel ? c : "certain" };
  const q = from.classLevel ? from : to;
  if (q.amount) e.quantity = q.amount.toString();
  if (q.amount && q.unit) e.unit = q.unit;
  return e;
}

const keyOf = (t: Task): Key => ({ ns: t.ns, id: t.id });

/**
 * upstream follows the inputs of the transformations that made the thing. A lot
 * or class that several transformations put out may, where only part of it is
 * meant, come from any of them.
 */
function upstream(w: Walker, t: Task, births: Entry[]): void {
  const c: Certainty = t.ns !== "item" && births.length > 1 && t.depth > 0 ? "possible" : "certain";
  for (const e of births) {
    const ev = e.event!;
    const { inputs, outputs, joined } = transformation(w, e, ev);
    for (const j of joined) w.include(j, t.id);
    const to = find(outputs, keyOf(t));
    for (const from of inputs) {
      if (sameKey(from.key, to.key)) continue;
      const next: Task = { ...from.key, depth: t.depth + 1, mode: up };
      if (from.classLevel) next.before = ev.time;
      w.reach(next, [inputEdge(from, to, e.rec.seq, c)]);
    }
  }
}

/** downstream follows the outputs of the transformations that used the thing, and from a lot the items that were born into it. */
function downstream(w: Walker, t: Task, entries: Entry[]): void {
  const uses = (e: Entry): boolean => live(e)?.type === "TransformationEvent" && (e.role(t.id) & asInput) !== 0;
  const c: Certainty = t.ns !== "item" && entries.filter(uses).length > 1 && t.depth > 0 ? "possible" : "certain";
  for (const e of entries) {
    const ev = live(e);
    if (!ev || e.rec.seq < (t.from ?? 0)) continue;
    if (w.pending.length > w.limit) {
      w.pending.push({ ...t, from: e.rec.seq });
      return;
    }
    if (uses(e)) {
      const { inputs, outputs, joined } = transformation(w, e, ev);
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

/** reachItems reaches the items that an event bears into a lot. */
function reachItems(w: Walker, t: Task, e: Entry, ev: Event): void {
  const number = birthLot(ev);
  for (const id of born(ev)) {
    if (lotOf(id, number) !== t.id) continue;
    const edge: Edge = { kind: "lot", from: id.uri, to: t.id, seq: e.rec.seq, certainty: "certain" };
    w.reach({ ns: "item", id: id.uri, depth: t.depth + 1, mode: down }, [edge]);
  }
}

/**
 * reachLot reaches the lot an item belongs to: as fixed at its birth, else as some
 * record names it. An item that no transformation made may come from one that
 * made its lot. The lot of another item than the start is a node only where a
 * record speaks of the lot itself (it was made, moved or recalled); being named at
 * the birth of its items adds nothing to the journey.
 */
function reachLot(w: Walker, t: Task, entries: Entry[], made: boolean): void {
  let lot = "";
  let seq = 0;
  for (const e of entries) {
    const ev = live(e);
    if (!ev) continue;
    const r = e.role(t.id);
    const birth = (r & asOutput) !== 0 || ((r & asObject) !== 0 && ev.type === "ObjectEvent" && ev.action === "ADD");
    if (lot && !birth) continue;
    const l = lotOf(idIn(ev, t.id), birth ? birthLot(ev) : "");
    if (!l) continue;
    lot = l;
    seq = e.rec.seq;
    if (birth) break;
  }
  if (!lot || (t.depth > 0 && !spokenOf(w, lot))) return;
  const mode = t.mode & up && !made ? batch | up : batch;
  const edge: Edge = { kind: "lot", from: t.id, to: lot, seq, certainty: "certain" };
  w.reach({ ns: "lot", id: lot, depth: t.depth + 1, mode }, [edge]);
}

/** spokenOf reports whether any record names the lot itself, a refused one too. */
export function spokenOf(w: Walker, lot: string): boolean {
  const k: Key = { ns: "lot", id: lot };
  return w.seqs(refused(k)).length > 0 || w.history(k).some((e) => !e.event || e.role(lot) !== 0);
}

/** idIn finds an item as an event names it, with the lot beside its serial. */
export const idIn = (e: Event, uri: string): ID =>
  idLists(e).flat().find((id) => id.uri === uri) ?? (e.parent.uri === uri ? e.parent : none);

/** origin reports a thing that no record brings into being. Logistic units and other things without a product class need no birth. */
function origin(w: Walker, t: Task, entries: Entry[], made: boolean): void {
  if (made || t.ns === "class" || classOf(canonical(t.id)) === none || entries.length === 0) return;
  for (const e of entries) {
    const ev = live(e);
    if (!ev) continue;
    if (ev.type === "ObjectEvent" && ev.action === "ADD" && ((e.role(t.id) & asObject) !== 0 || t.ns === "lot")) return;
    if (t.ns === "lot" && e.role(t.id) === 0) return; // items are born into it
  }
  w.gap(t.id, 0, "No record says where this was made.");
}

/** refusals includes the refused records that touch k. A repeated submission is no step of a journey. */
export function refusals(w: Walker, k: Key): void {
  for (const e of w.history(refused(k))) if (tells(e)) w.include(e, k.id);
}

/** refusalsBetween includes those of them that speak of that time. */
export function refusalsBetween(w: Walker, k: Key, since: Instant, until: Instant | undefined): void {
  for (const e of w.between(refused(k), since, until, w.limits, 0).within) {
    if (tells(e) && !e.time.before(since) && !until?.before(e.time)) w.include(e, k.id);
  }
}

/** tells reports a record that can be read and is no mere repetition. */
export const tells = (e: Entry): boolean => (e.event !== undefined || e.other !== undefined) && !onlyRepeats(e.rec);

const onlyRepeats = (r: Recorded): boolean =>
  isRejected(r) && r.findings.every((f) => f.severity !== "REJECT" || f.rule === "A6");
