/** Verification of a dossier: mirrors proof/check.go. */

import { equalBytes, hex, unhex } from "../bytes.ts";
import { canonical } from "../epcis/id.ts";
import { Instant } from "../epcis/instant.ts";
import { sha256 } from "../identity/hash.ts";
import { Checker, type Options } from "./checker.ts";
import { checkClosure, type Told } from "./checkclosure.ts";
import { checkHistories, checkMap } from "./checkkeys.ts";
import { checkAge, verifyCheckpoint } from "./checkpoint.ts";
import { checkEnvelopes, checkLog, checkRecords } from "./checkrecords.ts";
import { parseDossier } from "./dossier.ts";
import { Refutation } from "./refutation.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/**
 * verify checks a dossier and tells what it proves. It throws Unusable for what
 * is no dossier, and a Refutation for one that does not prove what it claims, or
 * proves something else than was asked.
 *
 * It checks in the order of Go's proof.Verify, so that the same lie has the same
 * reason in both: the question; the checkpoint and its age; the order of every
 * list; the findings of each record; each envelope with its signer's and
 * organisation's standing; the entries under the log root; the opened part of each
 * key's history under its head; all keys under the map root; the closure, walked
 * over what was verified; that nothing is left over.
 */
export const verify = (data: Uint8Array, options: Options): Verdict => examine(data, options).verdict;

/** Proved is a verdict with what pages draw: the journeys and the verified bytes of their records. */
export interface Proved extends Told {
  verdict: Verdict;
}

/** examine is verify for who also shows what the records say. */
export function examine(data: Uint8Array, options: Options): Proved {
  const c = new Checker(parseDossier(data), options);
  checkQuestion(c);
  verifyCheckpoint(c.dossier.checkpoint, options.anchor);
  if (options.maxAge) checkAge(c.dossier.checkpoint, options.now ?? new Instant(0), options.maxAge);
  c.order();
  checkRecords(c);
  checkEnvelopes(c);
  checkLog(c);
  checkHistories(c);
  checkMap(c);
  const told = checkClosure(c);
  return { verdict: verdictOf(c, told), ...told };
}

/** checkHeight holds a dossier to the past height that was asked for, 0 for today alone; block is the signed one. */
function checkHeight(told: number, asked: number, block: number): void {
  let why: string;
  if (told === asked) {
    if (told === 0 || told < block) return;
    why = `it tells of height ${told}, and its signed block ${block} answers for nothing after height ${Math.max(block, 1) - 1}`;
  } else if (told === 0) {
    why = `it tells of today alone: it cannot answer as of height ${asked}`;
  } else if (asked === 0) {
    why = `it tells of height ${told} beside today, asked was today alone`;
  } else {
    why = `it tells of height ${told} beside today: it cannot answer as of height ${asked}`;
  }
  throw new Refutation("id", why);
}

function checkQuestion(c: Checker): void {
  const { dossier: d, options: o } = c;
  const id = canonical(o.id).uri;
  if (d.id !== id) throw new Refutation("id", `it is about ${d.id}, asked was ${id}`);
  const direction = o.direction ?? "both";
  if (d.direction !== direction) throw new Refutation("id", `it goes "${d.direction}", asked was "${direction}"`);
  checkHeight(d.at, o.at ?? 0, d.checkpoint.block.header.height);
  if (o.from === undefined) {
    if (d.from.length > 0) throw new Refutation("continuation", "it begins in the middle of the journey");
    return;
  }
  const from = unhex(o.from);
  if (d.from.length === 0 || !from || !equalBytes(from, sha256(d.from))) {
    throw new Refutation("continuation", `it does not begin where the part before it ends, at ${hex(sha256(d.from))}`);
  }
  if (d.at !== 0) throw new Refutation("continuation", "a continuation is of today");
}
