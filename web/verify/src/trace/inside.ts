/** Containers of a journey: mirrors trace/inside.go. */

import type { Decimal } from "../epcis/decimal.ts";
import type { Event } from "../epcis/event.ts";
import type { Instant } from "../epcis/instant.ts";
import { cameOut } from "./emptied.ts";
import type { Certainty, Edge, Gap } from "./journey.ts";
import { amountOf, asChild, asInput, asObject, asParent, bonds, ends, type Entry, happened, live, markVoided, stepPrefix, unbindsAll } from "./ledger.ts";
import { recallsInside } from "./recall.ts";
import { type Key, keyText, sameKey } from "./record.ts";
import { handedOver, inThen, isIn, locksInside, lotInside, recallsLeft, standing, withBonds } from "./standing.ts";
import { inside, type Task } from "./task.ts";
import { partsOf, refusalsBetween } from "./thing.ts";
import { objectKey } from "./touches.ts";
import type { Walker } from "./walk.ts";

/** Window is a time that a thing spent inside a container. */
interface Window {
  parent: Key;
  since: Instant;
  until?: Instant | undefined;
  seq: number; // of the record that begins it
  amount: Decimal | undefined;
  unit: string;
  last: Instant; // when it was last said to be inside
  seen: boolean; // begun by an observation: nobody recorded the packing
  left?: number; // seq of the record that ends it
}

/** lead is how far before a container's window its own packing is looked for, beside its state. */
const lead = 64;

/** containers finds when a thing was inside what, and reaches those containers. */
export function containers(w: Walker, t: Task, entries: Entry[]): void {
  const { all, gaps } = windowsOf(w, t, happened(entries));
  for (const g of gaps) w.gap(g.id, g.seq ?? 0, g.about);
  const c = t.ns === "item" ? "certain" : spread(t.id, entries, all);
  for (const window of all) enter(w, t, window, c);
}

/** later is the second of two moments. */
const later = (a: Instant, b: Instant | undefined): Instant => (b && a.before(b) ? b : a);

/** earlier is the first of two ends; none is the end of time. */
const earlier = (a: Instant | undefined, b: Instant | undefined): Instant | undefined => (b && (!a || b.before(a)) ? b : a);

/** withAmount adds what an edge says of a quantity. */
function withAmount(edge: Edge, amount: Decimal | undefined, unit: string): Edge {
  if (amount) edge.quantity = amount.toString();
  if (amount && unit) edge.unit = unit;
  return edge;
}

/**
 * enter reaches the container of a window, cut to [since, until] where given, and to
 * the record left, by which what it is about left with what was in the container.
 */
function enter(w: Walker, t: Task, window: Window, certainty: Certainty, since?: Instant, until?: Instant, left = 0): void {
  const from = later(window.since, since);
  const to = earlier(window.until, until);
  if (to?.before(from)) return;
  const { parent } = window;
  if (!window.until && !until) w.gap(t.id, window.seq, `No record says when it left ${parent.id}.`);
  if (window.seen) w.gap(t.id, window.seq, `Seen inside ${parent.id}; no record says when it was put there.`);
  const edge: Edge = { kind: "inside", from: t.id, to: parent.id, seq: window.seq, certainty, since: window.since };
  if (window.until) edge.until = window.until;
  if (left === 0 || (window.left ?? left) < left) left = window.left ?? 0;
  w.reach({ ...parent, depth: t.depth + 1, mode: inside, child: t.id, since: from, until: to, from: left }, [
    withAmount(edge, window.amount, window.unit),
  ]);
}

/** more adds what an event puts into the container beside what is inside of it. */
function more(inside: Window, ev: Event, amount: Decimal | undefined, unit: string): void {
  if (ev.action === "ADD" && amount && inside.amount && inside.unit === unit) inside.amount = inside.amount.add(amount);
}

/**
 * windowsOf reads, from a thing's own records in the order in which they happened,
 * when it was inside what. A serialised item is in one container at a time, and
 * its ADD elsewhere, its consumption or its end closes the window; parts of a lot
 * may be in several. A window that nothing closes is closed by what happened to
 * the container (all its contents taken out, its own end), else by the first
 * receipt that names the thing, unless its state has it in there still, or had as of
 * when is asked: a receipt that names its container as well takes nothing out.
 */
function windowsOf(w: Walker, k: Key, entries: Entry[]): { all: Window[]; gaps: Gap[] } {
  const all: Window[] = [];
  const gaps: Gap[] = [];
  const serial = k.ns === "item";
  const closeAll = (e: Entry, but?: Key): void => {
    for (const x of all) if (!x.until && !(but && sameKey(x.parent, but))) end(x, e);
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
        if (open) {
          end(open, e);
        } else {
          gaps.push({ id: k.id, seq: e.rec.seq, about: `Taken out of ${parent.id}; no record says when it was put there.` });
          all.push({ parent, since: ev.time, until: ev.time, left: e.rec.seq, seq: e.rec.seq, ...amountOf(ev.childQuantities, k.id), last: ev.time, seen: false });
        }
        continue;
      }
      if (serial) closeAll(e, parent);
      const { amount, unit } = amountOf(ev.childQuantities, k.id);
      if (!open) {
        all.push({ parent, since: ev.time, last: ev.time, seq: e.rec.seq, amount, unit, seen: ev.action === "OBSERVE" });
      } else {
        open.last = ev.time;
        more(open, ev, amount, unit);
      }
    } else if (serial && (r & asInput || (r & asObject && ends(ev)))) {
      closeAll(e);
    }
  }
  const now = standing(w, k);
  for (const x of all) {
    closeByContainer(w, x);
    if (x.until || now.bonds.some((b) => isIn(b, x.parent))) continue;
    const received = receipt(k.id, entries, x.last, serial);
    if (received && !inThen(w, now, x.parent)) end(x, received);
  }
  return { all, gaps };
}

