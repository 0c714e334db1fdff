import assert from "node:assert/strict";
import { test } from "node:test";
import { MembraneError } from "../src/error.js";
import { mediaSectionsMax, signalsWaitingMax } from "../src/media.js";
import { pieceFirst, pieceLast, pieceSignal, signalBytesMax } from "../src/pieces.js";
import { Session } from "../src/session.js";
import { FakePipe, sessionWith } from "./fake_pipe.js";

type Description = { type: "offer" | "answer"; sdp: string };

const sdp = (origin: number, key: string, sections = 1): string =>
  [
    "v=0",
    `o=- ${origin} 2 IN IP4 127.0.0.1`,
    `a=fingerprint:sha-256 ${key}`,
    ...Array.from({ length: sections }, () => "m=audio 9 UDP/TLS/RTP/SAVPF 111"),
    "",
  ].join("\r\n");

/** What carries one track each way, as the browser has it. */
class FakeWay {
  direction: RTCRtpTransceiverDirection = "sendrecv";
  readonly receiver: { track: { kind: string } };
  readonly sender;

  constructor(track: MediaStreamTrack, asked: string[]) {
    this.receiver = { track: { kind: track.kind } };
    const sender = {
      track: track as MediaStreamTrack | null,
      setStreams: () => undefined,
      replaceTrack: async (next: MediaStreamTrack | null) => {
        asked.push(`replace ${next?.id}`);
        await Promise.resolve();
        sender.track = next;
      },
    };
    this.sender = sender;
  }

  stop(): void {
    this.direction = "stopped";
  }
}

/**
 * The state of a connection that is up, and what is asked of it. It tells `negotiationneeded` once
 * until something is negotiated, which outlives a session.
 */
class FakeConnection extends EventTarget {
  signalingState: RTCSignalingState = "stable";
  readonly asked: string[] = [];
  remoteDescription: Description = { type: "answer", sdp: sdp(7, "AA:BB") };
  localDescription: (Description & { toJSON(): Description }) | null = null;
  /** Kept back until it is called. */
  applied: (() => void) | undefined;
  /** Whether `setRemoteDescription` waits for `applied`. */
  slow = false;
  refuses = false;
  readonly ways: FakeWay[] = [];
  #needed = false;

  addTransceiver(track: MediaStreamTrack): FakeWay {
    const way = new FakeWay(track, this.asked);
    this.ways.push(way);
    this.asked.push(`add ${track.id}`);
    this.#need();
    return way;
  }

  getTransceivers(): FakeWay[] {
    return [...this.ways];
  }

  restartIce(): void {
    this.asked.push("restart");
    this.#need();
  }

  #need(): void {
    if (this.#needed) return;
    this.#needed = true;
    queueMicrotask(() => this.dispatchEvent(new Event("negotiationneeded")));
  }

  async setLocalDescription(wanted?: { type: "rollback" }): Promise<void> {
    await Promise.resolve();
    if (wanted !== undefined) {
      this.signalingState = "stable";
      return;
    }
    const type = this.signalingState === "have-remote-offer" ? "answer" : "offer";
    this.signalingState = type === "answer" ? "stable" : "have-local-offer";
    const description: Description = { type, sdp: sdp(3, "CC:DD") };
    this.localDescription = { ...description, toJSON: () => description };
  }

  async setRemoteDescription(description: Description): Promise<void> {
    if (this.slow) await new Promise<void>((resolve) => (this.applied = resolve));
    const fits = description.type === "offer" ? "stable" : "have-local-offer";
    if (this.refuses || this.signalingState !== fits) throw new DOMException("no", "OperationError");
    this.asked.push(`take ${description.type}`);
    this.signalingState = description.type === "offer" ? "have-remote-offer" : "stable";
    if (description.type === "answer") this.#needed = false;
  }

  async addIceCandidate(): Promise<void> {
    this.asked.push("candidate");
    await Promise.reject(new DOMException("unknown ufrag", "OperationError"));
  }
}

const trackOf = (id: string): MediaStreamTrack => ({ id, kind: "video" }) as MediaStreamTrack;

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; ++turn) await new Promise((resolve) => setImmediate(resolve));
};

function talk(leads = true, connection = new FakeConnection()): {
  session: Session;
  pipe: FakePipe;
  connection: FakeConnection;
  hear: (signal: unknown) => Promise<void>;
  said: () => Record<string, unknown>[];
} {
  const pipe = new FakePipe();
  Object.assign(pipe, { leads });
  pipe.connection = connection as unknown as RTCPeerConnection;
  const session = new Session("peer", pipe, 1_000_000);
  let number = 0;
  const hear = (signal: unknown): Promise<void> => {
    const text = typeof signal === "string" ? signal : JSON.stringify({ of: "7", ...(signal as object) });
    const data = new TextEncoder().encode(text);
    session.takePiece(number++, pieceFirst | pieceLast | pieceSignal, data.length, data);
    return settled();
  };
  const said = (): Record<string, unknown>[] =>
    pipe
      .take()
      .filter(({ flags }) => (flags & pieceSignal) !== 0)
      .map(({ data }) => JSON.parse(new TextDecoder().decode(data)) as Record<string, unknown>);
  return { session, pipe, connection, hear, said };
}

