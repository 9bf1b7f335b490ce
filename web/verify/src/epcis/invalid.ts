/** What is wrong with bytes that are no record: mirrors epcis/invalid.go. */

import { utf8Length } from "../bytes.ts";

/** Fault says where and why bytes are not a record. Nothing else is thrown by parseJSON and decode. */
export class Fault extends Error {
  override name = "Fault";
  pointer: string; // JSON Pointer (RFC 6901) to the place; "" is the whole text
  at: number; // place in the text, in UTF-16 units
  reason: string;

  constructor(at: number, reason: string, pointer = "") {
    super(reason);
    this.pointer = pointer;
    this.at = at;
    this.reason = reason;
  }

  /** offset is the byte offset of the place in the text's UTF-8. */
  offset(text: string): number {
    return utf8Length(text.slice(0, this.at));
  }
}

/** within runs read and, when it faults, says that the place lies behind this pointer. */
export function within<T>(pointer: string, read: () => T): T {
  try {
    return read();
  } catch (e) {
    if (e instanceof Fault) e.pointer = pointer + e.pointer;
    throw e;
  }
}

/** pointerName is the step of a JSON Pointer into a member. */
export const pointerName = (name: string): string => "/" + name.replaceAll("~", "~0").replaceAll("/", "~1");

/** pointerIndex is the step of a JSON Pointer into an array. */
export const pointerIndex = (i: number): string => "/" + i;
