// Answers questions about proofs, as plain data. It runs as a worker, where a long
// journey does not hold up the page, or is imported where there is no worker. It
// asks nobody: what it judges is handed to it as bytes.

import { bytes, epcis, identity, proof, trace } from "./verify.js";

/**
 * judge answers one question:
 *
 *   { examine: dossier, genesis, kept?, id?, asked: { direction, at?, from? }, now }
 *   { extends: checkpoint, earlier, path? }
 *
 * Documents are Uint8Array, checkpoints text; now is in Unix seconds; path is of
 * hexadecimal hashes. What does not verify is answered as { refuted }, what is no
 * such document as { unusable }; beside it, of says that it was "kept" or "genesis"
 * and not what is examined.
 */
export function judge(question) {
  return faulted(undefined, () => (question.examine ? examined(question) : extended(question)));
}

/** faulted is what f returns, or why it does not verify. */
function faulted(of, f) {
  try {
    return f();
  } catch (e) {
    if (e instanceof proof.Refutation) return { refuted: { reason: e.reason, detail: trace.oneLine(e.detail), seq: e.seq, key: e.key && trace.oneLine(`${e.key.ns} ${e.key.id}`) }, of };
    if (e instanceof proof.Unusable || e instanceof identity.GenesisError) return { unusable: trace.oneLine(e.message), of };
    throw e;
  }
}

function examined({ examine, genesis, kept, id, asked, now }) {
  const trust = faulted("genesis", () => ({ served: identity.parseGenesis(genesis) }));
  const { served } = trust;
  if (!served) return trust;
  const from = kept ? faulted("kept", () => ({ anchor: proof.anchorOfCheckpoint(checkpointOf(kept)) })) : faulted("genesis", () => ({ anchor: proof.anchorOfGenesis(served) }));
  const { anchor } = from;
  if (!anchor) return from;
  const { verdict, today, then } = proof.examine(examine, { ...asked, anchor, id, now: new epcis.Instant(now) });
  const told = (asked.at ? then : today)?.journey;
  const names = validatorNames(served, genesis);
  return {
    verdict: JSON.parse(JSON.stringify(verdict)),
    // The document that names the validators is authentic where its hash is the network's name.
    voters: verdict.checkpoint.voters.map((v) => ({ ...v, name: bytes.hex(served.network) === verdict.network ? names.get(v.address) : undefined })),
    steps: told ? told.steps.map((s) => toldStep(s, told, verdict)) : [],
    recalls: told?.recalls?.map((r) => toldRecall(r, told, verdict)) ?? [],
    checkpoint: JSON.stringify(JSON.parse(new TextDecoder().decode(examine)).checkpoint),
  };
}

function toldStep(step, journey, verdict) {
  const record = verdict.records.find((r) => r.seq === step.seq);
  const by = record?.name ?? journey.names[step.organisation] ?? trace.printedID(step.organisation);
  const place = step.place && (journey.names[step.place] ?? trace.printedID(step.place));
  const about = step.about.slice(0, 3).map((id) => {
    const product = journey.names[epcis.classOf(epcis.canonical(id)).uri];
    return journey.names[id] ?? (product ? `${product}, ${trace.printedID(id)}` : trace.printedID(id));
  });
  const [what, ...rest] = [trace.toldStep(step), by, place ?? "", ...about].map(trace.oneLine);
  return { seq: step.seq, time: String(step.eventTime), what, by: rest[0], place: rest[1], about: rest.slice(2), more: step.about.length - about.length };
}

/** toldRecall is a recall, and its end, in plain data. */
function toldRecall({ of, seq, eventTime, organisation, ofOthers, lifted, compromised, doubtfulEnd }, journey, verdict) {
  const by = verdict.records.find((r) => r.seq === seq)?.name ?? journey.names[organisation] ?? trace.printedID(organisation);
  const ends = { ...(lifted ? { lifted: String(lifted.eventTime) } : {}), ...(doubtfulEnd ? { unlifted: String(doubtfulEnd.eventTime) } : {}) };
  return { of: trace.oneLine(of), seq, by: trace.oneLine(by), time: String(eventTime), ...ends, ...(ofOthers ? { ofOthers } : {}), ...(compromised ? { compromised } : {}) };
}

/** validatorNames are the names of the organisations whose validators a genesis document lists, by the validator's address. */
function validatorNames(served, genesis) {
  const doc = JSON.parse(new TextDecoder().decode(genesis));
  const members = new Map((doc.app_state.organisations ?? []).map((o) => [o.id, o.name]));
  return new Map(served.validators.map((v, i) => {
    const name = doc.validators[i].name;
    const address = bytes.hex(identity.sha256(v.key).subarray(0, 20));
    return [address, name ? trace.oneLine(String(members.get(name) ?? name)) : undefined];
  }));
}

const checkpointOf = (text) => proof.parseCheckpoint(new TextEncoder().encode(text));

function extended({ extends: later, earlier, path }) {
  proof.checkExtends(checkpointOf(later), checkpointOf(earlier), (path ?? []).map((hash) => bytes.unhex(hash) ?? new Uint8Array(0)));
  return {};
}

if (typeof WorkerGlobalScope !== "undefined" && self instanceof WorkerGlobalScope) {
  self.onmessage = ({ data }) => {
    try {
      self.postMessage(judge(data));
    } catch (e) {
      self.postMessage({ failed: String(e) });
    }
  };
}
