// Answers the Go tests: one JSON request a line, [operation, argument], one JSON
// answer a line, {"value": …} or {"error": name, …}. It calls the built module.
import { createInterface } from "node:readline";
import { bytes, epcis, identity, proof, trace } from "../dist/verify.js";

const unhex = (s) => bytes.unhex(s) ?? fail("not hex: " + s);
const fromBase64 = (s) => bytes.unbase64(s) ?? fail("not base64");
const leaf = (l) => ({ key: unhex(l.key), count: BigInt(l.count), head: unhex(l.head), state: unhex(l.state) });

function fail(why) {
  throw new Error(why);
}

const operations = {
  // bytes
  compareText: ([a, b]) => bytes.compareText(a, b),
  // epcis
  canonical: (uri) => {
    const id = epcis.canonical(uri);
    return { id, class: epcis.classOf(id), inLot: epcis.inLot(id, "L/1").uri };
  },
  instant: (s) => {
    const t = epcis.Instant.parse(s);
    return typeof t === "string" ? { error: t } : { seconds: t.seconds, nanos: t.nanos, text: t.toString() };
  },
  decimal: (s) => {
    const d = epcis.Decimal.parse(s);
    return typeof d === "string" ? { error: d } : { text: d.toString(), twice: d.add(d).toString() };
  },
  decode: ({ kind, bytes: b }) => {
    const raw = fromBase64(b);
    try {
      return shown(epcis.decode(kind, raw));
    } catch (e) {
      if (!(e instanceof epcis.Fault)) throw e;
      const text = bytes.textOf(raw);
      return { fault: { pointer: e.pointer, offset: text === undefined ? -1 : e.offset(text), reason: e.reason } };
    }
  },
  // trace
  touches: ({ kind, bytes: b }) => trace.touches(epcis.decode(kind, fromBase64(b))),
  ledger: (v) => {
    ledger = readLedger(v);
    return ledger.records.length;
  },
  walk,
  oneLine: (s) => trace.oneLine(s),
  // identity
  envelope: (v) => {
    const records = v.records.map(fromBase64);
    const hashes = records.map(identity.recordHash);
    const root = proof.rootOf(hashes.length, hashes.map((_, i) => i), hashes, []);
    const header = { network: unhex(v.network), kind: v.kind, signer: unhex(v.signer), notAfter: v.notAfter, count: records.length };
    const id = identity.envelopeID(header, root);
    return {
      hashes: hashes.map(bytes.hex), root: bytes.hex(root), id: bytes.hex(id), address: identity.addressText(header.signer),
      fault: new identity.Verifier(unhex(v.publicKey)).check(id, header.signer, unhex(v.signature)) ?? "",
    };
  },
  keyState: (h) => identity.decodeKeyState(unhex(h)).map((v) => ({ ...v, value: { ...v.value, publicKey: bytes.hex(v.value.publicKey) } })),
  organisationState: (h) => identity.decodeOrganisationState(unhex(h)),
  parameters: (h) => identity.decodeParameters(unhex(h)),
  genesis: (text) => {
    const g = identity.parseGenesis(bytes.utf8(text));
    return { network: bytes.hex(g.network), time: String(g.time), validators: g.validators.map((v) => ({ key: bytes.hex(v.key), power: String(v.power) })) };
  },
  // proof
  entry: (e) =>
    bytes.hex(proof.encodeEntry({
      ...e, time: BigInt(e.time), envelope: unhex(e.envelope), signer: unhex(e.signer), record: unhex(e.record), findingsHash: unhex(e.findingsHash),
    })),
  findings: (h) => ({ findings: proof.decodeFindings(unhex(h)), hash: bytes.hex(proof.findingsHash(unhex(h))) }),
  leafHash: (h) => bytes.hex(proof.leafHash(unhex(h))),
  appHash: (v) => bytes.hex(proof.appHash(BigInt(v.height), unhex(v.previous), BigInt(v.logSize), unhex(v.logRoot), unhex(v.mapRoot))),
  subset: (v) => bytes.hex(proof.rootOf(v.size, v.at, v.leaves.map(unhex), v.path.map(unhex))),
  consistency: (v) => proof.verifyConsistency(v.from, v.to, v.path.map(unhex), unhex(v.fromRoot), unhex(v.toRoot)) ?? true,
  mapKey: (k) => bytes.hex(proof.mapKey(k)),
  mapLeaf: (l) => bytes.hex(proof.mapLeafHash(leaf(l))),
  stateHash: (h) => bytes.hex(proof.stateHash(unhex(h))),
  map: (v) => proof.verifyMap(unhex(v.proof), v.present.map(leaf), v.absent.map(unhex), unhex(v.root)) ?? true,
  lightBlock: (v) => {
    const b = proof.readLightBlock(v, "block");
    const id = { hash: proof.headerHash(b.header), parts: b.commit.parts, partsHash: b.commit.partsHash };
    return {
      headerHash: bytes.hex(proof.headerHash(b.header)),
      validatorsHash: bytes.hex(proof.validatorsHash(b.validators)),
      voteBytes: b.commit.signatures.map((s) => bytes.hex(proof.voteBytes(b.header.chainID, b.header.height, b.commit.round, id, s.time))),
      votes: b.commit.signatures.map((s, i) => proof.verifyEd25519(
        b.validators[s.validator].key, proof.voteBytes(b.header.chainID, b.header.height, b.commit.round, id, s.time), s.signature)),
    };
  },
  ed25519: (v) => proof.verifyEd25519(unhex(v.key), unhex(v.text), unhex(v.signature)),
  checkpoint: (v) => {
    proof.verifyCheckpoint(proof.parseCheckpoint(fromBase64(v.checkpoint)), anchorOf(v));
    return "";
  },
  trust: (v) => {
    trusted = anchorOf(v);
    return "";
  },
  verify: ({ dossier, now, ...options }) => {
    const data = typeof dossier === "string" ? bytes.utf8(dossier) : fromBase64(dossier.base64);
    try {
      const { verdict, today } = proof.examine(data, { ...options, anchor: trusted, now: now ? new epcis.Instant(now) : undefined });
      return { verdict, consignments: today && trace.consignments(today) };
    } catch (e) {
      if (e instanceof proof.Unusable) return { reason: "unusable", detail: e.message };
      if (e instanceof proof.Refutation) return { reason: e.reason, seq: e.seq, key: e.key, detail: e.detail };
      throw e;
    }
  },
};

