/** What counts of a container still, however long ago it was recorded: mirrors trace/standing.go. */

import { CBORReader, EncodingError } from "../cbor.ts";
import { type Contents, contentsOf } from "./emptied.ts";
import { ground } from "./ground.ts";
import type { Edge } from "./journey.ts";
import type { Entry } from "./ledger.ts";
import { type Key, keyText, Unknown, WalkError } from "./record.ts";
import { batch, type Task } from "./task.ts";
import { calls, tellRecall } from "./recall.ts";
import { spokenOf } from "./thing.ts";
import type { Walker } from "./walk.ts";

/** codeComponentLocked is the finding of rule C9 that locks an assembly because of one of its components. It says nothing of the others. */
const codeComponentLocked = 1912;

/** Standing is what a walk reads of an item's or a container's state. */
export interface Standing {
  lot: string; // fixed by born
  born?: number;
  custody?: number; // seqs, as those below
  transfer?: number; // the last that it was in
  ended?: number; // what ended that
  bonds: Bond[]; // to what it is in, or was in last
  locks: Lock[];
  left: Left[];
  contents?: Contents;
  components?: Contents;
}

export interface Lock {
  code: number;
  seq: number;
}

/** Left is that it left something under a recall, and stays under that. */
export interface Left {
  of: string; // what is recalled, as the id of its recalls' key
  recall: number; // seq
  by?: number; // seqs
  freed?: number; // the recall ended for it alone
}

interface Bond {
  assembly: boolean;
  holder: string;
  in?: number;
  out?: number; // undefined while it lasts
  before?: Bond; // the one that it took the place of
}

/** standing reads the state of an item or a container. */
export function standing(w: Walker, k: Key): Standing {
  let s = w.standings.get(keyText(k));
  if (s) return s;
  s = { lot: "", bonds: [], locks: [], left: [] };
  if (k.ns === "item") stateFields(w, k, (r, key) => field(s, r, key));
  w.standings.set(keyText(k), s);
  return s;
}

function field(s: Standing, r: CBORReader, key: number): void {
  if (key === 3) s.lot = r.text();
  else if (key === 4) s.born = seqOfTurn(r);
  else if (key === 6) s.custody = seqOfCustody(r, s.born);
  else if (key === 7) wayOf(s, r);
  else if (key === 8 || key === 9) s.bonds.push(bondOf(r, key === 9));
  else if (key === 10) s.locks = r.list(() => lockOf(r));
  else if (key === 16) s.left = r.list(() => leftOf(r));
  else if (key === 18) s.contents = contentsOf(r);
  else if (key === 19) s.components = contentsOf(r);
  else r.skip();
}

/** stateFields has what a key's state says read, field by field; nothing where it has none. */
export function stateFields(w: Walker, k: Key, field: (r: CBORReader, key: number) => void): void {
  const state = w.reader.state(k);
  if (!state) return;
  try {
    CBORReader.read(state, (r) => fieldsOf(r, (key) => field(r, key)));
  } catch (e) {
    if (e instanceof EncodingError) throw new WalkError(`state of ${k.ns} ${k.id}: ${e.message}`);
    throw e;
  }
}

/** fieldsOf reads a map of whatever fields. */
export function fieldsOf(r: CBORReader, field: (key: number) => void): void {
  r.fields((key) => {
    field(key);
    return true;
  });
}

/** seqOfTurn is the record of a turn. */
export function seqOfTurn(r: CBORReader): number {
  let seq = 0;
  fieldsOf(r, (key) => {
    if (key === 1) seq = r.uint();
    else r.skip();
  });
  return seq;
}

/** seqOfCustody is the record by which somebody holds it: without the mark of an event that of the birth, which says the rest. */
export function seqOfCustody(r: CBORReader, born?: number): number {
  let seq = 0;
  fieldsOf(r, (key) => {
    if (key === 4) born = undefined;
    if (key === 2) seq = r.uint();
    else r.skip();
  });
  return born ?? seq;
}

