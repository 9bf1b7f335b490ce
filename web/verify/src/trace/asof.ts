/** The ledger as it was: mirrors trace/asof.go. */

import { CBORReader, EncodingError } from "../cbor.ts";
import { type Key, type Reader, type Recorded, Unknown, WalkError } from "./record.ts";
import { fieldsOf } from "./standing.ts";

/**
 * asOf is the ledger as its first logSize entries were: histories end there, later
 * records are unknown. Histories only grow, so the cut is as complete as r is, and
 * that a key was compromised is known once a record says so. States are those of today:
 * those of organisations, keys and certificates hold every interval by seq, the bonds of
 * things the records by which they began and ended, and a description is today's name.
 */
export function asOf(r: Reader, logSize: number): Reader {
  const cut = (seqs: number[]): number[] => seqs.filter((seq) => seq < logSize);
  const record = (seq: number): Recorded => {
    if (seq >= logSize) throw new Unknown(`record ${seq}, as of the first ${logSize}`);
    const rec = r.record(seq);
    if (!rec.compromised || compromised(rec)) return rec;
    const { compromised: _, ...then } = rec;
    return then;
  };
  // compromised says whether a record before the cut says that the key of rec was compromised
  // by then. It reads that record: only who has it knows on which side of the cut it is.
  const compromised = (rec: Recorded): boolean => {
    const k: Key = { ns: "key", id: rec.signer };
    const state = r.state(k);
    if (!state) return true;
    for (const { from, since } of changesOf(k, state).reverse()) {
      if (since === undefined) return false;
      try {
        record(from);
        return rec.time.seconds >= since;
      } catch (e) {
        if (!(e instanceof Unknown)) throw e;
      }
    }
    return false;
  };
  return {
    history: (k, from, limit) => cut(r.history(k, from, limit)),
    // The lead is counted from where the window begins in r, cut or not.
    window: (k, since, until, lead, limit) => {
      const { before, within } = r.window(k, since, until, lead, limit);
      return { before: cut(before), within: cut(within) };
    },
    record,
    state: (k) => r.state(k),
  };
}

/** Change is what the cut reads of a key's state: since when the key was compromised, as a record from has it. */
interface Change {
  from: number; // seq
  since?: number; // Unix seconds
}

function changesOf(k: Key, state: Uint8Array): Change[] {
  const all: Change[] = [];
  const standing = (r: CBORReader, c: Change) =>
    fieldsOf(r, (key) => {
      if (key === 4) c.since = r.uint();
      else r.skip();
    });
  const change = (r: CBORReader): Change => {
    const c: Change = { from: 0 };
    fieldsOf(r, (key) => {
      if (key === 1) c.from = r.uint();
      else if (key === 3) standing(r, c);
      else r.skip();
    });
    return c;
  };
  try {
    CBORReader.read(state, (r) =>
      fieldsOf(r, (key) => {
        if (key === 1) all.push(...r.list(() => change(r)));
        else r.skip();
      }),
    );
  } catch (e) {
    if (e instanceof EncodingError) throw new WalkError(`state of ${k.ns} ${k.id}: ${e.message}`);
    throw e;
  }
  return all;
}
