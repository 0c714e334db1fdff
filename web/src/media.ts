/**
 * Tracks beside a session's messages, and ICE restarts: whatever asks for new descriptions of the
 * connection under the session. They travel as signals within the session, so only a peer that we
 * talk to can ask for any, and no server is needed.
 *
 * One side at a time may offer, so offers never cross: taking one back is where browsers err (Chromium
 * leaves tracks mute). The leader, by its id, offers when it likes; the other asks it for the turn,
 * makes one offer, and the turn goes back with the answer.
 *
 * A signal is of the connection whose session id (RFC 8866, 5.2) it names, which never changes; one
 * of an earlier connection is dropped. The peer is not trusted: a signal that breaks a rule ends the
 * session.
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
  /** Silent (`muted`) while it is not sent. */
  readonly track: MediaStreamTrack;
  /** Those that the peer named, in its order. */
  readonly streams: readonly MediaStream[];
  /** For statistics and the jitter buffer. */
  readonly receiver: RTCRtpReceiver;
}

/** Of a peer that is quicker than this browser; most are candidates. */
export const signalsWaitingMax = 64;
/** One for data, others for tracks: far more than a screen has room for. */
export const mediaSectionsMax = 32;

interface Sent {
  readonly streams: readonly MediaStream[];
  readonly way: RTCRtpTransceiver;
}

type Content =
  | { readonly description: RTCSessionDescriptionInit }
  | { readonly candidate: RTCIceCandidateInit }
  /** The other side wants the turn, or is given it. */
  | { readonly turn: "ask" | "give" };

/** `of` is the sender's session id of the connection. */
type Signal = Content & { readonly of: string };

export class Media {
  readonly #leads: boolean;
  readonly #host: MediaHost;
  readonly #sent = new Map<MediaStreamTrack, Sent>();
  /** Those that we have made on this connection: never more than tracks at once. */
  #ways: RTCRtpTransceiver[] = [];
  #connection: RTCPeerConnection;
  /** Something is to be offered. */
  #wanted = false;
  /** We wait for the answer to our offer. */
  #offered = false;
  /** Whose offer may come next; the leader's, while it gives the turn to nobody. */
  #ourTurn: boolean;
  /** The leader: the other side waits for the turn. The other: we have asked for it. */
  #asked = false;
  #waiting = 0;
  #work: Promise<void> = Promise.resolve();
  #listening = new AbortController();

  constructor(connection: RTCPeerConnection, leads: boolean, host: MediaHost) {
    this.#connection = connection;
    this.#leads = this.#ourTurn = leads;
    this.#host = host;
    this.#listen();
  }

  /** Sends a track from now on. Throws for what is no track, or is sent already. */
  add(track: MediaStreamTrack, streams: readonly MediaStream[]): RTCRtpSender {
    if (this.#sent.has(track) || !track.kind) throw new TypeError("no track, or sent already");
    const way = this.#send(track, streams);
    this.#sent.set(track, { streams, way });
    this.#want();
    return way.sender;
  }

  /** Ends the sending of a track; one that is not sent is no matter. */
  remove(track: MediaStreamTrack): void {
    const way = this.#sent.get(track)?.way;
    if (way === undefined) return;
    this.#sent.delete(track);
    // Not `removeTrack`, which overlooks a track that is still on its way into its sender.
    way.sender.replaceTrack(null).catch(ignore);
    if (way.direction === "stopped") return;
    way.direction = "recvonly";
    this.#want();
  }

  /** Looks for the best way anew, while the one in use still works. */
  restart(): void {
    this.#connection.restartIce();
    this.#want();
  }

  /** The session goes on over another connection: what is sent is sent there. */
  use(connection: RTCPeerConnection): void {
    if (connection === this.#connection) return;
    this.#listening.abort();
    this.#connection = connection;
    this.#listen();
    // Of the new connection none has a way yet.
    this.#ways = [];
    const sent = [...this.#sent];
    this.#sent.clear();
    for (const [track, { streams }] of sent) this.add(track, streams);
  }

  /** A signal of the peer; they are taken one after the other. */
  take(text: string): void {
    const signal = parse(text);
    if (signal === undefined) return this.#host.violation("malformed signal");
    if (this.#waiting >= signalsWaitingMax) return this.#host.violation("too many signals at once");
    this.#waiting += 1;
    this.#next(async (connection) => {
      this.#waiting -= 1;
      if (signal.of === originOf(connection.remoteDescription)) await this.#apply(connection, signal);
    });
  }

  /**
   * Nothing is sent or taken any more; the connection may live on. The next session's first offer
   * tells what has stopped, and its tracks are new ones: of those from before no event would come.
   */
  close(): void {
    this.#listening.abort();
    if (this.#connection.signalingState !== "closed")
      for (const way of this.#connection.getTransceivers()) way.stop();
    this.#sent.clear();
  }

  /**
   * Over a way of ours that is free, if any. Not by `addTrack`, which takes none that has sent
   * before, and in Chromium fails while one is stopping.
   */
  #send(track: MediaStreamTrack, streams: readonly MediaStream[]): RTCRtpTransceiver {
    const taken = [...this.#sent.values()].map(({ way }) => way);
    const free = this.#ways.find(
      (way) => way.receiver.track.kind === track.kind && !taken.includes(way),
    );
    if (free === undefined) {
      const way = this.#connection.addTransceiver(track, { streams: [...streams] });
      this.#ways.push(way);
      return way;
    }
    free.sender.setStreams(...streams);
    free.direction = "sendrecv";
    free.sender.replaceTrack(track).catch(ignore);
    return free;
  }

  #listen(): void {
    const connection = this.#connection;
    this.#listening = new AbortController();
    this.#ourTurn = this.#leads;
    this.#wanted = this.#offered = false;
    // The answer to what the other offered last may be lost with its session: it offers first.
    this.#asked =
      this.#leads &&
      connection.signalingState === "stable" &&
      connection.remoteDescription?.type === "offer" &&
      connection.getTransceivers().length > 0;
    const { signal } = this.#listening;
    const on = <Type extends keyof RTCPeerConnectionEventMap>(
      type: Type,
      listener: (event: RTCPeerConnectionEventMap[Type]) => void,
    ): void => connection.addEventListener(type, listener, { signal });
    on("icecandidate", ({ candidate }) => {
      if (candidate !== null) this.#say({ candidate: candidate.toJSON() });
    });
    on("track", ({ track, streams, receiver }) => {
      // Chromium tells once more of those that ended with the session before.
      if (track.readyState !== "ended") this.#host.track({ track, streams, receiver });
    });
  }

  /**
   * Not left to `negotiationneeded`: what a session has left unsaid keeps it from coming in the next.
   */
  #want(): void {
    this.#wanted = true;
    this.#next((connection) => this.#proceed(connection));
  }

  /** After all that is under way; not at all, if by then the connection is another one. */
  #next(work: (connection: RTCPeerConnection) => Promise<void>): void {
    const connection = this.#connection;
    const { signal } = this.#listening;
    this.#work = this.#work
      .then(() => (signal.aborted ? undefined : work(connection)))
      .catch(() => {
        if (!signal.aborted && connection.signalingState !== "closed")
          this.#host.violation("signal that does not fit");
      });
  }

