/** Acknowledgements in a journey: mirrors trace/acknowledgement.go. */

import { utf8Length } from "../bytes.ts";
import { vocabulary } from "../epcis/context.ts";
import type { Acknowledgement } from "../epcis/event.ts";
import type { Step } from "./journey.ts";
import type { Key } from "./record.ts";
import { partsOf } from "./thing.ts";
import { objectKey } from "./touches.ts";

/** acknowledgedKey is the key of what an acknowledgement is about. */
export function acknowledgedKey(a: Acknowledgement): Key {
  if (a.matter === "certificate") return { ns: "certificate", id: a.about.uri };
  if (a.matter === "customs") return { ns: "transaction", id: a.about.uri };
  return objectKey(a.about);
}

export const acknowledgementKeys = (a: Acknowledgement): Key[] =>
  [acknowledgedKey(a), ...partsOf(a.goods, a.quantities).map((p) => p.key).filter((k) => k.ns !== "class")];

/** toldAcknowledgement tells an acknowledgement as a step. */
export function toldAcknowledgement(s: Step, a: Acknowledgement): Step {
  s.what = "acknowledgement (" + a.matter + "): " + a.measure;
  if (a.note !== "" && utf8Length(a.note) <= 200) s.details = [{ name: vocabulary + "note", value: a.note }];
  return s;
}
