/** Certificates that a journey cites: mirrors trace/cited.go. */

import { compareNumbers, compareText } from "../bytes.ts";
import { canonical } from "../epcis/id.ts";
import { Instant } from "../epcis/instant.ts";
import { CertificateState, latest } from "./certificate.ts";
import type { CertificateStatus } from "./journey.ts";
import { type Entry, happened } from "./ledger.ts";
import { isRejected, type Key } from "./record.ts";
import { refusals } from "./thing.ts";
import type { Walker } from "./walk.ts";

/**
 * certificates says how every certificate stands that a record of the journey
 * cites, and takes its own records into the journey. The status is folded from
 * those records.
 */
export function certificates(w: Walker): CertificateStatus[] {
  const cited = new Map<string, Set<Entry>>();
  const of = (id: string): Set<Entry> => {
    const entries = cited.get(id) ?? new Set();
    cited.set(id, entries);
    return entries;
  };
  let now = w.now?.isZero() === false ? w.now : undefined;
  for (const e of w.records) {
    if (e.other?.certificate) of(e.other.certificate.id.uri); // a walk that starts at one
    if (!e.event || isRejected(e.rec) || e.voided) continue;
    for (const c of e.event.certificates) of(canonical(c).uri).add(e);
  }
  now ??= w.records.reduce((last, e) => (last.before(e.rec.time) ? e.rec.time : last), new Instant(0));
  return [...cited.keys()].sort(compareText).map((id) => certificate(w, id, [...cited.get(id)!], now));
}

function certificate(w: Walker, id: string, cited: Entry[], now: Instant): CertificateStatus {
  const key: Key = { ns: "certificate", id };
  const state = new CertificateState();
  const records: number[] = [];
  for (const e of w.history(key)) {
    w.include(e, id);
    records.push(e.rec.seq);
    if (e.other?.certificate) state.apply(e.other.certificate, e.rec.seq, e.rec.organisation);
  }
  refusals(w, key);
  const statusToday = state.at(now, now, latest);
  let statusAtEvent = statusToday;
  happened(cited).forEach((e, i) => {
    let at = state.at(e.time, e.rec.time, e.rec.seq);
    if (at === "active" && !state.covers(e.event!)) at = "out of scope";
    // The first citation that does not hold is the one that counts.
    if (i === 0 || statusAtEvent === "active") statusAtEvent = at;
  });
  const issued: Partial<CertificateStatus> = {};
  if (state.intervals.length > 0) {
    if (state.scheme) issued.scheme = state.scheme;
    if (state.subject) issued.subject = state.subject;
    if (state.scope.length > 0) issued.scope = state.scope;
    if (state.issuer) issued.issuer = state.issuer;
    issued.validFrom = state.validFrom;
    issued.validUntil = state.validUntil;
  }
  return { id, ...issued, citedBy: cited.map((e) => e.rec.seq).sort(compareNumbers), statusAtEvent, statusToday, records };
}
