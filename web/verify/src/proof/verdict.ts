/** What a verified dossier proves, as its JSON: mirrors proof/verdict.go. */

import { hex } from "../bytes.ts";
import { Instant } from "../epcis/instant.ts";
import { standingAt } from "../identity/state.ts";
import { token } from "../trace/continuation.ts";
import type { Journey } from "../trace/journey.ts";
import { type Finding, isRejected, type Key, type Recorded } from "../trace/record.ts";
import type { Checker } from "./checker.ts";
import type { Told } from "./checkclosure.ts";
import { totalPower } from "./light.ts";
import { validatorAddress } from "./lightwire.ts";

/** verdictFormat is the format and version of a Verdict's JSON. */
export const verdictFormat = "waymark-verdict/1";

/**
 * Verdict is what a verified dossier proves. Everything in it was computed from
 * the dossier and what the verifier trusts; the same dossier, options and clock
 * give the same verdict. JSON.stringify writes what the Go verifier writes, but
 * for the geometry of plots, which is text here.
 */
export interface Verdict {
  format: typeof verdictFormat;
  id: string; // canonical
  direction: string;
  network: string;
  /** Whether the ledger holds any record of the id. False is proved: no key that the id could be has an entry, not even a refused one. */
  known: boolean;
  checkpoint: CheckpointVerdict;
  trust: TrustVerdict;
  journey?: Journey; // today: at the checkpoint
  records: VerifiedRecord[]; // of the journey, ascending seq
  then?: ThenVerdict; // the journey as of a past height, where that was asked for
  /** Whether this is the whole journey. Else it is complete up to where rest begins, and up to where gaps say that no more was read. */
  complete: boolean;
  rest?: RestVerdict;
  refused: (Key & { count: number })[]; // how many refused records stand under each key that was read
  checked: { what: string; count: number }[];
  unchecked: string[]; // what a reader may think was checked, and was not
}

/** CheckpointVerdict is the agreement that the verdict stands on. */
export interface CheckpointVerdict {
  height: number; // of the signed block
  time: Instant; // of that block: as of when this is complete
  stateHeight: number; // of the last block before it that has records
  appHash: string;
  logSize: number; // entries of the whole ledger
  voters: { address: string; power: string; voted: boolean }[]; // every validator, in the engine's order
  power: string; // decimal
  voted: string; // more than 2/3 of power; a dossier carries no more votes than that takes
}

/** TrustVerdict is what the verifier's trust began with. Ages are seconds by the verifier's clock, 0 without one. */
export interface TrustVerdict {
  kind: "genesis" | "checkpoint";
  height: number;
  time: Instant;
  age: number;
  checkpointAge: number;
  bridges: number; // blocks between them, where the validators changed
}

/** VerifiedRecord says who signed a record and where it stands. The name is the one that the members admitted the organisation under. */
export interface VerifiedRecord {
  seq: number;
  height: number;
  time: Instant;
  kind: string;
  signer: string;
  organisation: string;
  name?: string;
  envelope: string;
  record: string;
  refused?: true;
  compromised?: true; // see Recorded
  findings?: Finding[];
}

/** ThenVerdict is the journey as the ledger told it at a past height. It is as complete as today's, cut there. */
export interface ThenVerdict {
  at: number;
  known: boolean;
  journey?: Journey;
  since: number[]; // the records of today's journey that came later
}

/** RestVerdict is what the journey leaves to its next part. */
export interface RestVerdict {
  hash: string; // Options.from of the next part
  continue: string; // the continuation to ask a node with
  keys: Key[]; // where it begins
}

export function verdictOf(c: Checker, { today, then }: Told): Verdict {
  const { dossier: d } = c;
  const v: Verdict = {
    format: verdictFormat,
    id: d.id,
    direction: d.direction,
    network: hex(d.checkpoint.network),
    known: today !== undefined,
    checkpoint: checkpointVerdict(c),
    trust: trustVerdict(c),
    records: today?.records.map((r) => verified(c, r)) ?? [],
    complete: !today?.rest && !today?.cut,
    refused: [...c.keys.values()].flatMap(({ key: { ns, id, count } }) => (ns === "refused" && count > 0 ? [{ ns, id, count }] : [])),
    checked: checks(c),
    unchecked: unchecked(c),
  };
  if (today) v.journey = today.journey;
  if (today?.rest) v.rest = { hash: hex(d.rest!), continue: token(today.rest), keys: today.unwalked };
  if (d.at > 0) {
    v.then = { at: d.at, known: then !== undefined, since: v.records.filter((r) => r.height > d.at).map((r) => r.seq) };
    if (then) v.then.journey = then.journey;
  }
  return v;
}

