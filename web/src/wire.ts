/**
 * The core's wire primitives, as far as a host needs them: integers are QUIC variable-length
 * integers (RFC 9000 §16), `bytes` and `text` an integer length and so many bytes. Integers are
 * numbers up to 2^53 - 1, which is as far as the core's numbers go.
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Reads the core's buffers; reading past the end throws, since the core never writes such a buffer.
 */
export class Reader {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The next byte, left in place; a kind below 64 is one byte. */
  peek(): number {
    return this.#view.getUint8(this.#at);
  }

  u8(): number {
    return this.#view.getUint8(this.#at++);
  }

  flag(): boolean {
    return this.u8() !== 0;
  }

  int(): number {
    const first = this.#view.getUint8(this.#at);
    const at = this.#at;
    this.#at += 1 << (first >> 6);
    switch (first >> 6) {
      case 0:
        return first;
      case 1:
        return this.#view.getUint16(at) & 0x3fff;
      case 2:
        return this.#view.getUint32(at) & 0x3fffffff;
      default:
        return (this.#view.getUint32(at) & 0x3fffffff) * 2 ** 32 + this.#view.getUint32(at + 4);
    }
  }

  /** So many bytes, as a view onto the buffer that is read. */
  take(size: number): Uint8Array<ArrayBuffer> {
    if (size > this.#bytes.length - this.#at) throw new RangeError("read past the end");
    this.#at += size;
    return this.#bytes.subarray(this.#at - size, this.#at);
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.take(this.int());
  }

  text(): string {
    return decoder.decode(this.bytes());
  }
}

/** Writes buffers for the core; grows as needed. */
export class Writer {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #size = 0;

  constructor(capacity = 128) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** What was written, as a view that holds until the next write. */
  get written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#size);
  }

  u8(value: number): this {
    const at = this.#reserve(1);
    this.#view.setUint8(at, value);
    return this;
  }

  flag(value: boolean): this {
    return this.u8(value ? 1 : 0);
  }

  int(value: number): this {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new RangeError(`not an integer below 2^53: ${value}`);
    // The room is reserved before the view is looked at: reserving may replace it.
    const size = value < 0x40 ? 1 : value < 0x4000 ? 2 : value < 0x40000000 ? 4 : 8;
    const at = this.#reserve(size);
    if (size === 1) this.#view.setUint8(at, value);
    else if (size === 2) this.#view.setUint16(at, value | 0x4000);
    else if (size === 4) this.#view.setUint32(at, (value | 0x80000000) >>> 0);
    else {
      this.#view.setUint32(at, (Math.floor(value / 2 ** 32) | 0xc0000000) >>> 0);
      this.#view.setUint32(at + 4, value >>> 0);
    }
    return this;
  }

  /** Raw bytes without a length: ids, keys, signatures. */
  raw(data: Uint8Array): this {
    const at = this.#reserve(data.length);
    this.#bytes.set(data, at);
    return this;
  }

  bytes(data: Uint8Array): this {
    return this.int(data.length).raw(data);
  }

  text(value: string): this {
    return this.bytes(encoder.encode(value));
  }

  #reserve(size: number): number {
    const at = this.#size;
    this.#size += size;
    if (this.#size > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#size, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }
}
