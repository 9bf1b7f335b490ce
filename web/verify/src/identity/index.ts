/** Package identity: envelopes, keys, organisations, genesis. */

export { checkSignature, type EnvelopeHeader, envelopeID, publicKeyAddress, recordHash } from "./envelope.ts";
export { type Genesis, GenesisError, parseGenesis, type Validator } from "./genesis.ts";
export { addressText, chainID, type Hash, keccak256, sha256 } from "./hash.ts";
export { decodeKeyState, decodeOrganisationState, type KeyStanding, type Organisation, type OrganisationStanding, standingAt } from "./state.ts";
