/** JSON-LD contexts, never fetched: mirrors epcis/context.go and expand.go. */

import { Fault, pointerIndex, pointerName, within } from "./invalid.ts";
import { standardName } from "./standard.ts";
import { get, type Member, type Value } from "./value.ts";

/** contextURL is the JSON-LD context of EPCIS 2.0. */
export const contextURL = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld";

/** vocabulary is Waymark's own namespace; its context term is wm. */
export const vocabulary = "https://waymark-ledger.github.io/voc/";

// Limits of one "@context".
const maxEntries = 256;
const maxTerms = 1024; // in all its entries

/** A term may be defined by another; a longer chain is taken for a cycle and defines nothing. */
const maxTermChain = 8;

/** isEPCISContext reports the URLs under which GS1 publishes the EPCIS 2.0 context. */
function isEPCISContext(url: string): boolean {
  switch (url) {
    case contextURL:
    case "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld":
    case "https://ref.gs1.org/standards/epcis/2.0.1/epcis-context.jsonld":
    case "https://gs1.github.io/EPCIS/epcis-context.jsonld":
      return true;
  }
  return false;
}

/** The prefixes that the EPCIS 2.0 context defines. */
const standardPrefixes: [string, string][] = [
  ["epcis", "https://ref.gs1.org/epcis/"],
  ["cbv", "https://ref.gs1.org/cbv/"],
  ["cbvmda", "urn:epcglobal:cbv:mda:"],
  ["gs1", "https://ref.gs1.org/voc/"],
  ["rdfs", "http://www.w3.org/2000/01/rdf-schema#"],
  ["owl", "http://www.w3.org/2002/07/owl#"],
  ["xsd", "http://www.w3.org/2001/XMLSchema#"],
  ["dcterms", "http://purl.org/dc/terms/"],
];

/**
 * Context is the contexts in force for an object: the EPCIS context is known by
 * its URL, every other URL stays opaque and defines nothing here.
 */
export class Context {
  /** The last definition of each term. */
  private readonly terms = new Map<string, Value>();
  private readonly outer: Context | undefined;

  /** Reads the value of an "@context" member, in force inside outer; the place of a Fault is relative to it. */
  constructor(v: Value, outer?: Context) {
    this.outer = outer;
    let entries: Value[];
    if (v.kind === "string" || v.kind === "object") {
      checkEntry(v);
      entries = [v];
    } else if (v.kind === "array") {
      v.items.forEach((entry, i) => within(pointerIndex(i), () => checkEntry(entry)));
      entries = v.items;
    } else {
      throw new Fault(v.start, "a context is a URL, an object of terms, or a list of these");
    }
    let terms = 0;
    for (const entry of entries) if (entry.kind === "object") terms += entry.members.length;
    if (entries.length > maxEntries || terms > maxTerms) {
      throw new Fault(v.start, "a context has at most 256 entries and 1024 terms");
    }
    for (const entry of entries) this.define(entry);
  }

  private define(entry: Value): void {
    if (entry.kind === "object") {
      for (const m of entry.members) this.terms.set(m.name, m.value);
    } else if (entry.kind === "string" && isEPCISContext(entry.str)) {
      for (const [prefix, str] of standardPrefixes) this.terms.set(prefix, { kind: "string", str, start: 0, end: 0 });
    }
  }

  /** lookup is the definition of a term in force; the innermost wins. */
  private lookup(term: string): Value | undefined {
    for (let c: Context | undefined = this; c; c = c.outer) {
      const v = c.terms.get(term);
      if (v) return v;
    }
    return undefined;
  }

  /**
   * resolve is what a term means within a chain of definitions, "" when no
   * context in force defines it; undefined means that the chain does not end, and
   * then nothing that led to it is defined.
   */
  private resolve(name: string, chain: number): string | undefined {
    if (chain >= maxTermChain) return undefined;
    let v = this.lookup(name);
    if (v?.kind === "object") v = get(v.members, "@id");
    if (v?.kind !== "string") return "";
    const compact = cutCompact(v.str);
    if (!compact) return v.str;
    const outer = this.resolve(compact[0], chain + 1);
    if (outer === undefined) return undefined;
    return outer === "" ? v.str : outer + compact[1];
  }

  private term(name: string): string {
    return this.resolve(name, 0) ?? "";
  }

  /** compact expands a compact IRI when its prefix is defined, and returns anything else as it stands. */
  compact(s: string): string {
    const parts = cutCompact(s);
    const iri = parts ? this.term(parts[0]) : "";
    return parts && iri ? iri + parts[1] : s;
  }

