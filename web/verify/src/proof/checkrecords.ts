/** Records, envelopes and entries of a dossier: mirrors proof/checkrecords.go. */

import { equalBytes, hex } from "../bytes.ts";
import { EncodingError } from "../cbor.ts";
import { decode } from "../epcis/decode.ts";
import type { Record } from "../epcis/event.ts";
import { Instant } from "../epcis/instant.ts";
import { Fault } from "../epcis/invalid.ts";
import { envelopeID, recordHash, Verifier } from "../identity/envelope.ts";
import { addressText, type Hash, zeroHash } from "../identity/hash.ts";
import { decodeKeyState, decodeOrganisationState, doubtful, type Interval, type OrganisationStanding, standingAt } from "../identity/state.ts";
import { type Finding, isRejected, type Key, keyText } from "../trace/record.ts";
import { touches } from "../trace/touches.ts";
import type { CheckedRecord, Checker, Signer } from "./checker.ts";
import type { DossierEnvelope, DossierRecord } from "./dossier.ts";
import { codesOf, decodeFindings, encodeEntry, findingsHash } from "./entry.ts";
import { leafHash, ProofError, rootOf } from "./log.ts";
import { Refutation } from "./refutation.ts";

/** refuting runs what may throw an error of one class, and refutes the answer then. */
export function refuting<T>(wrong: abstract new (...args: never[]) => Error, refute: (why: string) => Refutation, run: () => T): T {
  try {
    return run();
  } catch (e) {
    if (e instanceof wrong) throw refute(e.message);
    throw e;
  }
}

/** checkRecords decodes every record with its findings, and hashes it. */
export function checkRecords(c: Checker): void {
  const addresses = new Map<string, string>(); // by their hexadecimal
  const signers = c.dossier.envelopes.map(({ signer }) => {
    const text = addresses.get(hex(signer)) ?? addressText(signer);
    addresses.set(hex(signer), text);
    return text;
  });
  c.lines = c.dossier.records.map((r): CheckedRecord => {
    const { kind } = c.dossier.envelopes[r.envelope]!;
    const decoded = decodedOf(kind, r.bytes);
    return {
      seq: r.seq, height: r.height, time: Instant.ofUnixNano(r.time), kind, signer: signers[r.envelope]!,
      organisation: "", envelope: zeroHash, findings: findingsOf(r), bytes: r.bytes,
      decoded, touches: decoded ? touches(decoded) : [], hash: recordHash(r.bytes), leaf: zeroHash, used: false,
    };
  });
}

function findingsOf(r: DossierRecord): Finding[] {
  if (r.findings.length === 0) return [];
  const refute = (why: string): Refutation => new Refutation("findings", `they cannot be read: ${why}`, { seq: r.seq });
  const findings = refuting(EncodingError, refute, () => decodeFindings(r.findings));
  if (findings.length === 0) throw refute("there are none");
  return findings;
}

function decodedOf(kind: string, bytes: Uint8Array): Record | null {
  try {
    return decode(kind, bytes);
  } catch (e) {
    if (e instanceof Fault) return null;
    throw e;
  }
}

/**
 * checkEnvelopes recomputes the id of every envelope and verifies its signature,
 * with the public key that the dossier shows: that the ledger holds it under that
 * address is checked with the map.
 */
export function checkEnvelopes(c: Checker): void {
  const { records, envelopes, checkpoint } = c.dossier;
  const of: number[][] = envelopes.map(() => []); // records by envelope
  records.forEach((r, i) => of[r.envelope]!.push(i));
  envelopes.forEach((e, n) => {
    const lines = of[n]!.map((i) => c.lines[i]!);
    const at = of[n]!.map((i) => records[i]!.index);
    const refute = (why: string): Refutation => new Refutation("records-root", why, { seq: lines[0]!.seq });
    const root = refuting(ProofError, refute, () => rootOf(e.count, at, lines.map((l) => l.hash), e.path));
    const id = envelopeID({ network: checkpoint.network, ...e }, root);
    for (const l of lines) l.envelope = id;
    checkSignature(c, e, id, lines);
  });
}

