/** Entries and findings: mirrors proof/entry.go, entrycbor.go and findings.go. */

import { CBORReader, cborArray, cborBytes, cborInt, cborText, cborUint } from "../cbor.ts";
import { type Hash, sha256 } from "../identity/hash.ts";
import type { Fact, Finding, Severity } from "../trace/record.ts";

/** Entry is one line of the ledger: a record, where it stands, and what the contracts said of it. */
export interface Entry {
  height: number;
  time: bigint; // block time, Unix nanoseconds
  seq: number;
  envelope: Hash; // envelope id
  index: number; // of the record in its envelope
  kind: string;
  signer: Uint8Array; // 20 bytes
  record: Hash; // RFC 6962 leaf hash of the record's bytes
  codes: number[]; // verdict codes, in the order of the findings
  findingsHash: Hash; // SHA-256 of the findings' canonical CBOR
}

/** encodeEntry is the entry's canonical bytes: a deterministic CBOR array of its ten fields in order. */
export const encodeEntry = (e: Entry): Uint8Array =>
  cborArray([
    cborUint(e.height), cborInt(e.time), cborUint(e.seq), cborBytes(e.envelope), cborUint(e.index), cborText(e.kind),
    cborBytes(e.signer), cborBytes(e.record), cborArray(e.codes.map(cborUint)), cborBytes(e.findingsHash),
  ]);

/** decodeFindings reads the canonical CBOR of findings; EncodingError for any other bytes. */
export const decodeFindings = (b: Uint8Array): Finding[] => CBORReader.read(b, (r) => r.list(() => finding(r)));

/** findingsHash is what an entry says of findings, given their canonical CBOR. */
export const findingsHash = (b: Uint8Array): Hash => sha256(b);

/** codesOf is what an entry shows of findings. */
export const codesOf = (findings: Finding[]): number[] => findings.map((f) => f.code);

function finding(r: CBORReader): Finding {
  const f: Partial<Finding> = {};
  r.fields((key) => {
    switch (key) {
      case 1:
        f.severity = r.text() as Severity;
        return true;
      case 2:
        f.rule = r.text();
        return true;
      case 3:
        f.version = r.uint32();
        return true;
      case 4:
        f.code = r.uint32();
        return true;
      case 5:
        f.title = r.text();
        return true;
      case 6: // left out when there are none
        f.facts = r.list(() => fact(r));
        return f.facts.length > 0;
      case 7:
        f.next = r.text();
        return f.next !== "";
    }
    return false;
  });
  return {
    severity: r.need(f.severity, "severity"),
    rule: r.need(f.rule, "rule"),
    version: r.need(f.version, "version"),
    code: r.need(f.code, "code"),
    title: r.need(f.title, "title"),
    ...(f.facts ? { facts: f.facts } : {}),
    ...(f.next ? { next: f.next } : {}),
  };
}

function fact(r: CBORReader): Fact {
  const f: Partial<Fact> = {};
  r.fields((key) => {
    if (key === 1) f.name = r.text();
    else if (key === 2) f.value = r.text();
    else if (key === 3) f.seq = r.uint();
    else return false;
    return true;
  });
  const out: Fact = { name: r.need(f.name, "name"), value: r.need(f.value, "value") };
  if (f.seq !== undefined) out.seq = f.seq;
  return out;
}