  /**
   * name expands the name of a member that the standard does not name: a compact
   * IRI, a term, or a word under "@vocab". What nothing defines stays verbatim.
   */
  name(s: string): string {
    if (s.startsWith("@")) return s;
    const iri = this.term(s);
    if (iri) return iri;
    if (s.includes(":")) return this.compact(s);
    const base = this.lookup("@vocab");
    return base?.kind === "string" ? base.str + s : s;
  }

  /** expand is v with the member names of every object in it expanded, contexts of nested objects included. */
  expand(v: Value): Value {
    switch (v.kind) {
      case "object":
        return { ...v, members: this.expandMembers(v.members) };
      case "array":
        return { ...v, items: v.items.map((item, i) => within(pointerIndex(i), () => this.expand(item))) };
    }
    return v;
  }

  /** expandMembers expands the names of one object. Two that mean the same are a Fault. */
  expandMembers(members: Member[]): Member[] {
    const own = get(members, "@context");
    const c = own ? within("/@context", () => new Context(own, this)) : this;
    return c.expandOnly(members, () => true);
  }

  /** expandOnly expands the members that keep reports, in this context alone. */
  expandOnly(members: Member[], keep: (name: string) => boolean): Member[] {
    const out: Member[] = [];
    const seen = new Set<string>();
    for (const m of members) {
      if (!keep(m.name)) continue;
      const name = m.name === "@context" ? m.name : this.name(m.name);
      const value = name === "@context" ? m.value : within(pointerName(m.name), () => this.expand(m.value));
      out.push({ name, value });
    }
    for (const m of out) {
      if (seen.has(m.name)) throw new Fault(m.value.start, "two members of this object both mean " + m.name);
      seen.add(m.name);
    }
    return out;
  }
}

/**
 * checkEntry refuses what would give EPCIS's own words another meaning. The
 * EPCIS context protects its terms, so a JSON-LD processor refuses these too.
 */
function checkEntry(v: Value): void {
  if (v.kind === "string") {
    if (!v.str.includes(":")) throw new Fault(v.start, "a context is cited by an absolute URL");
    return;
  }
  if (v.kind !== "object") throw new Fault(v.start, "a context is a URL or an object of terms");
  for (const m of v.members) within(pointerName(m.name), () => checkTerm(m.name, m.value));
}

function checkTerm(term: string, v: Value): void {
  if (term.startsWith("@")) return; // a keyword of JSON-LD: @vocab, @version, @protected and the like
  let iri: Value | undefined = v;
  if (v.kind === "object") iri = get(v.members, "@id");
  else if (v.kind !== "string" && v.kind !== "null") {
    throw new Fault(v.start, "a term is defined by an IRI or an object");
  }
  if (iri?.kind === "string" && iri.str.startsWith("@")) {
    throw new Fault(v.start, "a term must not stand for a keyword of JSON-LD");
  }
  switch (term) {
    case "urn":
    case "http":
    case "https":
    case "ni":
    case "did":
    case "geo":
    case "tag":
      throw new Fault(v.start, "a URI scheme cannot be a prefix");
    case "epcis":
    case "cbv":
    case "gs1":
      if (iri?.kind !== "string" || !ownNamespace(term, iri.str)) {
        throw new Fault(v.start, "a prefix of the EPCIS context cannot be given another meaning");
      }
      return;
  }
  if (standardName(term)) throw new Fault(v.start, "a term of the EPCIS context cannot be given another meaning");
}

/** ownNamespace reports what the standard's contexts, of 2022 or of today, define the prefix as. */
function ownNamespace(prefix: string, iri: string): boolean {
  switch (prefix) {
    case "epcis":
      return iri === "https://ref.gs1.org/epcis/" || iri === "https://ns.gs1.org/epcis/";
    case "cbv":
      return iri === "https://ref.gs1.org/cbv/" || iri === "https://ns.gs1.org/cbv/";
  }
  return iri === "https://ref.gs1.org/voc/" || iri === "https://gs1.org/voc/" || iri === "https://www.gs1.org/voc/";
}

/** cutCompact splits what may be a compact IRI (prefix:rest). */
function cutCompact(s: string): [prefix: string, rest: string] | undefined {
  const colon = s.indexOf(":");
  if (colon < 0) return undefined;
  const prefix = s.slice(0, colon);
  const rest = s.slice(colon + 1);
  return rest.startsWith("//") || prefix === "_" || prefix === "urn" ? undefined : [prefix, rest];
}
