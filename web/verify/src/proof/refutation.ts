/** Why an answer does not verify: mirrors proof/refutation.go. */

import type { Key } from "../trace/record.ts";

/** Unusable: the bytes are not in the format at all, so there is nothing to judge. */
export class Unusable extends Error {
  override name = "Unusable";
}

/** Reason says in one stable word why an answer is refuted. The Go verifier gives the same word for the same answer. */
export type Reason =
  | "network" // of another network
  | "id" // about another id, direction or height than asked
  | "anchor" // does not lead to what the verifier trusts
  | "validators" // the validator set is not the one that the header commits
  | "power" // signed by too little of the voting power
  | "vote" // a signature is missing, doubled, out of order, superfluous or wrong
  | "header" // the commit is not for this header, or the header contradicts itself
  | "roots" // the header does not carry these roots
  | "stale" // older than the verifier accepts
  | "log" // an entry does not stand in the log, or a log is no extension of another
  | "map" // a key's presence, absence or content is not what the map says
  | "history" // a key's entries are not those that its head commits
  | "state" // a state cannot be read or contradicts the records
  | "envelope" // an envelope's signature does not verify
  | "records-root" // a record does not stand in its envelope
  | "signer" // the signing key was not active when the record was written
  | "organisation" // the signer's organisation was no member when the record was written
  | "findings" // the findings are not those that the entry commits
  | "touches" // an entry stands in the history of a key that its record does not touch
  | "not-proved" // a key or record that the verified records imply is not proved
  | "surplus" // holds what the answer does not need
  | "order" // not in the order of the format
  | "continuation"; // does not begin or end where it says

/** Refutation is an answer that does not verify: which part of it, and why. */
export class Refutation extends Error {
  override name = "Refutation";
  readonly reason: Reason;
  readonly detail: string; // a sentence for people
  readonly seq: number | undefined; // the record that it is about
  readonly key: Key | undefined; // the key that it is about

  constructor(reason: Reason, detail: string, about: { seq?: number | undefined; key?: Key | undefined } = {}) {
    const record = about.seq === undefined ? "" : ` record ${about.seq}`;
    const key = about.key ? ` ${about.key.ns} ${about.key.id}` : "";
    super(`refuted (${reason})${record}${key}: ${detail}`);
    this.reason = reason;
    this.detail = detail;
    this.seq = about.seq;
    this.key = about.key && { ns: about.key.ns, id: about.key.id };
  }
}
