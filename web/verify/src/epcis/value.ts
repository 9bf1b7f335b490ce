/** JSON values read strictly: mirrors epcis/value.go. */

/**
 * Value is a JSON value. start and end bound its text in the record, counted in
 * UTF-16 units, so that a part can be cut out unchanged.
 */
export type Value =
  | { kind: "null"; start: number; end: number }
  | { kind: "bool"; bool: boolean; start: number; end: number }
  | { kind: "number"; str: string; start: number; end: number } // the literal as written
  | { kind: "string"; str: string; start: number; end: number }
  | { kind: "array"; items: Value[]; start: number; end: number }
  | { kind: "object"; members: Member[]; start: number; end: number };

/** ObjectOf is the value of one kind. */
export type ValueOf<K extends Value["kind"]> = Extract<Value, { kind: K }>;

/** Member is one name and value of an object, in the order they were written. */
export interface Member {
  name: string;
  value: Value;
}

/** get is the member's value, undefined when there is none. */
export function get(members: Member[], name: string): Value | undefined {
  for (const m of members) if (m.name === name) return m.value;
  return undefined;
}

/** isText reports a value that has a text: a string, or a number's literal. */
export const isText = (v: Value): v is ValueOf<"string"> | ValueOf<"number"> =>
  v.kind === "string" || v.kind === "number";
