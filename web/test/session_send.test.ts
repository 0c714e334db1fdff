import assert from "node:assert/strict";
import { test } from "node:test";
import { MembraneError } from "../src/error.js";
import { messagesUnsentMax } from "../src/outbox.js";
import { type Piece, sessionWith } from "./fake_pipe.js";

const shape = ({ message, flags, total, data }: Piece): number[] => [
  message,
  flags,
  total,
  data.length,
];

const rejectsWith = (promise: Promise<unknown>, code: string): Promise<void> =>
  assert.rejects(promise, (error) => error instanceof MembraneError && error.code === code);

test("a short string is one piece: first, text, last", async () => {
  const { session, pipe } = sessionWith();
  await session.send("né");
  assert.deepEqual(pipe.pieces, [
    { message: 0, flags: 7, total: 3, data: new Uint8Array([0x6e, 0xc3, 0xa9]) },
  ]);
});

test("an empty message is one empty piece", async () => {
  const { session, pipe } = sessionWith();
  await session.send("");
  await session.send(new Uint8Array(0));
  await session.send(new Blob([]));
  assert.deepEqual(pipe.pieces.map(shape), [
    [0, 7, 0, 0],
    [1, 5, 0, 0],
    [2, 5, 0, 0],
  ]);
});

test("bytes are cut at 16,000, whatever view they are in", async () => {
  const { session, pipe } = sessionWith();
  const buffer = new ArrayBuffer(40_000);
  await session.send(buffer);
  await session.send(new DataView(buffer, 100, 16_000));
  await session.send(new Uint16Array(buffer, 2, 8_001));
  assert.deepEqual(pipe.pieces.map(shape), [
    [0, 1, 40_000, 16_000],
    [0, 0, 40_000, 16_000],
    [0, 4, 40_000, 8_000],
    [1, 5, 16_000, 16_000],
    [2, 1, 16_002, 16_000],
    [2, 4, 16_002, 2],
  ]);
});

test("a blob is read slice by slice and arrives whole", async () => {
  const { session, pipe } = sessionWith(2_000_000);
  const bytes = Uint8Array.from({ length: 1_000_003 }, (_, index) => (index * 31) & 255);
  const progress: number[] = [];
  await session.send(new Blob([bytes]), {
    onProgress: (sent, total) => progress.push(sent) && assert.equal(total, bytes.length),
  });
  assert.equal(Buffer.compare(Buffer.concat(pipe.pieces.map(({ data }) => data)), bytes), 0);
  assert.equal(pipe.pieces.length, progress.length);
  assert.equal(progress.at(-1), bytes.length);
  assert.ok(pipe.pieces.every(({ data }) => data.length > 0 && data.length <= 16_000));
  assert.equal(pipe.pieces.at(-1)?.flags, 4);
});

test("waits for room in the channel", async () => {
  const { session, pipe } = sessionWith();
  pipe.room = 2;
  let done = false;
  const sent = session.send(new Uint8Array(80_000)).then(() => (done = true));
  assert.equal(pipe.take().length, 2);
  pipe.drain(2);
  assert.equal(pipe.take().length, 2);
  await Promise.resolve();
  assert.equal(done, false);
  pipe.drain(10);
  assert.equal(pipe.take().length, 1);
  await sent;
});

test("messages take turns, so a short one overtakes a long one", async () => {
  const { session, pipe } = sessionWith();
  pipe.room = 1;
  const long = session.send(new Uint8Array(64_000));
  const other = session.send(new Uint8Array(32_000));
  const short = session.send("hi");
  pipe.drain(100);
  await Promise.all([long, other, short]);
  assert.deepEqual(
    pipe.pieces.map(({ message }) => message),
    [0, 0, 1, 2, 0, 1, 0],
  );
});

test("63 messages are under way, a receipt has room, others wait, and with 4,096 no more are taken", async () => {
  const { session, pipe } = sessionWith();
  pipe.room = 0;
  const sends = Array.from({ length: messagesUnsentMax }, () =>
    session.send(new Uint8Array(32_000)),
  );
  await rejectsWith(session.send("one more"), "busy");
  pipe.drain(63);
  assert.deepEqual(
    pipe.take().map(({ message }) => message),
    Array.from({ length: 63 }, (_, index) => index),
  );
  pipe.drain(Infinity);
  await Promise.all(sends);
  const open = new Set(Array.from({ length: 63 }, (_, index) => index));
  for (const { message, flags } of pipe.pieces) {
    if ((flags & 1) !== 0) open.add(message);
    assert.ok(open.size <= 64);
    if ((flags & 4) !== 0) open.delete(message);
  }
  assert.equal(open.size, 0);
});

test("abort cancels a message that is half sent, and one not begun leaves no trace", async () => {
  const { session, pipe } = sessionWith();
  pipe.room = 1;
  const [half, none] = [new AbortController(), new AbortController()];
  const first = session.send(new Uint8Array(50_000), { signal: half.signal });
  const second = session.send("never", { signal: none.signal });
  const third = session.send("still");
  half.abort("enough");
  none.abort();
  await rejectsWith(first, "aborted");
  await rejectsWith(second, "aborted");
  pipe.drain(10);
  await third;
  assert.deepEqual(pipe.pieces.map(shape), [
    [0, 1, 50_000, 16_000],
    [0, 8, 50_000, 0],
    [1, 7, 5, 5],
  ]);
  await rejectsWith(session.send("x", { signal: AbortSignal.abort() }), "aborted");
});

test("abort from within onProgress", async () => {
  const { session, pipe } = sessionWith();
  const controller = new AbortController();
  const onProgress = (sent: number): void => void (sent > 16_000 && controller.abort());
  await rejectsWith(
    session.send(new Uint8Array(90_000), { signal: controller.signal, onProgress }),
    "aborted",
  );
  assert.deepEqual(
    pipe.pieces.map(({ flags }) => flags),
    [1, 0, 8],
  );
});

test("a blob that cannot be read is cancelled", async () => {
  const { session, pipe } = sessionWith();
  const blob = new Blob([new Uint8Array(300_000)]);
  let slices = 0;
  blob.slice = (start, end) => {
    const part = Blob.prototype.slice.call(blob, start, end);
    if (slices++ > 0) part.arrayBuffer = () => Promise.reject(new Error("gone"));
    return part;
  };
  await rejectsWith(session.send(blob), "closed");
  assert.equal(pipe.pieces.at(-1)?.flags, 8);
});

test("what is no data is refused", async () => {
  const { session, pipe } = sessionWith();
  for (const data of [undefined, null, 5, {}, []]) {
    await rejectsWith(session.send(data as never), "invalid-argument");
  }
  assert.equal(pipe.pieces.length, 0);
});

test("when the session ends, what waits is rejected and nothing more is taken", async () => {
  const { session, pipe } = sessionWith();
  pipe.room = 1;
  const sends = [session.send(new Uint8Array(50_000)), session.send("waits")];
  session.end("goodbye");
  for (const send of sends) await rejectsWith(send, "closed");
  await rejectsWith(session.send("late"), "closed");
  pipe.drain(10);
  assert.equal(pipe.pieces.length, 1);
  assert.equal(await session.closed, "goodbye");
});
