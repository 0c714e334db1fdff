/**
 * Ed25519 signatures (RFC 8032): how a peer proves that it speaks in its own name.
 *
 * `verify` must say the same everywhere, or maps would differ. Browsers differ on keys and on R of
 * small order, for which a signature proves nothing; both are refused here first, as the Web
 * Cryptography API asks.
 */
import { MembraneError } from "../error.js";
import { KeyCache } from "./key_cache.js";
import { type Bytes, copyOf, generateKeyPair, type KeyPair, subtle, supported } from "./subtle.js";

export const signingKeyBytes = 32;
export const signatureBytes = 64;

/** The map's default limit: each of its peers is checked over and over. */
const cachedKeysMax = 4096;

/**
 * The y coordinates of the eight points whose order divides the cofactor, in every encoding that
 * decoders accept (p and p + 1 stand for 0 and 1). The sign of x is the top bit, left out here.
 */
const smallOrderY = new Set([
  "00".repeat(32),
  "01".padEnd(64, "0"),
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  ...["ec", "ed", "ee"].map((first) => `${first}${"ff".repeat(30)}7f`),
]);

const publicKeys = new KeyCache(cachedKeysMax, async (raw) =>
  supported("Ed25519", subtle().importKey("raw", copyOf(raw), "Ed25519", false, ["verify"])),
);

/** A fresh key pair for signing. Rejects with `insecure-context` or `unsupported`. */
export function generateSigningKeyPair(): Promise<KeyPair> {
  return generateKeyPair("Ed25519", ["sign", "verify"]);
}

/** The 64-byte signature of `message`. */
export async function sign(privateKey: CryptoKey, message: Uint8Array): Promise<Bytes> {
  return new Uint8Array(await subtle().sign("Ed25519", privateKey, copyOf(message)));
}

/**
 * Whether `signature` (64 bytes) of `message` was made with the key pair of `publicKey` (32 bytes);
 * false for every other length, point or encoding. The arguments may change once this returns its
 * promise. Rejects with `insecure-context` or `unsupported`.
 */
export async function verify(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (publicKey.length !== signingKeyBytes || signature.length !== signatureBytes) return false;
  if (hasSmallOrder(publicKey) || hasSmallOrder(signature.subarray(0, 32))) return false;
  const [ownMessage, ownSignature] = [copyOf(message), copyOf(signature)];
  try {
    const key = await publicKeys.get(publicKey);
    return await subtle().verify("Ed25519", key, ownSignature, ownMessage);
  } catch (error) {
    if (error instanceof MembraneError) throw error;
    return false; // not the encoding of a point
  }
}

/** `point` has 32 bytes. */
function hasSmallOrder(point: Uint8Array): boolean {
  const y = Array.from(point);
  y.push((y.pop() ?? 0) & 0x7f);
  return smallOrderY.has(y.map((byte) => byte.toString(16).padStart(2, "0")).join(""));
}
