/** Acknowledgements: mirrors epcis/acknowledgement.go. */

import { declaredQuantities, goods, oneOf, text } from "./customs.ts";
import type { Decoder } from "./decoder.ts";
import type { Acknowledgement } from "./event.ts";
import { none } from "./id.ts";
import { Instant } from "./instant.ts";
import { pointerName } from "./invalid.ts";
import { get, type ValueOf } from "./value.ts";

/** decodeAcknowledgement reads the fields of an acknowledgement; its type has been checked. */
export function decodeAcknowledgement(d: Decoder, v: ValueOf<"object">): Acknowledgement {
  const a: Acknowledgement = { matter: "", about: none, time: new Instant(0), measure: "", note: "", goods: [], quantities: [] };
  for (const m of v.members) {
    const p = pointerName(m.name);
    switch (m.name) {
      case "@context":
      case "type":
        break;
      case "matter":
        a.matter = oneOf(d, m.value, p, "recall", "certificate", "customs");
        break;
      case "about":
        a.about = d.id(m.value, p);
        break;
      case "eventTime":
        a.time = d.instant(m.value, p);
        break;
      case "measure":
        a.measure = oneOf(d, m.value, p, "quarantined", "returned", "destroyed", "not_found", "sold_on");
        break;
      case "note":
        a.note = text(d, m.value, p);
        break;
      case "epcList":
        a.goods = goods(d, m.value, p);
        break;
      case "quantityList":
        a.quantities = declaredQuantities(d, m.value, p);
        break;
      default:
        d.unknown(m, "", "@context", "type", "matter", "about", "eventTime", "measure", "note", "epcList", "quantityList");
    }
  }
  for (const name of ["matter", "about", "eventTime", "measure"]) if (!get(v.members, name)) d.fail(v, "", "an acknowledgement needs " + name);
  const { level } = a.about;
  const answers = level === "document" || level === "opaque" || (a.matter === "recall" && level !== "place" && level !== "party");
  if (!answers) d.fail(get(v.members, "about")!, "/about", "must name what the matter is about: a serial, lot or class that was recalled, a certificate, or a declaration");
  return a;
}
