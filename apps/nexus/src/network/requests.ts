/** Those who want to talk and wait for our answer. */
import { type Signal, signal } from "@preact/signals";

export interface Request {
  readonly id: string;
  readonly name: string;
  readonly at: number;
  answer(yes: boolean): void;
}

/** The core waits as long for an answer. */
const requestMax_ms = 60_000;
const requestsMax = 64;

export class Requests {
  readonly waiting: Signal<readonly Request[]> = signal([]);
  /** What whoever asks will be answered, once for all that they ask meanwhile. */
  readonly #answers = new Map<string, Promise<boolean>>();

  /** Resolves with what the user says, or no: at once above `requestsMax`, later when `missed`. */
  ask(id: string, name: string, missed: () => void): boolean | Promise<boolean> {
    const asked = this.#answers.get(id);
    if (asked !== undefined) return asked;
    if (this.waiting.value.length >= requestsMax) return false;
    const answered = new Promise<boolean>((resolve) => {
      const answer = (yes: boolean): void => {
        clearTimeout(timer);
        this.#answers.delete(id);
        this.waiting.value = this.waiting.value.filter((other) => other !== request);
        resolve(yes);
      };
      const request: Request = { id, name, at: Date.now(), answer };
      const timer = setTimeout(() => {
        answer(false);
        missed();
      }, requestMax_ms);
      this.waiting.value = [...this.waiting.value, request];
    });
    this.#answers.set(id, answered);
    return answered;
  }

  /** There is nothing to say to this one any more, or to anybody. */
  settle(yes: boolean, id?: string): void {
    for (const request of this.waiting.value) {
      if (id === undefined || request.id === id) request.answer(yes);
    }
  }
}
