/** What `stats` tells: of the membrane, of its links, of why connections did not come up. */
import type { ConnectionFailure } from "./failure.js";

/** A connection that did not come up, and why. */
export interface ExplainedFailure extends ConnectionFailure {
  /** What it means and what may help, in a sentence or two. */
  readonly why: string;
}

/** The way that a connection takes. What the browser does not tell is left out. */
export interface ConnectionPath {
  /** Of what kind our address is: `host`, `srflx`, `prflx`, or `relay` by TURN. */
  readonly local?: string;
  /** Of what kind theirs is. */
  readonly remote?: string;
  /** `udp` or `tcp`. */
  readonly protocol?: string;
  /** The latest round trip that the browser measured, in milliseconds. */
  readonly roundTrip_ms?: number;
  /** Bytes sent. */
  readonly sent?: number;
  /** Bytes received. */
  readonly received?: number;
}

/** How a membrane is. */
export interface Stats {
  /** The line to the first-contact server. */
  readonly server: {
    /** Where it is. */
    readonly address: string;
    /** Whether it can be spoken to now. */
    readonly up: boolean;
    /** Why the line ended, in words for people. */
    readonly error?: string;
  };
  /** Our open links and the ways they take. */
  readonly links: readonly ({
    /** The peer. */
    readonly id: string;
  } & ConnectionPath)[];
  /** The last 32 connections that did not come up, the newest last. */
  readonly failures: readonly ExplainedFailure[];
  /** The core's: sizes of tables, what was sent, and what was dropped and why. */
  readonly counters: Readonly<Record<string, number>>;
}

/** How a session is. */
export interface SessionStats extends ConnectionPath {
  /** Whether it passes through other peers; then nothing else is told. */
  readonly relayed: boolean;
}
