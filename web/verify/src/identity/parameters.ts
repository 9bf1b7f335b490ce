/** The numbers that a network agrees on at genesis: mirrors identity/parameters.go. */

import { CBORReader } from "../cbor.ts";

/** Parameters are those that a verifier needs. */
export interface Parameters {
  futureSkew: number; // how far after block time, in seconds, an event may say it happened
  lateness: number; // how long after it happened, in seconds, an event may be recorded without a flag
}

/** defaultParameters hold where genesis says nothing else: 10 minutes and 90 days. */
export const defaultParameters: Parameters = { futureSkew: 600, lateness: 90 * 86_400 };

/** decodeParameters reads the canonical state of the parameters; EncodingError for any other bytes. */
export const decodeParameters = (b: Uint8Array): Parameters =>
  CBORReader.read(b, (r) => {
    const all: number[] = [];
    r.fields((key) => {
      all.push(r.uint());
      return key === all.length && key <= 7;
    });
    if (all.length !== 7) r.fail("parameters are missing");
    return { futureSkew: all[1]!, lateness: all[2]! };
  });
