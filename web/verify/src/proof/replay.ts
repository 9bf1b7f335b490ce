/** The verified dossier as a ledger: mirrors proof/replay.go. */

import type { Instant } from "../epcis/instant.ts";
import { type Key, keyText, type Reader, type Recorded, Unknown } from "../trace/record.ts";
import type { CheckedKey, Checker } from "./checker.ts";
import { Refutation } from "./refutation.ts";

/** Replay answers the closure. What it asks for and the dossier does not hold refutes that. */
export class Replay implements Reader {
  private readonly c: Checker;

  constructor(c: Checker) {
    this.c = c;
  }

  /** key is what is proved of k: undefined when it is proved absent. */
  private key(k: Key): CheckedKey | undefined {
    const name = keyText(k);
    const proved = this.c.keys.get(name) ?? this.c.absent.get(name);
    if (!proved) {
      throw new Refutation("not-proved", "the journey needs its history or state", { key: { ns: k.ns, id: k.id } });
    }
    proved.used = true;
    return "seqs" in proved ? proved : undefined;
  }

  state(k: Key): Uint8Array | undefined {
    const state = this.key(k)?.key.state;
    return state && state.length > 0 ? state : undefined;
  }

  record(seq: number): Recorded {
    const line = this.c.line(seq);
    if (!line) {
      const size = this.c.dossier.checkpoint.roots.logSize;
      if (seq >= size) throw new Unknown(`record ${seq} of ${size}`);
      throw new Refutation("not-proved", "the journey needs it", { seq });
    }
    line.used = true;
    return line;
  }

  /** Where from is not the beginning, the position before has to be opened too: it shows that nothing lies between. */
  history(k: Key, from: number, limit: number): number[] {
    const x = this.key(k);
    if (!x || x.key.count === 0 || limit <= 0) return [];
    const low = from > 0 ? this.position(x, (seq) => seq >= from) : 0;
    return this.read(x, low, Math.min(x.key.count, low + limit));
  }

  window(k: Key, since: Instant, until: Instant | undefined, lead: number, limit: number): { before: number[]; within: number[] } {
    const x = this.key(k);
    if (!x || x.key.count === 0) return { before: [], within: [] };
    const { count } = x.key;
    const low = this.position(x, (seq) => !this.timeOf(seq).before(since));
    let high = count;
    if (until) {
      // The first behind the window is opened, or the limit comes before it.
      high = low;
      while (high < count && high - low < limit) {
        const [seq] = this.read(x, high, high + 1);
        if (until.before(this.timeOf(seq!))) break;
        high++;
      }
    }
    const within = this.read(x, low, Math.min(high, low + limit));
    return { before: this.read(x, Math.max(0, low - lead), low), within };
  }

  /**
   * position is the first position of the history that has the property, which all
   * behind it have too. The position before it, or at the end the last one, shows
   * that it is the first.
   */
  private position(x: CheckedKey, property: (seq: number) => boolean): number {
    let i = 0; // of the first opened that has it
    for (let high = x.seqs.length; i < high; ) {
      const middle = (i + high) >> 1;
      if (property(x.seqs[middle]!)) high = middle;
      else i = middle + 1;
    }
    const p = x.at[i] ?? x.key.count;
    if (p === 0) return 0;
    if (x.at[i - 1] !== p - 1) throw new Refutation("not-proved", `position ${p - 1} of its history is needed`, { key: x.key });
    this.use(x, i - 1);
    return p;
  }

  /** read is the seqs at the positions [from, to). */
  private read(x: CheckedKey, from: number, to: number): number[] {
    if (from === to) return [];
    const i = x.at.indexOf(from);
    const n = i + to - from;
    if (i < 0 || x.at[n - 1] !== to - 1) {
      throw new Refutation("not-proved", `the positions ${from} to ${to - 1} of its history are needed`, { key: x.key });
    }
    for (let at = i; at < n; at++) this.use(x, at);
    return x.seqs.slice(i, n);
  }

  /** use notes that the opened position number i, and the record there, is needed. */
  private use(x: CheckedKey, i: number): void {
    x.usedAt[i] = true;
    const line = this.c.line(x.seqs[i]!);
    if (line) line.used = true;
  }

  /** timeOf is the block time of an opened record; that it is there was checked with the histories. */
  private timeOf(seq: number): Instant {
    return this.c.line(seq)!.time;
  }
}
