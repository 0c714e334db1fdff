/**
 * RTCPeerConnections that reach each other in memory: each has descriptions with its own
 * fingerprint, channels open once both sides have described themselves to each other, and what is
 * sent arrives later, in order, whole.
 */

let nextNumber = 1;
const byNumber = new Map<string, FakePeerConnection>();

const live = new Set<FakePeerConnection>();
let lastClosed: (() => void) | undefined;

/** A connection that is not closed by then is a leak. */
const closedWithin_ms = 5000;

/** Resolves once every connection is closed. */
export async function everyConnectionCloses(): Promise<void> {
  if (live.size === 0) return;
  let late: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve, reject) => {
    lastClosed = resolve;
    late = setTimeout(() => reject(new Error(`${live.size} connections left open`)), closedWithin_ms);
  }).finally(() => clearTimeout(late));
}

class Target extends EventTarget {
  protected tell(type: string, fields: object = {}): void {
    const event = Object.assign(new Event(type), fields);
    this.dispatchEvent(event);
    const handler = (this as unknown as Record<string, unknown>)[`on${type}`];
    if (typeof handler === "function") handler.call(this, event);
  }
}

export class FakeChannel extends Target {
  readyState: RTCDataChannelState = "connecting";
  binaryType = "blob";
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  other: FakeChannel | undefined;
  #held: (() => void)[] | undefined;

  constructor(
    readonly label: string,
    readonly id: number,
  ) {
    super();
  }

  send(data: Uint8Array): void {
    if (this.readyState !== "open") throw new DOMException("not open", "InvalidStateError");
    const copy = data.slice().buffer;
    this.bufferedAmount += copy.byteLength;
    const arrive = (): void => this.#arrive(copy);
    if (this.#held === undefined) setImmediate(arrive);
    else this.#held.push(arrive);
  }

  /** A slow network: what is sent stays in the buffer until the sender waits for room. */
  holdUntilFull(): void {
    this.#held = [];
  }

  override addEventListener(...[type, ...rest]: Parameters<EventTarget["addEventListener"]>): void {
    super.addEventListener(type, ...rest);
    if (type !== "bufferedamountlow" || this.#held === undefined) return;
    for (const arrive of this.#held) setImmediate(arrive);
    this.#held = undefined;
  }

  open(): void {
    if (this.readyState !== "connecting") return;
    this.readyState = "open";
    this.tell("open");
  }

  close(): void {
    if (this.readyState === "closed") return;
    this.readyState = "closed";
    const other = this.other;
    setImmediate(() => other?.end());
  }

  /** The other side closed. */
  end(): void {
    if (this.readyState === "closed") return;
    this.readyState = "closed";
    this.tell("close");
  }

  #arrive(data: ArrayBuffer): void {
    const before = this.bufferedAmount;
    this.bufferedAmount -= data.byteLength;
    const low = this.bufferedAmountLowThreshold;
    if (before > low && this.bufferedAmount <= low) this.tell("bufferedamountlow");
    if (this.other?.readyState === "open") this.other.tell("message", { data });
  }
}

export class FakePeerConnection extends Target {
  /** Whether two may have a connection at all, by their configurations. */
  static mayConnect = (_one: RTCConfiguration, _other: RTCConfiguration): boolean => true;
  /** Whether those who may not learn it at once, as where a router says so, or never. */
  static failsAtOnce = false;
  readonly number = String(nextNumber++);
  readonly channels: FakeChannel[] = [];
  connectionState: RTCPeerConnectionState = "new";
  localDescription: { type: string; sdp: string } | undefined;
  remoteDescription: { type: string; sdp: string } | undefined;
  #remote: FakePeerConnection | undefined;

  constructor(readonly configuration: RTCConfiguration) {
    super();
    byNumber.set(this.number, this);
    live.add(this);
  }

  createDataChannel(label: string, { id }: { id: number }): FakeChannel {
    const channel = new FakeChannel(label, id);
    this.channels[id] = channel;
    return channel;
  }

  async setLocalDescription(): Promise<void> {
    await Promise.resolve();
    const type = this.#remote === undefined ? "offer" : "answer";
    this.localDescription = { type, sdp: this.#sdp() };
    const candidate = { candidate: `candidate:1 1 udp 1 192.0.2.${this.number} 9 typ host` };
    setImmediate(() => this.tell("icecandidate", { candidate }));
    setImmediate(() => this.tell("icecandidate", { candidate: null }));
    this.#connectIfReady();
  }

  async setRemoteDescription(description: { type: string; sdp: string }): Promise<void> {
    const { sdp } = description;
    const number = /a=ice-ufrag:(\d+)/.exec(sdp)?.[1] ?? "";
    this.#remote = byNumber.get(number);
    await Promise.resolve();
    if (this.#remote === undefined) throw new DOMException("no such peer", "OperationError");
    this.remoteDescription = description;
    this.#connectIfReady();
  }

  async addIceCandidate(): Promise<void> {
    await Promise.resolve();
  }

  /** As Chromium tells it. */
  async getStats(): Promise<Map<string, { id: string; type: string }>> {
    await Promise.resolve();
    const pair = { currentRoundTripTime: 0.025, bytesSent: 1_000, bytesReceived: 2_000 };
    const ends = { localCandidateId: "local", remoteCandidateId: "remote" };
    const stats = [
      { id: "unused", type: "candidate-pair", bytesSent: 1 },
      { id: "pair", type: "candidate-pair", ...ends, ...pair },
      { id: "local", type: "local-candidate", candidateType: "srflx", protocol: "udp" },
      { id: "remote", type: "remote-candidate", candidateType: "host", protocol: "udp" },
      { id: "transport", type: "transport", selectedCandidatePairId: "pair" },
    ];
    return new Map(stats.map((stat) => [stat.id, stat]));
  }

  close(): void {
    this.connectionState = "closed";
    live.delete(this);
    if (live.size === 0) lastClosed?.();
    byNumber.delete(this.number);
    for (const channel of this.channels) channel.close();
  }

  #sdp(): string {
    const digest = Array.from(
      { length: 32 },
      (_, index) => (index * 7 + Number(this.number)) & 255,
    );
    const fingerprint = digest.map((byte) => byte.toString(16).padStart(2, "0").toUpperCase());
    return [
      "v=0",
      `a=ice-ufrag:${this.number}`,
      `a=fingerprint:sha-256 ${fingerprint.join(":")}`,
      "",
    ].join("\r\n");
  }

  /** Later, when candidates have been exchanged. */
  #fail(): void {
    setTimeout(() => {
      if (this.connectionState === "closed") return;
      this.connectionState = "failed";
      this.tell("connectionstatechange");
    }, 50);
  }

  #connectIfReady(): void {
    const other = this.#remote;
    if (other === undefined || other.#remote !== this) return;
    if (this.localDescription === undefined || other.localDescription === undefined) return;
    if (!FakePeerConnection.mayConnect(this.configuration, other.configuration)) {
      if (FakePeerConnection.failsAtOnce) for (const end of [this, other]) end.#fail();
      return;
    }
    for (const [index, channel] of this.channels.entries()) {
      const opposite = other.channels[index] as FakeChannel;
      [channel.other, opposite.other] = [opposite, channel];
      setImmediate(() => channel.open());
      setImmediate(() => opposite.open());
    }
  }
}
