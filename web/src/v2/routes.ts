/**
 * Shortest routes through a weighted map (Dijkstra 1959, with a binary heap): entering a peer costs
 * its weight.
 *
 * Weights are positive and finite, which `NetworkMap` sees to. Equal routes are decided by which
 * peer was added first, so the same map gives the same routes.
 */

/**
 * Routes from one source: for each peer that can be reached, its cost and the first step towards
 * it.
 */
export interface Routes {
  readonly cost: ReadonlyMap<string, number>;
  readonly nextHop: ReadonlyMap<string, string>;
}

type Adjacency = Readonly<Record<string, Readonly<Record<string, { weight: number }>>>>;

interface Step {
  cost: number;
  order: number;
  alias: string;
  via: string | undefined;
}

/** Routes from `source` to every peer it can reach, itself at cost 0 with no next hop. */
export function shortestRoutes(adjacency: Adjacency, source: string): Routes {
  const cost = new Map<string, number>();
  const nextHop = new Map<string, string>();
  const heap = new StepHeap();
  let order = 0;
  heap.push({ cost: 0, order, alias: source, via: undefined });
  for (let step = heap.pop(); step !== undefined; step = heap.pop()) {
    if (cost.has(step.alias)) continue;
    cost.set(step.alias, step.cost);
    if (step.via !== undefined) nextHop.set(step.alias, step.via);
    for (const [alias, node] of Object.entries(adjacency[step.alias] ?? {})) {
      if (cost.has(alias)) continue;
      order += 1;
      heap.push({ cost: step.cost + node.weight, order, alias, via: step.via ?? alias });
    }
  }
  return { cost, nextHop };
}

class StepHeap {
  readonly #steps: Step[] = [];

  push(step: Step): void {
    let at = this.#steps.push(step) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(at, parent)) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  pop(): Step | undefined {
    const first = this.#steps[0];
    const last = this.#steps.pop();
    if (last === undefined || this.#steps.length === 0) return first;
    this.#steps[0] = last;
    this.#sink();
    return first;
  }

  #sink(): void {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      let least = at;
      if (left < this.#steps.length && this.#before(left, least)) least = left;
      if (right < this.#steps.length && this.#before(right, least)) least = right;
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #before(a: number, b: number): boolean {
    const first = this.#steps[a] as Step;
    const second = this.#steps[b] as Step;
    return first.cost < second.cost || (first.cost === second.cost && first.order < second.order);
  }

  #swap(a: number, b: number): void {
    const held = this.#steps[a] as Step;
    this.#steps[a] = this.#steps[b] as Step;
    this.#steps[b] = held;
  }
}
