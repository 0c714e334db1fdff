/**
 * A page's life as far as a network cares. Leaving is said while it still can be (`pagehide`); a
 * page that comes back from the back/forward cache joins again; whatever may mean that links died
 * unnoticed leads to a probe: the page was frozen or hidden, the network was away or is another.
 *
 * `freeze` and `offline` lead to nothing: what can be done is done afterwards, and links that do
 * not leave the machine or the house live on without the Internet.
 */
export interface LifecycleEvents {
  /** The page goes; whatever is to be said must be said now. */
  leave(): void;
  /** The page came back from the cache. */
  rejoin(): void;
  /** Links may have died: look at each. */
  resume(): void;
  /** The machine is in another network; ways that still work may be worse than new ones. */
  moved(): void;
}

/** Which network the machine uses, where the browser tells (Chrome on Android and ChromeOS). */
interface NetworkInformation extends EventTarget {
  /** Such as `"wifi"`. Its estimated speed changes far more often, with the same event. */
  readonly type?: string;
}

/** Listens for as long as the given signal lasts; does nothing where there is no page. */
export function followLifecycle(events: LifecycleEvents, signal: AbortSignal): void {
  const page = globalThis.document;
  if (page === undefined) return;
  const on = (target: EventTarget, type: string, handler: (event: Event) => void): void =>
    target.addEventListener(type, handler, { signal });
  on(globalThis, "pagehide", () => events.leave());
  on(globalThis, "pageshow", (event) => {
    if ((event as PageTransitionEvent).persisted) events.rejoin();
  });
  const moved = (): void => {
    events.moved();
    events.resume();
  };
  on(globalThis, "online", moved);
  on(page, "resume", () => events.resume());
  on(page, "visibilitychange", () => {
    if (page.visibilityState === "visible") events.resume();
  });
  const { connection } = navigator as { connection?: NetworkInformation };
  if (connection === undefined) return;
  let { type } = connection;
  on(connection, "change", () => {
    if (type !== (type = connection.type)) moved();
  });
}
