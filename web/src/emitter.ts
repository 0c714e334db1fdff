import { invalid } from "./check.js";

/**
 * An `EventTarget` whose events are `CustomEvent`s with a typed `detail`.
 *
 * `addEventListener` works as everywhere; `on` is the shorter, typed way.
 */
export class Emitter<Events extends object> extends EventTarget {
  /**
   * Calls `listener` with the detail of each event of this type; gives back the function that ends
   * it. Throws `invalid-argument` for a listener that is no function.
   *
   * @example
   * const stop = membrane.on("peer-added", ({ id, name }) => console.log(id, name));
   * stop();
   */
  on<Type extends keyof Events & string>(
    type: Type,
    listener: (detail: Events[Type]) => void,
  ): () => void {
    if (typeof listener !== "function") throw invalid("a listener must be a function");
    const handler = (event: Event): void => listener((event as CustomEvent<Events[Type]>).detail);
    this.addEventListener(type, handler);
    return () => this.removeEventListener(type, handler);
  }

  /**
   * Dispatches one event; what a listener throws goes to the page's error handler, never to the
   * caller.
   */
  protected emit<Type extends keyof Events & string>(type: Type, detail: Events[Type]): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
