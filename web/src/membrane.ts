import { input, Input, keyBytes, Output } from "./abi.js";
import { Clock } from "./clock.js";
import { Contact, type ContactLine } from "./contact.js";
import { Emitter } from "./emitter.js";
import { abortedError, errorForReason, MembraneError } from "./error.js";
import { Host } from "./host.js";
import { idFromText, idToText } from "./id.js";
import { chooseIdentity, type ChosenIdentity } from "./identity_choice.js";
import { followLifecycle } from "./lifecycle.js";
import { moduleFrom } from "./module.js";
import type { ConnectOptions, JoinOptions } from "./options.js";
import { type Peer, PeerMap } from "./peers.js";
import { contactUrl } from "./server_url.js";
import { Session } from "./session.js";
import { SessionPipe } from "./session_pipe.js";
import { checkName, checkText, type Settings, settingsFrom } from "./settings.js";
import { Topic, TopicMessage } from "./topic.js";
import { Waiters } from "./waiters.js";
import type { Reader } from "./wire.js";

/** Where a membrane stands: looking for others, a network of one, linked to others, gone. */
export type MembraneState = "joining" | "alone" | "joined" | "left";

/** The details of a membrane's events. */
export interface MembraneEvents {
  state: { state: MembraneState };
  "peer-added": { id: string; name: string };
  "peer-removed": { id: string };
  "peer-renamed": { id: string; name: string };
  "edge-added": { a: string; b: string };
  "edge-removed": { a: string; b: string };
  "link-up": { id: string };
  "link-down": { id: string; reason: string };
  /** A session opened, whoever asked for it. */
  session: { session: Session };
  "session-closed": { id: string; reason: string };
  "connect-failed": { id: string; reason: string };
  /** The line to the first-contact server came up, or ended with an error. */
  server: { up: boolean; error?: string };
  /** A message to any topic. */
  message: { topic: string; origin: string; sequence: number; data: Uint8Array };
}

/** An open, proved link to a peer. */
export interface Link {
  readonly id: string;
  /** For statistics; whoever closes it closes the link. */
  readonly connection: RTCPeerConnection;
  readonly control: RTCDataChannel;
  readonly application: RTCDataChannel;
  /** Closes the link, its session with it. */
  close(): void;
}

const states: readonly MembraneState[] = ["joining", "alone", "joined", "left"];
/** Attempts to reach the server before `join` gives up on it. */
const joinAttemptsMax = 3;
const topicNameBytesMax = 64;

/**
 * Our membership in a network.
 *
 * @example
 * const membrane = await Membrane.join("wss://example.org:8777", { name: "Ada" });
 * membrane.on("peer-added", ({ id, name }) => console.log("here:", id, name));
 * membrane.topic("chat").publish("hello, everyone");
 * const session = await membrane.connect(someId);
 * await session.send("hello, you");
 */
export class Membrane extends Emitter<MembraneEvents> {
  /** Our id: 52 characters of lower-case base32, the public key. */
  readonly id: string;
  readonly #settings: Settings;
  readonly #server: string;
  readonly #chosen: ChosenIdentity;
  readonly #module: WebAssembly.Module;
  readonly #clock = new Clock();
  readonly #ending = new AbortController();
  readonly #links = new Map<string, Link>();
  readonly #sessions = new Map<string, Session>();
  readonly #pipes = new Map<string, SessionPipe>();
  readonly #topics = new Map<string, Topic>();
  readonly #sessionWaiters = new Waiters<Session>();
  readonly #linkWaiters = new Waiters<Link>();
  readonly #map: PeerMap;
  #name: string;
  #state: MembraneState = "joining";
  #host: Host | undefined;
  #closing: Promise<void> | undefined;
  #serverFailures = 0;
  #entered: { resolve: () => void; reject: (error: MembraneError) => void } | undefined;

  /**
   * Joins the network that a first-contact server knows; resolves once we are linked to somebody, or known to be the
   * first.
   *
   * Rejects with `MembraneError`: `invalid-argument`, `insecure-context`, `unsupported`, `server-unreachable` after
   * three attempts, `timed-out` (see `timeout_ms`), `aborted`.
   *
   * @param server such as `"wss://example.org:8777"`; v2's `…/bind?originatingSDP=*` means the same server.
   *
   * @example
   * const membrane = await Membrane.join("ws://localhost:8777", { name: "Ada", identity: "lasting" });
   */
  static async join(server: string | URL | null, options: JoinOptions = {}): Promise<Membrane> {
    const settings = settingsFrom(options);
    const url = contactUrl(server);
    if (settings.signal?.aborted === true) throw abortedError(settings.signal);
    // The line is opened first: its round trips pass while the keys are made and the core compiles.
    const contact = new Contact(url, settings.network);
    try {
      const [module, chosen] = await Promise.all([
        moduleFrom(settings.wasm),
        chooseIdentity(settings.identity, settings.storage),
      ]);
      const membrane = new Membrane(settings, url, chosen, module);
      return await membrane.#enter(contact);
    } catch (error) {
      contact.close();
      throw error instanceof MembraneError ? error : new MembraneError("unsupported", String(error), error);
    }
  }

