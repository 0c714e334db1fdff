import assert from "node:assert/strict";
import { test } from "node:test";
import type { Session } from "../src/session.js";
import { deliver, type Piece, sessionWith } from "./fake_pipe.js";

const piece = (message: number, flags: number, total: number, data: string | number): Piece => ({
  message,
  flags,
  total,
  data:
    typeof data === "string" ? new TextEncoder().encode(data) : new Uint8Array(data).fill(message),
});

function heard(session: Session): unknown[] {
  const messages: unknown[] = [];
  session.on("message", ({ data }) => messages.push(data));
  return messages;
}

/** Asserts that these pieces end the session, for this reason. */
function breaks(reason: string, pieces: Piece[], bytesMax?: number): void {
  const { session, pipe } = sessionWith(bytesMax);
  const messages = heard(session);
  deliver(session, pieces);
  assert.equal(pipe.closes, 1, reason);
  deliver(session, [piece(90, 7, 2, "hi")]);
  assert.deepEqual(messages, [], "nothing more is taken");
  assert.equal(session.end("closed"), reason);
}

test("messages of one piece arrive as what they were sent as", () => {
  const { session } = sessionWith();
  const messages = heard(session);
  deliver(session, [
    piece(0, 7, 3, "né"),
    piece(1, 5, 3, 3),
    piece(2, 7, 0, ""),
    piece(3, 5, 0, 4),
  ]);
  assert.deepEqual(messages, ["né", new Uint8Array(3).fill(1), "", new Uint8Array(4).fill(3)]);
});

test("pieces of several messages interleave", () => {
  const { session } = sessionWith();
  const messages = heard(session);
  const progress: unknown[] = [];
  session.on("progress", ({ message, received, total }) =>
    progress.push([message, received, total]),
  );
  deliver(session, [
    piece(0, 1, 30_000, 16_000),
    piece(1, 3, 6, "abc"),
    piece(2, 1, 0, 70_000),
    piece(0, 4, 0, 14_000),
    piece(1, 6, 0, "def"),
    piece(2, 4, 0, 30_000),
  ]);
  assert.deepEqual(messages, [
    new Uint8Array(30_000).fill(0),
    "abcdef",
    new Uint8Array(100_000).fill(2),
  ]);
  assert.deepEqual(progress, [
    [0, 16_000, 30_000],
    [1, 3, 6],
    [2, 70_000, 0],
    [0, 30_000, 30_000],
    [1, 6, 6],
    [2, 100_000, 0],
  ]);
});

test("bytes of a message stand in a buffer of their own size", () => {
  const { session } = sessionWith();
  const messages = heard(session) as Uint8Array[];
  deliver(session, [piece(0, 1, 0, 16_000), piece(0, 4, 0, 1), piece(1, 5, 5, 5)]);
  assert.deepEqual(
    messages.map(({ buffer }) => buffer.byteLength),
    [16_001, 5],
  );
});

test("a character cut in two between pieces is whole again", () => {
  const { session } = sessionWith();
  const messages = heard(session);
  const bytes = new TextEncoder().encode("€");
  deliver(session, [
    { message: 0, flags: 3, total: 3, data: bytes.slice(0, 1) },
    { message: 0, flags: 6, total: 3, data: bytes.slice(1) },
  ]);
  assert.deepEqual(messages, ["€"]);
});

test("a cancelled message is forgotten, its number stays used", () => {
  const { session, pipe } = sessionWith();
  const messages = heard(session);
  deliver(session, [piece(1, 1, 30_000, 16_000), piece(1, 8, 30_000, 0), piece(2, 7, 2, "ok")]);
  assert.deepEqual(messages, ["ok"]);
  assert.equal(pipe.closes, 0);
  deliver(session, [piece(1, 5, 1, 1)]);
  assert.equal(pipe.closes, 1);
});

test("message 0 begins what is of this session: the rest was left over from the one before", () => {
  const { session, pipe } = sessionWith();
  const messages = heard(session);
  const leftOver = [piece(3, 1, 30_000, 16_000), piece(4, 7, 4, "late")];
  deliver(session, [...leftOver, piece(0, 7, 5, "first"), piece(3, 7, 6, "second")]);
  assert.deepEqual(messages, ["late", "first", "second"]);
  assert.equal(pipe.closes, 0);
});

