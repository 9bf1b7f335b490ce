/** Records and histories as one walk reads them: mirrors trace/ledger.go. */

import { compareNumbers } from "../bytes.ts";
import { decode } from "../epcis/decode.ts";
import type { Decimal } from "../epcis/decimal.ts";
import type { Customs, Event, Quantity, Record } from "../epcis/event.ts";
import type { ID } from "../epcis/id.ts";
import type { Instant } from "../epcis/instant.ts";
import { Fault } from "../epcis/invalid.ts";
import { namespaceCBV } from "../epcis/vocabulary.ts";
import { declaredParts } from "./customs.ts";
import type { Gap } from "./journey.ts";
import { accepted, isRejected, type Key, keyText, type Reader, type Recorded, WalkError } from "./record.ts";

/** Entry is a record that a walk has read: each is read and decoded once. */
export class Entry {
  readonly rec: Recorded;
  event: Event | undefined; // none for other kinds, and for refused bytes that do not decode
  other: Record | undefined; // of another kind than event
  roles = new Map<string, number>(); // by canonical id: how the event or customs declaration names it
  readonly about = new Set<string>(); // nodes of the journey that it concerns, in the order of reaching them
  decoded = false;
  included = false;
  aside = false; // included for what it says of a document or class, not of the thing itself
  ground = false; // included for what rests on it, not for what it says
  voided = false; // its author declared it wrong
  upheld = false; // voided, by nothing but records that a compromised key signed

  constructor(rec: Recorded, event?: Event) {
    this.rec = rec;
    this.event = event;
    if (event) this.roles = rolesOf(event);
  }

  /** time is when it happened: the eventTime, for kinds without one the block time. */
  get time(): Instant {
    return this.event?.time ?? this.customs?.time ?? this.other?.acknowledgement?.time ?? this.rec.time;
  }

  /** customs is the customs record, undefined for other kinds. */
  get customs(): Customs | undefined {
    return this.other?.customs;
  }

  /** role says where the event names a thing: a sum of the values below, 0 for nowhere. */
  role(id: string): number {
    return this.roles.get(id) ?? 0;
  }
}

export const asObject = 1;
export const asParent = 2;
export const asChild = 4;
export const asInput = 8;
export const asOutput = 16;

// How much of one key's history a walk looks at. A gap names what is longer.
export const maxHistory = 20_000;
export const maxAside = 200; // of a document that is only cited, and of a class for recalls

/** Ledger reads records and histories for one walk and remembers them. */
export class Ledger {
  readonly reader: Reader;
  readonly short: Gap[] = []; // histories that were not read to their end
  private readonly entries = new Map<number, Entry>();
  private readonly histories = new Map<string, number[]>();

  constructor(reader: Reader) {
    this.reader = reader;
  }

  /** seqs is the positions of the records that touch k, ascending. */
  seqs(k: Key): number[] {
    let seqs = this.histories.get(keyText(k));
    if (!seqs) {
      seqs = this.beginning(k, 0, maxHistory);
      this.histories.set(keyText(k), seqs);
    }
    return seqs;
  }

  /** hasHistory reports whether this walk has read all of k's history. */
  hasHistory(k: Key): boolean {
    return this.histories.has(keyText(k));
  }

  /** beginning is the first limit seqs of k's history from from on. What lies behind them becomes a gap, unless it is read elsewhere. */
  beginning(k: Key, from: number, limit: number, elsewhere = false): number[] {
    const seqs = this.reader.history(k, from, limit + 1);
    return elsewhere ? seqs.slice(0, limit) : this.cutShort(k, seqs, limit);
  }

  /** saidBefore is the first records about a key that the journey only refers to, up to a seq. */
  saidBefore(k: Key, seq: number): Entry[] {
    if (seq === 0) return [];
    const seqs = this.reader.history(k, 0, maxAside + 1).filter((s) => s < seq);
    return this.load(this.cutShort(k, seqs, maxAside));
  }

  private cutShort(k: Key, seqs: number[], limit: number): number[] {
    if (seqs.length <= limit) return seqs;
    const id = k.ns === "refused" ? (accepted(k)?.id ?? "") : k.ns === "recall" ? k.id.slice(k.id.indexOf(":") + 1) : k.id;
    const last = seqs[limit - 1]!;
    const about = `Complete up to record ${last}: what was recorded of it later, a hold perhaps, is not read here.`;
    this.short.push({ id, seq: last, about: limit === maxAside ? about + " Ask for it by its own id." : about, unread: true });
    return seqs.slice(0, limit);
  }

  /** entry is the record at seq, decoded. Bytes that do not decode are an error unless the record was refused. */
  entry(seq: number): Entry {
    let e = this.entries.get(seq);
    if (!e) {
      e = new Entry(this.reader.record(seq));
      this.entries.set(seq, e);
    }
    if (e.decoded) return e;
    e.decoded = true;
    const r = decodedOf(e.rec);
    if (r?.event) {
      e.event = r.event;
      e.roles = rolesOf(r.event);
    } else if (r) {
      e.other = r;
      if (r.customs) e.roles = declaredRoles(r.customs);
    }
    else if (!isRejected(e.rec)) throw new WalkError(`record ${seq} does not decode`);
    return e;
  }

