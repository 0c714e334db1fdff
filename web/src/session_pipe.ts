import { Input, input } from "./abi.js";
import type { SessionHost } from "./session.js";

/** Bytes that may wait in the application's channel: a browser closes a channel at 16 MiB. */
const applicationBufferMax = 1024 * 1024;

/** Carries one session's pieces into the core while the link's application channel has room. */
export class SessionPipe implements SessionHost {
  readonly #peer: Uint8Array;
  readonly #feed: (bytes: Uint8Array) => void;
  readonly name: () => string;
  #channel: RTCDataChannel | undefined;

  constructor(
    peer: Uint8Array,
    channel: RTCDataChannel | undefined,
    feed: (bytes: Uint8Array) => void,
    name: () => string,
  ) {
    this.#peer = peer;
    this.#channel = channel;
    this.#feed = feed;
    this.name = name;
  }

  /** The session goes on over another link's channel. */
  use(channel: RTCDataChannel): void {
    this.#channel = channel;
  }

  close(): void {
    this.#feed(input(Input.closeSession).raw(this.#peer).written);
  }

  writable(): boolean {
    return (this.#channel?.bufferedAmount ?? 0) < applicationBufferMax;
  }

  onceWritable(callback: () => void): void {
    this.#channel?.addEventListener("bufferedamountlow", callback, { once: true });
  }

  write(message: number, flags: number, total: number, data: Uint8Array): void {
    const piece = input(Input.sessionWrite, data.length + 64).raw(this.#peer);
    this.#feed(piece.int(message).u8(flags).int(total).bytes(data).written);
  }
}
