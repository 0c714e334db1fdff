/** Where peers are drawn: on the ring on which the network has them, by the first bits of their ids. */

const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
/** Characters read: 30 bits, more than a screen tells apart. */
const characters = 6;

/** Once around is 1, as the core orders peers. */
export function placeOf(id: string): number {
  let place = 0;
  let unit = 1;
  for (const character of id.slice(0, characters)) {
    unit /= 32;
    place += alphabet.indexOf(character) * unit;
  }
  return place;
}

/** The point of a peer, within one around the middle; the ring begins at the top and goes clockwise. */
export function pointOf(id: string): { x: number; y: number } {
  const angle = 2 * Math.PI * placeOf(id);
  return { x: Math.sin(angle), y: Math.cos(angle) };
}

/** The ids on the shortest way, both ends included; undefined when no way leads there. */
export function shortestWay(
  from: string,
  to: string,
  neighborsOf: (id: string) => Iterable<string>,
): string[] | undefined {
  const cameFrom = new Map<string, string>([[from, from]]);
  let edge = [from];
  while (edge.length > 0 && !cameFrom.has(to)) {
    const next: string[] = [];
    for (const id of edge) {
      for (const neighbor of neighborsOf(id)) {
        if (cameFrom.has(neighbor)) continue;
        cameFrom.set(neighbor, id);
        next.push(neighbor);
      }
    }
    edge = next;
  }
  if (!cameFrom.has(to)) return undefined;
  const way = [to];
  while (way[0] !== from) way.unshift(cameFrom.get(way[0] as string) as string);
  return way;
}

/** Who is so many links away: at 0 the peer itself. */
export function circlesAround(
  center: string,
  neighborsOf: (id: string) => Iterable<string>,
): string[][] {
  const seen = new Set([center]);
  const circles: string[][] = [];
  for (let circle = [center]; circle.length > 0; ) {
    circles.push(circle);
    const next: string[] = [];
    for (const id of circle) {
      for (const neighbor of neighborsOf(id)) {
        if (seen.has(neighbor)) continue;
        seen.add(neighbor);
        next.push(neighbor);
      }
    }
    circle = next;
  }
  return circles;
}
