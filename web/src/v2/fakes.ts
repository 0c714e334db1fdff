/**
 * What the tests of the v2 face put in place of a page and of the network: both do nothing by
 * themselves.
 */
import { Emitter } from "../emitter.js";
import { MembraneError } from "../error.js";
import type {
  Join,
  JoinOptions,
  Network,
  NetworkEvents,
  NetworkLink,
  NetworkSession,
} from "./network.js";
import type { Page } from "./page.js";

/** Time that stands still until `pass`; reports are kept. */
export class FakePage implements Page {
  readonly reports: string[] = [];
  #now = 0;
  #timers: { at: number; callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.push(timer);
    return () => (this.#timers = this.#timers.filter((other) => other !== timer));
  }

  report(message: string, error?: unknown): void {
    this.reports.push(error instanceof Error ? `${message}: ${error.message}` : message);
  }

  /** How many timers are armed. */
  get timers(): number {
    return this.#timers.length;
  }

  /** Lets time go by, timer after timer. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settled();
      const due = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== due);
      this.#now = due.at;
      due.callback();
    }
    this.#now = end;
  }
}

/** Resolves when every promise that can move without a timer has moved. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export class FakeTopic extends Emitter<{ message: { origin: string; json: unknown } }> {
  readonly published: unknown[] = [];
  /** What the next `publish` calls throw, one after the other. */
  readonly failures: unknown[] = [];

  publish(data: unknown): void {
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    this.published.push(JSON.parse(new TextDecoder().decode(data as Uint8Array)));
  }

  arrive(origin: string, json: unknown): void {
    this.emit("message", { origin, json });
  }
}

export class FakeSession
  extends Emitter<{ message: { data: string | Uint8Array } }>
  implements NetworkSession
{
  readonly id: string;
  readonly sent: string[] = [];
  readonly #network: FakeNetwork;

  constructor(id: string, network: FakeNetwork) {
    super();
    this.id = id;
    this.#network = network;
  }

  async send(data: string): Promise<void> {
    this.sent.push(data);
  }

  close(): void {
    this.#network.endSession(this.id);
  }

  arrive(data: string | Uint8Array): void {
    this.emit("message", { data });
  }
}

/** A network that a test moves by hand. */
export class FakeNetwork extends Emitter<NetworkEvents> implements Network {
  readonly id: string;
  readonly options: JoinOptions;
  state = "joined";
  readonly peers = new Map<string, { id: string; name: string }>();
  readonly links = new Map<string, NetworkLink>();
  readonly sessions = new Map<string, FakeSession>();
  readonly topics = new Map<string, FakeTopic>();
  readonly edgeList: [string, string][] = [];
  readonly asked: { id: string; session: boolean; signal: AbortSignal }[] = [];
  /** Decides what `connect` does; by default it succeeds. */
  onConnect: (id: string, session: boolean, signal: AbortSignal) => Promise<void> = async () =>
    undefined;

  constructor(id: string, options: JoinOptions = {}) {
    super();
    this.id = id;
    this.options = options;
    this.peers.set(id, { id, name: options.name ?? "" });
    options.signal?.addEventListener("abort", () => this.moveTo("left"));
  }

  get name(): string {
    return this.peers.get(this.id)?.name ?? "";
  }

  rename(name: string): void {
    this.peers.set(this.id, { id: this.id, name });
    this.emit("peer-renamed", { id: this.id, name });
  }

  edges(): Iterable<[string, string]> {
    return this.edgeList;
  }

  neighbors(id: string): ReadonlySet<string> {
    return new Set(
      this.edgeList.filter((edge) => edge.includes(id)).map(([a, b]) => (a === id ? b : a)),
    );
  }

  async connect(
    id: string,
    { session, signal }: { session: boolean; signal: AbortSignal },
  ): Promise<void> {
    this.asked.push({ id, session, signal });
    await this.onConnect(id, session, signal);
    this.link(id);
    if (session) this.startSession(id);
  }

  disconnect(id: string): void {
    this.endSession(id);
    if (this.links.delete(id)) this.emit("link-down", { id, reason: "closed" });
  }

  topic(name: string): FakeTopic {
    const topic = this.topics.get(name) ?? new FakeTopic();
    this.topics.set(name, topic);
    return topic;
  }

  async close(): Promise<void> {
    this.moveTo("left");
  }

  moveTo(state: string): void {
    this.state = state;
    this.emit("state", { state });
  }

  addPeer(id: string, name = ""): void {
    this.peers.set(id, { id, name });
    this.emit("peer-added", { id, name });
  }

  removePeer(id: string): void {
    this.peers.delete(id);
    this.emit("peer-removed", { id });
  }

  addEdge(a: string, b: string): void {
    this.edgeList.push([a, b]);
    this.emit("edge-added", { a, b });
  }

  link(id: string): void {
    if (this.links.has(id)) return;
    this.links.set(id, {
      id,
      connection: {} as RTCPeerConnection,
      application: {} as RTCDataChannel,
    });
    this.emit("link-up", { id });
  }

  startSession(id: string): FakeSession {
    const session = new FakeSession(id, this);
    this.sessions.set(id, session);
    this.emit("session", { session });
    return session;
  }

  endSession(id: string): void {
    if (this.sessions.delete(id)) this.emit("session-closed", { id, reason: "closed" });
  }

  serverGone(error: unknown): void {
    this.emit("server", { up: false, error });
  }

  serverBack(): void {
    this.emit("server", { up: true });
  }
}

/** A `join` that succeeds at once unless told to fail, and keeps what it was asked. */
export function fakeJoin(
  failures: MembraneError[] = [],
): Join & { servers: string[]; networks: FakeNetwork[] } {
  const servers: string[] = [];
  const networks: FakeNetwork[] = [];
  const join = async (server: string, options: JoinOptions): Promise<Network> => {
    servers.push(server);
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    const network = new FakeNetwork(networks.length === 0 ? "me" : `me${networks.length}`, options);
    networks.push(network);
    return network;
  };
  return Object.assign(join, { servers, networks });
}
