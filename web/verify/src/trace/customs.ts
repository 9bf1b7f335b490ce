/** Customs records in a journey: mirrors trace/customs.go. */

import { utf8Length } from "../bytes.ts";
import { vocabulary } from "../epcis/context.ts";
import { decides } from "../epcis/customs.ts";
import type { Customs } from "../epcis/event.ts";
import { namespaceCBV } from "../epcis/vocabulary.ts";
import type { Step } from "./journey.ts";
import type { Key } from "./record.ts";
import { type Part, partsOf } from "./thing.ts";
import { printedID } from "./words.ts";

/** declarationType is the type under which events cite a customs declaration. */
export const declarationType = vocabulary + "BTT-customs_declaration";

export function customsKeys(c: Customs): Key[] {
  if (c.action === "gate") return [{ ns: "param", id: "border/" + c.country }];
  return [{ ns: "transaction", id: c.mrn.uri }, ...declaredParts(c).map((p) => p.key)];
}

/**
 * declaredParts are the things that a customs record declares, or decides on alone:
 * items, containers and lots. A class says what they are of; every declaration of such
 * goods names it.
 */
export const declaredParts = (c: Customs): Part[] => partsOf(c.goods, c.quantities).filter((p) => p.key.ns !== "class");

/**
 * customsTerms are an action as a business step and disposition: those of CBV where
 * it has them. What an authority decides reads alike, whether it wrote a customs
 * record or an event.
 */
export function customsTerms(action: string): { bizStep: string; disposition?: string } {
  const step = namespaceCBV + "BizStep-";
  switch (action) {
    case "inspection":
      return { bizStep: step + "inspecting" };
    case "release":
      return { bizStep: step + "accepting", disposition: vocabulary + "Disp-customs_released" };
    case "hold":
      return { bizStep: step + "holding", disposition: vocabulary + "Disp-customs_held" };
    case "seizure":
      return { bizStep: step + "holding", disposition: vocabulary + "Disp-customs_seized" };
  }
  return { bizStep: vocabulary + "BizStep-customs_" + action };
}

/** toldCustoms tells a customs record as a step. */
export function toldCustoms(s: Step, c: Customs): Step {
  s.what = "customs " + c.action;
  Object.assign(s, customsTerms(c.action));
  if (c.place.uri) s.place = c.place.uri;
  s.documents = [{ type: declarationType, id: c.mrn.uri }, ...c.documents.map((t) => (t.type ? { type: t.type, id: t.id.uri } : { id: t.id.uri }))];
  const { country, flow, procedure, hsCode, origin, dueDiligence: dueDiligenceReference, valueCommitment, reason } = c;
  const details = Object.entries({ country, flow, procedure, hsCode, origin, dueDiligenceReference, valueCommitment, reason })
    .filter(([, value]) => value !== "" && utf8Length(value) <= 200)
    .map(([name, value]) => ({ name: vocabulary + name, value }));
  const some = someOf(c);
  if (some !== "") details.push({ name: vocabulary + "onlyOf", value: some });
  if (details.length > 0) s.details = details;
  return s;
}

/** onlyOf are the goods of its declaration that a decision is on, none for one on all. */
export const onlyOf = (c: Customs): string[] => (decides(c) ? c.goods.map((id) => id.uri) : []);

/** someOf says in a few words which goods of its declaration a decision is on: "serial A1 and 3 more"; "" for one on all. */
function someOf(c: Customs): string {
  const goods = onlyOf(c);
  if (goods.length === 0) return "";
  const some = printedID(goods[0]!) + (goods.length > 1 ? ` and ${goods.length - 1} more` : "");
  return utf8Length(some) > 200 ? `${goods.length} of its goods` : some;
}
