// Puts what was judged into words. Texts out of records only ever become text.

import { count, key, language, number, say, tag, text } from "./say.js";

const svg = "http://www.w3.org/2000/svg";
const marks = { good: "M4 12.5l5.5 5.5L20 6.5", warn: "M12 4L2.5 20h19zM12 10v5M12 17.5v.5", bad: "M5 5l14 14M19 5L5 19" };

function element(name, attributes = {}, ...children) {
  const e = document.createElement(name);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  e.append(...children);
  return e;
}

const paragraph = (...children) => element("p", {}, ...children);
const small = (...children) => element("p", { class: "small" }, ...children);
const code = (text) => element("code", {}, text);
const name = (text) => element("bdi", {}, text);

function mark(tone) {
  const s = document.createElementNS(svg, "svg");
  const attributes = { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": 2.5, "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true" };
  for (const [k, v] of Object.entries(attributes)) s.setAttribute(k, v);
  const p = document.createElementNS(svg, "path");
  p.setAttribute("d", marks[tone]);
  s.append(p);
  return s;
}

/** english is a text that nobody translates: what the verifier says in every language. */
const english = (words) => (tag === "en" ? words : element("span", { lang: "en" }, words));
const listed = (items) => new Intl.ListFormat(language).format(items);
const moment = (date) =>
  new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" }).format(date);
const day = (date) => new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric" }).format(date);

function time(text, form = moment) {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : element("time", { datetime: text }, form(date));
}

/** age is how long ago, in the largest unit that fits. */
function age(seconds) {
  const [of, unit] = [[86400, "day"], [3600, "hour"], [60, "minute"], [1, "second"]].find(([of]) => seconds >= of) ?? [1, "second"];
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(Math.floor(seconds / of));
}

/** show fills the section: the headline is announced, the rest is not. */
function show(section, tone, headline, summary, ...rest) {
  const said = section.querySelector("[role=status]");
  section.classList.toggle("warn", tone === "warn");
  section.classList.toggle("bad", tone === "bad");
  document.getElementById("verdict").closest("section").classList.toggle("doubted", tone === "bad"); // no green above a refutation
  const words = element("div", {}, element("h3", {}, headline), small(...summary));
  said.replaceChildren(...(marks[tone] ? [mark(tone)] : []), words);
  said.className = tone === "busy" ? "small" : "head";
  section.querySelector(".told").replaceChildren(...rest);
}

export const checking = (section) => show(section, "busy", text("Checking on this device…"), say("The proof is being loaded and verified."));

export const unchecked = (section, why) =>
  show(section, "warn", text("Not checked"), [why], paragraph(...say("Nothing was found wrong, and nothing was found right. Try again, or ask another organisation's node.")));

const reasons = {
  network: key("The proof is of another network than the one that this device trusts."),
  id: key("The proof is about something else than this page."),
  anchor: key("The proof does not lead back to what this device trusts."),
  validators: key("The list of validators is not the one that the network agreed on."),
  power: key("Too few validators signed it."),
  vote: key("A validator's signature is missing or wrong."),
  header: key("The signed block is not the one that it claims to be."),
  roots: key("What the validators signed is not what the proof shows."),
  stale: key("The proof is too old, or this device's clock is wrong."),
  log: key("A record was changed, or does not stand in the ledger where the proof says."),
  map: key("What the proof says that the ledger holds, or does not hold, is not so."),
  history: key("Something was left out of a history, or put into it."),
  state: key("What the ledger is said to know contradicts the records."),
  envelope: key("An author's signature does not fit what is said to be signed."),
  "records-root": key("A record is not the one that its author signed."),
  signer: key("A record was signed with a key that was not valid then."),
  organisation: key("A record was signed for an organisation that was no member then."),
  findings: key("The network's verdict on a record was changed."),
  touches: key("A record stands in the history of a thing that it does not name."),
  "not-proved": key("Something that the records name was left out of the proof."),
  surplus: key("The proof holds things that do not belong in it."),
  order: key("The proof is not in the form that a node writes."),
  continuation: key("A part of the journey does not begin or end where it says."),
};

const unusables = {
  kept: key("What your device keeps cannot be read."),
  genesis: key("What the node served as the network's genesis document is none."),
};

/** refuted tells what does not verify; before is what the device kept, which stays. */
export function refuted(section, { refuted: r, unusable, of, conflict }, before, forget) {
  const against = before && (conflict || of === "kept" || r?.reason === "network" || r?.reason === "anchor");
  const where = r?.seq === undefined ? "" : text("Record {0}:", number(r.seq)) + " ";
  const summary = conflict ? text("This node cannot show that its history goes on from the one that your device keeps.")
    : unusables[of] ? text(unusables[of]) : r ? where + text(reasons[r.reason] ?? key("It does not verify.")) : text("What the node sent is no proof.");
  const rest = [
    paragraph(element("strong", {}, ...say("Do not rely on what this page says.")), " ", ...say("Ask another organisation's node, and tell whoever sold you this.")),
    small(...say("What the verifier says:"), " ", code(r?.reason ?? "unusable"), ": ", english(name(r?.detail ?? unusable)), ...(r?.key ? [" (", code(r.key), ")"] : [])),
  ];
  if (against) {
    const again = element("button", { type: "button", class: "plain" }, text("Forget what your device keeps"));
    again.addEventListener("click", forget);
    rest.unshift(paragraph(...say("It contradicts what this device has verified before. That stays as it is. Either this node shows another history than it did, or the network was made anew."),
      ...(before.at ? [" (", time(before.at), ")"] : [])));
    rest.push(element("details", {}, element("summary", {}, ...say("The network was made anew")),
      small(...say("Only if its members say so: the device then begins to trust again, with what this node serves.")), again));
  }
  show(section, "bad", text(against ? key("Alarm: this contradicts what your device keeps") : key("Refuted on this device")), [summary], ...rest);
}

/** differences are the seqs of records that the page lists otherwise than the proof. */
function differences(section, said) {
  const { checkpoint } = said.first.verdict;
  const shown = new Map([...document.querySelectorAll("[data-seq]")].map((e) => [Number(e.dataset.seq), e.dataset]));
  const wrong = [];
  for (const [seq, { hash, height }] of shown) {
    const proved = said.records.get(seq);
    if (proved ? proved.record !== hash : said.complete && Number(height) <= checkpoint.stateHeight) wrong.push(seq);
  }
  if (section.dataset.more === "true") return wrong;
  const last = Math.min(Number(section.dataset.at) || Infinity, Number(section.dataset.height));
  for (const [seq, r] of said.records) if (!shown.has(seq) && r.height <= last) wrong.push(seq);
  return wrong.sort((a, b) => a - b);
}

/** verified tells what was proved, and what it rests on. */
export function verified(section, said, { before, behind, uncompared, keeps }) {
  const { verdict, voters } = said.first;
  const { checkpoint } = verdict;
  const records = [...said.records.values()];
  const signatures = new Set(records.map((r) => r.envelope)).size;
  const old = verdict.trust.checkpointAge;
  const wrong = differences(section, said);
  let tone = "good";
  const claims = [];
  const claim = (good, ...children) => {
    if (!good) tone = "warn";
    note(good, ...children);
  };
  // What the records themselves say takes nothing from their being verified.
  const note = (good, ...children) => claims.push(element("li", good ? {} : { class: "warn" }, mark(good ? "good" : "warn"), element("span", {}, ...children)));

  const all = [...said.recalls.values()];
  // One of those that a record tells of, and another ends, is told for all.
  const together = (list) => new Map(list.map((r) => [`${r.seq} ${r.lifted}`, r])).values();
  const recalls = all.filter((r) => !r.lifted && !r.ofOthers);
  const by = new Set(recalls.map((r) => r.seq)).size;
  if (by > 0) claim(false, element("strong", {}, ...say("Recalled")), ": ", ...say("{0}, first by {1} on {2}", count(by, "{n} record|{n} records"), name(recalls[0].by), time(recalls[0].time, day)));
  for (const r of together(recalls)) {
    if (r.unlifted) note(false, ...say("The recall by {0} on {1} was not lifted on {2}: a compromised key signed that", name(r.by), time(r.time, day), time(r.unlifted, day)));
    else if (r.compromised) note(false, ...say("A compromised key signed the recall by {0} on {1}: it stands until they say otherwise", name(r.by), time(r.time, day)));
  }
  for (const r of together(all.filter((r) => !r.lifted && r.ofOthers))) {
    note(false, ...say("{0} said on {1} that it is recalled, and may not recall it", name(r.by), time(r.time, day)));
  }
  for (const r of together(all.filter((r) => r.lifted))) note(true, ...say("The recall by {0} on {1} was lifted on {2}", name(r.by), time(r.time, day), time(r.lifted, day)));
  if (verdict.known) {
    claim(true, ...say("Signed: {0} under {1}, each by a member's valid key", count(records.length, "{n} record|{n} records"), count(signatures, "{n} signature|{n} signatures")));
    claim(true, ...say("Unchanged since they were recorded"));
    if (said.complete) claim(true, ...say("Nothing recorded was left out: a recall, a revocation or a refusal would show"));
    else claim(false, ...say("This is not the whole journey: it is longer than was checked"));
    const refusals = records.filter((r) => r.refused).length;
    if (refusals > 0) note(false, count(refusals, "{n} record among them the network refused|{n} records among them the network refused"));
    const doubtful = records.filter((r) => r.compromised).length;
    if (doubtful > 0) note(false, count(doubtful, "{n} record among them signed with a key that its organisation calls compromised|{n} records among them signed with a key that its organisation calls compromised"));
    const gaps = [...said.gaps.values()], left = gaps.filter((g) => !g.unread).length;
    for (const g of gaps.filter((g) => g.unread).slice(0, 5)) note(false, name(g.id), ": ", english(g.about));
    if (left > 0) note(false, count(left, "The records leave {n} gap|The records leave {n} gaps"));
    const certificates = [...said.certificates.values()];
    const then = certificates.filter((c) => c.statusAtEvent !== "active").length;
    if (then > 0) note(false, count(then, "Not valid when used: {n} certificate|Not valid when used: {n} certificates"));
    const today = certificates.filter((c) => c.statusToday !== "active").length;
    if (today > 0) note(false, count(today, "Not valid now: {n} certificate|Not valid now: {n} certificates"));
  } else {
    claim(false, ...say("Proved: the ledger holds no record of this"));
  }
  const voted = voters.filter((v) => v.voted);
  claim(true, ...say("Agreed: the votes of {0} of {1}, which suffice: {2}", number(voted.length), count(voters.length, "{n} validator|{n} validators"), name(listed(voted.map((v) => v.name ?? v.address.slice(0, 8))))));
  if (verdict.then && !verdict.then.known) claim(false, ...say("At block {0} the ledger held no record of this", number(verdict.then.at)));
  if (wrong.length === 0) claim(true, ...say("The page lists the same records"));
  else claim(false, ...say("The page lists other records than the proof: {0}. Rely on the proof, below.", wrong.slice(0, 10).join(", ") + (wrong.length > 10 ? ", …" : "")));
  if (said.torn) claim(false, ...say("Its parts are of different blocks: something that came between them may be missing"));
  if (behind) claim(false, ...say("This node is behind what your device has verified before: what came since is missing"));
  if (old > 600) claim(false, ...say("The proof is old: {0}. Whatever happened since, this node does not say: ask another one.", age(old)));
  if (old < -600) claim(false, ...say("This device's clock is behind the proof, so it cannot tell how old it is"));
  if (uncompared) claim(false, ...say("Not compared with the history that this device keeps, so that stays. {0}", uncompared));

  const headline = text(tone === "good" ? key("Verified on this device") : key("Verified on this device, but look"));
  const summary = say("{0}, as of {1} (block {2})", count(records.length, "{n} record|{n} records"), time(checkpoint.time), number(checkpoint.height));
  if (old >= 0) summary.push(", ", ...say("age: {0}", age(old)));
  show(section, tone, headline, summary,
    element("ul", { class: "claims" }, ...claims),
    small(...say("About {0}", code(verdict.id))),
    ...trusted(verdict, before, keeps),
    element("details", {}, element("summary", {}, ...say("What was not checked")),
      element("ul", { class: "plain small" }, ...verdict.unchecked.filter((u) => !u.startsWith("The age of")).map((u) => element("li", {}, english(u))),
        element("li", {}, ...say("The words of the page around the records: the node wrote them. What the proof itself says stands below.")))),
    ...steps([...said.steps.values()]));
}

/** trusted says what all of it rests on. */
function trusted(verdict, before, keeps) {
  const fingerprint = element("code", {}, verdict.network.match(/.{1,8}/g).join(" "));
  if (!before) {
    return [
      element("h4", {}, ...say("What this device trusts")),
      small(...say("This was the first check here, so it trusts the genesis document that this node served just now. Compare the network's fingerprint with the one on the label, on another organisation's node, or in {0}:", code("waymark verify"))),
      paragraph(fingerprint),
      small(...say("A node that serves this page serves the script that checks it, too. Who must not trust this node checks with another one, or with {0}.", code("waymark verify")), " ",
        text(keeps ? key("From now on the device keeps what it has verified, and raises an alarm when this address shows another history.") : key("This device's browser keeps nothing, so each check here is a first one."))),
    ];
  }
  return [
    element("h4", {}, ...say("What this device trusts")),
    small(...say("The checkpoint that it kept: block {0}, verified here {1}; the first one {2}. The network's fingerprint:", number(verdict.trust.height), time(before.at), time(before.since, day))),
    paragraph(fingerprint),
    small(...say("A node that serves this page serves the script that checks it, too. Who must not trust this node checks with another one, or with {0}.", code("waymark verify"))),
  ];
}

/** steps are the journey, drawn from verified bytes alone. */
function steps(all) {
  if (all.length === 0) return [];
  const line = (s) =>
    element("li", {}, element("strong", {}, english(name(s.what))), " ", element("span", { class: "small" }, time(s.time, day)),
      element("br"), name([...s.about, ...(s.more > 0 ? [text("and {0} more", s.more)] : [])].join("; ")),
      element("br"), element("span", { class: "small" }, ...(s.place ? [...say("at {0}", name(s.place)), ", "] : []), ...say("by {0} (record {1})", name(s.by), s.seq)));
  return [element("details", {}, element("summary", {}, count(all.length, "What the proof says, in {n} step|What the proof says, in {n} steps")), element("ol", { class: "plain" }, ...all.map(line)))];
}
