/**
 * One deadline and what to do then. Browsers slow the timers of hidden pages down to one a second
 * and later one a minute, but not those of a dedicated worker; so while the page is hidden a tiny
 * worker keeps the time. Where workers are forbidden (a content security policy without `blob:`),
 * the page's own timers have to do.
 */
import { WorkerClock } from "./worker_clock.js";

/** The longest delay that browsers take. */
const delayMax_ms = 2 ** 31 - 1;

export class Timer {
  readonly #expired: () => void;
  #at = Infinity;
  #handle: ReturnType<typeof setTimeout> | undefined;
  #cancelWorker: (() => void) | undefined;
  readonly #onVisibility = (): void => this.#visibilityChanged();

  /** `expired` is called once for each deadline, perhaps early: the owner checks its clock. */
  constructor(expired: () => void) {
    this.#expired = expired;
    globalThis.document?.addEventListener("visibilitychange", this.#onVisibility);
  }

  /**
   * Sets the deadline, given the time that it is now; infinity for none. A later deadline than the
   * one that is armed arms nothing: the earlier one expires, its owner looks at its clock and sets
   * it anew.
   */
  set(at: number, now: number): void {
    if (at >= this.#at) return;
    this.#disarm();
    if (at === Infinity) return;
    this.#at = at;
    this.#arm(at - now);
  }

  close(): void {
    this.#disarm();
    globalThis.document?.removeEventListener("visibilitychange", this.#onVisibility);
  }

  #arm(delay: number): void {
    const delay_ms = Math.min(Math.max(0, Math.ceil(delay)), delayMax_ms);
    const fire = (): void => {
      this.#disarm();
      this.#expired();
    };
    if (globalThis.document?.hidden === true)
      this.#cancelWorker = WorkerClock.after(delay_ms, fire);
    if (this.#cancelWorker === undefined) this.#handle = setTimeout(fire, delay_ms);
  }

  #disarm(): void {
    this.#at = Infinity;
    clearTimeout(this.#handle);
    this.#handle = undefined;
    this.#cancelWorker?.();
    this.#cancelWorker = undefined;
  }

  /**
   * Hands the deadline over to the other clock; expiring early is simplest, the owner sets it anew.
   */
  #visibilityChanged(): void {
    if (this.#at === Infinity) return;
    this.#disarm();
    this.#expired();
  }
}
