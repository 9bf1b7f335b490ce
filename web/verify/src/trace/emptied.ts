/** Containers that were emptied at once: mirrors trace/emptied.go. */

import type { CBORReader } from "../cbor.ts";
import { ground } from "./ground.ts";
import { fieldsOf, type Inside, type Left, leftOf, lockOf, recallsLeft, seqOfCustody, seqOfTurn, type Standing, standing, stateFields } from "./standing.ts";
import type { Walker } from "./walk.ts";

/** Contents is what a state says of what is in a container, or attached to an assembly. */
export interface Contents {
  from: number; // bonds of earlier seqs are over for good
  emptied?: Emptied; // the last time
  past: number; // how many emptyings were followed by another
}

/** Emptied is one time that all was taken out. */
interface Emptied {
  seq: number;
  custody?: number; // seq: who had it, or what it was in
  broken?: number; // seq: of those, outside its temperature limits
  left: Left[];
}

/** Emptying is one that another has followed. */
interface Emptying extends Emptied {
  from: number; // it ended the bonds of this seq to its own
  void: boolean; // declared wrong: the next one took out what was there
}

/** maxVoid is how many emptyings in a row are passed over that were declared wrong. */
const maxVoid = 16;

export function contentsOf(r: CBORReader): Contents {
  const c: Contents = { from: 0, past: 0 };
  fieldsOf(r, (key) => {
    if (key === 4) c.from = r.uint();
    else if (key === 5) c.emptied = emptiedOf(r);
    else if (key === 6) c.past = r.uint32();
    else r.skip();
  });
  return c;
}

function emptiedOf(r: CBORReader): Emptied {
  const e: Emptied = { seq: 0, left: [] };
  fieldsOf(r, (key) => {
    if (key === 1) e.seq = seqOfTurn(r);
    else if (key === 3) e.custody = seqOfCustody(r);
    else if (key === 4) e.broken = lockOf(r).seq;
    else if (key === 5) e.left = r.list(() => leftOf(r));
    else r.skip();
  });
  return e;
}

function emptying(w: Walker, id: string): Emptying {
  const e: Emptying = { seq: 0, from: 0, void: false, left: [] };
  stateFields(w, { ns: "emptied", id }, (r, key) => {
    if (key === 1) e.seq = seqOfTurn(r);
    else if (key === 2) e.from = r.uint();
    else if (key === 3) e.custody = seqOfCustody(r);
    else if (key === 4) e.broken = lockOf(r).seq;
    else if (key === 5) e.void = r.flag();
    else if (key === 6) e.left = r.list(() => leftOf(r));
    else r.skip();
  });
  return e;
}

/**
 * cameOut tells what binds an item that was in something when all was taken out of that at
 * once. Nothing was written to it, but to the state of what it was in: who had that, what
 * locked it, and the recalls that what came out is under.
 */
export function cameOut(w: Walker, t: Inside, s: Standing): void {
  for (const b of s.bonds) {
    if (b.in === undefined || b.out !== undefined) continue;
    const h = standing(w, { ns: "item", id: b.holder });
    const [what, contents] = b.assembly ? ["components", h.components] as const : ["contents", h.contents] as const;
    const e = emptiedAfter(contents, b.in, (n) => emptying(w, `${what}|${n}|${b.holder}`));
    if (!e || (t.from && e.seq > t.from)) continue;
    if (e.custody !== undefined) ground(w, t, e.custody);
    if (e.broken !== undefined) ground(w, t, e.broken);
    recallsLeft(w, t, e.left);
  }
}

/**
 * emptiedAfter is the emptying that took out what was put there by the record at a seq;
 * undefined for none: it is there still. As rule C2 has it, that is the first one since that
 * was not declared wrong, or of which nobody knows better.
 */
function emptiedAfter(c: Contents | undefined, put: number, read: (n: number) => Emptying): Emptied | undefined {
  if (!c?.emptied || put > c.emptied.seq) return undefined;
  if (put >= c.from) return c.emptied;
  let from = 0;
  for (let to = c.past; from < to; ) {
    const middle = from + Math.floor((to - from) / 2);
    if (read(middle).seq > put) to = middle;
    else from = middle + 1;
  }
  let first: Emptied | undefined;
  for (let n = from; n < c.past && n < from + maxVoid; n++) {
    const e = read(n);
    if (n === from && put < e.from) return undefined;
    if (!e.void) return e;
    first ??= e;
  }
  return from < c.past && c.past <= from + maxVoid ? c.emptied : first;
}