const outline = (signal: Record<string, unknown>): unknown =>
  signal["turn"] ?? (signal["description"] as Description).type;

const offer = (text = sdp(7, "AA:BB")): unknown => ({ description: { type: "offer", sdp: text } });

test("a track is offered over the session, and its answer taken", async () => {
  const { session, pipe, connection, hear, said } = talk();
  assert.equal(session.addTrack(trackOf("camera")).track?.id, "camera");
  await settled();
  assert.deepEqual(
    said().map(({ description }) => (description as Description).type),
    ["offer"],
  );
  await hear({ description: { type: "answer", sdp: sdp(7, "aa:bb") } });
  assert.deepEqual(connection.asked, ["add camera", "take answer"]);
  session.removeTrack(trackOf("unknown"));
  assert.equal(pipe.closes, 0);
});

test("the leader's offer is answered, and its track told to the first listener", async () => {
  const { session, connection, hear, said } = talk(false);
  await hear(offer());
  assert.equal((said()[0]?.["description"] as Description).type, "answer");
  const detail = { track: trackOf("theirs"), streams: [], receiver: {} };
  connection.dispatchEvent(Object.assign(new Event("track"), detail));
  const before = { ...trackOf("of the session before"), readyState: "ended" };
  connection.dispatchEvent(Object.assign(new Event("track"), { ...detail, track: before }));
  const heard: string[] = [];
  session.on("track", ({ track }) => heard.push(track.id));
  await settled();
  assert.deepEqual(heard, ["theirs"]);
});

test("who does not lead asks for the turn, offers when it is given, and gives it back", async () => {
  const { session, pipe, connection, hear, said } = talk(false);
  session.addTrack(trackOf("camera"));
  await settled();
  await hear(offer());
  assert.deepEqual(said().map(outline), ["ask", "answer"]);
  session.addTrack(trackOf("screen"));
  await settled();
  assert.deepEqual(said().map(outline), []);
  await hear({ turn: "give" });
  assert.deepEqual(said().map(outline), ["offer"]);
  await hear({ description: { type: "answer", sdp: sdp(7, "AA:BB") } });
  await hear(offer());
  assert.deepEqual(said().map(outline), ["answer"]);
  assert.deepEqual(connection.asked.filter((asked) => asked.startsWith("take")), [
    "take offer",
    "take answer",
    "take offer",
  ]);
  assert.equal(pipe.closes, 0);
});

test("the leader gives the turn once its own offer is done, and waits for that of the other", async () => {
  const { session, pipe, hear, said } = talk();
  session.addTrack(trackOf("camera"));
  await hear({ turn: "ask" });
  assert.deepEqual(said().map(outline), ["offer"]);
  await hear({ description: { type: "answer", sdp: sdp(7, "AA:BB") } });
  assert.deepEqual(said().map(outline), ["give"]);
  session.addTrack(trackOf("screen"));
  await settled();
  assert.deepEqual(said().map(outline), []);
  await hear(offer());
  assert.deepEqual(said().map(outline), ["answer", "offer"]);
  assert.equal(pipe.closes, 0);
});

test("another link carries the tracks on; what the earlier one still says is dropped", async () => {
  const { session, pipe, hear, said } = talk();
  session.addTrack(trackOf("camera"));
  await settled();
  said();
  const next = new FakeConnection();
  next.remoteDescription = { type: "answer", sdp: sdp(8, "AA:BB") };
  pipe.connection = next as unknown as RTCPeerConnection;
  session.linkChanged();
  await settled();
  assert.deepEqual([next.asked, said().length], [["add camera"], 1]);
  await hear(offer());
  assert.deepEqual([next.asked, said()], [["add camera"], []]);
  assert.equal(pipe.closes, 0);
});

test("another network restarts ICE, and candidates that do not fit are no matter", async () => {
  const { session, pipe, connection, hear, said } = talk();
  session.networkChanged();
  await hear({ candidate: { candidate: "candidate:1", sdpMid: "0" } });
  assert.deepEqual([connection.asked, pipe.closes], [["restart", "candidate"], 0]);
  assert.deepEqual(said().map(outline), ["offer"]);
});

test("a session offers what the one before over the same link has left unsaid", async () => {
  const first = talk();
  const camera = trackOf("camera");
  first.session.addTrack(camera);
  await settled();
  await first.hear({ description: { type: "answer", sdp: sdp(7, "AA:BB") } });
  first.session.addTrack(trackOf("screen"));
  first.session.end("closed");
  const { session, said } = talk(true, first.connection);
  session.addTrack(camera);
  await settled();
  assert.deepEqual(said().map(outline), ["offer"]);
});

test("an offer that has no answer when its session ends is made again in the next", async () => {
  const first = talk();
  first.session.addTrack(trackOf("camera"));
  await settled();
  assert.equal(first.connection.signalingState, "have-local-offer");
  first.session.end("closed");
  const { session, connection, hear, said } = talk(true, first.connection);
  session.addTrack(trackOf("camera"));
  await settled();
  assert.deepEqual(said().map(outline), ["offer"]);
  await hear({ description: { type: "answer", sdp: sdp(7, "AA:BB") } });
  assert.equal(connection.signalingState, "stable");
});

