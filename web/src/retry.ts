/**
 * When to try again: 1 s … 30 s apart, doubling, each pause shortened by up to half at random so
 * that a server that starts again is not met by everyone at once.
 */

const pauseMin_ms = 1_000;
const pauseMax_ms = 30_000;

export class Retry {
  readonly #attempt: () => void;
  readonly #random: () => number;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `random` gives numbers between 0 and 1. */
  constructor(attempt: () => void, random: () => number) {
    this.#attempt = attempt;
    this.#random = random;
  }

  /** It failed: tries again after a pause. */
  failed(): void {
    clearTimeout(this.#timer);
    const pause = Math.min(pauseMin_ms * 2 ** this.#failures++, pauseMax_ms);
    this.#timer = setTimeout(() => this.now(), pause * (1 - this.#random() / 2));
  }

  /** Tries now, if a pause is under way. */
  now(): void {
    if (this.#timer === undefined) return;
    this.cancel();
    this.#attempt();
  }

  /** It worked: pauses begin short again. */
  worked(): void {
    this.#failures = 0;
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
