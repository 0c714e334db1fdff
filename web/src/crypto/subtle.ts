/**
 * WebCrypto, and clear words where it is missing: browsers hide it from pages that are not served
 * securely, and older ones lack the two curves.
 */
import { MembraneError } from "../error.js";

/** Bytes with a buffer of their own, which WebCrypto may read while the caller goes on. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** A copy, so that what the caller does to `bytes` afterwards (or WebAssembly's memory) is nothing to us. */
export function copyOf(bytes: Uint8Array): Bytes {
  return new Uint8Array(bytes);
}

/** WebCrypto. Throws `insecure-context` or `unsupported` where there is none. */
export function subtle(): SubtleCrypto {
  const found = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (found !== undefined) return found;
  if (globalThis.isSecureContext === false) {
    throw new MembraneError(
      "insecure-context",
      "browsers offer cryptography to secure pages only: serve this one over HTTPS or from 127.0.0.1",
    );
  }
  throw new MembraneError("unsupported", "WebCrypto is missing");
}

/** Waits for an operation of `algorithm`; rejects with `unsupported` when the browser does not know it. */
export async function supported<T>(algorithm: string, operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    if ((error as Error | undefined)?.name !== "NotSupportedError") throw error;
    throw new MembraneError("unsupported", `this browser lacks ${algorithm}`, error);
  }
}

/** A key pair; the private key cannot be extracted. */
export interface KeyPair {
  readonly privateKey: CryptoKey;
  /** The raw public key: 32 bytes for either curve. */
  readonly publicKey: Bytes;
}

/** A fresh key pair of `algorithm`. Rejects with `insecure-context` or `unsupported`. */
export async function generateKeyPair(algorithm: string, uses: KeyUsage[]): Promise<KeyPair> {
  const made = subtle().generateKey(algorithm, false, uses) as Promise<CryptoKeyPair>;
  const { privateKey, publicKey } = await supported(algorithm, made);
  return { privateKey, publicKey: new Uint8Array(await subtle().exportKey("raw", publicKey)) };
}
