/** Customs records in a journey: mirrors trace/customs.go. */

import { utf8Length } from "../bytes.ts";
import { vocabulary } from "../epcis/context.ts";
import type { Customs } from "../epcis/event.ts";
import { namespaceCBV } from "../epcis/vocabulary.ts";
import type { Step } from "./journey.ts";
import type { Key } from "./record.ts";
import { type Part, partsOf } from "./thing.ts";

/** declarationType is the type under which events cite a customs declaration. */
export const declarationType = vocabulary + "BTT-customs_declaration";

export function customsKeys(c: Customs): Key[] {
  if (c.action === "gate") return [{ ns: "param", id: "border/" + c.country }];
  return [{ ns: "transaction", id: c.mrn.uri }, ...declaredParts(c).map((p) => p.key)];
}

/**
 * declaredParts are the things that a customs record declares: items, containers and
 * lots. A class says what they are of; every declaration of such goods names it.
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
  const { country, flow, procedure, hsCode, origin, dueDiligence: dueDiligenceReference, reason } = c;
  const details = Object.entries({ country, flow, procedure, hsCode, origin, dueDiligenceReference, reason })
    .filter(([, value]) => value !== "" && utf8Length(value) <= 200)
    .map(([name, value]) => ({ name: vocabulary + name, value }));
  if (details.length > 0) s.details = details;
  return s;
}
