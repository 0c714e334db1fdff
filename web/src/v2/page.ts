/**
 * What the v2 face takes from its page: time, and a place for errors that nobody else would see.
 *
 * The face never reads a clock or writes to the console by itself, so its tests decide both.
 */
export interface Page {
  /** Milliseconds that never go back. */
  now(): number;
  /** Calls back after so many milliseconds; gives back the function that calls it off. */
  after(delayMs: number, callback: () => void): () => void;
  /** Tells the developer, in words, what went wrong. */
  report(message: string, error?: unknown): void;
}

/**
 * Calls one of the page's callbacks. What it throws, or what its promise rejects with, is reported:
 * it ends neither the caller nor becomes an unhandled rejection.
 */
export function callSafely<Arguments extends unknown[]>(
  page: Page,
  what: string,
  callback: (...values: Arguments) => unknown,
  ...values: Arguments
): void {
  const failed = (error: unknown): void => page.report(`${what} failed`, error);
  try {
    const result = callback(...values);
    if (result instanceof Promise) result.catch(failed);
  } catch (error) {
    failed(error);
  }
}

/**
 * Marks a promise's rejection as seen, so that a caller who ignores the promise causes no unhandled
 * rejection.
 */
export function seen<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => undefined);
  return promise;
}

/** A table with no prototype: a hostile name such as `__proto__` is a key like any other. */
export function table<Value>(): Record<string, Value> {
  return Object.create(null) as Record<string, Value>;
}

/** Empties a table and keeps the object, since pages hold on to it. */
export function clearTable(entries: Record<string, unknown>): void {
  for (const key of Object.keys(entries)) delete entries[key];
}

/** Throws a `TypeError` unless a page's argument is a function. */
export function requireFunction(value: unknown, what: string): void {
  if (typeof value !== "function") throw new TypeError(`${what} must be a function`);
}
