import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { ContactOfEitherAge } from "../src/contact_choice.js";
import type { ClientFrame, ContactEvents, ContactLine } from "../src/contact_line.js";
import { ContactV2 } from "../src/contact_v2.js";
import { encodeDescription, offerFromAddress, parseV2Frame } from "../src/contact_v2_frames.js";
import { FakeSocket } from "./fake_socket.js";
import { FakeTimers } from "./fake_timers.js";

const timers = new FakeTimers();

beforeEach(() => timers.install());

function line(): { contact: ContactV2; sockets: FakeSocket[]; events: unknown[] } {
  const sockets: FakeSocket[] = [];
  const events: unknown[] = [];
  const contact = new ContactV2("ws://host/bind", "ws://host/reconnect", {
    random: () => 0,
    wall: () => timers.now_ms,
    socket: (url, protocol = "") => {
      const socket = new FakeSocket(url, protocol);
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
  });
  contact.listen(told(events));
  return { contact, sockets, events };
}

const told = (events: unknown[]): ContactEvents => ({
  opened: () => events.push("opened"),
  closed: (error) => events.push(["closed", error]),
  frame: (frame) => events.push(frame),
});

/** A line whose server is there, and that made an offer. */
function offered(): ReturnType<typeof line> & { socket: FakeSocket } {
  const made = line();
  made.sockets[0]?.open();
  made.contact.send(["offer", 5, "v=0\r\n"]);
  timers.tick(1_000);
  const socket = made.sockets[1] as FakeSocket;
  socket.open();
  return { ...made, socket };
}

test("looks whether the server is there, without becoming askable", () => {
  const { contact, sockets, events } = line();
  assert.equal(sockets[0]?.url, "ws://host/reconnect");
  sockets[0]?.open();
  assert.deepEqual(events, ["opened"]);
  assert.equal(sockets[0]?.readyState, 3);
  assert.ok(contact.open);
  contact.close();
});

test("an offer waits for its candidates and goes in the address", () => {
  const { contact, sockets } = line();
  sockets[0]?.open();
  contact.send(["offer", 1, "v=0\r\n"]);
  contact.send(["offerCandidate", 1, '{"candidate":"candidate:1 a"}']);
  timers.tick(150);
  contact.send(["offerCandidate", 1, '{"candidate":"candidate:2 b"}']);
  timers.tick(199);
  assert.equal(sockets.length, 1);
  timers.tick(1);
  const [path, offer] = (sockets[1] as FakeSocket).url.split("?originatingSDP=");
  assert.equal(path, "ws://host/bind");
  const expected = "v=0\r\na=candidate:1 a\r\na=candidate:2 b\r\n";
  assert.equal(offerFromAddress(offer as string), expected);
  contact.send(["offerCandidate", 1, '{"candidate":"too late"}']);
  contact.close();
});

test("a description that gathers no end waits for a second at most", () => {
  const { contact, sockets } = line();
  sockets[0]?.open();
  contact.send(["offer", 1, "v=0\r\n"]);
  for (let passed = 0; passed < 1_000; passed += 100) {
    assert.equal(sockets.length, 1);
    contact.send(["offerCandidate", 1, '{"candidate":"c"}']);
    timers.tick(100);
  }
  assert.equal(sockets.length, 2);
  contact.close();
});

test("a member does not look for other networks here", async () => {
  const { contact, sockets, events } = line();
  sockets[0]?.open();
  contact.send(["ready"]);
  sockets[1]?.open();
  contact.send(["offer", 7, "v=0\r\na=membrane-knows:0123456789abcdef\r\n"]);
  assert.deepEqual(events, ["opened"]);
  await Promise.resolve();
  assert.deepEqual(events, ["opened", { kind: "failed", request: 7 }]);
  contact.send(["offerCandidate", 7, '{"candidate":"c"}']);
  timers.tick(10_000);
  assert.equal(sockets.length, 2);
  assert.equal(sockets[1]?.readyState, 1);
  contact.close();
});

test("what the server says of an offer belongs to the request it was made for", () => {
  const { contact, events, socket } = offered();
  socket.say(["provideSDP", "unresolved"]);
  socket.say(["provideSDP", JSON.stringify({ type: "answer", sdp: "theirs" })]);
  socket.say(["provideSDP", "{"]);
  socket.say(["ERROR"]);
  assert.deepEqual(events.slice(1), [
    { kind: "unresolved", request: 5 },
    { kind: "answer", request: 5, text: "theirs" },
    { kind: "failed", request: 5 },
    { kind: "failed", request: 5 },
  ]);
  contact.close();
});

test("a request is answered with candidates inside, or ignored", () => {
  const { contact, events, socket } = offered();
  socket.say(["requestSDP", decodeURIComponent(encodeDescription("their offer")), 9]);
  socket.say(["requestSDP", encodeDescription("encoded twice"), 10]);
  socket.say(["requestSDP", "no base64!", 11]);
  assert.deepEqual(events.slice(1), [
    { kind: "request", ticket: 9, text: "their offer" },
    { kind: "request", ticket: 10, text: "encoded twice" },
  ]);
  contact.send(["answer", 9, "ours\r\n"]);
  contact.send(["answerCandidate", 9, '{"candidate":"candidate:1"}']);
  contact.send(["refuse", 10]);
  contact.send(["report", 5]);
  timers.tick(200);
  assert.deepEqual(socket.sent, [
    ["ignoreSDPRequest", 11],
    ["ignoreSDPRequest", 10],
    ["reportNode", 5],
    ["returnSDP", JSON.stringify({ type: "answer", sdp: "ours\r\na=candidate:1\r\n" }), 9],
  ]);
  contact.close();
});

test("answers heartbeats, and gives a silent server up", () => {
  const { contact, events, socket } = offered();
  socket.say(["heartbeat"]);
  assert.deepEqual(socket.sent, [["heartbeat"]]);
  timers.tick(60_000);
  assert.deepEqual(events.at(-1), ["closed", "silent"]);
  contact.close();
});

test("once in the network it stays askable, and becomes so again", () => {
  const { contact, sockets, events, socket } = offered();
  contact.send(["ready"]);
  assert.equal(sockets.length, 2, "the offer's socket is askable");
  socket.drop();
  timers.tick(1_000);
  assert.equal(sockets[2]?.url, "ws://host/reconnect");
  sockets[2]?.open();
  assert.equal(sockets[2]?.readyState, 1);
  assert.deepEqual(events.slice(1), [["closed", "closed (1006)"], "opened"]);
  contact.close();
  assert.deepEqual(sockets[2]?.sent, [["forceClosing"]]);
  assert.equal(sockets[2]?.readyState, 3);
});

test("frames that are none are dropped", () => {
  const hostile = ["", "{", "7", "{}", "[]", '["provideSDP"]', '["provideSDP",{}]', '["x"]'];
  hostile.push('["requestSDP","x"]', '["requestSDP","x",-1]', '["requestSDP",5,5]');
  hostile.push(`["provideSDP","${"x".repeat(200_000)}"]`);
  for (const data of [...hostile, new ArrayBuffer(2), null]) {
    assert.equal(parseV2Frame(data), undefined);
  }
  for (const offer of ["%", "a", btoa("null"), btoa("5"), btoa('{"sdp":5}'), "%E0%A4%A"]) {
    assert.equal(offerFromAddress(offer), undefined);
  }
});

class FakeLine implements ContactLine {
  open = false;
  readonly iceServers = [];
  events!: ContactEvents;
  over = false;
  readonly sent: ClientFrame[] = [];

  listen(events: ContactEvents): void {
    this.events = events;
  }

  send(frame: ClientFrame): void {
    this.sent.push(frame);
  }

  resumed = 0;

  resume(): void {
    this.resumed++;
  }

  close(): void {
    this.over = true;
  }
}

test("after a failure the other vocabulary is tried; one that is understood stays", async () => {
  const v3: FakeLine[] = [];
  const v2: FakeLine[] = [];
  const made = (lines: FakeLine[]): FakeLine => {
    const next = new FakeLine();
    lines.push(next);
    return next;
  };
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  const contact = new ContactOfEitherAge(
    () => made(v3),
    async () => made(v2),
    () => 0,
  );
  const events: unknown[] = [];
  contact.listen(told(events));
  v3[0]?.events.closed("refused");
  await settle();
  assert.deepEqual([v3.length, v2.length, v3[0]?.over], [1, 1, true]);
  v2[0]?.events.closed("refused");
  assert.equal(v3.length, 1);
  timers.tick(1_000);
  assert.deepEqual([v3.length, v2.length], [2, 1]);
  v3[1]?.events.closed("refused");
  await settle();
  v2[1]?.events.opened();
  v2[1]?.events.closed("restarted");
  await settle();
  assert.deepEqual([v3.length, v2.length, v2[1]?.over], [2, 2, false]);
  contact.send(["ready"]);
  assert.deepEqual(v2[1]?.sent, [["ready"]]);
  contact.resume();
  assert.deepEqual([v3[1]?.resumed, v2[1]?.resumed], [0, 1]);
  const refused = ["closed", "refused"];
  assert.deepEqual(events, [refused, refused, refused, "opened", ["closed", "restarted"]]);
  contact.close();
  assert.equal(v2[1]?.over, true);
});
