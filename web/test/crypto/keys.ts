/** Key pairs from the raw private keys that vectors give; the library itself imports none. */
import type { SealingKeyPair } from "../../src/crypto/x25519.js";
import { fromHex, type Vector } from "./vectors.js";

/** PrivateKeyInfo (RFC 8410) up to the key's 32 bytes. */
const pkcs8Start = {
  Ed25519: "302e020100300506032b657004220420",
  X25519: "302e020100300506032b656e04220420",
};

type Curve = keyof typeof pkcs8Start;

function importPrivateKey(curve: Curve, raw: string, use: KeyUsage): Promise<CryptoKey> {
  return crypto.subtle.importKey("pkcs8", fromHex(pkcs8Start[curve] + raw), curve, false, [use]);
}

export function signingKeyOf(vector: Vector): Promise<CryptoKey> {
  return importPrivateKey("Ed25519", vector.text("seed"), "sign");
}

/** The pair of `skEm` and `pkEm` for "E", of `skRm` and `pkRm` for "R". */
export async function sealingKeyOf(vector: Vector, side: "E" | "R"): Promise<SealingKeyPair> {
  const privateKey = await importPrivateKey("X25519", vector.text(`sk${side}m`), "deriveBits");
  return { privateKey, publicKey: vector.bytes(`pk${side}m`) };
}
