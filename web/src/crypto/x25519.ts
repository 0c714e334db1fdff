/** X25519 key pairs (RFC 7748): what messages for one peer are sealed to. */
import { type Bytes, generateKeyPair, type KeyPair, subtle, supported } from "./subtle.js";

export const sealingKeyBytes = 32;

/** What opens whatever was sealed to its public key. */
export type SealingKeyPair = KeyPair;

/** A fresh key pair. Rejects with `insecure-context` or `unsupported`. */
export function generateSealingKeyPair(): Promise<SealingKeyPair> {
  return generateKeyPair("X25519", ["deriveBits"]);
}

/**
 * The 32-byte Diffie-Hellman secret with `peer`; undefined when the peer's key has another length
 * or is of low order, which would make the secret zero.
 */
export async function agree(privateKey: CryptoKey, peer: Bytes): Promise<Bytes | undefined> {
  if (peer.length !== sealingKeyBytes) return undefined;
  const peerKey = await supported("X25519", subtle().importKey("raw", peer, "X25519", false, []));
  const secret = await deriveSecret(privateKey, peerKey);
  // WebCrypto refuses a zero secret itself; RFC 9180 section 7.1.4 makes it our duty all the same.
  return secret?.some((byte) => byte !== 0) ? secret : undefined;
}

async function deriveSecret(
  privateKey: CryptoKey,
  peerKey: CryptoKey,
): Promise<Bytes | undefined> {
  try {
    const algorithm = { name: "X25519", public: peerKey };
    return new Uint8Array(await subtle().deriveBits(algorithm, privateKey, 256));
  } catch (error) {
    if ((error as Error | undefined)?.name === "OperationError") return undefined;
    throw error;
  }
}
