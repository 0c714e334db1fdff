import { clearTable, table } from "./page.js";
import { mapEdgesMax, mapNodesMax, routeSourcesMax } from "./limits.js";
import { shortestRoutes, type Routes } from "./routes.js";

/** A peer in the map. */
export interface MapNode {
  /** What entering it costs a route: positive and finite, 1 unless the page says otherwise. */
  weight: number;
}

/**
 * What `onNetworkMapUpdate` calls: the kind, and the alias, the pair of aliases, or nothing for
 * `totalWipe`.
 */
export type MapUpdate =
  | {
      /** A peer came or went. */
      kind: "addNode" | "removeNode";
      /** Its alias. */
      info: string;
    }
  | {
      /** A link came or went. */
      kind: "addEdge" | "removeEdge";
      /** The aliases of its ends. */
      info: [string, string];
    }
  | {
      /** Everything is gone. */
      kind: "totalWipe";
      /** Nothing. */
      info: undefined;
    };

/** A map as plain data: what `exportList` gives and `importList` takes. */
export interface MapList {
  /** The peers. */
  nodes: [alias: string, weight: number][];
  /** The links, each once. */
  edges: [alias: string, alias: string][];
}

/**
 * v2's `networkMap`: who is here and who is linked with whom, as an object of the page's own.
 *
 * The network's own map lives in the core and changes only by records that their peers proved. This
 * object follows it and may be edited besides: such edits are seen by this page alone, steer
 * nothing, last until the network says something about the same peer or edge, and are thrown away
 * by `reload`.
 *
 * Always holds: `adjacencyList[a][b]` is `nodes[b]`, exactly when `adjacencyList[b][a]` is
 * `nodes[a]`; weights are positive and finite. Bounded by `mapNodesMax` and `mapEdgesMax`.
 */
export class NetworkMap {
  /** Alias → peer. */
  readonly nodes = table<MapNode>();
  /** Alias → alias of who is linked to it → that peer. */
  readonly adjacencyList = table<Record<string, MapNode>>();
  readonly #tell: (update: MapUpdate) => void;
  readonly #source: () => MapList;
  readonly #routes = new Map<string, Routes>();
  #nodeCount = 0;
  #edgeCount = 0;

  /** `tell` hears of each change; `source` gives the network's own map for `reload`. @internal */
  constructor(tell: (update: MapUpdate) => void, source: () => MapList) {
    this.#tell = tell;
    this.#source = source;
  }

