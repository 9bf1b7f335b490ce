/**
 * Governance records: mirrors epcis/governance.go. No journey reads them; they are
 * read whole, so that what a dossier says of one is refused for the same reason.
 */

import { utf8Length } from "../bytes.ts";
import type { Decoder } from "./decoder.ts";
import type { Governance } from "./event.ts";
import { none } from "./id.ts";
import { pointerName } from "./invalid.ts";
import { get, type Member, type Value, type ValueOf } from "./value.ts";

type Read = (d: Decoder, v: Value, p: string) => unknown;

const str: Read = (d, v, p) => d.str(v, p);
const id: Read = (d, v, p) => d.id(v, p);
const ids: Read = (d, v, p) => d.items(v, p).map((item) => d.id(item, p));
const texts: Read = (d, v, p) => d.items(v, p).map((item) => d.str(item, p));

/** parts are the members of a proposal that have members of their own. */
const parts: { [name: string]: { [name: string]: Read } } = {
  member: { id, name: str, country: str, roles: texts, schemes: texts, prefixes: texts, keys: texts, peer: str, nodeId: str },
  validator: { organisation: id, key: str, power: whole },
  ruleset: { name: str, release: str, height: whole },
  scheme: { scheme: str, hsCodes: texts, classes: texts },
  prefix: { prefix: str, licensee: id },
  place: { id, grant: ids, withdraw: ids },
};

/** decodeGovernance reads the fields of a governance record; its type has been checked. */
export function decodeGovernance(d: Decoder, v: ValueOf<"object">): Governance {
  const g: Governance = { action: "", id: none, change: "", key: "", next: "" };
  for (const m of v.members) {
    const p = pointerName(m.name);
    switch (m.name) {
      case "@context":
      case "type":
        break;
      case "action":
      case "change":
      case "key":
      case "next":
        g[m.name] = d.str(m.value, p);
        break;
      case "id":
        g.id = d.id(m.value, p);
        break;
      case "subject":
        d.id(m.value, p);
        break;
      case "member":
      case "validator":
      case "ruleset":
      case "scheme":
      case "prefix":
      case "place":
        part(d, m, p);
        break;
      case "parameters":
        parameters(d, m.value, p);
        break;
      case "vote":
        if (!["yes", "no"].includes(d.str(m.value, p))) d.fail(m.value, p, "must be yes or no");
        break;
      case "kinds":
        kinds(d, m.value, p);
        break;
      case "compromisedSince":
        d.instant(m.value, p);
        break;
      case "reason":
        d.str(m.value, p);
        break;
      default:
        d.unknown(m, "", "@context", "type", "action", "id", "change", "subject", "member", "parameters",
          "validator", "ruleset", "scheme", "prefix", "place", "vote", "key", "kinds", "compromisedSince", "next", "reason");
    }
  }
  required(d, g, v);
  return g;
}

/** needs are the members that an action, or a change, has to have, and those that it may have. */
const needs: { [action: string]: [must: string[], may: string[]] } = {
  vote: [["id", "vote"], ["reason"]],
  withdraw: [["id"], ["reason"]],
  addKey: [["key"], ["kinds", "next", "reason"]],
  commitKey: [["next"], ["reason"]],
  revokeKey: [["key", "reason"], ["compromisedSince"]],
};
const changes: { [change: string]: string[] } = {
  admit: ["member"], amend: ["subject", "member"], suspend: ["subject"], reinstate: ["subject"], remove: ["subject"],
  parameters: ["parameters"], validator: ["validator"], ruleset: ["ruleset"], scheme: ["scheme"], prefix: ["prefix"],
  place: ["place"],
};

const own = <T>(of: { [name: string]: T }, name: string): T | undefined => (Object.hasOwn(of, name) ? of[name] : undefined);

function required(d: Decoder, g: Governance, v: ValueOf<"object">): void {
  let [must, may] = own(needs, g.action) ?? [[], []];
  if (g.action === "propose") {
    [must, may] = [["id", "change"], ["reason"]];
    const more = own(changes, g.change);
    const change = get(v.members, "change");
    if (more) must = [...must, ...more];
    else if (change) d.fail(change, "/change", "must be admit, amend, suspend, reinstate, remove, parameters, validator, ruleset, scheme, prefix or place");
  } else if (must.length === 0) {
    const action = get(v.members, "action");
    if (action) d.fail(action, "/action", "must be propose, vote, withdraw, addKey, revokeKey or commitKey");
    d.fail(v, "", "a governance record needs an action");
  }
  d.need(v, "a governance record", ...must);
  const known = ["@context", "type", "action", ...must, ...may];
  for (const m of v.members) {
    if (!known.includes(m.name)) d.fail(m.value, pointerName(m.name), "does not belong to a governance record with this action");
  }
}

const recordKinds = ["epcis", "certificate", "masterdata", "governance", "customs", "acknowledgement"];

/** kinds reads the kinds of records that a key is for. */
function kinds(d: Decoder, v: Value, p: string): void {
  const list = d.items(v, p).map((item) => d.str(item, p));
  if (list.some((kind, i) => !recordKinds.includes(kind) || list.indexOf(kind) < i)) {
    d.fail(v, p, "must name kinds of records, each once: " + recordKinds.join(", "));
  }
  if (list.length === 0) d.fail(v, p, "names no kind of records; leave it out for a key that signs all");
}

function part(d: Decoder, of: Member, p: string): void {
  const fields = parts[of.name]!;
  for (const m of d.members(of.value, p)) {
    const at = p + pointerName(m.name);
    const read = own(fields, m.name);
    if (!read) d.fail(m.value, at, "is not known here; known are " + Object.keys(fields).join(", "));
    read(d, m.value, at);
  }
}

function parameters(d: Decoder, v: Value, p: string): void {
  const members = d.members(v, p);
  if (members.length === 0) d.fail(v, p, "names no parameter");
  for (const m of members) parameter(d, m.value, p + pointerName(m.name));
}

const maxParameter = 32;

function parameter(d: Decoder, v: Value, p: string): void {
  if (v.kind === "string") {
    if (v.str === "" || utf8Length(v.str) > maxParameter) d.fail(v, p, "must have 1 to 32 characters");
    return;
  }
  const text = d.decimal(v, p).toString();
  if (text.startsWith("-") || text.split(".")[0]!.length > 16 || text.length > maxParameter) {
    d.fail(v, p, "must be a number that is not negative, of at most 16 digits before the point");
  }
}

/** whole reads a number without a fraction, from 0 to 2^53. */
function whole(d: Decoder, v: Value, p: string): void {
  const text = d.decimal(v, p).toString();
  if (!/^[0-9]+$/.test(text) || BigInt(text) > 1n << 53n) d.fail(v, p, "must be a whole number from 0 to 9007199254740992");
}
