/** What things, places and parties are called: mirrors trace/names.go. */

import { CBORReader, EncodingError } from "../cbor.ts";
import { canonical, classOf } from "../epcis/id.ts";
import { decodeOrganisationState } from "../identity/state.ts";
import type { Node } from "./journey.ts";
import { keepsDescription, type Key, keyText, Unknown, WalkError } from "./record.ts";
import type { Walker } from "./walk.ts";

/** Names has no prototype: an id could be any text. */
export type Names = { [id: string]: string };

/**
 * names looks up what the things, places and parties of the journey are called,
 * and takes the master data that says so into the journey.
 */
export function names(w: Walker): Names {
  const keys = new Map<string, Key>();
  const add = (ns: string, id: string): void => {
    const k = { ns, id };
    if (id && !keys.has(keyText(k))) keys.set(keyText(k), k);
  };
  for (const n of w.nodes.values()) {
    switch (n.namespace) {
      case "item":
      case "lot":
        add("class", classOf(canonical(n.id)).uri);
        if (n.namespace === "lot") add("lot", n.id);
        break;
      case "class":
      case "place":
      case "organisation":
        add(n.namespace, n.id);
    }
  }
  for (const e of w.records) {
    add("organisation", e.rec.organisation);
    if (e.event) {
      add("place", e.event.readPoint.uri);
      add("place", e.event.bizLocation.uri);
      for (const { id } of [...e.event.sources, ...e.event.destinations]) add(id.level === "place" ? "place" : "organisation", id.uri);
    }
    if (e.customs) {
      add("place", e.customs.place.uri);
      for (const { id } of e.customs.parties) if (id.level === "party") add("organisation", id.uri);
    }
    const subject = e.other?.certificate?.subject;
    if (subject?.level === "place") add("place", subject.uri);
    else if (subject?.level === "party") add("organisation", subject.uri);
  }
  const out = Object.create(null) as Names;
  for (const k of keys.values()) {
    const name = nameOf(w, k);
    if (name) out[k.id] = name;
  }
  return out;
}

/** nameOf is what a key's master data calls it; an organisation that has none is called as it was admitted. */
function nameOf(w: Walker, k: Key): string {
  const state = w.reader.state(k);
  if (keepsDescription(k.ns)) {
    if (!state) return "";
    const d = description(state, k);
    try {
      w.include(w.entry(d.seq), k.id);
    } catch (e) {
      if (!(e instanceof Unknown)) throw e;
    }
    return d.name;
  }
  for (const e of w.history(k).reverse()) {
    const name = e.other?.masterData?.name;
    if (name) {
      w.include(e, k.id);
      return name;
    }
  }
  return admittedName(state);
}

/** description is the state of a class, lot or place: the name that its latest accepted master data gives it. */
function description(state: Uint8Array, k: Key): { seq: number; name: string } {
  try {
    return CBORReader.read(state, (r) => {
      let seq = 0;
      let name = "";
      r.fields((key) => {
        if (key === 1) seq = r.uint();
        else if (key === 3) name = r.text();
        else r.skip();
        return true;
      });
      return { seq, name };
    });
  } catch (e) {
    if (e instanceof EncodingError) throw new WalkError(`state of ${k.ns} ${k.id}: ${e.message}`);
    throw e;
  }
}

/** admittedName is the name in the latest interval of an organisation's standing, "" for other bytes. */
function admittedName(state: Uint8Array | undefined): string {
  try {
    return state ? (decodeOrganisationState(state).at(-1)?.value.organisation.name ?? "") : "";
  } catch (e) {
    if (e instanceof EncodingError) return "";
    throw e;
  }
}

/** nodeName is the node's own name, else that of its product class. */
export const nodeName = (n: Node, all: Names): string => all[n.id] || all[classOf(canonical(n.id)).uri] || "";
