/** What a verifier trusts, and how far: mirrors proof/lightanchor.go. */

import { equalBytes } from "../bytes.ts";
import type { Genesis, Validator } from "../identity/genesis.ts";
import { type Hash, zeroHash } from "../identity/hash.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { checkRoots } from "./checkpoint.ts";
import { checkLightBlock, exceeds, type LightBlock, totalPower, wrongValidators } from "./light.ts";
import { headerHash, sortValidators, validatorsHash } from "./lightwire.ts";
import { Refutation, Unusable } from "./refutation.ts";

/**
 * Anchor is what a verifier trusts before it looks at an answer: the genesis
 * document, or a checkpoint that it verified or was handed before.
 */
export interface Anchor {
  kind: "genesis" | "checkpoint";
  network: Hash;
  height: number; // of the trusted block; 0 of genesis
  time: bigint; // of that block or of genesis, Unix nanoseconds
  header: Hash; // of that block; zero of genesis
  validators: Validator[]; // that block's, in the engine's order; of genesis, the first block's
  nextValidators: Hash; // the hash of the set one block later
}

/** anchorOfGenesis trusts a genesis document. A network without validators in its genesis cannot be verified: Unusable. */
export function anchorOfGenesis(g: Genesis): Anchor {
  const validators = sortValidators(g.validators);
  const wrong = wrongValidators(validators);
  if (wrong) throw new Unusable("genesis: " + wrong);
  return {
    kind: "genesis", network: g.network, height: 0, time: g.time, header: zeroHash,
    validators, nextValidators: validatorsHash(validators),
  };
}

/**
 * anchorOfCheckpoint trusts a checkpoint because the caller does. It checks only
 * that the checkpoint is whole: its own votes, its own roots. It throws a
 * Refutation.
 */
export function anchorOfCheckpoint(c: Checkpoint): Anchor {
  checkLightBlock(c.block, c.network);
  checkRoots(c);
  return anchorAt(c.network, c.block);
}

const anchorAt = (network: Hash, b: LightBlock): Anchor => ({
  kind: "checkpoint", network, height: b.header.height, time: b.header.time, header: headerHash(b.header),
  validators: b.validators, nextValidators: b.header.nextValidatorsHash,
});

/**
 * verifyChain checks that blocks, in ascending order, lead from the anchor to the
 * last of them, and that all but the last are needed. It throws a Refutation.
 *
 * A chain is made from genesis, because who makes it does not know what its
 * reader trusts. To one who trusts a checkpoint, blocks at or below its height
 * only have to fit together.
 */
export function verifyChain(a: Anchor, blocks: LightBlock[]): void {
  for (let i = 1; i < blocks.length; i++) {
    const [before, height] = [blocks[i - 1]!.header.height, blocks[i]!.header.height];
    if (height <= before) throw new Refutation("order", `block ${height} after block ${before}`);
  }
  const links: Anchor[] = [];
  blocks.forEach((b, i) => {
    checkLightBlock(b, a.network);
    links.push(anchorAt(a.network, b));
    const before = links[i - 1];
    if (before) throwIf(refusal(before, b));
    const last = i === blocks.length - 1;
    const first = !before || before.height <= a.height;
    if (first && (last || b.header.height > a.height)) throwIf(refusal(a, b));
  });
  // Whether the first is needed shows only from genesis.
  for (let i = a.kind === "genesis" ? 1 : 2; i < blocks.length; i++) {
    const before = i > 1 ? links[i - 2]! : a;
    const b = blocks[i]!;
    if (!refusal(before, b)) {
      throw new Refutation(
        "surplus",
        `block ${before.height} leads to block ${b.header.height} without the block ${blocks[i - 1]!.header.height} between them`,
      );
    }
  }
}

function throwIf(r: Refutation | undefined): void {
  if (r) throw r;
}

/**
 * refusal says why trust in the anchor does not extend to a block whose own votes
 * have been checked (CometBFT's light client, "skipping verification");
 * undefined when it does. The block is one of these:
 *
 *   - the anchor's own;
 *   - signed by a set that the anchor knows, its own or the next one;
 *   - signed by validators with more than 1/3 of the power of the anchor's set,
 *     so by an honest one of them, and not the very next block, whose set is known.
 *
 * An earlier block than the anchor's is accepted on the same terms.
 */
function refusal(a: Anchor, b: LightBlock): Refutation | undefined {
  const h = b.header;
  if (h.height === a.height && a.height > 0) {
    return equalBytes(headerHash(h), a.header)
      ? undefined
      : new Refutation("anchor", `another block ${h.height} than the trusted one: the history has forked`);
  }
  if (
    (h.height < a.height && h.time >= a.time) ||
    (h.height > a.height && (h.time < a.time || (h.time === a.time && a.kind !== "genesis"))) // the first block has the time of genesis
  ) {
    return new Refutation("anchor", `block ${h.height} and the trusted block ${a.height} have their times in another order than their heights`);
  }
  if (equalBytes(h.validatorsHash, a.nextValidators)) return undefined;
  if (h.height === a.height + 1) {
    return new Refutation("anchor", `block ${h.height} has other validators than block ${a.height} appointed`);
  }
  if (equalBytes(h.validatorsHash, validatorsHash(a.validators))) return undefined;
  const signers = b.commit.signatures.map((s) => b.validators[s.validator]!.key);
  const voted = totalPower(a.validators.filter((v) => signers.some((key) => equalBytes(key, v.key))));
  const total = totalPower(a.validators);
  return exceeds(voted, 1n, total)
    ? undefined
    : new Refutation("anchor", `validators with ${voted} of the ${total} in power that are trusted signed block ${h.height}, not more than 1/3`);
}
