/**
 * The sending half of a session: cuts messages into pieces, lets messages take turns piece by piece
 * so that a small one overtakes a large one, and keeps the channel's buffer short.
 *
 * Bounds: `messagesAtOnceMax` messages take turns, the others wait; with `messagesUnsentMax` unsent
 * `send` rejects with `busy`.
 */
import { abortedError, MembraneError } from "./error.js";
import type { SendOptions } from "./options.js";
import {
  messagesAtOnceMax,
  pieceBytesMax,
  pieceCancelled,
  pieceFirst,
  pieceLast,
  pieceText,
} from "./pieces.js";
import { BlobSource, BytesSource, type Source } from "./source.js";

/** Where pieces go. */
export interface Pipe {
  /** Whether the channel's buffer has room. */
  writable(): boolean;
  /** Calls back once when it has room again. */
  onceWritable(callback: () => void): void;
  write(message: number, flags: number, total: number, data: Uint8Array): void;
}

/** Messages not sent yet: far more than an application that awaits `send` ever has. */
export const messagesUnsentMax = 4096;

interface Outgoing {
  source: Source;
  number: number;
  sent: number;
  onProgress: SendOptions["onProgress"];
  settle: (error?: MembraneError) => void;
}

const nothing = new Uint8Array(0);
const encoder = new TextEncoder();

export class Outbox {
  readonly #pipe: Pipe;
  #active: Outgoing[] = [];
  #waiting: Outgoing[] = [];
  #nextNumber = 0;
  #pumping = false;
  #awaitingRoom = false;
  #closed: MembraneError | undefined;

  constructor(pipe: Pipe) {
    this.#pipe = pipe;
  }

  send(data: string | BufferSource | Blob, options: SendOptions): Promise<void> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    const signal = options.signal;
    if (signal?.aborted === true) return Promise.reject(abortedError(signal));
    if (this.#active.length + this.#waiting.length >= messagesUnsentMax) {
      return Promise.reject(new MembraneError("busy", `${messagesUnsentMax} messages are unsent`));
    }
    return new Promise((resolve, reject) => {
      const message: Outgoing = {
        source: nowhere,
        number: -1,
        sent: 0,
        onProgress: options.onProgress,
        settle: (error) => {
          signal?.removeEventListener("abort", onAbort);
          if (error === undefined) resolve();
          else reject(error);
        },
      };
      const onAbort = (): void => this.#cancel(message, abortedError(signal as AbortSignal));
      message.source = this.#open(data, message);
      signal?.addEventListener("abort", onAbort);
      this.#waiting.push(message);
      this.pump();
    });
  }

  /** Sends as much as there is room for. */
  pump(): void {
    if (this.#pumping || this.#awaitingRoom || this.#closed !== undefined) return;
    this.#pumping = true;
    try {
      this.#turns();
    } finally {
      this.#pumping = false;
    }
  }

  /** Forgets a wait for room: the channel it was about is gone. */
  reset(): void {
    this.#awaitingRoom = false;
    this.pump();
  }

  close(error: MembraneError): void {
    if (this.#closed !== undefined) return;
    this.#closed = error;
    for (const message of [...this.#active.splice(0), ...this.#waiting.splice(0)])
      message.settle(error);
  }

  #open(data: string | BufferSource | Blob, message: Outgoing): Source {
    if (typeof data === "string") return new BytesSource(encoder.encode(data), true);
    if (data instanceof Blob) {
      return new BlobSource(
        data,
        () => this.pump(),
        (cause) =>
          this.#cancel(message, new MembraneError("closed", "the blob could not be read", cause)),
      );
    }
    return new BytesSource(bytesOf(data), false);
  }

  /**
   * Each active message in turn writes one piece, until none has one ready or the buffer is full.
   */
  #turns(): void {
    let unready = 0;
    for (;;) {
      while (this.#active.length < messagesAtOnceMax && this.#waiting.length > 0) {
        this.#active.push(this.#waiting.shift() as Outgoing);
        unready = 0;
      }
      const message = this.#active[0];
      if (message === undefined || unready >= this.#active.length) return;
      if (!this.#pipe.writable()) return this.#awaitRoom();
      this.#active.shift();
      const piece = message.source.take(pieceBytesMax);
      if (piece === undefined) {
        unready += 1;
        this.#active.push(message);
      } else {
        unready = 0;
        this.#write(message, piece);
      }
    }
  }

  #awaitRoom(): void {
    this.#awaitingRoom = true;
    this.#pipe.onceWritable(() => this.reset());
  }

  #write(message: Outgoing, piece: Uint8Array): void {
    const { source } = message;
    const first = message.number < 0;
    if (first) message.number = this.#nextNumber++;
    message.sent += piece.length;
    const last = message.sent >= source.total;
    const flags = (first ? pieceFirst : 0) | (source.text ? pieceText : 0) | (last ? pieceLast : 0);
    if (!last) this.#active.push(message);
    this.#pipe.write(message.number, flags, source.total, piece);
    if (last) message.settle();
    message.onProgress?.(message.sent, source.total);
  }

  #cancel(message: Outgoing, error: MembraneError): void {
    const without = (list: Outgoing[]): Outgoing[] => list.filter((other) => other !== message);
    const known = this.#active.includes(message) || this.#waiting.includes(message);
    this.#active = without(this.#active);
    this.#waiting = without(this.#waiting);
    if (!known) return;
    const flags = pieceCancelled | (message.source.text ? pieceText : 0);
    if (message.number >= 0) this.#pipe.write(message.number, flags, message.source.total, nothing);
    message.settle(error);
    this.pump();
  }
}

const nowhere: Source = new BytesSource(nothing, false);

/** The bytes of a buffer or of any view onto one, not copied. */
export function bytesOf(data: BufferSource): Uint8Array {
  if (ArrayBuffer.isView(data))
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw new MembraneError("invalid-argument", "data must be a string, a buffer, a view or a Blob");
}
