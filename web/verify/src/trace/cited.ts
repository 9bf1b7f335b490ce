/** Certificates that a journey cites: mirrors trace/cited.go. */

import { compareNumbers, compareText } from "../bytes.ts";
import { Instant } from "../epcis/instant.ts";
import { CertificateState, latest, maxAccreditations } from "./certificate.ts";
import type { CertificateStatus } from "./journey.ts";
import { type Entry, happened } from "./ledger.ts";
import { isRejected, type Key } from "./record.ts";
import { cites, outside, uncovered } from "./scope.ts";
import { refusals } from "./thing.ts";
import type { Walker } from "./walk.ts";

/** Folded is what a certificate's own records say. */
interface Folded {
  state: CertificateState;
  records: number[];
}

/**
 * certificates says how every certificate stands that a record of the journey
 * cites, and every accreditation that one of them rests on, and takes their own
 * records into the journey. The status is folded from those records.
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
    for (const id of cites(e.event)) of(id).add(e);
  }
  now ??= w.records.reduce((last, e) => (last.before(e.rec.time) ? e.rec.time : last), new Instant(0));
  const book = new Map<string, Folded>();
  for (const id of cited.keys()) { // grows by the accreditations
    const c = fold(w, id);
    book.set(id, c);
    if (c.state.accreditation) of(c.state.accreditation);
  }
  const ids = [...cited.keys()].sort(compareText);
  const resting = new Map<string, Entry[]>(); // by accreditation: events that cite what rests on it
  for (const id of ids) {
    for (const above of accreditations(book, id)) resting.set(above, [...(resting.get(above) ?? []), ...cited.get(id)!]);
  }
  return ids.map((id) => status(id, book, [...cited.get(id)!], resting.get(id) ?? [], now, w.id));
}

/** fold folds a certificate out of its records and takes them into the journey, those that were refused too. */
function fold(w: Walker, id: string): Folded {
  const key: Key = { ns: "certificate", id };
  const state = new CertificateState();
  const records: number[] = [];
  for (const e of w.history(key)) {
    w.include(e, id);
    records.push(e.rec.seq);
    const record = e.other?.certificate;
    // What a compromised key reinstated stays as it was (rule A7).
    if (record && !(e.rec.compromised && record.action === "reinstate")) state.apply(record, e.rec.seq, e.rec.time, e.rec.organisation);
  }
  refusals(w, key);
  return { state, records };
}

/** accreditations are the ids of those that a certificate rests on, from its own upwards; one more than may be ends the list. */
function accreditations(book: Map<string, Folded>, id: string): string[] {
  const above: string[] = [];
  const next = (of: string): string => book.get(of)!.state.accreditation;
  for (let a = next(id); a && above.length <= maxAccreditations; a = next(a)) above.push(a);
  return above;
}

/** status is how the certificate stands, and stood at the events that cite it or a certificate that rests on it, for the journey from start. */
function status(id: string, book: Map<string, Folded>, cited: Entry[], resting: Entry[], now: Instant, start: string): CertificateStatus {
  const { state, records } = book.get(id)!;
  const above = accreditations(book, id).map((a) => book.get(a)!.state);
  const statusToday = state.standing(now, now, latest, above);
  let statusAtEvent = statusToday;
  happened([...cited, ...resting]).forEach((e, i) => {
    let at = state.standing(e.time, e.rec.time, e.rec.seq, above);
    const direct = resting.length === 0 || cited.includes(e);
    if (at === "active" && direct && (outside(state, e.event!, e.rec.organisation) || uncovered(state, e.event!, e.about, start))) at = "out of scope";
    // The first citation that does not hold is the one that counts.
    if (i === 0 || statusAtEvent === "active") statusAtEvent = at;
  });
  const issued: Partial<CertificateStatus> = {};
  if (state.intervals.length > 0) {
    if (state.scheme) issued.scheme = state.scheme;
    if (state.subject) issued.subject = state.subject;
    if (state.scope.length > 0) issued.scope = state.scope;
    if (state.issuer) issued.issuer = state.issuer;
    if (state.hsCodes.length > 0) issued.hsCodes = state.hsCodes;
    if (state.activities.length > 0) issued.activities = state.activities;
    if (state.accredits.length > 0) issued.accredits = state.accredits;
    if (state.accreditation) issued.accreditation = state.accreditation;
    issued.validFrom = state.validFrom;
    issued.validUntil = state.validUntil;
  }
  return { id, ...issued, citedBy: cited.map((e) => e.rec.seq).sort(compareNumbers), statusAtEvent, statusToday, records };
}
