/**
 * Which identity a page takes part with. Two tabs with one key would be one peer in two places, so
 * a lasting identity is locked while it is in use: the first tab takes the one under the storage's
 * own name, the next one that under "name 2", and so on. Each tab thereby finds an identity it had
 * before.
 *
 * Bounds: `lastingMax` lasting identities a storage name; one more tab than that gets an ephemeral
 * one.
 */
import { invalid } from "./check.js";
import { Identity } from "./crypto/identity.js";
import { MembraneError } from "./error.js";
import type { JoinOptions } from "./options.js";

const lastingMax = 16;

/** Identities that this page made itself and takes part with, each with its network. */
const inUse = new Set<string>();

/** An identity, and how to let others have it. */
export interface ChosenIdentity {
  identity: Identity;
  release: () => void;
}

/**
 * Rejects with `invalid-argument` for what is no identity, `busy` for one that is in the network
 * `where` already, by this page.
 */
export async function chooseIdentity(
  choice: NonNullable<JoinOptions["identity"]>,
  storage: string,
  where: string,
): Promise<ChosenIdentity> {
  if (choice instanceof Identity) {
    const use = `${where} ${choice.id}`;
    if (inUse.has(use)) throw new MembraneError("busy", "that identity is in use");
    inUse.add(use);
    return { identity: choice, release: () => void inUse.delete(use) };
  }
  if (choice === "lasting") {
    for (let slot = 1; slot <= lastingMax; slot++) {
      const name = slot === 1 ? storage : `${storage} ${slot}`;
      const release = await lock(`membrane identity ${name}`);
      if (release === undefined) continue;
      try {
        return { identity: await Identity.load(name), release };
      } catch (error) {
        release();
        throw error;
      }
    }
  }
  if (choice !== "ephemeral") throw invalid('identity must be "ephemeral", "lasting" or an Identity');
  return { identity: await Identity.create(), release: () => undefined };
}

/**
 * Takes a lock among all tabs of this origin if it is free; it ends with `release` or with the
 * page.
 */
function lock(name: string): Promise<(() => void) | undefined> {
  const locks = globalThis.navigator?.locks;
  if (locks === undefined) return Promise.resolve(() => undefined);
  return new Promise((resolve, reject) => {
    const held = (granted: Lock | null): Promise<void> | undefined => {
      if (granted === null) return void resolve(undefined);
      return new Promise((release) => resolve(release));
    };
    locks.request(name, { ifAvailable: true }, held).catch(reject);
  });
}
