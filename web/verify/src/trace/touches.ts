/** Which keys a record touches: mirrors trace/touches.go. */

import { compareText } from "../bytes.ts";
import type { Event, Governance, MasterData, Quantity, Record } from "../epcis/event.ts";
import { canonical, type ID, inLot } from "../epcis/id.ts";
import { acknowledgementKeys } from "./acknowledgement.ts";
import { customsKeys } from "./customs.ts";
import { recallable } from "./recall.ts";
import { type Key, recallsKey } from "./record.ts";

/**
 * touches says which keys a record touches, sorted by namespace and id, each
 * once. It is a pure function of the record's bytes and decides every index of
 * the ledger.
 *
 * An event touches every item and lot it names as object, parent, child, input or
 * output, a class only where a quantity names it without lot or serial, and every
 * business document it cites. An event by which items are born also touches their
 * lot. Events never touch places, organisations, keys or certificates. An event that
 * recalls things, ends that or declares such an event wrong also touches their recalls.
 *
 * A governance record touches its proposal, or under governance the operating key
 * that it adds or revokes.
 *
 * A customs record touches its declaration and the items, containers and lots it
 * names, no class and no document beside it; a gate touches the border's parameter. An
 * acknowledgement touches what it is about, and the items, containers and lots it names.
 */
export function touches(r: Record): Key[] {
  if (r.governance) return [governanceKey(r.governance)];
  let keys: Key[] = [];
  if (r.event) keys = eventKeys(r.event);
  else if (r.certificate) keys = [{ ns: "certificate", id: r.certificate.id.uri }];
  else if (r.masterData) keys = [masterDataKey(r.masterData)];
  else if (r.customs) keys = customsKeys(r.customs);
  else if (r.acknowledgement) keys = acknowledgementKeys(r.acknowledgement);
  keys = keys.filter((k) => k.id !== "");
  keys.sort((a, b) => compareText(a.ns, b.ns) || compareText(a.id, b.id));
  return keys.filter((k, i) => i === 0 || k.ns !== keys[i - 1]!.ns || k.id !== keys[i - 1]!.id);
}

const nothing: Key = { ns: "", id: "" };

export const idLists = (e: Event): ID[][] => [e.epcs, e.children, e.inputs, e.outputs];
export const quantityLists = (e: Event): Quantity[][] => [e.quantities, e.childQuantities, e.inputQuantities, e.outputQuantities];

function eventKeys(e: Event): Key[] {
  const batch = birthLot(e);
  return [
    objectKey(e.parent),
    ...idLists(e).flat().map(objectKey),
    ...quantityLists(e).flat().map((q) => quantityKey(q.cls)),
    ...e.transactions.map((t): Key => ({ ns: "transaction", id: t.id.uri })),
    e.transformationID ? transformationKey(e.transformationID) : nothing,
    ...recallable(e).map(({ key }) => recallsKey(key)),
    ...born(e).map((id): Key => ({ ns: "lot", id: lotOf(id, batch) })),
  ];
}

/** governanceKey is the key of a proposal, or of a change of one operating key. */
function governanceKey(g: Governance): Key {
  if (g.key) return { ns: "governance", id: "key/" + g.key };
  return { ns: "governance", id: g.next ? "next/" + g.next : g.id.uri };
}

/** transformationKey is the key that joins the events of one transformation. */
export const transformationKey = (id: string): Key => ({ ns: "transaction", id: canonical(id).uri });

/**
 * objectKey is the key of something that an event names where EPCIS expects one
 * object. A URI of no known scheme counts as an item. A place does not, even as
 * parent of an AssociationEvent: its key has no id.
 */
export function objectKey(id: ID): Key {
  switch (id.level) {
    case "place":
    case "party":
      return nothing;
    case "lot":
    case "class":
      return { ns: id.level, id: id.uri };
  }
  return id.uri ? { ns: "item", id: id.uri } : nothing;
}

/**
 * quantityKey is the key of something that an event names where EPCIS expects a
 * class: its lot, its class, or its item when a serial stands there.
 */
export function quantityKey(id: ID): Key {
  switch (id.level) {
    case "place":
    case "party":
      return nothing;
    case "lot":
    case "item":
      return { ns: id.level, id: id.uri };
  }
  return id.uri ? { ns: "class", id: id.uri } : nothing;
}

/** masterDataKey is the key of what a masterdata record describes. The identifier decides; of a URI of no known scheme, the vocabulary. */
export function masterDataKey(m: MasterData): Key {
  const id = m.id.uri;
  switch (m.id.level) {
    case "item":
    case "lot":
    case "class":
    case "place":
      return { ns: m.id.level, id };
    case "party":
      return { ns: "organisation", id };
    case "document":
      return { ns: "transaction", id };
  }
  switch (m.vocabulary) {
    case "urn:epcglobal:epcis:vtype:BusinessLocation":
    case "urn:epcglobal:epcis:vtype:ReadPoint":
    case "urn:epcglobal:epcis:vtype:Location":
      return { ns: "place", id };
    case "urn:epcglobal:epcis:vtype:SourceDest":
    case "urn:epcglobal:epcis:vtype:Party":
      return { ns: "organisation", id };
    case "urn:epcglobal:epcis:vtype:EPCInstance":
      return { ns: "item", id };
    case "https://waymark-ledger.github.io/voc/Document":
      return { ns: "transaction", id };
  }
  return { ns: "class", id };
}

/**
 * born lists the objects that an event brings into being: those of an ObjectEvent
 * ADD and the outputs of a TransformationEvent (EPCIS 2.0, section 7.4). An event
 * that declares another wrong brings nothing into being.
 */
export function born(e: Event): ID[] {
  if (e.correction) return [];
  if (e.type === "ObjectEvent" && e.action === "ADD") return e.epcs;
  return e.type === "TransformationEvent" ? e.outputs : [];
}

/** birthLot is the batch number that the event's ilmd gives to what it brings into being (CBV 2.0, section 9.3.1), "" for none. */
export function birthLot(e: Event): string {
  for (const { name, value } of e.ilmd) if (value.kind === "string" && lotNumbers.has(name)) return value.str;
  return "";
}

/** CBV's lotNumber in its spellings; the short ones stand in records whose context does not define their prefix. */
const lotNumbers = new Set([
  "urn:epcglobal:cbv:mda:lotNumber", "https://ref.gs1.org/cbv/lotNumber",
  "https://gs1.org/voc/hasBatchLotNumber", "https://gs1.org/voc/lotNumber", "https://ref.gs1.org/voc/lotNumber",
  "cbvmda:lotNumber", "cbv:lotNumber", "gs1:lotNumber", "gs1:hasBatchLotNumber",
]);

/**
 * lotOf is the canonical id of the lot an item belongs to: the lot beside its
 * serial, else the given batch number, of the item's own product class; "" when
 * neither names one or the item has no class (an SSCC).
 */
export function lotOf(item: ID, batch: string): string {
  const number = item.lot || batch;
  return item.level !== "item" || number === "" ? "" : inLot(item, number).uri;
}

