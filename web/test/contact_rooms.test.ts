/** Several networks of a page over one line to their first-contact server. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { enter } from "../src/contact.js";
import type { ContactLine, ContactMeans } from "../src/contact_line.js";
import { FakeSocket } from "./fake_socket.js";
import { FakeTimers } from "./fake_timers.js";

const timers = new FakeTimers();

beforeEach(() => timers.install());

/** A page, as far as lines to servers are concerned. */
class Page {
  readonly sockets: FakeSocket[] = [];
  /** What each network was told, in order. */
  readonly events: [network: string, what: unknown][] = [];
  slept_ms = 0;
  readonly #means: ContactMeans = {
    random: () => 0.5,
    wall: () => timers.now_ms + this.slept_ms,
    socket: (url, protocol = "") => {
      const socket = new FakeSocket(url, protocol);
      this.sockets.push(socket);
      return socket as unknown as WebSocket;
    },
  };

  enter(network: string, url = "ws://host/v3"): ContactLine {
    const contact = enter(url, network, this.#means);
    const note = (what: unknown): unknown => this.events.push([network, what]);
    contact.listen({
      opened: () => note("opened"),
      closed: (error) => note(error),
      frame: (frame) => note(frame.kind),
    });
    return contact;
  }

  /** A socket, by default the newest, opens and is welcomed by a server with so many rooms. */
  welcome(rooms?: number, socket = this.socket): void {
    socket.open();
    socket.say(welcome(rooms));
  }

  get socket(): FakeSocket {
    return this.sockets.at(-1) as FakeSocket;
  }

  takeEvents(): unknown[] {
    return this.events.splice(0);
  }
}

const welcome = (rooms?: number): unknown[] => [
  "welcome",
  { iceServers: [{ urls: "stun:host" }], heartbeat_s: 10, rooms },
];
const hello = (network: string): unknown[] => ["hello", { network }];
const inRoom = (room: number, frame: unknown): unknown[] => ["room", room, frame];

test("networks of one server share one socket, each in its room", () => {
  const page = new Page();
  const [a, b] = [page.enter("a"), page.enter("b")];
  page.socket.open();
  assert.deepEqual(page.socket.sent, [hello("a")], "the server may know no rooms");
  page.socket.say(welcome(8));
  assert.deepEqual(page.socket.sent.slice(1), [inRoom(1, hello("b"))]);
  assert.deepEqual(page.takeEvents(), [["a", "opened"]]);
  assert.equal(b.open, false);
  page.socket.say(inRoom(1, welcome(8)));
  assert.deepEqual(page.takeEvents(), [["b", "opened"]]);
  assert.deepEqual(b.iceServers, [{ urls: ["stun:host"] }]);

  const c = page.enter("c");
  page.socket.say(inRoom(2, welcome(8)));
  assert.deepEqual(page.takeEvents(), [["c", "opened"]]);

  for (const [index, contact] of [a, b, c].entries()) contact.send(["offer", 1, `sdp ${index}`]);
  assert.deepEqual(page.socket.sent.slice(2), [
    inRoom(2, hello("c")),
    ["offer", 1, "sdp 0"],
    inRoom(1, ["offer", 1, "sdp 1"]),
    inRoom(2, ["offer", 1, "sdp 2"]),
  ]);
  page.socket.say(inRoom(2, ["answer", 1, "sdp"]));
  page.socket.say(["failed", 1]);
  page.socket.say(inRoom(1, ["request", 9, "sdp"]));
  page.socket.say(inRoom(3, ["request", 9, "nobody's"]));
  assert.deepEqual(page.takeEvents(), [
    ["c", "answer"],
    ["a", "failed"],
    ["b", "request"],
  ]);
  assert.equal(page.sockets.length, 1);
  for (const contact of [a, b, c]) contact.close();
});

