import { abortedError, type MembraneError } from "./error.js";

interface Waiter<Value> {
  resolve: (value: Value) => void;
  reject: (error: MembraneError) => void;
}

/** Promises that wait for something to happen to a peer, by its id. */
export class Waiters<Value> {
  readonly #waiting = new Map<string, Set<Waiter<Value>>>();

  /**
   * A promise for this peer; calls `abandoned` when its signal fired and nobody else waits for the
   * same.
   */
  wait(id: string, signal: AbortSignal | undefined, abandoned: () => void): Promise<Value> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(abortedError(signal));
      const onAbort = (): void => {
        const rest = this.#remove(id, waiter);
        reject(abortedError(signal as AbortSignal));
        if (rest === 0) abandoned();
      };
      const tidy = (): void => signal?.removeEventListener("abort", onAbort);
      const waiter: Waiter<Value> = {
        resolve: (value) => (tidy(), resolve(value)),
        reject: (error) => (tidy(), reject(error)),
      };
      signal?.addEventListener("abort", onAbort);
      const set = this.#waiting.get(id) ?? new Set();
      this.#waiting.set(id, set.add(waiter));
    });
  }

  resolve(id: string, value: Value): void {
    for (const waiter of this.#take(id)) waiter.resolve(value);
  }

  reject(id: string, error: MembraneError): void {
    for (const waiter of this.#take(id)) waiter.reject(error);
  }

  rejectAll(error: MembraneError): void {
    for (const id of [...this.#waiting.keys()]) this.reject(id, error);
  }

  #take(id: string): Iterable<Waiter<Value>> {
    const set = this.#waiting.get(id) ?? [];
    this.#waiting.delete(id);
    return set;
  }

  #remove(id: string, waiter: Waiter<Value>): number {
    const set = this.#waiting.get(id);
    set?.delete(waiter);
    if (set?.size === 0) this.#waiting.delete(id);
    return set?.size ?? 0;
  }
}
