// Puts what was judged into words. Texts out of records only ever become text.

const svg = "http://www.w3.org/2000/svg";
const marks = { good: "M4 12.5l5.5 5.5L20 6.5", warn: "M12 4L2.5 20h19zM12 10v5M12 17.5v.5", bad: "M5 5l14 14M19 5L5 19" };
const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang; // the page writes 22 Nov 2026

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

const number = (n) => new Intl.NumberFormat(language).format(n);
const count = (n, noun) => `${number(n)} ${noun}${n === 1 ? "" : "s"}`;
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
  return count(Math.floor(seconds / of), unit);
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

export const checking = (section) => show(section, "busy", "Checking on this device…", ["The proof is being loaded and verified."]);

export const unchecked = (section, why) =>
  show(section, "warn", "Not checked", [why], paragraph("Nothing was found wrong, and nothing was found right. Try again, or ask another organisation's node."));

const reasons = {
  network: "The proof is of another network than the one that this device trusts.",
  id: "The proof is about something else than this page.",
  anchor: "The proof does not lead back to what this device trusts.",
  validators: "The list of validators is not the one that the network agreed on.",
  power: "Too few validators signed it.",
  vote: "A validator's signature is missing or wrong.",
  header: "The signed block is not the one that it claims to be.",
  roots: "What the validators signed is not what the proof shows.",
  stale: "The proof is too old, or this device's clock is wrong.",
  log: "A record was changed, or does not stand in the ledger where the proof says.",
  map: "What the proof says that the ledger holds, or does not hold, is not so.",
  history: "Something was left out of a history, or put into it.",
  state: "What the ledger is said to know contradicts the records.",
  envelope: "An author's signature does not fit what is said to be signed.",
  "records-root": "A record is not the one that its author signed.",
  signer: "A record was signed with a key that was not valid then.",
  organisation: "A record was signed for an organisation that was no member then.",
  findings: "The network's verdict on a record was changed.",
  touches: "A record stands in the history of a thing that it does not name.",
  "not-proved": "Something that the records name was left out of the proof.",
  surplus: "The proof holds things that do not belong in it.",
  order: "The proof is not in the form that a node writes.",
  continuation: "A part of the journey does not begin or end where it says.",
};

const unusables = {
  kept: "What your device keeps cannot be read.",
  genesis: "What the node served as the network's genesis document is none.",
};

