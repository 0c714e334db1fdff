import assert from "node:assert/strict";
import { test } from "node:test";
import { candidatesQueuedMax, Connection, controlBufferMax, earlyFramesMax, settling_ms } from "../src/connection.js";
import { FakeTimers } from "./fake_timers.js";

const timers = new FakeTimers();

type Handler = ((event: unknown) => void) | null;

class Channel {
  readyState = "connecting";
  bufferedAmount = 0;
  sent: unknown[] = [];
  onopen: Handler = null;
  onclose: Handler = null;
  onerror: Handler = null;
  onmessage: Handler = null;
  onbufferedamountlow: Handler = null;

  constructor(
    readonly label: string,
    readonly options: RTCDataChannelInit,
  ) {}

  send(data: unknown): void {
    if (this.readyState !== "open") throw new Error("not open");
    this.sent.push(data);
  }

  close(): void {
    this.readyState = "closed";
  }

  open(): void {
    if (this.readyState !== "connecting") return;
    this.readyState = "open";
    this.onopen?.({});
  }
}

/** A peer connection that does what the test says, and keeps what is done to it. */
class Peer {
  readonly channels: Channel[] = [];
  readonly candidates: unknown[] = [];
  connectionState = "new";
  localDescription = { type: "offer", sdp: "local" };
  closed = false;
  failing = false;
  described = 0;
  onicecandidate: Handler = null;
  onconnectionstatechange: Handler = null;
  readonly remote = resolvers();

  createDataChannel(label: string, options: RTCDataChannelInit): Channel {
    const channel = new Channel(label, options);
    this.channels.push(channel);
    return channel;
  }

  async setLocalDescription(): Promise<void> {
    this.described++;
    if (this.failing) throw new Error("no");
  }

  setRemoteDescription(): Promise<void> {
    return this.remote.promise;
  }

  async addIceCandidate(candidate: unknown): Promise<void> {
    this.candidates.push(candidate);
    throw new Error("unusable");
  }

  close(): void {
    this.closed = true;
  }
}

function resolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

function connect(): { connection: Connection; peer: Peer; events: unknown[] } {
  const peer = new Peer();
  const events: unknown[] = [];
  const connection = new Connection(peer as unknown as RTCPeerConnection, {
    described: (sdp) => events.push(["described", sdp]),
    candidate: (candidate) => events.push(["candidate", candidate]),
    opened: () => events.push("opened"),
    disturbed: () => events.push("disturbed"),
    received: (channel, data) => events.push([channel, [...data]]),
    closed: () => events.push("closed"),
  });
  return { connection, peer, events };
}

const settle = (): Promise<void> => new Promise(setImmediate);

test("has the two channels of a link, agreed beforehand and ordered", () => {
  const { peer } = connect();
  assert.deepEqual(
    peer.channels.map(({ label, options }) => [label, options]),
    [
      ["control", { negotiated: true, id: 0, ordered: true }],
      ["application", { negotiated: true, id: 1, ordered: true }],
    ],
  );
});

test("what comes over one channel before the other is open waits, within a limit", () => {
  const { peer, events } = connect();
  const [control, application] = peer.channels as [Channel, Channel];
  control.open();
  control.onmessage?.({ data: new Uint8Array([7]).buffer });
  control.onmessage?.({ data: new Uint8Array([8]).buffer });
  assert.deepEqual(events, []);
  application.open();
  assert.deepEqual(events, ["opened", [0, [7]], [0, [8]]]);

  const hasty = connect();
  hasty.peer.channels[1]?.open();
  for (let i = 0; i <= earlyFramesMax; i++)
    hasty.peer.channels[1]?.onmessage?.({ data: new ArrayBuffer(1) });
  assert.deepEqual(hasty.events, ["closed"]);
});

test("ends when it is closed from outside, though Firefox then throws when asked for descriptions", async () => {
  const { connection, peer, events } = connect();
  connection.offer();
  await settle();
  Object.defineProperty(peer, "localDescription", {
    get: () => {
      throw new Error("Peer connection is closed");
    },
  });
  peer.connectionState = "closed";
  peer.onconnectionstatechange?.({});
  assert.equal(events.at(-1), "closed");
  assert.equal(connection.report.stage, "signalling");
});

test("is open once both channels are, and passes on what they bring", () => {
  const { connection, peer, events } = connect();
  const [control, application] = peer.channels as [Channel, Channel];
  application.open();
  assert.deepEqual(events, []);
  control.open();
  assert.deepEqual(events, ["opened"]);
  control.onmessage?.({ data: new Uint8Array([1, 2]).buffer });
  application.onmessage?.({ data: new ArrayBuffer(0) });
  assert.deepEqual(events.slice(1), [
    [0, [1, 2]],
    [1, []],
  ]);
  connection.send(0, new Uint8Array(1));
  connection.send(1, new Uint8Array(2));
  assert.deepEqual([control.sent.length, application.sent.length], [1, 1]);
});

test("tells its description, then candidates, but not that there are no more", async () => {
  const { connection, peer, events } = connect();
  connection.offer();
  await settle();
  peer.onicecandidate?.({ candidate: { candidate: "c", sdpMid: "0" } });
  peer.onicecandidate?.({ candidate: { candidate: "" } });
  peer.onicecandidate?.({ candidate: null });
  assert.deepEqual(events, [
    ["described", "local"],
    ["candidate", '{"candidate":"c","sdpMid":"0"}'],
  ]);
});

