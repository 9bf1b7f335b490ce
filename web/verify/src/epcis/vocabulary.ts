/** The standard vocabularies: mirrors epcis/vocabulary.go (CBV 2.0, section 6.1; EPCIS 2.0 JSON-LD context). */

export const namespaceEPCIS = "https://ref.gs1.org/epcis/";
export const namespaceCBV = "https://ref.gs1.org/cbv/";
export const namespaceGS1 = "https://ref.gs1.org/voc/";
export const namespaceCBVMD = "urn:epcglobal:cbv:mda:";

/** Field is a field whose values are words of a CBV vocabulary. */
export type Field = "bizStep" | "disposition" | "bizTransaction" | "sourceDestination" | "reason";

const prefixes: Record<Field, string> = {
  bizStep: namespaceCBV + "BizStep-",
  disposition: namespaceCBV + "Disp-",
  bizTransaction: namespaceCBV + "BTT-", // the type of a bizTransactionList entry
  sourceDestination: namespaceCBV + "SDT-", // the type of a sourceList or destinationList entry
  reason: namespaceCBV + "ER-", // of an errorDeclaration
};

/** The kinds of the URNs of CBV 1.x and their field. */
const urnKinds = new Map<string, Field>([
  ["bizstep", "bizStep"],
  ["disp", "disposition"],
  ["btt", "bizTransaction"],
  ["sdt", "sourceDestination"],
  ["er", "reason"],
]);

/**
 * expandVocabulary is the full URI of a vocabulary value of a field: a bare CBV
 * word ("shipping"), its EPCIS 1.x URN ("urn:epcglobal:cbv:bizstep:shipping") or
 * a CURIE of the standard context ("cbv:BizStep-shipping") all become
 * https://ref.gs1.org/cbv/BizStep-shipping. Any other URI stays as it is.
 */
export function expandVocabulary(field: Field, value: string): string {
  if (!value.includes(":")) {
    return value !== "" && !/[/ ]/.test(value) ? prefixes[field] + value : value;
  }
  const urn = /^urn:epcglobal:cbv:([^:]*):(.+)$/s.exec(value);
  const kind = urn ? urnKinds.get(urn[1]!) : undefined;
  if (kind) return prefixes[kind] + urn![2]!;
  return /^(?:cbv|gs1|epcis):/.test(value) ? expandCURIE(value) : value;
}

/** expandCURIE expands the prefixes that the EPCIS context itself defines; anything else stays as it is. */
export function expandCURIE(value: string): string {
  const colon = value.indexOf(":");
  const rest = value.slice(colon + 1);
  if (colon < 0 || rest.startsWith("//")) return value;
  switch (value.slice(0, colon)) {
    case "gs1":
      return namespaceGS1 + rest;
    case "cbv":
      return namespaceCBV + rest;
    case "epcis":
      return namespaceEPCIS + rest;
    case "cbvmda":
      return namespaceCBVMD + rest;
  }
  return value;
}

/** shortVocabulary is the reverse of expandVocabulary, for people: "shipping". */
export function shortVocabulary(uri: string): string {
  if (uri.startsWith(namespaceCBV)) {
    return /^(?:BizStep|Disp|BTT|SDT|ER|Comp)-(.+)$/s.exec(uri.slice(namespaceCBV.length))?.[1] ?? uri;
  }
  if (uri.startsWith(namespaceGS1) && uri.length > namespaceGS1.length) return uri.slice(namespaceGS1.length);
  return uri;
}
