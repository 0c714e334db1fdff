/**
 * The line to a first-contact server that speaks only the vocabulary of v2. It differs in three
 * ways: an offer is made by opening a socket with the offer in its address; descriptions carry
 * their candidates, so those are gathered here first; and there are no networks, all meet.
 *
 * Before the first offer a socket is opened and closed, to learn whether the server is there.
 *
 * Bounds: one socket; descriptions wait at most `gatherMax_ms`, `gatheringsMax` at once.
 */
import {
  type ClientFrame,
  type ContactEvents,
  type ContactLine,
  type ContactMeans,
  deaf,
  pageMeans,
} from "./contact_line.js";
import { Retry } from "./retry.js";
import {
  decodeDescription,
  encodeDescription,
  offerFromAddress,
  parseV2Frame,
  type V2Frame,
} from "./contact_v2_frames.js";

/** How long a description waits for candidates, in all and since the last one. */
const gatherMax_ms = 1_000;
const gatherQuiet_ms = 200;
/** Answers that wait for candidates; the description of one more goes without. */
const gatheringsMax = 16;
/** Heartbeats of v2 servers come every few seconds; one silent for so long is given up. */
const silenceMax_ms = 60_000;

interface Gathering {
  sdp: string;
  finish: (sdp: string) => void;
  total: ReturnType<typeof setTimeout>;
  quiet: ReturnType<typeof setTimeout> | undefined;
}

/**
 * Whether this is the offer of a member that looks for another network (docs/first-contact.md). It is
 * not made here: members of v2 do not know that they should refuse it, and whoever asks is not
 * askable meanwhile.
 */
const looksForOthers = (sdp: string): boolean => sdp.includes("a=membrane-knows:");

export class ContactV2 implements ContactLine {
  readonly iceServers: RTCIceServer[] = [];
  readonly #bindUrl: string;
  readonly #reconnectUrl: string;
  readonly #means: ContactMeans;
  readonly #retry: Retry;
  readonly #gatherings = new Map<string, Gathering>();
  #events = deaf;
  #socket: WebSocket | undefined;
  #open = false;
  #ready = false;
  #closed = false;
  #request = 0;
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(bindUrl: string, reconnectUrl: string, means: ContactMeans = pageMeans) {
    this.#bindUrl = bindUrl;
    this.#reconnectUrl = reconnectUrl;
    this.#means = means;
    this.#retry = new Retry(() => this.#reconnect(), means.random);
    this.#reconnect();
  }

  get open(): boolean {
    return this.#open;
  }

  listen(events: ContactEvents): void {
    this.#events = events;
  }

  send(frame: ClientFrame): void {
    const [kind, number, text] = frame;
    switch (kind) {
      case "offer":
        if (looksForOthers(text)) return this.#fail(number);
        return this.#gather(`offer ${number}`, text, (sdp) => this.#bind(number, sdp));
      case "answer":
        return this.#gather(`answer ${number}`, text, (sdp) =>
          this.#say(["returnSDP", JSON.stringify({ type: "answer", sdp }), number]),
        );
      case "offerCandidate":
        return this.#candidate(`offer ${number}`, text);
      case "answerCandidate":
        return this.#candidate(`answer ${number}`, text);
      case "refuse":
        return this.#say(["ignoreSDPRequest", number]);
      case "report":
        return this.#say(["reportNode", number]);
      case "ready":
        this.#ready = true;
        if (this.#open && this.#socket === undefined) this.#reconnect();
        return;
      default:
    }
  }

  #fail(request: number): void {
    queueMicrotask(() => this.#events.frame({ kind: "failed", request }));
  }

  resume(): void {
    this.#retry.now();
  }

  close(): void {
    if (this.#closed) return;
    this.#say(["forceClosing"]);
    this.#closed = true;
    this.#events = deaf;
    this.#retry.cancel();
    for (const key of [...this.#gatherings.keys()]) this.#forget(key);
    this.#drop();
  }

  /** Becomes askable when we are in the network; before that only looks whether the server is. */
  #reconnect(): void {
    this.#connect(this.#reconnectUrl, () => {
      if (!this.#ready) this.#drop();
      this.#retry.worked();
      if (this.#open) return;
      this.#open = true;
      this.#events.opened();
    });
  }

  /** Makes an offer; its socket stays for what the server says next. */
  #bind(request: number, sdp: string): void {
    this.#request = request;
    this.#drop();
    this.#connect(`${this.#bindUrl}?originatingSDP=${encodeDescription(sdp)}`, () => undefined);
  }

  #connect(url: string, opened: () => void): void {
    let socket: WebSocket;
    try {
      socket = this.#means.socket(url);
    } catch (error) {
      queueMicrotask(() => this.#ended(String(error)));
      return;
    }
    this.#socket = socket;
    this.#heard();
    socket.onopen = opened;
    socket.onmessage = ({ data }: MessageEvent<unknown>) => this.#received(parseV2Frame(data));
    socket.onclose = ({ code }: CloseEvent) => this.#ended(`closed (${code})`);
  }

  #received(frame: V2Frame | undefined): void {
    this.#heard();
    const request = this.#request;
    switch (frame?.kind) {
      case "heartbeat":
        return this.#say(["heartbeat"]);
      case "unresolved":
        return this.#events.frame({ kind: "unresolved", request });
      case "failed":
        return this.#events.frame({ kind: "failed", request });
      case "answer": {
        const text = decodeDescription(frame.description);
        if (text === undefined) return this.#events.frame({ kind: "failed", request });
        return this.#events.frame({ kind: "answer", request, text });
      }
      case "request": {
        const text = offerFromAddress(frame.offer);
        if (text === undefined) return this.#say(["ignoreSDPRequest", frame.ticket]);
        return this.#events.frame({ kind: "request", ticket: frame.ticket, text });
      }
      default:
    }
  }

  #say(frame: unknown[]): void {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(frame));
  }

  #heard(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#ended("silent"), silenceMax_ms);
  }

  #ended(error: string): void {
    if (this.#closed) return;
    this.#drop();
    this.#open = false;
    this.#retry.failed();
    this.#events.closed(error);
  }

  #drop(): void {
    clearTimeout(this.#silence);
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  // ---- Candidates, gathered into descriptions ---------------------------------------------------

  #gather(key: string, sdp: string, finish: (sdp: string) => void): void {
    if (this.#gatherings.size >= gatheringsMax) return finish(sdp);
    const total = setTimeout(() => this.#finish(key), gatherMax_ms);
    this.#gatherings.set(key, { sdp, finish, total, quiet: undefined });
  }

  #candidate(key: string, candidate: string): void {
    const gathering = this.#gatherings.get(key);
    if (gathering === undefined) return;
    const line = (JSON.parse(candidate) as RTCIceCandidateInit).candidate ?? "";
    gathering.sdp += `a=${line}\r\n`;
    clearTimeout(gathering.quiet);
    gathering.quiet = setTimeout(() => this.#finish(key), gatherQuiet_ms);
  }

  #finish(key: string): void {
    const gathering = this.#gatherings.get(key);
    this.#forget(key);
    gathering?.finish(gathering.sdp);
  }

  #forget(key: string): void {
    const gathering = this.#gatherings.get(key);
    clearTimeout(gathering?.total);
    clearTimeout(gathering?.quiet);
    this.#gatherings.delete(key);
  }
}
