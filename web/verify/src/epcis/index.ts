/** Package epcis: reads what the parties of a trade lane write. One meaning for every byte sequence. */

export { Context, contextURL, vocabulary } from "./context.ts";
export { Decimal } from "./decimal.ts";
export { decode } from "./decode.ts";
export type * from "./event.ts";
export { checkDigit, type Level } from "./gs1.ts";
export { canonical, classOf, type ID, inLot, none } from "./id.ts";
export { Instant } from "./instant.ts";
export { Fault } from "./invalid.ts";
export { parseJSON } from "./json.ts";
export { get, type Member, type Value } from "./value.ts";
export { expandVocabulary, shortVocabulary } from "./vocabulary.ts";
