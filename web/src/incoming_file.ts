import { checkOptions, invalid } from "./check.js";
import { Emitter } from "./emitter.js";
import { abortedError, MembraneError } from "./error.js";
import type { FileHeader } from "./file_header.js";
import { fileWindowBytes } from "./pieces.js";

/** The details of an incoming file's events. */
export interface IncomingFileEvents {
  /** More of it has arrived. */
  progress: {
    /** Bytes that are here. */
    received: number;
    /** Bytes that it has. */
    total: number;
  };
}

/** What a file tells its sender. @internal */
export interface FileHost {
  /** Its reader has taken so many bytes; at 0 it begins. */
  taken(bytes: number): void;
  refused(): void;
}

/** Bytes between two receipts: a sixteenth of the window, so a sender at full speed never waits. */
const receiptBytes = fileWindowBytes / 16;
/** Bytes that `blob` gathers in memory before they become a Blob, which browsers keep on disk. */
const partBytes = 16 * 1024 * 1024;

/**
 * A file that the other side of a session sends. Nothing of it is sent before it is read, with
 * `blob` or `stream`; whoever does not want it calls `refuse`.
 *
 * Its name and type are what the sender says. Save it; a page that opens it under its own address
 * runs what is in it.
 *
 * @example
 * session.on("file", async ({ file }) => {
 *   if (file.size > 1e9) return file.refuse();
 *   file.on("progress", ({ received, total }) => (bar.value = received / total));
 *   link.href = URL.createObjectURL(await file.blob());
 *   link.download = file.name;
 * });
 */
export class IncomingFile extends Emitter<IncomingFileEvents> {
  /** Its name without a path; never empty. */
  readonly name: string;
  /** Its media type, such as "image/png"; empty when it is not known. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  readonly #host: FileHost;
  #received = 0;
  #taken = 0;
  #acknowledged = 0;
  #begun = false;
  #chunks: Uint8Array<ArrayBuffer>[] = [];
  #awaited: (() => void) | undefined;
  #error: MembraneError | undefined;

  /** @internal */
  constructor(header: FileHeader, size: number, host: FileHost) {
    super();
    this.name = header.name;
    this.type = header.type;
    this.size = size;
    this.#host = host;
  }

  /** Bytes that have arrived. */
  get received(): number {
    return this.#received;
  }

  /**
   * The bytes as they arrive; the sender waits for a slow reader. Cancelling it refuses the rest.
   * It fails with a `MembraneError`: `aborted` when the sender gives up, `closed` when the session
   * ends first, `refused` after `refuse`. Throws `invalid-argument` when the file is read already.
   */
  stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    if (this.#begun) throw invalid(`${this.name} is read already`);
    this.#begun = true;
    if (this.#error === undefined) this.#host.taken(0);
    return new ReadableStream(
      { pull: (controller) => this.#pull(controller), cancel: () => this.refuse() },
      { highWaterMark: 0 },
    );
  }

  /**
   * The whole of it. Rejects as `stream` fails, and with `aborted` when the signal fires, which
   * refuses the file. Throws `invalid-argument` when the file is read already.
   */
  async blob(options: { signal?: AbortSignal } = {}): Promise<Blob> {
    checkOptions(options);
    const { signal } = options;
    const onAbort = (): void => this.#fail(abortedError(signal as AbortSignal));
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener("abort", onAbort);
    try {
      const parts: Blob[] = [];
      let open: Uint8Array<ArrayBuffer>[] = [];
      let bytes = 0;
      // Not every browser loops over streams.
      const reader = this.stream().getReader();
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        open.push(next.value);
        bytes += next.value.length;
        if (bytes < partBytes) continue;
        parts.push(new Blob(open));
        open = [];
        bytes = 0;
      }
      return new Blob([...parts, ...open], { type: this.type });
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Tells the sender that it is not wanted, or no longer; what has arrived is forgotten. */
  refuse(): void {
    this.#fail(new MembraneError("refused", `${this.name} was refused`));
  }

  /** Bytes from the sender; gives the rule they break, if any. @internal */
  take(data: Uint8Array<ArrayBuffer>): string | undefined {
    this.#received += data.length;
    if (this.#error !== undefined) return undefined;
    if (!this.#begun || this.#received > this.#acknowledged + fileWindowBytes)
      return "file sent unasked";
    this.#chunks.push(data);
    this.emit("progress", { received: this.#received, total: this.size });
    this.#awaited?.();
    return undefined;
  }

  /** The sender gave up, or the session ended. @internal */
  end(error: MembraneError): void {
    if (this.#error !== undefined || this.#received === this.size) return;
    this.#error = error;
    this.#chunks = [];
    this.#awaited?.();
  }

  /** We want no more of it. */
  #fail(error: MembraneError): void {
    if (this.#error !== undefined || this.#taken === this.size) return;
    this.#error = error;
    this.#chunks = [];
    this.#host.refused();
    this.#awaited?.();
  }

  async #pull(
    controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>,
  ): Promise<void> {
    while (this.#error === undefined && this.#taken < this.size && this.#chunks.length === 0) {
      await new Promise<void>((resolve) => (this.#awaited = resolve));
    }
    this.#awaited = undefined;
    if (this.#error !== undefined) return controller.error(this.#error);
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return controller.close();
    controller.enqueue(chunk);
    this.#taken += chunk.length;
    if (this.#taken < this.size && this.#taken < this.#acknowledged + receiptBytes) return;
    this.#acknowledged = this.#taken;
    this.#host.taken(this.#taken);
    if (this.#taken === this.size) controller.close();
  }
}
