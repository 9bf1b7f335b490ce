/** The journey put together from what the walk has found: mirrors trace/assemble.go. */

import { compareNumbers, compareText, utf8Length } from "../bytes.ts";
import type { Instant } from "../epcis/instant.ts";
import { isText, type Member } from "../epcis/value.ts";
import { toldAcknowledgement } from "./acknowledgement.ts";
import { certificates } from "./cited.ts";
import { encodeRest, token } from "./continuation.ts";
import { toldCustoms } from "./customs.ts";
import { grounds } from "./ground.ts";
import type { Edge, Journey, Node, Step, Walked } from "./journey.ts";
import { type Entry, happened, live, stepPrefix } from "./ledger.ts";
import { names, nodeName } from "./names.ts";
import { plots } from "./plots.ts";
import { classRecalls } from "./recall.ts";
import { recallsTold } from "./recalled.ts";
import { isRejected, type Key, keyText } from "./record.ts";
import type { Walker } from "./walk.ts";

export function assemble(w: Walker): Walked {
  classRecalls(w);
  const certificateStatuses = certificates(w);
  grounds(w);
  const allNames = names(w);
  custody(w);

  w.records.sort((a, b) => compareNumbers(a.rec.seq, b.rec.seq));
  const nodes = [...w.nodes.values()].map(({ id, namespace, depth }): Node => {
    const name = nodeName({ id, namespace, depth }, allNames);
    return name ? { id, namespace, name, depth } : { id, namespace, depth };
  });
  nodes.sort((a, b) => compareNumbers(a.depth, b.depth) || compareText(a.id, b.id) || compareText(a.namespace, b.namespace));
  w.edges.sort((a, b) => compareText(a.from, b.from) || compareText(a.to, b.to) || compareText(a.kind, b.kind) || compareNumbers(a.seq, b.seq));
  for (const g of w.short) w.gap(g.id, g.seq ?? 0, g.about, true);
  w.gaps.sort((a, b) => compareText(a.id, b.id) || compareNumbers(a.seq ?? 0, b.seq ?? 0) || compareText(a.about, b.about));
  const journey: Journey = {
    id: w.id,
    direction: w.direction,
    graph: { nodes, edges: w.edges },
    steps: happened(w.records).flatMap(stepOf),
    gaps: w.gaps,
    certificates: certificateStatuses,
    plots: plots(w),
    names: allNames,
  };
  const recalls = recallsTold(w);
  if (recalls.length > 0) journey.recalls = recalls;
  const told: Walked = {
    journey, records: w.records.map((e) => e.rec), tasks: w.tasks, stopped: w.stopped, full: w.full,
    cut: w.deep || w.short.length > 0, unwalked: [],
  };
  const left = [...w.queue, ...w.pending];
  if (left.length > 0) {
    told.rest = encodeRest(w.id, w.direction, left);
    told.unwalked = [...new Map(left.map((t): [string, Key] => [keyText(t), { ns: t.ns, id: t.id }])).values()];
    journey.continuation = token(told.rest);
  }
  return told;
}

/** stepOf is a record as the journey tells it; master data is no step. */
function stepOf(e: Entry): Step[] {
  const ev = e.event;
  const certificate = e.other?.certificate;
  const { customs } = e;
  const acknowledgement = e.other?.acknowledgement;
  if (!ev && !certificate && !customs && !acknowledgement) return [];
  const s: Step = {
    seq: e.rec.seq, eventTime: e.time, about: [...e.about].sort(compareText), what: "", organisation: e.rec.organisation,
  };
  if (isRejected(e.rec)) s.refused = true;
  if (e.voided) s.voided = true;
  if (e.rec.compromised) s.compromised = true;
  if (e.ground) s.basis = true;
  if (customs) return [toldCustoms(s, customs)];
  if (acknowledgement) return [toldAcknowledgement(s, acknowledgement)];
  if (!ev) {
    s.what = "certificate " + certificate!.action;
    return [s];
  }
  s.what = ev.type + (ev.action ? " " + ev.action : "") + (ev.correction ? " (declares an earlier event wrong)" : "");
  if (ev.bizStep) s.bizStep = ev.bizStep;
  if (ev.disposition) s.disposition = ev.disposition;
  if (ev.set.length > 0) s.dispositionsSet = ev.set;
  if (ev.unset.length > 0) s.dispositionsUnset = ev.unset;
  const place = ev.readPoint.uri || ev.bizLocation.uri;
  if (place) s.place = place;
  if (ev.transactions.length > 0) s.documents = ev.transactions.map((t) => (t.type ? { type: t.type, id: t.id.uri } : { id: t.id.uri }));
  const details = detailsOf(ev.extensions);
  if (details.length > 0) s.details = details;
  return [s];
}

