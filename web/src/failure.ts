/** What is kept of connections that did not come up, for whoever asks why. */

/**
 * How far a connection came: to the browser's own description, the other side's, an address that
 * answers, encryption, channels, or everything but the proof of who is there.
 */
export type ConnectionStage =
  | "describing"
  | "signalling"
  | "reaching"
  | "securing"
  | "opening"
  | "proving";

/** Addresses that one side named, by kind: `host`, `srflx`, `prflx`, `relay` (RFC 8445 §4). */
export type CandidateCounts = Readonly<Record<string, number>>;

/** What an ICE server answered when it was of no use: an `icecandidateerror`. */
export interface IceServerError {
  /** The server's address, as the page or the first-contact server named it. */
  readonly url: string;
  /** The STUN error code (RFC 8489 §14.8), or 701 when the server was not reached. */
  readonly code: number;
  /** What the server, or the browser, said of it; for people. */
  readonly text: string;
}

/** What a connection knows of itself. */
export interface ConnectionReport {
  /** How far it came. */
  readonly stage: ConnectionStage;
  /** How long it was tried, in milliseconds. */
  readonly took_ms: number;
  /** The addresses of ours that the browser found. */
  readonly localCandidates: CandidateCounts;
  /** The addresses that the other side named. */
  readonly remoteCandidates: CandidateCounts;
  /** What ICE servers that were of no use answered. */
  readonly iceServerErrors: readonly IceServerError[];
}

/** A connection that did not come up. */
export interface ConnectionFailure extends ConnectionReport {
  /** When, as `Date.now()`. */
  readonly at: number;
  /** To whom; undefined where the first-contact server was to introduce somebody. */
  readonly id: string | undefined;
  /** The core's phrase, such as "timed out". */
  readonly reason: string;
}

/** Reasons that are none to worry about: another connection took its place, or we left. */
const harmless = new Set(["replaced", "trimmed", "duplicate", "goodbye", "left the network"]);

/** Undefined when nothing went wrong. */
export function failureOf(
  report: ConnectionReport,
  reason: string,
  id: string | undefined,
): ConnectionFailure | undefined {
  if (harmless.has(reason)) return undefined;
  return { at: Date.now(), id, reason, ...report };
}

/** Counts the kinds of candidates that a description, or a candidate's line, names. */
export function countCandidates(counts: Record<string, number>, text: string): void {
  for (const [, kind] of text.matchAll(/candidate:.* typ (host|srflx|prflx|relay)\b/g))
    counts[kind as string] = (counts[kind as string] ?? 0) + 1;
}
