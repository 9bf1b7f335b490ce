/** Records: mirrors epcis/decode.go, certificate.go and masterdata.go. */

import { textOf as utf8Text } from "../bytes.ts";
import { decodeAcknowledgement } from "./acknowledgement.ts";
import { Context, vocabulary } from "./context.ts";
import { decodeCustoms } from "./customs.ts";
import { decodeEvent } from "./decodeevent.ts";
import { Decoder } from "./decoder.ts";
import type { Attribute, Certificate, MasterData, Record } from "./event.ts";
import { decodeGovernance } from "./governance.ts";
import { none } from "./id.ts";
import { Instant } from "./instant.ts";
import { Fault, pointerName, within } from "./invalid.ts";
import { parseJSON } from "./json.ts";
import { get, type Value, type ValueOf } from "./value.ts";
import { namespaceGS1 } from "./vocabulary.ts";

const acknowledgementType = vocabulary + "Acknowledgement";
const certificateType = vocabulary + "Certificate";
const customsType = vocabulary + "CustomsDeclaration";
const governanceType = vocabulary + "Governance";
const masterDataType = vocabulary + "MasterData";

/**
 * decode reads one record of a kind, as every node must read it: strict JSON,
 * then the fields of the kind. Any bytes give a record or a Fault. A record is
 * self-contained: without "@context" it is refused.
 */
export function decode(kind: string, bytes: Uint8Array): Record {
  const text = utf8Text(bytes);
  if (text === undefined) throw new Fault(0, "a byte here is not UTF-8");
  const v = parseJSON(text);
  if (kind !== "epcis" && kind !== "certificate" && kind !== "masterdata" && kind !== "governance" && kind !== "customs" && kind !== "acknowledgement") {
    throw new Fault(v.start, "there is no such kind of record");
  }
  if (v.kind !== "object") throw new Fault(v.start, "a record is a JSON object");
  const own = get(v.members, "@context");
  if (!own) throw new Fault(v.start, "a record carries its @context with it; this one has none");
  const d = new Decoder(within("/@context", () => new Context(own)));
  switch (kind) {
    case "epcis":
      return { kind, text, event: decodeEvent(d, v) };
    case "certificate":
      return { kind, text, certificate: decodeCertificate(d, v) };
    case "masterdata":
      return { kind, text, masterData: decodeMasterData(d, v) };
    case "governance":
      ownType(d, v, governanceType);
      return { kind, text, governance: decodeGovernance(d, v) };
    case "customs":
      ownType(d, v, customsType);
      return { kind, text, customs: decodeCustoms(d, v) };
    case "acknowledgement":
      ownType(d, v, acknowledgementType);
      return { kind, text, acknowledgement: decodeAcknowledgement(d, v) };
  }
}

/** ownType checks the type of one of Waymark's own records. */
function ownType(d: Decoder, v: ValueOf<"object">, want: string): void {
  const type = get(v.members, "type") ?? d.fail(v, "", "this record needs a type");
  if (d.context.name(d.str(type, "/type")) !== want) d.fail(type, "/type", "must be " + want);
}

function decodeCertificate(d: Decoder, v: ValueOf<"object">): Certificate {
  ownType(d, v, certificateType);
  const zero = new Instant(0);
  const c: Certificate = {
    action: "", id: none, scheme: "", subject: none, scope: [], hsCodes: [], activities: [], accredits: [], accreditation: none,
    validFrom: zero, validUntil: zero, reason: "", reasonCode: "",
  };
  for (const m of v.members) {
    const p = pointerName(m.name);
    switch (m.name) {
      case "@context":
      case "type":
        break;
      case "action":
      case "reason":
      case "reasonCode":
        c[m.name] = d.str(m.value, p);
        break;
      case "id":
      case "subject":
      case "accreditation":
        c[m.name] = d.id(m.value, p);
        break;
      case "scheme":
        c.scheme = d.uri(m.value, p);
        break;
      case "scope":
        c.scope = d.ids(m.value, p);
        break;
      case "hsCodes":
        c.hsCodes = d.list(m.value, p, (item, at) => hsCode(d, item, at));
        break;
      case "activities":
        c.activities = d.list(m.value, p, (item, at) => d.vocabulary("bizStep", item, at));
        break;
      case "accredits":
        c.accredits = d.uris(m.value, p);
        break;
      case "validFrom":
      case "validUntil":
      case "effectiveFrom":
        c[m.name] = d.instant(m.value, p);
        break;
      default:
        d.unknown(m, "", "@context", "type", "action", "id", "scheme", "subject", "scope", "hsCodes",
          "activities", "accredits", "accreditation", "validFrom", "validUntil", "reason", "reasonCode", "effectiveFrom");
    }
  }
  requiredOfCertificate(d, c, v);
  return c;
}