  /**
   * Adds a peer; false if it is here already. Throws `RangeError` for a weight that is not positive
   * and finite and above 8,192 peers, `TypeError` for an alias that is no string or empty.
   */
  addNode(alias: string, weight = 1): boolean {
    requireAlias(alias);
    requireWeight(weight);
    if (alias in this.nodes) return false;
    if (this.#nodeCount >= mapNodesMax) throw new RangeError(`more than ${mapNodesMax} peers`);
    this.nodes[alias] = { weight };
    this.adjacencyList[alias] = table<MapNode>();
    this.#nodeCount += 1;
    this.#changed({ kind: "addNode", info: alias });
    return true;
  }

  /** Removes a peer after its edges; false if it is not here. */
  removeNode(alias: string): boolean {
    if (!(alias in this.nodes)) return false;
    for (const neighbor of Object.keys(this.adjacencyList[alias] ?? {}))
      this.removeEdge(alias, neighbor);
    delete this.nodes[alias];
    delete this.adjacencyList[alias];
    this.#nodeCount -= 1;
    this.#changed({ kind: "removeNode", info: alias });
    return true;
  }

  /**
   * Joins two peers; false if one is missing, both are the same, or they are joined already. Throws
   * `RangeError` above 131,072 edges.
   */
  addEdge(a: string, b: string): boolean {
    const [first, second] = [this.nodes[a], this.nodes[b]];
    const [fromA, fromB] = [this.adjacencyList[a], this.adjacencyList[b]];
    if (a === b || !first || !second || !fromA || !fromB || b in fromA) return false;
    if (this.#edgeCount >= mapEdgesMax) throw new RangeError(`more than ${mapEdgesMax} edges`);
    fromA[b] = second;
    fromB[a] = first;
    this.#edgeCount += 1;
    this.#changed({ kind: "addEdge", info: [a, b] });
    return true;
  }

  /** Parts two peers; false if they were not joined. */
  removeEdge(a: string, b: string): boolean {
    const [fromA, fromB] = [this.adjacencyList[a], this.adjacencyList[b]];
    if (!fromA || !fromB || !(b in fromA)) return false;
    delete fromA[b];
    delete fromB[a];
    this.#edgeCount -= 1;
    this.#changed({ kind: "removeEdge", info: [a, b] });
    return true;
  }

  /**
   * Sets what entering a peer costs a route; false if it is not here. Throws `RangeError` as
   * `addNode` does.
   */
  setweight(alias: string, weight: number): boolean {
    requireWeight(weight);
    const node = this.nodes[alias];
    if (node === undefined) return false;
    node.weight = weight;
    this.#routes.clear();
    return true;
  }

  /**
   * The routes from a peer, computed once and kept until the map changes: alias → first step
   * towards it.
   */
  precomputeRoutes(source: string): Record<string, string> {
    const hops = table<string>();
    for (const [alias, hop] of this.#routesFrom(source).nextHop) hops[alias] = hop;
    return hops;
  }

  /**
   * The first step on the cheapest way from `a` to `b`; undefined when there is none or both are
   * the same.
   */
  findNextHop(a: string, b: string): string | undefined {
    return this.#routesFrom(a).nextHop.get(b);
  }

  /**
   * The peer that is the most expensive to reach from `a`, the first of several; undefined when
   * alone.
   */
  findFarthestNode(a: string): string | undefined {
    let farthest: string | undefined;
    let most = 0;
    for (const [alias, cost] of this.#routesFrom(a).cost) {
      if (cost > most) [farthest, most] = [alias, cost];
    }
    return farthest;
  }

  /** The map as plain data. */
  exportList(): MapList {
    const nodes = Object.entries(this.nodes).map(([alias, node]): [string, number] => [
      alias,
      node.weight,
    ]);
    const edges: [string, string][] = [];
    for (const [a, neighbors] of Object.entries(this.adjacencyList)) {
      for (const b of Object.keys(neighbors)) if (a < b) edges.push([a, b]);
    }
    return { nodes, edges };
  }

  /** `exportList` when there is anything besides a single peer to tell, else undefined. */
  optionalExport(): MapList | undefined {
    return this.#nodeCount > 1 ? this.exportList() : undefined;
  }

  /**
   * Adds what a list has and this map has not. Throws `TypeError` or `RangeError`, and then nothing
   * has changed.
   */
  importList(list: MapList): void {
    requireList(list);
    for (const [alias, weight] of list.nodes) this.addNode(alias, weight);
    for (const [a, b] of list.edges) this.addEdge(a, b);
  }

  /** Throws local edits away: wipes the map and reads the network's own again. */
  reload(): void {
    this.wipe();
    this.importList(this.#source());
  }

  /** Empties the map. */
  wipe(): void {
    clearTable(this.nodes);
    clearTable(this.adjacencyList);
    this.#nodeCount = 0;
    this.#edgeCount = 0;
    this.#changed({ kind: "totalWipe", info: undefined });
  }

  #changed(update: MapUpdate): void {
    this.#routes.clear();
    this.#tell(update);
  }

  #routesFrom(source: string): Routes {
    const known = this.#routes.get(source);
    if (known !== undefined) return known;
    const routes = shortestRoutes(this.adjacencyList, source);
    for (const oldest of this.#routes.keys()) {
      if (this.#routes.size < routeSourcesMax) break;
      this.#routes.delete(oldest);
    }
    this.#routes.set(source, routes);
    return routes;
  }
}

function requireAlias(alias: unknown): void {
  if (typeof alias !== "string" || alias === "")
    throw new TypeError("an alias is a string with something in it");
}

function requireWeight(weight: unknown): void {
  const valid = typeof weight === "number" && Number.isFinite(weight) && weight > 0;
  if (!valid) throw new RangeError("a weight is a positive, finite number");
}

function requireList(list: MapList): void {
  if (!Array.isArray(list?.nodes) || !Array.isArray(list.edges))
    throw new TypeError("not a map's list");
  if (list.nodes.length > mapNodesMax || list.edges.length > mapEdgesMax)
    throw new RangeError("too large a map");
  for (const node of list.nodes) {
    if (!Array.isArray(node)) throw new TypeError("a node is a pair of alias and weight");
    requireAlias(node[0]);
    requireWeight(node[1]);
  }
  for (const edge of list.edges) {
    if (!Array.isArray(edge)) throw new TypeError("an edge is a pair of aliases");
    edge.slice(0, 2).forEach(requireAlias);
  }
}
