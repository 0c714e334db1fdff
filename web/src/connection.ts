/**
 * One RTCPeerConnection with the two data channels of a link: 0 for the protocol, 1 for the
 * application, both agreed beforehand and ordered.
 *
 * What always holds: `opened` comes once, when both channels are open; `closed` comes at most once
 * and nothing comes after it; whatever fails on the way ends in `closed`. After `close` everything
 * is let go, so that the browser can collect the connection: a page may have only some 500, and
 * those not collected count.
 *
 * Bounds: `candidatesQueuedMax` candidates wait for the remote description, more are dropped; a
 * control channel with more than `controlBufferMax` bytes waiting is stuck and ends the link.
 */

export interface ConnectionEvents {
  /** Our description is set; candidates follow. */
  described(sdp: string): void;
  /**
   * The JSON of an RTCIceCandidateInit. That there are no more is not told: no link waits for it,
   * and first contact has no word for it.
   */
  candidate(candidate: string): void;
  opened(): void;
  /** Nothing comes through at the moment. It may again; if not, `closed` comes later. */
  disturbed(): void;
  received(channel: 0 | 1, data: Uint8Array): void;
  closed(): void;
}

export const candidatesQueuedMax = 64;
export const controlBufferMax = 4 * 1024 * 1024;
/** How long a closing connection may take to bring out its last words. */
const lastWordsMax_ms = 250;
/** When the application's channel is worth filling again. */
export const applicationBufferLow = 256 * 1024;

export class Connection {
  readonly peerConnection: RTCPeerConnection;
  readonly control: RTCDataChannel;
  readonly application: RTCDataChannel;
  readonly #events: ConnectionEvents;
  #candidates: string[] | undefined = [];
  #open = false;
  #closed = false;

  /** Takes over a new RTCPeerConnection. Throws when the browser makes no channels. */
  constructor(connection: RTCPeerConnection, events: ConnectionEvents) {
    this.#events = events;
    this.peerConnection = connection;
    this.control = this.#channel("control", 0);
    this.application = this.#channel("application", 1);
    this.application.bufferedAmountLowThreshold = applicationBufferLow;
    connection.onicecandidate = ({ candidate }) => this.#localCandidate(candidate);
    connection.onconnectionstatechange = () => {
      const state = connection.connectionState;
      if (state === "disconnected" && this.#open) this.#events.disturbed();
      if (state === "failed" || state === "closed") this.#fail();
    };
  }

  /** Makes an offer. */
  offer(): void {
    this.#attempt(this.#describe());
  }

  /** Takes an offer and makes the answer. */
  answer(sdp: string): void {
    this.#attempt(this.#remote({ type: "offer", sdp }).then(() => this.#describe()));
  }

  applyAnswer(sdp: string): void {
    this.#attempt(this.#remote({ type: "answer", sdp }));
  }

  /**
   * A candidate of the other side; one that the browser cannot use is passed over, others may do.
   */
  addCandidate(candidate: string): void {
    if (this.#closed) return;
    if (this.#candidates === undefined) this.#addNow(candidate);
    else if (this.#candidates.length < candidatesQueuedMax) this.#candidates.push(candidate);
  }

  send(channel: number, data: Uint8Array<ArrayBuffer>): void {
    if (this.#closed) return;
    const target = channel === 0 ? this.control : this.application;
    try {
      target.send(data);
    } catch {
      return this.#fail();
    }
    if (this.control.bufferedAmount > controlBufferMax) this.#fail();
  }

  /**
   * Lets everything go; `closed` is not told. What was sent before still leaves, for a quarter of a
   * second at most; resolves when that is done.
   */
  close(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#closed = true;
    this.#silence();
    const { control } = this;
    if (control.readyState !== "open" || control.bufferedAmount === 0) return this.#release();
    return new Promise<void>((resolve) => {
      control.onbufferedamountlow = () => resolve();
      setTimeout(resolve, lastWordsMax_ms);
    }).then(() => this.#release());
  }

  #channel(label: string, id: 0 | 1): RTCDataChannel {
    const channel = this.peerConnection.createDataChannel(label, {
      negotiated: true,
      id,
      ordered: true,
    });
    channel.binaryType = "arraybuffer";
    channel.onopen = () => this.#channelOpened();
    channel.onclose = () => this.#fail();
    channel.onerror = () => this.#fail();
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (data instanceof ArrayBuffer) this.#events.received(id, new Uint8Array(data));
      else this.#fail();
    };
    return channel;
  }

  async #describe(): Promise<void> {
    await this.peerConnection.setLocalDescription();
    if (!this.#closed) this.#events.described(this.peerConnection.localDescription?.sdp ?? "");
  }

  async #remote(description: RTCSessionDescriptionInit): Promise<void> {
    await this.peerConnection.setRemoteDescription(description);
    const waiting = this.#candidates ?? [];
    this.#candidates = undefined;
    for (const candidate of waiting) this.#addNow(candidate);
  }

  #attempt(work: Promise<void>): void {
    work.catch(() => this.#fail());
  }

  #addNow(candidate: string): void {
    let init: RTCIceCandidateInit | undefined;
    try {
      init = candidate === "" ? undefined : (JSON.parse(candidate) as RTCIceCandidateInit);
      this.peerConnection.addIceCandidate(init).catch(() => undefined);
    } catch {
      // Not JSON, or not what the browser takes for a candidate: the peer's own loss.
    }
  }

  #localCandidate(candidate: RTCIceCandidate | null): void {
    if (candidate === null || candidate.candidate === "") return;
    this.#events.candidate(JSON.stringify(candidate));
  }

  #channelOpened(): void {
    if (this.#open || this.control.readyState !== "open" || this.application.readyState !== "open")
      return;
    this.#open = true;
    this.#events.opened();
  }

  #fail(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#silence();
    void this.#release();
    this.#events.closed();
  }

  #silence(): void {
    this.peerConnection.onicecandidate = this.peerConnection.onconnectionstatechange = null;
    for (const channel of [this.control, this.application]) {
      channel.onopen =
        channel.onclose =
        channel.onerror =
        channel.onmessage =
        channel.onbufferedamountlow =
          null;
    }
  }

  #release(): Promise<void> {
    this.control.onbufferedamountlow = null;
    this.control.close();
    this.application.close();
    this.peerConnection.close();
    return Promise.resolve();
  }
}