/** refuted tells what does not verify; before is what the device kept, which stays. */
export function refuted(section, { refuted: r, unusable, of, conflict }, before, forget) {
  const against = before && (conflict || of === "kept" || r?.reason === "network" || r?.reason === "anchor");
  const where = r?.seq === undefined ? "" : `Record ${number(r.seq)}: `;
  const summary = conflict ? "This node cannot show that its history goes on from the one that your device keeps." : unusables[of] ?? (r ? where + (reasons[r.reason] ?? "It does not verify.") : "What the node sent is no proof.");
  const rest = [
    paragraph(element("strong", {}, "Do not rely on what this page says."), " Ask another organisation's node, and tell whoever sold you this."),
    small("What the verifier says: ", code(r?.reason ?? "unusable"), ": ", name(r?.detail ?? unusable), ...(r?.key ? [" (", code(r.key), ")"] : [])),
  ];
  if (against) {
    const again = element("button", { type: "button", class: "plain" }, "Forget what your device keeps");
    again.addEventListener("click", forget);
    rest.unshift(paragraph("It contradicts what this device has verified before", ...(before.at ? [" (", time(before.at), ")"] : []),
      ". That stays as it is. Either this node shows another history than it did, or the network was made anew."));
    rest.push(element("details", {}, element("summary", {}, "The network was made anew"),
      small("Only if its members say so: the device then begins to trust again, with what this node serves."), again));
  }
  show(section, "bad", against ? "Alarm: this contradicts what your device keeps" : "Refuted on this device", [summary], ...rest);
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
  if (by > 0) claim(false, element("strong", {}, "Recalled"), `: ${count(by, "record")}, first by `, name(recalls[0].by), " on ", time(recalls[0].time, day));
  for (const r of together(recalls)) {
    if (r.unlifted) note(false, "The recall by ", name(r.by), " on ", time(r.time, day), " was not lifted on ", time(r.unlifted, day), ": a compromised key signed that");
    else if (r.compromised) note(false, "A compromised key signed the recall by ", name(r.by), " on ", time(r.time, day), ": it stands until they say otherwise");
  }
  for (const r of together(all.filter((r) => !r.lifted && r.ofOthers))) {
    note(false, name(r.by), " said on ", time(r.time, day), " that it is recalled, and may not recall it");
  }
  for (const r of together(all.filter((r) => r.lifted))) note(true, "The recall by ", name(r.by), " on ", time(r.time, day), " was lifted on ", time(r.lifted, day));
  if (verdict.known) {
    claim(true, `Signed: ${count(records.length, "record")} under ${count(signatures, "signature")}, each by a member's valid key`);
    claim(true, "Unchanged since they were recorded");
    if (said.complete) claim(true, "Nothing recorded was left out: a recall, a revocation or a refusal would show");
    else claim(false, "This is not the whole journey: it is longer than was checked");
    const refusals = records.filter((r) => r.refused).length;
    if (refusals > 0) note(false, `${count(refusals, "record")} among them the network refused`);
    const doubtful = records.filter((r) => r.compromised).length;
    if (doubtful > 0) note(false, `${count(doubtful, "record")} among them signed with a key that its organisation calls compromised`);
    const gaps = [...said.gaps.values()], left = gaps.filter((g) => !g.unread).length;
    for (const g of gaps.filter((g) => g.unread).slice(0, 5)) note(false, name(g.id), `: ${g.about}`);
    if (left > 0) note(false, `The records leave ${count(left, "gap")}`);
    const certificates = [...said.certificates.values()];
    const then = certificates.filter((c) => c.statusAtEvent !== "active").length;
    if (then > 0) note(false, `Not valid when used: ${count(then, "certificate")}`);
    const today = certificates.filter((c) => c.statusToday !== "active").length;
    if (today > 0) note(false, `Not valid now: ${count(today, "certificate")}`);
  } else {
    claim(false, "Proved: the ledger holds no record of this");
  }
  const voted = voters.filter((v) => v.voted);
  claim(true, `Agreed: the votes of ${number(voted.length)} of ${count(voters.length, "validator")}, which suffice: `, name(listed(voted.map((v) => v.name ?? v.address.slice(0, 8)))));
  if (verdict.then && !verdict.then.known) claim(false, `At block ${number(verdict.then.at)} the ledger held no record of this`);
  if (wrong.length === 0) claim(true, "The page lists the same records");
  else claim(false, `The page lists other records than the proof: ${listed(wrong.slice(0, 10).map(String))}${wrong.length > 10 ? " and more" : ""}. Rely on the proof, below.`);
  if (said.torn) claim(false, "Its parts are of different blocks: something that came between them may be missing");
  if (behind) claim(false, "This node is behind what your device has verified before: what came since is missing");
  if (old > 600) claim(false, `The proof is ${age(old)} old. Whatever happened since, this node does not say: ask another one.`);
  if (old < -600) claim(false, "This device's clock is behind the proof, so it cannot tell how old it is");
  if (uncompared) claim(false, `Not compared with the history that this device keeps, so that stays. ${uncompared}`);

  const headline = tone === "good" ? "Verified on this device" : "Verified on this device, but look";
  const summary = [`${count(records.length, "record")}, as of `, time(checkpoint.time), old >= 0 ? `, ${age(old)} ago` : "", ` (block ${number(checkpoint.height)})`];
  show(section, tone, headline, summary,
    element("ul", { class: "claims" }, ...claims),
    small("About ", code(verdict.id)),
    ...trusted(verdict, before, keeps),
    element("details", {}, element("summary", {}, "What was not checked"),
      element("ul", { class: "plain small" }, ...verdict.unchecked.filter((u) => !u.startsWith("The age of")).map((u) => element("li", {}, u)),
        element("li", {}, "The words of the page around the records: the node wrote them. What the proof itself says stands below."))),
    ...steps([...said.steps.values()]));
}

/** trusted says what all of it rests on. */
function trusted(verdict, before, keeps) {
  const fingerprint = element("code", {}, verdict.network.match(/.{1,8}/g).join(" "));
  if (!before) {
    return [
      element("h4", {}, "What this device trusts"),
      small("This was the first check here, so it trusts the genesis document that this node served just now. Compare the network's fingerprint with the one on the label, on another organisation's node, or in ",
        code("waymark verify"), ":"),
      paragraph(fingerprint),
      small("A node that serves this page serves the script that checks it, too. Who must not trust this node checks with another one, or with ", code("waymark verify"), ". ",
        keeps ? "From now on the device keeps what it has verified, and raises an alarm when this address shows another history." : "This device's browser keeps nothing, so each check here is a first one."),
    ];
  }
  return [
    element("h4", {}, "What this device trusts"),
    small("The checkpoint that it kept: block ", number(verdict.trust.height), ", verified here ", time(before.at), "; the first one ", time(before.since, day), ". The network's fingerprint:"),
    paragraph(fingerprint),
    small("A node that serves this page serves the script that checks it, too. Who must not trust this node checks with another one, or with ", code("waymark verify"), "."),
  ];
}

/** steps are the journey, drawn from verified bytes alone. */
function steps(all) {
  if (all.length === 0) return [];
  const line = (s) =>
    element("li", {}, element("strong", {}, name(s.what)), " ", element("span", { class: "small" }, time(s.time, day)),
      element("br"), name(s.about.join("; ")),
      element("br"), element("span", { class: "small" }, ...(s.place ? ["at ", name(s.place), ", "] : []), "by ", name(s.by), ` (record ${s.seq})`));
  return [element("details", {}, element("summary", {}, `What the proof says, in ${count(all.length, "step")}`), element("ol", { class: "plain" }, ...all.map(line)))];
}
