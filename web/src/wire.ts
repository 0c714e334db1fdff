/**
 * The core's wire primitives, as far as a host needs them: integers are QUIC variable-length
 * integers (RFC 9000 §16), `bytes` and `text` an integer length and so many bytes. Integers are
 * numbers up to 2^53 - 1, which is as far as the core's numbers go.
 */

import { decoder, encoder } from "./utf8.js";

/**
 * Reads the core's buffers; reading past the end throws, since the core never writes such a buffer.
 */
export class Reader {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #at = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The next byte, left in place; a kind below 64 is one byte. */
  peek(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw pastTheEnd();
    return byte;
  }

  u8(): number {
    const byte = this.peek();
    this.#at += 1;
    return byte;
  }

  flag(): boolean {
    return this.u8() !== 0;
  }

  int(): number {
    const first = this.u8();
    let value = first & 0x3f;
    for (let more = (1 << (first >> 6)) - 1; more > 0; more--) value = value * 256 + this.u8();
    return value;
  }

  /** So many bytes, as a view onto the buffer that is read. */
  take(size: number): Uint8Array<ArrayBuffer> {
    if (size > this.#bytes.length - this.#at) throw pastTheEnd();
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

function pastTheEnd(): RangeError {
  return new RangeError("read past the end");
}

/** Writes buffers for the core; grows as needed. */
export class Writer {
  #bytes: Uint8Array<ArrayBuffer>;
  #size = 0;

  constructor(capacity = 128) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** What was written, as a view that holds until the next write. */
  get written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#size);
  }

  u8(value: number): this {
    const at = this.#reserve(1);
    this.#bytes[at] = value;
    return this;
  }

  flag(value: boolean): this {
    return this.u8(value ? 1 : 0);
  }

  int(value: number): this {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new RangeError(`not an integer below 2^53: ${value}`);
    const exponent = value < 0x40 ? 0 : value < 0x4000 ? 1 : value < 0x40000000 ? 2 : 3;
    const start = this.#reserve(1 << exponent);
    let rest = value;
    for (let at = this.#size - 1; at >= start; at--) {
      this.#bytes[at] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    this.#bytes[start]! |= exponent << 6;
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
    }
    return at;
  }
}
