import { AsyncQueue } from "./async_queue.js";
import { checkOptions } from "./check.js";
import { Emitter } from "./emitter.js";
import { MembraneError } from "./error.js";
import type { FileHeader } from "./file_header.js";
import { type FileSink, Inbox } from "./inbox.js";
import { IncomingFile } from "./incoming_file.js";
import { Media, mediaSectionsMax, type TrackDetail } from "./media.js";
import type { SendFileOptions, SendOptions } from "./options.js";
import { Outbox, type Pipe } from "./outbox.js";
import { incomingFilesMax, messagesAtOnceMax } from "./pieces.js";
import type { SessionStats } from "./stats.js";

/** The details of a session's events. */
export interface SessionEvents {
  /** A whole message arrived. */
  message: {
    /** A string if it was sent as one, else bytes; every listener and loop gets the same. */
    data: string | Uint8Array<ArrayBuffer>;
  };
  /** Part of a message of several pieces arrived. */
  progress: {
    /** A number that tells the messages under way apart. */
    message: number;
    /** Bytes that are here. */
    received: number;
    /** Bytes that it has; 0 when the sender did not say. */
    total: number;
  };
  /** The other side has a file for us. It waits until it is read or refused. */
  file: {
    /** The file. */
    file: IncomingFile;
  };
  /** The other side sends audio or video. It is heard and seen once the page plays it. */
  track: TrackDetail;
  /** The session ended. */
  close: {
    /** A short phrase for people and logs, as `closed` resolves with. */
    reason: string;
  };
}

/** What a session needs from its membrane. @internal */
export interface SessionHost extends Pipe {
  /** The peer's display name by the map. */
  name(): string;
  readonly relayed: boolean;
  /** What it goes over; undefined when it is relayed. */
  readonly connection: RTCPeerConnection | undefined;
  /** Whether we lead when the connection is negotiated anew; the peer does not. */
  readonly leads: boolean;
  /** Asks the core to end the session. */
  close(): void;
}

/** Messages that wait for a loop's reader; more end the loop with a `busy` error. */
const queuedMessagesMax = 4096;

/** A message as it is handed over. @inline */
type Data = string | Uint8Array<ArrayBuffer>;

/**
 * A conversation with one peer that both sides agreed to, over a direct, encrypted link whose other
 * end has proved its id; or relayed, where no link could be made. Messages arrive whole and in the
 * order of their ends; several under way at once take turns.
 *
 * Messages that arrive before anyone listens are kept (the newest 64) for the first listener, loop
 * or stream; files wait with their sender.
 *
 * @example
 * const session = await membrane.connect(id);
 * await session.send("hello");
 * for await (const data of session) console.log(data);
 */