test("candidates wait for the remote description, as many as may", async () => {
  const { connection, peer, events } = connect();
  connection.answer("remote");
  for (let index = 0; index < candidatesQueuedMax + 10; index++) {
    connection.addCandidate(`{"candidate":"${index}"}`);
  }
  assert.equal(peer.candidates.length, 0);
  peer.remote.resolve();
  await settle();
  assert.equal(peer.candidates.length, candidatesQueuedMax);
  assert.deepEqual(peer.candidates[1], { candidate: "1" });
  connection.addCandidate('{"candidate":"late"}');
  connection.addCandidate("");
  connection.addCandidate("{");
  assert.deepEqual(peer.candidates.slice(-2), [{ candidate: "late" }, undefined]);
  await settle();
  assert.deepEqual(events, [["described", "local"]], "bad candidates are passed over");
});

test("whatever fails ends in closed, once, and lets everything go", async (t) => {
  timers.install();
  t.after(() => timers.uninstall());
  const failures: ((connection: Connection, peer: Peer) => void)[] = [
    (_, { channels }) => channels[0]?.onclose?.({}),
    (_, { channels }) => channels[1]?.onerror?.({}),
    (_, { channels }) => channels[0]?.onmessage?.({ data: "text" }),
    (connection) => connection.send(0, new Uint8Array(1)),
    (_, peer) => {
      peer.connectionState = "failed";
      peer.onconnectionstatechange?.({});
    },
    (connection, peer) => {
      peer.failing = true;
      connection.offer();
    },
    (connection, peer) => {
      peer.channels[0]?.open();
      (peer.channels[0] as Channel).bufferedAmount = controlBufferMax + 1;
      connection.send(0, new Uint8Array(1));
    },
  ];
  for (const fail of failures) {
    const { connection, peer, events } = connect();
    fail(connection, peer);
    fail(connection, peer);
    await settle();
    assert.deepEqual(events, ["closed"], String(fail));
    timers.tick(settling_ms);
    assert.ok(peer.closed, String(fail));
    assert.ok(
      peer.channels.every(({ readyState, onmessage }) => readyState === "closed" && !onmessage),
    );
    await connection.close();
    assert.deepEqual(events, ["closed"]);
  }
});

test("a disconnected connection may come back; once it was open each time is told", () => {
  const { peer, events } = connect();
  const become = (state: string): void => {
    peer.connectionState = state;
    peer.onconnectionstatechange?.({});
  };
  become("disconnected");
  assert.deepEqual(events, []);
  for (const channel of peer.channels) channel.open();
  for (const state of ["connected", "disconnected", "connected", "disconnected"]) become(state);
  assert.deepEqual(events, ["opened", "disturbed", "disturbed"]);
  become("failed");
  assert.deepEqual(events.slice(3), ["closed"]);
  peer.connectionState = "disconnected";
  assert.equal(peer.onconnectionstatechange, null);
});

test("closing lets the last words leave, for a quarter of a second at most", async (t) => {
  timers.install();
  t.after(() => timers.uninstall());
  for (const late of [false, true]) {
    const { connection, peer, events } = connect();
    const control = peer.channels[0] as Channel;
    for (const channel of peer.channels) channel.open();
    control.bufferedAmount = 10;
    const closed = connection.close();
    await Promise.resolve();
    assert.equal(peer.closed, false);
    if (late) timers.tick(250);
    else control.onbufferedamountlow?.({});
    await closed;
    timers.tick(settling_ms);
    assert.ok(peer.closed);
    assert.deepEqual(events, ["opened"]);
  }
});

test("a connection is closed a second after its last change, else Chromium never collects it", async (t) => {
  timers.install();
  t.after(() => timers.uninstall());
  let now_ms = 5000;
  t.mock.method(performance, "now", () => now_ms);
  const changes: ((connection: Connection, peer: Peer) => void)[] = [
    (connection) => connection.offer(),
    (connection) => connection.answer("remote"),
    (_, peer) => peer.onconnectionstatechange?.({}),
    (_, { channels }) => channels.forEach((channel) => channel.open()),
  ];
  for (const change of changes) {
    const { connection, peer } = connect();
    change(connection, peer);
    now_ms += settling_ms - 1;
    void connection.close();
    assert.ok(peer.channels.every(({ readyState }) => readyState === "closed"));
    assert.ok(!peer.closed, String(change));
    timers.tick(1);
    assert.ok(peer.closed, String(change));

    const calm = connect();
    change(calm.connection, calm.peer);
    now_ms += settling_ms;
    void calm.connection.close();
    assert.ok(calm.peer.closed, String(change));
  }
});

test("a connection that nothing was done with closes at once", () => {
  const { connection, peer } = connect();
  void connection.close();
  assert.ok(peer.closed);
});

test("what comes after the end is dropped", async () => {
  const { connection, peer, events } = connect();
  connection.answer("remote");
  void connection.close();
  peer.remote.resolve();
  await settle();
  connection.send(0, new Uint8Array(1));
  connection.addCandidate("{}");
  assert.deepEqual(events, []);
  assert.equal(peer.described, 0, "no answer is made any more");
});
