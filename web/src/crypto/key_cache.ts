/**
 * Imported public keys, so that a peer whose records are checked again and again is imported once.
 * At most `keysMax` are kept; then the one not used for the longest time goes.
 */
export class KeyCache {
  readonly #keys = new Map<string, Promise<CryptoKey>>();
  readonly #importKey: (raw: Uint8Array) => Promise<CryptoKey>;
  readonly #keysMax: number;

  constructor(keysMax: number, importKey: (raw: Uint8Array) => Promise<CryptoKey>) {
    this.#keysMax = keysMax;
    this.#importKey = importKey;
  }

  get size(): number {
    return this.#keys.size;
  }

  /** The key with these raw bytes. Rejects as the import does; a failure is not kept. */
  get(raw: Uint8Array): Promise<CryptoKey> {
    const name = String.fromCharCode(...raw);
    const key = this.#keys.get(name) ?? this.#importKey(raw);
    // A map lists its entries in the order of insertion, so the first is the one longest unused.
    this.#keys.delete(name);
    this.#keys.set(name, key);
    for (const oldest of this.#keys.keys()) {
      if (this.#keys.size <= this.#keysMax) break;
      this.#keys.delete(oldest);
    }
    key.catch(() => {
      if (this.#keys.get(name) === key) this.#keys.delete(name);
    });
    return key;
  }
}
