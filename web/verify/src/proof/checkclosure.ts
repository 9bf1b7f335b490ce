/** The closure over what was verified: mirrors proof/checkclosure.go. */

import { equalBytes } from "../bytes.ts";
import { EncodingError } from "../cbor.ts";
import { Instant } from "../epcis/instant.ts";
import { sha256 } from "../identity/hash.ts";
import { decodeParameters, defaultParameters } from "../identity/parameters.ts";
import { asOf } from "../trace/asof.ts";
import type { Direction, Options as WalkOptions, Walked } from "../trace/journey.ts";
import { ContinuationError, parametersKey, type Reader, Unknown, WalkError } from "../trace/record.ts";
import { defaultMaxNodes, walk } from "../trace/walk.ts";
import type { Checker } from "./checker.ts";
import { refuting } from "./checkrecords.ts";
import { Refutation } from "./refutation.ts";
import { Replay } from "./replay.ts";

/** Told is today's journey and, where it was asked for, that of a past height; undefined for an id that the ledger holds nothing of. */
export interface Told {
  today: Walked | undefined;
  then: Walked | undefined;
}

/** checkClosure walks the journey over what was verified, and refuses what it did not need. */
export function checkClosure(c: Checker): Told {
  const { dossier: d } = c;
  const replay = new Replay(c);
  const state = replay.state(parametersKey);
  const limits = state
    ? refuting(EncodingError, (why) => new Refutation("state", why, { key: parametersKey }), () => decodeParameters(state))
    : defaultParameters;
  if (d.nodes >= defaultMaxNodes) throw new Refutation("continuation", `it ends at ${d.nodes} nodes and ${d.tasks} tasks`);
  const options: WalkOptions = {
    ...limits,
    now: Instant.ofUnixNano(d.checkpoint.block.header.time),
    direction: d.direction as Direction, // as asked
    maxNodes: d.nodes,
    maxTasks: d.tasks,
    from: d.from.length > 0 ? d.from : undefined,
  };
  const today = told(replay, d.id, options);
  checkEnd(c, today);
  const then = d.at > 0 && today ? told(asOf(replay, logSizeAt(c, d.at)), d.id, { ...options, now: undefined }) : undefined;
  checkSurplus(c);
  return { today, then };
}

function told(r: Reader, id: string, o: WalkOptions): Walked | undefined {
  try {
    return walk(r, id, o);
  } catch (e) {
    if (e instanceof Unknown) return undefined;
    if (e instanceof ContinuationError) throw new Refutation("continuation", e.message);
    if (e instanceof WalkError) throw new Refutation("state", e.message);
    throw e;
  }
}

/** checkEnd checks that the walk ended where the dossier says, and that every bound it names made it end there. */
function checkEnd(c: Checker, w: Walked | undefined): void {
  const { dossier: d } = c;
  const maxNodes = d.nodes || defaultMaxNodes;
  const nodes = w?.full && maxNodes !== defaultMaxNodes ? maxNodes : 0;
  const tasks = w?.stopped ? w.tasks : 0;
  if (d.nodes !== nodes || d.tasks !== tasks) {
    throw new Refutation("continuation", `its bounds of ${d.nodes} nodes and ${d.tasks} tasks are not what ended it`);
  }
  const rest = w?.rest && sha256(w.rest);
  if (rest && d.rest ? !equalBytes(rest, d.rest) : rest !== d.rest) {
    throw new Refutation("continuation", "it leaves another rest than it says");
  }
}

/** logSizeAt is how many entries the log had after block height, as far as the dossier's records show: the cut between them. */
function logSizeAt(c: Checker, height: number): number {
  const last = c.lines.filter((l) => l.height <= height).at(-1);
  return last ? last.seq + 1 : 0;
}

/** checkSurplus refuses a dossier with something that the closure did not read. */
function checkSurplus(c: Checker): void {
  for (const x of c.keys.values()) {
    const i = x.usedAt.indexOf(false);
    if (i >= 0) throw new Refutation("surplus", `position ${x.at[i]} of its history is not needed`, { key: x.key });
    if (!x.used) throw new Refutation("surplus", "it is not needed", { key: x.key });
  }
  for (const a of c.absent.values()) if (!a.used) throw new Refutation("surplus", "it is not needed", { key: a.key });
  for (const line of c.lines) if (!line.used) throw new Refutation("surplus", "it is not needed", { seq: line.seq });
}
