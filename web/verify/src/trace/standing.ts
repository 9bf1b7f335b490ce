/** What counts of a container still, however long ago it was recorded: mirrors trace/standing.go. */

import { CBORReader, EncodingError } from "../cbor.ts";
import type { Edge } from "./journey.ts";
import type { Entry } from "./ledger.ts";
import { type Key, Unknown, WalkError } from "./record.ts";
import { batch, type Task } from "./task.ts";
import { calls, tellRecall } from "./recall.ts";
import { spokenOf } from "./thing.ts";
import type { Walker } from "./walk.ts";

/** codeComponentLocked is the finding of rule C9 that locks an assembly because of one of its components. It says nothing of the others. */
const codeComponentLocked = 1912;

/** Standing is what a walk reads of a container's state. */
export interface Standing {
  lot: string; // fixed by born
  born?: number;
  bonds: Bond[]; // to what it is in, or was in last
  locks: { code: number; seq: number }[];
  left: Left[];
}

/** Left is that it left something under a recall, and stays under that. */
interface Left {
  of: string; // what is recalled, as the id of its recalls' key
  recall: number; // seq
  by?: number; // seqs
  freed?: number; // the recall ended for it alone
}

interface Bond {
  in?: number;
  out?: number; // undefined while it lasts
}

/** standing reads the state of a container. */
export function standing(w: Walker, k: Key): Standing {
  const s: Standing = { lot: "", bonds: [], locks: [], left: [] };
  const state = k.ns === "item" ? w.reader.state(k) : undefined;
  if (!state) return s;
  try {
    CBORReader.read(state, (r) =>
      r.fields((key) => {
        if (key === 3) s.lot = r.text();
        else if (key === 4) s.born = seqOfTurn(r);
        else if (key === 8 || key === 9) s.bonds.push(bondOf(r));
        else if (key === 10) s.locks = r.list(() => lockOf(r));
        else if (key === 16) s.left = r.list(() => leftOf(r));
        else r.skip();
        return true;
      }),
    );
    return s;
  } catch (e) {
    if (e instanceof EncodingError) throw new WalkError(`state of ${k.ns} ${k.id}: ${e.message}`);
    throw e;
  }
}

function seqOfTurn(r: CBORReader): number {
  let seq = 0;
  r.fields((key) => {
    if (key === 1) seq = r.uint();
    else r.skip();
    return true;
  });
  return seq;
}

function bondOf(r: CBORReader): Bond {
  const b: Bond = {};
  r.fields((key) => {
    if (key === 2) b.in = seqOfTurn(r);
    else if (key === 3) b.out = seqOfTurn(r);
    else r.skip();
    return true;
  });
  return b;
}

function lockOf(r: CBORReader): { code: number; seq: number } {
  const l = { code: 0, seq: 0 };
  r.fields((key) => {
    if (key === 1) l.code = r.uint32();
    else if (key === 2) l.seq = r.uint();
    else r.skip();
    return true;
  });
  return l;
}

function leftOf(r: CBORReader): Left {
  const l: Left = { of: "", recall: 0 };
  r.fields((key) => {
    if (key === 1) l.of = r.text();
    else if (key === 2) l.recall = r.uint();
    else if (key === 3) l.by = seqOfTurn(r);
    else if (key === 6) l.freed = seqOfTurn(r);
    else r.skip();
    return true;
  });
  return l;
}

/** stated is the record at a seq that a state names; undefined as of a time before it. */
function stated(w: Walker, seq: number): Entry | undefined {
  try {
    return w.entry(seq);
  } catch (e) {
    if (e instanceof Unknown) return undefined;
    throw e;
  }
}

/** locksInside includes the records that locked a container, and lock it still, if they were recorded before what was inside left. */
export function locksInside(w: Walker, t: Task, s: Standing): void {
  for (const { code, seq } of s.locks) {
    const e = code === codeComponentLocked || (t.from && seq > t.from) ? undefined : stated(w, seq);
    if (e) w.includeAside(e, t.id);
  }
}

/**
 * recallsLeft includes the recalls of what an item was in that it is under still: what is
 * inside of it now is under them, too, wherever that was by then.
 */
export function recallsLeft(w: Walker, t: Key & Pick<Task, "from" | "since">, s: Standing): void {
  for (const l of s.left) {
    if (l.by === undefined || (t.from && l.by > t.from)) continue;
    const freed = l.freed === undefined ? undefined : stated(w, l.freed);
    if (freed && !freed.rec.compromised) continue;
    const entries = w.history({ ns: "recall", id: l.of });
    const at = entries.findIndex((e) => e.rec.seq === l.recall && calls(e));
    if (at < 0) continue;
    tellRecall(w, entries.slice(at), t.id, t.since);
    w.left.add(l.of.slice(l.of.indexOf(":") + 1));
  }
}

/**
 * withBonds puts before the records that were read of a container the one by which it was
 * put into what it is in, or was in last, where it was put there before them all, had not
 * left by then, and what is asked for was still inside.
 */
export function withBonds(w: Walker, entries: Entry[], t: Task, s: Standing): Entry[] {
  const first = entries[0]?.rec.seq ?? Infinity;
  for (const b of s.bonds) {
    if (b.in === undefined || b.in >= first || (t.from && b.in > t.from) || (b.out !== undefined && b.out < first)) continue;
    const e = stated(w, b.in);
    if (e) entries = [e, ...entries];
  }
  return entries;
}

/** lotInside reaches the lot of a container, where a record speaks of it: what locks the lot, or a recall of it, binds what is inside as well. */
export function lotInside(w: Walker, t: Task, s: Standing): void {
  if (!s.lot || s.born === undefined || !spokenOf(w, s.lot) || !stated(w, s.born)) return;
  const edge: Edge = { kind: "lot", from: t.id, to: s.lot, seq: s.born, certainty: "certain" };
  w.reach({ ns: "lot", id: s.lot, depth: t.depth + 1, mode: batch }, [edge]);
}
