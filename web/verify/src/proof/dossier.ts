/** Dossiers: mirrors proof/dossier.go; the format's schema is docs/dossier.schema.json. */

import { unhex } from "../bytes.ts";
import type { Hash } from "../identity/hash.ts";
import type { Key } from "../trace/record.ts";
import { type Checkpoint, readCheckpoint } from "./checkpoint.ts";
import { Unusable } from "./refutation.ts";
import { Fields, parseStrict } from "./strict.ts";

/** dossierFormat is the format and version of a Dossier's JSON. */
export const dossierFormat = "waymark-dossier/1";

/**
 * Dossier is everything a verifier needs, beside what it trusts, to tell one
 * thing's journey by itself: the records of the closure with the proof that they
 * are authentic, unchanged and all of them. Nothing in it is redundant and nothing
 * unchecked.
 */
export interface Dossier {
  id: string; // canonical
  direction: string;
  at: number; // the height that the journey is told as of, beside today; 0 for today alone
  // A long journey comes in parts: where the walk ended, the rest that this part
  // begins with (empty for none), and the SHA-256 of the rest that it leaves.
  nodes: number;
  tasks: number;
  from: Uint8Array;
  rest: Hash | undefined;
  checkpoint: Checkpoint;
  envelopes: DossierEnvelope[]; // in the order of the first record of each
  records: DossierRecord[]; // ascending seq
  log: Hash[]; // subset proof of the records' entries under the log root
  keys: DossierKey[]; // those that the map holds; ascending map key
  absent: Key[]; // those that it does not hold; ascending map key
  map: Uint8Array; // proof of both under the map root; empty of the empty map
}

/** DossierEnvelope is an envelope without its records; its id and records root are computed. */
export interface DossierEnvelope {
  kind: string;
  signer: Uint8Array; // 20 bytes
  notAfter: number;
  count: number; // of records
  signature: Uint8Array; // 64 bytes
  path: Hash[]; // subset proof of the dossier's records among the envelope's
}

/** DossierRecord is a record with what its ledger entry says beside it. */
export interface DossierRecord {
  seq: number;
  height: number;
  time: bigint; // block time, Unix nanoseconds
  envelope: number; // index among the dossier's
  index: number; // in the envelope
  findings: Uint8Array; // canonical CBOR; empty for none
  bytes: Uint8Array;
}

/** DossierKey is a key that the map holds, with as much of its history as the closure reads. */
export interface DossierKey extends Key {
  count: number; // entries that touch it
  state: Uint8Array; // canonical CBOR; empty for a key without
  history: DossierRange[]; // opened positions; neither overlapping nor adjacent
  path: Hash[]; // subset proof of those under the head
}

/** DossierRange is a contiguous part of a history. */
export interface DossierRange {
  from: number; // position of the first
  seqs: number[];
}

/** parseDossier reads a dossier's JSON; Unusable for anything else. It verifies nothing. */
export const parseDossier = (data: Uint8Array): Dossier =>
  Fields.of(parseStrict(data), "dossier", (f) => {
    const format = f.text("format");
    const d: Dossier = {
      id: f.text("id"),
      direction: f.text("direction"),
      at: f.optionalNumber("at"),
      nodes: f.optionalNumber("nodes"),
      tasks: f.optionalNumber("tasks"),
      from: f.optionalBase64("from"),
      rest: f.has("rest") ? f.hex("rest") : undefined,
      checkpoint: f.object("checkpoint", readCheckpoint),
      envelopes: f.optionalList("envelopes", (v, at) => Fields.of(v, at, readEnvelope)),
      records: f.optionalList("records", (v, at) => Fields.of(v, at, readRecord)),
      log: f.optionalHashes("log"),
      keys: f.optionalList("keys", (v, at) => Fields.of(v, at, readKey)),
      absent: f.optionalList("absent", (v, at) => Fields.of(v, at, (g) => ({ ns: g.text("ns"), id: g.text("id") }))),
      map: f.optionalBase64("map"),
    };
    if (format !== dossierFormat) throw new Unusable(`its format is "${format}", not ${dossierFormat}`);
    return d;
  });

const readEnvelope = (f: Fields): DossierEnvelope => ({
  kind: f.text("kind"),
  signer: readAddress(f.text("signer")) ?? f.fail("signer", "is no address"),
  notAfter: f.number("notAfter"),
  count: f.uint32("count"),
  signature: f.hex("signature", 64),
  path: f.optionalHashes("path"),
});

const readAddress = (s: string): Uint8Array | undefined => (/^0x[0-9a-f]{40}$/.test(s) ? unhex(s.slice(2)) : undefined);

const readRecord = (f: Fields): DossierRecord => ({
  seq: f.number("seq"),
  height: f.number("height"),
  time: f.int64("time"),
  envelope: f.number("envelope"),
  index: f.uint32("index"),
  findings: f.optionalBase64("findings"),
  bytes: f.base64("bytes"),
});

const readKey = (f: Fields): DossierKey => ({
  ns: f.text("ns"),
  id: f.text("id"),
  count: f.number("count"),
  state: f.optionalBase64("state"),
  history: f.optionalList("history", (v, at) => Fields.of(v, at, (g) => ({ from: g.number("from"), seqs: g.numbers("seqs") }))),
  path: f.optionalHashes("path"),
});