function wayOf(s: Standing, r: CBORReader): void {
  s.transfer = 0;
  fieldsOf(r, (key) => {
    if (key === 1) s.transfer = r.uint();
    else if (key === 3) s.ended = seqOfTurn(r);
    else r.skip();
  });
}

function bondOf(r: CBORReader, assembly: boolean): Bond {
  const b: Bond = { assembly, holder: "" };
  r.fields((key) => {
    if (key === 1) b.holder = r.text();
    else if (key === 2) b.in = seqOfTurn(r);
    else if (key === 3) b.out = seqOfTurn(r);
    else if (key === 4) b.before = bondOf(r, assembly);
    else r.skip();
    return true;
  });
  return b;
}

/** isIn reports a bond to a container, or an assembly, that lasts. */
export const isIn = (b: Bond, holder: Key): boolean => b.out === undefined && holder.ns === "item" && b.holder === holder.id;

/**
 * inThen says whether a thing that its state does not have in a container was in there as
 * of a time before. Of what it was in before all that its state remembers, its records alone
 * tell; the state of today answers no, and all that it remembers is known.
 */
export function inThen(w: Walker, s: Standing, holder: Key): boolean {
  const turned = (seq: number | undefined): boolean => seq !== undefined && stated(w, seq) !== undefined;
  let forgotten = false;
  for (const b of s.bonds) {
    let since: Bond | undefined = b;
    while (since && !turned(since.in ?? since.out)) since = since.before;
    if (!since) forgotten = true;
    else if (holder.ns === "item" && since.holder === holder.id) return !turned(since.out);
  }
  return forgotten;
}

export function lockOf(r: CBORReader): Lock {
  const l: Lock = { code: 0, seq: 0 };
  r.fields((key) => {
    if (key === 1) l.code = r.uint32();
    else if (key === 2) l.seq = r.uint();
    else r.skip();
    return true;
  });
  return l;
}

export function leftOf(r: CBORReader): Left {
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
export function stated(w: Walker, seq: number): Entry | undefined {
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
 * handedOver notes the records by which a thing came to who has it, and was last put on its
 * way, if they were recorded before what was inside left. Whoever takes it out of what was
 * handed over comes to hold it by the hand-over, which does not name it.
 */
export function handedOver(w: Walker, t: Inside, s: Standing): void {
  if (s.custody !== undefined) ground(w, t, s.custody);
  if (s.transfer !== undefined) ground(w, t, s.transfer);
  if (s.ended !== undefined) ground(w, t, s.ended);
}

/** Inside is a thing, and since when and until which record something was inside of it. */
export type Inside = Key & Pick<Task, "from" | "since">;

/**
 * recallsLeft includes the recalls of what an item was in that it is under still: what is
 * inside of it now is under them, too, wherever that was by then.
 */
export function recallsLeft(w: Walker, t: Inside, left: Left[]): void {
  for (const l of left) {
    if (l.by === undefined || (t.from && l.by > t.from)) continue;
    const freed = l.freed === undefined ? undefined : stated(w, l.freed);
    if (freed && !freed.rec.compromised) continue;
    const entries = w.history({ ns: "recall", id: l.of });
    const at = entries.findIndex((e) => e.rec.seq === l.recall && calls(e));
    if (at < 0) continue;
    const id = l.of.slice(l.of.indexOf(":") + 1);
    tellRecall(w, entries.slice(at), t, id);
    w.left.add(id);
  }
}

/**
 * withBonds puts before the records that were read of a container those by which it was
 * put into what it is in, or was in last or before that, where it was put there before them
 * all, had not left by then, and what is asked for was still inside.
 */
export function withBonds(w: Walker, entries: Entry[], t: Task, s: Standing): Entry[] {
  const first = entries[0]?.rec.seq ?? Infinity;
  for (const b of s.bonds.flatMap((b) => (b.before ? [b, b.before] : [b]))) {
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
