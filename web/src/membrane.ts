import { input, Input } from "./abi.js";
import { arrival, firstLink } from "./arrival.js";
import { checkOptions, checkText, invalid } from "./check.js";
import { Clock } from "./clock.js";
import { openContact } from "./contact_choice.js";
import type { ContactLine } from "./contact_line.js";
import { ConnectionMaker } from "./connection_maker.js";
import { Emitter } from "./emitter.js";
import { errorForReason, MembraneError } from "./error.js";
import type { MembraneEvents, MembraneState } from "./events.js";
import { Host } from "./host.js";
import { idFromText, idToText } from "./id.js";
import { chooseIdentity, type ChosenIdentity } from "./identity_choice.js";
import { Interruption } from "./interruption.js";
import { followLifecycle } from "./lifecycle.js";
import type { Link } from "./link.js";
import { moduleFrom } from "./module.js";
import type { ConnectOptions, JoinOptions } from "./options.js";
import type { NetworkMap, Peer } from "./peers.js";
import { Presence } from "./presence.js";
import { serverAddress, type ServerAddress } from "./server_url.js";
import type { Session } from "./session.js";
import type { Stats } from "./stats.js";
import { checkName, type Settings, settingsFrom } from "./settings.js";
import type { Topic } from "./topic.js";

/** Attempts to reach the server before `join` gives up on it. */
const joinAttemptsMax = 3;
/** As the core has it, of topics and their keys: bytes of UTF-8. */
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
  /**
   * Resolves when we are linked to somebody for the first time: `join` resolves for the first of a
   * network, too, who waits for others. Rejects with `closed` when we leave before.
   */
  readonly ready: Promise<void>;
  /** Resolves with the reason when the membrane is closed, by `close` or an error; never rejects. */
  readonly closed: Promise<string>;
  readonly #settings: Settings;
  readonly #server: ServerAddress;
  readonly #chosen: ChosenIdentity;
  readonly #module: WebAssembly.Module;
  readonly #maker: ConnectionMaker;
  readonly #joining: Interruption;
  readonly #presence: Presence;
  readonly #clock = new Clock();
  readonly #ending = new AbortController();
  /** The inputs that set our values, by topic and key: said again when the page comes back. */
  readonly #values = new Map<string, Uint8Array>();
  #name: string;
  #host: Host | undefined;
  #closing: Promise<void> | undefined;
  #serverUp = false;
  #serverError: string | undefined;
  #serverFailures = 0;
  #resolveClosed!: (reason: string) => void;

  /**
   * Joins the network that a first-contact server knows; resolves once we are linked and somebody
   * is in `peers`, or we are known to be the first. A record that takes more than a second to
   * follow the link is not waited for.
   *
   * Rejects with `MembraneError`: `invalid-argument`, `insecure-context`, `unsupported`,
   * `server-unreachable` after three attempts, `timed-out` (see `timeout_ms`), `aborted`, `busy` (an
   * identity that is in use here).
   *
   * @param server such as `"wss://example.org:8777"`; the addresses of v2 will do, too.
   *
   * @example
   * const membrane = await Membrane.join("ws://localhost:8777", { identity: "lasting" });
   */
  static async join(server: string | URL | null, options: JoinOptions = {}): Promise<Membrane> {
    const settings = settingsFrom(options);
    const address = serverAddress(server);
    const joining = new Interruption(settings.signal, settings.timeout_ms);
    // All at once: the line's round trips pass while keys are made and the core compiles.
    const contact = openContact(address, settings.network);
    const where = `${address.v3} ${settings.network}`;
    const chosen = chooseIdentity(settings.identity, settings.storage, where);
    const module = moduleFrom(settings.wasm);
    const maker = ConnectionMaker.create(settings.rtc);
    let membrane: Membrane | undefined;
    try {
      const parts = await joining.race(Promise.all([module, chosen, maker]));
      membrane = new Membrane(settings, address, joining, ...parts);
      await joining.race(membrane.#enter(contact));
      return membrane;
    } catch (error) {
      contact.close();
      maker.then((unused) => unused.release(), ignore);
      if (membrane === undefined) chosen.then((unused) => unused.release(), ignore);
      else await membrane.close();
      throw asMembraneError(error);
    } finally {
      joining.over();
    }
  }

  private constructor(
    settings: Settings,
    server: ServerAddress,
    joining: Interruption,
    module: WebAssembly.Module,
    chosen: ChosenIdentity,
    maker: ConnectionMaker,
  ) {
    super();
    this.#settings = settings;
    this.#server = server;
    this.#joining = joining;
    this.#module = module;
    this.#chosen = chosen;
    this.#maker = maker;
    this.#name = settings.name;
    this.id = idToText(chosen.identity.id);
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.ready = firstLink(this, this.#ending.signal);
    this.ready.catch(ignore);
    const host = {
      feed: (bytes: Uint8Array) => this.#host?.feed(bytes),
      connection: (link: number) => this.#host?.connection(link),
      disconnect: (id: string) => this.disconnect(id),
      accept: settings.accept,
      messageBytesMax: settings.messageBytesMax,
      publish: (topic: string, payload: Uint8Array) =>
        this.#say(
          input(Input.publish, payload.length + 96)
            .text(topic)
            .bytes(payload).written,
          `publishing to ${topic}`,
        ),
      set: (...value: [topic: string, key: string, value: Uint8Array, lifetime_s: number]) =>
        this.#set(...value),
    };
    this.#presence = new Presence(this.id, this.#name, host, (type, detail) =>
      this.emit(type, detail),
    );
  }

  /** Our display name. */
  get name(): string {
    return this.#name;
  }

  /** Where we stand; the event `state` tells each change. */
  get state(): MembraneState {
    return this.#presence.state;
  }

  /** Who is here and who is linked to whom, with an event `change`. Live. */
  get map(): NetworkMap {
    return this.#presence.map;
  }

  /** Everyone in the map by id, ourselves included. Live: it changes as the network does. */
  get peers(): ReadonlyMap<string, Peer> {
    return this.#presence.map.peers;
  }

  /** Our open links by peer id. Live. */
  get links(): ReadonlyMap<string, Link> {
    return this.#presence.links;
  }

  /** Our open sessions by peer id. Live. */
  get sessions(): ReadonlyMap<string, Session> {
    return this.#presence.sessions;
  }

  /** The map's edges, each once. */
  edges(): Iterable<[string, string]> {
    return this.#presence.map.edges();
  }

  /** Who holds a link to this peer, by the map. */
  neighbors(id: string): ReadonlySet<string> {
    return this.#presence.map.neighbors(id);
  }

  /** Changes our display name everywhere. Throws `invalid-argument` above 64 bytes of UTF-8. */
  rename(name: string): void {
    checkName(name);
    this.#name = name;
    this.#host?.feed(input(Input.rename).text(name).written);
    this.#presence.peerNamed(this.id, name);
  }

  /**
   * Opens a session with any peer of the network, through the network if need be; resolves at once
   * with one that is open. With `session: false` a link is enough, and resolves with it.
   *
   * Rejects with `MembraneError`: `invalid-argument`, `unreachable`, `refused`, `timed-out`,
   * `busy`, `aborted`, `closed`.
   *
   * @example
   * const session = await membrane.connect(id, { signal: AbortSignal.timeout(10_000) });
   */
  connect(id: string, options?: ConnectOptions & { session?: true }): Promise<Session>;
  connect(id: string, options: ConnectOptions & { session: false }): Promise<Link>;
  connect(id: string, options: ConnectOptions): Promise<Session | Link>;
  async connect(id: string, options: ConnectOptions = {}): Promise<Session | Link> {
    const peer = this.#otherPeer(id);
    checkOptions(options);
    const { links, sessions, linkWaiters, sessionWaiters } = this.#presence;
    const session = options.session ?? true;
    const open = session ? sessions.get(id) : links.get(id);
    if (open !== undefined) return open;
    const host = this.#host;
    if (host === undefined) throw new MembraneError("closed", "not in the network");
    const waiters: Waiting = session ? sessionWaiters : linkWaiters;
    const abandoned = (): void => {
      if (session) this.#host?.feed(input(Input.closeSession).raw(peer).written);
    };
    const result = waiters.wait(id, options.signal, abandoned);
    if (options.signal?.aborted === true) return result;
    const refused = host.feed(input(Input.connect).raw(peer).flag(session).written);
    if (refused !== undefined) waiters.reject(id, errorForReason(refused, `connecting to ${id}`));
    return result;
  }

  /**
   * Closes the link to a peer, and with it the session. Throws `invalid-argument` for what is not
   * an id.
   */
  disconnect(id: string): void {
    this.#host?.feed(input(Input.disconnect).raw(this.#otherPeer(id)).written);
  }

  /**
   * The topic of this name, the same object each time. Throws `invalid-argument` for an empty name
   * or one above 64 bytes of UTF-8.
   *
   * @example
   * for await (const { origin, json } of membrane.topic("chat")) console.log(origin, json);
   */
  topic(name: string): Topic {
    checkText(name, "topic's name", topicNameBytesMax, 1);
    const topic = this.#presence.topic(name);
    topic.wanted = true;
    if (this.#ending.signal.aborted) topic.end();
    return topic;
  }

  /** The core's counters: what was sent, received, dropped and why. Empty once we have left. */
  get counters(): Record<string, number> {
    return this.#host?.counters() ?? {};
  }

  /**
   * How the membrane is, and why connections did not come up: for a page's own diagnosis. Fetches
   * `diagnosis.js` from beside the script, and rejects when that is missing.
   *
   * @example
   * for (const { id, why } of (await membrane.stats()).failures) console.log(id, why);
   */
  async stats(): Promise<Stats> {
    const { pathOf, why } = await import("./diagnosis.js");
    const { counters } = this;
    const failures = (this.#host?.failures ?? []).map((one) => ({ ...one, why: why(one) }));
    const server = { address: this.#server.v3, up: this.#serverUp };
    const error = this.#serverError;
    const links = [...this.links.values()].map(async ({ id, connection }) => {
      return { id, ...(await pathOf(connection)) };
    });
    return {
      server: error === undefined ? server : { ...server, error },
      links: await Promise.all(links),
      failures,
      counters,
    };
  }

  /**
   * Says goodbye and frees everything; resolves when that has left. Sessions and links end, loops
   * over messages end, waiting promises reject with `closed`. Again: the same promise.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close(new MembraneError("closed", "the membrane was closed"));
    return this.#closing;
  }

  /** Starts, and waits until we are in. */
  async #enter(contact: ContactLine): Promise<void> {
    const ending = { signal: this.#ending.signal };
    const arrived = arrival(this, this.#ending.signal);
    this.#settings.signal?.addEventListener("abort", () => void this.close(), ending);
    followLifecycle(
      {
        leave: () => void this.#leave(new MembraneError("closed", "the page is going")),
        rejoin: () => this.#rejoin(),
        resume: () => this.#host?.resume(),
        moved: () => this.sessions.forEach((session) => session.networkChanged()),
      },
      this.#ending.signal,
    );
    await this.#start(contact);
    await arrived;
  }

  async #start(contact: ContactLine): Promise<void> {
    const { network, askLinks } = this.#settings;
    const settings = { name: this.#name, network, askLinks };
    const means = {
      module: this.#module,
      identity: this.#chosen.identity,
      maker: this.#maker,
      clock: this.#clock,
      contact,
    };
    const host: Host = await Host.start(means, settings, {
      event: (kind, fields) => {
        if (host === this.#host) this.#presence.take(kind, fields);
      },
      server: (up, error) => this.#serverChanged(up, error),
      failed: (error) => this.#failed(error),
    });
    if (this.#ending.signal.aborted) return void host.leave();
    this.#host = host;
    host.begin();
    for (const value of this.#values.values()) host.feed(value);
  }

  #rejoin(): void {
    if (this.#closing !== undefined || this.#host !== undefined) return;
    this.#presence.setState("joining");
    const contact = openContact(this.#server, this.#settings.network);
    this.#start(contact).catch((error: unknown) => {
      contact.close();
      this.#failed(error);
    });
  }

  /** Leaves the network; what we had there ends. Resolves when our goodbye has left. */
  #leave(error: MembraneError): Promise<void> {
    const host = this.#host;
    this.#host = undefined;
    const left = host?.leave() ?? Promise.resolve();
    this.#presence.clear("left", error);
    return left;
  }

  async #close(error: MembraneError): Promise<void> {
    this.#ending.abort();
    const left = this.#leave(error);
    for (const topic of this.#presence.topics.values()) topic.end();
    this.#joining.interrupt(error);
    await left;
    this.#chosen.release();
    this.#resolveClosed(error.message);
  }

  #serverChanged(up: boolean, error: string | undefined): void {
    this.#serverUp = up;
    this.#serverError = error;
    this.emit("server", error === undefined ? { up } : { up, error });
    this.#serverFailures = up ? 0 : this.#serverFailures + 1;
    if (this.#serverFailures < joinAttemptsMax) return;
    const message = `${this.#server.v3} does not answer: ${error ?? ""}`;
    this.#joining.interrupt(new MembraneError("server-unreachable", message));
  }

  /** The host broke: the page learns of it and the membrane ends. */
  #failed(cause: unknown): void {
    const error = new MembraneError("unsupported", `the core failed: ${String(cause)}`, cause);
    this.emit("server", { up: false, error: error.message });
    this.#joining.interrupt(error);
    this.#closing ??= this.#close(error);
  }

  #set(topic: string, key: string, value: Uint8Array, lifetime_s: number): void {
    checkText(key, "key", topicNameBytesMax);
    const bytes = input(Input.setState, value.length + 160)
      .text(topic)
      .text(key)
      .int(lifetime_s)
      .bytes(value).written;
    this.#say(bytes, `setting ${key} of ${topic}`);
    const name = JSON.stringify([topic, key]);
    if (value.length > 0) this.#values.set(name, bytes);
    else this.#values.delete(name);
  }

  /** Feeds what everyone is to hear; throws when it is refused. */
  #say(bytes: Uint8Array, what: string): void {
    if (this.#host === undefined) throw new MembraneError("closed", "not in the network");
    const refused = this.#host.feed(bytes);
    if (refused !== undefined) throw errorForReason(refused, what);
  }

  #otherPeer(id: string): Uint8Array {
    const peer = idFromText(id);
    if (peer === undefined) throw invalid("a peer's id has 52 characters of a to z and 2 to 7");
    if (id === this.id) throw invalid("that is our own id");
    return peer;
  }
}

/** What links and sessions are waited for with, whichever it is. */
interface Waiting {
  wait(id: string, signal: AbortSignal | undefined, abandoned: () => void): Promise<Session | Link>;
  reject(id: string, error: MembraneError): void;
}

function ignore(): void {}

function asMembraneError(error: unknown): MembraneError {
  return error instanceof MembraneError
    ? error
    : new MembraneError("unsupported", String(error), error);
}
