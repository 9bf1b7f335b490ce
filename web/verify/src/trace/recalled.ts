/** Recalls as the records of a journey tell them: mirrors trace/recalled.go. */

import { compareText } from "../bytes.ts";
import { canonical, classOf } from "../epcis/id.ts";
import { dispositionRecalled, disposed } from "./document.ts";
import type { Recall } from "./journey.ts";
import { asOutput } from "./ledger.ts";
import { type Finding, isRejected } from "./record.ts";
import type { Walker } from "./walk.ts";

// The findings of rule K5 that tell whether a recall binds anybody.
const codeRecalled = 2501; // recalls what its author may recall
const codeRecallOfOthers = 2502; // says recalled, and may not recall; its facts are named by what it may not

/**
 * recallsTold lists the recalls that the journey's records tell of, in the order of
 * the ledger: as rule K5 has it, an organisation has one of a thing at a time, and
 * ends it by naming the same serial, lot or class. What a compromised key signed
 * ends nothing (rule A7). The records are in that order.
 */
export function recallsTold(w: Walker): Recall[] {
  const ours = new Set(w.left);
  for (const { id } of w.nodes.values()) {
    ours.add(id);
    const cls = classOf(canonical(id)).uri;
    if (cls) ours.add(cls);
  }
  const list: Recall[] = [];
  const open = new Map<string, { recall: Recall; eventID: string }>(); // by organisation and thing
  for (const e of w.records) {
    if (!e.event || isRejected(e.rec) || e.ground) continue;
    const begins = disposed(e.event, dispositionRecalled);
    const ends = e.event.unset.includes(dispositionRecalled);
    const wrong = e.event.correction !== undefined; // those by good keys are told by what is voided
    const doubtful = e.rec.compromised === true;
    if ((!begins && (!ends || wrong)) || (wrong && !doubtful) || (e.voided && !(begins && e.upheld))) continue;
    for (const id of [...e.roles.keys()].sort(compareText)) {
      if (!ours.has(id) || (e.event.type === "TransformationEvent" && (e.role(id) & asOutput) === 0)) continue;
      const { organisation, seq } = e.rec;
      const k = JSON.stringify([organisation, id]);
      const eventTime = e.event.time;
      const before = open.get(k);
      if (!before) {
        if (wrong || !begins) continue;
        const ofOthers = recallsOthers(e.rec.findings, id);
        const recall: Recall = { of: id, seq, eventTime, organisation, ...(ofOthers ? { ofOthers } : {}), ...(doubtful ? { compromised: true } : {}) };
        open.set(k, { recall, eventID: e.event.id });
        list.push(recall);
        continue;
      }
      const { recall, eventID } = before;
      if (wrong) {
        if (eventID !== "" && eventID === e.event.id) recall.doubtfulEnd = { seq, eventTime };
      } else if (begins) {
        if (doubtful || !(recall.compromised || recall.doubtfulEnd)) continue;
        delete recall.compromised;
        delete recall.doubtfulEnd;
        recall.again = { seq, eventTime };
      } else if (doubtful) {
        recall.doubtfulEnd = { seq, eventTime };
      } else {
        delete recall.doubtfulEnd;
        recall.lifted = { seq, eventTime };
        open.delete(k);
      }
    }
  }
  return list;
}

/** recallsOthers reports whether a recall with these findings binds nobody where it names id. */
function recallsOthers(findings: readonly Finding[], id: string): boolean {
  const of = findings.find((f) => f.code === codeRecallOfOthers);
  return of !== undefined && (!findings.some((f) => f.code === codeRecalled) || of.facts?.some((f) => f.name === id) === true);
}
