/**
 * The living map as the core tells it: who is in the network, and who holds a link to whom. It only
 * mirrors: what is in it, and how many at most, the core decides.
 */

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
  readonly #map: PeerMap;
  readonly id: string;
  name: string;

  constructor(map: PeerMap, id: string, name: string) {
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

export class PeerMap {
  readonly selfId: string;
  readonly linked: (id: string) => boolean;
  readonly #peers = new Map<string, MapPeer>();
  readonly #adjacency = new Map<string, Set<string>>();

  constructor(selfId: string, linked: (id: string) => boolean) {
    this.selfId = selfId;
    this.linked = linked;
  }

  get peers(): ReadonlyMap<string, Peer> {
    return this.#peers;
  }

  /** Adds a peer or renames it; true when it was not there. */
  add(id: string, name: string): boolean {
    const peer = this.#peers.get(id);
    if (peer === undefined) this.#peers.set(id, new MapPeer(this, id, name));
    else peer.name = name;
    return peer === undefined;
  }

  remove(id: string): boolean {
    return this.#peers.delete(id);
  }

  /** Adds an edge; true when it was not there. */
  addEdge(a: string, b: string): boolean {
    if (this.#adjacency.get(a)?.has(b) === true) return false;
    this.#side(a).add(b);
    this.#side(b).add(a);
    return true;
  }

  /** Removes an edge; true when it was there. */
  removeEdge(a: string, b: string): boolean {
    const had = this.#adjacency.get(a)?.delete(b) ?? false;
    this.#adjacency.get(b)?.delete(a);
    for (const id of [a, b]) if (this.#adjacency.get(id)?.size === 0) this.#adjacency.delete(id);
    return had;
  }

  neighbors(id: string): ReadonlySet<string> {
    return this.#adjacency.get(id) ?? nobody;
  }

  /** Each edge once. */
  *edges(): Generator<[string, string]> {
    for (const [a, others] of this.#adjacency) for (const b of others) if (a < b) yield [a, b];
  }

  #side(id: string): Set<string> {
    let set = this.#adjacency.get(id);
    if (set === undefined) this.#adjacency.set(id, (set = new Set()));
    return set;
  }
}