  /**
   * Offers, asks for the turn or gives it away, if there is reason and nothing else is open. An offer
   * that an earlier session left without an answer is made again, with what is new.
   */
  async #proceed(connection: RTCPeerConnection): Promise<void> {
    if (this.#offered) return;
    const stable = connection.signalingState === "stable";
    if (this.#leads && this.#ourTurn && this.#asked && stable) {
      this.#asked = this.#ourTurn = false;
      this.#say({ turn: "give" });
    } else if (this.#ourTurn && (this.#wanted || this.#asked)) {
      this.#wanted = false;
      this.#offered = true;
      await this.#describe(connection);
    } else if (!this.#leads && this.#wanted && !this.#asked) {
      this.#asked = true;
      this.#say({ turn: "ask" });
    }
  }

  async #describe(connection: RTCPeerConnection): Promise<void> {
    await connection.setLocalDescription();
    const { localDescription } = connection;
    if (localDescription !== null) this.#say({ description: localDescription.toJSON() });
  }

  async #apply(connection: RTCPeerConnection, signal: Signal): Promise<void> {
    // A candidate may be of an offer that ICE has left behind.
    if ("candidate" in signal)
      return connection.addIceCandidate(signal.candidate).catch(() => undefined);
    if ("turn" in signal) return this.#turn(connection, signal.turn);
    const { description } = signal;
    // The link's proof holds for these keys and no others.
    if (fingerprintsOf(description) !== fingerprintsOf(connection.remoteDescription))
      return this.#host.violation("signal with another key");
    const offered = description.type === "offer";
    if (offered && this.#ourTurn) return this.#host.violation("offer out of turn");
    // Left by an earlier session, and never heard of by the other side.
    if (offered && connection.signalingState === "have-local-offer")
      await connection.setLocalDescription({ type: "rollback" });
    await connection.setRemoteDescription(description);
    if (offered) await this.#describe(connection);
    // The turn goes back to the leader with its answer, or with the one that it gets.
    this.#ourTurn = this.#leads;
    this.#offered = false;
    await this.#proceed(connection);
  }

  async #turn(connection: RTCPeerConnection, turn: "ask" | "give"): Promise<void> {
    if (this.#leads !== (turn === "ask")) return this.#host.violation("turn that is not theirs");
    if (turn === "ask") this.#asked = true;
    else {
      this.#asked = false;
      this.#ourTurn = this.#wanted = true;
    }
    await this.#proceed(connection);
  }

  #say(content: Content): void {
    const signal: Signal = { of: originOf(this.#connection.localDescription), ...content };
    this.#host.signal(JSON.stringify(signal));
  }
}

function ignore(): void {}

function parse(text: string): Signal | undefined {
  try {
    const { of, description, candidate, turn } = JSON.parse(text) as Record<string, unknown>;
    if (typeof of !== "string") return undefined;
    if (turn === "ask" || turn === "give") return { of, turn };
    if (typeof candidate === "object" && candidate !== null) return { of, candidate };
    const { type, sdp } = description as Record<string, unknown>;
    if ((type !== "offer" && type !== "answer") || typeof sdp !== "string") return undefined;
    const sections = sdp.match(/^m=/gm)?.length ?? 0;
    return sections > mediaSectionsMax ? undefined : { of, description: { type, sdp } };
  } catch {
    return undefined;
  }
}

type Description = RTCSessionDescriptionInit | null;

function originOf(description: Description): string {
  return /^o=\S+ (\S+)/m.exec(description?.sdp ?? "")?.[1] ?? "";
}

/** Each of a description's fingerprints once, in an order that says nothing. */
function fingerprintsOf(description: Description): string {
  const all = description?.sdp?.match(/^a=fingerprint:.*$/gm) ?? [];
  return [...new Set(all.map((line) => line.trim().toUpperCase()))].sort().join();
}
