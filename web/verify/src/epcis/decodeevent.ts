/** Events: mirrors epcis/decodeevent.go (EPCIS 2.0, section 7.4). */

import type { Decimal } from "./decimal.ts";
import { Decoder } from "./decoder.ts";
import type { Action, ErrorDeclaration, Event, EventType, Party, Quantity, Transaction } from "./event.ts";
import { none } from "./id.ts";
import { Instant } from "./instant.ts";
import { pointerName, within } from "./invalid.ts";
import { eventNames, nearStandard } from "./standard.ts";
import { get, type ValueOf, type Value } from "./value.ts";

const object = 1;
const aggregation = 2;
const transaction = 4;
const transformation = 8;
const association = 16;
const any = object | aggregation | transaction | transformation | association;

const typeBits = new Map<string, number>([
  ["ObjectEvent", object],
  ["AggregationEvent", aggregation],
  ["TransactionEvent", transaction],
  ["TransformationEvent", transformation],
  ["AssociationEvent", association],
]);

/** The event types in which a member is the standard's; every other name is an extension. */
const eventFields = new Map<string, number>(
  (
    [
      [any, "@context type eventID eventTime eventTimeZoneOffset recordTime certificationInfo errorDeclaration " +
        "bizStep disposition persistentDisposition readPoint bizLocation bizTransactionList " +
        "sourceList destinationList sensorElementList"],
      [any & ~transformation, "action"],
      [object | transaction, "epcList quantityList"],
      [aggregation | association | transaction, "parentID"],
      [aggregation | association, "childEPCs childQuantityList"],
      [transformation, "inputEPCList inputQuantityList outputEPCList outputQuantityList transformationID"],
      [object | transformation, "ilmd"],
    ] as [number, string][]
  ).flatMap(([types, names]) => names.split(" ").map((name): [string, number] => [name, types])),
);

const blank = (type: EventType): Event => ({
  type, id: "", time: new Instant(0), zoneOffset: "", action: "", bizStep: "", disposition: "", set: [], unset: [],
  epcs: [], parent: none, children: [], inputs: [], outputs: [],
  quantities: [], childQuantities: [], inputQuantities: [], outputQuantities: [],
  transformationID: "", readPoint: none, bizLocation: none, transactions: [], sources: [], destinations: [],
  certificates: [], ilmd: [], extensions: [],
});

export function decodeEvent(d: Decoder, v: ValueOf<"object">): Event {
  const type = get(v.members, "type") ?? d.fail(v, "", "an event has a type");
  const name = d.str(type, "/type");
  const self = typeBits.get(name) ?? d.fail(type, "/type", "is none of the five event types of EPCIS 2.0");
  const e = blank(name as EventType);
  for (const m of v.members) {
    const types = eventFields.get(m.name);
    const p = pointerName(m.name);
    if (types === undefined) {
      const near = nearStandard(m.name, eventNames);
      if (near) d.fail(m.value, p, "differs only in case from the standard's " + near);
    } else if ((types & self) === 0) d.fail(m.value, p, "is no field of this type of event");
    else decodeMember(d, e, m.name, m.value, p);
  }
  e.extensions = d.context.expandOnly(v.members, (field) => !eventFields.has(field));
  required(d, e, v);
  return e;
}

function decodeMember(d: Decoder, e: Event, name: string, v: Value, p: string): void {
  switch (name) {
    case "eventID":
      e.id = d.uri(v, p);
      return;
    case "eventTime":
      e.time = d.instant(v, p);
      return;
    case "eventTimeZoneOffset":
      e.zoneOffset = d.str(v, p);
      // A sign, 00:00 to 13:59, or 14:00 (EPCIS 2.0, section 7.4.1.2).
      if (!/^[+-](?:0[0-9]|1[0-3]):[0-5][0-9]$|^[+-]14:00$/.test(e.zoneOffset)) {
        d.fail(v, p, "must be an offset between -14:00 and +14:00, such as +02:00");
      }
      return;
    case "recordTime":
      e.recordTime = d.instant(v, p);
      return;
    case "action": {
      const action = d.str(v, p);
      if (action !== "ADD" && action !== "OBSERVE" && action !== "DELETE") d.fail(v, p, "must be ADD, OBSERVE or DELETE");
      e.action = action satisfies Action;
      return;
    }
    case "bizStep":
      e.bizStep = d.vocabulary("bizStep", v, p);
      return;
    case "disposition":
      e.disposition = d.vocabulary("disposition", v, p);
      return;
    case "persistentDisposition":
      for (const m of d.members(v, p)) {
        const at = p + pointerName(m.name);
        if (m.name !== "set" && m.name !== "unset") d.fail(m.value, at, "is neither set nor unset");
        const words = d.list(m.value, at, (item, q) => d.vocabulary("disposition", item, q));
        // In an event of another type it says nothing (gs1/EPCIS#440).
        if (e.type === "ObjectEvent" || e.type === "TransformationEvent") e[m.name] = words;
      }
      return;
    case "epcList":
      e.epcs = d.ids(v, p);
      return;
    case "quantityList":
      e.quantities = quantities(d, v, p);
      return;
    case "parentID":
      e.parent = d.id(v, p);
      return;
    case "childEPCs":
      e.children = d.ids(v, p);
      return;
    case "childQuantityList":
      e.childQuantities = quantities(d, v, p);
      return;
    case "inputEPCList":
      e.inputs = d.ids(v, p);
      return;
    case "inputQuantityList":
      e.inputQuantities = quantities(d, v, p);
      return;
    case "outputEPCList":
      e.outputs = d.ids(v, p);
      return;
    case "outputQuantityList":
      e.outputQuantities = quantities(d, v, p);
      return;
    case "transformationID":
      e.transformationID = d.uri(v, p);
      return;
    case "readPoint":
      e.readPoint = d.location(v, p);
      return;
    case "bizLocation":
      e.bizLocation = d.location(v, p);
      return;
    case "bizTransactionList":
      e.transactions = transactions(d, v, p);
      return;
    case "sourceList":
      e.sources = parties(d, v, p, "source");
      return;
    case "destinationList":
      e.destinations = parties(d, v, p, "destination");
      return;
    case "certificationInfo":
      e.certificates = v.kind === "array" ? d.uris(v, p) : [d.uri(v, p)];
      return;
    case "errorDeclaration":
      e.correction = errorDeclaration(d, v, p);
      return;
    case "sensorElementList":
      d.list(v, p, (item, at) => d.members(item, at));
      e.sensors = v;
      return;
    case "ilmd": {
      const members = d.members(v, p);
      e.ilmd = within(p, () => d.context.expandMembers(members));
      return;
    }
  }
}

