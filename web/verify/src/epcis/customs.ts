/** Customs records: mirrors epcis/customs.go. */

import { Decimal } from "./decimal.ts";
import { quantities, transactions } from "./decodeevent.ts";
import type { Decoder } from "./decoder.ts";
import type { Customs, CustomsParty, Quantity } from "./event.ts";
import { type ID, none } from "./id.ts";
import type { Level } from "./gs1.ts";
import { Instant } from "./instant.ts";
import { pointerIndex, pointerName } from "./invalid.ts";
import { get, type Value, type ValueOf } from "./value.ts";

/** decodeCustoms reads the fields of a customs record; its type has been checked. */
export function decodeCustoms(d: Decoder, v: ValueOf<"object">): Customs {
  const c: Customs = {
    action: "", mrn: none, country: "", time: new Instant(0), place: none, reason: "", hsCode: "", dueDiligence: "", documents: [],
    flow: "", procedure: "", origin: "", parties: [], goods: [], quantities: [], valueCommitment: "", policy: "",
  };
  for (const m of v.members) {
    const p = pointerName(m.name);
    switch (m.name) {
      case "@context":
      case "type":
        break;
      case "action":
        c.action = d.str(m.value, p);
        break;
      case "mrn":
        c.mrn = leveled(d, m.value, p, "must identify a document", "opaque", "document");
        break;
      case "country":
      case "origin":
        c[m.name] = matching(d, m.value, p, /^[A-Z]{2}$/, "must be a country: two capital letters (ISO 3166-1 alpha-2)");
        break;
      case "eventTime":
        c.time = d.instant(m.value, p);
        break;
      case "readPoint":
        c.place = d.location(m.value, p);
        break;
      case "reason":
        c.reason = text(d, m.value, p);
        break;
      case "hsCode":
        c.hsCode = matching(d, m.value, p, /^(?!00|77)[0-9]{6,12}$/, "must be a commodity code: 6 to 12 digits, the first two a chapter of the Harmonized System");
        break;
      case "dueDiligenceReference":
        c.dueDiligence = text(d, m.value, p);
        break;
      case "bizTransactionList":
        c.documents = transactions(d, m.value, p);
        break;
      case "flow":
        c.flow = oneOf(d, m.value, p, "import", "export", "transit");
        break;
      case "procedure":
        c.procedure = matching(d, m.value, p, /^[A-Z0-9]{1,8}$/, "must be a procedure code: up to 8 capital letters and digits");
        break;
      case "parties":
        c.parties = d.list(m.value, p, (item, at) => party(d, item, at));
        break;
      case "epcList":
        c.goods = goods(d, m.value, p);
        break;
      case "quantityList":
        c.quantities = declaredQuantities(d, m.value, p);
        break;
      case "valueCommitment":
        c.valueCommitment = matching(d, m.value, p, /^sha-256:[0-9a-f]{64}$/, "must be sha-256: and 64 hexadecimal digits in lower case");
        break;
      case "policy":
        c.policy = oneOf(d, m.value, p, "flag", "reject", "off");
        break;
      default:
        d.unknown(m, "", "@context", "type", "action", "mrn", "country", "eventTime", "readPoint", "reason", "hsCode",
          "dueDiligenceReference", "bizTransactionList", "flow", "procedure", "origin", "parties", "epcList", "quantityList",
          "valueCommitment", "policy");
    }
  }
  required(d, c, v);
  return c;
}

function required(d: Decoder, c: Customs, v: ValueOf<"object">): void {
  const need = (...names: string[]): void => d.need(v, "a customs record", ...names);
  const never = (action: string, ...names: string[]): void => {
    for (const name of names) {
      const m = get(v.members, name);
      if (m) d.fail(m, "/" + name, "belongs to a customs record only when its action is " + action);
    }
  };
  need("action", "country", "eventTime");
  switch (c.action) {
    case "declaration":
      need("mrn", "flow", "procedure", "hsCode", "origin", "parties");
      if (!c.parties.some((p) => p.role === "declarant")) d.fail(v, "", "a declaration names its declarant among the parties");
      if (c.goods.length + c.quantities.length === 0) d.fail(v, "", "a declaration needs an epcList or a quantityList");
      break;
    case "hold":
    case "seizure":
    case "withdrawal":
      need("mrn", "reason");
      break;
    case "inspection":
    case "release":
      need("mrn");
      break;
    case "gate":
      need("policy");
      never("another", "mrn", "readPoint", "hsCode", "dueDiligenceReference", "bizTransactionList");
      break;
    default:
      d.fail(get(v.members, "action")!, "/action", "must be declaration, inspection, release, hold, seizure, withdrawal or gate");
  }
  if (c.action !== "declaration") {
    never("declaration", "flow", "procedure", "origin", "parties", "quantityList", "valueCommitment");
    if (decides(c)) decidedGoods(d, c, v);
    else never("declaration, inspection, release, hold or seizure", "epcList");
  }
  if (c.action !== "gate") never("gate", "policy");
}

