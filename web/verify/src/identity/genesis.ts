/** Genesis documents, as far as a verifier trusts them: mirrors identity/genesis.go, document.go and validator.go. */

import { textOf, unbase64, utf8 } from "../bytes.ts";
import { Instant } from "../epcis/instant.ts";
import { parseJSON } from "../epcis/json.ts";
import { get, type Member, type Value } from "../epcis/value.ts";
import { chainID, type Hash, sha256 } from "./hash.ts";

/** maxValidatorPower bounds the power of one validator and of all together. */
export const maxValidatorPower = 1n << 60n;

/** Validator is a voter on blocks and the weight of its vote. */
export interface Validator {
  key: Uint8Array; // Ed25519, 32 bytes
  power: bigint;
}

/** Genesis is what a network starts from: the part of it that a verifier needs. */
export interface Genesis {
  network: Hash;
  time: bigint; // Unix nanoseconds
  validators: Validator[]; // of the first block, in the document's order
}

/** GenesisError says why bytes are no genesis document. */
export class GenesisError extends Error {
  override name = "GenesisError";
}

const maxGenesisBytes = 16 << 20;
const maxGenesisDepth = 32;

/** The names that an object of a genesis document may have, by its JSON pointer with * for an index. */
const genesisNames = new Map<string, string[]>([
  ["", ["genesis_time", "chain_id", "initial_height", "consensus_params", "validators", "app_hash", "app_state"]],
  ["/app_state", ["organisations", "parameters"]],
  ["/app_state/organisations/*", ["id", "name", "country", "roles", "schemes", "prefixes", "keys", "peer", "nodeId"]],
  ["/app_state/parameters", ["maxNotAfterAhead", "futureSkew", "lateness", "maxRecordsPerBlock", "maxBytesPerBlock",
    "maxRecordsPerMember", "maxBytesPerMember", "receiptTolerance", "massTolerance", "transferTerm", "caseTerm", "offerTerm",
    "proposalTerm", "roadSpeed", "seaSpeed", "airSpeed", "freeDistance", "sameMoment", "sensorGap", "flatLine",
    "prefixAuthority", "malformedIdentifiers", "placeAuthority", "answerTerm", "balancePeriod", "alertDeadline",
    "latenessProducer", "latenessManufacturer", "latenessTrader", "latenessPlatform", "latenessMerchant", "latenessRetailer",
    "latenessCarrier", "latenessWarehouse", "latenessCertifier", "latenessAccreditor", "latenessBank", "latenessCustoms"]],
]);

/**
 * parseGenesis reads a sealed genesis document: CometBFT's genesis file. The
 * network is the SHA-256 of the document with the text of its one top-level
 * chain_id replaced by "", and the chain id has to be its first 40 hex digits.
 * The document is strict JSON, with no name twice in an object (letter case
 * apart) and no field that is not known. Members and parameters are not read:
 * what a verifier needs of them the map proves.
 */
export function parseGenesis(doc: Uint8Array): Genesis {
  if (doc.length > maxGenesisBytes) throw new GenesisError(`${doc.length} bytes, more than ${maxGenesisBytes}`);
  const text = textOf(doc);
  if (text === undefined) throw new GenesisError("not valid UTF-8");
  const root = parseJSON(text);
  if (root.kind !== "object") throw new GenesisError("not a JSON object");
  checkNames(root, "", 0);

  const id = get(root.members, "chain_id");
  if (id?.kind !== "string") throw new GenesisError("there is no chain_id");
  const network = sha256(utf8(text.slice(0, id.start) + '""' + text.slice(id.end)));
  if (text.slice(id.start, id.end) !== `"${chainID(network)}"`) throw new GenesisError("chain id does not match the genesis document");

  const time = Instant.parse(textField(root.members, "genesis_time"));
  if (typeof time === "string") throw new GenesisError("genesis_time: " + time);
  const year = Number(time.toString().slice(0, 4));
  if (year < 2000 || year > 2200) throw new GenesisError(`genesis_time: year ${year}`);
  const height = get(root.members, "initial_height");
  if (height && text.slice(height.start, height.end) !== '"1"') throw new GenesisError('initial_height is not "1"');
  const appHash = get(root.members, "app_hash");
  if (appHash && appHash.kind !== "null" && !(appHash.kind === "string" && appHash.str === "")) throw new GenesisError("app_hash is not empty");
  if (get(root.members, "app_state")?.kind !== "object") throw new GenesisError("app_state is missing");
  return {
    network,
    time: BigInt(time.seconds) * 1_000_000_000n + BigInt(time.nanos),
    validators: parseValidators(get(root.members, "validators")),
  };
}

function checkNames(v: Value, pointer: string, depth: number): void {
  if (depth >= maxGenesisDepth) throw new GenesisError(`${pointer}: nested deeper than ${maxGenesisDepth}`);
  if (v.kind === "array") for (const item of v.items) checkNames(item, pointer + "/*", depth + 1);
  if (v.kind !== "object") return;
  const known = genesisNames.get(pointer);
  const seen = new Set<string>();
  for (const m of v.members) {
    if (known && !known.includes(m.name)) throw new GenesisError(`${pointer}/${m.name}: not a known field`);
    const lower = m.name.toLowerCase();
    if (seen.has(lower)) throw new GenesisError(`${pointer}/${m.name}: stands there twice`);
    seen.add(lower);
    checkNames(m.value, pointer + "/" + m.name, depth + 1);
  }
}

function textField(members: Member[], name: string): string {
  const v = get(members, name);
  return v?.kind === "string" ? v.str : "";
}

/** parseValidators reads the validators of a genesis document in its order. */
function parseValidators(listed: Value | undefined): Validator[] {
  if (listed === undefined || listed.kind === "null") return [];
  if (listed.kind !== "array") throw new GenesisError("validators is no list");
  const seen = new Set<string>();
  let total = 0n;
  return listed.items.map((v, i) => {
    const wrong = (why: string): never => {
      throw new GenesisError(`validator ${i}: ${why}`);
    };
    const members = v.kind === "object" ? v.members : wrong("not an object");
    const key = get(members, "pub_key");
    const keyMembers = key?.kind === "object" ? key.members : [];
    if (textField(keyMembers, "type") !== "tendermint/PubKeyEd25519") wrong("its key is not Ed25519");
    const value = textField(keyMembers, "value");
    const bytes = unbase64(value);
    if (bytes?.length !== 32) return wrong("its key is not 32 bytes in base64");
    const text = textField(members, "power");
    const power = /^[+-]?[0-9]{1,30}$/.test(text) ? BigInt(text.replace(/^\+/, "")) : 0n;
    if (power < 1n || power > maxValidatorPower) wrong(`its power is "${text}"`);
    if (seen.has(value)) wrong("its key stands there twice");
    if (total > maxValidatorPower - power) wrong(`the power of all is over ${maxValidatorPower}`);
    seen.add(value);
    total += power;
    return { key: bytes, power };
  });
}
