/** Package trace: which keys a record touches, and from an item through containers and transformations to its journey. Pure functions of record bytes. */

export { asOf } from "./asof.ts";
export { token } from "./continuation.ts";
export type * from "./journey.ts";
export * from "./record.ts";
export { touches } from "./touches.ts";
export { walk } from "./walk.ts";
