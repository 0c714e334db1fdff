/**
 * The line to the first-contact server: a WebSocket that is opened again whenever it ends, for as
 * long as we are in the network. What the server says is checked in `contact_frames.ts` and handed
 * on; what it must know again after a new start (our network, and that we may be asked) is said
 * again.
 *
 * Bounds: one socket; attempts 1 s … 30 s apart, doubling, each shortened by up to half at random
 * so that a restarted server is not met by everyone at once; a server silent for `heartbeatsMissed`
 * heartbeats is given up.
 */
import { parseServerFrame, type ServerFrame } from "./contact_frames.js";

export const subprotocol = "membrane.v3";

const retryMin_ms = 1_000;
const retryMax_ms = 30_000;
/** How long a socket may take to open and be welcomed. */
const welcomeMax_ms = 10_000;
const heartbeatsMissed = 2.5;

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
  socket(url: string, subprotocol: string): WebSocket;
  /** Between 0 and 1. */
  random(): number;
}

const pageMeans: ContactMeans = {
  socket: (url, protocol) => new WebSocket(url, protocol),
  random: () => Math.random(),
};

/** What a line to a first-contact server looks like to the rest, whichever vocabulary it speaks. */
export interface ContactLine {
  readonly open: boolean;
  /** STUN and TURN servers that the server named last. */
  readonly iceServers: RTCIceServer[];
  listen(events: ContactEvents): void;
  send(frame: ClientFrame): void;
  /** Tries again now instead of after the pause: the network is back. */
  retryNow(): void;
  close(): void;
}

export type ClientFrame =
  | ["offer" | "offerCandidate" | "answer" | "answerCandidate", number, string]
  | ["refuse" | "report" | "done", number]
  | ["ready"];

const deaf: ContactEvents = {
  opened: () => undefined,
  closed: () => undefined,
  frame: () => undefined,
};

export class Contact implements ContactLine {
  readonly #url: string;
  readonly #network: string;
  readonly #means: ContactMeans;
  #events = deaf;
  #socket: WebSocket | undefined;
  #open = false;
  #iceServers: RTCIceServer[] = [];
  #ready = false;
  #failures = 0;
  #closed = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #silenceMax_ms = welcomeMax_ms;

  constructor(url: string, network: string, means: ContactMeans = pageMeans) {
    this.#url = url;
    this.#network = network;
    this.#means = means;
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

  retryNow(): void {
    if (this.#closed || this.#socket !== undefined) return;
    clearTimeout(this.#retry);
    this.#connect();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#events = deaf;
    this.#drop();
    clearTimeout(this.#retry);
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
    this.#failures = 0;
    if (this.#ready) this.#say(["ready"]);
    this.#events.opened();
  }

  #say(frame: unknown[]): void {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(frame));
  }

  #heard(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#ended("silent"), this.#silenceMax_ms);
  }

  #ended(error: string): void {
    if (this.#closed) return;
    this.#drop();
    const pause = Math.min(retryMin_ms * 2 ** this.#failures++, retryMax_ms);
    this.#retry = setTimeout(() => this.#connect(), pause * (1 - this.#means.random() / 2));
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
