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
    CONFIG,
    networkMap: mirror.networkMap,
    livePeers: connections.livePeers,
    authPeers: connections.authPeers,
    hiddenAliasLookup: aliases.hiddenAliasLookup,
    pubAliasLookup: aliases.pubAliasLookup,
    pubAliasUnparser: aliases.pubAliasUnparser,
    gossipTransport: gossip,
    eventHandler: events,
    init: (load?: ConfigLoadFunction) => membership.init(load),
    makeConnection: (alias: string, wantAuth?: boolean) =>
      connections.makeConnection(alias, wantAuth),
    deauthPeer: (alias: string, isInitiator?: boolean) =>
      connections.deauthPeer(alias, isInitiator),
    sendConsumable: (alias: string, message: string) => connections.sendConsumable(alias, message),
    onConsumable: (alias: string, callback: (raw: string) => unknown) =>
      consumables.onConsumable(alias, callback),
    onNewPeer: onAlias(signals.newPeer),
    onLostPeer: onAlias(signals.lostPeer),
    onNewAuthPeer: onAlias(signals.newAuthPeer),
    onLostAuthPeer: onAlias(signals.lostAuthPeer),
    onAuthRejected: onAlias(signals.authRejected),
    onAuth: (alias: string, callback: AliasCallback) => connections.onAuth(alias, callback),
    onPeer: (alias: string, callback: AliasCallback) => connections.onPeer(alias, callback),
    onServerError: (callback: ServerErrorCallback) =>
      listen(
        serverErrorSignal,
        callback,
        ({ message, stack }: { message: string; stack: string }) => callback(message, stack),
      ),
    onNetworkMapUpdate: (callback: MapCallback) =>
      listen(mapUpdateSignal, callback, ({ kind, info }: MapUpdate) => callback(kind, info)),
  };
}

/** Every global of v2, by name. */
export type Face = ReturnType<typeof createFace>;
