/**
 * Tracks beside a session's messages, and ICE restarts: whatever asks for new descriptions of the
 * connection under the session. They travel as signals within the session, so only a peer that we
 * talk to can ask for any, and no server is needed. Both sides may ask at once: the polite one, by
 * its id, takes its own offer back (W3C WebRTC 1.0, 10.7, perfect negotiation).
 *
 * A signal is of the connection it names by its description's session id (RFC 8866, 5.2), which never
 * changes; one of an earlier connection is dropped. The peer is not trusted: a signal that breaks a
 * rule ends the session.
 *
 * Bounds: `signalsWaitingMax` signals wait for those before them; a description has at most
 * `mediaSectionsMax` sections. More ends the session.
 */

export interface MediaHost {
  /** Says something to the peer's media. */
  signal(text: string): void;
  track(detail: TrackDetail): void;
  /** The peer broke a rule. */
  violation(reason: string): void;
}

/** A track of the peer and the streams that it put it in. */
export interface TrackDetail {
  readonly track: MediaStreamTrack;
  readonly streams: readonly MediaStream[];
  /** For statistics and the jitter buffer. */
  readonly receiver: RTCRtpReceiver;
}

/** Offers of a peer that is quicker than this browser; candidates make most of them. */
export const signalsWaitingMax = 64;
/** One for data, others for tracks: far more than a screen has room for. */
export const mediaSectionsMax = 32;

interface Sent {
  readonly streams: readonly MediaStream[];
  sender: RTCRtpSender;
}

type Signal = { description: RTCSessionDescriptionInit } | { candidate: RTCIceCandidateInit };

export class Media {
  readonly #polite: boolean;
  readonly #host: MediaHost;
  readonly #sent = new Map<MediaStreamTrack, Sent>();
  #connection: RTCPeerConnection;
  #offering = false;
  #waiting = 0;
  #taking: Promise<void> = Promise.resolve();
  #listening = new AbortController();

  constructor(connection: RTCPeerConnection, polite: boolean, host: MediaHost) {
    this.#connection = connection;
    this.#polite = polite;
    this.#host = host;
    this.#listen();
  }

  /** Sends a track from now on. Throws what `RTCPeerConnection.addTrack` throws. */
  add(track: MediaStreamTrack, streams: readonly MediaStream[]): RTCRtpSender {
    const sender = this.#connection.addTrack(track, ...streams);
    this.#sent.set(track, { streams, sender });
    return sender;
  }

  /** Ends the sending of a track; one that is not sent is no matter. */
  remove(track: MediaStreamTrack): void {
    const sent = this.#sent.get(track);
    if (sent === undefined) return;
    this.#sent.delete(track);
    this.#connection.removeTrack(sent.sender);
  }

  /** Looks for the best way anew, while the one in use still works. */
  restart(): void {
    this.#connection.restartIce();
  }

  /** The session goes on over another connection: what is sent is sent there. */
  use(connection: RTCPeerConnection): void {
    if (connection === this.#connection) return;
    this.#listening.abort();
    this.#connection = connection;
    this.#listen();
    for (const [track, sent] of this.#sent) sent.sender = connection.addTrack(track, ...sent.streams);
  }

  /** A signal of the peer; they are taken one after the other. */
  take(text: string): void {
    const signal = parse(text);
    if (signal === undefined) return this.#host.violation("malformed signal");
    if (this.#waiting >= signalsWaitingMax) return this.#host.violation("too many signals at once");
    this.#waiting += 1;
    const connection = this.#connection;
    this.#taking = this.#taking
      .then(() => (connection === this.#connection ? this.#apply(connection, signal) : undefined))
      .catch(() => {
        if (connection === this.#connection && connection.signalingState !== "closed")
          this.#host.violation("signal that does not fit");
      })
      .finally(() => (this.#waiting -= 1));
  }

  /** Nothing is sent or taken any more; the connection may live on. */
  close(): void {
    this.#listening.abort();
    if (this.#connection.signalingState !== "closed")
      for (const { sender } of this.#sent.values()) this.#connection.removeTrack(sender);
    this.#sent.clear();
  }

  #listen(): void {
    const connection = this.#connection;
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    const on = <Type extends keyof RTCPeerConnectionEventMap>(
      type: Type,
      listener: (event: RTCPeerConnectionEventMap[Type]) => void,
    ): void => connection.addEventListener(type, listener, { signal });
    on("negotiationneeded", () => void this.#offer(connection));
    on("icecandidate", ({ candidate }) => {
      if (candidate !== null) this.#say({ candidate: candidate.toJSON() });
    });
    on("track", ({ track, streams, receiver }) => this.#host.track({ track, streams, receiver }));
  }

  async #offer(connection: RTCPeerConnection): Promise<void> {
    this.#offering = true;
    try {
      await this.#describe(connection);
    } catch {
      // The connection has ended, or what was wanted no longer is: both are told otherwise.
    } finally {
      this.#offering = false;
    }
  }

  async #describe(connection: RTCPeerConnection): Promise<void> {
    await connection.setLocalDescription();
    const { localDescription } = connection;
    if (localDescription !== null && connection === this.#connection)
      this.#say({ description: localDescription.toJSON() });
  }

  async #apply(connection: RTCPeerConnection, signal: Signal): Promise<void> {
    // A candidate of an offer that was not taken, or of an earlier connection, fits nowhere.
    if ("candidate" in signal)
      return connection.addIceCandidate(signal.candidate).catch(() => undefined);
    const { description } = signal;
    const known = connection.remoteDescription?.sdp ?? "";
    if (originOf(description.sdp) !== originOf(known)) return;
    // The link's proof holds for these keys and no others.
    if (fingerprintsOf(description.sdp) !== fingerprintsOf(known))
      return this.#host.violation("signal with another key");
    const crossed =
      description.type === "offer" && (this.#offering || connection.signalingState !== "stable");
    if (crossed && !this.#polite) return;
    await connection.setRemoteDescription(description);
    if (description.type === "offer") await this.#describe(connection);
  }

  #say(signal: Signal): void {
    this.#host.signal(JSON.stringify(signal));
  }
}

function parse(text: string): Signal | undefined {
  try {
    const { description, candidate } = JSON.parse(text) as Record<string, unknown>;
    if (typeof candidate === "object" && candidate !== null) return { candidate };
    const { type, sdp } = description as Record<string, unknown>;
    if ((type !== "offer" && type !== "answer") || typeof sdp !== "string") return undefined;
    return sectionsOf(sdp) > mediaSectionsMax ? undefined : { description: { type, sdp } };
  } catch {
    return undefined;
  }
}

function sectionsOf(sdp: string): number {
  return sdp.match(/^m=/gm)?.length ?? 0;
}

function originOf(sdp = ""): string {
  return /^o=\S+ (\S+)/m.exec(sdp)?.[1] ?? "";
}

/** Each of a description's fingerprints once, in an order that says nothing. */
function fingerprintsOf(sdp = ""): string {
  const all = sdp.match(/^a=fingerprint:.*$/gm) ?? [];
  return [...new Set(all.map((line) => line.trim().toUpperCase()))].sort().join();
}