/** end ends a window by an event. */
function end(window: Window, e: Entry): void {
  window.until = e.time;
  window.left = e.rec.seq;
}

/** closeByContainer ends a window at what happened to the whole container since the thing was last said to be inside. */
function closeByContainer(w: Walker, window: Window): void {
  const { id } = window.parent;
  for (const e of happened(w.between(window.parent, window.last, window.until, w.limits, 0).within)) {
    const ev = live(e);
    if (!ev || ev.time.before(window.last)) continue;
    if (window.until && !ev.time.before(window.until)) return;
    const r = e.role(id);
    if ((unbindsAll(ev) && r & asParent) || r & asInput || (r & asObject && ends(ev))) {
      end(window, e);
      return;
    }
  }
}

/** receipt is when the thing itself, not its container, is received after since; for a lot, also when it is used. */
function receipt(id: string, entries: Entry[], since: Instant, serial: boolean): Entry | undefined {
  for (const e of entries) {
    const ev = live(e);
    if (!ev || ev.time.before(since)) continue;
    const r = e.role(id);
    if ((r & asObject && ev.bizStep === stepPrefix + "receiving") || (!serial && r & asInput)) return e;
  }
  return undefined;
}

/** isVessel knows what carries and never contains: a journey shows it as a detail of the steps aboard. */
const isVessel = (uri: string): boolean => uri.startsWith("urn:epc:id:imovn:");

/**
 * spread says whether all of a lot was in each of its containers: certain only
 * where there is one container, and in it as much as was ever made.
 */
function spread(id: string, entries: Entry[], windows: Window[]): Certainty {
  for (const [i, a] of windows.entries()) {
    if (windows.slice(0, i).some((b) => !sameKey(a.parent, b.parent) && overlap(a, b))) return "possible";
  }
  let made: Decimal | undefined;
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

const overlap = (a: Window, b: Window): boolean =>
  (!a.until || b.since.before(a.until)) && (!b.until || a.since.before(b.until));

/**
 * container walks a container while something was inside: its own records of that
 * time, and its own containers. What else it held is not followed.
 */
export function container(w: Walker, t: Task): void {
  const since = t.since!;
  const until = t.until;
  const { before, within } = w.between(t, since, until, w.limits, lead);
  for (const e of within) {
    const ev = e.event;
    if ((ev || e.customs) && (e.time.before(since) || until?.before(e.time))) continue;
    // What packs or unpacks something else is left out.
    if (ev && bonds(ev) && (e.role(t.id) & (asParent | asChild)) === asParent && !(e.role(t.child ?? "") & asChild) && !unbindsAll(ev)) continue;
    w.include(e, t.id);
  }
  refusalsBetween(w, t, since, until);
  recallsInside(w, t);
  const now = standing(w, t);
  locksInside(w, t, now);
  handedOver(w, t, now);
  cameOut(w, t, now);
  recallsLeft(w, t, now.left);
  lotInside(w, t, now);
  // Gaps of the container itself are not this journey's: what it did before and
  // after is cut off here.
  const all = withBonds(w, [...before, ...within], t, now);
  markVoided(all);
  for (const window of windowsOf(w, t, happened(all)).all) enter(w, t, window, "certain", since, until, t.from);
}

/** reachContents reaches what a container held: the start of a walk, what a document names, and what those held in turn. */
export function reachContents(w: Walker, t: Task): void {
  const held = new Map<string, Window & { key: Key }>();
  const all: (Window & { key: Key })[] = [];
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
      } else if (there) {
        more(there, ev, child.amount, child.unit);
      } else if (ev.action !== "DELETE") {
        const x = { key: child.key, parent: t, since: ev.time, seq: e.rec.seq, amount: child.amount, unit: child.unit, last: ev.time, seen: false };
        held.set(name, x);
        all.push(x);
      }
    }
  }
  for (const x of all) {
    const from = later(x.since, t.since);
    const to = earlier(x.until, t.until);
    if (to?.before(from)) continue;
    const edge: Edge = { kind: "inside", from: x.key.id, to: t.id, seq: x.seq, certainty: x.key.ns === "item" ? "certain" : "possible", since: x.since };
    if (x.until) edge.until = x.until;
    w.reach({ ...x.key, depth: t.depth + 1, mode: t.mode, since: from, until: to }, [withAmount(edge, x.amount, x.unit)]);
  }
}
