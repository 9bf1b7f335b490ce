/** What a walk has not walked: mirrors trace/continuation.go, where the format stands. */

import { base64URL } from "../bytes.ts";
import { CBORReader, cborArray, cborInt, cborNull, cborText, cborUint, EncodingError } from "../cbor.ts";
import { Instant } from "../epcis/instant.ts";
import type { Direction, Edge } from "./journey.ts";
import { ContinuationError } from "./record.ts";
import { inside, type Task } from "./task.ts";

const version = 2;

/** token is the continuation for a node that stands for the rest: "." and its base64url. */
export const token = (rest: Uint8Array): string => "." + base64URL(rest);

/** encodeRest is the tasks that a walk leaves, as deterministic CBOR. */
export const encodeRest = (id: string, direction: Direction, tasks: Task[]): Uint8Array =>
  cborArray([cborUint(version), cborText(id), cborText(direction), cborArray(tasks.map(encodeTask))]);

const encodeTask = (t: Task): Uint8Array =>
  cborArray([
    cborText(t.ns), cborText(t.id), cborUint(t.depth), cborUint(t.mode), cborText(t.child ?? ""),
    encodeMoment(t.since), encodeMoment(t.until), encodeMoment(t.before), cborUint(t.from ?? 0),
    cborArray((t.edges ?? []).map(encodeEdge)),
  ]);

const encodeEdge = (e: Edge): Uint8Array =>
  cborArray([
    cborText(e.kind), cborText(e.from), cborText(e.to), cborUint(e.seq), cborText(e.certainty),
    cborText(e.quantity ?? ""), cborText(e.unit ?? ""), encodeMoment(e.since), encodeMoment(e.until),
  ]);

const encodeMoment = (m: Instant | undefined): Uint8Array =>
  m ? cborArray([cborInt(BigInt(m.seconds)), cborInt(BigInt(m.nanos))]) : cborNull;

/** readRest is the tasks of a rest of this id and direction; ContinuationError when it is none. */
export function readRest(b: Uint8Array, id: string, direction: Direction): Task[] {
  try {
    return CBORReader.read(b, (r) => {
      r.array(4);
      if (r.uint() !== version) r.fail("of another version");
      if (r.text() !== id) r.fail("of another id");
      if (r.text() !== direction) r.fail("it goes another way");
      const tasks = r.list(() => readTask(r));
      return tasks.length > 0 ? tasks : r.fail("nothing is left of it");
    });
  } catch (e) {
    if (e instanceof EncodingError) throw new ContinuationError(e.message);
    throw e;
  }
}

function readTask(r: CBORReader): Task {
  r.array(10);
  const t: Task = { ns: r.text(), id: r.text(), depth: r.uint(), mode: r.uint(), child: r.text() };
  if (t.mode > 0xff) r.fail("no such mode");
  t.since = readMoment(r);
  t.until = readMoment(r);
  t.before = readMoment(r);
  t.from = r.uint();
  t.edges = r.list(() => readEdge(r));
  return t.id === "" || (t.mode & inside && !t.since) ? r.fail("a part is incomplete") : t;
}

function readEdge(r: CBORReader): Edge {
  r.array(9);
  const e: Edge = {
    kind: r.text() as Edge["kind"], from: r.text(), to: r.text(), seq: r.uint(), certainty: r.text() as Edge["certainty"],
  };
  const quantity = r.text();
  const unit = r.text();
  const since = readMoment(r);
  const until = readMoment(r);
  if (quantity) e.quantity = quantity;
  if (unit) e.unit = unit;
  if (since) e.since = since;
  if (until) e.until = until;
  return e;
}

function readMoment(r: CBORReader): Instant | undefined {
  if (r.nothing()) return undefined;
  r.array(2);
  const seconds = r.int64();
  const nanos = r.int64();
  if (nanos !== BigInt.asIntN(32, nanos)) r.fail("more than 32 bits");
  return new Instant(Number(seconds), Number(nanos));
}
