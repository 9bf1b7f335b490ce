/** Recalls of whole product classes: mirrors trace/recall.go. */

import { compareText } from "../bytes.ts";
import type { Event } from "../epcis/event.ts";
import { canonical, classOf } from "../epcis/id.ts";
import { dispositionRecalled, disposed, recalls } from "./document.ts";
import { type Entry, live, markVoided, maxAside } from "./ledger.ts";
import { recallsOthers } from "./recalled.ts";
import { isRejected, type Key, recallsKey, refused } from "./record.ts";
import { inSerials, sameSerials, serials } from "./serials.ts";
import type { Inside } from "./standing.ts";
import type { Task } from "./task.ts";
import { type Part, partsOf, tells } from "./thing.ts";
import type { Walker } from "./walk.ts";

/** Classed is a thing of a class, and the first record of the journey about it. */
interface Classed {
  id: string;
  since: number;
}

/**
 * classRecalls reads the histories of the product classes of the journey's items
 * and lots, from when each began, and before that for recalls that bound by then: one
 * of a whole class names none of them, nor does the event that lifts it. Other events
 * of a class are about goods that nobody numbered.
 */
export function classRecalls(w: Walker): void {
  const since = new Map<string, number>(); // by thing
  for (const e of w.records) {
    for (const id of e.about) since.set(id, Math.min(since.get(id) ?? Infinity, e.rec.seq));
  }
  for (const e of w.edges) { // a container of which nothing was recorded meanwhile
    if (e.kind === "inside") since.set(e.to, Math.min(since.get(e.to) ?? Infinity, e.seq));
  }
  const members = new Map<string, Classed[]>(); // by class
  for (const { id } of w.nodes.values()) {
    const first = since.get(id);
    const cls = classOf(canonical(id)).uri;
    if (first === undefined || cls === "" || cls === id) continue;
    const list = members.get(cls) ?? [];
    list.push({ id, since: first });
    members.set(cls, list);
  }
  for (const cls of [...members.keys()].sort(compareText)) recallsOf(w, { ns: "class", id: cls }, members.get(cls)!);
}

function recallsOf(w: Walker, cls: Key, members: Classed[]): void {
  const from = members.reduce((least, m) => Math.min(least, m.since), Infinity);
  const all = w.saidBefore(cls, from);
  for (const k of [cls, refused(cls)]) all.push(...w.load(w.beginning(k, from, maxAside)));
  markVoided(all);
  for (const [i, e] of all.entries()) {
    if (!e.event || !tells(e) || !recalls(e.event)) continue;
    for (const m of members) {
      if (!inSerials(serials(e.event), canonical(m.id))) continue;
      if (m.since <= e.rec.seq || (binds(e, cls.id) && standsAt(all.slice(i), m.since, cls.id))) w.includeAside(e, m.id);
    }
  }
}

/**
 * recallable is what an event is about by which a recall begins or ends, or which
 * declares such an event wrong: of a transformation what it made. None of any other event.
 */
export function recallable(e: Event): Part[] {
  if (!disposed(e, dispositionRecalled) && !e.unset.includes(dispositionRecalled)) return [];
  if (e.type === "TransformationEvent") return partsOf(e.outputs, e.outputQuantities);
  return [...partsOf([e.parent], []), ...partsOf(e.epcs, e.quantities), ...partsOf(e.children, e.childQuantities)];
}

/** binds reports a record that begins a recall of a thing which binds somebody: anybody may say that something is recalled. */
const binds = (e: Entry, id: string): boolean => calls(e) && !recallsOthers(e.rec.findings, id);

/** calls reports a record that begins a recall, lifts one that ends it. */
export const calls = (e: Entry): boolean => !!e.event && !e.event.correction && !isRejected(e.rec) && disposed(e.event, dispositionRecalled);

function lifts(e: Entry): boolean {
  const ev = live(e);
  return !!ev && !isRejected(e.rec) && !disposed(ev, dispositionRecalled) && ev.unset.includes(dispositionRecalled);
}

/**
 * lifting is the record by which the author of the first of some records about a thing,
 * which recalls it, or some of its serials, ended that, or declared it wrong. What a
 * compromised key signed ends nothing (rule A7).
 */
function lifting([first, ...rest]: Entry[], of: string): Entry | undefined {
  return rest.find((e) => {
    if (!e.event || isRejected(e.rec) || e.rec.compromised || e.rec.organisation !== first!.rec.organisation) return false;
    return (lifts(e) && sameSerials(first!.event!, e.event, of)) || (!!e.event.correction && !!e.event.id && e.event.id === first!.event!.id);
  });
}

/** standsAt reports whether the recall that is the first of some records stood at a seq. */
function standsAt(entries: Entry[], seq: number, of: string): boolean {
  const end = lifting(entries, of);
  return !end || end.rec.seq >= seq;
}

/**
 * recallsInside includes the recalls of a container that what was inside is under: those
 * that bound while it was in there, and were recorded before it left; and what ended
 * them. Both may have been recorded at any time: all that is said of its recalls is read.
 * What binds nobody is part of the journey where it was said meanwhile, as anything else is.
 */
export function recallsInside(w: Walker, t: Task): void {
  const entries = w.history(recallsKey(t));
  for (const [i, e] of entries.entries()) if (binds(e, t.id) && !(t.from && e.rec.seq > t.from)) tellRecall(w, entries.slice(i), t, t.id);
}

/**
 * tellRecall includes the recall that is the first of some records, and what ended it, unless
 * that was before since. Where it was declared wrong, the one that its author had made again
 * meanwhile stands in its place (rule K5). of is what is recalled.
 */
export function tellRecall(w: Walker, entries: Entry[], t: Inside, of: string): void {
  const e = entries[0]!;
  const end = lifting(entries, of);
  if (end?.event!.correction) {
    const again = entries.findIndex((a, i) => i > 0 && binds(a, of) && a.rec.organisation === e.rec.organisation && a.rec.seq < end.rec.seq && sameSerials(e.event!, a.event!, of));
    if (again > 0) tellRecall(w, entries.slice(again), t, of);
  }
  if (end && t.since && end.event!.time.before(t.since)) return;
  w.include(e, t.id);
  if (end) w.include(end, t.id);
}
