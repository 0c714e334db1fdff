/**
 * The line to the first-contact server: a WebSocket that is opened again whenever it ends, for as
 * long as we are in the network. What the server says is checked in `contact_frames.ts` and handed
 * on; what it must know again after a new start (our network, and that we may be asked) is said
 * again.
 *
 * Bounds: one socket, opened again with the pauses of `retry.ts`; a server silent for
 * `heartbeatsMissed` heartbeats is given up, after a wake-up for `heartbeatsLate`: sockets do not
 * outlive sleep or another network, but may not say so.
 */
import { parseServerFrame } from "./contact_frames.js";
import {
  type ClientFrame,
  type ContactEvents,
  type ContactLine,
  type ContactMeans,
  deaf,
  pageMeans,
} from "./contact_line.js";
import { Retry } from "./retry.js";

export const subprotocol = "membrane.v3";

/** How long a socket may take to open and be welcomed. */
const welcomeMax_ms = 10_000;
const heartbeatsMissed = 2.5;
const heartbeatsLate = 1.25;

export class Contact implements ContactLine {
  readonly #url: string;
  readonly #network: string;
  readonly #means: ContactMeans;
  #events = deaf;
  #socket: WebSocket | undefined;
  #open = false;
  #iceServers: RTCIceServer[] = [];
  #ready = false;
  #closed = false;
  readonly #retry: Retry;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #silenceMax_ms = welcomeMax_ms;
  #heardAt = 0;

  constructor(url: string, network: string, means: ContactMeans = pageMeans) {
    this.#url = url;
    this.#network = network;
    this.#means = means;
    this.#retry = new Retry(() => this.#connect(), means.random);
    this.#connect();
  }

  get open(): boolean {
    return this.#open;
  }

  get iceServers(): RTCIceServer[] {
    return this.#iceServers;
  }

  listen(events: ContactEvents): void {
    this.#events = events;
  }

  send(frame: ClientFrame): void {
    if (frame[0] === "ready") this.#ready = true;
    if (this.#open) this.#say(frame);
  }

  resume(): void {
    if (this.#socket !== undefined) {
      const patience = (this.#silenceMax_ms * heartbeatsLate) / heartbeatsMissed;
      const left = this.#heardAt + patience - this.#means.wall();
      // The wall clock may have been set back meanwhile.
      if (left > 0) return this.#expect(Math.min(left, patience));
      this.#ended("silent");
    }
    this.#retry.now();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#events = deaf;
    this.#drop();
    this.#retry.cancel();
  }

  #connect(): void {
    let socket: WebSocket;
    try {
      socket = this.#means.socket(this.#url, subprotocol);
    } catch (error) {
      // Thrown at once for a mixed-content address; a constructor that throws must not reach our
      // own constructor.
      queueMicrotask(() => this.#ended(String(error)));
      return;
    }
    this.#socket = socket;
    this.#silenceMax_ms = welcomeMax_ms;
    this.#heard();
    socket.onopen = () => socket.send(JSON.stringify(["hello", { network: this.#network }]));
    socket.onmessage = ({ data }: MessageEvent<unknown>) => this.#received(data);
    socket.onclose = ({ code, reason }: CloseEvent) =>
      this.#ended(reason === "" ? `closed (${code})` : reason);
  }

  #received(data: unknown): void {
    this.#heard();
    const frame = parseServerFrame(data);
    if (frame === undefined) return;
    if (frame.kind === "heartbeat") return this.#say(["heartbeat"]);
    if (frame.kind === "error") return this.#ended(frame.reason);
    if (frame.kind !== "welcome") return this.#open ? this.#events.frame(frame) : undefined;
    this.#iceServers = frame.iceServers;
    this.#silenceMax_ms = frame.heartbeat_s * heartbeatsMissed * 1000;
    this.#heard();
    if (this.#open) return;
    this.#open = true;
    this.#retry.worked();
    if (this.#ready) this.#say(["ready"]);
    this.#events.opened();
  }

  #say(frame: unknown[]): void {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(frame));
  }

  #heard(): void {
    this.#heardAt = this.#means.wall();
    this.#expect(this.#silenceMax_ms);
  }

  /** Gives the server up unless it says something within this time. */
  #expect(patience_ms: number): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#ended("silent"), patience_ms);
  }

  #ended(error: string): void {
    if (this.#closed) return;
    this.#drop();
    this.#retry.failed();
    this.#events.closed(error);
  }

  /** Forgets the socket without waiting for its last event. */
  #drop(): void {
    clearTimeout(this.#silence);
    this.#open = false;
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}
