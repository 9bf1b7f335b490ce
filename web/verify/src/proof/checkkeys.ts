/** Keys of a dossier and their histories: mirrors proof/checkkeys.go. */

import { accepted, isRejected, type Key, sameKey } from "../trace/record.ts";
import type { Checker } from "./checker.ts";
import { refuting } from "./checkrecords.ts";
import { ProofError, rootOf } from "./log.ts";
import { stateHash, verifyMap } from "./map.ts";
import { Refutation } from "./refutation.ts";

/**
 * checkHistories folds the head of every key out of the opened part of its
 * history, in which only records stand that touch it.
 */
export function checkHistories(c: Checker): void {
  for (const x of c.keys.values()) {
    const { key } = x;
    const isRefused = key.ns === "refused";
    const base: Key | undefined = isRefused ? accepted(key) : key;
    if (!base) throw new Refutation("touches", "it names no key whose records were refused", { key });
    const leaves = x.seqs.map((seq) => {
      const line = c.line(seq);
      if (!line) throw new Refutation("not-proved", "the record is not there", { seq, key });
      if (!line.touches.some((k) => sameKey(k, base)) || isRejected(line) !== isRefused) {
        throw new Refutation("touches", "the record does not belong to this history", { seq, key });
      }
      return line.leaf;
    });
    x.head = refuting(ProofError, (why) => new Refutation("history", why, { key }), () => rootOf(key.count, x.at, leaves, key.path));
  }
}

/** checkMap checks all keys at once under the map root. */
export function checkMap(c: Checker): void {
  const present = [...c.keys.values()].map((x) => ({ key: x.hash, count: x.key.count, head: x.head, state: stateHash(x.key.state) }));
  const absent = [...c.absent.values()].map((a) => a.hash);
  const { map, checkpoint } = c.dossier;
  refuting(ProofError, (why) => new Refutation("map", why), () => verifyMap(map, present, absent, checkpoint.roots.mapRoot));
}
