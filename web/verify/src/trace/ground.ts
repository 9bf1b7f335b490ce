/** What verdicts and states rest on: mirrors trace/ground.go. */

import type { Key } from "./record.ts";
import { stated } from "./standing.ts";
import type { Task } from "./task.ts";
import type { Walker } from "./walk.ts";

/** Ground is a record that something about a thing of the journey rests on, though it need not name that thing. */
export interface Ground {
  seq: number;
  of: string;
}

/** ground notes that what is said of a thing rests on the record at a seq, unless that was recorded after what was inside of it had left. */
export function ground(w: Walker, t: Key & Pick<Task, "from">, seq: number): void {
  if (!t.from || seq <= t.from) w.resting.push({ seq, of: t.id });
}

/**
 * grounds includes what the states of the journey's things rest on, and what the verdicts on
 * its records do, if that is not part of it already: whoever reads that a record was refused,
 * flagged or locks something finds why. What a verdict says of another thing that the record
 * names is that one's journey; of a record that tells of a document or a class only what names
 * a thing of this one counts. Of the records that are included nothing further is read.
 */
export function grounds(w: Walker): void {
  const ours = new Set([...w.nodes.values()].map((n) => n.id));
  for (const e of w.records) {
    for (const f of e.rec.findings) {
      if (f.severity === "INFO") continue;
      for (const { name, seq } of f.facts ?? []) {
        if (seq === undefined) continue;
        if (ours.has(name)) w.resting.push({ seq, of: name });
        else if (e.role(name) === 0 && !e.aside) for (const of of e.about) w.resting.push({ seq, of });
      }
    }
  }
  for (const { seq, of } of w.resting) {
    const e = stated(w, seq);
    if (!e || (e.included && !e.ground) || e.about.has(of)) continue;
    e.ground = true;
    w.includeAside(e, of);
  }
}
