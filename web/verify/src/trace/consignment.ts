/** Carriages of goods read out of a journey: mirrors trace/consignment.go. */

import { compareNumbers } from "../bytes.ts";
import type { Customs, Event, Record } from "../epcis/event.ts";
import type { Instant } from "../epcis/instant.ts";
import { namespaceCBV } from "../epcis/vocabulary.ts";
import { readConsignment } from "./consigned.ts";
import { declarationType, declaredParts } from "./customs.ts";
import type { Walked } from "./journey.ts";
import { decodedOf, Entry, happened } from "./ledger.ts";
import { isRejected, type Recorded, WalkError } from "./record.ts";

/**
 * Consignment is one carriage of goods as an officer, a forwarder or a bank asks
 * for it, in the words of the UN/CEFACT Multi-Modal Transport Reference Data Model
 * and of the WCO Data Model. Nothing in it is judged. Every value names the records
 * that state it, and a value that two records state differently is there twice.
 */
export interface Consignment {
  transportEquipment: { id: string; seals: Claim[] }[];
  declarations: Declaration[];
  goodsItems: GoodsItem[];
  packaging: Packaging[];
  netWeight?: Amount; // of all goods items; absent where one is unknown
  parties: { role: string; who: Claim[] }[];
  transportMeans: Claim[];
  route: Call[];
  documents: { type: string; id: string; number: string; records: number[] }[];
  differences: Difference[]; // what records state differently
}

/** Claim is a value and the records that state it, ascending: as the first of them writes it. */
export interface Claim {
  value: string;
  unit?: string;
  records: number[];
}

/** Amount is an exact decimal with its UN/ECE Recommendation 20 unit. */
export interface Amount {
  value: string;
  unit: string;
}

/** Declaration is a customs declaration and what the records that cite it say. */
export interface Declaration {
  id: string;
  number: string; // MRN
  classification: Claim[]; // commodity code, Harmonized System
  events: Doing[]; // as they happened
  // Of a customs record that declares:
  country?: string; // of the authority
  flow?: string; // "import", "export" or "transit"
  procedure?: string;
  countryOfOrigin?: Claim[]; // ISO 3166-1 alpha-2
  parties?: { role: string; who: Claim[] }[]; // "declarant", "exporter", …
  quantities?: { id: string; value: string; unit?: string }[];
  valueCommitment?: string; // to the value declared
}

/** Doing is a step of an officer or carrier. */
export interface Doing {
  record: number;
  eventTime: Instant;
  bizStep?: string;
  disposition?: string;
  place?: string;
  organisation: string; // that signed it
  onlyOf?: string[]; // the goods of a declaration that a decision is on, where it is not on all
}

/** Call is a place on the way; unLocode as the place's master data states it. */
export interface Call extends Doing {
  unLocode?: string;
}

/** GoodsItem is one product of a consignment. Weights are of one piece. */
export interface GoodsItem {
  class: string;
  lots: string[];
  pieces: number; // with a serial
  quantities: Amount[]; // without one, by unit
  classification: Claim[];
  netWeight: Claim[];
  grossWeight: Claim[];
  countryOfOrigin: Claim[]; // ISO 3166-1 alpha-2
  totalNet?: Amount; // pieces times net weight, or the quantities; absent where unknown
  records: number[]; // that pack or carry it
}

/** Packaging is one level of packing: how many units of a kind stand in those of the level above. */
export interface Packaging {
  level: number; // 1 is directly in the transport equipment
  class?: string;
  number: number;
  opened: number; // units of the level above whose packing a record tells
  of: number; // units of the level above
  records: number[];
}

/** Difference says what the records state differently. */
export interface Difference {
  what: string; // "net weight of one piece"
  about?: string; // an identifier
  claims: Claim[];
}

/**
 * consignments reads the carriages of goods out of a journey's records: the units
 * that a record names together with a customs declaration, a bill of lading or a
 * despatch advice, from loading to receipt. A container that is filled anew begins
 * another consignment. Refused records and those that their author declared wrong
 * count for nothing.
 */
export function consignments(w: Walked): Consignment[] {
  const f = new Freight(w);
  return f.grouped().map((members) => readConsignment(f, members));
}

/** Carriage is one filling of a unit, or a document, whose filling is -1. */
export interface Carriage {
  id: string;
  filling: number;
}

export const sameCarriage = (a: Carriage, b: Carriage): boolean => a.id === b.id && a.filling === b.filling;

/** Life is when a unit was filled. */
interface Life {
  filled: number[]; // places in events
  inside: Set<string>;
}

/** Freight gathers what the records of a journey say of carriages. */
export class Freight {
  readonly events: { rec: Recorded; event: Event; entry: Entry }[]; // those that count, as they happened
  readonly customs: { rec: Recorded; customs: Customs; entry: Entry; withdrawn: boolean }[]; // as they happened
  readonly master: { rec: Recorded; record: Record }[] = [];
  private readonly lives = new Map<string, Life>();

