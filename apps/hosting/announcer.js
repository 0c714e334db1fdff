/**
 * When to tell everyone what we publish: at once when it changes; soon after somebody came, since
 * gossip is not kept for latecomers; and every so often, should a message have been missed.
 *
 * In a network of N peers a newcomer is answered by all who publish, so answers spread over a time
 * that grows with N: everyone together sends some 50 lists a second, however large the network is.
 */
const soonMs = 300;
const oftenMs = 30_000;
const spreadMs = 20;

export class Announcer {
  #send;
  #peerCount;
  #timer;
  #due = Infinity;

  /** `send` announces; `peerCount` tells how many peers the network has. */
  constructor(send, peerCount) {
    this.#send = send;
    this.#peerCount = peerCount;
  }

  /** Our pages changed. */
  changed() {
    this.#announce();
  }

  /** Somebody came. */
  newcomer() {
    this.#after(Math.random() * Math.max(soonMs, this.#peerCount() * spreadMs));
  }

  #announce() {
    clearTimeout(this.#timer);
    this.#due = Infinity;
    this.#send();
    this.#after(Math.max(oftenMs, this.#peerCount() * spreadMs) * (1 + Math.random()));
  }

  /** The earlier of two announcements stands for both. */
  #after(delayMs) {
    const due = performance.now() + delayMs;
    if (due >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => this.#announce(), delayMs);
  }
}