function checkpointVerdict(c: Checker): CheckpointVerdict {
  const { block, roots } = c.dossier.checkpoint;
  const voted = block.validators.map((_, i) => block.commit.signatures.some((s) => s.validator === i));
  return {
    height: block.header.height,
    time: Instant.ofUnixNano(block.header.time),
    stateHeight: roots.height,
    appHash: hex(block.header.appHash),
    logSize: roots.logSize,
    voters: block.validators.map((val, i) => ({ address: hex(validatorAddress(val.key)), power: String(val.power), voted: voted[i]! })),
    power: String(totalPower(block.validators)),
    voted: String(totalPower(block.validators.filter((_, i) => voted[i]))),
  };
}

function trustVerdict(c: Checker): TrustVerdict {
  const { anchor, now } = c.options;
  const { block, bridge } = c.dossier.checkpoint;
  const time = Instant.ofUnixNano(anchor.time);
  const age = (since: Instant): number => (now && !now.isZero() ? now.seconds - since.seconds : 0);
  return {
    kind: anchor.kind,
    height: anchor.height,
    time,
    age: age(time),
    checkpointAge: age(Instant.ofUnixNano(block.header.time)),
    bridges: bridge.length,
  };
}

function verified(c: Checker, r: Recorded): VerifiedRecord {
  const name = standingAt(c.members.get(r.organisation) ?? [], r.seq)?.organisation.name;
  const v: VerifiedRecord = {
    seq: r.seq, height: r.height, time: r.time, kind: r.kind, signer: r.signer, organisation: r.organisation,
    envelope: hex(r.envelope), record: hex(c.line(r.seq)!.hash),
  };
  if (name) v.name = name;
  if (isRejected(r)) v.refused = true;
  if (r.compromised) v.compromised = true;
  if (r.findings.length > 0) v.findings = r.findings;
  return v;
}

/** checks counts what was checked, in the order of the checks. */
function checks(c: Checker): { what: string; count: number }[] {
  const { checkpoint, envelopes } = c.dossier;
  const keys = [...c.keys.values()];
  const sum = (counts: number[]): number => counts.reduce((a, b) => a + b, 0);
  const all: [string, number][] = [
    ["votes of validators for the block that commits all of this", sum([...checkpoint.bridge, checkpoint.block].map((b) => b.commit.signatures.length))],
    ["records, byte for byte as signed, each under its author's envelope", c.lines.length],
    ["signatures of envelopes", envelopes.length],
    ["signing keys and organisations, in good standing when each record was written", c.signers.size + c.members.size],
    ["ledger entries, with the verdict on each record, in the log", c.lines.length],
    ["positions of histories, none left out between them", sum(keys.map((x) => x.at.length))],
    ["keys with their count, history and state in the map", keys.length],
    ["keys that the map does not hold", c.absent.size],
    ["states: keys, organisations, names", keys.filter((x) => x.key.state.length > 0).length],
    ["keys whose refused records were counted", [...keys, ...c.absent.values()].filter((x) => x.key.ns === "refused").length],
  ];
  return all.map(([what, count]) => ({ what, count }));
}

/** unchecked says what no signature and no hash can. */
function unchecked(c: Checker): string[] {
  const out = [
    "Whether what a record says happened. It is what its signer claims; the signature says who claims it.",
    "Names of products, places and parties. They are what their licensees and the members call them.",
    "Land and its geometry. They are shown as signed.",
    "Goods and events that nobody recorded.",
    "What a container was put into more than 64 of its own records before the thing was put into it, where its state remembers that no longer.",
    "What had locked a container before the thing was put into it, where that was lifted since and no verdict rests on it. Recalls are told all the same.",
    "Whether a record that is told because others rest on it was declared wrong since.",
    "Attachments and web pages that records point to.",
    `What happened after block ${c.dossier.checkpoint.block.header.height}.`,
  ];
  const { kind, height } = c.options.anchor;
  if (kind === "checkpoint" && height !== c.dossier.checkpoint.block.header.height) {
    out.push(`That one history leads from the trusted block ${height} to this one, or back: nodes are asked for that (waymark watch).`);
  }
  if (!c.options.maxAge) out.push("The age of this answer: no limit was set.");
  return out;
}