  constructor(w: Walked) {
    const aside = new Set(w.journey.steps.filter((s) => s.voided || s.basis).map((s) => s.seq));
    const events: Entry[] = [];
    const customs: Entry[] = [];
    for (const rec of w.records) {
      if (isRejected(rec) || aside.has(rec.seq)) continue;
      const record = decodedOf(rec);
      if (!record) throw new WalkError(`record ${rec.seq} does not decode`);
      if (record.event && !record.event.correction) events.push(new Entry(rec, record.event));
      else if (record.masterData) this.master.push({ rec, record });
      else if (record.customs) {
        const entry = new Entry(rec);
        entry.other = record;
        customs.push(entry);
      }
    }
    // What was recorded of a declaration before it was withdrawn declares nothing any
    // more. Where some of its goods were released or seized before that, the declaration
    // still stands for those.
    const last = new Map<string, number>(); // seq of the withdrawal, by declaration
    const done = new Set<string>(); // declarations of which goods were released or seized
    for (const { rec, customs: c } of [...customs].sort((a, b) => compareNumbers(a.rec.seq, b.rec.seq))) {
      const { action, mrn } = c!;
      if (action === "release" || action === "seizure") done.add(mrn.uri);
      else if (action === "withdrawal" && !done.has(mrn.uri)) last.set(mrn.uri, rec.seq);
    }
    this.customs = happened(customs).map((entry) => ({
      rec: entry.rec, customs: entry.customs!, entry, withdrawn: entry.rec.seq < (last.get(entry.customs!.mrn.uri) ?? 0),
    }));
    this.events = happened(events).map((entry) => ({ rec: entry.rec, event: entry.event!, entry }));
    this.events.forEach(({ event: e }, at) => {
      if (e.type === "AggregationEvent" && e.parent.uri) this.aggregate(at, e);
    });
  }

  private aggregate(at: number, e: Event): void {
    const life = this.lives.get(e.parent.uri) ?? { filled: [], inside: new Set() };
    this.lives.set(e.parent.uri, life);
    const children = [...e.children.map((id) => id.uri), ...e.childQuantities.map((q) => q.cls.uri)];
    if (e.action === "ADD") {
      if (life.inside.size === 0) life.filled.push(at);
      for (const id of children) life.inside.add(id);
    } else if (e.action === "DELETE") {
      for (const id of children) life.inside.delete(id);
      if (children.length === 0) life.inside.clear(); // all of them (EPCIS 2.0, section 7.4.3)
    }
  }

  /** filling says into which filling of the unit the event at that place falls: the last that had begun, or the first. */
  filling(id: string, at: number): Carriage {
    const filled = this.lives.get(id)?.filled ?? [];
    return { id, filling: Math.max(0, filled.filter((n) => n <= at).length - 1) };
  }

  /** units lists what the event at that place speaks of as a whole. */
  units(at: number): Carriage[] {
    const e = this.events[at]!.event;
    const ids = [e.parent, ...e.epcs, ...e.quantities.map((q) => q.cls)];
    return ids.filter((id) => id.uri).map((id) => this.filling(id.uri, at));
  }

  /** declared lists the units that a customs record declares, in the filling of that time. */
  private declared({ customs: c, withdrawn }: Freight["customs"][number]): Carriage[] {
    if (withdrawn || c.action !== "declaration") return [];
    const at = this.events.filter((e) => !c.time.before(e.event.time)).length - 1;
    return declaredParts(c).map((p) => this.filling(p.key.id, at));
  }

  /** grouped joins the units and the documents that records name together. */
  grouped(): Carriage[][] {
    const members: (Carriage[] | undefined)[] = []; // of one consignment each; none when joined to another
    const places = new Map<string, number>();
    const text = (c: Carriage): string => `${c.filling} ${c.id}`;
    const place = (c: Carriage): number => {
      let at = places.get(text(c));
      if (at === undefined) {
        at = members.push([c]) - 1;
        places.set(text(c), at);
      }
      return at;
    };
    const join = (first: Carriage, c: Carriage): void => {
      const [a, b] = [place(first), place(c)];
      if (a === b) return;
      const [to, from] = [Math.min(a, b), Math.max(a, b)]; // the earlier keeps its place
      for (const m of members[from]!) places.set(text(m), to);
      members[to] = [...members[to]!, ...members[from]!];
      members[from] = undefined;
    };
    this.events.forEach(({ event }, at) => {
      const documents = event.transactions.filter((t) => joins(t.type)).map((t): Carriage => ({ id: t.id.uri, filling: -1 }));
      const units = this.units(at);
      const first = documents[0];
      if (!first || units.length === 0) return;
      for (const c of [...documents, ...units]) join(first, c);
    });
    for (const e of this.customs) for (const unit of this.declared(e)) join({ id: e.customs.mrn.uri, filling: -1 }, unit);
    return members.filter((m) => m !== undefined);
  }
}

/** joins reports a document that stands for one carriage. */
export const joins = (type: string): boolean =>
  type === declarationType || type === namespaceCBV + "BTT-bol" || type === namespaceCBV + "BTT-desadv";

/** withSeq adds a seq to an ascending list, once. */
export function withSeq(seqs: number[], seq: number): void {
  if (seqs.includes(seq)) return;
  seqs.push(seq);
  seqs.sort(compareNumbers);
}

/** Stated is what records state of one thing: one claim when they agree, several when they do not. */
export class Stated {
  private readonly said: { claim: Claim; same: string }[] = [];

  /** say adds that a record states a value. same is equal for values that mean the same. */
  say(value: string, unit: string, same: string, seq: number): void {
    let s = this.said.find((x) => x.same === same);
    if (!s) {
      s = { claim: unit ? { value, unit, records: [] } : { value, records: [] }, same };
      this.said.push(s);
    }
    withSeq(s.claim.records, seq);
  }

  /** inOrder sorts the claims by their first records. */
  inOrder(): this {
    this.said.sort((a, b) => compareNumbers(a.claim.records[0]!, b.claim.records[0]!));
    return this;
  }

  get claims(): Claim[] {
    return this.said.map((s) => s.claim);
  }

  get meanings(): string[] {
    return this.said.map((s) => s.same);
  }
}
