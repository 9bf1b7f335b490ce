// Writes a Web3 Secret Storage version 3 file with ethers. See README.md.
import { Wallet, encryptKeystoreJson, sha256, toUtf8Bytes } from "ethers";
const wallet = new Wallet(sha256(toUtf8Bytes("waymark test key one")));
console.log(await encryptKeystoreJson({ address: wallet.address, privateKey: wallet.privateKey }, "open sesame ☕", { scrypt: { N: 4096 } }));