  /** history is the decoded records that touch k, in seq order, with those marked that their author declared wrong. */
  history(k: Key): Entry[] {
    return this.load(this.seqs(k));
  }

  load(seqs: number[]): Entry[] {
    const out = seqs.map((seq) => this.entry(seq));
    markVoided(out);
    return out;
  }

  /**
   * between is the decoded records touching k that can speak of something that
   * happened in [since, until]: an event's record stands no earlier than its
   * eventTime less the skew that rule A5 grants, and is waited for until the end
   * plus the longest lateness limit. Before those, up to lead records that precede the range.
   */
  between(k: Key, since: Instant, until: Instant | undefined, limits: { futureSkew: number; lateness: number }, lead: number): { before: Entry[]; within: Entry[] } {
    const read = this.reader.window(k, since.add(-limits.futureSkew), until?.add(limits.lateness), lead, maxHistory + 1);
    const within = this.load(this.cutShort(k, read.within, maxHistory));
    return { before: this.load(read.before), within };
  }
}

/** decodedOf is what a record's bytes say, undefined when they do not decode. */
export function decodedOf(rec: Recorded): Record | undefined {
  if (rec.decoded !== undefined) return rec.decoded ?? undefined;
  try {
    return decode(rec.kind, rec.bytes);
  } catch (e) {
    if (e instanceof Fault) return undefined;
    throw e;
  }
}

/**
 * markVoided finds, among the records of one history, the events that a later
 * record of the same organisation declares wrong: it keeps their eventID.
 */
export function markVoided(entries: Entry[]): void {
  // Of one event the last seqs: of all declarations, and of those that no compromised key signed.
  const declared = new Map<string, { last: number; lastSound: number }>();
  const of = (e: Entry): string => `${e.event?.id} ${e.rec.organisation}`; // an eventID holds no spaces
  for (const e of entries) {
    if (!e.event?.correction || e.event.id === "") continue;
    const d = declared.get(of(e)) ?? { last: 0, lastSound: 0 };
    d.last = Math.max(d.last, e.rec.seq);
    if (!e.rec.compromised) d.lastSound = Math.max(d.lastSound, e.rec.seq);
    declared.set(of(e), d);
  }
  if (declared.size === 0) return;
  for (const e of entries) {
    if (!e.event || e.event.correction) continue;
    const d = declared.get(of(e));
    if (!d || e.rec.seq >= d.last) continue;
    e.upheld = e.rec.seq >= d.lastSound && (e.upheld || !e.voided);
    e.voided = true;
  }
}

/** happened is a copy sorted by eventTime, then seq. */
export const happened = (entries: Iterable<Entry>): Entry[] =>
  [...entries].sort((a, b) => a.time.compare(b.time) || compareNumbers(a.rec.seq, b.rec.seq));

/** declaredRoles says what a customs record declares. */
const declaredRoles = (c: Customs): Map<string, number> =>
  new Map(declaredParts(c).map((p) => [p.key.id, asObject]));

function rolesOf(e: Event): Map<string, number> {
  const m = new Map<string, number>();
  const add = (ids: ID[], quantities: Quantity[], role: number): void => {
    for (const id of [...ids, ...quantities.map((q) => q.cls)]) m.set(id.uri, (m.get(id.uri) ?? 0) | role);
  };
  add(e.epcs, e.quantities, asObject);
  if (e.parent.uri) add([e.parent], [], asParent);
  add(e.children, e.childQuantities, asChild);
  add(e.inputs, e.inputQuantities, asInput);
  add(e.outputs, e.outputQuantities, asOutput);
  return m;
}

/** live is the event of a record that moves things: neither a correction nor voided. */
export const live = (e: Entry): Event | undefined => (e.event && !e.voided && !e.event.correction ? e.event : undefined);

/** bonds reports whether the event packs, unpacks, attaches or detaches. */
export const bonds = (e: Event): boolean => e.type === "AggregationEvent" || e.type === "AssociationEvent";

/** unbindsAll reports a DELETE that names no children: all of them leave (EPCIS 2.0, section 7.4.3). */
export const unbindsAll = (e: Event): boolean =>
  bonds(e) && e.action === "DELETE" && e.children.length === 0 && e.childQuantities.length === 0;

/** ends reports whether the event ends the life of its objects. */
export const ends = (e: Event): boolean =>
  e.type === "ObjectEvent" && e.action !== "ADD" &&
  (e.action === "DELETE" || e.bizStep === stepPrefix + "destroying" || e.bizStep === stepPrefix + "decommissioning");

/** amountOf is the quantity that a list states of a class or lot. */
export function amountOf(list: Quantity[], uri: string): { amount: Decimal | undefined; unit: string } {
  let amount: Decimal | undefined;
  let unit = "";
  for (const q of list) {
    if (q.cls.uri !== uri || !q.amount) continue;
    if (!amount) ({ amount, unit } = q);
    else if (q.unit === unit) amount = amount.add(q.amount);
  }
  return { amount, unit };
}

export const stepPrefix = namespaceCBV + "BizStep-";
