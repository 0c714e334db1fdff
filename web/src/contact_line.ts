/**
 * What a line to a first-contact server looks like to the rest, whichever vocabulary it speaks.
 */
import type { ServerFrame } from "./contact_frames.js";

export interface ContactEvents {
  /** The server can be spoken to. */
  opened(): void;
  /** The line ended or could not be made; it is tried again. */
  closed(error: string): void;
  /** Anything else the server said, except heartbeats. */
  frame(frame: ServerFrame): void;
}

/** What it takes to reach the server; tests put their own in. */
export interface ContactMeans {
  socket(url: string, subprotocol?: string): WebSocket;
  /** Between 0 and 1. */
  random(): number;
  /** Milliseconds, the time that the machine slept among them. */
  wall(): number;
}

export const pageMeans: ContactMeans = {
  socket: (url, protocol) => new WebSocket(url, protocol),
  random: () => Math.random(),
  wall: () => Date.now(),
};

export interface ContactLine {
  readonly open: boolean;
  /** STUN and TURN servers that the server named last. */
  readonly iceServers: RTCIceServer[];
  listen(events: ContactEvents): void;
  send(frame: ClientFrame): void;
  /**
   * The machine woke, the network is back or is another: tries again now instead of after the
   * pause, and gives up a server that should have been heard by now.
   */
  resume(): void;
  close(): void;
}

export type ClientFrame =
  | ["offer" | "offerCandidate" | "answer" | "answerCandidate", number, string]
  | ["refuse" | "report" | "done", number]
  | ["ready"];

export const deaf: ContactEvents = {
  opened: () => undefined,
  closed: () => undefined,
  frame: () => undefined,
};
