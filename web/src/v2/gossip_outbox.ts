import type { Page } from "./page.js";
import {
  gossipMessageBytesMax,
  gossipQueuedBytesMax,
  gossipQueuedFactsMax,
  gossipRetryMs,
} from "./limits.js";

const encoder = new TextEncoder();

/** What became of a message: gone, to be tried again later, or refused for good. */
export type Sent = "sent" | "busy" | { failed: unknown };

/**
 * Facts of one gossip type on their way out. A fact leaves at once when nothing of its type left
 * within the last interval; facts that come sooner leave together when the interval is over. v2
 * made every fact wait for its pulse.
 *
 * Always holds: facts leave in the order they came, each once. Bounded by `gossipMessageBytesMax`
 * for one message, by `gossipQueuedFactsMax` and `gossipQueuedBytesMax` for those that wait because
 * nobody has joined yet or the core is busy.
 */
export class GossipOutbox {
  readonly #page: Page;
  readonly #intervalMs: () => number;
  readonly #send: (message: Uint8Array) => Sent;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #open = false;
  #leaveAt = -Infinity;
  #cancel: (() => void) | undefined;

  constructor(page: Page, intervalMs: () => number, send: (message: Uint8Array) => Sent) {
    this.#page = page;
    this.#intervalMs = intervalMs;
    this.#send = send;
  }

  /** Takes one fact as JSON. Throws `RangeError` when it is too large or too many wait. */
  add(json: string): void {
    const fact = encoder.encode(json);
    const most = gossipMessageBytesMax - 2;
    if (fact.length > most)
      throw new RangeError(`a fact has at most ${most} bytes, this one ${fact.length}`);
    const bytes = this.#waitingBytes + fact.length;
    if (this.#waiting.length >= gossipQueuedFactsMax || bytes > gossipQueuedBytesMax) {
      throw new RangeError("too much gossip is waiting to leave");
    }
    this.#waiting.push(fact);
    this.#waitingBytes = bytes;
    this.#arm();
  }

  /** The network is there: what waits may leave. */
  open(): void {
    this.#open = true;
    this.#arm();
  }

  /** The network is gone: what comes now waits for the next one. */
  shut(): void {
    this.#open = false;
    this.#disarm();
  }

  #arm(): void {
    if (!this.#open || this.#waiting.length === 0 || this.#cancel !== undefined) return;
    const delay = this.#leaveAt - this.#page.now();
    if (delay > 0) {
      this.#cancel = this.#page.after(delay, () => this.#leave());
      return;
    }
    let live = true;
    this.#cancel = () => (live = false);
    queueMicrotask(() => live && this.#leave());
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #leave(): void {
    this.#cancel = undefined;
    const facts = this.#fitting();
    const sent = this.#send(messageOf(facts));
    const busy = sent === "busy";
    if (!busy) this.#drop(facts);
    if (typeof sent === "object") this.#page.report("gossip could not be published", sent.failed);
    this.#leaveAt = this.#page.now() + (busy ? gossipRetryMs : this.#intervalMs());
    this.#arm();
  }

  #fitting(): Uint8Array[] {
    let bytes = 1;
    const end = this.#waiting.findIndex(
      (fact) => (bytes += fact.length + 1) > gossipMessageBytesMax,
    );
    return end < 0 ? this.#waiting : this.#waiting.slice(0, end);
  }

  #drop(facts: Uint8Array[]): void {
    for (const fact of facts) this.#waitingBytes -= fact.length;
    this.#waiting = this.#waiting.slice(facts.length);
  }
}

/** A JSON array of the facts. */
function messageOf(facts: Uint8Array[]): Uint8Array {
  const message = new Uint8Array(facts.reduce((sum, fact) => sum + fact.length + 1, 1));
  let at = 0;
  for (const fact of facts) {
    message[at] = (at === 0 ? "[" : ",").charCodeAt(0);
    message.set(fact, at + 1);
    at += fact.length + 1;
  }
  message[at] = "]".charCodeAt(0);
  return message;
}
