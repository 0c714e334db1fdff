import type { Session } from "./session.js";

/** Where a membrane stands: looking for others, a network of one, linked to others, gone. */
export type MembraneState = "joining" | "alone" | "joined" | "left";

/** The details of a membrane's events. */
export interface MembraneEvents {
  /** The membrane stands elsewhere. */
  state: {
    /** Where it stands now. */
    state: MembraneState;
  };
  /** A peer came into the map. */
  "peer-added": {
    /** The peer, 52 characters. */
    id: string;
    /** Its display name, which proves nothing. */
    name: string;
  };
  /** A peer left, or nothing leads to it any more. */
  "peer-removed": {
    /** The peer. */
    id: string;
  };
  /** A peer has another display name. */
  "peer-renamed": {
    /** The peer. */
    id: string;
    /** What it is called now. */
    name: string;
  };
  /** Both ends say of a link that it is there; told after the peers that it leads to. */
  "edge-added": {
    /** The id of one end. */
    a: string;
    /** The id of the other. */
    b: string;
  };
  /** An end of a link, or the link, is gone; told before the peers that it led to. */
  "edge-removed": {
    /** The id of one end. */
    a: string;
    /** The id of the other. */
    b: string;
  };
  /** We have a link to a peer: it is in `links`. */
  "link-up": {
    /** The peer. */
    id: string;
  };
  /** A link of ours ended. */
  "link-down": {
    /** The peer. */
    id: string;
    /** A short phrase for people and logs, such as "silent". */
    reason: string;
  };
  /** A session opened, whoever asked for it. */
  session: {
    /** The session; it is in `sessions`. */
    session: Session;
  };
  /** A session ended. */
  "session-closed": {
    /** The peer. */
    id: string;
    /** A short phrase for people and logs. */
    reason: string;
  };
  /** What `connect` was called for did not come about; its promise rejects as well. */
  "connect-failed": {
    /** The peer. */
    id: string;
    /** A short phrase for people and logs, such as "refused". */
    reason: string;
  };
  /** The line to the first-contact server came up, or ended; it is tried again. */
  server: {
    /** Whether the server can be spoken to now. */
    up: boolean;
    /** Why it ended, in words for people. */
    error?: string;
  };
  /** A message to any topic, our own included. */
  message: {
    /** The topic's name. */
    topic: string;
    /** The id of who published it, proved by signature. */
    origin: string;
    /** Counts up with everything that peer says, in whatever topic. */
    sequence: number;
    /** The payload as it travelled; every listener gets the same bytes. */
    data: Uint8Array<ArrayBuffer>;
  };
}

/** Tells the application one event. */
export type Tell = <Type extends keyof MembraneEvents>(
  type: Type,
  detail: MembraneEvents[Type],
) => void;
