// Signs envelopes with ethers' own EIP-712 implementation. See README.md.
import { Wallet, SigningKey, Signature, TypedDataEncoder, sha256, concat, toUtf8Bytes } from "ethers";

// RFC 6962, section 2.1, straight from its text.
function treeHead(leaves) {
  if (leaves.length === 1) return sha256(concat(["0x00", leaves[0]]));
  let k = 1;
  while (2 * k < leaves.length) k *= 2;
  return sha256(concat(["0x01", treeHead(leaves.slice(0, k)), treeHead(leaves.slice(k))]));
}

const types = {
  Envelope: [
    { name: "kind", type: "string" },
    { name: "signer", type: "address" },
    { name: "notAfter", type: "uint64" },
    { name: "count", type: "uint32" },
    { name: "recordsRoot", type: "bytes32" },
  ],
};

const event = (n) =>
  `{"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],"type":"ObjectEvent","eventTime":"2026-11-20T08:00:0${n % 10}Z","eventTimeZoneOffset":"+03:00","epcList":["https://id.gs1.org/01/09521101530001/21/${n}"],"action":"ADD","bizStep":"commissioning"}`;

const cases = [
  { name: "one event", seed: "one", kind: "epcis", notAfter: "1795305600", records: [event(1)] },
  { name: "seven events, a tree with an odd edge", seed: "seven", kind: "epcis", notAfter: "1795305601", records: [1, 2, 3, 4, 5, 6, 7].map(event) },
  { name: "text that is not ASCII, spaces kept", seed: "text", kind: "masterdata", notAfter: "0", records: ['{ "name" : "Ḥarar Būnna ☕ 咖啡" }\n', "{}"] },
  { name: "the largest deadline and count", seed: "large", kind: "certificate", notAfter: "18446744073709551615", records: Array.from({ length: 1000 }, (_, i) => `{"n":${i}}`) },
];

const out = [];
for (const c of cases) {
  const wallet = new Wallet(sha256(toUtf8Bytes("waymark test key " + c.seed)));
  const network = sha256(toUtf8Bytes("waymark test network " + c.seed));
  const domain = { name: "Waymark", version: "1", salt: network };
  const value = {
    kind: c.kind,
    signer: wallet.address,
    notAfter: BigInt(c.notAfter),
    count: c.records.length,
    recordsRoot: treeHead(c.records.map((r) => toUtf8Bytes(r))),
  };
  const signature = Signature.from(await wallet.signTypedData(domain, types, value));
  out.push({
    name: c.name,
    privateKey: wallet.privateKey,
    publicKey: SigningKey.computePublicKey(wallet.privateKey, true),
    network,
    kind: c.kind,
    signer: wallet.address,
    notAfter: c.notAfter,
    records: c.records,
    recordsRoot: value.recordsRoot,
    digest: TypedDataEncoder.hash(domain, types, value),
    signature: concat([signature.r, signature.s]),
  });
}
console.log(JSON.stringify({ generator: "ethers " + (await import("ethers")).version, vectors: out }, null, 1));
