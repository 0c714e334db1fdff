/**
 * From what each page wrote down, when all maps became whole. Asking sixteen pages again and again
 * would slow down what is measured; so they are asked once, afterwards, and what they saw is played
 * back on the clock they share.
 */
import { areWhole } from "../helper/map.mjs";

/** What one page knew, changed event by event. */
class Replay {
  #nodes = new Set();
  #edges = new Set();
  #links = new Set();

  constructor(id) {
    this.id = id;
  }

  take({ type, id, a, b }) {
    const edge = [a, b].sort().join(" ");
    if (type === "peer-added") this.#nodes.add(id);
    if (type === "peer-removed") this.#nodes.delete(id);
    if (type === "edge-added") this.#edges.add(edge);
    if (type === "edge-removed") this.#edges.delete(edge);
    if (type === "link-up") this.#links.add(id);
    if (type === "link-down") this.#links.delete(id);
  }

  view() {
    const sorted = (set) => [...set].sort();
    return {
      id: this.id,
      nodes: sorted(this.#nodes),
      edges: sorted(this.#edges),
      links: sorted(this.#links),
    };
  }
}

/**
 * The time, not before `from`, from which on all maps stayed whole; undefined if they did not.
 * `histories` are `{id, events}`, one of each page.
 */
export function wholeAt(histories, from) {
  const replays = histories.map(({ id }) => new Replay(id));
  const changes = histories
    .flatMap(({ events }, page) => events.map((event) => ({ page, ...event })))
    .sort((one, other) => one.at - other.at);
  let since;
  for (const [index, change] of changes.entries()) {
    replays[change.page].take(change);
    if ((changes[index + 1]?.at ?? Infinity) <= from) continue;
    if (!areWhole(replays.map((replay) => replay.view()))) since = undefined;
    else since ??= Math.max(change.at, from);
  }
  return since;
}