  private constructor(settings: Settings, server: string, chosen: ChosenIdentity, module: WebAssembly.Module) {
    super();
    this.#settings = settings;
    this.#server = server;
    this.#chosen = chosen;
    this.#module = module;
    this.#name = settings.name;
    this.id = idToText(chosen.identity.id);
    this.#map = new PeerMap(this.id, (id) => this.#links.has(id));
    this.#map.add(this.id, this.#name);
  }

  /** Our display name. */
  get name(): string {
    return this.#name;
  }

  get state(): MembraneState {
    return this.#state;
  }

  /** Everyone in the map by id, ourselves included. Live: it changes as the network does. */
  get peers(): ReadonlyMap<string, Peer> {
    return this.#map.peers;
  }

  /** Our open links by peer id. Live. */
  get links(): ReadonlyMap<string, Link> {
    return this.#links;
  }

  /** Our open sessions by peer id. Live. */
  get sessions(): ReadonlyMap<string, Session> {
    return this.#sessions;
  }

  /** The map's edges, each once. */
  edges(): Iterable<[string, string]> {
    return this.#map.edges();
  }

  /** Who holds a link to this peer, by the map. */
  neighbors(id: string): ReadonlySet<string> {
    return this.#map.neighbors(id);
  }

  /** Changes our display name everywhere. Throws `invalid-argument` above 64 bytes of UTF-8. */
  rename(name: string): void {
    checkName(name);
    this.#name = name;
    this.#host?.feed(input(Input.rename).text(name).written);
  }

