import type { Network } from "./network.js";

/**
 * What `livePeers` holds and `makeConnection` resolves with: a view of one peer that is always up
 * to date, also after its link was lost and made again.
 */
export class PeerConnection {
  /** The peer's hidden alias. */
  readonly hiddenAlias: string;
  readonly #network: Network;

  /** @internal */
  constructor(hiddenAlias: string, network: Network) {
    this.hiddenAlias = hiddenAlias;
    this.#network = network;
  }

  /** The browser's connection, for statistics and states; undefined while no link is open. */
  get rtcConnection(): RTCPeerConnection | undefined {
    return this.#network.links.get(this.hiddenAlias)?.connection;
  }

  /**
   * The channel of the application's messages; undefined while no link is open. Send by
   * `sendConsumable` instead.
   */
  get dataChannel(): RTCDataChannel | undefined {
    return this.#network.links.get(this.hiddenAlias)?.application;
  }

  /** Whether a link is open. */
  get open(): boolean {
    return this.#network.links.has(this.hiddenAlias);
  }

  /** Whether an authenticated session is open. */
  get authenticated(): boolean {
    return this.#network.sessions.has(this.hiddenAlias);
  }

  /** Closes the link, and the session with it. */
  close(): void {
    this.#network.disconnect(this.hiddenAlias);
  }
}
