// Checks the journey of this page on the reader's device. It is small: the
// verifier is loaded when somebody asks for it, or when the device keeps a
// checkpoint, and then after the page has been painted.

import { forget, keep, kept } from "./kept.js";
import { learn, text } from "./say.js";

const section = document.getElementById("device");
const button = section.querySelector("button");
const most = 50; // parts of one journey

/** Trouble is why nothing could be checked; its message is for people. */
class Trouble extends Error {}

async function answer(url, what) {
  let response;
  try {
    response = await fetch(url, { cache: "no-cache" });
  } catch {
    throw new Trouble(text("The node did not answer when asked for: {0}", what));
  }
  if (response.ok) return new Uint8Array(await response.arrayBuffer());
  const problem = await response.json().catch(() => ({}));
  throw new Trouble(text("The node did not give: {0} ({1})", what, problem.title ?? response.status));
}

/** judging is where questions are judged: a worker, or this page where there is none. */
function judging() {
  const here = async (question) => (await import("./judge.js")).judge(question);
  let worker;
  try {
    worker = new Worker(new URL("judge.js", import.meta.url), { type: "module" });
  } catch {
    return { ask: here, end() {} };
  }
  let loads = true; // until it turns out that this browser does not load it
  const there = (question) =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => (data.failed ? reject(new Error(data.failed)) : resolve(data));
      worker.onerror = (e) => {
        e.preventDefault();
        loads = false;
        resolve(here(question));
      };
      worker.postMessage(question);
    });
  return { ask: (question) => (loads ? there(question) : here(question)), end: () => worker.terminate() };
}

/** question is what this page's dossier has to be about. A Digital Link says it in the address, whatever the page says. */
function question() {
  const here = new URL(location.href);
  const typed = here.searchParams.get("id");
  const id = here.pathname === "/trace" ? (/[:/]/.test(typed) ? typed.trim() : section.dataset.id) : "https://id.gs1.org" + here.pathname;
  return { id, direction: section.dataset.direction, at: Number(section.dataset.at) || undefined };
}

/** examine judges the journey, part after part, and adds up what they prove. */
async function examine(judge, genesis, before) {
  const { id, direction, at } = question();
  const first = new URL(section.dataset.proof, location.href);
  const whole = { records: new Map(), steps: new Map(), recalls: new Map(), gaps: new Map(), certificates: new Map(), parts: 0 };
  for (let url = first, from; ; whole.parts++) {
    const said = await judge.ask({
      examine: await answer(url, text("the proof")), genesis, kept: before?.checkpoint, id, asked: { direction, at, from }, now: Math.floor(Date.now() / 1000),
    });
    if (said.refuted || said.unusable) return said;
    whole.first ??= said;
    for (const r of said.verdict.records) whole.records.set(r.seq, r);
    for (const s of said.steps) whole.steps.set(s.seq, s);
    for (const r of said.recalls) whole.recalls.set(r.seq + r.of, { ...whole.recalls.get(r.seq + r.of), ...r });
    const journey = (at ? said.verdict.then : said.verdict).journey;
    for (const g of journey?.gaps ?? []) whole.gaps.set(g.id + g.about, g);
    for (const c of journey?.certificates ?? []) whole.certificates.set(c.id, c);
    const { rest, checkpoint } = said.verdict;
    whole.complete = said.verdict.complete && ![...whole.gaps.values()].some((g) => g.unread); // no part reads those
    if (checkpoint.appHash !== whole.first.verdict.checkpoint.appHash) whole.torn = true; // something may have come between
    if (!rest || at || whole.parts + 1 >= most) return whole; // what follows a part is of today, and no answer as of a past height
    from = rest.hash;
    url = new URL(first);
    url.searchParams.set("continue", rest.continue);
    url.searchParams.set("height", checkpoint.stateHeight);
  }
}

/** compared says how the proved checkpoint goes with the one that the device kept: { refuted }, { uncompared } or {}. */
async function compared(judge, before, checkpoint) {
  const [old, now] = [before.checkpoint, checkpoint].map((text) => ({ text, roots: JSON.parse(text).roots }));
  const [earlier, later] = old.roots.height <= now.roots.height ? [old, now] : [now, old];
  let path;
  if (earlier.roots.logSize < later.roots.logSize) {
    try {
      const found = await answer(`/v1/proofs/consistency?from=${earlier.roots.logSize}&to=${later.roots.logSize}`, text("the proof that its history goes on"));
      path = JSON.parse(new TextDecoder().decode(found)).path;
    } catch (e) {
      return { uncompared: e instanceof Trouble ? e.message : text("The node's proof that its history goes on cannot be read.") };
    }
  }
  return judge.ask({ extends: later.text, earlier: earlier.text, path });
}

async function check() {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  const telling = Promise.all([import("./told.js"), learn()]).then(([told]) => told, () => undefined);
  const judge = judging();
  try {
    const told = await telling;
    if (!told) throw new Trouble(text("The node did not give its scripts. Load the page again."));
    told.checking(section);
    const before = kept();
    const genesis = await answer("/v1/genesis", text("the genesis document"));
    const said = await examine(judge, genesis, before);
    if (said.refuted || said.unusable) {
      told.refuted(section, said, before, forgotten);
      return;
    }
    const { checkpoint } = said.first;
    const history = before ? await compared(judge, before, checkpoint) : {};
    if (history.refuted || history.unusable) {
      told.refuted(section, { ...history, conflict: true }, before, forgotten);
      return;
    }
    const [height, known] = [checkpoint, before?.checkpoint].map((text) => text && JSON.parse(text).block.header.height);
    const keeps = !before || (height > known && !history.uncompared) ? keep(checkpoint, before) : true;
    told.verified(section, said, { before, behind: height < known, uncompared: history.uncompared, keeps });
  } catch (e) {
    const told = await telling;
    const why = e instanceof Trouble ? e.message : text("The check itself failed: {0}", e);
    if (told) told.unchecked(section, why);
    else section.querySelector("[role=status]").textContent = text("Not checked") + ". " + why;
  } finally {
    judge.end();
    button.textContent = text("Check again");
    button.removeAttribute("aria-disabled");
  }
}

function forgotten() {
  forget();
  button.focus();
  check();
}

button.addEventListener("click", check);
button.hidden = false;
if (kept()) requestAnimationFrame(() => setTimeout(check)); // painted by then
