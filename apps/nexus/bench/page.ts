/**
 * What the benchmark of the map drives: the part that draws, fed with the library's own map of made-up
 * peers. Each is linked to its neighbours on the ring and to others anywhere, as members are.
 */
import { NetworkMap } from "../../../web/src/peers.js";
import { NetworkGraph } from "../src/graph/network_graph.js";

const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
const neighbours = 4;

let map: NetworkMap;
let graph: NetworkGraph;
let newcomer = "";

/** The same ones in each run: xorshift. */
let seed = 2_463_534_242;
function random(): number {
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return (seed >>> 0) / 2 ** 32;
}

const randomId = (): string =>
  Array.from({ length: 52 }, () => alphabet[Math.floor(random() * 32)]).join("");
const anyOf = (ids: readonly string[]): string => ids[Math.floor(random() * ids.length)] as string;
const frame = (): Promise<number> => new Promise((drawn) => requestAnimationFrame(drawn));

/** Draws so many peers; each has on average so many links. Gives how long the first frame took. */
export async function begin(peers: number, degree: number): Promise<number> {
  const ids = Array.from({ length: peers }, randomId).sort();
  map = new NetworkMap(ids[0] as string, () => false);
  ids.forEach((id, i) => map.add(id, `peer ${i}`));
  for (const [i, id] of ids.entries()) {
    for (let step = 1; step <= neighbours; step++) map.addEdge(id, ids[(i + step) % peers] as string);
    for (let far = neighbours; far < degree / 2; far++) {
      const other = anyOf(ids);
      if (other !== id) map.addEdge(id, other);
    }
  }
  const container = document.getElementById("map") as HTMLElement;
  const begun = performance.now();
  graph = new NetworkGraph(container, map, { chosen: () => undefined, menu: () => undefined });
  await frame();
  await frame();
  return performance.now() - begun;
}

/** Somebody comes with links, or goes with them; gives the time that the frame with it took to make. */
export async function change(degree: number): Promise<number> {
  const ids = [...map.peers.keys()];
  if (newcomer === "") {
    newcomer = randomId();
    map.add(newcomer, "newcomer");
    for (let i = 0; i < degree; i++) map.addEdge(newcomer, anyOf(ids));
  } else {
    for (const other of [...map.neighbors(newcomer)]) map.removeEdge(newcomer, other);
    map.remove(newcomer);
    newcomer = "";
  }
  await Promise.resolve(); // the map tells of it
  await Promise.resolve();
  const begun = await frame(); // the graph asked for this one before we did
  return performance.now() - begun;
}

export const end = (): void => graph.close();

/** Times between frames for so long, in milliseconds. */
export async function frames(duration_ms: number): Promise<number[]> {
  const times: number[] = [];
  const begun = performance.now();
  let before = await frame();
  while (performance.now() - begun < duration_ms) {
    const now = await frame();
    times.push(now - before);
    before = now;
  }
  return times;
}

Object.assign(globalThis, { bench: { begin, change, end, frames } });