  /**
   * Opens a session with any peer of the network, through the network if need be; resolves at once with one that is
   * open. With `session: false` a link is enough, and resolves with it.
   *
   * Rejects with `MembraneError`: `invalid-argument`, `unreachable`, `refused`, `timed-out`, `busy`, `aborted`,
   * `closed`.
   *
   * @example
   * const session = await membrane.connect(id, { signal: AbortSignal.timeout(10_000) });
   */
  connect(id: string, options?: ConnectOptions & { session?: true }): Promise<Session>;
  connect(id: string, options: ConnectOptions & { session: false }): Promise<Link>;
  connect(id: string, options: ConnectOptions): Promise<Session | Link>;
  async connect(id: string, options: ConnectOptions = {}): Promise<Session | Link> {
    const peer = this.#otherPeer(id);
    const wantSession = options.session ?? true;
    const open = wantSession ? this.#sessions.get(id) : this.#links.get(id);
    if (open !== undefined) return open;
    if (this.#host === undefined) throw new MembraneError("closed", "not in the network");
    const waiters: Waiters<Session> | Waiters<Link> = wantSession ? this.#sessionWaiters : this.#linkWaiters;
    const abandoned = (): void => {
      if (wantSession) this.#host?.feed(input(Input.closeSession).raw(peer).written);
    };
    const result = waiters.wait(id, options.signal, abandoned);
    if (options.signal?.aborted !== true) {
      const refused = this.#host.feed(input(Input.connect).raw(peer).flag(wantSession).written);
      if (refused !== undefined) waiters.reject(id, errorForReason(refused, `connecting to ${id}`));
    }
    return result;
  }

  /** Closes the link to a peer, and with it the session. Throws `invalid-argument` for what is not an id. */
  disconnect(id: string): void {
    this.#host?.feed(input(Input.disconnect).raw(this.#otherPeer(id)).written);
  }

  /** The topic of this name, the same object each time. Throws `invalid-argument` above 64 bytes of UTF-8. */
  topic(name: string): Topic {
    checkText(name, "topic's name", topicNameBytesMax);
    let topic = this.#topics.get(name);
    if (topic === undefined) {
      topic = new Topic(name, (payload) => this.#publish(name, payload));
      this.#topics.set(name, topic);
    }
    return topic;
  }

  /** The core's counters: what was sent, received, dropped and why. */
  stats(): Record<string, number> {
    return this.#host?.counters() ?? {};
  }

  /**
   * Says goodbye and frees everything; resolves when that has left. Sessions and links end, loops over messages end,
   * waiting promises reject with `closed`. Again: the same promise.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close(new MembraneError("closed", "the membrane was closed"));
    return this.#closing;
  }

  // ---- Coming and going ---------------------------------------------------------------------------------------------

  /** Starts, and waits until we are in. */
  async #enter(contact: ContactLine): Promise<this> {
    const { signal, timeout_ms } = this.#settings;
    const entered = new Promise<void>((resolve, reject) => (this.#entered = { resolve, reject }));
    const timeout = setTimeout(() => this.#giveUp("timed-out", "nobody was met in time"), timeout_ms);
    const onAbort = (): void => this.#abort(abortedError(signal as AbortSignal));
    signal?.addEventListener("abort", onAbort, { signal: this.#ending.signal });
    followLifecycle(
      { leave: () => this.#leave("left"), rejoin: () => this.#rejoin(), resume: () => this.#host?.resume() },
      this.#ending.signal,
    );
    try {
      if (signal?.aborted === true) onAbort();
      else await this.#start(contact);
      await entered;
    } catch (error) {
      await this.#close(error as MembraneError);
      throw error;
    } finally {
      clearTimeout(timeout);
      this.#entered = undefined;
    }
    return this;
  }

  async #start(contact: ContactLine): Promise<void> {
    const { network, askLinks, rtc } = this.#settings;
    const settings = { name: this.#name, network, askLinks, rtc };
    const host: Host = await Host.start(this.#module, this.#chosen.identity, contact, this.#clock, settings, {
      event: (kind, fields) => {
        if (host === this.#host) this.#event(kind, fields);
      },
      server: (up, error) => this.#serverChanged(up, error),
      failed: (error) => this.#failed(error),
    });
    this.#host = host;
    host.begin();
  }

  #rejoin(): void {
    if (this.#closing !== undefined || this.#host !== undefined) return;
    this.#setState("joining");
    const contact = new Contact(this.#server, this.#settings.network);
    this.#start(contact).catch((error: unknown) => {
      contact.close();
      this.#failed(error);
    });
  }

  /** Leaves the network; what we had there ends, with this reason. */
  #leave(reason: string): Promise<void> {
    const host = this.#host;
    this.#host = undefined;
    const left = host?.leave() ?? Promise.resolve();
    for (const id of [...this.#sessions.keys()]) this.#sessionClosed(id, reason);
    for (const id of [...this.#links.keys()]) this.#linkDown(id, reason);
    for (const [a, b] of [...this.#map.edges()]) this.#edgeRemoved(a, b);
    for (const id of [...this.#map.peers.keys()]) if (id !== this.id) this.#peerRemoved(id);
    const error = new MembraneError("closed", `no longer in the network: ${reason}`);
    this.#sessionWaiters.rejectAll(error);
    this.#linkWaiters.rejectAll(error);
    this.#setState("left");
    return left;
  }

  async #close(error: MembraneError): Promise<void> {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort();
    const left = this.#leave("left");
    for (const topic of this.#topics.values()) topic.end();
    this.#entered?.reject(error);
    this.#chosen.release();
    await left;
  }

  #abort(error: MembraneError): void {
    if (this.#entered === undefined) void this.close();
    else this.#entered.reject(error);
  }

  #giveUp(code: "timed-out" | "server-unreachable", message: string): void {
    this.#entered?.reject(new MembraneError(code, message));
  }

  #serverChanged(up: boolean, error: string | undefined): void {
    this.emit("server", error === undefined ? { up } : { up, error });
    this.#serverFailures = up ? 0 : this.#serverFailures + 1;
    if (this.#serverFailures >= joinAttemptsMax) {
      this.#giveUp("server-unreachable", `${this.#server} does not answer: ${error ?? ""}`);
    }
  }

  /** The host broke: the page learns of it and the membrane ends. */
  #failed(error: unknown): void {
    this.emit("server", { up: false, error: String(error) });
    this.#entered?.reject(new MembraneError("unsupported", `the core failed: ${String(error)}`, error));
    this.#closing ??= this.#close(new MembraneError("closed", `the core failed: ${String(error)}`, error));
  }

  // ---- What the core tells ------------------------------------------------------------------------------------------

  #event(kind: number, fields: Reader): void {
    switch (kind) {
      case Output.state:
        return this.#setState(states[fields.u8()] ?? "left");
      case Output.peerAdded:
      case Output.peerRenamed:
        return this.#peerNamed(peerId(fields), fields.text());
      case Output.peerRemoved:
        return this.#peerRemoved(peerId(fields));
      case Output.edgeAdded: {
        const [a, b] = [peerId(fields), peerId(fields)];
        if (this.#map.addEdge(a, b)) this.emit("edge-added", { a, b });
        return;
      }
      case Output.edgeRemoved:
        return this.#edgeRemoved(peerId(fields), peerId(fields));
      case Output.linkUp:
        return this.#linkUp(peerId(fields), fields.int());
      case Output.linkDown:
        return this.#linkDown(peerId(fields), fields.text());
      case Output.message:
        return this.#message(fields.text(), peerId(fields), fields.int(), fields.bytes());
      case Output.sessionData:
        return this.#sessions.get(peerId(fields))?.takePiece(fields.int(), fields.u8(), fields.int(), fields.bytes());
      default:
        return this.#connectEvent(kind, fields);
    }
  }

  #connectEvent(kind: number, fields: Reader): void {
    switch (kind) {
      case Output.asked:
        return void this.#asked(fields.int(), peerId(fields), fields.flag());
      case Output.connected: {
        const id = peerId(fields);
        const link = this.#links.get(id);
        return link === undefined ? undefined : this.#linkWaiters.resolve(id, link);
      }
      case Output.connectFailed:
        return this.#connectFailed(peerId(fields), fields.flag(), fields.text());
      case Output.sessionOpened:
        return this.#sessionOpened(peerId(fields));
      case Output.sessionClosed:
        return this.#sessionClosed(peerId(fields), fields.text());
      default:
    }
  }

  #setState(state: MembraneState): void {
    if (state !== this.#state) {
      this.#state = state;
      this.emit("state", { state });
    }
    if (state === "alone" || state === "joined") this.#entered?.resolve();
  }

  #peerNamed(id: string, name: string): void {
    const before = this.#map.peers.get(id)?.name;
    this.#map.add(id, name);
    if (before === undefined) this.emit("peer-added", { id, name });
    else if (before !== name) this.emit("peer-renamed", { id, name });
  }

  #peerRemoved(id: string): void {
    if (id !== this.id && this.#map.remove(id)) this.emit("peer-removed", { id });
  }

  #edgeRemoved(a: string, b: string): void {
    if (this.#map.removeEdge(a, b)) this.emit("edge-removed", { a, b });
  }

  #linkUp(id: string, number: number): void {
    const connection = this.#host?.connection(number);
    if (connection === undefined) return;
    const { peerConnection, control, application } = connection;
    this.#links.set(id, { id, connection: peerConnection, control, application, close: () => this.disconnect(id) });
    this.#pipes.get(id)?.use(application);
    this.#sessions.get(id)?.linkChanged();
    this.emit("link-up", { id });
    this.#linkWaiters.resolve(id, this.#links.get(id) as Link);
  }

  #linkDown(id: string, reason: string): void {
    if (this.#links.delete(id)) this.emit("link-down", { id, reason });
  }

  #message(name: string, origin: string, sequence: number, data: Uint8Array): void {
    this.#topics.get(name)?.deliver(new TopicMessage(origin, sequence, data));
    this.emit("message", { topic: name, origin, sequence, data });
  }

  async #asked(request: number, id: string, session: boolean): Promise<void> {
    const name = this.#map.peers.get(id)?.name ?? "";
    let accept = false;
    try {
      accept = (await this.#settings.accept({ id, name, session })) === true;
    } catch (error) {
      reportError(error);
    }
    this.#host?.feed(input(Input.answer).int(request).flag(accept).written);
  }

  #connectFailed(id: string, session: boolean, reason: string): void {
    const error = errorForReason(reason, `connecting to ${id}`);
    (session ? this.#sessionWaiters : this.#linkWaiters).reject(id, error);
    this.emit("connect-failed", { id, reason });
  }

  #sessionOpened(id: string): void {
    this.#sessionClosed(id, "replaced");
    const pipe = new SessionPipe(idFromText(id) as Uint8Array, this.#links.get(id)?.application, {
      name: () => this.#map.peers.get(id)?.name ?? "",
      feed: (bytes) => void this.#host?.feed(bytes),
    });
    const session = new Session(id, pipe, this.#settings.messageBytesMax);
    this.#pipes.set(id, pipe);
    this.#sessions.set(id, session);
    this.emit("session", { session });
    this.#sessionWaiters.resolve(id, session);
  }

  #sessionClosed(id: string, reason: string): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.#sessions.delete(id);
    this.#pipes.delete(id);
    this.emit("session-closed", { id, reason: session.end(reason) });
  }

  #publish(topic: string, payload: Uint8Array): void {
    if (this.#host === undefined) throw new MembraneError("closed", "not in the network");
    const bytes = input(Input.publish, payload.length + 96).text(topic).bytes(payload).written;
    const refused = this.#host.feed(bytes);
    if (refused !== undefined) throw errorForReason(refused, `publishing to ${topic}`);
  }

  #otherPeer(id: string): Uint8Array {
    const peer = idFromText(id);
    if (peer === undefined) throw new MembraneError("invalid-argument", `not a peer's id: ${id}`);
    if (id === this.id) throw new MembraneError("invalid-argument", "that is our own id");
    return peer;
  }
}

function peerId(fields: Reader): string {
  return idToText(fields.take(keyBytes));
}
