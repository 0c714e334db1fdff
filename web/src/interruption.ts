import { abortedError, MembraneError } from "./error.js";

/** The longest delay that browsers take; a longer one would be over at once. */
const delayMax_ms = 2 ** 31 - 1;

/**
 * What may end an undertaking before it is done: a signal, a time limit, or somebody's decision.
 */
export class Interruption {
  readonly #ended: Promise<never>;
  readonly #signal: AbortSignal | undefined;
  readonly #timeout: ReturnType<typeof setTimeout>;
  readonly #onAbort = (): void => this.interrupt(abortedError(this.#signal as AbortSignal));
  #reject!: (error: MembraneError) => void;

  constructor(signal: AbortSignal | undefined, timeout_ms: number) {
    this.#ended = new Promise((_, reject) => (this.#reject = reject));
    this.#ended.catch(() => undefined);
    this.#signal = signal;
    this.#timeout = setTimeout(
      () => this.interrupt(new MembraneError("timed-out", `not done in ${timeout_ms} ms`)),
      Math.min(timeout_ms, delayMax_ms),
    );
    signal?.addEventListener("abort", this.#onAbort);
    if (signal?.aborted === true) this.#onAbort();
  }

  /** Ends the undertaking with this error, unless it has ended. */
  interrupt(error: MembraneError): void {
    this.#reject(error);
    this.over();
  }

  /** The work's result, or the interruption if that comes first. */
  race<Value>(work: Promise<Value>): Promise<Value> {
    return Promise.race([work, this.#ended]);
  }

  /** The undertaking is done: nothing interrupts it any more. */
  over(): void {
    clearTimeout(this.#timeout);
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }
}