/** trusted is the anchor of the verifications that follow. */
let trusted;

const anchorOf = (v) =>
  v.trusted
    ? proof.anchorOfCheckpoint(proof.parseCheckpoint(fromBase64(v.trusted)))
    : proof.anchorOfGenesis(identity.parseGenesis(fromBase64(v.genesis)));

/** ledger is what walks read: records, histories and states that the Go side wrote. */
let ledger;

function readLedger(v) {
  const records = v.records.map((r) => ({
    ...r, time: epcis.Instant.ofUnixNano(BigInt(r.time)), envelope: new Uint8Array(32), bytes: fromBase64(r.bytes),
  }));
  const name = (k) => `${k.ns} ${k.id}`;
  const histories = new Map(v.histories.map((h) => [name(h), h.seqs]));
  const states = new Map(v.states.map((s) => [name(s), unhex(s.state)]));
  const reader = {
    history: (k, from, limit) => (histories.get(name(k)) ?? []).filter((seq) => seq >= from).slice(0, limit),
    window: (k, since, until, lead, limit) => {
      const before = [];
      const within = [];
      for (const seq of histories.get(name(k)) ?? []) {
        const { time } = records[seq];
        if (time.before(since)) before.push(seq);
        else if (!until?.before(time)) within.push(seq);
      }
      return { before: before.slice(Math.max(0, before.length - lead)), within: within.slice(0, limit) };
    },
    record: (seq) => records[seq] ?? unknown(seq),
    state: (k) => states.get(name(k)),
  };
  return { records, reader };
}

function unknown(seq) {
  throw new trace.Unknown(`record ${seq}`);
}

function walk({ id, size, now, from, ...options }) {
  const reader = size === undefined ? ledger.reader : trace.asOf(ledger.reader, size);
  if (now) options.now = epcis.Instant.parse(now);
  if (from) options.from = unhex(from);
  const walked = trace.walk(reader, id, options);
  const { journey, records, rest, ...ended } = walked;
  return {
    journey, records: records.map((r) => r.seq), rest: rest ? bytes.hex(rest) : "", ...ended,
    consignments: trace.consignments(walked),
    printed: journey.graph.nodes.map((n) => trace.printedID(n.id)),
    told: journey.steps.map((s) => trace.toldStep(s)),
  };
}

/** shown is a record as JSON that the Go side writes, too. */
const shown = (r) =>
  JSON.parse(
    JSON.stringify(r, (name, v) => {
      if (name === "start" || name === "end") return undefined;
      return v;
    }),
  );

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const [operation, argument] = JSON.parse(line);
  let answer;
  try {
    answer = { value: operations[operation](argument) };
  } catch (e) {
    answer = { error: e.reason ?? e.name, detail: String(e.stack ?? e) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
