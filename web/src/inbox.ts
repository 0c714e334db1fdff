/**
 * The receiving half of a session: puts pieces together again. The peer is not trusted: a piece
 * that breaks the rules ends the session, with a reason.
 *
 * Bounds: `messagesAtOnceMax` unfinished messages, each at most `bytesMax`; a message's memory
 * grows with what has arrived of it (at most four times as much), never by what its sender
 * announces. Of a file at most its window is held.
 */
import { MembraneError } from "./error.js";
import { type FileHeader, readHeader, readReceipt, type Receipt } from "./file_header.js";
import {
  messagesAtOnceMax,
  pieceCancelled,
  pieceFile,
  pieceFirst,
  pieceLast,
  pieceReceipt,
  pieceSignal,
  pieceText,
  signalBytesMax,
} from "./pieces.js";
import { decoder } from "./utf8.js";

export interface InboxEvents {
  message(data: string | Uint8Array<ArrayBuffer>): void;
  progress(message: number, received: number, total: number): void;
  /** A file begins; gives where its bytes go. */
  file(message: number, header: FileHeader, size: number): FileSink;
  /** About the connection. */
  signal(text: string): void;
  /** Gives the rule that it breaks, if any. */
  receipt(receipt: Receipt): string | undefined;
  /** The peer broke a rule or a limit; nothing more is taken from it. */
  violation(reason: string): void;
}

/** Where the bytes of a file go. */
export interface FileSink {
  /** Gives the rule that they break, if any. */
  take(data: Uint8Array<ArrayBuffer>): string | undefined;
  /** No more will come. */
  end(error: MembraneError): void;
}

/** A message of which more is to come. */
interface Incoming {
  readonly total: number;
  received: number;
  /** Gives the rule that the piece breaks, if any. */
  take(data: Uint8Array<ArrayBuffer>): string | undefined;
  finish(): void;
  end(error: MembraneError): void;
}

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
  take(number: number, flags: number, total: number, data: Uint8Array<ArrayBuffer>): void {
    if (this.#broken) return;
    const reason = this.#piece(number, flags, total, data);
    if (reason === undefined) return;
    this.close(new MembraneError("closed", `session ended: ${reason}`));
    this.#events.violation(reason);
  }

  /** Nothing more is taken; what is under way is forgotten. */
  close(error: MembraneError): void {
    this.#broken = true;
    for (const message of this.#open.values()) message.end(error);
    this.#open.clear();
  }

  /** Takes one piece; gives the rule it breaks, if any. */
  #piece(
    number: number,
    flags: number,
    total: number,
    data: Uint8Array<ArrayBuffer>,
  ): string | undefined {
    if ((flags & pieceCancelled) !== 0) {
      this.#open.get(number)?.end(new MembraneError("aborted", "the sender gave up"));
      this.#open.delete(number);
      return undefined;
    }
    if ((flags & pieceFirst) !== 0) {
      const reason = this.#begin(number, flags, total, data);
      if (reason !== undefined) return reason;
    }
    const message = this.#open.get(number);
    if (message === undefined) return "piece of an unknown message";
    message.received += data.length;
    const last = (flags & pieceLast) !== 0;
    const wrong = last ? message.received !== message.total : message.received > message.total;
    if (message.total > 0 && wrong) return "wrong message size";
    const reason = message.take(data);
    if (reason !== undefined) return reason;
    if (last) {
      this.#open.delete(number);
      message.finish();
    }
    return undefined;
  }

  #begin(
    number: number,
    flags: number,
    total: number,
    data: Uint8Array<ArrayBuffer>,
  ): string | undefined {
    if (number === 0) {
      // It begins what is of this session: the rest was left over from the one before.
      this.close(new MembraneError("closed", "session ended"));
      this.#broken = false;
    } else if (number < this.#numberNext) return "message number used twice";
    if (this.#open.size >= messagesAtOnceMax) return "too many messages at once";
    this.#numberNext = number + 1;
    const message =
      (flags & pieceReceipt) !== 0
        ? new WholeReceipt(total, this.#events)
        : (flags & pieceFile) !== 0
          ? openFile(number, total, data, this.#events)
          : (flags & pieceSignal) !== 0
            ? this.#openSignal(number, total)
            : this.#openMessage(number, flags, total);
    if (typeof message === "string") return message;
    this.#open.set(number, message);
    return undefined;
  }

  #openSignal(number: number, total: number): Incoming | string {
    if (total > signalBytesMax) return "signal too large";
    return new WholeMessage(number, true, true, total, signalBytesMax, {
      message: (text) => this.#events.signal(text as string),
      progress: () => undefined,
    });
  }

  #openMessage(number: number, flags: number, total: number): Incoming | string {
    if (total > this.#bytesMax) return "message too large";
    return new WholeMessage(
      number,
      (flags & pieceText) !== 0,
      (flags & pieceLast) !== 0,
      total,
      this.#bytesMax,
      this.#events,
    );
  }
}

/** Bytes a long message starts with: four pieces. */
const bufferBytesFirst = 64_000;

/** A message that the application gets whole. */
class WholeMessage implements Incoming {
  received = 0;
  #buffer = new Uint8Array(0);

  constructor(
    readonly number: number,
    readonly text: boolean,
    /** Of one piece: too short to tell its progress. */
    readonly short: boolean,
    readonly total: number,
    readonly bytesMax: number,
    readonly events: Pick<InboxEvents, "message" | "progress">,
  ) {}

  take(data: Uint8Array): string | undefined {
    if (this.received > this.bytesMax) return "message too large";
    const before = this.received - data.length;
    if (this.received > this.#buffer.length) this.#grow(before);
    this.#buffer.set(data, before);
    if (!this.short) this.events.progress(this.number, this.received, this.total);
    return undefined;
  }

  finish(): void {
    const exact = this.#buffer.length === this.received;
    const bytes = exact ? this.#buffer : this.#buffer.slice(0, this.received);
    this.events.message(this.text ? decoder.decode(bytes) : bytes);
  }

  end(): void {}

  #grow(before: number): void {
    const wanted = Math.max(this.received, bufferBytesFirst, this.#buffer.length * 4);
    const unknown = before === 0 ? this.received : wanted;
    const grown = new Uint8Array(this.total > 0 ? Math.min(wanted, this.total) : unknown);
    grown.set(this.#buffer.subarray(0, before));
    this.#buffer = grown;
  }
}

/** A receipt for a file of ours: one piece. */
class WholeReceipt implements Incoming {
  received = 0;

  constructor(
    readonly total: number,
    readonly events: InboxEvents,
  ) {}

  take(data: Uint8Array<ArrayBuffer>): string | undefined {
    const receipt = readReceipt(data);
    return receipt === undefined ? "malformed receipt" : this.events.receipt(receipt);
  }

  finish(): void {}
  end(): void {}
}

/** A file, whose first piece is its header; or the rule that this breaks. */
function openFile(
  number: number,
  total: number,
  first: Uint8Array<ArrayBuffer>,
  events: InboxEvents,
): Incoming | string {
  const header = readHeader(first);
  if (header === undefined || total < first.length) return "malformed file";
  const sink = events.file(number, header, total - first.length);
  let begun = false;
  return {
    total,
    received: 0,
    take: (data) => {
      if (begun) return sink.take(data);
      begun = true;
      return undefined;
    },
    finish: () => {},
    end: (error) => sink.end(error),
  };
}