export class Session
  extends Emitter<SessionEvents>
  implements AsyncIterable<Data>
{
  /** The peer's id. */
  readonly id: string;
  /** Resolves with the reason when the session has ended; never rejects. */
  readonly closed: Promise<string>;
  readonly #host: SessionHost;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  readonly #bytesMax: number;
  readonly #queues = new Set<AsyncQueue<Data>>();
  /** Files of the other side that are not received yet. */
  readonly #files = new Set<IncomingFile>();
  #held: Data[] | undefined = [];
  #heldBytes = 0;
  /** Those of them that no listener has looked at. */
  readonly #filesUnseen = new Set<IncomingFile>();
  #media: Media | undefined;
  #tracksHeld: TrackDetail[] | undefined = [];
  #readable: ReadableStream<Data> | undefined;
  #writable: WritableStream<string | BufferSource | Blob> | undefined;
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
    this.#outbox = new Outbox(host, bytesMax);
    this.#inbox = new Inbox(bytesMax, {
      message: (data) => this.#deliver(data),
      progress: (message, received, total) => this.emit("progress", { message, received, total }),
      file: (message, header, size) => this.#offered(message, header, size),
      receipt: (receipt) => this.#outbox.takeReceipt(receipt),
      signal: (text) => this.#takeSignal(text),
      violation: (reason) => this.#violated(reason),
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
   * How it is: relayed or not, the kinds of addresses, the round trip, bytes. Fetches
   * `diagnosis.js` from beside the script, and rejects when that is missing.
   */
  async stats(): Promise<SessionStats> {
    const { pathOf } = await import("./diagnosis.js");
    const { relayed, connection } = this.#host;
    return { relayed, ...(connection && (await pathOf(connection))) };
  }

  /**
   * Sends one message; resolves when its last piece has left into the channel. Bytes must not be
   * changed before that. A string arrives as a string, anything else as bytes.
   *
   * Rejects with `MembraneError`: `too-large` above our `messageBytesMax`, `closed` when the session
   * ends first, `aborted`, `busy` when 4,096 messages are unsent, `invalid-argument` for data of
   * another kind or taken away meanwhile. A peer whose own `messageBytesMax` is smaller than this
   * message ends the session.
   *
   * @example
   * await session.send(file, { onProgress: (sent, total) => (bar.value = sent / total) });
   */
  async send(data: string | BufferSource | Blob, options: SendOptions = {}): Promise<void> {
    checkOptions(options);
    return this.#outbox.send(data, options);
  }

  /**
   * Sends a file, with its name and type; resolves when the other side has read all of it. Nothing
   * is sent before it begins to read, then only as much as it keeps up with, so files may be of any
   * size.
   *
   * Rejects with `MembraneError`: `refused` when the other side does not want it, or the rest of
   * it; `closed` when the session ends first, or the file cannot be read; `aborted`;
   * `invalid-argument`; `busy` when 16 files are under way.
   *
   * @example
   * await session.sendFile(input.files[0], { onProgress: (taken, total) => (bar.value = taken / total) });
   */
  async sendFile(content: Blob, options: SendFileOptions = {}): Promise<void> {
    checkOptions(options);
    return this.#outbox.sendFile(content, options);
  }

  /**
   * Sends audio or video, beside the messages, until `removeTrack` or the session's end; the other
   * side gets an event `track`. The track stays the caller's, who stops it. The sender that comes
   * back sets bit rates and replaces tracks; it is another one after the session has gone on over
   * another link.
   *
   * Throws `MembraneError`: `closed` when the session has ended, `unsupported` when it is relayed,
   * `invalid-argument` when it is no track, or sent already.
   *
   * @example
   * const camera = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
   * for (const track of camera.getTracks()) session.addTrack(track, camera);
   * session.on("track", ({ streams }) => (video.srcObject = streams[0] ?? null));
   */
  addTrack(track: MediaStreamTrack, ...streams: MediaStream[]): RTCRtpSender {
    if (this.#reason !== undefined) throw endedError(this.#reason);
    const media = this.#mediaOf();
    if (media === undefined)
      throw new MembraneError("unsupported", "a relayed session carries no audio or video");
    try {
      return media.add(track, streams);
    } catch (cause) {
      throw new MembraneError("invalid-argument", "not a track, or sent already", cause);
    }
  }

  /** Sends this track no more. */
  removeTrack(track: MediaStreamTrack): void {
    this.#media?.remove(track);
  }

  /**
   * The messages as a stream, the same one each time: as a loop gets them. It ends with the
   * session, and fails with `busy` when its reader is 4,096 messages behind: a sender does not wait
   * for the reader of messages, only for that of a file.
   */
  get readable(): ReadableStream<Data> {
    if (this.#readable !== undefined) return this.#readable;
    const messages = this[Symbol.asyncIterator]();
    return (this.#readable = new ReadableStream<Data>(
      {
        async pull(controller) {
          const { value, done } = await messages.next();
          if (done === true) controller.close();
          else controller.enqueue(value);
        },
        cancel: () => void messages.return?.(),
      },
      { highWaterMark: 0 },
    ));
  }

  /**
   * Where each chunk is sent as a message, the same one each time. A chunk counts as written when
   * `send` resolves. Closing or aborting it ends the session, whose end makes it fail with `closed`.
   */
  get writable(): WritableStream<string | BufferSource | Blob> {
    return (this.#writable ??= new WritableStream({
      start: (controller) =>
        void this.closed.then((reason) => controller.error(endedError(reason))),
      write: (data) => this.send(data),
      close: () => this.close(),
      abort: () => this.close(),
    }));
  }

  /**
   * Ends the session: here at once, on the other side when all that was sent before has come. The
   * link stays as long as the network has a use for it.
   */
  close(): void {
    if (this.#reason === undefined) this.#host.close();
  }

  /** Every message from now on, and those kept for the first reader. Ends with the session. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Data> {
    const queue = new AsyncQueue<Data>(queuedMessagesMax, this.#bytesMax, () =>
      this.#queues.delete(queue),
    );
    for (const data of this.#takeHeld()) queue.push(data, data.length);
    if (this.#reason === undefined) this.#queues.add(queue);
    else queue.end();
    return queue;
  }

  /** As everywhere; whoever is the first to listen gets what has waited, too. */
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: AddEventListenerOptions | boolean,
  ): void {
    super.addEventListener(type, listener, options);
    if (type === "file")
      queueMicrotask(() => this.#filesUnseen.forEach((file) => this.#tellFile(file)));
    if (type === "track" && this.#tracksHeld !== undefined) {
      const held = this.#tracksHeld;
      this.#tracksHeld = undefined;
      queueMicrotask(() => held.forEach((detail) => this.emit("track", detail)));
    }
    if (type !== "message" || this.#held === undefined) return;
    if (this.#held.length === 0) this.#held = undefined;
    else queueMicrotask(() => this.#takeHeld().forEach((data) => this.emit("message", { data })));
  }

  /** A piece from the peer. @internal */
  takePiece(message: number, flags: number, total: number, data: Uint8Array<ArrayBuffer>): void {
    if (this.#reason === undefined) this.#inbox.take(message, flags, total, data);
  }

  /** The link under the session changed. @internal */
  linkChanged(): void {
    this.#outbox.reset();
    const { connection } = this.#host;
    if (connection !== undefined) this.#media?.use(connection);
  }

  /** The machine is in another network. @internal */
  networkChanged(): void {
    this.#mediaOf()?.restart();
  }

  /** The core says that the session has ended; gives the reason that is told. @internal */
  end(reason: string): string {
    if (this.#reason !== undefined) return this.#reason;
    this.#reason = this.#violation ?? reason;
    const error = endedError(this.#reason);
    this.#outbox.close(error);
    this.#inbox.close(error);
    this.#media?.close();
    for (const queue of [...this.#queues]) queue.end();
    this.#resolveClosed(this.#reason);
    this.emit("close", { reason: this.#reason });
    return this.#reason;
  }

  #violated(reason: string): void {
    if (this.#reason !== undefined) return;
    this.#violation ??= reason;
    this.#host.close();
  }

  #takeSignal(text: string): void {
    const media = this.#mediaOf();
    if (media === undefined) this.#violated("signal in a relayed session");
    else media.take(text);
  }

  /** Undefined when there is no connection of our own. */
  #mediaOf(): Media | undefined {
    const { connection, leads } = this.#host;
    if (connection === undefined) return undefined;
    return (this.#media ??= new Media(connection, leads, {
      signal: (text) => this.#outbox.sendSignal(text),
      track: (detail) => {
        if (this.#tracksHeld === undefined) this.emit("track", detail);
        else if (this.#tracksHeld.push(detail) > mediaSectionsMax) this.#tracksHeld.shift();
      },
      violation: (reason) => this.#violated(reason),
    }));
  }

  #offered(message: number, header: FileHeader, size: number): FileSink {
    const receipt = (taken: number, refused: boolean): void => {
      if (refused || taken === size) this.#forgetFile(file);
      this.#outbox.sendReceipt({ file: message, taken, refused });
    };
    const file = new IncomingFile(header, size, {
      taken: (bytes) => receipt(bytes, false),
      refused: () => receipt(0, true),
    });
    if (this.#files.size >= incomingFilesMax) file.refuse();
    else {
      this.#files.add(file);
      this.#filesUnseen.add(file);
      this.#tellFile(file);
    }
    return {
      take: (data) => file.take(data),
      end: (error) => {
        this.#forgetFile(file);
        file.end(error);
      },
    };
  }

  #deliver(data: Data): void {
    for (const queue of [...this.#queues]) queue.push(data, data.length);
    if (this.#held === undefined) this.emit("message", { data });
    else this.#hold(this.#held, data);
  }

  #hold(held: Data[], data: Data): void {
    held.push(data);
    this.#heldBytes += data.length;
    while (
      held.length > messagesAtOnceMax ||
      (this.#heldBytes > this.#bytesMax && held.length > 1)
    ) {
      this.#heldBytes -= held.shift()?.length ?? 0;
    }
  }

  #takeHeld(): Data[] {
    const held = this.#held ?? [];
    this.#held = undefined;
    return held;
  }

  /** A file that nobody looks at, as when there is no listener, waits for the next one. */
  #tellFile(file: IncomingFile): void {
    const unseen = this.#filesUnseen;
    this.emit("file", {
      get file() {
        unseen.delete(file);
        return file;
      },
    });
  }

  #forgetFile(file: IncomingFile): void {
    this.#files.delete(file);
    this.#filesUnseen.delete(file);
  }
}

function endedError(reason: string): MembraneError {
  return new MembraneError("closed", `session ended: ${reason}`);
}
