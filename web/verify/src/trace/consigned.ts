/** One consignment: mirrors trace/consigned.go. */

import { compareNumbers, compareText } from "../bytes.ts";
import { vocabulary } from "../epcis/context.ts";
import { canonical } from "../epcis/id.ts";
import { isText, type Member, type Value } from "../epcis/value.ts";
import { namespaceCBV, namespaceCBVMD, namespaceGS1 } from "../epcis/vocabulary.ts";
import { packed } from "./consignedgoods.ts";
import { type Call, type Carriage, type Claim, type Consignment, type Declaration, type Difference, type Doing, type Freight, sameCarriage, Stated, withSeq } from "./consignment.ts";
import { customsTerms, declarationType, onlyOf } from "./customs.ts";
import { stepPrefix } from "./ledger.ts";
import { printedID } from "./words.ts";

type Told = Freight["events"][number];
type ToldCustoms = Freight["customs"][number];

/** The parties of a consignment, in the order in which they are told. */
const roleNames = ["consignor", "consignee", "seller", "buyer", "carrier"];

/** readConsignment reads one group of units and documents. */
export function readConsignment(f: Freight, members: Carriage[]): Consignment {
  const units = members.filter((m) => m.filling >= 0);
  units.sort((a, b) => compareText(a.id, b.id) || compareNumbers(a.filling, b.filling));
  const seals = units.map(() => new Stated());
  const parties = roleNames.map(() => new Stated());
  const means = new Stated();
  const route: Call[] = [];
  const papers = new Papers();
  f.events.forEach((e, at) => {
    const about = f.units(at).filter((u) => units.some((x) => sameCarriage(x, u)));
    if (about.length === 0) return;
    const { seq } = e.rec;
    units.forEach((u, i) => {
      if (!about.some((x) => sameCarriage(x, u))) return;
      for (const v of extension(e.event.extensions, "seal", "sealNumber")) seals[i]!.say(v, "", upper(trimmed(v)), seq);
    });
    readParties(parties, e);
    for (const v of extension(e.event.extensions, "vessel", "vehicle")) means.say(v, "", canonical(v).uri, seq);
    papers.read(e);
    if (moves.includes(e.event.bizStep)) {
      const call: Call = doing(e);
      const code = locode(f, call.place ?? "");
      if (code) call.unLocode = code;
      route.push(call);
    }
  });
  for (const e of f.customs) {
    if (members.some((m) => sameCarriage(m, { id: e.customs.mrn.uri, filling: -1 }))) papers.decided(e, parties);
  }
  const { goods, packaging, netWeight } = packed(f, units);
  const named = parties.map((p, i) => ({ role: roleNames[i]!, who: p.inOrder() })).filter((p) => p.who.claims.length > 0);
  const sealed = units.map((u, i) => ({ id: u.id, seals: seals[i]!.inOrder().claims }));

  const differences: Difference[] = [];
  const differ = (what: string, about: string, claims: Claim[]): void => {
    if (claims.length > 1) differences.push(about ? { what, about, claims } : { what, claims });
  };
  const declared = papers.declarations.flatMap((d) => d.classification.claims);
  const declaredCodes = papers.declarations.flatMap((d) => d.classification.meanings);
  const origins = new Stated();
  for (const d of papers.declarations) {
    differ("commodity code of the declaration", d.id, d.classification.claims);
    d.origin.claims.forEach((c, i) => origins.say(c.value, "", d.origin.meanings[i]!, c.records[0]!));
  }
  differ("country of origin of the declarations", "", origins.claims);
  const [first, ...others] = papers.declarations;
  if (others.some((d) => !sameCodes(d.classification.meanings, first!.classification.meanings))) {
    differ("commodity code of the declarations", "", declared);
  }
  for (const { item, codes, origins: madeIn } of goods) {
    differ("commodity code", item.class, item.classification);
    if (declared.length > 0 && codes.length > 0 && !sameCodes(codes, declaredCodes)) {
      differ("commodity code, of the goods and as declared", item.class, [...item.classification, ...declared]);
    }
    differ("net weight of one piece", item.class, item.netWeight);
    differ("gross weight of one piece", item.class, item.grossWeight);
    differ("country of origin", item.class, item.countryOfOrigin);
    if (origins.claims.length === 1 && madeIn.length === 1 && origins.meanings[0] !== madeIn[0]) {
      differ("country of origin, of the goods and as declared", item.class, [...item.countryOfOrigin, ...origins.claims]);
    }
  }
  for (const e of sealed) differ("seal", e.id, e.seals);
  for (const p of named) differ(p.role, "", p.who.claims);

  const c: Consignment = {
    transportEquipment: sealed,
    declarations: papers.declarations.map(toldDeclaration),
    goodsItems: goods.map((g) => g.item),
    packaging,
    parties: named.map((p) => ({ role: p.role, who: p.who.claims })),
    transportMeans: means.claims,
    route,
    documents: papers.documents,
    differences,
  };
  if (netWeight) c.netWeight = netWeight;
  return c;
}

