/**
 * Where the pieces of an outgoing message come from: bytes in memory, or a Blob that is read slice
 * by slice so that a large file never lies in memory whole.
 */
export interface Source {
  /** What kind of message it is: `pieceText`, `pieceFile`, `pieceSignal` or 0, plain bytes. */
  readonly kind: number;
  readonly total: number;
  /** The next piece, at most `bytesMax` long; undefined while it is still being read. */
  take(bytesMax: number): Uint8Array | undefined;
}

/**
 * Bytes read from a Blob at a time; the next slice is read while this one leaves. A multiple of the
 * piece.
 */
const sliceBytes = 256_000;

export class BytesSource implements Source {
  readonly kind: number;
  readonly total: number;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array, kind = 0) {
    this.#bytes = bytes;
    this.kind = kind;
    this.total = bytes.length;
  }

  take(bytesMax: number): Uint8Array {
    const piece = this.#bytes.subarray(this.#at, this.#at + bytesMax);
    this.#at += piece.length;
    return piece;
  }
}

export class BlobSource implements Source {
  readonly kind = 0;
  readonly total: number;
  readonly #blob: Blob;
  readonly #onReady: () => void;
  readonly #onError: (error: unknown) => void;
  #asked = 0;
  #reading = false;
  #slice = new Uint8Array(0);
  #ahead: Uint8Array<ArrayBuffer> | undefined;

  constructor(blob: Blob, onReady: () => void, onError: (error: unknown) => void) {
    this.#blob = blob;
    this.#onReady = onReady;
    this.#onError = onError;
    this.total = blob.size;
  }

  take(bytesMax: number): Uint8Array | undefined {
    if (this.#slice.length === 0 && this.#ahead !== undefined) {
      this.#slice = this.#ahead;
      this.#ahead = undefined;
    }
    this.#read();
    if (this.#slice.length === 0 && this.total > 0) return undefined;
    const piece = this.#slice.subarray(0, bytesMax);
    this.#slice = this.#slice.subarray(piece.length);
    return piece;
  }

  #read(): void {
    if (this.#reading || this.#ahead !== undefined || this.#asked >= this.total) return;
    this.#reading = true;
    const part = this.#blob.slice(this.#asked, this.#asked + sliceBytes);
    this.#asked += part.size;
    part.arrayBuffer().then((buffer) => {
      this.#reading = false;
      this.#ahead = new Uint8Array(buffer);
      this.#onReady();
    }, this.#onError);
  }
}
