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
 * control channel with more than `controlBufferMax` bytes waiting is stuck and ends the link;
 * `iceServerErrorsMax` errors of ICE servers are kept for the report.
 */

import {
  type ConnectionReport,
  type ConnectionStage,
  countCandidates,
  type IceServerError,
} from "./failure.js";

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
export const iceServerErrorsMax = 8;
/** How long a closing connection may take to bring out its last words. */
const lastWordsMax_ms = 250;
/**
 * A connection is closed no earlier than this after its last change. Chromium 156 never collects one
 * that is closed while the news of a change is on its way to the page (its own description set, the
 * other side's being applied, ICE or DTLS beginning): of those closed while they are made, half. Some
 * 500 of them, and a page can make no more.
 */
export const settling_ms = 1000;
/** The other side says two things before it has heard us. */
export const earlyFramesMax = 8;
/** When the application's channel is worth filling again. */
export const applicationBufferLow = 256 * 1024;

export class Connection {
  readonly peerConnection: RTCPeerConnection;
  readonly control: RTCDataChannel;
  readonly application: RTCDataChannel;
  readonly #events: ConnectionEvents;
  /** The link's other end has proved who it is. */
  proved = false;
  readonly #begun = performance.now();
  readonly #localCandidates: Record<string, number> = {};
  readonly #remoteCandidates: Record<string, number> = {};
  readonly #iceServerErrors: IceServerError[] = [];
  #report: ConnectionReport | undefined;
  /** What came over one channel before the other was open, as in Firefox now and then. */
  readonly #early: [channel: 0 | 1, frame: Uint8Array<ArrayBuffer>][] = [];
  #described = false;
  /** Those that came before the other side's description; undefined once that is there. */
  #candidates: string[] | undefined = [];
  #open = false;
  #closed = false;
  /** When a description was last set, or the state changed. */
  #changedAt_ms = -Infinity;

  /** Takes over a new RTCPeerConnection. Throws when the browser makes no channels. */
  constructor(connection: RTCPeerConnection, events: ConnectionEvents) {
    this.#events = events;
    this.peerConnection = connection;
    this.control = this.#channel("control", 0);
    this.application = this.#channel("application", 1);
    this.application.bufferedAmountLowThreshold = applicationBufferLow;
    connection.onicecandidate = ({ candidate }) => this.#localCandidate(candidate);
    connection.onicecandidateerror = ({ url, errorCode, errorText }) => {
      if (this.#iceServerErrors.length < iceServerErrorsMax)
        this.#iceServerErrors.push({ url, code: errorCode, text: errorText });
    };
    connection.onconnectionstatechange = () => {
      this.#changed();
      const state = connection.connectionState;
      if (state === "disconnected" && this.#open) this.#events.disturbed();
      if (state === "failed" || state === "closed") this.#fail();
    };
  }

  /** How far it came: as it is now, or was when it ended. */
  get report(): ConnectionReport {
    return (
      this.#report ?? {
        stage: this.#stage(),
        took_ms: performance.now() - this.#begun,
        localCandidates: this.#localCandidates,
        remoteCandidates: this.#remoteCandidates,
        iceServerErrors: this.#iceServerErrors,
      }
    );
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
    countCandidates(this.#remoteCandidates, candidate);
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
   * second at most; resolves when that is done. The channels are closed then, the connection itself
   * when it has settled.
   */
  close(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#end();
    const unsaid = [this.control, this.application].filter(
      (channel) => channel.readyState === "open" && channel.bufferedAmount > 0,
    );
    if (unsaid.length === 0) return this.#release();
    const said = unsaid.map(
      (channel) =>
        new Promise((resolve) => {
          channel.bufferedAmountLowThreshold = 0;
          channel.onbufferedamountlow = resolve;
        }),
    );
    const late = new Promise((resolve) => setTimeout(resolve, lastWordsMax_ms));
    return Promise.race([Promise.all(said), late]).then(() => this.#release());
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
      if (!(data instanceof ArrayBuffer)) return this.#fail();
      const frame = new Uint8Array(data);
      if (this.#open) this.#events.received(id, frame);
      else if (this.#early.push([id, frame]) > earlyFramesMax) this.#fail();
    };
    return channel;
  }

  async #describe(): Promise<void> {
    if (this.#closed) return;
    this.#changed();
    await this.peerConnection.setLocalDescription();
    if (this.#closed) return;
    this.#described = true;
    const sdp = this.peerConnection.localDescription?.sdp ?? "";
    countCandidates(this.#localCandidates, sdp);
    this.#events.described(sdp);
  }

  async #remote(description: RTCSessionDescriptionInit): Promise<void> {
    this.#changed();
    await this.peerConnection.setRemoteDescription(description);
    if (this.#closed) return;
    countCandidates(this.#remoteCandidates, description.sdp ?? "");
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
    if (candidate === null || candidate.candidate === "" || this.#open) return;
    countCandidates(this.#localCandidates, candidate.candidate);
    this.#events.candidate(JSON.stringify(candidate));
  }

  #channelOpened(): void {
    if (this.#open || this.control.readyState !== "open" || this.application.readyState !== "open")
      return;
    this.#open = true;
    this.#changed();
    this.#events.opened();
    for (const [channel, frame] of this.#early.splice(0))
      if (!this.#closed) this.#events.received(channel, frame);
  }

  #changed(): void {
    this.#changedAt_ms = performance.now();
  }

  #fail(): void {
    if (this.#closed) return;
    this.#end();
    void this.#release();
    this.#events.closed();
  }

  #stage(): ConnectionStage {
    const { iceConnectionState, connectionState } = this.peerConnection;
    if (this.#open) return "proving";
    if (connectionState === "connected") return "opening";
    if (iceConnectionState === "connected" || iceConnectionState === "completed") return "securing";
    // Not by what the connection says of its descriptions: once it is closed Firefox throws there.
    if (!this.#described) return "describing";
    return this.#candidates === undefined ? "reaching" : "signalling";
  }

  /** From here on nothing is told. */
  #end(): void {
    this.#report = this.report;
    this.#closed = true;
    this.peerConnection.onicecandidate =
      this.peerConnection.onicecandidateerror =
      this.peerConnection.onconnectionstatechange =
        null;
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
    this.control.onbufferedamountlow = this.application.onbufferedamountlow = null;
    this.control.close();
    this.application.close();
    const calm_ms = performance.now() - this.#changedAt_ms;
    if (calm_ms >= settling_ms) this.peerConnection.close();
    else setTimeout(() => this.peerConnection.close(), settling_ms - calm_ms);
    return Promise.resolve();
  }
}