/**
 * sameCodes reports whether each of a's codes is one of b's, or begins one, or goes
 * on from one: countries add digits to the six of the Harmonized System.
 */
const sameCodes = (a: string[], b: string[]): boolean => a.every((x) => b.some((y) => x.startsWith(y) || y.startsWith(x)));

/** The steps that are calls of a means of transport. */
const moves = ["departing", "arriving", "loading", "unloading", "transporting", "staging_outbound"].flatMap((s) => [stepPrefix + s, s]);

function doing({ rec, event }: Told): Doing {
  const place = event.readPoint.uri || event.bizLocation.uri;
  return {
    record: rec.seq,
    eventTime: event.time,
    ...(event.bizStep ? { bizStep: event.bizStep } : {}),
    ...(event.disposition ? { disposition: event.disposition } : {}),
    ...(place ? { place } : {}),
    organisation: rec.organisation,
  };
}

function readParties(parties: Stated[], { rec, event }: Told): void {
  const say = (role: number, uri: string): void => parties[role]!.say(uri, "", uri, rec.seq);
  const sdt = namespaceCBV + "SDT-";
  [event.sources, event.destinations].forEach((list, i) => {
    for (const { type, id } of list) {
      const word = type.startsWith(sdt) ? type.slice(sdt.length) : type;
      if (word === "possessing_party") say(i, id.uri);
      else if (word === "owning_party") say(2 + i, id.uri);
    }
  });
  for (const v of extension(event.extensions, "carrier")) say(4, canonical(v).uri);
}

/** Papers are the documents and declarations that events cite. */
class Papers {
  readonly documents: Consignment["documents"] = [];
  readonly declarations: Declared[] = [];

  read(e: Told): void {
    for (const { type, id } of e.event.transactions) {
      if (type === declarationType) this.declared(id.uri, e);
      else this.document(type, id.uri, printedID(id.uri), e.rec.seq);
    }
    for (const name of ["dueDiligenceReference", "certificateOfInspection"]) {
      for (const v of extension(e.event.extensions, name)) this.document(vocabulary + name, v, v, e.rec.seq);
    }
  }

  private document(type: string, id: string, number: string, seq: number): void {
    let d = this.documents.find((x) => x.type === type && x.id === id);
    if (!d) this.documents.push((d = { type, id, number, records: [] }));
    withSeq(d.records, seq);
  }

  private declaration(id: string): Declared {
    let d = this.declarations.find((x) => x.id === id);
    if (!d) {
      d = { id, number: printedID(id), classification: new Stated(), events: [], country: "", flow: "", procedure: "", origin: new Stated(), parties: [], quantities: [], valueCommitment: "" };
      this.declarations.push(d);
    }
    return d;
  }

  /**
   * decided takes in what a customs record says of its declaration. One that was
   * withdrawn counts as something that happened, and no more. parties are those of
   * the consignment, in the order of roleNames.
   */
  decided({ rec: { seq, organisation }, customs: c, withdrawn }: ToldCustoms, parties: Stated[]): void {
    const d = this.declaration(c.mrn.uri);
    const some = onlyOf(c);
    d.events.push({
      record: seq, eventTime: c.time, ...customsTerms(c.action), ...(c.place.uri ? { place: c.place.uri } : {}), organisation,
      ...(some.length > 0 ? { onlyOf: some } : {}),
    });
    d.events.sort((a, b) => a.eventTime.compare(b.eventTime) || compareNumbers(a.record, b.record));
    if (withdrawn) return;
    if (c.hsCode) d.classification.say(c.hsCode, "", c.hsCode, seq);
    for (const { type, id } of c.documents) this.document(type, id.uri, printedID(id.uri), seq);
    if (c.dueDiligence) this.document(vocabulary + "dueDiligenceReference", c.dueDiligence, c.dueDiligence, seq);
    if (c.action !== "declaration") return;
    [d.country, d.flow, d.procedure, d.valueCommitment] = [c.country, c.flow, c.procedure, c.valueCommitment];
    d.origin.say(c.origin, "", c.origin, seq);
    for (const { role, id } of c.parties) {
      const i = roleNames.indexOf(role);
      let who = parties[i] ?? d.parties.find((p) => p.role === role)?.who;
      if (!who) d.parties.push({ role, who: (who = new Stated()) });
      who.say(id.uri, "", id.uri, seq);
    }
    for (const { cls, amount, unit } of c.quantities) d.quantities.push({ id: cls.uri, value: amount!.toString(), ...(unit ? { unit } : {}) });
  }

