import { MembraneError } from "./error.js";
import type { MembraneState } from "./events.js";

/**
 * How long the map may stay empty once we are linked: the records of those we are linked to follow
 * the link within milliseconds, unless they leave just then.
 */
const emptyMapMax_ms = 1_000;

/** Whoever joins. */
export interface Newcomer extends EventTarget {
  readonly state: MembraneState;
  /** Ourselves included. */
  readonly peers: ReadonlyMap<string, unknown>;
}

/**
 * Resolves when we have arrived: known to be the first, or linked and not alone in the map, or
 * linked for a second. Never resolves once the signal has fired.
 */
export function arrival(newcomer: Newcomer, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const listening = new AbortController();
    let patience: ReturnType<typeof setTimeout> | undefined;
    const over = (): void => {
      clearTimeout(patience);
      listening.abort();
    };
    const arrived = (): void => (over(), resolve());
    const look = (): void => {
      const { state, peers } = newcomer;
      clearTimeout(patience);
      if (state === "alone" || (state === "joined" && peers.size > 1)) arrived();
      else if (state === "joined") patience = setTimeout(arrived, emptyMapMax_ms);
    };
    const options = { signal: listening.signal };
    newcomer.addEventListener("state", look, options);
    newcomer.addEventListener("peer-added", look, options);
    signal.addEventListener("abort", over, options);
  });
}

/** Resolves when the newcomer is linked to somebody; rejects with `closed` when the signal fires. */
export function firstLink(newcomer: Newcomer, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (newcomer.state !== "joined") return;
      newcomer.removeEventListener("state", look);
      resolve();
    };
    newcomer.addEventListener("state", look, { signal });
    signal.addEventListener("abort", () =>
      reject(new MembraneError("closed", "the membrane was closed before it was linked")),
    );
  });
}
