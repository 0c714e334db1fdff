import type { Attributes } from "graphology-types";
import Sigma from "sigma";

/**
 * Sigma works out every node and link anew whenever a single one is dropped from its graph: with
 * thousands, one peer that leaves costs that as often as it had links. Here many changes are one.
 */
export class QuietSigma<Node extends Attributes> extends Sigma<Node> {
  #touched: Set<string> | undefined;

  /** Changes the graph; gives the nodes to be drawn anew at the next `refresh`. */
  quietly(work: () => void): Set<string> {
    const touched = (this.#touched = new Set<string>());
    try {
      work();
    } finally {
      this.#touched = undefined;
    }
    return touched;
  }

  override refresh(how?: Parameters<Sigma<Node>["refresh"]>[0]): this {
    // Sigma's own constructor calls this before there are fields.
    if (#touched in this && this.#touched !== undefined) {
      for (const id of how?.partialGraph?.nodes ?? []) this.#touched.add(id);
      return this;
    }
    super.refresh(how);
    return this;
  }
}
