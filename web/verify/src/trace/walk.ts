/** From an id to its journey: mirrors trace/walk.go. */

import { canonical, type ID } from "../epcis/id.ts";
import type { Instant } from "../epcis/instant.ts";
import { assemble } from "./assemble.ts";
import { readRest } from "./continuation.ts";
import { cited, document, documents } from "./document.ts";
import type { Ground } from "./ground.ts";
import { container } from "./inside.ts";
import type { Direction, Edge, Gap, Node, Options, Walked } from "./journey.ts";
import { type Entry, Ledger } from "./ledger.ts";
import { type Key, keyText, type Reader, refused, Unknown } from "./record.ts";
import type { Standing } from "./standing.ts";
import { batch, contents, down, inside, ofCited, ofDocument, type Task, taskText, up } from "./task.ts";
import { thing } from "./thing.ts";

// The defaults of Options.
export const defaultMaxNodes = 2000;
const defaultMaxDepth = 32;
const defaultFutureSkew = 600;
const defaultLateness = 90 * 86_400;

/** maxPending is how many more things may wait for a continuation before a walk stops in the middle of a thing's records. */
const maxPending = 4096;

/**
 * walk follows the records from id to its journey. id is any spelling of an item,
 * lot, class, container, business document or certificate; Unknown is thrown for
 * one that the ledger holds nothing of.
 *
 * The journey of an item is its own records; those of every container while it
 * was inside, nested; upstream, the inputs of the transformation that made it,
 * recursively; downstream, what it was made into. A container or document at the
 * start stands for what it held or names. Of a lot that is walked through to an
 * earlier or later thing, only the records up to its use count, and later ones
 * that speak of all of it (a recall). What a container was itself put into is
 * looked for among its records while the thing was inside and the 64 before, and in
 * its state. The records by which states have things held and locked, and those that
 * the verdicts of the journey's records name, are part of it, and lead no further.
 *
 * The walk goes nearest first. When it reaches maxNodes or maxTasks, what is left
 * is its rest: a walk of the same id and direction from there yields it. Past
 * maxDepth nothing is followed, and a gap says so.
 */
export function walk(r: Reader, id: string, o: Options): Walked {
  const w = new Walker(r, canonical(id).uri, o);
  w.start(canonical(id));
  // What has a node is walked, or no part of a walk would get anywhere; the rest
  // waits. Only a flood of new things ends a part before that.
  w.limit = w.pending.length + maxPending;
  w.run();
  documents(w);
  w.run();
  return assemble(w);
}

const edgeText = (e: Edge): string => [e.kind, e.seq, e.from, e.to].join("\n");

/** Reached is a node with what only the walk needs of it. */
export interface Reached extends Node {
  context: boolean; // a lot that was reached only because an item belongs to it
}

/** Walker is one walk. The functions of the files beside this one are its parts. */
export class Walker extends Ledger {
  readonly id: string; // canonical
  readonly direction: Direction;
  readonly now: Instant | undefined;
  readonly limits: { futureSkew: number; lateness: number };
  readonly maxNodes: number;
  private readonly maxDepth: number;
  private readonly maxTasks: number;
  private readonly rest: Uint8Array | undefined;

  readonly nodes = new Map<string, Reached>(); // by keyText, in the order of reaching them
  readonly edges: Edge[] = [];
  readonly gaps: Gap[] = [];
  readonly records: Entry[] = [];
  readonly left = new Set<string>(); // recalled, and what the things of the journey or their containers came out of
  readonly standings = new Map<string, Standing>(); // by keyText
  readonly resting: Ground[] = [];
  readonly pending: Task[] = []; // not walked for want of room; the continuation
  queue: Task[] = [];
  limit = 0; // of pending
  tasks = 0; // done
  stopped = false; // by maxTasks, before all was done
  full = false; // maxNodes was reached
  deep = false; // maxDepth was
  private readonly joined = new Set<string>(); // edges
  private readonly waiting = new Map<string, Task>(); // pending
  private readonly done = new Set<string>(); // tasks queued
  private readonly walked = new Set<string>(); // things walked, whatever the window

  constructor(r: Reader, id: string, o: Options) {
    super(r);
    const positive = (n: number | undefined, otherwise: number): number => (n !== undefined && n > 0 ? n : otherwise);
    this.id = id;
    this.direction = o.direction ?? "both";
    this.now = o.now;
    this.limits = { futureSkew: positive(o.futureSkew, defaultFutureSkew), lateness: positive(o.lateness, defaultLateness) };
    this.maxNodes = positive(o.maxNodes, defaultMaxNodes);
    this.maxDepth = positive(o.maxDepth, defaultMaxDepth);
    this.maxTasks = positive(o.maxTasks, Infinity);
    this.rest = o.from;
  }

