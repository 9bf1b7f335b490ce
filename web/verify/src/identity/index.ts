/** Package identity: envelopes, keys, organisations, genesis. */

export { type EnvelopeHeader, envelopeID, publicKeyAddress, recordHash, type SignatureFault, Verifier } from "./envelope.ts";
export { type Genesis, GenesisError, parseGenesis, type Validator } from "./genesis.ts";
export { addressText, chainID, type Hash, keccak256, sha256 } from "./hash.ts";
export { decodeParameters, defaultParameters, type Parameters } from "./parameters.ts";
export { decodeKeyState, decodeOrganisationState, type KeyStanding, type Organisation, type OrganisationStanding, standingAt } from "./state.ts";