export function quantities(d: Decoder, v: Value, p: string): Quantity[] {
  return d.list(v, p, (item, at) => {
    let cls = none;
    let amount: Decimal | undefined;
    let unit = "";
    for (const m of d.members(item, at)) {
      const q = at + pointerName(m.name);
      if (m.name === "epcClass") cls = d.id(m.value, q);
      else if (m.name === "quantity") amount = d.decimal(m.value, q);
      else if (m.name === "uom") unit = d.str(m.value, q);
      else d.fail(m.value, q, "is no field of a quantity");
    }
    if (cls === none) d.fail(item, at, "a quantity needs an epcClass");
    return amount ? { cls, amount, unit } : { cls, unit };
  });
}

export function transactions(d: Decoder, v: Value, p: string): Transaction[] {
  return d.list(v, p, (item, at) => {
    const [type, id] = d.typed(item, at, "bizTransaction");
    return { type: type ? d.vocabulary("bizTransaction", type, at + "/type") : "", id };
  });
}

function parties(d: Decoder, v: Value, p: string, member: string): Party[] {
  return d.list(v, p, (item, at) => {
    const [type, id] = d.typed(item, at, member);
    if (!type) d.fail(item, at, "a " + member + " needs a type");
    return { type: d.vocabulary("sourceDestination", type, at + "/type"), id };
  });
}

function errorDeclaration(d: Decoder, v: Value, p: string): ErrorDeclaration {
  let time: Instant | undefined;
  let reason = "";
  let correctiveEvents: string[] = [];
  for (const m of d.members(v, p)) {
    const at = p + pointerName(m.name);
    if (m.name === "declarationTime") time = d.instant(m.value, at);
    else if (m.name === "reason") reason = d.vocabulary("reason", m.value, at);
    else if (m.name === "correctiveEventIDs") correctiveEvents = d.uris(m.value, at);
    else d.unknown(m, p, "declarationTime", "reason", "correctiveEventIDs");
  }
  if (!time) d.fail(v, p, "an errorDeclaration needs a declarationTime");
  return { time, reason, correctiveEvents };
}

/** required checks what each type of event must have. */
function required(d: Decoder, e: Event, v: ValueOf<"object">): void {
  const has = (name: string): boolean => get(v.members, name) !== undefined;
  const need = (ok: boolean, reason: string): void => {
    if (!ok) d.fail(v, "", reason);
  };
  need(has("eventTime"), "an event needs an eventTime");
  need(has("eventTimeZoneOffset"), "an event needs an eventTimeZoneOffset");
  need(e.type === "TransformationEvent" || has("action"), "this event needs an action");
  switch (e.type) {
    case "ObjectEvent":
      need(
        has("epcList") || e.quantities.length > 0 || (has("sensorElementList") && has("readPoint")),
        "an ObjectEvent needs an epcList, a quantityList, or sensorElementList with readPoint",
      );
      need(e.action === "ADD" || !has("ilmd"), "ilmd belongs to an ObjectEvent only when its action is ADD");
      return;
    case "AggregationEvent":
    case "AssociationEvent":
      need(e.type === "AggregationEvent" || has("parentID"), "an AssociationEvent needs a parentID");
      need(
        e.children.length + e.childQuantities.length > 0 || e.action === "DELETE",
        "this event needs childEPCs or a childQuantityList unless its action is DELETE",
      );
      return;
    case "TransactionEvent":
      need(has("bizTransactionList"), "a TransactionEvent needs a bizTransactionList");
      need(
        has("epcList") || e.quantities.length > 0 || e.action === "DELETE",
        "a TransactionEvent needs an epcList or a quantityList unless its action is DELETE",
      );
      return;
    case "TransformationEvent": {
      const inputs = e.inputs.length + e.inputQuantities.length;
      const outputs = e.outputs.length + e.outputQuantities.length;
      need(
        (inputs > 0 && outputs > 0) || (e.transformationID !== "" && inputs + outputs > 0),
        "a TransformationEvent needs inputs and outputs, or a transformationID with either",
      );
    }
  }
}