test("another server has another socket", () => {
  const page = new Page();
  const contacts = [page.enter("a"), page.enter("a", "ws://other/v3")];
  assert.deepEqual(
    page.sockets.map(({ url }) => url),
    ["ws://host/v3", "ws://other/v3"],
  );
  for (const contact of contacts) contact.close();
});

test("a server that knows no rooms gets a socket for each network", () => {
  const page = new Page();
  const contacts = ["a", "b", "c"].map((network) => page.enter(network));
  page.welcome();
  assert.equal(page.sockets.length, 3);
  for (const socket of page.sockets.slice(1)) page.welcome(undefined, socket);
  contacts.push(page.enter("d"));
  page.welcome();
  assert.deepEqual(
    page.sockets.map(({ sent }) => sent),
    ["a", "b", "c", "d"].map((network) => [hello(network)]),
  );
  assert.deepEqual(
    page.takeEvents(),
    ["a", "b", "c", "d"].map((network) => [network, "opened"]),
  );
  for (const contact of contacts) contact.close();
  assert.ok(page.sockets.every(({ readyState }) => readyState === 3));
});

test("networks beyond a line's rooms are on another line, until there is room again", () => {
  const page = new Page();
  const contacts = ["a", "b", "c", "d"].map((network) => page.enter(network));
  page.welcome(3);
  assert.equal(page.sockets.length, 2);
  page.welcome(3);
  assert.deepEqual(page.socket.sent, [hello("d")]);
  contacts[1]?.close();
  page.enter("e").close();
  contacts.push(page.enter("f"));
  assert.equal(page.sockets.length, 2);
  assert.deepEqual(page.sockets[0]?.sent.slice(1), [
    inRoom(1, hello("b")),
    inRoom(2, hello("c")),
    inRoom(1, ["leave"]),
    inRoom(3, hello("e")),
    inRoom(3, ["leave"]),
    inRoom(4, hello("f")),
  ]);
  for (const contact of contacts) contact.close();
});

test("a lost line is tried again once, and all say hello and ready again", () => {
  const page = new Page();
  const [a, b] = [page.enter("a"), page.enter("b")];
  page.welcome(8);
  page.socket.say(inRoom(1, welcome(8)));
  b.send(["ready"]);
  page.takeEvents();
  page.socket.drop();
  assert.deepEqual(page.takeEvents(), [
    ["a", "closed (1006)"],
    ["b", "closed (1006)"],
  ]);
  assert.equal(a.open || b.open, false);
  timers.tick(749);
  assert.equal(page.sockets.length, 1);
  timers.tick(1);
  assert.equal(page.sockets.length, 2);
  page.welcome(8);
  page.socket.say(inRoom(1, welcome(8)));
  assert.deepEqual(page.socket.sent, [hello("a"), inRoom(1, hello("b")), inRoom(1, ["ready"])]);
  assert.deepEqual(page.takeEvents(), [
    ["a", "opened"],
    ["b", "opened"],
  ]);
  a.close();
  b.close();
});

test("a server that came back without rooms keeps one, and the others have sockets", () => {
  const page = new Page();
  const contacts = ["a", "b"].map((network) => page.enter(network));
  page.welcome(8);
  page.socket.say(inRoom(1, welcome(8)));
  page.socket.drop();
  timers.tick(750);
  page.takeEvents();
  page.welcome();
  page.welcome();
  assert.deepEqual(
    page.sockets.slice(1).map(({ sent }) => sent),
    [[hello("a")], [hello("b")]],
  );
  assert.deepEqual(page.takeEvents(), [
    ["a", "opened"],
    ["b", "opened"],
  ]);
  for (const contact of contacts) contact.close();
});

