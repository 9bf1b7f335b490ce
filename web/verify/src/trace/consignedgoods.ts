/** What a consignment holds: mirrors trace/consignedgoods.go. */

import { compareText } from "../bytes.ts";
import { Decimal } from "../epcis/decimal.ts";
import type { Quantity } from "../epcis/event.ts";
import { canonical, classOf, none } from "../epcis/id.ts";
import type { Value } from "../epcis/value.ts";
import { attribute, digitsOf, hsCode, plainName, texts, trimmed, upper } from "./consigned.ts";
import { type Amount, type Carriage, type Freight, type GoodsItem, joins, type Packaging, sameCarriage, Stated, withSeq } from "./consignment.ts";
import { asObject, asOutput } from "./ledger.ts";
import { idIn } from "./thing.ts";
import { birthLot, born, lotOf } from "./touches.ts";

/** maxPacking bounds how many levels of packing are opened. */
const maxPacking = 16;

/** Packed is what units hold: goods with the meanings of their commodity codes and origins, and how they are packed. */
export interface Packed {
  goods: { item: GoodsItem; codes: string[]; origins: string[] }[];
  packaging: Packaging[];
  netWeight?: Amount; // absent where one is unknown, or where units stand unopened
}

/** packed tells what the units hold, level by level, and describes the products. */
export function packed(f: Freight, units: Carriage[]): Packed {
  const p = new Packer(f);
  for (const u of units) p.seen.add(u.id);
  for (const u of units) p.piece(u.id);
  f.events.forEach((e, at) => {
    // Lots that travel without a unit that holds them: as carried, not as harvested or made.
    if (!e.event.transactions.some((t) => joins(t.type))) return;
    for (const q of e.event.quantities) {
      if (units.some((u) => sameCarriage(u, f.filling(q.cls.uri, at)))) p.quantity(q, e);
    }
  });
  for (let level = 1; units.length > 0 && level <= maxPacking; level++) units = p.open(level, units);
  for (const g of p.goods) g.describe(f);
  const out: Packed = { goods: p.goods.map((g) => ({ item: g.told(), codes: g.classification.meanings, origins: g.origin.meanings })), packaging: p.packaging };
  const weight = p.netWeight();
  if (weight) out.netWeight = { value: weight.toString(), unit: "KGM" };
  return out;
}

type Told = Freight["events"][number];

class Packer {
  readonly seen = new Set<string>(); // units told
  readonly goods: Goods[] = [];
  readonly packaging: Packaging[] = [];
  private readonly carried = new Set<string>(); // lots whose quantity a shipment stated, with what held them
  private readonly f: Freight;

  constructor(f: Freight) {
    this.f = f;
  }

  /** open tells what is directly in the units and returns what may hold more. */
  open(level: number, units: Carriage[]): Carriage[] {
    const next: Carriage[] = [];
    const kinds: Packaging[] = [];
    let opened = 0;
    for (const u of units) {
      let holds = false;
      this.f.events.forEach((e, at) => {
        const { event } = e;
        if (event.type !== "AggregationEvent" || event.action !== "ADD" || !sameCarriage(this.f.filling(event.parent.uri, at), u)) return;
        holds = true;
        for (const id of event.children) {
          if (this.seen.has(id.uri)) continue;
          this.seen.add(id.uri);
          count(kinds, level, classOf(id).uri, e.rec.seq);
          this.piece(id.uri);
          next.push(this.f.filling(id.uri, at));
        }
        for (const q of event.childQuantities) this.quantity(q, e);
      });
      if (holds) opened++;
    }
    for (const k of kinds) this.packaging.push({ ...k, opened, of: units.length });
    return next;
  }

  /** item is the goods item of a product class, made when it is met first. */
  private item(cls: string): Goods {
    let g = this.goods.find((x) => x.cls === cls);
    if (!g) this.goods.push((g = new Goods(cls)));
    return g;
  }

  /** piece counts a piece, if it is a product, as its birth describes it. */
  piece(id: string): void {
    const thing = canonical(id);
    if (thing.level !== "item" || classOf(thing) === none) return;
    const g = this.item(classOf(thing).uri);
    g.pieces++;
    for (const e of this.f.events) {
      if (!(e.entry.role(id) & (asObject | asOutput)) || !born(e.event).some((b) => b.uri === id)) continue;
      g.born(e);
      g.lot(lotOf(idIn(e.event, id), birthLot(e.event)));
    }
  }

  /**
   * quantity takes in an amount of a lot or class. Packing, shipping and receiving
   * state the same amount again: the first counts.
   */
  quantity(q: Quantity, by: Told): void {
    const cls = classOf(q.cls);
    if (cls === none || !q.amount) return;
    const g = this.item(cls.uri);
    withSeq(g.records, by.rec.seq);
    const carried = q.cls.uri + "|" + by.event.parent.uri;
    if (this.carried.has(carried)) return;
    this.carried.add(carried);
    if (q.cls.level === "lot") g.lot(q.cls.uri);
    g.sums.set(q.unit, (g.sums.get(q.unit) ?? Decimal.of(0)).add(q.amount));
    for (const e of this.f.events) {
      const { event } = e;
      const outputs = event.type === "ObjectEvent" && event.action === "ADD" ? event.quantities : event.outputQuantities;
      if (outputs.some((o) => o.cls.uri === q.cls.uri)) g.born(e);
    }
  }

