// Says things in the language of the page. A message stands in the code in English; the
// catalogue of another language, words-TAG.js, has it by that text.

export const tag = document.documentElement.lang;
/** language is how numbers and times are written: the English page writes 22 Nov 2026. */
export const language = tag === "en" ? "en-GB" : tag;

let words = {};

/** learn loads the catalogue of the page's language. Until then, and without it, messages are English. */
export async function learn() {
  if (tag !== "en") words = (await import(`./words-${tag}.js`)).default;
}

/** say is a message with what stands for {0}, {1}, …: texts and nodes, for append. */
export const say = (message, ...args) =>
  (words[message] ?? message).split(/\{(\d)\}/).map((part, i) => (i % 2 ? args[part] : part)).flat();

/** text is a message whose arguments are texts. */
export const text = (message, ...args) => say(message, ...args).join("");

/** key marks a message that is said elsewhere. */
export const key = (message) => message;

export const number = (n) => new Intl.NumberFormat(language).format(n);

/** count is a message of two forms, "{n} record|{n} records", about n things. */
export function count(n, message) {
  const [one, many] = (words[message] ?? message).split("|");
  return (new Intl.PluralRules(language).select(n) === "one" ? one : many ?? one).replace("{n}", number(n));
}
