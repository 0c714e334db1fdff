import { Input, input } from "./abi.js";
import type { Link } from "./link.js";
import type { SessionHost } from "./session.js";

/** Bytes that may wait in the application's channel: a browser closes a channel at 16 MiB. */
const applicationBufferMax = 1024 * 1024;

/**
 * Carries one session's pieces into the core: while the link's application channel has room, or,
 * relayed, while the core takes them. What the core has no room for is kept until it has: one
 * piece, and those that cancel messages.
 */
export class SessionPipe implements SessionHost {
  readonly relayed: boolean;
  readonly name: () => string;
  readonly leads: boolean;
  readonly #peer: Uint8Array;
  readonly #feed: (bytes: Uint8Array) => string | undefined;
  readonly #ended: () => void;
  readonly #held: Uint8Array[] = [];
  #resume: (() => void) | undefined;
  #link: Link | undefined;

  constructor(
    peer: Uint8Array,
    relayed: boolean,
    link: Link | undefined,
    feed: (bytes: Uint8Array) => string | undefined,
    name: () => string,
    leads: boolean,
    ended: () => void,
  ) {
    this.#peer = peer;
    this.relayed = relayed;
    this.#link = link;
    this.#feed = feed;
    this.name = name;
    this.leads = leads;
    this.#ended = ended;
  }

  /** The session goes on over another link. */
  use(link: Link): void {
    this.#link = link;
  }

  get connection(): RTCPeerConnection | undefined {
    return this.relayed ? undefined : this.#link?.connection;
  }

  /** It has ended at once: within a listener, what the core tells of it comes later. */
  close(): void {
    this.#feed(input(Input.closeSession).raw(this.#peer).written);
    this.#ended();
  }

  writable(): boolean {
    if (this.relayed) return this.#held.length === 0;
    return (this.#link?.application.bufferedAmount ?? 0) < applicationBufferMax;
  }

  onceWritable(callback: () => void): void {
    if (this.relayed) this.#resume = callback;
    else this.#link?.application.addEventListener("bufferedamountlow", callback, { once: true });
  }

  /** The core has room again. */
  hasRoom(): void {
    while (this.#held[0] !== undefined && this.#feed(this.#held[0]) !== "busy") this.#held.shift();
    if (this.#held.length === 0) this.#resume?.();
  }

  write(message: number, flags: number, total: number, data: Uint8Array): void {
    const piece = input(Input.sessionWrite, data.length + 64).raw(this.#peer);
    const bytes = piece.int(message).u8(flags).int(total).bytes(data).written;
    if (this.#held.length === 0 && this.#feed(bytes) !== "busy") return;
    // Over a link nothing would tell when there is room.
    if (this.relayed) this.#held.push(bytes);
    else this.close();
  }
}
