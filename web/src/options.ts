import type { Identity } from "./crypto/identity.js";

/** What `accept` is asked. */
export interface AcceptRequest {
  /** Who asks, 52 characters. */
  readonly id: string;
  /** Their display name, empty when the map does not know it yet; it proves nothing. */
  readonly name: string;
  /** True when a session is asked for, false for a mere link (asked only with `acceptLinks`). */
  readonly session: boolean;
}

/** How to join; every field may be left out. */
export interface JoinOptions {
  /** Display name, at most 64 bytes of UTF-8; not unique. Default: empty. */
  name?: string;
  /**
   * Only peers of the same network meet. A page may join several; those of one server share a line
   * to it. Default: "membrane".
   */
  network?: string;
  /**
   * "ephemeral" (default): a new key for this page load. "lasting": a key kept in this browser's
   * IndexedDB, not extractable. Or an `Identity` made beforehand.
   */
  identity?: "ephemeral" | "lasting" | Identity;
  /** The name under which a lasting identity is kept. Default: "membrane". */
  storage?: string;
  /** Ends joining, or leaves afterwards, when it fires. */
  signal?: AbortSignal;
  /** STUN and TURN servers, used besides those the first-contact server offers. */
  iceServers?: RTCIceServer[];
  /** Anything else for each `RTCPeerConnection`; `iceServers` in here are used too. */
  rtc?: RTCConfiguration;
  /**
   * Asked before each incoming session. Has 60 s; where a connection has to be made first, the other
   * side waits 15 s. Default: accepts. What throws or rejects refuses.
   */
  accept?: (request: AcceptRequest) => boolean | Promise<boolean>;
  /** Asks `accept` before each incoming link, too. Default: false. */
  acceptLinks?: boolean;
  /** How long joining may take, in milliseconds. Default: 30,000. */
  timeout_ms?: number;
  /** The largest message that sessions send or take, in bytes. Default: 256 MiB. */
  messageBytesMax?: number;
  /** Where the core's WebAssembly comes from. Default: `membrane.wasm` beside the script. */
  wasm?: URL | BufferSource | WebAssembly.Module;
}

/** How to connect to a peer. */
export interface ConnectOptions {
  /** Gives up waiting when it fires. */
  signal?: AbortSignal;
  /** Default true: ask for a session. False: a link is enough. */
  session?: boolean;
}

/** How to send one message in a session. */
export interface SendOptions {
  /** Cancels the message, also when it is half sent; the peer drops what it has of it. */
  signal?: AbortSignal;
  /** Called after each piece with the bytes handed to the channel so far. */
  onProgress?: (sent: number, total: number) => void;
}

/** How to send one file in a session. */
export interface SendFileOptions {
  /** What it is called, at most 255 bytes of UTF-8. Default: the name of a `File`, else "file". */
  name?: string;
  /** Its media type, at most 127 bytes. Default: that of the `Blob`. */
  type?: string;
  /** Cancels it, also half sent; the reader's stream fails with `aborted`. */
  signal?: AbortSignal;
  /** Called as its reader takes it, with the bytes that the reader has. */
  onProgress?: (taken: number, total: number) => void;
}
