/**
 * Draws the network as a ring: a dot for each peer in the order of their ids, a line for each link.
 */
import { peersShownMax } from "./limits.js";

const radius = 92;

export function drawRing(svg, networkMap, self) {
  const aliases = Object.keys(networkMap.nodes).sort().slice(0, peersShownMax);
  const places = new Map(aliases.map((alias, index) => [alias, place(index, aliases.length)]));
  const lines = [];
  for (const [alias, [x1, y1]] of places) {
    for (const other of Object.keys(networkMap.adjacencyList[alias] ?? {})) {
      if (alias > other || !places.has(other)) continue;
      const [x2, y2] = places.get(other);
      const mine = alias === self || other === self ? "mine" : "";
      lines.push(shape("line", { x1, y1, x2, y2, class: mine }));
    }
  }
  const size = aliases.length > 24 ? 4 : 7;
  const dots = aliases.map((alias) => {
    const [cx, cy] = places.get(alias);
    return shape("circle", { cx, cy, r: size, class: alias === self ? "self" : "" });
  });
  svg.replaceChildren(shape("circle", { r: radius, class: "orbit" }), ...lines, ...dots);
}

function place(index, count) {
  const angle = (2 * Math.PI * index) / count - Math.PI / 2;
  return [radius * Math.cos(angle), radius * Math.sin(angle)].map((at) => at.toFixed(1));
}

function shape(name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
