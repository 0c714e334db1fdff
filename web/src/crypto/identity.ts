import { bytesOf, checkText } from "../check.js";
import { generateSigningKeyPair, sign, verify } from "./ed25519.js";
import { open } from "./hpke.js";
import { addIdentity, type IdentityKeys, readIdentity, removeIdentity } from "./identity_store.js";
import type { Bytes } from "./subtle.js";
import { generateSealingKeyPair } from "./x25519.js";

/** So that what is no string is found; there are no such names. */
const storageNameBytesMax = 1024;

/**
 * Who a peer is: a key pair for signing, whose public key is its id, and one for opening what is
 * sealed to it. The private keys cannot be extracted, not even by this library.
 *
 * @example
 * const identity = await Identity.load("my-app"); // the same peer at the next visit
 */
export class Identity {
  /** The peer's id: its raw Ed25519 public key, 32 bytes. */
  readonly id: Bytes;
  /** What others seal to: its raw X25519 public key, 32 bytes. */
  readonly sealingKey: Bytes;
  readonly #keys: IdentityKeys;

  private constructor(keys: IdentityKeys) {
    this.id = keys.id.slice();
    this.sealingKey = keys.sealingKey.slice();
    this.#keys = keys;
  }

  /** A new identity that ends with the page. Rejects with `insecure-context` or `unsupported`. */
  static async create(): Promise<Identity> {
    return new Identity(await generateKeys());
  }

  /**
   * The identity kept in this browser under `storageName`, made and kept when there is none. Tabs
   * that load it at the same time get the same one; two that use it at once would be one peer in
   * two places, which the caller has to prevent. Rejects as `create` does, and with `unsupported`
   * where the browser keeps nothing (some private windows).
   */
  static async load(storageName: string): Promise<Identity> {
    checkText(storageName, "storage's name", storageNameBytesMax);
    const kept = await readIdentity(storageName);
    if (kept !== undefined) return new Identity(kept);
    const fresh = await generateKeys();
    if (await addIdentity(storageName, fresh)) return new Identity(fresh);
    return Identity.load(storageName);
  }

  /** Removes the identity kept under `storageName`, for good. One in use goes on until the page ends. */
  static async forget(storageName: string): Promise<void> {
    checkText(storageName, "storage's name", storageNameBytesMax);
    await removeIdentity(storageName);
  }

  /** The 64-byte Ed25519 signature of `bytes` in this peer's name. */
  async sign(bytes: Uint8Array): Promise<Bytes> {
    return sign(this.#keys.signingPrivateKey, bytesOf(bytes));
  }

  /** Whether the peer with id `key` signed `bytes`. */
  async verify(key: Uint8Array, bytes: Uint8Array, signature: Uint8Array): Promise<boolean> {
    return verify(bytesOf(key), bytesOf(bytes), bytesOf(signature));
  }

  /** Opens what was sealed to this peer with the same `info` and `aad`; undefined for anything else. */
  async open(info: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Promise<Bytes | undefined> {
    const { sealingPrivateKey: privateKey, sealingKey: publicKey } = this.#keys;
    return open({ privateKey, publicKey }, bytesOf(info), bytesOf(aad), bytesOf(sealed));
  }
}

async function generateKeys(): Promise<IdentityKeys> {
  const [signing, sealing] = await Promise.all([
    generateSigningKeyPair(),
    generateSealingKeyPair(),
  ]);
  return {
    id: signing.publicKey,
    sealingKey: sealing.publicKey,
    signingPrivateKey: signing.privateKey,
    sealingPrivateKey: sealing.privateKey,
  };
}
