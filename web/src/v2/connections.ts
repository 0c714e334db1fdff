import { MembraneError } from "../error.js";
import type { Consumables } from "./consumables.js";
import type { EventHandler } from "./event_handler.js";
import { callSafely, requireFunction, seen, table, type Page } from "./page.js";
import { timerMaxMs } from "./limits.js";
import type { Network, NetworkSession } from "./network.js";
import { PeerConnection } from "./peer_connection.js";

/** Which signals of the event handler tell about peers; each has the alias as its detail. */
export const signals = {
  newPeer: "newPeer",
  lostPeer: "lostPeer",
  newAuthPeer: "newAuthPeer",
  lostAuthPeer: "lostAuthPeer",
  authRejected: "authRejected",
} as const;

/**
 * Links and sessions as v2 names them: live peers, authenticated peers, and how they come and go.
 *
 * Always holds: `livePeers` and `authPeers` are already up to date when a callback hears of a
 * change; every promise of `makeConnection` settles, at the latest after the connection timeout.
 */
export class Connections {
  readonly livePeers = table<PeerConnection>();
  readonly authPeers: string[] = [];
  readonly #page: Page;
  readonly #events: EventHandler;
  readonly #consumables: Consumables;
  readonly #timeoutMs: () => number;
  /** Attempts under way, so that simultaneous calls share one. */
  readonly #attempts = new Map<string, Promise<PeerConnection>>();
  #network: Network | undefined;
  #stops: (() => void)[] = [];

  constructor(page: Page, events: EventHandler, consumables: Consumables, timeoutMs: () => number) {
    this.#page = page;
    this.#events = events;
    this.#consumables = consumables;
    this.#timeoutMs = timeoutMs;
  }

  /** The network is there. */
  attach(network: Network): void {
    this.#network = network;
    this.#stops = [
      network.on("link-up", ({ id }) => this.#linkUp(network, id)),
      network.on("link-down", ({ id }) => this.#linkDown(id)),
      network.on("session", ({ session }) => this.#sessionOpened(session)),
      network.on("session-closed", ({ id }) => this.#sessionClosed(id)),
    ];
    for (const id of network.links.keys()) this.#linkUp(network, id);
    for (const session of network.sessions.values()) this.#sessionOpened(session);
  }

  /** The network is gone, and every link and session with it. */
  detach(): void {
    this.#network = undefined;
    for (const stop of this.#stops.splice(0)) stop();
    for (const alias of [...this.authPeers]) this.#sessionClosed(alias);
    for (const alias of Object.keys(this.livePeers)) this.#linkDown(alias);
  }

  /**
   * Connects to any peer of the network; with `wantAuth` also asks it for an authenticated session.
   * What exists is used. Rejects with an error whose `code` says why: `unreachable`, `refused`,
   * `timed-out`, `closed`, `invalid-argument`.
   */
  makeConnection(alias: string, wantAuth = false): Promise<PeerConnection> {
    const key = `${wantAuth ? "auth" : "link"} ${alias}`;
    let attempt = this.#attempts.get(key);
    if (attempt === undefined) {
      attempt = this.#connect(alias, Boolean(wantAuth)).finally(() => this.#attempts.delete(key));
      this.#attempts.set(key, attempt);
    }
    return seen(attempt);
  }

  /** Ends the authenticated session; the link stays. Both sides are told, whoever `isInitiator`. */
  deauthPeer(alias: string, _isInitiator?: boolean): void {
    this.#network?.sessions.get(alias)?.close();
  }

  /**
   * Sends a string of any size to an authenticated peer; resolves when it has left. Failures are
   * reported, too.
   */
  sendConsumable(alias: string, message: string): Promise<void> {
    const sent = this.#send(alias, message);
    sent.catch((error: unknown) => this.#page.report(`sendConsumable to ${alias} failed`, error));
    return sent;
  }

  /** Calls back once: now if a session with this peer is open, else when one opens. */
  onAuth(alias: string, callback: (alias: string) => unknown): void {
    this.#once(signals.newAuthPeer, alias, this.authPeers.includes(alias), callback);
  }

  /** Calls back once: now if a link to this peer is open, else when one opens. */
  onPeer(alias: string, callback: (alias: string) => unknown): void {
    this.#once(signals.newPeer, alias, alias in this.livePeers, callback);
  }

  #once(signal: string, alias: string, now: boolean, callback: (alias: string) => unknown): void {
    requireFunction(callback, "the callback");
    if (now) return callSafely(this.#page, `a callback for "${signal}"`, callback, alias);
    const stop = this.#events.onReceipt(signal, (_signal, detail) => {
      if (detail !== alias) return undefined;
      stop();
      return callback(alias);
    });
  }

  async #connect(alias: string, session: boolean): Promise<PeerConnection> {
    const network = this.#network;
    if (network === undefined)
      throw new MembraneError("closed", "not in a network: wait for init()");
    if (alias === network.id)
      throw new MembraneError("invalid-argument", "a peer cannot connect to itself");
    if (!(session ? network.sessions : network.links).has(alias)) {
      await this.#ask(network, alias, session);
    }
    return this.livePeers[alias] ?? new PeerConnection(alias, network);
  }

  async #ask(network: Network, alias: string, session: boolean): Promise<void> {
    const late = new AbortController();
    const wanted = Number(this.#timeoutMs());
    const delay = Number.isFinite(wanted) && wanted > 0 ? Math.min(wanted, timerMaxMs) : timerMaxMs;
    const error = new MembraneError("timed-out", `no connection to ${alias} within ${delay} ms`);
    const cancel = this.#page.after(delay, () => late.abort(error));
    try {
      await network.connect(alias, { session, signal: late.signal });
    } catch (reason) {
      const refused = (reason as { code?: unknown } | undefined)?.code === "refused";
      if (session && refused) this.#events.dispatch(signals.authRejected, alias);
      throw late.signal.aborted ? error : reason;
    } finally {
      cancel();
    }
  }

  async #send(alias: string, message: string): Promise<void> {
    if (typeof message !== "string") throw new TypeError("a consumable is a string");
    const session = this.#network?.sessions.get(alias);
    if (session === undefined)
      throw new MembraneError("closed", "no authenticated session is open");
    await session.send(message);
  }

  #linkUp(network: Network, alias: string): void {
    if (alias in this.livePeers) return;
    this.livePeers[alias] = new PeerConnection(alias, network);
    this.#events.dispatch(signals.newPeer, alias);
  }

  #linkDown(alias: string): void {
    if (!(alias in this.livePeers)) return;
    delete this.livePeers[alias];
    this.#events.dispatch(signals.lostPeer, alias);
  }

  #sessionOpened(session: NetworkSession): void {
    const alias = session.id;
    if (this.authPeers.includes(alias)) return;
    this.authPeers.push(alias);
    this.#consumables.opened(alias);
    const decoder = new TextDecoder();
    session.on("message", ({ data }) => {
      // A v3 peer may send bytes; v2 pages know strings alone.
      this.#consumables.received(alias, typeof data === "string" ? data : decoder.decode(data));
    });
    this.#events.dispatch(signals.newAuthPeer, alias);
  }

  #sessionClosed(alias: string): void {
    const at = this.authPeers.indexOf(alias);
    if (at < 0) return;
    this.authPeers.splice(at, 1);
    this.#consumables.closed(alias);
    this.#events.dispatch(signals.lostAuthPeer, alias);
  }
}
