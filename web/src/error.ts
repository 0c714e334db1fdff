/** What can go wrong, as a word that programs compare. */
export type MembraneErrorCode =
  | "server-unreachable"
  | "aborted"
  | "unreachable"
  | "refused"
  | "timed-out"
  | "closed"
  | "insecure-context"
  | "unsupported"
  | "too-large"
  | "busy"
  | "invalid-argument";

/**
 * The one class of error this library throws and rejects with.
 *
 * - `server-unreachable`: no first-contact server answered at the address.
 * - `aborted`: the `AbortSignal` that was handed in fired.
 * - `unreachable`: no way leads to that peer.
 * - `refused`: that peer said no.
 * - `timed-out`: nothing was heard in time.
 * - `closed`: the membrane, link or session ended first.
 * - `insecure-context`: the page is not served over HTTPS or from this machine, so browsers hide
 *   their cryptography.
 * - `unsupported`: the browser lacks WebRTC, WebAssembly or Ed25519.
 * - `too-large`: over a stated limit on size.
 * - `busy`: over a stated limit on how many at once.
 * - `invalid-argument`: the call itself was wrong.
 *
 * @example
 * try {
 *   await membrane.connect(id);
 * } catch (error) {
 *   if (error instanceof MembraneError && error.code === "refused") console.log("they said no");
 * }
 */
export class MembraneError extends Error {
  /** One of the words above. */
  readonly code: MembraneErrorCode;

  /** Thrown by this library; a page may throw one of its own where it takes the library's place. */
  constructor(code: MembraneErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "MembraneError";
    this.code = code;
  }
}

/** The core's phrases that are more than "it did not work". */
const codeOfReason = new Map<string, MembraneErrorCode>([
  ["refused", "refused"],
  ["timed out", "timed-out"],
  ["silent", "timed-out"],
  ["closed", "closed"],
  ["goodbye", "closed"],
  ["left the network", "closed"],
  ["busy", "busy"],
  ["full", "busy"],
  ["oversized", "too-large"],
  ["malformed", "invalid-argument"],
  ["invalid argument", "invalid-argument"],
]);

/** The error for a reason phrase of the core, such as `refused` or `timed out`. */
export function errorForReason(reason: string, what: string): MembraneError {
  return new MembraneError(codeOfReason.get(reason) ?? "unreachable", `${what}: ${reason}`);
}

/** The error for an `AbortSignal` that fired; its reason becomes the cause. */
export function abortedError(signal: AbortSignal): MembraneError {
  return new MembraneError("aborted", "aborted", signal.reason);
}
