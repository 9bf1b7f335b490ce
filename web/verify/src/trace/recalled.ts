/** Recalls as the records of a journey tell them: mirrors trace/recalled.go. */

import { compareText } from "../bytes.ts";
import { canonical, classOf } from "../epcis/id.ts";
import { dispositionRecalled, disposed } from "./document.ts";
import type { Recall } from "./journey.ts";
import { asOutput } from "./ledger.ts";
import { isRejected } from "./record.ts";
import type { Walker } from "./walk.ts";

/**
 * recallsTold lists the recalls that the journey's records tell of, in the order of
 * the ledger: as rule K5 has it, an organisation has one of a thing at a time, and
 * ends it by naming the same serial, lot or class. The records are in that order.
 */
export function recallsTold(w: Walker): Recall[] {
  const ours = new Set<string>();
  for (const { id } of w.nodes.values()) {
    ours.add(id);
    const cls = classOf(canonical(id)).uri;
    if (cls) ours.add(cls);
  }
  const list: Recall[] = [];
  const open = new Map<string, Recall>(); // by organisation and thing
  for (const e of w.records) {
    if (!e.event || e.event.correction || e.voided || isRejected(e.rec)) continue;
    const begins = disposed(e.event, dispositionRecalled);
    if (!begins && !e.event.unset.includes(dispositionRecalled)) continue;
    for (const id of [...e.roles.keys()].sort(compareText)) {
      if (!ours.has(id) || (e.event.type === "TransformationEvent" && (e.role(id) & asOutput) === 0)) continue;
      const { organisation, seq } = e.rec;
      const k = JSON.stringify([organisation, id]);
      const recall = open.get(k);
      if (begins && !recall) {
        const told: Recall = { of: id, seq, eventTime: e.event.time, organisation };
        open.set(k, told);
        list.push(told);
      } else if (!begins && recall) {
        recall.lifted = { seq, eventTime: e.event.time };
        open.delete(k);
      }
    }
  }
  return list;
}