/** detailsOf is an event's extensions that are one short text or number. */
const detailsOf = (extensions: Member[]): { name: string; value: string }[] =>
  extensions.flatMap(({ name, value }) =>
    name !== "@context" && isText(value) && utf8Length(value.str) <= 200 ? [{ name, value: value.str }] : [],
  );

/**
 * custody reports hand-overs of which only one side is recorded, seen from each
 * thing that was itself no container of another node: its own records and those of
 * its containers, in the order in which they happened.
 */
function custody(w: Walker): void {
  const within = new Map<string, Edge[]>(); // by what is inside
  const holds = new Set<string>();
  for (const e of w.edges) {
    if (e.kind !== "inside") continue;
    const list = within.get(e.from) ?? [];
    list.push(e);
    within.set(e.from, list);
    holds.add(e.to);
  }
  const about = new Map<string, Entry[]>();
  for (const e of w.records) {
    if (!live(e) || isRejected(e.rec) || e.aside) continue;
    for (const id of e.about) {
      const list = about.get(id) ?? [];
      list.push(e);
      about.set(id, list);
    }
  }
  for (const n of w.nodes.values()) {
    if (n.context || holds.has(n.id) || (n.namespace !== "item" && n.namespace !== "lot")) continue;
    handOvers(w, n.id, happened(lifeOf(n.id, within, about)));
  }
}

/** lifeOf is a thing's own records and those of its containers while it was inside. */
function lifeOf(start: string, within: Map<string, Edge[]>, about: Map<string, Entry[]>): Set<Entry> {
  const out = new Set<Entry>();
  const visited = new Set<string>();
  const queue: { id: string; since?: Instant | undefined; until?: Instant | undefined }[] = [{ id: start }];
  for (const s of queue) {
    for (const e of about.get(s.id) ?? []) {
      if (!(s.since && e.time.before(s.since)) && !s.until?.before(e.time)) out.add(e);
    }
    if (visited.has(s.id)) continue;
    visited.add(s.id);
    for (const edge of within.get(s.id) ?? []) {
      const next = { id: edge.to, since: edge.since, until: edge.until };
      if (s.since && next.since?.before(s.since)) next.since = s.since;
      if (s.until && (!next.until || s.until.before(next.until))) next.until = s.until;
      queue.push(next);
    }
  }
  return out;
}

function handOvers(w: Walker, id: string, life: Entry[]): void {
  const unreceived = (e: Entry): void => w.gap(id, e.rec.seq, "Shipped, but no record says that it was received.");
  let shipped: Entry | undefined;
  let holder = ""; // who recorded last
  for (const e of life) {
    const by = e.rec.organisation;
    switch (e.event!.bizStep) {
      case stepPrefix + "shipping":
        if (shipped && shipped.rec.organisation !== by) unreceived(shipped);
        shipped = e;
        break;
      case stepPrefix + "receiving":
        if (!shipped && holder && holder !== by) w.gap(id, e.rec.seq, "Received, but no record says that it was shipped.");
        shipped = undefined;
        break;
      case stepPrefix + "accepting":
        if (shipped?.event!.destinations.some((p) => p.id.uri === by)) shipped = undefined;
        break;
      case stepPrefix + "void_shipping":
        shipped = undefined;
    }
    holder = by;
  }
  if (shipped) unreceived(shipped);
}