/** hsCode reads a commodity code: two to ten digits, without points or spaces. */
function hsCode(d: Decoder, v: Value, p: string): string {
  const code = d.str(v, p);
  if (!/^[0-9]{2,10}$/.test(code)) d.fail(v, p, "must be a commodity code: two to ten digits");
  return code;
}

function requiredOfCertificate(d: Decoder, c: Certificate, v: ValueOf<"object">): void {
  const need = (name: string): void => d.need(v, "a certificate record", name);
  const never = (name: string): void => {
    const m = get(v.members, name);
    if (m) d.fail(m, "/" + name, "belongs to a certificate record only when its action is suspend, reinstate or revoke");
  };
  need("action");
  need("id");
  switch (c.action) {
    case "issue": {
      ["scheme", "subject", "validFrom", "validUntil"].forEach(need);
      ["reason", "reasonCode", "effectiveFrom"].forEach(never);
      if (!c.validFrom.before(c.validUntil)) d.fail(get(v.members, "validUntil")!, "/validUntil", "must be after validFrom");
      return;
    }
    case "suspend":
    case "reinstate":
    case "revoke":
      need("reason");
      return;
  }
  d.fail(get(v.members, "action")!, "/action", "must be issue, suspend, reinstate or revoke");
}

function decodeMasterData(d: Decoder, v: ValueOf<"object">): MasterData {
  ownType(d, v, masterDataType);
  const data: MasterData = { vocabulary: "", id: none, name: "", attributes: [], children: [] };
  for (const m of v.members) {
    const p = pointerName(m.name);
    switch (m.name) {
      case "@context":
      case "type":
        break;
      case "vocabulary":
        data.vocabulary = d.context.compact(d.uri(m.value, p));
        break;
      case "id":
        data.id = d.id(m.value, p);
        break;
      case "attributes":
        data.attributes = d.list(m.value, p, (item, at) => attribute(d, item, at));
        break;
      case "children":
        data.children = d.ids(m.value, p);
        break;
      default:
        d.unknown(m, "", "@context", "type", "vocabulary", "id", "attributes", "children");
    }
  }
  if (data.vocabulary === "") d.fail(v, "", "a master data record needs a vocabulary");
  if (data.id === none) d.fail(v, "", "a master data record needs an id");
  data.name = readableName(data.attributes);
  return data;
}

function attribute(d: Decoder, v: Value, p: string): Attribute {
  const a: Attribute = { id: "" };
  for (const m of d.members(v, p)) {
    if (m.name === "id") a.id = d.context.compact(d.uri(m.value, p + "/id"));
    else if (m.name === "attribute") a.value = within(p + "/attribute", () => d.context.expand(m.value));
    else d.unknown(m, p, "id", "attribute");
  }
  return a.id === "" ? d.fail(v, p, "an attribute needs an id") : a;
}

/**
 * readableName is the attribute by which people call the thing: of those that
 * are known as names the one that ranks first, "" when there is none.
 */
function readableName(attributes: Attribute[]): string {
  let name = "";
  let best = Infinity;
  for (const a of attributes) {
    const rank = nameRanks.get(a.id) ?? Infinity;
    const s = rank < best ? firstText(a.value) : "";
    if (s) {
      name = s;
      best = rank;
    }
  }
  return name;
}

/** The attributes that hold a name, 1 before 2. */
const nameRanks = new Map<string, number>(
  [
    [
      "urn:epcglobal:cbv:mda:descriptionShort", "urn:epcglobal:cbv:mda#descriptionShort",
      "urn:epcglobal:cbv:mda:name", "urn:epcglobal:cbv:mda#name",
    ],
    [
      namespaceGS1 + "productName", namespaceGS1 + "organizationName", namespaceGS1 + "physicalLocationName",
      "https://gs1.org/voc/productName", "https://gs1.org/voc/organizationName", "https://gs1.org/voc/physicalLocationName",
    ],
    [
      "https://schema.org/name", "http://schema.org/name", "http://www.w3.org/2000/01/rdf-schema#label",
      "http://purl.org/dc/terms/title", "http://xmlns.com/foaf/0.1/name", vocabulary + "name",
    ],
    [
      "urn:epcglobal:cbv:mda:tradeItemDescription", "urn:epcglobal:cbv:mda#tradeItemDescription",
      "urn:epcglobal:cbv:mda:functionalName", "urn:epcglobal:cbv:mda#functionalName",
      namespaceGS1 + "productDescription", namespaceGS1 + "functionalName", namespaceGS1 + "regulatedProductName",
    ],
  ].flatMap((names, i) => names.map((name): [string, number] => [name, i + 1])),
);

/** firstText reads a string, or the value of a JSON-LD language-tagged string; of several languages the first. */
function firstText(v: Value | undefined): string {
  switch (v?.kind) {
    case "string":
      return v.str;
    case "object":
      return firstText(get(v.members, "@value"));
    case "array":
      return firstText(v.items[0]);
  }
  return "";
}
