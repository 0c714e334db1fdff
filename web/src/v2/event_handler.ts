import { callSafely, seen, type Page } from "./page.js";
import { expectationDefaultMs, listenersMax, timerMaxMs } from "./limits.js";

/** What `onReceipt` calls. */
export type Receipt = (signal: string, detail: unknown) => unknown;

interface Expectation {
  resolve(detail: unknown): void;
  reject(reason: unknown): void;
}

/**
 * v2's event bus: named signals with a detail, listeners that stay, and promises for the next
 * dispatch.
 *
 * Always holds: a listener that throws stops no other; a promise settles once, by a dispatch, by
 * `forceReject` or by its time; a promise nobody looks at causes no unhandled rejection. Bounded by
 * `listenersMax`.
 */
export class EventHandler {
  readonly #page: Page;
  readonly #receipts = new Map<string, Set<{ callback: Receipt }>>();
  readonly #expectations = new Map<string, Set<Expectation>>();
  #count = 0;

  /** @internal */
  constructor(page: Page) {
    this.#page = page;
  }

  /**
   * Calls back on every dispatch of `signal`; gives back the function that ends it. Throws
   * `TypeError` for what is no function, `RangeError` above 4,096 that listen or wait.
   */
  onReceipt(signal: string, callback: Receipt): () => void {
    if (typeof callback !== "function") throw new TypeError("onReceipt needs a function");
    return this.#add(this.#receipts, String(signal), { callback });
  }

  /**
   * Hands `detail` to everyone who waits for `signal`, in the order they came; false when nobody
   * does.
   */
  dispatch(signal: string, detail?: unknown): boolean {
    const name = String(signal);
    const expectations = [...(this.#expectations.get(name) ?? [])];
    const receipts = [...(this.#receipts.get(name) ?? [])];
    for (const expectation of expectations) expectation.resolve(detail);
    for (const { callback } of receipts) {
      callSafely(this.#page, `a callback for "${name}"`, callback, name, detail);
    }
    return expectations.length + receipts.length > 0;
  }

  /**
   * A promise of the next dispatch's detail. Rejects with an `Error` after `timeoutMs`, 10 s unless
   * told otherwise, with the reason that `forceReject` was given, or with a `RangeError` above 4,096
   * that listen or wait.
   */
  acquireExpectedDispatch(
    signal: string,
    timeoutMs: number = expectationDefaultMs,
  ): Promise<unknown> {
    const name = String(signal);
    const delay = Number.isFinite(timeoutMs)
      ? Math.max(0, Math.min(timeoutMs, timerMaxMs))
      : timerMaxMs;
    const promise = new Promise<unknown>((resolve, reject) => {
      const settle = (act: () => void): void => {
        remove();
        cancel();
        act();
      };
      const remove = this.#add(this.#expectations, name, {
        resolve: (detail) => settle(() => resolve(detail)),
        reject: (reason) => settle(() => reject(reason)),
      });
      const late = (): void => settle(() => reject(new Error(`no "${name}" within ${delay} ms`)));
      const cancel = this.#page.after(delay, late);
    });
    return seen(promise);
  }

  /** Rejects every promise that waits for `signal`. */
  forceReject(signal: string, reason?: unknown): void {
    for (const expectation of [...(this.#expectations.get(String(signal)) ?? [])])
      expectation.reject(reason);
  }

  #add<Entry>(entries: Map<string, Set<Entry>>, signal: string, entry: Entry): () => void {
    if (this.#count >= listenersMax) throw new RangeError(`more than ${listenersMax} listeners`);
    const set = entries.get(signal) ?? new Set<Entry>();
    entries.set(signal, set.add(entry));
    this.#count += 1;
    return () => {
      if (!set.delete(entry)) return;
      this.#count -= 1;
      if (set.size === 0 && entries.get(signal) === set) entries.delete(signal);
    };
  }
}
