/**
 * The line to a first-contact server: a WebSocket that is opened again whenever it ends, for as long
 * as we are in a network. All of the page's networks that use the same server share it, each as a
 * room; what the server must know again after a new start is said again. What it says is checked in
 * `contact_frames.ts` and handed on to the room that it concerns.
 *
 * The first to say hello is room 0, which a server that knows no rooms takes for its only client.
 * The welcome tells how many rooms there may be; whoever finds none left is on another line.
 *
 * Always holds: a line has a room until it is closed; room numbers are not used again on a socket.
 *
 * Bounds: one socket, opened again with the pauses of `retry.ts`; a server silent for
 * `heartbeatsMissed` heartbeats is given up, after a wake-up for `heartbeatsLate`: sockets do not
 * outlive sleep or another network, but may not say so.
 */
import { parseServerFrame } from "./contact_frames.js";
import { type ContactLine, type ContactMeans, pageMeans } from "./contact_line.js";
import { ContactRoom, type RoomLine } from "./contact_room.js";
import { Retry } from "./retry.js";

export const subprotocol = "membrane.v3";

/** How long a socket may take to open and be welcomed. */
const welcomeMax_ms = 10_000;
const heartbeatsMissed = 2.5;
const heartbeatsLate = 1.25;

/** Those of the page. */
const lines = new Set<Contact>();

/** Enters a network through a server, over a line that there is already if it has room. */
export function enter(url: string, network: string, means: ContactMeans = pageMeans): ContactLine {
  const room = new ContactRoom(network);
  Contact.take(room, url, means, Infinity);
  return room;
}

class Contact implements RoomLine {
  readonly #url: string;
  readonly #means: ContactMeans;
  /** As many as the server said last. */
  #roomsMax: number;
  readonly #rooms = new Set<ContactRoom>();
  /** How many rooms of this socket have said hello. */
  #hellos = 0;
  #socket: WebSocket | undefined;
  /** Whether the server has welcomed room 0. */
  #open = false;
  readonly #retry: Retry;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #silenceMax_ms = welcomeMax_ms;
  #heardAt = 0;

  static take(room: ContactRoom, url: string, means: ContactMeans, roomsMax: number): void {
    const hasRoom = (line: Contact): boolean =>
      line.#url === url && line.#means === means && line.#rooms.size < line.#roomsMax;
    ([...lines].find(hasRoom) ?? new Contact(url, means, roomsMax)).#enter(room);
  }

  private constructor(url: string, means: ContactMeans, roomsMax: number) {
    this.#url = url;
    this.#means = means;
    this.#roomsMax = roomsMax;
    this.#retry = new Retry(() => this.#connect(), means.random);
    lines.add(this);
    this.#connect();
  }

  say(room: ContactRoom, frame: unknown[]): void {
    this.#send(room.number === 0 ? frame : ["room", room.number, frame]);
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

  leave(room: ContactRoom): void {
    if (!this.#rooms.delete(room)) return;
    if (this.#rooms.size === 0) {
      lines.delete(this);
      this.#drop();
      this.#retry.cancel();
    } else if (this.#open) {
      if (room.number !== undefined) this.say(room, ["leave"]);
    } else if (room.number === 0) {
      // Whether the server would understand that we leave is not known yet.
      this.#drop();
      this.#connect();
    }
  }

  /** A newcomer waits neither for a pause nor for a server that should have been heard by now. */
  #enter(room: ContactRoom): void {
    room.line = this;
    this.#rooms.add(room);
    this.#retry.worked();
    if (this.#open) this.resume();
    else this.#retry.now();
    if (this.#open) this.#hello(room);
  }

  #hello(room: ContactRoom): void {
    room.number = this.#hellos++;
    this.say(room, ["hello", { network: room.network }]);
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
    socket.onopen = () => {
      const [first] = this.#rooms;
      if (first !== undefined) this.#hello(first);
    };
    socket.onmessage = ({ data }: MessageEvent<unknown>) => this.#received(data);
    socket.onclose = ({ code, reason }: CloseEvent) =>
      this.#ended(reason === "" ? `closed (${code})` : reason);
  }

  #received(data: unknown): void {
    this.#heard();
    const heard = parseServerFrame(data);
    if (heard === undefined) return;
    const { number, frame } = heard;
    if (frame.kind === "heartbeat") return this.#send(["heartbeat"]);
    if (frame.kind === "error") return this.#ended(frame.reason);
    const room = [...this.#rooms].find((each) => each.number === number);
    if (room === undefined) return;
    if (frame.kind === "welcome") {
      this.#silenceMax_ms = frame.heartbeat_s * heartbeatsMissed * 1000;
      this.#heard();
      if (!this.#open) this.#welcomed(frame.rooms);
    }
    room.received(frame);
  }

  #welcomed(roomsMax: number): void {
    this.#open = true;
    this.#retry.worked();
    this.#roomsMax = roomsMax;
    for (const room of [...this.#rooms].slice(1)) {
      if (this.#hellos < roomsMax) {
        this.#hello(room);
      } else {
        this.#rooms.delete(room);
        Contact.take(room, this.#url, this.#means, roomsMax);
      }
    }
  }

  #send(frame: unknown[]): void {
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
    if (this.#rooms.size === 0) return;
    this.#drop();
    this.#retry.failed();
    for (const room of [...this.#rooms]) room.lost(error);
  }

  /** Forgets the socket without waiting for its last event. */
  #drop(): void {
    clearTimeout(this.#silence);
    this.#open = false;
    this.#hellos = 0;
    for (const room of this.#rooms) room.number = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}
