/**
 * The living map as the core tells it: who is in the network, and who holds a link to whom. It only
 * mirrors: what is in it, and how many at most, the core decides.
 */

import { Emitter } from "./emitter.js";

/** One member of the network, as the map knows it at this moment. */
export interface Peer {
  /** 52 characters of lower-case base32: the public key. */
  readonly id: string;
  /** Display name; not unique, proves nothing. */
  readonly name: string;
  /** Whether it is us. */
  readonly self: boolean;
  /** Whether an open link joins us. */
  readonly linked: boolean;
  /** The ids it holds links to. */
  readonly neighbors: ReadonlySet<string>;
}

const nobody: ReadonlySet<string> = new Set<string>();

class MapPeer implements Peer {
  readonly #map: NetworkMap;
  readonly id: string;
  name: string;

  constructor(map: NetworkMap, id: string, name: string) {
    this.#map = map;
    this.id = id;
    this.name = name;
  }

  get self(): boolean {
    return this.id === this.#map.selfId;
  }

  get linked(): boolean {
    return this.#map.linked(this.id);
  }

  get neighbors(): ReadonlySet<string> {
    return this.#map.neighbors(this.id);
  }
}

/** The details of the map's events. */
export interface NetworkMapEvents {
  /** Something in it is otherwise than at the last of these events. */
  change: {
    /** That of the map, see `NetworkMap.version`. */
    version: number;
  };
}

/**
 * Everyone in the network and who is linked to whom, live. Looping over it gives the peers.
 *
 * `change` comes once for all that happened in one turn of the page's event loop, as a page that
 * draws the network wants it; each single thing is told by the events of `Membrane`.
 *
 * @example
 * membrane.map.on("change", () => {
 *   for (const { name, neighbors } of membrane.map) console.log(name, neighbors.size);
 * });
 */
export class NetworkMap extends Emitter<NetworkMapEvents> implements Iterable<Peer> {
  /** Our own id. */
  readonly selfId: string;
  /** Whether an open link joins us and this peer. */
  readonly linked: (id: string) => boolean;
  #version = 0;
  #telling = false;
  readonly #peers = new Map<string, MapPeer>();
  readonly #adjacency = new Map<string, Set<string>>();

  /** @internal */
  constructor(selfId: string, linked: (id: string) => boolean) {
    super();
    this.selfId = selfId;
    this.linked = linked;
  }

  /** A number that is another one whenever something has changed: a snapshot for React and its like. */
  get version(): number {
    return this.#version;
  }

  /** Everyone by id, ourselves included. Live. */
  get peers(): ReadonlyMap<string, Peer> {
    return this.#peers;
  }

  /** Everyone, ourselves included, as `peers` has them at this moment. */
  [Symbol.iterator](): IterableIterator<Peer> {
    return this.#peers.values();
  }

  /** Adds a peer or renames it; true when it was not there. @internal */
  add(id: string, name: string): boolean {
    const peer = this.#peers.get(id);
    if (peer?.name === name) return false;
    this.changed();
    if (peer === undefined) this.#peers.set(id, new MapPeer(this, id, name));
    else peer.name = name;
    return peer === undefined;
  }

  /** True when it was there. @internal */
  remove(id: string): boolean {
    if (!this.#peers.delete(id)) return false;
    this.changed();
    return true;
  }

  /** Adds an edge; true when it was not there. @internal */
  addEdge(a: string, b: string): boolean {
    if (this.#adjacency.get(a)?.has(b) === true) return false;
    this.changed();
    this.#side(a).add(b);
    this.#side(b).add(a);
    return true;
  }

  /** Removes an edge; true when it was there. @internal */
  removeEdge(a: string, b: string): boolean {
    const had = this.#adjacency.get(a)?.delete(b) ?? false;
    if (had) this.changed();
    this.#adjacency.get(b)?.delete(a);
    for (const id of [a, b]) if (this.#adjacency.get(id)?.size === 0) this.#adjacency.delete(id);
    return had;
  }

  /** Who holds a link to this peer. */
  neighbors(id: string): ReadonlySet<string> {
    return this.#adjacency.get(id) ?? nobody;
  }

  /** Something has changed; told once, at the end of this turn. @internal */
  changed(): void {
    this.#version += 1;
    if (this.#telling) return;
    this.#telling = true;
    queueMicrotask(() => {
      this.#telling = false;
      this.emit("change", { version: this.#version });
    });
  }

  /** Each link of the network once. */
  *edges(): Generator<[string, string]> {
    for (const [a, others] of this.#adjacency) for (const b of others) if (a < b) yield [a, b];
  }

  #side(id: string): Set<string> {
    let set = this.#adjacency.get(id);
    if (set === undefined) this.#adjacency.set(id, (set = new Set()));
    return set;
  }
}
