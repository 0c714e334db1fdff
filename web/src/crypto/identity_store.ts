/**
 * Where lasting identities are kept: this origin's IndexedDB, which holds keys as browsers' own
 * objects. No script can read the private parts out, ours included.
 */
import { MembraneError } from "../error.js";
import type { Bytes } from "./subtle.js";

/** All there is to an identity. */
export interface IdentityKeys {
  readonly id: Bytes;
  readonly sealingKey: Bytes;
  readonly signingPrivateKey: CryptoKey;
  readonly sealingPrivateKey: CryptoKey;
}

const databaseName = "membrane";
const storeName = "identities";

/** The identity kept under `name`, or undefined. */
export function readIdentity(name: string): Promise<IdentityKeys | undefined> {
  return inStore("readonly", (store) => store.get(name) as IDBRequest<IdentityKeys | undefined>);
}

/** Keeps an identity under `name`. False when another was there first, which then stays. */
export async function addIdentity(name: string, keys: IdentityKeys): Promise<boolean> {
  try {
    await inStore("readwrite", (store) => store.add(keys, name));
    return true;
  } catch (error) {
    const cause = error instanceof MembraneError ? error.cause : error;
    if ((cause as Error | undefined)?.name === "ConstraintError") return false;
    throw error;
  }
}

/** Removes what is kept under `name`, if anything. */
export function removeIdentity(name: string): Promise<undefined> {
  return inStore("readwrite", (store) => store.delete(name));
}

/** Does one thing in a transaction of its own and waits until it is on disk. */
async function inStore<T>(
  mode: IDBTransactionMode,
  use: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await openDatabase();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(storeName, mode);
      const request = use(transaction.objectStore(storeName));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(unavailable(transaction.error ?? request.error));
    });
  } finally {
    database.close();
  }
}

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    if (globalThis.indexedDB === undefined) throw unavailable(undefined);
    const request = indexedDB.open(databaseName, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(storeName);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(unavailable(request.error));
  });
}

function unavailable(cause: unknown): MembraneError {
  return new MembraneError("unsupported", "this browser cannot keep an identity here", cause);
}