  /** start finds what the id names and queues it, or what an earlier walk left. */
  start(id: ID): void {
    if (this.rest) {
      for (const { edges, ...t } of readRest(this.rest, this.id, this.direction)) this.reach(t, edges);
      return;
    }
    let found = false;
    for (const ns of namespacesOf(id)) {
      const k: Key = { ns, id: id.uri };
      if (this.seqs(k).length === 0 && this.seqs(refused(k)).length === 0) continue;
      found = true;
      const ways = this.direction === "upstream" ? up : this.direction === "downstream" ? down : up | down;
      this.reach({ ...k, depth: 0, mode: ways | (ns === "transaction" ? ofDocument : contents) });
    }
    if (!found) throw new Unknown(`${id.uri}: unknown to this ledger`);
  }

  /** run does what is queued, until nothing is or there is a reason to end the part. */
  run(): void {
    while (this.queue.length > 0 && this.pending.length <= this.limit) {
      // At least one thing is done, or a reader's next part would be this one again.
      this.stopped ||= this.tasks > 0 && this.tasks === this.maxTasks;
      if (this.stopped) return;
      this.tasks++;
      this.do(this.queue.shift()!);
    }
  }

  private do(t: Task): void {
    if (t.mode & ofCited) cited(this, t);
    else if (t.mode & ofDocument) document(this, t);
    else if (t.mode & inside) container(this, t);
    else thing(this, t);
  }

  /**
   * reach adds the node of a task with the edges that lead to it, and queues the
   * task unless it was done. Where there is no room left, they wait together for
   * the continuation.
   */
  reach(t: Task, edges: Edge[] = []): void {
    const id = taskText(t);
    let n = this.nodes.get(keyText(t));
    if (t.depth > this.maxDepth && !(t.mode & ofCited)) {
      if (!this.deep) this.gap(t.id, 0, `Not followed further: ${this.maxDepth} steps from the start. Ask for it by its own id.`, true);
      this.deep = true;
      return;
    }
    if (!n && this.nodes.size >= this.maxNodes) {
      this.full = true;
      let waits = this.waiting.get(id);
      if (!waits) {
        waits = t;
        this.waiting.set(id, t);
        this.pending.push(t);
      }
      (waits.edges ??= []).push(...edges.filter((e) => this.first(e)));
      return;
    }
    if (!n) {
      n = { id: t.id, namespace: t.ns, depth: t.depth, context: true };
      this.nodes.set(keyText(t), n);
    }
    n.depth = Math.min(n.depth, t.depth);
    n.context &&= (t.mode & batch) !== 0;
    for (const e of edges) if (this.first(e)) this.edges.push(e);
    if (!this.done.has(id)) {
      this.done.add(id);
      this.queue.push(t);
    }
  }

  /** first reports whether the edge is met for the first time. */
  private first(e: Edge): boolean {
    const id = edgeText(e);
    if (this.joined.has(id)) return false;
    this.joined.add(id);
    return true;
  }

  /** again reports whether the thing was walked in this mode before, in whatever window, and remembers that it is now. */
  again(t: Task): boolean {
    const id = taskText({ ...t, since: undefined, until: undefined, mode: t.mode & ~contents });
    if (this.walked.has(id)) return true;
    this.walked.add(id);
    return false;
  }

  /** include makes a record part of the journey, as one that concerns id. */
  include(e: Entry, id: string): void {
    if (!e.included) this.records.push(e);
    e.included = true;
    if (id) e.about.add(id);
  }

  /** includeAside makes a record part of the journey that names a document or a class, not the thing itself. */
  includeAside(e: Entry, id: string): void {
    e.aside ||= !e.included;
    this.include(e, id);
  }

  gap(id: string, seq: number, about: string, unread = false): void {
    if (this.gaps.some((g) => g.id === id && (g.seq ?? 0) === seq && g.about === about)) return;
    this.gaps.push({ id, ...(seq ? { seq } : {}), about, ...(unread ? { unread } : {}) });
  }

  /** depthOf is how far from the start a thing stands that has a node, 0 of none. */
  depthOf(id: string): number {
    for (const ns of allNamespaces) {
      const n = this.nodes.get(keyText({ ns, id }));
      if (n) return n.depth;
    }
    return 0;
  }
}

const allNamespaces = ["item", "lot", "class", "transaction", "certificate", "place", "organisation"];

/** namespacesOf lists where something of that level may stand. */
function namespacesOf(id: ID): string[] {
  switch (id.level) {
    case "item":
    case "lot":
    case "class":
    case "place":
      return [id.level];
    case "party":
      return ["organisation"];
    case "document":
      return ["item", "transaction", "certificate"];
  }
  return allNamespaces;
}
