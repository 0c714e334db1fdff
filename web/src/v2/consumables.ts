import { callSafely, requireFunction, type Page } from "./page.js";
import { consumableCharactersMax, consumablesWaitingMax } from "./limits.js";

/** What `onConsumable` calls with each message. */
export type Consumer = (raw: string) => unknown;

interface Inbox {
  /** Registered while no session was open: they stay. */
  lasting: Set<Consumer>;
  /**
   * Registered during a session: they end with it, so that `onNewAuthPeer` may register anew each
   * time.
   */
  passing: Set<Consumer>;
  waiting: string[];
  waitingCharacters: number;
  open: boolean;
}

/**
 * Messages from authenticated peers on their way to `onConsumable`.
 *
 * Always holds: messages of a peer are handed on in the order they came, to every callback there is
 * at that moment; those that come before the first callback wait for it. Bounded by
 * `consumablesWaitingMax` and `consumableCharactersMax` for each peer with an open session, of
 * which the core allows few.
 */
export class Consumables {
  readonly #page: Page;
  readonly #inboxes = new Map<string, Inbox>();

  constructor(page: Page) {
    this.#page = page;
  }

  /** Adds a callback for a peer's messages; several are all called. */
  onConsumable(alias: string, callback: Consumer): void {
    requireFunction(callback, "onConsumable's callback");
    const inbox = this.#inbox(alias);
    (inbox.open ? inbox.passing : inbox.lasting).add(callback);
    queueMicrotask(() => this.#drain(alias, inbox));
  }

  /** A session with this peer has begun. */
  opened(alias: string): void {
    this.#inbox(alias).open = true;
  }

  /** A message came in. */
  received(alias: string, message: string): void {
    const inbox = this.#inbox(alias);
    const full =
      inbox.waiting.length >= consumablesWaitingMax ||
      (inbox.waiting.length > 0 &&
        inbox.waitingCharacters + message.length > consumableCharactersMax);
    if (full)
      return this.#page.report(`a message from ${alias} was dropped: nobody called onConsumable`);
    inbox.waiting.push(message);
    inbox.waitingCharacters += message.length;
    this.#drain(alias, inbox);
  }

  /** The session has ended: what nobody took is dropped. */
  closed(alias: string): void {
    const inbox = this.#inboxes.get(alias);
    if (inbox === undefined) return;
    inbox.open = false;
    inbox.passing.clear();
    inbox.waiting = [];
    inbox.waitingCharacters = 0;
    if (inbox.lasting.size === 0) this.#inboxes.delete(alias);
  }

  #inbox(alias: string): Inbox {
    let inbox = this.#inboxes.get(alias);
    if (inbox === undefined) {
      inbox = {
        lasting: new Set(),
        passing: new Set(),
        waiting: [],
        waitingCharacters: 0,
        open: false,
      };
      this.#inboxes.set(alias, inbox);
    }
    return inbox;
  }

  #drain(alias: string, inbox: Inbox): void {
    while (inbox.waiting.length > 0 && inbox.lasting.size + inbox.passing.size > 0) {
      const message = inbox.waiting.shift() as string;
      inbox.waitingCharacters -= message.length;
      for (const callback of [...inbox.lasting, ...inbox.passing]) {
        callSafely(this.#page, `onConsumable's callback for ${alias}`, callback, message);
      }
    }
  }
}
