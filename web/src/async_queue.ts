import { MembraneError } from "./error.js";

/**
 * What an async iterator reads from: values wait here until the loop takes them.
 *
 * Bounded: when `push` would hold more than the given number of values or bytes, the queue drops
 * what waits and the loop sees a `busy` error, so a reader that is too slow learns of it.
 */
export class AsyncQueue<Value> implements AsyncIterableIterator<Value> {
  readonly #countMax: number;
  readonly #bytesMax: number;
  readonly #onEnd: () => void;
  #values: { value: Value; bytes: number }[] = [];
  #bytes = 0;
  #takers: {
    resolve: (result: IteratorResult<Value>) => void;
    reject: (error: unknown) => void;
  }[] = [];
  #ended = false;
  #error: MembraneError | undefined;

  constructor(countMax: number, bytesMax: number, onEnd: () => void) {
    this.#countMax = countMax;
    this.#bytesMax = bytesMax;
    this.#onEnd = onEnd;
  }

  push(value: Value, bytes: number): void {
    if (this.#ended) return;
    const taker = this.#takers.shift();
    if (taker !== undefined) return taker.resolve({ value, done: false });
    if (this.#values.length >= this.#countMax || this.#bytes + bytes > this.#bytesMax) {
      this.#values = [];
      this.#error = new MembraneError("busy", "the loop reads more slowly than messages arrive");
      return this.end();
    }
    this.#values.push({ value, bytes });
    this.#bytes += bytes;
  }

  /** No more values come; the loop ends once it has taken those that wait. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const taker of this.#takers.splice(0)) taker.resolve({ value: undefined, done: true });
    this.#onEnd();
  }

  next(): Promise<IteratorResult<Value>> {
    const first = this.#values.shift();
    if (first !== undefined) {
      this.#bytes -= first.bytes;
      return Promise.resolve({ value: first.value, done: false });
    }
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) return Promise.reject(error);
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => this.#takers.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<Value>> {
    this.#values = [];
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
