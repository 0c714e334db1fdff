/**
 * Our membership in one network, over a line to the first-contact server that others may share. The
 * line opens, loses and finds its server for all of its rooms at once.
 */
import type { ServerFrame } from "./contact_frames.js";
import { type ClientFrame, type ContactEvents, type ContactLine, deaf } from "./contact_line.js";

/** What a room needs of the line that it is on. */
export interface RoomLine {
  say(room: ContactRoom, frame: unknown[]): void;
  resume(): void;
  leave(room: ContactRoom): void;
}

export class ContactRoom implements ContactLine {
  readonly network: string;
  iceServers: RTCIceServer[] = [];
  open = false;
  /** The line that it is on; another one when that had no room for it. */
  line!: RoomLine;
  /** Its number on the line's socket; undefined before its hello. */
  number: number | undefined;
  #events = deaf;
  #ready = false;

  constructor(network: string) {
    this.network = network;
  }

  listen(events: ContactEvents): void {
    this.#events = events;
  }

  send(frame: ClientFrame): void {
    if (frame[0] === "ready") this.#ready = true;
    if (this.open) this.line.say(this, frame);
  }

  resume(): void {
    this.line.resume();
  }

  close(): void {
    this.open = false;
    this.#events = deaf;
    this.line.leave(this);
  }

  /** The server said this in the room. */
  received(frame: ServerFrame): void {
    if (frame.kind !== "welcome") return this.open ? this.#events.frame(frame) : undefined;
    this.iceServers = frame.iceServers;
    if (this.open) return;
    this.open = true;
    if (this.#ready) this.line.say(this, ["ready"]);
    this.#events.opened();
  }

  /** The line has ended. */
  lost(error: string): void {
    this.open = false;
    this.#events.closed(error);
  }
}
