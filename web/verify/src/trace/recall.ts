/** Recalls of whole product classes: mirrors trace/recall.go. */

import { compareText } from "../bytes.ts";
import { canonical, classOf } from "../epcis/id.ts";
import { recalls } from "./document.ts";
import { maxAside } from "./ledger.ts";
import { type Key, refused } from "./record.ts";
import { tells } from "./thing.ts";
import type { Walker } from "./walk.ts";

/** Classed is a thing of a class, and the first record of the journey about it. */
interface Classed {
  id: string;
  since: number;
}

/**
 * classRecalls reads the histories of the product classes of the journey's items
 * and lots, from when each began: a recall of a whole class names none of them, nor
 * does the event that lifts it. Other events of a class are about goods that nobody numbered.
 */
export function classRecalls(w: Walker): void {
  const since = new Map<string, number>(); // by thing
  for (const e of w.records) {
    for (const id of e.about) since.set(id, Math.min(since.get(id) ?? Infinity, e.rec.seq));
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
  for (const k of [cls, refused(cls)]) {
    for (const e of w.load(w.beginning(k, from, maxAside))) {
      if (!e.event || !tells(e) || !recalls(e.event)) continue;
      for (const m of members) if (m.since <= e.rec.seq) w.includeAside(e, m.id);
    }
  }
}
