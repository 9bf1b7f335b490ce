/** The numbers that a network agrees on at genesis: mirrors identity/parameters.go. */

import { CBORReader } from "../cbor.ts";

/** Parameters are those that a verifier needs. */
export interface Parameters {
  futureSkew: number; // how far after block time, in seconds, an event may say it happened
  lateness: number; // how long after it happened, in seconds, an event may be recorded without a flag: the longest limit of all roles
}

/** defaultParameters hold where genesis says nothing else: 10 minutes and 90 days. */
export const defaultParameters: Parameters = { futureSkew: 600, lateness: 90 * 86_400 };

/** The first parameters stand in every state, the others where they are not the default: that of each, by key. */
const alwaysWritten = 7;
const defaults = new Map([
  [8, 5_000], [9, 5_000], [10, 60 * 86_400], [11, 14 * 86_400], [12, 90 * 86_400], [13, 30 * 86_400],
  [14, 130], [15, 60], [16, 1_100], [17, 50_000], [18, 60], [19, 4 * 3_600], [20, 12 * 3_600], [21, 1], [22, 1], [23, 1],
  [24, 86_400], [25, 90 * 86_400], [26, 7 * 86_400],
]);

/** The lateness limits of roles: 0, the default, is the general one. */
const latenessByRole = { from: 27, to: 38 };
for (let key = latenessByRole.from; key <= latenessByRole.to; key++) defaults.set(key, 0);

/** decodeParameters reads the canonical state of the parameters; EncodingError for any other bytes. */
export const decodeParameters = (b: Uint8Array): Parameters =>
  CBORReader.read(b, (r) => {
    const all: number[] = [];
    let lateness = 0;
    r.fields((key) => {
      const value = r.uint();
      if (key <= alwaysWritten) return all.push(value) === key;
      if (key >= latenessByRole.from) lateness = Math.max(lateness, value);
      return defaults.has(key) && defaults.get(key) !== value;
    });
    if (all.length !== alwaysWritten) r.fail("parameters are missing");
    return { futureSkew: all[1]!, lateness: Math.max(all[2]!, lateness) };
  });
