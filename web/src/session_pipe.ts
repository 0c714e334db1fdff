import { Input, input } from "./abi.js";
import type { SessionHost } from "./session.js";

/** Bytes that may wait in the application's channel: a browser closes a channel at 16 MiB. */
const applicationBufferMax = 1024 * 1024;

export interface PipeHost {
  name(): string;
  feed(bytes: Uint8Array): void;
}

/** Carries one session's pieces into the core, as long as the link's application channel has room. */
export class SessionPipe implements SessionHost {
  readonly #peer: Uint8Array;
  readonly #host: PipeHost;
  #channel: RTCDataChannel | undefined;

  constructor(peer: Uint8Array, channel: RTCDataChannel | undefined, host: PipeHost) {
    this.#peer = peer;
    this.#channel = channel;
    this.#host = host;
  }

  /** The session goes on over another link's channel. */
  use(channel: RTCDataChannel): void {
    this.#channel = channel;
  }

  name(): string {
    return this.#host.name();
  }

  close(): void {
    this.#host.feed(input(Input.closeSession).raw(this.#peer).written);
  }

  writable(): boolean {
    return (this.#channel?.bufferedAmount ?? 0) < applicationBufferMax;
  }

  onceWritable(callback: () => void): void {
    this.#channel?.addEventListener("bufferedamountlow", callback, { once: true });
  }

  write(message: number, flags: number, total: number, data: Uint8Array): void {
    const piece = input(Input.sessionWrite, data.length + 64).raw(this.#peer).int(message).u8(flags);
    this.#host.feed(piece.int(total).bytes(data).written);
  }
}
