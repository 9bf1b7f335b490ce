/** States of keys and organisations: mirrors identity/state.go and organisation.go. */

import { CBORReader, EncodingError } from "../cbor.ts";

/** Interval is a span of ledger positions with one standing, [fromSeq, toSeq); toSeq is absent while it lasts. */
export interface Interval<T> {
  fromSeq: number;
  toSeq?: number;
  value: T;
}

/** KeyStanding is what held of an operating key during one interval. */
export interface KeyStanding {
  status: string;
  organisation: string;
  publicKey: Uint8Array; // compressed, 33 bytes
  compromisedSince?: number; // of a revoked key: Unix seconds of block time
  kinds?: string[]; // of records that the key signs; absent: all of them
}

/** OrganisationStanding is what held of an organisation during one interval. */
export interface OrganisationStanding {
  status: string;
  organisation: Organisation;
}

/** Organisation is a member of the network as genesis or governance admits it. */
export interface Organisation {
  id: string;
  name: string;
  country: string;
  roles: string[];
  schemes: string[];
  prefixes: string[];
  keys: string[];
  peer: string;
  nodeID: string;
}

/** decodeKeyState reads the canonical state of namespace key; EncodingError for any other bytes. */
export const decodeKeyState = (b: Uint8Array): Interval<KeyStanding>[] =>
  intervals(b, (r) => {
    let status: string | undefined;
    let organisation: string | undefined;
    let publicKey: Uint8Array | undefined;
    let compromisedSince: number | undefined;
    let kinds: string[] | undefined;
    r.fields((key) => {
      if (key === 1) status = r.text();
      else if (key === 2) organisation = r.text();
      else if (key === 3) publicKey = r.bytes();
      else if (key === 4) compromisedSince = r.uint();
      else if (key === 5) kinds = r.list(() => r.text());
      else return false;
      if (kinds?.length === 0) return false; // none: the field is left out
      return true;
    });
    const standing: KeyStanding = {
      status: r.need(status, "status"),
      organisation: r.need(organisation, "organisation"),
      publicKey: r.need(publicKey, "public key"),
    };
    if (compromisedSince !== undefined) standing.compromisedSince = compromisedSince;
    if (kinds !== undefined) standing.kinds = kinds;
    return standing;
  });

/** decodeOrganisationState reads the canonical state of namespace organisation; EncodingError for any other bytes. */
export const decodeOrganisationState = (b: Uint8Array): Interval<OrganisationStanding>[] =>
  intervals(b, (r) => {
    let status: string | undefined;
    let organisation: Organisation | undefined;
    r.fields((key) => {
      if (key === 1) status = r.text();
      else if (key === 2) organisation = decodeOrganisation(r);
      else return false;
      return true;
    });
    return { status: r.need(status, "status"), organisation: r.need(organisation, "organisation") };
  });

function decodeOrganisation(r: CBORReader): Organisation {
  const o: Organisation = { id: "", name: "", country: "", roles: [], schemes: [], prefixes: [], keys: [], peer: "", nodeID: "" };
  const texts = ["", "id", "name", "country", "", "", "", "", "peer", "nodeID"] as const;
  const lists = ["", "", "", "", "roles", "schemes", "prefixes", "keys"] as const;
  const seen = new Set<number>();
  r.fields((key) => {
    seen.add(key);
    const text = texts[key];
    const list = lists[key];
    if (text) {
      o[text] = r.text();
      // What is optional is left out when it says nothing.
      return key < 8 || o[text] !== "";
    }
    if (!list) return false;
    o[list] = r.list(() => r.text());
    return (key !== 5 && key !== 6) || o[list].length > 0;
  });
  for (const key of [1, 2, 3, 4, 7]) r.need(seen.has(key) || undefined, `field ${key}`);
  return o;
}

/** intervals reads a state: none of them empty, ascending, apart, and only the last one open. */
function intervals<T>(b: Uint8Array, standing: (r: CBORReader) => T): Interval<T>[] {
  const all = CBORReader.read(b, (r) => {
    let list: Interval<T>[] | undefined;
    r.fields((key) => {
      if (key === 1) list = r.list(() => interval(r, standing));
      return key === 1;
    });
    return r.need(list, "intervals");
  });
  all.forEach((v, i) => {
    if (v.toSeq !== undefined && v.toSeq <= v.fromSeq) throw new EncodingError(`interval ${i} is empty`);
    const before = i === 0 ? 0 : all[i - 1]!.toSeq;
    if (before === undefined || before > v.fromSeq) {
      throw new EncodingError(`interval ${i} begins before the one before it ends`);
    }
  });
  return all;
}

function interval<T>(r: CBORReader, standing: (r: CBORReader) => T): Interval<T> {
  let fromSeq: number | undefined;
  let toSeq: number | undefined;
  let value: T | undefined;
  r.fields((key) => {
    if (key === 1) fromSeq = r.uint();
    else if (key === 2) toSeq = r.uint();
    else if (key === 3) value = standing(r);
    else return false;
    return true;
  });
  const v: Interval<T> = { fromSeq: r.need(fromSeq, "start"), value: r.need(value, "standing") };
  if (toSeq !== undefined) v.toSeq = toSeq;
  return v;
}

/** doubtful says that what a key signed in a block of that time, in Unix seconds, may be another's word. */
export function doubtful(key: Interval<KeyStanding>[], seconds: number): boolean {
  const since = key.at(-1)?.value.compromisedSince;
  return since !== undefined && seconds >= since;
}

/** standingAt is what held at seq, undefined when nothing did. */
export function standingAt<T>(all: Interval<T>[], seq: number): T | undefined {
  return all.find((v) => v.fromSeq <= seq && (v.toSeq === undefined || seq < v.toSeq))?.value;
}