test("an offer that was never heard of gives way to the leader's in the next session", async () => {
  const first = talk(false);
  first.session.addTrack(trackOf("camera"));
  await settled();
  await first.hear({ turn: "give" });
  first.session.end("closed");
  const { pipe, hear, said } = talk(false, first.connection);
  await hear(offer());
  assert.deepEqual([said().map(outline), pipe.closes], [["answer"], 0]);
});

test("whose offer was answered last, perhaps unheard, offers first in the next session", async () => {
  const first = talk();
  first.session.addTrack(trackOf("camera"));
  first.connection.remoteDescription = { type: "offer", sdp: sdp(7, "AA:BB") };
  first.session.end("closed");
  const { session, hear, said } = talk(true, first.connection);
  session.addTrack(trackOf("screen"));
  await settled();
  await hear(offer());
  assert.deepEqual(said().map(outline), ["give", "answer", "offer"]);
});

test("a track that comes and goes takes no more room", async () => {
  const { session, connection, hear, said } = talk();
  const camera = trackOf("camera");
  for (let times = 0; times < 40; ++times) {
    session.addTrack(camera);
    await settled();
    await hear({ description: { type: "answer", sdp: sdp(7, "AA:BB") } });
    session.removeTrack(camera);
    await settled();
    await hear({ description: { type: "answer", sdp: sdp(7, "AA:BB") } });
  }
  assert.equal(said().length, 80);
  assert.equal(connection.ways.length, 1);
  // In one turn: the last word counts.
  session.addTrack(camera);
  session.removeTrack(camera);
  await settled();
  const [way] = connection.ways;
  assert.deepEqual([way?.direction, way?.sender.track], ["recvonly", null]);
  session.addTrack(camera);
  session.addTrack(trackOf("screen"));
  assert.equal(connection.ways.length, 2);
});

test("the end of a session ends what it sent", async () => {
  const { session, connection, hear } = talk();
  session.addTrack(trackOf("camera"));
  session.end("closed");
  await hear(offer());
  assert.deepEqual(connection.ways[0]?.direction, "stopped");
  assert.deepEqual(connection.asked, ["add camera"]);
  assert.throws(
    () => session.addTrack(trackOf("screen")),
    (error) => error instanceof MembraneError && error.code === "closed",
  );
});

test("no track, or one that is sent already, is told so; a relayed session carries none", () => {
  const { session } = talk();
  const camera = trackOf("camera");
  session.addTrack(camera);
  const throws = (who: Session, code: string): void =>
    assert.throws(
      () => who.addTrack(camera),
      (error) => error instanceof MembraneError && error.code === code,
    );
  throws(session, "invalid-argument");
  throws(sessionWith().session, "unsupported");
});

test("signals that break a rule end the session", async () => {
  const crowd = sdp(7, "AA:BB", mediaSectionsMax + 1);
  const attacks: [string, unknown][] = [
    ["no JSON", "{"],
    ["nothing known", { hello: 1 }],
    ["null", "null"],
    ["no origin", { of: 7, ...(offer() as object) }],
    ["an offer out of turn", offer()],
    ["a turn that is not theirs to give", { turn: "give" }],
    ["a rollback", { description: { type: "rollback", sdp: "" } }],
    ["no description", { description: { type: "offer", sdp: 7 } }],
    ["another key", offer(sdp(7, "EE:FF"))],
    ["one more key", offer(`${sdp(7, "AA:BB")}a=fingerprint:sha-256 EE:FF\r\n`)],
    ["a crowd of sections", offer(crowd)],
    ["too much", offer(`${sdp(7, "AA:BB")}${"x".repeat(signalBytesMax)}`)],
  ];
  for (const [name, signal] of attacks) {
    const { pipe, connection, hear } = talk(name.includes("turn"));
    await hear(signal);
    assert.deepEqual([name, pipe.closes, connection.asked], [name, 1, []]);
  }
});

test("what the browser refuses ends the session, and so do more than it can take", async () => {
  const refused = talk(false);
  refused.connection.refuses = true;
  await refused.hear(offer());
  assert.equal(refused.pipe.closes, 1);

  const flooded = talk(false);
  flooded.connection.slow = true;
  await flooded.hear(offer()); // which the browser is at
  for (let i = 0; i < signalsWaitingMax; ++i) void flooded.hear(offer());
  await settled();
  assert.equal(flooded.pipe.closes, 0);
  await flooded.hear(offer());
  assert.equal(flooded.pipe.closes, 1);
});

test("a signal in a relayed session ends it", async () => {
  const { session, pipe } = sessionWith();
  const data = new TextEncoder().encode(JSON.stringify(offer()));
  session.takePiece(0, pieceFirst | pieceLast | pieceSignal, data.length, data);
  await settled();
  assert.equal(pipe.closes, 1);
});
