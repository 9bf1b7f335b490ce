/** What a walk has to do: mirrors the tasks of trace/walk.go. */

import type { Instant } from "../epcis/instant.ts";
import type { Edge } from "./journey.ts";

// What to do at a node: a sum of these.
export const up = 1; // follow to what it was made from
export const down = 2; // follow to what was made from it
export const contents = 4; // follow to what it holds: the start, and what that held
export const inside = 8; // a container: its records while something was inside
export const batch = 16; // the lot of an item
export const ofDocument = 32; // a document: what it names
export const ofCited = 64; // a document: what was said of it, for those that cite it

/** Task is one thing to do. */
export interface Task {
  ns: string;
  id: string;
  depth: number;
  mode: number;
  child?: string; // of inside: what was in it
  since?: Instant | undefined; // of inside and contents: the window
  until?: Instant | undefined;
  before?: Instant | undefined; // of a lot: when it was used
  from?: number | undefined; // records before this seq were followed already; of inside: the seq by which child left, 0 for none
  edges?: Edge[]; // those that lead here, where the walk had no room for the node
}

/** taskText tells tasks apart, so that none is done twice and cycles end. */
export function taskText(t: Task): string {
  const moment = (m: Instant | undefined): string => (m ? `${m.seconds}.${m.nanos}` : "0.0");
  return [t.ns, t.mode, moment(t.since), moment(t.until), moment(t.before), t.id, t.child ?? ""].join("\n");
}
