/** The ledger as it was: mirrors trace/asof.go. */

import { type Reader, Unknown } from "./record.ts";

/**
 * asOf is the ledger as its first logSize entries were: histories end there, later
 * records are unknown. Histories only grow, so the cut is as complete as r is.
 * States are those of today: those of organisations, keys and certificates hold
 * every interval by seq, and a description is today's name.
 */
export function asOf(r: Reader, logSize: number): Reader {
  const cut = (seqs: number[]): number[] => seqs.filter((seq) => seq < logSize);
  return {
    history: (k, from, limit) => cut(r.history(k, from, limit)),
    // The lead is counted from where the window begins in r, cut or not.
    window: (k, since, until, lead, limit) => {
      const { before, within } = r.window(k, since, until, lead, limit);
      return { before: cut(before), within: cut(within) };
    },
    record: (seq) => {
      if (seq >= logSize) throw new Unknown(`record ${seq}, as of the first ${logSize}`);
      return r.record(seq);
    },
    state: (k) => r.state(k),
  };
}
