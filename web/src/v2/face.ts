/**
 * The v2 face: every name of the published v2 library, as a thin layer over the v3 `Membrane`.
 *
 * It holds no protocol: peers, links, sessions and messages come from the core, already proved and
 * bounded. What is here translates them into v2's tables, callbacks and promises. What differs from
 * v2, and why, is in docs/v2.md.
 */
import { Aliases } from "./aliases.js";
import { defaultConfig, type Config } from "./config.js";
import { Connections, signals } from "./connections.js";
import { Consumables } from "./consumables.js";
import { EventHandler } from "./event_handler.js";
import { GossipTransport } from "./gossip_transport.js";
import { MapMirror, mapUpdateSignal } from "./map_mirror.js";
import {
  Membership,
  serverErrorSignal,
  type ConfigLoadFunction,
  type Means,
} from "./membership.js";
import type { MapUpdate } from "./network_map.js";
import { requireFunction } from "./page.js";

type AliasCallback = (alias: string) => unknown;
type MapCallback = (kind: MapUpdate["kind"], info: MapUpdate["info"]) => unknown;
type ServerErrorCallback = (message: string, stack: string) => unknown;

/**
 * Makes the face for one page; `location` names the page's own host, where its server is by
 * default.
 */
export function createFace(means: Means, location: { protocol: string; hostname: string }) {
  const { page } = means;
  const CONFIG: Config = defaultConfig(location);
  const events = new EventHandler(page);
  const aliases = new Aliases();
  const consumables = new Consumables(page);
  const connections = new Connections(
    page,
    events,
    consumables,
    () => CONFIG.communication.connectionTimeout,
  );
  const mirror = new MapMirror(events, aliases);
  const gossip = new GossipTransport(page, () => Number(CONFIG.communication.gossipInterval));
  // They come in this order and go in the other: callbacks of a peer that is lost may still look up
  // its name.
  const membership = new Membership(means, CONFIG, events, [mirror, gossip, connections]);

  /** Calls back with the detail of each dispatch of a signal, taken apart into arguments. */
  const listen = (
    signal: string,
    callback: unknown,
    call: (detail: never) => unknown,
  ): (() => void) => {
    requireFunction(callback, "the callback");
    return events.onReceipt(signal, (_signal, detail) => call(detail as never));
  };
  const onAlias = (signal: string) => (callback: AliasCallback) =>
    listen(signal, callback, callback);

  return {
    /** The live configuration. */
    CONFIG,
    /** Who is here and who is linked with whom, as an object of the page's own. */
    networkMap: mirror.networkMap,
    /** Alias → connection, for each open link. Live. */
    livePeers: connections.livePeers,
    /** The aliases with an open session; always the same array. */
    authPeers: connections.authPeers,
    /** Hidden alias → shown name. Live. */
    hiddenAliasLookup: aliases.hiddenAliasLookup,
    /** Shown name → hidden alias. Live. */
    pubAliasLookup: aliases.pubAliasLookup,
    /** Shown name → display name, without the number. Live. */
    pubAliasUnparser: aliases.pubAliasUnparser,
    /** Named types of facts that reach everyone. */
    gossipTransport: gossip,
    /** Named signals with a detail. */
    eventHandler: events,
    /**
     * Loads the configuration, waits until the document has been read, and joins; resolves when we
     * are in the network, alone or linked. Tries again while no server answers. Called again it
     * leaves first. Rejects when `load` fails, and with a `MembraneError` that trying again cannot
     * change: `insecure-context`, `unsupported`, `invalid-argument`.
     */
    init: (load?: ConfigLoadFunction) => membership.init(load),
    /**
     * Connects to any peer of the network; with `wantAuth` also asks it for an authenticated
     * session. What exists is used, and an attempt under way is shared. Rejects with a
     * `MembraneError`: `unreachable`, `refused`, `timed-out`, `closed`, `invalid-argument`.
     */
    makeConnection: (alias: string, wantAuth?: boolean) =>
      connections.makeConnection(alias, wantAuth),
    /** Ends the session on both sides, whatever `isInitiator` is; the link stays. */
    deauthPeer: (alias: string, isInitiator?: boolean) =>
      connections.deauthPeer(alias, isInitiator),
    /**
     * Sends a string of any size to an authenticated peer; resolves when it has left. Rejects with
     * `TypeError` for what is no string, and with a `MembraneError`, such as `closed` when there is
     * no session; that is written to the console as well.
     */
    sendConsumable: (alias: string, message: string) => connections.sendConsumable(alias, message),
    /**
     * Calls back with each message of a peer; several callbacks are all called. What came before
     * the first one waits for it. One that is added during a session ends with it.
     */
    onConsumable: (alias: string, callback: (raw: string) => unknown) =>
      consumables.onConsumable(alias, callback),
    /** Calls back with the alias when a link opens; gives back the function that ends it. */
    onNewPeer: onAlias(signals.newPeer),
    /** Calls back with the alias when a link ends; gives back the function that ends it. */
    onLostPeer: onAlias(signals.lostPeer),
    /** Calls back with the alias when a session opens; gives back the function that ends it. */
    onNewAuthPeer: onAlias(signals.newAuthPeer),
    /** Calls back with the alias when a session ends; gives back the function that ends it. */
    onLostAuthPeer: onAlias(signals.lostAuthPeer),
    /** Calls back with the alias when a peer refuses a session; gives back what ends it. */
    onAuthRejected: onAlias(signals.authRejected),
    /** Calls back once: now if a session with this peer is open, else when one opens. */
    onAuth: (alias: string, callback: AliasCallback) => connections.onAuth(alias, callback),
    /** Calls back once: now if a link to this peer is open, else when one opens. */
    onPeer: (alias: string, callback: AliasCallback) => connections.onPeer(alias, callback),
    /**
     * Calls back with a message and a stack when the line to the first-contact server ends, or none
     * comes up; gives back the function that ends it.
     */
    onServerError: (callback: ServerErrorCallback) =>
      listen(
        serverErrorSignal,
        callback,
        ({ message, stack }: { message: string; stack: string }) => callback(message, stack),
      ),
    /** Calls back with each change of `networkMap`; gives back the function that ends it. */
    onNetworkMapUpdate: (callback: MapCallback) =>
      listen(mapUpdateSignal, callback, ({ kind, info }: MapUpdate) => callback(kind, info)),
  };
}

/**
 * Every global of v2, by name. What differs from v2, and why, is in docs/v2.md.
 *
 * @interface
 */
export type Face = ReturnType<typeof createFace>;
