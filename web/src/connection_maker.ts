import { invalid } from "./check.js";

/**
 * Makes the RTCPeerConnections of a membrane, the first ahead of time: a page's first one starts
 * the browser's WebRTC, which takes some 10 ms that pass while the server is being reached.
 */
export class ConnectionMaker {
  readonly #rtc: RTCConfiguration;
  #spare: RTCPeerConnection | undefined;

  /** Rejects with `invalid-argument` when the browser refuses the configuration. */
  static async create(rtc: RTCConfiguration): Promise<ConnectionMaker> {
    try {
      return new ConnectionMaker(rtc);
    } catch (cause) {
      throw invalid("the browser refuses rtc or iceServers", cause);
    }
  }

  private constructor(rtc: RTCConfiguration) {
    this.#rtc = { ...rtc, iceCandidatePoolSize: 0 };
    this.#spare = new RTCPeerConnection(this.#rtc);
  }

  /** A connection that uses these servers, too. Throws when the browser makes no more. */
  make(iceServers: RTCIceServer[]): RTCPeerConnection {
    const configuration = {
      ...this.#rtc,
      iceServers: [...(this.#rtc.iceServers ?? []), ...iceServers],
    };
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare === undefined) return new RTCPeerConnection(configuration);
    if (iceServers.length > 0) spare.setConfiguration(configuration);
    return spare;
  }

  /** Frees the one that was made ahead, if it was not used. */
  release(): void {
    this.#spare?.close();
    this.#spare = undefined;
  }
}
