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
 * The one class of error this library throws and rejects with: what happened, and what to do.
 *
 * - `server-unreachable`: no first-contact server answered at the address. Check the address and the
 *   page's policy, or try again later.
 * - `aborted`: the `AbortSignal` that was handed in fired, or a file's sender gave up.
 * - `unreachable`: no way leads to that peer. See whether it is still there; `stats` tells why.
 * - `refused`: that peer said no, or was asked too often. Let the user decide.
 * - `timed-out`: nothing was heard in time. Try again.
 * - `closed`: the membrane, link or session ended first. Open it anew.
 * - `insecure-context`: the page is not served over HTTPS or from this machine, so browsers hide
 *   their cryptography. Serve it so.
 * - `unsupported`: the browser lacks WebRTC, WebAssembly or Ed25519, or the core could not be
 *   loaded. Use another browser, or see whether `membrane.wasm` is there.
 * - `too-large`: over a stated limit on size. Send less at once, or a file.
 * - `busy`: over a stated limit on how many, or how often. Wait for what is under way.
 * - `invalid-argument`: the call itself was wrong. Correct it: the message names what is wrong.
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