test("what a hostile peer may try ends the session", () => {
  breaks("wrong message size", [piece(0, 5, 9, 8)]);
  breaks("wrong message size", [piece(0, 1, 9, 10)]);
  breaks("wrong message size", [piece(0, 1, 30_000, 16_000), piece(0, 0, 0, 14_001)]);
  breaks("wrong message size", [piece(0, 1, 30_000, 16_000), piece(0, 4, 0, 13_999)]);
  breaks("piece of an unknown message", [piece(0, 0, 5, 5)]);
  breaks("piece of an unknown message", [piece(0, 4, 5, 5)]);
  breaks("message number used twice", [piece(3, 1, 9, 1), piece(3, 5, 9, 1)]);
  breaks("message number used twice", [piece(3, 1, 9, 1), piece(2, 5, 9, 1)]);
});

test("what is over a limit ends the session", () => {
  breaks("message too large", [piece(0, 1, 1_001, 1)], 1_000);
  breaks("message too large", [piece(0, 1, 0, 900), piece(0, 4, 0, 101)], 1_000);
  const many = Array.from({ length: 65 }, (_, index) => piece(index, 1, 100, 1));
  breaks("too many messages at once", many);
});

test("memory grows with what arrived, not with what is announced", () => {
  const { session } = sessionWith(2 ** 40);
  const before = process.memoryUsage().arrayBuffers;
  deliver(
    session,
    Array.from({ length: 64 }, (_, index) => piece(index, 1, 2 ** 39, 10)),
  );
  assert.ok(process.memoryUsage().arrayBuffers - before < 64 * 64_000 + 1_000_000);
});

test("messages before the first listener wait for it, in order", async () => {
  const { session } = sessionWith();
  deliver(session, [piece(0, 7, 1, "a"), piece(1, 7, 1, "b")]);
  const messages = heard(session);
  deliver(session, [piece(2, 7, 1, "c")]);
  await Promise.resolve();
  deliver(session, [piece(3, 7, 1, "d")]);
  assert.deepEqual(messages, ["a", "b", "c", "d"]);
});

test("of those that wait the newest 64 are kept", async () => {
  const { session } = sessionWith();
  deliver(
    session,
    Array.from({ length: 70 }, (_, index) => piece(index, 7, 2, String(index + 10))),
  );
  const messages = heard(session);
  await Promise.resolve();
  assert.deepEqual(
    messages,
    Array.from({ length: 64 }, (_, index) => String(index + 16)),
  );
});

test("a loop reads every message and ends with the session", async () => {
  const { session } = sessionWith();
  deliver(session, [piece(0, 7, 1, "a")]);
  const read: unknown[] = [];
  const loop = (async () => {
    for await (const data of session) read.push(data);
  })();
  deliver(session, [piece(1, 7, 1, "b")]);
  await new Promise(setImmediate);
  deliver(session, [piece(2, 7, 1, "c")]);
  session.end("goodbye");
  await loop;
  assert.deepEqual(read, ["a", "b", "c"]);
  for await (const data of session) assert.fail(`ended, but gave ${data}`);
});

test("a loop slower than its messages learns of it", async () => {
  const { session } = sessionWith(100);
  const loop = session[Symbol.asyncIterator]();
  deliver(session, [piece(0, 5, 60, 60), piece(1, 5, 60, 60)]);
  await assert.rejects(loop.next(), { code: "busy" });
  assert.equal((await loop.next()).done, true);
});

test("leaving a loop early stops its queue", async () => {
  const { session } = sessionWith(100);
  deliver(session, [piece(0, 7, 1, "a")]);
  for await (const data of session) {
    assert.equal(data, "a");
    break;
  }
  deliver(session, [piece(1, 5, 90, 90), piece(2, 5, 90, 90)]);
});

test("close tells the core once, and the end comes from there", async () => {
  const { session, pipe } = sessionWith();
  const reasons: string[] = [];
  session.on("close", ({ reason }) => reasons.push(reason));
  session.close();
  assert.equal(pipe.closes, 1);
  assert.deepEqual(reasons, []);
  session.end("closed");
  session.end("again");
  session.close();
  assert.equal(pipe.closes, 1);
  assert.deepEqual(reasons, ["closed"]);
  assert.equal(await session.closed, "closed");
});