  /** netWeight adds up the goods items. */
  netWeight(): Decimal | undefined {
    // Units that are products themselves need not be opened.
    const products = (level: number): boolean => level > 0 && !this.packaging.some((p) => p.level === level && !p.class);
    if (this.goods.length === 0 || this.packaging.some((p) => p.opened < p.of && !products(p.level - 1))) return undefined;
    let all: Decimal | undefined = Decimal.of(0);
    for (const g of this.goods) {
      const weight = g.kilograms();
      all = weight && all?.add(weight);
    }
    return all;
  }
}

function count(kinds: Packaging[], level: number, cls: string, seq: number): void {
  let k = kinds.find((x) => (x.class ?? "") === cls);
  if (!k) {
    k = { level, number: 0, opened: 0, of: 0, records: [] };
    if (cls) k.class = cls;
    kinds.push(k);
  }
  k.number++;
  withSeq(k.records, seq);
}

/** Goods is a goods item while it is read. */
class Goods {
  readonly cls: string;
  pieces = 0;
  readonly sums = new Map<string, Decimal>(); // quantities, by unit
  readonly records: number[] = [];
  readonly classification = new Stated();
  private readonly lots = new Set<string>();
  private readonly net = new Stated();
  private readonly gross = new Stated();
  readonly origin = new Stated();

  constructor(cls: string) {
    this.cls = cls;
  }

  lot(uri: string): void {
    if (uri) this.lots.add(uri);
  }

  /** born takes what the record of the goods' birth says of them. */
  born({ rec, event }: Told): void {
    withSeq(this.records, rec.seq);
    for (const m of event.ilmd) this.stated(plainName(m.name), m.value, rec.seq);
  }

  /** describe adds what the product's master data states. */
  describe(f: Freight): void {
    for (const name of [hsCode, "netWeight", "grossWeight", "countryOfOrigin"]) {
      attribute(f, this.cls, name, (seq, v) => this.stated(name, v, seq));
    }
    for (const s of [this.classification, this.net, this.gross, this.origin]) s.inOrder();
  }

  private stated(name: string, v: Value | undefined, seq: number): void {
    switch (name) {
      case hsCode:
        for (const t of texts(v)) this.classification.say(t, "", digitsOf(t), seq);
        return;
      case "netWeight":
        return weigh(this.net, v, seq);
      case "grossWeight":
        return weigh(this.gross, v, seq);
      case "countryOfOrigin":
        for (const t of texts(v)) this.origin.say(t, "", upper(t), seq);
    }
  }

  /** kilograms is the net weight of all of the item; undefined where the records do not state it or state it differently. */
  kilograms(): Decimal | undefined {
    let all = Decimal.of(0);
    if (this.pieces > 0) {
      const [net, ...others] = this.net.claims;
      const each = net && Decimal.parse(net.value);
      const weight = each instanceof Decimal && others.length === 0 ? inKilograms(each, net!.unit ?? "") : undefined;
      if (!weight) return undefined;
      all = weight.multiply(Decimal.of(this.pieces));
    }
    for (const [unit, amount] of this.sums) {
      const weight = inKilograms(amount, unit);
      if (!weight) return undefined;
      all = all.add(weight);
    }
    return all;
  }

  told(): GoodsItem {
    const total = this.kilograms();
    const item: GoodsItem = {
      class: this.cls,
      lots: [...this.lots].sort(compareText),
      pieces: this.pieces,
      quantities: [...this.sums].map(([unit, amount]) => ({ value: amount.toString(), unit })),
      classification: this.classification.claims,
      netWeight: this.net.claims,
      grossWeight: this.gross.claims,
      countryOfOrigin: this.origin.claims,
      records: this.records,
    };
    if (total) item.totalNet = { value: total.toString(), unit: "KGM" };
    return item;
  }
}

/**
 * weigh adds a weight: "60 KGM", or an object of a value and a unit code (GS1 Web
 * Vocabulary: QuantitativeValue; CBV: Measurement).
 */
function weigh(s: Stated, v: Value | undefined, seq: number): void {
  let amount = "";
  let unit = "";
  if (v?.kind === "object") {
    for (const m of v.members) {
      const text = texts(m.value).join("");
      switch (plainName(m.name)) {
        case "value":
        case "measurement":
          amount = text;
          break;
        case "unitCode":
        case "measurementUnitCode":
        case "uom":
          unit = text;
      }
    }
  } else {
    const text = trimmed(texts(v).join(""));
    const space = text.indexOf(" ");
    amount = space < 0 ? text : text.slice(0, space);
    unit = space < 0 ? "" : text.slice(space + 1);
  }
  const x = Decimal.parse(amount);
  if (typeof x === "string") return;
  const weight = inKilograms(x, unit);
  s.say(amount, unit, weight ? weight.toString() + " KGM" : amount + " " + unit, seq);
}

/** inKilograms converts exactly from the metric units of mass of Rec 20. */
function inKilograms(x: Decimal, unit: string): Decimal | undefined {
  const factor = unit === "KGM" ? "1" : unit === "GRM" ? "0.001" : unit === "TNE" ? "1000" : "";
  const by = Decimal.parse(factor);
  return by instanceof Decimal ? x.multiply(by) : undefined;
}