  private declared(id: string, e: Told): void {
    const d = this.declaration(id);
    d.events.push(doing(e));
    for (const code of extension(e.event.extensions, hsCode)) d.classification.say(code, "", digitsOf(code), e.rec.seq);
  }
}

/** Declared is a declaration while it is read. */
type Declared = Required<Omit<Declaration, "classification" | "countryOfOrigin" | "parties">> & {
  classification: Stated;
  origin: Stated;
  parties: { role: string; who: Stated }[];
};

function toldDeclaration(d: Declared): Declaration {
  const out: Declaration = { id: d.id, number: d.number, classification: d.classification.claims, events: d.events };
  if (d.country) out.country = d.country;
  if (d.flow) out.flow = d.flow;
  if (d.procedure) out.procedure = d.procedure;
  if (d.origin.claims.length > 0) out.countryOfOrigin = d.origin.claims;
  if (d.parties.length > 0) out.parties = d.parties.map((p) => ({ role: p.role, who: p.who.claims }));
  if (d.quantities.length > 0) out.quantities = d.quantities;
  if (d.valueCommitment) out.valueCommitment = d.valueCommitment;
  return out;
}

export const hsCode = "hsCode";

/** digitsOf leaves the digits: codes are written with points and spaces, too. */
export const digitsOf = (code: string): string => code.replace(/[^0-9]/g, "");

/** extension is the texts of an event's own fields of these names, in our own vocabulary or without one. */
export function extension(members: Member[], ...names: string[]): string[] {
  const plain = (name: string): string => (name.startsWith(vocabulary) ? name.slice(vocabulary.length) : name);
  return members.filter((m) => names.includes(plain(m.name))).flatMap((m) => texts(m.value));
}

/** texts is a text or number, or the texts of a list. */
export function texts(v: Value | undefined): string[] {
  if (!v) return [];
  if (isText(v)) return [v.str];
  return v.kind === "array" ? v.items.flatMap((item) => (item.kind === "string" ? [item.str] : [])) : [];
}

/** attribute visits what the master data of id states under one of the names. */
export function attribute(f: Freight, id: string, name: string, visit: (seq: number, v: Value | undefined) => void): void {
  for (const { rec, record } of f.master) {
    if (record.masterData!.id.uri !== id) continue;
    for (const a of record.masterData!.attributes) if (plainName(a.id) === name) visit(rec.seq, a.value);
  }
}

/** plainName is the name of an attribute or field without its vocabulary: our own, CBV's master data in both spellings, GS1's. */
export function plainName(iri: string): string {
  const prefix = [vocabulary, namespaceCBVMD, "urn:epcglobal:cbv:mda#", namespaceGS1, "https://gs1.org/voc/"].find((p) => iri.startsWith(p));
  return prefix ? iri.slice(prefix.length) : iri;
}

function locode(f: Freight, place: string): string {
  let code = "";
  attribute(f, place, "unLocode", (_, v) => {
    code = texts(v)[0] ?? code;
  });
  return code;
}

/** upper is the text in capitals, character by character, as Go's strings.ToUpper. */
export const upper = (s: string): string =>
  Array.from(s, (c) => {
    const u = c.toUpperCase();
    return Array.from(u).length === 1 ? u : c;
  }).join("");

const space = /^[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/;

/** trimmed is the text without the space around it, as Go's strings.TrimSpace. */
export function trimmed(s: string): string {
  let [from, to] = [0, s.length]; // a pattern for the end would take quadratic time
  while (from < to && space.test(s[from]!)) from++;
  while (from < to && space.test(s[to - 1]!)) to--;
  return s.slice(from, to);
}
