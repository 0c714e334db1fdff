/**
 * Stands in for `setTimeout` and `clearTimeout`: time passes when the test says so. Those that
 * `node:test` brings are called differently in Node.js 18, and are an experiment there.
 */

interface Pending {
  at_ms: number;
  callback: () => void;
}

export class FakeTimers {
  readonly #real = { setTimeout, clearTimeout };
  #now_ms = 0;
  #lastHandle = 0;
  readonly #pending = new Map<number, Pending>();

  get now_ms(): number {
    return this.#now_ms;
  }

  /** Takes the place of the global functions, with nothing pending. */
  install(): void {
    this.#pending.clear();
    Object.assign(globalThis, {
      setTimeout: (callback: () => void, delay_ms = 0) => this.#set(callback, delay_ms),
      clearTimeout: (handle?: number) => this.#pending.delete(handle ?? 0),
    });
  }

  /** Gives the global functions back. */
  uninstall(): void {
    Object.assign(globalThis, this.#real);
  }

  /** Lets so much time pass: what is due by then is called, in its order. */
  tick(passing_ms: number): void {
    const end_ms = this.#now_ms + passing_ms;
    for (let due = this.#next(end_ms); due !== undefined; due = this.#next(end_ms)) {
      const [handle, { at_ms, callback }] = due;
      this.#pending.delete(handle);
      this.#now_ms = at_ms;
      callback();
    }
    this.#now_ms = end_ms;
  }

  #set(callback: () => void, delay_ms: number): number {
    this.#pending.set(++this.#lastHandle, { at_ms: this.#now_ms + delay_ms, callback });
    return this.#lastHandle;
  }

  /** The earliest due by then; of several at once the one that was set first. */
  #next(end_ms: number): [number, Pending] | undefined {
    let next: [number, Pending] | undefined;
    for (const entry of this.#pending) {
      const { at_ms } = entry[1];
      if (at_ms <= end_ms && at_ms < (next?.[1].at_ms ?? Infinity)) next = entry;
    }
    return next;
  }
}
