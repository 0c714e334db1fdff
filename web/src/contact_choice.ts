import { enter } from "./contact.js";
import type { ServerFrame } from "./contact_frames.js";
import {
  type ClientFrame,
  type ContactEvents,
  type ContactLine,
  deaf,
  pageMeans,
} from "./contact_line.js";
import { Retry } from "./retry.js";
import type { ServerAddress } from "./server_url.js";

/** Enters a network through a server, of whatever age it may be. */
export function openContact(address: ServerAddress, network: string): ContactLine {
  const { v3, v2 } = address;
  if (v2 === undefined) return enter(v3, network);
  const speakV3 = (): ContactLine => enter(v3, network);
  return new ContactOfEitherAge(speakV3, async () => {
    const { ContactV2 } = await import("./contact_v2.js");
    return new ContactV2(v2.bind, v2.reconnect);
  });
}

/**
 * A line to a server that may speak v3 or only v2. Browsers do not say why a socket was refused, so
 * after each failure the other vocabulary is tried, until one is understood; that one stays.
 */
export class ContactOfEitherAge implements ContactLine, ContactEvents {
  readonly #speakV3: () => ContactLine;
  readonly #speakV2: () => Promise<ContactLine>;
  readonly #retry: Retry;
  #events = deaf;
  #line: ContactLine;
  #understood = false;
  #triedV2 = false;
  #closed = false;

  constructor(
    speakV3: () => ContactLine,
    speakV2: () => Promise<ContactLine>,
    random: () => number = pageMeans.random,
  ) {
    this.#speakV3 = speakV3;
    this.#speakV2 = speakV2;
    this.#retry = new Retry(() => this.#tryV3(), random);
    this.#line = speakV3();
    this.#line.listen(this);
  }

  get open(): boolean {
    return this.#line.open;
  }

  get iceServers(): RTCIceServer[] {
    return this.#line.iceServers;
  }

  listen(events: ContactEvents): void {
    this.#events = events;
  }

  send(frame: ClientFrame): void {
    this.#line.send(frame);
  }

  resume(): void {
    this.#retry.now();
    this.#line.resume();
  }

  close(): void {
    this.#closed = true;
    this.#events = deaf;
    this.#retry.cancel();
    this.#line.close();
  }

  opened(): void {
    this.#understood = true;
    this.#events.opened();
  }

  closed(error: string): void {
    if (!this.#understood) this.#other();
    this.#events.closed(error);
  }

  frame(frame: ServerFrame): void {
    this.#events.frame(frame);
  }

  #other(): void {
    this.#line.close();
    this.#triedV2 = !this.#triedV2;
    if (!this.#triedV2) return this.#retry.failed();
    this.#speakV2().then(
      (line) => this.#use(line),
      () => this.#retry.failed(),
    );
  }

  #tryV3(): void {
    this.#triedV2 = false;
    this.#use(this.#speakV3());
  }

  #use(line: ContactLine): void {
    if (this.#closed) return line.close();
    this.#line = line;
    line.listen(this);
  }
}
