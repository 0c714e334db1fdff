import { applyPaths, displayName, type Config } from "./config.js";
import type { EventHandler } from "./event_handler.js";
import { joinByConfig } from "./joining.js";
import type { Join, Network } from "./network.js";
import type { Page } from "./page.js";

/** The signal for `onServerError`; its detail is `{message, stack}`. */
export const serverErrorSignal = "serverError";

/** Dispatched when the first-contact server can be spoken to (again); v2 had no word for it. */
export const serverReadySignal = "serverReady";

/** A part of the face that follows the network while there is one. */
export interface Follower {
  attach(network: Network): void;
  detach(): void;
}

/** Returns the dotted paths of the configuration, at once or later. */
export type ConfigLoadFunction = () => unknown;

/** What the face is made of besides its parts. */
export interface Means {
  page: Page;
  join: Join;
  /**
   * Resolves when the page's document has been read: v2 pages touch their elements from the first
   * event on.
   */
  ready: () => Promise<void>;
}

/**
 * `init`: loads the configuration, joins the network, and lets the parts of the face follow it.
 *
 * Always holds: one network at a time; a second `init` leaves the first network and tells
 * `totalWipe` before it joins anew, and makes a first `init` that still tries reject.
 */
export class Membership {
  readonly #means: Means;
  readonly #config: Config;
  readonly #events: EventHandler;
  readonly #followers: Follower[];
  #attempt = new AbortController();
  #leave: (() => Promise<void>) | undefined;
  #warned = false;

  constructor(means: Means, config: Config, events: EventHandler, followers: Follower[]) {
    this.#means = means;
    this.#config = config;
    this.#events = events;
    this.#followers = followers;
  }

  /**
   * Resolves when we are in the network. Rejects when the configuration fails or joining can never
   * succeed.
   */
  async init(load?: ConfigLoadFunction): Promise<void> {
    if (load !== undefined && typeof load !== "function")
      throw new TypeError("init takes a function");
    this.#attempt.abort(new Error("init was called again"));
    const attempt = (this.#attempt = new AbortController());
    await this.#leave?.();
    await this.#means.ready();
    await this.#configure(load);
    attempt.signal.throwIfAborted();
    const { join, page } = this.#means;
    const failed = (error: unknown): void => this.#serverFailed(error);
    const network = await joinByConfig(join, this.#config, page, attempt.signal, failed);
    attempt.signal.throwIfAborted();
    // The signal would also end a membership; from here on `#leave` does.
    this.#attempt = new AbortController();
    this.#follow(network);
  }

  async #configure(load: ConfigLoadFunction | undefined): Promise<void> {
    const { communication } = this.#config;
    const own = communication.hiddenAlias;
    nameIsPlain(this.#config);
    applyPaths(this.#config, await load?.(), this.#means.page);
    if (communication.hiddenAlias !== own && !this.#warned) {
      this.#warned = true;
      this.#means.page.report("communication.hiddenAlias is ignored: it is this peer's public key");
    }
    communication.hiddenAlias = own;
  }

  #follow(network: Network): void {
    this.#config.communication.hiddenAlias = network.id;
    nameIsLive(this.#config, network);
    const stop = network.on("server", ({ up, error }) => {
      if (up) this.#events.dispatch(serverReadySignal);
      else this.#serverFailed(error);
    });
    this.#leave = async () => {
      this.#leave = undefined;
      stop();
      for (const follower of [...this.#followers].reverse()) follower.detach();
      await network.close();
    };
    for (const follower of this.#followers) follower.attach(network);
  }

  #serverFailed(reason: unknown): void {
    const error =
      reason instanceof Error ? reason : new Error(String(reason ?? "the server is gone"));
    const heard = this.#events.dispatch(serverErrorSignal, {
      message: error.message,
      stack: error.stack ?? "",
    });
    if (!heard) this.#means.page.report("the first-contact server cannot be reached", error);
  }
}

/** From now on, setting `CONFIG.communication.publicAlias` changes our display name everywhere. */
function nameIsLive(config: Config, network: Network): void {
  Object.defineProperty(config.communication, "publicAlias", {
    get: () => network.name,
    set: (name: unknown) => network.rename(displayName(name)),
    enumerable: true,
    configurable: true,
  });
}

/** While no network is there the name is a value like any other. */
function nameIsPlain(config: Config): void {
  const value = config.communication.publicAlias;
  Object.defineProperty(config.communication, "publicAlias", { value, writable: true });
}
