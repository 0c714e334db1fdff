/**
 * Unix time in milliseconds that never goes back and counts the time the machine slept.
 *
 * `performance.now()` is steady but stands still during sleep on most systems; `Date.now()` counts
 * sleep but is set by people and servers. So: the steady clock, moved forward whenever the wall
 * clock is found to be 2 s or more ahead.
 */

/**
 * How far the wall clock must be ahead to count as sleep: above what time servers adjust in one go.
 */
const jumpMin_ms = 2_000;

/** The two clocks, as functions so that tests can turn them. */
export interface TimeSources {
  /** Unix milliseconds, may be set at any time. */
  wall(): number;
  /** Milliseconds from some moment on, steady. */
  steady(): number;
}

const pageTime: TimeSources = { wall: () => Date.now(), steady: () => performance.now() };

export class Clock {
  readonly #sources: TimeSources;
  #offset: number;
  #jumped = false;

  constructor(sources: TimeSources = pageTime) {
    this.#sources = sources;
    this.#offset = sources.wall() - sources.steady();
  }

  now(): number {
    const wall = this.#sources.wall();
    let now = this.#sources.steady() + this.#offset;
    if (wall - now >= jumpMin_ms) {
      this.#offset += wall - now;
      now = wall;
      this.#jumped = true;
    }
    return now;
  }

  /** Whether time has jumped since this was last asked: the machine slept. */
  takeJump(): boolean {
    const jumped = this.#jumped;
    this.#jumped = false;
    return jumped;
  }
}
