/** What peers believe of the network, compared with each other and with the truth. */

/**
 * Whether all views show just the peers that they are of, and just the edges that are links open at
 * both ends.
 */
export function areWhole(views) {
  const ids = views.map(({ id }) => id).sort();
  const truth = linksOf(views);
  return (
    truth !== undefined && views.every(({ nodes, edges }) => same(nodes, ids) && same(edges, truth))
  );
}

/** Whether the peer of this view has a link to that one. */
export function areLinked({ links }, id) {
  return links.includes(id);
}

/** A view, short enough for an error's text. */
export function inFigures({ id, state, nodes, edges, links }) {
  const count = `${nodes.length} nodes, ${edges.length} edges, ${links.length} links`;
  return `${id.slice(0, 6)} ${state}: ${count}`;
}

/** Each link once, in order; undefined while one is open at one end only. */
function linksOf(views) {
  const ends = new Map();
  for (const { id, links } of views) {
    for (const other of links) {
      const link = [id, other].sort().join(" ");
      ends.set(link, (ends.get(link) ?? 0) + 1);
    }
  }
  const mutual = [...ends.values()].every((count) => count === 2);
  return mutual ? [...ends.keys()].sort() : undefined;
}

function same(one, other) {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}
