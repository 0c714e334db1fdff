import type { Aliases } from "./aliases.js";
import type { EventHandler } from "./event_handler.js";
import { NetworkMap, type MapList, type MapUpdate } from "./network_map.js";
import type { Network } from "./network.js";

/** The signal with which map changes are dispatched; its detail is a `MapUpdate`. */
export const mapUpdateSignal = "networkMapUpdate";

/** Dispatched with the alias of a peer that changed its display name; v2 knew no such change. */
export const renamedSignal = "peerRenamed";

/**
 * Keeps v2's map and names in step with the network's map, ourselves included.
 *
 * Always holds: a peer has its shown name before `addNode` is heard and still after `removeNode`;
 * an edge is told after both its peers.
 */
export class MapMirror {
  readonly networkMap: NetworkMap;
  readonly #events: EventHandler;
  readonly #aliases: Aliases;
  #network: Network | undefined;
  #stops: (() => void)[] = [];

  constructor(events: EventHandler, aliases: Aliases) {
    this.#events = events;
    this.#aliases = aliases;
    const tell = (update: MapUpdate): void => void events.dispatch(mapUpdateSignal, update);
    this.networkMap = new NetworkMap(tell, () => this.#list());
  }

  /** The network is there. */
  attach(network: Network): void {
    this.#network = network;
    const map = this.networkMap;
    this.#stops = [
      network.on("peer-added", ({ id, name }) => this.#add(id, name)),
      network.on("peer-renamed", ({ id, name }) => this.#rename(id, name)),
      network.on("peer-removed", ({ id }) => this.#remove(id)),
      network.on("edge-added", ({ a, b }) => map.addEdge(a, b)),
      network.on("edge-removed", ({ a, b }) => map.removeEdge(a, b)),
      // The page went into the back/forward cache: what is known begins anew, with ourselves.
      network.on("state", ({ state }) => state === "left" && map.reload()),
    ];
    for (const peer of network.peers.values()) this.#add(peer.id, peer.name);
    for (const [a, b] of network.edges()) map.addEdge(a, b);
  }

  /** The network is gone, and everyone with it. */
  detach(): void {
    this.#network = undefined;
    for (const stop of this.#stops.splice(0)) stop();
    this.networkMap.wipe();
    this.#aliases.clear();
  }

  #add(alias: string, name: string): void {
    this.#aliases.assign(alias, name);
    this.networkMap.addNode(alias);
    for (const [a, b] of this.#edgesOf(alias)) this.networkMap.addEdge(a, b);
  }

  #rename(alias: string, name: string): void {
    this.#aliases.assign(alias, name);
    this.#events.dispatch(renamedSignal, alias);
  }

  #remove(alias: string): void {
    this.networkMap.removeNode(alias);
    this.#aliases.release(alias);
  }

  /** Edges that the network told before their second peer. */
  #edgesOf(alias: string): [string, string][] {
    return [...(this.#network?.neighbors(alias) ?? [])].map((other) => [alias, other]);
  }

  #list(): MapList {
    const network = this.#network;
    if (network === undefined) return { nodes: [], edges: [] };
    return {
      nodes: [...network.peers.keys()].map((alias): [string, number] => [alias, 1]),
      edges: [...network.edges()],
    };
  }
}
