/** Package trace: which keys a record touches, and from an item through containers and transformations to its journey. Pure functions of record bytes. */

export { asOf } from "./asof.ts";
export { token } from "./continuation.ts";
export { consignments } from "./consignment.ts";
export type { Amount, Claim, Consignment, Declaration, Difference, Doing, GoodsItem, Packaging } from "./consignment.ts";
export type * from "./journey.ts";
export * from "./record.ts";
export { touches } from "./touches.ts";
export { walk } from "./walk.ts";
export { dateText, oneLine, printedID, quantityText, toldStep, words } from "./words.ts";
