import { AsyncQueue } from "./async_queue.js";
import { Emitter } from "./emitter.js";
import { MembraneError } from "./error.js";
import { Inbox } from "./inbox.js";
import type { SendOptions } from "./options.js";
import { Outbox, type Pipe } from "./outbox.js";
import { messagesAtOnceMax } from "./pieces.js";

/** The details of a session's events. */
export interface SessionEvents {
  /** A whole message arrived: a string if it was sent as one, else bytes. */
  message: { data: string | Uint8Array<ArrayBuffer> };
  /** Part of a message of several pieces arrived; `total` is 0 when the sender did not say. */
  progress: { message: number; received: number; total: number };
  /** The session ended. */
  close: { reason: string };
}

/** What a session needs from its membrane. @internal */
export interface SessionHost extends Pipe {
  /** The peer's display name by the map. */
  name(): string;
  readonly relayed: boolean;
  /** Asks the core to end the session. */
  close(): void;
}

/** Messages that wait for a loop's reader; more end the loop with a `busy` error. */
const queuedMessagesMax = 4096;

/**
 * A conversation with one peer that both sides agreed to, over a direct, encrypted link whose other
 * end has proved its id; or relayed, where no link could be made. Messages arrive whole and in the order of their ends; several under way at
 * once take turns.
 *
 * Messages that arrive before anyone listens are kept (the newest 64) for the first listener or
 * loop.
 *
 * @example
 * const session = await membrane.connect(id);
 * await session.send("hello");
 * for await (const data of session) console.log(data);
 */
export class Session
  extends Emitter<SessionEvents>
  implements AsyncIterable<string | Uint8Array<ArrayBuffer>>
{
  /** The peer's id. */
  readonly id: string;
  /** Resolves with the reason when the session has ended; never rejects. */
  readonly closed: Promise<string>;
  readonly #host: SessionHost;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  readonly #bytesMax: number;
  readonly #queues = new Set<AsyncQueue<string | Uint8Array<ArrayBuffer>>>();
  #held: (string | Uint8Array<ArrayBuffer>)[] | undefined = [];
  #heldBytes = 0;
  #reason: string | undefined;
  #violation: string | undefined;
  #resolveClosed!: (reason: string) => void;

  /** @internal */
  constructor(id: string, host: SessionHost, bytesMax: number) {
    super();
    this.id = id;
    this.#host = host;
    this.#bytesMax = bytesMax;
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.#outbox = new Outbox(host);
    this.#inbox = new Inbox(bytesMax, {
      message: (data) => this.#deliver(data),
      progress: (message, received, total) => this.emit("progress", { message, received, total }),
      violation: (reason) => {
        this.#violation = reason;
        host.close();
      },
    });
  }

  /** The peer's display name as the map knows it now; not unique, proves nothing. */
  get name(): string {
    return this.#host.name();
  }

  /**
   * Whether what is said passes through other peers, sealed so that nobody but the two can read it:
   * no link could be made. Such a session is slow, at most 320 kB a second.
   */
  get relayed(): boolean {
    return this.#host.relayed;
  }

  /**
   * Sends one message of any size; resolves when its last piece has left into the channel. Bytes
   * must not be changed before that. A string arrives as a string, anything else as bytes.
   *
   * Rejects with `MembraneError`: `closed` when the session ends first, `aborted`, `busy` when
   * 4,096 messages are unsent. A peer that takes less than this message has (256 MiB by default)
   * ends the session.
   *
   * @example
   * await session.send(file, { onProgress: (sent, total) => (bar.value = sent / total) });
   */
  send(data: string | BufferSource | Blob, options: SendOptions = {}): Promise<void> {
    return this.#outbox.send(data, options);
  }

  /** Ends the session; the link stays as long as the network has a use for it. */
  close(): void {
    if (this.#reason === undefined) this.#host.close();
  }

  /** Every message from now on, and those kept for the first reader. Ends with the session. */
  [Symbol.asyncIterator](): AsyncIterableIterator<string | Uint8Array<ArrayBuffer>> {
    const queue = new AsyncQueue<string | Uint8Array<ArrayBuffer>>(
      queuedMessagesMax,
      this.#bytesMax,
      () => this.#queues.delete(queue),
    );
    for (const data of this.#takeHeld()) queue.push(data, data.length);
    if (this.#reason === undefined) this.#queues.add(queue);
    else queue.end();
    return queue;
  }

  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: AddEventListenerOptions | boolean,
  ): void {
    super.addEventListener(type, listener, options);
    if (type !== "message" || this.#held === undefined) return;
    if (this.#held.length === 0) this.#held = undefined;
    else queueMicrotask(() => this.#takeHeld().forEach((data) => this.emit("message", { data })));
  }

  /** A piece from the peer. @internal */
  takePiece(message: number, flags: number, total: number, data: Uint8Array): void {
    if (this.#reason === undefined) this.#inbox.take(message, flags, total, data);
  }

  /** The link under the session changed. @internal */
  linkChanged(): void {
    this.#outbox.reset();
  }

  /** The core says that the session has ended; gives the reason that is told. @internal */
  end(reason: string): string {
    if (this.#reason !== undefined) return this.#reason;
    this.#reason = this.#violation ?? reason;
    this.#outbox.close(new MembraneError("closed", `session ended: ${this.#reason}`));
    for (const queue of [...this.#queues]) queue.end();
    this.#resolveClosed(this.#reason);
    this.emit("close", { reason: this.#reason });
    return this.#reason;
  }

  #deliver(data: string | Uint8Array<ArrayBuffer>): void {
    for (const queue of [...this.#queues]) queue.push(data, data.length);
    if (this.#held === undefined) this.emit("message", { data });
    else this.#hold(this.#held, data);
  }

  #hold(held: (string | Uint8Array<ArrayBuffer>)[], data: string | Uint8Array<ArrayBuffer>): void {
    held.push(data);
    this.#heldBytes += data.length;
    while (
      held.length > messagesAtOnceMax ||
      (this.#heldBytes > this.#bytesMax && held.length > 1)
    ) {
      this.#heldBytes -= held.shift()?.length ?? 0;
    }
  }

  #takeHeld(): (string | Uint8Array<ArrayBuffer>)[] {
    const held = this.#held ?? [];
    this.#held = undefined;
    return held;
  }
}
