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
  sender: RTCRtpSender;
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
  #connection: RTCPeerConnection;
  /** Something is to be offered. */
  #wanted = false;
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
    this.#next(async (connection) => {
      this.#waiting -= 1;
      if (signal.of === originOf(connection.remoteDescription)) await this.#apply(connection, signal);
    });
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
    this.#ourTurn = this.#leads;
    this.#wanted = this.#asked = false;
    const { signal } = this.#listening;
    const on = <Type extends keyof RTCPeerConnectionEventMap>(
      type: Type,
      listener: (event: RTCPeerConnectionEventMap[Type]) => void,
    ): void => connection.addEventListener(type, listener, { signal });
    on("negotiationneeded", () => {
      this.#wanted = true;
      this.#next(() => this.#proceed(connection));
    });
    on("icecandidate", ({ candidate }) => {
      if (candidate !== null) this.#say({ candidate: candidate.toJSON() });
    });
    on("track", ({ track, streams, receiver }) => this.#host.track({ track, streams, receiver }));
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

  /** Offers, asks for the turn or gives it away, if there is reason and nothing else is open. */
  async #proceed(connection: RTCPeerConnection): Promise<void> {
    if (connection.signalingState !== "stable") return;
    if (this.#wanted && this.#ourTurn) {
      this.#wanted = false;
      return this.#describe(connection);
    }
    if (this.#leads && this.#ourTurn && this.#asked) {
      this.#asked = this.#ourTurn = false;
      this.#say({ turn: "give" });
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
    await connection.setRemoteDescription(description);
    if (offered) await this.#describe(connection);
    // The turn goes back to the leader with its answer, or with the one that it gets.
    this.#ourTurn = this.#leads;
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
