/**
 * The receiving half of a session: puts pieces together again. The peer is not trusted: a piece
 * that breaks the rules ends the session, with a reason.
 *
 * Bounds: `messagesAtOnceMax` unfinished messages, each at most `bytesMax`; a message's memory
 * grows with what has arrived of it (at most four times as much), never by what its sender
 * announces.
 */
import { messagesAtOnceMax, pieceCancelled, pieceFirst, pieceLast, pieceText } from "./pieces.js";

interface Incoming {
  text: boolean;
  total: number;
  received: number;
  buffer: Uint8Array<ArrayBuffer>;
}

export interface InboxEvents {
  message(data: string | Uint8Array<ArrayBuffer>): void;
  progress(message: number, received: number, total: number): void;
  /** The peer broke a rule or a limit; nothing more is taken from it. */
  violation(reason: string): void;
}

/** Bytes a long message starts with: four pieces. */
const bufferBytesFirst = 64_000;

const decoder = new TextDecoder();

export class Inbox {
  readonly #bytesMax: number;
  readonly #events: InboxEvents;
  readonly #open = new Map<number, Incoming>();
  #numberNext = 0;
  #broken = false;

  constructor(bytesMax: number, events: InboxEvents) {
    this.#bytesMax = bytesMax;
    this.#events = events;
  }

  /** A piece; only the first of a message says the total. */
  take(number: number, flags: number, total: number, data: Uint8Array): void {
    if (this.#broken) return;
    const reason = this.#piece(number, flags, total, data);
    if (reason === undefined) return;
    this.#broken = true;
    this.#open.clear();
    this.#events.violation(reason);
  }

  /** Takes one piece; gives the rule it breaks, if any. */
  #piece(number: number, flags: number, total: number, data: Uint8Array): string | undefined {
    if ((flags & pieceCancelled) !== 0) {
      this.#open.delete(number);
      return undefined;
    }
    if ((flags & pieceFirst) !== 0) {
      const reason = this.#begin(number, flags, total);
      if (reason !== undefined) return reason;
    }
    const message = this.#open.get(number);
    if (message === undefined) return "piece of an unknown message";
    const received = message.received + data.length;
    if (received > this.#bytesMax) return "message too large";
    const last = (flags & pieceLast) !== 0;
    const wrong = last ? received !== message.total : received > message.total;
    if (message.total > 0 && wrong) return "wrong message size";
    append(message, data);
    if ((flags & pieceFirst) === 0 || !last) this.#events.progress(number, received, message.total);
    if (last) this.#finish(number, message);
    return undefined;
  }

  #begin(number: number, flags: number, total: number): string | undefined {
    if (number < this.#numberNext) return "message number used twice";
    if (this.#open.size >= messagesAtOnceMax) return "too many messages at once";
    if (total > this.#bytesMax) return "message too large";
    this.#numberNext = number + 1;
    this.#open.set(number, {
      text: (flags & pieceText) !== 0,
      total,
      received: 0,
      buffer: new Uint8Array(0),
    });
    return undefined;
  }

  #finish(number: number, message: Incoming): void {
    this.#open.delete(number);
    const exact = message.buffer.length === message.received;
    const bytes = exact ? message.buffer : message.buffer.slice(0, message.received);
    this.#events.message(message.text ? decoder.decode(bytes) : bytes);
  }
}

function append(message: Incoming, data: Uint8Array): void {
  const needed = message.received + data.length;
  if (needed > message.buffer.length) {
    const wanted = Math.max(needed, bufferBytesFirst, message.buffer.length * 4);
    const size =
      message.total > 0
        ? Math.min(wanted, message.total)
        : message.received === 0
          ? needed
          : wanted;
    const grown = new Uint8Array(size);
    grown.set(message.buffer.subarray(0, message.received));
    message.buffer = grown;
  }
  message.buffer.set(data, message.received);
  message.received = needed;
}
