import { type FileHeader, writeHeader } from "./file_header.js";
import { fileWindowBytes, pieceFile } from "./pieces.js";
import { BlobSource, type Source } from "./source.js";

/**
 * A file on its way out: its header, and after its reader has begun as much of it as the window
 * leaves room for.
 */
export class FileSource implements Source {
  readonly kind = pieceFile;
  readonly total: number;
  readonly name: string;
  readonly size: number;
  readonly #content: BlobSource;
  #header: Uint8Array | undefined;
  #sent = 0;
  #taken: number | undefined;

  /** Throws `invalid-argument` for a name or type that is too long. */
  constructor(
    content: Blob,
    header: FileHeader,
    onReady: () => void,
    onError: (error: unknown) => void,
  ) {
    this.name = header.name;
    this.size = content.size;
    this.#header = writeHeader(header);
    this.total = this.#header.length + content.size;
    this.#content = new BlobSource(content, onReady, onError);
  }

  /** All of it is with its reader. */
  get arrived(): boolean {
    return this.#taken === this.size;
  }

  take(bytesMax: number): Uint8Array | undefined {
    const header = this.#header;
    this.#header = undefined;
    if (header !== undefined) return header;
    if (this.#taken === undefined) return undefined;
    const room = Math.min(bytesMax, this.#taken + fileWindowBytes - this.#sent);
    const piece = room > 0 ? this.#content.take(room) : undefined;
    this.#sent += piece?.length ?? 0;
    return piece;
  }

  /** Its reader has taken so many bytes; false when so many were not sent. */
  receipt(taken: number): boolean {
    if (taken > this.#sent) return false;
    this.#taken = Math.max(taken, this.#taken ?? 0);
    return true;
  }
}
