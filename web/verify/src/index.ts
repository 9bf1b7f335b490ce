/**
 * Waymark's dossier verifier for browsers, in the packages of the Go module.
 * Whatever is in a namespace here is what the Go package of that name exports,
 * as far as verifying and showing an answer needs it.
 */

export * as bytes from "./bytes.ts";
export * as epcis from "./epcis/index.ts";
export * as identity from "./identity/index.ts";
export * as proof from "./proof/index.ts";
export * as trace from "./trace/index.ts";