test("one leaves and the others go on; the last closes the socket", () => {
  const page = new Page();
  const [a, b] = [page.enter("a"), page.enter("b")];
  page.welcome(8);
  page.socket.say(inRoom(1, welcome(8)));
  page.takeEvents();
  a.close();
  assert.deepEqual(page.socket.sent.at(-1), ["leave"]);
  page.socket.say(["request", 1, "to who has left"]);
  page.socket.say(inRoom(1, ["request", 2, "sdp"]));
  assert.deepEqual(page.takeEvents(), [["b", "request"]]);
  assert.equal(page.socket.readyState, 1);
  b.close();
  b.close();
  assert.equal(page.socket.readyState, 3);
  timers.tick(60_000);
  assert.equal(page.sockets.length, 1);
  page.enter("a").close();
  assert.equal(page.sockets.length, 2, "and the next begins anew");
});

test("whoever leaves unwelcomed takes nobody along", () => {
  const page = new Page();
  const [a, b, c] = [page.enter("a"), page.enter("b"), page.enter("c")];
  b.close();
  page.socket.open();
  a.close();
  assert.equal(page.sockets.length, 2, "whether the server knows how to leave is not known");
  page.welcome(8);
  assert.deepEqual(page.socket.sent, [hello("c")]);
  const d = page.enter("d");
  d.close();
  page.socket.say(inRoom(1, welcome(8)));
  assert.deepEqual(page.takeEvents(), [["c", "opened"]]);
  c.close();
});

test("an error concerns all rooms of the line", () => {
  const page = new Page();
  const contacts = ["a", "b"].map((network) => page.enter(network));
  page.welcome(8);
  page.socket.say(inRoom(1, welcome(8)));
  page.takeEvents();
  page.socket.say(["error", "too many messages"]);
  assert.deepEqual(page.takeEvents(), [
    ["a", "too many messages"],
    ["b", "too many messages"],
  ]);
  timers.tick(750);
  assert.equal(page.sockets.length, 2);
  for (const contact of contacts) contact.close();
});

test("whoever closes when it hears of the loss is not in the next try", () => {
  const page = new Page();
  const [a, b] = [page.enter("a"), page.enter("b")];
  a.listen({ opened: () => undefined, frame: () => undefined, closed: () => b.close() });
  page.socket.drop();
  timers.tick(750);
  page.welcome(8);
  assert.deepEqual(page.socket.sent, [hello("a")]);
  assert.deepEqual(page.takeEvents(), []);
  a.listen({ opened: () => undefined, frame: () => undefined, closed: () => a.close() });
  page.socket.drop();
  timers.tick(60_000);
  assert.equal(page.sockets.length, 2);
});

test("a newcomer does not wait for the pause of the others, and its pauses begin short", () => {
  const page = new Page();
  const a = page.enter("a");
  for (const pause of [750, 1_500, 3_000]) {
    page.socket.drop();
    timers.tick(pause);
  }
  page.socket.drop();
  assert.equal(page.sockets.length, 4);
  const b = page.enter("b");
  assert.equal(page.sockets.length, 5);
  page.socket.drop();
  timers.tick(750);
  assert.equal(page.sockets.length, 6);
  a.close();
  b.close();
});

test("a newcomer does not wait on a line that should have been heard by now", () => {
  const page = new Page();
  const a = page.enter("a");
  page.welcome(8);
  page.slept_ms = 13_000;
  const b = page.enter("b");
  assert.deepEqual(page.takeEvents(), [
    ["a", "opened"],
    ["a", "silent"],
  ]);
  assert.equal(page.sockets.length, 2);
  page.welcome(8);
  assert.deepEqual(page.socket.sent, [hello("a"), inRoom(1, hello("b"))]);
  a.close();
  b.close();
});

test("heartbeats are of the line", () => {
  const page = new Page();
  const contacts = ["a", "b"].map((network) => page.enter(network));
  page.welcome(8);
  page.socket.say(inRoom(1, welcome(8)));
  page.socket.say(["heartbeat"]);
  assert.deepEqual(page.socket.sent.slice(2), [["heartbeat"]]);
  timers.tick(25_000);
  assert.deepEqual(page.takeEvents().slice(2), [
    ["a", "silent"],
    ["b", "silent"],
  ]);
  for (const contact of contacts) contact.close();
});