/** checkSignature checks an envelope's signature, and the standing of its key and organisation at each of its records. */
function checkSignature(c: Checker, e: DossierEnvelope, id: Hash, lines: CheckedRecord[]): void {
  const s = signerOf(c, lines[0]!);
  let verified: Uint8Array | undefined; // with this public key
  for (const line of lines) {
    const standing = standingAt(s.intervals, line.seq);
    if (!standing || (standing.status !== "active" && !isRejected(line))) {
      throw new Refutation("signer", `the key ${line.signer} is ${standing?.status ?? "unknown"}`, { seq: line.seq });
    }
    const { publicKey } = standing;
    if (!verified || !equalBytes(verified, publicKey)) {
      if (!s.verifier || !equalBytes(s.verifier.of, publicKey)) s.verifier = { of: publicKey, verifier: new Verifier(publicKey) };
      const fault = s.verifier.verifier.check(id, e.signer, e.signature);
      if (fault) throw new Refutation("envelope", `the ${fault} is wrong`, { seq: line.seq });
      verified = publicKey;
    }
    line.organisation = standing.organisation;
    if (doubtful(s.intervals, line.time.seconds)) line.compromised = true;
    checkMember(c, line);
  }
}

/** signerOf finds what the dossier shows of the key that signed a record. */
function signerOf(c: Checker, line: CheckedRecord): Signer {
  const known = c.signers.get(line.signer);
  if (known) return known;
  const key: Key = { ns: "key", id: line.signer };
  const shown = c.keys.get(keyText(key));
  if (!shown) throw new Refutation("not-proved", "who signed it is not shown", { seq: line.seq, key });
  const intervals = refuting(EncodingError, (why) => new Refutation("state", why, { key }), () => decodeKeyState(shown.key.state));
  shown.used = true;
  const s: Signer = { intervals };
  c.signers.set(line.signer, s);
  return s;
}

/** checkMember checks that the record's organisation was a member when it was written; a refused record may come from one that was not. */
function checkMember(c: Checker, line: CheckedRecord): void {
  const key: Key = { ns: "organisation", id: line.organisation };
  let intervals = c.members.get(key.id);
  if (!intervals) {
    intervals = membership(c, key, line.seq);
    c.members.set(key.id, intervals);
  }
  const standing = standingAt(intervals, line.seq);
  if (standing?.status !== "active" && !isRejected(line)) {
    throw new Refutation("organisation", `${key.id} is ${standing?.status || "unknown"}`, { seq: line.seq });
  }
}

function membership(c: Checker, key: Key, seq: number): Interval<OrganisationStanding>[] {
  const shown = c.keys.get(keyText(key));
  if (shown) {
    shown.used = true;
    const { state } = shown.key;
    if (state.length === 0) return [];
    return refuting(EncodingError, (why) => new Refutation("state", why, { key }), () => decodeOrganisationState(state));
  }
  const absent = c.absent.get(keyText(key));
  if (!absent) throw new Refutation("not-proved", "whose key signed it is not shown", { seq, key });
  absent.used = true;
  return [];
}

/** noFindings is the canonical CBOR of no findings. */
const noFindings = Uint8Array.of(0x80);

/** checkLog rebuilds every entry and checks that they stand in the log. */
export function checkLog(c: Checker): void {
  const { records, envelopes, log, checkpoint } = c.dossier;
  records.forEach((r, i) => {
    const line = c.lines[i]!;
    line.leaf = leafHash(encodeEntry({
      height: r.height, time: r.time, seq: r.seq, envelope: line.envelope, index: r.index, kind: line.kind,
      signer: envelopes[r.envelope]!.signer, record: line.hash, codes: codesOf(line.findings),
      findingsHash: findingsHash(r.findings.length > 0 ? r.findings : noFindings),
    }));
  });
  if (records.length === 0) {
    if (log.length > 0) throw new Refutation("surplus", "a proof of no records");
    return;
  }
  const { logSize, logRoot } = checkpoint.roots;
  const seqs = records.map((r) => r.seq);
  const root = refuting(ProofError, (why) => new Refutation("log", why), () => rootOf(logSize, seqs, c.lines.map((l) => l.leaf), log));
  if (!equalBytes(root, logRoot)) throw new Refutation("log", `the records lead to log root ${hex(root)}, the checkpoint has ${hex(logRoot)}`);
  for (const line of c.lines) {
    if (!line.decoded && !isRejected(line)) throw new Refutation("findings", "it was accepted, and cannot be read", { seq: line.seq });
  }
}