/** decides reports an authority's word on a declaration, or on part of one. */
export const decides = (c: Customs): boolean => ["inspection", "release", "hold", "seizure"].includes(c.action);

/** decidedGoods checks the goods that a decision names. None is a mistake, not all: what the authority means must not hang on an empty list. */
function decidedGoods(d: Decoder, c: Customs, v: ValueOf<"object">): void {
  const list = get(v.members, "epcList");
  if (!list) return;
  if (c.goods.length === 0) d.fail(list, "/epcList", "must name goods: without the list the decision is on all");
  const named = new Set<string>();
  c.goods.forEach(({ uri }, i) => {
    if (named.has(uri)) d.fail(d.items(list, "/epcList")[i]!, "/epcList" + pointerIndex(i), "is named twice");
    named.add(uri);
  });
}

/** text reads a string that is not empty. */
export const text = (d: Decoder, v: Value, p: string): string => d.str(v, p) || d.fail(v, p, "must not be empty");

export function oneOf(d: Decoder, v: Value, p: string, ...words: string[]): string {
  const s = d.str(v, p);
  return words.includes(s) ? s : d.fail(v, p, "must be one of " + words.join(", "));
}

function matching(d: Decoder, v: Value, p: string, pattern: RegExp, reason: string): string {
  const s = d.str(v, p);
  return pattern.test(s) ? s : d.fail(v, p, reason);
}

/** leveled reads an identifier of one of these levels. */
function leveled(d: Decoder, v: Value, p: string, reason: string, ...levels: Level[]): ID {
  const id = d.id(v, p);
  return levels.includes(id.level) ? id : d.fail(v, p, reason);
}

function party(d: Decoder, v: Value, p: string): CustomsParty {
  const out: CustomsParty = { role: "", id: none };
  for (const m of d.members(v, p)) {
    const at = p + pointerName(m.name);
    if (m.name === "role") {
      out.role = oneOf(d, m.value, at, "declarant", "representative", "exporter", "importer", "consignor", "consignee", "carrier", "seller", "buyer");
    } else if (m.name === "id") {
      const reason = "must be a party GLN, an EORI number or another URI";
      out.id = leveled(d, m.value, at, reason, "party", "opaque");
      const { level, uri } = out.id;
      if (level === "opaque" && !uri.includes(":") && !/^[A-Z]{2}[A-Z0-9]{1,15}$/.test(uri)) d.fail(m.value, at, reason);
    } else d.fail(m.value, at, "is neither role nor id");
  }
  if (out.role === "" || out.id === none) d.fail(v, p, "a party needs a role and an id");
  return out;
}

export function goods(d: Decoder, v: Value, p: string): ID[] {
  const ids = d.ids(v, p);
  ids.forEach(({ level }, i) => {
    if (level !== "item" && level !== "lot" && level !== "opaque") d.fail(d.items(v, p)[i]!, p + pointerIndex(i), "must name an item, a lot or a container");
  });
  return ids;
}

export function declaredQuantities(d: Decoder, v: Value, p: string): Quantity[] {
  const list = quantities(d, v, p);
  const zero = Decimal.parse("0") as Decimal;
  list.forEach(({ cls, amount, unit }, i) => {
    const fail = (reason: string): never => d.fail(d.items(v, p)[i]!, p + pointerIndex(i), reason);
    if (cls.level !== "class" && cls.level !== "lot" && cls.level !== "opaque") fail("must name a class or a lot");
    if (!amount || amount.compare(zero) <= 0) fail("needs a quantity of more than zero");
    if (unit !== "" && !/^[A-Z0-9]{2,3}$/.test(unit)) fail("needs a uom of UN/ECE Recommendation 20: two or three capital letters and digits");
  });
  return list;
}
