/** What the checks of a dossier share: mirrors the checker of proof/check.go and checkedKey of checkkeys.go. */

import { compareBytes } from "../bytes.ts";
import type { Record } from "../epcis/event.ts";
import type { Instant } from "../epcis/instant.ts";
import { emptyLogRoot } from "./log.ts";
import type { Hash } from "../identity/hash.ts";
import type { Interval, KeyStanding, OrganisationStanding } from "../identity/state.ts";
import type { Verifier } from "../identity/envelope.ts";
import type { Direction } from "../trace/journey.ts";
import { type Key, keyText, type Recorded } from "../trace/record.ts";
import type { Anchor } from "./anchor.ts";
import type { Dossier, DossierKey } from "./dossier.ts";
import { mapKey } from "./map.ts";
import { Refutation } from "./refutation.ts";

/** Options are what a verifier asks and trusts. */
export interface Options {
  anchor: Anchor;
  id: string; // what was asked about, in any spelling
  direction?: Direction | undefined; // as asked; default both
  at?: number | undefined; // as asked; default today alone
  /** rest.hash of the verdict on the part before, where a continuation was asked for. */
  from?: string | undefined;
  maxAge?: number | undefined; // seconds that the checkpoint may be old; default any age
  now?: Instant | undefined; // the verifier's clock; only ages are measured by it
}

/** CheckedRecord is a record as the checks fill it in. */
export interface CheckedRecord extends Recorded {
  decoded: Record | null;
  touches: Key[]; // none of a malformed record
  hash: Hash; // of the record
  leaf: Hash; // of its entry in the log
  used: boolean;
}

/** CheckedKey is a key of a dossier, with the opened positions of its history laid out flat. */
export class CheckedKey {
  readonly key: DossierKey;
  readonly hash: Hash; // in the map
  head: Hash = emptyLogRoot;
  readonly at: number[] = []; // opened positions, ascending
  readonly seqs: number[] = []; // what stands there
  used = false; // read at all
  readonly usedAt: boolean[]; // by position

  /** Lays the ranges out and checks that they ascend. */
  constructor(key: DossierKey, hash: Hash) {
    this.key = key;
    this.hash = hash;
    for (const h of key.history) {
      const last = this.at.at(-1);
      if (h.seqs.length === 0 || (last !== undefined && h.from <= last + 1)) {
        throw new Refutation("order", `the range at position ${h.from} is empty or continues the one before`, { key });
      }
      for (const [i, seq] of h.seqs.entries()) {
        const before = this.seqs.at(-1);
        if (before !== undefined && seq <= before) throw new Refutation("order", `its history has ${seq} after ${before}`, { key });
        this.at.push(h.from + i);
        this.seqs.push(seq);
      }
    }
    this.usedAt = this.at.map(() => false);
  }
}

/** Absence is a key that the map does not hold. */
export interface Absence {
  key: Key;
  hash: Hash;
  used: boolean;
}

/** Signer is what the dossier shows of an operating key. */
export interface Signer {
  intervals: Interval<KeyStanding>[];
  verifier?: { of: Uint8Array; verifier: Verifier }; // of the public key used last
}

/** Checker is one verification. */
export class Checker {
  readonly dossier: Dossier;
  readonly options: Options;
  lines: CheckedRecord[] = []; // as dossier.records
  readonly keys = new Map<string, CheckedKey>(); // by keyText, in the dossier's order
  readonly absent = new Map<string, Absence>(); // likewise
  readonly signers = new Map<string, Signer>(); // by address
  readonly members = new Map<string, Interval<OrganisationStanding>[]>(); // by id
  private readonly bySeq = new Map<number, CheckedRecord>();

  constructor(dossier: Dossier, options: Options) {
    this.dossier = dossier;
    this.options = options;
  }

  /** line is the record with this seq. */
  line(seq: number): CheckedRecord | undefined {
    if (this.bySeq.size < this.lines.length) for (const l of this.lines) this.bySeq.set(l.seq, l);
    return this.bySeq.get(seq);
  }

  /**
   * order checks that every list stands in the order of the format, each element
   * once, and finds the keys by name.
   */
  order(): void {
    const { records, envelopes } = this.dossier;
    let next = 0; // envelope that no record before has used
    records.forEach((r, i) => {
      if (r.envelope > next || r.envelope >= envelopes.length) {
        throw new Refutation("order", `it is of envelope ${r.envelope}, the next is ${next} of ${envelopes.length}`, { seq: r.seq });
      }
      if (r.envelope === next) next++;
      const before = records[i - 1];
      if (before && (r.seq <= before.seq || r.height < before.height || r.time < before.time)) {
        throw new Refutation("order", `it stands behind record ${before.seq} of height ${before.height}`, { seq: r.seq });
      }
    });
    if (next !== envelopes.length) throw new Refutation("surplus", `no record is of envelope ${next}`);

    let last: Hash | undefined;
    const follows = (key: Key): Hash => {
      const hash = mapKey(key);
      if (last && compareBytes(hash, last) <= 0) throw new Refutation("order", "it does not stand in the order of the map", { key });
      last = hash;
      return hash;
    };
    for (const key of this.dossier.keys) this.keys.set(keyText(key), new CheckedKey(key, follows(key)));
    last = undefined;
    for (const key of this.dossier.absent) this.absent.set(keyText(key), { key, hash: follows(key), used: false });
  }
}
