/** Recalls as the records of a journey tell them: mirrors trace/recalled.go. */

import { compareText } from "../bytes.ts";
import { canonical, classOf, type ID } from "../epcis/id.ts";
import { dispositionRecalled, disposed } from "./document.ts";
import type { Recall } from "./journey.ts";
import { asOutput } from "./ledger.ts";
import { andMore, type Fact, type Finding, isRejected } from "./record.ts";
import { inSerials, serialsOf } from "./serials.ts";
import type { Walker } from "./walk.ts";

// The findings of rule K5 that tell whether a recall binds anybody.
const codeRecalled = 2501; // recalls what its author may recall; its facts have that as their values
const codeRecallOfOthers = 2502; // says recalled, and may not recall; its facts are named by what it may not

/**
 * recallsTold lists the recalls that the journey's records tell of, in the order of
 * the ledger: as rule K5 has it, an organisation has one of a thing at a time, and
 * ends it by naming the same serial, lot or class. What a compromised key signed
 * ends nothing (rule A7). The records are in that order.
 */
export function recallsTold(w: Walker): Recall[] {
  const ours = new Set(w.left);
  const members = new Map<string, ID[]>(); // by class
  for (const { id } of w.nodes.values()) {
    ours.add(id);
    const one = canonical(id);
    const cls = classOf(one).uri;
    if (!cls) continue;
    ours.add(cls);
    members.set(cls, [...(members.get(cls) ?? []), one]);
  }
  const list: Recall[] = [];
  const open = new Map<string, { recall: Recall; eventID: string }>(); // by organisation, thing and serials
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
      const ranges = serialsOf(e.event, id);
      const within = (one: ID): boolean => one.uri === id || inSerials(ranges, one);
      if (ranges.length > 0 && !w.left.has(id) && !members.get(id)?.some(within)) continue;
      const k = JSON.stringify([organisation, id, ranges.join(" ")]);
      const eventTime = e.event.time;
      const before = open.get(k);
      if (!before) {
        if (wrong || !begins) continue;
        const ofOthers = recallsOthers(e.rec.findings, id);
        const recall: Recall = { of: id, ...(ranges.length > 0 ? { serials: ranges } : {}), seq, eventTime, organisation, ...(ofOthers ? { ofOthers } : {}), ...(doubtful ? { compromised: true } : {}) };
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

/**
 * recallsOthers reports whether a recall with these findings binds nobody where it names id:
 * no finding says that it does. Where it names more than a finding does, what is not said to
 * be others' is not.
 */
export function recallsOthers(findings: readonly Finding[], id: string): boolean {
  const has = (code: number, fits: (f: Fact) => boolean): boolean => findings.some((f) => f.code === code && f.facts?.some(fits) === true);
  // Findings end so what is too long for them.
  if (has(codeRecalled, (f) => f.value === id || (f.value.endsWith("…") && id.startsWith(f.value.slice(0, -1))))) return false;
  return !has(codeRecalled, (f) => f.name === andMore) || has(codeRecallOfOthers, (f) => f.name === id);
}
