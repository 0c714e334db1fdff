import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { enter } from "../src/contact.js";
import { parseServerFrame } from "../src/contact_frames.js";
import type { ContactLine } from "../src/contact_line.js";
import { FakeSocket } from "./fake_socket.js";
import { FakeTimers } from "./fake_timers.js";

const timers = new FakeTimers();

/** How long the machine has slept: the wall clock went on, the timers did not. */
let slept_ms = 0;

beforeEach(() => {
  timers.install();
  slept_ms = 0;
});

interface Line {
  contact: ContactLine;
  sockets: FakeSocket[];
  events: unknown[];
  /** The newest socket. */
  socket: () => FakeSocket;
}

function line(): Line {
  const sockets: FakeSocket[] = [];
  const events: unknown[] = [];
  const contact = enter("ws://host/v3", "net", {
    random: () => 0.5,
    wall: () => timers.now_ms + slept_ms,
    socket: (url, protocol = "") => {
      const socket = new FakeSocket(url, protocol);
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
  });
  contact.listen({
    opened: () => events.push("opened"),
    closed: (error) => events.push(["closed", error]),
    frame: (frame) => events.push(frame),
  });
  return { contact, sockets, events, socket: () => sockets.at(-1) as FakeSocket };
}

const welcome = ["welcome", { iceServers: [{ urls: "stun:host" }], heartbeat_s: 10 }];

test("says hello first, and is open once welcomed", () => {
  const { contact, events, socket } = line();
  assert.deepEqual([socket().url, socket().protocol], ["ws://host/v3", "membrane.v3"]);
  contact.send(["offer", 1, "too early"]);
  socket().open();
  assert.deepEqual(socket().sent, [["hello", { network: "net" }]]);
  socket().say(["request", 1, "before the welcome"]);
  assert.deepEqual(events, []);
  socket().say(welcome);
  assert.deepEqual(events, ["opened"]);
  assert.ok(contact.open);
  assert.deepEqual(contact.iceServers, [{ urls: ["stun:host"] }]);
  contact.close();
});

test("speaks the vocabulary both ways", () => {
  const { contact, events, socket } = line();
  socket().open();
  socket().say(welcome);
  const said = [
    ["offer", 1, "sdp"],
    ["offerCandidate", 1, "c"],
    ["answer", 9, "sdp"],
    ["answerCandidate", 9, "c"],
    ["refuse", 9],
    ["report", 1],
    ["done", 1],
    ["ready"],
  ] as const;
  for (const frame of said) contact.send(frame as never);
  assert.deepEqual(socket().sent.slice(1), said);
  socket().say(["request", 7, "sdp"]);
  socket().say(["offerCandidate", 7, ""]);
  socket().say(["answer", 1, "sdp"]);
  socket().say(["answerCandidate", 1, "c"]);
  socket().say(["unresolved", 2]);
  socket().say(["failed", 3]);
  assert.deepEqual(events.slice(1), [
    { kind: "request", ticket: 7, text: "sdp" },
    { kind: "offerCandidate", ticket: 7, text: "" },
    { kind: "answer", request: 1, text: "sdp" },
    { kind: "answerCandidate", request: 1, text: "c" },
    { kind: "unresolved", request: 2 },
    { kind: "failed", request: 3 },
  ]);
  contact.close();
});

test("answers each heartbeat, and gives a silent server up", () => {
  const { contact, events, socket, sockets } = line();
  socket().open();
  socket().say(welcome);
  timers.tick(24_000);
  socket().say(["heartbeat"]);
  assert.deepEqual(socket().sent.at(-1), ["heartbeat"]);
  timers.tick(24_000);
  assert.deepEqual(events, ["opened"]);
  timers.tick(1_000);
  assert.deepEqual(events.at(-1), ["closed", "silent"]);
  assert.equal(contact.open, false);
  timers.tick(750);
  assert.equal(sockets.length, 2);
  contact.close();
});

test("a server that does not welcome is given up after 10 s", () => {
  const { contact, events, socket } = line();
  socket().open();
  timers.tick(10_000);
  assert.deepEqual(events, [["closed", "silent"]]);
  contact.close();
});

test("tries again, 1 s to 30 s apart, and begins anew after success", () => {
  const { contact, sockets, socket } = line();
  const pauses = [750, 1_500, 3_000, 6_000, 12_000, 22_500, 22_500];
  for (const [index, pause] of pauses.entries()) {
    socket().drop();
    timers.tick(pause - 1);
    assert.equal(sockets.length, index + 1);
    timers.tick(1);
    assert.equal(sockets.length, index + 2);
  }
  socket().open();
  socket().say(welcome);
  socket().drop();
  timers.tick(750);
  assert.equal(sockets.length, pauses.length + 2);
  contact.close();
});

test("says ready again after a new start, and only if it was said", () => {
  const { contact, socket } = line();
  socket().open();
  socket().say(welcome);
  assert.equal(socket().sent.length, 1);
  contact.send(["ready"]);
  socket().drop();
  timers.tick(1_000);
  socket().open();
  socket().say(welcome);
  assert.deepEqual(socket().sent, [["hello", { network: "net" }], ["ready"]]);
  contact.close();
});

test("tries at once when the network is back", () => {
  const { contact, sockets, socket } = line();
  contact.resume();
  assert.equal(sockets.length, 1);
  socket().drop();
  contact.resume();
  assert.equal(sockets.length, 2);
  timers.tick(900);
  assert.equal(sockets.length, 2);
  contact.close();
  contact.resume();
  assert.equal(sockets.length, 2);
});

test("after sleep a server that should have been heard long ago is left at once", () => {
  const { contact, events, sockets, socket } = line();
  socket().open();
  socket().say(welcome);
  const asleep = socket();
  slept_ms += 12_500;
  contact.resume();
  assert.deepEqual(events, ["opened", ["closed", "silent"]]);
  assert.deepEqual([asleep.readyState, sockets.length], [3, 2], "and the next is tried at once");
  contact.close();
});

test("after sleep a silent server has a heartbeat and a quarter, however often we wake", () => {
  const { contact, events, socket } = line();
  socket().open();
  socket().say(welcome);
  slept_ms += 9_000;
  contact.resume();
  timers.tick(3_499);
  contact.resume();
  assert.ok(contact.open);
  timers.tick(1);
  assert.deepEqual(events, ["opened", ["closed", "silent"]]);
  contact.close();
});

test("a wall clock that was set back gives a server no more than that time", () => {
  const { contact, events, socket } = line();
  socket().open();
  socket().say(welcome);
  slept_ms -= 3_600_000;
  contact.resume();
  timers.tick(12_500);
  assert.deepEqual(events, ["opened", ["closed", "silent"]]);
  contact.close();
});

test("after sleep a server that says something is kept, and trusted as before", () => {
  const { contact, events, sockets, socket } = line();
  socket().open();
  socket().say(welcome);
  slept_ms += 9_000;
  contact.resume();
  timers.tick(3_000);
  socket().say(["heartbeat"]);
  timers.tick(24_000);
  assert.deepEqual([events, sockets.length], [["opened"], 1]);
  contact.close();
});

test("a socket that does not open after sleep has half its time", () => {
  const { contact, events, socket } = line();
  socket().open();
  slept_ms += 4_999;
  contact.resume();
  assert.deepEqual(events, []);
  timers.tick(1);
  assert.deepEqual(events, [["closed", "silent"]]);
  contact.close();
});

test("an error from the server ends the line, with its reason", () => {
  const { contact, events, socket } = line();
  socket().open();
  socket().say(["error", "network is full"]);
  assert.deepEqual(events, [["closed", "network is full"]]);
  contact.close();
});

test("a closed contact is deaf, and opens nothing again", () => {
  const { contact, events, sockets, socket } = line();
  const first = socket();
  first.open();
  contact.close();
  first.drop();
  timers.tick(60_000);
  assert.equal(first.readyState, 3);
  assert.deepEqual(events, []);
  assert.equal(sockets.length, 1);
});

test("an address that the browser refuses at once is told like any failure", async () => {
  const events: string[] = [];
  const socket = (): WebSocket => {
    throw new DOMException("mixed content", "SecurityError");
  };
  const contact = enter("ws://host/v3", "net", { socket, random: () => 0, wall: () => 0 });
  contact.listen({
    opened: () => undefined,
    closed: (error) => events.push(error),
    frame: () => undefined,
  });
  await Promise.resolve();
  assert.equal(events.length, 1);
  assert.match(events[0] as string, /mixed content/);
  contact.close();
});

test("frames that are none are dropped", () => {
  const hostile: unknown[] = [
    "",
    "{",
    "null",
    "42",
    '"heartbeat"',
    "{}",
    "[]",
    '[["heartbeat"]]',
    '["unknown",1]',
    '["__proto__",1]',
    '["request"]',
    '["request",1]',
    '["request","1","sdp"]',
    '["request",-1,"sdp"]',
    '["request",1.5,"sdp"]',
    '["request",1e300,"sdp"]',
    '["request",9007199254740992,"sdp"]',
    '["request",1,{"length":5}]',
    '["answer",null,"sdp"]',
    '["failed"]',
    '["room"]',
    '["room",1]',
    '["room",1,"heartbeat"]',
    '["room","1",["heartbeat"]]',
    '["room",-1,["heartbeat"]]',
    '["room",1,["unknown"]]',
    '["room",1,["room",1,["heartbeat"]]]',
    `${'["room",1,'.repeat(10_000)}["heartbeat"]${"]".repeat(10_000)}`,
    `["request",1,"${"x".repeat(200_000)}"]`,
    "[".repeat(100_000),
    new ArrayBuffer(8),
    undefined,
  ];
  for (const data of hostile) assert.equal(parseServerFrame(data), undefined);
});

test("of a welcome only what a browser can use is taken", () => {
  const from = (value: unknown): unknown =>
    parseServerFrame(JSON.stringify(["welcome", value]))?.frame;
  const plain = { kind: "welcome", iceServers: [], heartbeat_s: 10, rooms: 1 };
  for (const value of [undefined, null, 7, [], "x", { iceServers: {}, heartbeat_s: "1" }]) {
    assert.deepEqual(from(value), plain);
  }
  const turn = { urls: ["turn:h:1?transport=tcp"], username: "u", credential: "c" };
  const servers = [
    null,
    { urls: 5 },
    { urls: ["http://h", "javascript:x"] },
    { urls: "turn:h" }, // without a credential a browser throws
    { urls: "stun:h:3478", extra: {} },
    { ...turn, __proto__: null },
  ];
  assert.deepEqual(from({ iceServers: servers, heartbeat_s: 5 }), {
    kind: "welcome",
    iceServers: [{ urls: ["stun:h:3478"] }, turn],
    heartbeat_s: 5,
    rooms: 1,
  });
  const many = Array.from({ length: 50 }, () => ({ urls: Array(50).fill("stun:h") }));
  const bounded = from({ iceServers: many }) as { iceServers: RTCIceServer[] };
  assert.equal(bounded.iceServers.length, 8);
  assert.equal(bounded.iceServers[0]?.urls.length, 8);
  assert.deepEqual(from({ heartbeat_s: -5 }), { ...plain, heartbeat_s: 1 });
  assert.deepEqual(from({ heartbeat_s: 1e9 }), { ...plain, heartbeat_s: 600 });
  assert.deepEqual(from({ rooms: 8 }), { ...plain, rooms: 8 });
  for (const rooms of [0, -1, 1.5, "8", null]) assert.deepEqual(from({ rooms }), plain);
});
