/**
 * The sending half of a session: cuts messages into pieces, lets messages take turns piece by piece
 * so that a small one overtakes a large one, and keeps the channel's buffer short.
 *
 * Bounds: `turnsMax` messages take turns, the others wait; with `messagesUnsentMax` unsent
 * `send` rejects with `busy`. So it does with `filesUnderWayMax` files that were not received: they
 * keep their turn while their reader has no room, and must leave some to messages.
 */
import { bytesOf, fitting, invalid } from "./check.js";
import { abortedError, MembraneError } from "./error.js";
import { fileRefused, type Receipt, writeReceipt } from "./file_header.js";
import { FileSource } from "./file_source.js";
import type { SendFileOptions, SendOptions } from "./options.js";
import {
  incomingFilesMax,
  messagesAtOnceMax,
  pieceBytesMax,
  pieceCancelled,
  pieceFirst,
  pieceLast,
  pieceReceipt,
  pieceSignal,
  pieceText,
} from "./pieces.js";
import { BlobSource, BytesSource, type Source } from "./source.js";
import { encoder } from "./utf8.js";

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
/** What the other side has room for: more would be refused. */
const filesUnderWayMax = incomingFilesMax;

interface Outgoing {
  source: Source;
  number: number;
  sent: number;
  onProgress: SendOptions["onProgress"];
  settle: (error?: MembraneError) => void;
}

/** Makes a message's source; it calls back when it has more, or failed. */
type Open = (onReady: () => void, onError: (cause: unknown) => void) => Source;

/** One is left to receipts, which do not wait. */
const turnsMax = messagesAtOnceMax - 1;

const nothing = new Uint8Array(0);

export class Outbox {
  readonly #pipe: Pipe;
  readonly #bytesMax: number;
  #active: Outgoing[] = [];
  #waiting: Outgoing[] = [];
  /** Files that their reader does not have yet, by message number. */
  readonly #files = new Map<number, Outgoing & { source: FileSource }>();
  #filesUnderWay = 0;
  #nextNumber = 0;
  #pumping = false;
  #awaitingRoom = false;
  #closed: MembraneError | undefined;

  constructor(pipe: Pipe, bytesMax: number) {
    this.#pipe = pipe;
    this.#bytesMax = bytesMax;
  }

  send(data: string | BufferSource | Blob, options: SendOptions): Promise<void> {
    const fit = <Data extends { length: number }>(part: Data): Data =>
      fitting(part, this.#bytesMax);
    return this.#send((onReady, onError) => {
      if (data instanceof Blob) {
        fit({ length: data.size });
        return new BlobSource(data, onReady, onError);
      }
      // A character is a byte at least: what cannot fit is not even encoded.
      return typeof data === "string"
        ? new BytesSource(fit(encoder.encode(fit(data))), pieceText)
        : new BytesSource(fit(bytesOf(data, "what is no string or Blob")));
    }, options);
  }

  /** Resolves when the other side has read all of it. */
  sendFile(content: Blob, options: SendFileOptions): Promise<void> {
    if (!(content instanceof Blob))
      return Promise.reject(invalid("a file must be a Blob"));
    if (this.#filesUnderWay >= filesUnderWayMax)
      return Promise.reject(new MembraneError("busy", `${filesUnderWayMax} files are under way`));
    const { name = "file" } = content as Partial<File>;
    const header = { name: options.name ?? name, type: options.type ?? content.type };
    this.#filesUnderWay += 1;
    return this.#send(
      (onReady, onError) => new FileSource(content, header, onReady, onError),
      options,
    ).finally(() => (this.#filesUnderWay -= 1));
  }

  /** Tells the other side how far we are with a file of theirs. */
  sendReceipt(receipt: Receipt): void {
    if (this.#closed !== undefined) return;
    const data = writeReceipt(receipt);
    const flags = pieceFirst | pieceLast | pieceReceipt;
    this.#pipe.write(this.#nextNumber++, flags, data.length, data);
  }

  /** Says something about the connection; takes its turn among messages. */
  sendSignal(text: string): void {
    this.#send(() => new BytesSource(encoder.encode(text), pieceSignal), {}).catch(() => undefined);
  }

  /** How far the other side is with a file of ours; gives the rule that this breaks, if any. */
  takeReceipt({ file, taken, refused }: Receipt): string | undefined {
    const message = this.#files.get(file);
    if (message === undefined) return undefined; // cancelled meanwhile
    const { source } = message;
    if (refused) {
      this.#cancel(message, fileRefused(source.name));
      return undefined;
    }
    if (!source.receipt(taken)) return "receipt for what was not sent";
    if (source.arrived) {
      this.#files.delete(file);
      message.settle();
    }
    tellProgress(message, taken, source.size);
    this.pump();
    return undefined;
  }

  #send(open: Open, options: SendOptions): Promise<void> {
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
      message.source = open(
        () => this.pump(),
        (cause) =>
          this.#cancel(message, new MembraneError("closed", "the blob could not be read", cause)),
      );
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
    const all = [...this.#active, ...this.#waiting, ...this.#files.values()];
    this.#active = [];
    this.#waiting = [];
    this.#files.clear();
    for (const message of all) message.settle(error);
  }

  /**
   * Each active message in turn writes one piece, until none has one ready or the buffer is full.
   */
  #turns(): void {
    let unready = 0;
    for (;;) {
      while (this.#active.length < turnsMax && this.#waiting.length > 0) {
        this.#active.push(this.#waiting.shift() as Outgoing);
        unready = 0;
      }
      const message = this.#active[0];
      if (message === undefined || unready >= this.#active.length) return;
      if (!this.#pipe.writable()) return this.#awaitRoom();
      let piece: Uint8Array | undefined;
      try {
        piece = message.source.take(pieceBytesMax);
      } catch (cause) {
        this.#cancel(message, invalid("data was transferred", cause));
        continue;
      }
      this.#active.shift();
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
    const flags = (first ? pieceFirst : 0) | source.kind | (last ? pieceLast : 0);
    if (!last) this.#active.push(message);
    if (isFile(message) && first) this.#files.set(message.number, message);
    this.#pipe.write(message.number, flags, source.total, piece);
    if (isFile(message)) return;
    if (last) message.settle();
    tellProgress(message, message.sent, source.total);
  }

  #cancel(message: Outgoing, error: MembraneError): void {
    const without = (list: Outgoing[]): Outgoing[] => list.filter((other) => other !== message);
    const unsent = this.#active.includes(message) || this.#waiting.includes(message);
    this.#active = without(this.#active);
    this.#waiting = without(this.#waiting);
    if (!this.#files.delete(message.number) && !unsent) return;
    const { number, source } = message;
    if (unsent && number >= 0)
      this.#pipe.write(number, pieceCancelled | source.kind, source.total, nothing);
    message.settle(error);
    this.pump();
  }
}

const nowhere: Source = new BytesSource(nothing);

function isFile(message: Outgoing): message is Outgoing & { source: FileSource } {
  return message.source instanceof FileSource;
}

/** What the application throws is its page's to handle, and stops neither this message nor others. */
function tellProgress({ onProgress }: Outgoing, done: number, total: number): void {
  try {
    onProgress?.(done, total);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
